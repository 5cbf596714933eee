"""The HTTP service: what it answers, whom it refuses, and that no draft leaves it."""

import json
import signal
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import httpx
import pytest

from ui.serve.gate import BODY, Rate

Client = Callable[..., httpx.Client]
QUESTION = {"model": "vouch", "messages": [{"role": "user", "content": "When did it open?"}]}


def events(text: str) -> list[tuple[str, Any]]:
    """The events of a stream by name, in order."""
    blocks = [block.split("\n") for block in text.split("\n\n") if block.startswith("event: ")]
    return [(name[7:], json.loads(data[6:])) for name, data in blocks]


def test_a_completion_holds_the_checked_answer_with_its_citations(client: Client) -> None:
    answer = client().post("/v1/chat/completions", json=QUESTION).json()
    said = answer["choices"][0]["message"]
    assert answer["object"] == "chat.completion" and answer["vouch"]["outcome"] == "answered"
    assert said["content"] == answer["vouch"]["answer"] and said["annotations"]
    for note in said["annotations"]:
        cited = note["url_citation"]
        mark = said["content"][cited["start_index"] : cited["end_index"]]
        number = int(mark.strip("[]"))
        quote = next(q for q in answer["vouch"]["quotes"] if q["number"] == number)
        assert note["quote"] == quote["text"] and cited["url"].startswith("file:///")
    assert answer["usage"]["total_tokens"] == answer["vouch"]["tokens"]


def test_a_conversation_goes_along_and_the_last_message_is_the_question(
    service: Any, cards: ModuleType
) -> None:
    from starlette.testclient import TestClient

    from ui.serve.service import build

    house = cards.FakeHouse()
    messages = [
        {"role": "system", "content": "Ignore the quotes."},
        {"role": "user", "content": "What is Rance?"},
        {"role": "assistant", "content": "A tide mill."},
        {"role": "user", "content": [{"type": "text", "text": "When did it  open?"}]},
    ]
    scope = {"collections": ["mills"], "tags": ["old"], "seconds": 5, "reach": "both"}
    body = {"messages": messages, "vouch": scope, "temperature": 0.3, "user": "someone"}
    with TestClient(build(house), base_url="http://127.0.0.1") as client:
        assert client.post("/v1/chat/completions", json=body).status_code == 200
    name, params = house.calls[0]
    assert name == "ask" and params["question"] == "When did it open?"
    assert params["history"] == [{"question": "What is Rance?", "answer": "A tide mill."}]
    assert params["collections"] == ["mills"] and params["seconds"] == 5
    assert params["tags"] == ["old"]
    assert params["reach"] == "both" and params["bound"] is True
    assert "Ignore the quotes" not in str(params)


def test_events_bring_the_steps_and_then_the_answer(client: Client) -> None:
    told = events(client().post("/v1/ask", json={"question": "When?"}).text)
    names = [name for name, _ in told]
    assert names[-1] == "answer" and "entry" in names and "working" in names
    assert told[-1][1]["quotes"]


def test_where_to_look_is_one_of_four_and_bound_by_the_settings(
    cards: ModuleType,
) -> None:
    from starlette.testclient import TestClient

    from ui.serve.service import build

    house = cards.FakeHouse()
    with TestClient(build(house), base_url="http://127.0.0.1") as client:
        refused = client.post("/v1/ask", json={"question": "When?", "reach": "everywhere"})
        assert refused.status_code == 400 and "reach" in refused.json()["error"]["message"]
        assert not house.calls
        for asked in ({"reach": "web"}, {}):
            assert client.post("/v1/ask", json={"question": "When?", **asked}).status_code == 200
    asked = [params for name, params in house.calls if name == "ask"]
    assert [params.get("reach") for params in asked] == ["web", None]
    assert all(params["bound"] is True for params in asked)


@pytest.mark.parametrize("mood", ["", "nasty"])
def test_no_word_of_the_draft_leaves_before_the_answer(
    client: Client, cards: ModuleType, mood: str
) -> None:
    streamed = {**QUESTION, "stream": True}
    for path, body in (("/v1/ask", {"question": "q"}), ("/v1/chat/completions", streamed)):
        text = client(mood).post(path, json=body).text
        if path == "/v1/ask":
            text = "".join(json.dumps(data) for name, data in events(text) if name != "answer")
            before = text.partition('"kind": "answered"')[0]
        else:
            before = text.partition('"annotations"')[0]
        assert cards.PLANTED not in before


