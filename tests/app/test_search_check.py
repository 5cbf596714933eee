"""The doctor asks each search engine of the web once, and says how it fares."""

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest

from app.options import KEYS
from app.search_check import examine_search
from app.settings import load
from retrieval.errors import UserError
from retrieval.web.search.choice import NAMES
from retrieval.web.types import Finding, SearchFault


@dataclass
class Engine:
    name: str

    def search(self, query, k, cancel=None):
        if self.name == "brave":
            raise SearchFault("brave refuses the key.")
        return [Finding("https://a.test/", "A")] if self.name == "wikipedia" else []


def made(name: str) -> Engine:
    if name == "tavily":
        raise UserError("tavily needs a key", cure="vouch config set web.tavily_key KEY")
    return Engine(name)


def test_the_setting_takes_every_engine_that_there_is_and_no_other():
    (kinds, _) = get_args(KEYS["web.search"].annotation)
    assert get_args(kinds) == NAMES


def facts(home: Path, **values: str) -> list[tuple[str, str, str]]:
    overrides = {f"web.{key}": value for key, value in values.items()}
    return list(examine_search(load(home, {}, overrides), made))


def test_each_engine_has_a_line(tmp_path):
    told = facts(tmp_path, search="wikipedia,brave,tavily,duckduckgo")
    assert [level for level, _, _ in told] == ["ok", "fault", "fault", "note"]
    assert told[1][1] == "brave refuses the key." and "web.tavily_key" in told[2][2]


@pytest.mark.parametrize("values", [{}, {"search": "brave", "offline": "true"}])
def test_a_shut_web_asks_nobody(tmp_path, values):
    ((level, said, _),) = facts(tmp_path, **values)
    assert level == "ok" and ("library" in said or "offline" in said)
