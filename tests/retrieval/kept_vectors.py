"""A plain model of a store of vectors: a dict of what must be found, and the folders written."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from retrieval.keys import Editions, Keys, among, keys, rising
from retrieval.vectors.exact import Vectors
from retrieval.vectors.store import VectorStore, write
from retrieval.vectors.write import SIZES, Block, Sizes

DIMENSION = 24
SMALL = Sizes(lists=1_500, rest=400, merged=64, dead=4)
TOPICS = np.random.default_rng(7).standard_normal((40, DIMENSION))


def drawn(count: int, seed: int) -> Vectors:
    """Return unit vectors that lie around topics, as those of texts do."""
    random = np.random.default_rng(seed)
    around = TOPICS[random.integers(len(TOPICS), size=count)]
    vectors = around + 0.8 * random.standard_normal((count, DIMENSION))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def share(found: Keys, wanted: Keys) -> float:
    """Return how much of what was wanted is among what was found, line by line."""
    pairs = zip(found.tolist(), wanted.tolist(), strict=True)
    return float(np.mean([len({*some} & {*line}) / len(line) for some, line in pairs]))


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


class KeptVectors:
    """What a store must hold; each change writes the next folder below `root`."""

    def __init__(self, root: Path, sizes: Sizes = SIZES) -> None:
        self.root, self.sizes = root, sizes
        self.held: dict[int, Vectors] = {}
        self.folders: list[Path] = []
        self.edition = 0
        self.whole = 0

    def add(self, sizes: Sequence[int], drop: Sequence[int] = ()) -> VectorStore:
        """Add a document of each size under the next edition, and drop editions."""
        blocks = []
        for size in sizes:
            self.edition += 1
            blocks.append((keys(self.edition, size), drawn(size, self.edition)))
        return self.write(blocks, drop)

    def write(self, blocks: Sequence[Block], drop: Sequence[int] = ()) -> VectorStore:
        """Write the next folder and open it."""
        gone = rising(drop)
        for numbers, vectors in blocks:
            self.held |= {k: v for k, v in zip(numbers.tolist(), vectors, strict=True) if v.any()}
        self.held = {key: vector for key, vector in self.held.items() if key >> 20 not in gone}
        folder = self.root / str(len(self.folders) + 1)
        write(
            folder,
            before=self.folders[-1] if self.folders else None,
            added=iter(blocks),
            dropped=gone,
            everything=self._everything,
            dimension=DIMENSION,
            sizes=self.sizes,
        )
        self.folders.append(folder)
        return VectorStore.open(folder)

    def best(
        self, queries: Vectors, k: int, inside: Editions | None = None
    ) -> tuple[Vectors, Keys]:
        """Compare every vector, in double precision: the reference of all kinds."""
        every = np.array(sorted(self.held), np.int64)
        allowed = every if inside is None else every[among(every, inside)]
        rows = [self.held[key] for key in allowed.tolist()]
        matrix = np.array(rows, np.float64).reshape(len(rows), DIMENSION)
        scores = np.round(queries.astype(np.float64) @ matrix.T, 6)
        order = np.lexsort((np.broadcast_to(allowed, scores.shape), -scores), axis=-1)[:, :k]
        return np.take_along_axis(scores, order, -1).astype(np.float32), allowed[order]

    def _everything(self) -> Iterator[Block]:
        self.whole += 1
        for start in range(0, len(self.held), 100):
            some = list(self.held)[start : start + 100]
            yield np.array(some, np.int64), np.array([self.held[key] for key in some])
