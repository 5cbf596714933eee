"""What is known of families of encoders: the words they want before texts, their languages."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Languages = frozenset[str] | None
"""ISO 639-1 codes, or None for every language."""

_BGE = "Represent this sentence for searching relevant passages: "
_BGE_ZH = "为这个句子生成表示以用于检索相关文章："
_E5_TASK = "Given a web search query, retrieve relevant passages that answer the query"

# From the models' cards on the hub, which say that retrieval suffers without.
_PREFIXES: tuple[tuple[str, str, str], ...] = (
    (r"\be5\b.*\binstruct", f"Instruct: {_E5_TASK}\nQuery: ", ""),
    (r"\be5-(small|base|large)\b", "query: ", "passage: "),
    (r"\bbge-(small|base|large)-zh\b", _BGE_ZH, ""),
    (r"\bbge-(small|base|large)(-en)?\b", _BGE, ""),
    (r"\bmxbai-embed\b|\b(snowflake-)?arctic-embed-(xs|s|m|l)\b(?!-v2)", _BGE, ""),
    (r"\bnomic-embed-text\b", "search_query: ", "search_document: "),
)

_EVERY = re.compile(r"multilingual|\bbge-m3\b|\blabse\b|\bxlm|\bqwen3-embedding|\bembeddinggemma")

_VOCABULARIES = {30522: "en", 30527: "en", 28996: "en", 50265: "en", 21128: "zh"}
"""Sizes of the vocabularies of BERT (uncased, cased), MPNet and RoBERTa, and of Chinese BERT."""


def prefixes(name: str, prompts: Mapping[str, str]) -> tuple[str, str]:
    """Return what goes before a query and before a passage.

    What the model's own file says comes first: `prompts` by the names that sentence-transformers
    looks for. Then its name decides, as published; other models want nothing.
    """
    query = prompts.get("query") or ""
    given = (prompts.get(key) for key in ("document", "passage", "corpus"))
    passage = next((text for text in given if text), "")
    if query or passage:
        return query, passage
    for pattern, before_query, before_passage in _PREFIXES:
        if re.search(pattern, name.lower()):
            return before_query, before_passage
    return "", ""


def languages(name: str, config: Mapping[str, Any], card: Iterable[str]) -> Languages:
    """Return the languages that a model was made for; `card` are those of its README.

    A model that says nothing of itself counts as one for every language.
    """
    told = frozenset(code.lower().split("-")[0] for code in card)
    if _EVERY.search(name.lower()) or "multilingual" in told:
        return None
    if not told and (known := _VOCABULARIES.get(config.get("vocab_size", 0))):
        return frozenset({known})
    return told or None


def carded(folder: Path) -> tuple[str, ...]:
    """Return the languages that stand in the header of a model's README."""
    path = folder / "README.md"
    text = path.read_text("utf-8", "replace") if path.is_file() else ""
    header = re.match(r"---\n(.*?\n)---", text, re.DOTALL)
    # One code, a list in brackets, or a list of lines that begin with a dash.
    listed = re.search(
        r"^language:((?:[ \t]*\[[^\]]*\]|[ \t]*[\w'\"-]+)|(?:\n[ \t]*-[^\n]*)+)",
        header[1] if header else "",
        re.MULTILINE,
    )
    return tuple(re.findall(r"[A-Za-z]{2,}(?:-\w+)*", listed[1])) if listed else ()
