"""Cuts text into sentences by offset, in English and in scripts that write no spaces."""

import re
from collections.abc import Iterator

Span = tuple[int, int]

WRAP = 45
"""A line at least this wide (columns; a CJK character fills two) may run on into the next line."""

_CJK = r"\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
_STOP = re.compile(
    rf"""
    (?<![.!?…]) [.!?…]++ (?: ["'”’»)\]*_] | \[\d{{1,3}}(?:,\s?\d{{1,3}})*\] )*
      (?= \s | $ | [{_CJK}] )
    | [。！？｡]+ [」』”’"']* (?! [）)】》〉\]] )
    """,
    re.VERBOSE,
)
ITEM = re.compile(
    r"\s*(?:[-*+•◦▪‣–·]|\(?\d{1,3}[.)]|\(?[a-z]\)|[（(]?[一二三四五六七八九十]+[、)）])\s+"
)
_MARKER = re.compile(rf"(?:{ITEM.pattern}|\s*#{{1,6}}\s+|\s*>\s?)*")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_WIDE = re.compile(rf"[{_CJK}\uac00-\ud7af]")
_REST = re.compile(r"\s*\Z")
_WORD = re.compile(r"[^\W_]")
_LAST = re.compile(r"[^\s(\[“\"'‘]*$")
_NEXT = re.compile(r"[\s\"'“‘(\[*_]*(\w+)?")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _words(
    "mr mrs ms dr prof st gen col lt sgt capt cmdr gov sen rep rev hon pres fr mt ft messrs mme"
    " e.g i.e eg ie vs cf viz ca approx no nos fig figs eq eqs sec ch vol pp p ed eds al resp"
    " incl esp dept univ ave blvd op mlle"
)
_NUMBERED = _words("no nos fig figs eq eqs sec ch vol pp p op ft mt ca approx")
_OPEN = _words(
    "etc inc ltd co corp jr sr bros ph.d m.d b.a m.a d.c a.m p.m a.d b.c"
    " jan feb mar apr jun jul aug sep sept oct nov dec"
)
_STARTERS = _words(
    "a an the this that these those it its he she they we you i his her their our my there here"
    " in on at by for from with without as if when while where after before since until although"
    " though because but and or so yet however then thus also some many most all both each every"
    " one two no not what who why how which today later during despite according"
)


def sentences(text: str) -> list[Span]:
    """Return the (start, end) offsets of the sentences of `text`, in order and disjoint.

    Spans are trimmed of white space and of list, heading and quotation markers, and hold at least
    one letter or digit; what stands between them is white space, markers and rules. A blank line,
    a heading, a list item, a table row and a line too short to have been wrapped end a sentence.
    """
    spans = (_trim(text, *span) for block in _blocks(text) for span in _cut(text, *block))
    return [(start, end) for start, end in spans if _WORD.search(text, start, end)]


def _blocks(text: str) -> Iterator[Span]:
    """Join wrapped lines into blocks that no sentence crosses."""
    start = end = 0
    before, fenced = "", False
    for line in text.splitlines(keepends=True):
        fence = _FENCE.match(line) is not None
        if fenced or fence or not _runs_on(before, line):
            yield start, end
            start = end
        fenced ^= fence
        end += len(line)
        before = "" if fence else line
    yield start, end


def _runs_on(line: str, after: str) -> bool:
    """Whether a sentence of `line` may go on in the line after it."""
    if not _WORD.search(line) or not _WORD.search(after):
        return False
    if _HEADING.match(line) or _HEADING.match(after) or ITEM.match(after):
        return False
    if _row(line) or _row(after):
        return False
    width = len(line.strip()) + len(_WIDE.findall(line))
    return width >= WRAP or after.lstrip()[0].islower()


def _row(line: str) -> bool:
    return line.lstrip().startswith("|") or " | " in line


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    block = text[start:end]
    marker = _MARKER.match(block)
    at = marker.end() if marker else 0
    for stop in _STOP.finditer(block, at):
        if _ends(block, stop.start(), stop.end()):
            yield start + at, start + stop.end()
            at = stop.end()
    yield start + at, end


def _ends(block: str, stop: int, after: int) -> bool:
    """Whether the stop at `stop`, whose closing marks end at `after`, ends a sentence."""
    if block[stop] in "。！？｡" or _REST.match(block, after):
        return True
    following = _NEXT.match(block, after)
    word = (following and following[1]) or ""
    if word[:1].islower():
        return False
    if block[stop] != "." or (after > stop + 1 and block[stop + 1] == "."):
        return True
    return _full_stop(block[max(0, stop - 40) : stop], word)


def _full_stop(before: str, word: str) -> bool:
    """Whether a full stop between `before` and the word after it is more than a short form's."""
    match = _LAST.search(before)
    last = match[0].lower() if match else ""
    if last in _TITLES:
        return last in _NUMBERED and not word[:1].isdigit() and word.lower() in _STARTERS
    initial = len(last) == 1 and last.isalpha()
    if initial or last in _OPEN or re.fullmatch(r"(?:[a-z]\.)+[a-z]", last):
        return word.lower() in _STARTERS
    return True


def _trim(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())
