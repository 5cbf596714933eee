"""Tokens per second of n replies to one prompt: written side by side against one after the other.

    python tests/bench/together.py [--rounds 3]

The embedded model at 16 bits; a prompt of about 400 tokens that is new each time, and up to 64
tokens for each reply, drawn at temperature 1. Medians over rounds that begin with the one way and
the other in turns. Prints a table: rates while writing and their ratio; the ratio of the seconds
with the prompt, which either way is read once (one after the other: the cache keeps it); and the
ratio of the processor's seconds with the prompt, which other work on the machine touches least.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from agents.models.base import Message, Reply, Sampling, together
from agents.models.convert import to_f16
from agents.models.llama import LlamaModel
from app.prepare import shipped_file

COUNTS = (1, 4, 8, 16)
TOKENS = 64
TEXT = Path("docs/how-it-works.md").read_text("utf-8")[:1700]

Way = Callable[[LlamaModel, Sequence[Message], Sequence[Sampling]], tuple[list[Reply], float]]


@dataclass(frozen=True, slots=True)
class Round:
    """`read` and `written` in tokens; `seconds` in all, `writing` of them without the prompt's,
    and `worked` those of the processor."""

    read: int
    written: int
    seconds: float
    writing: float
    worked: float

    @property
    def rate(self) -> float:
        return self.written / self.writing


def in_turn(
    model: LlamaModel, talk: Sequence[Message], samplings: Sequence[Sampling]
) -> tuple[list[Reply], float]:
    """The replies, and the seconds of writing them."""
    replies = [together(model, talk, [sampling])[0] for sampling in samplings]
    return replies, sum(reply.seconds_write for reply in replies)


def side_by_side(
    model: LlamaModel, talk: Sequence[Message], samplings: Sequence[Sampling]
) -> tuple[list[Reply], float]:
    """The replies, and the seconds of writing them."""
    replies = list(together(model, talk, samplings))
    return replies, max(reply.seconds_write for reply in replies)


def measured(way: Way, model: LlamaModel, number: int, count: int) -> Round:
    """Let one way write `count` replies to prompt `number`."""
    talk = [Message("user", f"Text {number}:\n{TEXT}\n\nTell at length what this text says.")]
    samplings = [Sampling(max_tokens=TOKENS, temperature=1.0, seed=seed) for seed in range(count)]
    start, before = time.perf_counter(), _worked(model)
    replies, writing = way(model, talk, samplings)
    seconds, worked = time.perf_counter() - start, _worked(model) - before
    assert replies[0].evaluated > replies[0].read - 20, "the prompt was in the cache"
    written = sum(reply.written for reply in replies)
    return Round(replies[0].read, written, seconds, writing, worked)


def _worked(model: LlamaModel) -> float:
    if model.pid is None:
        return 0.0
    times = psutil.Process(model.pid).cpu_times()
    return times.user + times.system


def compared(model: LlamaModel, rounds: int) -> dict[int, list[tuple[Round, Round]]]:
    """For each count of replies the rounds: one after the other, side by side."""
    found: dict[int, list[tuple[Round, Round]]] = {count: [] for count in COUNTS}
    for turn in range(rounds):
        for count in COUNTS:
            ways = (in_turn, side_by_side) if turn % 2 else (side_by_side, in_turn)
            made = {way: measured(way, model, 100 * turn + 2 * count + at, count)
                    for at, way in enumerate(ways)}  # fmt: skip
            found[count].append((made[in_turn], made[side_by_side]))
    return found


def middle(values: Iterable[float]) -> float:
    return statistics.median(list(values))


def row(count: int, pairs: Sequence[tuple[Round, Round]]) -> str:
    """A line of the table; what is compared stood next to each other in time."""
    rates = [middle(pair[side].rate for pair in pairs) for side in (0, 1)]
    ratios = (
        middle(many.rate / one.rate for one, many in pairs),
        middle(one.seconds / many.seconds for one, many in pairs),
        middle(one.worked / many.worked for one, many in pairs),
    )
    told = " | ".join(f"{ratio:.2f}" for ratio in ratios)
    return f"| {count} | {rates[0]:.1f} tokens/s | {rates[1]:.1f} tokens/s | {told} |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "f16.gguf"
        to_f16(shipped_file(), weights)
        model = LlamaModel(weights)
        measured(side_by_side, model, 1000, 2)
        found = compared(model, rounds)
        model.close()
    print("| replies | in turn | side by side | times | with the prompt | processor time |")
    print("|---|---|---|---|---|---|")
    for count, pairs in found.items():
        print(row(count, pairs))
    every = [each for pairs in found.values() for pair in pairs for each in pair]
    mean = sum(each.written for each in every) / (2 * rounds * sum(COUNTS))
    print(f"\nprompt {every[0].read} tokens, a reply {mean:.0f}; medians of {rounds} rounds")


if __name__ == "__main__":
    main()
