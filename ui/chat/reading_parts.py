"""Reading a run from the house, as every page does it."""

from agents.events import Entry
from ui.chat.context import Context
from ui.house_port import read_entries


def entries_of(context: Context, run: str) -> list[Entry]:
    """Return the entries of a run, with no draft that was never answered."""
    items = context.stream("show", run=run)
    return read_entries(item["entry"] for item in items if "entry" in item)
