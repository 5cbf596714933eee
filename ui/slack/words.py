"""Text on its way to Slack and back: escaped so that it shows as it stands, and read as typed."""

import html
import re

from ui.escape import clean

_JOINER = "\u2060"
_MARKS = re.compile(r"([*_~`])|(?<![^\s(])(:)(?=[\w+'-]+:)|^(&gt;)", re.MULTILINE)
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'|()\[\]\\]+\Z")
_CONTROL = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


def escape(text: str) -> str:
    """Return cleaned text that Slack shows as it stands: no mention, no link, no formatting.

    The three characters that Slack's markup gives a meaning become entities
    (https://docs.slack.dev/messaging/formatting-message-text, "Escaping text"); an invisible word
    joiner keeps marks of formatting, emoji codes and quotation marks from being any.
    """
    text = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(lambda mark: _JOINER + mark[0], text)


def link(label: str, address: str) -> str:
    """Return a link of Slack's markup where `address` is plain http(s), else the label alone."""
    if _WEB_ADDRESS.match(address) is None or clean(address) != address:
        return escape(label)
    return f"<{address.replace('&', '&amp;')}|{escape(label).replace('|', '¦')}>"


def plain(text: str, bot: str = "") -> str:
    """Return the text of a message as its writer saw it, without mentions of the user `bot`."""
    said = _CONTROL.sub(lambda found: _shown(found[1], found[2], bot), text)
    return clean(html.unescape(said)).strip()


def mentions(text: str, user: str) -> bool:
    """Whether a message's text mentions a user."""
    return any(found[1] == f"@{user}" for found in _CONTROL.finditer(text))


def _shown(target: str, label: str | None, bot: str) -> str:
    """What a person sees of one piece of markup in angle brackets."""
    if bot and target == f"@{bot}":
        return " "
    if target.startswith(("#", "@")):
        return target[0] + (label or target[1:])
    if target.startswith("!"):
        return label or "@" + target[1:].partition("^")[0]
    return label or target
