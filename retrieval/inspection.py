"""Compares what a library keeps with itself: texts, passages, vectors, search files."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from retrieval.index import Index
from retrieval.keys import keys
from retrieval.shelf import Holding, Shelf, Stocked, Vectors

Part = Literal["text", "passages", "vectors", "search files"]

_LENGTH = 1e-3
"""By so much the length of a vector may differ from 1."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a part of a document; with the search files where `source` is empty."""

    part: Part
    what: str
    source: str = ""
    collection: str = ""


def faults(shelf: Shelf, index: Index, embedder: str) -> Iterator[Fault]:
    """Yield all that is wrong. Reads everything, changes nothing.

    A document that is replaced or removed meanwhile has no fault.
    """
    catalogue = shelf.catalogue()
    lines = {holding.edition: holding for holding in catalogue.holdings}
    seen = set()
    for stocked in shelf.stock(catalogue.editions(), embedder):
        seen.add(stocked.edition)
        found = list(document_faults(shelf, lines[stocked.edition], stocked))
        if found and _stands(shelf, stocked.edition, catalogue.version):
            yield from found
    for edition, holding in lines.items():
        if edition not in seen and _stands(shelf, edition, catalogue.version):
            yield _of(holding, "text", "nothing of it can be read")
    if wrong := index.compare():
        yield Fault("search files", wrong)


def _stands(shelf: Shelf, edition: int, version: int) -> bool:
    """Say whether an edition that stood at a version of the shelf still does."""
    if shelf.version() == version:
        return True
    return edition in shelf.catalogue().editions()


def document_faults(shelf: Shelf, holding: Holding, stocked: Stocked) -> Iterator[Fault]:
    """Yield what is wrong with one document."""
    document = shelf.document(holding.document)
    if document is None or document.id != holding.document:
        yield _of(holding, "text", "its text is not what it was when it was read")
        return
    if wrong := _passages(shelf, holding, stocked, document.text):
        yield _of(holding, "passages", wrong)
    if wrong := _vectors(stocked):
        yield _of(holding, "vectors", wrong)


def _passages(shelf: Shelf, holding: Holding, stocked: Stocked, text: str) -> str:
    passages = stocked.passages
    if len(passages) != holding.passages:
        return f"{len(passages)} passages stand where {holding.passages} were kept"
    if any(text[passage.start : passage.end] != passage.text for passage in passages):
        return "a passage does not stand in the text"
    named = shelf.passages(keys(stocked.edition, len(passages)).tolist())
    if list(named.values()) != list(passages):
        return "a passage cannot be found by its key"
    return ""


def _vectors(stocked: Stocked) -> str:
    vectors: Vectors | None = stocked.vectors
    if vectors is None:
        return "its vectors are of another embedder"
    if len(vectors) != len(stocked.passages):
        return f"{len(vectors)} vectors stand for {len(stocked.passages)} passages"
    lengths = np.linalg.norm(vectors, axis=1) if len(vectors) else np.empty(0)
    # Zeros stand for passages in a language that the embedder does not read.
    if not np.all(np.isfinite(lengths) & ((lengths == 0) | (abs(lengths - 1) < _LENGTH))):
        return "a vector is damaged"
    return ""


def _of(holding: Holding, part: Part, what: str) -> Fault:
    return Fault(part, what, holding.source, holding.collection)
