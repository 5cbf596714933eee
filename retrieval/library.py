"""The library: takes in files, keeps them on a shelf, and searches them by words and by meaning."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from retrieval.documents import Document, Hit, Passage
from retrieval.embed import Embedder
from retrieval.errors import UserError
from retrieval.export import exported
from retrieval.generations import Snapshot
from retrieval.index import Index
from retrieval.inspection import Fault, faults
from retrieval.intake import Intake
from retrieval.keys import Editions, rising
from retrieval.ledger import Ledger, gone_from
from retrieval.parsing import DirectParser, Parsing
from retrieval.progress import Indexed, Progress
from retrieval.ranking import Ranked, rank
from retrieval.rerank import Reranker
from retrieval.scope import Scope, below
from retrieval.shelf import Holding, Shelf
from retrieval.split import SIZE
from retrieval.walk import survey

CLEARED = 20_000
"""In a library of at most so many passages a removal writes the search files anew, so that no word
of what was removed is left in them; in a larger one that waits until much has gone, or a repair."""

_TRIES = 10
"""So often a search begins anew because the generation that it reads was swept away."""


@dataclass(frozen=True, slots=True)
class LibraryState:
    """What a library holds, and how it is searched.

    `bytes` are those of its search files on the disk and `memory` those of its vectors in memory;
    `recall` is the share of the ten nearest passages that the index finds, measured on the
    library's own vectors, None where it is exact or not open. `generation` and `dimension` are 0
    before there are any search files.
    """

    documents: int
    passages: int
    collections: tuple[str, ...]
    tags: tuple[str, ...]
    embedder: str
    splitter: str
    dimension: int
    index: str
    recall: float | None
    memory: int
    generation: int
    bytes: int


class Library:
    """Documents on a shelf, and the search files derived from them in `folder`.

    Every call may come from any thread. A search sees one generation of the search files from
    beginning to end, also while documents are added; writers take turns, and one process at a time
    writes. Search files that are missing, damaged or older than the shelf are made again from the
    vectors on the shelf.
    """

    def __init__(
        self,
        shelf: Shelf,
        embedder: Embedder,
        folder: Path,
        *,
        parsing: Parsing | None = None,
        reranker: Reranker | None = None,
        size: int = SIZE,
        depth: int = 50,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], int] = time.time_ns,
    ) -> None:
        """`parsing` reads files (by default in this process), `reranker` orders the best hits of a
        search once more, `size` is the characters of a
        passage at most, `depth` how many passages of each ranking are fused; `clock` gives seconds
        and `now` the time of day in nanoseconds."""
        self._shelf = shelf
        self._embedder = embedder
        self._reranker = reranker
        self._size = size
        self._depth = depth
        self._clock = clock
        self._now = now
        self._intake = Intake(shelf, embedder, parsing or DirectParser(), size)
        self._index = Index(shelf, embedder, folder, f"{size} characters")
        self._writing = threading.Lock()

    @property
    def embedder(self) -> Embedder:
        """What encodes passages and questions."""
        return self._embedder

    @property
    def most(self) -> float:
        """The score of a hit that is first in everything, and is judged a perfect match."""
        return 1.0 + (self._reranker.weight if self._reranker else 0.0)

    def add(
        self,
        paths: Iterable[str | Path],
        collection: str = "default",
        *,
        tags: Iterable[str] = (),
        reread: bool = False,
        besides: Path | None = None,
    ) -> Iterator[Progress]:
        """Bring a collection up to files and folders, telling of each file as it is dealt with.

        Only what has changed is read, and what is gone from a folder is taken out; a file whose
        size and time are as they were is not opened, unless `reread`. The folder `besides` is left
        out where it lies in another one. Raises `UserError` for a path that does not exist, before
        anything is read.
        """
        wanted = list(paths)
        found = survey(wanted, besides=besides)
        with self._writing, self._index.writing():
            self._check_making()
            held = self._shelf.places(collection)
            gone = gone_from(found, wanted, held)
            ledger = Ledger(
                collection,
                found.files,
                gone,
                held,
                self._now(),
                tuple(tags),
                reread,
                closed=found.unreadable,
                outward=found.outward,
            )
            yield from self._indexing(self._intake.files(ledger))

    def put(self, documents: Sequence[Document], tags: Iterable[str] = ()) -> list[str]:
        """Keep texts that come from no file, each under its source and in its collection.

        Returns their ids. What a source held before is replaced.
        """
        with self._writing, self._index.writing():
            self._check_making()
            for _ in self._indexing(self._intake.documents(documents, tuple(tags))):
                pass
        return [document.id for document in documents]

    def reindex(self) -> Iterator[Progress]:
        """Split and embed every document as this library would now, and write new search files.

        What is so already is left; so a call that was broken off is gone on with.
        """
        with self._writing, self._index.writing():
            holdings = self._shelf.catalogue().holdings
            yield from self._indexing(self._intake.again(holdings), fresh=True, cut=True)

    def faults(self) -> Iterator[Fault]:
        """Yield all that is wrong with what is kept. Reads everything and changes nothing."""
        return faults(self._shelf, self._index, self._embedder.id)

    def repair(self) -> Iterator[Progress]:
        """Cut and embed anew what is damaged, from the text or else from its file, and write new
        search files; what can be had from neither is told of as `Failed`."""
        with self._writing, self._index.writing():
            wrong = {(fault.collection, fault.source) for fault in self.faults()}
            holdings = self._shelf.catalogue().holdings
            bad = [h for h in holdings if (h.collection, h.source) in wrong]
            yield from self._indexing(self._intake.mend(bad), fresh=True)

    def export(self, collection: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield all documents, or those of a collection, as `retrieval.export.exported` does."""
        return exported(self._shelf, collection)

    def remove(self, source: str, collection: str = "default") -> int:
        """Take a file, or all of a folder, out of a collection; return how many sources."""
        places = self._shelf.places(collection)
        return self.drop([place for place in places if below(place, source)], collection)

    def drop(self, sources: Iterable[str], collection: str = "default") -> int:
        """Take sources out of a collection, each by its own name; return how many there were."""
        with self._writing, self._index.writing():
            dropped = self._shelf.drop(collection, list(sources))
            if dropped or self._index.behind:
                passages = self._shelf.catalogue().passages
                self._index.build(fresh=passages <= CLEARED)
            return dropped

    def tag(
        self, source: str, collection: str, add: Iterable[str] = (), drop: Iterable[str] = ()
    ) -> int:
        """Give tags to a file, or to all of a folder, or take them; return to how many sources."""
        with self._writing, self._index.writing():
            found = [s for p, s in self._shelf.places(collection).items() if below(p, source)]
            for standing in found:
                tags = tuple(sorted({*standing.place.tags, *add} - {*drop}))
                self._shelf.place(replace(standing.place, tags=tags), standing.document)
            self._index.relist()
            return len(found)

    def ready(
        self,
        collections: Iterable[str] = (),
        sources: Iterable[str] = (),
        tags: Iterable[str] = (),
    ) -> None:
        """Open the search files, building them anew if need be.

        Raises `UserError` for an empty library, for vectors of another embedder, and for a
        collection, source or tag that nothing is held of.
        """
        self._inside(self._filled(), Scope(tuple(collections), tuple(sources), tuple(tags)))

    def holdings(self) -> list[Holding]:
        """Return the catalogue, in the order in which documents came."""
        return list(self._shelf.catalogue().holdings)

    def known(self) -> Sequence[Holding]:
        """Return the catalogue that a search sees, which is at hand; raises as a search does."""
        return self._filled().catalogue.holdings

    def open(self, document: str) -> Document | None:
        """Return a document by its id."""
        return self._shelf.document(document)

    def around(self, passage: Passage, before: int = 1, after: int = 1) -> list[Passage]:
        """Return the passages of a document next to one of its own, and that one, in order."""
        cut = self._shelf.cut(passage.document)
        at = next((i for i, one in enumerate(cut) if one.start == passage.start), None)
        return [] if at is None else cut[max(0, at - before) : at + after + 1]

    def search(
        self,
        query: str,
        k: int = 10,
        collections: Iterable[str] = (),
        sources: Iterable[str] = (),
        tags: Iterable[str] = (),
    ) -> list[Hit]:
        """Return at most `k` passages, best first, found by meaning ("dense"), words ("lexical")
        or both, of the given collections, of the given files or folders, with one of the tags.

        None of a kind means every one. What lies outside takes no place in either ranking. Raises
        `UserError` as `ready` does.
        """
        scope = Scope(tuple(collections), tuple(sources), tuple(tags))
        snapshot = self._filled()
        for _ in range(_TRIES):
            ranked = self._ranked(snapshot, query, k, scope)
            if not ranked.missing:
                return ranked.hits
            # What a search names was replaced and swept away while it ran: once more, in the new.
            snapshot = self._index.again(snapshot)
        raise UserError("the library changes faster than it can be searched", cure="search again")

    def state(self) -> LibraryState:
        """Return what is held. Builds nothing, and does not mind damaged search files."""
        catalogue = self._shelf.catalogue()
        manifest, snapshot = self._index.manifest(), self._index.snapshot
        holdings = catalogue.holdings
        return LibraryState(
            documents=len(holdings),
            passages=catalogue.passages,
            collections=tuple(sorted({holding.collection for holding in holdings})),
            tags=tuple(sorted({tag for holding in holdings for tag in holding.tags})),
            embedder=manifest.embedder if manifest else self._embedder.id,
            splitter=manifest.splitter if manifest else "",
            dimension=manifest.dimension if manifest else 0,
            index=snapshot.vectors.kind if snapshot else "not open",
            recall=snapshot.vectors.recall if snapshot else None,
            memory=snapshot.vectors.memory if snapshot else 0,
            generation=manifest.number if manifest else 0,
            bytes=self._index.bytes(),
        )

    def _check_making(self) -> None:
        """Raise `UserError` if what is held was embedded or cut in another way."""
        if not self._shelf.version():
            return
        snapshot = self._index.current()
        splitter = snapshot.manifest.splitter
        if len(snapshot.editions) and splitter != self._index.splitter:
            raise UserError(
                f"the library is cut into passages of {splitter}, and the setting says"
                f" {self._index.splitter}",
                origin="library.passage_characters",
                cure="cut it anew with `vouch library reindex`, or set it back",
            )

    def _indexing(
        self, steps: Iterator[Progress], fresh: bool = False, cut: bool = False
    ) -> Iterator[Progress]:
        """Pass the steps on, then index what is kept: also if they are broken off. `cut`: all is
        cut anew when they have come to their end."""
        began, version, whole = self._clock(), self._shelf.version(), False
        try:
            yield from steps
            whole = True
        finally:
            if (fresh and whole) or self._shelf.version() != version or self._index.behind:
                with suppress(*() if whole else (UserError,)):
                    self._index.build(fresh=fresh and whole, cut=cut and whole)
            else:
                self._index.relist()
        catalogue = self._shelf.catalogue()
        seconds = self._clock() - began
        yield Indexed(len(catalogue.holdings), catalogue.passages, seconds)

    def _filled(self) -> Snapshot:
        snapshot = self._index.current()
        if not snapshot.catalogue.passages:
            raise UserError("the library is empty", cure="add documents with `vouch add PATH`")
        return snapshot

    def _inside(self, snapshot: Snapshot, scope: Scope) -> Editions | None:
        """Return the editions in the scope; None where there is no scope."""
        if not scope:
            return None
        holdings = snapshot.catalogue.holdings
        if snapshot.manifest.version != snapshot.catalogue.version:
            raise UserError(
                "another process writes to the library, so that it can be searched only as a whole",
                cure="wait until it has ended",
            )
        scope.check(holdings)
        return rising(holding.edition for holding in holdings if scope.holds(holding))

    def _ranked(self, snapshot: Snapshot, query: str, k: int, scope: Scope) -> Ranked:
        inside = self._inside(snapshot, scope)
        depth = max(self._depth, k)
        dense = self._dense(snapshot, query, depth, inside)
        lexical = dict(snapshot.words.search(query, depth, inside))
        return rank(query, dense, lexical, self._shelf.passages, k, self._reranker)

    def _dense(
        self, snapshot: Snapshot, query: str, depth: int, inside: Editions | None
    ) -> dict[int, float]:
        """Return the cosine of each of the nearest passages, best first."""
        if not query.strip() or not self._embedder.reads(query):
            return {}
        vectors = self._embedder.encode([query], query=True)
        scores, found = snapshot.vectors.search(vectors, depth, inside)
        return dict(zip(found[0].tolist(), scores[0].tolist(), strict=True))
