"""The library's catalogue as rows of a table: what is shown, filtered, and ticked."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.scope import below
from ui.escape import one_line
from ui.house_port import Item
from ui.rates import span
from ui.tally import Tally
from ui.words import Say

_OFFICE = "application/vnd.openxmlformats-officedocument"

MEDIA = {
    "text/plain": "TXT",
    "text/markdown": "Markdown",
    "text/html": "HTML",
    "text/csv": "CSV",
    "application/pdf": "PDF",
    "application/json": "JSON",
    "application/epub+zip": "EPUB",
    "application/x-ipynb+json": "Jupyter",
    "message/rfc822": "EML",
    f"{_OFFICE}.wordprocessingml.document": "DOCX",
    f"{_OFFICE}.presentationml.presentation": "PPTX",
    f"{_OFFICE}.spreadsheetml.sheet": "XLSX",
}

COLUMNS = ("title", "source", "collection", "tags", "type", "characters", "passages")


def matching(
    documents: Iterable[Item], words: str, collection: str | None, tag: str | None = None
) -> list[Item]:
    """Return the documents of a collection and with a tag (of all, if none is given) whose title
    or source has the words."""
    wanted = words.casefold().split()
    return [
        document
        for document in documents
        if (not collection or document.get("collection") == collection)
        and (not tag or tag in document.get("tags", ()))
        and all(word in _names(document) for word in wanted)
    ]


def _names(document: Item) -> str:
    return "\n".join((str(document.get("title", "")), *places(document))).casefold()


def identity(document: Item) -> tuple[str, str]:
    """Return the source and the collection of a document."""
    return str(document["source"]), str(document.get("collection", "default"))


def places(document: Item) -> tuple[str, ...]:
    """Return every source that holds a document, copies too."""
    return (str(document["source"]), *map(str, document.get("also", ())))


def tags(state: Item) -> list[str]:
    """Return the tags that documents have, in order."""
    return sorted({str(tag) for document in state["documents"] for tag in document.get("tags", ())})


def table(documents: Sequence[Item]) -> dict[str, list[object]]:
    """Return the columns of the table, that of tags if there are some; outside text is put on one
    line and cleaned."""
    columns: dict[str, list[object]] = {
        "title": [one_line(str(document.get("title", "")), 200) for document in documents],
        "source": [one_line(str(document.get("source", "")), 300) for document in documents],
        "collection": [one_line(str(d.get("collection", "default"))) for d in documents],
        "tags": [", ".join(map(one_line, map(str, d.get("tags", ())))) for d in documents],
        "type": [kind(str(document.get("media", ""))) for document in documents],
        "characters": [int(document.get("characters", 0)) for document in documents],
        "passages": [int(document.get("passages", 0)) for document in documents],
    }
    if not any(columns["tags"]):
        del columns["tags"]
    return columns


def kind(media: str) -> str:
    """Return the short name of a media type, without its parameters."""
    media = media.partition(";")[0]
    return MEDIA.get(media) or one_line(media.rpartition("/")[2].rpartition(".")[2].upper(), 24)


def collections(state: Item) -> list[Item]:
    """Count documents and passages by collection, from the library's catalogue alone."""
    counts: dict[str, Item] = {}
    for document in state.get("documents", []):
        name = str(document.get("collection", "default"))
        line = counts.setdefault(
            name, {"name": name, "private": False, "documents": 0, "passages": 0}
        )
        line["documents"] += 1
        line["passages"] += int(document.get("passages", 0))
    return sorted(counts.values(), key=lambda line: str(line["name"]))


def facts(state: Item, say: Say) -> list[str]:
    """Say how much the library holds and how it is searched."""
    told = [
        say("library.documents", count=len(state.get("documents", []))),
        say("library.passages", count=int(state.get("passages", 0))),
    ]
    if not state.get("generation"):
        return [*told, say("library.no_index")]
    if state.get("index") == "not open":
        return told
    recall = state.get("recall")
    finds = [] if recall is None else [say("library.recall", share=f"{recall:.1%}")]
    return [*told, say("library.index", index=one_line(str(state["index"]))), *finds]


def details(state: Item, say: Say) -> list[str]:
    """Say what the index is made of and what it takes."""
    told = [say("library.embedder", name=one_line(str(state.get("embedder", ""))))]
    size, _, unit = str(state.get("splitter", "")).partition(" ")
    if unit == "characters":
        told.append(say("library.splitter", size=size))
    if not state.get("generation"):
        return told
    if state.get("index") == "not open":
        told.append(say("library.asleep"))
    if state.get("memory"):
        told.append(say("library.memory", size=megabytes(state["memory"])))
    disk = megabytes(state.get("bytes", 0))
    return [*told, say("library.generation", generation=state["generation"], size=disk)]


def megabytes(count: int) -> str:
    """Return a number of bytes in words."""
    return f"{count / 2**20:.1f} MB"


def pace(tally: Tally, say: Say) -> str:
    """Say how far adding is, how fast it goes and how long it will go on; empty at the start."""
    if not tally.total:
        return ""
    if tally.done == tally.total:
        return say("library.indexing")
    told = [say("library.progress", done=f"{tally.done:,}", total=f"{tally.total:,}")]
    for what, value in zip(("files", "passages"), tally.rates(), strict=True):
        if value:
            slow = "_slow" if value < 1 else ""
            number = 60 * value if slow else value
            shown = f"{number:,.0f}" if number >= 100 else f"{number:.1f}"
            told.append(say(f"library.rate_{what}{slow}", rate=shown))
    left = tally.left()
    return " · ".join(
        [*told, *([say("library.left", time=span(left))] if left is not None else [])]
    )


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of which a collection holds so many documents."""

    path: str
    collection: str
    documents: int

    def holds(self, document: Item) -> bool:
        """Say whether a document of the collection lies in it, in one of its places."""
        inside = any(below(place, self.path) for place in places(document))
        return inside and identity(document)[1] == self.collection


def folders(documents: Iterable[Item]) -> list[Folder]:
    """Return the folders that hold several documents, by name, without those in which all of it
    lies in one folder further down."""
    counts: Counter[tuple[str, str]] = Counter()
    for document in documents:
        source, collection = identity(document)
        if Path(source).is_absolute():
            counts.update((str(folder), collection) for folder in Path(source).parents)
    narrow = {
        (str(Path(path).parent), collection)
        for (path, collection), count in counts.items()
        if count == counts[str(Path(path).parent), collection] and path != str(Path(path).parent)
    }
    found = [
        Folder(*key, count) for key, count in counts.items() if count > 1 and key not in narrow
    ]
    return sorted(found, key=lambda folder: (folder.path, folder.collection))
