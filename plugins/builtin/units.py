"""Units of measure, looked up by name: pint knows the units, never sees an expression.

pint's own reader of expressions works sums out as it reads them; here it is only given names that
are one word each, and exponents that are small, so that no text can make it work long.
"""

import re
from fractions import Fraction
from functools import cache
from typing import Any

EXPONENT = 12
"""The highest power of a unit."""

_SPELLINGS = {
    "c": "degC", "f": "degF", "k": "kelvin", "°c": "degC", "°f": "degF",
    "kmh": "kph", "mbit": "megabit", "sec": "second", "secs": "second", "mins": "minute",
    "metres": "meter", "litres": "liter", "tonnes": "tonne", "%": "percent",
}  # fmt: skip
_UNIT = re.compile(r"[A-Za-zµμΩÅ°][A-Za-zµμΩÅ°_]{0,40}")


class NoUnit(ValueError):
    """A word that is no unit, or units that do not go together; the message is for the model."""


@cache
def registry() -> Any:
    """Return pint's units, with numbers as exact fractions; read once, in about a second."""
    import pint

    return pint.UnitRegistry(non_int_type=Fraction)


@cache
def unit(word: str) -> Any:
    """Return the unit called `word`: exactly so, else in lower case. Raises `NoUnit`."""
    known = registry()
    if _UNIT.fullmatch(word):
        lower = word.lower()
        for name in (word.lstrip("°"), lower, _SPELLINGS.get(lower, "")):
            if name and known.parse_unit_name(name):
                return known.Unit(name)
    raise NoUnit(f"{word!r} is neither a function nor a unit; write for example 5 km in miles")


def quantity(number: Fraction | float, of: Any) -> Any:
    """Return so much of a unit."""
    return registry().Quantity(number, of)


def is_quantity(value: object) -> bool:
    """Whether a value has a unit."""
    return not isinstance(value, Fraction | float)


def joined(worked: Any) -> Any:
    """Work out a step on quantities; pint's complaints become `NoUnit`."""
    import pint

    try:
        return worked()
    except pint.errors.OffsetUnitCalculusError as error:
        raise NoUnit(
            "temperatures in °C or °F can be converted but not added or multiplied; use kelvin"
        ) from error
    except pint.errors.DimensionalityError as error:
        raise NoUnit(f"the units do not go together: {error}") from error


def converted(value: Any, target: Any) -> Any:
    """Return `value` in the unit of `target`. Raises `NoUnit` where the dimensions differ."""
    if not is_quantity(value):
        value = quantity(value, registry().dimensionless)
    return joined(lambda: value.to(target.units))


def plain(value: Any) -> Any:
    """Return a ratio of like units as a bare number; anything else as it is."""
    if is_quantity(value) and value.dimensionless:
        return joined(lambda: value.to_root_units()).magnitude
    return value


def named(value: Any) -> str:
    """Return the unit of a quantity in words: "meter/second^2"."""
    over: list[str] = []
    under: list[str] = []
    for name, exponent in sorted(value.unit_items()):
        size = abs(exponent)
        power = "" if size == 1 else f"^{float(size):g}"
        (over if exponent > 0 else under).append(name + power)
    return "/".join(["*".join(over) or "1", *under])
