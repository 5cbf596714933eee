"""What `vouch library` says of collections, and what a search of the library finds."""

from collections.abc import Mapping, Sequence
from typing import Any

from retrieval.errors import UserError
from ui.escape import json_text, one_line
from ui.house_port import Item, Visit
from ui.lines import Line, counted, line, table

SHOWN = 200
"""Characters of a hit that are shown."""


def show(visit: Visit) -> None:
    """List the collections, and which of them are private."""
    found = visit.result("collections")
    if visit.arguments.json:
        visit.screen.raw(json_text(found))
        return
    rows = [_row(one) for one in found.get("collections", [])]
    visit.screen.show(table(rows) or [line("There is no collection yet: vouch add FOLDER")])


def set_private(visit: Visit, private: bool) -> None:
    """Make a collection private, or open it again."""
    state = "private" if private else "public"
    wanted = visit.arguments.what
    if wanted is None:
        raise UserError("no collection was given", cure=f"write vouch library {state} NAME")
    visit.result("collection.set", name=wanted, private=private)
    said = "no Slack channel is answered from it" if private else "every face answers from it"
    visit.screen.show([line(f"the collection {one_line(wanted)} is {state}: {said}")])


def search(visit: Visit) -> None:
    """Search the library as a run does."""
    query = visit.arguments.what
    if not query:
        raise UserError("nothing to search for was given", cure='write vouch library search "..."')
    chosen = visit.arguments.collection
    scope = {"collections": [chosen] if chosen else None, "tags": visit.arguments.tag}
    found = visit.result("search", query=query, **scope)
    if visit.arguments.json:
        visit.screen.raw(json_text(found))
    else:
        visit.screen.show(_hits(found.get("hits", [])))


def _hits(hits: Sequence[Mapping[str, Any]]) -> list[Line]:
    if not hits:
        return [line("nothing was found")]
    lines: list[Line] = []
    for number, hit in enumerate(hits, 1):
        title = one_line(str(hit["title"]), 70)
        lines.append(line(f"{number}. ", (title, "bold"), ("  " + _place(hit), "dim")))
        lines += [line("   ", one_line(str(hit["text"]), SHOWN)), line()]
    return lines[:-1]


def _place(hit: Mapping[str, Any]) -> str:
    """Say where a hit stands, how near it is and which rankings found it."""
    told = [f"page {hit['page']}"] if hit.get("page") else []
    told += [one_line(str(hit["heading"]), 50)] if hit.get("heading") else []
    told += [f"cosine {hit['cosine']:.2f}"] if hit.get("cosine") is not None else []
    told += [" and ".join(map(str, hit.get("found_by", ())))]
    return "; ".join([one_line(str(hit["source"])), *filter(None, told)])


def _row(one: Item) -> tuple[str, ...]:
    return (
        one_line(str(one["name"])),
        counted(one["documents"], "document"),
        counted(one["passages"], "passage"),
        "private" if one["private"] else "",
    )
