"""Judges rule whether cited quotes carry a claim: the protocol, and judging by containment."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agents.check.case import Case, lay
from agents.check.exact import ordered, verbatim
from agents.check.facts import Missing, facts, missing_sense
from agents.check.verbs import has_verb
from agents.check.words import script, words
from agents.events import Claim, Quoted, Ruling, Verdict


class Judge(Protocol):
    """Rules on one claim from the run's quotes.

    A judge is pure: it asks for the similarities of the text pairs it names, and for a verifier's
    reading of others, and rules on what comes back, in the same order.
    """

    @property
    def name(self) -> str: ...

    def pairs(self, claim: Claim, quotes: Sequence[Quoted]) -> Sequence[tuple[str, str]]:
        """Return the text pairs whose similarity would help; none where the case is clear."""
        ...

    def readings(self, claim: Claim, quotes: Sequence[Quoted]) -> Sequence[tuple[str, str]]:
        """Return the (evidence, claim) pairs that a verifier should read; none where the case is
        clear, or where the judge goes without."""
        ...

    def rule(
        self,
        claim: Claim,
        quotes: Sequence[Quoted],
        similarities: Sequence[float],
        entailments: Sequence[tuple[float, float]] = (),
    ) -> Verdict:
        """Rule on the claim. `similarities` (-1..1) answer `pairs(claim, quotes)` one by one, and
        `entailments`, each the chances of carried and contradicted, `readings(claim, quotes)`."""
        ...


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What containment asks for; chosen on the tune halves by tests/bench/check.py.

    The score of a claim is `overlap_weight * overlap + cosine_weight * cosine - offset`, both at
    their best over windows of one or two sentences; 0 and more is support. Outside Latin script,
    where the embedder is blind, it is `overlap_weight_alone * overlap - offset_alone`. Facts
    that stand in the quotes but not beside the rest of the claim cost `astray * overlap`. From an
    overlap of `clash` on, a differing fact contradicts. At most `windows` windows are measured per
    claim; `bare_words` is the longest answer without a verb that is judged by word order alone.
    """

    overlap_weight: float = 4.0
    cosine_weight: float = 2.0
    offset: float = 3.4
    astray: float = 4.0
    overlap_weight_alone: float = 6.0
    offset_alone: float = 3.6
    clash: float = 0.6
    windows: int = 6
    bare_words: int = 8

    def score(self, case: Case, similarities: Sequence[float]) -> float:
        """Return the log odds of support."""
        penalty = self.astray * case.overlap if case.astray else 0.0
        if not similarities:
            return self.overlap_weight_alone * case.overlap - penalty - self.offset_alone
        cosine = max(similarities)
        shared = self.overlap_weight * case.overlap + self.cosine_weight * cosine
        return shared - penalty - self.offset


class ContainmentJudge:
    """Supports a claim only where the cited quotes hold its facts and enough of its meaning.

    Facts are numbers, dates, names, units and negation; meaning is overlap of content words and the
    cosine of an embedder. No model judges.
    """

    def __init__(self, thresholds: Thresholds | None = None) -> None:
        self.thresholds = thresholds or Thresholds()

    @property
    def name(self) -> str:
        return "containment"

    def pairs(self, claim: Claim, quotes: Sequence[Quoted]) -> Sequence[tuple[str, str]]:
        """Return the claim beside its best windows; none where all is clear or not Latin."""
        case = lay(claim, quotes, self.thresholds.windows)
        if self.clear(case) is not None or script(case.text) != "latin":
            return ()
        return [(case.text, window.text) for window in case.ranked]

    def readings(self, claim: Claim, quotes: Sequence[Quoted]) -> Sequence[tuple[str, str]]:
        """Return none: no verifier takes part."""
        return ()

    def rule(
        self,
        claim: Claim,
        quotes: Sequence[Quoted],
        similarities: Sequence[float],
        entailments: Sequence[tuple[float, float]] = (),
    ) -> Verdict:
        case = lay(claim, quotes, self.thresholds.windows)
        return self.clear(case) or self._weighed(case, similarities)

    def clear(self, case: Case) -> Verdict | None:
        """The verdict of a case that needs no measuring, else None."""
        if not case.cited:
            return self._verdict(case, "unsupported", 1.0, "no quote is cited for it", None)
        exact = None if case.missing else self._exact(case)
        if exact is not None:
            return exact
        if not case.comparable:
            because = "the check cannot compare it with the quotes it cites"
            return self._verdict(case, "unchecked", 0.0, because, None)
        missing = case.missing + case.turned
        return self._refused(case, missing) if missing else None

    def _exact(self, case: Case) -> Verdict | None:
        """The verdict of a claim that stands in a quote as it is, or should, as a bare answer."""
        whole = verbatim(case.text, case.cited)
        if whole is not None:
            return self._placed(case, whole, 1.0, "says it word for word")
        if not self._bare(case.text):
            return None
        parts = ordered(case.text, case.cited)
        if parts is not None:
            return self._placed(case, parts, 0.9, "has these words in this order")
        if script(case.text) != "latin" or not case.comparable:
            return None
        because = "no sentence of the quotes has these words in this order"
        return self._verdict(case, "unsupported", 0.9, because, None)

    def _bare(self, text: str) -> bool:
        """True for an answer without a verb, such as a name or a number."""
        return not has_verb(text) and len(words(text)) <= self.thresholds.bare_words

    def _placed(self, case: Case, place: tuple[int, str], confidence: float, how: str) -> Verdict:
        """Support by the sentence that holds the claim's words, unless that denies them."""
        number, sentence = place
        turned = missing_sense(case.facts, facts(sentence))
        if turned:
            return self._refused(case, turned)
        return self._verdict(case, "supported", confidence, f"quote {number} {how}", number)

    def _refused(self, case: Case, missing: Sequence[Missing]) -> Verdict:
        number = case.seat.number if case.seat else None
        clash = next((item for item in missing if item.clash), None)
        if clash is not None and case.overlap >= self.thresholds.clash:
            sure = 0.5 + case.overlap / 2
            return self._verdict(case, "contradicted", sure, clash.because, number)
        because = "; ".join(dict.fromkeys(item.because for item in missing))
        return self._verdict(case, "unsupported", 1 - case.overlap / 4, because, number)

    def _weighed(self, case: Case, similarities: Sequence[float]) -> Verdict:
        window = case.ranked[0]
        if similarities:
            window = case.ranked[list(similarities).index(max(similarities))]
        score = self.thresholds.score(case, similarities)
        chance = 1 / (1 + math.exp(-score))
        share = f"{case.overlap:.0%} of its words"
        if score >= 0:
            because = f"quote {window.number} holds {share}"
            return self._verdict(case, "supported", chance, because, window.number)
        because = f"the quotes hold only {share}, and nothing close enough in meaning"
        if case.astray:
            because = f"{case.astray[0].text} stands in the quotes, but not where they say the rest"
        return self._verdict(case, "unsupported", 1 - chance, because, window.number)

    def _verdict(
        self, case: Case, ruling: Ruling, confidence: float, because: str, number: int | None
    ) -> Verdict:
        return Verdict(case.claim, ruling, self.name, round(confidence, 4), because, number)
