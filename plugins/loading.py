"""In a plugin's own process: its functions and tools, and what it declares that it needs."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from plugins.foreign import fitted, noted
from plugins.schema import Schema, UnfitTool, schema
from plugins.tools import Permissions

DECLARED = "vouch"
"""The attribute, of a function or its module, that declares {"hosts": [...], "folders": [...]}."""

Offered = tuple[Schema, Callable[..., object]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a plugin offers, and what it asks for."""

    tools: tuple[Offered, ...]
    declared: Permissions


def entry(value: str) -> Loaded:
    """Load what the value of an entry point, "module:attribute", names: a function, a LangChain
    tool, or a list or tuple of these. Raises what the import raises, and `UnfitTool`."""
    module_name, _, path = value.partition(":")
    module = importlib.import_module(module_name)
    found: Any = module
    for part in filter(None, path.split(".")):
        found = getattr(found, part)
    given = list(found) if isinstance(found, list | tuple) else [found]
    return _loaded(given, module)


def file(path: str) -> Loaded:
    """Load the public functions with a docstring, and the LangChain tools, of a Python file."""
    place = Path(path)
    spec = importlib.util.spec_from_file_location(place.stem, place)
    if spec is None or spec.loader is None:
        raise UnfitTool(f"{place.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[place.stem] = module
    sys.path.insert(0, str(place.parent))
    spec.loader.exec_module(module)
    given = list(_public(module))
    if not given:
        raise UnfitTool(f"{place.name} has no public function with a docstring")
    return _loaded(given, module)


def own(job: dict[str, Any]) -> list[str]:
    """Return the folders and files that belong to a plugin itself."""
    if job["kind"] == "file":
        return [str(Path(job["value"]).parent)]
    spec = importlib.util.find_spec(job["value"].partition(":")[0].partition(".")[0])
    if spec is None:
        return []
    return [*(spec.submodule_search_locations or ()), *([spec.origin] if spec.origin else [])]


def _public(module: ModuleType) -> Iterator[object]:
    for name, value in vars(module).items():
        if name.startswith("_"):
            continue
        mine = inspect.isfunction(value) and value.__module__ == module.__name__
        if (mine and inspect.getdoc(value)) or _langchain(value):
            yield value


def _loaded(given: list[object], module: ModuleType) -> Loaded:
    declared = _declared(module)
    tools = []
    for one in given:
        declared |= _declared(one)
        tools.append(_offered(one))
    return Loaded(tuple(tools), declared)


def _declared(thing: object) -> Permissions:
    given = getattr(thing, DECLARED, None)
    if given is None or isinstance(given, ModuleType):
        return Permissions()
    try:
        asked = Permissions.read(given)
    except ValueError as error:
        raise UnfitTool(f"what {thing!r} declares cannot be read: {error}") from error
    folders = (str(Path(folder).expanduser().absolute()) for folder in asked.folders)
    return Permissions(asked.hosts, frozenset(folders))


def _offered(one: object) -> Offered:
    if _langchain(one):
        return _of_langchain(one)
    if not callable(one):
        raise UnfitTool(f"{one!r} is no function")
    return schema(one), one


def _langchain(thing: object) -> bool:
    """Tell whether it is a LangChain tool; if LangChain is not loaded, nothing can be one."""
    tools = sys.modules.get("langchain_core.tools")
    return tools is not None and isinstance(thing, tools.BaseTool)


def _of_langchain(tool: Any) -> Offered:
    """Return schema and function of a LangChain tool (langchain_core.tools.BaseTool)."""
    given = tool.tool_call_schema
    parameters = given if isinstance(given, dict) else given.model_json_schema()
    told = {
        "name": tool.name,
        "description": noted(tool.description),
        "parameters": fitted(parameters),
    }
    return told, lambda **values: _content(tool.invoke(values))


def _content(given: object) -> object:
    """Return what a tool gave; of a message its content."""
    return getattr(given, "content", given)
