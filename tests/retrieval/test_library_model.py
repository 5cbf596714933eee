"""The library with the embedded embedder: found by meaning in English, by words in Chinese."""

from pathlib import Path

import pytest

from retrieval.embed import SentenceEncoder
from retrieval.library import Library
from retrieval.memory_shelf import MemoryShelf
from retrieval.progress import Added

TEXTS = {
    "volcano.txt": "Mount Etna erupts often; lava flows down towards the towns of Sicily.",
    "cooking.txt": "Simmer the tomatoes with basil until the sauce thickens.",
    "law.txt": "The tenant must give three months' notice before moving out.",
    "天气.txt": "北京的冬天寒冷干燥，夏天炎热多雨。",
}


@pytest.mark.model
def test_found_by_meaning_and_by_words(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for name, text in TEXTS.items():
        (files / name).write_text(text, encoding="utf-8")
    library = Library(MemoryShelf(), SentenceEncoder(device="cpu"), tmp_path / "library")
    assert sum(isinstance(step, Added) for step in library.add([files])) == len(TEXTS)
    asked = {
        "How long ahead do I tell my landlord that I leave my flat?": "law",
        "molten rock eruption in Italy": "volcano",
        "北京夏天热吗？": "天气",
    }
    for question, title in asked.items():
        assert library.search(question, 3)[0].passage.title == title
    assert library.search("北京夏天热吗？", 3)[0].found_by == ("lexical",)
