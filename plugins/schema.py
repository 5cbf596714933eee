"""The JSON schema of a tool, read from a plain function's signature and docstring.

A schema is {"name", "description", "parameters"}; the parameters are an object with properties.
Each part of it, those of strangers included (`plugins.foreign`), is one of these kinds, with an
optional "description":
  {"type": "string" | "integer" | "number" | "boolean" | "null"}
  {"enum": [plain values]}
  {"anyOf": [parts]}
  {"type": "array", "items": part}
  {"type": "object", "properties": {name: part}, "required": [names]?}, which takes no other names
  {"type": "object"}, which is any object
  {}, which is any value
"""

import inspect
import re
import types
import typing
from collections.abc import Callable
from typing import Any, Literal, Union

Schema = dict[str, Any]

_PLAIN: dict[object, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


class UnfitTool(TypeError):
    """A function that cannot be a tool; the message names the function, the parameter and why."""


def schema(function: Callable[..., object]) -> Schema:
    """Return {"name", "description", "parameters"}, the last a JSON schema of an object.

    Parameters may be str, int, float, bool, Literal, list of these, or one of them | None. What the
    docstring says under "Args:" describes them. Raises `UnfitTool`.
    """
    name = getattr(function, "__name__", repr(function))
    purpose, notes = _docstring(function)
    if not purpose:
        raise UnfitTool(f"{name} has no docstring, which would tell a model what it is for")
    properties: Schema = {}
    required = []
    for parameter, annotation in _parameters(name, function):
        properties[parameter.name] = _typed(f"{name}({parameter.name})", annotation)
        if note := notes.get(parameter.name):
            properties[parameter.name]["description"] = note
        if parameter.default is inspect.Parameter.empty:
            required.append(parameter.name)
    parameters = {"type": "object", "properties": properties, "additionalProperties": False}
    return {
        "name": name,
        "description": purpose,
        "parameters": parameters | ({"required": required} if required else {}),
    }


def _parameters(
    name: str, function: Callable[..., object]
) -> typing.Iterator[tuple[inspect.Parameter, object]]:
    try:
        hints = typing.get_type_hints(function)
        signature = inspect.signature(function)
    except (NameError, TypeError, ValueError) as error:
        raise UnfitTool(f"{name}: its signature cannot be read: {error}") from error
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    for parameter in signature.parameters.values():
        if parameter.kind not in by_name:
            raise UnfitTool(f"{name}({parameter}) cannot be given by name")
        if parameter.name not in hints:
            raise UnfitTool(f"{name}({parameter.name}) has no type")
        yield parameter, hints[parameter.name]


def _typed(where: str, annotation: object) -> Schema:
    """Return the JSON schema of one annotation."""
    if annotation in _PLAIN:
        return {"type": _PLAIN[annotation]}
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is list and len(arguments) == 1:
        return {"type": "array", "items": _typed(where, arguments[0])}
    if origin in (Union, types.UnionType) and type(None) in arguments and len(arguments) == 2:
        present = next(argument for argument in arguments if argument is not type(None))
        return {"anyOf": [_typed(where, present), {"type": "null"}]}
    raise UnfitTool(
        f"{where} has the type {annotation}, which has no place in JSON; "
        "use str, int, float, bool, Literal, list or one of them | None"
    )


def _docstring(function: Callable[..., object]) -> tuple[str, dict[str, str]]:
    """Return the first paragraph on one line, and the notes on parameters under "Args:"."""
    text = inspect.getdoc(function) or ""
    head, _, rest = text.partition("\nArgs:\n")
    section = re.split(r"\n(?=\S)", rest, maxsplit=1)[0]
    notes = re.findall(r"^ {2,4}(\w+)[^:\n]*: (.*(?:\n {5,}\S.*)*)", section, flags=re.MULTILINE)
    return _one_line(head.partition("\n\n")[0]), {name: _one_line(note) for name, note in notes}


def _one_line(text: str) -> str:
    return " ".join(text.split())
