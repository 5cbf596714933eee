"""Words of a text for comparison: tokens, stop words, light stems, scripts, CJK bigrams."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
CJK = HAN + "\u3040-\u30ff\uac00-\ud7af"

_MARK = re.compile(r"\s*[\[【［]\s*\d{1,3}(?:\s*[,，、;\-–]\s*\d{1,3})*\s*[\]】］]")
_TOKEN = re.compile(
    rf"[{CJK}]|(?:[^\W\d_{CJK}]\.)+[^\W\d_{CJK}]\b\.?|\d+(?:[.,:]\d+)*[^\W\d_{CJK}]*"
    rf"|[^\W_{CJK}]+(?:['’][^\W_{CJK}]+)*"
)


def listed(names: str) -> tuple[str, ...]:
    """Return the words of a list written as one text."""
    return tuple(names.split())


STOP = frozenset(
    listed("""a about above after again against also although am an and any are as at be because
    been before being below between both but by can could did do does doing down during each either
    et etc for from further had has have having he her here hers herself him himself his how
    however i if in into is it its itself just ll made me might more must my myself now of off on
    once one or other others our ours out over own per quite re s same shall she should so some
    such t than that the their theirs them themselves then there these they this those though
    through thus to too under until up upon us use used using very via was we were what when where
    whether which while who whom whose why will with within would you your yours yourself
    not no nor never without only all every most none cannot don doesn didn isn aren wasn weren
    according answer answers document context passage quote quoted quotes says source sources
    states stated statement text mention mentioned mentions described known called""")
)
"""Words that carry no content of their own. Negation and quantifiers are judged apart."""

_HAN_NUMERALS = frozenset("零〇一二两三四五六七八九十百千万亿")
_CJK_STOP = frozenset("的了是在和与及或之也其这那个们于为以而并就都有被把从到对由等将")


@dataclass(frozen=True, slots=True)
class Word:
    """A token: `text[start:end] == surface`; `stem` is what is compared."""

    surface: str
    start: int
    end: int
    stem: str

    @property
    def capital(self) -> bool:
        """True where the first letter is upper case."""
        return self.surface[0].isupper()


def bare(text: str) -> str:
    """Return the text without its citation marks."""
    return _MARK.sub("", text).strip()


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return the text in lower case, compatibility forms resolved and accents taken off."""
    text = text.replace("’", "'").lower()
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    kept = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", kept)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return a light stem: plural, tense and common derivational endings taken off."""
    word = fold(word).replace(".", "") if word[:1].isalpha() else fold(word)
    word = word.removesuffix("'s").replace("'", "")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    for ending, replacement in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return _settle(word[: len(word) - len(ending)] + replacement)
    return _settle(word)


def _settle(word: str) -> str:
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiousl":
        word = word[:-1]
    if len(word) > 3 and word[-1] == "e":
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 2 and word[-1] == "y" else word


_ENDINGS = (
    ("ations", "at"), ("ation", "at"), ("ements", ""), ("ement", ""), ("ments", ""), ("ment", ""),
    ("nesses", ""), ("ness", ""), ("ingly", ""), ("edly", ""), ("ings", ""), ("ing", ""),
    ("ities", "it"), ("ity", "it"), ("sses", "ss"), ("ies", "y"), ("ied", "y"), ("ions", ""),
    ("ion", ""), ("ers", ""), ("ily", "y"), ("ally", "al"), ("ly", ""), ("ed", ""), ("er", ""),
    ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("us", "us"), ("ss", "ss"), ("is", "is"),
    ("s", ""),
)  # fmt: skip

_FORMS = """be
begin began begun
build built
buy bought
catch caught
choose chose chosen
come came
child children
die died death dead dying
drive drove driven
fall fell fallen
fight fought
find found
found founded founder founding foundation
fly flew flown flight
foot feet
get got gotten
give gave given
go went gone
grow grew grown growth
hold held
keep kept
know knew
lead led leader
leave left
lie lay lain
lose lost loss
make making
man men
mean meant
meet met
pay paid
person people
rise rose risen
run ran
sell sold sale
send sent
sing sang sung song
sit sat
speak spoke spoken
spend spent
stand stood
steal stole stolen
take took taken
teach taught
tell told
think thought
throw threw thrown
wear wore worn
win won winner
woman women
write wrote written writer
bear born birth
marry married marriage
sink sank sunk"""
_IRREGULAR = {form: line.split()[0] for line in _FORMS.splitlines() for form in line.split()}


def words(text: str) -> list[Word]:
    """Return the tokens of a text; a CJK character is a token of its own."""
    return list(_words(text))


@lru_cache(maxsize=256)
def _words(text: str) -> tuple[Word, ...]:
    return tuple(Word(m[0], m.start(), m.end(), stem(m[0])) for m in _TOKEN.finditer(text))


def is_cjk(token: str) -> bool:
    """True for a token that is a CJK character."""
    return "\u3040" <= token[:1] <= "\ud7af" or "\uf900" <= token[:1] <= "\ufaff"


def cjk_share(text: str) -> float:
    """Return the share of CJK characters among the letters of a text, 0 where it has none."""
    letters = [letter for letter in text if letter.isalpha()]
    return sum(map(is_cjk, letters)) / len(letters) if letters else 0.0


def is_stop(token: str) -> bool:
    """True for a word that carries no content; `US`, `IT` and `WHO` in capitals are names."""
    if token in ("US", "IT", "WHO", "U.S."):
        return False
    lowered = fold(token)
    return lowered in STOP or lowered.partition("'")[0] in STOP


def script(text: str) -> str:
    """Return the script of most letters: "latin", "cjk", "other", or "" for a text without any."""
    letters = [letter for letter in text if letter.isalpha()]
    if not letters:
        return ""
    cjk = sum(map(is_cjk, letters)) / len(letters)
    latin = sum(letter < "\u0250" for letter in letters) / len(letters)
    if cjk > 0.4:
        return "cjk"
    return "latin" if latin > 0.5 else "other"


def content(text: str) -> list[str]:
    """Return the stems that carry content, in order; runs of CJK characters give their bigrams.

    Numbers, which are compared by value elsewhere, count only where there is nothing else.
    """
    tokens = words(unicodedata.normalize("NFC", text))
    return [*_content([word for word in tokens if not _numeral(word)])] or [*_content(tokens)]


def _content(tokens: list[Word]) -> Iterator[str]:
    for before, word in pairwise([None, *tokens]):
        assert word is not None
        if is_cjk(word.surface):
            yield from _bigram(before, word)
        elif word.stem and not is_stop(word.surface):
            yield word.stem


def _bigram(before: Word | None, word: Word) -> Iterator[str]:
    joined = before is not None and is_cjk(before.surface) and before.end == word.start
    if before is not None and joined and not _CJK_STOP & {before.surface, word.surface}:
        yield before.surface + word.surface


def _numeral(word: Word) -> bool:
    return word.surface[0].isdigit() or word.surface in _HAN_NUMERALS
