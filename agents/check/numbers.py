"""Numbers in a text, normalised: digits, words, scales, ordinals, units, Chinese numerals."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from agents.check.numerals import SCALES, SUFFIXES, WORDS, han_scale, han_value, spelled
from agents.check.units import SIGNS, spellings, unit
from agents.check.words import CJK, listed

ZERO = Decimal(0)
DECADE = "decade"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a text has it: `raw` as written, `value` in the base unit of `dimension`.

    `dimension` is "" for a plain number; `ordinal` marks 1st, "third", 第三; `hedged` marks what
    stands after "about", "nearly" and their like; `digits` is False for numbers in words.
    """

    value: Decimal
    text: str
    start: int
    end: int
    raw: Decimal = ZERO
    dimension: str = ""
    ordinal: bool = False
    hedged: bool = False
    digits: bool = True


_ROMAN = {
    numeral: value
    for value, numeral in enumerate(
        listed("II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI XXII"), 2
    )
}
_HEDGE = re.compile(
    r"(?:about|around|roughly|approximately|approx\.?|nearly|almost|some|circa|ca?\.|close to"
    r"|up to|over|more than|less than|under|at least|at most|an estimated"
    r"|大约|约|近|超过|将近|左右)"
    rf"\s*(?:a|an|the)?\s*[{SIGNS}]?\s*$",
    re.IGNORECASE,
)
_WORDED = "|".join(sorted(WORDS, key=len, reverse=True))
_RUN = re.compile(
    rf"(?<![\w-])(?:(?:a|an)\s+(?=hundred|thousand|million|billion|trillion|dozen))?(?:{_WORDED})"
    rf"(?:(?:\s+and\s+|[\s-]+)(?:{_WORDED})(?![\w]))*s?(?!\w)",
    re.IGNORECASE,
)
_DIGITS = re.compile(
    rf"(?:(?<![\w.,])|(?<=[{CJK}]))(?P<minus>(?<![\w)\]])[-−])?(?P<sign>(?:US)?[{SIGNS}])?\s?"
    r"(?P<body>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:(?P<ordinal>st|nd|rd|th)\b|(?P<decade>['’]?s)\b|(?P<short>k|K|mn|[mM]|bn|[bB]|tn)\b(?=(?<=.))"
    r"|[\s-]?(?P<scale>hundred|thousand|million|billion|trillion)s?\b|(?P<han>[十百千万萬亿億]+))?"
    rf"(?=$|[^\w]|[{CJK}]|[a-zA-Zµ°²]{{1,4}}\b)",
    re.IGNORECASE,
)
_HAN_RUN = re.compile(
    "百分之(?P<percent>[零〇一二两三四五六七八九十百点]+)|(?P<first>第)?(?P<body>[零〇一二两兩三四五六七八九十百千万萬亿億]+)"
)
_MEASURE = re.compile(
    "[个個名位年月日次岁歲人天条座家种部届所层间本首支块场队米吨亩里]|世纪|公|英里|小时|分钟|美元|元|平方|[零〇]"
)
_RANGE = re.compile(r"\s*(?:-|–|—|to|and|or|至|到|~)\s*$")


def numbers(text: str) -> list[Number]:
    """Return the numbers of a text in order; "one" and 一 alone, mostly pronouns, are left out."""
    found = sorted(
        [*_digits(text), *_words(text), *_han(text), *_romans(text)],
        key=lambda number: (number.start, -number.end),
    )
    return _ranges(text, list(_apart(found)))


def _apart(found: list[Number]) -> Iterator[Number]:
    """Of numbers that overlap, keep the first."""
    end = -1
    for number in found:
        if number.start >= end:
            yield number
            end = number.end


def _digits(text: str) -> Iterator[Number]:
    for match in _DIGITS.finditer(text):
        value = Decimal(match["body"].replace(",", ""))
        short = match["short"]
        end = match.end()
        if match["scale"]:
            value *= SCALES[match["scale"].lower()]
        elif match["han"]:
            value *= han_scale(match["han"])
        elif short and (match["sign"] or short.lower() not in ("m", "b", "k")):
            value *= SUFFIXES[short.lower()]
        elif short:
            end = match.start("short")
        if match["minus"]:
            value = -value
        ordinal = bool(match["ordinal"]) or text[: match.start()].endswith("第")
        if match["decade"]:
            yield Number(value, match[0], match.start(), end, value, DECADE)
        else:
            yield _measured(text, value, match.start(), end, match["sign"] or "", ordinal)


