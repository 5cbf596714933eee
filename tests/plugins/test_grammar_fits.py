"""A value that does not fit a schema is refused with its place and the reason."""

from typing import Any

import pytest

from plugins.fitting import fits

NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}, "n": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("schema", "value", "fault"),
    [
        ({"type": "string"}, 3, "the value must be a string, not 3"),
        ({"type": ["integer", "null"]}, "x", 'must be a whole number or null, not "x"'),
        ({"type": "integer"}, 1.5, "must be a whole number"),
        ({"type": "integer"}, True, "must be a whole number"),
        ({"type": "number"}, True, "must be a number"),
        ({"enum": [1, "a"]}, True, 'must be one of [1, "a"]'),
        ({"const": {"a": 1}}, {"a": True}, 'must be {"a": 1}'),
        ({"minLength": 2}, "a", "at least 2 characters"),
        ({"maxLength": 2}, "abc", "at most 2 characters"),
        ({"pattern": "^a+$"}, "b", "must match '^a+$'"),
        ({"minimum": 2}, 1, "at least 2"),
        ({"maximum": 2}, 3, "at most 2"),
        ({"exclusiveMinimum": 2}, 2, "more than 2"),
        ({"exclusiveMaximum": 2}, 2, "less than 2"),
        ({"multipleOf": 0.1}, 0.25, "multiple of 0.1"),
        ({"minItems": 1}, [], "at least 1 items"),
        ({"maxItems": 1}, [1, 2], "at most 1 items"),
        ({"uniqueItems": True}, [{"a": 1}, {"a": 1}], "same item twice"),
        ({"items": {"type": "null"}}, [None, 1], "item 2 of the value must be null"),
        ({"prefixItems": [{"type": "null"}], "items": False}, [None, 1], "item 2"),
        ({"required": ["a"]}, {}, "'a' is missing in the value"),
        ({"properties": {"a": True}, "additionalProperties": False}, {"b": 1}, "there is no 'b'"),
        ({"additionalProperties": {"type": "null"}}, {"b": 1}, "'b' must be null"),
        ({"minProperties": 1}, {}, "at least 1 members"),
        ({"maxProperties": 0}, {"a": 1}, "at most 0 members"),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, 1, "must be null, not 1 and else"),
        ({"oneOf": [{"type": "null"}]}, 1, "must be null"),
        ({"allOf": [{"type": "integer"}, {"minimum": 3}]}, 2, "at least 3"),
        ({"not": {"type": "string"}}, "a", "may not be"),
        (
            {"$ref": "#/$defs/N", "$defs": {"N": NODE}},
            {"next": {"next": {"n": "x"}}},
            "'n' must be",
        ),
        (False, 1, "may not be there"),
    ],
)
def test_a_fault_is_named(schema: Any, value: Any, fault: str) -> None:
    assert fault in fits(schema, value)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (True, object()),
        ({}, {"a": [1]}),
        ({"type": "integer"}, 2.0),
        ({"type": "string", "nullable": True}, None),
        ({"type": "number", "multipleOf": 0.1}, 0.3),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, 1),
        ({"pattern": "("}, "a"),
        ({"uniqueItems": True}, [1, True]),
        ({"minLength": 3}, 1),
        ({"$ref": "#/definitions/a~1b", "definitions": {"a/b": {"const": 1}}}, 1),
    ],
)
def test_what_fits_has_no_fault(schema: Any, value: Any) -> None:
    assert fits(schema, value) == ""


def test_references_lead_nowhere_else() -> None:
    for reference in ("http://127.0.0.1/x", "#/nothing", "other.json#/a", "#/$defs"):
        with pytest.raises(ValueError, match=r"reference|nothing at"):
            fits({"$ref": reference, "properties": {}}, {})


def test_a_schema_in_a_circle_and_a_slow_pattern_come_to_an_end() -> None:
    assert "too deeply" in fits({"$ref": "#"}, 1)
    assert fits({"pattern": "^(a+)+$"}, "a" * 2000 + "b") == ""
    assert fits({"pattern": "^(a|aa)+$"}, "a" * 2000 + "b") == ""
