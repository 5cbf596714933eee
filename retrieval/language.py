"""Tells which script and which language a passage is written in."""

import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

UNKNOWN = "und"
"""The code of a language that could not be told (ISO 639-2)."""

NONE = "Zyyy"
"""The code of text without letters (ISO 15924)."""

LETTERS = 20
"""A text of fewer letters is too short for its language to be told by its words."""

SURE = 0.9
"""Least probability at which the statistical model is believed."""

_SAMPLE = 600
"""Characters of a long text that the statistical model reads."""

# Letters of the scripts by Unicode block (Unicode 16, Blocks.txt), as first and last code point.
_BLOCKS = (
    *((0x41, 0x5A, "Latn"), (0x61, 0x7A, "Latn"), (0xC0, 0xD6, "Latn"), (0xD8, 0xF6, "Latn")),
    *((0xF8, 0x24F, "Latn"), (0x370, 0x3FF, "Grek"), (0x400, 0x52F, "Cyrl")),
    *((0x531, 0x58F, "Armn"), (0x5D0, 0x5F4, "Hebr"), (0x620, 0x6FF, "Arab")),
    *((0x750, 0x77F, "Arab"), (0x8A0, 0x8FF, "Arab"), (0x900, 0x97F, "Deva")),
    *((0x980, 0x9FF, "Beng"), (0xA00, 0xA7F, "Guru"), (0xA80, 0xAFF, "Gujr")),
    *((0xB00, 0xB7F, "Orya"), (0xB80, 0xBFF, "Taml"), (0xC00, 0xC7F, "Telu")),
    *((0xC80, 0xCFF, "Knda"), (0xD00, 0xD7F, "Mlym"), (0xD80, 0xDFF, "Sinh")),
    *((0xE00, 0xE7F, "Thai"), (0xE80, 0xEFF, "Laoo"), (0xF00, 0xFFF, "Tibt")),
    *((0x1000, 0x109F, "Mymr"), (0x10A0, 0x10FF, "Geor"), (0x1100, 0x11FF, "Hang")),
    *((0x1200, 0x139F, "Ethi"), (0x1780, 0x17FF, "Khmr"), (0x1E00, 0x1EFF, "Latn")),
    *((0x1F00, 0x1FFF, "Grek"), (0x3005, 0x3007, "Hani"), (0x3041, 0x30FA, "Kana")),
    *((0x30FC, 0x30FF, "Kana"), (0x3105, 0x312F, "Hani"), (0x3131, 0x318E, "Hang")),
    *((0x31F0, 0x31FF, "Kana"), (0x3400, 0x4DBF, "Hani"), (0x4E00, 0x9FFF, "Hani")),
    *((0xAC00, 0xD7AF, "Hang"), (0xF900, 0xFAFF, "Hani"), (0xFB1D, 0xFB4F, "Hebr")),
    *((0xFB50, 0xFDFF, "Arab"), (0xFE70, 0xFEFC, "Arab"), (0xFF21, 0xFF3A, "Latn")),
    *((0xFF41, 0xFF5A, "Latn"), (0xFF66, 0xFF9F, "Kana"), (0x20000, 0x323AF, "Hani")),
)
_SCRIPTS = [NONE, *dict.fromkeys(script for _, _, script in _BLOCKS)]
_EDGES = np.array([edge for first, last, _ in _BLOCKS for edge in (first, last + 1)])
_BETWEEN = np.array([0, *(n for _, _, s in _BLOCKS for n in (_SCRIPTS.index(s), 0))])
_WEIGHTS = np.array([{NONE: 0, "Hani": 3, "Kana": 3, "Hang": 3}.get(s, 1) for s in _SCRIPTS])
_HAN, _KANA = _SCRIPTS.index("Hani"), _SCRIPTS.index("Kana")

