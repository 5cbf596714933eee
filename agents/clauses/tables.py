"""Tables of Markdown in an answer: each cell of a row says one thing of the row's name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.check.verbs import is_verb
from agents.check.words import bare, cjk_share
from agents.clauses.marks import cites
from agents.clauses.part import Part
from retrieval.sentences import Span

_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*")
_SAYS = re.compile(r"[^\W_]")
_NOTHING = re.compile(
    r"(?:n/?a|none|unknown|not (?:stated|given|known|available)|无|未知|不详)", re.IGNORECASE
)
_VALUE = re.compile(
    r"(?:values?|details?|descriptions?|answers?|information|值|内容|说明|数值|详情)", re.IGNORECASE
)
_TITLED = re.compile(r"\b[A-Z](?=[a-z]*\b)")


@dataclass(frozen=True, slots=True)
class Table:
    """A table from its header to the end of its last row; `rows` are the spans of body lines."""

    start: int
    end: int
    header: Span
    rows: tuple[Span, ...]


def tables(answer: str) -> list[Table]:
    """Return the tables of an answer that stand in no quotation, in order."""
    lines = _lines(answer)
    found: list[Table] = []
    for index in range(1, len(lines)):
        header, rule = answer[slice(*lines[index - 1])], answer[slice(*lines[index])]
        if "|" not in header or "|" not in rule or not _RULE.fullmatch(rule):
            continue
        before = answer[: lines[index - 1][0]]
        if before.count("“") != before.count("”") or header.lstrip().startswith("“"):
            continue
        rows = []
        for line in lines[index + 1 :]:
            if "|" not in answer[slice(*line)]:
                break
            rows.append(line)
        if rows:
            found.append(Table(lines[index - 1][0], rows[-1][1], lines[index - 1], tuple(rows)))
    return found


def cells(answer: str, table: Table) -> Iterator[Part]:
    """Yield what each cell of a table says, with the numbers that its cell, row or column cite."""
    heads = [answer[slice(*cell)] for cell in _cells(answer, table.header)]
    for row in table.rows:
        spans = _cells(answer, row)
        own = cites(answer[slice(*row)])
        name = bare(answer[slice(*spans[0])]) if len(spans) > 1 else ""
        for column, (start, end) in enumerate(spans):
            text = answer[start:end]
            if (column == 0 and len(spans) > 1) or not _tells(text):
                continue
            head = heads[column] if column < len(heads) else ""
            marks = cites(text) or own or cites(head)
            yield Part(start, end, _told(name, bare(head), bare(text)), name, marks)


def _tells(cell: str) -> bool:
    said = bare(cell)
    return _SAYS.search(said) is not None and _NOTHING.fullmatch(said) is None


def _told(name: str, head: str, said: str) -> str:
    """The cell under its header, of its row: "The height of Eiffel Tower is 330 m"."""
    head = "" if _VALUE.fullmatch(head) else _TITLED.sub(lambda letter: letter[0].lower(), head)
    if cjk_share(f"{name}{head}{said}") > 0.5:
        return f"{'的'.join(part for part in (name, head) if part)}是{said}" if name or head else ""
    if name and is_verb(head):
        return f"{name} {head} {said}"
    thing = f"The {head} of {name}" if head and name else f"The {head}" if head else name
    return f"{thing} is {said}" if thing else ""


def _cells(answer: str, line: Span) -> list[Span]:
    """The spans of the cells of a line, trimmed; an empty one between bars is a span of nothing."""
    text = answer[slice(*line)]
    begin = text.index("|") + 1 if text.lstrip().startswith("|") else 0
    end = len(text.rstrip())
    end -= text[:end].endswith("|")
    spans: list[Span] = []
    at = begin
    for bar in [*re.finditer(r"(?<!\\)\|", text[begin:end]), None]:
        stop = begin + bar.start() if bar else end
        cell = text[at:stop]
        first = at + len(cell) - len(cell.lstrip())
        spans.append((line[0] + first, line[0] + max(first, at + len(cell.rstrip()))))
        at = stop + 1
    return spans


def _lines(answer: str) -> list[Span]:
    spans, at = [], 0
    for line in answer.splitlines(keepends=True):
        spans.append((at, at + len(line.rstrip("\r\n"))))
        at += len(line)
    return spans
