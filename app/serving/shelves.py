"""The library, as calls."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agents.models.base import Cancel
from app.calls import CallSpec, Items, Params
from app.serving.fitting import fitting
from app.serving.params import names, number
from app.serving.records import PIECE
from retrieval.errors import UserError
from retrieval.progress import Progress
from retrieval.scope import below

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
            "tag": CallSpec(self.tag),
            "reindex": CallSpec(self.reindex),
            "library": CallSpec(self.library),
            "library.verify": CallSpec(self.verify),
            "library.repair": CallSpec(self.repair),
            "library.export": CallSpec(self.export),
            "collections": CallSpec(self.collections),
            "collection.set": CallSpec(self.set),
            "search": CallSpec(self.search),
        }

    def add(self, params: Params, cancel: Cancel) -> Items:
        """Bring {collection?} up to {paths}, giving {tags?}; yields the progress of each file.

        With {reread?} files are read also where their size and time say that nothing has changed.
        """
        collection = named(str(params.get("collection") or DEFAULT), "a collection")
        tags = [named(tag, "a tag") for tag in names(params, "tags")]
        paths = [str(path) for path in params["paths"]]
        # What we write in our own home is no document.
        home = self._house.settings.home
        reread = bool(params.get("reread"))
        steps = self._house.library.add(paths, collection, tags=tags, reread=reread, besides=home)
        return (yield from _told(steps, cancel))

    def remove(self, params: Params, cancel: Cancel) -> Items:
        """Remove {source}, a file or a folder, from {collection?}, which need be named only if
        several hold it; returns how many {sources} that was."""
        source = str(params["source"])
        yield from ()
        collection = self._home(source, params.get("collection"))
        sources = self._house.library.remove(source, collection)
        if not sources:
            raise self._missing(source, params.get("collection"))
        return {"source": source, "collection": collection, "sources": sources}

    def tag(self, params: Params, cancel: Cancel) -> Items:
        """Give {source}, a file or a folder, the tags {add?} and take {drop?}; {collection?} as
        for remove. Returns how many {sources} that was."""
        source = str(params["source"])
        yield from ()
        collection = self._home(source, params.get("collection"))
        add = [named(tag, "a tag") for tag in names(params, "add")]
        changed = self._house.library.tag(source, collection, add, names(params, "drop"))
        if not changed:
            raise self._missing(source, params.get("collection"))
        return {"source": source, "collection": collection, "sources": changed}

    def _home(self, source: str, wanted: Any) -> str:
        """Return the collection that is meant where a source is named."""
        if wanted is not None:
            return str(wanted)
        held = sorted(
            {
                holding.collection
                for holding in self._house.library.holdings()
                if any(below(name, source) for name in holding.sources)
            }
        )
        if len(held) > 1:
            raise UserError(
                f"{source} is in several collections: {', '.join(held)}", cure="name one of them"
            )
        return held[0] if held else DEFAULT

    def _missing(self, source: str, collection: Any) -> UserError:
        where = f" in the collection {collection}" if collection else ""
        return UserError(f"the library holds no {source}{where}", cure="see vouch library")

    def reindex(self, params: Params, cancel: Cancel) -> Items:
        return (yield from _told(self._house.library.reindex(), cancel))

    def library(self, params: Params, cancel: Cancel) -> Items:
        """Return the state with its {documents}; of a large library, those that do not fit into
        one line come before, as items {documents}: see `gathered`."""
        library = self._house.library
        # Kind and recall of the index are told by the one that is open; what forbids that is told
        # by the first search.
        with suppress(UserError):
            library.ready()
        holdings = [asdict(holding) for holding in library.holdings()]
        documents, more = fitting(holdings)
        done = len(documents)
        while more:
            part, more = fitting(holdings[done:])
            done += len(part)
            yield {"documents": part}
        return {**asdict(library.state()), "documents": documents}

    def verify(self, params: Params, cancel: Cancel) -> Items:
        """Compare all that is kept with itself; yields a {fault} for each thing that is wrong."""
        faults = 0
        for fault in self._house.library.faults():
            faults += 1
            yield asdict(fault)
            if cancel.is_set():
                break
        return {"faults": faults}

    def repair(self, params: Params, cancel: Cancel) -> Items:
        """Make anew what is wrong: cut and embed documents again, write the search files."""
        return (yield from _told(self._house.library.repair(), cancel))

    def export(self, params: Params, cancel: Cancel) -> Items:
        """Yield all documents, of {collection?} if one is named, each with text and passages, as
        JSON lines in {piece}s: a long one fits into no line of the wire."""
        wanted = params.get("collection")
        exported = 0
        for document in self._house.library.export(None if wanted is None else str(wanted)):
            exported += 1
            text = json.dumps(document, ensure_ascii=False) + "\n"
            for begin in range(0, len(text), PIECE):
                yield {"piece": text[begin : begin + PIECE]}
            if cancel.is_set():
                break
        return {"documents": exported}

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
        """Return {hits} of {query, k?, collections?, sources?, tags?}, best first: what a run
        would see.

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
            names(params, "tags"),
        )
        homes = {holding.document: holding.collection for holding in library.known()}
        return {"hits": [_hit(hit, homes) for hit in hits]}


def named(name: str, what: str) -> str:
    """Return the name of a collection or tag; `UserError` if it cannot be one."""
    if not _NAME.fullmatch(name):
        raise UserError(
            f"{name[:80]!r} cannot name {what}",
            cure="use at most 64 characters, no space and no comma",
        )
    return name


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
