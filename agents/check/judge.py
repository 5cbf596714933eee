"""Judges rule whether cited quotes carry a claim: the protocol, and judging by containment."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agents.check.exact import ordered, verbatim
from agents.check.facts import Facts, Missing, facts, missing_sense, missing_things
from agents.check.verbs import has_verb
from agents.check.windows import Window, best, evidence, windows
from agents.check.words import bare, content, script, words
from agents.events import Claim, Quoted, Ruling, Verdict


class Judge(Protocol):
    """Rules on one claim from the run's quotes.

    A judge is pure: it asks for the similarities of the text pairs it names, and rules on what
    comes back, in the same order.
    """

    @property
    def name(self) -> str: ...

    def pairs(self, claim: Claim, quotes: Sequence[Quoted]) -> Sequence[tuple[str, str]]:
        """Return the text pairs whose similarity would help; none where the case is clear."""
        ...

    def rule(
        self, claim: Claim, quotes: Sequence[Quoted], similarities: Sequence[float]
    ) -> Verdict:
        """Rule on the claim. `similarities` (-1..1) answer `pairs(claim, quotes)` one by one."""
        ...


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What containment asks for; chosen on the tune halves by tests/bench/check.py.

    The score of a claim is `overlap_weight * overlap + cosine_weight * cosine - offset`, both at
    their best over windows of one or two sentences; 0 and more is support. Outside Latin script,
    where the embedder is blind, it is `overlap_weight_alone * overlap - offset_alone`. From an
    overlap of `clash` on, a differing fact contradicts. At most `windows` windows are measured per
    claim; `bare_words` is the longest answer without a verb that is judged by word order alone.
    """

    overlap_weight: float = 6.0
    cosine_weight: float = 6.0
    offset: float = 7.0
    overlap_weight_alone: float = 10.0
    offset_alone: float = 6.0
    clash: float = 0.6
    windows: int = 6
    bare_words: int = 8


@dataclass(frozen=True, slots=True)
class _Case:
    """A claim beside the quotes it cites, with its windows, best overlap first."""

    claim: Claim
    text: str
    cited: tuple[Quoted, ...]
    facts: Facts
    evidence: Facts
    ranked: tuple[tuple[float, Window], ...]


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
        case = self._case(claim, quotes)
        if self._clear(case) is not None or script(case.text) != "latin":
            return ()
        return [(case.text, window.text) for _, window in case.ranked]

    def rule(
        self, claim: Claim, quotes: Sequence[Quoted], similarities: Sequence[float]
    ) -> Verdict:
        case = self._case(claim, quotes)
        return self._clear(case) or self._weighed(case, similarities)

    def _case(self, claim: Claim, quotes: Sequence[Quoted]) -> _Case:
        text = bare(claim.text)
        cited = tuple(quote for quote in quotes if quote.number in claim.cites)
        ranked = best(set(content(text)), windows(cited), self.thresholds.windows)
        return _Case(claim, text, cited, facts(text), facts(evidence(cited)), tuple(ranked))

    def _clear(self, case: _Case) -> Verdict | None:
        """The verdict of a case that needs no measuring, else None."""
        if not case.cited:
            return self._verdict(case, "unsupported", 1.0, "no quote is cited for it", None)
        missing = missing_things(case.facts, case.evidence)
        exact = None if missing else self._exact(case)
        if exact is not None:
            return exact
        if not _comparable(case):
            because = "the check cannot compare it with the quotes it cites"
            return self._verdict(case, "unchecked", 0.0, because, None)
        missing += missing_sense(case.facts, facts(case.ranked[0][1].text))
        return self._refused(case, missing) if missing else None

    def _exact(self, case: _Case) -> Verdict | None:
        """The verdict of a claim that stands in a quote as it is, or should, being a bare answer."""
        whole = verbatim(case.text, case.cited)
        if whole is not None:
            return self._placed(case, whole, 1.0, "says it word for word")
        if not self._bare(case.text):
            return None
        parts = ordered(case.text, case.cited)
        if parts is not None:
            return self._placed(case, parts, 0.9, "has these words in this order")
        if script(case.text) != "latin" or not _comparable(case):
            return None
        because = "no sentence of the quotes has these words in this order"
        return self._verdict(case, "unsupported", 0.9, because, None)

    def _placed(self, case: _Case, place: tuple[int, str], confidence: float, how: str) -> Verdict:
        """Support by the sentence that holds the claim's words, unless that denies them."""
        number, sentence = place
        turned = missing_sense(case.facts, facts(sentence))
        if turned:
            return self._refused(case, turned)
        return self._verdict(case, "supported", confidence, f"quote {number} {how}", number)

    def _bare(self, text: str) -> bool:
        """True for an answer without a verb, such as a name or a number."""
        return not has_verb(text) and len(words(text)) <= self.thresholds.bare_words

    def _refused(self, case: _Case, missing: Sequence[Missing]) -> Verdict:
        overlap, window = case.ranked[0]
        near = missing_things(case.facts, facts(window.text))
        clash = next(
            (item for item in (*near, *missing) if item.clash and _among(item, missing)), None
        )
        if clash is not None and overlap >= self.thresholds.clash:
            return self._verdict(
                case, "contradicted", 0.5 + overlap / 2, clash.because, window.number
            )
        because = "; ".join(dict.fromkeys(item.because for item in missing))
        return self._verdict(case, "unsupported", 1 - overlap / 4, because, window.number)

    def _weighed(self, case: _Case, similarities: Sequence[float]) -> Verdict:
        overlap, window = case.ranked[0]
        limits = self.thresholds
        if similarities:
            cosine = max(similarities)
            window = case.ranked[list(similarities).index(cosine)][1]
            score = limits.overlap_weight * overlap + limits.cosine_weight * cosine - limits.offset
        else:
            score = limits.overlap_weight_alone * overlap - limits.offset_alone
        chance = 1 / (1 + math.exp(-score))
        share = f"{overlap:.0%} of its words"
        if score >= 0:
            return self._verdict(
                case, "supported", chance, f"quote {window.number} holds {share}", window.number
            )
        because = f"the quotes hold only {share}, and nothing close to it in meaning"
        return self._verdict(case, "unsupported", 1 - chance, because, window.number)

    def _verdict(
        self, case: _Case, ruling: Ruling, confidence: float, because: str, number: int | None
    ) -> Verdict:
        return Verdict(case.claim, ruling, self.name, round(confidence, 4), because, number)


def _comparable(case: _Case) -> bool:
    """False where the claim has no content word, or shares no script with the quotes."""
    if not content(case.text) or not case.ranked:
        return False
    return script(case.text) in ("", *(script(quote.text) for quote in case.cited))


def _among(item: Missing, missing: Sequence[Missing]) -> bool:
    return any((item.kind, item.text) == (other.kind, other.text) for other in missing)
