"""Whether a JSON value fits a JSON schema, and if not, what to write instead.

The keywords of JSON Schema 2020-12 that tools use; `format` and unknown ones are not looked at.
`oneOf` is taken as `anyOf`, which is what most who write it mean.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

DEEPEST = 64
"""Values within one another that are looked at."""
_RISKY = re.compile(r"[+*}]\??\)+[+*{]|\)[+*]|\\\d")
"""Patterns that may take for ever on a short text (nested repeats, references back)."""

_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "string": ("a string", lambda value: isinstance(value, str)),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "null": ("null", lambda value: value is None),
    "integer": ("a whole number", lambda value: _number(value) and value == value // 1),
    "number": ("a number", lambda value: _number(value)),
    "array": ("a list", lambda value: isinstance(value, list)),
    "object": ("an object", lambda value: isinstance(value, dict)),
}


def fits(schema: Schema | bool, value: object, root: Schema | None = None) -> str:
    """Return "" if `value` fits, else a sentence without a full stop that says where and why not.

    `root` is the schema that references such as "#/$defs/Node" are looked up in; by default the
    schema itself.
    """
    if root is None:
        root = schema if isinstance(schema, Mapping) else {}
    return next(_faults(schema, value, root, "the value", 0), "")


def resolved(root: Schema, reference: str) -> Schema | bool:
    """Return what a reference within the schema names. Raises ValueError if there is no such."""
    at: Any = root
    if reference != "#" and not reference.startswith("#/"):
        raise ValueError(f"the reference {reference[:80]!r} leaves the schema")
    for part in reference[2:].split("/") if reference != "#" else ():
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(at, Mapping) or name not in at:
            raise ValueError(f"the schema has nothing at {reference[:80]!r}")
        at = at[name]
    if not isinstance(at, Mapping | bool):
        raise ValueError(f"there is no schema at {reference[:80]!r}")
    return at


def same(left: object, right: object) -> bool:
    """Whether two JSON values are equal; true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    return left == right


def kinds(schema: Schema) -> list[str]:
    """Return the types that a schema names, null for OpenAPI's nullable too; empty for any."""
    named = schema.get("type", [])
    types = [named] if isinstance(named, str) else list(named)
    return [*types, "null"] if types and schema.get("nullable") is True else types


def _faults(
    schema: Schema | bool, value: Any, root: Schema, where: str, depth: int
) -> Iterator[str]:
    """Yield what is wrong; only the first is of use, so nothing more is looked at."""
    if isinstance(schema, bool):
        if not schema:
            yield f"{where} may not be there"
        return
    if depth > DEEPEST:
        yield f"{where} is nested too deeply"
        return
    if schema.get("nullable") is True and value is None:
        return
    if "$ref" in schema:
        yield from _faults(resolved(root, schema["$ref"]), value, root, where, depth + 1)
    yield from _of_kind(schema, value, where)
    match value:
        case str():
            yield from _of_text(schema, value, where)
        case int() | float() if not isinstance(value, bool):
            yield from _of_number(schema, value, where)
        case list():
            yield from _of_list(schema, value, root, where, depth)
        case dict():
            yield from _of_object(schema, value, root, where, depth)
    yield from _of_parts(schema, value, root, where, depth)


def _of_kind(schema: Schema, value: Any, where: str) -> Iterator[str]:
    named = kinds(schema)
    if named and not any(_KINDS[kind][1](value) for kind in named if kind in _KINDS):
        wanted = " or ".join(_KINDS[kind][0] for kind in named if kind in _KINDS)
        yield f"{where} must be {wanted or named[0]}, not {_short(value)}"
    if "enum" in schema and not any(same(value, choice) for choice in schema["enum"]):
        yield f"{where} must be one of {_short(schema['enum'], 300)}"
    if "const" in schema and not same(value, schema["const"]):
        yield f"{where} must be {_short(schema['const'])}"


def _of_text(schema: Schema, value: str, where: str) -> Iterator[str]:
    if len(value) < schema.get("minLength", 0):
        yield f"{where} must have at least {schema['minLength']} characters"
    if len(value) > schema.get("maxLength", len(value)):
        yield f"{where} may have at most {schema['maxLength']} characters"
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and len(pattern) <= 200 and not _RISKY.search(pattern):
        try:
            found = re.search(pattern, value[:2_000])
        except re.error:
            return
        if not found:
            yield f"{where} must match {pattern!r}"


def _of_number(schema: Schema, value: float, where: str) -> Iterator[str]:
    bounds: tuple[tuple[str, str, Callable[[float, float], bool]], ...] = (
        ("minimum", "at least", lambda n, bound: n >= bound),
        ("maximum", "at most", lambda n, bound: n <= bound),
        ("exclusiveMinimum", "more than", lambda n, bound: n > bound),
        ("exclusiveMaximum", "less than", lambda n, bound: n < bound),
    )
    for key, words, holds in bounds:
        bound = schema.get(key)
        if _number(bound) and not holds(value, bound):  # type: ignore[arg-type]
            yield f"{where} must be {words} {bound}"
    step = schema.get("multipleOf")
    if _number(step) and step and abs(value / step - round(value / step)) > 1e-9:
        yield f"{where} must be a multiple of {step}"


def _of_list(
    schema: Schema, value: list[Any], root: Schema, where: str, depth: int
) -> Iterator[str]:
    if len(value) < schema.get("minItems", 0):
        yield f"{where} must have at least {schema['minItems']} items"
    if len(value) > schema.get("maxItems", len(value)):
        yield f"{where} may have at most {schema['maxItems']} items"
    if schema.get("uniqueItems") and any(
        same(a, b) for i, a in enumerate(value) for b in value[:i]
    ):
        yield f"{where} may not hold the same item twice"
    first = schema.get("prefixItems", ())
    for at, item in enumerate(value):
        part = first[at] if at < len(first) else schema.get("items", True)
        yield from _faults(part, item, root, f"item {at + 1} of {where}", depth + 1)


def _of_object(
    schema: Schema, value: dict[str, Any], root: Schema, where: str, depth: int
) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{name!r} is missing in {where}"
    others = schema.get("additionalProperties", True)
    if schema.get("patternProperties"):
        others = True
    for name, part in value.items():
        if name not in properties and others is False:
            known = ", ".join(map(repr, properties)) or "nothing"
            yield f"there is no {name!r} in {where}; there is {known}"
        yield from _faults(properties.get(name, others), part, root, repr(name), depth + 1)
    if len(value) < schema.get("minProperties", 0):
        yield f"{where} must have at least {schema['minProperties']} members"
    if len(value) > schema.get("maxProperties", len(value)):
        yield f"{where} may have at most {schema['maxProperties']} members"


def _of_parts(schema: Schema, value: Any, root: Schema, where: str, depth: int) -> Iterator[str]:
    for part in schema.get("allOf", ()):
        yield from _faults(part, value, root, where, depth + 1)
    for key in ("anyOf", "oneOf"):
        if choices := schema.get(key):
            faults = [next(_faults(c, value, root, where, depth + 1), "") for c in choices]
            if all(faults):
                yield faults[0] if len(faults) == 1 else " and else ".join(dict.fromkeys(faults))
    if "not" in schema and not next(_faults(schema["not"], value, root, where, depth + 1), ""):
        yield f"{where} may not be {_short(value)}"


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: object, longest: int = 80) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
