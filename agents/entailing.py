"""Has the verifier read the question, restated with its likeliest answer, beside that one's quote.

Words and cosines cannot tell a place that answers from one about the same matter that does not:
there the verifier knows more (docs/benchmarks.md, "Whether the quotes answer").
"""

from collections.abc import Sequence

from agents import view
from agents.events import Event, Measured, Quoted
from agents.guesses import guesses
from agents.kit import Kit, Step, verify
from agents.statements import spoken

ENTAILED = "entailed"
"""What the measurement is called among the events."""


def entail(events: Sequence[Event], kit: Kit) -> Step:
    """Yield one `Measured`; nothing where the run does not ask for it or no phrase is known."""
    asked = view.asked(events)
    if asked.entailed and asked.check and kit.verifier is not None:
        yield from verify(kit.verifier, reading(asked.question, view.quotes(events)), ENTAILED)


def reading(question: str, quotes: Sequence[Quoted]) -> list[tuple[str, str]]:
    """Return the quote with the likeliest phrase, and the statement that this answers; nothing
    without quotes, and in Chinese."""
    found = guesses(question, [quote.text for quote in quotes])[:1]
    return [(quotes[one.index].text, spoken(question, one.phrase.text)) for one in found]


def entailed(events: Sequence[Event]) -> float | None:
    """Return the probability (0..1) that the quote carries the statement; None if none was read."""
    read = (e.scores for e in events if isinstance(e, Measured) and e.what == ENTAILED)
    return next((scores[0] for scores in read), None)
