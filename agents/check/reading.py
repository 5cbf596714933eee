"""What a verifier is given to read of the quotes: all of them if short, else their best windows."""

from collections.abc import Sequence

from agents.check.case import Case
from agents.check.windows import Window, about
from agents.events import Quoted

ROOM = 480
"""Characters of evidence in one reading: some 110 tokens, as the verifier was trained."""


def readings(case: Case) -> tuple[str, ...]:
    """Return the evidence texts that a claim is read beside, at most two: as much of the cited
    quotes as there is room for, and the window where the claim stands with most of its facts.

    A wide reading holds what a claim took from two places, a narrow one distracts less (SummaC,
    arXiv:2111.09525, takes the best over sentences for that reason).
    """
    if case.seat is None:
        return ()
    narrow = _cut(case.seat.title, case.seat.text)
    return tuple(dict.fromkeys((_wide(case), narrow)))


def _wide(case: Case) -> str:
    whole = "\n".join(_cut(about(quote), quote.text, len(quote.text)) for quote in case.cited)
    if len(whole) <= ROOM:
        return whole
    chosen: list[Window] = []
    left = ROOM
    for window in case.ranked:
        if len(window.text) <= left and not any(_within(window, one) for one in chosen):
            chosen.append(window)
            left -= len(window.text)
    chosen = chosen or [*case.ranked[:1]]
    texts = [window.text for window in sorted(chosen, key=lambda one: _place(one, case.cited))]
    return _cut(chosen[0].title, " ".join(texts))


def _within(window: Window, other: Window) -> bool:
    """True where two windows of a quote have a sentence in common."""
    same = window.number == other.number
    return same and (window.text in other.text or other.text in window.text)


def _place(window: Window, cited: Sequence[Quoted]) -> tuple[int, int]:
    quote = next(quote for quote in cited if quote.number == window.number)
    return window.number, quote.text.find(window.text)


def _cut(title: str, text: str, room: int = ROOM) -> str:
    head = f"{title[:80].rstrip('.')}. " if title else ""
    return (head + text[:room]).strip()
