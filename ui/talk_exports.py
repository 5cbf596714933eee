"""A conversation as a file to keep: markdown, HTML, JSON, and its sources as BibTeX."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agents.events import Quoted
from ui import markdown as answer_markdown
from ui.escape import clean, inert, is_web_address, markdown, one_line
from ui.escape import html as safe
from ui.html import Shown, answer_html
from ui.summary import as_json
from ui.words import Say

_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
_UNSAFE = re.compile(r"[^0-9A-Za-z\u4e00-\u9fff._-]+")


def file_name(title: str, suffix: str) -> str:
    """Return a plain file name for a conversation of that title."""
    stem = _UNSAFE.sub("-", one_line(title, 60)).strip("-._") or "conversation"
    return f"{stem}.{suffix}"


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of a conversation: the question as typed, what it came to, and the text that the
    person put in the answer's place."""

    question: str
    shown: Shown
    edited: str | None = None

    @property
    def asked(self) -> str | None:
        """The question as it was understood, where that is not what was typed."""
        asked = self.shown.summary.asked.question
        return asked if asked.strip() != self.question.strip() else None


def as_markdown(title: str, said: Sequence[Said]) -> str:
    """Return every question with its answer, quotes and verdicts; outside text is escaped."""
    return "\n".join([f"# {markdown(one_line(title))}\n", *map(_markdown, said)])


def _markdown(one: Said) -> str:
    _, _, answer = answer_markdown.answer(one.shown.summary).partition("\n\n")
    parts = [f"## {markdown(one_line(one.question))}"]
    if one.asked:
        parts.append(f"*Asked as: {markdown(one_line(one.asked))}*")
    parts.append(answer.rstrip("\n"))
    if one.edited:
        parts += ["### Your version", markdown(clean(one.edited))]
    return "\n\n".join([*parts, ""])


def as_page(title: str, said: Sequence[Said], style: str, language: str, say: Say) -> str:
    """Return one HTML file that needs nothing beside it and loads nothing."""
    told = "".join(_page(one, say) for one in said)
    # The icons of the steps are part of the style sheet, as data.
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        f'<!doctype html><html lang="{safe(language)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{safe(one_line(title))}</title><style>{style}{_PAGE}</style></head>"
        f"<body><h1>{safe(one_line(title))}</h1>{told}</body></html>\n"
    )


def _page(one: Said, say: Say) -> str:
    question = f'<section class="v-question"><p>{safe(one.question)}</p></section>'
    return question + answer_html(one.shown, say, runs="") + edited_html(one.edited, say)


def edited_html(text: str | None, say: Say) -> str:
    """Return the text that the person put in an answer's place, if any."""
    if not text:
        return ""
    title = safe(say("chat.your_version"))
    return (
        f'<aside class="v-edited" aria-label="{title}"><p class="v-heading">{title}</p>'
        f"<p>{safe(text)}</p></aside>"
    )


def as_data(title: str, said: Sequence[Said]) -> str:
    """Return the conversation as one JSON object: title, and a run a turn.

    "question" is what was typed, "asked" what it was understood as, if that differs, and "edited"
    the text that the person put in the answer's place.
    """
    turns = [_data(one) for one in said]
    return inert(json.dumps({"title": title, "turns": turns}, ensure_ascii=False, indent=2)) + "\n"


def _data(one: Said) -> dict[str, Any]:
    told: dict[str, Any] = {**as_json(one.shown.summary), "question": one.question}
    more = {"asked": one.asked, "edited": one.edited}
    return told | {key: value for key, value in more.items() if value}


def as_bibtex(said: Sequence[Said], day: float) -> str:
    """Return an entry for each source that an answer quotes; `day` is when, in UTC seconds."""
    entries = [_entry(n, quotes, day) for n, quotes in enumerate(_sources(said), start=1)]
    return "\n".join(entries)


def _sources(said: Sequence[Said]) -> Iterator[list[Quoted]]:
    """Yield the quotes of each source, in the order in which they were first quoted."""
    found: dict[str, list[Quoted]] = {}
    for answer in (one.shown.summary.answer for one in said):
        # What came closest to a question that nothing answers is the source of nothing.
        for quote in answer.quotes if answer and answer.outcome != "declined" else ():
            found.setdefault(quote.source, []).append(quote)
    yield from found.values()


def _entry(number: int, quotes: Sequence[Quoted], day: float) -> str:
    quote = quotes[0]
    pages = sorted({quote.page for quote in quotes if quote.page is not None})
    fields = {"title": f"{{{tex(quote.title or quote.source)}}}"}
    if is_web_address(quote.source):
        fields["howpublished"] = f"\\url{{{quote.source.replace('%', chr(92) + '%')}}}"
        fields["note"] = f"Accessed {datetime.fromtimestamp(day, UTC):%Y-%m-%d}"
    else:
        fields["note"] = f"File {tex(quote.source)}"
    if pages:
        fields["pages"] = ", ".join(map(str, pages))
    body = "".join(f"  {key} = {{{value}}},\n" for key, value in fields.items())
    return f"@misc{{vouch{number},\n{body}}}\n"


def tex(text: str) -> str:
    """Return text on one line that TeX sets as it stands."""
    return "".join(_TEX.get(character, character) for character in one_line(text))


_PAGE = (
    ":root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;max-width:46rem;"
    "margin:2rem auto;padding:0 1rem;background:light-dark(#fff,#14171c);"
    "color:light-dark(#1c2430,#e6e9ee)}.v-question{margin-top:2.5rem}.v-answer{margin-top:1rem}"
)
