"""`vouch eval reward`: public preferences as they lie on the disk, and which reward is measured."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.evaluation.preferences import JUDGE, load
from app.learning.candidates import Candidates, Card, Change
from app.learning.reward.head import Head
from app.learning.reward.learning import HEAD, written
from retrieval.embed import HashEmbedder
from retrieval.errors import UserError

Vouch = Callable[..., Any]

NEAR = Head({"question's words": 1.0}, {"question's words": 0.0}, 0.0, 0.1)
"""A reward that likes answers with the words of the question."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Four comparisons of each set; the preferred answer of three has the question's words."""
    sets = tmp_path / "sets"
    rows = [_row(at, good=at != 3) for at in range(4)]
    place = sets / "llmbar" / "Dataset" / "Processed" / "People"
    place.mkdir(parents=True)
    (place / "dataset.json").write_text(json.dumps(rows))
    alpaca = sets / "alpaca_eval"
    alpaca.mkdir()
    asked = [{"i": at, "instruction": row["input"]} for at, row in enumerate(rows)]
    _lines(alpaca / "instructions.jsonl", asked)
    told = [
        {"i": at, "g": name, "output": row[f"output_{n}"]}
        for at, row in enumerate(rows)
        for n, name in ((1, "one"), (2, "two"))
    ]
    _lines(alpaca / "outputs.jsonl.gz", told)
    prefs = [
        {"i": at, "judge": JUDGE, "g1": "one", "g2": "two", "p": [1.1, 1.9][row["label"] - 1]}
        for at, row in enumerate(rows)
    ]
    other = {"i": 0, "judge": "another", "g1": "one", "g2": "two", "p": 1.5}
    _lines(alpaca / "prefs.jsonl.gz", [*prefs, other])
    return sets


def _row(at: int, good: bool) -> dict[str, Any]:
    question = f"Which colour has the mill number {at}?"
    texts = [f"The mill number {at} has the colour red.", "Nobody knows\u2028such things."]
    label = 1 if good else 2
    if at % 2:
        texts, label = texts[::-1], 3 - label
    return {"input": question, "output_1": texts[0], "output_2": texts[1], "label": label}


def _lines(path: Path, rows: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


@pytest.fixture
def candidates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Candidates:
    home = tmp_path / "home"
    monkeypatch.setenv("VOUCH_HOME", str(home))
    monkeypatch.setattr("retrieval.embed.SentenceEncoder", lambda *options: HashEmbedder(64))
    kept = Candidates(home / "models")
    for name, kind in (("reward-1", "reward"), ("write-1", "write")):
        kept.keep(Card(name, kind, "hash", "2026-11-28", 1))  # type: ignore[arg-type]
    (kept.folder("reward-1") / HEAD).write_bytes(written(NEAR))
    return kept


@pytest.mark.parametrize("name", ["llmbar", "alpaca_eval"])
def test_a_set_says_which_answer_is_preferred(name: str, data: Path) -> None:
    found = load(name, data, 400)
    good = [one for one in found if "mill" in one.first.text]
    assert (len(found), len(good)) == (4, 3)
    assert not any(one.first.quotes for one in found)
    assert len(load(name, data, 2)) == 2
    with pytest.raises(UserError, match=f"'{name}' cannot be read"):
        load(name, data / "nowhere", 400)


def test_the_named_reward_is_measured_beside_rules(
    vouch: Vouch, candidates: Candidates, data: Path
) -> None:
    line = ("eval", "reward", "--data", str(data), "--set", "check.verifier=none")
    ran = vouch(*line, "--candidate", "reward-1")
    assert ran.status == 0 and not ran.house.calls
    assert "llmbar: 4 pairs about 4 questions, by reward-1" in ran.out
    assert [row.split()[1] for row in ran.out.splitlines() if row.startswith("  reward ")] == [
        "75.0%",
        "75.0%",
    ]
    candidates.change("reward", Change("reward-1", "release", "2026-11-28T10:00:00"))
    told = json.loads(vouch(*line, "--sets", "alpaca_eval", "--json").out)
    assert told["candidate"] == "reward-1" and [*told["sets"]] == ["alpaca_eval"]
    assert told["sets"]["alpaca_eval"]["rows"]["judges"]["accuracy"] == 0.5, "nothing to judge by"


def test_what_cannot_be_measured_is_one_sentence(
    vouch: Vouch, candidates: Candidates, data: Path
) -> None:
    line = ("eval", "reward", "--data", str(data))
    assert "there is no reward in use" in vouch(*line).err
    assert "write-1 is no reward" in vouch(*line, "--candidate", "write-1").err
    assert "no set of preferences 'xquad-en'" in vouch(*line, "--sets", "xquad-en").err
