"""Events to JSON and back, by their declared types; `load(dump(event)) == event`."""

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from agents.events import Event

LATER = ("stands", "adapter")
"""Fields with an empty default that `Claim` and `Replied` got after journals were kept."""

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@cache
def _adapter() -> "TypeAdapter[Any]":
    from pydantic import Field, TypeAdapter

    return TypeAdapter(Annotated[Event, Field(discriminator="kind")])


def dump(event: Event) -> dict[str, Any]:
    """Return the event as plain JSON values.

    Fields that are younger than the first journals are left out where they are empty, so that
    what these hold keeps its hash.
    """
    values = _adapter().dump_python(event, mode="json")
    assert isinstance(values, dict)
    if values["kind"] in ("replied", "claimed", "judged", "answered"):
        _thin(values)
    return values


def _thin(value: Any) -> None:
    if isinstance(value, dict):
        for name in LATER:
            if value.get(name) == "":
                del value[name]
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            _thin(part)


def load(values: dict[str, Any]) -> Event:
    """Read an event; `ValueError` (pydantic's) names the field that does not fit."""
    event: Event = _adapter().validate_python(values)
    return event
