"""A grammar for the arguments of a tool, built from its JSON schema, for constrained decoding.

GBNF, the dialect of llama.cpp (its grammars/README.md). The sentences are JSON in canonical form:
names sorted, no needless space, one line, so that a call is written as `agents.actions` writes it
(but free names are in any order, and beside declared members no others can be written).
What a grammar cannot say is checked afterwards by `plugins.fitting` (pattern, minimum and maximum,
multipleOf, uniqueItems, `not`); lengths and depths are bounded here, so that every sentence ends.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plugins.fitting import Schema, fits, kinds, resolved

STRING = 240
"""Characters of a string whose schema sets no length; a longer one cannot be written."""
ITEMS = 8
"""Items of a list, and members of an object, whose schema sets no number."""
DEPTH = 8
"""Objects and lists within one another."""
REPEATS = 2
"""Times that a schema may refer to itself on the way to a value."""
MOST = 1_500
"""Rules of one tool; what comes after them may be any JSON, and is checked afterwards."""

_CHARACTER = r'[^"\\\x00-\x1F\x7F\u0085\u2028\u2029] | "\\" (["\\bfnrt] | "u00" [01] [0-9a-f])'
_NUMBER = r'("0" | [1-9] [0-9]{0,14})'
_MORE = ITEMS - 1
_FRACTION = r'("." [0-9]{1,20})? ("e" [-+] [0-9]{2})?'
_SHARED = {
    "json-char": _CHARACTER,
    "json-string": rf'"\"" json-char{{0,{STRING}}} "\""',
    "json-natural": _NUMBER,
    "json-integer": r'"0" | "-"? [1-9] [0-9]{0,14}',
    "json-positive": rf"json-natural {_FRACTION}",
    "json-number": rf'"-"? json-natural {_FRACTION}',
    "json-boolean": '"true" | "false"',
    "json-null": '"null"',
    "json-key": r'"\"" json-char{1,60} "\""',
    "json-any-0": "json-string | json-number | json-boolean | json-null",
    "json-any-1": f'json-any-0 | "[" (json-any-0 ("," json-any-0){{0,{_MORE}}})? "]" | json-map-1',
    "json-map-1": f'"{{" (json-pair-1 ("," json-pair-1){{0,{_MORE}}})? "}}"',
    "json-pair-1": 'json-key ":" json-any-0',
    "json-any-2": f'json-any-0 | "[" (json-any-1 ("," json-any-1){{0,{_MORE}}})? "]" | json-map-2',
    "json-map-2": f'"{{" (json-pair-2 ("," json-pair-2){{0,{_MORE}}})? "}}"',
    "json-pair-2": 'json-key ":" json-any-1',
}  # fmt: skip
"""Rules that all tools share; what is free is nested twice at most."""

_BARE = {"type": "object", "additionalProperties": False}
"""Where a schema does not say it: a tool takes nothing that it does not name."""
_SCALARS = {"string": "json-string", "boolean": "json-boolean", "null": "json-null"}
_MERGED = ("anyOf", "oneOf", "allOf", "$ref", "nullable")


class NoSentence(ValueError):
    """A schema that no value fits, or that is broken; the message says where."""


def rules(tool_name: str, parameters: Schema) -> tuple[str, dict[str, str]]:
    """Return the name of the rule for the arguments of a tool, and all rules that it needs.

    Rules of different tools have different names, but for those that begin with "json-", which
    are the same for all. Raises `NoSentence`.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", tool_name.lower()).strip("-")[:40]
    mark = hashlib.sha256(tool_name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    writer = _Writer(parameters, f"call-{slug}-{mark}")
    try:
        body = writer.value({**_BARE, **parameters}, ())
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        raise NoSentence(f"the schema of {tool_name!r} cannot be read: {error}") from error
    if body is None:
        raise NoSentence(f"no arguments fit the schema of {tool_name!r}")
    start = writer.named(body)
    return start, {**writer.made, **shared([start, *writer.made.values()])}


def shared(bodies: Iterable[str]) -> dict[str, str]:
    """Return the shared rules that these bodies need, and those that they need in turn."""
    needed: dict[str, str] = {}
    waiting = list(bodies)
    while waiting:
        body = re.sub(r'"(?:\\.|[^"\\])*"', "", waiting.pop())
        for name in re.findall(r"(?<![\w-])json-[a-z]+(?:-\d)?", body):
            if name not in needed:
                needed[name] = _SHARED[name]
                waiting.append(_SHARED[name])
    return needed


def written(rules: Mapping[str, str]) -> str:
    """Return rules as lines of GBNF."""
    return "\n".join(f"{name} ::= {body}" for name, body in rules.items())


def literal(text: str) -> str:
    """Return GBNF for exactly this text."""
    escaped = "".join(
        f"\\{c}" if c in '"\\' else c if c.isprintable() else _escape(ord(c)) for c in text
    )
    return f'"{escaped}"'


def _escape(code: int) -> str:
    return (
        f"\\x{code:02X}" if code < 256 else f"\\u{code:04X}" if code < 65536 else f"\\U{code:08X}"
    )


def canonical(value: object) -> str:
    """Return JSON with sorted names, without needless space, on one line."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if len(text.splitlines()) > 1:
        return json.dumps(value, sort_keys=True, separators=(",", ":"))
    return text


@dataclass(slots=True)
class _Writer:
    """Writes the rules of one tool. A body of None means that no value is possible there."""

    root: Schema
    prefix: str
    made: dict[str, str] = field(default_factory=dict)

    def named(self, body: str) -> str:
        """Return the name of a rule with this body, new or the one that has it already."""
        if re.fullmatch(r"[a-z0-9-]+", body):
            return body
        for name, there in self.made.items():
            if there == body:
                return name
        name = f"{self.prefix}-{len(self.made)}"
        self.made[name] = body
        return name

    def value(self, schema: Schema | bool, path: tuple[str, ...]) -> str | None:
        """Return the body for a value of a schema; `path` are the places and references above."""
        if isinstance(schema, bool):
            return "json-any-2" if schema else None
        if path.count("/") >= DEPTH:
            return None
        if len(self.made) > MOST:
            return "json-any-2"
        if "enum" in schema or "const" in schema:
            return self._chosen(schema)
        if "$ref" in schema:
            return self._referred(schema, path)
        if any(schema.get(key) for key in ("allOf", "anyOf", "oneOf")):
            return self._alternatives(schema, path)
        named = kinds(schema) or self._guessed(schema)
        bodies = [self._of_kind(kind, schema, path) for kind in dict.fromkeys(named)]
        return _either(bodies) if named else "json-any-2"

    def _chosen(self, schema: Schema) -> str | None:
        choices = schema["enum"] if "enum" in schema else [schema["const"]]
        fitting = [c for c in choices if not fits(schema, c, self.root)]
        return _either([literal(canonical(choice)) for choice in fitting])

    def _referred(self, schema: Schema, path: tuple[str, ...]) -> str | None:
        reference = schema["$ref"]
        if path.count(reference) >= REPEATS:
            return None
        target = resolved(self.root, reference)
        if isinstance(target, bool):
            return self.value(target, path)
        rest = {key: part for key, part in schema.items() if key != "$ref"}
        body = self.value(_merged(target, rest), (*path, reference))
        return None if body is None else self.named(body)

    def _alternatives(self, schema: Schema, path: tuple[str, ...]) -> str | None:
        base: Schema = {key: part for key, part in schema.items() if key not in _MERGED}
        for part in schema.get("allOf", ()):
            while isinstance(part, Mapping) and "$ref" in part:
                part = resolved(self.root, part["$ref"])
            if part is False:
                return None
            base = _merged(base, part if isinstance(part, Mapping) else {})
        choices = schema.get("anyOf") or schema.get("oneOf")
        if not choices:
            return _either(
                [self.value(base, path), "json-null" if schema.get("nullable") else None]
            )
        merged = (c if isinstance(c, bool) else _merged(base, c) for c in choices)
        return _either([self.value(choice, path) for choice in merged])

    def _guessed(self, schema: Schema) -> list[str]:
        """Return the type that a schema without one means by its other keywords."""
        if schema.keys() & {"properties", "required", "additionalProperties"}:
            return ["object"]
        if schema.keys() & {"items", "prefixItems", "minItems", "maxItems"}:
            return ["array"]
        if schema.keys() & {"minLength", "maxLength", "pattern"}:
            return ["string"]
        return []

    def _of_kind(self, kind: str, schema: Schema, path: tuple[str, ...]) -> str | None:
        match kind:
            case "object":
                return self._object(schema, (*path, "/"))
            case "array":
                return self._array(schema, (*path, "/"))
            case "string":
                return _string(schema)
            case "integer" | "number":
                positive = max(schema.get("minimum", -1), schema.get("exclusiveMinimum", -1)) >= 0
                if kind == "integer":
                    return "json-natural" if positive else "json-integer"
                return "json-positive" if positive else "json-number"
            case _:
                return _SCALARS.get(kind, "json-any-2")

    def _array(self, schema: Schema, path: tuple[str, ...]) -> str | None:
        first = [self.value(part, path) for part in schema.get("prefixItems", ())]
        if first:
            if None in first:
                return None
            items = ' "," '.join(self.named(str(body)) for body in first)
            return f'"[" {items} "]"'
        least = int(schema.get("minItems", 0))
        most = int(schema.get("maxItems", max(ITEMS, least)))
        item = self.value(schema.get("items", True), path) if most else None
        if item is None or most < least:
            return '"[]"' if least == 0 else None
        return _listed("[", self.named(item), least, min(most, max(ITEMS, least)), "]")

    def _object(self, schema: Schema, path: tuple[str, ...]) -> str | None:
        properties = dict(schema.get("properties", {}))
        required = set(schema.get("required", ()))
        others = schema.get("additionalProperties", True)
        for name in required - properties.keys():
            properties[name] = others
        if not properties:
            return self._map(schema, others, path)
        members: list[tuple[str, bool]] = []
        for name in sorted(properties):
            body = self.value(properties[name], path)
            if body is None and name in required:
                return None
            if body is not None:
                pair = f"{literal(canonical(name) + ':')} {self.named(body)}"
                members.append((self.named(pair), name in required))
        return self._members(members)

    def _members(self, members: Sequence[tuple[str, bool]]) -> str:
        """Return an object of these pairs in their order, those not required left out at will."""
        tails = [""]
        for pair, needed in reversed(members):
            more = f'"," {pair}' if needed else f'("," {pair})?'
            tails.append(self.named(f"{more} {tails[-1]}".strip()))
        starts: list[str] = []
        for (pair, needed), tail in zip(members, reversed(tails[:-1]), strict=True):
            starts.append(f"{pair} {tail}".strip())
            if needed:
                return f'"{{" ({" | ".join(starts)}) "}}"'
        return f'"{{" ({" | ".join(starts)})? "}}"' if starts else '"{}"'

    def _map(self, schema: Schema, others: Schema | bool, path: tuple[str, ...]) -> str | None:
        least = int(schema.get("minProperties", 0))
        most = min(int(schema.get("maxProperties", ITEMS)), max(ITEMS, least))
        body = self.value(others, path)
        if body is None or most < least or not most:
            return '"{}"' if least == 0 else None
        pair = self.named(f'json-key ":" {self.named(body)}')
        return _listed("{", pair, least, most, "}")


def _string(schema: Schema) -> str | None:
    least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
    if not least and most is None:
        return "json-string"
    longest = max(STRING, least) if most is None else min(int(most), max(STRING, least))
    return rf'"\"" json-char{{{least},{longest}}} "\""' if least <= longest else None


def _listed(opening: str, item: str, least: int, most: int, closing: str) -> str:
    more = f' ("," {item}){{{max(0, least - 1)},{most - 1}}}' if most > 1 else ""
    inner = f"{item}{more}"
    return f'"{opening}" {inner if least else f"({inner})?"} "{closing}"'


def _either(bodies: Sequence[str | None]) -> str | None:
    possible = list(dict.fromkeys(body for body in bodies if body is not None))
    return " | ".join(possible) if possible else None


def _merged(base: Schema, more: Schema) -> dict[str, Any]:
    """Return both schemas in one, for values that fit both."""
    both = {**base, **more}
    for key in ("properties", "$defs"):
        if key in base and key in more:
            both[key] = {**base[key], **more[key]}
    if "required" in base and "required" in more:
        both["required"] = [*base["required"], *more["required"]]
    return both
