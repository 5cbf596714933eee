"""Cuts text into the terms of the lexical index: words, numbers, CJK characters and bigrams."""

import re
import unicodedata

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"([{_CJK}々〆]+)|(\d+(?:[.,]\d+)+)|((?:(?![{_CJK}])[^\W_])+)")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")

_COMMON = frozenset(
    [
        *("a", "an", "the", "of", "in", "to", "and", "or", "not", "on", "for", "with", "as", "at"),
        *("by", "from", "is", "was", "were", "be", "are", "has", "have", "had", "do", "does"),
        *("did", "it", "its", "his", "her", "their", "this", "that", "what", "which", "who"),
        *("whom", "when", "where", "how", "why"),
    ]
)
"""Words that say nothing of a subject: left out of a query that has others."""


def tokens(text: str) -> list[str]:
    """Return the index terms of `text`: folded words and numbers, CJK characters and bigrams.

    Words lose case, accents over Latin letters and a possessive 's; numbers lose their commas.
    """
    folded = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", text).casefold())
    found: list[str] = []
    for run, number, word in _TOKEN.findall(folded):
        if run:
            found += run
            found += (run[at : at + 2] for at in range(len(run) - 1))
        elif number:
            found.append(number.replace(",", ""))
        else:
            found.append(_plain(word))
    return found


def telling(terms: list[str]) -> list[str]:
    """Return each term once, without the common words unless there is nothing else."""
    unique = list(dict.fromkeys(terms))
    return [term for term in unique if term not in _COMMON] or unique


def _plain(word: str) -> str:
    """Take the accents off Latin letters."""
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFKD", word)
    latin = "".join(c for c in parts if not unicodedata.combining(c))
    return latin if latin.isascii() else word
