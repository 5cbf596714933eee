"""Answers scored against gold: exact match, token F1 and contains, normalised as SQuAD does."""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

from app.batch.results import FAILED, Row
from retrieval.sentences import sentences

SCORES = ("exact", "f1", "contains")

_MARKS = re.compile(r"\s*\[\d+\]")
_EVIDENCE = re.compile(r"“(.*)”", re.DOTALL)
# A letter right behind a Chinese character, as in 维生素A, is no article.
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_CJK = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\s{_CJK}]+")


def tokens(text: str) -> list[str]:
    """Return the tokens that are compared: lower case, without punctuation and English articles.

    Chinese and Japanese characters are a token each (Rajpurkar 2016 for English, the mixed
    segmentation of CMRC 2018 and MLQA for the others). Beyond SQuAD's own script, which knows the
    punctuation of ASCII alone, typographic quotation marks, dashes and the like go too.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    kept = "".join(c for c in folded if not _is_mark(c))
    return _TOKEN.findall(_ARTICLES.sub(" ", kept))


def _is_mark(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character).startswith("P")


def exact(guess: str, gold: str) -> float:
    """1.0 if both come to the same tokens."""
    return float(tokens(guess) == tokens(gold))


def f1(guess: str, gold: str) -> float:
    """Harmonic mean of precision and recall of tokens; without tokens on a side, 1.0 if on both."""
    left, right = tokens(guess), tokens(gold)
    if not left or not right:
        return float(left == right)
    shared = sum((Counter(left) & Counter(right)).values())
    return 2 * shared / (len(left) + len(right))


def contains(text: str, gold: str) -> float:
    """1.0 if the gold's tokens stand in the text one after the other; nothing only in nothing."""
    whole, part = tokens(text), tokens(gold)
    if not part:
        return float(not whole)
    begins = range(len(whole) - len(part) + 1)
    return float(any(whole[at : at + len(part)] == part for at in begins))


def lead(text: str) -> str:
    """Return what an answer says first: its first sentence or line, bare of citations."""
    line = _MARKS.sub("", text.strip().partition("\n")[0]).strip()
    found = sentences(line)
    said = line[found[0][0] : found[0][1]] if found else line
    quoted = _EVIDENCE.fullmatch(line)
    return quoted[1] if quoted else said


def scored(row: Row, gold: Sequence[str]) -> Row:
    """Return the row with its gold and scores: the best over all golds, None without one.

    `exact` and `f1` look at the lead of the answer, `contains` at all of it. What was declined
    says nothing, which is right where the gold is the empty text; what failed is never right.
    """
    row = row | {"gold": list(gold)}
    if not gold:
        return row | dict.fromkeys(SCORES)
    if row["outcome"] == FAILED:
        return row | dict.fromkeys(SCORES, 0.0)
    silent = row["outcome"] == "declined"
    text = "" if silent else _MARKS.sub("", str(row["answer"]))
    first = "" if silent else lead(str(row["answer"]))
    return row | {
        "exact": max(exact(first, right) for right in gold),
        "f1": round(max(f1(first, right) for right in gold), 4),
        "contains": max(contains(text, right) for right in gold),
    }
