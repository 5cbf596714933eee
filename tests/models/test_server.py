"""A real model server on loopback, `python -m llama_cpp.server`, with the embedded model.

It serves the 16-bit file: llama.cpp's kernels for quantized weights crash on processors with AMX
tiles, and the server has no option to turn them off.
"""

import os
import re
import socket
import subprocess
import sys
import time

import pytest

from agents.models.base import ContextOverflow, Message, ModelLost, Sampling
from agents.models.langchain import LangChainModel
from agents.models.openai import OpenAICompatible

pytestmark = pytest.mark.model

TALK = [Message("user", "What is the capital of France?")]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def address(converted, tmp_path_factory):
    for module in ("fastapi", "uvicorn", "sse_starlette", "starlette_context"):
        pytest.importorskip(module, reason="llama-cpp-python[server] is not installed")
    port = free_port()
    log = (tmp_path_factory.mktemp("server") / "log").open("wb+")
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(converted)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--n_ctx", "512"]
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        wait_for(port, server, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.kill()
        server.wait()
        log.close()


def wait_for(port, server, log):
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    log.seek(0)
    pytest.fail(f"the server did not start: {log.read()[-2000:]!r}")


def whole(model, sampling=None, talk=TALK):
    return list(model.reply(talk, sampling or Sampling(max_tokens=24)))[-1]


def test_it_answers(address):
    reply = whole(OpenAICompatible(address, "embedded"))
    assert "Paris" in reply.text
    assert reply.finish == "stop"
    assert reply.written > 0
    cut = whole(OpenAICompatible(address, "embedded"), Sampling(max_tokens=3))
    assert cut.finish == "length"


def test_its_grammar_is_obeyed(address):
    model = OpenAICompatible(address, "embedded", grammar="gbnf")
    reply = whole(model, Sampling(max_tokens=6, grammar='root ::= "open " [0-9]'))
    assert re.fullmatch(r"open \d", reply.text)


def test_a_prompt_too_long_is_said_to_be(address):
    talk = [Message("user", "word " * 2000)]
    with pytest.raises((ContextOverflow, ModelLost)):
        whole(OpenAICompatible(address, "embedded"), talk=talk)
    assert "Paris" in whole(OpenAICompatible(address, "embedded")).text


def test_langchain_reaches_it_too(address):
    openai = pytest.importorskip("langchain_openai")
    chat = openai.ChatOpenAI(
        model="embedded", base_url=address, api_key="none", stream_usage=True, max_retries=0
    )
    reply = whole(LangChainModel(chat))
    assert "Paris" in reply.text
    assert reply.written == 0 or reply.written > 3
