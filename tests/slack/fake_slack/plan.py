"""What people do in a storm: a seeded list of acts, most of which want one reply each."""

import random
from dataclasses import dataclass
from typing import Literal

from fake_slack.house import Fact, fact
from fake_slack.world import BOT_USER

Kind = Literal["mention", "direct", "follow", "command", "check", "chat", "bot", "old edit"]
WANTED: tuple[Kind, ...] = ("mention", "direct", "follow", "command", "check")
UNWANTED: tuple[Kind, ...] = ("bot", "old edit", "chat")
SHARES = {"mention": 8, "direct": 4, "follow": 4, "command": 3, "check": 2}
NOISE = 0.2
LONG = 0.08


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody does `at` so many seconds after the storm began.

    `parent` is the number of the act in whose thread it happens, -1 for none.
    """

    number: int
    at: float
    kind: Kind
    user: str
    channel: str
    fact: Fact
    parent: int = -1

    @property
    def wanted(self) -> bool:
        """Whether a reply is due."""
        return self.kind in WANTED

    @property
    def text(self) -> str:
        if self.kind in ("mention", "follow", "bot", "old edit"):
            return f"<@{BOT_USER}> {self.fact.question}"
        return self.fact.sentence if self.kind == "check" else self.fact.question


def plan(seed: int, count: int, seconds: float, channels: list[str], users: list[str]) -> list[Act]:
    """Return `count` acts that want a reply, with noise between them, in order of time."""
    dice = random.Random(f"plan {seed}")
    acts: list[Act] = []
    threads: list[Act] = []
    wanted = 0
    while wanted < count:
        at = seconds * wanted / count + dice.uniform(0, seconds / count)
        noise = dice.random() < NOISE
        by_turns = UNWANTED[(len(acts) - wanted) % len(UNWANTED)]
        kind: Kind = by_turns if noise else _wanted(dice, bool(threads))
        parent = dice.choice(threads[-8:]) if kind == "follow" else None
        long = kind in ("mention", "direct", "command") and (dice.random() < LONG or wanted == 2)
        channel = parent.channel if parent else dice.choice(channels)
        act = Act(
            len(acts),
            at,
            kind,
            dice.choice(users),
            channel,
            fact(len(acts), long),
            parent.number if parent else -1,
        )
        acts.append(act)
        threads += [act] if kind == "mention" else []
        wanted += not noise
    return sorted(acts, key=lambda act: (act.at, act.number))


def _wanted(dice: random.Random, threads: bool) -> Kind:
    kinds = [kind for kind in WANTED if threads or kind != "follow"]
    return dice.choices(kinds, [SHARES[kind] for kind in kinds])[0]
