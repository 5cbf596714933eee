"""What a library should hold and find, as plain dicts: the model that the proofs compare with."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from proof_library import Found, Making

from retrieval.documents import Document
from retrieval.embed import HashEmbedder
from retrieval.readers import markdown
from retrieval.scope import below
from retrieval.split import in_context, split
from retrieval.terms import telling, tokens

Scope = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""Collections, sources and tags, of which none means all."""


@dataclass(slots=True)
class Model:
    """The text and the tags of each source by collection, and how passages are made."""

    making: Making = field(default_factory=Making)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    tags: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def move(self, collection: str, moves: dict[str, str], disk: dict[str, str]) -> None:
        """Give files the tags that they had under another name: {where it is: where it was}.

        Whatever the library told, a file moved only if what was there is gone and said the same.
        """
        inherited: dict[str, set[str]] = {}
        assert len(set(moves.values())) == len(moves)
        for source, before in moves.items():
            assert source in disk
            assert before not in disk
            assert self.texts[collection, before] == disk[source]
            inherited[source] = self.tags[collection, before]
        for source, tags in inherited.items():
            self.tags.setdefault((collection, source), set()).update(tags)

    def moved(self, root: Path, disk: dict[str, str], collection: str) -> int:
        """Return how many files there are in place of ones that said the same and are gone."""
        held = {s: t for (c, s), t in self.texts.items() if c == collection}
        gone = Counter(t for s, t in held.items() if below(s, str(root)) and s not in disk)
        new = Counter(text for source, text in disk.items() if held.get(source) != text)
        return (gone & new).total()

    def sync(self, root: Path, disk: dict[str, str], collection: str, tags: set[str]) -> None:
        """Bring a collection up to what stands on the disk below `root`."""
        for home, source in list(self.texts):
            if home == collection and below(source, str(root)) and source not in disk:
                self.drop(collection, source)
        for source, text in disk.items():
            self.texts[collection, source] = text
            self.tags.setdefault((collection, source), set()).update(tags)

    def put(self, collection: str, source: str, text: str, tags: set[str]) -> None:
        self.texts[collection, source] = text
        self.tags[collection, source] = set(tags)

    def drop(self, collection: str, wanted: str) -> int:
        found = list(self.below(collection, wanted))
        for at in found:
            del self.texts[at], self.tags[at]
        return len(found)

    def below(self, collection: str, wanted: str) -> Iterator[tuple[str, str]]:
        return ((c, s) for c, s in list(self.texts) if c == collection and below(s, wanted))

    def documents(self) -> dict[str, tuple[Document, set[str], set[str]]]:
        """Return each document by its id, with its sources and its tags."""
        found: dict[str, tuple[Document, set[str], set[str]]] = {}
        for (collection, source), text in self.texts.items():
            document = markdown.read(text.encode(), source, "", collection)
            _, sources, tags = found.setdefault(document.id, (document, set(), set()))
            sources.add(source)
            tags |= self.tags[collection, source]
        return found

    def found(self, query: str, scope: Scope = ((), (), ())) -> Found:
        """Return what a search without a limit finds."""
        embedder, table = HashEmbedder(self.making.dimension), Found()
        (asked,) = embedder.encode([query], query=True)
        words = set(telling(tokens(query)))
        collections, sources, given = scope
        for document, held, tags in self.documents().values():
            if collections and document.collection not in collections:
                continue
            if sources and not any(below(one, wanted) for one in held for wanted in sources):
                continue
            if given and not tags & set(given):
                continue
            for passage in split(document, size=self.making.size):
                read = in_context(passage)
                (vector,) = embedder.encode([read])
                found_by = ("dense", "lexical") if words & set(tokens(read)) else ("dense",)
                cosine = float(vector @ asked)
                at = (document.id, passage.start)
                table[at] = (passage.end, passage.text, cosine, found_by)
        return table
