"""Takes personal data and secrets out of a text and counts what it took, by kind.

Rules for what has a form: addresses, numbers, identifiers, keys, in English and Chinese text.
Names of people and postal addresses have none, and stay.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

from app.feedback import identifiers

Test = Callable[[str], bool]

_EMAIL = r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}[@＠][A-Za-z0-9][A-Za-z0-9.\-]{0,252}\.[A-Za-z]{2,24}"
_KEYS = (
    r"sk-[A-Za-z0-9_\-]{16,}|xox[abeprs]-[A-Za-z0-9\-]{10,}|xapp-[A-Za-z0-9\-]{10,}"
    r"|gh[opsru]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_\-]{16,}"
    r"|hf_[A-Za-z0-9]{20,}|AKIA[A-Z0-9]{16}|AIza[A-Za-z0-9_\-]{30,}"
    r"|eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{5,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
)
_NAMED = (
    r"(?i:(?:api[_ -]?key|access[_ -]?token|auth[_ -]?token|secret(?:[_ -]?key)?|password|passwd"
    r"|bearer)(?:\s*[:=]\s*|\s+is\s+|\s+)|(?:密码|口令|密钥|令牌)\s*(?:[:：=]|是|为)\s*)"
    r"[\"'“]?(?=[^\s\"'”，。]*\d)[^\s\"'”，。]{6,}"
)
_CARD = r"(?<![\d.])[2-6]\d{3}(?:[ \-]?\d){9,15}(?![\d.]*\d)"
_IBAN = r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])"
_CHINA_ID = r"(?<!\d)[1-9]\d{16}[\dXx](?![\dA-Za-z])"
_IPV4 = r"(?<![\d.\-])(?:\d{1,3}\.){3}\d{1,3}(?![.\-]?\d)"
_IPV6 = r"(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z:])"
_SLACK = (
    r"<@[UW][A-Z0-9]{5,20}(?:\|[^>\n]{0,80})?>|(?<![A-Za-z0-9])(?:slack:)?[UW]\d[A-Z0-9]{7,10}"
    r"(?![A-Za-z0-9])"
)
_SSN = r"(?<![\d\-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d\-])"
_HOME = r"(?:/home/|/Users/|[A-Za-z]:\\+Users\\+)(?!\[)[^\s/\\:\"'<>|，。]+"
_LOGIN = r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"


@dataclass(frozen=True, slots=True)
class Rule:
    """What has the form of `pattern` and passes `test` becomes `[kind]`."""

    kind: str
    pattern: re.Pattern[str]
    test: Test = lambda found: True


RULES = (
    Rule("key", re.compile(_KEYS)),
    Rule("password", re.compile(_LOGIN)),
    Rule("password", re.compile(_NAMED)),
    Rule("email", re.compile(_EMAIL)),
    Rule("slack id", re.compile(_SLACK)),
    Rule("id card", re.compile(_CHINA_ID), identifiers.china_id),
    Rule("iban", re.compile(_IBAN), identifiers.iban),
    Rule("card", re.compile(_CARD), identifiers.card),
    Rule("ssn", re.compile(_SSN)),
    Rule("ip", re.compile(_IPV4), identifiers.address),
    Rule("ip", re.compile(_IPV6), identifiers.address),
    Rule("home", re.compile(_HOME)),
)
"""In this order: a longer number is looked at before a shorter one that it could hide."""


@dataclass(slots=True)
class Scrubber:
    """Scrubs text after text; `taken` counts what was taken, and never says what it was.

    `secrets` are texts that must not stand anywhere (the settings' own keys), `homes` paths whose
    beginning names a person.
    """

    secrets: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    taken: Counter[str] = field(default_factory=Counter)

    def __call__(self, text: str) -> str:
        """Return the text with `[email]`, `[phone]` and so on in place of personal data."""
        text = self._exact(text, self.secrets, "key")
        text = self._exact(text, self.homes, "home")
        for rule in RULES:
            text = self._apply(rule, text)
        return self._phones(text)

    def _exact(self, text: str, values: Iterable[str], kind: str) -> str:
        for value in sorted(values, key=len, reverse=True):
            if len(value) >= 6 and value in text:
                self.taken[kind] += text.count(value)
                text = text.replace(value, f"[{kind}]")
        return text

    def _apply(self, rule: Rule, text: str) -> str:
        def take(found: re.Match[str]) -> str:
            if not rule.test(found[0]):
                return found[0]
            self.taken[rule.kind] += 1
            return f"[{rule.kind}]"

        return rule.pattern.sub(take, text)

    def _phones(self, text: str) -> str:
        for start, end in reversed(identifiers.phones(text)):
            self.taken["phone"] += 1
            text = f"{text[:start]}[phone]{text[end:]}"
        return text


def homes(*paths: PurePath) -> tuple[str, ...]:
    """Return the paths as they could stand in a text, without those that name nobody."""
    return tuple(dict.fromkeys(str(path) for path in paths if len(path.parts) > 2))
