"""Makes a follow-up question stand alone: an able model writes it, else a rule in code makes it."""

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from agents import view
from agents.events import Asked, Event, Exchange, How, Rephrased
from agents.followup import follow
from agents.kit import Kit, Step, speak
from agents.models.base import ContextOverflow, Message, ModelLost, Reply, Sampling
from agents.prompt import estimate, plain
from agents.templates import fill
from retrieval.sentences import sentences

REPHRASE = "rephrase.v1"
REPLY_TOKENS = 120
HISTORY_TOKENS = 1500
LONGEST = 300
"""Characters of a question that a model may write."""

ANSWER = 1200
"""Characters of an earlier answer that are remembered, in whole sentences."""

_LABEL = re.compile(r"^(?:(?:stand-?alone |last )?question|问题)\s*[:：]\s*", re.IGNORECASE)
_MARKS = "\"'“”‘’«»「」"


@dataclass(frozen=True, slots=True)
class Compacted:
    """Earlier turns as text, oldest first: `kept` turns, `whole` of them with their answers."""

    text: str
    kept: int
    whole: int


def remembered(turn: Exchange) -> Exchange:
    """Return a turn as it goes along with later questions: a long answer loses its later part."""
    question, answer = " ".join(turn.question.split()), turn.answer.strip()
    if len(answer) > ANSWER:
        ends = [end for _, end in sentences(answer) if end <= ANSWER]
        answer = answer[: ends[-1] if ends else ANSWER]
    return Exchange(question, answer)


def compact(history: Sequence[Exchange], tokens: int) -> Compacted:
    """Cut a history to so many estimated tokens.

    The newest turns stay whole as long as they fit; of the older ones the questions stay, and what
    does not fit then is dropped, oldest first.
    """
    told: list[str] = []
    whole = spent = 0
    for turn in reversed(history):
        question = f"Question: {plain(turn.question)}"
        full = f"{question}\nAnswer: {plain(' '.join(turn.answer.split()))}"
        if whole == len(told) and spent + estimate(full) <= tokens:
            whole += 1
            text = full
        elif spent + estimate(question) <= tokens:
            text = question
        else:
            break
        told.append(text)
        spent += estimate(text)
    return Compacted("\n".join(reversed(told)), len(told), whole)


def rephrase(events: Sequence[Event], kit: Kit) -> Step:
    """Yield the question that stands alone; nothing if the user stopped the run meanwhile."""
    asked = view.typed(events)
    if asked.style == "prose":
        kept = compact(asked.history, min(HISTORY_TOKENS, asked.context // 4))
        written = yield from _written(asked, kept, kit)
        if kit.cancel.is_set():
            return
        if written:
            how: How = "as asked" if _flat(written) == _flat(asked.question) else "model"
            yield Rephrased(written, how, kept.kept, len(asked.history), kept.whole)
            return
    made = follow(asked.question, asked.history)
    by: How = "rule" if made.leaned else "as asked"
    yield Rephrased(made.question, by, int(made.leaned), len(asked.history))


def _written(asked: Asked, kept: Compacted, kit: Kit) -> Generator[Event, None, str]:
    """Ask the model; "" for what it could not write, or wrote and cannot be used."""
    text = fill(REPHRASE, history=kept.text, question=plain(asked.question))
    sampling = Sampling(REPLY_TOKENS, prefix="rephrase")
    try:
        reply = yield from speak(kit, "rephrase", REPHRASE, [Message("user", text)], sampling)
    except (ModelLost, ContextOverflow):
        return ""
    return usable(reply)


def usable(reply: Reply) -> str:
    """Return the one question of a reply on one line; "" where it is anything else."""
    lines = [line.strip() for line in reply.text.splitlines() if line.strip()]
    if reply.finish != "stop" or len(lines) != 1:
        return ""
    question = _LABEL.sub("", lines[0]).strip(_MARKS + " ")
    return question if 0 < len(question) <= LONGEST else ""


def _flat(text: str) -> str:
    return " ".join(text.casefold().split()).strip("?？ ")
