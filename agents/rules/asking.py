"""The model's part: a prompt that shows the policy, a grammar of its replies, and how they read."""

import re
from collections.abc import Sequence

from agents.asked import Language
from agents.events import Classified, Quoted
from agents.models.base import Message
from agents.prompt import plain
from agents.rules.rubric import Rubric, Sort
from agents.rules.words import tell
from agents.templates import fill
from retrieval.sentences import sentences

CLASSIFY = "classify.v1"
TOKENS = 24

_REPLY = re.compile(
    r"\(?([ABCD])\)?(?![A-Za-z])[ .:]*([a-z][a-z0-9 ]*?)?[ ,]*((?:\d+[ ,]*)*)(?:[.:;(–-].*)?"
)


def class_prompt(
    question: str, answer: str, quotes: Sequence[Quoted], rubric: Rubric
) -> list[Message]:
    """Return the messages that ask for the class: the policy, question, quotes and answer, whose
    sentences are numbered."""
    text = fill(
        CLASSIFY,
        undesired=_listing([sort for sort in rubric.undesired if sort.on]),
        disallowed=_listing(_forbidden(rubric)),
        question=plain(" ".join(question.split())),
        quotes="\n".join(f"[{q.number}] {plain(' '.join(q.text.split()))}" for q in quotes),
        answer="\n".join(
            f"{number}. {plain(' '.join(answer[start:end].split()))}"
            for number, (start, end) in enumerate(sentences(answer), start=1)
        ),
    )
    return [Message("user", text)]


def class_grammar(answer: str, rubric: Rubric) -> str:
    """Return the GBNF grammar of replies: A, B and a style, C and a kind with sentences, or D."""
    styles = " | ".join(f'"{_own(sort)}"' for sort in rubric.undesired if sort.on)
    kinds = " | ".join(f'"{_own(sort)}"' for sort in _forbidden(rubric))
    numbers = " | ".join(f'"{n}"' for n, _ in enumerate(sentences(answer), start=1)) or '"1"'
    ways = ['"A"', '"D"']
    ways += [f'"B " ({styles})'] if styles else ['"B"']
    ways += [f'"C " ({kinds}) (" " number)+'] if kinds else []
    return f"root ::= {' | '.join(ways)}\nnumber ::= {numbers}"


def read_class(
    reply: str, answer: str, rubric: Rubric, language: Language = "en"
) -> Classified | None:
    """Read a reply; None for one that names no class, or a style or kind that the policy lacks."""
    found = _REPLY.fullmatch(reply.strip().partition("\n")[0].strip())
    if found is None:
        return None
    letter, name, numbers = found.groups()
    match letter:
        case "A" | "D" if name or numbers:
            # "A good answer ..." is talk.
            return None
        case "A":
            return Classified("refusal", "refusal", tell(language, "refusal"), "model")
        case "D":
            return Classified("safe", "safe.answer", tell(language, "safe.answer"), "model")
        case "B":
            sort = _named(name, rubric.undesired)
            because = sort.because[language] if sort else tell(language, "undesired")
            return Classified("undesired", sort.name if sort else "undesired", because, "model")
        case _:
            sort = _named(name, _forbidden(rubric))
            if sort is None:
                return None
            spans = _spans(answer, numbers)
            return Classified("disallowed", sort.name, sort.because[language], "model", spans)


def _spans(answer: str, numbers: str) -> tuple[tuple[int, int], ...]:
    named = {int(number) for number in re.findall(r"\d+", numbers)}
    return tuple(span for n, span in enumerate(sentences(answer), start=1) if n in named)


def _forbidden(rubric: Rubric) -> list[Sort]:
    obeying = [rubric.obeying.sort] if rubric.obeying.sort.on else []
    return [*obeying, *rubric.forbidden]


def _listing(sorts: Sequence[Sort]) -> str:
    lines = [f"- {_own(sort)}: {sort.describe or sort.because['en']}" for sort in sorts]
    return "\n".join(lines) or "- (none)"


def _own(sort: Sort) -> str:
    return sort.name.partition(".")[2].replace("_", " ")


def _named(name: str | None, sorts: Sequence[Sort]) -> Sort | None:
    return next((sort for sort in sorts if name and _own(sort) == name.strip()), None)
