"""The calculator knows units: it converts exactly and refuses what does not fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.builtin.calculator import calculate


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("5 km in miles", "3.10685596119 mile"),
        ("1 mile in m", "1609.344 meter"),
        ("5 in to cm", "12.7 centimeter"),
        ("5 in in cm", "12.7 centimeter"),
        ("20 C in F", "68 degree_Fahrenheit"),
        ("-40 °C to °F", "-40 degree_Fahrenheit"),
        ("300 K in celsius", "26.85 degree_Celsius"),
        ("3 kg * 9.81 m/s^2 in N", "29.43 newton"),
        ("90 km/h -> m/s", "25 meter/second"),
        ("60 miles per hour in km/h", "96.56064 kilometer/hour"),
        ("10 km / 2 h", "5 kilometer/hour"),
        ("1/2 km", "0.5 kilometer"),
        ("100 sq ft in m2", "9.290304 meter^2"),
        ("2 m³ in litres", "2000 liter"),
        ("3 ft + 2 in in cm", "96.52 centimeter"),
        ("3 min in s", "180 second"),
        ("2 GB in MB", "2000 megabyte"),
        ("5 km / 2 m", "2500"),
        ("0.25 in %", "25 percent"),
        ("15% of 80 km", "12 kilometer"),
        ("sqrt(16 m^2)", "4 meter"),
        ("min(3 km, 200 m)", "200 meter"),
        ("sin(90 degrees)", "1"),
    ],
)
def test_quantities(expression: str, result: str) -> None:
    assert calculate(expression) == result


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("0.1 + 0.2", "0.3"),
        ("2 pi", "6.28318530718"),
        ("2 ** -1 * 4", "2"),
        ("5 ** -3 ** 2", "0.000000512"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("floor(-0.5) + ceil(0.2)", "0"),
        ("mean(1, 2, 6)", "3"),
        ("log(1000) + ln(e)", "4"),
        ("factorial(20)", "2432902008176640000"),
        ("gcd(12, 18) * lcm(4, 6)", "72"),
        ("sqrt(9/4)", "1.5"),
    ],
)
def test_functions(expression: str, result: str) -> None:
    assert calculate(expression) == result


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("5 km in kg", "do not go together"),
        ("5 km + 3", "do not go together"),
        ("20 degC + 5 degC", "use kelvin"),
        ("5 foo", "neither a function nor a unit"),
        ("round(5 km in miles, 2)", "stands at the end"),
        ("5 km in 3", "no arithmetic"),
        ("m ** 999999", "at most the power 12"),
        ("2 ** (3 m)", "no unit"),
        ("(10 ** 50 m) ** 2", "more than 60 digits"),
        ("1e999999999 m", "more than 60 digits"),
        ("10 ** 59 * 100", "more than 60 digits"),
        ("1e-400", "too close to zero"),
        ("factorial(1000)", "0 to 47"),
        ("round(1, 10 ** 9)", "up to 20"),
        ("log(-1)", r"\w"),
        ("(" * 145 + "1" + ")" * 145, "more than 140 brackets"),
        ("5 $", r"'\$' is not allowed"),
        ("a" * 300, "neither a function nor a unit"),
        ("km__class__", "neither a function nor a unit"),
    ],
)
def test_what_cannot_be_worked_out_is_said(expression: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        calculate(expression)


_PIECES = st.sampled_from(
    ["1", "2.5", "9", "1e9", "km", "m", "s", "degC", "%", "+", "-", "*", "/", "**", "^", "(", ")",
     "sqrt", "sin", "min", "round", ",", " in ", " to ", "of", "pi", "factorial", "e", "//"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=12))
def test_no_heap_of_pieces_does_more_than_fail_in_words(pieces: list[str]) -> None:
    try:
        first = calculate(" ".join(pieces)).partition(" ")[0]
    except ValueError as error:
        assert str(error)
    else:
        float(first)
