"""Preference pairs as rows: derived from the truth, so they can be made again at any time."""

import json
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, delete, insert, select

from app.feedback.pairs import Pair
from app.store.chain import canonical
from app.store.sessions import reading, writing
from app.store.tables_feedback import PairRow

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_SOME = 200


def refresh(engine: Engine, pairs: Sequence[Pair]) -> tuple[int, int]:
    """Make the rows say what `pairs` say; return how many were written and how many removed.

    Nothing is written where they say it already.
    """
    wanted = {pair.id: pair for pair in pairs}
    with reading(engine) as connection:
        known = _marks(connection)
    if {id: _mark(pair) for id, pair in wanted.items()} == known:
        return 0, 0
    with writing(engine) as connection:
        known = _marks(connection)
        new = [pair for id, pair in wanted.items() if known.get(id) != _mark(pair)]
        gone = [id for id in known if id not in wanted]
        stale = [*gone, *(pair.id for pair in new if pair.id in known)]
        for start in range(0, len(stale), _SOME):
            some = PairRow.id.in_(stale[start : start + _SOME])
            connection.execute(delete(PairRow).where(some))
        for start in range(0, len(new), _SOME):
            rows = [_row(pair) for pair in new[start : start + _SOME]]
            connection.execute(insert(PairRow), rows)
    return len(new), len(gone)


def kept(engine: Engine) -> list[Pair]:
    """Every pair that is kept, oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(select(PairRow).order_by(PairRow.at, PairRow.id)).all()
    return [_pair(row) for row in rows]


def _marks(connection: Connection) -> dict[str, tuple[Any, ...]]:
    """What can change of a pair whose id, a content hash, stays."""
    columns = (PairRow.tags, PairRow.reasons, PairRow.score, PairRow.face, PairRow.order)
    rows = connection.execute(select(PairRow.id, *columns, PairRow.at))
    return {row.id: tuple(row)[1:] for row in rows}


def _mark(pair: Pair) -> tuple[Any, ...]:
    told = (canonical(pair.tags), canonical(pair.reasons))
    return (*told, pair.score, pair.face, pair.order, pair.at)


def _row(pair: Pair) -> dict[str, Any]:
    values = _adapter().dump_python(pair, mode="json")
    return {
        "id": pair.id, "prompt_id": pair.prompt.id, "prompt": canonical(values["prompt"]),
        "chosen": canonical(values["chosen"]), "rejected": canonical(values["rejected"]),
        "chosen_run": pair.chosen.run, "rejected_run": pair.rejected.run, "origin": pair.origin,
        "tags": canonical(pair.tags), "reasons": canonical(pair.reasons), "score": pair.score,
        "by": pair.by, "face": pair.face, "order": pair.order, "at": pair.at,
    }  # fmt: skip


def _pair(row: Any) -> Pair:
    texts = ("prompt", "chosen", "rejected", "tags", "reasons")
    values = {name: json.loads(getattr(row, name)) for name in texts}
    plain = ("id", "origin", "score", "by", "face", "order", "at")
    values |= {name: getattr(row, name) for name in plain}
    pair = _adapter().validate_python(values)
    assert isinstance(pair, Pair)
    return pair


@cache
def _adapter() -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(Pair)
