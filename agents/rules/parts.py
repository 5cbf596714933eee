"""The sentences of an answer by what they do: they state, they refuse, or they fill."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agents.check.words import bare
from agents.claims import MARK, cites
from agents.events import Quoted
from agents.rules.rubric import Pattern, Rubric, Sort
from retrieval.sentences import sentences

Role = Literal["states", "refuses", "fills"]

COPIED = 3
"""Words of a sentence that a quote must hold for it to count as copied."""

LEAD = 8
"""Most own words of a sentence that leads to the nearest passages."""

TURNED = 4
"""Words after a "but" that make a statement of their own."""

LONG = 12
"""Own words from which on a hedged sentence after a "but" counts all the same."""

_QUOTATION = re.compile(r"“[^”]*”|「[^」]*」|『[^』]*』|\"[^\"\n]*\"")
_CITED = re.compile(rf"[.,;:。，]?\s*{MARK.pattern}")
_HAN = re.compile(r"[\u3400-\u9fff]")
_TURN = re.compile(
    r",? (?P<en>but|however|nevertheless|yet),? |[，；](?P<zh>但是?|不过|不過|然而)[，]?"
)
_NEAREST = re.compile(r"\b(?:nearest|closest)\b|最接近|最相近", re.IGNORECASE)
_HOWEVER = re.compile(
    r"\s*(?:however|but|that said|nevertheless|still)\b|不过|但是?|然而", re.IGNORECASE
)
_ADVICE = re.compile(
    r"\b(?:you (?:can|could|may|might|should|will)|I (?:suggest|recommend|advise)|please)\b"
    r"|请|您?可以",
    re.IGNORECASE,
)
_BLOT = re.compile(r"\bx+\b")
_WORD = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence: `answer[start:end]`. `text` has its quotations blotted out; `own` counts its own
    words, two characters of Chinese being one; `styles` are the undesired ones that it shows.
    `turned` marks one that goes on to answer after a refusal."""

    start: int
    end: int
    text: str
    role: Role
    cited: bool
    copied: bool
    own: int
    styles: tuple[Sort, ...]
    turned: bool = False


def parts(question: str, answer: str, quotes: Sequence[Quoted], rubric: Rubric) -> list[Part]:
    """Return the sentences of an answer in order; a mark after a full stop belongs before it."""
    masked, held = blotted(answer, quotes, question), [_flat(quote.text) for quote in quotes]
    held_out = blotted(answer, quotes)
    found = [
        (span, cited) for whole, cited in _spans(masked) for span in _turned(masked, whole, rubric)
    ]
    made = [
        _part(span, cited, (masked, held_out, answer), held, _flat(question), rubric)
        for span, cited in found
    ]
    return list(_beside(made))


def _beside(made: Sequence[Part]) -> Iterator[Part]:
    """Passages that are shown as the nearest ones belong to the refusal that shows them."""
    near = False
    for part in made:
        leads = _NEAREST.search(part.text) is not None and part.own <= LEAD
        near = leads or (near and not part.own)
        yield replace(part, role="fills") if near and part.role == "states" else part


def blotted(answer: str, quotes: Sequence[Quoted], question: str | None = None) -> str:
    """Return the answer, as long as it was, with the words of quotations made unreadable.

    A quotation is one that a quote holds or that a citation follows; with a question also one that
    it holds, and any other of some words, which is not what the answerer says itself.
    """
    spoken = question is not None
    held = [_flat(text) for text in (*(quote.text for quote in quotes), question or "")]

    def blot(match: re.Match[str]) -> str:
        inside = _flat(match[0][1:-1])
        cited = _CITED.match(answer, match.end()) is not None
        if not (
            cited or any(inside in one for one in held) or (spoken and count(inside) >= COPIED)
        ):
            return match[0]
        return match[0][0] + re.sub(r"[^\s]", "x", match[0][1:-1]) + match[0][-1]

    return _QUOTATION.sub(blot, answer)


def _spans(masked: str) -> Iterator[tuple[tuple[int, int], bool]]:
    spans: list[tuple[tuple[int, int], bool]] = []
    for start, end in sentences(masked):
        text = masked[start:end]
        if not bare(text).strip(" .。") and spans:
            spans[-1] = (spans[-1][0][0], end), True
        else:
            spans.append(((start, end), bool(cites(text))))
    yield from spans


def _turned(masked: str, span: tuple[int, int], rubric: Rubric) -> list[tuple[int, int]]:
    """Cut a sentence at the "but" after which one that began as a refusal goes on to answer."""
    for turn in _TURN.finditer(masked, *span):
        rest = masked[turn.end() : span[1]]
        if count(rest) >= TURNED and any_in(rubric.signs, spaced(masked[span[0] : turn.start()])):
            return [(span[0], turn.start()), (turn.start(turn.lastgroup or 0), span[1])]
    return [span]


def _part(
    span: tuple[int, int],
    cited: bool,
    texts: tuple[str, str, str],
    held: Sequence[str],
    question: str,
    rubric: Rubric,
) -> Part:
    """`texts` are the answer without any quotation, without those of quotes, and as it stands."""
    text, held_out, whole = (spaced(bare(one[slice(*span)])) for one in texts)
    own = count(_BLOT.sub(" ", held_out))
    said = _flat(whole).rstrip(".。!?")
    copied = count(said) >= COPIED and any(said in one for one in held)
    styles = tuple(sort for sort in rubric.undesired if sort.on and _shows(sort, text, question))
    role: Role = "states"
    if not copied:
        if any_in(rubric.signs, text) or (not cited and any_in(rubric.silent, text)):
            role = "refuses"
        elif not cited and (any_in(rubric.offers, text) or (styles and not _goes_on(text))):
            role = "fills"
    if role == "fills" and text != whole and not any_in(rubric.offers, text):
        role = "states"
    turned = role == "states" and _goes_on(text) and not _ADVICE.search(text)
    turned = turned and (not styles or own >= LONG)
    return Part(*span, text, role, cited, copied, own, styles, turned)


def _goes_on(text: str) -> bool:
    """True where a sentence turns from a refusal to an answer after all."""
    turn = _HOWEVER.match(text)
    return turn is not None and count(text[turn.end() :]) >= TURNED


def _shows(sort: Sort, text: str, question: str) -> bool:
    """True where a pattern matches words that are not those of the question."""
    return any(_flat(match[0]) not in question for match in sort.matches(text))


def times(sort: Sort, said: Sequence[Part], question: str) -> int:
    """Count the sentences' matches of a style that are not words of the question."""
    asked = _flat(question)
    return sum(_flat(match[0]) not in asked for part in said for match in sort.matches(part.text))


def any_in(patterns: Sequence[Pattern], text: str) -> bool:
    """True if one of the patterns matches somewhere."""
    return any(pattern.search(text) for pattern in patterns)


def spaced(text: str) -> str:
    """Return the text, as long as it was, with every white space made a blank."""
    return re.sub(r"\s", " ", text)


def count(text: str) -> int:
    """Count words; two characters of Chinese are one."""
    han = len(_HAN.findall(text))
    return len(_WORD.findall(_HAN.sub(" ", text))) + (han + 1) // 2


def _flat(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())
