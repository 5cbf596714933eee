"""What a stranger's checker reports is told in one line, without its programmer's parts."""

from typing import Annotated, Literal

import pytest
from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from plugins.calling import called
from plugins.faults import plain
from plugins.mcp_link import read


class Call(BaseModel):
    """The arguments of a made-up tool."""

    model_config = ConfigDict(extra="forbid")

    place: str
    days: int = 1
    unit: Literal["m", "ft"] = "m"
    note: Annotated[str, Field(max_length=3)] = ""


def report(**values: object) -> str:
    with pytest.raises(ValidationError) as refused:
        Call.model_validate(values)
    return str(refused.value)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "place is missing"),
        ({"place": "Rance", "dayz": "a]\nb"}, "dayz is not taken"),
        (
            {"place": "Rance", "days": "x"},
            "days must be a valid integer, unable to parse string as an integer",
        ),
        ({"unit": "mile"}, "place is missing; unit must be 'm' or 'ft'"),
        ({"place": "Rance", "note": "long"}, "note must have at most 3 characters"),
    ],
)
def test_a_report_becomes_one_line(values: dict[str, object], said: str) -> None:
    assert plain(report(**values)) == said


def test_what_stands_before_a_report_stays_and_other_texts_as_they_are() -> None:
    assert plain(f"tide failed: {report()}") == "tide failed: place is missing"
    assert plain("no tide today: 2 validation errors") == "no tide today: 2 validation errors"
    assert plain("1 validation error for Call\n") == "the arguments do not fit"


def test_a_server_and_a_function_that_refuse_arguments_are_told_so() -> None:
    block = TextContent(text=f"Error executing tool tide: {report()}")
    failed = read(CallToolResult(content=[block], is_error=True))
    assert failed.failed and failed.text == "Error executing tool tide: place is missing"
    assert read(CallToolResult(content=[block])).text == block.text

    def tide() -> str:
        return str(Call.model_validate({}))

    assert called("tide", tide, {}).text == "tide failed: place is missing"
