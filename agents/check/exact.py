"""Word for word: whether a quote holds a claim as it is, or its words in order in one sentence."""

import re
from collections.abc import Sequence

from agents.check.words import fold, is_cjk, is_stop, words
from agents.events import Quoted
from retrieval.sentences import sentences

SLACK = 3
"""Words that may stand between those of a bare answer."""

_RELATIVE = re.compile(r"\b(?:which|who|that|where|whose|when)\b", re.IGNORECASE)
_PRONOUN = re.compile(
    r"^(?:(?:it|he|she|they|its|his|her|their)\s+|它们|他们|她们|它|他|她|其|该[\u4e00-\u9fff])",
    re.IGNORECASE,
)
_EDGES = " \t\n\"'“”‘’「」『』.,;:!?。，；：！？、*_"


def verbatim(text: str, quotes: Sequence[Quoted]) -> tuple[int, str] | None:
    """Return the first quote that holds the text word for word, and the sentences it stands in.

    White space, the case of the first letter and punctuation at the ends do not count.
    """
    wanted = _spaced(text).strip(_EDGES)
    if not wanted:
        return None
    first, rest = re.escape(wanted[0]), re.escape(wanted[1:])
    pattern = re.compile(rf"{_edge(wanted[0], '<')}(?i:{first}){rest}{_edge(wanted[-1], '')}")
    for quote in quotes:
        spaced = _spaced(quote.text)
        found = pattern.search(spaced)
        if found is not None:
            return quote.number, _around(spaced, *found.span())
    return None


def led(said: str, stands: str, quotes: Sequence[Quoted]) -> bool:
    """True where a quote says a clause word for word and, of the same thing, what `stands` puts in.

    What a clause leaves out stands before it in its sentence ("The hotel opened in 1890 and has 40
    rooms"), what a pronoun stands for in that sentence, in the one before it, or in the title.
    """
    lead, pronoun = _lead(said, stands)
    if not lead:
        return False
    for quote in quotes:
        spans = sentences(quote.text)
        for at, (start, end) in enumerate(spans):
            sentence = quote.text[start:end]
            before = _before(said, sentence)
            if before is None:
                continue
            if not pronoun and lead <= {*_telling(before)} and not _RELATIVE.search(before):
                return True
            around = f"{quote.title} {quote.text[spans[max(0, at - 1)][0] : end]}"
            if pronoun and lead <= {*_telling(around.replace("_", " "))}:
                return True
    return False


def _lead(said: str, stands: str) -> tuple[frozenset[str], bool]:
    """The telling words that were put before a clause, and whether in a pronoun's place."""
    own = said.strip(_EDGES)
    if stands.strip(_EDGES).endswith(own):
        return frozenset(_telling(stands.strip(_EDGES).removesuffix(own))), False
    rest = _PRONOUN.sub("", own)
    if rest != own and stands.strip(_EDGES).endswith(rest):
        return frozenset(_telling(stands.strip(_EDGES).removesuffix(rest))), True
    return frozenset(), False


def _before(said: str, sentence: str) -> str | None:
    """What stands before a clause in a sentence that holds it word for word, else None."""
    wanted, spaced = _spaced(said).strip(_EDGES), _spaced(sentence)
    at = spaced.lower().find(wanted.lower())
    return spaced[:at] if wanted and at >= 0 else None


def _around(text: str, start: int, end: int) -> str:
    spans = [span for span in sentences(text) if span[0] < end and start < span[1]]
    return text[spans[0][0] : spans[-1][1]] if spans else text[start:end]


def _edge(letter: str, side: str) -> str:
    """A look-around that no word or number is cut in two at this end."""
    if is_cjk(letter) or not letter.isalnum():
        return ""
    return r"(?<![^\W\u3040-\u9fff])(?<!\d[.,])" if side else r"(?![^\W\u3040-\u9fff])(?![.,]\d)"


def _spaced(text: str) -> str:
    return " ".join(text.replace("’", "'").split())


def ordered(text: str, quotes: Sequence[Quoted]) -> tuple[int, str] | None:
    """Return the first quote whose sentence holds the content words in order, and that sentence.

    At most SLACK other content words may stand between them.
    """
    wanted = _telling(text)
    if not wanted:
        return None
    for quote in quotes:
        for start, end in sentences(quote.text):
            if _within(wanted, _telling(quote.text[start:end])):
                return quote.number, quote.text[start:end]
    return None


def _telling(text: str) -> list[str]:
    return [
        fold(w.surface) if is_cjk(w.surface) else w.stem
        for w in words(text)
        if not is_stop(w.surface)
    ]


def _within(wanted: list[str], sentence: list[str]) -> bool:
    starts = [at for at, token in enumerate(sentence) if token == wanted[0]]
    return any(_follows(wanted, sentence[at : at + len(wanted) + SLACK]) for at in starts)


def _follows(wanted: list[str], sentence: list[str]) -> bool:
    rest = iter(sentence)
    return all(token in rest for token in wanted)
