"""The text of an answer as HTML: its lines, its claims with their verdicts, its citations."""

import re
from collections.abc import Iterator, Sequence

from agents.claims import MARK, cites
from agents.events import Answer, Verdict
from ui.escape import html as safe
from ui.html_cites import Cites
from ui.html_verdict import RULINGS
from ui.words import Say

_EVIDENCE = re.compile(r"\s*“.*” \[\d+\]\s*")
_STOP = re.compile(r"[.,;:!?。，、；：！？]+(?!\w)")
_BULLET = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)])\s+")

Span = tuple[int, int]


def text_html(answer: Answer, marks: Cites, say: Say) -> str:
    """Return the answer's text: paragraphs, list items, and quotes that stand on a line alone."""
    parts: list[str] = []
    for block in _blocks(answer.text):
        parts.append(_block(block, answer, marks, say))
    return f'<div class="v-text">{"".join(parts)}</div>'


def _blocks(text: str) -> Iterator[tuple[str, list[Span]]]:
    """Yield (kind, lines): neighbouring lines of one kind, "quote", "list" or "lines"."""
    kind, lines, at = "", list[Span](), 0
    for line in text.split("\n"):
        span, at = (at, at + len(line)), at + len(line) + 1
        now = _kind(line)
        if now != kind and lines:
            yield kind, lines
            lines = []
        kind = now
        if now:
            lines.append(span)
    if lines:
        yield kind, lines


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    if _EVIDENCE.fullmatch(line):
        return "quote"
    return "list" if _BULLET.match(line) else "lines"


def _block(block: tuple[str, list[Span]], answer: Answer, marks: Cites, say: Say) -> str:
    kind, lines = block
    if kind == "list":
        spans = [(a + len(_bullet(answer.text[a:b])), b) for a, b in lines]
        items = [f"<li>{_line(span, answer, marks, say)}</li>" for span in spans]
        return f"<ul>{''.join(items)}</ul>"
    told = [_line(span, answer, marks, say) for span in lines]
    if kind == "quote":
        return "".join(f'<blockquote class="v-quote">{line}</blockquote>' for line in told)
    return f"<p>{'<br>'.join(told)}</p>"


def _bullet(line: str) -> str:
    found = _BULLET.match(line)
    return found[0] if found else ""


def _line(span: Span, answer: Answer, marks: Cites, say: Say) -> str:
    """One line, each claim on it with its verdict behind its last word."""
    start, end = span
    parts: list[str] = []
    at = start
    for verdict in _inside(answer.verdicts, span):
        claim = verdict.claim
        first, last = max(at, claim.start), min(end, claim.end)
        if first >= last:
            continue
        parts.append(cited(answer.text[at:first], marks))
        told = cited(answer.text[first:last], marks)
        sign = _sign(verdict, say) if claim.end <= end else ""
        parts.append(f'<span class="v-claim v-{verdict.ruling}">{told}{sign}</span>')
        at = last
    return "".join([*parts, cited(answer.text[at:end], marks)])


def _inside(verdicts: Sequence[Verdict], span: Span) -> list[Verdict]:
    found = [v for v in verdicts if v.claim.start < span[1] and v.claim.end > span[0]]
    return sorted(found, key=lambda verdict: verdict.claim.start)


def _sign(verdict: Verdict, say: Say) -> str:
    word = safe(say(f"chat.{verdict.ruling}"))
    return (
        f'<span class="v-sign v-{verdict.ruling}" title="{word}">'
        f'<span aria-hidden="true">{RULINGS[verdict.ruling]}</span>'
        f'<span class="v-hidden"> ({word}) </span></span>'
    )


def cited(text: str, marks: Cites) -> str:
    """Return escaped text with its citation marks as raised numbers."""
    parts: list[str] = []
    at = 0
    for found in MARK.finditer(text):
        before = text[at : found.start()]
        numbers = cites(found[0])
        known = [number for number in numbers if number in marks.quotes]
        if known:
            raised = "".join(marks.mark(number) for number in known)
            # As in print: the number stands behind the full stop, not before it.
            stop = _STOP.match(text, found.end())
            ended = stop[0] if stop else ""
            words = safe(before.rstrip(" ") + ended)
            parts += [words, f'<sup class="v-cites">{raised}</sup>']
            at = found.end() + len(ended)
        else:
            parts += [safe(before), safe(found[0])]
            at = found.end()
    return "".join([*parts, safe(text[at:])])
