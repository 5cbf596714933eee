"""The catalogues of the interface: none lacks a key or a placeholder, and every key is used."""

import re
import string
from pathlib import Path

import pytest

from app.feedback.marks import TAGS
from ui.words import LANGUAGES, catalogue, prefer, speaker

UI = Path(__file__).resolve().parents[2] / "ui"
SAID = re.compile(r"""\bsay\(\s*(f?)["']([a-z_]+\.[a-z0-9_]*)([{"'])""")
KEYS = re.compile(r"""["']((?:common|chat)\.[a-z_0-9]+)["']""")


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalogue_lacks_a_key_or_a_placeholder(language: str) -> None:
    english, other = catalogue("en"), catalogue(language)
    plain = {key for key in english if not key.endswith("_one")}
    assert plain == {key for key in other if not key.endswith("_one")}
    for key in plain:
        assert _placeholders(english[key]) == _placeholders(other[key]), key
        assert other[key].strip() and other[key] == other[key].strip(), key


def _sources() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(UI.rglob("*.py")))


def test_every_key_that_is_said_is_there() -> None:
    for made, key, end in SAID.findall(_sources()):
        known = [k for k in _known() if k.startswith(key)] if made and end == "{" else _known()
        assert known and (end == "{" or key in known), key


def _known() -> list[str]:
    return list(catalogue("en"))


@pytest.mark.parametrize("section", ["common", "chat"])
def test_every_key_is_used(section: str) -> None:
    said = set(KEYS.findall(_sources()))
    made = {"where", "stop", "tag", "example", "export"}
    made |= {"policy", "page", "why", "outcome", "phase"}
    for key in _known():
        page, _, name = key.partition(".")
        if page != section or name.endswith("_one"):
            continue
        assert key in said or name.partition("_")[0] in made or _by_value(name), key


def _by_value(name: str) -> bool:
    """True for texts whose key ends in a value of the code: rulings, outcomes and the like."""
    return name in {
        "supported", "contradicted", "unsupported", "unchecked", "answered", "partial", "declined",
        "stopped", "up", "down", "up_given", "down_given", "previous", "next",
    }  # fmt: skip


def test_every_reason_has_a_name() -> None:
    for tag in TAGS:
        assert f"chat.tag_{re.sub('[ -]', '_', tag)}" in catalogue("en")


def test_one_has_a_form_of_its_own() -> None:
    say = speaker("en")
    assert say("chat.results", count=1) == "1 result" and "2 results" in say(
        "chat.results", count=2
    )


def test_the_browser_is_heeded() -> None:
    assert prefer("zh-CN,zh;q=0.9,en;q=0.8") == "zh" and prefer("de-DE,en;q=0.5") == "en"
