"""A model's JSON arguments, checked against a tool's schema; a fault says what to write instead."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from plugins.fitting import fits
from plugins.schema import Schema

_KINDS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "string": ("a string", lambda value: isinstance(value, str)),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "null": ("null", lambda value: value is None),
    "integer": ("a whole number", lambda value: _number(value) and _whole(value)),
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
    values = _object(tool["parameters"], given, "", f"; write {usage(tool)}")
    if fault := fits({**tool["parameters"], "additionalProperties": False}, values):
        raise UnfitArguments(f"{fault}; write {usage(tool)}")
    return values


def usage(tool: Schema) -> str:
    """Return how a call is written, such as `use calculate {"expression": <string>}`."""
    return f"use {tool['name']} {_fields(tool['parameters'])}"


def _fields(part: Schema) -> str:
    fields = [f'"{name}": <{_kind(inner)}>' for name, inner in part["properties"].items()]
    return f"{{{', '.join(fields)}}}"


def _object(part: Schema, given: dict[str, Any], where: str, cure: str) -> dict[str, Any]:
    properties = part["properties"]
    strange = [name for name in given if name not in properties]
    missing = [name for name in part.get("required", []) if name not in given]
    if strange or missing:
        fault = f"there is no {strange[0]!r}" if strange else f"{missing[0]!r} is missing"
        raise UnfitArguments(f"{fault}{f' in {where!r}' if where else ''}{cure}")
    return {name: _fitted(properties[name], given[name], name, cure) for name in given}


def _fitted(part: Schema, value: object, where: str, cure: str) -> object:
    if "anyOf" in part:
        return _either(part["anyOf"], value, where, cure)
    if "enum" in part:
        if not any(value == choice and type(value) is type(choice) for choice in part["enum"]):
            raise UnfitArguments(f"{where!r} must be one of {json.dumps(part['enum'])}")
        return value
    if "type" not in part:
        return value
    if part["type"] == "array":
        if not isinstance(value, list):
            raise UnfitArguments(f"{where!r} must be a list")
        return [_fitted(part.get("items", {}), item, where, cure) for item in value]
    if part["type"] == "object":
        if not isinstance(value, dict):
            raise UnfitArguments(f"{where!r} must be an object")
        return _object(part, value, where, cure) if "properties" in part else value
    name, is_one = _KINDS[part["type"]]
    if not is_one(value):
        raise UnfitArguments(f"{where!r} must be {name}, not {json.dumps(value)}")
    return int(value) if part["type"] == "integer" else value  # type: ignore[call-overload]


def _either(parts: list[Schema], value: object, where: str, cure: str) -> object:
    """Return the value as the first part that takes it; the fault is that of the first part."""
    if value is None and any(part.get("type") == "null" for part in parts):
        return None
    for part in parts:
        with suppress(UnfitArguments):
            return _fitted(part, value, where, cure)
    return _fitted(parts[0], value, where, cure)


def _whole(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def _number(value: object) -> bool:
    """Tell whether it is a number; NaN, Infinity and 1e999 are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or abs(value) < float("inf")


def _kind(part: Schema) -> str:
    if "anyOf" in part:
        return " or ".join(_kind(one) for one in part["anyOf"])
    if "enum" in part:
        return " or ".join(json.dumps(choice) for choice in part["enum"])
    match part.get("type"):
        case None:
            return "any value"
        case "array":
            return f"list of {_kind(part.get('items', {}))}"
        case "object":
            return _fields(part) if part.get("properties") else "object"
        case kind:
            return str(kind)
