"""A model server that refuses, fails, stalls or breaks off, and one that works."""

import threading
import time

import pytest

from agents.models.base import ContextOverflow, Message, ModelError, ModelLost, Piece, Sampling
from agents.models.openai import OpenAICompatible
from retrieval.errors import UserError

TALK = [Message("user", "Hello?")]
KEY = "sk-very-secret"


def word(text, finish=None):
    return {"choices": [{"delta": {"content": text}, "finish_reason": finish}]}


def model(server, **options):
    options.setdefault("sleep", lambda seconds: None)
    return OpenAICompatible(server.url + "/v1", "small", KEY, **options)


def whole(made, sampling=None, cancel=None):
    return list(made.reply(TALK, sampling or Sampling(), cancel))[-1]


def refusing(status, body=b'{"error": {"message": "no: sk-very-secret"}}', **headers):
    return lambda call: call.say(status, body, **headers)


def test_a_streamed_reply_with_its_usage(serve):
    def answer(call):
        call.stream()
        call.event({"choices": [{"delta": {"role": "assistant"}}]})
        call.event(word("Good "))
        call.event(word("day"))
        call.event({"choices": [{"delta": {}, "finish_reason": "length"}]})
        details = {"cached_tokens": 6}
        usage = {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": details}
        call.event({"choices": [], "usage": usage})
        call.event("[DONE]")

    server = serve(answer)
    reply = whole(model(server), Sampling(max_tokens=2, temperature=0.5, seed=4, stop=("\n",)))
    assert (reply.text, reply.finish) == ("Good day", "length")
    assert (reply.read, reply.evaluated, reply.written) == (9, 3, 2)
    call = server.seen[0]
    assert call.path == "/v1/chat/completions"
    assert call.headers["authorization"] == f"Bearer {KEY}"
    assert call.body["messages"] == [{"role": "user", "content": "Hello?"}]
    sent = {key: call.body[key] for key in ("model", "max_tokens", "temperature", "seed", "stop")}
    assert sent == {
        "model": "small", "max_tokens": 2, "temperature": 0.5, "seed": 4, "stop": ["\n"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "field"), [("gbnf", "grammar"), ("json_schema", "response_format"), ("none", "")]
)
def test_a_grammar_is_sent_in_the_form_that_the_server_knows(serve, kind, field):
    def answer(call):
        call.stream()
        call.event(word("x", "stop"))

    server = serve(answer)
    whole(model(server, grammar=kind), Sampling(grammar="root ::= [a-z]", schema='{"a": 1}'))
    sent = {"grammar", "response_format"} & set(server.seen[0].body)
    assert sent == ({field} if field else set())
    if kind == "json_schema":
        assert server.seen[0].body["response_format"]["json_schema"]["schema"] == {"a": 1}


@pytest.mark.parametrize(
    ("status", "body", "expected", "told"),
    [
        (401, b"{}", UserError, "key"),
        (403, b"", UserError, "key"),
        (404, b'{"detail": "Not Found"}', UserError, "small"),
        (400, b'{"error": {"message": "strange role"}}', ModelError, "strange role"),
        (400, b'{"error": "prompt exceeds the context"}', ContextOverflow, "exceeds"),
        (500, b"<html>oops</html>", ModelLost, "500"),
        (502, b"", ModelLost, "502"),
    ],
)
def test_refusals_are_one_sentence(serve, status, body, expected, told):
    server = serve(refusing(status, body))
    with pytest.raises(expected) as caught:
        whole(model(server))
    assert told in str(caught.value) and "\n" not in str(caught.value)
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_the_key_stands_in_no_message(serve, status):
    with pytest.raises((UserError, ModelError)) as caught:
        whole(model(serve(refusing(status))))
    assert KEY not in str(caught.value) and KEY not in repr(caught.value)


def test_a_password_in_the_address_stands_in_no_message():
    made = OpenAICompatible("http://me:hush@127.0.0.1:9/v1", "small")
    with pytest.raises(ModelLost) as caught:
        whole(made)
    assert "hush" not in str(caught.value) and "127.0.0.1:9" in str(caught.value)


def test_a_busy_server_is_tried_again_after_what_it_asks(serve):
    slept = []

    def answer(call):
        if len(call.server.seen) < 3:
            return call.say(429, b"{}", retry_after="2")
        call.stream()
        return call.event(word("at last", "stop"))

    assert whole(model(serve(answer), sleep=slept.append)).text == "at last"
    assert sum(slept) == pytest.approx(4)


def test_a_server_that_stays_busy_is_lost_and_a_cancel_ends_the_waiting(serve):
    server = serve(refusing(429, b"{}", retry_after="3600"))
    slept = []
    with pytest.raises(ModelLost, match="busy"):
        whole(model(server, sleep=slept.append))
    assert sum(slept) < 60
    cancel = threading.Event()
    made = model(server, sleep=lambda seconds: cancel.set())
    assert whole(made, cancel=cancel).finish == "cancelled"


def test_a_field_that_a_server_does_not_know_is_left_out(serve):
    def answer(call):
        for field in ("stream_options", "max_tokens", "temperature"):
            if field in call.body:
                return call.say(400, f'{{"error": "unsupported: {field}"}}'.encode())
        call.stream()
        return call.event(word("fine", "stop"))

    server = serve(answer)
    made = model(server)
    assert whole(made).text == "fine"
    assert server.seen[-1].body["max_completion_tokens"] == 256
    assert whole(made).text == "fine"
    assert len(server.seen) == 5


def test_a_stream_that_breaks_off_is_lost(serve):
    def cut(call):
        call.stream()
        call.event(word("half a"))

    def garbled(call):
        call.stream()
        call.event("{no json")

    def failing(call):
        call.stream()
        call.event({"error": {"message": "out of memory"}})

    for answer in (cut, garbled, failing):
        with pytest.raises(ModelLost):
            whole(model(serve(answer)))


def test_a_silent_server_is_lost_and_a_cancel_does_not_wait_for_it(serve):
    over = threading.Event()
    server = serve(lambda call: over.wait(20))
    with pytest.raises(ModelLost, match="nothing"):
        whole(model(server, stall_seconds=0.3))
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    start = time.monotonic()
    assert whole(model(server), cancel=cancel).finish == "cancelled"
    assert time.monotonic() - start < 15
    over.set()


def test_a_reader_who_leaves_ends_the_servers_work(serve):
    broken = threading.Event()

    def endless(call):
        call.stream()
        try:
            for number in range(10_000):
                call.event(word(f"{number} "))
                time.sleep(0.01)
        except OSError:
            broken.set()

    stream = model(serve(endless)).reply(TALK, Sampling())
    assert isinstance(next(stream), Piece)
    stream.close()
    assert broken.wait(20)


def test_nobody_there_is_one_sentence():
    with pytest.raises(ModelLost, match="no model server answers"):
        whole(OpenAICompatible("http://127.0.0.1:9/v1", "small"))


def test_a_proxy_is_not_asked_for_a_server_on_this_machine(serve, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    def answer(call):
        call.stream()
        call.event(word("direct", "stop"))

    assert whole(model(serve(answer))).text == "direct"
