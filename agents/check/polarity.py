"""What a text denies and how far it goes: negation, quantifiers, words of opposite meaning."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from agents.check.words import CJK, HAN, Word, fold, is_stop, listed, stem, words

SCOPE = 4
"""Content words after a negator that it is taken to deny."""

_NEGATORS = frozenset(
    listed(
        """not no never none nor neither without cannot nobody nothing nowhere hardly barely
        scarcely unable fail fails failed refuse refuses refused lack lacks lacked lacking deny
        denies denied absence absent false untrue"""
    )
)
_PLAIN_NEGATORS = frozenset(listed("not no never none cannot neither nor without"))
_HAN_NEGATION = re.compile(
    "(?P<cue>没有|沒有|并非|並非|从未|從未|从不|从来不|从没|不会|不是|不能|不|没|沒|无|無|未|(?<![是南北东西])非)"
    "(?!仅|僅|只|断|斷|少|多|过|過|同|得不|久|论|論|来|來|常|洲|法|线|線|数|數|疑|限|管|到|足|及|超|低|高于|满|婚|锡"
    "|列颠|丹|得已|锈|良|幸|错|收|落|典|必要|尽|妨|如|但|独|光|花果|政府|盟|裔)"
    rf"(?P<denied>[{HAN}]{{0,2}})"
)
_NOT_NEGATION = re.compile(
    r"\bnot (?:only|just|merely)\b|\bno\. ?\d|\bnot? (?:fewer|less|more) than\b|\bno later than\b"
    r"|\bwhether or not\b|\bnot until\b",
    re.I,
)
_END = re.compile(r"[.;:!?,)，。；！？：）]|\b(?:but|although|though|while|whereas|and)\b", re.I)

_OVER = re.compile(r"because|due|is|are|was|were|which|who", re.IGNORECASE)
"""Words behind a denied one at which the denial is over: what is not prime is called composite."""

_ASSERT = """all: all every always everyone everything 全部 所有 一切 总是 始终 每个 每位 每次
only: only solely exclusively sole 只有 只能 只 仅 唯一
most: most majority mostly 大多数 多数 大部分 绝大部分
few: few rarely seldom 少数 很少 极少"""
"""Quantifiers that a claim may not add by itself."""

_CARRY = """all: each entire entirely whole both any 每 都 全 任何 均 一直 总
only: exclusive just alone merely 单独 只
most: largely mainly primarily chiefly predominantly generally typically usually 主要 通常 大都
 大多
