"""A tool's schema comes from its function; arguments that do not fit it are named."""

import json
from collections.abc import Callable
from typing import Any, Literal

import pytest

from plugins.arguments import UnfitArguments, read, usage
from plugins.builtin.calculator import calculate
from plugins.schema import UnfitTool, schema


def forecast(
    city: str,
    days: int = 3,
    unit: Literal["C", "F"] = "C",
    wind: bool | None = None,
    hours: list[float] | None = None,
) -> str:
    """Tell the weather
    of a city.

    More on this.

    Args:
        city: its name,
            in English
        days: how far ahead
    """
    return f"{city} {days} {unit} {wind} {hours}"


def test_schema_holds_types_purpose_and_notes() -> None:
    made = schema(forecast)
    assert made["name"] == "forecast"
    assert made["description"] == "Tell the weather of a city."
    parameters = made["parameters"]
    assert parameters["required"] == ["city"]
    assert parameters["properties"] == {
        "city": {"type": "string", "description": "its name, in English"},
        "days": {"type": "integer", "description": "how far ahead"},
        "unit": {"enum": ["C", "F"]},
        "wind": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
        "hours": {"anyOf": [{"type": "array", "items": {"type": "number"}}, {"type": "null"}]},
    }
    json.dumps(made)


def test_built_in_calculator_describes_its_argument() -> None:
    expression = schema(calculate)["parameters"]["properties"]["expression"]
    assert expression["type"] == "string"
    assert "sqrt" in expression["description"]


def untyped(x):  # type: ignore[no-untyped-def]
    """Do."""


def mapped(x: dict[str, int]) -> None:
    """Do."""


def many(*x: int) -> None:
    """Do."""


def unresolved(x: "Nowhere") -> None:  # type: ignore[name-defined]  # noqa: F821
    """Do."""


def silent(x: int) -> None:
    pass


@pytest.mark.parametrize("function", [untyped, mapped, many, unresolved, silent])
def test_a_function_that_cannot_be_a_tool_is_named(function: Callable[..., object]) -> None:
    with pytest.raises(UnfitTool, match=function.__name__):
        schema(function)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"city": "Oslo"}', {"city": "Oslo"}),
        ('{"city": "Oslo", "days": 2.0, "unit": "F"}', {"city": "Oslo", "days": 2, "unit": "F"}),
        (
            '{"city": "", "wind": null, "hours": [1, 2.5]}',
            {"city": "", "wind": None, "hours": [1, 2.5]},
        ),
    ],
)
def test_fitting_arguments_are_read(text: str, values: dict[str, Any]) -> None:
    assert read(schema(forecast), text) == values


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "forecast"),
        ("[1]", "forecast"),
        ("[" * 100_000, "forecast"),
        ("{}", "city"),
        ('{"city": "Oslo", "when": 1}', "when"),
        ('{"city": 3}', "city"),
        ('{"city": "Oslo", "days": true}', "days"),
        ('{"city": "Oslo", "days": 1.5}', "days"),
        ('{"city": "Oslo", "days": NaN}', "days"),
        ('{"city": "Oslo", "unit": "K"}', "unit"),
        ('{"city": "Oslo", "hours": 3}', "hours"),
        ('{"city": "Oslo", "hours": ["a"]}', "hours"),
    ],
)
def test_unfit_arguments_are_named(text: str, named: str) -> None:
    with pytest.raises(UnfitArguments, match=named):
        read(schema(forecast), text)


def test_usage_shows_how_a_call_is_written() -> None:
    assert usage(schema(calculate)) == 'use calculate {"expression": <string>}'
