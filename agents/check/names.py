"""Names in a text (capitalised runs, acronyms, bracketed titles) and how two of them compare."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.check.words import Word, fold, is_cjk, is_stop, listed, words

_JOINING = frozenset(
    listed("of de la le du del della di da van von der den the and for y al el bin ibn")
)
_TITLE = frozenset(
    listed("""mr mrs ms dr prof professor sir lord lady dame king queen prince princess president
    chancellor senator governor general captain colonel saint st pope bishop archbishop emperor
    empress duke count judge justice minister mayor chairman ceo director coach""")
)
_GENERIC = frozenset(
    listed(
        """university college city town county state river lake island islands mount mountain
        mountains records company corporation inc ltd llc co group party church street road
        district province region republic empire dynasty kingdom language museum school award"""
    )
)
"""Words that a name may have or lack and still name the same: Yale, Yale University."""

_CALENDAR = frozenset(
    listed("""january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday
    saturday sunday""")
)
_BRACKETED = re.compile(r"[《「『“]([^《》「」『』“”]{2,40})[》」』”]")
_JOINS = frozenset((" ", "\u00a0", "-", ""))
_ROMAN = re.compile(r"[IVX]{1,5}")

_SAME = """us usa unitedstates america american americans
uk unitedkingdom britain british greatbritain
france french frenchman
england english
netherlands dutch holland
spain spanish spaniard
poland polish pole
denmark danish dane
switzerland swiss
greece greek
germany german
turkey turkish
ireland irish
scotland scottish scots
wales welsh
sweden swedish
norway norwegian
finland finnish
portugal portuguese
europe european
eu europeanunion
un unitednations
nyc newyorkcity
ussr sovietunion soviet
rome roman
athens athenian
normandy norman"""
_CLASS = {name: line.split()[0] for line in _SAME.splitlines() for name in line.split()}
_SUFFIX = re.compile(r"(?:ians?|ans?|ns?|ese|ish|is?|ic|s|es|i)?")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as a text has it; `tokens` are its words in lower case without titles and particles.

    `sure` is False where only the beginning of a sentence may have given it its capital.
    """

    text: str
    start: int
    end: int
    tokens: tuple[str, ...]
    sure: bool = True


def names(text: str) -> list[Name]:
    """Return the names of a text in order."""
    found = [*_runs(text), *_titles(text)]
    return sorted(found, key=lambda name: name.start)


def _titles(text: str) -> Iterator[Name]:
    for match in _BRACKETED.finditer(text):
        if any(map(is_cjk, match[1])):
            yield Name(match[1], match.start(1), match.end(1), (match[1],))


def _runs(text: str) -> Iterator[Name]:
    run: list[Word] = []
    pending: list[Word] = []
    last: Word | None = None
    for word in words(text):
        gap = " " if last is None else text[last.end : word.start]
        if run and (gap not in _JOINS or is_cjk(word.surface)):
            yield from _name(text, run)
            run, pending = [], []
        if _proper(word):
            run += [*pending, word]
            pending = []
        elif run and word.surface in _JOINING:
            pending.append(word)
        elif run:
            yield from _name(text, run)
            run, pending = [], []
        last = word
    if run:
        yield from _name(text, run)


def _proper(word: Word) -> bool:
    return word.capital and not is_cjk(word.surface) and word.surface != "I"


def _name(text: str, run: list[Word]) -> Iterator[Name]:
    while run and is_stop(run[0].surface):
        run = run[1:]
    if not run:
        return
    for part in _split_and(run):
        first = part[0]
        opens = _opens(text, first.start)
        tokens = tuple(
            token
            for word in part
            if word.surface not in _JOINING
            for token in [plain(word.surface)]
            if token not in _TITLE and token not in _CALENDAR and not _ROMAN.fullmatch(word.surface)
        )
        sure = not opens or len(tokens) > 1 or _marked(first.surface)
        if tokens:
            yield Name(text[first.start : part[-1].end], first.start, part[-1].end, tokens, sure)


def _split_and(run: list[Word]) -> Iterator[list[Word]]:
    """Cut "Paris and London" into its two names."""
    part: list[Word] = []
    for word in run:
        if word.surface != "and":
            part.append(word)
        elif part:
            yield part
            part = []
    if part:
        yield part


def _opens(text: str, start: int) -> bool:
    """True at the beginning of a sentence, list item or quotation."""
    before = text[:start].rstrip(" \t\"'“‘(*_-")
    return not before or before[-1] in ".!?:;\n。！？"


def _marked(token: str) -> bool:
    """True for a token that is no ordinary word: two capitals, or a letter beside a digit."""
    return sum(map(str.isupper, token)) > 1 or any(map(str.isdigit, token))


def plain(token: str) -> str:
    """Return a name's word as it is compared: lower case, no accents, full stops or possessive."""
    return fold(token).removesuffix("'s").replace("'", "").replace(".", "")


def same(first: str, second: str) -> bool:
    """True where two words name the same: equal, country and its people, or plural."""
    if first == second or _CLASS.get(first, first) == _CLASS.get(second, second):
        return True
    short, long = sorted((first, second), key=len)
    stem = short[:-1] if len(short) > 4 and short[-1] in "aeoy" else short
    if len(stem) < 4 or not long.startswith(stem):
        return False
    return _SUFFIX.fullmatch(long[len(stem) :]) is not None


def core(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Return a name's words without generic ones, where any are left."""
    return tuple(token for token in tokens if token not in _GENERIC) or tokens


def within(tokens: tuple[str, ...], name: Name) -> bool:
    """True where a name holds all of the tokens, in whatever order."""
    return all(any(same(token, word) for word in name.tokens) for token in tokens)


def run_on(tokens: tuple[str, ...], order: tuple[str, ...]) -> bool:
    """True where the tokens follow one another in `order`, at most one word between all of them."""
    starts = [at for at, word in enumerate(order) if same(tokens[0], word)]
    return any(_follow(tokens, order[at : at + len(tokens) + 1]) for at in starts)


def _follow(tokens: tuple[str, ...], order: tuple[str, ...]) -> bool:
    rest = iter(order)
    return all(any(same(token, word) for word in rest) for token in tokens)


def initials(text: str) -> frozenset[str]:
    """Return the acronyms that the runs of capitalised words of a text would have ("nfl")."""
    made: set[str] = set()
    for match in re.finditer(
        r"[A-Z][\w'’-]+(?:\s+(?:(?:of|the|and|for|de)\s+)*[A-Z][\w'’-]+)+", text
    ):
        letters = [word[0].lower() for word in match[0].split() if word[0].isupper()]
        made |= {
            "".join(letters[first:last])
            for first in range(len(letters))
            for last in range(first + 2, len(letters) + 1)
        }
    return frozenset(made)
