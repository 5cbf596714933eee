"""Self-improvement: several ways of thinking about one question, and a vote on where they end.

Huang et al. 2022, "Large Language Models Can Self-Improve", arXiv:2210.11610: chains of thought are
sampled at different temperatures, the answer that most of them end with is taken to be right, and
the chains that end with it become examples. The share of votes is a usable confidence.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agents.compose import numbered
from agents.events import Quoted
from agents.models.base import Message, Model, Sampling, together
from agents.prompt import plain
from agents.templates import fill
from app.evaluation.answers import normal

TEMPLATE = "vote.v1"

COLDEST, WARMEST = 0.4, 1.0
"""Temperatures of the first and the last sample; the others lie between them."""

LONGEST = 160
"""Tokens of a sample."""

GRAMMAR = (
    'root ::= line "\\n" (line "\\n")? (line "\\n")? "Answer: " line\nline ::= [^\\x00-\\x1f]+'
)
"""One to three lines of thought, then the answer."""

_FINAL = re.compile(r"(?mi)^\W*answer\s*:\s*(.+?)\s*$")
_MARKS = re.compile(r"\s*\[\d+\]")


@dataclass(frozen=True, slots=True)
class Vote:
    """What most samples end with: the answer as the first of them has it, which samples those are,
    and their share (0..1) of all samples, those without an answer included."""

    answer: str
    winners: tuple[int, ...]
    share: float


def final(text: str) -> str:
    """Return the answer that a chain of thought ends with; "" where it names none."""
    found = _FINAL.findall(text)
    return _MARKS.sub("", found[-1]).strip().rstrip(".") if found else ""


def vote(samples: Sequence[str]) -> Vote | None:
    """Count the answers, alike after SQuAD's normalisation; None where none was named, or two are
    named equally often."""
    answers = [final(text) for text in samples]
    counts = Counter(normal(answer) for answer in answers if normal(answer))
    first = counts.most_common(2)
    if not first or (len(first) > 1 and first[0][1] == first[1][1]):
        return None
    winners = tuple(at for at, answer in enumerate(answers) if normal(answer) == first[0][0])
    return Vote(answers[winners[0]], winners, len(winners) / len(samples))


def prompt(question: str, quotes: Sequence[Quoted]) -> list[Message]:
    """Return the messages that ask for thoughts and then an answer."""
    text = fill(TEMPLATE, question=plain(question), quotes=numbered(quotes))
    return [Message("user", text)]


def samples(model: Model, messages: Sequence[Message], count: int, seed: int) -> list[str]:
    """Return chains of thought, sampled at temperatures from `COLDEST` to `WARMEST`.

    Errors: those of `Model.reply`.
    """
    step = (WARMEST - COLDEST) / max(1, count - 1)
    bound = model.capabilities.grammar == "gbnf"
    every = [
        Sampling(
            LONGEST,
            temperature=round(COLDEST + at * step, 3),
            seed=seed + at,
            grammar=GRAMMAR if bound else None,
            prefix="vote",
        )
        for at in range(count)
    ]
    return [reply.text for reply in together(model, messages, every)]
