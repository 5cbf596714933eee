"""`vouch learn reward`: learns from comparisons to rank answers, in this process."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.commands.learning_shown import minutes, planned, progressed, read_so_far
from ui.escape import json_text
from ui.house_port import Visit
from ui.lines import Line, counted, line, table

if TYPE_CHECKING:
    from app.learning.candidates import Card
    from app.learning.reward.learning import Learning
    from app.learning.reward.tuned import EncoderLearning
    from app.learning.verifier import Plan


def reward(visit: Visit) -> int:
    """Say what it will take, learn, and show the reward beside what needs no learning."""
    from app.house import build
    from app.learning.reward.house import encoder, learning
    from app.learning.reward.tuning import Recipe
    from app.learning.writing.house import yielding
    from app.settings import load

    asked = visit.arguments
    yielding()
    house = build(load(visit.choice.home, overrides=dict(visit.choice.overrides)))
    try:
        folders = [Path(one).expanduser() for one in asked.data]
        if asked.encoder:
            tuned = encoder(house, folders, Recipe(asked.seed, asked.steps))
            if not tuned.done:
                _tune(visit, tuned)
            return _told(visit, tuned.folder, tuned.card())
        made = learning(house, folders, asked.seed)
        if not made.done:
            _learn(visit, made)
        return _told(visit, made.folder, made.card())
    finally:
        house.close()


def _learn(visit: Visit, made: "Learning") -> None:
    visit.screen.step(line(("reading the first answers ...", "dim")))
    visit.screen.step(*_planned(made.plan()))
    for progress in made.run():
        read_so_far(visit, progress)
    visit.screen.settle()
    visit.screen.step(line(("fitting ...", "dim")))
    made.finish()


def _tune(visit: Visit, made: "EncoderLearning") -> None:
    visit.screen.step(line(("loading the network ...", "dim")))
    visit.screen.step(*planned(made.plan(), "comparison"))
    for progress in made.run():
        progressed(visit, progress, "comparisons")
    visit.screen.settle()
    visit.screen.step(line(("measuring ...", "dim")))
    for progress in made.read():
        read_so_far(visit, progress)
    visit.screen.settle()
    made.finish()


def _planned(plan: "Plan") -> list[Line]:
    begun = f", {plan.step:,} of them read" if plan.step else ""
    return [
        line(f"{counted(plan.pairs, 'comparison')} of {counted(plan.steps, 'answer')}{begun}"),
        line(f"about {minutes(plan.seconds)} on this machine, {plan.bytes / 1e9:.1f} GB of memory"),
        line(("stop it whenever you like: the same command goes on from there", "dim")),
    ]


def _told(visit: Visit, folder: Path, card: "Card") -> int:
    if visit.arguments.json:
        visit.screen.raw(json_text({"folder": str(folder), "card": asdict(card)}))
        return 0
    found = card.figures["held out"]
    sets = " and ".join(counted(one["rows"], "row") + f" of {n}" for n, one in card.data.items())
    visit.screen.show(
        [
            line(("learned: ", "good"), card.name),
            line(f"from {sets}; {folder}"),
            line(
                f"right on questions it was not fitted on ({counted(found['pairs'], 'pair')}, "
                f"{counted(found['prompts'], 'question')}):"
            ),
            *accuracies(found),
            line((_verdict(found), "dim")),
            *_short(card, found),
        ]
    )
    return 0


def _short(card: "Card", found: dict[str, Any]) -> Iterator[Line]:
    """Say what keeps the reward from being released in place of none, if it was measured on too
    few pairs; an encoder is measured on one of five parts of them."""
    from app.learning.releasing import LEAST, too_few
    from app.learning.reward.encoding import METHOD
    from app.learning.reward.head import FOLDS

    if more := too_few(found["pairs"]):
        some = "about " if card.settings.get("method") == METHOD else ""
        more *= FOLDS if some else 1
        measured = f"it was measured on {counted(found['pairs'], 'pair')}"
        yield line(
            ("it cannot be released: ", "doubt"),
            f"{measured}, and at least {LEAST['accuracy']} are needed; "
            f"learn again with {some}{counted(more, 'comparison')} more",
        )


def accuracies(found: dict[str, Any]) -> list[Line]:
    """Lay out the accuracy of each way, with what the reward is above it."""
    rows: list[tuple[str, ...]] = [("", "right", "95 %", "the first row is above it by")]
    for name, one in found["rows"].items():
        gain = f"{_signed(one, 'gain')} ({_signed(one, 'gain_low')} to {_signed(one, 'gain_high')})"
        span = f"{one['low']:.1%} to {one['high']:.1%}"
        rows.append((name, f"{one['accuracy']:.1%}", span, "" if len(rows) == 1 else gain))
    told = f"differences in reward and in length are correlated by {found['length']:+.2f}"
    return [*table(rows, "  "), line("  ", told)]


def _signed(one: dict[str, float], name: str) -> str:
    return f"{100 * one[name]:+.1f}"


def _verdict(found: dict[str, Any]) -> str:
    rows = found["rows"]
    if rows["reward"]["low"] <= rows["constant"]["accuracy"]:
        return "alone no better than chance, as far as these can tell: it can learn from more"
    judges = rows["judges"]
    if judges["gain_low"] > 0:
        return "drafts are ranked better with it than by the self-check alone"
    if judges["gain_high"] < 0:
        return "drafts are ranked worse with it than by the self-check alone"
    return "better than chance, but not surely of use beside the self-check"