few: little hardly scarcely barely 少"""
"""Words that carry such a quantifier besides those."""

_IMPLIED = {"all": "most"}
"""What a quantifier of the evidence carries besides itself: who says all says most."""


def _kinds(table: str) -> dict[str, str]:
    lines = [line.partition(": ") for line in table.replace("\n ", " ").splitlines()]
    return {word: kind for kind, _, names in lines for word in listed(names)}


_STRONG = _kinds(_ASSERT)
_ALL = _STRONG | _kinds(_CARRY)
_UNSAID = {
    "all": listed("not at after above of s"),
    "most": listed("not at the a of its his her their"),
    "few": listed("not the a"),
}
_OTHERS = re.compile(rf"[^{CJK}]")
_QUANTIFIED = ("all", "every", "everyone", "everything", "always", "both", "only")
_ALMOST = ("almost", "nearly", "virtually", "practically", "not")
_AS_WRITTEN = frozenset(listed("first last"))
"""Opposites that are compared as they are written: what lasted was not last."""

_ASPECT = re.compile("[了过過着著]")
_ADJECTIVE = re.compile(r"(?:able|ible|ent|ant|ive|al|ate|ct|ular|valid|pure|perfect|moral)$")
_NO_IN = frozenset(listed("migrant migrate plant habitant agent"))
_NO_UN = frozenset(listed("less cover veil fold load lock pack wind dress leash earth"))
_NO_ONLY = re.compile(
    r"(?:不|[\d一二两三四五六七八九十百千万几这那每]|船)只|只[要是]|不仅|仅次|只不过"
)

_OPPOSITES = """increase/decrease rise/fall more/less more/fewer first/last north/south east/west
northern/southern eastern/western win/lose male/female man/woman men/women largest/smallest
highest/lowest higher/lower larger/smaller biggest/smallest above/below inside/outside
accept/reject support/oppose succeed/fail alive/dead true/false legal/illegal possible/impossible
older/younger oldest/youngest minimum/maximum import/export positive/negative
majority/minority include/exclude agree/disagree allow/forbid allow/ban guilty/innocent best/worst
hot/cold strong/weak rich/poor husband/wife father/mother son/daughter brother/sister king/queen
prince/princess actor/actress always/never upper/lower internal/external ancient/modern
public/private rural/urban longest/shortest longer/shorter faster/slower fastest/slowest
employed/unemployed married/unmarried able/unable before/after success/failure many/few
open/closed opened/closed approve/reject adopt/reject winner/loser early/late earliest/latest
high/low deep/shallow wide/narrow easy/difficult warm/cold wet/dry friend/enemy
successful/unsuccessful often/rarely often/never often/seldom always/sometimes usually/rarely
失败/成功 增加/减少 上升/下降 最大/最小 最高/最低 支持/反对 允许/禁止 南部/北部 东部/西部 多数/少数
经常/从不 经常/很少 总是/有时 最早/最晚 最长/最短 最多/最少 增长/下降 提高/降低 扩大/缩小 接受/拒绝
合法/非法 国内/国外 左侧/右侧 男性/女性"""
_BOTH = [(pair.split("/")[0], pair.split("/")[1]) for pair in listed(_OPPOSITES)]
_PAIRS = [*_BOTH, *((second, first) for first, second in _BOTH)]


@dataclass(frozen=True, slots=True)
class Polarity:
    """How a text speaks.

    `cues` are its negators; `denied` the stems, or the one or two CJK characters, that one of them
    governs wherever they occur; `heads` are the first ones behind a plain "not" or "never",
    `governed` all that any negator governs somewhere; `quantifiers` are (kind, word) as asserted;
    `held` the kinds that some word carries; `stems` are all its stems, `words` all its words in
    lower case, `han` its CJK characters with blanks between.
    """

    cues: tuple[str, ...]
    denied: frozenset[str]
    heads: frozenset[str]
    governed: frozenset[str]
    quantifiers: tuple[tuple[str, str], ...]
    held: frozenset[str]
    stems: frozenset[str]
    words: frozenset[str]
    han: str = ""


def polarity(text: str) -> Polarity:
    """Read what a text denies and quantifies."""
    masked = _NOT_NEGATION.sub(lambda match: " " * len(match[0]), text)
    tokens = words(masked)
    lowered = [fold(token.surface) for token in tokens]
    han = [match["cue"] for match in _HAN_NEGATION.finditer(text)]
    cues = [at for at, token in enumerate(tokens) if _negates(token)]
    governed = {other for at in cues for other in _governed(masked, tokens, at)}
    han_denied = _han_denied(text)
    denied = _spared(tokens, governed, cues) | han_denied
    return Polarity(
        cues=(*(tokens[at].surface for at in cues), *han),
        denied=denied,
        heads=_heads(masked, tokens, cues) & denied | han_denied,
        governed=frozenset(tokens[at].stem for at in governed) | _han_parts(text),
        quantifiers=tuple(_said(text, lowered)),
        held=frozenset(_held(text, lowered)),
        stems=frozenset(token.stem for token in tokens),
        words=frozenset(lowered),
        han="" if text.isascii() else _OTHERS.sub(" ", text),
    )


def _spared(tokens: list[Word], governed: set[int], cues: list[int]) -> frozenset[str]:
    """The stems that are governed wherever they occur."""
    if not governed:
        return frozenset()
    apart = governed.union(cues)
    free = frozenset(token.stem for at, token in enumerate(tokens) if at not in apart)
    return frozenset(tokens[at].stem for at in governed) - free


def _heads(text: str, tokens: list[Word], cues: list[int]) -> frozenset[str]:
    """The stems of the first words behind "not", "never" and their like."""
    heads = (
        min(_governed(text, tokens, at), default=None)
        for at in cues
        if (surface := fold(tokens[at].surface)) in _PLAIN_NEGATORS or surface.endswith("n't")
        if fold(tokens[min(at + 1, len(tokens) - 1)].surface) not in _QUANTIFIED
    )
    return frozenset(tokens[head].stem for head in heads if head is not None)


def _han_parts(text: str) -> frozenset[str]:
    parts = {match["denied"].rstrip("了过") for match in _HAN_NEGATION.finditer(text)}
    return frozenset(part for part in parts if part)


def _han_denied(text: str) -> frozenset[str]:
    asserted = _HAN_NEGATION.sub(" ", text)
    return frozenset(part for part in _han_parts(text) if part not in asserted)


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
        if governed and _OVER.fullmatch(tokens[at].surface):
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
        if word.isascii() and (kind := _kind(before, _STRONG.get(word)))
        if before not in _UNSAID.get(kind, ())
    ]
    return said + [(kind, word) for word, kind in _STRONG.items() if _han_word(word, text)]


def _kind(before: str, kind: str | None) -> str | None:
    """What a quantifier says behind the word before it: nearly all are most."""
    return "most" if kind == "all" and before in _ALMOST else kind


def _held(text: str, lowered: list[str]) -> set[str]:
    held = {
        kind
        for before, word in pairwise(["", *lowered])
        if word.isascii() and (kind := _kind(before, _ALL.get(word)))
    }
    held |= {kind for word, kind in _ALL.items() if _han_word(word, text)}
    return held | {kind for kind in [_IMPLIED.get(one) for one in held] if kind}


def _han_word(word: str, text: str) -> bool:
    if word.isascii():
        return False
    return word in (_NO_ONLY.sub(" ", text) if word in ("只", "仅") else text)


def shares(side: Polarity, denied: frozenset[str]) -> frozenset[str]:
    """Return what of the denied words or characters a text has."""
    han = _ASPECT.sub("", side.han)
    return frozenset(word for word in denied if word in side.stems or (word and word in han))


def denies(side: Polarity, other: Polarity) -> bool:
    """True where one text denies what the other says and nowhere denies."""
    common = shares(other, side.heads)
    return bool(common) and not common & other.governed


def reversed_words(claim: Polarity, evidence: Polarity) -> Iterator[tuple[str, str]]:
    """Yield the words of the claim that the evidence has with a prefix that turns them round, and
    the other way: known, unknown."""
    for plain, turned, back in (
        *((word, word_, False) for word in claim.words for word_ in _prefixed(word)),
        *((word, word_, True) for word in evidence.words for word_ in _prefixed(word)),
    ):
        holder, other = (evidence, claim) if back else (claim, evidence)
        alone = plain not in other.words and turned not in holder.words
        if alone and turned in other.words:
            yield (turned, plain) if back else (plain, turned)


def _prefixed(word: str) -> Iterator[str]:
    if len(word) > 3 and word not in _NO_UN:
        yield f"un{word}"
        yield f"non{word}"
    if len(word) > 4 and _ADJECTIVE.search(word) and word not in _NO_IN:
        yield from (f"{prefix}{word}" for prefix in ("in", "im", "il", "ir"))


def opposite(claim: Polarity, evidence: Polarity) -> tuple[str, str] | None:
    """Return a word of the claim that the evidence turns into its opposite, and that opposite.

    Where one side denies its word ("not successful"), the two say the same.
    """
    for ours, theirs in (*_PAIRS, *reversed_words(claim, evidence)):
        alone = _only(claim, ours, theirs) and _only(evidence, theirs, ours)
        if alone and _denies(claim, ours) == _denies(evidence, theirs):
            return ours, theirs
    return None


def negated_by_word(claim: Polarity, evidence: Polarity) -> bool:
    """True where the evidence has one word for what the claim denies: not known, unknown."""
    return any(_denies(claim, plain) for plain, _ in reversed_words(claim, evidence))


def _denies(side: Polarity, word: str) -> bool:
    return (stem(word) if word.isascii() else word) in side.denied


def _only(side: Polarity, word: str, other: str) -> bool:
    return _has(side, word) and not _has(side, other)


def _has(side: Polarity, word: str) -> bool:
    if word in _AS_WRITTEN:
        return word in side.words
    return stem(word) in side.stems if word.isascii() else word in side.han
