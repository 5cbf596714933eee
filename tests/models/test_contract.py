"""What every model keeps: pieces that add up to one reply, limits, and a cancel that ends it."""

import threading

import pytest

from agents.models.base import Message, Model, ModelError, Piece, Reply, Sampling, together
from agents.models.langchain import LangChainModel
from agents.models.llama import LlamaModel
from agents.models.openai import OpenAICompatible
from agents.models.recorded import RecordedModel
from agents.models.scripted import ScriptedModel

TALK = [Message("system", "Be brief."), Message("user", "What is the capital of France?")]
ANSWER = "The capital of France is Paris."


def scripted(request):
    return ScriptedModel(lambda *_: ANSWER)


def recorded(request):
    return RecordedModel([Reply(ANSWER, read=20, evaluated=20, written=7)] * 3)


def llama(request):
    return LlamaModel(request.getfixturevalue("converted"), context=512)


def server(request):
    def answer(call):
        call.stream()
        for word in ANSWER.split(" ")[: call.body["max_tokens"]]:
            piece = word if word == "The" else " " + word
            call.event({"choices": [{"delta": {"content": piece}, "finish_reason": None}]})
        call.event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        usage = {"prompt_tokens": 20, "completion_tokens": 7}
        call.event({"choices": [], "usage": usage})
        call.event("[DONE]")

    return OpenAICompatible(request.getfixturevalue("serve")(answer).url + "/v1", "small")


def langchain(request):
    from itertools import repeat

    from langchain_core.language_models import GenericFakeChatModel
    from langchain_core.messages import AIMessage

    return LangChainModel(GenericFakeChatModel(messages=repeat(AIMessage(ANSWER))))


@pytest.fixture(
    params=[
        scripted,
        recorded,
        pytest.param(llama, marks=pytest.mark.model),
        server,
        langchain,
    ],
    ids=lambda make: make.__name__,
)
def model(request):
    made = request.param(request)
    yield made
    made.close()


class TestModel:
    def test_it_has_a_name_and_capabilities(self, model: Model):
        assert model.name
        assert model.capabilities.context > 0
        assert model.capabilities.grammar in ("gbnf", "json_schema", "none")

    def test_pieces_add_up_to_exactly_one_reply_at_the_end(self, model: Model):
        *pieces, last = model.reply(TALK, Sampling(max_tokens=32))
        assert isinstance(last, Reply)
        assert pieces and all(isinstance(piece, Piece) for piece in pieces)
        assert "".join(piece.text for piece in pieces) == last.text
        assert "Paris" in last.text
        assert last.finish == "stop"
        assert 0 <= last.evaluated <= last.read
        assert last.seconds_read >= 0 and last.seconds_write >= 0

    def test_a_cancel_set_before_gives_a_cancelled_reply(self, model: Model):
        cancel = threading.Event()
        cancel.set()
        assert list(model.reply(TALK, Sampling(), cancel))[-1].finish == "cancelled"

    def test_a_cancel_in_the_middle_ends_with_what_was_said(self, model: Model):
        cancel = threading.Event()
        out = []
        for item in model.reply(TALK, Sampling(max_tokens=32), cancel):
            out.append(item)
            cancel.set()
        said = "".join(item.text for item in out if isinstance(item, Piece))
        assert isinstance(out[-1], Reply)
        assert out[-1].text.startswith(said) or said.startswith(out[-1].text)

    def test_several_replies_are_each_as_one_alone(self, model: Model):
        *_, alone = model.reply(TALK, Sampling(max_tokens=32))
        replies = together(model, TALK, [Sampling(max_tokens=32)] * 2)
        assert [(reply.text, reply.finish) for reply in replies] == [(alone.text, "stop")] * 2

    def test_a_cancel_set_before_cancels_them_all(self, model: Model):
        cancel = threading.Event()
        cancel.set()
        replies = together(model, TALK, [Sampling(temperature=1.0)] * 2, cancel)
        assert [reply.finish for reply in replies] == ["cancelled"] * 2

    def test_an_adapter_that_it_does_not_name_is_an_error(self, model: Model):
        assert "write" not in model.capabilities.adapters
        with pytest.raises(ModelError, match="no adapter 'write'"):
            list(model.reply(TALK, Sampling(max_tokens=4, adapter="write")))

    def test_it_can_be_closed_twice(self, model: Model):
        model.close()
        model.close()
