"""Finds runs by their names and the long texts that their events name."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, func, select

from app.store.chain import named, text_digest
from app.store.names import NAME
from app.store.sessions import insert_new
from app.store.tables import RunRow, TextRow
from retrieval.errors import UserError


def find(connection: Connection, run: str) -> str:
    """The full name of the run that `run` names or begins; UserError if it is none or several."""
    if not NAME.fullmatch(run):
        raise unknown(run)
    if connection.scalar(select(RunRow.id).where(RunRow.id == run)):
        return run
    begins = func.substr(RunRow.id, 1, len(run)) == run
    found = connection.scalars(select(RunRow.id).where(begins).order_by(RunRow.id).limit(4)).all()
    if not found:
        raise unknown(run)
    if len(found) > 1:
        some = ", ".join(found[:3]) + (", ..." if len(found) > 3 else "")
        raise UserError(
            f"{run!r} begins the names of several runs: {some}", cure="write more of it"
        )
    return found[0]


def unknown(run: str) -> UserError:
    """No run has this name."""
    return UserError(f"there is no run {run!r}", cure="list the runs with: vouch runs")


def texts_of(connection: Connection, events: Iterable[str]) -> dict[str, str]:
    """The long texts that the events name, by digest, in the order in which they are first named.

    A text that is missing is left out.
    """
    digests = list(dict.fromkeys(digest for event in events for digest in named(event)))
    texts: dict[str, str] = {}
    for start in range(0, len(digests), 100):
        wanted = TextRow.digest.in_(digests[start : start + 100])
        for digest, text in connection.execute(select(TextRow.digest, TextRow.text).where(wanted)):
            texts[digest] = text
    return {digest: texts[digest] for digest in digests if digest in texts}


def keep_texts(connection: Connection, texts: Mapping[str, str]) -> None:
    """Keep each text under its digest, once."""
    rows = [{"digest": digest, "text": text} for digest, text in texts.items()]
    insert_new(connection, TextRow, rows)


def whole(event: str, texts: Mapping[str, str]) -> bool:
    """Whether every text that the event names is there and is the one it names."""
    return all(d in texts and text_digest(texts[d]) == d for d in named(event))
