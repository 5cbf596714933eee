"""Loads the settings: defaults, then settings.toml, then the environment, then the command line."""

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr, ValidationError

from app.options import KEYS, SECTIONS, Settings
from app.settings_file import FILE, change_file, read_file
from retrieval.errors import UserError

__all__ = [
    "OTHER_VARIABLES",
    "SettingRow",
    "Settings",
    "allowed",
    "load",
    "rows",
    "variable",
    "write_setting",
]

OTHER_VARIABLES = {
    "VOUCH_HOME": "Folder of everything that is kept.",
    "VOUCH_TEST_": "Variables that begin so belong to the tests.",
}
"""Environment variables that begin with VOUCH_ and are no settings, with what they are for."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting as it is shown. A secret's `value` is "set" or "not set", an address is without
    name and password."""

    key: str
    value: str
    origin: str
    description: str


@dataclass(frozen=True, slots=True)
class _Given:
    """A value as it was written: text, or a value of TOML; `place` says where, for an error."""

    key: str
    raw: Any
    origin: str
    place: str


def load(
    home: str | Path | None = None,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Settings:
    """Load the settings of a home. `home` and `overrides` (dotted names to text) come from the
    command line; `environ` is the process's own unless given.

    Raises UserError for a name that is no setting and for a value that does not fit, with the
    place where it stands.
    """
    environ = os.environ if environ is None else environ
    folder, home_origin = _home(home, environ)
    values: dict[str, dict[str, Any]] = {}
    origins = {"home": home_origin}
    for given in _given(folder, environ, overrides or {}):
        section, name = given.key.split(".")
        values.setdefault(section, {})[name] = _checked(given)
        origins[given.key] = given.origin
    return Settings.of(folder, values, origins)


def rows(settings: Settings) -> list[SettingRow]:
    """Every setting, `home` first, with its value, where that came from and what it is for."""
    described = {"home": str(Settings.model_fields["home"].description)}
    described |= {key: str(field.description) for key, field in KEYS.items()}
    return [
        SettingRow(key, _shown(settings.value(key)), settings.origin(key), description)
        for key, description in described.items()
    ]


def write_setting(home: str | Path, key: str, value: str) -> None:
    """Set `key` in the home's settings.toml; the other lines stay.

    The value is checked first. The file is replaced whole or not at all, and only its owner can
    read it, since it may hold a key.
    """
    if key not in KEYS:
        raise _unknown(key, "", list(KEYS))
    checked = _checked(_Given(key, value, "", ""))
    if isinstance(checked, SecretStr):
        checked = checked.get_secret_value()
    section, name = key.split(".")
    plain = list(checked) if isinstance(checked, tuple) else checked
    change_file(Path(home) / FILE, section, name, plain)


def variable(key: str) -> str:
    """The environment variable of a setting: VOUCH_MODEL_NAME for "model.name"."""
    return "VOUCH_" + key.replace(".", "_").upper()


def allowed(key: str) -> str:
    """The values that a setting takes, in words."""
    field = KEYS[key]
    extra = field.json_schema_extra
    return (
        str(extra["allowed"])
        if isinstance(extra, dict)
        else _words(field.annotation, field.metadata)
    )


def _home(home: str | Path | None, environ: Mapping[str, str]) -> tuple[Path, str]:
    if home is not None:
        return Path(home).expanduser().absolute(), "command line"
    if environ.get("VOUCH_HOME"):
        return Path(environ["VOUCH_HOME"]).expanduser().absolute(), "VOUCH_HOME"
    from platformdirs import user_data_path

    return user_data_path("vouch", appauthor=False), "default"


def _given(
    home: Path, environ: Mapping[str, str], overrides: Mapping[str, str]
) -> Iterator[_Given]:
    """Every value that was written somewhere, weakest place first; UserError for unknown names."""
    yield from _in_file(home / FILE)
    variables = {variable(key): key for key in KEYS}
    for name in sorted(environ):
        if name in variables:
            yield _Given(variables[name], environ[name], name, f"from {name}")
        elif name.startswith("VOUCH_") and not _other(name):
            raise _unknown(name, "in the environment", list(variables))
    for key, text in overrides.items():
        if key not in KEYS:
            raise _unknown(key, "on the command line", list(KEYS))
        yield _Given(key, text, "command line", "on the command line")


def _other(name: str) -> bool:
    return any(
        name.startswith(other) if other.endswith("_") else name == other
        for other in OTHER_VARIABLES
    )


def _in_file(path: Path) -> Iterator[_Given]:
    for section, fields in read_file(path).items():
        if section not in SECTIONS or not isinstance(fields, dict):
            raise _unknown(section, f"in {path}", list(SECTIONS))
        for name, raw in fields.items():
            key = f"{section}.{name}"
            if key not in KEYS:
                raise _unknown(key, f"in {path}", list(KEYS))
            yield _Given(key, raw, FILE, f"in {path}")


def _checked(given: _Given) -> Any:
    """The value of a setting; what TOML says must have the right type, text is read as one."""
    section, name = given.key.split(".")
    raw = given.raw
    wants_list = get_origin(KEYS[given.key].annotation) is tuple
    text = isinstance(raw, str) and given.origin != FILE
    if wants_list and text:
        raw = tuple(part.strip() for part in raw.split(",") if part.strip())
    elif wants_list and isinstance(raw, list):
        raw = tuple(raw)
    try:
        if isinstance(raw, str):
            raw.encode("utf-8")
        checked = SECTIONS[section].model_validate({name: raw}, strict=not text)
    except UserError as fault:
        what = f"{given.key} cannot be set: {fault.what}"
        raise UserError(what, origin=given.place, cure=fault.cure) from None
    except (ValidationError, UnicodeEncodeError):
        # The cause would show the value, which may be a secret.
        raise _wrong(given) from None
    return getattr(checked, name)


def _wrong(given: _Given) -> UserError:
    secret = KEYS[given.key].annotation is SecretStr
    value = "the value given" if secret else _masked(f"{_plain(given.raw)!r}")
    return UserError(
        f"{given.key} cannot be {value}",
        origin=given.place,
        cure=f"it takes {allowed(given.key)}",
    )


def _plain(raw: Any) -> Any:
    return raw if isinstance(raw, str | bool | int | float | list | dict) else str(raw)


def _unknown(name: str, place: str, known: list[str]) -> UserError:
    near = difflib.get_close_matches(name, known, 1, 0.5)
    cure = f"the nearest name is {near[0]}" if near else "list the settings with: vouch config"
    return UserError(f"there is no setting {name!r}", origin=place, cure=cure)


def _shown(value: Any) -> str:
    match value:
        case SecretStr():
            return "set" if value.get_secret_value() else "not set"
        case bool():
            return "true" if value else "false"
        case tuple():
            return ", ".join(value)
        case _:
            return _masked(str(value))


def _masked(text: str) -> str:
    """The text without the name and password of an address in it."""
    return re.sub(r"(?<=://)\S*@", "***@", text)


def _words(kind: Any, metadata: list[Any]) -> str:
    """A type with its bounds, in words."""
    if get_origin(kind) is Literal:
        return " or ".join(str(value) for value in get_args(kind))
    if kind in (bool, str, SecretStr):
        return "true or false" if kind is bool else "text"
    if kind in (int, float):
        return ("a whole number" if kind is int else "a number") + _bounds(metadata)
    if hasattr(kind, "__metadata__"):
        return _words(kind.__origin__, [m for f in kind.__metadata__ for m in _constraints(f)])
    return " or ".join(_words(part, []) for part in get_args(kind))


def _constraints(field: Any) -> list[Any]:
    return list(getattr(field, "metadata", [field]))


def _bounds(metadata: list[Any]) -> str:
    told = ""
    for name, word in (("ge", "from"), ("gt", "above"), ("le", "to")):
        bound = next((getattr(m, name) for m in metadata if hasattr(m, name)), None)
        told += "" if bound is None else f" {word} {bound}"
    return told
