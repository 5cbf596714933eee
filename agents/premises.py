"""Questions that take for granted what their source contradicts, and questions that say nothing."""

import re
from collections.abc import Iterator, Sequence

from agents.answers import Difference, Premise, Quoted
from agents.check.dates import dates
from agents.check.names import Name, names
from agents.check.number import Number
from agents.check.numbers import numbers
from agents.wording import content, kind_of, stem, terms, words
from retrieval.sentences import sentences

CARRIED = 0.8
"""Share of the question's other words that a sentence must carry for its fact to stand in the place
of the question's."""

LEAST = 3
"""Fewest other words of the question that a sentence must carry."""

Pairs = Iterator[tuple[str, str]]

_VOWEL = re.compile(r"[aeiouyàâäáãåæèéêëíìîïóòôöõøúùûü]", re.IGNORECASE)
_KEYS = re.compile(r"sdf|dfg|fgh|ghj|hjk|jkl|lkj|kjh|jhg|hgf|gfd|fds|qwer|zxc|xcv|cvb|vbn|bnm")
"""Keys that lie side by side and letters that no word has so."""

_CLUSTER = re.compile(r"[bcdfghjklmnpqrstvwxz]{5,}")
_ODD = re.compile(r"j[b-df-hk-np-tv-xz]|q[b-df-hj-npr-tv-z]|v[b-df-hj-kmnp-qtw-x]|x[bdgjkmnrvxz]")
_SAME = re.compile(r"(.)\1{3,}")


def premises(question: str, quotes: Sequence[Quoted]) -> tuple[Premise, ...]:
    """Return what a question takes for granted and a sentence of its quotes has otherwise.

    A year, an amount or a name of the question that stands in no quote, while a sentence carries
    nearly all of its other words and has one other fact of that kind in the very place. Silence is
    no contradiction: nothing is returned in doubt.
    """
    everything = frozenset(t for q in quotes for t in terms(f"{q.title} {q.heading} {q.text}"))
    found: list[Premise] = []
    for quote in quotes:
        for start, end in sentences(quote.text):
            for premise in _clashes(question, quote.number, quote.text[start:end], everything):
                if premise.asked not in {one.asked for one in found}:
                    found.append(premise)
    return tuple(found)


def _clashes(
    question: str, number: int, sentence: str, everything: frozenset[str]
) -> Iterator[Premise]:
    ways: tuple[tuple[Difference, Pairs], ...] = (
        ("date", _year(question, sentence, everything)),
        ("number", _amount(question, sentence, everything)),
        ("name", _name(question, sentence, everything)),
    )
    for kind, pairs in ways:
        for asked, said in pairs:
            if _same_else(question, asked, sentence):
                yield Premise(kind, asked, number, said)


def _same_else(question: str, asked: str, sentence: str) -> bool:
    """Whether a sentence carries the question but for what it would put in another's place."""
    rest = frozenset(content(question)) - frozenset(terms(asked))
    held = rest & frozenset(terms(sentence))
    return len(held) >= LEAST and len(held) >= CARRIED * len(rest)


def _year(question: str, sentence: str, everything: frozenset[str]) -> Pairs:
    """A year of the question, and the only one of the sentence."""
    if kind_of(question) == "time" or dates(question):
        return
    asked, said = _years(question), _years(sentence)
    if len(asked) != 1 or len({n.raw for n in said}) != 1 or asked[0].text in everything:
        return
    if _before(question, asked[0].start) == _before(sentence, said[0].start):
        yield asked[0].text, said[0].text


def _years(text: str) -> list[Number]:
    return [n for n in numbers(text) if n.year_like and len(n.text) == 4 and n.text.isdigit()]


def _amount(question: str, sentence: str, everything: frozenset[str]) -> Pairs:
    """An amount of the question, and the only one of the sentence that counts the same thing."""
    if kind_of(question) == "number":
        return
    for asked in _amounts(question):
        others = [n for n in _amounts(sentence) if _alike(asked, n)]
        if len(others) == 1 and others[0].value != asked.value and asked.text not in everything:
            yield asked.text, others[0].text


def _amounts(text: str) -> list[Number]:
    found = [n for n in numbers(text) if not (n.ordinal or n.named or n.label or n.bound)]
    return [n for n in found if n.digits and (n.dimension or n.nouns) and not n.span]


def _alike(a: Number, b: Number) -> bool:
    return a.dimension == b.dimension and bool(a.dimension or a.nouns & b.nouns)


def _name(question: str, sentence: str, everything: frozenset[str]) -> Pairs:
    """A name of the question, and the only other one of the sentence beside the same word."""
    if kind_of(question) in ("person", "place"):
        return
    known = frozenset(terms(question))
    others = [n for n in names(sentence) if n.sure and not known & frozenset(terms(n.text))]
    for asked in names(question):
        if not asked.sure or frozenset(terms(asked.text)) & everything or len(others) != 1:
            continue
        if _beside(question, asked) & _beside(sentence, others[0]):
            yield asked.text, others[0].text


def _beside(text: str, name: Name) -> frozenset[tuple[str, str]]:
    """The words of weight right before and after a name, each with its side."""
    before, after = words(text[: name.start]), words(text[name.end :])
    made = [("before", stem(before[-1]))] if before else []
    made += [("after", stem(after[0]))] if after else []
    return frozenset((side, word) for side, word in made if word in content(word))


def _before(text: str, at: int) -> str:
    """The word before a place, in lower case."""
    found = words(text[:at])
    return found[-1].lower() if found else ""


def nonsense(question: str, found: Sequence[str] = ()) -> bool:
    """Say whether a question has no word that means anything.

    `found` are texts that its search brought back: a word that stands there is a word. Without it
    only what is no text at all, or no possible word, counts: signs alone, one character over and
    over, keys struck at random. In doubt a question means something.
    """
    if not any(character.isalnum() for character in question):
        return True
    letters = "".join(character for character in question if character.isalpha()).lower()
    if len(letters) >= 4 and len(set(letters)) == 1:
        return True
    latin = words(question)
    rest = any(not ("a" <= c <= "z") for c in letters) or any(c.isdigit() for c in question)
    if not latin or rest:
        return False
    known = frozenset(term for text in found for term in terms(text))
    return all(_mashed(word) and stem(word) not in known for word in latin)


def _mashed(word: str) -> bool:
    """True for what no language spells so: a long word without a vowel, or of runs of keys."""
    low = word.lower()
    if word.isupper() or len(word) < 4:
        return False
    cramped = _CLUSTER.search(low) and _ODD.search(low)
    return bool(not _VOWEL.search(low) or _KEYS.search(low) or _SAME.search(low) or cramped)
