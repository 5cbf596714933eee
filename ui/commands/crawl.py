"""`vouch crawl`: a site of the web becomes a collection of the library."""

from typing import Any

from ui.escape import json_text, one_line
from ui.following import follow
from ui.house_port import Item, Visit, given
from ui.library_progress import LibraryProgress
from ui.lines import Line, counted, line
from ui.rates import rate, span
from ui.tally import FINAL


class CrawlProgress(LibraryProgress):
    """Shows the pages of a site as they come, and remembers those that failed."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.failed: list[Item] = []

    def see(self, item: Item) -> None:
        super().see(item)
        kind = str(item.get("kind", ""))
        if kind == "failed":
            self.failed.append({"url": item.get("path"), "why": item.get("why")})
        if kind == "reading" and self._screen.live:
            self._screen.bar(self.tally.share, self.line())

    def line(self) -> Line:
        """Return the line that stands now: how many of the pages that are known of so far."""
        tally = self.tally
        parts = [f"{tally.done:,}/{counted(tally.total, 'page')}"]
        pages, _ = tally.rates()
        parts += [rate(pages, "pages")] if pages else []
        left = tally.left()
        parts += [f"{span(left)} left"] if left is not None else []
        return line(" · ".join(parts))


def crawl(visit: Visit) -> int:
    """Bring a collection up to a site; status 1 if one of its pages failed or the site was lost,
    130 if the user stopped it. What was kept until then stays, and the next call goes on there."""
    asked = visit.arguments
    house = visit.house()
    progress = CrawlProgress(visit.screen)
    if visit.screen.live:
        visit.screen.status(line((f"looking at {one_line(asked.url)} ...", "dim")), "reading")
    limits = {"pages": asked.pages, "depth": asked.depth}
    stream = house.call("crawl", given(url=asked.url, collection=asked.collection, **limits))
    stopped = follow(house, stream, progress.see, visit.screen)
    result: Item = stream.result or {}
    if asked.json:
        visit.screen.raw(json_text(_told(result, progress, stopped)))
    else:
        visit.screen.show([line(said) for said in _said(result, progress)])
    if stopped:
        return 130
    return 1 if progress.failed or result.get("failed") or result.get("rest") else 0


def _told(result: Item, progress: CrawlProgress, stopped: bool) -> Item:
    counts = {kind: progress.tally.counts[kind] for kind in FINAL if kind != "failed"}
    return {**result, **counts, "failed": progress.failed, "stopped": stopped}


def _said(result: Item, progress: CrawlProgress) -> list[str]:
    """Return what it came to: the collection, and what was not looked at."""
    name = str(result.get("collection", ""))
    said = [f"{name}: " * bool(name) + (progress.summary() or "no page was read")]
    if left := int(result.get("left", 0)):
        said.append(f"{counted(left, 'page')} left out: more are read with --pages N")
    if rest := int(result.get("rest", 0)):
        said.append(f"broken off with {counted(rest, 'page')} to go: the same command goes on")
    return said
