"""Numbers that name a person: their check digits, and telephone numbers in running text."""

import ipaddress
import re
from datetime import date

REGIONS = ("CN", "US", "GB")
"""Whose way of writing a number without its country is known; with +country all are."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_YEARS = re.compile(r"[(（]?[12]\d{3}\s*[-–－/]\s*[12]\d{3}")
_NUMBERS = re.compile(r"[+＋(（]?\d(?:[\s\d().\-–－+（）]|\b){5,}\d")


def luhn(digits: str) -> bool:
    """The check of card numbers (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def card(text: str) -> bool:
    """True for 13 to 19 digits that pass Luhn's check and are not one digit throughout."""
    digits = re.sub(r"\D", "", text)
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and luhn(digits)


def iban(text: str) -> bool:
    """True for an international bank account number: its remainder by 97 is 1 (ISO 13616)."""
    flat = text.replace(" ", "").upper()
    if not 15 <= len(flat) <= 34:
        return False
    turned = flat[4:] + flat[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def china_id(text: str) -> bool:
    """True for a resident's number of 18 places: a date of birth and a check (GB 11643-1999)."""
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True))
    return born.year >= 1850 and _CHECK[total % 11] == text[17].upper()


def address(text: str) -> bool:
    """True for an IP address that can be somebody's: not loopback, not unspecified."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (found.is_loopback or found.is_unspecified) and len(text) >= 6


def phones(text: str) -> list[tuple[int, int]]:
    """Return where telephone numbers stand, in order and disjoint (libphonenumber's rules)."""
    if not _NUMBERS.search(text):
        return []  # Loading the library and looking cost far more than this look.
    import phonenumbers

    valid = phonenumbers.Leniency.VALID
    found = {
        (match.start, match.end)
        for region in REGIONS
        for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=valid)
        if not _YEARS.fullmatch(match.raw_string)
    }
    spans: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if not spans or start >= spans[-1][1]:
            spans.append((start, end))
    return spans
