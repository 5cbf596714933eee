"""A conversation as a file to keep: markdown, HTML, JSON, and its sources as BibTeX."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from agents.events import Quoted
from ui import markdown as answer_markdown
from ui.escape import html as safe
from ui.escape import inert, is_web_address, markdown, one_line
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


def as_markdown(title: str, shown: Sequence[Shown]) -> str:
    """Return every question with its answer, quotes and verdicts; outside text is escaped."""
    parts = [answer_markdown.answer(one.summary).replace("# ", "## ", 1) for one in shown]
    return "\n".join([f"# {markdown(one_line(title))}\n", *parts])


def as_page(title: str, shown: Sequence[Shown], style: str, language: str, say: Say) -> str:
    """Return one HTML file that needs nothing beside it and loads nothing."""
    told = "".join(
        f'<section class="v-question"><p>{safe(one.summary.asked.question)}</p></section>'
        f"{answer_html(one, say, linked=False)}"
        for one in shown
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html><html lang="{safe(language)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{safe(one_line(title))}</title><style>{_PAGE}{style}</style></head>"
        f"<body><h1>{safe(one_line(title))}</h1>{told}</body></html>\n"
    )


def as_data(title: str, shown: Sequence[Shown]) -> str:
    """Return the conversation as one JSON object: title, and a run a turn."""
    turns = [as_json(one.summary) for one in shown]
    return inert(json.dumps({"title": title, "turns": turns}, ensure_ascii=False, indent=2)) + "\n"


def as_bibtex(shown: Sequence[Shown], day: float) -> str:
    """Return an entry for each source that an answer quotes; `day` is when, in UTC seconds."""
    entries = [_entry(n, quotes, day) for n, quotes in enumerate(_sources(shown), start=1)]
    return "\n".join(entries)


def _sources(shown: Sequence[Shown]) -> Iterator[list[Quoted]]:
    """Yield the quotes of each source, in the order in which they were first quoted."""
    found: dict[str, list[Quoted]] = {}
    for one in shown:
        for quote in one.summary.answer.quotes if one.summary.answer else ():
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
    "color:light-dark(#1c2430,#e6e9ee)}"
)
