"""Reads numbers by how they are written: in digits, English words, Chinese numerals, Roman."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache

from agents.check.number import BEFORE_CHRIST, ONE, Number
from agents.check.numerals import (
    HAN_DIGITS,
    HAN_SCALES,
    SCALES,
    SUFFIXES,
    WORDS,
    han_scale,
    han_value,
    spelled,
)
from agents.check.units import SIGNS, spellings, unit
from agents.check.words import CJK, is_stop, listed

_ROMANS = listed("I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI XXII")
_ROMAN = {numeral: value for value, numeral in enumerate(_ROMANS, 1)}
_ROMAN_PLACE = re.compile(r"\b([A-Z][a-z]{2,}) ([IVX]{1,5})\b(?!['’]|\.\w| (?:am|have)\b)")
_WORDED = "|".join(sorted(WORDS, key=len, reverse=True))
_AND = r"(?:(?<=hundred)|(?<=thousand)|(?<=million)|(?<=billion))\s+and\s+"
_RUN = re.compile(
    rf"(?<![\w-])(?P<minus>(?:minus|negative)\s+)?"
    rf"(?P<article>(?:a|an)\s+(?=hundred|thousand|million|billion|trillion|dozen))?"
    rf"(?P<body>(?:{_WORDED})"
    rf"(?:(?:{_AND}|[\s-]+(?:oh[\s-]+)?)(?:{_WORDED})(?![\w]))*)"
    rf"(?P<half>\s+and\s+a\s+half(?:\s+(?P<scale>million|billion|trillion|thousand))?)?s?(?!\w)",
    re.IGNORECASE,
)
_CODES = "USD|EUR|GBP|JPY|CNY|RMB|HKD|CAD|AUD"
_DIGITS = re.compile(
    rf"(?:(?<![\w.,])|(?<=[{CJK}])|(?<=[^\d],))(?P<minus>(?<![a-zA-Z\d)\]])[-−]|(?i:\bminus\s+)|零下|负)?"
    rf"(?P<sign>(?:US|HK|NT|(?<![A-Z])[AC])?[{SIGNS}]|\b(?:{_CODES})(?=\s?\d))?\s?"
    r"(?P<body>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:(?P<ordinal>st|nd|rd|th)\b|(?P<short>k|K|mn|[mM]|bn|[bB]|tn)\b(?=(?<=.))"
    r"|[\s-]?(?P<scale>hundred|thousand|million|billion|trillion)s?\b|(?P<han>[十百千万萬亿億]+))?"
    rf"(?=$|[^\w]|_|[{CJK}]|[a-zA-Zµ°²]{{1,4}}\b)",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"\s(?:people|visitors|users|copies|residents|inhabitants|viewers|barrels)\b")
_HAN_RUN = re.compile(
    rf"(?P<minus>零下|负)?(?P<first>第)?(?P<body>[{HAN_DIGITS}{HAN_SCALES}]+"
    rf"(?:点[{HAN_DIGITS}]+[{HAN_SCALES}]*)?)"
)
_MEASURE = re.compile(
    "[个個名位年月日次岁歲人天条條座家种種部届层層所间間本首支块场場队米吨亩里公斤度艘辆只张项件篇台多余倍周票]"
    f"|[到至][{HAN_DIGITS}十百]|世纪|英里|小时|分钟|秒|美元|元|平方|千米|厘米|星期|摄氏"
)
_LABEL = re.compile(r"([A-Za-z](?:[A-Za-z\d.]*[A-Za-z\d])?)-$")
_ONE = re.compile(r"\b(?:an?|per|each|every|every\sother)(?=\s)", re.IGNORECASE)
_NO_LABEL = frozenset(
    listed("mid pre post early late under over sub top about circa c then now age aged all an a to")
)
_FIRST = re.compile("首(?=[任次个位届批部座家支名艘条])")
_HOURLY = re.compile(r"(?:时速|每小时(?:行驶|可达|达|约)?)[约达为]*$")
_YEARS = re.compile(r"\s?年(?![代级级度份])")


def digits(text: str) -> Iterator[Number]:
    """Yield the numbers in digits: 1,200, $3.5m, -5 °C, 21st, 350万, covid-19."""
    for match in _DIGITS.finditer(text):
        value, end, scale = _scaled(text, match)
        if match["minus"]:
            value = -value
        label = _LABEL.search(text, max(0, match.start() - 24), match.start("body"))
        if label and label[1].lower() not in _NO_LABEL and value < 1000 and not match["sign"]:
            at = match.start("body")
            plain = abs(value)
            yield Number(plain, text[at:end], at, end, plain, label=label[1].lower(), named=True)
            continue
        ordinal = bool(match["ordinal"]) or text[: match.start()].endswith("第")
        found = _measured(text, value, match.start(), end, match["sign"] or "", ordinal)
        yield replace(found, scale=scale, raw=value)


def _scaled(text: str, match: re.Match[str]) -> tuple[Decimal, int, Decimal]:
    """The value with its scale, where the figures end, and the scale."""
    value, scale, end = Decimal(match["body"].replace(",", "")), ONE, match.end()
    short = match["short"]
    if match["scale"]:
        scale = Decimal(SCALES[match["scale"].lower()])
    elif match["han"]:
        scale = Decimal(han_scale(match["han"]))
    elif short:
        counts = match["sign"] or short.lower() not in ("m", "b", "k") or _PEOPLE.match(text, end)
        scale = Decimal(SUFFIXES[short.lower()]) if counts else ONE
        end = end if counts else match.start("short")
    return value * scale, end, scale


def _measured(
    text: str, value: Decimal, start: int, end: int, sign: str, ordinal: bool, digits: bool = True
) -> Number:
    """The number with the unit before or behind it."""
    name, after = (sign, end) if sign else _unit_after(text, end)
    known = None if ordinal else unit(name)
    dimension, factor = known if known else ("", ONE)
    if text[:start].endswith(("公元前", "西元前")):
        dimension, factor = BEFORE_CHRIST, ONE
    elif not known and not ordinal and value < 1000 and _YEARS.match(text, end):
        if not text[:start].endswith(("公元", "西元")):
            dimension, factor = "month", Decimal(12)
    elif dimension == "length" and _HOURLY.search(text[:start]):
        dimension, factor = "speed", factor / 1000
    stop = after if known else end
    return Number(
        value * factor, text[start:stop], start, stop, value, dimension, ordinal, "", digits,
        figure=end,
    )  # fmt: skip


@cache
def _unit_pattern() -> re.Pattern[str]:
    names = "|".join(
        re.escape(name).replace(r"\ ", r"[\s\u00a0-]")
        + (r"(?![^\W_])" if name[-1].isascii() and name[-1].isalpha() else "")
        for name in spellings()
    )
    return re.compile(rf"[多余餘]?[\s\u00a0-]?({names})", re.IGNORECASE)


def _unit_after(text: str, at: int) -> tuple[str, int]:
    match = _unit_pattern().match(text, at)
    if match is None or match[1] in ("M", "K", "B", "W's"):
        return "", at
    return match[1], match.end()


def free_units(text: str) -> frozenset[str]:
    """Return the dimensions of all unit words of a text, beside a number or not."""
    tokens = re.findall(rf"[{SIGNS}%％°]|[^\W\d_]+", text)
    return frozenset(known[0] for known in map(unit, tokens) if known)


def ones(text: str) -> Iterator[Number]:
    """Yield what "a year", "per hour" say of one unit: they carry the number one of a claim."""
    for match in _ONE.finditer(text):
        name, end = _unit_after(text, match.end())
        known = unit(name)
        if known:
            start = match.start()
            yield Number(known[1], text[start:end], start, end, ONE, known[0], digits=False)


def worded(text: str) -> Iterator[Number]:
    """Yield the numbers in English words: two hundred and five, a dozen, third, minus five."""
    for match in _RUN.finditer(text):
        tokens = re.findall(r"[a-z]+", f"{match['article'] or ''}{match['body']}".lower())
        if tokens in (["one"], ["ones"], ["second"], ["seconds"]) and not _counts(text, match):
            continue
        value, ordinal = spelled(tokens)
        if value is None or set(tokens) <= {"and", *SCALES, *(f"{s}s" for s in SCALES)}:
            continue
        if match["half"]:
            value = (value + Decimal("0.5")) * SCALES.get((match["scale"] or "").lower(), 1)
        if match["minus"]:
            value = -value
        yield _measured(text, value, match.start(), match.end(), "", ordinal, digits=False)


def _counts(text: str, match: re.Match[str]) -> bool:
    """True where "one" stands before a unit, or "second" after an article or a possessive."""
    if match[0].lower() == "one":
        return bool(_unit_after(text, match.end())[0])
    before = text[: match.start()]
    return re.search(r"(?:\b(?:the|a|its|his|her|their|our|my)|['’]s?)\s+$", before) is not None


def han(text: str) -> Iterator[Number]:
    """Yield the numbers in Chinese numerals that count or order: 三百五十万人, 第三次."""
    for match in _HAN_RUN.finditer(text):
        before = text[match.start() - 1 : match.start()]
        if before.isdigit() or not _is_count(text, match):
            continue
        value = han_value(match["body"])
        value = -value if match["minus"] else value
        ordinal = bool(match["first"])
        yield _measured(text, value, match.start(), match.end(), "", ordinal, digits=False)
    for match in _FIRST.finditer(text):
        start, end = match.span()
        yield Number(ONE, match[0], start, end, ONE, ordinal=True, digits=False)


def _is_count(text: str, match: re.Match[str]) -> bool:
    body = match["body"]
    if body == "一" and not match["first"]:
        return False
    if all(letter in "万萬亿億千百" for letter in body):
        return False
    if len(body) > 1 or match["first"] or match["minus"]:
        return True
    return _MEASURE.match(text, match.end()) is not None


def romans(text: str) -> Iterator[Number]:
    """Yield the Roman numerals behind a name: World War II, Henry VIII."""
    for match in _ROMAN_PLACE.finditer(text):
        if match[2] in _ROMAN and not is_stop(match[1]):
            value = Decimal(_ROMAN[match[2]])
            yield Number(
                value, match[2], match.start(2), match.end(2), value, digits=False, named=True
            )
