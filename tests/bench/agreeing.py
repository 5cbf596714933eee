"""What agreement knows: claims that no judge is sure of, by how many of the other drafts say them.

    python tests/bench/agreeing.py DRAFTS

DRAFTS is what `tests/bench/reward.py sample` wrote: several drafts for each question, greedy and
sampled. Each draft is judged by the self-check as it stands. Of the claims that are supported and
in doubt, it is counted how many stand in a draft that holds a gold answer, apart for those that
agreement would take back and those that it would leave. No label is fitted to.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import answerable_figures as figures
import numpy as np
from reward import Drawn, drawn
from writer import verdicts

from agents.check.agreeing import disagreed, share
from agents.check.critic import doubtful
from app.house import House, build
from app.settings import load


@dataclass(frozen=True, slots=True)
class Row:
    """A doubtful claim: the share of other drafts that say it, whether agreement takes it back, and
    whether its draft is right."""

    question: str
    share: float
    taken: bool
    right: bool


def rows(every: list[Drawn], house: House) -> Iterator[Row]:
    """The supported claims in doubt of all different drafts."""
    for one in every:
        for text in dict.fromkeys(one.drafts):
            found = [v for v in verdicts(one.quotes, text, house) if v.ruling == "supported"]
            for verdict in doubtful(found):
                taken = bool(list(disagreed([verdict], one.drafts)))
                agreeing = share(verdict.claim, one.drafts)
                yield Row(one.question, agreeing, taken, one.right[text])


def main() -> None:
    """Print counts and the area under the curve."""
    house = build(load())
    every = drawn(Path(sys.argv[1]))
    found = list(rows(every, house))
    house.close()
    right = np.array([row.right for row in found], float)
    shares = np.array([row.share for row in found])
    taken = np.array([row.taken for row in found])
    print(f"{len(every)} questions, {len({row.question for row in found})} with such claims")
    print("| claims in doubt | n | in a draft that holds the gold answer |\n|---|---|---|")
    for name, some in (("all", taken | ~taken), ("taken back", taken), ("left", ~taken)):
        told = f"{right[some].mean():.3f}" if some.any() else "-"
        print(f"| {name} | {some.sum()} | {told} |")
    print(f"\nAUROC of the share of drafts: {figures.auroc(shares, right):.3f}")


if __name__ == "__main__":
    main()
