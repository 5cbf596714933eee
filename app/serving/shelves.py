"""The library, as calls."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from agents.models.base import Cancel
from app.calls import CallSpec, Items, Params
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.house import House


class Shelves:
    """The library."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def calls(self) -> dict[str, CallSpec]:
        """Return these calls by name."""
        return {
            "add": CallSpec(self.add),
            "remove": CallSpec(self.remove),
            "reindex": CallSpec(self.reindex),
            "library": CallSpec(self.library),
        }

    def add(self, params: Params, cancel: Cancel) -> Items:
        failed = 0
        for progress in self._house.library.add([str(path) for path in params["paths"]]):
            failed += progress.kind == "failed"
            yield asdict(progress)
            if cancel.is_set():
                break
        return {"failed": failed}

    def remove(self, params: Params, cancel: Cancel) -> Items:
        source = str(params["source"])
        yield from ()
        if not self._house.library.remove(source):
            raise UserError(f"the library holds no {source}", cure="see vouch library")
        return {"source": source}

    def reindex(self, params: Params, cancel: Cancel) -> Items:
        for progress in self._house.library.reindex():
            yield asdict(progress)
            if cancel.is_set():
                break
        return {"failed": 0}

    def library(self, params: Params, cancel: Cancel) -> Items:
        library = self._house.library
        yield from ()
        documents = [asdict(holding) for holding in library.holdings()]
        return {**asdict(library.state()), "documents": documents}
