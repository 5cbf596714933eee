"""Web pages go through the child that reads files, and nothing of what it says is believed."""

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reader_files import pdf

from retrieval.documents import Document, Link
from retrieval.errors import UserError
from retrieval.parsing import ChildParser, DirectParser
from retrieval.readers import frames
from retrieval.readers.process import Limits
from retrieval.web.page import Page

pytestmark = pytest.mark.slow

URL = "https://site.example/dir/page.html"
HTML = b"<title>T</title><h1>T</h1><p>See <a href='x'>this one</a> and <a href='y'>that</a>."
SECONDS = 60


@pytest.fixture(scope="module")
def parser() -> Iterator[ChildParser]:
    with ChildParser(Limits(seconds=SECONDS)) as made:
        yield made


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (HTML, "text/html"),
        (b"<title>404 Not Found</title><h1>Not Found</h1>", "text/html"),
        (pdf("One page", "two \\(2\\)", title="Named"), "application/pdf"),
        (b"# One\n\nwords", "text/markdown"),
        (b"", "text/html"),
    ],
)
def test_a_child_reads_pages_as_this_process_would(
    data: bytes, media: str, parser: ChildParser
) -> None:
    here = DirectParser().page(data, URL, media, "")
    assert parser.page(data, URL, media, "") == here
    assert here.document.source == URL


def test_links_and_pages_come_through(parser: ChildParser) -> None:
    page = parser.page(HTML, URL, "text/html", "utf-8")
    words = [page.document.text[link.start : link.end] for link in page.document.links]
    assert words == ["this one", "that"]
    read = parser.page(pdf("One", "two"), URL, "", "")
    assert [mark.page for mark in read.document.marks] == [1, 2]


def test_files_and_pages_share_a_child_and_faults_name_the_address(parser: ChildParser) -> None:
    with pytest.raises(UserError, match=r"site\.example.*image/png.*open a page"):
        parser.page(b"x", URL, "image/png", "")
    assert parser.parse(HTML, Path("a.html"), "c").text
    more = r"'https://site\.example/dir/page\.html' holds more than"
    with ChildParser(Limits(characters=10)) as short, pytest.raises(UserError, match=more):
        short.page(HTML, URL, "text/html", "")


GOOD: dict[str, Any] = {"title": "T", "media": "text/html", "marks": []}


@pytest.mark.parametrize(
    "links",
    [
        7,
        [[0, 3]],
        [[0, 9, "https://a.example/"]],
        [[-1, 3, "https://a.example/"]],
        [[3, 3, "https://a.example/"]],
        [[True, 3, "https://a.example/"]],
        [[0.0, 3, "https://a.example/"]],
        [[0, 3, 7]],
        [[0, 3, "javascript:alert(1)"]],
        [[0, 3, "https://a.example/\r\nHost: b"]],
        [[2, 4, "https://a.example/"], [0, 1, "https://a.example/"]],
        [[0, 3, "https://a.example/"], [2, 4, "https://a.example/"]],
    ],
    ids=json.dumps,
)
def test_links_that_break_the_law_are_torn(links: object) -> None:
    good = frames.unpacked(GOOD | {"links": [[0, 5, "http://a.example/"]]}, b"words", "s", "c")
    assert good.links == (Link(0, 5, "http://a.example/"),)
    with pytest.raises(frames.Torn):
        frames.unpacked(GOOD | {"links": links}, b"words", "s", "c")


def test_links_arrive_as_they_were_sent() -> None:
    document = Document("s", "T", "two words", links=(Link(0, 3, "https://a.example/?b#c"),))
    pipe = io.BytesIO()
    header, body = frames.packed(document)
    frames.send(pipe, {"document": header}, body)
    pipe.seek(0)
    frame = frames.receive(pipe, 100)
    assert frame and frames.unpacked(frame[0]["document"], frame[1], "s", "default") == document


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ({"document": GOOD, "notice": "strange"}, b"words"),
        ({"document": GOOD, "notice": ["login"]}, b"words"),
        ({"document": GOOD, "notice": "login"}, b"words"),
        ({"document": GOOD, "notice": ""}, b""),
        ({"notice": ""}, b"words"),
        ({"document": [], "notice": ""}, b"words"),
    ],
)
def test_an_answer_that_is_no_page_names_the_address(
    header: dict[str, Any], body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*_: object) -> tuple[dict[str, Any], bytes]:
        return header, body

    with ChildParser() as parser:
        monkeypatch.setattr(parser, "_ask", said)
        with pytest.raises(UserError, match=r"site\.example.*breaks its reader"):
            parser.page(b"x", URL, "text/html", "")


def outcome(parser: ChildParser, data: bytes) -> Page | None:
    began = time.monotonic()
    try:
        return parser.page(data, URL, "text/html", "")
    except UserError as error:
        assert URL in str(error) and error.cure
        assert "takes more" not in str(error) and "crash" not in str(error)
        return None
    finally:
        assert time.monotonic() - began < SECONDS


def generated(shared_data: Path, prefix: str) -> list[Path]:
    found = sorted((shared_data / "security" / "generated").glob(f"{prefix}*"))
    if not found:
        pytest.skip("security/generated is not among the public data sets beside this checkout")
    return found


def cases(shared_data: Path) -> list[bytes]:
    folder = shared_data / "security" / "html5lib-tests" / "tree-construction"
    if not folder.is_dir():
        pytest.skip("html5lib-tests are not among the public data sets beside this checkout")
    found = []
    for path in sorted(folder.rglob("*.dat")):
        for case in path.read_bytes().split(b"#data\n")[1:]:
            found.append(case.partition(b"\n#errors")[0])
    return found


SLOW = ("html_nested_tables.html", "html_depth_200k.html")


def test_hostile_pages_break_nothing(parser: ChildParser, shared_data: Path) -> None:
    for path in generated(shared_data, "html_"):
        if path.name not in SLOW:
            outcome(parser, path.read_bytes())
    assert parser.page(HTML, URL, "text/html", "").document.links


@pytest.mark.prove
def test_all_hostile_pages_break_nothing(parser: ChildParser, shared_data: Path) -> None:
    for path in generated(shared_data, ""):
        outcome(parser, path.read_bytes())
    assert parser.page(HTML, URL, "text/html", "").document.links


def test_a_sample_of_the_tests_of_html_parsers_breaks_nothing(
    parser: ChildParser, shared_data: Path
) -> None:
    found = cases(shared_data)
    read = [outcome(parser, case) for case in found[::25]]
    assert len(read) > 50 and any(page and page.document.text for page in read)


@pytest.mark.prove
def test_all_tests_of_html_parsers_break_nothing(parser: ChildParser, shared_data: Path) -> None:
    assert len([outcome(parser, case) for case in cases(shared_data)]) > 1_500
