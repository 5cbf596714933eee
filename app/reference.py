"""The parts of docs/ that come from the code: `python -m app.reference docs` writes them anew."""

import argparse
import dataclasses
import inspect
import re
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path

from agents import actions, events

PAGES = {"settings": "settings.md", "events": "events.md", "actions": "events.md"}
"""Which page of docs/ holds which block. The block "commands" of commands.md is given by a face."""

_VALUES = (
    events.Limits,
    events.Exchange,
    events.Result,
    events.Landmark,
    events.Claim,
    events.Verdict,
    events.Answer,
    events.Entry,
)


def filled(page: str, name: str, block: str) -> str:
    """Return the page with the block between its two marks replaced. ValueError without marks."""
    begin, end = f"<!-- {name}: from the code -->\n", f"<!-- end of {name} -->"
    if begin not in page or end not in page:
        raise ValueError(f"the page has no marks for the block {name!r}")
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n{block.strip()}\n\n{end}{rest.partition(end)[2]}"


def blocks() -> dict[str, str]:
    """Return the markdown of every block, by name."""
    return {"settings": settings(), "events": described_events(), "actions": described_actions()}


def settings() -> str:
    """Return one table a section: name, default, allowed values, what it is."""
    from app.options import SECTIONS

    parts = []
    for section, kind in SECTIONS.items():
        rows = [_setting(f"{section}.{name}") for name in kind.model_fields]
        head = ["| setting | default | allowed | what it is |", "|---|---|---|---|"]
        parts.append("\n".join([f"## {section}", "", _summary(kind), "", *head, *rows]))
    return "\n\n".join(parts)


def described_events() -> str:
    """Return a section for every kind of event, then one for every value in them."""
    kinds = [_described(kind, kind_of(kind)) for kind in typing.get_args(events.Event)]
    values = [_described(kind, kind.__name__) for kind in _VALUES]
    return "\n\n".join([*kinds, "## Values in events", *values])


def described_actions() -> str:
    """Return the table of actions: how each is written, and what it does."""
    by_word: dict[str, list[str]] = {}
    for form in actions.FORMS:
        by_word.setdefault(form.split()[0], []).append(f"`{form}`")
    rows = ["| action | written | what it does |", "|---|---|---|"]
    for kind in typing.get_args(actions.Action):
        forms = by_word[kind_of(kind).split()[0]]
        if kind in (actions.QuoteLines, actions.QuoteText):
            forms = [form for form in forms if ("text" in form) == (kind is actions.QuoteText)]
        rows.append(f"| {kind.__name__} | {' or '.join(forms)} | {_summary(kind)} |")
    return "\n".join(rows)


def _setting(key: str) -> str:
    from app.options import KEYS
    from app.settings import allowed

    default = KEYS[key].default
    shown = ", ".join(default) if isinstance(default, tuple) else str(default)
    shown = shown.lower() if isinstance(default, bool) else shown
    told = [text.replace("<", "\\<") for text in (allowed(key), str(KEYS[key].description))]
    cells = [f"`{key}`", f"`{shown}`" if shown else "empty", *told]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _described(kind: type, title: str) -> str:
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind) if field.name != "kind"]
    rows = [f"- `{name}`: {_type(hints[name])}" for name in names]
    return "\n".join([f"### {title}", "", _text(kind), *([""] if rows else []), *rows])


def kind_of(kind: type) -> str:
    """The name by which a journal tells events and actions apart."""
    return next(str(f.default) for f in dataclasses.fields(kind) if f.name == "kind")


def _type(hint: object) -> str:
    """Write a type as a reader would say it."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in (events.Event, actions.Action):
        return "an event" if hint == events.Event else "an action"
    if origin is typing.Literal:
        return ", ".join(f'"{value}"' for value in arguments)
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_type(argument) for argument in arguments)
    plain = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    plain[type(None)] = "null"
    name = plain.get(typing.cast(type, hint))
    return name or str(getattr(hint, "__name__", hint))


def _summary(kind: type) -> str:
    return _text(kind).partition("\n\n")[0].replace("\n", " ")


def _text(kind: type) -> str:
    return re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.getdoc(kind) or "")


def _pages(folder: Path, given: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    made = {**blocks(), **given}
    for name, block in made.items():
        path = folder / PAGES.get(name, f"{name}.md")
        yield path, filled(path.read_text("utf-8"), name, block)


def main() -> None:
    """Write the blocks into the pages of a folder; "commands" comes on stdin if asked for."""
    parser = argparse.ArgumentParser(prog="python -m app.reference")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--commands", action="store_true", help="read commands.md's block on stdin")
    read = parser.parse_args()
    given = {"commands": sys.stdin.read()} if read.commands else {}
    for path, text in _pages(read.folder, given):
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
