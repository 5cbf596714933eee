"""Exports: what is in them, what must never be, and that they are written whole and the same."""

import hashlib
import json
from itertools import pairwise
from pathlib import Path

import pytest

from agents import compose
from retrieval.errors import UserError

CLARA = "The engineer of the weir was Clara Voss [1]."
WRONG = "The weir at Aldmoor has never had an engineer at all [1]."
SECRET = "planted-in-the-settings"
PLANTED = (
    "anna.b@example.org",
    "13812345678",
    "4111 1111 1111 1111",
    "sk-abcdefghijklmnop99",
    SECRET,
)
FORMATS = ("trl", "kto", "webgpt", "trajectories")


def export(served, folder: Path, format: str = "trl", **more):
    return served("feedback.export", format=format, output=str(folder), **more)


def lines(path: Path) -> list:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def data(folder: Path) -> list:
    return [row for part in ("train", "test") if (folder / f"{part}.jsonl").exists()
            for row in lines(folder / f"{part}.jsonl")]  # fmt: skip


def whole(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def two(served, make_events):
    """Two answers to one question, with a vote of one person on each."""
    served.keep("good", make_events(CLARA, model="a"))
    served.keep("bad", make_events(WRONG, model="b"))
    served.vote("good", "bad")
    return served


def test_preferences_are_messages(two, tmp_path) -> None:
    told = export(two, tmp_path / "out")
    (row,) = data(tmp_path / "out")
    assert row["chosen"] == [{"role": "assistant", "content": CLARA}]
    assert row["rejected"] == [{"role": "assistant", "content": WRONG}]
    assert row["prompt"][-1]["role"] == "user" and "Aldmoor" in row["prompt"][-1]["content"]
    report = told["report"]
    assert report["exported"] == 1 and report["prompts"] == report["people"] == 1
    assert report["chosen_minus_rejected"]["characters"]["mean"] == len(CLARA) - len(WRONG)
    assert report["chosen_minus_rejected"]["words"]["chosen_longer"] == 0.0


def test_thumbs_are_labels(two, tmp_path, make_events) -> None:
    two.keep("third", make_events("Clara Voss drew it [1]."))
    two.mark("third", "up", "bob")
    told = export(two, tmp_path / "out", "kto")
    found = {(row["completion"][0]["content"], row["label"]) for row in data(tmp_path / "out")}
    assert found == {(CLARA, True), (WRONG, False), ("Clara Voss drew it [1].", True)}
    labels = told["report"]["labels"]
    assert (labels["up"], labels["down"], labels["undesirable_weight"]) == (2, 1, 2.0)


def test_comparisons_have_the_published_fields(two, tmp_path) -> None:
    given = {"left": "bad", "right": "good", "order": "swapped", "face": "chat"}
    two("compare.add", id="c", **given, overall=1, by="bob")
    export(two, tmp_path / "out", "webgpt")
    (row,) = data(tmp_path / "out")
    fields = {"question", "quotes_0", "answer_0", "score_0", "quotes_1", "answer_1", "score_1"}
    assert row.keys() == fields and row["question"].keys() == {"dataset", "id", "full_text"}
    assert (row["answer_0"], row["answer_1"]) == (WRONG, CLARA)
    assert (row["score_0"], row["score_1"]) == (-0.5, 0.5)
    assert row["quotes_0"] == {
        "title": ["weir"], "extract": ["The engineer of the weir was Clara Voss."]
    }  # fmt: skip


def test_ties_go_into_comparisons_alone(served, make_events, tmp_path) -> None:
    served.keep("a", make_events(CLARA))
    served.keep("b", make_events(WRONG))
    served("compare.add", id="c", left="a", right="b", order="asked", overall=0, by="bob")
    with pytest.raises(UserError, match="tie 1"):
        export(served, tmp_path / "out")
    export(served, tmp_path / "out", "webgpt")
    assert [(row["score_0"], row["score_1"]) for row in data(tmp_path / "out")] == [(0.0, 0.0)]


def test_a_pair_from_other_quotes_is_left_out(served, make_events, quoted, tmp_path) -> None:
    served.keep("good", make_events(CLARA))
    served.keep("bad", make_events(WRONG, quotes=(quoted("The weir had no engineer."),)))
    served.vote("good", "bad")
    with pytest.raises(UserError, match="other quotes 1"):
        export(served, tmp_path / "out", include=["repairs"])
    export(served, tmp_path / "out", "webgpt", include=["repairs"])
    (row,) = data(tmp_path / "out")
    assert row["quotes_0"] != row["quotes_1"]


def test_edits_and_repairs_come_only_when_asked_for(two, make_events, quoted, tmp_path) -> None:
    alone = compose.quotes_answer((quoted(),))
    two.keep("repaired", make_events(alone, draft=WRONG, form="quotes", question="Who drew it?"))
    two.mark("bad", "edit", "bob", text="It was Clara Voss who was the engineer.")
    found = {}
    for include in ([], ["edits"], ["repairs"], ["edits", "repairs"]):
        told = export(two, tmp_path / "out", include=include, force=True)["report"]
        found["+".join(include)] = told["exported_by_origin"]
        assert told["derived"] == told["exported"] + sum(told["left_out"].values()) + told[
            "duplicates"] + told["over_the_limit_of_a_person"]  # fmt: skip
    assert found == {
        "": {"thumbs": 1},
        "edits": {"edit": 1, "thumbs": 1},
        "repairs": {"self-check": 1, "thumbs": 1},
        "edits+repairs": {"edit": 1, "self-check": 1, "thumbs": 1},
    }
    with pytest.raises(UserError, match="edits"):
        export(two, tmp_path / "kto", "kto", include=["edits"])


@pytest.mark.parametrize("format", FORMATS)
def test_no_planted_personal_data_or_secret_is_exported(
    served, make_events, quoted, tmp_path, format
) -> None:
    planted = " and ".join(PLANTED)
    quotes = (quoted(f"Write to {planted}.", title=f"letter of {PLANTED[0]}"),)
    values = {"quotes": quotes, "question": f"Who is {planted}?", "model": f"m-{SECRET}"}
    served.keep("good", make_events(f"Ask {planted} [1].", **values))
    served.keep("bad", make_events(f"Never ask {planted} [1].", **values))
    for run, kind in (("good", "up"), ("bad", "down")):
        served.mark(run, kind, "slack:T1:U024BE7LH", tags=["other"], comment=planted)
    told = export(served, tmp_path / "out", format)
    for name, text in whole(tmp_path / "out").items():
        for one in (*PLANTED, "U024BE7LH", "slack:T1"):
            assert one.encode() not in text, (name, one)
    kinds = {"email", "phone", "card", "key"}
    assert kinds <= told["report"]["scrubbed"].keys()
    assert not any(one in json.dumps(told, ensure_ascii=False) for one in PLANTED)


def test_the_password_of_an_address_is_a_secret_without_its_address(
    served, make_events, tmp_path
) -> None:
    from app.settings import load

    address = {"model.base_url": "https://me:abra%2Fcadabra@host/v1"}
    served.house.settings = load(served.house.settings.home, {}, address)
    served.keep("good", make_events(CLARA, question="Is abra/cadabra of use?"))
    served.mark("good", "up")
    export(served, tmp_path / "out", "kto")
    texts = whole(tmp_path / "out").values()
    assert not any(b"cadabra" in text for text in texts) and any(b"[key]" in t for t in texts)


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_truth_gives_the_same_bytes(two, tmp_path, format) -> None:
    first = export(two, tmp_path / "a", format)
    export(two, tmp_path / "b", format)
    assert whole(tmp_path / "a") == whole(tmp_path / "b")
    for name, described in first["files"].items():
        assert (
            hashlib.sha256((tmp_path / "a" / name).read_bytes()).hexdigest() == described["sha256"]
        )


def test_all_pairs_of_a_prompt_stand_on_one_side(served, make_events, tmp_path) -> None:
    for n in range(30):
        question = f"What of the weir, number {n}?"
        served.keep(f"up{n}", make_events(CLARA, question=question))
        for k in range(3):
            text = f"{('One', 'Two', 'Six')[k]} people never found that out, they said [1]."
            served.keep(f"down{n}.{k}", make_events(text, question=question))
            served.mark(f"down{n}.{k}", "down")
        served.mark(f"up{n}", "up")
    told = export(served, tmp_path / "out", test=0.3)["report"]
    sides = [{json.dumps(row["prompt"]) for row in lines(tmp_path / "out" / f"{part}.jsonl")}
             for part in ("train", "test")]  # fmt: skip
    assert told["split"]["train"] + told["split"]["test"] == told["exported"] == 90
    assert sides[0] and sides[1] and not sides[0] & sides[1]
    prompts = [json.dumps(row["prompt"]) for row in lines(tmp_path / "out" / "train.jsonl")]
    assert sum(a != b for a, b in pairwise(prompts)) == len(sides[0]) - 1


def test_a_text_that_is_no_text_is_written_all_the_same(served, make_events, quoted, tmp_path):
    quotes = (quoted("Half \udcff a character, and \x00."),)
    served.keep("good", make_events(CLARA, quotes=quotes))
    served.keep("bad", make_events(WRONG, quotes=quotes))
    served.vote("good", "bad")
    export(served, tmp_path / "out")
    assert "Half ? a character" in data(tmp_path / "out")[0]["prompt"][0]["content"]


def test_every_line_has_its_provenance(two, tmp_path) -> None:
    export(two, tmp_path / "out")
    (source,) = lines(tmp_path / "out" / "provenance.jsonl")
    assert (source["origin"], source["face"], source["line"]) == ("thumbs", "chat", 1)
    assert source["chosen"] == {"run": "good", "model": "a", "words": "model"}
    assert source["by"].startswith("p-") and "ann" not in json.dumps(source)
    assert (tmp_path / "out" / source["file"]).is_file()


def test_an_export_is_not_overwritten_unless_told(two, tmp_path) -> None:
    export(two, tmp_path / "out")
    with pytest.raises(UserError, match="--force"):
        export(two, tmp_path / "out")
    export(two, tmp_path / "out", "kto", force=True)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["format"] == "kto"


@pytest.mark.parametrize("name", ["notes.txt", "manifest.json"])
def test_a_folder_of_somebody_elses_is_never_replaced(two, tmp_path, name) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / name).write_text("{}")
    with pytest.raises(UserError):
        export(two, tmp_path / "mine", force=True)
    export(two, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(UserError):
        export(two, tmp_path / "out", force=True)
    assert (tmp_path / "mine" / name).read_text() == "{}"
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


def test_a_disk_that_fails_leaves_the_old_export(two, tmp_path, monkeypatch) -> None:
    from app.feedback import folder

    export(two, tmp_path / "out")
    before = whole(tmp_path / "out")

    def fail(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder, "_write", fail)
    with pytest.raises(UserError, match="No space"):
        export(two, tmp_path / "out", force=True)
    assert whole(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_an_export_that_cannot_take_its_place_leaves_the_old_one(
    two, tmp_path, monkeypatch
) -> None:
    export(two, tmp_path / "out")
    before, rename = whole(tmp_path / "out"), Path.rename

    def fail(self: Path, target: Path) -> Path:
        if self.name.endswith(".new"):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(UserError):
        export(two, tmp_path / "out", force=True)
    assert whole(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_persons_name_is_the_same_hash_in_one_home_and_another_elsewhere(tmp_path) -> None:
    from app.feedback.people import pseudonyms

    homes = [tmp_path / "a", tmp_path / "b"]
    for home in homes:
        home.mkdir()
    first, again, other = (pseudonyms(home) for home in (homes[0], homes[0], homes[1]))
    assert first.person("ann") == again.person("ann") != other.person("ann")
    assert first.person("ann") != first.person("bob")
    assert (homes[0] / "feedback.key").stat().st_mode & 0o077 == 0
