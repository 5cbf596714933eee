"""How much of each prompt the model has to read anew, phase by phase.

    python tests/bench/prefix.py

The embedded model reads the real prompts of a steered run of ModelPolicy: six page views of a long
document set, a window small enough that old page texts are cut at least once, then writing and a
rewrite. Prints, per phase, tokens evaluated over tokens of the last prompt.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from agents import prompt, view
from agents.events import Asked, Event, Limits, Prompted, Replied
from agents.kit import Kit
from agents.loop import run
from agents.models.base import Cancel, Capabilities, Message, Model, Piece, Reply, Sampling
from agents.policy import ModelPolicy
from app.assistant import Stopwatch
from app.house import House
from app.settings import load

VIEWS = 5
CONTEXT = 5_700
LINES = (
    "search mills of the county",
    *(line for n in range(1, VIEWS + 1) for line in (f"open {n}", "quote {first}", "back")),
    "finish",
    "The mills ground 9000 tons of barley [1].",
    "The mills of the county ground rye [1].",
)


class Steered:
    """Reads every prompt with the real model and then says the next line of a script."""

    def __init__(self, inner: Model, lines: Sequence[str]) -> None:
        self._inner, self._lines = inner, iter(lines)
        self.capabilities: Capabilities = inner.capabilities
        self.name = inner.name

    def reply(
        self, messages: Sequence[Message], sampling: Sampling, cancel: Cancel | None = None
    ) -> Iterator[Piece | Reply]:
        *_, reply = self._inner.reply(messages, replace(sampling, max_tokens=1), cancel)
        assert isinstance(reply, Reply)
        line = next(self._lines)
        if "{first}" in line:
            line = line.replace("{first}", _first_line(messages[-1].content))
        yield replace(reply, text=line, finish="stop")

    def close(self) -> None:
        self._inner.close()


def _first_line(page: str) -> str:
    body = page.split("<<<\n", 1)[1]
    return body.split(":", 1)[0]


def stocked(home: Path) -> House:
    """Six documents that each fill more than one window."""
    folder = home / "docs"
    folder.mkdir(parents=True)
    for number in range(1, VIEWS + 3):
        lines = [
            f"Mill {number} of the county ground rye in the year {1700 + 7 * number + year}, and "
            f"its miller number {year} kept the books of the county's mills."
            for year in range(60)
        ]
        (folder / f"mill {number}.txt").write_text("\n".join(lines))
    house = House(load(home, {}, {}))
    for _ in house.library.add([folder]):
        pass
    return house


class Never:
    """A stop that nobody sets."""

    def is_set(self) -> bool:
        return False


def steered(house: House) -> list[Event]:
    """Run the script to its end and return the events."""
    model = Steered(house.model(), LINES)
    parts = house.assistant
    kit = Kit(model, house.library, parts.scorer, house.tools, Stopwatch(), Never())
    limits = Limits(steps=40, seconds=3600, tokens=10**6, quoted_characters=10**6)
    asked = Asked("What did the mills of the county grind?", "model", model.name, "", CONTEXT,
                  "gbnf", "prose", limits=limits)  # fmt: skip
    events: list[Event] = [asked]
    for _ in run(events, kit, ModelPolicy()):
        pass
    return events


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = stocked(Path(folder))
        events = steered(house)
        house.close()
    begins = [begin for begin, _ in view.steps(events)]
    trims = sum(
        any("(text cut)" in m.content for m in prompt.browse(events[:begin])) for begin in begins
    )
    print(f"page views {len(view.opened(events))}, prompts with cut texts {trims} of {len(begins)}")
    print("| phase | prompts | tokens evaluated | tokens of the last prompt | ratio |")
    print("|---|---|---|---|---|")
    for phase in ("browse", "write", "rewrite"):
        replies = _replies(events, phase)
        evaluated = sum(reply.evaluated for reply in replies)
        last = replies[-1].read
        ratio = f"{evaluated / last:.2f}"
        print(f"| {phase} | {len(replies)} | {evaluated} | {last} | {ratio} |")


def _replies(events: Sequence[Event], phase: str) -> list[Replied]:
    found, inside = [], False
    for event in events:
        if isinstance(event, Prompted):
            inside = event.phase == phase
        elif isinstance(event, Replied) and inside:
            found.append(event)
    return found


if __name__ == "__main__":
    sys.exit(main())
