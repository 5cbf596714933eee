"""`vouch doctor` tells whether Slack takes the tokens and whether they may do what they must."""

import os

import pytest
from fake_slack.server import FakeSlack

from app.doctor import CHECKS, Finding, examine
from app.slack_check import SCOPES
from ui.slack.manifest import manifest

SECRETS = ("xoxb-1-fake", "xapp-1-fake", "xoxb-wrong-token")


def examined(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch, **changes: str) -> list[Finding]:
    for name, value in (slack.environ | changes).items():
        monkeypatch.setenv(name, value)
    found = list(examine(os.environ["VOUCH_HOME"], {}, {"slack": CHECKS["slack"]}))
    assert not [finding for finding in found if any(s in str(finding) for s in SECRETS)]
    return found


def test_without_tokens_nobody_is_asked() -> None:
    (told,) = examine(os.environ["VOUCH_HOME"], {}, {"slack": CHECKS["slack"]})
    assert told.level == "ok" and "vouch slack manifest" in told.fact


def test_tokens_that_do_are_well(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    bot, app = examined(slack, monkeypatch)
    assert bot.level == app.level == "ok" and "vouch" in bot.fact
    assert not slack.socket_mode.connections


def test_missing_scopes_are_named(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    slack.api.scopes = "chat:write,commands,app_mentions:read,channels:history,mpim:history"
    bot, _ = examined(slack, monkeypatch)
    assert bot.level == "fault" and "groups:history, im:history" in bot.fact
    assert "chat:write" not in bot.fact and "manifest" in bot.cure


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ({"VOUCH_SLACK_BOT_TOKEN": "xoxb-wrong-token"}, "fault", "invalid_auth"),
        ({"VOUCH_SLACK_BOT_TOKEN": ""}, "fault", "the bot token is not set"),
        ({"VOUCH_SLACK_BOT_TOKEN": "xoxb-1-fake\nfake"}, "fault", "no token has"),
        ({"VOUCH_SLACK_APP_TOKEN": "xapp-\u4e2d"}, "fault", "no token has"),
        ({"VOUCH_SLACK_APP_TOKEN": "xoxb-1-fake"}, "fault", "not_allowed_token_type"),
        ({"VOUCH_SLACK_APP_TOKEN": ""}, "fault", "the app token is not set"),
        ({"VOUCH_SLACK_API_URL": "http://127.0.0.1:9/api/"}, "fault", "cannot be reached"),
        ({"VOUCH_SLACK_MODE": "http"}, "ok", "HTTP mode"),
        ({"VOUCH_SLACK_MODE": "http", "VOUCH_SLACK_SIGNING_SECRET": ""}, "fault", "secret"),
        ({"VOUCH_SLACK_CHANNELS": "#general,C0MILL"}, "fault", "#general"),
    ],
)
def test_what_is_wrong_is_said_with_its_cure(
    slack: FakeSlack,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, str],
    level: str,
    said: str,
) -> None:
    found = [f for f in examined(slack, monkeypatch, **changes) if said in f.fact]
    assert [finding.level for finding in found][:1] == [level]
    assert level == "ok" or found[0].cure


def test_the_manifest_asks_for_the_scopes_that_are_examined() -> None:
    assert manifest("socket")["oauth_config"]["scopes"]["bot"] == list(SCOPES)
