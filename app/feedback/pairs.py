"""Two answers to one question, one preferred: derived from runs, marks and comparisons alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from agents.compose import PROSE, SHORT
from agents.events import Quoted
from app.feedback.cases import Case, Prompt, Side, drafted, form, prompt, rejected, shown
from app.feedback.marks import Comparison, Mark, latest
from retrieval.documents import content_id
from retrieval.sentences import sentences

Origin = Literal["compare", "thumbs", "edit", "self-check", "ranked"]
ORIGINS: tuple[Origin, ...] = ("compare", "thumbs", "self-check", "edit", "ranked")

REASONS = {
    "tie": "neither answer was preferred",
    "other question": "the two runs answer different questions",
    "other quotes": "the two answers were written from different quotes",
    "other prompt": "the same question and quotes were put to the models in different ways",
    "other form": "one answer is a few words copied from a quote, the other one is prose",
    "repair:quotes": "the quotes stand in for an answer, which is not the model's own words",
    "repair:browse": "the check had the run browse again, so the quotes are others",
    "rebuilt": "a sentence was put together by the program from the clauses that held",
    "edit": "the chosen answer is a person's own words",
    "person": "the text that was checked is a person's own words",
    "ranked": "the judges alone ranked two drafts of one run, and nobody saw the other one",
}
"""Why a pair is left out of an export unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A preference with its provenance.

    `prompt` is the one that the chosen run answered. `score` is the strength, from 0 (a tie) to 1;
    `by` is who preferred it (for a self-check: who asked); `order` says on which side the chosen
    one stood ("left" or "right", empty unless compared). `reasons` are keys of `REASONS`; a pair
    without any is exported. The id is a content hash that does not change with the time.
    """

    id: str
    prompt: Prompt
    chosen: Side
    rejected: Side
    origin: Origin
    tags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    score: float = 1.0
    by: str = "local"
    face: str = ""
    order: str = ""
    at: float = 0.0

    @property
    def group(self) -> str:
        """What must stay together when an export is split."""
        return self.prompt.id


def derive(
    cases: Mapping[str, Case], marks: Sequence[Mark], comparisons: Sequence[Comparison]
) -> list[Pair]:
    """Return every pair that these runs and words of people give, oldest first.

    What names a run that is not among `cases` gives none. The same truth gives the same pairs.
    """
    counting = list(latest(list(marks)).values())
    found = [
        *_compared(cases, comparisons),
        *_thumbs(cases, counting),
        *_edits(cases, counting),
        *_checked(cases.values()),
        *_ranked(cases.values()),
    ]
    once = {pair.id: pair for pair in found}
    return sorted(once.values(), key=lambda pair: (pair.at, pair.id))


def question_key(case: Case) -> str:
    """Return what runs of one question share."""
    return " ".join(case.asked.question.split()).casefold()


def siblings(cases: Iterable[Case]) -> dict[str, list[Case]]:
    """Return the runs by question, each list in the order of their answers."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda case: (case.at, case.run)):
        groups[question_key(case)].append(case)
    return groups


def _compared(cases: Mapping[str, Case], comparisons: Sequence[Comparison]) -> Iterator[Pair]:
    last: dict[tuple[str, frozenset[str]], Comparison] = {}
    for one in sorted(comparisons, key=lambda one: (one.at, one.id)):
        last[one.by, frozenset((one.left, one.right))] = one
    for one in last.values():
        if one.left in cases and one.right in cases:
            yield _preference(one, cases[one.left], cases[one.right])


def _preference(one: Comparison, left: Case, right: Case) -> Pair:
    best, worst = (right, left) if one.overall > 0 else (left, right)
    marked = one.unsupported_left if worst is left else one.unsupported_right
    pair = _pair("compare", best, shown(best), worst, shown(worst), one.by, one.at)
    return replace(
        pair,
        tags=(*pair.tags, *(("rejected:unsupported",) if marked else ())),
        reasons=(*(("tie",) if one.overall == 0 else ()), *pair.reasons),
        score=abs(one.overall) / 2,
        face=one.face,
        order="left" if best is left else "right",
    )


def _thumbs(cases: Mapping[str, Case], marks: Sequence[Mark]) -> Iterator[Pair]:
    """One up and one down by the same person, on runs of one question."""
    groups: dict[tuple[str, str], list[Mark]] = defaultdict(list)
    for mark in marks:
        if mark.run in cases and mark.mark in ("up", "down"):
            groups[mark.by, question_key(cases[mark.run])].append(mark)
    for group in groups.values():
        ups = [mark for mark in group if mark.mark == "up"]
        downs = [mark for mark in group if mark.mark == "down"]
        for up, down in product(ups, downs):
            best, worst = cases[up.run], cases[down.run]
            at = max(up.at, down.at)
            pair = _pair("thumbs", best, shown(best), worst, shown(worst), up.by, at)
            told = [f"chosen:{tag}" for tag in up.tags] + [f"rejected:{tag}" for tag in down.tags]
            yield replace(pair, tags=(*pair.tags, *told), face=up.face)


