"""Reads EPUB books: their chapters in reading order, each under its name in the contents."""

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote
from zipfile import ZipFile

from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.readers import archive, html
from retrieval.readers.broken import sound
from retrieval.readers.outline import Outline
from retrieval.readers.text import titled
from retrieval.readers.xml import parsed

if TYPE_CHECKING:
    from lxml.etree import _Element

MEDIA = "application/epub+zip"
KIND = "book"

_CHAPTERS = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_CONTENTS = "application/x-dtbncx+xml"


def read(data: bytes, source: str, title: str, collection: str) -> Document:
    """Read an .epub; its title is that of its metadata, else `title`.

    A chapter is marked by its name in the contents; the headings inside it come below that.
    Raises `UserError` for a book that is broken or locked to a reader's account.
    """
    outline, current = Outline(), ""
    with archive.opened(data, source, KIND) as packed, sound(source, KIND):
        book = _Package(packed)
        if book.locked():
            raise UserError(
                f"{source!r} is locked to the account that it was bought with",
                cure="add a copy that is not protected",
            )
        for name in book.chapters():
            chapter = html.read(packed.read(name), source, "", collection)
            # A file that the contents do not name goes on with the chapter before it.
            current = book.names.get(name, current)
            outline.heading(1, current, written=False)
            outline.include(_unnamed(chapter, current))
        named = titled(book.title)
        text, marks = outline.done()
    return Document(source, named or title, text, MEDIA, collection, marks)


def _unnamed(chapter: Document, name: str) -> Document:
    """Take a chapter's own name out of its headings: it stands above them already."""
    marks = []
    for mark in chapter.marks:
        first, _, below = mark.heading.partition(" > ")
        same = bool(name) and first.casefold().endswith(name.casefold())
        marks.append(replace(mark, heading=below if same else mark.heading))
    return replace(chapter, marks=tuple(marks))


class _Package:
    """What a book says of itself: its title, its files in order, their names in the contents."""

    def __init__(self, packed: ZipFile) -> None:
        self._packed = packed
        self._held = set(packed.namelist())
        self._root = self._package()
        package = parsed(packed.read(self._root))
        self._files = {
            item.get("id", ""): (self._path(self._root, item.get("href", "")), item)
            for item in package.iterfind("{*}manifest/{*}item")
        }
        self._spine = [item.get("idref", "") for item in package.iterfind("{*}spine/{*}itemref")]
        self.title = package.findtext("{*}metadata/{*}title") or ""
        self.names = dict(self._contents())

    def chapters(self) -> Iterator[str]:
        """Yield the paths of the texts, in reading order, each once."""
        seen = set()
        for name in self._spine:
            path, item = self._files.get(name, ("", None))
            readable = item is not None and item.get("media-type", "") in _CHAPTERS
            if readable and path in self._held and path not in seen:
                seen.add(path)
                yield path

    def locked(self) -> bool:
        """Whether texts are encrypted; fonts may be, in books that anybody can read."""
        if "META-INF/encryption.xml" not in self._held:
            return False
        root = parsed(self._packed.read("META-INF/encryption.xml"))
        hidden = {unquote(place.get("URI", "")) for place in root.iter("{*}CipherReference")}
        return bool(hidden & set(self.chapters()))

    def _package(self) -> str:
        container = parsed(self._packed.read("META-INF/container.xml"))
        place = container.find(".//{*}rootfile")
        return unquote(place.get("full-path", "")) if place is not None else ""

    def _path(self, base: str, href: str) -> str:
        inside = unquote(href.partition("#")[0])
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), inside))

    def _contents(self) -> Iterator[tuple[str, str]]:
        """Yield (path, name) of the files in the contents; of several entries the first counts."""
        found: dict[str, str] = {}
        for path, item in self._files.values():
            if path not in self._held:
                continue
            if item.get("media-type") == _CONTENTS or "nav" in item.get("properties", "").split():
                for href, name in _entries(parsed(self._packed.read(path))):
                    found.setdefault(self._path(path, href), name)
        yield from found.items()


def _entries(contents: "_Element") -> Iterator[tuple[str, str]]:
    """Yield (address, name) of each entry, of an NCX file or a navigation page."""
    for point in contents.iter("{*}navPoint"):
        place = point.find("{*}content")
        name = " ".join((point.findtext("{*}navLabel/{*}text") or "").split())
        if place is not None:
            yield place.get("src", ""), name
    for table in contents.iter("{*}nav"):
        if table.get("{http://www.idpf.org/2007/ops}type", "toc") == "toc":
            for link in table.iter("{*}a"):
                yield link.get("href", ""), " ".join("".join(map(str, link.itertext())).split())
