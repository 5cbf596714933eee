"""The law of offsets for every reader: marks rise inside the text, passages are spans of it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_files import docx_of, eml, epub, jsonl, pdf, pptx_of, xlsx

from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.readers.files import parse
from retrieval.split import split

PIECES = st.text("aB \n\t\r.。|#-=:,;\"'<&中\u0301\u200b\ufffe\U0001f600", max_size=60) | st.text(
    max_size=20
)
NAMED = st.lists(st.tuples(st.sampled_from(["head", "text", "long"]), PIECES), max_size=8)
Parts = list[tuple[str, str]]


def _xml(text: str) -> str:
    """Escape text, without what XML cannot hold."""
    held = "".join(
        c for c in text if c in "\n\t" or " " <= c < "\ud800" or "\ue000" <= c < "\ufffe"
    )
    return (
        held.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )


def _markdown(parts: Parts) -> bytes:
    lines = [
        f"{'#' * (1 + len(text) % 3)} {text}" if kind == "head" else text for kind, text in parts
    ]
    return "\n\n".join(lines).encode("utf-8", "replace")


def _html(parts: Parts) -> bytes:
    tags = {"head": "h2", "text": "p", "long": "pre"}
    body = "".join(f"<{tags[kind]}>{_xml(text)}</{tags[kind]}>" for kind, text in parts)
    return f"<html><body>{body}</body></html>".encode()


def _docx(parts: Parts) -> bytes:
    styles = {"head": '<w:pPr><w:outlineLvl w:val="1"/></w:pPr>', "text": "", "long": ""}
    runs = (
        f'<w:p>{styles[kind]}<w:r><w:t xml:space="preserve">{_xml(text)}</w:t></w:r></w:p>'
        for kind, text in parts
    )
    return docx_of("".join(runs))


def _pptx(parts: Parts) -> bytes:
    return pptx_of([(_xml(text) if kind == "head" else "", _xml(text)) for kind, text in parts])


def _xlsx(parts: Parts) -> bytes:
    rows: list[list[object]] = [
        ["title", "text"],
        *([kind, _xml(text) * 30] for kind, text in parts),
    ]
    return xlsx({"One": rows, "Two": [[_xml(text)] for _, text in parts]})


def _csv(parts: Parts) -> bytes:
    rows = [f'"{kind}","{text}"' for kind, text in parts]
    return "\n".join(["title,text", *rows]).encode("utf-8", "replace")


def _json(parts: Parts) -> bytes:
    return json.dumps(
        {f"{kind} {n}": [text, {text: text * 40}] for n, (kind, text) in enumerate(parts)}
    ).encode()


def _jsonl(parts: Parts) -> bytes:
    return jsonl([{"title": kind, "text": text} for kind, text in parts])


def _epub(parts: Parts) -> bytes:
    return epub(
        {f"{kind} {n}": _html(parts[: n + 1]).decode() for n, (kind, _) in enumerate(parts)}
    )


def _eml(parts: Parts) -> bytes:
    return eml(" ".join(_xml(text) for _, text in parts), forwarded=eml(html=_html(parts).decode()))


def _ipynb(parts: Parts) -> bytes:
    cells = [
        {
            "cell_type": "code",
            "source": text,
            "outputs": [],
            "metadata": {},
            "execution_count": None,
        }
        if kind == "text"
        else {"cell_type": "markdown", "source": f"# {text}", "metadata": {}}
        for kind, text in parts
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}).encode()


def _pdf(parts: Parts) -> bytes:
    lines = (
        "".join(c for c in text if (c.isascii() and c.isalnum()) or c == " ") for _, text in parts
    )
    return pdf(*(f"# {line}\n{line} and so on\nuntil the end" for line in lines))


def _txt(parts: Parts) -> bytes:
    return "\n".join(text for _, text in parts).encode("utf-8", "replace")


BUILDERS: dict[str, Callable[[Parts], bytes]] = {
    name.removeprefix("_"): build
    for name, build in list(globals().items())
    if name in ("_markdown", "_html", "_docx", "_pptx", "_xlsx", "_csv", "_json", "_jsonl")
    or name in ("_epub", "_eml", "_ipynb", "_pdf", "_txt")
}


def lawful(document: Document) -> None:
    starts = [mark.start for mark in document.marks]
    assert starts == sorted(set(starts))
    assert all(0 <= start < len(document.text) for start in starts)
    assert all(mark.page is None or mark.page > 0 for mark in document.marks)
    at = 0
    for passage in split(document, size=80):
        assert document.text[passage.start : passage.end] == passage.text
        mark = document.mark_at(passage.start)
        assert passage.page == mark.page and placed(passage.heading, mark.heading, document.text)
        assert at <= passage.start and not document.text[at : passage.start].strip()
        at = passage.end
    assert not document.text[at:].strip()


def placed(heading: str, section: str, text: str) -> bool:
    """Whether `heading` is that of the section, or that and the cells of one row of its text."""
    if heading == section:
        return True
    above = f"{section} > " if section else ""
    columns = heading.removeprefix(above)
    cells = [cell.strip() for cell in columns.split(" | ")]
    rows = text.split("\n")
    return heading.startswith(above) and len(cells) > 1 and any(_holds(row, cells) for row in rows)


def _holds(row: str, cells: list[str]) -> bool:
    """Whether `row` is these cells and nothing else, but for bars and decoration."""
    for cell in cells:
        row = row.replace(cell, "", 1)
    return not row.strip("| \t*_`")


@pytest.mark.parametrize("name", BUILDERS)
@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(parts=NAMED)
def test_law_of_offsets(name: str, parts: Parts) -> None:
    try:
        lawful(parse(BUILDERS[name](parts), Path(f"a.{name}")))
    except UserError as error:
        # A sample may come out empty or, as text, look like binary data; nothing else is an excuse.
        assert re.search("no text|no page|binary", error.what)


@pytest.mark.parametrize("name", BUILDERS)
def test_the_samples_hold_what_they_should(name: str) -> None:
    parts = [("head", "Alpha"), ("text", "beta gamma"), ("long", "delta"), ("text", "omega")]
    text = parse(BUILDERS[name](parts), Path(f"a.{name}")).text
    places = [text.find(word) for word in ("Alpha", "beta gamma", "delta", "omega")]
    assert places == sorted(places) and places[0] >= 0
