"""Which documents a search may find: of some collections, some files or folders, some tags."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrieval.errors import UserError
from retrieval.shelf import Holding

_CLOSE = 0.5


@dataclass(frozen=True, slots=True)
class Scope:
    """Collections by name, sources as a file or as a folder with all below it, and tags.

    None of a kind means every one of it, several mean any of them; all three kinds must hold.
    """

    collections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.collections or self.sources or self.tags)

    def holds(self, holding: Holding) -> bool:
        """Say whether a document may be found."""
        if self.collections and holding.collection not in self.collections:
            return False
        if self.tags and not set(self.tags) & set(holding.tags):
            return False
        return not self.sources or any(_in(holding, wanted) for wanted in self.sources)

    def check(self, holdings: Sequence[Holding]) -> None:
        """Raise `UserError` for a collection, source or tag that holds nothing; it names the
        nearest."""
        names = {holding.collection for holding in holdings}
        for name in self.collections:
            if name not in names:
                raise _unknown(f"there is no collection {name!r}", name, names)
        inside = [h for h in holdings if not self.collections or h.collection in self.collections]
        where = f" in {' and '.join(self.collections)}" if self.collections else ""
        for source in self.sources:
            if not any(_in(holding, source) for holding in inside):
                known = {name for holding in inside for name in holding.sources}
                raise _unknown(f"no document comes from {source!r}{where}", source, known)
        for tag in self.tags:
            given = {name for holding in inside for name in holding.tags}
            if tag not in given:
                raise _unknown(f"no document has the tag {tag!r}{where}", tag, given)


def _in(holding: Holding, wanted: str) -> bool:
    return any(below(source, wanted) for source in holding.sources)


def below(source: str, wanted: str) -> bool:
    """Say whether a source is the wanted file, or lies in the wanted folder."""
    if not wanted or source == wanted:
        return bool(wanted)
    folder = wanted.rstrip("/\\")
    return source.startswith(folder) and source[len(folder) :].startswith(("/", "\\"))


def _unknown(what: str, name: str, known: Iterable[str]) -> UserError:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=_CLOSE)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return UserError(what, cure=f"{hint}see what there is with: vouch library")