_LANGUAGES = {
    "Armn": "hy",
    "Geor": "ka",
    "Grek": "el",
    "Gujr": "gu",
    "Guru": "pa",
    "Hang": "ko",
    "Hani": "zh",
    "Hebr": "he",
    "Jpan": "ja",
    "Khmr": "km",
    "Knda": "kn",
    "Laoo": "lo",
    "Mlym": "ml",
    "Mymr": "my",
    "Orya": "or",
    "Sinh": "si",
    "Taml": "ta",
    "Telu": "te",
    "Thai": "th",
    "Tibt": "bo",
}
"""Scripts that are, but for rare texts, those of one language."""

_OTHERS = {
    "Arab": ("ar", "fa", "ps", "ug", "ur"),
    "Beng": ("as", "bn"),
    "Cyrl": ("ba", "be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "tt", "uk"),
    "Deva": ("hi", "mr", "ne", "sa"),
    "Ethi": ("am", "ti"),
}
"""Scripts of several languages; a language that stands nowhere is written in Latin letters."""

_SCRIPT_OF = {language: script for script, language in _LANGUAGES.items()} | {
    language: script for script, languages in _OTHERS.items() for language in languages
}

# Words of nearly every English sentence that are words of no other language in Latin letters.
_ENGLISH = frozenset(
    [
        *("the", "and", "with", "which", "that", "this", "these", "from", "were", "have", "been"),
        *("their", "would", "could", "should", "than", "into", "what", "who", "whose", "when"),
        *("where", "why", "how", "does", "did", "you", "your", "they", "there", "then"),
    ]
)
_WORD = re.compile(r"[a-z]+")


def script(text: str) -> str:
    """Return the script that most letters of a text are in, as an ISO 15924 code.

    A character of Chinese, Japanese or Korean weighs as much as three letters. "Jpan" is Chinese
    characters among kana, and "Zyyy" a text without letters.
    """
    if text.isascii():
        return "Latn" if re.search("[A-Za-z]", text) else NONE
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    places = _BETWEEN[np.searchsorted(_EDGES, points, side="right")]
    counts = np.bincount(places, minlength=len(_SCRIPTS)) * _WEIGHTS
    kana = counts[_KANA]
    counts[_HAN] += kana
    found = int(counts.argmax())
    if not counts[found]:
        return NONE
    # A Chinese text that quotes a Japanese name holds little kana, a Japanese text a third or more.
    return "Jpan" if found == _HAN and 6 * kana > counts[_HAN] else _SCRIPTS[found]


def language(text: str) -> str:
    """Return the language of a text as an ISO 639-1 code, or "und" where it is in doubt.

    Most scripts tell it by themselves. A text in Latin, Cyrillic, Arabic, Devanagari, Bengali or
    Ethiopic letters must be long enough for its words to tell: short ones, numbers and code are in
    doubt. The same text always has the same language.
    """
    return _judged(text)[1]


def readable(text: str, languages: frozenset[str]) -> bool:
    """Whether a text is written in one of the languages, or may be.

    A text whose language is in doubt counts when its script is that of one of them, and a text
    without letters always does.
    """
    written, found = _judged(text)
    if found != UNKNOWN:
        return found in languages
    return written == NONE or written in {_SCRIPT_OF.get(known, "Latn") for known in languages}


def _judged(text: str) -> tuple[str, str]:
    """Return script and language."""
    written = script(text)
    if written == NONE or written in _LANGUAGES:
        return written, _LANGUAGES.get(written, UNKNOWN)
    sample = text[:_SAMPLE]
    if written == "Latn" and _plainly_english(sample):
        return written, "en"
    if sum(map(str.isalpha, sample)) < LETTERS:
        return written, UNKNOWN
    found, probability = _identifier().classify(sample)
    fits = _SCRIPT_OF.get(found, "Latn") == written or found == "sr"
    return written, found if probability >= SURE and fits else UNKNOWN


def _plainly_english(text: str) -> bool:
    """Whether the commonest English words make up a share that they have in no other language.

    It spares most texts the statistical model, which takes half a second to load.
    """
    words = _WORD.findall(text.lower())
    common = sum(word in _ENGLISH for word in words)
    return common >= 2 and 12 * common >= len(words)


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    found = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # The two-letter codes alone: the others are close relatives of these and cost certainty.
    found.set_languages([label for label in found.labels if len(label) == 2])
    return found
