"""JSON schemas of strangers (MCP, OpenAPI, LangChain), cut down to the kinds that we check."""

import json
from collections.abc import Mapping
from typing import Any

from plugins.schema import Schema

DEEPEST = 6
"""Levels of a schema that are kept; below, and where it turns in a circle, any value will do."""
WIDEST = 64
"""Properties of an object, and choices of an enum or a union, that are kept."""
NOTE = 300
"""Characters of a description that are kept."""
MOST = 2_000
"""Parts of one schema that are looked at: references may fan out without end."""

_TYPES = frozenset({"string", "integer", "number", "boolean", "null", "object", "array"})


def fitted(given: object, root: Mapping[str, Any] | None = None) -> Schema:
    """Return the schema in our kinds: an object with properties. `root` is what $refs point into,
    by default the schema itself. What our kinds cannot say becomes {}, which is any value."""
    whole = given if root is None else root
    part = _Cut(whole if isinstance(whole, Mapping) else {}).cut(given, 0, ())
    if part.get("type") != "object" or "properties" not in part:
        part = {"type": "object", "properties": {}}
    return part | {"additionalProperties": False}


def noted(text: object) -> str:
    """Return a stranger's description on one line, of bounded length."""
    return " ".join(str(text or "").split())[:NOTE]


class _Cut:
    """Cuts the parts of one schema."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._left = MOST

    def cut(self, given: object, depth: int, seen: tuple[str, ...]) -> Schema:
        self._left -= 1
        if not isinstance(given, Mapping) or depth > DEEPEST or self._left < 0:
            return {}
        reference = given.get("$ref")
        if isinstance(reference, str):
            if reference in seen:
                return {}
            target = resolve(self._root, reference)
            return self._noted(given, self.cut(target, depth, (*seen, reference)))
        return self._noted(given, self._kind(_merged(given, self._root), depth, seen))

    def _noted(self, given: Mapping[str, Any], part: Schema) -> Schema:
        note = noted(given.get("description"))
        return part | {"description": note} if note else part

    def _kind(self, given: Mapping[str, Any], depth: int, seen: tuple[str, ...]) -> Schema:
        if "const" in given:
            return _choices([given["const"]])
        if isinstance(given.get("enum"), list):
            return _choices(given["enum"])
        for union in ("anyOf", "oneOf"):
            if isinstance(given.get(union), list) and given[union]:
                return self._union(given[union], depth, seen)
        kind = given.get("type")
        if isinstance(kind, list):
            return self._union([{**given, "type": one} for one in kind], depth, seen)
        if given.get("nullable") is True:
            plain = {name: value for name, value in given.items() if name != "nullable"}
            return self._union([plain, {"type": "null"}], depth, seen)
        if kind == "object" or (kind is None and "properties" in given):
            return self._object(given, depth, seen)
        if kind == "array":
            return {"type": "array", "items": self.cut(given.get("items"), depth + 1, seen)}
        return {"type": kind} if isinstance(kind, str) and kind in _TYPES else {}

    def _union(self, parts: list[Any], depth: int, seen: tuple[str, ...]) -> Schema:
        cut = [self.cut(part, depth + 1, seen) for part in parts[:WIDEST]]
        if len(parts) > WIDEST or not all(part.keys() & {"type", "enum", "anyOf"} for part in cut):
            return {}
        return cut[0] if len(cut) == 1 else {"anyOf": cut}

    def _object(self, given: Mapping[str, Any], depth: int, seen: tuple[str, ...]) -> Schema:
        properties = {str(name): part for name, part in _object_of(given, "properties").items()}
        if not properties:
            return {"type": "object"}
        asked = [name for name in _list_of(given, "required") if isinstance(name, str)]
        required = [name for name in dict.fromkeys(asked) if name in properties]
        others = [name for name in properties if name not in required]
        kept = {*required, *others[: max(0, WIDEST - len(required))]}
        part: Schema = {
            "type": "object",
            "properties": {
                name: self.cut(one, depth + 1, seen)
                for name, one in properties.items()
                if name in kept
            },
        }
        return part | ({"required": required} if required else {})


def resolve(root: Mapping[str, Any], reference: str) -> object:
    """Return what "#/a/b" points at in `root`; None if nothing, or if it leads out of it."""
    if not reference.startswith("#"):
        return None
    found: object = root
    for step in reference[1:].split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found


def _merged(given: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema with the parts of its allOf laid into it."""
    parts = given.get("allOf")
    if not isinstance(parts, list):
        return given
    merged: dict[str, Any] = {name: value for name, value in given.items() if name != "allOf"}
    for part in parts[:WIDEST]:
        if isinstance(part, Mapping) and isinstance(part.get("$ref"), str):
            part = resolve(root, part["$ref"])
        if not isinstance(part, Mapping):
            continue
        joined = {
            "properties": {
                **_object_of(part, "properties"),
                **_object_of(merged, "properties"),
            },
            "required": [*_list_of(part, "required"), *_list_of(merged, "required")],
        }
        merged = {**part, **merged, **{name: value for name, value in joined.items() if value}}
        merged.pop("allOf", None)
    return merged


def _object_of(part: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = part.get(name)
    return found if isinstance(found, Mapping) else {}


def _list_of(part: Mapping[str, Any], name: str) -> list[Any]:
    found = part.get(name)
    return found if isinstance(found, list) else []


def _choices(values: list[Any]) -> Schema:
    plain = [value for value in values if isinstance(value, str | int | float | bool | None)]
    if len(plain) != len(values) or len(plain) > WIDEST or len(json.dumps(plain)) > 8_000:
        return {}
    return {"enum": plain}
