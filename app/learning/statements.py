"""Turns a question and an answer to it into a statement, where a simple rule can."""

import re

_BEING = re.compile(r"(?i)^(?:what|who|which) (is|was|are|were) (the|a|an)\b(.+)$")
_WHO = re.compile(r"(?i)^who ((?!(?:is|was|are|were|did|do|does|will|would|can)\b)\w+ .+)$")
_WHICH = re.compile(
    r"(?i)^(?:what|which) \w+(?: \w+)? ((?:is|was|are|were|has|had|have|won|wrote|made|led|became"
    r"|began|caused|held|gave|took|used) .+)$"
)
_ASKING = re.compile(r"\b(?:did|do|does)\b")


def statement(question: str, answer: str) -> str | None:
    """Return "Answer did this." of "Who did this?"; None where no rule fits."""
    asked = question.strip().rstrip("?").strip()
    being = _BEING.match(asked)
    if being:
        return f"{being[2].capitalize()}{being[3]} {being[1]} {answer}."
    doing = _WHO.match(asked) or _WHICH.match(asked)
    if doing and not _ASKING.search(doing[1]):
        return f"{answer[:1].upper()}{answer[1:]} {doing[1]}."
    return None


def spoken(question: str, answer: str) -> str:
    """Return the statement, or the question with its answer behind it."""
    return statement(question, answer) or f"{question.strip()} {answer}"
