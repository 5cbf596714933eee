"""One reply to each event through faults of Slack, of the network and kill -9, at any moment.

The bot is the real `vouch slack` and the engine a real process whose model is scripted. A failure
prints the seed and what happened around the act.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fake_slack import house
from fake_slack.bot import Bot
from fake_slack.faults import STORM, Faults
from fake_slack.plan import Act, plan
from fake_slack.server import FakeSlack
from fake_slack.storm import Storm, wait_for
from fake_slack.trace import trace
from fake_slack.verdict import wrongs

USERS = ["U0ADA", "U0BOB", "U0EVE", "U0KIM"]
CHANNELS = [f"C0ROOM{number}" for number in range(6)]
SETTINGS = {
    "VOUCH_ASK_POLICY": "model",
    "VOUCH_ASK_STEPS": "60",
    "VOUCH_ASK_TOKENS": "1000000",
    "VOUCH_ASK_QUOTED_CHARACTERS": "40000",
}
RETRIES = (0.0, 3.0, *[5.0] * 30)
"""Slack's minute and five minutes, made shorter; a storm packs the faults of weeks into seconds, so
that it tries more often than thrice."""

SETTLED = 4.0
"""Seconds in which a second reply would still come."""

SEED = int(os.environ.get("STORM_SEED", "20240607"))


@contextmanager
def weather(
    home: Path, acts: list[Act], seed: int, limits: float
) -> Iterator[tuple[FakeSlack, Bot]]:
    """A workspace with these faults, an engine that knows every fact, and a bot not yet begun."""
    faults = Faults(seed, STORM)
    with FakeSlack(faults, limits=limits, retries=RETRIES, echoes=True) as slack:
        for number, user in enumerate(USERS):
            slack.world.add_user(user, f"person{number}")
        slack.world.add_user("U0OTHER", "other", bot=True)
        for number, channel in enumerate(CHANNELS):
            slack.world.add_channel(channel, f"room{number}")
        environ = {**os.environ, **SETTINGS, **slack.environ, "VOUCH_HOME": str(home)}
        house.write_library(home / "docs", [act.fact for act in acts])
        engine = house.start_engine(home, environ)
        bot = Bot(environ, home / "bot.log")
        try:
            engine.result("add", {"paths": [str(home / "docs")]})
            yield slack, bot
        finally:
            bot.stop()
            house.stop_engine(engine)


def blow(home: Path, seed: int, count: int, seconds: float, kills: int, limits: float) -> None:
    """Carry a storm out and hold the workspace against what was promised."""
    acts = plan(seed, count, seconds, CHANNELS, USERS)
    with weather(home, acts, seed, limits) as (slack, bot):
        storm = Storm(slack, bot, acts, kills, seed)
        storm.run()
        wait_for(
            lambda: storm.quiet() and not list(wrongs(storm)), 60 + count / 4, must=False, every=0.5
        )
        time.sleep(SETTLED)
        storm.end()
        found = list(wrongs(storm))
        _tell(storm, time.monotonic() - storm.began)
        if found:
            pytest.fail(_report(storm, found), pytrace=False)
        assert len(bot.kills) == kills


def _tell(storm: Storm, seconds: float) -> None:
    """Print the storm in one line, so that a proof says what it proved."""
    sent = sum(len(delivery.attempts) for delivery in storm.slack.deliveries)
    hidden = sum("though carried out" in call.answer for call in storm.slack.api.calls)
    slowed = sum(call.answer.startswith("429") for call in storm.slack.api.calls)
    print(
        f"seed {storm.seed}: {len(storm.done)} acts, {sent} payloads sent, "
        f"{len(storm.slack.api.calls)} calls, {hidden} carried out unheard, {slowed} slowed down, "
        f"{storm.slack.socket_mode.opened} connections, {len(storm.bot.kills)} kills, "
        f"{storm.bot.starts} starts, {seconds:.0f} s",
        file=sys.stderr,
    )


def _report(storm: Storm, found: list[tuple[int, str]]) -> str:
    lines = [f"seed {storm.seed}: {len(found)} wrong (again with STORM_SEED={storm.seed})"]
    lines += [f"  act {number}: {wrong}" for number, wrong in found[:20]]
    lines += [trace(storm, number) for number in sorted({n for n, _ in found if n >= 0})[:4]]
    return "\n".join([*lines, "the bot's last words:", storm.bot.tail(30)])


@pytest.mark.timeout(170)
def test_each_event_has_one_reply_through_a_storm(vouch_home: Path) -> None:
    blow(vouch_home, SEED, count=30, seconds=15, kills=3, limits=1.0)


@pytest.mark.prove
@pytest.mark.timeout(2400)
def test_each_of_a_thousand_events_has_one_reply(vouch_home: Path) -> None:
    blow(vouch_home, SEED, count=1000, seconds=360, kills=40, limits=20.0)
