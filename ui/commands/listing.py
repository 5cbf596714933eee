"""What `vouch library` shows: the documents, their places and tags, and how they are searched."""

from collections import Counter
from collections.abc import Sequence

from retrieval.errors import UserError
from ui.arguments import nearest
from ui.escape import json_text, one_line
from ui.house_port import Item, Visit
from ui.lines import Line, counted, line, table


def show(visit: Visit) -> None:
    """List what the library, a collection of it, or a tag holds."""
    state = visit.result("library")
    asked = visit.arguments
    if asked.collection or asked.tag:
        state = _part(state, asked.collection, asked.tag or ())
    if asked.json:
        visit.screen.raw(json_text(state))
    else:
        visit.screen.show(_listing(state))


def _part(state: Item, collection: str | None, tags: Sequence[str]) -> Item:
    """Return what the state tells of a collection and of some tags; `UserError` for one that
    holds nothing."""
    kept = state.get("documents", [])
    if collection:
        homes = {str(item.get("collection")) for item in kept}
        kept = [item for item in kept if item.get("collection") == collection]
        if not kept:
            raise UserError(
                f"there is no collection {collection!r}{nearest(collection, sorted(homes)[:20])}",
                cure="see vouch library collections",
            )
    if tags:
        kept = [item for item in kept if {*tags} & {*item.get("tags", ())}]
        if not kept:
            raise UserError(
                f"no document has the tag {' or '.join(map(repr, tags))}", cure="see vouch library"
            )
    return {"documents": kept, "passages": sum(item["passages"] for item in kept)}


def _listing(state: Item) -> list[Line]:
    documents = state.get("documents", [])
    lines = [line((_held(state), "bold")), *_facts(state)]
    if not documents:
        return [*lines, line("The library is empty. Fill it: vouch add FOLDER")]
    homes = Counter(str(item.get("collection", "default")) for item in documents)
    tags = Counter(str(tag) for item in documents for tag in item.get("tags", ()))
    lines += _names("collections", homes) if len(homes) > 1 else []
    lines += _names("tags", tags)
    rows = [_document(item, len(homes) > 1, bool(tags)) for item in documents]
    return [*lines, line(), *table(rows, "", "")]


def _held(state: Item) -> str:
    documents = counted(len(state.get("documents", [])), "document")
    return (
        f"{documents}, {counted(state['passages'], 'passage')}"
        if "passages" in state
        else documents
    )


def _names(what: str, counts: Counter[str]) -> list[Line]:
    told = ", ".join(f"{one_line(name)} ({counts[name]:,})" for name in sorted(counts))
    return [line((f"{what}: ", "dim"), told)] if told else []


def _facts(state: Item) -> list[Line]:
    """Say how the library is made and searched, as far as the engine tells."""
    lines = []
    if state.get("embedder"):
        size = f", passages of at most {state['splitter']}" if state.get("splitter") else ""
        lines.append(line(("embedder: ", "dim"), one_line(f"{state['embedder']}{size}")))
    if state.get("generation"):
        lines.append(line(("index: ", "dim"), one_line(index(state))))
    return lines


def index(state: Item) -> str:
    """Return the kind of the index, how well it finds, and what it takes."""
    generation = f"generation {state['generation']}, {state.get('bytes', 0) / 2**20:.1f} MB on disk"
    if state.get("index") == "not open":
        return f"{generation}; opened by the first search"
    recall = state.get("recall")
    finds = "" if recall is None else f"finds {recall:.1%} of the ten nearest; "
    memory = f"{state.get('memory', 0) / 2**20:.1f} MB of vectors in memory"
    return f"{state['index']}; {finds}{memory}; {generation}"


def _document(item: Item, homes: bool, tags: bool) -> tuple[str, ...]:
    """Return the cells of a document; collection and tags are told where there are such."""
    cells = [
        one_line(str(item["title"]), 50),
        counted(item.get("passages", 0), "passage"),
        counted(item.get("characters", 0), "character"),
    ]
    cells += [one_line(str(item.get("collection", "default")))] if homes else []
    cells += [one_line(" ".join(map(str, item.get("tags", ()))))] if tags else []
    also = [one_line(str(source)) for source in item.get("also", ())]
    place = one_line(str(item["source"]))
    return (*cells, f"{place} (also {', '.join(also)})" if also else place)
