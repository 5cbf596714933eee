"""One answered run as evidence for preference data: its prompt, and whose words were shown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from agents import compose, view
from agents.answering import Read
from agents.asked import Style
from agents.claims import bare
from agents.drafts import Draft, drafts, phrase
from agents.dropping import failing
from agents.entailing import read
from agents.events import (
    Answer,
    Answered,
    Asked,
    Drafted,
    Event,
    Prompted,
    Quoted,
    Replied,
    Revised,
)
from agents.models.base import Message
from retrieval.documents import content_id
from retrieval.sentences import sentences

Words = Literal["model", "quotes", "program", "person"]
"""Whose words a text is: the model's own, the quotes' themselves, put together by the program from
clauses that held or a phrase that was picked, or a person's."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What was asked of the model: the stand-alone question over numbered quotes, as messages.

    `id` is the content hash of the messages, so siblings find each other by it.
    """

    id: str
    question: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One answer of a pair. `text` is what was read, with its citation marks; `completion` is the
    same as a reply to the prompt (for a short answer: the few words alone)."""

    run: str
    model: str
    text: str
    completion: str
    words: Words
    quotes: tuple[Quoted, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One answered run. `draft` is what the model wrote first, None where no model wrote, and
    `reply` what it was made of; `picked` the phrase that it picked besides, and `read` what a
    verifier made of phrases; `rewrites` are the texts it wrote after that. `drafts` are those that
    `draft` was chosen from, if several."""

    run: str
    at: float
    by: str
    asked: Asked
    prompt: Prompt
    quotes: tuple[Quoted, ...]
    reply: str | None
    draft: str | None
    drafted_from: tuple[Quoted, ...]
    rewrites: tuple[str, ...]
    answer: Answer
    template: str
    picked: str = ""
    read: Read = field(default_factory=dict, hash=False)
    drafts: tuple[Draft, ...] = ()


def case(run: str, events: Sequence[Event], at: float = 0.0, by: str = "local") -> Case | None:
    """Read a run's events; None for a run without an answer. `by` is who asked."""
    answered = view.answered(events)
    if answered is None:
        return None
    asked, quotes = view.asked(events), answered.answer.quotes or view.quotes(events)
    template, reply = _reply(events)
    drafted = next((i for i, event in enumerate(events) if isinstance(event, Drafted)), None)
    first = events[drafted] if drafted is not None and reply is not None else None
    draft = first.text if isinstance(first, Drafted) else None
    every = drafts(events)
    return Case(
        run=run,
        at=at,
        by=by,
        asked=asked,
        prompt=prompt(asked, quotes),
        quotes=quotes,
        reply=next((one.reply for one in every if one.text == draft), reply),
        draft=draft,
        drafted_from=view.quotes(events[:drafted]),
        rewrites=tuple(e.text for e in events if isinstance(e, Revised) and e.how == "rewrite"),
        answer=answered.answer,
        template=template,
        picked=phrase(events) if asked.style == "led" else "",
        read=read(events),
        drafts=every,
    )


def prompt(asked: Asked, quotes: Sequence[Quoted]) -> Prompt:
    """Make the prompt of the writing phase again; it is a function of the events alone."""
    messages = tuple(compose.write_prompt(asked.question, quotes, asked.style))
    flat = [part for message in messages for part in (message.role, message.content)]
    return Prompt(content_id(*flat), asked.question, messages)


def _reply(events: Sequence[Event]) -> tuple[str, str | None]:
    """The template of the writing prompt and what the model wrote to it; "" and None if nothing."""
    template = ""
    for event in events:
        match event:
            case Prompted(phase="write"):
                template = event.template
            case Replied(text) if template:
                return template, text
            case Answered():
                break
            case _:
                continue
    return template, None


def shown(case: Case) -> Side:
    """Return the answer as it was shown."""
    return _side(case, _own(case, case.answer.text), case.quotes)


def drafted(case: Case) -> Side | None:
    """Return the draft, None where no model wrote one."""
    draft = case.draft
    return None if draft is None else _side(case, _own(case, draft), case.drafted_from)


def rejected(case: Case) -> list[Side]:
    """Return the drafts that the judges held to be worse than the one that was shown as it was
    written: nothing fails in that one and something is carried, and some claim of theirs fails.

    Of two in which nothing fails neither is worse: to say more is no merit of its own.
    """
    best = next((one for one in case.drafts if one.text == case.draft), None)
    if best is None or failing(best.verdicts) or case.draft != case.answer.text:
        return []
    if not any(verdict.ruling == "supported" for verdict in best.verdicts):
        return []
    worse = [one for one in case.drafts if failing(one.verdicts)]
    asked = [replace(case, reply=one.reply, draft=one.text) for one in worse]
    return [side for one in asked if (side := drafted(one)) is not None]


def _own(case: Case, text: str) -> str:
    """The text without what a rule put around it: quotes below it, and a phrase before it."""
    if case.asked.style != "led" or text == compose.quotes_answer(case.drafted_from):
        return text
    prose, led = (compose.lead(_first(case, style)) for style in ("prose", "led"))
    before = led.removesuffix(prose) if led.endswith(f"]. {prose}") else ""
    return compose.lead(text).removeprefix(before)


def _first(case: Case, style: Style) -> str:
    reply, question = case.reply or "", case.asked.question
    return compose.draft(reply, question, case.drafted_from, style, case.picked, case.read)


def _written(case: Case) -> set[str]:
    """The sentences that the model wrote, in any version."""
    led = case.asked.style == "led"
    first = _first(case, "prose") if led else case.draft or ""
    return {_flat(s) for version in (first, *case.rewrites) for s in _sentences(version)}


def _side(case: Case, text: str, quotes: tuple[Quoted, ...]) -> Side:
    words = _whose(case, text, quotes)
    completion = text
    if words == "model" and case.asked.style == "short":
        text, completion = _picked(case, text)
    return Side(case.run, case.asked.model, text, completion, words, quotes)


def _whose(case: Case, text: str, quotes: Sequence[Quoted]) -> Words:
    if case.asked.task == "verify" or (case.reply is None and case.answer.form == "prose"):
        return "person"
    alone = text == case.answer.text and case.answer.form != "prose"
    if alone or case.draft is None or text == compose.quotes_answer(quotes):
        return "quotes"
    written = _written(case)
    return "model" if all(_flat(s) in written for s in _sentences(text)) else "program"


def form(case: Case, text: str) -> Literal["prose", "short"]:
    """Tell a few words copied from a quote from prose; a rewrite of a short answer is prose."""
    if case.asked.style != "short":
        return "prose"
    head = _pick(text)
    held = any(head.casefold() in _flat(quote.text).casefold() for quote in case.quotes)
    return "short" if head and held else "prose"


def _picked(case: Case, text: str) -> tuple[str, str]:
    """A short answer with its mark, and the few words that the model wrote."""
    if form(case, text) == "prose":
        return text, text
    head, said = text.split("\n", 1)[0].strip(), _flat(case.reply or "")
    pick = _pick(text)
    return head, said if said.casefold() == pick.casefold() else pick


def _pick(text: str) -> str:
    return _flat(bare(text.split("\n", 1)[0])).rstrip(" .。")


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def _flat(text: str) -> str:
    return " ".join(re.sub(r"\s*\n\s*", " ", text).split())
