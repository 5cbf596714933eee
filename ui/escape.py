"""The one place that makes outside text harmless: on terminals, in markdown, HTML and JSON."""

import html as entities
import json
import re
from typing import Any

_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, ...
    r"|\x1b[ -/]*[0-~]"  # two-character escapes
)
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embeddings, overrides and isolates
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"  # marks and tags that nobody can see
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>])")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'()\[\]\\]+\Z")


def clean(text: str) -> str:
    """Strip escape sequences, control characters and bidi overrides; keep newlines and tabs."""
    text = _LINE_ENDS.sub("\n", text)
    text = _CONTROLS.sub("", _SEQUENCES.sub("", text))
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str, width: int = 0) -> str:
    """Clean `text`, put it on one line, and cut it to `width` characters if that is above 0."""
    flat = " ".join(clean(text).split())
    return flat if not width or len(flat) <= width else flat[: width - 1].rstrip() + "…"


def markdown(text: str) -> str:
    """Return cleaned text that markdown shows as it stands: no HTML, no emphasis, no links."""
    text = clean(text).replace("&", "&amp;").replace("<", "&lt;")
    return _MARKDOWN.sub(r"\\\1", text)


def html(text: str) -> str:
    """Return cleaned text for the inside of an HTML element or of a quoted attribute."""
    return entities.escape(clean(text), quote=True)


def link(label: str, address: str) -> str:
    """Return a markdown link where `address` is plain http(s), else the escaped label alone."""
    return f"[{markdown(label)}](<{address}>)" if is_web_address(address) else markdown(label)


def is_web_address(address: str) -> bool:
    """True for a plain http(s) address, without quotes, brackets, spaces or hidden characters."""
    return _WEB_ADDRESS.match(address) is not None and clean(address) == address


def json_text(value: Any) -> str:
    """Write JSON whose strings are exact, with every character that a terminal obeys escaped."""
    return inert(json.dumps(value, ensure_ascii=False))


def inert(text: str) -> str:
    """Turn what `clean` would strip from a JSON text into escapes that mean the same."""
    text = _SURROGATES.sub(_escaped, _CONTROLS.sub(_escaped, text))
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
