"""What became of files that were added, and what is wrong with documents, as escaped HTML."""

from collections.abc import Mapping, Sequence
from typing import Any

from ui.html_blocks import flat
from ui.words import Say

SIGNS = {
    "added": ("✓", "good"),
    "changed": ("✓", "good"),
    "moved": ("→", "good"),
    "unchanged": ("=", "dim"),
    "duplicate": ("=", "dim"),
    "removed": ("–", "dim"),
    "failed": ("✗", "bad"),
}

PARTS = ("text", "passages", "vectors", "search files")
"""What of a library can be wrong."""


def files_html(items: Sequence[Mapping[str, Any]], say: Say) -> str:
    """Return a list of files, each with what became of it."""
    return f'<ul class="vt-files">{"".join(_file(item, say) for item in items)}</ul>'


def _file(item: Mapping[str, Any], say: Say) -> str:
    kind = str(item.get("kind", ""))
    sign, tone = SIGNS.get(kind, ("·", "dim"))
    places = {name: str(item.get(name, "")) for name in ("of", "before")}
    word = say(f"library.kind_{kind}", **places) if kind in SIGNS else kind
    more = [flat(str(item["why"]))] if item.get("why") else []
    if item.get("passages"):
        more.append(flat(say("library.passages", count=int(item["passages"]))))
    behind = f' <span class="vt-where">{" · ".join(more)}</span>' if more else ""
    return (
        f'<li><span class="vt-pill vt-{tone}">{sign} {flat(word, 120)}</span> '
        f"{flat(str(item.get('path', '')), 200)}{behind}</li>"
    )


def faults_html(faults: Sequence[Mapping[str, Any]], say: Say) -> str:
    """Return a list of what is wrong: the part that is, the document, and why."""
    return f'<ul class="vt-files">{"".join(_fault(fault, say) for fault in faults)}</ul>'


def _fault(fault: Mapping[str, Any], say: Say) -> str:
    part = str(fault.get("part", ""))
    named = say(f"library.part_{part.replace(' ', '_')}") if part in PARTS else part
    where = " · ".join(str(fault[key]) for key in ("source", "collection") if fault.get(key))
    return (
        f'<li><span class="vt-pill vt-bad">✗ {flat(named, 60)}</span> {flat(where, 200)} '
        f'<span class="vt-where">{flat(str(fault.get("what", "")), 300)}</span></li>'
    )
