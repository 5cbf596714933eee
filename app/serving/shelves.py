"""The library, as calls."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agents.models.base import Cancel
from app.calls import CallSpec, Items, Params
from app.serving.params import names, number
from retrieval.errors import UserError
from retrieval.progress import Progress

if TYPE_CHECKING:
    from app.house import House

DEFAULT = "default"
"""The collection of documents for which none was named."""

MOST = 200
"""Hits that one search gives at most."""

_NAME = re.compile(r"[^\s,\x00-\x1f\x7f]{1,64}")


class Shelves:
    """The library."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def calls(self) -> dict[str, CallSpec]:
        """Return these calls by name."""
        return {
            "add": CallSpec(self.add),
            "remove": CallSpec(self.remove),
            "reindex": CallSpec(self.reindex),
            "library": CallSpec(self.library),
            "collections": CallSpec(self.collections),
            "collection.set": CallSpec(self.set),
            "search": CallSpec(self.search),
        }

    def add(self, params: Params, cancel: Cancel) -> Items:
        """Read {paths} into {collection?}; yields the progress of each file."""
        collection = str(params.get("collection") or DEFAULT)
        if not _NAME.fullmatch(collection):
            raise UserError(
                f"{collection[:80]!r} cannot name a collection",
                cure="use at most 64 characters, no space and no comma",
            )
        paths = [str(path) for path in params["paths"]]
        return (yield from _told(self._house.library.add(paths, collection), cancel))

    def remove(self, params: Params, cancel: Cancel) -> Items:
        """Remove {source} from {collection?}, which need be named only if several hold it."""
        source = str(params["source"])
        yield from ()
        holdings = self._house.library.holdings()
        held = [one.collection for one in holdings if one.source == source]
        wanted = params.get("collection")
        if wanted is None and len(held) > 1:
            raise UserError(
                f"{source} is in several collections: {', '.join(held)}", cure="name one of them"
            )
        collection = str(wanted or (held[0] if held else DEFAULT))
        if not self._house.library.remove(source, collection):
            where = f" in the collection {collection}" if wanted else ""
            raise UserError(f"the library holds no {source}{where}", cure="see vouch library")
        return {"source": source, "collection": collection}

    def reindex(self, params: Params, cancel: Cancel) -> Items:
        return (yield from _told(self._house.library.reindex(), cancel))

    def library(self, params: Params, cancel: Cancel) -> Items:
        library = self._house.library
        yield from ()
        documents = [asdict(holding) for holding in library.holdings()]
        return {**asdict(library.state()), "documents": documents}

    def collections(self, params: Params, cancel: Cancel) -> Items:
        """Return {collections: [{name, private, documents, passages}]}, by name.

        One that is private is listed although all its documents were removed.
        """
        yield from ()
        private = self._house.collections.private()
        documents, passages = Counter[str](), Counter[str]()
        for holding in self._house.library.holdings():
            documents[holding.collection] += 1
            passages[holding.collection] += holding.passages
        counts = {
            name: {"documents": documents[name], "passages": passages[name]}
            for name in sorted({*documents, *private})
        }
        told = [{"name": name, "private": name in private, **counts[name]} for name in counts]
        return {"collections": told}

    def set(self, params: Params, cancel: Cancel) -> Items:
        """Set whether the collection {name} is {private}; it must hold a document."""
        name, private = str(params["name"]), bool(params["private"])
        yield from ()
        known = {holding.collection for holding in self._house.library.holdings()}
        if name not in known | self._house.collections.private():
            raise UserError(
                f"there is no collection {name[:80]!r}",
                cure=f"there are {', '.join(sorted(known)) or 'none yet: add documents to one'}",
            )
        self._house.collections.set_private(name, private)
        return {"name": name, "private": private}

    def search(self, params: Params, cancel: Cancel) -> Items:
        """Return {hits} of {query, k?, collections?, sources?}, best first: what a run would see.

        {document, passage, source, title, text, start, end, score, rank, found_by, cosine, page,
        heading, collection}
        """
        yield from ()
        library = self._house.library
        hits = library.search(
            str(params["query"]),
            min(max(number(params, "k", self._house.settings.library.results), 1), MOST),
            names(params, "collections"),
            names(params, "sources"),
        )
        homes = {holding.document: holding.collection for holding in library.holdings()}
        return {"hits": [_hit(hit, homes) for hit in hits]}


def _told(steps: Iterator[Progress], cancel: Cancel) -> Items:
    """Yield each step until somebody cancels; return how many files failed."""
    failed = 0
    for progress in steps:
        failed += progress.kind == "failed"
        yield asdict(progress)
        if cancel.is_set():
            break
    return {"failed": failed}


def _hit(hit: Any, homes: dict[str, str]) -> dict[str, Any]:
    passage = hit.passage
    told = asdict(passage) | {"passage": passage.id, "collection": homes.get(passage.document, "")}
    found = {"score": hit.score, "rank": hit.rank, "cosine": hit.cosine}
    return told | found | {"found_by": list(hit.found_by)}
