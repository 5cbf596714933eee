"""Examples as rows of the published formats: TRL preference and unpaired, WebGPT comparisons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from agents.events import Quoted
from agents.models.base import Message
from app.feedback.cases import Prompt, Side
from app.feedback.pairs import Pair
from app.feedback.people import Pseudonyms
from app.feedback.scrub import Scrubber

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Thumb:
    """One answer that a person called good (`label`) or bad."""

    id: str
    prompt: Prompt
    side: Side
    label: bool
    reasons: tuple[str, ...] = ()
    by: str = "local"
    face: str = ""
    at: float = 0.0

    @property
    def group(self) -> str:
        """What must stay together when an export is split."""
        return self.prompt.id


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a model or policy did: the messages before it, and the line it wrote."""

    id: str
    run: str
    number: int
    group: str
    messages: tuple[Message, ...]
    line: str
    model: str
    policy: str
    by: str = "local"
    at: float = 0.0


def preference(pair: Pair, scrub: Scrubber) -> Row:
    """A row of TRL's conversational preference format with its prompt stated."""
    return {
        "prompt": _messages(pair.prompt.messages, scrub),
        "chosen": _reply(pair.chosen.completion, scrub),
        "rejected": _reply(pair.rejected.completion, scrub),
    }


def unpaired(thumb: Thumb, scrub: Scrubber) -> Row:
    """A row of TRL's conversational unpaired preference format, as KTO reads it."""
    return {
        "prompt": _messages(thumb.prompt.messages, scrub),
        "completion": _reply(thumb.side.completion, scrub),
        "label": thumb.label,
    }


def step(one: Step, scrub: Scrubber) -> Row:
    """A row of TRL's conversational prompt-completion format, for behaviour cloning."""
    return {"prompt": _messages(one.messages, scrub), "completion": _reply(one.line, scrub)}


def comparison(pair: Pair, scrub: Scrubber, names: Pseudonyms) -> Row:
    """A row with the fields of huggingface.co/datasets/openai/webgpt_comparisons.

    Scores lie between -1 and 1 and add up to 0; an answer is preferred if its score is above 0.
    What stood on the left is number 0; where nobody compared, a hash decides. `tokens_0` and
    `tokens_1` (the prompt as GPT-2 tokens) are left out: the tokenizer is the reader's.
    """
    swapped = _second(pair, names)
    first, second = (pair.rejected, pair.chosen) if swapped else (pair.chosen, pair.rejected)
    score = -pair.score if swapped else pair.score
    question = {"dataset": "vouch", "id": names.id("prompt", pair.prompt.id)}
    return {
        "question": question | {"full_text": scrub(pair.prompt.question)},
        "quotes_0": _quotes(first.quotes, scrub),
        "answer_0": scrub(first.text),
        "score_0": score,
        "quotes_1": _quotes(second.quotes, scrub),
        "answer_1": scrub(second.text),
        "score_1": -score if score else 0.0,
    }


def _second(pair: Pair, names: Pseudonyms) -> bool:
    """True where the chosen answer is number 1."""
    if pair.origin == "compare":
        return pair.order == "right"
    return names.coin("webgpt", pair.id)


def provenance(pair: Pair, scrub: Scrubber, names: Pseudonyms) -> Row:
    """Where a pair comes from, with nobody's name in it."""
    return {
        "id": names.id("pair", pair.id),
        "prompt": names.id("prompt", pair.prompt.id),
        "origin": pair.origin,
        "tags": list(pair.tags),
        "reasons": list(pair.reasons),
        "score": pair.score,
        "chosen": _source(pair.chosen, scrub),
        "rejected": _source(pair.rejected, scrub),
        "by": names.person(pair.by),
        "face": pair.face,
        "order": pair.order,
        "at": pair.at,
    }


def thumb_provenance(thumb: Thumb, scrub: Scrubber, names: Pseudonyms) -> Row:
    """Where a thumb comes from, with nobody's name in it."""
    return {
        "id": names.id("mark", thumb.id),
        "prompt": names.id("prompt", thumb.group),
        **_source(thumb.side, scrub),
        "label": thumb.label,
        "by": names.person(thumb.by),
        "face": thumb.face,
        "at": thumb.at,
    }


def step_provenance(one: Step, scrub: Scrubber, names: Pseudonyms) -> Row:
    """Where a step comes from, with nobody's name in it."""
    told = {"run": one.run, "step": one.number, "policy": one.policy, "model": scrub(one.model)}
    return told | {"by": names.person(one.by), "at": one.at}


def _source(side: Side, scrub: Scrubber) -> Row:
    return {"run": side.run, "model": scrub(side.model), "words": side.words}


def _messages(messages: Iterable[Message], scrub: Scrubber) -> list[Row]:
    return [{"role": one.role, "content": scrub(one.content)} for one in messages]


def _reply(text: str, scrub: Scrubber) -> list[Row]:
    return [{"role": "assistant", "content": scrub(text)}]


def _quotes(quotes: Sequence[Quoted], scrub: Scrubber) -> Row:
    return {
        "title": [scrub(quote.title) for quote in quotes],
        "extract": [scrub(quote.text) for quote in quotes],
    }
