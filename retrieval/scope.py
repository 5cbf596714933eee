"""Which documents a search may find: those of some collections, those of some files or folders."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrieval.errors import UserError
from retrieval.shelf import Holding

_CLOSE = 0.5


@dataclass(frozen=True, slots=True)
class Scope:
    """Collections by name, and sources as a file or as a folder with all below it.

    None of a kind means every one of it; both kinds together must hold.
    """

    collections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.collections or self.sources)

    def holds(self, holding: Holding) -> bool:
        """Say whether a document may be found."""
        if self.collections and holding.collection not in self.collections:
            return False
        return not self.sources or any(below(holding.source, wanted) for wanted in self.sources)

    def documents(self, holdings: Iterable[Holding]) -> frozenset[str]:
        """Return the ids of the documents that may be found."""
        return frozenset(holding.document for holding in holdings if self.holds(holding))

    def check(self, holdings: Sequence[Holding]) -> None:
        """Raise `UserError` for a collection or source that holds nothing; it names the nearest."""
        names = {holding.collection for holding in holdings}
        for name in self.collections:
            if name not in names:
                raise _unknown(f"there is no collection {name!r}", name, names)
        inside = [h for h in holdings if not self.collections or h.collection in self.collections]
        for source in self.sources:
            if not any(below(holding.source, source) for holding in inside):
                where = f" in {' and '.join(self.collections)}" if self.collections else ""
                known = {holding.source for holding in inside}
                raise _unknown(f"no document comes from {source!r}{where}", source, known)


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
