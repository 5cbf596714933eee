"""What number words are worth: English ("two hundred and five", "nineteen oh five"), Chinese."""

from decimal import Decimal

from agents.check.words import listed

_UNITS = {
    name: value
    for value, name in enumerate(
        listed(
            """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
            fifteen sixteen seventeen eighteen nineteen"""
        )
    )
}
_TENS = {
    name: 10 * value
    for value, name in enumerate(listed("twenty thirty forty fifty sixty seventy eighty ninety"), 2)
}
SCALES = {
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_FIRST = """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"""
ORDINALS = {name: value for value, name in enumerate(listed(_FIRST), 1)}
ORDINALS |= {name.replace("y", "ieth"): value for name, value in _TENS.items()}
ORDINALS |= {"hundredth": 100, "thousandth": 1000}
WORDS = (*_UNITS, *_TENS, *SCALES, *ORDINALS, "dozen")
"""Every word that a number in words is made of."""

SUFFIXES = {"k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9, "tn": 10**12}
HAN_DIGITS = "零〇○一二两兩三四五六七八九"
_HAN_VALUES = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_HAN_VALUES |= {"〇": 0, "○": 0, "两": 2, "兩": 2}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000}
_HAN_SCALES |= {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
HAN_SCALES = "".join(_HAN_SCALES)


def spelled(tokens: list[str]) -> tuple[Decimal | None, bool]:
    """Return the value of a number in words, and whether it is an ordinal; None for no number."""
    year = _year(tokens)
    if year is not None:
        return Decimal(year), False
    total, current, ordinal, seen = 0, 0, False, False
    for token in tokens:
        token = token.removesuffix("s") if token not in _UNITS else token
        small = _small(token)
        if token in ("a", "an", "and"):
            continue
        seen = True
        ordinal = ordinal or token in ORDINALS
        if token == "dozen":
            current = (current or 1) * 12
        elif token in SCALES:
            scale = SCALES[token]
            current = (current or 1) * scale
            if scale > 100:
                total, current = total + current, 0
        elif small is not None:
            current += small
    return (Decimal(total + current), ordinal) if seen else (None, False)


def _small(token: str) -> int | None:
    return _UNITS.get(token, _TENS.get(token, ORDINALS.get(token)))


def _year(tokens: list[str]) -> int | None:
    """Read a year that is spoken in two halves: eighteen eighty-nine, nineteen oh five."""
    if not 2 <= len(tokens) <= 4 or tokens[0] not in (*_UNITS, *_TENS):
        return None
    first, rest = tokens[0], tokens[1:]
    century = _small(first) or 0
    if century < 10 or (first in _TENS and rest[0] in _UNITS and (_small(rest[0]) or 0) < 10):
        return None
    if rest[0] in ("oh", "o") and len(rest) == 2:
        return century * 100 + (_UNITS.get(rest[1]) or 0)
    values = [_UNITS.get(token, _TENS.get(token)) for token in rest]
    known = [value for value in values if value is not None]
    if len(known) < len(values) or not 10 <= known[0] <= 99 or len(known) > 2:
        return None
    if len(known) == 2 and (rest[0] not in _TENS or not 0 < known[1] < 10):
        return None
    return century * 100 + sum(known)


def han_value(body: str) -> Decimal:
    """Return the value of Chinese numerals, by scale (三百五) or by place (一八八九)."""
    if "点" in body:
        whole, _, part = body.partition("点")
        return han_value(whole) + Decimal("0." + "".join(str(_HAN_VALUES.get(c, 0)) for c in part))
    if not any(letter in _HAN_SCALES for letter in body):
        return Decimal("".join(str(_HAN_VALUES[letter]) for letter in body) or "0")
    total = section = digit = 0
    for letter in body:
        if letter in _HAN_VALUES:
            digit = _HAN_VALUES[letter]
            continue
        scale = _HAN_SCALES[letter]
        if scale >= 10**4:
            small = section + digit
            total = (total + small) * scale if total < scale else total + small * scale
            section = digit = 0
        else:
            section, digit = section + (digit or 1) * scale, 0
    return Decimal(total + section + digit)


def han_scale(scales: str) -> int:
    """Return the product of Chinese scales: 千万 is ten million."""
    product = 1
    for letter in scales:
        product *= _HAN_SCALES[letter]
    return product
