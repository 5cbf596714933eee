"""Where the bot answers, and from what: nothing private in a channel, and a refusal is said."""

from typing import Any

import pytest
from bot_fakes import CHANNEL, MadeHouse, MadeSlack, Rows, parts, request, through

from retrieval.errors import UserError
from ui.slack.access import Access
from ui.slack.bot import is_slacks


@pytest.mark.parametrize("kind", ["ask", "check"])
@pytest.mark.parametrize(
    ("access", "direct", "read"),
    [
        (Access(), False, ["default"]),
        (Access(), True, ["default"]),
        (Access(collections=("secret", "default")), False, ["default"]),
        (Access(collections=("secret",)), True, ["secret"]),
        (Access(collections=("secret",)), False, None),
    ],
)
def test_private_collections_never_answer_in_a_channel(
    kind: str, access: Access, direct: bool, read: list[str] | None
) -> None:
    house = MadeHouse(Rows())
    house.collections.append({"name": "secret", "private": True})
    bot = parts(house, MadeSlack(), access)
    through(bot, request(kind=kind, direct=direct))
    asked = [*house.named("turn.new"), *house.named("verify")]
    if read is None:
        assert not asked and not house.rows.runs
        assert "private" in bot.slack.shown()[0]["text"] or "told" in bot.slack.shown()[0]["text"]
    else:
        assert [params["collections"] for params in asked] == [read]


def test_what_became_private_meanwhile_is_not_told() -> None:
    house = MadeHouse(Rows())
    bot = parts(house, MadeSlack())

    def step(name: str) -> None:
        if name == "turn.run after":
            house.collections = [{"name": "default", "private": True}]

    house.step = step
    through(bot, request())
    (told,) = bot.slack.shown()
    assert "1966" not in str(told) and "private" in told["text"]


@pytest.mark.parametrize(
    ("access", "changes", "answered"),
    [
        (Access(channels=("C0OTHER",)), {}, False),
        (Access(channels=("C0OTHER",)), {"direct": True}, True),
        (Access(channels=("C0MILL",)), {"outside": True}, True),
        (Access(), {"outside": True}, False),
        (Access(), {"outside": True, "direct": True}, False),
        (Access(collections=("default",)), {"outside": True, "direct": True}, False),
        (Access(), {"text": ""}, False),
        (Access(), {"text": "x" * 12_001}, False),
    ],
)
def test_where_it_does_not_answer_it_says_so(
    access: Access, changes: dict[str, Any], answered: bool
) -> None:
    bot = parts(MadeHouse(Rows()), MadeSlack(), access)
    through(bot, request(**changes))
    assert bool(bot.house.rows.runs) is answered
    assert len(bot.slack.shown()) == 1


@pytest.mark.parametrize("told", ["is_ext_shared", "is_pending_ext_shared", "is_private"])
def test_where_slack_does_not_say_who_reads_along_it_is_asked(told: str) -> None:
    bot = parts(MadeHouse(Rows()), MadeSlack())
    bot.slack.about = {told: True}
    through(bot, request(outside=None, kind="check"))
    assert bool(bot.house.rows.runs) is (told == "is_private")
    assert bot.slack.named("conversations.info") == [{"channel": CHANNEL}]


def test_a_run_that_became_private_opens_no_window_in_a_channel() -> None:
    house = MadeHouse(Rows())
    bot = parts(house, MadeSlack(), Access(collections=("default",)))
    through(bot, request())
    (run,) = house.rows.runs
    assert bot.work.summary(run, False).answer is not None
    house.collections[0]["private"] = True
    assert bot.work.summary(run, True).answer is not None
    with pytest.raises(UserError, match="private"):
        bot.work.summary(run, False)


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("https://hooks.slack.com/commands/T0/1/x", True),
        ("https://hooks.slack-gov.com/commands/T0/1/x", True),
        ("http://hooks.slack.com/commands/T0/1/x", False),
        ("http://slack.com/x", False),
        ("https://hooks.slack.com.evil.test/x", False),
        ("https://hooks.slack.com@evil.test/x", False),
        ("https://evil.test/?hooks.slack.com", False),
        ("http://169.254.169.254/latest/meta-data", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_sentences_are_sent_to_slack_alone(address: str, own: bool) -> None:
    assert is_slacks(address, "https://slack.com/api/") is own
