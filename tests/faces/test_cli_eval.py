"""`vouch eval retrieval`: its table, its JSON, and what it says when the sets are not there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from retrieval.embed import HashEmbedder

Vouch = Callable[..., Any]

ARTICLES = {
    "Warsaw": ("The tide mill turns with the sea.", "When does the mill turn?"),
    "Normans": ("Bread is baked from flour.", "What is baked from flour?"),
    "Rhine": ("The river flows to the north.", "Where does the river flow?"),
}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one tiny set, and an embedder that loads nothing."""
    monkeypatch.setattr("retrieval.embed.SentenceEncoder", lambda *options: HashEmbedder(64))
    monkeypatch.setenv("VOUCH_HOME", str(tmp_path / "home"))
    articles = [
        {"title": title, "paragraphs": [{"context": text, "qas": [{"question": question}]}]}
        for title, (text, question) in ARTICLES.items()
    ]
    for language in ("en", "zh"):
        file = tmp_path / "data" / "xquad" / f"xquad.{language}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"data": articles}), encoding="utf-8")
    return tmp_path / "data"


def test_the_table_is_markdown(vouch: Vouch, data: Path) -> None:
    ran = vouch("eval", "retrieval", "--data", str(data), "--sets", "xquad-en", "--half", "tune")
    assert ran.status == 0
    lines = ran.out.splitlines()
    assert lines[0] == "**xquad-en**, tune half: 2 questions, 3 documents, 3 passages."
    assert lines[2] == "| ranking | R@1 | R@5 | R@10 | nDCG@10 | MRR@10 |"
    assert lines[3] == "|---|---|---|---|---|---|"
    rows = [line for line in lines[4:] if line.startswith("|")]
    assert [row.split(" | ")[0] for row in rows] == [
        *("| plain BM25", "| lexical", "| dense", "| rank fusion", "| fused", "| re-ranked"),
    ]
    assert rows[-1] == "| re-ranked | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 |"
    compared = [line for line in lines if line.startswith("- re-ranked against plain BM25, R@5")]
    assert len(compared) == 1 and "misses 0.000 to 0.000" in compared[0]
    assert "searching xquad-en" in ran.err and not ran.house.calls


def test_json_holds_the_same(vouch: Vouch, data: Path) -> None:
    ran = vouch("eval", "retrieval", "--data", str(data), "--sets", "xquad-en,xquad-zh", "--json")
    found = json.loads(ran.out)["sets"]
    assert [(one["name"], one["half"], one["questions"]) for one in found] == [
        ("xquad-en", "report", 1),
        ("xquad-zh", "report", 1),
    ]
    assert found[0]["rows"][0]["figures"]["R@5"] == 1.0
    first = found[0]["comparisons"][0]
    assert {"ranking", "against", "measure", "before", "after", "low", "high", "fewer"} == set(
        first
    )


def test_the_reranker_of_the_settings_is_used(vouch: Vouch, data: Path, tmp_path: Path) -> None:
    flags = ["--data", str(data), "--sets", "xquad-en", "--json"]
    for chosen, told in (("auto", True), ("none", False)):
        ran = vouch("eval", "retrieval", *flags, "--set", f"library.reranker={chosen}")
        rows = json.loads(ran.out)["sets"][0]["rows"]
        assert ("re-ranked" in [row["ranking"] for row in rows]) == told
    assert list((tmp_path / "home" / "evaluation").glob("*.npz"))


def test_sets_that_are_not_there_are_one_sentence_with_the_cure(vouch: Vouch, data: Path) -> None:
    for flags in (["--data", str(data / "none")], ["--data", str(data)]):
        ran = vouch("eval", "retrieval", *flags)
        assert (ran.status, ran.out) == (1, "")
        assert "--data FOLDER" in ran.err and len(ran.err.strip().splitlines()) == 1


def test_wrong_names_are_refused(vouch: Vouch, data: Path) -> None:
    ran = vouch("eval", "retrieval", "--sets", "xquad-en,nothing")
    assert ran.status == 1 and "'nothing'" in ran.err and "musique or chunking" in ran.err
    assert vouch("eval", "models").status == 2
    assert vouch("eval", "retrieval", "--half", "both").status == 2
