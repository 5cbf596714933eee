"""Arithmetic with units for models that cannot: a small reader of expressions, never `eval`.

Numbers are exact fractions as long as that is possible and short, so 0.1 + 0.2 is 0.3.
"""

import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from plugins.builtin import units
from plugins.builtin.functions import BY_NAME, CONSTANTS, DIGITS, bounded, nth_power

LONGEST = 300
"""Characters that an expression may have."""
DEEPEST = 140
"""Brackets within brackets."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\d.]))"
    r"|(?P<word>[A-Za-zµμΩÅ°][A-Za-zµμΩÅ°_]*\d*)"
    r"|(?P<mark>\*\*|//|[-+*/%^(),]))"
)
_CONVERSION = re.compile(
    r"(.*\S)\s*(?:\s(?:in|to|into|as)\s|->|→)\s*([A-Za-zµμΩÅ°%][^()+,]*)", re.S
)
_WITHIN = re.compile(r"[A-Za-z)]\s+(?:in|to|into|as)\s+[A-Za-zµμΩÅ°]")
_TEMPERATURES = re.compile(r"\s*([-+]?[\d.]+)\s*°?([CFK])\s+(?:in|to|into|as)\s+°?([CFK])\s*")
_BINDING = {
    "+": 1, "-": 1, "*": 2, "/": 2, "//": 2, "%": 2, "of": 2, "per": 2, "unit": 4, "**": 5,
}  # fmt: skip
_SIGN = 3
_SIGNS = {
    "^": "**", "×": "*", "·": "*", "÷": "/", "−": "-", "²": "**2", "³": "**3", "½": "0.5",
    "¼": "0.25",
}  # fmt: skip
_WORKED: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "of": operator.mul,
    "unit": operator.mul,
    "/": operator.truediv,
    "per": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


def calculate(expression: str) -> str:
    """Work out an arithmetic expression, with units if wanted, or convert a quantity.

    Args:
        expression: numbers with + - * / // % ** ( ), percentages such as 15% of 80, units such as
            3 kg * 9.81 m/s^2 in newton or 5 km in miles, and sqrt, abs, round(number, digits),
            floor, ceil, min, max, sum, mean, ln, log10, log2, exp, sin, cos, tan, factorial, pi
    """
    if len(expression) > LONGEST:
        raise ValueError(f"an expression may have at most {LONGEST} characters")
    try:
        return _said(_worked_out(expression))
    except ZeroDivisionError as error:
        raise ValueError("it divides by zero") from error
    except (OverflowError, TypeError, AttributeError) as error:
        raise ValueError(f"{expression!r} has no result: {error}") from error


def _worked_out(expression: str) -> Any:
    if warm := _TEMPERATURES.fullmatch(expression):
        expression = f"{warm[1]} deg{warm[2]} in deg{warm[3]}".replace("degK", "kelvin")
    text = _prepared(expression)
    found = _CONVERSION.fullmatch(text)
    if _WITHIN.search(found[1] if found else text):
        raise ValueError("a conversion stands at the end, as in: (5 km + 300 m) in miles")
    if found is None:
        return units.plain(_Reader(text).whole())
    target = _Reader("1 " + found[2].replace("%", "percent")).whole()
    if not units.is_quantity(target):
        raise ValueError(f"{found[2].strip()!r} is no unit to convert to")
    return units.converted(_Reader(found[1]).whole(), target)


def _prepared(expression: str) -> str:
    """Return the plain spelling of powers, signs, thousands separators, square and cubic units."""
    text = expression.strip()
    for sign, plain in _SIGNS.items():
        text = text.replace(sign, plain)
    text = re.sub(r"\b(?:square|sq) ([A-Za-z]+)", r"\1**2", text)
    text = re.sub(r"\b(?:cubic|cu) ([A-Za-z]+)", r"\1**3", text)
    text = re.sub(r"(?<=[A-Za-z])(?<!log)([23])(?![\d(.])", r"**\1", text)
    text = re.sub(r"(?<![\w.])(\d+)/(\d+)(?=\s+[A-Za-z])(?!\s+(?:in|to|of)\s)", r"(\1/\2)*1", text)
    if not re.search(r"[a-z]\w*\s*\(", text):
        text = re.sub(r"(?<=\d),(?=\d{3}(?:\D|$))", "", text)
    return text


class _Reader:
    """Reads one expression by the binding strength of its operators (Pratt, POPL 1973)."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0

    def whole(self) -> Any:
        value = self._read(0)
        if self._at < len(self._tokens):
            raise self._fault()
        return value

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, token: str) -> bool:
        found = self._next() == token
        self._at += found
        return found

    def _fault(self) -> ValueError:
        return ValueError(f"{self._text!r} is no arithmetic; write for example 3 * (4 + 5)")

    def _read(self, strength: int) -> Any:
        left = self._signed()
        while True:
            sign = self._operator()
            if not sign or _BINDING[sign] < strength:
                return left
            self._at += sign != "unit"
            # Powers group to the right, all others to the left.
            if sign == "**":
                left = _power(left, self._exponent())
                continue
            right = self._read(_BINDING[sign] + 1)
            left = _step(sign, left, right)

    def _exponent(self) -> Any:
        negative = self._minus()
        value = self._read(_BINDING["**"])
        return operator.neg(value) if negative else value

    def _operator(self) -> str:
        token = self._next()
        if token in _BINDING and token != "unit":
            return token
        return "unit" if _is_word(token) and not self._calls() else ""

    def _calls(self) -> bool:
        """Whether a function is called next; min without a bracket is a minute."""
        after = self._tokens[self._at + 1 : self._at + 2]
        return self._next() in BY_NAME and (after == ["("] or self._next() != "min")

    def _signed(self) -> Any:
        # Without a sign the caller's loop binds what follows; a sign binds less than a power.
        if not self._minus():
            return self._percent(self._one())
        return operator.neg(self._read(_SIGN))

    def _minus(self) -> bool:
        """Take all signs that stand next; whether they make a minus."""
        negative = False
        while self._next() in ("+", "-"):
            negative ^= self._next() == "-"
            self._at += 1
        return negative

    def _percent(self, value: Any) -> Any:
        """A percent sign that nothing to divide by follows is a percentage."""
        while self._next() == "%":
            after = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else ""
            if after and after not in ("of", "-", "+", "*", "/", "**", "//", ")", ",", "%"):
                break
            self._at += 1
            value = _step("/", value, Fraction(100))
        return value

    def _one(self) -> Any:
        token, calls = self._next(), self._calls()
        self._at += 1
        if token == "(":
            return self._bracketed()
        if token[:1].isdigit() or token[:1] == ".":
            return bounded(_number(token))
        if calls:
            return self._call(token)
        if token in CONSTANTS:
            return CONSTANTS[token]
        if _is_word(token):
            return units.quantity(Fraction(1), units.unit(token))
        raise self._fault()

    def _bracketed(self) -> Any:
        self._deeper()
        value = self._read(0)
        if not self._take(")"):
            raise self._fault()
        self._depth -= 1
        return value

    def _call(self, name: str) -> Any:
        if not self._take("("):
            raise self._fault()
        self._deeper()
        given = [self._read(0)] if self._next() != ")" else []
        while self._take(","):
            given.append(self._read(0))
        if not self._take(")"):
            raise self._fault()
        self._depth -= 1
        return units.joined(lambda: bounded(BY_NAME[name](*given)))

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ValueError(f"more than {DEEPEST} brackets stand within one another")


