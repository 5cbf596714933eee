"""Dates in a text, in the forms of day, month and year that English and Chinese write."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agents.check.numerals import HAN_DIGITS, ORDINALS, han_value
from agents.check.words import listed

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun",
            "july jul", "august aug", "september sept sep", "october oct", "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_NAME = r"(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_WORDED = "|".join(sorted(ORDINALS, key=len, reverse=True))
_DAY = rf"(?P<day>[0-3]?\d(?:st|nd|rd|th)?|(?:(?:twenty|thirty)[\s-])?(?:{_WORDED}))"
_YEAR = r"(?P<year>[12]\d{3})(?!\d)"
_HAN = rf"[{HAN_DIGITS}十\d]"
_HAN_DAY = rf"[{HAN_DIGITS}十]{{1,3}}"


@dataclass(frozen=True, slots=True)
class Date:
    """A date with at least a month; a part that the text leaves open is None."""

    year: int | None
    month: int | None
    day: int | None
    text: str
    start: int
    end: int


_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<year>[12]\d{3})([-/.])(?P<number>[01]?\d)\2(?P<day>[0-3]?\d)(?!\d)",
        rf"(?<![\w.]){_DAY}(?:(?:\s+day)?\s+of)?[\s-]+{_NAME}(?:(?:,\s*|[\s-]+|\s+of\s+){_YEAR})?",
        rf"\b{_NAME}\s+(?:the\s+)?{_DAY}(?!\d|[.,]\d)(?:(?:,\s*|\s+){_YEAR})?",
        rf"\b{_NAME},?\s+(?:of\s+)?{_YEAR}",
        rf"(?P<year>{_HAN}{{2,4}})年(?P<number>{_HAN}{{1,3}})月(?:(?P<day>{_HAN}{{1,3}})[日号號])?",
        rf"(?P<number>{_HAN}{{1,3}})月(?:(?P<day>{_HAN}{{1,3}})[日号號]|(?P<lunar>{_HAN_DAY}))?",
    )
)
_SLASHED = re.compile(r"(?<![\d/.])(\d{1,2})[/.](\d{1,2})[/.]((?:1[5-9]|20)\d{2})(?![\d/])")
_ALONE = re.compile(
    r"\b(?:January|February|April|June|July|August|September|October|November|December"
    r"|(?<=[Ii]n )(?:March|May)|(?<=[Ee]arly )(?:March|May)|(?<=[Ll]ate )(?:March|May))\b"
)


def dates(text: str) -> list[Date]:
    """Return the dates of a text in order, none overlapping. 3/4/1999 gives both its readings."""
    found: list[Date] = []
    for make in _READINGS:
        taken = [(date.start, date.end) for date in found]
        found += [
            date
            for date in make(text)
            if not any(date.start < end and start < date.end for start, end in taken)
        ]
    return sorted(found, key=lambda date: (date.start, date.month or 0))


def _formed(text: str) -> Iterator[Date]:
    end = 0
    matches = [match for form in _FORMS for match in form.finditer(text)]
    for match in sorted(matches, key=lambda match: (match.start(), -match.end())):
        if match.start() < end:
            continue
        date = _date(match)
        if date is not None:
            yield date
            end = match.end()


def _date(match: re.Match[str]) -> Date | None:
    parts = match.groupdict()
    number = parts.get("number")
    month = _number(number) if number else _MONTHS[parts["month"].lower()]
    told = parts.get("day") or parts.get("lunar")
    day = _number(told) if told else None
    year = _number(parts["year"]) if parts.get("year") else None
    if month is None or not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return None
    if not number and parts["month"].islower() and parts["month"] in ("may", "march", "mar"):
        return None
    return Date(year, month, day, match[0], match.start(), match.end())


def _number(text: str) -> int | None:
    lowered = text.lower()
    if lowered[:1].isdigit():
        return int(re.sub(r"\D", "", lowered))
    if not lowered.isascii():
        return int(han_value(re.sub(r"\d", "", lowered) or "零"))
    tens = {"twenty": 20, "thirty": 30}
    parts = re.split(r"[\s-]", lowered)
    return sum(tens.get(part, ORDINALS.get(part, 0)) for part in parts)


def _slashed(text: str) -> Iterator[Date]:
    for match in _SLASHED.finditer(text):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        for month, day in {(first, second), (second, first)}:
            if month <= 12 and day <= 31:
                yield Date(year, month, day, match[0], match.start(), match.end())


def _months(text: str) -> Iterator[Date]:
    for match in _ALONE.finditer(text):
        month = _MONTHS[match[0].lower()]
        yield Date(None, month, None, match[0], match.start(), match.end())


_READINGS: tuple[Callable[[str], Iterator[Date]], ...] = (_formed, _slashed, _months)

_WEEK = listed("monday tuesday wednesday thursday friday saturday sunday")
_WEEKDAY = re.compile(rf"\b({'|'.join(_WEEK)})s?\b", re.IGNORECASE)
_HAN_WEEKDAY = re.compile("(?:星期|礼拜|周)([一二三四五六日天])")


def weekdays(text: str) -> Iterator[tuple[int, str]]:
    """Yield the days of the week that a text names, 0 for Monday, each with its word."""
    for match in _WEEKDAY.finditer(text):
        yield _WEEK.index(match[1].lower()), match[0]
    for match in _HAN_WEEKDAY.finditer(text):
        yield min("一二三四五六日天".index(match[1]), 6), match[0]
