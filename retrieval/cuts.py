"""Chooses where a text is cut: at the boundaries that part least, into pieces short enough."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from retrieval.blocks import Block, blocks
from retrieval.sentences import ITEM, sentences

Span = tuple[int, int]

PARAGRAPH, ROW, SENTENCE, STOP, LINE, LEADING = 0.0, 0.05, 0.1, 0.2, 0.3, 0.4
CLAUSE, WORD, ANYWHERE = 0.6, 1.0, 2.0
"""What a cut costs by what it parts, in units of the cost of an empty piece. A stop is where a
sentence may end that is not known to."""

IDEAL = 0.75
"""Share of the longest length that a piece should have: the rest lets it end at a good boundary."""

DENSE = 50
"""Of more boundaries than this in one piece's length, not all are weighed."""

_STOP = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+")
_GAP = re.compile(r"\n[^\S\n]*\n\s*")
_CLAUSE = re.compile(r"(?<=[;:；：、，])\s*|(?<=,)\s+|[^\S\n](?=\|)")
_WORD = re.compile(r"\s+")
_INK = re.compile(r"\S")
_ENDED = re.compile(r"[.!?…。！？；;][\"'”’»)\]」』]*$")
_SHORT = 80


def pieces(text: str, size: int) -> list[Span]:
    """Return the spans that `text` is cut into: trimmed, in order, at most `size` characters each.

    All text but white space lies in one of them. Of all ways to cut, the cheapest is taken: each
    cut costs by what it parts, and each piece by the square of the share of the ideal length that
    it lacks or has too much; so pieces come out alike.
    """
    start, end = _next(text, 0), len(text.rstrip())
    if end - start <= size:
        return [(start, end)] if start < end else []
    costs = {at: cost for at, cost in boundaries(text, size).items() if start < at < end}
    starts = [start, *_thinned(sorted(costs), costs, size), end]
    for pattern, cost in ((_CLAUSE, CLAUSE), (_WORD, WORD), (None, ANYWHERE)):
        starts = list(_finer(text, starts, size, pattern))
        costs |= {at: cost for at in starts if at not in costs}
    return _cheapest(text, starts, costs, size)


def boundaries(text: str, size: int) -> dict[int, float]:
    """Return where a piece may begin without parting a sentence, a row or a line, with the cost.

    There is no such place in fenced code of at most `size` characters.
    """
    costs: dict[int, float] = {}
    before = "prose"
    for block in blocks(text):
        joint = _joint(text, block.start, PARAGRAPH) if before == "prose" else PARAGRAPH
        costs[_next(text, block.start)] = joint
        before = block.kind
        match block.kind:
            case "prose":
                costs |= _prose(text, block)
            case "table":
                # The first row stays with the header.
                rows = block.lines[3 if block.ruled else 2 :]
                costs |= {_next(text, row): ROW for row in rows}
            case "code" if not block.fenced or block.end - block.start > size:
                costs |= _code(text, block)
    return costs


def _prose(text: str, block: Block) -> dict[int, float]:
    part = text[block.start : block.end]
    costs = {block.start + stop.end(): STOP for stop in _STOP.finditer(part)}
    costs |= {_next(text, block.start + end): SENTENCE for _, end in sentences(part)}
    costs |= {block.start + gap.end(): PARAGRAPH for gap in _GAP.finditer(part)}
    inside = {at: cost for at, cost in costs.items() if block.start < at < block.end}
    return {at: _joint(text, at, cost) for at, cost in inside.items()}


def _joint(text: str, at: int, cost: float) -> float:
    """Return what a cut at `at` costs: more where a heading or a colon before it leads in."""
    before = text[max(0, at - 400) : at]
    written = before.rstrip()
    line = written.rpartition("\n")[2].strip()
    if not line or "\n" not in before[len(written) :]:
        return cost
    heads = len(line) <= _SHORT and not _ENDED.search(line) and not ITEM.match(line)
    return LEADING if heads or line.endswith((":", "：")) else cost


def _code(text: str, block: Block) -> dict[int, float]:
    """A blank line parts code best before what is not indented; fences stay with their code."""
    costs: dict[int, float] = {}
    lines = block.lines[1:-1] if block.fenced else block.lines
    for before, at in pairwise(lines):
        if text[at : at + 1] in ("", "\n"):
            continue
        blank = not text[before:at].strip()
        costs[_next(text, at)] = (LINE if text[at].isspace() else SENTENCE) if blank else CLAUSE
    return costs


def _thinned(starts: Sequence[int], costs: dict[int, float], size: int) -> list[int]:
    """Of boundaries that lie close to each other everywhere, keep the cheapest of each stretch."""
    width = max(1, size // DENSE)
    if not starts or len(starts) * width < starts[-1] - starts[0]:
        return list(starts)
    best: dict[int, int] = {}
    for at in starts:
        stretch = at // width
        if stretch not in best or costs[at] < costs[best[stretch]]:
            best[stretch] = at
    return list(best.values())


def _finer(
    text: str, starts: Sequence[int], size: int, pattern: re.Pattern[str] | None
) -> Iterator[int]:
    """Yield the starts; between those too far apart what the pattern finds, or every `size`."""
    yield starts[0]
    for start, following in pairwise(starts):
        end = _ended(text, start, following)
        if end - start > size:
            if pattern is None:
                yield from range(start + size, end, size)
            else:
                last = start
                for found in pattern.finditer(text, start, following):
                    if last + size // DENSE < found.end() < following:
                        last = found.end()
                        yield last
        yield following


def _cheapest(text: str, starts: Sequence[int], costs: dict[int, float], size: int) -> list[Span]:
    """Choose among the starts, the last of which is the end, by the shortest path."""
    ends = [0, *(_ended(text, a, b) for a, b in pairwise(starts))]
    least, come = [0.0], [0]
    first = 0
    for here in range(1, len(starts)):
        while ends[here] - starts[first] > size:
            first += 1
        lacks = (1 - (ends[here] - start) / (IDEAL * size) for start in starts[first:here])
        cost, origin = min((least[at] + lack**2, at) for at, lack in enumerate(lacks, start=first))
        least.append(cost + costs.get(starts[here], 0.0))
        come.append(origin)
    chosen, here = [], len(starts) - 1
    while here:
        chosen.append((starts[come[here]], ends[here]))
        here = come[here]
    return chosen[::-1]


def _next(text: str, at: int) -> int:
    """Return the offset of the first character from `at` on that is no white space."""
    found = _INK.search(text, at)
    return found.start() if found else len(text)


def _ended(text: str, start: int, end: int) -> int:
    """Return where the text of a span ends, without the white space after it."""
    return start + len(text[start:end].rstrip())