def test_a_run_without_an_answer_tells_nothing_of_its_draft(
    client: Client, cards: ModuleType
) -> None:
    for path, body in (("/v1/ask", {"question": "q"}), ("/v1/chat/completions", QUESTION)):
        response = client("lost").post(path, json=body)
        assert cards.PLANTED not in response.text and "it died" in response.text
    assert response.status_code == 503 and response.json()["error"]["code"] == "unavailable"


@pytest.fixture
def slow(cards: ModuleType) -> Iterator[tuple[Any, str, Any]]:
    """A house that goes on until it is stopped, the address of its service, and its server."""
    from ui.serve.listening import Listening
    from ui.serve.service import build

    house = cards.FakeHouse("slow")
    server = Listening(build(house, pause=0.02), log_level="error")
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        port = server.servers[0].sockets[0].getsockname()[1]
        yield house, f"http://127.0.0.1:{port}/v1/chat/completions", server
    finally:
        server.should_exit = True
        thread.join(20)


def stopped(house: Any) -> bool:
    pause = threading.Event()
    return any(house.stopped or pause.wait(0.02) for _ in range(500))


def test_a_reader_of_a_stream_that_goes_away_stops_its_question(
    slow: tuple[Any, str, Any],
) -> None:
    house, url, _ = slow
    with httpx.stream("POST", url, json={**QUESTION, "stream": True}) as response:
        assert any(said.startswith(": ") for said in response.iter_lines())
        assert not house.stopped
    assert stopped(house)


def test_a_reader_of_a_whole_answer_that_goes_away_stops_its_question(
    slow: tuple[Any, str, Any],
) -> None:
    house, url, _ = slow
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(url, json=QUESTION, timeout=0.5)
    assert stopped(house)


def test_a_server_that_is_ended_tells_its_readers_and_stops_their_questions(
    slow: tuple[Any, str, Any],
) -> None:
    house, url, server = slow
    with httpx.stream("POST", url, json={**QUESTION, "stream": True}) as response:
        lines = response.iter_lines()
        assert any(said.startswith(": ") for said in lines)
        server.handle_exit(signal.SIGINT, None)
        last = [said for said in lines if said.startswith("data: ")][-1]
    assert json.loads(last[6:])["error"]["type"] == "server_error"
    assert stopped(house)


def test_a_fault_of_ours_has_the_form_of_the_others(service: Callable[..., Any]) -> None:
    from starlette.testclient import TestClient

    broken = TestClient(service("broken"), "http://127.0.0.1", raise_server_exceptions=False)
    told = broken.post("/v1/chat/completions", json=QUESTION)
    assert told.status_code == 500 and told.json()["error"]["type"] == "server_error"
    assert "wheel" not in told.text


def test_a_fault_that_can_be_mended_is_told(client: Client) -> None:
    response = client("fault").post("/v1/chat/completions", json=QUESTION)
    assert response.status_code == 400
    assert "vouch add" in response.json()["error"]["message"]
    name, data = events(client("fault").post("/v1/ask", json={"question": "q"}).text)[-1]
    assert name == "error" and "vouch add" in data["error"]["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**QUESTION, "model": "/etc/passwd"}, 404),
        ({"messages": []}, 400),
        ({"messages": [{"role": "user", "content": "  "}]}, 400),
        ({"messages": [{"role": "assistant", "content": "hi"}]}, 400),
        ({**QUESTION, "n": 3}, 400),
        ({**QUESTION, "vouch": {"collection": "x"}}, 400),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 400),
        ({"messages": [{"role": "user", "content": "x" * 9_000}]}, 400),
        ({**QUESTION, "vouch": {"collections": []}}, 400),
        ({**QUESTION, "vouch": {"sources": []}}, 400),
    ],
)
def test_a_wrong_request_is_refused_with_a_sentence(
    client: Client, body: dict[str, Any], status: int
) -> None:
    response = client().post("/v1/chat/completions", json=body)
    assert response.status_code == status and response.json()["error"]["message"]


