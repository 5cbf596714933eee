"""Cuts text into the terms of the lexical index: words, numbers, CJK characters and bigrams."""

import re
import unicodedata
from collections.abc import Iterator

RULES = 2
"""Numbers the rules of `tokens`: an index made by other ones finds less than it holds."""

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"([{_CJK}々〆]+)|(\d+(?:[.,]\d+)+)|((?:(?![{_CJK}])[^\W_])+)")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MUTE = ("che", "she", "xe", "sse", "zze")

_COMMON_WORDS = (
    *("a", "an", "the", "of", "in", "to", "and", "or", "not", "on", "for", "with", "as", "at"),
    *("by", "from", "is", "was", "were", "be", "are", "has", "have", "had", "do", "does"),
    *("did", "it", "its", "his", "her", "their", "this", "that", "what", "which", "who"),
    *("whom", "when", "where", "how", "why"),
)
_ASKING = re.compile(
    "什么|什麼|甚麼|哪些|哪[个個里裡裏一]|哪|谁|誰|多少|[几幾]|何[时時]|何|怎[么麼]|如何"
    "|为[什何]么?|為[什何]麼?|吗|嗎|呢|是"
)
"""Chinese words that make a question of a sentence; they say nothing of its subject."""


def tokens(text: str) -> list[str]:
    """Return the index terms of `text`: folded words and numbers, CJK characters and bigrams.

    Words lose case, accents over Latin letters, a possessive 's and the plural's s; numbers lose
    their commas. A name out of code gives its parts beside itself: `parseFile` is "parsefile",
    "parse" and "file".
    """
    found: list[str] = []
    plain = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", text))
    for run, number, word in _TOKEN.findall(plain):
        if run:
            found += run
            found += (run[at : at + 2] for at in range(len(run) - 1))
        elif number:
            found.append(number.replace(",", ""))
        else:
            found += _parts(word)
    return found


def telling(terms: list[str]) -> list[str]:
    """Return each term once, without the common words unless there is nothing else."""
    unique = list(dict.fromkeys(terms))
    return [term for term in unique if term not in COMMON] or unique


def asked(query: str) -> list[str]:
    """Return the terms that a query is searched by: each once, and what only asks left out."""
    return telling(tokens(_ASKING.sub(" ", query))) or telling(tokens(query))


def singular(word: str) -> str:
    """Return an English word in small letters without the ending of the plural.

    What becomes of "caches" and "matches" must be what becomes of "cache" and "match": a mute e
    goes too. After Harman, "How effective is suffixing?" (1991), the S stemmer.
    """
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("s") and word[-2] not in "su":
        word = word[:-1]
    if word.endswith("ie") and len(word) > 4:
        return word[:-2] + "y"
    return word[:-1] if word.endswith(_MUTE) else word


def _parts(word: str) -> Iterator[str]:
    """Yield a word, folded, and its parts if capitals within it part it."""
    yield singular(_plain(word.casefold()))
    if not word.islower() and not word.isupper():
        parts = _HUMP.split(word)
        if len(parts) > 1:
            yield from (singular(_plain(part.casefold())) for part in parts)


def _plain(word: str) -> str:
    """Take the accents off Latin letters."""
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFKD", word)
    latin = "".join(c for c in parts if not unicodedata.combining(c))
    return latin if latin.isascii() else word


COMMON = frozenset(map(singular, _COMMON_WORDS))
"""Words that say nothing of a subject: left out of a query that has others."""
