"""The form in which events are kept: canonical JSON, long texts apart, each chained to the last."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.codec import dump, load
from agents.events import TRANSIENT, Event

START = hashlib.sha256(b"vouch journal 1").hexdigest()
"""The link before entry 0."""

_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Packed:
    """An event as it is kept. `event` is canonical JSON; `texts` maps SHA-256 (hex) to the long
    texts that it names by digest."""

    kind: str
    event: str
    texts: dict[str, str]


def pack(event: Event) -> Packed:
    """Put an event into its kept form; `unpack(pack(e).event, pack(e).texts) == e`.

    Raises ValueError for an event that JSON cannot carry unchanged (a number that is not finite):
    what could not be read back is not written.
    """
    assert not isinstance(event, TRANSIENT), "transient events are never stored"
    values = dump(event)
    texts: dict[str, str] = {}
    if values["kind"] == "opened":
        digest = text_digest(values["text"])
        texts[digest] = values["text"]
        values["text"] = {"sha256": digest}
    packed = Packed(values["kind"], canonical(values), texts)
    if unpack(packed.event, texts) != event:
        raise ValueError(f"this event cannot be kept unchanged: {event!r}")
    return packed


def unpack(event: str, texts: Mapping[str, str]) -> Event:
    """Read an event back; KeyError names a text that is missing, ValueError what does not fit."""
    values = json.loads(event)
    for digest in _named(values):
        values["text"] = texts[digest]
    return load(values)


def named(event: str) -> tuple[str, ...]:
    """The digests of the texts that a kept event names; none for what is no JSON."""
    try:
        return _named(json.loads(event))
    except ValueError:
        return ()


def _named(values: Any) -> tuple[str, ...]:
    text = values.get("text") if isinstance(values, dict) else None
    return (str(text["sha256"]),) if isinstance(text, dict) and "sha256" in text else ()


def canonical(values: object) -> str:
    """JSON with sorted keys and no needless space; the same values always give the same text."""
    text = json.dumps(
        values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return _SURROGATES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def link(previous: str, seq: int, at: float, event: str) -> str:
    """The chain hash of an entry: SHA-256 (hex) over the link before it, number, time and event."""
    return hashlib.sha256(f"{previous}\n{seq}\n{at!r}\n{event}".encode()).hexdigest()


def text_digest(text: str) -> str:
    """SHA-256 (hex) of a text as UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
