"""What every page of the chat is handed: the house, the language, and who is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.serving.fitting import gathered
from app.wire import EngineFault
from retrieval.errors import UserError
from ui.house_port import House, Item, Stream, given
from ui.html_blocks import fault
from ui.words import LANGUAGES, Say

PERSON = "local"
"""The one person of a page that only this machine can open."""

FACE = "chat"

Fault = UserError | EngineFault | OSError


@dataclass(frozen=True, slots=True)
class Context:
    """The house, the texts of the chosen language, and the names that go with calls.

    `home` is the folder of the house, where uploads are kept; `session` names this browser tab to
    the engine, which lets sessions take turns.
    """

    house: House
    say: Say
    language: str
    home: Path
    session: str
    by: str = PERSON
    told: set[str] = field(default_factory=set, compare=False)
    """Faults that this drawing of the page has shown."""

    def stream(self, name: str, /, **params: Any) -> Stream:
        """Call; parameters that are None are left out. Iterate for the items as they come."""
        return self.house.call(name, given(**params))

    def call(self, name: str, /, **params: Any) -> Item:
        """Call and return the result, with what of it came in parts. `UserError` and `EngineFault`
        rise."""
        return gathered(self.stream(name, **params)) or {}

    @contextmanager
    def guarded(self, into: DeltaGenerator | None = None) -> Iterator[None]:
        """Show a fault of the house as one friendly box in place of what this block draws, or in
        another place of the page."""
        try:
            yield
        except (UserError, EngineFault, OSError) as error:
            self.show(error, into)

    def fresh(self) -> "Context":
        """Return this for another drawing, in which no fault has been shown yet."""
        return replace(self, told=set())

    def show(self, error: Fault, into: DeltaGenerator | None = None) -> None:
        """Show a fault, once a drawing: what is wrong, and what mends it."""
        if str(error) in self.told:
            return
        self.told.add(str(error))
        cure = error.cure if isinstance(error, UserError) else ""
        what = error.what if isinstance(error, UserError) else str(error)
        box = fault(self.say("common.wrong"), what, cure)
        if into is None:
            st.html(box)
        else:
            into.html(box)

    def kept(self) -> dict[str, str]:
        """Return what of this page's address other pages must carry on: a language chosen here."""
        chosen = st.query_params.get("lang")
        return {"lang": chosen} if chosen in LANGUAGES else {}

    def runs(self) -> str:
        """Return the address of the runs page, to which the name of a run is put."""
        return f"runs?{urlencode({**self.kept(), 'run': ''})}"

    def again(self) -> NoReturn:
        """Draw the whole page again, from inside a fragment too."""
        st.rerun(scope="app")
