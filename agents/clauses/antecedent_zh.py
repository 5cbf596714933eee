"""What 它, 他, 她, 其 and 该 at the beginning of a Chinese clause stand for, or nothing."""

import re

from agents.check.words import HAN

_PRONOUN = re.compile(
    rf"(?P<word>它们|他们|她们|它|他|她|其(?![中他它实次余后間间])|该(?P<kind>[{HAN}]{{1,3}}?))的?(?P<rest>[{HAN}\d].*)",
    re.DOTALL,
)
_PERSON = re.compile("出生|去世|逝世|毕业|担任|出任|获得|就读|娶|嫁|先生|女士|博士|教授")
_OWNED = re.compile(
    "高度|长度|宽度|深度|面积|人口|作者|成员|首都|首府|总部|作品|父亲|母亲|妻子|丈夫|儿子|女儿|屋顶|创始人|校长|目的|前身|中心|名称|名字|总数|主要"
    "|最|总|设计者|建筑|历史|语言|货币|年|原因|结果"
)
_MANY = re.compile("们|和|与|、")


def resolved_han(clause: str, subject: str, said: str) -> str:
    """Return the clause with its first pronoun resolved; "" where there is none, or it is unsure.

    `subject` is what the clause before spoke of, `said` what that clause said.
    """
    found = _PRONOUN.match(clause)
    if found is None or not subject:
        return ""
    word, rest, many = found["word"], found["rest"], _MANY.search(subject) is not None
    if found["kind"]:
        return _named(f"{found['kind']}{rest}", subject)
    if word.endswith("们") != many:
        return ""
    person = _PERSON.search(said) is not None or re.search("[·•]", subject) is not None
    if word[0] in "他她":
        return f"{subject}{_owned(found)}" if person else ""
    if word == "其":
        return f"{subject}的{rest}" if _OWNED.match(rest) else ""
    return "" if person else f"{subject}{_owned(found)}"


def _named(clause: str, subject: str) -> str:
    """The clause with the thing that it begins with named in full, where that ends the subject."""
    sizes = (size for size in (3, 2, 1) if subject.endswith(clause[:size]))
    return next((f"{subject}{clause[size:]}" for size in sizes), "")


def _owned(found: re.Match[str]) -> str:
    """The rest with the 的 that a possessive had."""
    owned = found[0][len(found["word"]) :].startswith("的")
    return f"{'的' if owned else ''}{found['rest']}"
