"""The interface's texts: one catalogue a language, a section a page."""

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

LANGUAGES = {"en": "English", "zh": "中文"}
"""The languages of the interface, each in its own name."""

Say = Callable[..., str]


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return the texts of a language by their dotted keys ("chat.ask")."""
    path = Path(__file__).parent / f"{language}.toml"
    sections = tomllib.loads(path.read_text("utf-8"))
    return {
        f"{page}.{key}": text for page, texts in sections.items() for key, text in texts.items()
    }


def speaker(language: str) -> Say:
    """Return what says a text of a language: `say("chat.waiting", place=2)`.

    A `count` of 1 takes the text of "<key>_one" where there is one.
    """
    texts = catalogue(language)

    def say(key: str, **values: object) -> str:
        one = texts.get(f"{key}_one") if values.get("count") == 1 else None
        return (one or texts[key]).format(**values)

    return say


def prefer(accepted: str) -> str:
    """Return the language for a browser's Accept-Language header; English if it wants neither."""
    for wanted in accepted.split(","):
        tag = wanted.partition(";")[0].strip().lower().partition("-")[0]
        if tag in LANGUAGES:
            return tag
    return "en"
