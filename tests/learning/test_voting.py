"""Voting: what chains end with, when a vote is clear, and what becomes an example."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from agents.events import Quoted
from agents.models.base import Capabilities, Message, Piece, Reply, Sampling
from app.learning.voted import Voted, export, voted
from app.learning.voting import COLDEST, WARMEST, final, samples, vote
from app.learning.writing.given import given
from retrieval.errors import UserError

QUOTE = Quoted(1, "d", "s", "Bridges", "The bridge opened in 1932.", 0, 26)


class _Chains:
    """Says one given chain after the other, and remembers how it was sampled."""

    name, capabilities = "chains", Capabilities(4096, "gbnf")

    def __init__(self, *chains: str) -> None:
        self.chains, self.asked = list(chains), list[Sampling]()

    def reply(
        self, messages: Sequence[Message], sampling: Sampling, cancel: object = None
    ) -> Iterator[Piece | Reply]:
        self.asked.append(sampling)
        yield Reply(self.chains[(len(self.asked) - 1) % len(self.chains)])

    def close(self) -> None: ...


class _Quotes:
    def quotes(self, question: str) -> Sequence[Quoted]:
        return [] if "nobody" in question else [QUOTE]


def test_the_answer_is_the_last_one_named_without_marks() -> None:
    assert final("It opened then [1].\nAnswer: in 1931\nNo.\nAnswer: 1932 [1].") == "1932"
    assert final("It opened in 1932.") == ""


def test_answers_are_alike_whatever_their_articles_and_case() -> None:
    found = vote(["a\nAnswer: The Bridge", "b\nAnswer: bridge.", "c\nAnswer: 1932", "nothing"])
    assert found is not None and found.answer == "The Bridge"
    assert found.winners == (0, 1) and found.share == 0.5


@pytest.mark.parametrize("chains", [[], ["no", "none"], ["Answer: a1", "Answer: b1"]])
def test_no_vote_without_a_majority(chains: list[str]) -> None:
    assert vote(chains) is None


def test_samples_differ_in_temperature_and_seed() -> None:
    model = _Chains("x")
    samples(model, [Message("user", "?")], 4, seed=7)
    assert [one.temperature for one in model.asked] == [COLDEST, 0.6, 0.8, WARMEST]
    assert len({one.seed for one in model.asked}) == 4
    assert all(one.grammar for one in model.asked)


def _voted(*chains: str, share: float = 0.6) -> list[Voted]:
    asked = ["When did it open?", "What did nobody write?"]
    return list(voted(asked, _Quotes(), _Chains(*chains), len(chains), share))


def test_the_winning_chains_become_examples_with_their_share(tmp_path: Path) -> None:
    chains = ("It says so [1].\nAnswer: 1932", "So [1].\nAnswer: 1932", "Hm [1].\nAnswer: 1931")
    found = _voted(*chains)
    assert [one.kept for one in found] == [True, False] and not found[1].chains
    export(found, tmp_path / "out", {"model": "chains"}, "2026-11-28")
    rows = [json.loads(line) for line in (tmp_path / "out" / "train.jsonl").open()]
    assert [row["completion"][0]["content"] for row in rows] == list(chains[:2])
    source = json.loads((tmp_path / "out" / "provenance.jsonl").read_text().splitlines()[0])
    assert source["share"] == 0.6667 and source["votes"] == 2 and source["samples"] == 3
    learned = given([tmp_path / "out"], "sft", seed=1).examples
    assert [one.reply for one in learned] == list(chains[:2])


def test_a_vote_that_is_not_clear_enough_is_refused(tmp_path: Path) -> None:
    found = _voted("a\nAnswer: 1932", "b\nAnswer: 1932", "c\nAnswer: 1931", share=0.7)
    with pytest.raises(UserError, match="none got an answer"):
        export(found, tmp_path / "out", {}, "2026-11-28")
    assert not (tmp_path / "out").exists()
