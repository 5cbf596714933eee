"""What a search of the web tells beside its results: words kept back, and engines without any."""

from collections.abc import Iterable

from agents.looking import KEPT_BACK
from ui.escape import one_line


def words_kept(notes: Iterable[str]) -> str:
    """Return the words that were kept from the engines, with commas; empty for none."""
    held = (note.removeprefix(KEPT_BACK) for note in notes if note.startswith(KEPT_BACK))
    return one_line(", ".join(dict.fromkeys(held)), 200)


def engines_said(notes: Iterable[str]) -> list[str]:
    """Return what is told of each engine, without a full stop, to stand in a list."""
    return [one_line(note, 140).rstrip(".") for note in notes if not note.startswith(KEPT_BACK)]
