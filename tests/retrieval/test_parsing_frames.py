"""What goes over the pipe to the parser: whole or not at all, and nothing of it is believed."""

import io
import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.documents import Document, Mark
from retrieval.readers.frames import HEADER, Torn, packed, receive, send, unpacked

TEXTS = st.text(min_size=1).filter(lambda text: bool(text.strip()))


@given(TEXTS, st.lists(st.tuples(st.integers(0, 50), st.text(), st.none() | st.integers(1, 9))))
def test_a_document_arrives_as_it_was_sent(
    text: str, marked: list[tuple[int, str, int | None]]
) -> None:
    starts = {start: (heading, page) for start, heading, page in marked if start < len(text)}
    marks = tuple(Mark(start, *starts[start]) for start in sorted(starts))
    document = Document("dir/a.pdf", "Title", text, "application/pdf", "mine", marks)
    header, body = packed(document)
    pipe = io.BytesIO()
    send(pipe, {"document": header}, body)
    pipe.seek(0)
    frame = receive(pipe, len(body))
    assert frame is not None
    assert unpacked(frame[0]["document"], frame[1], "dir/a.pdf", "mine") == document
    assert receive(pipe, 10) is None


@pytest.mark.parametrize("kept", [1, 11, 12, 20, 40])
def test_a_frame_cut_short_is_torn(kept: int) -> None:
    pipe = io.BytesIO()
    send(pipe, {"path": "a.pdf"}, b"x" * 20)
    with pytest.raises(Torn):
        receive(io.BytesIO(pipe.getvalue()[:kept]), 100)


@pytest.mark.parametrize(
    "frame",
    [
        struct.pack(">IQ", 2, 101) + b"{}",
        struct.pack(">IQ", HEADER + 1, 0),
        struct.pack(">IQ", 2, 0) + b"[]",
        struct.pack(">IQ", 3, 0) + b"{x}",
        struct.pack(">IQ", 2, 0) + b"\xff\xff",
    ],
)
def test_a_frame_too_long_or_without_a_header_is_torn(frame: bytes) -> None:
    with pytest.raises(Torn):
        receive(io.BytesIO(frame), 100)


GOOD: dict[str, Any] = {"title": "T", "media": "text/plain", "marks": [[0, "H", 1]]}


@pytest.mark.parametrize(
    "change",
    [
        {"title": 7},
        {"media": None},
        {"marks": 7},
        {"marks": [[0, "H"]]},
        {"marks": [[5, "H", 1]]},
        {"marks": [[-1, "H", 1]]},
        {"marks": [[1, "H", 1], [1, "I", 1]]},
        {"marks": [[2, "H", 1], [1, "I", 1]]},
        {"marks": [[True, "H", 1]]},
        {"marks": [[0.0, "H", 1]]},
        {"marks": [[0, None, 1]]},
        {"marks": [[0, "H", 0]]},
        {"marks": [[0, "H", "1"]]},
    ],
    ids=json.dumps,
)
def test_a_document_that_breaks_the_law_is_torn(change: dict[str, Any]) -> None:
    assert unpacked(GOOD, b"words", "s", "c").marks == (Mark(0, "H", 1),)
    with pytest.raises(Torn):
        unpacked(GOOD | change, b"words", "s", "c")


def test_a_document_without_text_or_whole_characters_is_torn() -> None:
    for body in (b"", b" \n", b"\xff\xfe"):
        with pytest.raises(Torn):
            unpacked(GOOD, body, "s", "c")
