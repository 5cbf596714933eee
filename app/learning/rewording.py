"""Says a sentence a little otherwise, so that what carries it is not word for word the same."""

import random
import re

_LEAD = re.compile(
    r"^(?:However|Therefore|In addition|Furthermore|Moreover|For example|In fact|Today|Also|Thus"
    r"|Then|Later|Additionally),?\s+"
)
_ASIDE = re.compile(r"\s*\([^)]*\)")
_FILLER = re.compile(r"\b(?:very|also|however|therefore|then|itself)\s+")
_CLAUSE = re.compile(r"(?:, (?:which|who|where|although|while|and|but|with|including)\b|; )")
_AHEAD = re.compile(
    r"^((?:In|On|At|During|After|Before|By|From|Since|Under) [^,]{3,40}), (?!and\b)(.+?)\.?$"
)
_SHORTEST = 5
_SYNONYMS = [
    (re.compile(rf"\b{one}\b"), other)
    for one, _, other in (
        pair.strip().partition("=")
        for pair in """
        began=started; founded=established; located in=situated in; movie=film; large=big
        approximately=about; many=numerous; because=since; died=passed away; purchased=bought
        near=close to; is a member of=belongs to; starred in=played in; completed=finished
        received=got; help=assist; main=principal; wife of=married to; shows=demonstrates
        used=employed; created=made; consists of=is made up of; important=significant
        including=such as; often=frequently
        """.replace("\n", ";").split(";")
        if pair.strip()
    )
]


def reworded(sentence: str, dice: random.Random) -> str:
    """Return the sentence without asides, a clause, or what leads up to it, with other words."""
    said = _LEAD.sub("", sentence)
    if dice.random() < 0.7:
        said = _ASIDE.sub("", said)
    if dice.random() < 0.5:
        said = _FILLER.sub("", said)
    if dice.random() < 0.4:
        said = _shorter(said, dice)
    ahead = _AHEAD.match(said)
    if ahead and dice.random() < 0.5:
        said = f"{_upper(ahead[2])} {ahead[1][0].lower()}{ahead[1][1:]}."
    for word, other in _SYNONYMS:
        if dice.random() < 0.6:
            said = word.sub(other, said)
    return _upper(said) or sentence


def _shorter(said: str, dice: random.Random) -> str:
    cuts = [match.start() for match in _CLAUSE.finditer(said)]
    cut = said[: dice.choice(cuts)] if cuts else said
    return f"{cut}." if cuts and len(cut.split()) >= _SHORTEST else said


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
