"""What is known of encoders by their names, their cards and their vocabularies."""

from pathlib import Path

import pytest
from tiny_models import encoder, stacked, write

from retrieval.embed import EncoderOptions, SentenceEncoder
from retrieval.encoders.families import carded, languages, prefixes

BGE = "Represent this sentence for searching relevant passages: "


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("e5-small-v2", "query: ", "passage: "),
        ("multilingual-e5-large", "query: ", "passage: "),
        ("bge-small-en-v1.5", BGE, ""),
        ("bge-base-zh-v1.5", "为这个句子生成表示以用于检索相关文章：", ""),
        ("bge-m3", "", ""),
        ("mxbai-embed-large-v1", BGE, ""),
        ("nomic-embed-text-v1.5", "search_query: ", "search_document: "),
        ("all-MiniLM-L6-v2", "", ""),
        ("some5-small", "", ""),
    ],
)
def test_the_words_that_a_family_wants(name: str, query: str, passage: str) -> None:
    assert prefixes(name, {}) == (query, passage)


def test_an_instructed_model_wants_a_task() -> None:
    query, passage = prefixes("multilingual-e5-large-instruct", {})
    assert query.startswith("Instruct: ") and query.endswith("\nQuery: ") and not passage


def test_what_the_model_says_goes_before_its_name() -> None:
    assert prefixes("e5-small", {"query": "q: "}) == ("q: ", "")
    assert prefixes("e5-small", {"corpus": "c: ", "other": "o: "}) == ("", "c: ")


@pytest.mark.parametrize(
    ("name", "size", "card", "known"),
    [
        ("multilingual-e5-small", 250_037, ("en", "de"), None),
        ("bge-m3", 250_002, (), None),
        ("a-model", 31_000, ("multilingual",), None),
        ("a-model", 31_000, ("de", "en-GB"), {"de", "en"}),
        ("a-model", 30_522, (), {"en"}),
        ("a-model", 21_128, (), {"zh"}),
        ("a-model", 31_000, (), None),
    ],
)
def test_languages_by_name_card_and_vocabulary(
    name: str, size: int, card: tuple[str, ...], known: set[str] | None
) -> None:
    assert languages(name, {"vocab_size": size}, card) == known


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("language: en\nlicense: mit", ("en",)),
        ('license: mit\nlanguage: "de"', ("de",)),
        ("language: [en, 'zh-CN']", ("en", "zh-CN")),
        ("language:\n- en\n- multilingual\ntags:\n- xx", ("en", "multilingual")),
        ("language:\n  - 'no'\n  - fr", ("no", "fr")),
        ("tags:\n- language: en", ()),
    ],
)
def test_the_languages_of_a_card(tmp_path: Path, header: str, found: tuple[str, ...]) -> None:
    (tmp_path / "README.md").write_text(f"---\n{header}\n---\n\nlanguage: xx\n")
    assert carded(tmp_path) == found


def test_a_folder_without_a_card_has_none(tmp_path: Path) -> None:
    assert carded(tmp_path) == ()
    (tmp_path / "README.md").write_text("language: en\n")
    assert carded(tmp_path) == ()


def test_what_a_model_reads_can_be_set(tmp_path: Path) -> None:
    folder = stacked(encoder(tmp_path / "m"))
    german, chinese = "Der Fuchs springt über den Hund und läuft in den Wald.", "谁写了这本书？"

    def reads(text: str, *codes: str) -> bool:
        options = EncoderOptions(languages=codes or ("auto",))
        return SentenceEncoder(str(folder), "cpu", options).reads(text)

    assert reads(german) and reads(chinese)
    (folder / "README.md").write_text("---\nlanguage: de\n---\n")
    assert reads(german) and not reads(chinese)
    assert reads(chinese, "all") and reads(chinese, "zh", "en") and not reads(german, "zh", "en")
    write(folder / "config.json", {"model_type": "bert", "vocab_size": 30522})
    assert reads(german)
