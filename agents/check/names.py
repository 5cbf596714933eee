"""Names in a text, capitalised runs and acronyms, and how two of them compare."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agents.check.numerals import ORDINALS
from agents.check.verbs import is_verb
from agents.check.words import Word, fold, is_cjk, is_stop, listed, words

_JOINING = frozenset(
    listed("of de la le du del della di da van von der den the and y al el bin ibn")
)
_TITLE = frozenset(
    listed("""mr mrs ms dr prof professor sir lord lady dame king queen prince princess president
    chancellor senator governor general captain colonel saint st pope bishop archbishop emperor
    empress duke count judge justice minister mayor chairman ceo director coach""")
)
_LEGAL = frozenset(listed("city company corporation corp inc ltd llc co group records"))
"""Words that a name may have or lack and still name the same: Acme, Acme Inc."""

_KIND = frozenset(
    listed(
        """university college town county state river lake island islands mount mountain mountains
        party church street road district province region republic empire dynasty kingdom language
        museum school award"""
    )
)
"""Words that say what a name names; those of a claim must stand somewhere in the evidence."""

_CALENDAR = frozenset(
    listed("""january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday
    saturday sunday ad bc ce bce am pm""")
)
_SIDES = frozenset(listed("north south east west new upper lower northern"))
_WHOLE = frozenset(
    listed("africa america americans asia europe pacific atlantic wales london england australia")
)
_KNOWN = frozenset(listed("us uk un eu usa ussr uae dc"))
_JOINS = frozenset((" ", "\u00a0", "-", ""))
_ROMAN = re.compile(r"[IVX]{1,5}")
_INITIALS = re.compile(r"(?:[A-Z]\.){2,}")

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
normandy norman
peru peruvian
iraq iraqi
israel israeli"""
_LONG = (
    ("united states", "us"), ("united kingdom", "uk"), ("great britain", "uk"),
    ("united nations", "un"), ("european union", "eu"), ("soviet union", "ussr"),
)  # fmt: skip
_CLASS = {name: line.split()[0] for line in _SAME.splitlines() for name in line.split()}
_SUFFIX = re.compile(r"(?:ians?|ans?|ns?|ese|ish|is?|ic|s|es|i|ists?|isms?)?")
_PAIR = ({"niger", "nigerian"}, {"niger", "nigeria"}, {"guinea", "guinean"})
_MASS = re.compile(
    r"[A-Z][a-z]*(?:s|ing|tion|sion|ment|ness|ity|ism|ance|ence|ure|age|ship|ology|ics|ly|er|al|ive|ous|ful|able|ary|ory|ic)"
)
_PLAIN = frozenset(
    listed("""water rain snow oxygen hydrogen nitrogen carbon iron gold silver copper steel wood
    coal oil gas sugar salt milk meat rice wheat corn bread wine beer blood skin bone light sound
    heat energy music art food money trade law war peace land air fire sand stone glass paper
    cotton wool plastic history time life death love truth work sleep health wealth growth birth
    everything everyone everybody nothing nobody someone something anyone research evidence data
    traffic tourism football baseball people men women mankind news sunlight photosynthesis chalk
    heaven mine yours ours nature space matter gravity poverty construction""")
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name as a text has it; `tokens` are its words in lower case without titles and particles.

    `sure` is False where only the beginning of a sentence may have given it its capital. `readings`
    are other ways to read a long name, each as shorter ones that must all be named.
    """

    text: str
    start: int
    end: int
    tokens: tuple[str, ...]
    sure: bool = True
    readings: tuple[tuple[tuple[str, ...], ...], ...] = ()


def names(text: str) -> list[Name]:
    """Return the names of a text in order."""
    return list(_runs(text))


def _runs(text: str) -> Iterator[Name]:
    run: list[Word] = []
    pending: list[Word] = []
    last: Word | None = None
    for word in words(text):
        gap = " " if last is None else text[last.end : word.start]
        if run and (not _joined(run[-1], gap) or is_cjk(word.surface)):
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


def _joined(last: Word, gap: str) -> bool:
    """True where a name goes on over a gap: "J. K. Rowling", but not "Australia's Qantas"."""
    if last.surface.endswith(("'s", "’s")):
        return False
    return gap in _JOINS or (gap in (". ", ".") and len(last.surface) == 1)


def _proper(word: Word) -> bool:
    return word.capital and not is_cjk(word.surface) and word.surface != "I"


def _name(text: str, run: list[Word]) -> Iterator[Name]:
    while run and is_stop(run[0].surface) and text[run[0].end : run[0].end + 1] != ".":
        run = run[1:]
    if not run:
        return
    for part in _split_and(run):
        tokens = merged([token for word in part for token in _tokens(word, len(part))])
        if tokens:
            first, last = part[0], part[-1]
            sure = len(tokens) > 1 or not _opens(text, first.start) or _sure(text, first)
            opens = _opens(text, first.start)
            readings = tuple(_readings(part, tokens, opens))
            yield Name(text[first.start : last.end], first.start, last.end, tokens, sure, readings)


def _readings(
    part: list[Word], tokens: tuple[str, ...], opens: bool
) -> Iterator[tuple[tuple[str, ...], ...]]:
    """The name cut at "of" and its like ("Emilee Lindner of MTV"), and without a first word that
    only opens its sentence ("Activation of PPM1D")."""
    pieces: list[list[str]] = [[]]
    for word in part:
        if word.surface in _JOINING:
            pieces.append([])
        pieces[-1] += _tokens(word, len(part))
    cut = tuple(tuple(piece) for piece in pieces if piece)
    if len(cut) > 1 and len(cut[0]) > 1:
        yield cut
    if opens and len(tokens) > 1 and (_MASS.fullmatch(part[0].surface) or tokens[0] in _PLAIN):
        yield (tokens[1:],)


def _tokens(word: Word, many: int) -> list[str]:
    """The tokens of one word of a name: none for particles, titles and numbers, letters for J.K."""
    token = plain(word.surface)
    if word.surface in _JOINING or token in _TITLE or token in _CALENDAR or token in ORDINALS:
        return []
    if _ROMAN.fullmatch(word.surface):
        return []
    if many > 1 and _INITIALS.fullmatch(word.surface) and token not in _KNOWN:
        return [*token]
    return [token]


def merged(tokens: Sequence[str]) -> tuple[str, ...]:
    """Return the tokens of a name with those of some countries made one: united states, us."""
    text = f" {' '.join(tokens)} "
    for long, short in _LONG:
        text = text.replace(f" {long} ", f" {short} ")
    return tuple(text.split())


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


def _sure(text: str, word: Word) -> bool:
    """True for a word at a sentence's beginning that is no ordinary one: two capitals, a letter
    beside a digit, or the bare subject of a verb ("Einstein was") that is no stuff or notion."""
    token = word.surface
    if sum(map(str.isupper, token)) > 1 or any(map(str.isdigit, token)):
        return True
    after = re.match(r"\s+([a-z']+)", text[word.end :])
    subject = after is not None and is_verb(after[1]) and after[1] not in ("are", "were", "have")
    return subject and not _MASS.fullmatch(token) and token.lower() not in _PLAIN


@lru_cache(maxsize=65536)
def plain(token: str) -> str:
    """Return a name's word as it is compared: lower case, no accents, full stops or possessive."""
    return fold(token).removesuffix("'s").replace("'", "").replace(".", "")


@lru_cache(maxsize=65536)
def same(first: str, second: str) -> bool:
    """True where two words name the same: equal, country and its people, or plural."""
    if first == second or _CLASS.get(first, first) == _CLASS.get(second, second):
        return True
    short, long = sorted((first, second), key=len)
    stem = short[:-1] if len(short) > 4 and short[-1] in "aeoy" else short
    if len(stem) < 4 or not long.startswith(stem) or {first, second} in _PAIR:
        return False
    return _SUFFIX.fullmatch(long[len(stem) :]) is not None


def core(tokens: Sequence[str]) -> tuple[str, ...]:
    """Return a name's words without those that only say its kind, where any are left."""
    return tuple(token for token in tokens if token not in _LEGAL | _KIND) or tuple(tokens)


def kinds(tokens: Sequence[str]) -> frozenset[str]:
    """Return the words of a name that say what it names: a university, a river, an empire."""
    return frozenset(tokens) & _KIND


def within(tokens: tuple[str, ...], name: Name) -> bool:
    """True where a name holds all of the tokens: in whatever order, or with initials for names."""
    if any(len(token) == 1 for token in tokens):
        return any(_initialled(tokens, name.tokens[at:]) for at in range(len(name.tokens)))
    return all(any(same(token, word) for word in name.tokens) for token in tokens)


def _initialled(tokens: Sequence[str], name: Sequence[str]) -> bool:
    """True where the name begins with these tokens; others may stand before a last full word."""
    at = 0
    for token in tokens:
        if len(token) > 1 and at:
            at = next((n for n in range(at, len(name)) if same(token, name[n])), len(name))
        if at >= len(name) or not _fits(token, name[at]):
            return False
        at += 1
    return True


def _fits(token: str, word: str) -> bool:
    return word.startswith(token) if len(token) == 1 else same(token, word)


def sided(token: str, name: Name) -> bool:
    """True where a name has the token only behind a side that makes it another: West Virginia."""
    if any(same(token, whole) for whole in _WHOLE):
        return False
    at = next((at for at, word in enumerate(name.tokens) if same(token, word)), 0)
    return at > 0 and name.tokens[at - 1] in _SIDES


def is_side(token: str) -> bool:
    """True for a word like "west" or "new" that makes another name of the one behind it."""
    return token in _SIDES


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
