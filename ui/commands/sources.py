"""`vouch remove` and `vouch tag`: files and folders of the library, as a person names them."""

import difflib
from collections.abc import Iterable
from pathlib import Path

from retrieval.errors import UserError
from retrieval.scope import below
from ui.escape import one_line
from ui.house_port import Visit
from ui.lines import counted, line

_CLOSE = 0.6


def remove(visit: Visit) -> int:
    """Take a file, or all of a folder, out of the library; the files on the disk stay."""
    collection = visit.arguments.collection
    source = find(visit, visit.arguments.source, collection)
    gone = visit.result("remove", source=source, collection=collection)
    count = int(gone.get("sources", 1))
    where = "" if count == 1 else f" ({counted(count, 'source')})"
    visit.screen.show([line(f"removed {one_line(source)}{where}")])
    return 0


def tag(visit: Visit) -> int:
    """Give tags to a file, or to all of a folder, or take them away."""
    asked = visit.arguments
    if not asked.add and not asked.drop:
        raise UserError("no tag was named", cure="write vouch tag SOURCE --add TAG")
    source = find(visit, asked.source, asked.collection)
    done = visit.result(
        "tag", source=source, collection=asked.collection, add=asked.add, drop=asked.drop
    )
    signs = [*(f"+{name}" for name in asked.add or ()), *(f"-{name}" for name in asked.drop or ())]
    count = counted(int(done.get("sources", 1)), "source")
    visit.screen.show([line(f"{count}: {one_line(' '.join(signs))}")])
    return 0


def find(visit: Visit, wanted: str, collection: str | None) -> str:
    """Return the file or folder of the library that is meant, also by a relative path.

    `UserError` with the nearest one if the library, or the collection, holds nothing of it.
    """
    documents = visit.result("library")["documents"]
    known = [
        str(source)
        for item in documents
        if collection in (None, item.get("collection"))
        for source in (item["source"], *item.get("also", ()))
    ]
    path = Path(wanted).expanduser()
    for name in dict.fromkeys((wanted, str(path.absolute()), str(path.resolve()))):
        if any(below(source, name) for source in known):
            return name
    where = f" in the collection {collection}" if collection else ""
    near = _nearest(wanted, known)
    hint = f"; did you mean {near!r}?" if near else ""
    raise UserError(f"the library holds no {wanted!r}{where}{hint}", cure="see vouch library")


def _nearest(wanted: str, known: Iterable[str]) -> str:
    """Return the source or folder whose name is nearest, of several the one at the nearest place;
    empty if none is near."""
    places: dict[str, set[str]] = {}
    for source in known:
        path = Path(source)
        for place in (path, path.parent):
            places.setdefault(place.name, set()).add(str(place))
    names = difflib.get_close_matches(Path(wanted).name, places, n=1, cutoff=_CLOSE)
    if not names:
        return ""
    whole = str(Path(wanted).expanduser().absolute())
    near = difflib.get_close_matches(whole, sorted(places[names[0]]), n=1, cutoff=0.0)
    return near[0] if near else ""
