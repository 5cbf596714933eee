"""A storm: people act, Slack and the network fail, the bot is killed, and it all is watched."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fake_slack.bot import Bot
from fake_slack.deliveries import Delivery
from fake_slack.plan import Act
from fake_slack.server import FakeSlack
from fake_slack.world import Message

MOMENTS = (
    "chat.postMessage after",
    "ack alone",
    "any",
    "chat.postMessage before",
    "chat.update after",
    "ack",
)
"""When the bot is killed, by turns: at a random moment, or just as something happens of which it
does not know the outcome yet."""

SHORTCUT = "vouch_check"


@dataclass(slots=True)
class Done:
    """An act as it happened: its message, if it is one, and what was sent to the app of it."""

    act: Act
    message: Message | None = None
    delivery: Delivery | None = None
    root: str = ""
    """The thread in which a reply belongs, "" for the channel itself."""

    def deliveries(self, slack: FakeSlack) -> list[Delivery]:
        if self.delivery is not None:
            return [self.delivery]
        return slack.named.get(self.message.ts if self.message else "", [])


@dataclass(slots=True)
class Storm:
    """Carries a plan out against a bot that is killed so many times."""

    slack: FakeSlack
    bot: Bot
    acts: list[Act]
    kills: int
    seed: int
    began: float = field(default_factory=time.monotonic)
    done: dict[int, Done] = field(default_factory=dict)
    _armed: str = ""
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Do everything that is planned; the bot runs, and is kept running, when this returns."""
        self.slack.api.watch = self.slack.socket_mode.watch = self._tripped
        threading.Thread(target=self._supervise, daemon=True).start()
        wait_for(self._connected, 60)
        self.began = time.monotonic()
        killer = threading.Thread(target=self._kill_often, daemon=True)
        killer.start()
        for act in self.acts:
            time.sleep(max(0.0, self.began + act.at - time.monotonic()))
            self.done[act.number] = self._do(act)
        killer.join()

    def quiet(self) -> bool:
        """Whether everything that was sent has been heard, or given up."""
        sent = list(self.slack.deliveries)
        return all(delivery.heard or delivery.given_up for delivery in sent)

    def end(self) -> None:
        """Keep the bot running no longer."""
        self._over.set()

    def _connected(self) -> bool:
        return any(connection.open for connection in self.slack.socket_mode.connections)

    def _supervise(self) -> None:
        """Start the bot again whenever it has ended, a little later."""
        dice = random.Random(f"starts {self.seed}")
        while not self._over.wait(0.05):
            if self.bot.ended():
                self._over.wait(dice.choice((0.0, 0.0, 0.5, 1.5)))
                self.bot.start()

    def _kill_often(self) -> None:
        """Kill the bot at moments spread over the storm."""
        dice = random.Random(f"kills {self.seed}")
        length = self.acts[-1].at
        for number in range(self.kills):
            due = self.began + length * (number + dice.uniform(0.1, 0.9)) / self.kills
            time.sleep(max(0.0, due - time.monotonic()))
            wait_for(self._connected, 60, must=False)
            moment = MOMENTS[number % len(MOMENTS)]
            self._armed = moment
            killed = len(self.bot.kills)
            here = lambda killed=killed: len(self.bot.kills) > killed  # noqa: E731
            if moment == "any" or not wait_for(here, 5, must=False):
                self._armed = ""
                while not here():
                    self.bot.kill("any")
                    time.sleep(0.1)

    def _tripped(self, moment: str) -> None:
        if moment == self._armed:
            self._armed = ""
            self.bot.kill(moment)

    def _do(self, act: Act) -> Done:
        match act.kind:
            case "mention" | "chat" | "follow":
                thread = self.done[act.parent].root if act.parent >= 0 else ""
                message = self.slack.say(act.user, act.channel, act.text, thread)
                return Done(act, message, root=message.thread_ts or message.ts)
            case "direct":
                message = self.slack.direct(act.user, act.text)
                return Done(act, message, root=message.ts)
            case "command":
                return Done(act, delivery=self.slack.command(act.user, act.channel, act.text))
            case "check":
                claim = self.slack.say(act.user, act.channel, act.text)
                delivery = self.slack.shortcut(act.user, claim, SHORTCUT)
                return Done(act, delivery=delivery, root=claim.ts)
            case "bot":
                message = self.slack.say("U0OTHER", act.channel, act.text, bot="B0OTHER")
                return Done(act, message)
            case "old edit":
                message = self.slack.say(act.user, act.channel, act.text, edited=True)
                return Done(act, message)


def wait_for(
    condition: Callable[[], object], seconds: float, must: bool = True, every: float = 0.02
) -> bool:
    """Wait until a condition holds. `must` fails instead of returning False, after a time that only
    a fault can reach."""
    seconds = max(seconds, 60.0) if must else seconds
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            assert not must, f"it did not come about in {seconds:.0f} s"
            return False
        time.sleep(every)
    return True
