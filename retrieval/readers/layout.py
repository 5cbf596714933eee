"""Lays out running text in paragraphs and lines, and notes where headings begin."""

import re

_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_GAPS = ("", " ", "\n", "\n\n")


class Layout:
    """Collects text. White space collapses to one space, except while `verbatim` is set."""

    def __init__(self) -> None:
        self.verbatim = False
        self._parts: list[str] = []
        self._length = 0
        self._gap = 0
        self._prefix = ""
        self._headings: list[tuple[int, int, int]] = []
        self._level: int | None = None

    def write(self, text: str) -> None:
        """Append text as it stands in a page."""
        if self.verbatim:
            if text.strip():
                self._put(text.replace("\r\n", "\n"))
            return
        text = _SPACE.sub(" ", text)
        if text.startswith(" "):
            self._gap = max(self._gap, 1)
        if text.strip(" "):
            self._put(text.strip(" "))
            self._gap = 1 if text.endswith(" ") else 0

    def inline(self, text: str) -> None:
        """Append a mark between pieces of one line, whether or not more text follows."""
        self._gap = 0
        self._put(text)

    def paragraph(self) -> None:
        """End the paragraph, if one is open."""
        self._gap = 3

    def line(self, prefix: str = "") -> None:
        """End the line, if one is open; the next text begins with `prefix`."""
        self._gap = max(self._gap, 2)
        self._prefix = prefix

    def heading(self, level: int) -> None:
        """Begin a heading of `level`, 1 to 6."""
        self.paragraph()
        self._prefix = ""
        self._level = level

    def heading_ends(self) -> None:
        """End the heading that was begun last."""
        if self._level is None and self._headings and self._headings[-1][2] < 0:
            start, level, _ = self._headings[-1]
            self._headings[-1] = (start, level, self._length)
        self._level = None
        self.paragraph()

    def done(self) -> tuple[str, list[tuple[int, int, str]]]:
        """Return the text, and (offset, level, name) of each heading."""
        text = "".join(self._parts)
        spans = [(start, level, end if end >= 0 else start) for start, level, end in self._headings]
        return text, [(s, level, " ".join(text[s:e].split())) for s, level, e in spans]

    def _put(self, text: str) -> None:
        gap = _GAPS[self._gap] if self._length else ""
        if self._level is not None:
            self._headings.append((self._length + len(gap), self._level, -1))
            self._level = None
        self._parts += (gap, self._prefix, text)
        self._length += len(gap) + len(self._prefix) + len(text)
        self._gap, self._prefix = 0, ""
