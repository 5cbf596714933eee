"""The sentences that Vouch itself adds to answers, in the language of the question."""

from typing import Literal

from agents.events import Language, Reach
from agents.followup_zh import chinese

Saying = Literal[
    "picked", "led", "nothing", "overtime", "unlikely", "off", "undecided", "dropped", "early",
    "verbatim",
    "declined", "read", "no quote", "searched nothing", "no source", "beyond", "cut", "carried",
    "closest", "unlikely enough", "nonsense", "no words", "premise", "conflict", "denied",
    "disputed", "at odds", "mistaken",
]  # fmt: skip

_SAYINGS: dict[Language, dict[Saying, str]] = {
    "en": {
        "led": "the first lines are a small model's; the check found them in the quotes, "
        "but read those to see whether they answer the question",
        "picked": "a small model picked the first line from the quotes; they carry its words, "
        "but read them to see whether it answers the question",
        "nothing": "the model wrote nothing that the quotes carry, so here are the quotes",
        "overtime": "time ran out before the answer was written, so here are the quotes",
        "unlikely": "no short answer stood out in the quotes, so here are the quotes",
        "off": "the check was turned off",
        "undecided": "what no judge could decide is shown as unchecked",
        "dropped": "what the quotes do not carry was left out",
        "at odds": "its sources contradict each other",
        "mistaken": "the question takes for granted what its source contradicts",
        "disputed": "most of the drafts that were written say something else",
        "early": "browsing ended early: {reason}",
        "verbatim": "it is the quote itself",
        "declined": "No source {where} answers this. Vouch searched for {looked}.",
        "read": " It opened {titles}.",
        "no quote": "no quote was found that could answer the question",
        "searched nothing": "nothing",
        "no source": "nothing was found in the library to check it against",
        "beyond": "only the first {most} claims are checked at a time",
        "cut": "only the first {most} of {all} claims were checked",
        "carried": "the quotes carry {held} of {all} claims",
        "closest": " The quotes that it kept came closest; they are no answer.",
        "unlikely enough": "the quotes answer the question with a probability of {share}, and "
        "{least} is the least that is answered from",
        "nonsense": "This says nothing that could be looked up. Ask in words.",
        "no words": "the question has no word that means anything",
        "premise": "The question says “{asked}”, but its source says “{said}” [{number}].",
        "conflict": "The sources differ: one says “{said}” [{first}], one “{other}” [{second}].",
        "denied": "The sources differ: only one of them says “{word}” [{first}] [{second}].",
    },
    "zh": {
        "led": "开头几行出自小模型；核查在引文中找到了这些内容，但请阅读引文，看是否回答了问题",
        "picked": "第一行是小模型从引文中选出的；引文里有这些词，但请阅读引文，看它是否回答了问题",
        "nothing": "模型写的内容都没有引文支持，所以这里给出引文",
        "overtime": "还没写出答案，时间就用完了，所以这里给出引文",
        "unlikely": "引文中没有明显的简短答案，所以这里给出引文",
        "off": "自查已关闭",
        "undecided": "无法判断的内容标为未核查",
        "dropped": "没有引文支持的内容已删去",
        "at odds": "资料互相矛盾",
        "mistaken": "问题的前提与资料不符",
        "disputed": "写出的多数草稿说法不同",
        "early": "查找提前结束：{reason}",
        "verbatim": "这就是引文原文",
        "declined": "{where}没有资料能回答这个问题。Vouch 查找了：{looked}。",
        "read": "打开了：{titles}。",
        "no quote": "没有找到能回答这个问题的引文",
        "searched nothing": "无",
        "no source": "资料库中没有找到可以用来核对的内容",
        "beyond": "一次只核对前 {most} 个论断",
        "cut": "{all} 个论断中只核对了前 {most} 个",
        "carried": "{all} 个论断中有 {held} 个得到引文支持",
        "closest": "保留的引文最为接近，但不是答案。",
        "unlikely enough": "这些引文能回答问题的概率为 {share}，低于作答所需的 {least}",
        "nonsense": "这里没有可以查找的内容。请用文字提问。",
        "no words": "问题里没有任何有意义的词",
        "premise": "问题中说“{asked}”，而资料中是“{said}”[{number}]。",
        "conflict": "资料互相矛盾：一处说“{said}”[{first}]，另一处说“{other}”[{second}]。",
        "denied": "资料互相矛盾：只有一处说“{word}”[{first}][{second}]。",
    },
}

_PLACES: dict[Language, dict[Reach, str]] = {
    "en": {
        "library": "in the library",
        "web": "on the web",
        "both": "in the library or on the web",
    },
    "zh": {"library": "资料库中", "web": "网上", "both": "资料库中和网上都"},
}

_REASONS = {
    "steps": "步数用完",
    "seconds": "时间用完",
    "tokens": "词元用完",
    "slips": "模型多次写错动作",
    "context": "提示超出模型的窗口",
    "repeating": "动作不断重复",
    "model lost": "模型中断",
}


def place(language: Language, reach: Reach) -> str:
    """Return where a run looked, in words."""
    return _PLACES[language][reach]


def language_of(text: str) -> Language:
    """Return the language in which Vouch speaks about a text: Chinese for Chinese, else English."""
    return "zh" if chinese(text) else "en"


def say(language: Language, saying: Saying, **values: object) -> str:
    """Return a sentence in a language; `KeyError` for a value that it lacks."""
    return _SAYINGS[language][saying].format(**values)


def reason(language: Language, word: str) -> str:
    """Return why browsing ended, in words of the language."""
    return _REASONS.get(word, word) if language == "zh" else word


def listed(language: Language, items: list[str]) -> str:
    """Return quoted queries or titles as one list."""
    return ("；" if language == "zh" else "; ").join(f"“{item}”" for item in items)
