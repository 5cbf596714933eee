"""Splits an answer into claims: sentences, list items, and clauses where one says two things.

Law: `answer[claim.start:claim.end] == claim.text`. A claim's text keeps its citation marks;
`bare` takes them off. Finer units are judged better than whole answers (FActScore, 2305.14251).
"""

import re
from collections.abc import Iterator

from agents.check.verbs import has_verb
from agents.check.words import bare as bare
from agents.check.words import cjk_share
from agents.events import Claim
from retrieval.sentences import Span, sentences

MARK = re.compile(r"[\[【［]\s*\d{1,3}(?:\s*[,，、;\-–]\s*\d{1,3})*\s*[\]】］]")
"""A citation mark: [1], [1, 2], [1-3], 【1】."""

_LEADING = re.compile(rf"(?:\s*{MARK.pattern})+[\s.。]*")
_CITED_LINE = re.compile(rf"{MARK.pattern}(?P<end>)[ \t]*\n\s*")
_TRAILING = re.compile(rf"(?:{MARK.pattern}[\s.,;:!。！；，]*)+$")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_LABEL = re.compile(r"(\*\*|__)[^*_\n]+?:?\1:?")
_UNDERLINE = re.compile(r"\s*(?:={3,}|-{3,})\s*")
_QUESTION = re.compile(r"[?？][\"'”’」』)）]*$")
_LEAD_IN = re.compile(
    r"^(?:here|below|these|this|the following)\b[^,.]*:$|^(?:以下|如下|下面|这里)[^，。]*[:：]$"
    r"|\b(?:is|are|was|were|includes?|included|including|as follows|the following|below|these):$"
    r"|(?:如下|以下|包括|有|是)[:：]$",
    re.IGNORECASE,
)
_TALK = re.compile(
    r"^(?:sure|certainly|of course|okay|ok|yes|no|thanks?|thank you|hello|hi|great question|overall"
    r"|in (?:summary|conclusion|short)|to (?:summari[sz]e|sum up|conclude)|however|therefore"
    r"|i hope (?:this|that) helps.*|let me know .*"
    r"|here(?: is|'s|’s| are) (?:what|the answer|my answer|a summary|the summary)[^.]*"
    r"|based on the (?:quotes?|sources?|context|text|passages?)(?: above)?"
    r"|当然|好的|总之|综上所述|希望(?:这|以上).*)[\s.!,:。！，：]*$",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"(?P<and>,\s+(?:and|but|while|whereas)\s+)|(?P<semicolon>\s*[;；]\s*)|(?P<which>,\s+(?=which\s))"
    r"|(?P<cjk>，(?:而且|并且|但是|但|同时|而)(?=\S))"
)
_SUBORDINATE = re.compile(
    r"^(?:if|when|whenever|while|because|since|although|though|unless|until|after|before|once|as|"
    r"whether|despite|both|either|neither|not only)\b|如果|虽然|尽管|因为|当",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:not (?:true|the case)|false that|if|unless|whether|neither|nor"
    r"|(?:said|says?|claim(?:s|ed)?|believ(?:e|es|ed)|argu(?:e|es|ed)|thought|think|thinks"
    r"|denied|denies|alleg(?:e|es|ed)|report(?:s|ed)|suggest(?:s|ed)|stat(?:e|es|ed)) that)\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"(?:it|he|she|they|we|this|these|those|its|his|her|their|the|a|an|there|many|some|most|all"
    r"|both|another|one|two|three|four|five)\b|[A-Z0-9]"
)


def split(answer: str) -> tuple[Claim, ...]:
    """Return the claims of an answer, in order and disjoint.

    Questions, headings and mere connectives are none. A mark belongs to the clause it stands in; a
    clause without one takes the next marks of its sentence and those at the sentence's end.
    """
    claims: list[Claim] = []
    for start, end in _statements(answer):
        claims += _claims(answer, start, end)
    return tuple(claims)


def cites(text: str) -> tuple[int, ...]:
    """Return the numbers that the citation marks of a text name, each once, in order."""
    numbers: dict[int, None] = {}
    for mark in MARK.finditer(text):
        for first, last in re.findall(r"(\d+)(?:\s*[-–]\s*(\d+))?", mark[0]):
            numbers |= dict.fromkeys(range(int(first), max(int(first), int(last or 0)) + 1))
    return tuple(numbers)


def _statements(answer: str) -> Iterator[Span]:
    for start, end in _settled(answer):
        if bare(answer[start:end]) and not _silent(answer, start, end):
            yield start, end


def _settled(answer: str) -> list[Span]:
    """Sentences, with marks that follow a full stop given back to the sentence they close."""
    settled: list[Span] = []
    for start, end in _cited_lines(answer):
        leading = _LEADING.match(answer, start, end)
        if leading and settled and _takes(answer, settled[-1], start):
            settled[-1] = (settled[-1][0], start + len(leading[0].rstrip()))
            start = leading.end()
        if start < end:
            settled.append((start, end))
    return settled


def _cited_lines(answer: str) -> Iterator[Span]:
    """Yield the sentences, and where a line ends with a citation, what stands before its end: a
    quoted line of code or of a table has no full stop."""
    for start, end in sentences(answer):
        at = start
        for line in _CITED_LINE.finditer(answer, start, end):
            yield at, line.start("end")
            at = line.end()
        if at < end:
            yield at, end


def _takes(answer: str, before: Span, start: int) -> bool:
    """True where the marks at `start` close the sentence before them, not open their own."""
    return "\n" not in answer[before[1] : start] and not cites(answer[slice(*before)])


def _silent(answer: str, start: int, end: int) -> bool:
    """True for a span that states nothing: question, heading, lead-in or small talk."""
    text = bare(answer[start:end])
    if _QUESTION.search(text) or _TALK.match(text):
        return True
    line = answer.rfind("\n", 0, start) + 1
    stop = answer.find("\n", end)
    after = answer[stop + 1 :].split("\n", 1)[0] if stop >= 0 else ""
    if _HEADING.match(answer, line) or (after.strip() and _UNDERLINE.fullmatch(after)):
        return True
    if cites(answer[start:end]):
        return False
    if stop >= 0 and _LABEL.fullmatch(text):
        return True
    if not text.endswith((":", "：")):
        return False
    label = not has_verb(text) and cjk_share(text) < 0.5
    return label or _LEAD_IN.search(text) is not None


def _claims(answer: str, start: int, end: int) -> Iterator[Claim]:
    ending = _TRAILING.search(answer[start:end])
    last = cites(ending[0]) if ending else ()
    clauses = list(_clauses(answer, start, end))
    own = [cites(answer[slice(*clause)]) for clause in clauses]
    for index, (first, stop) in enumerate(clauses):
        following = next((marks for marks in own[index:] if marks), ())
        inherited = tuple(dict.fromkeys(following + last))
        yield Claim(answer[first:stop], first, stop, own[index] or inherited)


def _clauses(answer: str, start: int, end: int) -> Iterator[Span]:
    text = answer[start:end]
    if _SUBORDINATE.search(bare(text)) or _REPORTED.search(text):
        yield start, end
        return
    at = start
    for joint in _JOINT.finditer(text):
        left, right = answer[at : start + joint.start()], text[joint.end() :]
        if (
            _closed(left)
            and _says(left, "which" if joint["which"] else "")
            and _opens(joint, right)
        ):
            yield at, start + joint.start()
            at = start + joint.end()
    yield at, end


def _closed(left: str) -> bool:
    """True where no bracket or quotation is left open."""
    pairs = ("()", "[]", "“”", "（）", "「」", "《》")
    return left.count('"') % 2 == 0 and all(
        left.count(pair[0]) == left.count(pair[1]) for pair in pairs
    )


def _says(text: str, relative: str) -> bool:
    if cjk_share(text) > 0.5:
        return len(bare(text)) >= 6
    return has_verb(text) and len(bare(text).split()) >= (2 if relative else 3)


def _opens(joint: re.Match[str], right: str) -> bool:
    """True where the right side is a statement of its own, with a subject and a verb of its own."""
    clause = re.split(r",\s+(?:and|but|which)\s|[;；]", right)[0]
    if not _says(clause, joint["which"] or ""):
        return False
    if joint["which"] or joint["cjk"] or joint["semicolon"]:
        return True
    return _SUBJECT.match(right) is not None and not _listing(clause)


def _listing(clause: str) -> bool:
    """True for the tail of a list ("and the city that was sacked"): its verb is a relative's."""
    relative = re.search(r"\b(?:that|who|which|whose|where)\b", clause)
    return relative is not None and not has_verb(clause[: relative.start()])