def _tokens(text: str) -> Any:
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(
                f"{text[at:].strip()[:1]!r} is not allowed; use numbers, units and + - * / ** ( )"
            )
        token = found[0].strip()
        yield "**" if token == "^" else token
        at = found.end()


def _is_word(token: str) -> bool:
    return token[:1].isalpha() or token[:1] == "°"


def _number(token: str) -> Fraction:
    exponent = token.lower().partition("e")[2].lstrip("+-0")
    if len(exponent) > 3:
        raise ValueError(f"{token[:20]!r} has more than {DIGITS} digits")
    return Fraction(token)


def _step(sign: str, left: Any, right: Any) -> Any:
    made = sign == "unit" and not units.is_quantity(left) and units.is_quantity(right)
    if made and right.magnitude == 1:
        # A temperature must be made, not multiplied: 20 °C is not 20 times 1 °C.
        return units.quantity(left, right.units)
    if units.is_quantity(left) or units.is_quantity(right):
        return units.joined(lambda: bounded(_WORKED[sign](left, right)))
    return bounded(_WORKED[sign](left, right))


def _power(base: Any, exponent: Any) -> Any:
    if units.is_quantity(exponent):
        raise ValueError("an exponent has no unit")
    if not units.is_quantity(base):
        return nth_power(base, exponent)
    if abs(exponent) > units.EXPONENT:
        raise ValueError(f"a unit may have at most the power {units.EXPONENT}")
    number = nth_power(base.magnitude, exponent)
    return units.joined(lambda: units.quantity(number, base.units**exponent))


def _said(value: Any) -> str:
    if units.is_quantity(value):
        return f"{_said(value.magnitude)} {units.named(value)}"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("the result is no finite number")
        return format(value, ".12g")
    return _decimal(Fraction(value))


def _decimal(value: Fraction) -> str:
    """Return the number in full where its decimals end within 20 digits, else 12 digits of it."""
    for places in range(21):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
            sign = "-" if value < 0 else ""
            whole, rest = digits[: len(digits) - places], digits[len(digits) - places :]
            return sign + whole + (f".{rest}" if rest else "")
    return format(float(value), ".12g")
