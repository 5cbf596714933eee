"""A rule, without a model, that makes a follow-up question stand alone by what came before it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents import followup_zh
from agents.events import Exchange
from agents.topics import ABOUT, Topic, topic_of
from agents.wording import content

_LEADING = re.compile(r"^(?:and|but|so|or|also|then)\b[\s,]*", re.IGNORECASE)
_INSTEAD = re.compile(r"^(?:(?:and|so|but)\s+)?(?:what|how) about\s+|^and\s+", re.IGNORECASE)
_ASKING = re.compile(
    r"^(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|has|have|had|can|"
    r"could|will|would|should|in|on|at|by|for|from|to|with|after|before|during)\b",
    re.IGNORECASE,
)
_PERSON = r"he|him|his|himself|she|her|hers|herself"
_OWNING = frozenset(
    ("his", "her", "hers", "its", "their", "theirs", "himself", "herself", "itself", "themselves")
)
_PRONOUN = re.compile(
    rf"\b(?:{_PERSON}|it|its|itself|they|them|their|theirs|themselves|"
    r"(?:this|these|those)(?! (?:year|month|week|century|decade|day|morning|evening)s?\b)|"
    r"(?:what|who|where|when|how|anything|anyone) else|(?:which|what) ones?|tell me more|"
    r"the (?:same|former|latter|others|other one|first one|second one|last one))\b",
    re.IGNORECASE,
)
_THAT = re.compile(
    r"(?:^|\b(?:is|was|are|were|does|did|do|has|had|of|about|after|before|for|from|in|on|at|by|with|"
    r"to|like|why|when|where|how|than|mean|meant|called)\s+)that\b(?!\s+(?:the|an?|he|she|it|they)\b)",
    re.IGNORECASE,
)
_THERE = re.compile(
    r"(?<!is )(?<!are )(?<!was )(?<!were )(?<!be )\bthere\b(?! (?:is|are|was|were|be)\b)"
    r"|\bthen\W*$",
    re.IGNORECASE,
)
_EMPTY_IT = re.compile(
    r"\b(?:does|did|will|would|can)\s+it\s+(?:take|cost)\b.*\bto\b|\bwhat time is it\b|"
    r"\b(?:is|was)\s+it\s+(?:true|possible|necessary|safe|legal|illegal|common|known|said|likely|"
    r"important|hard|easy|good|better|best|normal)\s+(?:that|to|for)\b",
    re.IGNORECASE,
)
_NOUN = re.compile(r"(?<=\s)[A-Z][\w’'-]+|\b(?:the|an?|each|every|all|most|many)\s+\w+")
_PLACED = re.compile(r"(?<=\s)[A-Z][\w’'-]+|\bthe\s+\w+")
_CLAUSE = re.compile(r"[,;]|\b(?:and|but|if|when|while|because|before|after|since|so)\b")
_HANGING = re.compile(r"\b(?:of|about|with|for|to|in|on|by|from|after|before|than)\s*$")
_DEFINING = re.compile(
    r"^(?:what|who|where)(?:['’]s|\s+(?:is|are|was|were|does|do|did))\b|"
    r"^how (?:do|does|did|is|are)\b|^(?:define|explain|describe)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Followed:
    """A question that stands alone; `leaned` if it had to be made to."""

    question: str
    leaned: bool


def follow(question: str, history: Sequence[Exchange]) -> Followed:
    """Return the question with what it leaned on, taken from the newest question before it.

    A question that stands alone comes back as it was, and so does any without a history.
    """
    asked = " ".join(question.split())
    before = next((turn for turn in reversed(history) if re.search(r"\w", turn.question)), None)
    if before is None:
        return Followed(asked, False)
    if followup_zh.chinese(asked):
        made = followup_zh.follow(asked, before.question)
        return Followed(made or asked, made is not None)
    if not leans(asked):
        return Followed(asked, False)
    topic = topic_of(before.question)
    if (name := _answer_name(before)) and re.search(rf"\b(?:{_PERSON})\b", asked, re.IGNORECASE):
        topic = Topic(f"{name}, {topic.text}", False)
    return Followed(_made(asked, before.question, topic), True)


def leans(question: str) -> bool:
    """Say whether an English question needs what came before it to be understood."""
    if ABOUT.search(question):
        return False
    if _LEADING.match(question) or _INSTEAD.match(question):
        return True
    empty = _EMPTY_IT.search(question)
    for found in _PRONOUN.finditer(question):
        inside = empty is not None and empty.start() <= found.start() < empty.end()
        if not inside and not _answered_inside(question, found):
            return True
    if _THAT.search(question):
        return True
    if _THERE.search(question) and not _PLACED.search(question):
        return True
    return _too_little(question)


def _answered_inside(question: str, pronoun: re.Match[str]) -> bool:
    """True for a pronoun that stands for something the question itself has named before it."""
    before = question[: pronoun.start()]
    named = [noun for noun in _NOUN.finditer(before) if _free(noun, before)]
    if not named:
        return False
    personal = re.fullmatch(_PERSON, pronoun[0], re.IGNORECASE) is not None
    if personal or pronoun[0].lower() in _OWNING:
        return True
    return _CLAUSE.search(before, named[0].end()) is not None


def _free(noun: re.Match[str], before: str) -> bool:
    """False for "the height of", right before the pronoun: that names a part of what is meant."""
    return noun[0][0].isupper() or _HANGING.search(before) is None


def _too_little(question: str) -> bool:
    held = content(question)
    if len(held) > 1:
        return False
    if not held:
        return True
    if any(word[:1].isupper() for word in question.split()[1:]):
        return False
    return _DEFINING.match(question) is None or re.search(r"\bthe\b", question) is not None


def _made(asked: str, before: str, topic: Topic) -> str:
    instead = _INSTEAD.match(asked)
    if instead:
        other = asked[instead.end() :].rstrip(" ?!.")
        swapped = _swapped(other, before, topic)
        if swapped:
            return swapped
    stripped = _LEADING.sub("", asked)
    if stripped != asked and _ASKING.match(stripped) and content(stripped):
        asked = stripped[:1].upper() + stripped[1:]
    return _put_in(asked, topic) or f"{asked} (about: {topic.text})"


def _swapped(other: str, before: str, topic: Topic) -> str:
    """Put one name in place of another, as "What about Paris?" wants it; "" where that is vague."""
    named = re.search(r"(?:^|\s)[A-Z]", other) and not _ASKING.match(other)
    if not named or not topic.sure or _PRONOUN.search(other):
        return ""
    if not re.search(r"(?:^|\s)[A-Z]", topic.text) or before.count(topic.text) != 1:
        return ""
    return before.replace(topic.text, other)


def _put_in(asked: str, topic: Topic) -> str:
    """Put the topic in the place of the pronoun; "" where it is not clear that it belongs there."""
    pronouns = [m for m in _PRONOUN.finditer(asked) if not _answered_inside(asked, m)]
    if not topic.sure or not pronouns or _THAT.search(asked):
        return ""
    first, word = pronouns[0], pronouns[0][0].lower()
    person = word in ("he", "him", "she", "his")
    fits = topic.person if person else topic.plural if word in ("they", "them") else word in (
        "it", "its",
    )  # fmt: skip
    if not fits:
        return ""
    text = f"{topic.text}'s" if word in ("its", "his") else topic.text
    return asked[: first.start()] + text + asked[first.end() :]


def _answer_name(before: Exchange) -> str:
    """Return the name that answers a question for a person, if that is what the answer begins with.

    The answer is the one that was shown; it may be wrong, so the name never stands alone.
    """
    if not re.match(r"who\b|which (?:person|man|woman)\b", before.question, re.IGNORECASE):
        return ""
    name = re.match(r"((?:[A-Z][\w’'.-]*\s?){1,4})(?=\[|\.|,|$)", before.answer)
    return name[1].strip(" .") if name else ""
