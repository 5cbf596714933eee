"""The openai client, unchanged, against the service on a loopback port."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
import uvicorn
from fastapi import FastAPI


@pytest.fixture
def base(service: Callable[..., FastAPI]) -> Iterator[Callable[[str], str]]:
    """Serve houses of some mood on loopback ports."""
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def serve(mood: str = "") -> str:
        made = service(mood, key="sk-test", pause=0.02)
        server = uvicorn.Server(uvicorn.Config(made, port=0, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        servers.append((server, thread))
        while not server.started:
            assert thread.is_alive()
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/v1"

    yield serve
    for server, thread in servers:
        server.should_exit = True
        thread.join(20)


MESSAGES: Any = [{"role": "user", "content": "When did the mill open?"}]


def client(address: str, key: str = "sk-test") -> openai.OpenAI:
    return openai.OpenAI(base_url=address, api_key=key, max_retries=0)


def test_an_answer_with_citations(base: Callable[..., str]) -> None:
    answer = client(base()).chat.completions.create(model="vouch", messages=MESSAGES)
    said = answer.choices[0].message
    assert said.content and said.annotations
    cited = said.annotations[0].url_citation
    assert said.content[cited.start_index : cited.end_index] == "[1]"
    assert answer.usage is not None and answer.model_extra
    assert answer.model_extra["vouch"]["quotes"]


def test_a_stream_brings_the_same_answer(base: Callable[..., str]) -> None:
    asking = client(base()).chat.completions
    whole = asking.create(model="vouch", messages=MESSAGES).choices[0].message.content
    chunks = list(
        asking.create(
            model="vouch", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
        )
    )
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(pieces) == whole and chunks[-1].usage is not None
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"


def test_faults_are_the_client_s_own(base: Callable[..., str]) -> None:
    address = base()
    with pytest.raises(openai.AuthenticationError):
        client(address, "sk-wrong").models.list()
    with pytest.raises(openai.NotFoundError):
        client(address).chat.completions.create(model="gpt-5", messages=MESSAGES)
    with pytest.raises(openai.BadRequestError) as caught:
        client(base("fault")).chat.completions.create(model="vouch", messages=MESSAGES)
    assert "vouch add" in str(caught.value)
    with pytest.raises(openai.APIError) as streamed:
        list(
            client(base("fault")).chat.completions.create(
                model="vouch", messages=MESSAGES, stream=True
            )
        )
    assert "vouch add" in str(streamed.value)


def test_the_models_are_listed(base: Callable[..., str]) -> None:
    assert [model.id for model in client(base()).models.list()] == ["vouch"]
