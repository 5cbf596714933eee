"""Batches of the tests: a house that answers by rule, in process or as a real engine."""

import importlib.util
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app.batch.asking import Asker
from app.batch.batch import Batch, Budget
from app.batch.crew import Crew
from app.batch.opening import open_batch
from app.batch.questions import Question, Sheet
from app.batch.terms import Told

HERE = Path(__file__).resolve().parent
TERMS = {"program": "1", "model.name": "rule"}


@pytest.fixture(scope="session")
def table() -> ModuleType:
    """The module with the table of answers."""
    spec = importlib.util.spec_from_file_location("answer_table", HERE / "answer_table.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def house(table: ModuleType, tmp_path: Path) -> Any:
    """A house in this process that answers at once."""
    home = tmp_path / "home"
    home.mkdir()
    return table.Local(home)


def asked(home: Path) -> list[str]:
    """Return every question that was really asked, in order."""
    log = home / "asked"
    lines = log.read_text().splitlines() if log.exists() else []
    return [json.loads(line)[1] for line in lines]


class Works:
    """Works on batches: sheets of texts, one output, one house."""

    def __init__(self, house: Any, path: Path) -> None:
        self.house = house
        self.path = path
        self.said: list[dict[str, Any]] = []

    @property
    def asked(self) -> list[str]:
        return asked(self.house.table.home)

    def open(self, questions: Iterable[Any], terms: Any = None, **told: bool) -> Batch:
        sheet = Sheet("test", tuple(_question(n, q) for n, q in enumerate(questions, 1)), ())
        return open_batch(self.path, sheet, terms or TERMS, Told(**told), lambda: "name")

    def run(
        self, questions: Iterable[Any], size: int = 1, budget: Budget | None = None, **told: Any
    ) -> list[dict[str, Any]]:
        """Work a batch to its end, write it, and return the rows."""
        batch = self.open(questions, **told)
        allowed = Told(**{name: value for name, value in told.items() if name != "terms"})
        with batch.record:
            crew = Crew(Asker(self.house, batch.name, {}, pause=0.0), size)
            self.said = list(batch.work(crew, batch.left(allowed), budget or Budget()))
            batch.write({})
            return batch.rows()


def _question(number: int, given: Any) -> Question:
    return given if isinstance(given, Question) else Question(str(number), given, line=number)


@pytest.fixture
def works(house: Any, tmp_path: Path) -> Works:
    return Works(house, tmp_path / "answers.jsonl")


@pytest.fixture
def count_asked() -> Callable[[Path], list[str]]:
    return asked
