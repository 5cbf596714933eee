"""The library's catalogue as rows of a table: what is shown, filtered, and ticked."""

from collections.abc import Iterable, Sequence

from ui.escape import one_line
from ui.house_port import Item
from ui.words import Say

MEDIA = {
    "text/plain": "TXT",
    "text/markdown": "Markdown",
    "text/html": "HTML",
    "text/csv": "CSV",
    "application/pdf": "PDF",
    "application/json": "JSON",
    "application/epub+zip": "EPUB",
}

COLUMNS = ("title", "source", "collection", "type", "characters", "passages")


def matching(documents: Iterable[Item], words: str, collection: str | None) -> list[Item]:
    """Return the documents of a collection (None for all) whose title or source has the words."""
    wanted = words.casefold().split()
    return [
        document
        for document in documents
        if (collection is None or document.get("collection") == collection)
        and all(word in _names(document) for word in wanted)
    ]


def _names(document: Item) -> str:
    return f"{document.get('title', '')}\n{document.get('source', '')}".casefold()


def table(documents: Sequence[Item]) -> dict[str, list[object]]:
    """Return the columns of the table; outside text is put on one line and cleaned."""
    return {
        "title": [one_line(str(document.get("title", "")), 200) for document in documents],
        "source": [one_line(str(document.get("source", "")), 300) for document in documents],
        "collection": [one_line(str(d.get("collection", "default"))) for d in documents],
        "type": [kind(str(document.get("media", ""))) for document in documents],
        "characters": [int(document.get("characters", 0)) for document in documents],
        "passages": [int(document.get("passages", 0)) for document in documents],
    }


def kind(media: str) -> str:
    """Return the short name of a media type."""
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
    """Say how much the library holds and how it can be searched."""
    told = [
        say("library.documents", count=len(state.get("documents", []))),
        say("library.passages", count=int(state.get("passages", 0))),
    ]
    if not state.get("generation"):
        return [*told, say("library.no_index")]
    size = f"{state.get('bytes', 0) / 2**20:.1f} MB"
    index = say(
        "library.index", index=state.get("index"), generation=state["generation"], size=size
    )
    embedder = one_line(str(state.get("embedder", "")))
    return [*told, index, say("library.embedder", name=embedder)]
