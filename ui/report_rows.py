"""The rows of a report: question, outcome, answer, claims with verdicts, and the quotes behind."""

import re
from collections.abc import Mapping
from typing import Any

from agents.dropping import is_evidence
from agents.events import Claim
from ui.escape import html, is_web_address, one_line
from ui.lines import counted

Row = Mapping[str, Any]

OUTCOMES = {
    "answered": ("✓ answered", "good"),
    "partial": ("~ partial", "doubt"),
    "declined": ("– declined", "mute"),
    "failed": ("✗ failed", "bad"),
}
RULINGS = {
    "supported": ("✓ supported", "good"),
    "contradicted": ("✗ contradicted", "bad"),
    "unsupported": ("– unsupported", "doubt"),
    "unchecked": ("? unchecked", "mute"),
}
_CITED = re.compile(r"\s*\[(\d+)\]")


def row_html(number: int, row: Row) -> str:
    """Return one row as an article; `number` tells its anchors from those of other rows."""
    sign, tone = OUTCOMES[row["outcome"]]
    wrong = ' data-wrong=""' if row["contains"] == 0 else ""
    return (
        f'<article data-outcome="{html(row["outcome"])}"{wrong}>'
        f'<header><h3 dir="auto">{html(row["question"])}</h3>'
        f'<span class="badge {tone}">{sign}</span></header>'
        f"{_answer(number, row)}{_gold(row)}{_claims(row)}{_quotes(number, row)}"
        f'<p class="soft">{_foot(row)}</p></article>\n'
    )


def _answer(number: int, row: Row) -> str:
    because = one_line(row["because"])
    note = f'<p class="note" dir="auto">{html(because)}</p>' if because else ""
    if not row["answer"]:
        return note
    numbers = {str(quote["number"]) for quote in row["quotes"]}

    def cite(found: re.Match[str]) -> str:
        if found[1] not in numbers:
            return found[0]
        return f'<sup><a href="#q{number}-{found[1]}">{found[1]}</a></sup>'

    text = _CITED.sub(cite, html(row["answer"]))
    return f'<div class="answer" dir="auto">{text}</div>{note}'


def _gold(row: Row) -> str:
    if row["f1"] is None:
        return ""
    gold = " · ".join(html(one_line(text)) or "no answer" for text in row["gold"])
    said = "in the answer" if any(row["gold"]) else "declined"
    held = f"✓ {said}" if row["contains"] else f"✗ not {said}"
    exact = "exact" if row["exact"] else f"F1 {row['f1']:.2f}"
    score = f'<span class="soft">{held}, {exact}</span>'
    return f'<p class="gold" dir="auto"><b>gold</b> {gold} {score}</p>'


def _claims(row: Row) -> str:
    shown = [claim for claim in row["claims"] if not _is_quote(row["answer"], claim)]
    lines = [_claim(claim) for claim in shown]
    if len(shown) < len(row["claims"]):
        sign, tone = RULINGS["supported"]
        lines.append(
            f'<li><span class="{tone}">{sign}</span><span>the quotes, word for word</span>'
        )
    return f'<ul class="claims">{"".join(lines)}</ul>' if lines else ""


def _claim(claim: Row) -> str:
    sign, tone = RULINGS[claim["ruling"]]
    because = f"; {one_line(claim['because'], 100)}" if claim["because"] else ""
    judged = html(f"{one_line(claim['judge'])} {claim['confidence']:.2f}{because}")
    return (
        f'<li><span class="{tone}">{sign}</span><span dir="auto">'
        f'{html(one_line(claim["text"]))} <span class="soft">({judged})</span></span></li>'
    )


def _is_quote(answer: str, claim: Row) -> bool:
    """Whether a claim is a line of the answer that is one quote, which would only be said again."""
    if claim["ruling"] != "supported" or claim["text"] not in answer:
        return False
    begin = answer.index(claim["text"])
    return is_evidence(answer, Claim(claim["text"], begin, begin + len(claim["text"])))


def _quotes(number: int, row: Row) -> str:
    if not row["quotes"]:
        return ""
    quotes = "".join(_quote(number, quote) for quote in row["quotes"])
    said = counted(len(row["quotes"]), "quote")
    return f"<details><summary>{said}</summary>{quotes}</details>"


def _quote(number: int, quote: Row) -> str:
    return (
        f'<blockquote id="q{number}-{quote["number"]}" dir="auto">[{quote["number"]}] '
        f'{html(quote["text"])}</blockquote><p class="soft">{_place(quote)}</p>'
    )


def _place(quote: Row) -> str:
    source, title = one_line(quote["source"]), one_line(quote["title"])
    where = html(source)
    if is_web_address(quote["source"]):
        where = f'<a href="{where}" rel="noopener noreferrer nofollow">{where}</a>'
    parts = [f"{html(title)} ({where})" if title and title != source else where]
    if quote["page"] is not None:
        parts.append(f"page {quote['page']}")
    if quote["heading"] and quote["heading"] != quote["title"]:
        parts.append(html(one_line(quote["heading"], 80)))
    return ", ".join([*parts, f"characters {quote['start']}-{quote['end']}"])


def _foot(row: Row) -> str:
    tokens = row["tokens_read"] + row["tokens_written"]
    facts = [f"id {row['id']}"]
    if row["run"]:
        facts += [f"{row['policy']} policy", row["model"] or "no model"]
        facts += [f"{row['seconds']:.1f} s", f"{tokens:,} tokens", f"run {row['run']}"]
    if row["run"] and not row["checked"]:
        facts.insert(1, "not checked")
    return html(" · ".join(one_line(str(fact)) for fact in facts if fact))
