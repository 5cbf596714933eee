"""Runs as demonstrations: the prompt of every step, made again, and the line that was written."""

from collections.abc import Iterator, Sequence

from agents import prompt as prompts
from agents import view
from agents.actions import write
from agents.events import Acted, Event, Refused
from agents.legal import legal
from app.feedback.cases import Case, shown
from app.feedback.formats import Step
from app.feedback.pairs import question_key
from retrieval.documents import content_id


def trajectory(case: Case, events: Sequence[Event], by: str) -> Iterator[Step]:
    """Yield the steps of an answered run that a model may learn from, the answer last.

    A step is left out if its action was not legal where it was taken, or the desk refused it; the
    answer is if it is not the model's own words. `by` is who holds the run to be good.
    """
    if case.asked.task == "verify":
        return  # A person's own text was checked; nobody wrote anything.
    group = content_id(question_key(case))
    number = 0
    for number, (begin, end) in enumerate(view.steps(events), start=1):
        at = next((i for i in range(begin, end) if isinstance(events[i], Acted)), None)
        if at is None or any(isinstance(event, Refused) for event in events[at:end]):
            continue
        acted, past = events[at], events[:at]
        assert isinstance(acted, Acted)
        if legal(past).refusal(acted.action) is None:
            asked = view.asked(past)
            messages = tuple(prompts.browse(past))
            line = write(acted.action)
            yield Step(
                _id(case.run, number), case.run, number, group, messages, line,
                asked.model, asked.policy, by, case.at,
            )  # fmt: skip
    answer = shown(case)
    if answer.words == "model":
        last = number + 1
        yield Step(
            _id(case.run, last), case.run, last, group, case.prompt.messages, answer.completion,
            answer.model, case.asked.policy, by, case.at,
        )  # fmt: skip


def _id(run: str, number: int) -> str:
    return f"{run}:{number}"
