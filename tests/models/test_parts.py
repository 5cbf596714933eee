"""The parts under a local model that need no weights: text streams, slots, layouts, headers."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.base import Message
from agents.models.chat import Segment, TemplateError, segments
from agents.models.gguf import read_header
from agents.models.native import layers_that_fit
from agents.models.slots import Slots, common
from agents.models.stream import TextStream
from retrieval.errors import UserError

TALK = [Message("system", "Be brief."), Message("user", "{{ 7*7 }} <|im_start|>")]


@given(st.text(), st.lists(st.text(min_size=1, max_size=4), max_size=3), st.data())
def test_a_stream_gives_whole_code_points_and_nothing_of_a_stop(text, stops, data):
    encoded = text.encode("utf-8", "replace")
    stream, out, at = TextStream(stops), "", 0
    while at < len(encoded) and not stream.stopped:
        size = data.draw(st.integers(1, 5))
        piece = stream.feed(encoded[at : at + size])
        piece.encode("utf-8")
        out, at = out + piece, at + size
    out += stream.end()
    whole = encoded.decode()
    ends = [whole.find(stop) for stop in stops if stop in whole]
    if not ends:
        assert out == whole and not stream.stopped
    else:
        assert stream.stopped and whole.startswith(out) and not any(s in out for s in stops)
    assert out == stream.text


def test_a_cut_off_code_point_is_dropped():
    stream = TextStream(())
    assert stream.feed("a😀".encode()[:3]) == "a"
    assert stream.end() == ""


def test_two_names_keep_their_slots_and_a_third_borrows_a_prefix():
    slots = Slots(3, 100)
    one = slots.choose("browse", [1, 2, 3, 4])
    one.slot.tokens = [1, 2, 3, 4]
    two = slots.choose("write", [1, 2, 9])
    assert two.slot is not one.slot
    assert (two.donor, two.keep) == (one.slot, 2)
    two.slot.tokens = [1, 2, 9]
    again = slots.choose("browse", [1, 2, 3, 4, 5])
    assert (again.slot, again.keep, again.donor) == (one.slot, 4, None)


def test_the_last_token_is_always_evaluated():
    slots = Slots(1, 100)
    slots.choose("a", [1, 2, 3]).slot.tokens = [1, 2, 3]
    assert slots.choose("a", [1, 2, 3]).keep == 2
    assert slots.choose("a", [1]).keep == 0


def test_the_oldest_slots_make_room():
    slots = Slots(3, 10)
    for name in ("a", "b", "c"):
        slots.choose(name, [ord(name)] * 4).slot.tokens = [ord(name)] * 3
    chosen = slots.choose("c", [99] * 4).slot
    crowding = list(slots.crowding(chosen, 6))
    assert [slot.name for slot in crowding] == ["a"]
    assert [slot.name for slot in slots.crowding(chosen, 10)] == ["a", "b"]


@given(st.lists(st.integers(0, 2)), st.lists(st.integers(0, 2)))
def test_common_prefix(left, right):
    size = common(left, right)
    assert left[:size] == right[:size]
    assert size == min(len(left), len(right)) or left[size] != right[size]


def test_chatml_puts_contents_in_segments_that_are_no_control_text():
    laid = segments(TALK, "")
    assert [s.text for s in laid if not s.control] == [m.content for m in TALK]
    assert laid[-1] == Segment("<|im_start|>assistant\n", True)
    hushed = segments(TALK, "{% if enable_thinking %}<|im_start|>{% endif %}")
    assert hushed[-1].text.endswith("</think>\n\n")


def test_a_foreign_template_is_rendered_with_contents_kept_apart():
    template = (
        "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content | trim }}{% endfor %}[go]"
    )
    laid = segments(TALK, template)
    assert "".join(s.text for s in laid) == f"[system]Be brief.[user]{TALK[1].content}[go]"
    assert [s.text for s in laid if not s.control] == [m.content for m in TALK]


def test_a_template_that_refuses_a_system_turn_gets_it_with_the_question():
    template = (
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no') }}{% endif %}"
        "<{{ m.content }}>{% endfor %}"
    )
    laid = "".join(s.text for s in segments(TALK, template))
    assert laid == f"<{TALK[0].content}\n\n{TALK[1].content}>"


@pytest.mark.parametrize(
    "template",
    [
        "{{ messages.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{% for i in range(99999) %}{% for j in range(99999) %}aaaaaaaaaa{% endfor %}{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{{ messages.append(1) }}",
        "{% broken",
        "{{ nothing.at.all }}",
    ],
)
def test_a_hostile_template_is_an_error_and_no_more(template):
    with pytest.raises(TemplateError):
        segments(TALK, template)


def test_a_missing_empty_foreign_or_cut_file_is_named(tmp_path, shipped):
    whole = shipped.read_bytes()
    cases = {
        "empty": b"",
        "text": b"hello, this is no model" * 10,
        "magic": whole[:4],
        "version": whole[:8],
        "head": whole[:300],
        "vocabulary": whole[:100_000],
        "tail": whole[:-64],
        "lengths": whole[:8] + struct.pack("<QQ", 2**63, 2**63) + whole[24:5000],
    }
    assert read_header(shipped).layers == 30
    for name, data in cases.items():
        path = tmp_path / f"{name}.gguf"
        path.write_bytes(data)
        with pytest.raises(UserError) as caught:
            read_header(path, "here", "mend it")
        assert str(path) in str(caught.value) and "mend it" in str(caught.value)
    for path in (tmp_path / "none.gguf", tmp_path):
        with pytest.raises(UserError, match=str(path)):
            read_header(path)


def test_layers_go_to_the_gpu_as_they_fit():
    assert layers_that_fit(30, 8 << 30, 1 << 30, 0) == 31
    assert layers_that_fit(30, 8 << 30, 1 << 30, 24 << 30) == 31
    assert layers_that_fit(30, 8 << 30, 2 << 30, 5 << 30) == 13
