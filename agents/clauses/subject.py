"""The subject of an English clause by closed lists: what stands before its first finite verb."""

import re

from agents.check.verbs import is_verb
from agents.check.words import bare, listed

WORDS = 9
"""Words of a subject at most."""

_LEAD = re.compile(
    r"^(?:(?:however|therefore|moreover|furthermore|additionally|in addition|also|then|later|today"
    r"|thus|so|and|but|overall|initially|originally|eventually|finally|currently|in fact"
    r"|as a result|for example|according to [^,]{1,60})\b,?\s+)+",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"^(?:in|on|by|during|after|before|at|since|from|until|around|between)\s[^,]{1,60},\s+",
    re.IGNORECASE,
)
_INSERTED = re.compile(r"^(?P<head>[^,]+),\s[^,]+,?$")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_DETERMINERS = frozenset(
    listed("the a an its his her their our my this that these those some many most all each every")
)
_BEFORE_NOUN = _DETERMINERS | frozenset(
    listed("of in on at by for with from to and or very more as")
)
_NOT_IN = re.compile(
    r"\b(?:who|which|that|whose|where|when|while|if|because|although|than|to|as|not|there|what|how"
    r"|and|or|but)\b|[,;:()\"“”]",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"(?:the|a|an|its|his|her|their|our|this|these|those|some|many|most|all|both|each|every|one|two"
    r"|three|four|five|another|it|he|she|they)\b|[A-Z\d]",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"(?:in|on|at|by|for|with|from|to|of|during|after|before|since|under|over|between|among|as|like"
    r"|despite|because|if|when|while|although|though|there|here|not|no|what|how|why|who|which)\b",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"\s+(?:also|then|later|first|once|now|still|often|usually|always|never|originally|only|just"
    r"|soon|already|even|[a-z]+ly)$"
)


def subject(clause: str) -> str:
    """Return the subject of a clause as its text has it, "" where it is not plain."""
    text = _opened(clause)
    for word in _WORD.finditer(text):
        if not _finite(text, word):
            continue
        found = _trimmed(text[: word.start()])
        if _plain(found):
            return found
    return ""


def predicate(clause: str, found: str) -> str:
    """Return what a clause says of its subject, from its verb on."""
    text = _opened(clause)
    return text[text.find(found) + len(found) :].lstrip(" ,") if found else ""


def _opened(clause: str) -> str:
    """The clause without what stands before its subject: connectives, a time, a place."""
    text = _LEAD.sub("", bare(clause).strip())
    placed = _PLACED.match(text)
    return text[placed.end() :] if placed else text


def _finite(text: str, word: re.Match[str]) -> bool:
    """True for a verb that is no part of a noun: not behind an article, not before another verb."""
    if not is_verb(word[0]) or word[0][0].isupper():
        return False
    before = re.search(r"([^\s]+)\s$", text[: word.start()])
    if before is None or before[1].lower() in _BEFORE_NOUN:
        return False
    after = re.match(r"\s([a-z']+)", text[word.end() :])
    noun = word[0].endswith("s") and word[0] not in ("is", "was", "has", "does")
    return not (noun and after and is_verb(after[1]))


def _trimmed(text: str) -> str:
    text = text.strip().rstrip(",")
    inserted = _INSERTED.match(text)
    if inserted:
        text = inserted["head"]
    while _TRAILING.search(text):
        text = _TRAILING.sub("", text)
    return text.strip()


def _plain(text: str) -> bool:
    """True for a short run of words that names something."""
    words = _WORD.findall(text)
    if not 1 <= len(words) <= WORDS or not _OPENING.match(text) or _PREPOSITION.match(text):
        return False
    if _NOT_IN.search(re.sub(r"(?<=\w)\sand\s(?=[A-Z])", " ", text)):
        return False
    return words[-1].lower() not in _DETERMINERS and not words[-1].endswith("ly")
