"""Personal data and secrets are taken out, counted, and what is harmless stays."""

import re

import pytest

from app.feedback import identifiers
from app.feedback.scrub import Scrubber

TAKEN = [
    ("email", "write to anna.b+x@mail.example.org now", "anna.b+x"),
    ("email", "请写信到zhang_san@example.cn。", "zhang_san"),
    ("phone", "call (212) 555-1234 today", "555-1234"),
    ("phone", "Tel +44 20 7946 0958", "7946"),
    ("phone", "电话13812345678。", "13812345678"),
    ("phone", "手机：138 1234 5678，或 +86 139-1234-5678", "1234 5678"),
    ("phone", "座机010-62781234", "62781234"),
    ("card", "card 4111 1111 1111 1111.", "4111"),
    ("card", "5500-0000-0000-0004", "5500"),
    ("iban", "to DE89 3704 0044 0532 0130 00 please", "3704"),
    ("iban", "GB82WEST12345698765432", "WEST"),
    ("id card", "身份证号11010519491231002X。", "19491231"),
    ("ssn", "SSN 123-45-6789", "6789"),
    ("ip", "from 203.0.113.77:80", "203.0"),
    ("ip", "at 2001:db8::ff00:42:8329", "ff00"),
    ("slack id", "ask <@U024BE7LH|anna> or slack:U06K3QX8ZAB", "U0"),
    ("home", "see /home/anna/notes.md and C:\\Users\\bert\\x", "anna"),
    ("key", "key sk-proj-abcdefghijklmnop1234 ok", "abcdefgh"),
    ("key", "xoxb-123456789012-AbCdEf", "xoxb"),
    ("key", "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----", "MII"),
    ("password", "password: hunter22x", "hunter"),
    ("password", "密码是abc12345。", "abc12345"),
    ("password", "https://joe:pw1secret@host.example/x", "pw1secret"),
]


@pytest.mark.parametrize(("kind", "text", "planted"), TAKEN)
def test_personal_data_is_taken_and_counted(kind: str, text: str, planted: str) -> None:
    scrub = Scrubber()
    assert planted in text and planted not in scrub(text)
    assert scrub.taken[kind] >= 1 and f"[{kind}]" in scrub(text)


@pytest.mark.parametrize(
    "text",
    [
        "It was finished in 1887 [1], 1914–1918 and 1939-1945, on 2021-03-04 at 12:30:45.",
        "population 1,443,497,378; pi is 3.14159265358979; ISBN 978-3-16-148410-0",
        "doi 10.1038/nature12373, version 1.2.3.4.5, localhost 127.0.0.1, std::vector",
        "card 4111 1111 1111 1112 fails its check; 身份证110105194912310021 too",
        "DE89 3704 0044 0532 0130 03 is no account; WINDOWS2000; the password is strong",
        "The Jesuit Church (1608–1626) and the city of 3 000 000 people.",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    scrub = Scrubber()
    assert scrub(text) == text and not scrub.taken


def test_the_settings_own_secrets_and_folders_are_taken_wherever_they_stand() -> None:
    scrub = Scrubber(("hidden-in-settings",), ("/srv/data/anna",))
    assert scrub("xhidden-in-settingsx /srv/data/anna/k") == "x[key]x [home]/k"
    assert scrub.taken == {"key": 1, "home": 1}


def test_scrubbing_twice_changes_nothing() -> None:
    scrub = Scrubber()
    once = [scrub(text) for _, text, _ in TAKEN]
    again = Scrubber()
    assert [again(text) for text in once] == once and not again.taken


def test_check_digits() -> None:
    assert identifiers.luhn("79927398713") and not identifiers.luhn("79927398710")
    assert identifiers.china_id("11010519491231002X")
    assert not identifiers.china_id("11010519491331002X")
    assert identifiers.iban("GB82 WEST 1234 5698 7654 32")
    assert not identifiers.card("0000 0000 0000 0000")


def test_public_text_is_hardly_touched(shared_data) -> None:
    """What the rules take from encyclopaedia articles is read wrongly: next to nothing may go."""
    import json

    taken, characters = 0, 0
    for name in ("squad2_cs224n/dev-v2.0.json", "cmrc2018/cmrc2018_dev.json"):
        data = json.loads((shared_data / name).read_text("utf-8"))["data"]
        texts = [p["context"] for article in data for p in article["paragraphs"]][:300]
        scrub = Scrubber()
        for text in texts:
            scrub(text)
        taken += sum(scrub.taken.values())
        characters += len("".join(texts))
    assert characters > 200_000 and taken <= 5, re.sub(r"\s+", " ", str(taken))
