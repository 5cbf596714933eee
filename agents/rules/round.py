"""The last step before an answer is shown: it is classified, and rewritten where it must be."""

from collections.abc import Generator, Sequence

from agents import view
from agents.events import Answer, Asked, Claimed, Classified, Event, Revised
from agents.kit import Kit, speak
from agents.models.base import ContextOverflow, ModelLost, Sampling
from agents.rules.asking import CLASSIFY, TOKENS, class_grammar, class_prompt, read_class
from agents.rules.classify import classify, likeliest
from agents.rules.rewriting import rewritten
from agents.rules.rubric import Rubric, read


def ruled(events: Sequence[Event], kit: Kit, answer: Answer) -> Generator[Event, None, Answer]:
    """Return the answer that is shown in place of this one, usually itself.

    Yields `Classified`; for a class that is rewritten also `Revised` and the class of what stands
    then. A run without a policy (`Asked.rubric` is "") is not classified.
    """
    asked = view.asked(events)
    if not asked.rubric:
        return answer
    rubric = read(asked.rubric)
    classified = yield from _classified(asked, kit, answer, rubric)
    yield classified
    shown = rewritten(events, answer, classified, rubric)
    if shown is not answer:
        yield Revised(_round(events), "policy", shown.text)
        yield likeliest(asked.question, shown.text, shown.quotes, rubric, asked.language)
    return shown


def _classified(
    asked: Asked, kit: Kit, answer: Answer, rubric: Rubric
) -> Generator[Event, None, Classified]:
    """The rules first; where they are not sure the model, if it passed the probe."""
    case = (asked.question, answer.text, answer.quotes, rubric)
    found = classify(*case, asked.language)
    # A weak model, and one that was not asked to write, has no say in it.
    if found is not None or asked.style != "prose" or answer.form != "prose":
        return found or likeliest(*case, asked.language)
    grammar = class_grammar(answer.text, rubric) if _gbnf(kit) else None
    sampling = Sampling(TOKENS, grammar=grammar, prefix="classify")
    try:
        reply = yield from speak(kit, "classify", CLASSIFY, class_prompt(*case), sampling)
    except (ModelLost, ContextOverflow):
        return likeliest(*case, asked.language)
    told = read_class(reply.text, answer.text, rubric, asked.language)
    return told or likeliest(*case, asked.language)


def _gbnf(kit: Kit) -> bool:
    return kit.model.capabilities.grammar == "gbnf"


def _round(events: Sequence[Event]) -> int:
    """The number of the round after the last one."""
    rounds = [event.round for event in events if isinstance(event, Claimed | Revised)]
    return max(rounds, default=0) + 1
