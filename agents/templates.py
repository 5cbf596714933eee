"""Prompt templates: files with a version in their name, whose variables are strict."""

import string
from functools import cache
from importlib.resources import files


@cache
def _source(name: str) -> string.Template:
    return string.Template(files("agents").joinpath("prompts", f"{name}.md").read_text("utf-8"))


def fill(name: str, **values: object) -> str:
    """Fill the template `agents/prompts/<name>.md`, name as in "browse.v1".

    Every variable must be given and every value used: `KeyError` names the one that is not.
    """
    template = _source(name)
    unused = set(values) - set(template.get_identifiers())
    if unused:
        raise KeyError(f"template {name} has no variable {sorted(unused)[0]!r}")
    return template.substitute({key: str(value) for key, value in values.items()}).strip("\n")
