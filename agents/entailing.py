"""Has the verifier read the question, restated with its likeliest answer, beside that one's quote.

Words and cosines cannot tell a place that answers from one about the same matter that does not:
there the verifier knows more (docs/benchmarks.md, "Whether the quotes answer").
"""

from collections.abc import Sequence

from agents import view
from agents.answering import choices
from agents.events import Asked, Event, Measured, Quoted
from agents.guesses import Guess, guesses
from agents.kit import Kit, Step, verify
from agents.statements import spoken
from retrieval.documents import content_id

ENTAILED = "entailed"
"""What the measurement is called among the events."""


def entail(events: Sequence[Event], kit: Kit) -> Step:
    """Yield one `Measured`; nothing where the run does not ask for it or no phrase is known."""
    asked = view.asked(events)
    if asked.entailed and asked.check and kit.verifier is not None:
        pairs = reading(asked.question, view.quotes(events), asked.phrases)
        yield from verify(kit.verifier, pairs, ENTAILED)


def reading(question: str, quotes: Sequence[Quoted], most: int = 1) -> list[tuple[str, str]]:
    """Return the quote of each of the likeliest phrases, with the statement that this answers;
    nothing without quotes, and in Chinese."""
    return [
        (quotes[one.index].text, spoken(question, one.phrase.text))
        for one in likeliest(question, quotes, most)
    ]


def likeliest(question: str, quotes: Sequence[Quoted], most: int) -> list[Guess]:
    """Return the likeliest phrase, and of more than one those besides that a model may pick."""
    found = guesses(question, [quote.text for quote in quotes])
    return found[:1] if most == 1 else list(dict.fromkeys((*found[:1], *choices(found, most))))


def read(events: Sequence[Event]) -> dict[str, float]:
    """Return the probability (0..1) of each phrase that was read as the answer, by its words;
    nothing in runs in which only the likeliest one was."""
    asked = view.asked(events)
    every = enumerate(events) if asked.phrases > 1 else ()
    for at, event in every:
        if isinstance(event, Measured) and event.what == ENTAILED:
            return _read(asked, view.quotes(events[:at]), event)
    return {}


def _read(asked: Asked, quotes: Sequence[Quoted], measured: Measured) -> dict[str, float]:
    """What was measured, by the words of phrases: of several places the likeliest counts. Nothing
    where another version of the program chose the phrases."""
    pairs = reading(asked.question, quotes, asked.phrases)
    if content_id(*(text for pair in pairs for text in pair)) != measured.digest:
        return {}
    found: dict[str, float] = {}
    every = likeliest(asked.question, quotes, asked.phrases)
    for one, carried in zip(every, measured.scores[::2], strict=True):
        found.setdefault(one.phrase.text, carried)
    return found


def entailed(events: Sequence[Event]) -> float | None:
    """Return the probability (0..1) that the quote carries the statement; None if none was read."""
    read = (e.scores for e in events if isinstance(e, Measured) and e.what == ENTAILED)
    return next((scores[0] for scores in read), None)
