"""Two texts as one HTML text: what was taken out is struck through, what came in is underlined."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

from ui.escape import clean, html

Change = Literal["same", "gone", "new"]

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# A word with the space before it; a CJK character stands alone, as Chinese has no spaces.
_PIECE = re.compile(rf"\s*[{_CJK}]|\s*(?:(?![{_CJK}])[^\W_])+|\s*\S|\s+")
_PIECES = 4_000
"""Beyond so many pieces lines are compared instead of words: word by word would take seconds."""


def changes(before: str, after: str) -> Iterator[tuple[Change, str]]:
    """Yield (what became of it, text) in reading order; all but "new" joined is `before` cleaned,
    all but "gone" is `after`."""
    old, new = _pieces(clean(before)), _pieces(clean(after))
    if max(len(old), len(new)) > _PIECES:
        old = clean(before).splitlines(keepends=True)
        new = clean(after).splitlines(keepends=True)
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield "same", "".join(old[a:b])
            continue
        if b > a:
            yield "gone", "".join(old[a:b])
        if d > c:
            yield "new", "".join(new[c:d])


def diff_html(before: str, after: str) -> str:
    """Return the changes as escaped HTML; line ends are kept for `white-space: pre-wrap`."""
    tags = {"same": "{}", "gone": "<del>{}</del>", "new": "<ins>{}</ins>"}
    return "".join(tags[what].format(html(text)) for what, text in changes(before, after))


def _pieces(text: str) -> list[str]:
    return _PIECE.findall(text)
