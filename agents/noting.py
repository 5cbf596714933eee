"""Sentences beside an answer: sources that differ, and premises that its sources contradict."""

from agents.answers import Answer, Conflict, Premise
from agents.asked import Language
from agents.sayings import say


def notes(answer: Answer, language: Language) -> tuple[str, ...]:
    """Return a sentence for every wrong premise, then one for every conflict of the answer.

    [n] in them marks a quote; words of quotes and question stand in quotation marks.
    """
    wrong = tuple(_premise(one, language) for one in answer.premises)
    return wrong + tuple(_conflict(one, language) for one in answer.conflicts)


def _premise(premise: Premise, language: Language) -> str:
    return say(
        language, "premise", asked=premise.asked, said=premise.said, number=premise.quote
    )  # fmt: skip


def _conflict(conflict: Conflict, language: Language) -> str:
    numbers = {"first": conflict.first, "second": conflict.second}
    if conflict.said and conflict.other:
        return say(language, "conflict", said=conflict.said, other=conflict.other, **numbers)
    return say(language, "denied", word=conflict.said or conflict.other, **numbers)
