"""The functions of the calculator: exact where they can be, bounded always."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

DIGITS = 60
"""No result on the way may have more digits: numbers stay short and every step stays quick."""

CONSTANTS: dict[str, float] = {"pi": math.pi, "π": math.pi, "e": math.e}


def bounded(value: Any) -> Any:
    """Return a number or quantity that is short enough; a long fraction becomes a float.

    Raises ValueError.
    """
    if isinstance(value, bool | complex):
        raise ValueError("the result is no real number")
    if isinstance(value, int):
        value = Fraction(value)
    if not isinstance(value, Fraction | float):
        number = bounded(value.magnitude)
        return value if number is value.magnitude else value.__class__(number, value.units)
    if not abs(value) < 10**DIGITS:
        raise ValueError(f"the result has more than {DIGITS} digits")
    if isinstance(value, Fraction) and value.denominator > 10**DIGITS:
        if value and not float(value):
            raise ValueError("the result is too close to zero")
        return float(value)
    return value


def nth_power(base: Any, exponent: Any) -> Any:
    """Return base ** exponent, weighed before it is worked out: a tower of powers costs nothing."""
    if base and abs(exponent * Fraction(math.log10(abs(base)))) > DIGITS:
        raise ValueError(f"the result has more than {DIGITS} digits")
    if isinstance(base, Fraction) and isinstance(exponent, Fraction):
        if abs(exponent) > 10**4:
            base = float(base)
        elif exponent == Fraction(1, 2) and base >= 0:
            return square_root(base)
    return bounded(base**exponent)


def square_root(value: Any) -> Any:
    """Return the square root, exactly where it is a fraction."""
    if not isinstance(value, Fraction | float):
        return value.__class__(square_root(value.magnitude), value.units ** Fraction(1, 2))
    if value < 0:
        raise ValueError("the result is no real number")
    if isinstance(value, Fraction):
        over, under = math.isqrt(value.numerator), math.isqrt(value.denominator)
        if over * over == value.numerator and under * under == value.denominator:
            return Fraction(over, under)
    return math.sqrt(value)


def rounded(value: Any, digits: Any = Fraction(0)) -> Any:
    """Round half away from zero, as people do, to so many digits after the point."""
    if not isinstance(value, Fraction | float):
        return value.__class__(rounded(value.magnitude, digits), value.units)
    if digits != int(digits) or abs(digits) > 20:
        raise ValueError("the digits to round to are a whole number up to 20")
    scale = Fraction(10) ** int(digits)
    exact = Fraction(value) * scale
    nearest = math.floor(abs(exact) + Fraction(1, 2))
    return Fraction(nearest if exact >= 0 else -nearest) / scale


def _real(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """Wrap a function of a real number; an angle in degrees is taken in radians."""

    def of(value: Any) -> Any:
        if not isinstance(value, Fraction | float):
            value = value.to("radian").magnitude
        return function(float(value))

    return of


def _whole(function: Callable[[Fraction | float], int]) -> Callable[[Any], Any]:
    def of(value: Any) -> Any:
        if not isinstance(value, Fraction | float):
            return value.__class__(Fraction(function(value.magnitude)), value.units)
        return Fraction(function(value))

    return of


def _integer(value: Any) -> int:
    if not isinstance(value, Fraction) or value.denominator != 1:
        raise ValueError("that function takes whole numbers only")
    return value.numerator


def _factorial(value: Any) -> Fraction:
    number = _integer(value)
    if not 0 <= number <= 47:
        raise ValueError("factorial takes whole numbers from 0 to 47")
    return Fraction(math.factorial(number))


def _total(*values: Any) -> Any:
    if not values:
        raise ValueError("sum, mean, min and max need at least one number")
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


def _logarithm(value: Any, base: Any = Fraction(10)) -> float:
    return math.log(float(value), float(base))


BY_NAME: dict[str, Callable[..., Any]] = {
    "sqrt": square_root,
    "cbrt": _real(math.cbrt),
    "abs": abs,
    "round": rounded,
    "floor": _whole(math.floor),
    "ceil": _whole(math.ceil),
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "sum": _total,
    "mean": lambda *values: _total(*values) / Fraction(len(values)),
    "average": lambda *values: _total(*values) / Fraction(len(values)),
    "ln": _real(math.log),
    "log": _logarithm,
    "log10": _real(math.log10),
    "log2": _real(math.log2),
    "exp": _real(math.exp),
    "sin": _real(math.sin),
    "cos": _real(math.cos),
    "tan": _real(math.tan),
    "asin": _real(math.asin),
    "acos": _real(math.acos),
    "atan": _real(math.atan),
    "factorial": _factorial,
    "gcd": lambda *values: Fraction(math.gcd(*map(_integer, values))),
    "lcm": lambda *values: Fraction(math.lcm(*map(_integer, values))),
}
"""What can be called: angles are in radians unless they have a unit; log is to the base 10."""
