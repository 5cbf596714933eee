"""Answered runs read back as cases, and pairs as rows, in each kind of database."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, update

from agents.answering import CHOICES
from agents.entailing import ENTAILED, reading
from agents.events import (
    Answer,
    Answered,
    Asked,
    Drafted,
    Measured,
    Opened,
    Prompted,
    Quoted,
    Replied,
)
from app.feedback.cases import Case
from app.feedback.marks import Mark
from app.feedback.pairs import derive
from app.store.evidence import answered
from app.store.journal import Journal
from app.store.pairs import kept, refresh
from app.store.sessions import writing
from app.store.tables import EntryRow
from app.store.tables_talk import ConversationRow, TurnRow
from retrieval.documents import content_id

QUOTE = Quoted(1, "d", "s.md", "a \x00 title \udcff 后", "Clara drew it.", 0, 14)


def keep(journal: Journal, run: str, text: str) -> None:
    events = (
        Asked("Who drew it?", style="prose", model="m"),
        Opened("d", "s.md", "t", "Clara drew it."),
        QUOTE,
        Prompted("write", "write.v1", "d", 1),
        Replied(text),
        Drafted(text),
        Answered(Answer(text, "answered", "prose", "", (QUOTE,))),
    )
    journal.begin(run)
    for event in events:
        journal.append(run, event)


@pytest.fixture
def cases(engine: Engine, journal: Journal) -> dict[str, Case]:
    keep(journal, "good", "Clara drew it [1].")
    keep(journal, "bad", "Nobody knows who drew it [1].")
    journal.begin("open")
    journal.append("open", Asked("Who drew it?"))
    return answered(engine)[0]


def test_answered_runs_are_read_and_others_are_not(cases: dict[str, Case]) -> None:
    assert set(cases) == {"good", "bad"}
    assert cases["good"].quotes == (QUOTE,) and cases["good"].draft == "Clara drew it [1]."
    assert cases["good"].prompt.id == cases["bad"].prompt.id
    assert cases["good"].by == "local" and cases["good"].at < cases["bad"].at


def test_some_runs_alone_can_be_read(engine: Engine, cases: dict[str, Case]) -> None:
    assert answered(engine, ["bad", "open"]) == ({"bad": cases["bad"]}, 0)


def test_who_asked_is_known_from_the_turn(engine: Engine, cases: dict[str, Case]) -> None:
    who = {"owner": "local", "by": "slack:U1", "face": "slack"}
    talk = {"id": "c", "title": "t", "created": 0.0, "updated": 0.0, **who}
    turn = {"id": "t", "conversation": "c", "question": "q", "run": "good", "at": 0.0, **who}
    lists = {"collections": "[]", "sources": "[]", "history": True}
    with writing(engine) as connection:
        connection.execute(ConversationRow.__table__.insert(), talk)
        connection.execute(TurnRow.__table__.insert(), turn | lists)
    assert answered(engine)[0]["good"].by == "slack:U1"


def test_what_a_verifier_made_of_phrases_is_known(engine: Engine, journal: Journal) -> None:
    pairs = reading("Who drew it?", [QUOTE], CHOICES)
    assert pairs
    digest = content_id(*(text for pair in pairs for text in pair))
    scores = tuple(score for _ in pairs for score in (0.4, 0.1))
    journal.begin("read")
    for event in (
        Asked("Who drew it?", style="led", model="m", entailed=True, phrases=CHOICES),
        QUOTE,
        Measured(ENTAILED, digest, scores),
        Prompted("write", "write.v1", "d", 1),
        Replied("Clara drew it [1]."),
        Drafted("Clara drew it [1]."),
        Answered(Answer("Clara drew it [1].", "answered", "prose", "", (QUOTE,))),
    ):
        journal.append("read", event)
    found = answered(engine)[0]["read"].read
    assert found["Clara"] == 0.4 and set(found.values()) == {0.4}


def test_a_damaged_run_is_counted_and_passed_over(engine: Engine, cases: dict[str, Case]) -> None:
    torn = update(EntryRow).where(EntryRow.run == "bad", EntryRow.seq == 0).values(event='{"kind"')
    with writing(engine) as connection:
        connection.execute(torn)
    found, damaged = answered(engine)
    assert set(found) == {"good"} and damaged == 1


def test_pairs_come_back_as_they_were_derived(engine: Engine, cases: dict[str, Case]) -> None:
    marks = [Mark("1", "good", "up", at=2.0), Mark("2", "bad", "down", ("wrong",), at=3.0)]
    pairs = derive(cases, marks, [])
    assert refresh(engine, pairs) == (1, 0) and kept(engine) == pairs
    assert refresh(engine, pairs) == (0, 0)
    later = [replace(pairs[0], at=9.0)]
    assert refresh(engine, later) == (1, 0) and kept(engine) == later
    assert refresh(engine, []) == (0, 1) and kept(engine) == []
