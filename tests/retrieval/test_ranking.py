"""Ranking: one order of steps for what is served and what is measured."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.documents import Passage
from retrieval.fuse import blend
from retrieval.ranking import rank

TEXTS = {n: Passage("d", "s", "t", f"passage {n}", n, n + 1) for n in range(40)}
DENSE = {1: 0.9, 2: 0.8, 3: 0.1}
LEXICAL = {3: 9.0, 4: 8.0, 1: 3.0}


def shelf(keys: Sequence[int]) -> Mapping[int, Passage]:
    return {key: TEXTS[key] for key in keys if key in TEXTS}


class Judge:
    """Scores by a table; NaN for what is not in it."""

    id = "table"

    def __init__(self, table: Mapping[str, float], depth: int = 15, weight: float = 10.0) -> None:
        self.table, self.depth, self.weight = table, depth, weight
        self.seen: list[str] = []

    def score(self, query: str, passages: Sequence[Passage]) -> NDArray[np.float32]:
        self.seen = [passage.text for passage in passages]
        return np.array([self.table.get(text, np.nan) for text in self.seen], np.float32)


def found(k: int = 10, judge: Judge | None = None) -> list[str]:
    return [hit.passage.text for hit in rank("q", DENSE, LEXICAL, shelf, k, judge).hits]


def test_hits_stand_in_the_order_of_the_blend() -> None:
    ranked = rank("q", DENSE, LEXICAL, shelf, 3)
    fused = blend(DENSE, LEXICAL)
    assert [hit.passage for hit in ranked.hits] == [TEXTS[item.row] for item in fused[:3]]
    assert [hit.rank for hit in ranked.hits] == [1, 2, 3]
    assert [hit.score for hit in ranked.hits] == [item.score for item in fused[:3]]
    cosines = {hit.passage.text: hit.cosine for hit in rank("q", DENSE, LEXICAL, shelf, 9).hits}
    assert cosines == {"passage 1": 0.9, "passage 2": 0.8, "passage 3": 0.1, "passage 4": None}
    assert ranked.missing == 0


def test_a_judge_moves_the_best_and_leaves_the_others_behind_them() -> None:
    plain = found()
    table = {text: at / 10 for at, text in enumerate(plain)}
    assert found(judge=Judge(table)) == plain[::-1]
    assert found(judge=Judge(table, depth=2)) == [plain[1], plain[0], *plain[2:]]
    assert found(judge=Judge(table, weight=1e-6)) == plain


def test_more_are_judged_than_are_wanted() -> None:
    last = found()[-1]
    judge = Judge(dict.fromkeys(found(), 0.1) | {last: 1.0})
    assert found(1, judge) == [last]
    assert len(judge.seen) == 4


def test_what_cannot_be_judged_counts_as_the_least() -> None:
    plain = found()
    assert found(judge=Judge({})) == plain
    assert found(judge=Judge({plain[2]: 0.9, plain[3]: 0.2})) == [
        plain[2],
        plain[0],
        plain[1],
        plain[3],
    ]
    assert found(judge=Judge(dict.fromkeys(plain, 1.0))) == plain


def test_passages_that_are_gone_are_counted() -> None:
    ranked = rank("q", {}, {99: 2.0, 1: 1.0, 98: 0.5}, shelf, 2, Judge({}))
    assert [hit.passage.text for hit in ranked.hits] == ["passage 1"]
    assert ranked.missing == 1
    assert rank("q", {}, {99: 2.0, 1: 1.0, 2: 0.5}, shelf, 2, Judge({})).missing == 0
    assert rank("q", {}, {}, shelf, 5, Judge({})).hits == []
