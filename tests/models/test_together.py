"""Several replies to one prompt: side by side where a model can, else one after the other."""

import threading
from itertools import count

import pytest

from agents.models.base import (
    Capabilities,
    Message,
    ModelLost,
    Reply,
    Sampling,
    SideBySide,
    together,
)
from agents.models.recorded import RecordedModel, RecordingEnded
from agents.models.scripted import ScriptedModel, ScriptEnded

ASK = [Message("user", "What is the capital of France?")]
ABLE = Capabilities(8192, parallel=4)
SEEDS = [Sampling(seed=seed, temperature=1.0) for seed in range(3)]


class Plain:
    """A model that cannot, whatever its record says; it loses itself at the call `lost`."""

    name = "plain"
    capabilities = ABLE

    def __init__(self, cancel=None, lost=-1):
        self.asked, self._cancel, self._lost = [], cancel, lost

    def reply(self, messages, sampling, cancel=None):
        if len(self.asked) == self._lost:
            raise ModelLost("gone")
        self.asked.append(sampling)
        if self._cancel is not None and len(self.asked) == 2:
            self._cancel.set()
            yield Reply("half", "cancelled")
            return
        yield Reply(f"seed {sampling.seed}", written=2)

    def close(self):
        pass


class Counting(ScriptedModel):
    """Keeps how many replies it was asked for at a time."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.groups = []

    def replies(self, messages, samplings, cancel=None):
        self.groups.append(len(samplings))
        return super().replies(messages, samplings, cancel)


def test_a_model_that_cannot_is_asked_in_turn():
    model = Plain()
    assert not isinstance(model, SideBySide)
    assert [reply.text for reply in together(model, ASK, SEEDS)] == ["seed 0", "seed 1", "seed 2"]
    assert model.asked == SEEDS
    assert together(model, ASK, []) == ()


def test_a_model_that_can_is_asked_for_as_many_as_it_says():
    model = Counting(lambda _, sampling: f"seed {sampling.seed}", capabilities=ABLE)
    wanted = [Sampling(seed=seed) for seed in range(9)]
    replies = together(model, ASK, wanted)
    assert [reply.text for reply in replies] == [f"seed {seed}" for seed in range(9)]
    assert model.groups == [4, 4, 1]


def test_a_model_that_says_it_can_only_one_is_asked_in_turn():
    model = Counting(["one", "two", "three"])
    assert [reply.text for reply in together(model, ASK, SEEDS)] == ["one", "two", "three"]
    assert model.groups == []


def test_a_cancel_ends_all_and_keeps_what_was_written():
    cancel = threading.Event()
    model = Plain(cancel)
    replies = together(model, ASK, SEEDS, cancel)
    assert [reply.text for reply in replies] == ["seed 0", "half", ""]
    assert {reply.finish for reply in replies} == {"cancelled"}
    assert len(model.asked) == 2


def test_a_lost_model_is_lost():
    with pytest.raises(ModelLost, match="gone"):
        together(Plain(lost=1), ASK, SEEDS)


def test_a_script_is_read_once_and_written_side_by_side():
    slept = []
    model = ScriptedModel(
        ["a b c d", "a b", "a b c"],
        capabilities=ABLE,
        read_rate=100,
        write_rate=10,
        sleep=slept.append,
    )
    wanted = [Sampling(), Sampling(), Sampling(max_tokens=1)]
    first, second, third = together(model, ASK, wanted)
    assert (first.text, second.text, third.text) == ("a b c d", "a b", "a")
    assert (first.finish, second.finish, third.finish) == ("stop", "stop", "length")
    assert (first.written, second.written, third.written) == (4, 2, 1)
    assert first.evaluated == first.read == second.read
    assert second.evaluated == second.seconds_read == third.evaluated == 0
    assert sum(slept) == pytest.approx(first.seconds_read + 0.4)
    assert model.samplings == wanted
    with pytest.raises(ScriptEnded, match="asked 4 times and has 3"):
        together(model, ASK, wanted)


def test_a_cancelled_script_ends_all_replies_at_the_same_token():
    cancel, ticks = threading.Event(), count(1)
    model = ScriptedModel(
        ["a b c d", "a"],
        capabilities=ABLE,
        write_rate=50,
        sleep=lambda _: cancel.set() if next(ticks) == 3 else None,
    )
    replies = together(model, ASK, [Sampling(), Sampling()], cancel)
    assert [(reply.text, reply.finish) for reply in replies] == [
        ("a b", "cancelled"),
        ("a", "cancelled"),
    ]


def test_a_recording_plays_back_as_many_replies():
    kept = [Reply("one", read=3), Reply("two", "length"), Reply("three")]
    model = RecordedModel(kept, capabilities=ABLE)
    assert together(model, ASK, SEEDS[:2]) == tuple(kept[:2])
    assert model.unplayed == (kept[2],)
    cancel = threading.Event()
    cancel.set()
    assert {reply.finish for reply in together(model, ASK, SEEDS, cancel)} == {"cancelled"}
    assert model.unplayed == (kept[2],)
    with pytest.raises(RecordingEnded):
        together(model, ASK, SEEDS[:2])
