"""Shares in words: half, two thirds, 3/4, 一半, 五成, 三分之一; all told as per cent."""

import re
from collections.abc import Iterator
from decimal import Decimal

from agents.check.number import PERCENT, Number
from agents.check.numerals import HAN_DIGITS, han_value, spelled

_PARTS = {
    "third": 3, "fourth": 4, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10,
}  # fmt: skip
_COUNT = "one|two|three|four|five|six|seven|eight|nine"
_ENGLISH = re.compile(
    rf"\b(?:(?P<count>{_COUNT})[\s-](?P<many>{'|'.join(f'{part}s' for part in _PARTS)})"
    rf"|(?P<one>an?|one)[\s-](?P<part>{'|'.join(_PARTS)})(?=\s+(?:of|as)\b)"
    rf"|one-(?P<joined>{'|'.join(_PARTS)}))\b(?!\s+of\s+(?:an?|the)\s+(?:day|hour|century|mile)\b)",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"(?<!and a )(?<!and )\b(?:one[\s-])?half(?=\s+(?:of|the|its|their|his|her|all)\b)"
    r"(?!\s+of\s+(?:an?|the)\s+(?:day|hour|century|mile|season|year|game|match|[\d1-9])\b)",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\b(?:an|the|this|that|each|either|\w+ern|first|second|other|latter|last|upper|lower|top|bottom"
    r"|left|right|better|early|later?|front|back|inner|outer)\s$",
    re.IGNORECASE,
)
"""What stands before a half that is a part and no amount: the western half of the island."""

_SLASHED = re.compile(r"(?<![\d/.,-])([1-9])/(10|[2-9])(?![\d/.])")
_HAN = rf"[{HAN_DIGITS}十百\d.点]+"
_PER = re.compile(rf"(?P<whole>{_HAN})分之(?P<count>{_HAN})")
_TENTHS = re.compile(
    rf"(?P<tens>[一二两三四五六七八九]|(?<!\d)[1-9])成(?P<ones>[{HAN_DIGITS}])?"
    "(?![为為立功员員长長熟本就果分都绩交])"
)
_HAN_HALF = re.compile("一半|半数|半數|(?<=[过過])半(?![天年月个小夜])")


def shares(text: str) -> Iterator[Number]:
    """Yield the shares of a text as per cent, in no order."""
    for match in _ENGLISH.finditer(text):
        count, part = (match["count"], match["many"][:-1]) if match["many"] else ("one", "")
        part = part or match["part"] or match["joined"]
        top, _ = spelled([count.lower()])
        yield _share(match, Decimal(100) * (top or 1) / _PARTS[part.lower()])
    for match in (*_HALF.finditer(text), *_HAN_HALF.finditer(text)):
        if not _PART.search(text, max(0, match.start() - 14), match.start()):
            yield _share(match, Decimal(50))
    for match in _SLASHED.finditer(text):
        if int(match[1]) < int(match[2]):
            yield _share(match, Decimal(100) * int(match[1]) / int(match[2]))
    if not text.isascii():
        yield from _chinese(text)


def _chinese(text: str) -> Iterator[Number]:
    for match in _PER.finditer(text):
        whole = _value(match["whole"])
        if whole:
            yield _share(match, Decimal(100) * _value(match["count"]) / whole, whole != 100)
    for match in _TENTHS.finditer(text):
        tens = _value(match["tens"])
        yield _share(match, 10 * tens + (_value(match["ones"]) if match["ones"] else 0))


def _value(body: str) -> Decimal:
    digits = re.fullmatch(r"\d+(?:\.\d+)?", body)
    return Decimal(body) if digits else han_value(re.sub(r"[^点\D]|\.", "", body) or "零")


def _share(match: re.Match[str], value: Decimal, fraction: bool = True) -> Number:
    start, end = match.span()
    return Number(value, match[0], start, end, value, PERCENT, digits=False, fraction=fraction)
