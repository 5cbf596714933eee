"""`vouch feedback` in this process, over a house with a real database."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from ui import commandline

CLARA = "The engineer of the weir was Clara Voss [1]."
WRONG = "The weir at Aldmoor has never had an engineer at all [1]."


@dataclass
class Stream:
    """A call that was made already."""

    result: Any
    job: str = "j"

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __next__(self) -> Any:
        raise StopIteration


@pytest.fixture
def vouch(served, capsys) -> Callable[..., tuple[int, str, str]]:
    """Carry out a command line over the house of the test."""

    class House:
        def call(self, name: str, params: Any, job: str | None = None) -> Stream:
            return Stream(served(name, **params))

    def carry_out(*arguments: str) -> tuple[int, str, str]:
        status = commandline.run(list(arguments), lambda choice: House())
        told = capsys.readouterr()
        return status, told.out, told.err

    return carry_out


@pytest.fixture
def two(served, make_events):
    """Two answers to one question, voted on and compared."""
    served.keep("good", make_events(CLARA, model="a"))
    served.keep("bad", make_events(WRONG, model="b"))
    served.mark("good", "up")
    served.mark("bad", "down", tags=["wrong"], comment="not \x1b[31mthat\u202e one")
    served.mark("good", "edit", "bob", text="It was Clara Voss, who drew its gates.")
    served("compare.add", id="c", left="bad", right="good", order="swapped", overall=1, by="bob")
    return served


def test_an_empty_house_says_where_feedback_comes_from(vouch) -> None:
    for part in ("list", "pairs"):
        status, out, _ = vouch("feedback", part)
        assert status == 0 and out.count("\n") == 1
    assert vouch("feedback", "agreement")[0] == 0


def test_marks_and_comparisons_are_listed_and_harmless(vouch, two) -> None:
    status, out, _ = vouch("feedback")
    assert status == 0 and "wrong" in out and "bob" in out and "that one" in out
    assert "\x1b" not in out and "\u202e" not in out
    told = json.loads(vouch("feedback", "--json")[1])
    assert len(told["marks"]) == 3 and len(told["comparisons"]) == 1


def test_pairs_are_listed_with_what_keeps_them_out(vouch, two) -> None:
    _, out, _ = vouch("feedback", "pairs")
    rows = [line for line in out.splitlines() if "compare" in line or "thumbs" in line]
    assert any("exported" in row for row in rows) and "left out: edit" in out
    told = json.loads(vouch("feedback", "pairs", "--json")[1])
    assert {pair["origin"] for pair in told["pairs"]} == {"compare", "thumbs", "edit"}
    assert ["near-copy"] in [pair["reasons"] for pair in told["pairs"]]


def test_agreement_is_a_table(vouch, two) -> None:
    two.mark("good", "up", "cat")
    _, out, _ = vouch("feedback", "agreement")
    assert "100%" in out and "kappa" in out
    told = json.loads(vouch("feedback", "agreement", "--json")[1])
    assert told["thumbs"]["share"] == 1.0


def test_an_export_is_written_and_told(vouch, two, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, _ = vouch("feedback", "export", "--format", "trl", "-o", "out")
    assert status == 0 and str(tmp_path / "out") in out and "edit 1" in out
    assert (tmp_path / "out" / "manifest.json").is_file()
    status, out, err = vouch("feedback", "export", "--format", "trl", "-o", "out")
    assert status == 1 and out == "" and "--force" in err
    flags = ("--include", "edits", "--force", "--json")
    told = json.loads(vouch("feedback", "export", "--format", "trl", "-o", "out", *flags)[1])
    assert told["report"]["exported"] == 2


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        (("export",), 1),
        (("export", "--format", "trl"), 1),
        (("export", "--format", "xml", "-o", "x"), 2),
        (("export", "--format", "trl", "-o", "x", "--test", "1"), 2),
        (("lists",), 2),
    ],
)
def test_wrong_use_is_one_sentence(vouch, flags, status) -> None:
    found, out, err = vouch("feedback", *flags)
    assert found == status and out == "" and err.count("\n") == 1
