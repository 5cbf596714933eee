"""Replies that the local model writes side by side: each as it would be alone, as far as that goes.

Kernels for one token and for many round apart, so what is drawn may part from what is drawn alone
once a draw falls between two tokens; what is equal all the same is what stands here.
"""

import os
import re
import signal
from dataclasses import replace

import pytest

from agents.models.base import (
    ContextOverflow,
    Message,
    ModelError,
    ModelLost,
    Reply,
    Sampling,
    together,
)
from agents.models.llama import LlamaModel

pytestmark = pytest.mark.model

SHORT = [Message("user", "What is the capital of France?")]
SURE = [Message("user", "Name the months of the year.")]
"""What the model says to it leaves the second best token far behind at every step."""

TALE = [Message("user", "Tell a short story about a river.")]
LONG = "The river carries water from the hills to the sea, and the sea gives it back. " * 12


def ask(text):
    return [Message("user", text)]


def alone(model, messages, sampling, cancel=None):
    return list(model.reply(messages, sampling, cancel))[-1]


def drawn(count, **options):
    options.setdefault("max_tokens", 12)
    return [Sampling(temperature=1.0, seed=seed, **options) for seed in range(count)]


class At:
    """A cancel that is set, or does something else, when it was looked at so often."""

    def __init__(self, looks, act=None):
        self._left, self._act = looks, act

    def is_set(self):
        self._left -= 1
        if self._left == 0 and self._act:
            self._act()
        return self._left <= 0 and self._act is None


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_one_is_what_a_reply_is(llama, temperature):
    wanted = Sampling(max_tokens=24, temperature=temperature, seed=5)
    for messages in (SHORT, TALE):
        expected = alone(llama, messages, wanted)
        (only,) = together(llama, messages, [wanted])
        assert replace(only, evaluated=0) == replace(expected, evaluated=0)


def test_greedy_ones_are_equal_to_one_alone_and_the_prompt_is_read_once(llama):
    replies = together(llama, ask("Listen: " + LONG), [Sampling(max_tokens=4)] * 3)
    assert [reply.evaluated for reply in replies][1:] == [0, 0]
    assert replies[0].evaluated > replies[0].read / 2
    expected = alone(llama, SURE, Sampling(max_tokens=24))
    replies = together(llama, SURE, [Sampling(max_tokens=24)] * 5)
    assert {reply.text for reply in replies} == {expected.text}


def test_each_goes_on_from_its_own_words(llama):
    lists = {
        "Monday, Tuesday, Wednesday,": " Thurs",
        "January, February, March,": " April, May",
        "One, two, three, four,": " five, six",
    }
    wanted = [Sampling(max_tokens=14, grammar=f'root ::= "{x}" [a-zA-Z, ]+') for x in lists]
    replies = together(llama, ask("Count, or name the days or the months."), wanted)
    for reply, (start, following) in zip(replies, lists.items(), strict=True):
        assert reply.text.startswith(start + following)


def test_each_is_drawn_by_its_own_seed(llama):
    """The first token of each is drawn from the very logits that it is drawn from alone."""
    replies = together(llama, TALE, drawn(16, max_tokens=1))
    assert [r.text for r in replies] == [
        alone(llama, TALE, s).text for s in drawn(16, max_tokens=1)
    ]
    assert len({reply.text for reply in replies}) > 1


def test_drawing_them_again_gives_the_same(llama):
    first = together(llama, TALE, drawn(5))
    assert [reply.text for reply in together(llama, TALE, drawn(5))] == [r.text for r in first]
    assert len({reply.text for reply in first}) == 5


def test_each_has_its_own_grammar_stop_and_length(llama):
    expected = alone(llama, SHORT, Sampling(max_tokens=24))
    wanted = [
        Sampling(max_tokens=24),
        Sampling(max_tokens=24, stop=(" Paris",)),
        Sampling(max_tokens=3),
        Sampling(max_tokens=24, temperature=1.5, seed=1, grammar='root ::= "yes" | "no"'),
        Sampling(max_tokens=6, temperature=1.5, seed=2, grammar='root ::= "open " [0-9]+'),
        Sampling(max_tokens=0),
        Sampling(max_tokens=24, grammar='root ::= "巴黎" "é"'),
    ]
    whole, stopped, cut, yes, opened, nothing, spelled = together(llama, SHORT, wanted)
    assert (whole.text, whole.finish) == (expected.text, expected.finish)
    assert stopped.text == expected.text[: expected.text.index(" Paris")]
    assert (cut.finish, cut.written) == ("length", 3) and expected.text.startswith(cut.text)
    assert yes.text in ("yes", "no") and yes.finish == "stop"
    assert re.fullmatch(r"open \d+", opened.text)
    assert (nothing.text, nothing.finish) == ("", "length")
    assert (spelled.text, spelled.finish) == ("巴黎é", "stop")


