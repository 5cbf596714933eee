"""A model's JSON arguments, checked against a tool's schema; a fault says what to write instead."""

import json
from collections.abc import Callable
from typing import Any

from plugins.schema import Schema

_KINDS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "string": ("a string", lambda value: isinstance(value, str)),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "null": ("null", lambda value: value is None),
    "integer": ("a whole number", lambda value: _number(value) and float(value).is_integer()),  # type: ignore[arg-type]
    "number": ("a number", lambda value: _number(value)),
}


class UnfitArguments(ValueError):
    """Arguments that a tool cannot take; the message is for the model."""


def read(tool: Schema, text: str) -> dict[str, Any]:
    """Return the arguments in `text`, a JSON object, in the types that the tool's schema names.

    Raises `UnfitArguments`.
    """
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnfitArguments(f"the arguments are no JSON; write {usage(tool)}") from error
    if not isinstance(given, dict):
        raise UnfitArguments(f"the arguments must be one JSON object; write {usage(tool)}")
    properties = tool["parameters"]["properties"]
    strange = [name for name in given if name not in properties]
    missing = [name for name in tool["parameters"].get("required", []) if name not in given]
    if strange or missing:
        fault = f"there is no {strange[0]!r}" if strange else f"{missing[0]!r} is missing"
        raise UnfitArguments(f"{fault}; write {usage(tool)}")
    return {name: _fitted(properties[name], given[name], name) for name in given}


def usage(tool: Schema) -> str:
    """Return how a call is written, such as `use calculate {"expression": <string>}`."""
    fields = [
        f'"{name}": <{_kind(part)}>' for name, part in tool["parameters"]["properties"].items()
    ]
    return f"use {tool['name']} {{{', '.join(fields)}}}"


def _fitted(part: Schema, value: object, where: str) -> object:
    if "anyOf" in part:
        return None if value is None else _fitted(part["anyOf"][0], value, where)
    if "enum" in part:
        if not any(value == choice and type(value) is type(choice) for choice in part["enum"]):
            raise UnfitArguments(f"{where!r} must be one of {json.dumps(part['enum'])}")
        return value
    if part["type"] == "array":
        if not isinstance(value, list):
            raise UnfitArguments(f"{where!r} must be a list")
        return [_fitted(part["items"], item, where) for item in value]
    name, fits = _KINDS[part["type"]]
    if not fits(value):
        raise UnfitArguments(f"{where!r} must be {name}, not {json.dumps(value)}")
    return int(value) if part["type"] == "integer" else value  # type: ignore[call-overload]


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(part: Schema) -> str:
    if "anyOf" in part:
        return f"{_kind(part['anyOf'][0])} or null"
    if "enum" in part:
        return " or ".join(json.dumps(choice) for choice in part["enum"])
    return f"list of {_kind(part['items'])}" if part["type"] == "array" else str(part["type"])
