"""Cuts a Chinese sentence into clauses at its commas, and gives each the subject it leaves out."""

import re
from collections.abc import Iterator

from agents.check.words import HAN, bare
from agents.clauses.part import Part

_COMMA = re.compile(
    r"[，,;；](?!\d)(?P<link>而且|并且|並且|但是|同时|同時|此外|并|並|且|而|但|也|还|又)?(?=\S)"
)
_WHOLE = re.compile(
    "如果|虽然|雖然|尽管|儘管|因为|因為|只要|无论|不论|即使|除非|不仅|不但|分别|据说|有人|认为|表示|声称|指出"
    "|^当(?![地时年前今代选初局])"
)
_PREDICATE = (
    "是|为|為|有|拥有|建于|始建于|建成|位于|坐落|成立|创立|创建|出生于|生于|死于|逝世|去世|毕业于|属于|包括|包含|获得|获|荣获"
    "|成为|担任|出任|就读|任教|发现|发明|提出|设计|建造|出版|发表|打败|击败|赢得|失去|被|由|曾|共有|设有|现有|占地|全长|面积|海拔"
    "|总长|总面积|人口|高达|长达|达|横跨|连接|流经|起源|开放|开幕|举行|加入|离开|前往|采用|使用|生产|提供|包围|覆盖|容纳|可容纳"
    "|于(?=\\d|[一二三四五六七八九十])|[高长長宽深重](?=约|达|为|\\d|[一二三四五六七八九十百千])"
)
_STARTS = re.compile(
    rf"(?:已经|已|曾经|后来|现|现在|目前|最后|最终|主要|共|一共|总共|每年|当时|随后)?(?!包[括含围])(?:{_PREDICATE})"
)
_FINDS = re.compile(_PREDICATE)
_NO_LEFT = re.compile(
    r"^(?:在|从|自|自从|由于|随着|随著|为了|為了|根据|根據|按照|除了|对于|對於|关于|作为|作為|经过|通过|至于|到|直到|与|和|对)"
    r"|(?:时|時|后|後|前|以来|以來|期间|期間)$"
)
_TIME = re.compile(
    r"(?:时|時|后|後|前|以来|以來|期间|期間|中|上|下|里|起|间|間|年|月|日|外|内|初|末|底)$"
)
_NO_SUBJECT = re.compile(
    r"^(?:在|从|自|于|由|随|根据|按|除|对|关于|经过|通过|直到|到|与|和|并|而|但|也|还|这是|那是|其中|其他|其它|其实|其次|此|\d"
    r"|[一二三四五六七八九十]+年|每|当|如|因)|[，。；：！？、“”（）()《\s了着开始让使把将来去能应]|(?:的|不|没|未|并|会|可|要)$"
)
_TRAILING = re.compile(
    "(?:现在|如今|也|还|都|曾经|曾|已经|已|现|目前|主要|一共|总共|共|又|最初|后来|当时|则|将|并|于|就|约|为)+$"
)
_PRONOUN = re.compile(
    rf"(?:它们|他们|她们|它|他|她|其(?![中他它实次余后間间])|该[{HAN}]|这座|这家|这个)"
)
_LINKED = re.compile("而且|并且|並且|但是|但|同时|同時|此外")
LONG = 14
"""Characters of a subject at most."""


def chinese_subject(clause: str) -> str:
    """Return what a clause speaks of: what stands before its first predicate; "" if unsure."""
    alone = _PRONOUN.match(bare(clause))
    if alone:
        return alone[0]
    text = re.sub(r"^(?:在|于|自|从)?[^，。]{1,14}[，](?=[^，。])", _kept_time, bare(clause))
    found = _FINDS.search(text, 1)
    if found is None:
        return ""
    name = _TRAILING.sub("", text[: found.start()]).strip()
    if not 2 <= len(name) <= LONG or _NO_SUBJECT.search(name):
        return ""
    return name


def _kept_time(match: re.Match[str]) -> str:
    """Nothing for a time or place that stands before the subject, else what was matched."""
    return "" if _TIME.search(match[0].rstrip("，")) else match[0]


def chinese_clauses(text: str, offset: int) -> Iterator[Part]:
    """Yield the clauses of one sentence; `offset` is where the sentence begins in its answer."""
    if _WHOLE.search(bare(text)):
        yield Part(offset, offset + len(text), "", chinese_subject(text))
        return
    at, lead, topic = 0, "", ""
    for comma in _COMMA.finditer(text):
        left, right = text[at : comma.start()], text[comma.end() :]
        spoken = topic or chinese_subject(left)
        cut = _cut(comma, left, right, spoken, bool(topic))
        if cut is None:
            continue
        yield Part(offset + at, offset + comma.start(), _alone(lead, left), spoken)
        at, (lead, topic) = comma.end(), cut
    last = text[at:]
    yield Part(offset + at, offset + len(text), _alone(lead, last), topic or chinese_subject(last))


def _alone(lead: str, clause: str) -> str:
    return f"{lead}{bare(clause)}" if lead else ""


def _cut(
    comma: re.Match[str], left: str, right: str, spoken: str, led: bool
) -> tuple[str, str] | None:
    """The subject that the right side leaves out, and what it speaks of; None for no cut."""
    said = bare(left)
    if not _balanced(left) or _NO_LEFT.search(said) or len(said) < (3 if led else 4):
        return None
    first = re.split("[，。；]", right)[0]
    if len(bare(first)) < 3 or not (led or _FINDS.search(said, 1)):
        return None
    if comma[0][0] in ";；" or _PRONOUN.match(right):
        return "", ""
    if spoken and _STARTS.match(right):
        return spoken, spoken
    link = comma["link"] or ""
    if _LINKED.fullmatch(link) and len(bare(first)) >= 6 and len(said) >= 6:
        return "", ""
    return None


def _balanced(left: str) -> bool:
    return all(left.count(a) == left.count(b) for a, b in ("“”", "（）", "「」", "《》", "()"))
