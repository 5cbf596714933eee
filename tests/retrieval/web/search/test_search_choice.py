"""The settings name engines; what is missing or odd is said with its cure, and keys never are."""

import pytest
from loopback import Door

from retrieval.errors import UserError
from retrieval.web.search.choice import NAMES, SearchOptions, engines_from

KEY = "s3cret-KEY-0123456789"
FULL = SearchOptions(
    searxng="https://search.example.org",
    brave_key=KEY,
    tavily_key=KEY,
)


def _refused(name: str, options: SearchOptions) -> str:
    with pytest.raises(UserError) as caught:
        engines_from([name], options, Door())
    return str(caught.value)


def test_engines_come_in_the_order_named_and_once() -> None:
    made = engines_from([*reversed(NAMES), "brave"], FULL, Door())
    assert [engine.name for engine in made] == list(reversed(NAMES))


def test_no_engines_are_none() -> None:
    assert engines_from([], FULL, Door()) == []


def test_an_unknown_name_is_told_the_nearest() -> None:
    told = _refused("searxgn", FULL)
    assert "no search engine 'searxgn'" in told and "did you mean 'searxng'?" in told
    assert all(name in told for name in NAMES)


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("searxng", "vouch config set web.searxng https://"),
        ("brave", "vouch config set web.brave_key"),
        ("tavily", "vouch config set web.tavily_key"),
    ],
)
def test_what_is_missing_is_said_with_its_cure(name, cure) -> None:
    assert cure in _refused(name, SearchOptions())


@pytest.mark.parametrize("name", ["duckduckgo", "wikipedia"])
def test_engines_without_keys_need_no_setting(name) -> None:
    assert engines_from([name], SearchOptions(), Door())[0].name == name


@pytest.mark.parametrize(
    "address",
    [
        "search.example.org",
        "ftp://x.example",
        f"https://me:{KEY}@x.example",
        "https://x/?q=1",
        "x y",
    ],
)
def test_an_address_that_is_none_is_refused_and_not_shown(address) -> None:
    told = _refused("searxng", SearchOptions(searxng=address))
    assert "web.searxng" in told and KEY not in told


@pytest.mark.parametrize("key", [f"{KEY}\nX-Other: 1", f"{KEY} x", f"{KEY}é", f"{KEY}\x00"])
@pytest.mark.parametrize("name", ["brave", "tavily"])
def test_a_key_that_no_header_holds_is_refused_and_not_shown(name, key) -> None:
    options = SearchOptions(brave_key=key, tavily_key=key)
    assert KEY not in _refused(name, options)


@pytest.mark.parametrize("language", ["e", "en.evil.example/", "EN", "../x", ""])
def test_a_language_becomes_no_part_of_another_host(language) -> None:
    assert "no code of a Wikipedia" in _refused(
        "wikipedia", SearchOptions(wikipedia_language=language)
    )


def test_keys_are_in_no_repr() -> None:
    assert KEY not in repr(FULL)
    assert KEY not in repr(engines_from(NAMES, FULL, Door()))
