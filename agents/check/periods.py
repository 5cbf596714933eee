"""Decades and centuries as spans of years: the 1880s, the eighties, 19th century, 十九世纪."""

import re
from collections.abc import Iterator
from decimal import Decimal

from agents.check.number import PERIOD, Number
from agents.check.numerals import HAN_DIGITS, ORDINALS, han_value
from agents.check.words import listed

_TENS = {
    name: 10 * value
    for value, name in enumerate(
        listed("twenties thirties forties fifties sixties seventies eighties nineties"), 2
    )
}
_NUMERIC = re.compile(r"(?<![\w$£€¥,.-])['’]?(?P<year>\d{2}(?:\d0|00)?|\d{4})['’]?s\b")
_WORDED = re.compile(
    rf"\b(?:(?P<century>nineteen|eighteen|seventeen|sixteen)[\s-])?(?P<tens>{'|'.join(_TENS)})\b",
    re.IGNORECASE,
)
_NAMES = {"nineteen": 1900, "eighteen": 1800, "seventeen": 1700, "sixteen": 1600}
_ORDINAL = "|".join(sorted(ORDINALS, key=len, reverse=True))
_CENTURY = re.compile(
    rf"\b(?:(?P<number>\d{{1,2}})(?:st|nd|rd|th)|(?P<twenty>twenty[\s-])?(?P<word>{_ORDINAL}))"
    r"[\s-](?:(?:and|to|or)\s\w+\s)?centur(?:y|ies)\b(?P<before>\s+B\.?C\.?(?:E\.?)?)?",
    re.IGNORECASE,
)
_NUMBER = rf"(?:[{HAN_DIGITS}十]+|\d{{1,2}})"
_HAN_CENTURY = re.compile(
    rf"(?P<before>公元前|西元前|前)?(?<![个個{HAN_DIGITS}十\d])(?P<century>{_NUMBER})世[纪紀]"
    rf"(?:(?P<decade>{_NUMBER})年代)?"
)
_HAN_DECADE = re.compile(rf"(?P<year>\d{{4}}|[{HAN_DIGITS}]{{4}}|\d0|[二三四五六七八九]十)年代")


def periods(text: str) -> Iterator[Number]:
    """Yield the decades and centuries of a text, in no order.

    A decade of two digits ("the eighties") runs from 80 to 89; years before Christ are negative.
    """
    for match in _NUMERIC.finditer(text):
        year = int(match["year"])
        if year % 10 == 0 and (year > 100 or (year < 100 and match["year"] != "00")):
            yield _period(match, year, 100 if year % 100 == 0 and year > 100 else 10)
    for match in _WORDED.finditer(text):
        century = _NAMES[match["century"].lower()] if match["century"] else 0
        yield _period(match, century + _TENS[match["tens"].lower()], 10)
    for match in _CENTURY.finditer(text):
        number = int(match["number"]) if match["number"] else ORDINALS[match["word"].lower()]
        yield _century(match, number + (20 if match["twenty"] else 0), bool(match["before"]))
    if not text.isascii():
        yield from _chinese(text)


def _chinese(text: str) -> Iterator[Number]:
    for match in _HAN_CENTURY.finditer(text):
        century = _value(match["century"])
        if match["decade"]:
            yield _period(match, 100 * (century - 1) + _value(match["decade"]), 10)
        else:
            yield _century(match, century, bool(match["before"]))
    for match in _HAN_DECADE.finditer(text):
        before = text[max(0, match.start() - 3) : match.start()]
        if before[-2:] not in ("世纪", "世紀") or before[0] in "上本":
            yield _period(match, _value(match["year"]), 10)


def _value(body: str) -> int:
    return int(body) if body.isascii() else int(han_value(body))


def _century(match: re.Match[str], number: int, before: bool) -> Number:
    return _period(match, -100 * number, 100) if before else _period(match, 100 * (number - 1), 101)


def _period(match: re.Match[str], first: int, years: int) -> Number:
    start, end = match.span()
    raw = Decimal(first)
    return Number(raw, match[0], start, end, raw, PERIOD, until=raw + years - 1)
