"""Chooses the blocks of a page that are its main text.

Trafilatura (Apache-2.0) says what the main text is, as plain words; the blocks that hold these
words are then taken from the page itself, so that no link, heading, table or line of code is lost
on the way, and offsets are exact. Words are compared by runs of four.
"""

import re
from bisect import bisect_left, bisect_right
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from retrieval.web.flow import Block

if TYPE_CHECKING:
    from lxml.html import HtmlElement

RUN = 4
"""Words of a run: shorter blocks are found by where they stand."""

ELEMENTS = 60_000
"""Pages with more elements are not shown to trafilatura: its time grows faster than they do."""

_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")
_FAULTS = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
_SHARE = 0.5
_AHEAD = 40
_FEW = 60
_GENERATORS = re.compile(
    r"sphinx|docutils|mkdocs|docusaurus|vitepress|mdbook|rustdoc|javadoc|doxygen|antora|gitbook",
    re.IGNORECASE,
)
_SPHINX = (
    "//script[@id='documentation_options' or contains(@src, 'documentation_options.js')]"
    " | //div[contains(@class, 'sphinxsidebar')]"
)
_OVERLAP = 2
_OCCASIONS = 4
_TRIES = 50


class _Span(NamedTuple):
    """A block of the page by its number, and the words of the main text that are its own."""

    block: int
    start: int
    end: int


class _Link(NamedTuple):
    """The last span of a chain, and the chain before it."""

    span: _Span
    before: "_Link | None"


def words(text: str) -> list[str]:
    """Return the words of a text in lower case; in Chinese, Japanese and Korean its characters."""
    return _WORD.findall(text.casefold())


def extracted(root: "HtmlElement", url: str) -> str:
    """Return what trafilatura takes for the main text of a page, "" if it finds none."""
    from lxml.etree import LxmlError
    from trafilatura import bare_extraction

    if sum(1 for _ in zip(root.iter(), range(ELEMENTS + 1), strict=False)) > ELEMENTS:
        return ""
    try:
        found = bare_extraction(root, url=url, include_comments=False, include_tables=True)
    except (LxmlError, *_FAULTS):
        # A page that its rules did not foresee is read without it.
        return ""
    return getattr(found, "text", None) or ""


def chosen(blocks: list[Block], main: str) -> list[Block]:
    """Return the blocks of a page that hold the words of its main text, in order."""
    told = words(main)
    spoken = [words(block.text) for block in blocks]
    chain = _chain(_spans(spoken, told))
    covered = bytearray(len(told))
    for span in chain.values():
        covered[span.start : span.end] = b"\1" * (span.end - span.start)
    kept = _between(spoken, [chain.get(at) for at in range(len(blocks))], told)
    return [block for block, keep in zip(blocks, kept, strict=True) if keep]


def listing(root: "HtmlElement", url: str) -> bool:
    """Whether a page is of the kinds whose main part is marked and whose lists of links count.

    Such are the first page of a site, and documentation that Sphinx and its like have made: an
    extractor of articles takes their contents and indexes for navigation.
    """
    if urlsplit(url).path in ("", "/"):
        return True
    made = " ".join(root.xpath("//meta[@name='generator']/@content"))
    return bool(_GENERATORS.search(made) or root.xpath(_SPHINX))


def enough(chosen: list[Block], marked: list[Block]) -> bool:
    """Whether an extractor found the main text, and not some lines beside it."""
    found = sum(len(words(block.text)) for block in chosen)
    return found >= _FEW or 3 * found > sum(len(words(block.text)) for block in marked)


def marked(blocks: list[Block]) -> list[Block]:
    """Return the blocks that the page itself marks as its main ones, else all but those aside."""
    own = [block for block in blocks if not block.aside]
    main = [block for block in own if block.main]
    return main if 3 * _length(main) > _length(own) else own


def _length(blocks: list[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _runs(own: list[str]) -> list[tuple[str, ...]]:
    return [tuple(own[at : at + RUN]) for at in range(len(own) - RUN + 1)]


def _spans(spoken: list[list[str]], told: list[str]) -> list[_Span]:
    """Return where blocks may stand in the main text, those of which most does."""
    places: dict[tuple[str, ...], list[int]] = {}
    for at, run in enumerate(_runs(told)):
        places.setdefault(run, []).append(at)
    spans = []
    for block, own in enumerate(spoken):
        runs = _runs(own)
        shared = [run for run in runs if run in places]
        if runs and len(shared) >= _SHARE * len(runs):
            before, rarest = min(enumerate(shared), key=lambda pair: len(places[pair[1]]))
            for at in places[rarest][:_OCCASIONS]:
                start = max(0, at - before)
                end = min(start + len(shared) + RUN - 1, len(told))
                spans.append(_Span(block, start, end))
    return spans


def _chain(spans: list[_Span]) -> dict[int, _Span]:
    """Return the spans that follow each other both in the page and in the main text.

    Of all such chains it is the one that holds the most words; of two as long, that which stands
    later, as the text does after its teaser.
    """
    # For each place where a chain may end, the longest chain that ends there or before.
    ends, best = [-1], list[tuple[int, _Link | None]]([(0, None)])
    for _, group in groupby(spans, key=lambda span: span.block):
        longer = []
        for span in group:
            total, before = best[bisect_right(ends, span.start + _OVERLAP) - 1]
            longer.append((span.end, total + span.end - span.start, _Link(span, before)))
        for end, total, link in longer:
            first = last = bisect_right(ends, end)
            if best[first - 1][0] > total:
                continue
            first -= ends[first - 1] == end
            while last < len(ends) and best[last][0] <= total:
                last += 1
            ends[first:last], best[first:last] = [end], [(total, link)]
    chain, at = {}, best[-1][1]
    while at is not None:
        chain[at.span.block], at = at.span, at.before
    return chain


def _between(spoken: list[list[str]], found: list[_Span | None], told: list[str]) -> list[bool]:
    """Tell which blocks are kept: those found, and others where they follow in the text.

    These are too short for a run, or say what is said too often to be told apart.
    """
    kept = [span is not None for span in found]
    after, at = _following(found, len(told)), 0
    places: dict[str, list[int]] = {}
    for index, word in enumerate(told):
        places.setdefault(word, []).append(index)
    for index, (own, span) in enumerate(zip(spoken, found, strict=True)):
        if span is not None:
            at = span.end
        elif own:
            first = max(at, after[index] - _AHEAD) if len(own) < RUN else at
            known = places.get(own[0], [])
            begin = bisect_left(known, first)
            for start in known[begin : begin + _TRIES]:
                end = start + len(own)
                if end > after[index] or (len(own) < RUN and start > first + _AHEAD):
                    break
                if told[start:end] == own:
                    kept[index], at = True, end
                    break
    return kept


def _following(found: list[_Span | None], last: int) -> list[int]:
    """Return for each block where the next one that was found begins in the main text."""
    after = []
    for span in reversed(found):
        last = span.start if span is not None else last
        after.append(last)
    return after[::-1]
