"""How soon the Slack bot acknowledges an event while the model is busy.

    python tests/bench/slack_ack.py [--events 300] [--seconds 60] [--tokens 0]

The real bot and a real engine, against the Slack that the tests run on this machine, by Socket
Mode. Mentions come at random moments in six channels, far faster than they can be answered, so
that a question is in work all the while. `--tokens 0` asks the embedded model over this project's
docs/; any other number scripts a model of that many tokens/s, which leaves the processor free. An
acknowledgement counts from the sending of an envelope to the coming of its ack. Each mention is
two events.
"""

import argparse
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "slack"))

from fake_slack import house  # noqa: E402
from fake_slack.bot import Bot  # noqa: E402
from fake_slack.server import FakeSlack  # noqa: E402
from fake_slack.storm import wait_for  # noqa: E402
from fake_slack.world import BOT_USER  # noqa: E402

ROOMS = [f"C0ROOM{number}" for number in range(6)]
QUESTIONS = (
    "What happens to a claim that fails the check?",
    "Which process owns the database?",
    "What does Vouch do when no quote supports a claim?",
    "Which actions can a browsing model take?",
)


def vouch(environ: dict[str, str], *words: str) -> None:
    """Run a command of Vouch."""
    command = [sys.executable, "-c", "from ui.cli import main; main()", *words]
    subprocess.run(command, env=environ, check=True, capture_output=True, cwd=TESTS.parent)


def prepare(home: Path, environ: dict[str, str], tokens: float) -> list[str]:
    """Fill the library, warm the engine up, and return the questions to ask."""
    if not tokens:
        vouch(environ, "add", str(TESTS.parent / "docs"))
        vouch(environ, "ask", QUESTIONS[0])
        return list(QUESTIONS)
    facts = [house.fact(number) for number in range(40)]
    house.write_library(home / "docs", facts)
    slow = {**environ, house.SPEED: f"{tokens}", "VOUCH_ASK_POLICY": "model"}
    environ |= slow
    engine = house.start_engine(home, slow)
    engine.result("add", {"paths": [str(home / "docs")]})
    return [one.question for one in facts]


def measured(slack: FakeSlack, questions: list[str], events: int, seconds: float) -> list[float]:
    """Let people ask, and return the seconds to each acknowledgement, shortest first."""
    dice = random.Random(20240607)
    began = time.monotonic()
    for at in sorted(dice.uniform(0, seconds) for _ in range(events)):
        time.sleep(max(0.0, began + at - time.monotonic()))
        slack.say("U0ADA", dice.choice(ROOMS), f"<@{BOT_USER}> {dice.choice(questions)}")
    told = slack.deliveries
    wait_for(lambda: all(delivery.heard or delivery.given_up for delivery in told), 60, must=False)
    attempts = [attempt for delivery in told for attempt in delivery.attempts]
    late = sum(not attempt.acked for attempt in attempts)
    print(f"{len(attempts)} payloads sent, {late} never acknowledged")
    return sorted(attempt.acked - attempt.sent for attempt in attempts if attempt.acked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--tokens", type=float, default=0.0)
    chosen = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, FakeSlack(limits=1.0) as slack:
        home = Path(folder)
        slack.world.add_user("U0ADA", "ada")
        for room in ROOMS:
            slack.world.add_channel(room, room.lower())
        environ = {**os.environ, **slack.environ, "VOUCH_HOME": folder}
        questions = prepare(home, environ, chosen.tokens)
        bot = Bot(environ, home / "bot.log")
        try:
            bot.start()
            wait_for(lambda: slack.socket_mode.connections, 60)
            acks = measured(slack, questions, chosen.events, chosen.seconds)
            done = sum("Working" not in m.text for m in slack.world.by_bot())
        finally:
            bot.kill("end")
            vouch(environ, "engine", "stop")
    model = f"a scripted model of {chosen.tokens:.0f} tokens/s" if chosen.tokens else "embedded"
    print(f"mentions: {chosen.events} in {chosen.seconds:.0f} s, {done} answered by then")
    print(f"model: {model}")
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("most", 1.0)):
        place = min(len(acks) - 1, int(share * len(acks)))
        print(f"acknowledged, {name}: {acks[place] * 1000:.0f} ms")
    where = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    print(f"machine: {where}, load {load:.1f} before")


if __name__ == "__main__":
    main()
