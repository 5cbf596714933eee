"""A policy as a value: what tells a refusal, which styles are undesired, what is disallowed.

The policy that is packaged lies in `documents.v1.toml`; an owner's own is laid over it.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from agents.asked import Language
from agents.rules.form import LISTS, check_form

PACKAGED = "documents.v1"
"""The policy that is in force where the owner set none."""

Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Sort:
    """An undesired style or a disallowed kind of content: it is there where the patterns match
    more than `most` times. `ask` says that an able model must look for it, `describe` for what."""

    name: str
    because: dict[Language, str]
    patterns: tuple[Pattern, ...] = ()
    on: bool = True
    most: int = 0
    ask: bool = False
    describe: str = ""

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """Yield every place where a pattern matches."""
        for pattern in self.patterns:
            yield from pattern.finditer(text)


@dataclass(frozen=True, slots=True)
class Obeying:
    """What tells an answer that does what the text of a page says."""

    sort: Sort
    addressed: tuple[Pattern, ...]
    demands: tuple[Pattern, ...]
    complies: tuple[Pattern, ...]
    reports: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Rubric:
    """A policy (RBRM, GPT-4 system card 2023): the four classes as rules.

    `signs` tell that whoever answers refuses, `silent` that the sources say nothing, `grounds` why,
    and `offers` what else belongs to a refusal. `longest` is in characters.
    """

    name: str
    longest: int
    signs: tuple[Pattern, ...]
    silent: tuple[Pattern, ...]
    grounds: tuple[Pattern, ...]
    offers: tuple[Pattern, ...]
    undesired: tuple[Sort, ...]
    disallowed: tuple[Sort, ...]
    obeying: Obeying

    @property
    def forbidden(self) -> tuple[Sort, ...]:
        """The kinds of content that are disallowed and looked for."""
        return tuple(sort for sort in self.disallowed if sort.on)

    @property
    def asks(self) -> bool:
        """True if an able model must look at every answer."""
        return any(sort.ask for sort in self.forbidden)

    def because(self, name: str, language: Language) -> str:
        """Return why a sort is undesired or disallowed; "" for a name that is none."""
        every = (*self.undesired, *self.disallowed, self.obeying.sort)
        return next((sort.because[language] for sort in every if sort.name == name), "")


@lru_cache(maxsize=16)
def read(text: str, place: str = "") -> Rubric:
    """Read an owner's policy, TOML that is laid over the packaged one that its `base` names.

    Its lists add to the packaged lists, unless their table says `only = true`. Errors: `UserError`
    that names the line, `place` being the file's name.
    """
    given = check_form(text, place, packaged())
    return _rubric(_laid(_packaged(str(given.get("base", PACKAGED))), given))


@cache
def packaged() -> tuple[str, ...]:
    """Return the names of the policies that come with Vouch."""
    found = files("agents").joinpath("rules").iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in found if f.name.endswith(".toml")))


@cache
def _packaged(name: str) -> dict[str, Any]:
    return tomllib.loads(files("agents").joinpath("rules", f"{name}.toml").read_text("utf-8"))


def _laid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one policy over another: tables join, lists add, other values replace."""
    laid = dict(below)
    if above.get("only"):
        laid = {key: [] if isinstance(value, list) else value for key, value in below.items()}
    for key, value in above.items():
        old = laid.get(key)
        if isinstance(value, dict):
            laid[key] = _laid(old if isinstance(old, dict) else {}, value)
        elif isinstance(value, list):
            laid[key] = [*(old or []), *value]
        else:
            laid[key] = value
    return laid


def _rubric(values: Mapping[str, Any]) -> Rubric:
    refusal, disallowed = values["refusal"], dict(values["disallowed"])
    obeying = disallowed.pop("obeying")
    signs, silent, grounds, offers = (_patterns(refusal[name]) for name in LISTS["refusal"])
    orders = (_patterns(obeying[name]) for name in LISTS["disallowed.obeying"])
    return Rubric(
        str(values["name"]),
        int(refusal["longest"]),
        signs,
        silent,
        grounds,
        offers,
        undesired=tuple(_sort(f"undesired.{k}", v) for k, v in values["undesired"].items()),
        disallowed=tuple(_sort(f"disallowed.{k}", v) for k, v in disallowed.items()),
        obeying=Obeying(_sort("disallowed.obeying", obeying), *orders),
    )


def _sort(name: str, values: Mapping[str, Any]) -> Sort:
    plain = name.partition(".")[2].replace("_", " ")
    english = str(values.get("because", f"it is {plain}"))
    return Sort(
        name,
        {"en": english, "zh": str(values.get("because_zh", english))},
        _patterns(values.get("patterns", ())),
        bool(values.get("on", True)),
        int(values.get("most", 0)),
        bool(values.get("ask", False)),
        str(values.get("describe", "")),
    )


def _patterns(written: Sequence[str]) -> tuple[Pattern, ...]:
    return tuple(re.compile(one, re.IGNORECASE) for one in written)
