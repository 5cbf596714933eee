"""How exactly a number is meant: about, at least, at most, over, under; English and Chinese."""

import re

from agents.check.number import Bound
from agents.check.units import SIGNS

_TABLE = """
about | about around roughly approximately approx approx. nearly almost some circa ca. c. close_to
 estimated | 大约 约 约为 大概 近 将近 接近 左右 几乎
least | at_least no_fewer_than no_less_than not_less_than minimum_of from | 至少 最少 起码
 不少于 不低于 不小于
most | at_most up_to as_many_as as_much_as no_more_than not_more_than maximum_of
 | 最多 至多 不超过 不多于 不高于 不大于
over | more_than greater_than higher_than larger_than longer_than over above exceed exceeds exceeded
 exceeding upwards_of | 超过 多于 大于 高于 逾 超
under | less_than fewer_than lower_than smaller_than shorter_than under below short_of
 | 不到 不足 少于 小于 低于 未满 不满 不及
"""
_HEAD = rf"\s*(?:a|an|the)?\s*(?:(?:US|HK|[AC])?[{SIGNS}]|[A-Z]{{3}})?\s?$"


def _forms() -> tuple[tuple[Bound, re.Pattern[str]], ...]:
    forms: list[tuple[Bound, re.Pattern[str]]] = []
    names: tuple[Bound, ...] = ("about", "least", "most", "over", "under")
    for name, line in zip(names, re.split(r"\n(?=\w)", _TABLE.strip()), strict=True):
        _, english, chinese = line.split("|")
        words = "|".join(re.escape(word).replace("_", r"\s+") for word in english.split())
        form = rf"(?:\b(?:{words})|(?:{'|'.join(chinese.split())})[有为是达]?){_HEAD}"
        forms.append((name, re.compile(form, re.IGNORECASE)))
    return tuple(forms)


_BEFORE = _forms()
_AFTER: tuple[tuple[Bound, re.Pattern[str]], ...] = (
    ("over", re.compile(r"\s?[多余餘几]|\+")),
    ("least", re.compile(r"\s?(?:or more\b|or over\b|and over\b|[人名个岁年]?以上)")),
    (
        "most",
        re.compile(r"\s?(?:or less\b|or fewer\b|or under\b|and under\b|[人名个岁年]?以[下内])"),
    ),
    ("about", re.compile(r"\s?(?:or so\b|[人名个岁年]?(?:左右|上下))")),
)
_EXACT = re.compile(r"(?:\b(?:exactly|precisely)|正好|恰好|刚好|整整)\s*(?:a|the)?\s*$", re.I)

BACK = 26
"""Characters before a number in which the word that bounds it stands."""


def bound(text: str, start: int, *ends: int) -> Bound:
    """Return how the number at `start` is meant; `ends` are where it ends, with its unit or not."""
    before = text[max(0, start - BACK) : start]
    for name, form in _BEFORE:
        if form.search(before):
            return name
    return next((name for name, form in _AFTER for end in ends if form.match(text, end)), "")


def exact(text: str, start: int) -> bool:
    """True where the number at `start` is said to be exact."""
    return _EXACT.search(text, max(0, start - BACK), start) is not None