def _edits(cases: Mapping[str, Case], marks: Sequence[Mark]) -> Iterator[Pair]:
    for mark in marks:
        if mark.mark == "edit" and mark.run in cases:
            case, text = cases[mark.run], mark.text or ""
            better = Side(mark.run, "", text, text, "person", case.quotes)
            pair = _pair("edit", case, better, case, shown(case), mark.by, mark.at)
            told = tuple(f"rejected:{tag}" for tag in mark.tags)
            yield replace(pair, tags=(*pair.tags, *told), face=mark.face)


def _checked(cases: Iterable[Case]) -> Iterator[Pair]:
    """The answer that was shown over its draft, where the check changed the draft.

    This is the pair of GPT-4's closed-domain procedure (OpenAI 2023, system card).
    """
    for case in cases:
        draft, final = drafted(case), shown(case)
        if draft is None or not case.asked.check or draft.completion == final.completion:
            continue
        pair = _pair("self-check", case, final, case, draft, case.by, case.at)
        yield replace(pair, tags=(*pair.tags, *_change(case)))


def _ranked(cases: Iterable[Case]) -> Iterator[Pair]:
    """The draft that the judges chose of several and that stood, over each that they held to be
    worse. Both answer the quotes that the drafts were written from."""
    for case in cases:
        if not (worse := rejected(case)):
            continue
        quotes = case.drafted_from
        asked = replace(case, quotes=quotes, prompt=prompt(case.asked, quotes))
        best = drafted(asked)
        assert best is not None
        for side in worse:
            pair = _pair("ranked", asked, best, asked, side, case.by, case.at)
            unsure = any(verdict.ruling == "unchecked" for verdict in case.answer.verdicts)
            yield replace(pair, tags=(*pair.tags, *(("unchecked",) if unsure else ())))


def _change(case: Case) -> tuple[str, ...]:
    """How the check came from the draft to what was shown, and what it could not decide."""
    draft, text = case.draft or "", case.answer.text
    unsure = any(verdict.ruling == "unchecked" for verdict in case.answer.verdicts)
    told = ["unchecked"] if unsure and case.answer.form == "prose" else []
    if case.answer.form != "prose":
        return ("repair:quotes",)
    if _key(case.drafted_from) != _key(case.quotes):
        return ("repair:browse", *told)
    if _said(text) <= _said(draft):
        return ("dropped", *told)
    whole = any(text == rewrite for rewrite in case.rewrites)
    return ("rewritten", *(() if whole else ("dropped",)), *told)


def _said(text: str) -> frozenset[str]:
    return frozenset(text[start:end].strip() for start, end in sentences(text))


def _pair(
    origin: Origin, best: Case, chosen: Side, worst: Case, rejected: Side, by: str, at: float
) -> Pair:
    reasons = tuple(_reasons(origin, best, chosen, worst, rejected))
    parts = [part for side in (chosen, rejected) for part in (side.run, side.text)]
    id = content_id(origin, by, best.prompt.id, *parts)
    tags = ("older prompt",) if _older(best) or _older(worst) else ()
    return Pair(id, best.prompt, chosen, rejected, origin, tags, reasons, by=by, at=at)


def _reasons(
    origin: Origin, best: Case, chosen: Side, worst: Case, rejected: Side
) -> Iterator[str]:
    if question_key(best) != question_key(worst):
        yield "other question"
    if _key(chosen.quotes) != _key(rejected.quotes):
        yield "repair:browse" if origin == "self-check" else "other quotes"
    elif best.prompt.id != worst.prompt.id:
        yield "other prompt"
    kinds = {side.words for side in (chosen, rejected)}
    if "quotes" in kinds:
        yield "repair:quotes"
    if "program" in kinds:
        yield "rebuilt"
    if "person" in kinds:
        yield "edit" if origin == "edit" else "person"
    if origin == "ranked":
        yield "ranked"
    if kinds == {"model"} and form(best, chosen.text) != form(worst, rejected.text):
        yield "other form"


def _key(quotes: Iterable[Quoted]) -> frozenset[tuple[str, str]]:
    return frozenset((quote.title, quote.text) for quote in quotes)


def _older(case: Case) -> bool:
    """True for an answer to a version of the prompt that is no longer the one in use."""
    return case.template not in ("", SHORT if case.asked.style == "short" else PROSE)
