"""Citations as HTML: the number in the text, the quote on hover, and its page on a click.

A citation is a button that opens a popover: both are HTML alone, so keyboard, touch and screen
readers are served without a script.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.events import Quoted
from ui.escape import clean, is_web_address, one_line
from ui.escape import html as safe
from ui.html_blocks import flat
from ui.words import Say

_BROKEN = re.compile(r"(?<![\n|])[ \t]*\n(?![\n|#>\s]|[-*•+] |\d{1,3}[.)] )")
"""A line end that only the width of a file asked for."""


_TOLD = re.compile(r"^“.*” \[(\d+)\]$", re.MULTILINE)
"""A line of an answer that is one quote."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A quote between what stands before and after it on its page."""

    before: str
    text: str
    after: str


@dataclass(frozen=True, slots=True)
class Cites:
    """The quotes of one answer by number, each with its surroundings where they are known.

    `scope` is part of every id, so that two answers on one page do not share any.
    """

    scope: str
    quotes: Mapping[int, Quoted]
    excerpts: Mapping[int, Excerpt]
    say: Say
    told: frozenset[int] = frozenset()
    """Quotes that stand word for word in the answer's text: their list need not repeat them."""

    def mark(self, number: int) -> str:
        """Return the raised number of a citation; a number of no quote stays text."""
        quote = self.quotes.get(number)
        if quote is None:
            return safe(f"[{number}]")
        label = self.say("chat.source_label", number=number, title=titled(quote))
        return (
            f'<span class="v-cite"><button type="button" class="v-mark" '
            f'popovertarget="{self._id(number)}" aria-label="{flat(label)}">{number}</button>'
            f'<span class="v-tip" role="tooltip"><span class="v-tip-title">'
            f"{flat(titled(quote), 70)}</span>{self._context(quote, 90)}</span></span>"
        )

    def popovers(self) -> str:
        """Return what the citations open: each quote on its page."""
        return "".join(self._popover(quote) for quote in self.quotes.values())

    def sources(self) -> str:
        """Return the list of quotes, each opening like its citation."""
        rows = "".join(self._row(quote) for quote in self.quotes.values())
        return f'<ol class="v-sources">{rows}</ol>'

    def _row(self, quote: Quoted) -> str:
        label = self.say("chat.source_label", number=quote.number, title=titled(quote))
        text = f'<span class="v-source-text">{flat(quote.text, 180)}</span>'
        return (
            f'<li><button type="button" class="v-source" popovertarget="{self._id(quote.number)}" '
            f'aria-label="{flat(label)}"><span class="v-number">{quote.number}</span>'
            f'<span class="v-source-body"><span class="v-source-title">{flat(titled(quote), 90)}'
            f'</span><span class="v-where">{safe(position(quote, self.say))}</span>'
            f"{'' if quote.number in self.told else text}</span></button></li>"
        )

    def _popover(self, quote: Quoted) -> str:
        id = self._id(quote.number)
        return (
            f'<section popover id="{id}" class="v-pop" aria-labelledby="{id}-title">'
            f'<header class="v-pop-head"><span class="v-number">{quote.number}</span>'
            f'<div><p class="v-pop-title" id="{id}-title">{flat(titled(quote))}</p>'
            f'<p class="v-where">{safe(position(quote, self.say))}</p></div>'
            f'<button type="button" class="v-close" popovertarget="{id}" '
            f'popovertargetaction="hide" aria-label="{safe(self.say("chat.close"))}">×</button>'
            f'</header><blockquote class="v-context">{self._context(quote)}</blockquote>'
            f'<footer class="v-pop-foot">{source_link(quote.source, self.say)}</footer></section>'
        )

    def _context(self, quote: Quoted, width: int = 0) -> str:
        """The quote, marked, with at most `width` characters on each side if that is above 0."""
        found = self.excerpts.get(quote.number)
        if found is None:
            return f"<mark>{safe(quote.text)}</mark>"
        before, after = flow(found.before), flow(found.after)
        if width:
            before, after = last(before, width), first(after, width)
        return f"{safe(before)}<mark>{safe(flow(found.text))}</mark>{safe(after)}"

    def _id(self, number: int) -> str:
        return f"v-{safe(self.scope)}-{number}"


def cites_of(
    scope: str,
    quotes: Sequence[Quoted],
    excerpts: Mapping[int, Excerpt],
    say: Say,
    text: str = "",
) -> Cites:
    """Return the citations of an answer of that text."""
    told = frozenset(int(line[1]) for line in _TOLD.finditer(text))
    return Cites(scope, {quote.number: quote for quote in quotes}, excerpts, say, told)


def flow(text: str) -> str:
    """Return text whose lines run on, as its paragraphs, headings, items and rows allow."""
    return _BROKEN.sub(" ", clean(text))


def last(text: str, width: int) -> str:
    """Return the last words of a text that fit, after a sign that more stood before them."""
    if len(text) <= width:
        return text
    kept = text[-width:]
    return "… " + kept[kept.find(" ") + 1 :].lstrip()


def first(text: str, width: int) -> str:
    """Return the first words of a text that fit, and a sign that more follows."""
    if len(text) <= width:
        return text
    kept = text[:width]
    return kept[: kept.rfind(" ") + 1 or width].rstrip() + " …"


def titled(quote: Quoted) -> str:
    """Return a quote's title, or its source where it has none."""
    return one_line(quote.title) or one_line(quote.source)


def position(quote: Quoted, say: Say) -> str:
    """Say where in its document a quote stands: page, heading and characters."""
    parts = [say("chat.page_number", page=quote.page)] if quote.page is not None else []
    # The title is told beside this, and mostly is the first of the headings.
    heading = one_line(quote.heading).removeprefix(one_line(quote.title)).removeprefix(" > ")
    if heading:
        parts.append(one_line(heading, 80))
    parts.append(say("chat.characters", start=f"{quote.start:,}", end=f"{quote.end:,}"))
    return " · ".join(parts)


def source_link(source: str, say: Say) -> str:
    """Return a link to a plain http(s) source; any other is text."""
    if not is_web_address(source):
        return f'<span class="v-path">{flat(source)}</span>'
    return (
        f'<a href="{safe(source)}" target="_blank" rel="noopener noreferrer" class="v-path">'
        f'{flat(source)}<span class="v-out" aria-hidden="true"> ↗</span>'
        f'<span class="v-hidden"> {safe(say("chat.new_tab"))}</span></a>'
    )
