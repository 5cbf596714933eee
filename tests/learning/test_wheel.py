"""One turn of the wheel: learn, measure, release, ask, take back, with a tiny model for real."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import tiny_llama
import torch
from own_export import export

from agents.events import Entry
from agents.models.base import Message, Sampling
from agents.models.llama import LlamaModel
from agents.ports import Sources
from agents.probe import Probed
from app import adapters
from app.evaluation import systems
from app.evaluation.sets import half
from app.evaluation.systems import Means, Shown
from app.house import House
from app.learning import releasing
from app.learning.candidates import Candidates, Card
from app.learning.held_out import QUESTIONS, noted
from app.learning.rated import version
from app.learning.writing.cloning import Recipe
from app.learning.writing.examples import Example
from app.learning.writing.given import Given
from app.learning.writing.house import base
from app.learning.writing.learning import Learning
from app.settings import load
from retrieval.embed import HashEmbedder
from ui import commandline

Run = Callable[..., tuple[int, str, str]]

RECIPE = Recipe(steps=30, warmup=2, batch=4, rank=4, alpha=8, rate=2e-2)
ANSWER = "the sea"


def asked(title: str) -> str:
    return f"What turns mill {title}?"


def tiny_system(question: str, sources: Sources, means: Means) -> Shown:
    """The model's bare reply to the question: what a model of two layers can learn in seconds."""
    sampling = Sampling(8, adapter="write" if means.model.capabilities.adapters else "")
    *_, reply = means.model.reply([Message("user", question)], sampling)
    return Shown(reply.text, "answered", "prose", 0.1, draft=reply.text)


@pytest.fixture
def titles() -> list[str]:
    """Titles of the report half: what a set of public questions is measured on."""
    every = (hashlib.sha256(str(at).encode()).hexdigest()[:2] for at in range(60))
    return [title for title in dict.fromkeys(every) if half(title) == "report"][:12]


