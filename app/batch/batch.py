"""A batch from its questions to its output: what is left is asked, every ending is kept at once."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from app.batch import output
from app.batch.asking import Finished, Left, Outcome, Refused, Task
from app.batch.questions import Sheet
from app.batch.record import Record
from app.batch.results import FAILED, Row, failed, tokens
from app.batch.scoring import scored
from app.batch.terms import Told
from app.batch.totals import Totals, totals
from retrieval.errors import UserError

STREAK = 5
"""So many questions in a row that the engine refuses with the same words end the batch."""


class Workers(Protocol):
    """Who asks: a crew of threads, or a cluster."""

    def work(self, tasks: Iterator[Task]) -> Iterator[Outcome]: ...

    def stop(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Budget:
    """What one sitting may spend: no question begins after so many seconds, model tokens or
    questions; None is without end."""

    seconds: float | None = None
    tokens: int | None = None
    questions: int | None = None


@dataclass(slots=True)
class _Spent:
    since: float
    tokens: int = 0
    questions: int = 0

    def allows(self, budget: Budget, now: float) -> bool:
        return (
            (budget.seconds is None or now - self.since < budget.seconds)
            and (budget.tokens is None or self.tokens < budget.tokens)
            and (budget.questions is None or self.questions < budget.questions)
        )


@dataclass(slots=True)
class Batch:
    """The questions of a sheet, the record of their output, and what is still to be asked."""

    sheet: Sheet
    record: Record
    path: Path
    interrupted: bool = False

    @property
    def name(self) -> str:
        """The first part of the names of its runs."""
        return f"batch-{self.record.kept.batch}"

    def rows(self) -> list[Row]:
        """Return the scored rows of what is finished, in the order of the questions."""
        kept = self.record.kept.rows
        found = ((kept.get(question.key), question) for question in self.sheet.questions)
        return [scored(row, question.gold) for row, question in found if row is not None]

    def left(self, told: Told) -> list[Task]:
        """Return what is to be asked, in the order of the questions."""
        kept = self.record.kept
        return [
            Task(question, kept.attempts.get(question.key, 0))
            for question in self.sheet.questions
            if question.key not in kept.rows
            or (told.retry and kept.rows[question.key]["outcome"] == FAILED)
        ]

    def work(
        self,
        workers: Workers,
        tasks: list[Task],
        budget: Budget,
        clock: Callable[[], float] = time.monotonic,
    ) -> Iterator[Row]:
        """Ask the tasks and yield each row when it is kept, until the workers end or are stopped.

        `UserError` when the engine refuses one question after the other with the same words.
        """
        spent = _Spent(clock())

        def granted() -> Iterator[Task]:
            for task in tasks:
                if not spent.allows(budget, clock()):
                    return
                spent.questions += 1
                yield task

        held: list[Refused] = []
        for outcome in workers.work(granted()):
            match outcome:
                case Finished(task, row, attempts):
                    spent.tokens += tokens(row)
                    yield from self._keep_refused(held)
                    yield self._keep(task, row, attempts)
                case Refused(task, why) if task.question.collections or task.question.sources:
                    yield self._keep(task, failed(task.question, why), task.attempts)
                case Refused():
                    held.append(outcome)
                    if _is_streak(held):
                        workers.stop()
                case Left():
                    pass
        if self.interrupted:
            return
        if _is_streak(held) or (held and not self._answered()):
            raise _refusal(held)
        yield from self._keep_refused(held)

    def interrupt(self, workers: Workers) -> None:
        """End the work soon; may be called from a signal handler."""
        self.interrupted = True
        workers.stop()

    def totals(self) -> Totals:
        """Count what is finished."""
        return totals(self.rows(), len(self.sheet.questions), len(self.sheet.bad))

    def stands(self, files: Sequence[Path]) -> bool:
        """Whether everything is finished and all these files were written and are there."""
        written = self.record.kept.finished or {}
        return all(file.name in written and file.exists() for file in files)

    def write(self, files: Mapping[Path, bytes]) -> None:
        """Write the output, the list of bad rows and other files, each whole; note it when nothing
        is left to ask."""
        contents = {self.path: output.encode(self.rows(), self.path.suffix), **files}
        if self.sheet.bad:
            bad = output.encode_errors([asdict(row) for row in self.sheet.bad])
            contents[output.errors_file(self.path)] = bad
        sums = {path.name: output.write_whole(path, data) for path, data in contents.items()}
        if not self.left(Told()):
            self.record.finish(sums)

    def _keep(self, task: Task, row: Row, attempts: int) -> Row:
        self.record.keep(row, task.question.key, attempts)
        return row

    def _keep_refused(self, held: list[Refused]) -> Iterator[Row]:
        """Keep refusals that were about their questions, since others were answered."""
        while held:
            refused = held.pop(0)
            row = failed(refused.task.question, refused.why)
            yield self._keep(refused.task, row, refused.task.attempts)

    def _answered(self) -> bool:
        return any(row["outcome"] != FAILED for row in self.record.kept.rows.values())


def _is_streak(held: Sequence[Refused]) -> bool:
    return len(held) >= STREAK and len({refused.why for refused in held[-STREAK:]}) == 1


def _refusal(held: Sequence[Refused]) -> UserError:
    return UserError(
        f"the engine refuses the questions: {held[-1].why.rstrip('.')}",
        cure="then give the same command again; what is answered is kept",
    )
