"""Splits an answer into claims: sentences, list items, cells, and clauses that say one thing each.

Law: `answer[claim.start:claim.end] == claim.text`. A claim's text keeps its citation marks;
`bare` takes them off. `stands` is what a clause or cell says alone, with its subject put in.
Finer units are judged better than whole answers (FActScore, 2305.14251).
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from agents.check.verbs import has_verb
from agents.check.words import bare as bare
from agents.check.words import cjk_share
from agents.clauses.antecedent import Topic, resolved, topic
from agents.clauses.antecedent_zh import resolved_han
from agents.clauses.chinese import chinese_clauses
from agents.clauses.english import clauses
from agents.clauses.leads import led
from agents.clauses.marks import MARK as MARK
from agents.clauses.marks import cites as cites
from agents.clauses.part import Part
from agents.clauses.tables import Table, cells, tables
from agents.events import Claim
from retrieval.sentences import ITEM, Span, sentences

_LEADING = re.compile(rf"(?:\s*{MARK.pattern})+[\s.。]*")
_CITED_LINE = re.compile(rf"{MARK.pattern}(?P<end>)[ \t]*\n\s*")
_TRAILING = re.compile(rf"(?:{MARK.pattern}[\s.,;:!。！；，]*)+$")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_LABEL = re.compile(r"(\*\*|__)[^*_\n]+?:?\1:?")
_UNDERLINE = re.compile(r"\s*(?:={3,}|-{3,})\s*")
_QUESTION = re.compile(r"[?？][\"'”’」』)）]*$")
_LEAD_IN = re.compile(
    r"^(?:here|below|these|this|the following)\b[^,.]*:$|^(?:以下|如下|下面|这里)[^，。]*[:：]$"
    r"|\b(?:is|are|was|were|has|have|had|includes?|included|contains?|offers?|including|as follows"
    r"|the following|below|these):$|(?:如下|以下|包括|有|是)[:：]$",
    re.IGNORECASE,
)
_SAYS = re.compile(r"[^\W_]")
"""What stands between two statements: a heading or a question parts what they speak of."""

_TALK = re.compile(
    r"^(?:sure|certainly|of course|okay|ok|yes|no|thanks?|thank you|hello|hi|great question|overall"
    r"|in (?:summary|conclusion|short)|to (?:summari[sz]e|sum up|conclude)|however|therefore"
    r"|i hope (?:this|that) helps.*|let me know .*"
    r"|here(?: is|'s|’s| are) (?:what|the answer|my answer|a summary|the summary)[^.]*"
    r"|based on the (?:quotes?|sources?|context|text|passages?)(?: above)?"
    r"|当然|好的|总之|综上所述|希望(?:这|以上).*)[\s.!,:。！，：]*$",
    re.IGNORECASE,
)


def split(answer: str) -> tuple[Claim, ...]:
    """Return the claims of an answer, in order and disjoint.

    Questions, headings and mere connectives are none. A mark belongs to the clause it stands in; a
    clause without one takes the next marks of its sentence and those at the sentence's end. A cell
    of a table takes those of its row, else those of its column.
    """
    found = tables(answer)
    claims = [
        Claim(answer[part.start : part.end], part.start, part.end, part.marks, part.stands)
        for table in found
        for part in cells(answer, table)
    ]
    before, at = Topic(), 0
    for start, end in _statements(answer, found):
        before = before if not _SAYS.search(ITEM.sub("", answer[at:start])) else Topic()
        at = end
        parts = _alone(answer, start, _parts(answer, start, end), before)
        before = parts[-1][1]
        claims += _claims(answer, start, end, [part for part, _ in parts])
    return tuple(sorted(claims, key=lambda claim: claim.start))


def _statements(answer: str, found: list[Table]) -> Iterator[Span]:
    for start, end in _settled(answer):
        if any(start < table.end and table.start < end for table in found):
            continue
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


def _parts(answer: str, start: int, end: int) -> list[Part]:
    text = answer[start:end]
    cut = chinese_clauses if cjk_share(text) > 0.5 else clauses
    parts = list(cut(text, start))
    if not parts[0].stands:
        parts[0] = replace(parts[0], stands=led(answer, start, bare(text[: parts[0].end - start])))
    return parts


def _alone(answer: str, start: int, parts: list[Part], before: Topic) -> list[tuple[Part, Topic]]:
    """The parts with their pronouns resolved, each with what it speaks of; none within a quotation,
    whose words are another's."""
    if _quoted(answer, start):
        return [(replace(part, stands=""), Topic()) for part in parts]
    settled: list[tuple[Part, Topic]] = []
    pronoun, name = "", ""
    for part in parts:
        own = part.stands or bare(answer[part.start : part.end])
        if pronoun and part.subject == pronoun and own.startswith(pronoun):
            stands = name + own.removeprefix(pronoun)
        elif cjk_share(own) > 0.5:
            stands = resolved_han(own, before.subject, before.said)
        else:
            stands = resolved(own, before)
        if stands and before.subject and stands.startswith(before.subject):
            pronoun, name = part.subject, before.subject
            before = Topic(name, stands, before.person)
        else:
            before = _spoken(part, own, before)
        settled.append((replace(part, stands=stands or part.stands), before))
    return settled


def _spoken(part: Part, said: str, before: Topic) -> Topic:
    """What a part speaks of; nothing where its subject is not plain or a pronoun left open."""
    if not part.subject or _OPEN.fullmatch(part.subject):
        return Topic()
    return topic(part.subject, said, before)


_OPEN = re.compile(
    r"(?:it|he|she|they|we|you|i|this|these|that|those|there|one|some|many|它|他|她|它们|他们|她们|这|这些|其)"
    r"|(?:its|his|her|their|our|my|your)\b.*",
    re.IGNORECASE | re.DOTALL,
)


def _quoted(answer: str, start: int) -> bool:
    """True within an open quotation, or on a line that begins with one."""
    line = answer.rfind("\n", 0, start) + 1
    before = answer[line:start]
    opened = before.count("“") > before.count("”") or before.count('"') % 2 == 1
    return opened or answer[start : start + 1] in ("“", '"')


def _claims(answer: str, start: int, end: int, parts: list[Part]) -> Iterator[Claim]:
    ending = _TRAILING.search(answer[start:end])
    last = cites(ending[0]) if ending else ()
    own = [cites(answer[part.start : part.end]) for part in parts]
    for index, part in enumerate(parts):
        following = next((marks for marks in own[index:] if marks), ())
        inherited = tuple(dict.fromkeys(following + last))
        text = answer[part.start : part.end]
        yield Claim(text, part.start, part.end, own[index] or inherited, part.stands)
