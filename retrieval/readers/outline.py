"""Collects text under headings and on pages, with a mark wherever one of them changes."""

from retrieval.documents import Document, Mark
from retrieval.readers.markdown import HEADING
from retrieval.readers.text import clean


class Outline:
    """Text by paragraphs and lines. Marks rise, and stand where text begins."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._marks: list[Mark] = []
        self._path: list[tuple[int, str]] = []
        self._page: int | None = None
        self._in_lines = False

    def page(self, number: int) -> None:
        """Put what follows on a page."""
        self._page = number

    def heading(self, level: int, name: str, *, written: bool = True) -> None:
        """Put what follows under a heading, which is `written` into the text or only marked.

        The headings of the same and of deeper levels end; an empty name does no more than that.
        """
        name = " ".join(clean(name).split())
        self._path = [(above, title) for above, title in self._path if above < level]
        if name:
            self._path.append((level, name[:HEADING]))
            if written:
                self.paragraph(name)

    def paragraph(self, text: str) -> None:
        """Append a paragraph, if there is any text in it."""
        self._put(text, lines=False)

    def line(self, text: str) -> None:
        """Append a line, right below the line before it if that came by this call too."""
        self._put(text, lines=True)

    def pause(self) -> None:
        """Part the lines to come from those before."""
        self._in_lines = False

    def include(self, document: Document) -> None:
        """Append a whole document, its headings under the present one."""
        if not document.text.strip():
            return
        here = self._heading()
        starts = [mark.start for mark in document.marks]
        ends = [*starts, len(document.text)]
        at = self._begin("\n\n", clean(document.text[: ends[0]]))
        self._mark(Mark(at, here, self._page))
        for mark, end in zip(document.marks, ends[1:], strict=True):
            # Cleaning may shorten the text, so offsets are counted anew.
            start = self._begin("", clean(document.text[mark.start : end]))
            path = " > ".join(part for part in (here, mark.heading) if part)
            self._mark(Mark(start, path, self._page))
        self._in_lines = False

    def done(self) -> tuple[str, tuple[Mark, ...]]:
        """Return the text and its marks."""
        return "".join(self._parts), tuple(self._marks)

    def _put(self, text: str, *, lines: bool) -> None:
        text = clean(text)
        if text.strip():
            start = self._begin("\n" if lines and self._in_lines else "\n\n", text)
            self._mark(Mark(start, self._heading(), self._page))
            self._in_lines = lines

    def _begin(self, gap: str, text: str) -> int:
        """Append a gap, unless nothing stands before it, and a text; return where that begins."""
        start = self._length + len(gap) if self._length else 0
        self._parts += (gap if self._length else "", text)
        self._length = start + len(text)
        return start

    def _heading(self) -> str:
        return " > ".join(name for _, name in self._path)

    def _mark(self, mark: Mark) -> None:
        last = self._marks[-1] if self._marks else Mark(0)
        if (mark.heading, mark.page) != (last.heading, last.page) and mark.start < self._length:
            self._marks.append(mark)
