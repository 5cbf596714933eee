"""The calculator works sums out, as people spell them, and can be made to do nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.builtin.calculator import calculate


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("1 + 2 * 3", "7"),
        ("(1204 - 980) / 980 * 100", "22.8571428571"),
        ("1,204 - 980", "224"),
        ("2^10", "1024"),
        ("-3 ** 2", "-9"),
        ("15% * 80", "12"),
        ("50%", "0.5"),
        ("17 % 5", "2"),
        ("7 // 2", "3"),
        ("sqrt(2)", "1.41421356237"),
        ("round(2.345, 1)", "2.3"),
        ("round(7.6)", "8"),
        ("max(1, 200, min(3, 4))", "200"),
        ("6 × 7 ÷ 2 − 1", "20"),
        ("0 ** 0", "1"),
        ("(" * 120 + "1" + ")" * 120, "1"),
        ("-" * 298 + "1", "1"),
    ],
)
def test_sums(expression: str, result: str) -> None:
    assert calculate(expression) == result


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "two plus two",
        "1 +",
        "1 / 0",
        "0 ** -1",
        "sqrt(-1)",
        "(-8) ** 0.5",
        "9 ** 9 ** 9",
        "10 ** 61",
        "1e400",
        "1" * 301,
        "__import__('os').system('true')",
        "().__class__",
        "abs.__self__",
        "True + 1",
        "'a' * 10",
        "[1] * 10",
        "min()",
        "sqrt(x=2)",
        "lambda: 1",
        "\0",
    ],
)
def test_anything_else_is_refused_in_words(expression: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        calculate(expression)


@given(st.text(max_size=320))
def test_any_text_gives_a_number_or_a_value_error(text: str) -> None:
    try:
        float(calculate(text).partition(" ")[0])
    except ValueError as error:
        assert str(error)


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_whole_numbers_are_exact(a: int, b: int) -> None:
    assert calculate(f"{a} * {b} + ({a})") == str(a * b + a)
