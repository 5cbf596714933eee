"""Arithmetic for models that cannot: a small reader of expressions, never `eval`."""

import ast
import math
import operator
import re
from collections.abc import Callable

Number = int | float

LONGEST = 300
"""Characters that an expression may have."""
DIGITS = 60
"""No result on the way may have more digits: numbers stay short and every step stays quick."""

_TWO: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_ONE: dict[type[ast.unaryop], Callable[[Number], Number]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
_FUNCTIONS: dict[str, Callable[..., Number]] = {
    "sqrt": math.sqrt,
    "abs": abs,
    "round": lambda number, digits=0: round(number, int(digits)) if digits else round(number),
    "min": lambda *numbers: min(numbers),
    "max": lambda *numbers: max(numbers),
}


def calculate(expression: str) -> str:
    """Work out an arithmetic expression and return the result.

    Args:
        expression: numbers with + - * / // % ** ( ), percentages such as 15% * 80, and
            sqrt, abs, round(number, digits), min, max
    """
    if len(expression) > LONGEST:
        raise ValueError(f"an expression may have at most {LONGEST} characters")
    try:
        value = _value(ast.parse(_prepared(expression), mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(
            f"{expression!r} is no arithmetic; write for example 3 * (4 + 5)"
        ) from error
    except ZeroDivisionError as error:
        raise ValueError("it divides by zero") from error
    except (OverflowError, TypeError) as error:
        raise ValueError(f"{expression!r} has no result: {error}") from error
    return str(value) if isinstance(value, int) else format(value, ".12g")


def _prepared(expression: str) -> str:
    """Return Python's spelling of percentages, powers, signs and thousands separators."""
    text = expression.strip().replace("^", "**").translate(str.maketrans("×÷−", "*/-"))
    text = re.sub(r"\s*%\s*(?=$|[-+*/),])", "/100", text)
    if not re.search("[a-z]", text):
        text = re.sub(r"(?<=\d),(?=\d{3}(?:\D|$))", "", text)
    return text


def _value(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _bounded(number)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _ONE:
            return _ONE[type(op)](_value(operand))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _TWO:
            return _bounded(_TWO[type(op)](_value(left), _value(right)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return _bounded(_FUNCTIONS[name](*[_value(arg) for arg in args]))
        case _:
            raise ValueError(
                f"{ast.unparse(node)!r} is not allowed; use numbers and + - * / ** ( )"
            )


def _power(base: Number, exponent: Number) -> Number:
    """Return base ** exponent, weighed before it is worked out: a tower of powers costs nothing."""
    if base and abs(exponent * math.log10(abs(base))) > DIGITS:
        raise ValueError(f"the result has more than {DIGITS} digits")
    result = base**exponent
    if isinstance(result, complex):
        raise ValueError("the result is no real number")
    return _bounded(result)


def _bounded(number: Number) -> Number:
    if not abs(number) < 10**DIGITS:
        raise ValueError(f"the result has more than {DIGITS} digits")
    return number
