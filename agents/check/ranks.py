"""Superlatives and their rank: the largest is neither the second largest nor one of the largest."""

import re
from collections.abc import Iterator

from agents.check.numerals import HAN_DIGITS, ORDINALS
from agents.check.words import listed

_ORDINAL = "|".join(word for word in ORDINALS if word != "first")
_SUPERLATIVE = re.compile(
    rf"(?P<rank>\b(?:{_ORDINAL}|\d*(?:2nd|3rd|\dth))[\s-]+)?(?P<what>\b[a-z]{{3,}}est\b|\bmost\s[a-z]+)",
    re.IGNORECASE,
)
_AMONG = re.compile(
    r"\b(?:(?:one|some|many|two|three|few)\s+of|among(?:st)?)(?:\s+[\w'’-]+){0,3}\s*$",
    re.IGNORECASE,
)
_NONE = frozenset(
    listed("""forest interest harvest request protest contest guest priest modest honest conquest
    invest suggest arrest digest tempest""")
)
_HAN = re.compile(
    r"最(?P<what>[大小高低长短深浅多少早晚快慢重轻强弱老新古美])(?P<rest>[^，。；！？]*)"
)
_HAN_RANK = re.compile(
    rf"第(?!一)(?:[{HAN_DIGITS}十]+|\d+)(?P<what>[大小高低长短深浅多少早晚快慢重轻强弱老])"
)


def ranks(text: str) -> frozenset[tuple[str, str]]:
    """Return the superlatives of a text, each with its rank: "" for the first and only one."""
    return frozenset([*_english(text), *(() if text.isascii() else _chinese(text))])


def _english(text: str) -> Iterator[tuple[str, str]]:
    for match in _SUPERLATIVE.finditer(text):
        what = " ".join(match["what"].lower().split())
        if what in _NONE:
            continue
        among = _AMONG.search(text, max(0, match.start() - 40), match.start())
        yield what, (match["rank"] or ("among" if among else "")).strip(" -").lower()


def _chinese(text: str) -> Iterator[tuple[str, str]]:
    for match in _HAN.finditer(text):
        yield match["what"], "among" if "之一" in match["rest"] else ""
    for match in _HAN_RANK.finditer(text):
        yield match["what"], match[0]


def outranked(claim: frozenset[tuple[str, str]], evidence: frozenset[tuple[str, str]]) -> str:
    """Return the superlative that a claim gives the first rank and its evidence only a lower one,
    as the evidence has it; "" for none."""
    for what, rank in sorted(claim):
        others = sorted(other for name, other in evidence if name == what)
        if rank == "" and others and "" not in others:
            if not what.isascii():
                return f"最{what}…之一" if others[0] == "among" else others[0]
            return f"one of the {what}" if others[0] == "among" else f"{others[0]} {what}"
    return ""
