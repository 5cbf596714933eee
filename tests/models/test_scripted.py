"""The scripted and recorded models keep the script, the time and the count."""

import pytest

from agents.models.base import Capabilities, Message, Piece, Reply, Sampling
from agents.models.recorded import RecordedModel, RecordingEnded
from agents.models.scripted import SLICE, ScriptedModel, ScriptEnded

ASK = [Message("user", "What is the capital of France?")]


class Flag:
    def __init__(self, on: bool = False) -> None:
        self.on = on

    def is_set(self) -> bool:
        return self.on


def whole(stream):
    *pieces, last = list(stream)
    assert all(isinstance(piece, Piece) for piece in pieces)
    assert isinstance(last, Reply)
    assert "".join(piece.text for piece in pieces) == last.text
    return last


def test_replies_come_in_order_and_an_overrun_says_how_many_there_were():
    model = ScriptedModel(["one", " two\n three "], name="parrot")
    assert whole(model.reply(ASK, Sampling())).text == "one"
    assert whole(model.reply(ASK, Sampling())).text == " two\n three "
    with pytest.raises(ScriptEnded, match="parrot was asked 3 times and has 2"):
        list(model.reply(ASK, Sampling()))
    assert model.prompts[0] == tuple(ASK)


def test_a_function_sees_messages_and_sampling():
    model = ScriptedModel(lambda messages, sampling: messages[-1].content + sampling.prefix)
    assert whole(model.reply(ASK, Sampling(prefix="!"))).text == ASK[0].content + "!"


def test_stop_strings_and_max_tokens_end_a_reply():
    model = ScriptedModel(lambda *_: "a b c d")
    assert whole(model.reply(ASK, Sampling(stop=(" c",)))).text == "a b"
    cut = whole(model.reply(ASK, Sampling(max_tokens=3)))
    assert (cut.text, cut.finish, cut.written) == ("a b c", "length", 3)


def test_time_passes_at_the_given_rates():
    slept: list[float] = []
    model = ScriptedModel(["a b c d"], read_rate=100, write_rate=10, sleep=slept.append)
    reply = whole(model.reply(ASK, Sampling()))
    assert reply.seconds_write == pytest.approx(0.4)
    assert sum(slept) == pytest.approx(reply.seconds_read + reply.seconds_write)
    assert max(slept) <= SLICE


def test_a_cancel_is_seen_within_one_slice():
    flag, slept = Flag(), []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        flag.on = len(slept) == 3

    model = ScriptedModel(["never"], read_rate=1, sleep=sleep)
    assert whole(model.reply(ASK, Sampling(), flag)).finish == "cancelled"
    assert len(slept) == 3


def test_a_prefix_is_read_once_under_its_name():
    model = ScriptedModel(lambda *_: "ok", capabilities=Capabilities(8192, prefix_cache=True))
    first = whole(model.reply(ASK, Sampling(prefix="browse")))
    longer = [*ASK, Message("assistant", "ok"), Message("user", "And of Spain?")]
    second = whole(model.reply(longer, Sampling(prefix="browse")))
    other = whole(model.reply(longer, Sampling(prefix="write")))
    assert first.evaluated == first.read
    assert second.evaluated == second.read - first.read
    assert other.evaluated == other.read


def test_a_recording_plays_back_whole_and_tells_what_is_left():
    replies = [Reply("one", read=3), Reply("two", "length")]
    model = RecordedModel(replies)
    assert whole(model.reply(ASK, Sampling())) == replies[0]
    assert model.unplayed == (replies[1],)
    assert whole(model.reply(ASK, Sampling(), Flag(True))).finish == "cancelled"
    assert model.unplayed == (replies[1],)
    assert whole(model.reply(ASK, Sampling(), Flag())) == replies[1]
    with pytest.raises(RecordingEnded):
        list(model.reply(ASK, Sampling()))
