"""What a pronoun at the beginning of a clause stands for, told from the answer itself or not."""

import re
from dataclasses import dataclass

from agents.check.words import listed

_PRONOUN = re.compile(
    r"(?P<word>it|he|she|they|its|his|her|their)(?P<gap>\s+)(?P<rest>\S.*)", re.I | re.S
)
_EMPTY = re.compile(
    r"(?:is|was|has been|became|seems|appears|takes|took|rains|rained|snows|snowed|did not rain"
    r"|will rain)\b(?:\s+(?:not|also|widely|generally|often|now|very|long))*"
    r"(?:\s+(?:that|to|clear|known|possible|impossible|likely|unlikely|important|believed|estimated"
    r"|said|thought|reported|necessary|difficult|easy|common|raining|snowing|about|until|in|on)\b|\s*$"
    r"|\s+\d)"
)
_PERSONAL = re.compile(
    r"\b(?:born|died|married|wrote|studied|graduated|he|she|his|her|him|himself|herself|aged|educated"
    r"|worked|directed|starred|won the nobel)\b",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|professor|sir|lord|lady|king|queen|prince|princess|president|emperor"
    r"|pope|bishop|general|captain|author|writer|poet|painter|composer|engineer|architect|scientist"
    r"|physicist|actor|actress|singer|player|coach|man|woman|boy|girl|father|mother)\b",
    re.IGNORECASE,
)
_THING = re.compile(
    r"^(?:the|a|an|this|these|its)\b|\d|\b(?:university|college|company|corporation|inc|river|lake"
    r"|tower|bridge|hotel|museum|church|city|county|state|island|bowl|park|street|school|band|party"
    r"|war|battle|act|league|club|stadium|project|system|program|book|film)\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?:(?P<before>[\w’']+)\s+)?(?P<name>(?:the\s+)?[A-Z][\w’'.-]+(?:\s+[A-Z][\w’'.-]+)*)"
)
_PLACES = frozenset(
    listed("in at near from to of for on across through around inside outside since")
)
_PLURAL = re.compile(r"(?<![sui])s$|\bpeople$|\bmen$|\bwomen$|\bchildren$|\band\b", re.IGNORECASE)
_BEHIND = re.compile(r"\s(?:of|in|for|with|at|from|on|by|to|between|among|during)\s")
_MONTHS = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b"
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What the clause before spoke of: its subject, what it said, and whether it is a person."""

    subject: str = ""
    said: str = ""
    person: bool = False

    @property
    def plural(self) -> bool:
        """True where the head of the subject is a plural."""
        return _PLURAL.search(_BEHIND.split(self.subject)[0]) is not None

    @property
    def rivals(self) -> tuple[str, ...]:
        """The other names of the clause, those behind "in" and its like left out."""
        rest = _MONTHS.sub("", self.said.partition(self.subject)[2])
        return tuple(
            match["name"]
            for match in _NAME.finditer(rest)
            if (match["before"] or "").lower() not in _PLACES
        )

    @property
    def others(self) -> bool:
        """True where the clause names anything else."""
        return _NAME.search(_MONTHS.sub("", self.said.partition(self.subject)[2])) is not None


def topic(subject: str, said: str, before: Topic) -> Topic:
    """Return what a clause speaks of, with what is known of it from the clause before."""
    same = before.person and subject == before.subject
    title = _TITLE.search(subject) is not None
    named = not _THING.search(subject) and _PERSONAL.search(said) is not None
    return Topic(subject, said, same or title or named)


def resolved(clause: str, before: Topic) -> str:
    """Return the clause with its first pronoun resolved; "" where it has none or one is unsure."""
    found = _PRONOUN.match(clause)
    if found is None or not before.subject:
        return ""
    word, rest = found["word"].lower(), found["rest"]
    if not _fits(word, rest, before):
        return ""
    name = before.subject
    if word in ("its", "his", "her", "their"):
        if word == "her" and not re.match(r"[a-z]+\s", rest):
            return ""
        name += "’" if name.endswith("s") else "’s"
    return f"{name}{found['gap']}{rest}"


def _fits(word: str, rest: str, before: Topic) -> bool:
    if word in ("they", "their"):
        return before.plural and not before.rivals
    if before.plural:
        return False
    if word in ("it", "its"):
        if before.person or (word == "it" and _EMPTY.match(rest)):
            return False
        return _THING.search(before.subject) is not None or not before.others
    proper = before.subject[:1].isupper() and not _THING.search(before.subject)
    return (before.person or proper) and not before.rivals
