"""The refusal in the desired style: what cannot be answered and why, what was searched, what next.

It is short, shows the nearest passages, judges nobody and apologises for nothing.
"""

from collections.abc import Sequence
from typing import Literal

from agents import compose, view
from agents.claims import MARK
from agents.events import Event, Quoted
from agents.rules.words import phrase, where

MOST = 3
"""Queries, titles and passages of each that a refusal names."""

QUESTION = 120
TITLE = 80
NEAREST = 2

_QUOTES = str.maketrans("", "", '“”"')


def refusal(
    events: Sequence[Event],
    quotes: Sequence[Quoted],
    why: Literal["unsourced", "withheld"] = "unsourced",
    because: str = "",
) -> str:
    """Return the refusal of a run's question, with the first of the quotes as nearest passages.

    `because` says what the policy withholds.
    """
    asked = view.asked(events)
    language = asked.language
    reason = phrase(language, why, where=where(language, asked.reach), because=because)
    queries = [f"“{_short(found.query, TITLE)}”" for found in view.searches(events)]
    titles = [_short(opened.title or opened.source, TITLE) for opened in view.opened(events)]
    said = [phrase(language, "cannot", question=_short(asked.question, QUESTION), why=reason)]
    if queries:
        said.append(phrase(language, "looked", queries=_listed(queries, language)))
    if titles:
        said.append(phrase(language, "read", titles=_listed(titles, language)))
    said.append(phrase(language, "try" if why == "unsourced" else "owner"))
    text = ("" if language == "zh" else " ").join(said)
    if not quotes:
        return text
    shown = compose.quotes_answer(quotes[:NEAREST])
    return f"{text}\n\n{phrase(language, 'nearest')}\n{shown}"


def _listed(items: list[str], language: Literal["en", "zh"]) -> str:
    once = list(dict.fromkeys(items))
    shown = once[:MOST]
    if len(once) > MOST:
        shown.append(phrase(language, "more", count=len(once) - MOST))
    return ("；" if language == "zh" else "; ").join(shown)


def _short(text: str, most: int) -> str:
    """The text on one line, without quotation marks and citations, cut to so many characters."""
    flat = " ".join(MARK.sub(" ", text.translate(_QUOTES)).split())
    return flat if len(flat) <= most else f"{flat[: most - 1].rstrip()}…"
