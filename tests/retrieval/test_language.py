"""The script and the language of a text, and whether a model for some languages reads it."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.language import language, readable, script

LONG = {
    "en": "The committee published its report on the bridge, and the mayor thanked its members.",
    "de": "Der Ausschuss veröffentlichte seinen Bericht über die Brücke und dankte dem Rat.",
    "fr": "La commission a publié son rapport sur le pont et le maire a remercié ses membres.",
    "es": "La comisión publicó su informe sobre el puente y el alcalde dio las gracias a todos.",
    "it": "La commissione ha pubblicato la sua relazione sul ponte e il sindaco ha ringraziato.",
    "nl": "De commissie publiceerde haar verslag over de brug en de burgemeester bedankte haar.",
    "ru": "Комиссия опубликовала доклад о мосте, и мэр поблагодарил всех её членов за работу.",
    "uk": "Комісія опублікувала доповідь про міст, і мер подякував усім її членам за роботу.",
    "ar": "نشرت اللجنة تقريرها عن الجسر وشكر رئيس البلدية جميع أعضائها على عملهم.",
    "hi": "समिति ने पुल पर अपनी रिपोर्ट प्रकाशित की और महापौर ने सभी सदस्यों को धन्यवाद दिया।",
    "zh": "委员会发表了关于这座桥的报告。",
    "ja": "委員会は橋についての報告書を発表しました。",
    "ko": "위원회는 다리에 관한 보고서를 발표했습니다.",
    "el": "Η επιτροπή δημοσίευσε την έκθεσή της για τη γέφυρα.",
    "he": "הוועדה פרסמה את הדו״ח שלה על הגשר.",
    "th": "คณะกรรมการเผยแพร่รายงานเกี่ยวกับสะพาน",
    "ta": "குழு பாலம் குறித்த அறிக்கையை வெளியிட்டது.",
    "ka": "კომისიამ გამოაქვეყნა ანგარიში ხიდის შესახებ.",
}


@pytest.mark.parametrize("code", LONG)
def test_a_sentence_tells_its_language(code: str) -> None:
    assert language(LONG[code]) == code
    assert language(LONG[code]) == code


@pytest.mark.parametrize(
    "text", ["", "12 345,67", "— … ☂", "Hamlet", "Berlin 1990", "мост", "x = [f(i) for i in a]"]
)
def test_what_is_short_or_no_language_is_in_doubt(text: str) -> None:
    assert language(text) == "und"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", "Zyyy"),
        ("12 + 3 × 4", "Zyyy"),
        ("naïve ¿qué?", "Latn"),
        ("ＦＵＬＬ", "Latn"),
        ("GPT-4是谁开发的？", "Hani"),
        ("What does 道 mean?", "Latn"),
        ("カタカナ", "Jpan"),
        ("報告書を", "Jpan"),
        ("他说“さくら”是日本最有名的花，全国各地的公园里都能看到。", "Hani"),
        ("𠮷野家", "Hani"),
        ("\ud800 мост", "Cyrl"),
    ],
)
def test_the_script_of_most_letters(text: str, written: str) -> None:
    assert script(text) == written


ENGLISH = frozenset({"en"})


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (LONG["en"], True),
        (LONG["de"], False),
        (LONG["zh"], False),
        ("мост", False),
        ("Hamlet", True),
        ("12 345", True),
        ("", True),
        ("def f(x): return x + 1", True),
    ],
)
def test_what_an_english_model_reads(text: str, read: bool) -> None:
    assert readable(text, ENGLISH) is read


def test_what_models_of_other_languages_read() -> None:
    assert readable("мост", frozenset({"uk", "en"})) and readable("Hamlet", frozenset({"sw"}))
    assert not readable("Hamlet", frozenset({"zh", "ja"}))
    assert readable(LONG["de"], frozenset({"de"})) and not readable(LONG["nl"], frozenset({"de"}))


@given(st.text(max_size=300))
def test_any_text_has_one_answer(text: str) -> None:
    assert language(text) == language(text)
    assert script(text) == script(text)
    assert readable(text, frozenset({language(text)}) | {"en"}) or language(text) == "und"


def test_plain_english_spares_the_statistical_model() -> None:
    import subprocess

    code = (
        "import sys; from retrieval.language import language;"
        f"print(language({LONG['en']!r}), language({LONG['zh']!r}), 'py3langid' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["en", "zh", "False"]


@pytest.mark.parametrize("code", ["en", "zh"])
def test_questions_and_paragraphs_of_xquad_are_read(shared_data: Path, code: str) -> None:
    data = json.loads((shared_data / "xquad" / f"xquad.{code}.json").read_text("utf-8"))["data"]
    paragraphs = [p for article in data for p in article["paragraphs"]]
    texts = [p["context"] for p in paragraphs]
    questions = [q["question"] for p in paragraphs for q in p["qas"]]
    known = frozenset({code})
    unread = [text for text in texts + questions if not readable(text, known)]
    assert len(unread) <= 1, unread
    assert sum(language(text) == code for text in texts) >= 0.95 * len(texts)
