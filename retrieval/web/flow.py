"""Takes a page apart into blocks: paragraphs, headings, list items, rows of tables and code."""

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Kind = Literal["text", "heading", "item", "row", "code"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. `anchor` tells links apart, 0 outside of one; `hard` text keeps its spaces."""

    text: str
    anchor: int = 0
    href: str = ""
    hard: bool = False


@dataclass(slots=True)
class Block:
    """What stands apart from what is before and after it.

    `level` is 1 to 6 for a heading. `prefix` is a bullet or number, or the first bar of a row.
    `aside` marks what stands in navigation, footers and the like, `main` what stands in the
    element that the page itself calls its main one. A `close` block follows the one before on the
    next line, without a blank one between.
    """

    kind: Kind = "text"
    level: int = 0
    prefix: str = ""
    aside: bool = False
    main: bool = False
    close: bool = False
    pieces: list[Piece] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words, white space as in the markup."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class _Around:
    """What holds for the text inside an element; `solid` blocks are not broken by other ones."""

    aside: bool = False
    main: bool = False
    solid: Kind | None = None
    lists: int = 0
    table: "HtmlElement | None" = None
    anchor: int = 0
    href: str = ""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DROPPED = _names(
    "script style template svg iframe object canvas select textarea input audio video map head"
    " datalist noframes frameset embed progress meter"
)
_ASIDE = _names("nav footer aside dialog menu noscript")
_ROLES = _names("navigation banner contentinfo complementary search dialog alertdialog")
_BLOCKS = _names(
    "p div section article main header footer nav aside form blockquote figure figcaption address"
    " details summary ul ol dl dt dd li table caption tr td th pre hr fieldset legend center body"
    " noscript dialog menu hgroup search h1 h2 h3 h4 h5 h6"
)
_HEADING = re.compile("h([1-6])")
_CLUTTER = _names("headerlink linenos mw-editsection copybtn")
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LONG_CELL = 1_000
_DEEPEST = 8
_WRAPPED = 3
_PARTS, _FEW_PARTS = ".//p | .//div | .//li", 2


def blocks(root: "HtmlElement") -> list[Block]:
    """Return the blocks of a page in its order, those beside the main text among them."""
    return _Walk(root).blocks


class _Walk:
    """One way through a tree. Markup nests deeper than Python recurses: it has its own stack."""

    def __init__(self, root: "HtmlElement") -> None:
        from lxml import etree

        self.blocks: list[Block] = []
        self._around = _Around()
        self._open: Block | None = None
        self._next = Block()
        self._anchors = 0
        self._numbers: dict[HtmlElement, int] = {}
        self._tabular: dict[HtmlElement, bool] = {}
        self._last_table: HtmlElement | None = None
        outer: list[_Around] = []
        skipped: HtmlElement | None = None
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                if self._hidden(element, tag):
                    skipped = element
                    walk.skip_subtree()
                    continue
                outer.append(self._around)
                self._enter(element, tag)
                self._write(element.text)
                continue
            if element is not skipped:
                self._leave(tag)
                self._around = outer.pop()
            if element is not root:
                self._write(element.tail)
        self._close()

    def _hidden(self, element: "HtmlElement", tag: str) -> bool:
        if tag == "math":
            # Where formulas are MathML, this attribute holds them as TeX.
            self._write(element.get("alttext"))
            return True
        if not tag or tag in _DROPPED or (tag == "button" and self._around.solid != "heading"):
            return True
        if not element.attrib or tag in ("html", "body"):
            return False
        if element.get("hidden") is not None or element.get("aria-hidden") == "true":
            return True
        clutter = _CLUTTER.intersection((element.get("class") or "").split())
        return bool(clutter or _HIDING.search(element.get("style") or ""))

    def _enter(self, element: "HtmlElement", tag: str) -> None:
        if tag == "a":
            self._anchors += 1
            href = element.get("href") or ""
            self._around = replace(self._around, anchor=self._anchors, href=href)
        elif tag == "br":
            self._break()
        elif tag in _BLOCKS:
            if self._around.solid:
                self._part(element, tag)
            else:
                self._close()
                self._begin(element, tag)

    def _begin(self, element: "HtmlElement", tag: str) -> None:
        """Say how the next block begins; a bullet waits for the first text in its item."""
        around = _inside(element, tag, self._around)
        heading = _HEADING.fullmatch(tag)
        if heading:
            self._next, around = Block("heading", int(heading[1])), replace(around, solid="heading")
        elif tag == "pre":
            self._next, around = Block("code"), replace(around, solid="code")
        elif tag == "li":
            self._next = self._item(element, around.lists)
        elif tag == "tr" and around.table is not None and self._holds_data(around.table):
            self._open = Block("row", 0, "| ", close=around.table is self._last_table)
            self._last_table, around = around.table, replace(around, solid="row")
        self._around = around

    def _part(self, element: "HtmlElement", tag: str) -> None:
        """Part what stands in a block of one piece, as cells in a row or lines in code."""
        if self._around.solid == "code":
            if self._open is not None and not self._open.text.endswith("\n"):
                self._piece("\n", hard=True)
        else:
            cell = tag in ("td", "th") and element.getprevious() is not None
            self._piece(" | " if cell else " ")

    def _leave(self, tag: str) -> None:
        if tag not in _BLOCKS:
            return
        if self._around.solid == "row" and tag == "tr":
            self._piece(" |")
        elif self._around.solid and tag != "pre" and not _HEADING.fullmatch(tag):
            if self._around.solid != "code":
                self._piece(" ")
            return
        self._close()
        if tag in ("li", "pre") or _HEADING.fullmatch(tag):
            self._next = Block()

    def _item(self, element: "HtmlElement", depth: int) -> Block:
        parent, first, bullet = element.getparent(), True, "- "
        if parent is not None:
            first = parent not in self._numbers
            number = 1 + self._numbers.get(parent, _start(parent) - 1)
            self._numbers[parent] = number
            bullet = f"{number}. " if parent.tag == "ol" else bullet
        prefix = "  " * (min(max(depth, 1), _DEEPEST) - 1) + bullet
        return Block("item", 0, prefix, close=not first or depth > 1)

    def _holds_data(self, table: "HtmlElement") -> bool:
        """Whether a table holds data, rather than laying out a page."""
        if table not in self._tabular:
            self._tabular[table] = _tabular(table)
        return self._tabular[table]

    def _write(self, text: str | None) -> None:
        if not text:
            return
        if self._open is None:
            if not text.strip():
                return
            self._open, self._next = self._next, Block()
            self._open.aside, self._open.main = self._around.aside, self._around.main
        self._piece(text, hard=self._around.solid == "code")

    def _piece(self, text: str, *, hard: bool = False) -> None:
        if self._open is not None:
            around = self._around
            self._open.pieces.append(Piece(text, around.anchor, around.href, hard))

    def _break(self) -> None:
        """End a line; two line breaks in a row end the block."""
        if self._open is None:
            return
        if self._around.solid == "code":
            self._piece("\n", hard=True)
        elif self._around.solid:
            self._piece(" ")
        elif self._open.text.rstrip(" \t").endswith("\n") and self._open.pieces[-1].hard:
            self._close()
        else:
            self._piece("\n", hard=True)

    def _close(self) -> None:
        done, self._open = self._open, None
        if done is None or not done.text.strip(" |\t\r\n\xa0"):
            return
        if done.kind == "row":
            done.aside, done.main = self._around.aside, self._around.main
        self.blocks.append(done)


def _inside(element: "HtmlElement", tag: str, around: _Around) -> _Around:
    role = element.get("role")
    main = around.main or tag in ("main", "article") or role == "main"
    aside = around.aside or tag in _ASIDE or role in _ROLES
    if tag == "header" and not main:
        aside = aside or element.find(".//nav") is not None or element.find(".//form") is not None
    if tag == "form":
        # Some servers wrap the whole of a page in a form.
        aside = aside or len(element.findall(".//p")) < _WRAPPED
    lists = around.lists + (tag in ("ul", "ol"))
    table = element if tag == "table" else around.table
    if (aside, main, lists, table) == (around.aside, around.main, around.lists, around.table):
        return around
    return replace(around, aside=aside, main=main, lists=lists, table=table)


def _start(parent: "HtmlElement") -> int:
    given = parent.get("start") or ""
    return int(given) if re.fullmatch(r"\d{1,6}", given) else 1


def _tabular(table: "HtmlElement") -> bool:
    if table.get("role") in ("presentation", "none") or table.find(".//table") is not None:
        return False
    rows = table.findall(".//tr")
    if max((len(row) for row in rows), default=0) < 2:
        return False
    cells = [cell for row in rows for cell in row if cell.tag in ("td", "th")]
    if any(cell.tag == "th" for cell in cells):
        return True
    # Without a header it may lay out a page: then its cells hold more than values.
    return not any(
        len("".join(cell.itertext())) > _LONG_CELL or len(cell.xpath(_PARTS)) > _FEW_PARTS
        for cell in cells
    )
