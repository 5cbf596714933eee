"""`vouch library`: what the library holds, whether it is sound, and what mends it."""

from retrieval.errors import UserError
from ui.commands import collections, listing, sources
from ui.commands.adding import carry
from ui.commands.exporting import export
from ui.escape import json_text, one_line
from ui.following import follow
from ui.house_port import Item, Visit
from ui.lines import Line, counted, line

SHOWN = 100
"""Faults that are named; of more, the number is."""


def library(visit: Visit) -> int:
    """Show the library, search it, export it, set a collection private, remove a source, look it
    over, mend it, index it anew."""
    match visit.arguments.part:
        case "search":
            collections.search(visit)
        case "collections":
            collections.show(visit)
        case "private" | "public" as state:
            collections.set_private(visit, state == "private")
        case "remove":
            visit.arguments.source = _named(visit, "source", "remove SOURCE")
            return sources.remove(visit)
        case "verify":
            return _verify(visit)
        case "repair":
            return carry(visit, "library.repair", {}, "nothing to repair")
        case "reindex":
            return carry(visit, "reindex", {}, "nothing to index")
        case "export":
            return export(visit, _named(visit, "file", "export FILE, or - for stdout"))
        case _:
            listing.show(visit)
    return 0


def _named(visit: Visit, what: str, usage: str) -> str:
    if visit.arguments.what is None:
        raise UserError(f"no {what} was given", cure=f"write vouch library {usage}")
    return str(visit.arguments.what)


def _verify(visit: Visit) -> int:
    """Compare all that is kept with itself; status 1 if something is wrong."""
    house, faults = visit.house(), list[Item]()
    stream = house.call("library.verify", {})

    def see(item: Item) -> None:
        if "part" in item:
            faults.append(item)
            visit.screen.status(line((f"{counted(len(faults), 'fault')} so far", "dim")), "fault")
        else:
            visit.screen.status(line(("reading all that is kept ...", "dim")), "reading")

    if follow(house, stream, see, visit.screen):
        return 130
    if visit.arguments.json:
        visit.screen.raw(json_text({"sound": not faults, "faults": faults}))
    elif faults:
        visit.screen.show(_faults(faults))
        said = f"{counted(len(faults), 'fault')}; mend what is wrong: vouch library repair"
        visit.screen.step(line(("vouch: ", "bad"), said))
    else:
        visit.screen.show([line(("✓ ", "good"), "texts, passages, vectors and search files agree")])
    return 1 if faults else 0


def _faults(faults: list[Item]) -> list[Line]:
    lines = [_fault(fault) for fault in faults[:SHOWN]]
    more = len(faults) - len(lines)
    return [*lines, line(f"  and {more:,} more")] if more else lines


def _fault(fault: Item) -> Line:
    home = f" ({one_line(str(fault['collection']))})" if fault.get("collection") else ""
    where = f"{one_line(str(fault['source']))}{home}: " if fault.get("source") else ""
    said = one_line(f"{fault['part']}: {fault['what']}")
    return line(("✗ ", "bad"), f"{where}{said}")
