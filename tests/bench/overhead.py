"""What Vouch adds to the model's own time, with a scripted model of fixed speed.

    python tests/bench/overhead.py [--runs 20]

The model reads 5,000 and writes 200 tokens/s; a run browses by ModelPolicy over a library on disk
(a search, three pages of full windows, a scroll, three quotes), writes three sentences and is
checked, every event journalled with synchronous=FULL. Prints wall time over
the model's own time, and milliseconds per step with a model that takes no time.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from agents import view
from agents.events import Limits
from agents.models.base import Capabilities
from agents.models.scripted import ScriptedModel
from agents.probe import Probed
from app.assistant import Assistant, Request
from app.house import House
from app.settings import load

QUESTION = "Who was the engineer of the weir at Aldmoor?"
LINES = (
    "search engineer of the weir at Aldmoor",
    "open 1",
    "quote 1-4",
    "scroll down",
    "back",
    "open 2",
    "quote 1-2",
    "back",
    "open 3",
    "quote 1",
    "finish",
    "The weir at Aldmoor was finished in 1887 [1]. The engineer of the weir was Clara Voss [1]. "
    "Two mills stood beside the weir until the flood of 1910 [1].",
)


class Never:
    """A stop that nobody sets."""

    def is_set(self) -> bool:
        return False


def assistant(house: House, timed: bool) -> tuple[Assistant, ScriptedModel]:
    """Return an assistant whose model says LINES, at the given speed or at once."""
    speed = (5_000.0, 200.0) if timed else (None, None)
    capabilities = Capabilities(8192, "gbnf", prefix_cache=True)
    model = ScriptedModel(list(LINES), "scripted", capabilities, *speed)
    built = house.assistant
    built.probes.keep("scripted", Probed(6, 6))
    return (
        Assistant(
            model=lambda _name: model,
            sources=built.sources,
            scorer=built.scorer,
            tools=built.tools,
            journal=built.journal,
            probes=built.probes,
        ),
        model,
    )


def measured(house: House, timed: bool) -> tuple[float, float, int]:
    """Ask once; return (wall seconds, the model's own seconds, steps)."""
    asking, _ = assistant(house, timed)
    began = time.perf_counter()
    told = list(asking.ask(Request(QUESTION, limits=Limits()), Never()))
    wall = time.perf_counter() - began
    run = next(entry.run for entry in told if hasattr(entry, "run"))
    events = [entry.event for entry in house.journal.entries(run)]
    assert view.answered(events) is not None
    model = sum(getattr(event, "seconds", 0.0) for event in events)
    return wall, model, sum(1 for _ in view.steps(events)) + 1


def stocked(home: Path) -> House:
    """A small library of real sentences on disk, with the embedded embedder."""
    folder = home / "docs"
    folder.mkdir(parents=True)
    weir = (
        "The weir at Aldmoor was finished in 1887. The engineer of the weir was Clara Voss. She "
        "drew its lock gates. Two mills stood beside the weir until the flood of 1910. "
    )
    rest = "The keeper of the weir wrote the height of the river in a book every morning. " * 60
    (folder / "weir.txt").write_text(weir + rest)
    for number in range(60):
        text = f"Note {number}. The {number}th mill of the county ground rye and barley. " * 60
        (folder / f"note {number}.txt").write_text(text)
    house = House(load(home, {}, {}))
    for _ in house.library.add([folder]):
        pass
    return house


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args(arguments).runs
    with tempfile.TemporaryDirectory() as folder:
        house = stocked(Path(folder))
        measured(house, False)
        ratios, steps = [], []
        for _ in range(runs):
            wall, model, _ = measured(house, True)
            ratios.append(wall / model)
            wall, _, count = measured(house, False)
            steps.append(1000 * wall / count)
        house.close()
    print(f"wall time over the model's own: median {statistics.median(ratios):.3f}, "
          f"worst {max(ratios):.3f}, {runs} runs")  # fmt: skip
    print(f"milliseconds a step at zero latency: median {statistics.median(steps):.1f}, "
          f"worst {max(steps):.1f}")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
