"""The form of a policy file: which tables and keys it may have, and the line of what is wrong."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from retrieval.errors import UserError

LISTS: dict[str, tuple[str, ...]] = {
    "refusal": ("signs", "silent", "grounds", "offers"),
    "disallowed.obeying": ("addressed", "demands", "complies", "reports"),
}
"""The lists of patterns of the tables that have others than `patterns`."""

LONGEST = 100_000
"""Characters of a policy file."""

_SORT: dict[str, type] = {
    "patterns": list,
    "because": str,
    "because_zh": str,
    "on": bool,
    "most": int,
    "only": bool,
}
_WORDS = {
    str: "text in quotes",
    bool: "true or false",
    int: "a whole number from 0",
    list: "a list",
}
_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_NESTED = re.compile(r"[+*]\)[+*{]|[+*]\)\)[+*{]|\}\)[+*]")


def check_form(text: str, place: str, packaged: Sequence[str]) -> dict[str, Any]:
    """Return the values of a policy; `UserError` names the line of the first fault and its cure."""
    if len(text) > LONGEST:
        raise _fault(f"the policy has {len(text)} characters", place, 0, f"keep it below {LONGEST}")
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _syntax(error, text, place) from error
    _Form(text, place).check(values, packaged)
    return values


def _syntax(error: Exception, text: str, place: str) -> UserError:
    told = str(error)
    at = re.search(r"\(at line (\d+), column \d+\)", told)
    what = told[: at.start()].strip() if at else told
    cure = "write patterns in single quotes, one a line, with commas between them"
    line = int(at[1]) if at else len(text.splitlines())
    return _fault(f"the policy is not TOML: {what}", place, line, cure)


def _fault(what: str, place: str, line: int, cure: str) -> UserError:
    where = " ".join(filter(None, [place, f"line {line}" if line else ""]))
    return UserError(what, origin=where, cure=cure)


class _Form:
    """One policy being checked; knows its text for the numbers of lines."""

    def __init__(self, text: str, place: str) -> None:
        self._lines = text.splitlines()
        self._place = place

    def check(self, values: Mapping[str, Any], packaged: Sequence[str]) -> None:
        """Raise `UserError` for the first thing that does not belong."""
        top: dict[str, type] = {"name": str, "base": str}
        tables = {"refusal", "undesired", "disallowed"}
        for key, value in values.items():
            if key not in tables:
                self._typed("", key, value, {**top, **dict.fromkeys(tables, dict)})
            elif not isinstance(value, dict):
                raise self._wrong("", key, f"{key!r} is no table", f"write [{key}] on its own line")
        base = values.get("base")
        if base is not None and base not in packaged:
            known = " or ".join(packaged)
            raise self._wrong("", "base", f"there is no policy {base!r}", f"the base is {known}")
        self._table("refusal", values.get("refusal", {}), {"longest": int})
        for kind in ("undesired", "disallowed"):
            for name, table in values.get(kind, {}).items():
                self._sort(f"{kind}.{name}", table)

    def _sort(self, name: str, table: Any) -> None:
        kind, _, own = name.partition(".")
        if not isinstance(table, dict) or not re.fullmatch(r"[a-z][a-z0-9_]*", own):
            cure = f"give it a table such as [{kind}.weapons], its name in small letters"
            raise self._wrong(kind, own, f"{own!r} is no sort", cure)
        keys: dict[str, type] = {**_SORT}
        if kind == "disallowed":
            keys |= {"ask": bool, "describe": str}
        if name in LISTS:
            del keys["patterns"], keys["most"]
        self._table(name, table, keys)
        if table.get("ask") and not table.get("describe"):
            cure = 'add describe = "what the model is to look for"'
            raise self._wrong(name, "ask", f"{name} asks the model for nothing", cure)

    def _table(self, name: str, table: Mapping[str, Any], keys: Mapping[str, type]) -> None:
        known = {**keys, "only": bool, **dict.fromkeys(LISTS.get(name, ()), list)}
        for key, value in table.items():
            self._typed(name, key, value, known)
            if isinstance(value, list):
                self._patterns(name, key, value)

    def _typed(self, table: str, key: str, value: Any, known: Mapping[str, type]) -> None:
        where = f" in [{table}]" if table else ""
        if key not in known:
            near = difflib.get_close_matches(key, known, 1, 0.5)
            cure = f"the nearest name is {near[0]}" if near else f"known are {', '.join(known)}"
            raise self._wrong(table, key, f"there is no {key!r}{where}", cure)
        kind = known[key]
        if type(value) is not kind or (isinstance(value, int) and value < 0):
            cure = f"it takes {_WORDS.get(kind, 'a table')}"
            raise self._wrong(table, key, f"{key}{where} cannot be {value!r}", cure)

    def _patterns(self, table: str, key: str, patterns: Sequence[Any]) -> None:
        for pattern in patterns:
            what, cure = _judge(pattern, key)
            if what:
                raise _fault(what, self._place, self._line(table, key, str(pattern)), cure)

    def _wrong(self, table: str, key: str, what: str, cure: str) -> UserError:
        return _fault(what, self._place, self._line(table, key), cure)

    def _line(self, table: str, key: str, pattern: str = "") -> int:
        """The line (from 1) of a key, or of a pattern from there on; else that of its table."""
        inside = "" if table else None
        at = 0
        for number, header, line in self._numbered():
            if re.match(rf"\s*{re.escape(key)}\s*=", line) and header == table:
                at = number
                break
            if header == table or header == f"{table}.{key}":
                inside, at = header, at or number
        if pattern:
            below = enumerate(self._lines[max(0, at - 1) :], start=max(1, at))
            return next((n for n, line in below if pattern in line), at)
        return at if at or inside is None else 1

    def _numbered(self) -> Iterator[tuple[int, str, str]]:
        header = ""
        for number, line in enumerate(self._lines, start=1):
            found = _HEADER.match(line)
            header = found[1].replace('"', "").replace(" ", "") if found else header
            yield number, header, line


def _judge(pattern: Any, key: str) -> tuple[str, str]:
    """Say what is wrong with a pattern and what mends it; "" and "" if nothing is."""
    if not isinstance(pattern, str):
        return f"{pattern!r} is no pattern", "write it in single quotes"
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        return (
            f"the pattern {pattern!r} is no regular expression: {error.msg}",
            "put a backslash before a sign that is meant as it stands, as in \\( or \\?",
        )
    if compiled.search("") is not None:
        return f"the pattern {pattern!r} matches everything", "name a word that must be there"
    if _NESTED.search(pattern):
        return f"the pattern {pattern!r} repeats a repetition", "take one of the two signs out"
    if key == "demands" and "payload" not in compiled.groupindex:
        return f"the pattern {pattern!r} names no payload", "put (?P<payload>...) around the words"
    return "", ""