def test_the_cache_is_as_good_as_before(llama):
    browse, write = ask("B " + LONG), ask("W " + LONG)
    first = alone(llama, browse, Sampling(max_tokens=8, prefix="browse-3"))
    for _ in range(2):
        replies = together(llama, write, drawn(16, max_tokens=8, prefix="write-3"))
    assert replies[0].evaluated == 1
    again = alone(llama, browse, Sampling(max_tokens=8, prefix="browse-3"))
    assert again.text == first.text and again.evaluated == 1
    longer = [*write, Message("assistant", replies[0].text), Message("user", "And then?")]
    more = alone(llama, longer, Sampling(max_tokens=2, prefix="write-3"))
    assert more.evaluated < more.read / 8


def test_replies_that_do_not_fit_together_are_refused_with_how_many_would(converted):
    model = LlamaModel(converted, context=256)
    read = alone(model, ask(LONG), Sampling(max_tokens=1)).read
    fit = (256 - read) // 5
    assert 1 < fit < 8
    with pytest.raises(ContextOverflow, match=f"{read} tokens .* only {fit} fit") as caught:
        together(model, ask(LONG), drawn(8, max_tokens=5))
    assert caught.value.fit == fit
    with pytest.raises(ContextOverflow, match="256") as caught:
        together(model, ask(LONG * 2), drawn(8))
    assert caught.value.fit == 0
    for _ in range(2):
        assert len(together(model, ask(LONG), drawn(fit, max_tokens=5))) == fit
    assert alone(model, ask("So " + LONG), Sampling(max_tokens=4)).written == 4
    doomed = Sampling(max_tokens=4, grammar='root ::= "a" [^\\x00-\\U0010FFFF]')
    with pytest.raises(ModelError, match="no token can follow"):
        together(model, ask(LONG), [Sampling(max_tokens=4), Sampling(max_tokens=4), doomed])
    assert alone(model, ask("Yet " + LONG), Sampling(max_tokens=4)).written == 4
    model.close()


def test_more_than_the_model_writes_at_once_are_written_in_groups(converted):
    model = LlamaModel(converted, context=512, parallel=2)
    expected = [alone(model, SHORT, Sampling(max_tokens=size)).text for size in range(1, 6)]
    wanted = [Sampling(max_tokens=size) for size in range(1, 6)]
    assert [reply.text for reply in together(model, SHORT, wanted)] == expected
    assert [reply.text for reply in model.replies(SHORT, wanted)] == expected
    model.close()


def test_a_cancel_ends_all_and_costs_no_worker(llama):
    expected = together(llama, TALE, drawn(4, max_tokens=8))
    worker = llama.pid
    replies = together(llama, TALE, drawn(4, max_tokens=300), At(12))
    assert len(replies) == 4 and {reply.finish for reply in replies} == {"cancelled"}
    assert llama.pid == worker
    fresh = "Listen. " + LONG * 3
    replies = together(llama, ask(fresh), drawn(4), At(1))
    assert [(reply.text, reply.finish) for reply in replies] == [("", "cancelled")] * 4
    again = together(llama, TALE, drawn(4, max_tokens=8))
    assert [reply.text for reply in again] == [reply.text for reply in expected]


def test_a_worker_killed_while_it_writes_several_loses_these_only(converted):
    model = LlamaModel(converted, context=2048)
    model.info()
    murder = At(20, lambda: os.kill(model.pid, signal.SIGKILL))
    with pytest.raises(ModelLost, match="signal 9"):
        together(model, TALE, drawn(8, max_tokens=200), murder)
    assert "Paris" in together(model, SHORT, [Sampling(max_tokens=12)] * 2)[1].text
    model.close()


def test_a_bad_grammar_among_several_is_an_error_and_no_crash(llama):
    wanted = [Sampling(max_tokens=4), Sampling(max_tokens=4, grammar='root ::= "a')]
    with pytest.raises(ModelError, match="GBNF"):
        together(llama, SHORT, wanted)
    replies = together(llama, SHORT, wanted[:1] * 2)
    assert isinstance(replies[1], Reply) and replies[0].text == replies[1].text
