"""Several replies in one request to a model server, and the servers that do not know how."""

import threading

import pytest

from agents.models.base import ContextOverflow, Message, ModelLost, Sampling, together
from agents.models.openai import OpenAICompatible
from retrieval.errors import UserError

TALK = [Message("user", "Hello?")]
DRAWN = [Sampling(temperature=0.8, seed=seed) for seed in range(7, 10)]


def model(server, **options):
    options.setdefault("sleep", lambda seconds: None)
    return OpenAICompatible(server.url + "/v1", "small", **options)


def said(index, text, finish=None):
    return {"choices": [{"index": index, "delta": {"content": text}, "finish_reason": finish}]}


def able(call):
    """A server that knows `n`, with choices mixed as they are in a stream."""
    answer(call, call.body.get("n", 1))


def ignorant(call):
    """A server that takes `n` and gives one reply all the same."""
    answer(call, 1)


def answer(call, wanted):
    call.stream()
    for index in range(wanted):
        call.event(said(index, f"seed {call.body['seed'] + index}"))
    for index in reversed(range(wanted)):
        call.event(said(index, " done"))
        call.event(said(index, "", "length" if index == 1 else "stop"))
    usage = {"prompt_tokens": 20, "completion_tokens": 4 * wanted + 1}
    call.event({"choices": [], "usage": usage})
    call.event("[DONE]")


def asked(server):
    return [(call.body.get("n", 1), call.body["seed"]) for call in server.seen]


def test_what_differs_by_its_seed_alone_is_one_request(serve):
    server = serve(able)
    replies = together(model(server), TALK, DRAWN)
    assert [r.text for r in replies] == ["seed 7 done", "seed 8 done", "seed 9 done"]
    assert [r.finish for r in replies] == ["stop", "length", "stop"]
    assert asked(server) == [(3, 7)]
    assert [r.written for r in replies] == [5, 4, 4]
    assert [(r.read, r.evaluated) for r in replies] == [(20, 20), (20, 0), (20, 0)]
    assert replies[0].seconds_read > 0 and replies[1].seconds_read == 0


def test_no_more_are_asked_for_at_once_than_is_set(serve):
    server = serve(able)
    replies = together(model(server, parallel=2), TALK, DRAWN)
    assert [r.text for r in replies] == ["seed 7 done", "seed 8 done", "seed 9 done"]
    assert asked(server) == [(2, 7), (1, 9)]


def test_a_server_that_ignores_it_is_asked_for_the_rest_one_by_one(serve):
    server = serve(ignorant)
    made = model(server)
    replies = together(made, TALK, DRAWN)
    assert [r.text for r in replies] == ["seed 7 done", "seed 8 done", "seed 9 done"]
    assert asked(server) == [(3, 7), (1, 8), (1, 9)]
    together(made, TALK, DRAWN)
    assert "n" not in server.seen[3].body, "it is not asked again for what it does not know"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (400, b'{"error": {"message": "n must be 1 for temperature and this model"}}'),
        (400, b'{"error": "n_cmpl cannot be greater than the number of slots"}'),
        (422, b'{"detail": "strange request"}'),
        (500, b'{"error": {"message": "Only one completion choice is allowed"}}'),
    ],
)
def test_a_server_that_refuses_it_is_asked_one_by_one(serve, status, told):
    def reply(call):
        call.say(status, told) if call.body.get("n", 1) > 1 else able(call)

    server = serve(reply)
    replies = together(model(server), TALK, DRAWN)
    assert [r.text for r in replies] == ["seed 7 done", "seed 8 done", "seed 9 done"]
    assert asked(server) == [(3, 7), (1, 7), (1, 8), (1, 9)]
    assert server.seen[-1].body["temperature"] == 0.8


def test_a_field_that_is_named_is_left_out_before_it(serve):
    def reply(call):
        known = "stream_options" not in call.body
        able(call) if known else call.say(400, b"unsupported: stream_options")

    server = serve(reply)
    together(model(server), TALK, DRAWN)
    assert asked(server) == [(3, 7), (3, 7)]


@pytest.mark.parametrize(
    "wanted",
    [
        [Sampling(temperature=0.8, grammar=f'root ::= "{n}"', seed=n) for n in range(2)],
        [Sampling(temperature=0.8, max_tokens=5 + n, seed=n) for n in range(2)],
        [Sampling(temperature=0.8 + n, seed=n) for n in range(2)],
        [Sampling(seed=n) for n in range(2)],
    ],
    ids=["grammar", "max_tokens", "temperature", "greedy"],
)
def test_what_differs_otherwise_is_a_request_each(serve, wanted):
    server = serve(able)
    assert len(together(model(server, grammar="gbnf"), TALK, wanted)) == 2
    assert asked(server) == [(1, 0), (1, 1)]
    assert [call.body.get("grammar") for call in server.seen] == [s.grammar for s in wanted]


def test_one_grammar_for_all_goes_with_one_request(serve):
    server = serve(able)
    wanted = [Sampling(temperature=0.8, grammar="root ::= [a-z]", seed=n) for n in range(2)]
    together(model(server, grammar="gbnf"), TALK, wanted)
    assert [(call.body["n"], call.body["grammar"]) for call in server.seen] == [
        (2, "root ::= [a-z]")
    ]


@pytest.mark.parametrize(
    ("status", "told", "expected"),
    [
        (401, b"{}", UserError),
        (404, b"{}", UserError),
        (400, b'{"error": "prompt exceeds the context"}', ContextOverflow),
        (500, b"{}", ModelLost),
    ],
)
def test_other_refusals_mean_what_they_mean_for_one(serve, status, told, expected):
    with pytest.raises(expected):
        together(model(serve(lambda call: call.say(status, told))), TALK, DRAWN)


def test_a_choice_that_breaks_off_is_a_lost_model(serve):
    def reply(call):
        call.stream()
        call.event(said(0, "whole", "stop"))
        call.event(said(1, "half"))

    with pytest.raises(ModelLost, match="broke off"):
        together(model(serve(reply)), TALK, DRAWN)


def test_a_cancel_ends_all_with_what_was_said(serve):
    cancel, over = threading.Event(), threading.Event()

    def reply(call):
        call.stream()
        call.event(said(0, "whole", "stop"))
        call.event(said(1, "half"))
        cancel.set()
        over.wait(20)

    server = serve(reply)
    replies = together(model(server), TALK, DRAWN, cancel)
    over.set()
    assert len(replies) == 3 and {r.finish for r in replies} == {"cancelled"}
    assert all("whole half".find(r.text) >= 0 for r in replies)
    assert len(server.seen) == 1
