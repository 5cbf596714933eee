"""Reads marks and comparisons from what a face sent, and says what does not fit."""

import re
from collections.abc import Mapping
from typing import Any

from app.feedback.marks import MARKS, TAGS, Comparison, Mark, MarkKind, Order
from retrieval.errors import UserError

COMMENT_CAP = 4_000
"""Characters of a comment."""

TEXT_CAP = 40_000
"""Characters of an edited answer."""

NAME_CAP = 200
CLAIMS_CAP = 200

_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.:-]{0,63}")
_FACE = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_KNOWN = {re.sub(r"[\s_-]+", " ", tag): tag for tag in TAGS}


def read_mark(params: Mapping[str, Any]) -> Mark:
    """Read the parameters of `feedback.add`; `UserError` names the one that does not fit."""
    kind = _mark(params.get("mark"))
    text = _text(params, "text", TEXT_CAP)
    if kind == "edit" and not text.strip():
        raise UserError("an edit without a text says nothing", cure="write the better answer")
    if kind != "edit" and text.strip():
        raise UserError(f"a text goes with the mark edit, not with {kind}", cure="send edit")
    return Mark(
        id=_id(params.get("id")),
        run=_run(params, "run"),
        mark=kind,
        tags=_tags(params.get("tags")),
        comment=_text(params, "comment", COMMENT_CAP).strip(),
        text=text.strip() if kind == "edit" else None,
        by=_by(params),
        face=_face(params),
    )


def read_comparison(params: Mapping[str, Any]) -> Comparison:
    """Read the parameters of `compare.add`; `UserError` names the one that does not fit."""
    left, right = _run(params, "left"), _run(params, "right")
    if left == right:
        raise UserError("a run cannot be compared with itself", cure="name two runs")
    unsupported = params.get("unsupported") or {}
    if not isinstance(unsupported, Mapping):
        raise UserError("unsupported is no object", cure='send {"left": [1], "right": []}')
    return Comparison(
        id=_id(params.get("id")),
        left=left,
        right=right,
        order=_order(params.get("order")),
        core=_score(params, "core"),
        coherence=_score(params, "coherence"),
        overall=_score(params, "overall"),
        unsupported_left=_claims(unsupported.get("left")),
        unsupported_right=_claims(unsupported.get("right")),
        by=_by(params),
        face=_face(params),
    )


def _id(value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise UserError(
            f"the id {str(value)[:80]!r} is none",
            cure="send 1 to 64 letters, digits, dots, colons, dashes or underlines",
        )
    return value


def _mark(value: object) -> MarkKind:
    for kind in MARKS:
        if value == kind:
            return kind
    raise UserError(f"there is no mark {str(value)[:40]!r}", cure=f"send {', '.join(MARKS)}")


def _order(value: object) -> Order:
    if value == "asked":
        return "asked"
    if value == "swapped":
        return "swapped"
    raise UserError(
        f"there is no order {str(value)[:40]!r}", cure="send the one that compare.next gave"
    )


def _run(params: Mapping[str, Any], name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise UserError(f"no run is named ({name})", cure="list the runs with: vouch runs")
    return value


def _tags(values: object) -> tuple[str, ...]:
    if values is None:
        return ()
    if not isinstance(values, list | tuple):
        raise UserError("the tags are no list", cure=f"send some of: {', '.join(TAGS)}")
    known = [_tag(value) for value in values[: len(TAGS) * 2]]
    return tuple(dict.fromkeys(known))


def _tag(value: object) -> str:
    folded = re.sub(r"[\s_-]+", " ", str(value).strip().lower())
    if folded not in _KNOWN:
        raise UserError(f"there is no tag {str(value)[:40]!r}", cure=f"use {', '.join(TAGS)}")
    return _KNOWN[folded]


def _text(params: Mapping[str, Any], name: str, cap: int) -> str:
    value = params.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UserError(f"the {name} is no text", cure="send a text")
    if len(value) > cap:
        raise UserError(
            f"the {name} has {len(value):,} characters", cure=f"at most {cap:,} are kept"
        )
    return value.replace("\r\n", "\n")


def _score(params: Mapping[str, Any], name: str) -> int:
    value = params.get(name, 0)
    if type(value) is not int or not -2 <= value <= 2:
        raise UserError(
            f"the score {name} is {str(value)[:20]!r}",
            cure="send a whole number from -2 (left) to 2 (right)",
        )
    return value


def _claims(values: object) -> tuple[int, ...]:
    numbers = values if isinstance(values, list | tuple) else [] if values is None else [None]
    if any(type(number) is not int or not 0 < number <= CLAIMS_CAP for number in numbers):
        raise UserError(
            "the unsupported claims are no list of claim numbers", cure="count claims from 1"
        )
    return tuple(sorted(set(numbers)))


def _by(params: Mapping[str, Any]) -> str:
    value = params.get("by") or "local"
    if not isinstance(value, str) or len(value) > NAME_CAP:
        raise UserError("the person's name is no short text", cure=f"at most {NAME_CAP} characters")
    return value


def _face(params: Mapping[str, Any]) -> str:
    value = params.get("face") or "local"
    if not isinstance(value, str) or not _FACE.fullmatch(value):
        raise UserError(f"there is no face {str(value)[:40]!r}", cure="send a name such as web")
    return value
