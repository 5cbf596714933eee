"""The pages cannot go stale: what comes from the code is fresh, what they name exists."""

import pkgutil
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from agents import actions, events
from app import reference
from app.options import KEYS
from app.settings import variable
from ui.arguments import build, commands, parse
from ui.reference import reference as command_reference

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("ui", "app", "agents", "plugins", "retrieval")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = {**reference.blocks(), "commands": command_reference()}


def _read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _lines() -> Iterator[tuple[str, str]]:
    """Yield every line of the pages' code blocks and every inline piece of code, with its page."""
    for page in PAGES:
        text = page.read_text("utf-8")
        fenced = re.findall(r"```[a-z]*\n(.*?)```", text, flags=re.DOTALL)
        plain = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        for piece in [*"".join(fenced).splitlines(), *re.findall(r"`([^`\n]+)`", plain)]:
            yield page.name, re.split(r"\s+#", piece.strip())[0]


VOUCH = sorted({line for _, line in _lines() if line.startswith("vouch ")})
MAKE = sorted({line for _, line in _lines() if re.match(r"make( |$)", line)})


@pytest.mark.parametrize("name", BLOCKS)
def test_what_comes_from_the_code_is_fresh(name: str) -> None:
    text = _read(f"docs/{reference.PAGES.get(name, f'{name}.md')}")
    assert text == reference.filled(text, name, BLOCKS[name]), "stale: make docs writes it anew"


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="settings"):
        reference.filled("# A page\n", "settings", "new")


def test_every_setting_event_action_and_command_is_there() -> None:
    assert all(f"`{key}`" in BLOCKS["settings"] for key in KEYS)
    for kind in get_args(events.Event):
        assert f"### {reference.kind_of(kind)}\n" in BLOCKS["events"]
    assert all(f"`{form}`" in BLOCKS["actions"] for form in actions.FORMS)
    assert all(f"vouch {name}" in BLOCKS["commands"] for name in commands(build()))


def test_what_is_withheld_is_listed() -> None:
    text = " ".join(_read("docs/events.md").split())
    streamed, withheld = re.findall(r"((?:`[a-z]+`(?:, | and |))+) (?:are|may)", text)[:2]
    for listed, kinds in ((streamed, events.TRANSIENT), (withheld, events.WITHHELD)):
        assert set(re.findall("[a-z]+", listed)) - {"and"} == {reference.kind_of(k) for k in kinds}


@pytest.mark.parametrize("line", VOUCH)
def test_every_vouch_command_in_the_pages_is_understood(line: str) -> None:
    words = shlex.split(line)[1:]
    if words == ["COMMAND", "--help"]:
        return
    if len(words) == 1 and words[0] in commands(build()):
        return
    read = parse(["0" if word in ("K", "N", "S") else word for word in words])
    if read.command == "config" and read.key not in (None, "KEY"):
        assert read.key in KEYS


@pytest.mark.parametrize("line", MAKE)
def test_every_make_target_in_the_pages_exists(line: str) -> None:
    targets = re.findall(r"^([a-z]+):", _read("Makefile"), flags=re.MULTILINE)
    for word in shlex.split(line)[1:]:
        name, equals, _ = word.partition("=")
        if equals:
            assert re.search(rf"^{name} \?=", _read("Makefile"), flags=re.MULTILINE)
        else:
            assert word in targets


def test_the_two_commands_are_the_first_shown() -> None:
    assert re.findall(r"^make (\w+)", _read("README.md"), flags=re.MULTILINE)[:3] == [
        "run",
        "run",
        "test",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
        if not re.match(r"https?://", target):
            assert (page.parent / target).exists(), target


def test_the_variable_of_a_setting_is_named_as_it_is() -> None:
    assert f"`{variable('model.name')}`" in _read("docs/settings.md")


def test_settings_modules_and_files_named_in_the_pages_exist() -> None:
    sections = {key.partition(".")[0] for key in KEYS}
    for page, piece in _lines():
        # What lies beside a checkout ("../...") is nobody's promise.
        if (
            re.fullmatch(r"(?!\.\./)[\w.-]+/[\w./-]*", piece)
            and (ROOT / piece.split("/")[0]).exists()
        ):
            assert (ROOT / piece).exists(), f"{page}: {piece}"
        elif re.fullmatch(r"[a-z]+(\.\w+)+", piece) and piece not in KEYS:
            top, last = piece.split(".")[0], piece.rpartition(".")[2]
            if top in {*FLOORS, *sections} and last not in ("md", "py", "toml"):
                assert pkgutil.resolve_name(piece), f"{page}: {piece}"


def test_no_path_of_a_machine_and_no_package_index_is_named() -> None:
    house = [ROOT / "Makefile", *(ROOT / "requirements").iterdir(), *(ROOT / ".ci").iterdir()]
    for page in [*PAGES, *(ROOT / "docs").glob("*.svg"), *house]:
        text = page.read_text("utf-8")
        assert not re.search(r"(?<![\w.~])/(root|home|opt|tmp|Users|mnt|work)/", text), page.name
        assert not re.search(r"https?://[^\s)]*(pypi|/simple\b|pythonhosted)", text), page.name
