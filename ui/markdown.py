"""An answer as markdown: text, numbered quotes with links to cited pages, and verdicts."""

from agents.events import Quoted
from agents.noting import notes
from ui.escape import clean, link, markdown, one_line
from ui.render import SIGNS, place
from ui.summary import Summary


def answer(summary: Summary) -> str:
    """Return the shown answer; outside text is escaped and only http(s) sources become links."""
    shown = summary.answer
    parts = [f"# {markdown(one_line(summary.asked.question))}"]
    if shown is None:
        return "\n\n".join([*parts, f"No answer: {markdown(one_line(summary.because))}", ""])
    parts.append(markdown(clean(shown.text)))
    if shown.because:
        parts.append(f"*{shown.outcome}: {markdown(one_line(shown.because))}*")
    told = notes(shown, summary.asked.language)
    parts += [f"*{markdown(one_line(note))}*" for note in told]
    if shown.outcome == "declined" and shown.quotes:
        parts.append("What came closest, no answer:")
    parts += [_quote(quote) for quote in shown.quotes]
    claims = [
        f"- {SIGNS[verdict.ruling][0]}: {markdown(one_line(verdict.claim.text))}"
        for verdict in shown.verdicts
    ]
    if claims:
        parts.append("\n".join(claims))
    return "\n\n".join([*parts, f"Run `{summary.run}`", ""])


def _quote(quote: Quoted) -> str:
    text = markdown(one_line(quote.text))
    where = markdown(place(quote))
    if quote.source.startswith(("http://", "https://")):
        where = link(one_line(quote.title) or one_line(quote.source), quote.source)
    return f"> \\[{quote.number}\\] {text}\n>\n> {where}"
