"""What a text denies and how far it goes: negation, quantifiers, words of opposite meaning."""

import re
from dataclasses import dataclass
from itertools import pairwise

from agents.check.words import HAN, Word, fold, is_cjk, is_stop, listed, stem, words

SCOPE = 4
"""Content words after a negator that it is taken to deny."""

_NEGATORS = frozenset(
    listed(
        """not no never none nor neither without cannot nobody nothing nowhere hardly barely
        scarcely unable fail fails failed refuse refuses refused lack lacks lacked lacking deny
        denies denied absence absent false untrue"""
    )
)
_HAN_NEGATION = re.compile(
    "(?P<cue>没有|沒有|并非|並非|从未|從未|不会|不是|不能|不|没|沒|无|無|未|非)"
    "(?!仅|僅|只|断|斷|少|过|過|同|得不|久|论|論|来|來|常|洲|法|线|線|数|數|疑|限)"
    rf"(?P<denied>[{HAN}]{{0,2}})"
)
_NOT_NEGATION = re.compile(r"\bnot (?:only|just|merely)\b|\bno\. ?\d|\bno fewer than\b", re.I)
_END = re.compile(r"[.;:!?,，。；！？：]|\b(?:but|although|though|while|whereas|and)\b", re.I)

_ASSERT = """all: all every always everyone everything 全部 所有 一切
only: only solely exclusively sole 只 仅 唯一
most: most majority mostly 大多数 多数 大部分
few: few rarely seldom 少数 很少"""
"""Quantifiers that a claim may not add by itself."""

_CARRY = """all: each entire entirely whole both 每 都 全
only: exclusive just alone merely 单独
most: largely mainly primarily chiefly predominantly generally typically usually 主要 通常
few: little hardly scarcely barely"""
"""Words that carry such a quantifier besides those."""


def _kinds(table: str) -> dict[str, str]:
    lines = [line.partition(": ") for line in table.splitlines()]
    return {word: kind for kind, _, names in lines for word in listed(names)}


_STRONG = _kinds(_ASSERT)
_ALL = _STRONG | _kinds(_CARRY)
_UNSAID = {
    "all": listed("not at after above of s"),
    "most": listed("not at the a of its his her their"),
    "few": listed("not the a"),
}

_OPPOSITES = """increase/decrease rise/fall more/less more/fewer first/last north/south east/west
northern/southern eastern/western win/lose male/female man/woman men/women largest/smallest
highest/lowest higher/lower larger/smaller biggest/smallest above/below inside/outside
accept/reject support/oppose succeed/fail alive/dead true/false legal/illegal possible/impossible
older/younger oldest/youngest minimum/maximum import/export positive/negative
majority/minority include/exclude agree/disagree allow/forbid allow/ban guilty/innocent best/worst
hot/cold strong/weak rich/poor husband/wife father/mother son/daughter brother/sister king/queen
prince/princess actor/actress always/never upper/lower internal/external ancient/modern
public/private rural/urban longest/shortest longer/shorter faster/slower fastest/slowest
employed/unemployed married/unmarried able/unable before/after success/failure
successful/unsuccessful
失败/成功 增加/减少 上升/下降 最大/最小 最高/最低 支持/反对 允许/禁止 南部/北部 东部/西部"""
_BOTH = [(pair.split("/")[0], pair.split("/")[1]) for pair in listed(_OPPOSITES)]
_PAIRS = [*_BOTH, *((second, first) for first, second in _BOTH)]


@dataclass(frozen=True, slots=True)
class Polarity:
    """How a text speaks.

    `cues` are its negators; `denied` the stems, or the one or two CJK characters, that one of them
    governs wherever they occur; `quantifiers` are (kind, word) as asserted; `held` the kinds that
    some word carries; `stems` are all its stems, `han` its CJK characters with blanks between.
    """

    cues: tuple[str, ...]
    denied: frozenset[str]
    quantifiers: tuple[tuple[str, str], ...]
    held: frozenset[str]
    stems: frozenset[str]
    han: str = ""


def polarity(text: str) -> Polarity:
    """Read what a text denies and quantifies."""
    masked = _NOT_NEGATION.sub(lambda match: " " * len(match[0]), text)
    tokens = words(masked)
    lowered = [fold(token.surface) for token in tokens]
    han = [match["cue"] for match in _HAN_NEGATION.finditer(text)]
    return Polarity(
        cues=(*(token.surface for token in tokens if _negates(token)), *han),
        denied=_denied(masked, tokens) | _han_denied(text),
        quantifiers=tuple(_said(text, lowered)),
        held=frozenset(_held(text, lowered)),
        stems=frozenset(token.stem for token in tokens),
        han="".join(letter if is_cjk(letter) else " " for letter in text),
    )


def _denied(text: str, tokens: list[Word]) -> frozenset[str]:
    governed: set[int] = set()
    for index, token in enumerate(tokens):
        if _negates(token):
            governed |= _governed(text, tokens, index)
    spared = {
        token.stem
        for index, token in enumerate(tokens)
        if index not in governed and not _negates(token)
    }
    return frozenset(tokens[index].stem for index in governed) - spared


def _han_denied(text: str) -> frozenset[str]:
    asserted = _HAN_NEGATION.sub(" ", text)
    parts = {match["denied"].rstrip("了过") for match in _HAN_NEGATION.finditer(text)}
    return frozenset(part for part in parts if part and part not in asserted)


def _negates(token: Word) -> bool:
    surface = fold(token.surface)
    return surface in _NEGATORS or surface.endswith("n't")


def _governed(text: str, tokens: list[Word], index: int) -> set[int]:
    """The places of the content words that the negator at `index` governs."""
    governed: set[int] = set()
    last = tokens[index]
    for at in range(index + 1, len(tokens)):
        if _END.search(text, last.end, tokens[at].end):
            break
        if not is_stop(tokens[at].surface):
            governed.add(at)
        if len(governed) >= SCOPE:
            break
        last = tokens[at]
    return governed


def _said(text: str, lowered: list[str]) -> list[tuple[str, str]]:
    """The quantifiers that a text asserts; "the most famous" and "not all" assert none."""
    said = [
        (kind, word)
        for before, word in pairwise(["", *lowered])
        if (kind := _STRONG.get(word)) and before not in _UNSAID.get(kind, ())
    ]
    return said + [(kind, word) for word, kind in _STRONG.items() if _han_word(word, text)]


def _held(text: str, lowered: list[str]) -> set[str]:
    held = {_ALL[word] for word in lowered if word in _ALL}
    return held | {kind for word, kind in _ALL.items() if _han_word(word, text)}


def _han_word(word: str, text: str) -> bool:
    return not word.isascii() and word in text


def shares(side: Polarity, denied: frozenset[str]) -> frozenset[str]:
    """Return what of the denied words or characters a text has."""
    return frozenset(word for word in denied if word in side.stems or (word and word in side.han))


def opposite(claim: Polarity, evidence: Polarity) -> tuple[str, str] | None:
    """Return a word of the claim that the evidence turns into its opposite, and that opposite."""
    for ours, theirs in _PAIRS:
        if _only(claim, ours, theirs) and _only(evidence, theirs, ours):
            return ours, theirs
    return None


def _only(side: Polarity, word: str, other: str) -> bool:
    return _has(side, word) and not _has(side, other)


def _has(side: Polarity, word: str) -> bool:
    return stem(word) in side.stems if word.isascii() else word in side.han
