"""Cuts an English sentence into clauses that say one thing each, where that is safe."""

import re
from collections.abc import Iterator

from agents.check.verbs import has_verb, is_verb
from agents.check.words import bare, listed
from agents.clauses.part import Part
from agents.clauses.subject import predicate, subject

_JOINT = re.compile(
    r"(?P<and>,\s+(?:and|but|while|whereas)\s+)|(?P<semicolon>\s*;\s*)"
    r"|(?P<which>,\s+(?=(?:which|who)\s))|(?P<plain>\s+(?:and|but)\s+)|(?P<comma>,\s+(?=[a-z]))"
)
_SUBORDINATE = re.compile(
    r"^(?:if|when|whenever|while|because|since|although|though|unless|until|after|before|once|as|"
    r"whether|despite|both|either|neither|not only)\b",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:not (?:true|the case)|false that|if|unless|whether|neither|nor|respectively"
    r"|(?:said|says?|claim(?:s|ed)?|believ(?:e|es|ed)|argu(?:e|es|ed)|thought|think|thinks"
    r"|denied|denies|alleg(?:e|es|ed)|report(?:s|ed)|suggest(?:s|ed)|stat(?:e|es|ed)) that)\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"(?:it|he|she|they|we|this|these|those|its|his|her|their|the|a|an|there|many|some|most|all"
    r"|both|another|one|two|three|four|five)\b|[A-Z0-9]"
)
_ADVERB = re.compile(r"(?:(?:also|then|later|now|still|often|usually|soon|today|[a-z]+ly)\s+)*")
_AUXILIARY = frozenset(
    listed("is are was were has have had can could will would may might must does did")
)
_NOUNS = frozenset(
    listed("""cost costs covers plays shows stands turns uses works needs runs takes gets causes
    changes claims controls ends feeds flows forms forces increases links offers permits points
    results returns rules spans starts stays stores supports views yields leads means sets lies
    holds helps finds wins cut hit hurt let shot shut split spread beat set felt left saw thought
    be been being am do having found ground wound rose bore served born spent meant""")
)
"""Forms that may be nouns or parts of other verbs behind "and"."""
_PAST = re.compile(
    r"[a-z]{3,}ed|built|made|held|kept|led|lost|paid|sold|sent|told|taught|bought|brought|fought"
    r"|won|met|made"
)
_PARTICIPLE = re.compile(
    rf"{_PAST.pattern}|born|known|written|given|taken|seen|done|drawn|grown|shown|thrown|chosen"
    r"|broken|spoken|hidden|founded|found|laid|left|set|put|cut|hit|begun|sung|worn|torn|driven"
)
_GOES_ON = re.compile(
    r"(?:$|[.!?]|(?:in|on|at|by|for|with|from|to|into|as|of|over|under|after|before|during|until"
    r"|near|against|about|around|through|between|the|a|an|its|his|her|their|it|him|them|that|this"
    r"|all|both|more|one|two|three|many|several)\b|[A-Z\d]|[a-z]+ly\b)"
)
_SHARED = re.compile(r"(?:in|on|at|by|from|with|as|for|near|during|until|into)\b")
_RELATIVE = re.compile(
    r"\b(?:that|who|which|whose|whom|where|when|because|how|what)\b", re.IGNORECASE
)
_PRONOUNED = re.compile(
    r"(?:it|he|she|they)\s+(?:is|are|was|were|has|have|had|can|could|will|would|also|[a-z]+(?:ed|s))\b"
)
_PRONOUN = re.compile(r"^(?:which|who)\s+")
_INSERTED = re.compile(r"^[^,]+, (?:who|which) [^,]+$")


def clauses(text: str, offset: int) -> Iterator[Part]:
    """Yield the clauses of one sentence; `offset` is where the sentence begins in its answer."""
    if _SUBORDINATE.search(bare(text)) or _REPORTED.search(text):
        yield Part(offset, offset + len(text), "", subject(text))
        return
    at, lead, topic = 0, "", ""
    for joint in _JOINT.finditer(text):
        left, right = text[at : joint.start()], text[joint.end() :]
        if joint.start() <= at or not _closed(left):
            continue
        spoken = topic or subject(left)
        cut = _cut(joint, left, right, spoken)
        if cut is None:
            continue
        stands = _alone(lead, left) or _inserted(left, spoken)
        yield Part(offset + at, offset + joint.start(), stands, spoken)
        at, (lead, topic) = joint.end(), cut
    last = text[at:]
    yield Part(offset + at, offset + len(text), _alone(lead, last), topic or subject(last))


def _cut(joint: re.Match[str], left: str, right: str, spoken: str) -> tuple[str, str] | None:
    """What must stand before the right side that it says one thing alone, and what it speaks of;
    None where the joint is no place to cut."""
    if joint["which"]:
        return _relative(left, right)
    if joint["semicolon"]:
        return ("", "") if _says(left) and _says(_first(right)) else None
    if joint["and"] and _says(left) and _independent(right):
        return "", ""
    if joint["plain"] and _says(left) and not _RELATIVE.search(left) and _PRONOUNED.match(right):
        return "", ""
    return _coordinated(joint, left, right, spoken)


def _alone(lead: str, clause: str) -> str:
    """A clause with its subject put before it, "" where it has its own."""
    return f"{lead}{_PRONOUN.sub('', bare(clause))}" if lead else ""


def _independent(right: str) -> bool:
    """True where the right side has a subject and a verb of its own."""
    clause = _first(right)
    return _says(clause) and _SUBJECT.match(right) is not None and not _listing(clause)


def _first(right: str) -> str:
    return re.split(r",\s+(?:and|but|which)\s|;", right)[0]


def _relative(left: str, right: str) -> tuple[str, str] | None:
    """A relative clause at the end speaks of the name or thing right before it."""
    clause = _first(right)
    if not has_verb(left) or not has_verb(clause) or len(bare(clause).split()) < 3:
        return None
    after = re.search(r",\s+([a-z]+)", clause)
    if after and is_verb(after[1]):
        return None
    thing = _antecedent(left, right)
    return (f"{thing} " if thing else ""), thing


def _antecedent(left: str, right: str) -> str:
    """The name or "the ..." that ends the left side, where nothing else could be meant."""
    text = bare(left).rstrip()
    found = re.search(
        r"(?:^|(?P<before>[\w'’-]+)\s)(?P<name>(?:the\s+)?[A-Z][\w.'’-]*(?:\s+(?:of\s+)?[A-Z\d][\w.'’-]*)*"
        r"|(?:the|a|an)\s+[a-z-]+(?:\s+[a-z-]+){0,2})$",
        text,
    )
    if found is None:
        return ""
    before = (found["before"] or "").lower()
    if not before or is_verb(before) or (before == "by" and right.startswith("who")):
        return found["name"]
    verb = re.search(r"([a-z]+)\s+\w+\s*$", text[: found.start("name")])
    placed = before in ("in", "at", "near", "from", "to", "on") and verb is not None
    proper = found["name"].removeprefix("the ")[:1].isupper()
    return found["name"] if placed and proper and verb and is_verb(verb[1]) else ""


def _coordinated(
    joint: re.Match[str], left: str, right: str, spoken: str
) -> tuple[str, str] | None:
    """A second predicate of the left side's subject: "was built in 1890 and has 40 rooms"."""
    inserted = _INSERTED.match(left) is not None
    if not spoken or spoken.lower() == "there" or not has_verb(left):
        return None
    own = spoken in left
    if len(bare(left).split()) < (3 if own else 2):
        return None
    said = predicate(left, spoken) if own else left
    if not inserted and _RELATIVE.search(said):
        return None
    adverb = _ADVERB.match(right)
    start = right[adverb.end() if adverb else 0 :]
    word = re.match(r"[a-z]+\b(?!['’-])", start)
    if word is None or not is_verb(word[0]) or word[0] in _NOUNS:
        return None
    if joint["comma"] and not inserted and word[0] not in _AUXILIARY:
        return None
    helper = _helper(said, word[0], start[word.end() :].lstrip(), inserted)
    return None if helper is None else (f"{spoken[:1].upper()}{spoken[1:]} {helper}", spoken)


def _helper(said: str, verb: str, after: str, inserted: bool) -> str | None:
    """The auxiliary that a second participle shares with the first one, "" where it needs none,
    None where the verb may be no predicate."""
    if verb in _AUXILIARY or not _PAST.fullmatch(verb):
        return ""
    if not _GOES_ON.match(after):
        return None
    words = re.findall(r"[a-z'’]+", said)
    first, rest = (words[0], words[1:]) if words else ("", [])
    passive = first in ("is", "are", "was", "were") and rest and _PARTICIPLE.fullmatch(rest[0])
    if passive and not inserted:
        return f"{first} " if _SHARED.match(after) else None
    others = [word for word in rest if _PAST.fullmatch(word)]
    return "" if inserted or not others else None


def _inserted(left: str, spoken: str) -> str:
    """ "Smith, who was born in 1890" as a sentence of its own."""
    if _INSERTED.match(left) is None or not spoken:
        return ""
    return f"{spoken} {re.sub(r'^[^,]+, (?:who|which) ', '', bare(left))}"


def _closed(left: str) -> bool:
    """True where no bracket or quotation is left open."""
    pairs = ("()", "[]", "“”", "（）", "「」", "《》")
    return left.count('"') % 2 == 0 and all(
        left.count(pair[0]) == left.count(pair[1]) for pair in pairs
    )


def _says(text: str) -> bool:
    return has_verb(text) and len(bare(text).split()) >= 3


def _listing(clause: str) -> bool:
    """True for the tail of a list ("and the city that was sacked"): its verb is a relative's."""
    relative = re.search(r"\b(?:that|who|which|whose|where)\b", clause)
    return relative is not None and not has_verb(clause[: relative.start()])
