"""A run of the guided policy as a model would have had to write it: prompts, and lines of action.

The guided policy quotes by the words of a sentence; a model reads numbered lines, and is taught to
quote by their numbers.
"""

from collections.abc import Iterator, Sequence

from agents import prompt as prompts
from agents import view
from agents.actions import QuoteLines, QuoteText, write
from agents.events import Acted, Event, Refused
from agents.legal import legal
from app.learning.writing.examples import Example


def demonstrations(events: Sequence[Event], source: str) -> Iterator[Example]:
    """Yield the steps of a run that a model may learn from.

    Left out is a step whose action the desk refused, that a model could not have taken there, or
    that quotes what does not stand on lines of the screen.
    """
    said = by_lines(events)
    group = view.typed(said).question
    for begin, end in view.steps(said):
        at = next((i for i in range(begin, end) if isinstance(said[i], Acted)), None)
        if at is None or any(isinstance(event, Refused) for event in said[at:end]):
            continue
        acted, past = said[at], said[:at]
        assert isinstance(acted, Acted)
        spoken = isinstance(acted.action, QuoteText)
        if not spoken and legal(past).refusal(acted.action) is None:
            prompt = tuple(prompts.browse(past))
            yield Example(prompt, write(acted.action), "browse", group, source)


def by_lines(events: Sequence[Event]) -> list[Event]:
    """Return the events with quotes by number where the quoted sentence is a line on screen."""
    said: list[Event] = []
    for event in events:
        if isinstance(event, Acted) and isinstance(event.action, QuoteText):
            number = _line(event.action.text, said)
            said.append(Acted(QuoteLines(number, number)) if number else event)
        else:
            said.append(event)
    return said


def _line(text: str, past: Sequence[Event]) -> int:
    """The number of the line on screen that says just this; 0 for none."""
    screen = view.screen(past)
    if not isinstance(screen, view.Reading):
        return 0
    page, wanted = screen.opened.text, " ".join(text.split())
    for line in screen.window():
        if " ".join(page[line.start : line.end].split()) == wanted:
            return line.number
    return 0
