"""Words of questions and texts: content words, light stems, Chinese bigrams, kinds of answers."""

import re
from typing import Literal

Kind = Literal["person", "time", "number", "place", "thing"]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d[\d.,]*\d|\d")
_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff]+")
_STOP = _set(
    "a about after all also although am an and any are as at be became because been before being "
    "both but by can could did do does doing done during each either else for from given had has "
    "have he her hers him his how i if in into is it its itself just made make many may me might "
    "more most much must my name named no nor not of often on once one only or other our out over "
    "own s same shall she should so some such t than that the their them then there these they "
    "this those to too under until up upon us was we were what when where which while who whom "
    "whose why will with within without would you your kind type sort called main"
)
_STOP_BIGRAMS = re.compile(r"什么|哪|谁|多少|几|何|怎|吗|呢|为什|是|的|了|在|於|和|與")
_ENDINGS = ("ations", "ation", "ingly", "ments", "ment", "ness", "ings", "edly", "ies", "ing")
_SHORT_ENDINGS = ("ied", "ers", "ion", "ed", "es", "er", "ly", "al", "s", "e", "y")
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_TIME = re.compile(
    rf"\b\d{{3,4}}s?\b|\b(?:{_MONTHS})\b|\b\d{{1,2}}(?:st|nd|rd|th)\b|centur|decade|\b(?:years?|"
    r"months?|weeks?|days?|hours?|minutes?|seconds?|daily|weekly|monthly|yearly|annual|annually|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|spring|summer|autumn|winter|night|"
    r"age|ages|era|period|war|bc|ad|bce|ce|today|yesterday|once|twice|never|always|after|before)\b|"
    r"[年月日]|世纪|世紀|时|時|天|朝",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|"
    r"fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?|half|thirds?|"
    r"quarters?|single|double|triple|both|none|once|twice|most|all|few|several|many|majority)\b|"
    r"[一二三四五六七八九十百千万萬亿億两兩半]",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-Z][\w’'.-]+|[\u4e00-\u9fff]")
_WH = re.compile(
    r"\b(?:what|which|who(?:m|se)?|when|where|why|how)\b|^(?:What|Which|Who(?:m|se)?|When|Where|Why|How)\b|"
    r"多少|[几幾多]|何|什么|什麼|哪|谁|誰"
)
_ASKS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "number",
        re.compile(
            r"\bhow (?:many|much|large|big|tall|high|far|old|deep|wide|heavy|fast|hot|cold)\b|"
            r"\b(?:what|which) (?:is |was |were |are )?(?:the )?(?:\w+ ){0,2}"
            r"(?:number|percentage|percent|population|amount|proportion|fraction|ratio|temperature)\b|"
            r"多少|[几幾][个個名次位种種]|多[大高长長远遠深]",
            re.IGNORECASE,
        ),
    ),
    (
        "time",
        re.compile(
            r"\bwhen\b(?! [a-z]+ing)|\bhow (?:long|often)\b|\b(?:what|which|whose) (?:\w+ )?"
            r"(?:year|date|day|month|century|decade|era|period|time|years|dates|centuries)\b|"
            r"何时|何時|什么时候|什麼時候|哪[一]?年|几年|幾年|多久|哪[一]?天|几月|幾月",
            re.IGNORECASE,
        ),
    ),
    ("person", re.compile(r"\bwho(?:m|se)?\b|谁|誰|哪位|什么人|什麼人", re.IGNORECASE)),
    (
        "place",
        re.compile(
            r"\bwhere\b|\b(?:what|which) (?:\w+ )?(?:country|city|state|place|town|county|river|"
            r"region|continent|island|village|nation|location)\b|哪里|哪裡|哪裏|何处|何處|什么地方|哪[个個]?[国國城省]",
            re.IGNORECASE,
        ),
    ),
)


def stem(word: str) -> str:
    """Cut common English endings, so that "invaded" meets "invading"; a light stem, not a lemma."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    for ending in _ENDINGS + _SHORT_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def bigrams(text: str) -> list[str]:
    """Return the overlapping pairs of characters of each Chinese or Japanese run of `text`."""
    runs = _CJK.findall(text)
    return [run[i : i + 2] for run in runs for i in range(max(1, len(run) - 1))]


def words(text: str) -> list[str]:
    """Return the words of a text in order, as written; Chinese is left out."""
    return _TOKEN.findall(_CJK.sub(" ", text))


def terms(text: str) -> list[str]:
    """Return the stems of all words of a text and its Chinese bigrams, in order."""
    return [stem(word) for word in words(text)] + bigrams(text)


def content(text: str) -> dict[str, str]:
    """Return the stems that carry meaning, each with its first form as written, in order."""
    kept: dict[str, str] = {}
    for word in words(text):
        if word.lower() not in _STOP and (len(word) > 1 or word.isdigit()):
            kept.setdefault(stem(word), word)
    for pair in bigrams(text):
        if not _STOP_BIGRAMS.search(pair):
            kept.setdefault(pair, pair)
    return kept


def kind_of(question: str) -> Kind:
    """Say what kind of answer a question asks for, by its first question word."""
    first = _WH.search(question)
    at = first.start() if first else 0
    return next((kind for kind, pattern in _ASKS if pattern.match(question, at)), "thing")


def carries(kind: Kind, text: str, known: frozenset[str] = frozenset()) -> bool:
    """Say whether `text` holds something of that kind whose stem is not among the `known` ones."""
    match kind:
        case "time":
            found = [m.group() for m in _TIME.finditer(text)]
        case "number":
            found = [m.group() for m in _NUMBER.finditer(text)]
            return bool(found)
        case "person" | "place":
            found = [m.group() for m in _NAME.finditer(text)]
        case "thing":
            found = list(content(text).values())
    return any(stem(word) not in known for word in found)
