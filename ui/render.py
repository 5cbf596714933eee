"""A run as lines: its steps as they happen, and its answer with quotes, verdicts and costs."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from agents.dropping import is_evidence
from agents.events import (
    Acted,
    Answer,
    Answered,
    Asked,
    Claimed,
    Classified,
    Drafted,
    Event,
    Forked,
    Found,
    Judged,
    Measured,
    Moved,
    Opened,
    Prompted,
    Quoted,
    Refused,
    Rephrased,
    Replied,
    Returned,
    Revised,
    Ruling,
    Slipped,
    Stopped,
    Token,
    Used,
    Verdict,
    Working,
)
from agents.noting import notes
from ui.escape import one_line
from ui.lines import Line, Span, Style, counted, line, paragraph
from ui.search_notes import engines_said, words_kept
from ui.summary import Summary

SIGNS: dict[Ruling, Span] = {
    "supported": ("✓ supported", "good"),
    "contradicted": ("✗ contradicted", "bad"),
    "unsupported": ("– unsupported", "doubt"),
    "unchecked": ("? unchecked", "dim"),
}


def step(event: Event) -> Line | None:
    """Return the line that tells an event of browsing as it happens; None for silent ones."""
    match event:
        case Found(query, results, notes):
            held = words_kept(notes)
            told = [*([f"kept from the web: {held}"] if held else []), *engines_said(notes)]
            found = counted(len(results), "result")
            aside = "".join(f"; {one}" for one in told)
            return line(f'searched "{one_line(query, 80)}": {found}', (aside, "dim"))
        case Opened():
            return line(f"opened {one_line(event.title or event.source, 80)}")
        case Moved(at):
            return line((f"moved to character {at}", "dim"))
        case Returned():
            return line(("went back", "dim"))
        case Quoted():
            return line(f'quoted [{event.number}] "{one_line(event.text, 90)}"')
        case Used(tool, text, failed):
            return line(f"used {tool}{' (failed)' if failed else ''}: {one_line(text, 80)}")
        case Refused(why):
            return line((f"refused: {one_line(why, 100)}", "doubt"))
        case Slipped(text, why):
            return line((f'slipped: "{one_line(text, 40)}"; {one_line(why, 80)}', "doubt"))
        case Stopped(reason, detail):
            return _stopped(reason, detail)
        case Asked() | Forked():
            return _begun(event)
        case Rephrased():
            return _rephrased(event)
        case (
            Prompted() | Token() | Working() | Replied() | Acted() | Measured()
            | Drafted() | Claimed() | Judged() | Revised() | Classified() | Answered()
        ):  # fmt: skip
            return None
        case _:
            assert_never(event)


def _begun(event: Asked | Forked) -> Line:
    asked = event.asked if isinstance(event, Forked) else event
    if asked.task == "verify":
        return line(("the text is checked as it stands, without a model", "dim"))
    # The style is "prose" exactly when the model passed the probe of following the actions.
    failed = " (the model failed the probe of actions)" if asked.style != "prose" else ""
    forked = "forked: " if isinstance(event, Forked) else ""
    said = f"{forked}{asked.policy} policy{failed}, model {asked.model or 'none'}"
    note = f"; {one_line(asked.unranked)}" if asked.unranked else ""
    return line((one_line(said, 160), "dim"), (note, "doubt"))


def _rephrased(event: Rephrased) -> Line:
    """Name the question that is worked on, and the earlier turns that were left out for it."""
    if event.how == "as asked":
        return line(("the question stands alone", "dim"))
    left = event.of - event.kept
    told = f" ({counted(left, 'earlier turn')} left out)" if event.how == "model" and left else ""
    return line(f'asked as: "{one_line(event.question, 200)}"', (told, "dim"))


def _stopped(reason: str, detail: str) -> Line:
    said = f": {one_line(detail, 100)}" if detail else ""
    if reason == "finished":
        return line((f"finished browsing{said}", "dim"))
    return line((f"stopped ({reason}){said}", "doubt"))


def working(phase: str, count: int) -> Line:
    """Return the line that says what the withheld phases are busy with."""
    claims = counted(count, "claim")
    said = {
        "reading": "reading the quotes",
        "writing": "writing a draft",
        "checking": f"checking {claims}" if count else "checking the draft",
        "rewriting": f"rewriting {claims}" if count else "rewriting what did not hold",
    }
    return line((said.get(phase, one_line(phase, 40)), "dim"))


def checked(summary: Summary) -> list[Line]:
    """Return the lines that close the steps of an answered run: what was written and what held."""
    lines = [line("wrote a draft")] if summary.draft is not None else []
    if summary.doubts:
        lines.append(line(f"checked {_tally([verdict.ruling for verdict in summary.doubts])}"))
    return lines


def _tally(rulings: Sequence[Ruling]) -> str:
    counts = [f"{rulings.count(ruling)} {ruling}" for ruling in SIGNS if ruling in rulings]
    return f"{counted(len(rulings), 'claim')}: {', '.join(counts)}"


def answer(summary: Summary) -> list[Line]:
    """Return what `vouch ask` prints: answer, quotes, verdicts, changes, costs, next commands."""
    own = [_text(summary), _quotes(summary.answer), _claims(summary), changes(summary)]
    if summary.asked.task == "verify" and summary.answer is not None:
        own = [_claims(summary), _quotes(summary.answer), _sum(summary.answer)]
    blocks = [*own, [costs(summary)], [_next(summary)]]
    lines: list[Line] = []
    for block in filter(None, blocks):
        lines += [line(), *block] if lines else block
    return lines


def _text(summary: Summary) -> list[Line]:
    shown = summary.answer
    if shown is None:
        return [line(("No answer: ", "doubt"), one_line(summary.because))]
    lines = paragraph(shown.text, style="bold")
    if shown.form == "quotes":
        lines.append(line(("These are the best quotes, not the model's own words.", "note")))
    if shown.because:
        lines.append(line((f"{shown.outcome}: {one_line(shown.because)}", "note")))
    told = notes(shown, summary.asked.language)
    return [*lines, *(line((one_line(note), "doubt")) for note in told)]


def _sum(shown: Answer) -> list[Line]:
    return [line((f"{shown.outcome}: {one_line(shown.because)}", "note"))] if shown.because else []


def _quotes(shown: Answer | None) -> list[Line]:
    if shown is None or not shown.quotes:
        return []
    heading = "Quotes" if shown.outcome != "declined" else "What came closest, no answer"
    lines = [line((heading, "note"))]
    for quote in shown.quotes:
        lines.append(line((f"[{quote.number}] ", "bold"), f'"{one_line(quote.text)}"'))
        lines.append(line(("    " + place(quote), "dim")))
    return lines


def place(quote: Quoted) -> str:
    """Say where a quote stands: title, source, page, heading and characters."""
    source = one_line(quote.source)
    title = one_line(quote.title)
    parts = [f"{title} ({source})" if title and title != source else source]
    if quote.page is not None:
        parts.append(f"page {quote.page}")
    if quote.heading and quote.heading != quote.title:
        parts.append(one_line(quote.heading, 80))
    return ", ".join([*parts, f"characters {quote.start}-{quote.end}"])


def _claims(summary: Summary) -> list[Line]:
    shown = summary.answer
    if shown is None or not shown.verdicts:
        return []
    verbatim = [v for v in shown.verdicts if _is_quote(shown, v)]
    lines = [verdict_line(verdict) for verdict in shown.verdicts if verdict not in verbatim]
    if verbatim:
        sign, style = SIGNS["supported"]
        numbers = "".join(
            f"[{n}]" for n in dict.fromkeys(c for v in verbatim for c in v.claim.cites)
        )
        lines.append(line((f"{sign:<15}", style), f"the quotes {numbers}, word for word"))
    return [line(("Claims", "note")), *lines]


def _is_quote(shown: Answer, verdict: Verdict) -> bool:
    return verdict.ruling == "supported" and is_evidence(shown.text, verdict.claim)


def verdict_line(verdict: Verdict) -> Line:
    """Return a claim with its verdict: sign, word, claim, judge and confidence."""
    sign, style = SIGNS[verdict.ruling]
    reason = f"; {one_line(verdict.because, 100)}" if verdict.because else ""
    judged = f"  ({one_line(verdict.judge)} {verdict.confidence:.2f}{reason})"
    return line((f"{sign:<15}", style), one_line(verdict.claim.text), (judged, "dim"))


def changes(summary: Summary) -> list[Line]:
    """Return what the self-check took from the draft and what it put in; nothing where there was
    no draft or no check."""
    if summary.draft is None or summary.answer is None or not summary.asked.check:
        return []
    gone, new = _differences(summary.draft, summary.answer)
    if not gone and not new:
        return [line(("Self-check: ", "note"), "the draft stood as it was written.")]
    lines = [line(("Self-check changed the draft", "note"))]
    for sentence in gone:
        lines.append(line(("- ", "bad"), one_line(sentence), (_doubt(sentence, summary), "dim")))
    lines += [line(("+ ", "good"), one_line(sentence)) for sentence in new]
    if summary.answer.form == "quotes":
        lines.append(line(("+ ", "good"), "the best quotes, as they stand"))
    return lines


def _differences(draft: str, shown: Answer) -> tuple[list[str], list[str]]:
    before, after = list(_sentences(draft)), list(_sentences(shown.text))
    gone = [sentence for sentence in before if sentence not in after]
    if shown.form == "quotes":
        return gone, []
    return gone, [sentence for sentence in after if sentence not in before]


def _sentences(text: str) -> Iterator[str]:
    from retrieval.sentences import sentences

    for start, end in sentences(text):
        yield " ".join(text[start:end].split())


def _doubt(sentence: str, summary: Summary) -> str:
    """Say why the self-check took a sentence of the draft away."""
    for verdict in summary.doubts:
        claim = " ".join(verdict.claim.text.split())
        if verdict.ruling != "supported" and (claim in sentence or sentence in claim):
            reason = f": {one_line(verdict.because, 100)}" if verdict.because else ""
            return f"  ({verdict.ruling}{reason})"
    return ""


def costs(summary: Summary) -> Line:
    """Return outcome, policy, model, seconds, tokens and run on one line."""
    style: Style = "good" if summary.outcome == "answered" else "doubt"
    tokens = f"{summary.read + summary.written:,} tokens ({summary.read:,} read,"
    if summary.anew != summary.read:
        tokens += f" {summary.anew:,} of them anew,"
    facts = [
        f"{summary.asked.policy} policy",
        summary.asked.model or "no model",
        f"{summary.seconds:.1f} s",
        f"{tokens} {summary.written:,} written)",
        f"run {summary.run}",
    ]
    if not summary.asked.check:
        facts.insert(0, "not checked")
    return line((summary.outcome, style), (" · " + " · ".join(facts), "dim"))


def _next(summary: Summary) -> Line:
    run = summary.run
    return line((f"Next: vouch show {run} · vouch replay {run} · vouch library", "dim"))
