"""Copying from quotes: a grammar of the runs of their words, and finding such a run again."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WORD = re.compile(
    r"[$£€¥]?\d[\d.,]*\d[%°]?|[$£€¥]?\d[%°]?"
    r"|[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff]"
    r"|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"(?:[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|['’.&-](?=\w))*"
    r"|\w"
)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Copy:
    """A run of words of one text: `texts[index][start:end]`, spaces made single."""

    index: int
    start: int
    end: int
    text: str


def copy_grammar(texts: Sequence[str]) -> str:
    """Return a GBNF grammar for the runs of words of any one text, as they are written.

    One rule a word: the run ends after it, or goes on with the gap and the next word.

    """
    rules = [copy_rules(text, f"w{index}") for index, text in enumerate(texts)]
    names = [f"w{index}" for index, made in enumerate(rules) if made]
    return "\n".join([f"root ::= {' | '.join(names)}", *(rule for made in rules for rule in made)])


def copy_rules(text: str, name: str) -> list[str]:
    """Return the GBNF rules, the first one called `name`, for the runs of words of a text; none
    for a text without a word."""
    flat = _flat(text)
    found = list(WORD.finditer(flat))
    rules: list[str] = []
    for place, word in enumerate(found):
        after = found[place + 1] if place + 1 < len(found) else None
        going = ""
        if after is not None:
            gap = flat[word.end() : after.start()]
            going = f" ({_quoted(gap) + ' ' if gap else ''}{name}x{place + 1})?"
        rules.append(f"{name}x{place} ::= {_quoted(word[0])}{going}")
    starts = " | ".join(f"{name}x{place}" for place in range(len(found)))
    return [f"{name} ::= {starts}", *rules] if found else []


def choice_grammar(choices: Sequence[str]) -> str:
    """Return a GBNF grammar of exactly these replies."""
    return "root ::= " + " | ".join(_quoted(_flat(choice)) for choice in choices)


def locate(reply: str, texts: Sequence[str]) -> Copy | None:
    """Find a reply as a run of whole words in the first text that holds it; None if none does.

    Case, white space and the punctuation around it do not matter; the copy is as the text has it.
    """
    wanted = [word[0].casefold() for word in WORD.finditer(reply)]
    if not wanted:
        return None
    return next(_places(wanted, texts), None)


def _places(wanted: list[str], texts: Sequence[str]) -> Iterator[Copy]:
    for index, text in enumerate(texts):
        found = list(WORD.finditer(text))
        flat = [word[0].casefold() for word in found]
        for place in range(len(found) - len(wanted) + 1):
            if flat[place : place + len(wanted)] == wanted:
                start, end = found[place].start(), found[place + len(wanted) - 1].end()
                yield Copy(index, start, end, _flat(text[start:end]))


def _flat(text: str) -> str:
    return _SPACES.sub(" ", text)


def _quoted(text: str) -> str:
    """A GBNF literal: JSON's escapes serve, but characters beyond ASCII stand as they are."""
    return json.dumps(text, ensure_ascii=False)
