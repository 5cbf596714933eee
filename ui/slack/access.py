"""Where the bot answers, and from which collections: private ones never in a channel."""

from collections.abc import Sequence
from dataclasses import dataclass

from ui.house_port import House
from ui.slack.asked import Request
from ui.slack.items import result

LONGEST = 12_000
"""Characters of a question or of a text to check."""

HELP = "Ask me a question after the mention, and I will answer it from the library, with quotes."


@dataclass(frozen=True, slots=True)
class Access:
    """The settings `slack.channels` and `slack.collections`; empty ones leave the choice free."""

    channels: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()

    def refusal(self, request: Request) -> str:
        """Say why a request is not worked on; "" if it is."""
        listed = request.channel in self.channels
        if not request.direct and self.channels and not listed:
            return "I am not set up to answer in this channel. Write me a direct message instead."
        if request.outside and not listed:
            where = "conversation" if request.direct else "channel"
            return (
                f"This {where} is shared with another workspace. I answer here only if my "
                "settings name it."
            )
        if not request.text:
            return HELP if request.kind == "ask" else "There is no text in this message to check."
        if len(request.text) > LONGEST:
            return f"This text is too long for me: at most {LONGEST:,} characters, please."
        return ""

    def readable(self, direct: bool, house: House) -> list[str]:
        """Return the collections that may be told of in a direct message, or in a channel, maybe
        none.

        In a channel no private one is among them, not even one that the settings name; in a
        direct message a private one is only if they do.
        """
        known = result(house, "collections", {})["collections"]
        return [
            str(one["name"])
            for one in known
            if (one["name"] in self.collections or not self.collections)
            and (not one["private"] or (direct and one["name"] in self.collections))
        ]


def none_left(names: Sequence[str]) -> str:
    """Say that nothing may be read for a request; "" if something may."""
    nothing = "The library is empty, or what it holds may not be told here."
    return "" if names else nothing
