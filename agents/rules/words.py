"""The sentences of the rules: why an answer is of a class, and the refusal in the desired style."""

from agents.asked import Language, Reach

_TOLD: dict[Language, dict[str, str]] = {
    "en": {
        "safe.answer": "it answers",
        "safe.limit": "it answers and says what is missing",
        "refusal": "it says why there is no answer",
        "undesired.bare": "it refuses without saying why",
        "undesired.long": "it refuses at length",
        "undesired.empty": "it says nothing of the question",
        "undesired": "it refuses in a style that is not wanted",
        "disallowed": "it holds what the policy withholds",
    },
    "zh": {
        "safe.answer": "它作了回答",
        "safe.limit": "它作了回答，并说明了缺少什么",
        "refusal": "它说明了为什么没有答案",
        "undesired.bare": "它拒绝回答而不说明原因",
        "undesired.long": "它的拒绝太长",
        "undesired.empty": "它没有回应问题",
        "undesired": "它的拒绝方式不合要求",
        "disallowed": "它含有政策扣下的内容",
    },
}

_REFUSAL: dict[Language, dict[str, str]] = {
    "en": {
        "cannot": "Vouch cannot answer “{question}”: {why}.",
        "unsourced": "nothing that was found {where} answers it",
        "withheld": "the policy of this assistant withholds the answer, because {because}",
        "looked": "It searched for {queries}.",
        "read": "It opened {titles}.",
        "nearest": "The nearest passages:",
        "try": "You can ask in other words, or add a document that says it.",
        "owner": "You can ask without that source, or ask whoever set the policy.",
        "part": "what the policy withholds was left out: {because}",
        "replaced": "the answer was replaced, because {because}",
        "more": "{count} more",
    },
    "zh": {
        "cannot": "Vouch 无法回答“{question}”：{why}。",
        "unsourced": "{where}找到的资料都没有回答它",
        "withheld": "本助手的政策不允许给出这个答案，原因是{because}",
        "looked": "查找了：{queries}。",
        "read": "打开了：{titles}。",
        "nearest": "最接近的段落：",
        "try": "您可以换一种问法，或者添加写有答案的文档。",
        "owner": "您可以不用那个来源再问一次，或询问设定政策的人。",
        "part": "政策不允许的内容已略去：{because}",
        "replaced": "答案已被替换，原因是{because}",
        "more": "另有 {count} 个",
    },
}

_PLACES: dict[Language, dict[Reach, str]] = {
    "en": {
        "library": "in the library",
        "web": "on the web",
        "both": "in the library and on the web",
    },
    "zh": {"library": "在资料库中", "web": "在网上", "both": "在资料库中和网上"},
}


def tell(language: Language, name: str) -> str:
    """Return why an answer is of a class, by the rule's name."""
    return _TOLD[language][name]


def phrase(language: Language, name: str, **values: object) -> str:
    """Return a phrase of the refusal in the desired style; `KeyError` for a value it lacks."""
    return _REFUSAL[language][name].format(**values)


def where(language: Language, reach: Reach) -> str:
    """Return where a run looked."""
    return _PLACES[language][reach]
