"""llama.cpp itself takes the grammars, and lets through what fits and nothing else."""

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agents.decoding import grammar as actions
from agents.legal import Legal
from agents.models.native import library
from agents.models.vocabulary import Vocabulary
from app.prepare import shipped_file
from plugins.builtin.dates import TOOLS
from plugins.grammar import canonical, rules, written
from plugins.schema import schema

PARAMETERS: dict[str, Any] = {
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "unit": {"enum": ['a "mile"', "ü", 3, None]},
        "sizes": {"type": "array", "items": {"type": "number"}, "maxItems": 3},
        "free": True,
        "node": {"$ref": "#/$defs/N"},
    },
    "required": ["name"],
    "$defs": {"N": {"properties": {"next": {"$ref": "#/$defs/N"}, "on": {"type": "boolean"}}}},
}
Takes = Callable[[str, str], bool]


@pytest.fixture(scope="module")
def takes() -> Iterator[Takes]:
    """Whether llama.cpp accepts a text, token by token to its end, under a grammar."""
    native = library()
    options = native.llama_model_default_params()
    options.vocab_only = True
    model = native.llama_model_load_from_file(str(shipped_file()).encode(), options)
    words = Vocabulary(model)
    end = next(token for token in range(words.size) if words.ends(token))

    def allowed(sampler: Any, token: int) -> bool:
        row = (native.llama_token_data * 1)(native.llama_token_data(token, 0.0, 0.0))
        array = native.llama_token_data_array(data=row, size=1, selected=-1, sorted=False)
        native.llama_sampler_apply(sampler, ctypes.byref(array))
        return row[0].logit > -float("inf")

    def accepted(grammar: str, text: str) -> bool:
        sampler = native.llama_sampler_init_grammar(words.handle, grammar.encode(), b"root")
        assert sampler, f"llama.cpp refuses the grammar: {grammar}"
        try:
            for token in words.ids(text, False):
                if not allowed(sampler, token):
                    return False
                native.llama_sampler_accept(sampler, token)
            return allowed(sampler, end)
        finally:
            native.llama_sampler_free(sampler)

    yield accepted
    native.llama_model_free(model)


def grammar(parameters: dict[str, Any]) -> str:
    start, made = rules("a tool.1", parameters)
    return f"root ::= {start}\n{written(made)}"


@pytest.mark.parametrize(
    ("value", "fit"),
    [
        ({"name": "Ann"}, True),
        ({"name": 'a "b" \\ \n ü 北京'}, True),
        ({"name": "x", "unit": 'a "mile"'}, True),
        ({"name": "x", "unit": "ü", "sizes": [1, -2.5, 1e-07]}, True),
        ({"name": "x", "free": {"a": [None, 2], "b": {"c": "d"}}}, True),
        ({"name": "x", "node": {"next": {"on": True}}}, True),
        ({"name": ""}, False),
        ({"name": "x", "unit": "mile"}, False),
        ({"name": "x", "sizes": [1, 2, 3, 4]}, False),
        ({"name": "x", "node": {"on": 1}}, False),
        ({"unit": 3}, False),
    ],
)
def test_values(takes: Takes, value: dict[str, Any], fit: bool) -> None:
    assert takes(grammar(PARAMETERS), canonical(value)) is fit


def test_the_built_in_tools_go_into_the_grammar_of_actions(takes: Takes) -> None:
    made: dict[str, str] = {}
    calls = []
    for tool in map(schema, TOOLS):
        start, more = rules(tool["name"], tool["parameters"])
        made |= more
        calls.append(f'"use {tool["name"]} " {start}')
    lines = actions(Legal(search=True)).splitlines()
    root = f"{lines[0]} | {' | '.join(calls)}"
    whole = "\n".join([root, *lines[1:], written(made)])
    assert takes(whole, 'use add_to_date {"date":"2024-05-01","days":-3}')
    assert takes(whole, "use current_time {}")
    assert takes(whole, "search oaks")
    assert not takes(whole, 'use add_to_date {"days":3}')
    assert not takes(whole, 'use current_time {"zone":3}')


def test_a_large_schema_is_taken(takes: Takes) -> None:
    wide = {"properties": {f"p{n}": {"type": "string"} for n in range(60)}}
    assert takes(grammar(wide), canonical({"p1": "a", "p59": "b" * 100}))
