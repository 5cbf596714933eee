"""Makes examples for the writer out of public reading sets: questions, paragraphs, answers.

Only titles of the tune half are used, by each of the splits that figures are taken with, and a
share of those is kept aside to choose settings by. Quotes are dealt as browsing deals them: the
sentence that holds the answer, what stands around it or the whole paragraph, beside the sentences
of the article that share most words with the question, in any order.
"""

import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.asked import Style
from agents.compose import write_prompt
from agents.events import Quoted
from agents.statements import restated
from agents.wording import content, terms
from app.evaluation.sets import half
from app.learning.pairs import tuned_on
from app.learning.writing.examples import Example
from app.learning.writing.targets import clause, held
from retrieval.errors import UserError
from retrieval.sentences import sentences

SETS = {
    "xquad/xquad.en.json": "CC BY-SA 4.0",
    "squad2_cs224n/dev-v2.0.json": "CC BY-SA 4.0",
}
"""What the adapter that is shipped learns from, with licences. Sets for non-commercial use and
those without a known open licence are left out."""

LONGEST = 40
"""Words of a reply at most."""

ROOM = 230
"""Words of all the quotes of a prompt at most."""

RIVALS = (0, 1, 1, 2, 3)
"""How many other quotes stand beside the one that holds the answer; one is drawn."""

SHORT = 0.4
"""Share of the questions that are also asked for a short answer."""

_ASIDE = 4
_UNWRITABLE = re.compile(r"[.!?](?![A-Za-z0-9,;)\"”'])|[\[\]【】\n。！？]")
"""What the grammar of replies does not let a model write within a sentence."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a paragraph, with an answer that stands in it at `start`."""

    title: str
    paragraph: str
    question: str
    answer: str
    start: int
    source: str


def clean(title: str) -> bool:
    """Whether a title may be learned from: it is in the tune half by both splits in use."""
    return half(title) == "tune" and tuned_on(title)


def kept_aside(title: str) -> bool:
    """Whether a title is kept aside from what is learned: one in four, by a hash."""
    return hashlib.sha256(f"aside{title}".encode()).digest()[-1] % _ASIDE == 1


def digests(data: Path) -> dict[str, str]:
    """Return the SHA-256 of every file learned from. Raises `UserError` if one is missing."""
    try:
        return {name: hashlib.sha256((data / name).read_bytes()).hexdigest() for name in SETS}
    except OSError as error:
        raise UserError(
            f"{str(data)!r} is no export of feedback, and lacks public sets: {error.strerror}: "
            f"{error.filename!r}",
            origin="--data",
            cure="get the sets as docs/benchmarks.md says, or make an export: "
            "vouch feedback export --format trl -o DIR",
        ) from error


def asked(data: Path) -> list[Asked]:
    """Return the questions with answers of clean titles, each once."""
    found: dict[tuple[str, str], Asked] = {}
    for name in SETS:
        read = json.loads((data / name).read_text(encoding="utf-8"))
        for article in read["data"]:
            if clean(article["title"]):
                for one in _asked(article, name):
                    found.setdefault((one.question.lower(), one.paragraph[:60]), one)
    return list(found.values())


def _asked(article: dict[str, Any], source: str) -> Iterator[Asked]:
    title = article["title"]
    for paragraph in article["paragraphs"]:
        for item in paragraph["qas"]:
            for answer in item["answers"][:1]:
                question = " ".join(str(item["question"]).split())
                text, start = answer["text"], answer["answer_start"]
                yield Asked(title, paragraph["context"], question, text, start, source)


def examples(given: Sequence[Asked], seed: int) -> list[Example]:
    """Return examples in both styles of writing, in a fixed order for a seed."""
    dice = random.Random(seed)
    articles: dict[str, list[str]] = {}
    for text in dict.fromkeys((one.title, one.paragraph) for one in given):
        articles.setdefault(text[0], []).extend(_sentences(text[1]))
    made: list[Example] = []
    for one in given:
        sentence = held(one.paragraph, one.answer, one.start)
        if not sentence:
            continue
        rivals = _rivals(one, sentence, articles[one.title])
        made += _prose(one, sentence, rivals, dice)
        if dice.random() < SHORT:
            made += _short(one, sentence, rivals, dice)
    return made


def _prose(one: Asked, sentence: str, rivals: list[str], dice: random.Random) -> Iterator[Example]:
    said = restated(one.question, one.answer, sentence) or clause(sentence, one.answer)
    if _UNWRITABLE.search(said) or len(said.split()) > LONGEST:
        return
    gold = dice.choice((_around, _around, _alone, _whole))(one.paragraph, sentence, dice)
    quotes, number = _dealt(one, gold, rivals, dice)
    yield _example(one, quotes, "prose", f"{said} [{number}].")


def _short(one: Asked, sentence: str, rivals: list[str], dice: random.Random) -> Iterator[Example]:
    if len(one.answer.split()) <= 8:
        quotes, _ = _dealt(one, sentence, rivals, dice)
        yield _example(one, quotes, "short", one.answer)


def _example(one: Asked, quotes: Sequence[Quoted], style: Style, reply: str) -> Example:
    prompt = tuple(write_prompt(one.question, quotes, style))
    return Example(prompt, reply, style, one.question, one.source)


def _dealt(
    one: Asked, gold: str, rivals: list[str], dice: random.Random
) -> tuple[list[Quoted], int]:
    """Return the quotes, and the number of the one that holds the answer."""
    others = [text for text in rivals if text not in gold][: dice.choice(RIVALS)]
    texts, words = [gold], len(gold.split())
    for text in others:
        if words + len(text.split()) <= ROOM:
            texts.append(text)
            words += len(text.split())
    dice.shuffle(texts)
    title = one.title.replace("_", " ")
    quotes = [
        Quoted(number, "", one.title, title, text, 0, len(text))
        for number, text in enumerate(texts, start=1)
    ]
    return quotes, texts.index(gold) + 1


def _rivals(one: Asked, sentence: str, every: list[str]) -> list[str]:
    """The article's sentences with most words of the question, none of them with the answer."""
    wanted = set(content(one.question))
    other = [text for text in every if one.answer not in text and text != sentence]
    scored = [(len(wanted & set(terms(text))), text) for text in other]
    return [text for score, text in sorted(scored, key=lambda pair: -pair[0])[:4] if score]


def _sentences(paragraph: str) -> list[str]:
    return [" ".join(paragraph[start:end].split()) for start, end in sentences(paragraph)]


def _alone(paragraph: str, sentence: str, dice: random.Random) -> str:
    return sentence


def _whole(paragraph: str, sentence: str, dice: random.Random) -> str:
    flat = " ".join(paragraph.split())
    return flat if len(flat.split()) <= ROOM else _around(paragraph, sentence, dice)


def _around(paragraph: str, sentence: str, dice: random.Random) -> str:
    """The sentence with its neighbours, where browsing would keep several lines as one quote."""
    every = _sentences(paragraph)
    at = every.index(sentence) if sentence in every else 0
    start, end = max(0, at - dice.randint(0, 1)), at + 1 + dice.randint(0, 1)
    return " ".join(every[start:end])
