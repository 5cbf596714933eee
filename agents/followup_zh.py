"""The rule for Chinese follow-ups: what 它 and 呢 mean is taken from the question before."""

import re

from agents.check.words import cjk_share
from agents.topics import ABOUT

_ENDING = "?？!！.。 "
_PRONOUN = re.compile(
    r"(?<![其吉])[它他她]们?|这|(?<!刹)那(?!不勒斯|达尔|曲)|(?<![尤极与耳])其(?![他它中实余次间])|"
    r"(?<!应)该(?!怎|如何)|(?<![因彼从如至])此(?![外前后次])|前者|后者|上述"
)
_OPENING = re.compile(r"^(?:那么|那|还有|另外|以及|而且|然后|所以)[,，]?")
_INSTEAD = re.compile(r"^(?:那么|那|还有|而)?[,，]?(?P<what>.+?)呢$")
_ATTRIBUTE = re.compile(r"(?:[度积口量因者史途间点费价]|时候|地方|作用|影响|意义|名字|背景)$")
_QUESTION = (
    r"什么时候|什么时间|什么地方|为什么|什么|为何|怎么样|怎么|怎样|如何|多少|多久|多[大高长深宽远重快]|"
    r"几[个年月天次位]?|哪里|哪儿|哪些|哪[一]?[个年位座条国省]?|何时|何地|何处|谁|请问|请|是否|是不是|有没有"
)
_CUT = re.compile(
    rf"{_QUESTION}|[吗呢吧啊了过是]|有(?=多|什么|哪|几|没)|在(?=哪|什么|何)|由(?=谁|什么|哪)|被|"
    r"位于|建成|建造|修建|设计(?!师|者)|开放|开始|结束|成立|创立|出生|去世|逝世|发明|发现|写|建立|属于|流经|"
    r"举行|取消|完工|制造|拥有|包括|叫做|叫|[,，。?？!！:：;；\s]"
)


def chinese(text: str) -> bool:
    """Say whether a text is Chinese: mostly Han characters, and no kana."""
    return cjk_share(text) > 0.4 and re.search(r"[\u3040-\u30ff]", text) is None


def follow(question: str, before: str) -> str | None:
    """Return the question with what it leans on; None if it stands alone."""
    asked = question.strip().rstrip(_ENDING)
    instead = _INSTEAD.match(asked)
    if ABOUT.search(question) or not (instead or _leans(asked)):
        return None
    topic, sure = topic_of(before)
    if sure:
        if instead and not _PRONOUN.search(instead["what"]):
            return _instead(instead["what"], topic, before)
        meant = re.search(r"(?<!其)它们?", asked)
        if meant:
            stripped = _OPENING.sub("", asked) or asked
            return f"{re.sub(r'(?<!其)它们?', topic, stripped, count=1)}？"
    return f"{asked}？（关于：{topic}）"


def _instead(what: str, topic: str, before: str) -> str:
    if _ATTRIBUTE.search(what) or before.count(topic) != 1:
        return f"{topic}的{what}呢？"
    return before.replace(topic, what)


def _leans(asked: str) -> bool:
    if _OPENING.match(asked):
        return True
    for pronoun in _PRONOUN.finditer(asked):
        before = asked[: pronoun.start()]
        if not re.search(r"\S{4,}[,，;；]|\S{4,}[和并]", before):
            return True
    left = re.sub(r"[的有在会能要得地]", "", _CUT.sub("", asked))
    return len(left) < 2 and not re.search(r"[A-Za-z0-9]", left)


def topic_of(question: str) -> tuple[str, bool]:
    """Return what a question is about, and whether a pronoun can mean nothing else."""
    known = ABOUT.search(question)
    if known:
        return known[1].strip(), False
    asked = question.strip().rstrip(_ENDING)
    parts = [part.strip("的") for part in _CUT.split(asked)]
    named = [part for part in parts if len(part) >= 2]
    if len(named) != 1:
        return asked, False
    return named[0], "的" not in named[0]
