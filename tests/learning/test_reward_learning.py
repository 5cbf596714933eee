"""A reward is learned from exports, goes on after a stop, and is loaded to rank drafts."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from reward_pairs import Counting, export, readers, row

from agents.check.round import check
from agents.claims import split
from agents.events import Quoted
from app.learning import held_out
from app.learning.candidates import AS_SHIPPED, Candidates, Change
from app.learning.reward import given as reading
from app.learning.reward import learning as module
from app.learning.reward.comparing import Side
from app.learning.reward.features import LENGTH, features, own_words
from app.learning.reward.given import given
from app.learning.reward.learning import HEAD, Learning
from app.learning.reward.ranker import Released, load
from app.learning.reward.reading import FILE, Reader
from retrieval.errors import UserError

QUOTES = (reading.quoted(1, "weirs", "The weir at Aldmoor was built by Clara Voss in 1887."),)
RIGHT = "The weir was built by Clara Voss [1]."
WRONG = "The weir was built by Otto Lind [1]."
QUESTION = "Who built the weir at Aldmoor?"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("data") / "pairs", [row(at) for at in range(44)])


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """A folder of models in which a reward was learned."""
    models = tmp_path_factory.mktemp("models")
    made = Learning(models, given([], [data]), readers(), 1)
    made.plan()
    list(made.run())
    made.finish("2026-11-28")
    return models


@pytest.fixture
def made(models: Path, once: Path, data: Path) -> Learning:
    """What was learned, in folders of this test."""
    shutil.copytree(once, models)
    return Learning(models, given([], [data]), readers(), 1)


def test_a_reward_is_learned_with_its_card(models: Path, made: Learning, data: Path) -> None:
    card = made.card()
    assert (card.kind, card.base, card.name) == ("reward", "hash", made.name)
    assert card.data["pairs/train.jsonl"]["rows"] == 44
    found = card.figures["held out"]
    assert found["pairs"] == found["prompts"] == 44
    assert found["rows"]["judges, then reward"]["accuracy"] > 0.9
    assert not (made.folder / FILE).exists() and (made.folder / HEAD).is_file()
    assert held_out.key("who built  Brackley 1's weir?") in held_out.noted(made.folder)
    again = Learning(models, given([], [data]), readers(), 1)
    assert again.done and again.name == made.name
    assert not Learning(models, given([], [data]), readers(), 2).done


def test_it_goes_on_where_it_was_stopped(models: Path, data: Path, once: Path) -> None:
    one = Learning(models, given([], [data]), readers(Counting(fails_at=8)), 1)
    with pytest.raises(KeyboardInterrupt):
        one.plan()
        list(one.run())
    with (one.folder / FILE).open("a") as file:
        file.write('["half a li')
    kept = (one.folder / FILE).read_text().count("\n")
    assert 32 < kept < 88 and not one.done
    two = Learning(models, given([], [data]), readers(), 1)
    plan = two.plan()
    assert (plan.steps, plan.pairs) == (88, 44) and plan.step >= kept
    list(two.run())
    whole = two.finish("2026-11-28")
    assert Candidates(once).find(two.name) == whole


def test_too_little_is_refused_with_the_reasons(models: Path, tmp_path: Path) -> None:
    few = export(tmp_path / "few", [row(at) for at in range(12)])
    with pytest.raises(UserError, match=r"12 comparisons, and at least 40 are needed; they are "):
        Learning(models, given([], [few]), readers(), 1)
    ties = export(tmp_path / "ties", [row(at, 0.0 if at % 2 else 1.0) for at in range(60)])
    with pytest.raises(UserError, match="there are 30 comparisons"):
        Learning(models, given([], [ties]), readers(), 1)
    assert not models.exists()


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="is no export of feedback, and a reward is learned from"):
        given([], [tmp_path / "empty"])
    with pytest.raises(UserError, match="of the format 'kto'"):
        given([], [export(tmp_path / "kto", [], "kto")])
    with pytest.raises(UserError, match="is no file of the format webgpt"):
        given([], [export(tmp_path / "bad", [{"question": 1}])])


def test_rows_say_which_answer_is_preferred_and_twins_count_once(tmp_path: Path) -> None:
    rows = [row(1), row(2), row(2), row(3, 0.0)]
    found = given([], [export(tmp_path / "a", rows)]).comparisons
    assert [one.share for one in found] == [1.0, 1.0, 0.5]
    for one in found[:2]:
        quote = one.first.quotes[0].text
        named = quote.partition("engineer ")[2].rstrip(".")
        assert named in one.first.text and named not in one.second.text


def test_prompts_of_writers_are_read_back(tmp_path: Path) -> None:
    from agents.compose import write_prompt

    def told(style: str, chosen: str, rejected: str) -> dict[str, object]:
        prompt = write_prompt(QUESTION, QUOTES, style)  # type: ignore[arg-type]
        said = {"chosen": chosen, "rejected": rejected}
        return {
            "prompt": [{"role": one.role, "content": one.content} for one in prompt],
            **{name: [{"role": "assistant", "content": text}] for name, text in said.items()},
        }

    rows = [told("prose", RIGHT, WRONG), told("short", "Clara Voss", "in 1887")]
    prose, short = given([], [export(tmp_path / "t", rows, "trl")]).comparisons
    assert (prose.first.question, prose.first.text) == (QUESTION, RIGHT)
    assert [(q.number, q.title, q.text) for q in prose.first.quotes] == [
        (1, "weirs", QUOTES[0].text)
    ]
    assert (short.first.text, short.second.text) == ("Clara Voss [1].", "in 1887 [1].")
    assert [q.text for q in short.first.quotes] == [QUOTES[0].text] and short.group == prose.group


def test_drafts_that_judges_ranked_are_not_learned_from(tmp_path: Path) -> None:
    folder = export(tmp_path / "a", [row(1), row(2), row(3)])
    told = [{"file": "train.jsonl", "line": at, "origin": "ranked" if at == 2 else "compare"}
            for at in (1, 2, 3)]  # fmt: skip
    told.append({"file": "test.jsonl", "line": 1, "origin": "ranked"})
    (folder / reading.PROVENANCE).write_text("".join(json.dumps(one) + "\n" for one in told))
    found = given([], [folder])
    every = given([], [export(tmp_path / "b", [row(1), row(3)])])
    assert [one.group for one in found.comparisons] == [one.group for one in every.comparisons]
    (folder / reading.PROVENANCE).unlink()
    told_of = json.loads((folder / "manifest.json").read_text())
    told_of["report"] = {"exported_by_origin": {"compare": 2, "ranked": 1}}
    (folder / "manifest.json").write_text(json.dumps(told_of))
    with pytest.raises(UserError, match="ranked"):
        given([], [folder])


def test_answers_are_judged_as_the_check_judges_them() -> None:
    scorer = Counting()
    sides = [Side(QUESTION, QUOTES, text) for text in (RIGHT, f"{WRONG} {RIGHT}", WRONG)]
    found = Reader(scorer).read(sides)
    for side, one in zip(sides, found, strict=True):
        checking = check(split(side.text), side.quotes, scorer, 0)
        try:
            while True:
                next(checking)
        except StopIteration as ended:
            alone = features(side, ended.value)
        assert {name: one[name] for name in alone} == alone
    assert found[0]["share supported"] == 1.0 and found[2]["share supported"] == 0.0
    assert found[1]["share supported"] == 0.5


def test_quotes_below_an_answer_are_no_part_of_it() -> None:
    below = f"Clara Voss [1].\n\n“{QUOTES[0].text}” [1]"
    short, long = Side(QUESTION, QUOTES, "Clara Voss [1]."), Side(QUESTION, QUOTES, below)
    assert own_words(long) == "Clara Voss [1]."
    one, other = Reader(Counting()).read([short, long])
    assert other.pop("quotes below") == 1.0 and one.pop("quotes below") == 0.0
    assert one == other and one[LENGTH] == pytest.approx(1.0986, abs=1e-3)
    quotes = Reader(Counting()).read([Side(QUESTION, QUOTES, f"“{QUOTES[0].text}” [1]")])[0]
    assert quotes["quotes alone"] == 1.0


def released(models: Path, name: str) -> None:
    how = "release" if name else "rollback"
    Candidates(models).change("reward", Change(name, how, "2026-11-28T10:00:00"))  # type: ignore[arg-type]


def test_the_released_one_ranks_until_it_is_rolled_back(models: Path, made: Learning) -> None:
    ranking = Released(models, readers)
    assert ranking() is None
    released(models, made.name)
    ranker = ranking()
    assert ranker is not None and ranker.name == made.name
    texts = [RIGHT, WRONG]
    read = Reader(Counting()).read([Side(QUESTION, QUOTES, text) for text in texts])
    verdicts = [_verdicts(text) for text in texts]
    scores = ranker.rank(QUESTION, QUOTES, [*zip(texts, verdicts, strict=True)])
    head = load(made.folder, made.name)
    assert scores == pytest.approx([head.score(one) for one in read], abs=1e-3)
    assert scores[0] > scores[1]
    released(models, AS_SHIPPED)
    assert ranking() is None
    named = ranking(made.name)
    assert named is not None and named.name == made.name


def _verdicts(text: str) -> tuple[object, ...]:
    checking = check(split(text), QUOTES, Counting(), 0)
    while True:
        try:
            next(checking)
        except StopIteration as ended:
            return tuple(ended.value)


def test_one_that_was_learned_by_other_readers_is_not_used(models: Path, made: Learning) -> None:
    released(models, made.name)
    assert Released(models, lambda: replace(readers(), embedder="other"))() is None
    assert Released(models, lambda: replace(readers(), verifier="other"))() is None


@pytest.mark.parametrize("spoilt", ["", "{}", '{"features": 1, "weights": {}}', "[1]"])
def test_a_spoilt_reward_is_one_sentence(made: Learning, spoilt: str) -> None:
    (made.folder / HEAD).write_text(spoilt)
    with pytest.raises(UserError, match="cannot be read") as refused:
        load(made.folder, made.name)
    assert "vouch learn reward" in refused.value.cure


def test_one_of_another_version_is_told(made: Learning) -> None:
    told = json.loads((made.folder / HEAD).read_text())
    (made.folder / HEAD).write_text(json.dumps({**told, "features": module.features.VERSION + 1}))
    with pytest.raises(UserError, match="another version of the program"):
        load(made.folder, made.name)


def test_texts_that_the_embedder_cannot_read_go_without_nearness() -> None:
    quotes = (Quoted(1, "", "", "水坝", "水坝由王芳于1887年建成。", 0, 14),)
    found = Reader(Counting()).read([Side("谁建造了水坝？", quotes, "水坝由王芳建成[1]。")])[0]
    assert "near the question" not in found and found["claims cited"] == 1.0
