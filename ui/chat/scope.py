"""What a question is kept to: collections, documents, tags, and where it is looked up."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

KINDS = ("collections", "sources", "tags")


@dataclass(frozen=True, slots=True)
class Scope:
    """None of a kind means every one; no `reach` leaves it to the settings."""

    collections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    reach: str = ""

    def params(self) -> dict[str, Any]:
        """Return it as parameters of a call."""
        lists = {kind: list(getattr(self, kind)) or None for kind in KINDS}
        return {**lists, "reach": self.reach or None}


EVERYWHERE = Scope()


def chosen() -> Scope:
    """Return what is chosen beside the conversation."""
    collections, sources, tags = (tuple(st.session_state.get(kind) or ()) for kind in KINDS)
    return Scope(collections, sources, tags, str(st.session_state.get("reach") or ""))
