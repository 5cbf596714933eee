"""`vouch add` and `vouch library`: what questions are answered from."""

from collections import Counter
from pathlib import Path

from retrieval.errors import UserError
from ui.commands import collections
from ui.escape import json_text, one_line
from ui.following import follow
from ui.house_port import Item, Visit, given
from ui.lines import Line, Style, counted, line, table

FINAL = ("added", "changed", "unchanged", "duplicate", "removed", "failed")
"""Kinds of progress that say what became of a file; the others say what is being done."""

_STYLES: dict[str, Style] = {"failed": "bad", "added": "good", "changed": "good"}


def add(visit: Visit) -> int:
    """Put files and folders into the library; status 1 if one of them failed."""
    paths = [str(Path(path).expanduser().absolute()) for path in visit.arguments.paths]
    missing = [path for path in paths if not Path(path).exists()]
    if missing:
        raise UserError(f"there is no {missing[0]}", origin="command line", cure="check the path")
    params = given(paths=paths, collection=visit.arguments.collection)
    counts, stopped = _progress(visit, "add", params)
    said = ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "nothing to add"
    visit.screen.show([line(said)])
    return 130 if stopped else 1 if counts["failed"] else 0


def _progress(visit: Visit, name: str, params: Item) -> tuple[Counter[str], bool]:
    """Make a call that tells of files; return how many came to what, and whether it was stopped."""
    counts: Counter[str] = Counter()

    def see(item: Item) -> None:
        kind = str(item.get("kind", ""))
        told = _told(item)
        if kind in FINAL:
            counts[kind] += 1
        if kind in FINAL and kind != "unchanged":
            visit.screen.step(told)
        elif kind:
            visit.screen.status(told, kind)

    house = visit.house()
    stream = house.call(name, params)
    stopped = follow(house, stream, see, visit.screen)
    if failed := int((stream.result or {}).get("failed", 0)):
        counts["failed"] = max(counts["failed"], failed)
    return counts, stopped


def _told(item: Item) -> Line:
    kind, path = str(item.get("kind", "")), one_line(str(item.get("path") or ""))
    why = f": {one_line(str(item['why']))}" if item.get("why") else ""
    same = f" (the text of {one_line(str(item['of']))})" if kind == "duplicate" else ""
    files = f" ({item.get('done')}/{item['total']} files)" if item.get("total") else ""
    passages = ""
    if kind == "embedding":
        passages = f" {item['passages']} of {counted(item['of'], 'passage')}"
    elif item.get("passages"):
        passages = ": " + counted(item["passages"], "passage")
    said = "".join([f" {path}" if path else "", why, same, passages, files])
    return line((kind, _STYLES.get(kind, "dim")), said)


def library(visit: Visit) -> int:
    """Show the library, search it, set a collection private, remove a source, index anew."""
    match visit.arguments.part:
        case "reindex":
            if _progress(visit, "reindex", {})[1]:
                return 130
            visit.screen.show([line("the index was built anew")])
        case "remove":
            source = _source(visit)
            visit.result("remove", source=source, collection=visit.arguments.collection)
            visit.screen.show([line(f"removed {source}")])
        case "search":
            collections.search(visit)
        case "collections":
            collections.show(visit)
        case "private" | "public" as state:
            collections.set_private(visit, state == "private")
        case _:
            _show(visit)
    return 0


def _show(visit: Visit) -> None:
    state = visit.result("library")
    if chosen := visit.arguments.collection:
        state = _only(chosen, state)
    if visit.arguments.json:
        visit.screen.raw(json_text(state))
    else:
        visit.screen.show(_listing(state))


def _only(collection: str, state: Item) -> Item:
    """Return what the state tells of one collection; `UserError` for one that is not there."""
    documents = state.get("documents", [])
    kept = [item for item in documents if item.get("collection") == collection]
    if not kept:
        raise UserError(
            f"there is no collection {collection!r}", cure="see vouch library collections"
        )
    return {"documents": kept, "passages": sum(item["passages"] for item in kept)}


def _source(visit: Visit) -> str:
    """Return the source of the library that the command line means, also by a relative path."""
    wanted = visit.arguments.what
    if wanted is None:
        raise UserError("no source was given", cure="write vouch library remove SOURCE")
    known = [str(item["source"]) for item in visit.result("library")["documents"]]
    for name in (wanted, str(Path(wanted).expanduser().absolute())):
        if name in known:
            return name
    from ui.arguments import nearest

    hint = nearest(wanted, known[:200]) if known else "; the library is empty"
    raise UserError(f"the library holds no {wanted!r}{hint}", cure="see vouch library")


def _listing(state: Item) -> list[Line]:
    documents = state.get("documents", [])
    lines = [line((counted(len(documents), "document"), "bold"), f" {_index(state)}".rstrip())]
    if not documents:
        return [*lines, line("The library is empty. Fill it: vouch add FOLDER")]
    several = len({item.get("collection") for item in documents}) > 1
    rows = [_document(item, several) for item in documents]
    return [*lines, line(), *table(rows, "", "")]


def _index(state: Item) -> str:
    """Say how the library can be searched, as far as the engine tells."""
    told = [counted(state["passages"], "passage")] if "passages" in state else []
    if state.get("embedder"):
        told.append(f"embedded by {one_line(str(state['embedder']))}")
    if state.get("generation"):
        size = f"{state.get('bytes', 0) / 2**20:.1f} MB"
        told.append(f"generation {state['generation']} of the {state['index']} index, {size}")
    return f"({'; '.join(told)})" if told else ""


def _document(item: Item, several: bool) -> tuple[str, ...]:
    """Return the cells of a document; its collection is told where there is more than one."""
    cells = (
        one_line(str(item["title"]), 50),
        counted(item.get("passages", 0), "passage"),
        counted(item.get("characters", 0), "character"),
    )
    home = (one_line(str(item["collection"])),) if several else ()
    return (*cells, *home, one_line(str(item["source"])))
