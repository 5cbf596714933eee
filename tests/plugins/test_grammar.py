"""The grammar of a tool's arguments: what fits is written, and what is written fits."""

import importlib.util
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.actions import UseTool, parse, write
from plugins.arguments import read
from plugins.builtin.calculator import calculate
from plugins.builtin.dates import TOOLS
from plugins.fitting import fits
from plugins.grammar import ITEMS, STRING, NoSentence, canonical, rules, written
from plugins.schema import schema

_spec = importlib.util.spec_from_file_location("gbnf", Path(__file__).parent / "gbnf.py")
assert _spec and _spec.loader
gbnf = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(gbnf)

NODE = {
    "type": "object",
    "properties": {"child": {"$ref": "#/$defs/Node"}, "name": {"type": "string"}},
    "required": ["name"],
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "where": {"type": "string", "maxLength": 5},
        "count": {"type": "integer", "minimum": 0},
        "unit": {"enum": ["km", 'a "mile"', 3, None]},
        "tags": {"type": "array", "items": {"type": "boolean"}, "minItems": 1, "maxItems": 2},
        "size": {"type": ["number", "null"]},
        "deep": {"type": "object", "properties": {"x": {"const": 1}}, "required": ["x"]},
        "either": {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "string"}}]},
        "node": {"$ref": "#/$defs/Node"},
        "free": {"type": "object"},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        "pair": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "null"}]},
        "both": {"allOf": [{"$ref": "#/$defs/Node"}, {"required": ["child"]}]},
    },
    "required": ["where"],
    "$defs": {"Node": NODE},
}


def grammar(parameters: dict[str, Any], name: str = "tool") -> tuple[str, Any]:
    start, made = rules(name, parameters)
    return start, gbnf.Grammar(made)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"count": 0},
        {"count": 120, "unit": "km"},
        {"unit": 'a "mile"', "size": None},
        {"unit": None, "size": -0.5},
        {"unit": 3, "size": 1e-07},
        {"tags": [True], "deep": {"x": 1}},
        {"tags": [True, False], "either": -7},
        {"either": ["a", 'ü\n\t\\"\u0001']},
        {"either": []},
        {"node": {"child": {"name": "b"}, "name": "a"}},
        {"free": {}, "map": {"a": 1, "b": -2}},
        {"free": {"a": [1, {"b": "c"}], "d": None}},
        {"pair": [1, None], "both": {"child": {"name": ""}, "name": "x"}},
    ],
)
def test_what_fits_can_be_written(more: dict[str, Any]) -> None:
    value = {"where": "here", **more}
    assert fits(SCHEMA, value) == ""
    start, made = grammar(SCHEMA)
    assert made.matches(start, canonical(value))


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"where": 3},
        {"where": "too long"},
        {"where": "here", "count": -1},
        {"where": "here", "count": 1.5},
        {"where": "here", "unit": "mile"},
        {"where": "here", "tags": []},
        {"where": "here", "tags": [True, True, True]},
        {"where": "here", "deep": {}},
        {"where": "here", "either": "a"},
        {"where": "here", "node": {}},
        {"where": "here", "map": {"a": "b"}},
        {"where": "here", "pair": [None, 1]},
        {"where": "here", "both": {"name": "x"}},
        {"where": "here", "strange": 1},
    ],
)
def test_what_does_not_fit_cannot_be_written(value: dict[str, Any]) -> None:
    assert fits({**SCHEMA, "additionalProperties": False}, value)
    start, made = grammar(SCHEMA)
    assert not made.matches(start, canonical(value))


def test_only_the_canonical_form_is_written() -> None:
    start, made = grammar(SCHEMA)
    wrong = ('{"where": "a"}', '{"where":"a" }', '{"where":"a","count":1}', '{"where":"\n"}',
             '{"count":01,"where":"a"}', '{"where":"a"', "", '{"where":"a\u2028"}')  # fmt: skip
    for text in wrong:
        assert not made.matches(start, text), text
    assert made.matches(start, '{"count":1,"where":"a"}')


def test_a_drawn_sentence_is_an_action_that_fits() -> None:
    chance = random.Random(5)
    start, made = grammar(SCHEMA)
    for _ in range(300):
        line = f"use tool {made.sentence(start, chance)}"
        action = parse(line)
        assert isinstance(action, UseTool), line
        assert fits({**SCHEMA, "additionalProperties": False}, action.values) == ""
        assert parse(write(action)) == action


@pytest.mark.parametrize("tool", [calculate, *TOOLS])
def test_calls_of_built_in_tools_type_check(tool: Any) -> None:
    described = schema(tool)
    start, made = grammar(described["parameters"], described["name"])
    chance = random.Random(6)
    for _ in range(60):
        read(described, made.sentence(start, chance))


def test_rules_of_two_tools_go_together() -> None:
    one, first = rules("a.b", SCHEMA)
    two, second = rules("a-b", {**SCHEMA, "required": ["count"]})
    shared = first.keys() & second.keys()
    assert all(name.startswith("json-") and first[name] == second[name] for name in shared)
    assert one != two
    both = gbnf.Grammar(first | second)
    assert not both.matches(two, '{"where":"a"}')
    assert both.matches(one, '{"where":"a"}')
    assert len(written(first).splitlines()) == len(first)


