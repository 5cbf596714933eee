"""The hits of a search as escaped HTML: where each stands, what found it, its words marked."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from retrieval.terms import telling, tokens
from ui.escape import clean
from ui.escape import html as safe
from ui.html_blocks import flat
from ui.words import Say

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々〆"
_WORD = re.compile(rf"[{_CJK}]+|\d+(?:[.,]\d+)+|(?:(?![{_CJK}])[^\W_])+(?:['’]s\b)?")
_IS_CJK = re.compile(rf"[{_CJK}]")


def marked(text: str, query: str) -> str:
    """Return the cleaned text as HTML, with the words of the query in <mark>."""
    text, parts, at = clean(text), [], 0
    for start, end in spans(text, query):
        parts += [safe(text[at:start]), "<mark>", safe(text[start:end]), "</mark>"]
        at = end
    return "".join([*parts, safe(text[at:])])


def spans(text: str, query: str) -> list[tuple[int, int]]:
    """Return (start, end) of what the search index would find `query` by, in reading order.

    Chinese is found by pairs of characters, other words whole, whatever their case and accents.
    """
    wanted = set(telling(tokens(query)))
    size = 2 if any(len(term) > 1 and _IS_CJK.match(term) for term in wanted) else 1
    found: list[tuple[int, int]] = []
    for word in _WORD.finditer(text):
        if not _IS_CJK.match(word[0]):
            found += [word.span()] if wanted & set(tokens(word[0])) else []
            continue
        ends = range(word.start() + size, word.end() + 1)
        found += [(end - size, end) for end in ends if text[end - size : end] in wanted]
    return _joined(found)


def _joined(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def hits_html(hits: Sequence[Mapping[str, Any]], query: str, say: Say) -> str:
    """Return a numbered list of hits, as the call `search` gives them."""
    rows = [f"<li>{_hit(number, hit, query, say)}</li>" for number, hit in enumerate(hits, 1)]
    return f'<ol class="vt-hits">{"".join(rows)}</ol>'


def _hit(number: int, hit: Mapping[str, Any], query: str, say: Say) -> str:
    title = str(hit.get("title") or hit.get("source") or "")
    return (
        f'<p class="vt-hit-title"><span class="vt-number">{number}</span> '
        f"<b>{flat(title, 120)}</b> {_ways(hit, say)}</p>"
        f'<p class="vt-where">{flat(_where(hit, say))}</p>'
        f'<p class="vt-text">{marked(str(hit.get("text", "")), query)}</p>'
    )


def _ways(hit: Mapping[str, Any], say: Say) -> str:
    """Say which rankings found it, and how near it came."""
    ways = [
        f'<span class="vt-pill vt-dim">{safe(say(f"library.by_{way}"))}</span>'
        for way in ("lexical", "dense")
        if way in (hit.get("found_by") or ())
    ]
    numbers = [say("library.score", score=f"{float(hit.get('score') or 0):.3f}")]
    if hit.get("cosine") is not None:
        numbers.append(say("library.cosine", cosine=f"{float(hit['cosine']):.2f}"))
    label = f'<span class="vt-where">{safe(say("library.found_by"))}</span> ' if ways else ""
    return f'{label}{" ".join(ways)} <span class="vt-where">{safe(" · ".join(numbers))}</span>'


def _where(hit: Mapping[str, Any], say: Say) -> str:
    parts = [str(hit.get("source", ""))]
    if hit.get("page") is not None:
        parts.append(say("library.page", page=hit["page"]))
    if hit.get("heading"):
        parts.append(str(hit["heading"]))
    begin, end = hit.get("start"), hit.get("end")
    if begin is not None and end is not None:
        parts.append(say("library.characters", start=f"{begin:,}", end=f"{end:,}"))
    return " · ".join(filter(None, parts))
