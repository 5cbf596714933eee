"""Who chooses the next action when a model does: the language model itself, one line at a time."""

from collections.abc import Generator, Sequence
from typing import Protocol

from agents import prompt, view
from agents.actions import Action, Malformed
from agents.browser_form import read
from agents.decoding import grammar, schema
from agents.events import Event
from agents.kit import Kit, speak
from agents.legal import Legal
from agents.models.base import Sampling


class Policy(Protocol):
    """Chooses what to do next; what it had to ask the model or the scorer, it yields as events."""

    @property
    def name(self) -> str: ...

    def choose(
        self, events: Sequence[Event], now: Legal, kit: Kit
    ) -> Generator[Event, None, Action | Malformed]: ...


class ModelPolicy:
    """The language model reads the transcript and writes the next action.

    A model that decodes under a grammar can write legal actions only; any other one's illegal
    action is refused by the desk and read by it as the next observation.
    """

    name = "model"

    def choose(
        self, events: Sequence[Event], now: Legal, kit: Kit
    ) -> Generator[Event, None, Action | Malformed]:
        messages = prompt.browse(events)
        kind = kit.model.capabilities.grammar
        sampling = Sampling(
            max_tokens=prompt.reply_tokens(view.asked(events)),
            stop=() if kind == "json_schema" else ("\n",),
            grammar=grammar(now) if kind == "gbnf" else None,
            schema=schema(now) if kind == "json_schema" else None,
            prefix="browse",
            adapter="browse",
        )
        reply = yield from speak(kit, "browse", prompt.template(events), messages, sampling)
        if reply.finish == "cancelled":
            return Malformed(reply.text, "the reply was cut off")
        if reply.finish == "length":
            return Malformed(reply.text, "that was too long; write one short action on one line")
        return read(reply.text)
