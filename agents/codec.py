"""Events to JSON and back, by their declared types; `load(dump(event)) == event`."""

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from agents.events import Event

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@cache
def _adapter() -> "TypeAdapter[Any]":
    from pydantic import Field, TypeAdapter

    return TypeAdapter(Annotated[Event, Field(discriminator="kind")])


def dump(event: Event) -> dict[str, Any]:
    """Return the event as plain JSON values."""
    values = _adapter().dump_python(event, mode="json")
    assert isinstance(values, dict)
    return values


def load(values: dict[str, Any]) -> Event:
    """Read an event; `ValueError` (pydantic's) names the field that does not fit."""
    event: Event = _adapter().validate_python(values)
    return event
