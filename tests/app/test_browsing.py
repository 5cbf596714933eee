"""The web of a house: an engine that lacks a setting says so, and stops nothing else."""

from app.browsing import engines
from app.house import build
from app.settings import load
from retrieval.errors import UserError
from retrieval.web.search.chain import Chain
from retrieval.web.types import Finding


def test_an_engine_without_its_key_ends_no_run(tmp_path):
    """A run over the library needs no key either, and a search says which setting is lacking."""
    house = build(load(tmp_path, {}, {"web.search": "brave,searxng"}))
    try:
        assert house.assistant.web is house.web
        told = house.web.find("the tower at Brill", 3)
    finally:
        house.close()
    assert told.findings == ()
    brave, searxng = told.tried
    assert "vouch config set web.brave_key KEY" in brave.fault
    assert "vouch config set web.searxng" in searxng.fault


def test_the_next_engine_is_asked_where_one_lacks_its_key():
    class Other:
        name = "other"

        def search(self, query, k, cancel=None):
            return [Finding("https://a.test/", "A")]

    def make(name):
        if name == "other":
            return Other()
        raise UserError(f"{name} needs a key", cure="set it")

    named = list(engines(["brave", "brave", "other"], make))
    told = Chain(named, clock=lambda: 0.0).search("tower", 3)
    assert [finding.url for finding in told.findings] == ["https://a.test/"]
    assert [(one.engine, bool(one.fault)) for one in told.tried] == [
        ("brave", True),
        ("other", False),
    ]
