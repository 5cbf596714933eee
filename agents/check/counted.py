"""What a number counts: the stems of the words after it ("40 large rooms", 40间客房)."""

import re

from agents.check.verbs import is_verb
from agents.check.words import CJK, HAN, fold, is_stop, listed, words

FAR = 3
"""Words after a number that may be what it counts."""

_GENERIC = frozenset("个個名位次条條种種项項只件所套")
CLASSIFIERS = (
    "个個名位次条條座家种種部届层層间間本首支块塊场場队隊艘辆輛张張项項只隻所件篇台架幅株盏套棵"
)
_HAN_NOUN = re.compile(rf"[多余餘]?(?P<classifier>[{CLASSIFIERS}])?(?P<noun>[{HAN}]{{1,2}})")
_STOPS = re.compile(rf"[^\w\s'’-]|[{CJK}]")
_LABELS = frozenset(
    listed("""season chapter part volume no nos number phase stage type grade class level episode
    game week day round version section figure table article act scene line track room route highway
    page apollo win mark""")
)
_BEFORE = re.compile(r"([^\W\d_][\w'’-]*\.?)[\s-]$")


def counted(text: str, end: int) -> frozenset[str]:
    """Return the stems of the words that the number which ends at `end` may count."""
    chinese = _HAN_NOUN.match(text, end)
    if chinese:
        return _chinese(chinese)
    found: list[str] = []
    for word in words(text[end : end + 60]):
        gap = text[end : end + word.start]
        if _STOPS.search(gap) or is_stop(word.surface) or word.surface[0].isdigit():
            break
        if found and is_verb(word.surface):
            break
        found.append(word.stem)
        if len(found) == FAR:
            break
    return frozenset(found)


def _chinese(match: re.Match[str]) -> frozenset[str]:
    noun = match["noun"]
    if noun[0] in "的了是在和与及或之也其以上下左右":
        return frozenset()
    classifier = match["classifier"]
    own = {classifier} - _GENERIC if classifier else set()
    return frozenset({noun, noun[0], *own} if classifier else {noun[0]})


def naming(text: str, start: int) -> bool:
    """True where the number at `start` names the thing before it: Super Bowl 50, season 3."""
    before = _BEFORE.search(text, max(0, start - 30), start)
    if before is None or is_stop(before[1]):
        return False
    return before[1][0].isupper() or fold(before[1]).rstrip(".") in _LABELS
