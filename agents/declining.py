"""The answers that give none: what was looked for, and the quotes that came closest."""

from collections.abc import Sequence
from dataclasses import replace

from agents import view
from agents.events import Answer, Event
from agents.sayings import listed, place, say
from agents.sufficiency import Sufficiency


def declined(events: Sequence[Event], found: Sufficiency | None = None) -> Answer:
    """Say that no source answers the question, what was searched and opened, and what came closest.

    The quotes that were kept go with it as evidence; the text says that they are no answer. With
    `found` the probability that was too low is told, and kept as the answer's `sufficiency`.
    """
    asked, quotes = view.asked(events), view.quotes(events)
    language, where = asked.language, place(asked.language, asked.reach)
    queries = list(dict.fromkeys(found.query for found in view.searches(events)))
    looked = listed(language, queries) or say(language, "searched nothing")
    text = say(language, "declined", where=where, looked=looked)
    titles = list(dict.fromkeys(opened.title for opened in view.opened(events)))
    if titles:
        text += say(language, "read", titles=", ".join(titles))
    if not quotes:
        return Answer(text, "declined", "none", say(language, "no quote"))
    text += say(language, "closest")
    answer = Answer(text, "declined", "none", say(language, "no quote"), quotes)
    if found is None:
        return answer
    share, least = _percent(found.probability), _percent(asked.strictness)
    because = say(language, "unlikely enough", share=share, least=least)
    return replace(answer, because=because, sufficiency=round(found.probability, 4))


def meaningless(events: Sequence[Event]) -> Answer:
    """Say that the question holds no word that means anything."""
    language = view.asked(events).language
    return Answer(say(language, "nonsense"), "declined", "none", say(language, "no words"))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.1f} %"