def test_bounds_hold() -> None:
    wide = {
        "properties": {"s": {"type": "string"}, "l": {"type": "array", "items": {"type": "null"}}}
    }
    start, made = grammar(wide)
    assert made.matches(start, canonical({"s": "x" * STRING}))
    assert not made.matches(start, canonical({"s": "x" * (STRING + 1)}))
    assert made.matches(start, canonical({"l": [None] * ITEMS}))
    assert not made.matches(start, canonical({"l": [None] * (ITEMS + 1)}))
    endless = {"$ref": "#/$defs/N", "$defs": {"N": {**NODE, "required": ["name", "child"]}}}
    with pytest.raises(NoSentence):
        rules("endless", endless)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({}, "{}"),
        ({"type": "object", "properties": {}}, "{}"),
        ({"properties": {"json-x": True}, "required": ["json-x"]}, '{"json-x":null}'),
        ({"properties": {"a": False}}, "{}"),
        ({"properties": {"a": {"nullable": True, "type": "integer"}}}, '{"a":null}'),
        ({"required": ["b"], "additionalProperties": {"type": "string"}}, '{"b":"c"}'),
        ({"properties": {"a": {"minItems": 1}}}, '{"a":[{"b":1}]}'),
        ({"properties": {"a": {"oneOf": [{"const": "x"}, {"minLength": 2}]}}}, '{"a":"x"}'),
        ({"properties": {"ä\n": {"type": "null"}}}, '{"ä\\n":null}'),
        ({"additionalProperties": True}, '{"any":[1,{"x":"y"}]}'),
    ],
)
def test_corners(parameters: dict[str, Any], sentence: str) -> None:
    start, made = grammar(parameters)
    assert made.matches(start, sentence)
    assert fits(parameters, json.loads(sentence)) == ""


@pytest.mark.parametrize(
    "broken",
    [
        {"properties": {"a": {"$ref": "#/nowhere"}}},
        {"properties": {"a": {"$ref": "http://x/y"}}},
        {"properties": {"a": 3}},
        {"properties": 3},
        {"properties": {"a": False}, "required": ["a"]},
        {"properties": {"a": {"enum": []}}, "required": ["a"]},
        {"type": "object", "minProperties": 2, "maxProperties": 1, "additionalProperties": True},
    ],
)
def test_a_schema_that_allows_nothing_is_refused_in_words(broken: dict[str, Any]) -> None:
    with pytest.raises(NoSentence, match="'t'"):
        rules("t", broken)


NAMES = st.sampled_from(["a", "b", "long name", "ü", 'q"', "json-any-0"])
SCALARS = st.one_of(
    st.just({"type": "string"}), st.just({"type": "integer"}), st.just({"type": "number"}),
    st.just({"type": "boolean"}), st.just({"type": "null"}),
    st.just({"type": "string", "minLength": 1, "maxLength": 3}),
    st.lists(st.one_of(st.text(max_size=4), st.integers(), st.none()), min_size=1, max_size=3).map(
        lambda values: {"enum": values}
    ),
)  # fmt: skip


def nested(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.builds(
            lambda i, n: {"type": "array", "items": i, "maxItems": n}, inner, st.integers(0, 3)
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts}),
        objects(inner),
    )


def objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(NAMES, st.tuples(inner, st.booleans()), max_size=4).map(
        lambda parts: {
            "type": "object",
            "properties": {name: part for name, (part, _) in parts.items()},
            "required": [name for name, (_, needed) in parts.items() if needed],
            "additionalProperties": False,
        }
    )


SCHEMAS = objects(st.recursive(SCALARS, nested, max_leaves=6))


def values(part: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that fit a drawn schema, within the bounds of the grammar."""
    if "enum" in part:
        return st.sampled_from(part["enum"])
    if "anyOf" in part:
        return st.one_of([values(choice) for choice in part["anyOf"]])
    match part["type"]:
        case "string":
            plain = st.characters(
                exclude_categories=["Cs"], exclude_characters="\x7f\x85\u2028\u2029"
            )
            return st.text(
                plain, min_size=part.get("minLength", 0), max_size=part.get("maxLength", 9)
            )
        case "integer":
            return st.integers(-(10**15) + 1, 10**15 - 1)
        case "number":
            return st.floats(-1e9, 1e9).filter(lambda n: n == 0 or abs(n) > 1e-90)
        case "array":
            return st.lists(values(part["items"]), max_size=part["maxItems"])
        case "object":
            needed = {n: values(p) for n, p in part["properties"].items() if n in part["required"]}
            others = {n: values(p) for n, p in part["properties"].items() if n not in needed}
            return st.fixed_dictionaries(needed, optional=others)
    return {"boolean": st.booleans(), "null": st.none()}[part["type"]]


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_value_that_fits_is_a_sentence(data: st.DataObject) -> None:
    drawn = data.draw(SCHEMAS)
    value = data.draw(values(drawn))
    assert fits(drawn, value) == ""
    start, made = grammar(drawn)
    assert made.matches(start, canonical(value))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, st.integers(0, 10**6))
def test_every_sentence_fits(drawn: dict[str, Any], seed: int) -> None:
    start, made = grammar(drawn)
    for number in range(5):
        sentence = made.sentence(start, random.Random(seed + number))
        assert fits(drawn, json.loads(sentence)) == ""
        assert made.matches(start, sentence)