@pytest.fixture
def data(tmp_path: Path, titles: list[str]) -> Path:
    """A folder of public sets: questions with the answer, and one that nothing answers."""
    articles = [
        {"title": title, "paragraphs": [{"context": "The sea turns mills.", "qas": [
            {"id": title, "question": asked(title), "answers": [{"text": ANSWER}]},
            {"id": f"{title}-no", "question": f"Who owns mill {title}?", "is_impossible": True}]}]}
        for title in titles
    ]  # fmt: skip
    file = tmp_path / "data" / "squad2_cs224n" / "dev-v2.0.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"data": articles}), encoding="utf-8")
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Layers this small lose time to threads that wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def home(vouch_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose model is the tiny one, and which embeds without weights."""
    model = tiny_llama.write(tmp_path / "tiny.gguf", context=4096)
    settings = f'[model]\nname = "{model}"\ncontext = 4096\n[check]\nverifier = "none"\n'
    (vouch_home / "settings.toml").write_text(settings)
    monkeypatch.setattr("retrieval.embed.SentenceEncoder", lambda *options: HashEmbedder(64))
    monkeypatch.setattr("os.nice", lambda step: 0)
    monkeypatch.setattr("app.assistant.probe", lambda kit: Probed(0, 1))
    for name in ("plain RAG", "Vouch"):
        monkeypatch.setitem(systems.SYSTEMS, name, tiny_system)
    for name, least in {"f1": 10, "declining": 20, "injection": 2}.items():
        monkeypatch.setitem(releasing.LEAST, name, least)
    return vouch_home


@pytest.fixture
def vouch(capsys: pytest.CaptureFixture[str]) -> Run:
    def carry_out(*arguments: str) -> tuple[int, str, str]:
        def attach(choice: Any) -> Any:
            raise AssertionError("no engine is needed")

        status = commandline.run(list(arguments), attach)
        told = capsys.readouterr()
        return status, told.out, told.err

    return carry_out


def learned(home: Path, titles: list[str], steps: int) -> str:
    """Learn for so many steps; two of the questions stand in the set that is measured on too."""
    names = [*titles[:2], *map(str, range(100, 198))]
    rows = [Example((Message("user", asked(n)),), ANSWER, "p", asked(n), "t") for n in names]
    given = Given(examples=rows, data={"tiny": {"sha256": "-", "licence": "-", "rows": 100}})
    recipe = replace(RECIPE, steps=steps)
    settings = load(home, {}, {})
    learning = Learning(base(settings), home / "models", given, "sft", recipe)
    learning.plan()
    assert [progress.step for progress in learning.run()][-1] == steps
    return learning.finish("2026-11-28").name


def says(house: House, title: str) -> tuple[str, str]:
    """Ask the model of the house, as the next question would; what it says, and by what weights."""
    model = house.model()
    assert isinstance(model, LlamaModel)
    job = "write" if model.capabilities.adapters else ""
    *_, reply = model.reply([Message("user", asked(title))], Sampling(8, adapter=job))
    return reply.text, reply.adapter


def wrote(house: House) -> str:
    """Ask a whole question, and tell what wrote the answer that the journal keeps."""
    request = house.request("When does the weir of Aldmoor turn its mill?")
    told = list(house.assistant.ask(request, threading.Event()))
    run = next(one.run for one in told if isinstance(one, Entry))
    return version([entry.event for entry in house.journal.entries(run)])


@pytest.fixture
def house(home: Path, tmp_path: Path) -> Iterator[House]:
    made = House(load(home, {}, {}))
    (tmp_path / "weir.txt").write_text("The weir of Aldmoor turns its mill when the tide falls.")
    list(made.library.add([tmp_path / "weir.txt"]))
    yield made
    made.close()


@pytest.fixture
def shipped(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A writer that comes with the program for the tiny model; its name."""
    folder = tmp_path / "shipped"
    path = tiny_llama.write_adapter(folder / "write.gguf", 3)
    card = Card("write-first", "write", base(load(home, {}, {})).name, "2026-11-28", 1)
    path.with_suffix(".json").write_text(json.dumps(asdict(card)))
    path.with_suffix(f".{QUESTIONS}").write_text("[]")
    monkeypatch.setattr(adapters, "SHIPPED", folder)
    return card.name


@pytest.mark.slow
def test_what_is_shipped_is_measured_against_the_model_as_it_is(
    home: Path, data: Path, shipped: str, vouch: Run
) -> None:
    measure = ("--data", str(data), "--sets", "squad2", "--attacks", "2")
    candidates = Candidates(home / "models")
    status, _, err = vouch("learn", "evaluate", "shipped", *measure)
    assert status == 1 and "is in use" in err and candidates.all() == []
    status, out, err = vouch("learn", "evaluate", "shipped", "none", *measure)
    assert status == 0 and f"getting {shipped} ready" in err and "none" in out, err
    found = candidates.find(shipped).figures["evaluations"]["none"]
    assert found["shipped"] == shipped and found["figures"]["f1"]["n"] == 12
    assert candidates.released("write") is None


@pytest.mark.slow
def test_a_training_by_command_begins_from_what_is_shipped(
    home: Path, tmp_path: Path, shipped: str, vouch: Run
) -> None:
    folder = export(tmp_path / "export", [])
    said = [[{"role": "assistant", "content": text}] for text in ("yes", "no")]
    rows = [
        {"prompt": [{"role": "user", "content": f"Is {at} a number?"}], "chosen": said[0],
         "rejected": said[1]}
        for at in range(100)
    ]  # fmt: skip
    (folder / "train.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    told = ("learn", "write", "--method", "dpo", "--data", str(folder), "--steps", "2", "--json")
    status, out, err = vouch(*told, "--after", "shipped")
    assert status == 0, err
    card = json.loads(out)["card"]
    assert card["settings"]["after"] == shipped and card["settings"]["learning_rate"] > 0
    assert {one.name for one in Candidates(home / "models").all()} == {shipped, card["name"]}


@pytest.mark.slow
def test_one_turn_of_the_wheel(
    home: Path, house: House, data: Path, titles: list[str], vouch: Run
) -> None:
    assert says(house, titles[3])[0] != ANSWER
    good, bad = learned(home, titles, RECIPE.steps), learned(home, titles, 1)
    measure = ("--data", str(data), "--sets", "squad2", "--attacks", "2")

    status, _, err = vouch("learn", "release", good)
    assert status == 1 and "was not measured against what is in use, shipped" in err
    status, out, err = vouch("learn", "evaluate", good, *measure)
    assert status == 0 and f"getting {good} ready ..." in err, err
    assert "better, and nothing guarded is worse" in out and f"vouch learn release {good}" in out
    status, out, _ = vouch("learn", "evaluate", bad, *measure)
    assert status == 0 and "not to be released: the token F1 is not clearly better" in out

    status, out, err = vouch("learn", "release", bad)
    assert status == 1 and f"{bad} is not released: the token F1 is not clearly better" in err
    assert says(house, titles[3])[1] == ""
    status, out, _ = vouch("learn", "release", good)
    assert (status, out) == (0, f"released: write is now {good}, from the next question on\n")
    assert says(house, titles[3]) == (ANSWER, good)
    assert wrote(house) == f"tiny + {good}"

    candidates = Candidates(home / "models")
    card = candidates.find(good).figures["evaluations"]["shipped"]
    both = noted(candidates.folder(good)) | noted(candidates.folder(bad))
    assert card["learned from and left out"] == 2 and len(both) == 100
    assert card["figures"]["f1"]["first"] == 1.0 and card["figures"]["f1"]["n"] == 10
    status, out, _ = vouch("learn", "cards")
    assert f"{good}  write, 2026-11-28, 100 rows, in use" in out and "refused: the token F1" in out

    status, out, _ = vouch("learn", "rollback", "write", "--json")
    assert status == 0 and json.loads(out)["in_use"] == "shipped"
    assert says(house, titles[3])[1] == "" and wrote(house) == "tiny"
    assert candidates.find(good).figures["evaluations"], "the card is kept"
