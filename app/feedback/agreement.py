"""How far people agree, with each other and with the self-check: share and Cohen's kappa."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

from app.feedback.cases import Case
from app.feedback.marks import Comparison, Mark, latest

Weights = Literal["none", "linear", "quadratic"]
SCALE = (-2, -1, 0, 1, 2)


def kappa(
    pairs: Sequence[tuple[Hashable, Hashable]],
    scale: Sequence[Hashable],
    weights: Weights = "none",
) -> float | None:
    """Cohen's kappa of two raters (1960; weighted 1968) over the categories of `scale`, in order.

    1 is full agreement, 0 what chance alone would give; None where chance alone agrees always, or
    for no pairs.
    """
    places = {value: place for place, value in enumerate(scale)}
    seen = Counter((places[one], places[other]) for one, other in pairs)
    first, second = (
        Counter(one for one, _ in seen.elements()),
        Counter(other for _, other in seen.elements()),
    )
    observed = sum(count * _cost(*cell, weights) for cell, count in seen.items())
    chance = sum(
        first[one] * second[other] * _cost(one, other, weights) for one in first for other in second
    )
    return None if not chance else 1 - observed * len(pairs) / chance


def _cost(one: int, other: int, weights: Weights) -> float:
    distance = abs(one - other)
    return {"none": float(distance > 0), "linear": distance, "quadratic": distance**2}[weights]


def agreement(
    cases: Mapping[str, Case], marks: Sequence[Mark], comparisons: Sequence[Comparison]
) -> dict[str, Any]:
    """Return the agreement between people on thumbs and comparisons, and of thumbs with the check.

    Between more than two people every two are compared, and their items pooled.
    """
    thumbs = _thumbs(marks)
    return {
        "thumbs": _between(thumbs, ("up", "down"), "none"),
        "comparisons": _between(_overall(comparisons), SCALE, "quadratic"),
        "preferences": _between(_preferred(comparisons), SCALE[1:4], "none"),
        "check": _with_check(cases, marks),
    }


def _thumbs(marks: Sequence[Mark]) -> dict[str, dict[str, Hashable]]:
    found: dict[str, dict[str, Hashable]] = defaultdict(dict)
    for mark in latest(list(marks)).values():
        if mark.mark in ("up", "down"):
            found[mark.run][mark.by] = mark.mark
    return found


def _overall(comparisons: Sequence[Comparison]) -> dict[str, dict[str, Hashable]]:
    """The overall scores by pair of runs, turned so that the same run is on the left."""
    found: dict[str, dict[str, Hashable]] = defaultdict(dict)
    for one in sorted(comparisons, key=lambda one: (one.at, one.id)):
        first, second = sorted((one.left, one.right))
        turned = one.overall if one.left == first else -one.overall
        found[f"{first} {second}"][one.by] = turned
    return found


def _preferred(comparisons: Sequence[Comparison]) -> dict[str, dict[str, Hashable]]:
    """Which one was preferred: -1, 0 or 1, whatever the strength."""
    scores = _overall(comparisons)
    return {
        pair: {by: (int(str(v)) > 0) - (int(str(v)) < 0) for by, v in given.items()}
        for pair, given in scores.items()
    }


def _between(
    items: Mapping[str, Mapping[str, Hashable]], scale: Sequence[Hashable], weights: Weights
) -> dict[str, Any]:
    together: dict[tuple[str, str], list[tuple[Hashable, Hashable]]] = defaultdict(list)
    for said in items.values():
        for one, other in combinations(sorted(said), 2):
            together[one, other].append((said[one], said[other]))
    pooled = [pair for pairs in together.values() for pair in pairs]
    told = {"items": sum(len(said) > 1 for said in items.values())}
    people = [
        {"people": list(two), **_figures(pairs, scale, weights)} for two, pairs in together.items()
    ]
    return told | _figures(pooled, scale, weights) | {"between": people}


def _figures(
    pairs: Sequence[tuple[Hashable, Hashable]], scale: Sequence[Hashable], weights: Weights
) -> dict[str, Any]:
    told: dict[str, Any] = {"judged_twice": len(pairs), "share": _share(pairs)}
    told["kappa"] = _rounded(kappa(pairs, scale))
    if weights != "none":
        told[f"kappa_{weights}"] = _rounded(kappa(pairs, scale, weights))
    return told


def _share(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    return round(sum(a == b for a, b in pairs) / len(pairs), 4) if pairs else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _with_check(cases: Mapping[str, Case], marks: Iterable[Mark]) -> dict[str, Any]:
    """Thumbs against the check's own word: up where the answer held as a whole, else down."""
    pairs = [
        (str(mark.mark), "up" if _held(cases[mark.run]) else "down")
        for mark in latest(list(marks)).values()
        if mark.run in cases and mark.mark in ("up", "down") and cases[mark.run].asked.check
    ]
    return _figures(pairs, ("up", "down"), "none")


def _held(case: Case) -> bool:
    """True where the draft stood as it was written: every claim of it was supported."""
    verdicts = case.answer.verdicts
    unchanged = case.draft is not None and case.draft == case.answer.text
    return unchanged and all(verdict.ruling == "supported" for verdict in verdicts)
