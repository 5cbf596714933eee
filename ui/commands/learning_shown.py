"""What a training shows: what it will take, and how far it is."""

from typing import TYPE_CHECKING

from ui.house_port import Visit
from ui.lines import Line, counted, line

if TYPE_CHECKING:
    from app.learning.training import Progress
    from app.learning.verifier import Plan

TOLD = 10
"""Steps from one line of progress to the next, where the screen cannot be drawn over and a step
takes long."""


def planned(plan: "Plan", thing: str) -> list[Line]:
    """Say what a training will take, and that it can be stopped."""
    begun = f", {plan.step:,} of them done" if plan.step else ""
    return [
        line(f"{counted(plan.pairs, thing)}, {counted(plan.steps, 'step')}{begun}"),
        line(f"about {minutes(plan.seconds)} on this machine, {plan.bytes / 1e9:.1f} GB of memory"),
        line(("stop it whenever you like: the same command goes on from there", "dim")),
    ]


def progressed(visit: Visit, progress: "Progress", things: str, told_each: int = TOLD) -> None:
    """Draw a bar, or print a line from time to time."""
    told = (
        f"step {progress.step:,} of {progress.steps:,}, loss {progress.loss:.3f}, "
        f"{progress.pace:.1f} {things}/s, {minutes(progress.left)} left"
    )
    if visit.screen.live:
        visit.screen.bar(progress.step / progress.steps, line(told))
    elif progress.step % told_each == 0 or progress.step == progress.steps:
        visit.screen.step(line((told, "dim")))


def read_so_far(visit: Visit, progress: "Progress") -> None:
    """Draw a bar, or print a line, of how many answers are read."""
    told = line(
        f"{progress.step:,} of {progress.steps:,} answers read, {minutes(progress.left)} left"
    )
    if visit.screen.live:
        visit.screen.bar(progress.step / progress.steps, told)
    else:
        visit.screen.step(told)


def minutes(seconds: float) -> str:
    """Return a time in seconds, minutes or hours, whichever reads best."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    spent = seconds / 60
    return f"{spent:.0f} min" if spent < 90 else f"{spent / 60:.1f} hours"
