"""Reads Jupyter notebooks as Markdown: prose as it is, code fenced, what it printed below it."""

import logging
import re
import warnings
from collections.abc import Iterator
from typing import Any

from retrieval.documents import Document
from retrieval.readers import markdown
from retrieval.readers.broken import sound
from retrieval.readers.text import clean, decode

OUTPUT = 2_000
"""Characters of what one cell printed that are kept: its end says most."""

_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def read(data: bytes, source: str, title: str, collection: str) -> Document:
    """Read an .ipynb of any version; its title is its first heading, else `title`."""
    import nbformat

    logging.getLogger("nbformat").setLevel(logging.CRITICAL)
    text = decode(data, source).removeprefix("\ufeff")
    with sound(source, "notebook", nbformat.ValidationError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        notes: Any = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        language = notes.metadata.get("kernelspec", {}).get("language", "python")
        parts = [part for cell in notes.cells for part in _parts(cell, str(language))]
    joined = "\n\n".join(part for part in parts if part.strip())
    made = markdown.read(joined.encode("utf-8"), source, title, collection)
    return Document(
        source, made.title, made.text, "application/x-ipynb+json", collection, made.marks
    )


def _parts(cell: Any, language: str) -> Iterator[str]:
    text = clean(str(cell.source)).strip("\n")
    if cell.cell_type != "code":
        yield text
        return
    yield _fenced(text, language)
    for output in cell.get("outputs", ()):
        yield _fenced(_printed(output), "")


def _printed(output: Any) -> str:
    """Return what a cell printed, showed as text, or failed with."""
    if output.output_type == "stream":
        text = str(output.text)
    elif output.output_type == "error":
        text = f"{output.ename}: {output.evalue}"
    else:
        text = str(output.get("data", {}).get("text/plain", ""))
    text = clean(_CONTROL.sub("", text)).strip("\n")
    return text if len(text) <= OUTPUT else "... " + text[-OUTPUT:]


def _fenced(text: str, language: str) -> str:
    """Fence code by more backticks than it holds in a row."""
    if not text.strip():
        return ""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
