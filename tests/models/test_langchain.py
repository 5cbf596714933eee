"""LangChain's chat models, its own fakes first and a real provider package after."""

import pytest
from langchain_core.language_models import FakeListChatModel, GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGenerationChunk

from agents.models.base import Message, ModelLost, Sampling
from agents.models.langchain import LangChainModel
from retrieval.errors import UserError

TALK = [Message("system", "Be brief."), Message("user", "Hi"), Message("assistant", "Hello")]


def whole(model, sampling=None):
    return list(model.reply(TALK, sampling or Sampling()))[-1]


class Counting(GenericFakeChatModel):
    """Remembers what it was given, and reports usage as providers do."""

    seen: list = []  # noqa: RUF012

    def _stream(self, messages, stop=None, run_manager=None, **kwargs):
        self.seen.append((messages, stop, kwargs))
        usage = {"input_tokens": 12, "output_tokens": 2, "total_tokens": 14}
        usage["input_token_details"] = {"cache_read": 10}
        yield ChatGenerationChunk(message=AIMessageChunk("two "))
        end = AIMessageChunk("words", usage_metadata=usage)
        end.response_metadata = {"finish_reason": "length"}
        yield ChatGenerationChunk(message=end)


def test_turns_options_usage_and_finish_are_carried_over():
    fake = Counting(messages=iter([AIMessage("unused")]), seen=[])
    reply = whole(LangChainModel(fake), Sampling(max_tokens=2, temperature=0.3, stop=("\n",)))
    assert (reply.text, reply.finish) == ("two words", "length")
    assert (reply.read, reply.evaluated, reply.written) == (12, 2, 2)
    messages, stop, options = fake.seen[0]
    assert [type(message) for message in messages] == [SystemMessage, HumanMessage, AIMessage]
    assert stop == ["\n"]
    assert (options["max_tokens"], options["temperature"]) == (2, 0.3)


def test_replies_come_in_order():
    model = LangChainModel(FakeListChatModel(responses=["one", "two"]))
    assert [whole(model).text, whole(model).text] == ["one", "two"]
    assert model.name == "FakeListChatModel"


def test_a_provider_that_fails_is_lost():
    class Failing(Counting):
        def _stream(self, messages, stop=None, run_manager=None, **kwargs):
            raise ConnectionResetError("peer went away\nwith details")
            yield

    with pytest.raises(ModelLost, match="peer went away") as caught:
        whole(LangChainModel(Failing(messages=iter([])), name="far"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["nonsense:model", "no-provider-at-all"])
def test_a_name_that_means_nothing_is_the_users_to_mend(name):
    with pytest.raises(UserError, match=name):
        whole(LangChainModel(name))


def test_a_provider_package_reaches_a_server(serve, monkeypatch):
    pytest.importorskip("langchain_openai")

    def answer(call):
        call.stream()
        for text in ("Bon", "jour"):
            call.event({"id": "1", "choices": [{"index": 0, "delta": {"content": text}}]})
        last = {"index": 0, "delta": {}, "finish_reason": "stop"}
        call.event({"id": "1", "choices": [last]})
        call.event("[DONE]")

    server = serve(answer)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
    reply = whole(LangChainModel("openai:small"))
    assert reply.text == "Bonjour"
    assert server.seen[0].body["model"] == "small"


def test_a_provider_without_its_server_is_lost(monkeypatch):
    openai = pytest.importorskip("langchain_openai")
    chat = openai.ChatOpenAI(
        model="small", base_url="http://127.0.0.1:9/v1", api_key="sk-none", max_retries=0
    )
    with pytest.raises(ModelLost):
        whole(LangChainModel(chat))
