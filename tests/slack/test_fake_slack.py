"""The fake Slack, tested with the unmodified clients of slack_sdk."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fake_slack.faults import Faults, Rates
from fake_slack.http_mode import body_of, sign
from fake_slack.server import FakeSlack
from fake_slack.world import APP_TOKEN, BOT, BOT_TOKEN, BOT_USER, SECRET
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.webhook import WebhookClient

META = {"event_type": "vouch_reply", "event_payload": {"key": "k1"}}


def client_of(slack: FakeSlack, token: str = BOT_TOKEN) -> WebClient:
    return WebClient(token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def client(slack: FakeSlack) -> WebClient:
    return client_of(slack)


def wait_for(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 60
    while not (value := condition()):
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)
    return value


def refused(call: Callable[..., Any], **args: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return str(caught.value.response["error"])


def test_tokens_and_scopes(slack: FakeSlack, client: WebClient) -> None:
    answer = client.auth_test()
    assert (answer["user_id"], answer["bot_id"]) == (BOT_USER, BOT)
    assert "chat:write" in answer.headers["x-oauth-scopes"]
    assert refused(client_of(slack, "xoxb-other").auth_test) == "invalid_auth"
    assert refused(client_of(slack, "").auth_test) == "not_authed"
    assert refused(client.apps_connections_open, app_token=BOT_TOKEN) == "not_allowed_token_type"
    slack.api.scopes = "users:read"
    assert refused(client.chat_postMessage, channel="C0MILL", text="x") == "missing_scope"


def test_a_thread_with_its_metadata_in_pages(slack: FakeSlack, client: WebClient) -> None:
    root = slack.say("U0ADA", "C0MILL", "hello")
    for number in range(5):
        meta = {**META, "event_payload": {"key": f"k{number}"}}
        client.chat_postMessage(
            channel="C0MILL", thread_ts=root.ts, text=f"reply {number}", metadata=meta
        )
    pages = client.conversations_replies(
        channel="C0MILL", ts=root.ts, limit=4, include_all_metadata=True
    )
    found = [page["messages"] for page in pages]
    assert [len(page) for page in found] == [4, 2]
    found = found[0] + found[1]
    assert [m["text"] for m in found] == ["hello", *(f"reply {n}" for n in range(5))]
    keys = [message["metadata"]["event_payload"]["key"] for message in found[1:]]
    assert keys == [f"k{number}" for number in range(5)]
    bare = client.conversations_replies(channel="C0MILL", ts=root.ts)["messages"]
    assert not any("metadata" in message for message in bare)
    top = client.conversations_history(channel="C0MILL")["messages"]
    assert [message["text"] for message in top] == ["hello"]


def test_an_update_changes_text_and_keeps_the_place(slack: FakeSlack, client: WebClient) -> None:
    root = slack.say("U0ADA", "C0MILL", "hello")
    posted = client.chat_postMessage(
        channel="C0MILL", thread_ts=root.ts, text="looking", metadata=META
    )
    client.chat_update(channel="C0MILL", ts=posted["ts"], text="found")
    (_, reply) = slack.world.thread("C0MILL", root.ts)
    assert (reply.text, reply.metadata, reply.versions) == ("found", META, ["looking", "found"])
    assert refused(client.chat_update, channel="C0MILL", ts="1.1", text="x") == "message_not_found"
    assert (
        refused(client.chat_update, channel="C0MILL", ts=root.ts, text="x") == "cant_update_message"
    )
    long = refused(client.chat_update, channel="C0MILL", ts=posted["ts"], text="x" * 4001)
    assert long == "msg_too_long"


SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "fine"}}
BUTTON = {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Go"}}


@pytest.mark.parametrize(
    ("blocks", "error"),
    [
        ([SECTION] * 50, ""),
        ([SECTION] * 51, "invalid_blocks"),
        ([{**SECTION, "text": {"type": "mrkdwn", "text": "x" * 3000}}], ""),
        ([{**SECTION, "text": {"type": "mrkdwn", "text": "x" * 3001}}], "invalid_blocks"),
        ([{**SECTION, "text": {"type": "mrkdwn", "text": "x" * 2700}}] * 5, "msg_blocks_too_long"),
        ([{**SECTION, "text": {"type": "mrkdwn", "text": ""}}], "invalid_blocks"),
        ([{"type": "actions", "elements": [BUTTON]}], ""),
        ([{"type": "actions", "elements": [BUTTON, BUTTON]}], "invalid_blocks"),
        ([{"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]}], "invalid_blocks"),
        ([{"type": "context", "elements": [SECTION["text"]] * 11}], "invalid_blocks"),
        ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "invalid_blocks"),
        ([{"type": "sections"}], "invalid_blocks"),
        ("[", "invalid_blocks_format"),
    ],
)
def test_blocks_have_their_limits(client: WebClient, blocks: Any, error: str) -> None:
    post = {"channel": "C0MILL", "text": "t", "blocks": blocks}
    if error:
        assert refused(client.chat_postMessage, **post) == error
    else:
        assert client.chat_postMessage(**post)["ok"]


def test_what_a_message_may_not_be(slack: FakeSlack, client: WebClient) -> None:
    post = client.chat_postMessage
    assert refused(post, channel="C0NONE", text="x") == "channel_not_found"
    assert refused(post, channel="C0MILL", text="") == "no_text"
    assert refused(post, channel="C0MILL", text="x", thread_ts="1.1") == "thread_not_found"
    wrong = {"event_type": "x"}
    assert refused(post, channel="C0MILL", text="x", metadata=wrong) == "invalid_metadata_schema"
    slack.world.add_channel("C0ELSE", "else", bot=False)
    assert refused(post, channel="C0ELSE", text="x") == "not_in_channel"
    long = post(channel="C0MILL", text="x" * 40_001)
    assert long["response_metadata"]["warnings"] == ["message_truncated"]


def test_direct_messages_people_and_places(slack: FakeSlack, client: WebClient) -> None:
    opened = client.conversations_open(users="U0ADA")["channel"]["id"]
    assert client.chat_postMessage(channel="U0ADA", text="hi")["channel"] == opened
    info = client.conversations_info(channel=opened)["channel"]
    assert info["is_im"] and info["user"] == "U0ADA"
    assert client.conversations_info(channel="C0MILL")["channel"]["is_member"]
    assert client.users_info(user="U0ADA")["user"]["name"] == "ada"
    ts = slack.say("U0ADA", "C0MILL", "x").ts
    client.reactions_add(channel="C0MILL", timestamp=ts, name="eyes")
    again = refused(client.reactions_add, channel="C0MILL", timestamp=ts, name="eyes")
    assert again == "already_reacted"
    client.chat_postEphemeral(channel="C0MILL", user="U0ADA", text="only you")
    assert [m.text for m in slack.world.ephemeral] == ["only you"]


def test_a_trigger_opens_one_view_in_time(slack: FakeSlack, client: WebClient) -> None:
    title = {"type": "plain_text", "text": "Why?"}
    view = {"type": "modal", "title": title, "blocks": [SECTION], "private_metadata": "r1"}
    trigger = slack.world.trigger(3)
    opened = client.views_open(trigger_id=trigger, view=view)["view"]
    assert refused(client.views_open, trigger_id=trigger, view=view) == "exchanged_trigger_id"
    late = slack.world.trigger(-1)
    assert refused(client.views_open, trigger_id=late, view=view) == "expired_trigger_id"
    assert refused(client.views_open, trigger_id="1.2.3", view=view) == "invalid_trigger_id"
    stale = refused(client.views_update, view_id=opened["id"], hash="0", view=view)
    assert stale == "hash_conflict"
    long = {**view, "title": {"type": "plain_text", "text": "x" * 25}}
    assert refused(client.views_update, view_id=opened["id"], view=long) == "invalid_arguments"


def test_a_response_url_serves_five_times(slack: FakeSlack) -> None:
    delivery = slack.command("U0ADA", "C0MILL", "hello")
    hook = WebhookClient(delivery.payload["response_url"])
    answers = [hook.send(text=f"{n}", response_type="in_channel") for n in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert [m.text for m in slack.world.of("C0MILL")] == ["0", "1", "2", "3", "4"]


def test_limits_are_told_with_the_time_to_wait() -> None:
    with FakeSlack(limits=1.0) as slack:
        slack.world.add_channel("C0MILL", "mill")
        client = client_of(slack)
        for _ in range(5):
            client.chat_postMessage(channel="C0MILL", text="x")
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel="C0MILL", text="x")
        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["retry-after"] == "1"
        client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=2))
        assert client.chat_postMessage(channel="C0MILL", text="later")["ok"]


def test_faults_hide_whether_a_call_was_carried_out() -> None:
    rates = Rates(limited=0.1, refused=0.2, lost=0.3)
    with FakeSlack(Faults(7, rates), limits=0) as slack:
        slack.world.add_channel("C0MILL", "mill")
        client, sure = client_of(slack), set()
        for number in range(60):
            try:
                client.chat_postMessage(channel="C0MILL", text=f"{number}")
                sure.add(f"{number}")
            except (SlackApiError, OSError, ValueError):
                pass
        there = {message.text for message in slack.world.of("C0MILL")}
        answers = {call.answer for call in slack.api.calls}
    assert sure < there and len(there) < 60
    assert {answer for answer in answers if "though carried out" in answer}
    assert {answer for answer in answers if "not carried out" in answer}
    assert "429, 1 s" in answers


class Listener:
    """A Socket Mode client that acks what `acks` lets it, and keeps what it got."""

    def __init__(self, slack: FakeSlack, acks: Callable[[SocketModeRequest], bool]) -> None:
        self.got: queue.Queue[SocketModeRequest] = queue.Queue()
        self.hello = threading.Event()
        self.acks = acks
        self.client = SocketModeClient(APP_TOKEN, web_client=client_of(slack), ping_interval=0.2)
        self.client.socket_mode_request_listeners.append(self._take)  # type: ignore[arg-type]
        self.client.on_message_listeners.append(self._hear)
        self.client.connect()
        assert self.hello.wait(10)

    def _hear(self, text: str) -> None:
        if '"hello"' in text:
            self.hello.set()

    def _take(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        if self.acks(request):
            client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
        self.got.put(request)

    def next(self) -> SocketModeRequest:
        return self.got.get(timeout=10)


@pytest.fixture
def listen(slack: FakeSlack) -> Iterator[Callable[..., Listener]]:
    made: list[Listener] = []

    def start(acks: Callable[[SocketModeRequest], bool] = lambda request: True) -> Listener:
        made.append(Listener(slack, acks))
        return made[-1]

    yield start
    for listener in made:
        listener.client.default_auto_reconnect_enabled = False
        listener.client.auto_reconnect_enabled = False
    slack.cut()
    for listener in made:
        listener.client.close()


def test_a_mention_comes_as_two_events_of_one_ts(
    slack: FakeSlack, listen: Callable[..., Listener]
) -> None:
    listener = listen()
    message = slack.say("U0ADA", "C0MILL", f"<@{BOT_USER}> when?")
    got = [listener.next(), listener.next()]
    events = [request.payload["event"] for request in got]
    assert {event["type"] for event in events} == {"message", "app_mention"}
    assert {event["ts"] for event in events} == {message.ts}
    assert len({request.payload["event_id"] for request in got}) == 2
    wait_for(lambda: all(delivery.heard for delivery in slack.deliveries))
    assert [delivery.failed for delivery in slack.deliveries] == [0, 0]


def test_an_event_without_ack_comes_again_and_a_command_does_not(
    slack: FakeSlack, listen: Callable[..., Listener]
) -> None:
    listener = listen(lambda request: request.retry_attempt == 2)
    slack.direct("U0ADA", "when?")
    retries = [listener.next() for _ in range(3)]
    assert [request.retry_attempt for request in retries] == [0, 1, 2]
    assert [request.retry_reason for request in retries] == ["", "timeout", "timeout"]
    command = slack.command("U0ADA", "C0MILL", "when?")
    assert listener.next().type == "slash_commands"
    wait_for(lambda: command.given_up)
    assert listener.got.empty() and slack.deliveries[0].heard and not command.acked


def test_a_broken_line_and_a_refresh_lose_nothing(
    slack: FakeSlack, listen: Callable[..., Listener]
) -> None:
    listener = listen()
    slack.cut()
    wait_for(lambda: slack.socket_mode.opened == 2)
    slack.direct("U0ADA", "one")
    assert listener.next().payload["event"]["text"] == "one"
    slack.refresh()
    wait_for(lambda: slack.socket_mode.opened > 2)
    slack.direct("U0ADA", "two")
    assert listener.next().payload["event"]["text"] == "two"


def test_a_lost_ack_brings_the_event_again(
    slack: FakeSlack, listen: Callable[..., Listener]
) -> None:
    slack.faults.rates = Rates(unheard=1.0)
    listener = listen()
    slack.direct("U0ADA", "when?")
    assert [listener.next().retry_attempt for _ in range(4)] == [0, 1, 2, 3]
    delivery = slack.deliveries[0]
    wait_for(lambda: delivery.given_up)
    assert delivery.acked and not delivery.heard


def test_a_press_brings_the_button_and_the_message(
    slack: FakeSlack, client: WebClient, listen: Callable[..., Listener]
) -> None:
    listener = listen()
    block = {"type": "actions", "block_id": "b1", "elements": [{**BUTTON, "value": "r1"}]}
    ts = client.chat_postMessage(channel="C0MILL", text="t", blocks=[block])["ts"]
    slack.click("U0ADA", slack.world.messages[("C0MILL", ts)], "a")
    payload = listener.next().payload
    assert payload["type"] == "block_actions"
    assert payload["actions"][0]["value"] == "r1" and payload["container"]["message_ts"] == ts
    slack.shortcut("U0ADA", slack.world.messages[("C0MILL", ts)], "check_claim")
    assert listener.next().payload["callback_id"] == "check_claim"
    view = {"type": "modal", "callback_id": "why"}
    slack.submit("U0ADA", view, {"b": {"a": {"type": "plain_text_input", "value": "x"}}})
    assert listener.next().payload["view"]["state"]["values"]["b"]["a"]["value"] == "x"


def test_requests_are_signed_as_the_verifier_wants_them() -> None:
    body, _ = body_of("slash_commands", {"text": "when & where?"})
    verifier = SignatureVerifier(SECRET)
    assert verifier.is_valid_request(body, sign(body, time.time()))
    assert not verifier.is_valid_request(body, sign(body, time.time() - 301))
    assert not verifier.is_valid_request(body, sign(body, time.time(), "other"))


def test_a_bolt_app_of_ten_lines_answers_in_the_thread(slack: FakeSlack) -> None:
    from slack_bolt import App
    from slack_bolt.adapter.socket_mode import SocketModeHandler

    app = App(client=client_of(slack), request_verification_enabled=False)
    app.event("message")(lambda: None)
    app.event("app_mention")(lambda event, say: say("At noon.", thread_ts=event["ts"]))
    door = SocketModeHandler(app, APP_TOKEN)
    door.client.auto_reconnect_enabled = door.client.default_auto_reconnect_enabled = False
    door.connect()
    message = slack.say("U0ADA", "C0MILL", f"<@{BOT_USER}> when?")
    thread = wait_for(lambda: slack.world.thread("C0MILL", message.ts)[1:])
    assert [reply.text for reply in thread] == ["At noon."]
    wait_for(lambda: all(delivery.heard for delivery in slack.deliveries))
    slack.cut()
    door.close()
