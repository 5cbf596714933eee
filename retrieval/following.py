"""Makes the next query out of what a first search found, for questions that need two passages."""

import re

from retrieval.terms import COMMON, tokens

_CAPITAL = r"[A-Z\u00c0-\u00d6\u00d8-\u00de\u0391-\u03ab\u0410-\u042f]"
_NAME = re.compile(
    rf"{_CAPITAL}[\w’'-]+(?:\s+(?:(?:of|the|de|la|von|van|del|da|di)\s+)*{_CAPITAL}[\w’'-]+)*"
)
_WORD = re.compile(r"[\w’'-]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def following(query: str, title: str, sentence: str) -> str:
    """Return a query for what `query` still lacks: the names that the best sentence of the best
    passage adds, then the words of the query that neither it nor the title carries; "" if there are
    none of either.

    "Where was the author of Brand born?" and "Brand is a play by Henrik Ibsen." give "Henrik Ibsen
    author born". Names are told by their capitals and words by spaces: Chinese gives nothing.
    """
    asked = frozenset(tokens(query))
    names = [name for name in _NAME.findall(f"{title}. {sentence}") if _new(name, asked)]
    held = frozenset(tokens(f"{title} {sentence}"))
    lacking = [word for word in _words(query) if _new(word, held)]
    return " ".join(dict.fromkeys((*names, *lacking)))


def _words(query: str) -> list[str]:
    return [word for word in _WORD.findall(query) if not _CJK.search(word)]


def _new(words: str, known: frozenset[str]) -> bool:
    """Whether words say something that is not known."""
    return not known.union(COMMON).issuperset(tokens(words))
