"""How the self-check changed an answer: the draft, its verdicts, and each repair as changes."""

from collections.abc import Sequence

from agents.events import Answered, Drafted, Entry, Judged, Repair, Revised
from ui.html_diff import changes
from ui.lines import Line, Span, counted, line
from ui.render import verdict_line

REPAIRS: dict[Repair, str] = {
    "cite": "pointed to other quotes",
    "rewrite": "written again by the model",
    "drop": "what failed was left out",
    "quote": "quotes stand for what failed",
    "policy": "rewritten by the policy",
}


def revision(entries: Sequence[Entry]) -> list[Line]:
    """Return the draft, the verdicts of each round, what each repair changed, and what was shown.

    What a repair took out stands as [-...-], what it brought in as {+...+}. Repairs are told in the
    order they were tried; one that made the answer worse was not kept.
    """
    lines: list[Line] = []
    before = ""
    for entry in entries:
        match entry.event:
            case Drafted(text, of, agreement, ranker):
                best = f", best of {of}, {agreement:.0%} of the others agree" if of > 1 else ""
                best += f", ranked by {ranker}" if ranker else ""
                lines += [line((f"draft{best}", "bold")), *compared("", text)]
                before = text
            case Judged(number, verdict):
                lines.append(line("  ", (f"round {number} ", "dim"), *verdict_line(verdict).spans))
            case Revised(number, how, text):
                lines += [line((f"round {number}: {REPAIRS[how]}", "bold"))]
                lines += compared(before, text)
                before = text
            case Answered(shown) if before:
                same = shown.text == before
                told = "shown as it stands there" if same else "shown"
                lines += [line((told, "bold"))]
                lines += [] if same else compared(before, shown.text)
            case _:
                continue
    return lines or [line("no draft was written, so nothing was changed")]


def compared(before: str, after: str) -> list[Line]:
    """Return `after` line by line with the changes from `before` marked; all as it is if new."""
    if not before:
        return [line("  ", part) for part in after.split("\n")]
    rows: list[list[str | Span]] = [[]]
    count = 0
    for what, text in changes(before, after):
        count += what != "same"
        for number, part in enumerate(text.split("\n")):
            if number:
                rows.append([])
            if part:
                rows[-1].append(_marked(what, part))
    return [
        *(line("  ", *row) for row in rows if row),
        line((f"  {counted(count, 'change')}", "dim")),
    ]


def _marked(what: str, text: str) -> str | Span:
    if what == "gone":
        return f"[-{text}-]", "bad"
    if what == "new":
        return f"{{+{text}+}}", "good"
    return text
