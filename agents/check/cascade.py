"""Judges from cheap to dear: containment settles what is plain, a verifier reads what is left."""

from collections.abc import Sequence
from dataclasses import replace

from agents.check.blend import Blend, Chances, features
from agents.check.blend_weights import LIMIT, WEIGHTS
from agents.check.case import Case, lay
from agents.check.judge import ContainmentJudge, Thresholds
from agents.check.reading import readings
from agents.check.words import script
from agents.events import Claim, Quoted, Ruling, Verdict


class CascadeJudge:
    """Containment first: a claim that a quote says word for word is supported, and one with facts
    that no quote has is not. What is left is read by the verifier, and its chances are weighed
    together with overlap, facts and cosine. A claim partly supported is not supported.

    A claim that containment refuses stays refused, but how sure that is comes from the same
    weighing: the facts' readers err as well. `scripts` are those that the verifier reads, none
    meaning every one; a claim in another goes by containment alone. From a chance of `limit` on a
    claim is supported.
    """

    def __init__(
        self,
        scripts: Sequence[str] = (),
        blend: Blend = WEIGHTS,
        limit: float = LIMIT,
        thresholds: Thresholds | None = None,
    ) -> None:
        self._scripts = tuple(scripts)
        self._blend = blend
        self._limit = limit
        self._containment = ContainmentJudge(thresholds)

    @property
    def name(self) -> str:
        return "cascade"

    def pairs(self, claim: Claim, quotes: Sequence[Quoted]) -> Sequence[tuple[str, str]]:
        """Return the claim beside its best windows, as containment alone would measure them."""
        case = self._lay(claim, quotes)
        if not self._read(case):
            return self._containment.pairs(claim, quotes)
        latin = script(case.text) == "latin"
        return [(case.text, window.text) for window in case.ranked] if latin else ()

    def readings(self, claim: Claim, quotes: Sequence[Quoted]) -> Sequence[tuple[str, str]]:
        """Return the claim behind each evidence text that it is read beside."""
        case = self._lay(claim, quotes)
        return [(text, case.text) for text in readings(case)] if self._read(case) else ()

    def rule(
        self,
        claim: Claim,
        quotes: Sequence[Quoted],
        similarities: Sequence[float],
        entailments: Sequence[tuple[float, float]] = (),
    ) -> Verdict:
        case = self._lay(claim, quotes)
        settled = self._containment.clear(case)
        if not entailments:
            return settled or self._containment.rule(claim, quotes, similarities)
        chances = self._blend.chances(features(case, similarities, entailments))
        if settled is not None:
            return replace(settled, confidence=round(1 - chances.supported, 4))
        return self._weighed(case, chances)

    def _read(self, case: Case) -> bool:
        """Whether the verifier reads a case: in its scripts, what is not plainly supported."""
        settled = self._containment.clear(case)
        plain = settled is not None and settled.ruling in ("supported", "unchecked")
        served = not self._scripts or script(case.text) in self._scripts
        return case.seat is not None and served and not plain

    def _lay(self, claim: Claim, quotes: Sequence[Quoted]) -> Case:
        return lay(claim, quotes, self._containment.thresholds.windows)

    def _weighed(self, case: Case, chances: Chances) -> Verdict:
        number = case.seat.number if case.seat else None
        ruling = self._ruling(chances)
        because = {
            "supported": f"quote {number} carries it, as the verifier reads it",
            "contradicted": f"quote {number} says otherwise, as the verifier reads it",
        }.get(ruling, f"the quotes do not carry it ({chances.supported:.0%} likely that they do)")
        if ruling == "unsupported" and case.astray:
            because = f"{case.astray[0].text} stands in the quotes, but not where they say the rest"
        sure = chances.supported if ruling == "supported" else 1 - chances.supported
        if ruling == "contradicted":
            sure = chances.contradicted
        return Verdict(case.claim, ruling, "verifier", round(sure, 4), because, number)

    def _ruling(self, chances: Chances) -> Ruling:
        if chances.supported >= self._limit:
            return "supported"
        others = max(chances.supported, chances.unsupported)
        return "contradicted" if chances.contradicted > others else "unsupported"