def _measured(
    text: str, value: Decimal, start: int, end: int, sign: str, ordinal: bool, digits: bool = True
) -> Number:
    name, after = (sign, end) if sign else _unit_after(text, end)
    known = None if ordinal and name != "世纪" else unit(name)
    dimension, factor = known if known else ("", Decimal(1))
    if text[:start].endswith("公元前"):
        dimension, factor = "before christ", Decimal(1)
    stop = after if known else end
    hedged = _HEDGE.search(text, max(0, start - 24), start) is not None
    return Number(
        value * factor, text[start:stop], start, stop, value, dimension, ordinal, hedged, digits
    )


@cache
def _unit_pattern() -> re.Pattern[str]:
    names = "|".join(
        re.escape(name) + (r"(?![^\W_])" if name[-1].isascii() and name[-1].isalpha() else "")
        for name in spellings()
    )
    return re.compile(rf"[\s\u00a0-]?({names})", re.IGNORECASE)


def _unit_after(text: str, at: int) -> tuple[str, int]:
    match = _unit_pattern().match(text, at)
    if match is None or match[1] in ("M", "K", "B", "W's"):
        return "", at
    return match[1], match.end()


def free_units(text: str) -> frozenset[str]:
    """Return the dimensions of all unit words of a text, beside a number or not."""
    tokens = re.findall(rf"[{SIGNS}%％°]|[^\W\d_]+", text)
    return frozenset(known[0] for known in map(unit, tokens) if known)


def _words(text: str) -> Iterator[Number]:
    for match in _RUN.finditer(text):
        tokens = re.findall(r"[a-z]+", match[0].lower())
        if tokens in (["one"], ["ones"], ["second"], ["seconds"]) and not _counts(text, match):
            continue
        value, ordinal = spelled(tokens)
        if value is not None and not set(tokens) <= {"and", *SCALES, *(f"{s}s" for s in SCALES)}:
            yield _measured(text, value, match.start(), match.end(), "", ordinal, digits=False)


def _counts(text: str, match: re.Match[str]) -> bool:
    """True where "one" stands before a unit, or "second" after an article."""
    if match[0].lower() == "one":
        return bool(_unit_after(text, match.end())[0])
    return re.search(r"\b(?:the|a|its|his|her|their)\s+$", text[: match.start()]) is not None


def _han(text: str) -> Iterator[Number]:
    for match in _HAN_RUN.finditer(text):
        if match["percent"]:
            value = han_value(match["percent"])
            yield Number(
                value, match[0], match.start(), match.end(), value, "percent", digits=False
            )
            continue
        body = match["body"]
        before = text[match.start() - 1 : match.start()]
        if before.isdigit() or not _is_count(text, match):
            continue
        yield _measured(
            text, han_value(body), match.start(), match.end(), "", bool(match["first"]), False
        )


def _is_count(text: str, match: re.Match[str]) -> bool:
    body = match["body"]
    if body == "一" and not match["first"]:
        return False
    if all(letter in "万萬亿億千百" for letter in body):
        return False
    if len(body) > 1 or match["first"]:
        return True
    return _MEASURE.match(text, match.end()) is not None


def _romans(text: str) -> Iterator[Number]:
    for match in re.finditer(r"(?<=[A-Za-z] )([IVX]{1,5})\b(?!['’])", text):
        before = re.search(r"(\w+) $", text[: match.start()])
        if match[0] in _ROMAN and before is not None and before[1][0].isupper():
            value = Decimal(_ROMAN[match[0]])
            yield Number(value, match[0], match.start(), match.end(), value, digits=False)


def _ranges(text: str, found: list[Number]) -> list[Number]:
    """Give the low end of a range the unit of its high end, and 2008-09 its century."""
    settled = list(found)
    for index in range(len(settled) - 2, -1, -1):
        low, high = settled[index], settled[index + 1]
        between = text[low.end : high.start]
        if not _RANGE.fullmatch(between):
            continue
        if not low.dimension and high.dimension and not low.ordinal and high.raw:
            settled[index] = _with_unit(low, high)
        if between.strip() in ("-", "–") and 1000 <= low.raw <= 2100 and 0 < high.raw < 100:
            value = low.raw // 100 * 100 + high.raw
            settled[index + 1] = Number(value, high.text, high.start, high.end, value)
    return settled


def _with_unit(low: Number, high: Number) -> Number:
    factor = high.value / high.raw
    return Number(
        low.raw * factor, low.text, low.start, low.end, low.raw, high.dimension, low.ordinal,
        low.hedged, low.digits,
    )  # fmt: skip