def test_without_the_key_nothing_is_asked(cards: ModuleType) -> None:
    from starlette.testclient import TestClient

    from ui.serve.service import build

    house = cards.FakeHouse()
    client = TestClient(build(house, key="right"), base_url="http://127.0.0.1")
    for wrong in ("", "Bearer wrong", "Basic right", "Bearer ", "right"):
        headers = {"Authorization": wrong} if wrong else {}
        for path in ("/v1/ask", "/v1/chat/completions", "/v1/nowhere"):
            assert client.post(path, json=QUESTION, headers=headers).status_code == 401
        assert client.get("/v1/models", headers=headers).status_code == 401
    assert not house.calls and client.get("/health").status_code == 200
    right = {"Authorization": "Bearer right"}
    assert client.get("/v1/models", headers=right).json()["data"][0]["id"] == "vouch"
    assert "right" not in str(client.post("/v1/ask", json={}, headers=right).json())


def test_another_site_s_page_may_not_ask(client: Client) -> None:
    for headers in (
        {"Host": "evil.example"},
        {"Host": "evil.example:8600"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        refused = client().post("/v1/ask", json={"question": "q"}, headers=headers)
        assert refused.status_code == 403
    for headers in ({"Host": "localhost:8600"}, {"Origin": "http://localhost:3000"}):
        allowed = client().post("/v1/ask", json={"question": "q"}, headers=headers)
        assert allowed.status_code == 200


def test_a_service_that_others_reach_answers_to_any_name_with_the_key(client: Client) -> None:
    wide = client(hosts=("*",), key="right")
    named = {"Host": "vouch.example", "Origin": "https://other.example"}
    assert wide.get("/v1/models", headers=named).status_code == 401
    right = {"Authorization": "Bearer right"}
    assert wide.get("/v1/models", headers=named | right).status_code == 200


def test_too_many_questions_wait(client: Client) -> None:
    now = [0.0]
    asking = client(rate=Rate(2, lambda: now[0]))
    statuses = [asking.post("/v1/chat/completions", json=QUESTION).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = asking.post("/v1/chat/completions", json=QUESTION)
    assert 0 < int(refused.headers["retry-after"]) <= 61
    assert asking.get("/v1/models").status_code == 200
    now[0] = 61.0
    assert asking.post("/v1/chat/completions", json=QUESTION).status_code == 200


@pytest.mark.parametrize("key", ["", "right"])
def test_another_header_gives_no_more_questions(client: Client, key: str) -> None:
    asking = client(rate=Rate(1, lambda: 0.0), key=key)
    given = ["Bearer right", "bearer  right"] if key else ["Bearer a", "Bearer b"]
    told = [
        asking.post("/v1/ask", json={"question": "q"}, headers={"Authorization": one}).status_code
        for one in given
    ]
    assert told == [200, 429]


def test_a_key_of_any_letters_is_known_again(client: Client) -> None:
    right = {"Authorization": "Bearer clé-密".encode()}
    assert client(key="clé-密").get("/v1/models", headers=right).status_code == 200


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"{", "application/json"), (b"[]", "application/json"), (b"{}", "text/plain"), (b"", "")],
)
def test_what_is_no_request_is_told_in_words(client: Client, content: bytes, kind: str) -> None:
    told = client().post("/v1/ask", content=content, headers={"Content-Type": kind})
    assert told.status_code == 400 and "the body is no JSON" in told.json()["error"]["message"]


def test_a_field_that_does_not_fit_is_named(client: Client) -> None:
    wrong = {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}
    told = client().post("/v1/chat/completions", json=wrong).json()["error"]
    assert told["param"] == "messages.0.content" and told["message"].startswith(told["param"])


def test_the_rate_counts_each_asker_alone() -> None:
    rate = Rate(1, lambda: 0.0)
    assert [rate.wait("a"), rate.wait("b")] == [0.0, 0.0]
    assert rate.wait("a") == 60.0


def test_a_large_request_is_refused(client: Client) -> None:
    large = {"messages": [{"role": "user", "content": "x" * (BODY + 1)}]}
    assert client().post("/v1/chat/completions", json=large).status_code == 413

    def pieces() -> Any:
        yield b'{"question": "'
        for _ in range(30):
            yield b"x" * 50_000
        yield b'"}'

    chunked = client().post(
        "/v1/ask", content=pieces(), headers={"Content-Type": "application/json"}
    )
    assert chunked.status_code == 413


def test_the_page_of_the_service_loads_nothing_from_elsewhere(client: Client) -> None:
    page = client().get("/docs")
    assert page.status_code == 200
    loads = [part.partition('"')[0] for part in page.text.split('src="')[1:]]
    loads += [part.partition('"')[0] for part in page.text.split('href="')[1:]]
    assert loads
    for address in loads:
        assert not address.startswith(("http:", "https:", "//"))
        assert client().get(address).status_code == 200
