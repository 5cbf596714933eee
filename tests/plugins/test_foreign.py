"""Schemas of strangers are cut down to the kinds that arguments are checked against."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.arguments import UnfitArguments, read, usage
from plugins.foreign import DEEPEST, WIDEST, fitted

_LEAVES = st.sampled_from(["string", "integer", "number", "boolean", "null", "strange", 7])
_WORDS = (
    *("type", "properties", "items", "anyOf", "allOf", "oneOf", "$ref", "enum", "const"),
    *("required", "nullable", "description", "a", "#/a", "additionalProperties"),
)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(_WORDS),
            inner | _LEAVES | st.sampled_from(["#", "#/a", "#/properties/a", "object", "array"]),
            max_size=5,
        )
    ),
    max_leaves=20,
)
KINDS = {"string", "integer", "number", "boolean", "null", "object", "array"}


def _one_of_ours(part: Any, depth: int = 0) -> None:
    assert depth <= 2 * DEEPEST + 2
    assert isinstance(part, dict)
    allowed = {"description", "type", "enum", "anyOf", "items", "properties", "required"}
    assert part.keys() <= allowed | {"additionalProperties"}
    assert part.get("type") in KINDS | {None}
    for inner in [*part.get("anyOf", []), *part.get("properties", {}).values()]:
        _one_of_ours(inner, depth + 1)
    assert set(part.get("required", [])) <= part.get("properties", {}).keys()
    if part.get("type") == "array":
        _one_of_ours(part["items"], depth + 1)


@settings(max_examples=60, deadline=None)
@given(_ANY)
def test_whatever_comes_is_cut_to_our_kinds_once_and_for_all(given: Any) -> None:
    part = fitted(given)
    _one_of_ours(part)
    assert part["type"] == "object"
    assert fitted(part) == part
    json.dumps(part)
    assert usage({"name": "t", "parameters": part}).startswith("use t {")


def _property(given: Any, **root: Any) -> Any:
    whole = {"type": "object", "properties": {"x": given}, **root}
    return fitted(whole)["properties"]["x"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"type": "string", "minLength": 3}, {"type": "string"}),
        ({"type": ["integer", "null"]}, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ({"type": "number", "nullable": True}, {"anyOf": [{"type": "number"}, {"type": "null"}]}),
        ({"const": "a"}, {"enum": ["a"]}),
        ({"enum": [["a"]]}, {}),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]},
         {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"anyOf": [{"type": "string"}, {"not": {}}]}, {}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"type": "object"}),
        ({"properties": {"a": {"type": "null"}}},
         {"type": "object", "properties": {"a": {"type": "null"}}}),
        ({"description": "two\n lines"}, {"description": "two lines"}),
        (True, {}),
    ],
)  # fmt: skip
def test_each_kind(given: Any, kept: Any) -> None:
    assert _property(given) == kept


def test_references_are_followed_and_circles_end() -> None:
    tree = {
        "type": "object",
        "properties": {
            "name": {"$ref": "#/$defs/na~1me"},
            "kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}},
        },
        "required": ["name"],
    }
    defs = {"tree": tree, "na/me": {"type": "string", "description": "whose"}}
    kept = _property({"$ref": "#/$defs/tree"}, **{"$defs": defs})
    assert kept["properties"]["name"] == {"type": "string", "description": "whose"}
    assert kept["properties"]["kids"] == {"type": "array", "items": {}}
    assert _property({"$ref": "http://elsewhere/x"}) == {}


def test_parts_of_all_of_are_laid_together() -> None:
    base = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    kept = _property(
        {"allOf": [{"$ref": "#/$defs/base"}, {"properties": {"b": {"type": "null"}}}]},
        **{"$defs": {"base": base}},
    )
    assert kept == {
        "type": "object",
        "properties": {"b": {"type": "null"}, "a": {"type": "string"}},
        "required": ["a"],
    }


def test_a_schema_without_end_is_cut_short() -> None:
    """Ten references each to the next level, twelve levels: 10**12 parts."""
    defs = {
        f"l{n}": {
            "type": "object",
            "properties": {f"p{i}": {"$ref": f"#/$defs/l{n + 1}"} for i in range(10)},
        }
        for n in range(12)
    }
    assert len(json.dumps(_property({"$ref": "#/$defs/l0"}, **{"$defs": defs}))) < 500_000
    wide = {"type": "object", "properties": {f"p{n}": {} for n in range(500)}, "required": ["p499"]}
    assert len(_property(wide)["properties"]) == WIDEST
    assert "p499" in _property(wide)["properties"]


TOOL = {
    "name": "t",
    "parameters": {
        "type": "object",
        "properties": {
            "place": {
                "type": "object",
                "properties": {"name": {"type": "string"}},
                "required": ["name"],
            },
            "either": {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
            "list": {"type": "array", "items": {"anyOf": [{"type": "null"}, {"enum": ["a", 1]}]}},
            "free": {"type": "object"},
            "any": {},
        },
    },
}


@pytest.mark.parametrize(
    "values",
    [
        {"place": {"name": "x"}},
        {"either": 3},
        {"either": "x"},
        {"either": None},
        {"list": [None, "a", 1]},
        {"free": {"a": [1]}, "any": [{"b": None}]},
    ],
)
def test_arguments_of_every_kind_are_read(values: dict[str, Any]) -> None:
    assert read(TOOL, json.dumps(values)) == values


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"place": "x"}, "'place' must be an object"),
        ({"place": {}}, "'name' is missing in 'place'"),
        ({"place": {"name": "x", "more": 1}}, "there is no 'more' in 'place'"),
        ({"place": {"name": 3}}, "'name' must be a string"),
        ({"either": 1.5}, "'either' must be a whole number"),
        ({"list": ["b"]}, "'list' must be"),
        ({"list": [True]}, "'list' must be"),
        ({"free": []}, "'free' must be an object"),
    ],
)
def test_arguments_that_do_not_fit_are_named(values: dict[str, Any], why: str) -> None:
    with pytest.raises(UnfitArguments, match=why):
        read(TOOL, json.dumps(values))
