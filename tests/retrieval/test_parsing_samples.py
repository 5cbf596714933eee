"""Public samples of hostile and odd files: each ends in a document or a fault, the parent stays."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.parsing import ChildParser
from retrieval.readers.process import Limits

SWELL = 64 << 20
"""Bytes by which this process may grow while others' files are read."""

HEAVY = {"pdf_flate_256MiB.pdf", "html_nested_tables.html", "html_depth_200k.html"}
"""Samples whose reading takes seconds."""


def swollen() -> int:
    return psutil.Process().memory_info().rss


def sound(parser: ChildParser, data: bytes, path: Path) -> Document | None:
    """Return the document of a file, None if it is refused with its name and a cure."""
    try:
        document = parser.parse(data, path, "default")
    except UserError as error:
        assert path.name in error.what and error.cure, str(error)
        assert "breaks its reader" not in error.what and "crash" not in error.what, str(error)
        return None
    starts = [mark.start for mark in document.marks]
    assert document.text.strip() and starts == sorted(set(starts))
    assert not starts or starts[-1] < len(document.text)
    return document


@pytest.fixture(scope="module")
def parser() -> Iterator[ChildParser]:
    with ChildParser() as made:
        yield made


@pytest.mark.parametrize("heavy", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_generated_attacks(heavy: bool, parser: ChildParser, shared_data: Path) -> None:
    paths = sorted((shared_data / "security" / "generated").iterdir())
    assert len(paths) >= 20
    before = swollen()
    for path in paths:
        if (path.name in HEAVY) == heavy:
            sound(parser, path.read_bytes(), path)
    assert swollen() - before < SWELL


def test_a_bomb_in_little_memory(shared_data: Path) -> None:
    """256 MiB unpacked do not fit in the child: it may fail, nothing else may."""
    path = shared_data / "security" / "generated" / "pdf_flate_256MiB.pdf"
    with ChildParser(Limits(memory=256 << 20)) as small:
        with pytest.raises(UserError, match=path.name):
            small.parse(path.read_bytes(), path, "default")
        assert small.parse(b"<p>next", Path("a.html"), "default").text == "next"


@pytest.mark.slow
def test_sample_pdfs_have_their_pages(parser: ChildParser, shared_data: Path) -> None:
    folder = shared_data / "security" / "pypdf-sample-files"
    known = json.loads((folder / "files.json").read_text("utf-8"))["data"]
    read = 0
    for entry in known:
        path = folder / entry["path"]
        # The list names a few that are too large to be kept.
        document = sound(parser, path.read_bytes(), path) if path.exists() else None
        if document is None:
            continue
        read += 1
        pages = [mark.page for mark in document.marks if mark.page]
        assert pages == sorted(pages) and pages[0] >= 1 and pages[-1] <= entry["pages"], path.name
    for path in sorted(set(folder.rglob("*.*")) - {folder / entry["path"] for entry in known}):
        sound(parser, path.read_bytes(), path)
    # The others are pictures without words, locked, or broken at the root.
    assert read >= 22


def _html5lib(folder: Path) -> Iterator[bytes]:
    """Yield the inputs of the html5lib tests: of trees, of tokens and of encodings."""
    for path in sorted(folder.rglob("*.dat")):
        for part in path.read_bytes().split(b"#data\n")[1:]:
            yield part.partition(b"\n#")[0]
    for path in sorted((folder / "tokenizer").glob("*.test")):
        held = json.loads(path.read_text("utf-8"))
        for test in held.get("tests", held.get("xmlViolationTests", [])):
            text = test["input"]
            if test.get("doubleEscaped"):
                text = json.loads('"' + text.replace('"', '\\"').replace("\n", "\\n") + '"')
            yield text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    "count", [400, pytest.param(None, marks=[pytest.mark.prove, pytest.mark.timeout(1800)])]
)
def test_html5lib_inputs(count: int | None, parser: ChildParser, shared_data: Path) -> None:
    inputs = list(_html5lib(shared_data / "security" / "html5lib-tests"))
    assert len(inputs) > 8_000
    chosen = inputs if count is None else random.Random(5).sample(inputs, count)
    before = swollen()
    documents = [sound(parser, data, Path("sample.html")) for data in chosen]
    assert sum(document is not None for document in documents) > len(chosen) // 3
    assert swollen() - before < SWELL
