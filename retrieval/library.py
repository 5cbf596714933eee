"""The library: takes in files, keeps them on a shelf, and searches them by words and by meaning."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.documents import Document, Hit, Passage
from retrieval.embed import Embedder
from retrieval.errors import UserError
from retrieval.fuse import Fused, fuse
from retrieval.generations import Generations, Snapshot, Torn
from retrieval.intake import Intake
from retrieval.progress import Indexed, Progress
from retrieval.scope import Scope
from retrieval.shelf import Holding, Shelf, Vectors
from retrieval.split import SIZE
from retrieval.vectors.index import Kind
from retrieval.walk import files


@dataclass(frozen=True, slots=True)
class LibraryState:
    """What a library holds.

    `bytes` are those of its search files; `generation` and `dimension` are 0 before there are any.
    """

    documents: int
    passages: int
    collections: tuple[str, ...]
    embedder: str
    dimension: int
    index: str
    generation: int
    bytes: int


class Library:
    """Documents on a shelf, and the search files derived from them in `folder`.

    Every call may come from any thread. A search sees one generation of the search files from
    beginning to end, also while documents are added; writers take turns. Search files that are
    missing, damaged or older than the shelf are built again from the vectors on the shelf.
    """

    def __init__(
        self,
        shelf: Shelf,
        embedder: Embedder,
        folder: Path,
        *,
        index: Kind = "faiss",
        size: int = SIZE,
        depth: int = 50,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`index` names the vector back end, `size` the characters of a passage at most, `depth`
        how many passages of each ranking are fused."""
        self._shelf = shelf
        self._embedder = embedder
        self._folder = folder
        self._generations = Generations(folder)
        self._index = index
        self._depth = depth
        self._clock = clock
        self._intake = Intake(shelf, embedder, size)
        self._writing = threading.Lock()
        self._swapping = threading.RLock()
        self._snapshot: Snapshot | None = None

    def add(self, paths: Iterable[str | Path], collection: str = "default") -> Iterator[Progress]:
        """Read files and folders into the library, telling of each file as it is dealt with.

        Raises `UserError` for a path that does not exist, before anything is read.
        """
        found = files(paths)
        with self._writing:
            if self._shelf.holdings():
                self._opened()
            yield from self._indexing(self._intake.add(found, collection))

    def reindex(self) -> Iterator[Progress]:
        """Split and embed every document again with the embedder of this library."""
        with self._writing:
            yield from self._indexing(self._intake.again())

    def remove(self, source: str, collection: str = "default") -> bool:
        """Take a document out of the shelf and the search files; False if there is none."""
        with self._writing:
            dropped = self._shelf.drop(source, collection)
            if dropped:
                self._build()
            return dropped

    def ready(self, collections: Iterable[str] = (), sources: Iterable[str] = ()) -> None:
        """Open the search files, building them anew if need be.

        Raises `UserError` for an empty library, for vectors of another embedder, and for a
        collection or source that nothing is held of.
        """
        self._filled()
        self._shelved(Scope(tuple(collections), tuple(sources)))

    def holdings(self) -> list[Holding]:
        """Return the catalogue, in the order in which documents were added."""
        return self._shelf.holdings()

    def open(self, document: str) -> Document | None:
        """Return a document by its id."""
        return self._shelf.document(document)

    def search(
        self,
        query: str,
        k: int = 10,
        collections: Iterable[str] = (),
        sources: Iterable[str] = (),
    ) -> list[Hit]:
        """Return at most `k` passages, best first, found by meaning ("dense"), words ("lexical")
        or both, of the given collections and of the given files or folders alone.

        No collection means every one, and so does no source. What lies outside takes no place in
        either ranking. Raises `UserError` as `ready` does.
        """
        snapshot = self._filled()
        inside = self._shelved(Scope(tuple(collections), tuple(sources)))
        depth = max(self._depth, k)
        cosines = self._dense(snapshot, query, depth, inside)
        lexical = [row for row, _ in snapshot.words.search(query, depth, inside)]
        ranking = fuse({"dense": list(cosines), "lexical": lexical})
        return [_hit(snapshot, item, rank, cosines) for rank, item in enumerate(ranking[:k], 1)]

    def state(self) -> LibraryState:
        """Return what is held. Builds nothing, and does not mind damaged search files."""
        holdings = self._shelf.holdings()
        try:
            manifest = self._generations.manifest()
        except Torn:
            manifest = None
        return LibraryState(
            documents=len(holdings),
            passages=sum(holding.passages for holding in holdings),
            collections=tuple(sorted({holding.collection for holding in holdings})),
            embedder=manifest.embedder if manifest else self._embedder.id,
            dimension=manifest.dimension if manifest else 0,
            index=self._snapshot.vectors.kind if self._snapshot else self._index,
            generation=manifest.number if manifest else 0,
            bytes=self._generations.bytes(),
        )

    def _indexing(self, steps: Iterator[Progress]) -> Iterator[Progress]:
        """Pass the steps on, then index what is kept: also if they are broken off."""
        began, version, whole = self._clock(), self._shelf.version(), False
        try:
            yield from steps
            whole = True
        finally:
            if self._shelf.version() != version:
                with suppress(*() if whole else (UserError,)):
                    self._build()
        holdings = self._shelf.holdings()
        passages = sum(holding.passages for holding in holdings)
        yield Indexed(len(holdings), passages, self._clock() - began)

    def _shelved(self, scope: Scope) -> frozenset[str] | None:
        """Return the documents in the scope; None where there is no scope."""
        if not scope:
            return None
        holdings = self._shelf.holdings()
        scope.check(holdings)
        return scope.documents(holdings)

    def _dense(
        self, snapshot: Snapshot, query: str, depth: int, inside: frozenset[str] | None
    ) -> dict[int, float]:
        """Return the cosine of each of the nearest rows, best first."""
        if not query.strip() or not self._embedder.reads(query):
            return {}
        vectors = self._embedder.encode([query], query=True)
        scores, rows = snapshot.vectors.search(vectors, depth, snapshot.rows(inside))
        return dict(zip(rows[0].tolist(), scores[0].tolist(), strict=True))

    def _filled(self) -> Snapshot:
        snapshot = self._snapshot or self._opened()
        if not snapshot.passages:
            raise UserError("the library is empty", cure="add documents with `vouch add PATH`")
        return snapshot

    def _opened(self) -> Snapshot:
        """Return the generation in force, or one built anew if that cannot be served."""
        with self._swapping:
            if self._snapshot is None:
                try:
                    snapshot = self._generations.open()
                except Torn:
                    return self._build()
                if snapshot.manifest.version != self._shelf.version():
                    return self._build()
                if snapshot.manifest.embedder != self._embedder.id:
                    raise self._strange(snapshot.manifest.embedder)
                self._snapshot = snapshot
            return self._snapshot

    def _build(self) -> Snapshot:
        """Write a generation from the vectors on the shelf, and put it in force.

        Searches go on in the old one meanwhile.
        """
        with self._swapping:
            version = self._shelf.version()
            passages, vectors = self._stock()
            try:
                self._generations.write(
                    passages,
                    vectors,
                    embedder=self._embedder.id,
                    index=self._index,
                    version=version,
                )
                self._snapshot = self._generations.open()
            except Torn as error:
                raise UserError(
                    f"the search files in {str(self._folder)!r} do not stay as written: {error}",
                    cure="check the disk",
                ) from error
            return self._snapshot

    def _stock(self) -> tuple[list[Passage], Vectors]:
        """Return every passage of the shelf and its vector, shape (passages, dimension)."""
        passages: list[Passage] = []
        vectors: list[Vectors] = []
        for passage, vector in self._shelf.stock(self._embedder.id):
            if vector is None:
                raise self._strange("another embedder")
            passages.append(passage)
            vectors.append(vector)
        dimension = len(vectors[0]) if vectors else self._embedder.dimension
        return passages, np.array(vectors, np.float32).reshape(len(vectors), dimension)

    def _strange(self, embedder: str) -> UserError:
        return UserError(
            f"the library was embedded by {embedder}, and the embedder is {self._embedder.id}",
            cure="embed it again with `vouch library reindex`, or set the embedder back",
        )


def _hit(snapshot: Snapshot, item: Fused, rank: int, cosines: dict[int, float]) -> Hit:
    passage = snapshot.passages[item.row]
    return Hit(passage, item.score, rank, item.found_by, cosines.get(item.row))
