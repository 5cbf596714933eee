"""`vouch eval answers`: its table, its JSON, what is kept, and names that there are not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from agents.models.scripted import ScriptedModel
from retrieval.embed import HashEmbedder

Vouch = Callable[..., Any]

PARAGRAPHS = {
    "Warsaw": ("The tide mill turns with the sea.", "When does the tide mill turn?", "the sea"),
    "Rhine": ("The river flows to the north.", "Where does the river flow?", "north"),
}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one tiny set; a model and an embedder that load nothing."""
    monkeypatch.setattr("retrieval.embed.SentenceEncoder", lambda *options: HashEmbedder(64))
    monkeypatch.setattr(
        "app.models.resolve", lambda settings, name: ScriptedModel(lambda m, s: "I do not know.")
    )
    monkeypatch.setenv("VOUCH_HOME", str(tmp_path / "home"))
    articles = [
        {"title": title, "paragraphs": [{"context": text, "qas": [
            {"id": title, "question": question, "answers": [{"text": gold}]}]}]}
        for title, (text, question, gold) in PARAGRAPHS.items()
    ]  # fmt: skip
    file = tmp_path / "data" / "xquad" / "xquad.en.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"data": articles}), encoding="utf-8")
    return tmp_path / "data"


def run(vouch: Vouch, data: Path, *more: str) -> Any:
    flags = ["--data", str(data), "--sets", "xquad-en", "--set", "check.verifier=none"]
    return vouch("eval", "answers", *flags, "--half", "tune", *more)


def test_the_table_has_a_row_a_system_and_vouch_twice(vouch: Vouch, data: Path) -> None:
    ran = run(vouch, data)
    assert ran.status == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0].startswith("**xquad-en**, tune half:")
    rows = {line.split(" | ")[0].strip("| "): line for line in lines[4:] if line.startswith("|")}
    assert set(rows) == {"plain RAG", "quotes only", "Vouch", "Vouch without its check"}
    assert " 0.000 | 1.000 |" in rows["plain RAG"], "it does not know, and shows that"
    assert any(line.startswith("wrong: Vouch less plain RAG -") for line in lines)


def test_answers_that_are_kept_are_not_asked_again(
    vouch: Vouch, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "kept.jsonl"
    first = run(vouch, data, "--out", str(out), "--json", "--systems", "quotes only,Vouch")
    kept = out.read_text("utf-8")
    assert len(kept.splitlines()) == 2 * json.loads(first.out)["sets"][0]["systems"]["Vouch"]["n"]
    monkeypatch.setattr("app.evaluation.systems.SYSTEMS", {"quotes only": None, "Vouch": None})
    again = run(vouch, data, "--out", str(out), "--json", "--systems", "quotes only,Vouch")
    assert again.out == first.out and out.read_text("utf-8") == kept


def test_a_system_that_there_is_not_is_named_with_those_that_there_are(
    vouch: Vouch, data: Path
) -> None:
    ran = run(vouch, data, "--systems", "oracle")
    assert ran.status == 1 and "oracle" in ran.err and "plain RAG" in ran.err


def test_the_plot_has_a_panel_a_set_and_a_curve_a_system(
    vouch: Vouch, data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "risk.svg"
    ran = run(vouch, data, "--plot", str(file), "--json")
    assert ran.status == 0, ran.err
    systems = json.loads(ran.out)["sets"][0]["systems"]
    svg = ET.fromstring(file.read_text("utf-8"))
    panels = list(svg.iter("{http://www.w3.org/2000/svg}g"))
    curves = list(panels[0].iter("{http://www.w3.org/2000/svg}polyline"))
    assert len(panels) == 1 and len(curves) == len(systems) == 4


def test_a_plot_that_cannot_be_written_is_one_sentence(vouch: Vouch, data: Path) -> None:
    ran = run(vouch, data, "--plot", str(data / "none" / "risk.svg"))
    assert ran.status == 1 and "--plot" in ran.err
