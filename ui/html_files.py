"""What became of files that were added, as escaped HTML: sign, file, and the reason."""

from collections.abc import Mapping, Sequence
from typing import Any

from ui.html_blocks import flat
from ui.words import Say

SIGNS = {
    "added": ("✓", "good"),
    "changed": ("✓", "good"),
    "unchanged": ("=", "dim"),
    "duplicate": ("=", "dim"),
    "removed": ("–", "dim"),
    "failed": ("✗", "bad"),
}


def files_html(items: Sequence[Mapping[str, Any]], say: Say) -> str:
    """Return a list of files, each with what became of it."""
    return f'<ul class="vt-files">{"".join(_file(item, say) for item in items)}</ul>'


def _file(item: Mapping[str, Any], say: Say) -> str:
    kind = str(item.get("kind", ""))
    sign, tone = SIGNS.get(kind, ("·", "dim"))
    word = say(f"library.kind_{kind}", of=str(item.get("of", ""))) if kind in SIGNS else kind
    more = [flat(str(item["why"]))] if item.get("why") else []
    if item.get("passages"):
        more.append(flat(say("library.passages", count=int(item["passages"]))))
    behind = f' <span class="vt-where">{" · ".join(more)}</span>' if more else ""
    return (
        f'<li><span class="vt-pill vt-{tone}">{sign} {flat(word, 120)}</span> '
        f"{flat(str(item.get('path', '')), 200)}{behind}</li>"
    )
