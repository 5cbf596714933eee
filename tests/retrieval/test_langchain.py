"""The library through LangChain's own interfaces: a retriever to invoke, a store to add to."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from langchain_core.documents import Document as Found
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.runnables import RunnableLambda
from langchain_core.vectorstores import VectorStore

from retrieval.documents import Document
from retrieval.embed import HashEmbedder
from retrieval.errors import UserError
from retrieval.langchain import LibraryRetriever, LibraryVectorStore
from retrieval.library import Library
from retrieval.memory_shelf import MemoryShelf

MILL = "The mill by the river turns when the tide falls."
TAXES = "Taxes rose again in spring, as the council had said."
CATS = "Cats sleep most of the day."


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(MemoryShelf(), HashEmbedder(), tmp_path / "library", size=200)


@pytest.fixture
def store(library: Library) -> LibraryVectorStore:
    return LibraryVectorStore(library, "notes")


def filled(library: Library) -> None:
    library.put([Document("a/mill.txt", "The mill", MILL, collection="notes")], tags=["water"])
    library.put([Document("b/taxes.txt", "Taxes", TAXES, collection="notes")])
    library.put([Document("c/cats.txt", "Cats", CATS, collection="pets")])


class TestRetriever:
    def test_a_document_knows_where_it_stands(self, library: Library) -> None:
        filled(library)
        best = LibraryRetriever(library=library, k=1).invoke("when does the mill turn")
        (found,) = best
        passage = library.search("when does the mill turn", 1)[0].passage
        assert found.page_content == MILL
        assert found.metadata == {
            "source": "a/mill.txt",
            "title": "The mill",
            "page": None,
            "heading": "",
            "start": 0,
            "end": len(MILL),
            "score": found.metadata["score"],
            "collection": "notes",
            "document": passage.document,
            "passage": passage.id,
        }

    def test_every_way_to_invoke(self, library: Library) -> None:
        filled(library)
        retriever = LibraryRetriever(library=library, k=2)
        questions = ["the mill", "taxes in spring"]
        wanted = [retriever.invoke(question) for question in questions]
        assert [found[0].page_content for found in wanted] == [MILL, TAXES]
        assert retriever.batch(questions) == wanted
        # In a thread of its own: another test may keep an event loop running in this one.
        with ThreadPoolExecutor(1) as alone:
            batch = alone.submit(lambda: asyncio.run(retriever.abatch(questions)))
            assert batch.result() == wanted
        assert list(retriever.stream(questions[0])) == [wanted[0]]
        chain = retriever | RunnableLambda(lambda found: found[0].metadata["title"])
        assert chain.invoke("cats that sleep") == "Cats"

    def test_filters_limit_the_search(self, library: Library) -> None:
        filled(library)

        def sources(**filters: Any) -> set[str]:
            found = LibraryRetriever(library=library, **filters).invoke(
                "the mill of cats and taxes"
            )
            return {one.metadata["source"] for one in found}

        assert sources() == {"a/mill.txt", "b/taxes.txt", "c/cats.txt"}
        assert sources(collections=("pets",)) == {"c/cats.txt"}
        assert sources(sources=("b",)) == {"b/taxes.txt"}
        assert sources(tagged=("water",)) == {"a/mill.txt"}
        with pytest.raises(UserError, match="parrots"):
            sources(collections=("parrots",))

    def test_an_empty_library_is_told(self, library: Library) -> None:
        with pytest.raises(UserError, match="the library is empty"):
            LibraryRetriever(library=library).invoke("x")


class TestStore:
    """As langchain-tests has it for vector stores, with more in the metadata."""

    def test_an_empty_store_finds_nothing(self, store: LibraryVectorStore) -> None:
        assert store.similarity_search("the mill", k=1) == []
        assert store.get_by_ids(["1"]) == []
        store.delete(["1"])

    def test_what_is_added_is_found(self, store: LibraryVectorStore) -> None:
        ids = store.add_documents(
            [Found(page_content=MILL, metadata={"n": 1}), Found(page_content=TAXES)]
        )
        assert len(set(ids)) == 2
        found = store.similarity_search("the mill by the river", k=1)
        assert [(one.page_content, one.id, one.metadata["n"]) for one in found] == [
            (MILL, ids[0], 1)
        ]
        found, score = store.similarity_search_with_score("the mill", k=2)[0]
        assert found.page_content == MILL and score == found.metadata["score"] > 0
        relevant = store.similarity_search_with_relevance_scores("the mill by the river", k=2)
        assert 1 >= relevant[0][1] > relevant[1][1] >= 0 and relevant[0][1] > 0.5

    def test_ids_are_kept_and_replaced(self, store: LibraryVectorStore) -> None:
        assert store.add_texts([MILL, TAXES], ids=["1", "2"]) == ["1", "2"]
        assert store.add_texts([CATS], [{"kind": "pet"}], ids=["2"]) == ["2"]
        found = {one.id: one for one in store.get_by_ids(["2", "1", "3", "2"])}
        assert found["1"].page_content == MILL and found["2"].page_content == CATS
        assert found["2"].metadata["kind"] == "pet" and len(found) == 2
        assert TAXES not in [one.page_content for one in store.similarity_search("taxes", k=4)]

    def test_the_same_again_is_kept_once(self, store: LibraryVectorStore) -> None:
        first = store.add_texts([MILL], [{"n": 1}])
        assert store.add_texts([MILL], [{"n": 2}]) == first
        assert [one.metadata["n"] for one in store.similarity_search("mill", k=4)] == [2]
        store.add_texts([MILL], ids=["other"])
        assert {one.id for one in store.get_by_ids([*first, "other"])} == {*first, "other"}

    def test_deleting(self, store: LibraryVectorStore, library: Library) -> None:
        filled(library)
        ids = store.add_texts([CATS, "Another text."], ids=["x", "y"])
        store.delete(["x", "unknown"])
        assert [one.id for one in store.get_by_ids(ids)] == ["y"]
        store.delete()
        assert store.similarity_search("mill", k=4) == []
        assert [holding.collection for holding in library.holdings()] == ["pets"]

    def test_no_more_is_deleted_than_is_named(self, store: LibraryVectorStore) -> None:
        store.add_texts([MILL, TAXES, CATS], ids=["a", "a/b", "ab"])
        store.delete(["a"])
        assert [one.id for one in store.get_by_ids(["a", "a/b", "ab"])] == ["a/b", "ab"]

    def test_a_long_text_is_found_in_passages(self, store: LibraryVectorStore) -> None:
        text = "\n\n".join(f"Paragraph {n} tells of {word}. " * 5 for n, word in enumerate("ab"))
        (name,) = store.add_texts([text], [{"author": "A", "page": 7}], ids=["long"])
        found = store.similarity_search("paragraph", k=9)
        assert len(found) > 1 and len({one.id for one in found}) == len(found)
        for one in found:
            where = one.metadata
            assert text[where["start"] : where["end"]] == one.page_content
            assert where["author"] == "A" and where["page"] == 7 and where["source"] == name
        assert store.get_by_ids(["long"])[0].page_content == text

    def test_metadata_comes_back_as_it_was(self, store: LibraryVectorStore) -> None:
        told = {"source": "http://a/b.html", "title": "Größe", "n": [1, {"a": None}], "x": "\0; y"}
        (name,) = store.add_texts([MILL], [told])
        assert name.startswith("http://a/b.html#")
        for found in (*store.similarity_search("mill"), *store.get_by_ids([name])):
            assert told.items() <= found.metadata.items()
        with pytest.raises(ValueError, match="metadata cannot be kept"):
            store.add_texts([CATS], [{"when": object()}])
        assert len(store.get_by_ids([name])) == 1

    def test_lists_that_do_not_match(self, store: LibraryVectorStore) -> None:
        with pytest.raises(ValueError, match="2 texts, 1 metadatas and 2 ids"):
            store.add_texts([MILL, CATS], [{}])
        with pytest.raises(ValueError, match="1 texts, 1 metadatas and 2 ids"):
            store.add_texts([MILL], ids=["a", "b"])

    def test_an_argument_is_not_passed_over(self, store: LibraryVectorStore) -> None:
        store.add_texts([MILL])
        with pytest.raises(TypeError, match="'filter'"):
            store.similarity_search("mill", filter={"a": 1})
        with pytest.raises(TypeError, match="'batch_size'"):
            store.add_texts([MILL], batch_size=3)


class TestStoreAsRetriever:
    def test_filters(self, store: LibraryVectorStore, library: Library) -> None:
        filled(library)
        store.add_texts([CATS], ids=["n/cats"], tags=["animal"])

        def ids(**search: Any) -> set[str | None]:
            found = store.as_retriever(search_kwargs={"k": 9, **search}).invoke("cats, mill, taxes")
            return {one.id for one in found}

        assert ids() == {"a/mill.txt", "b/taxes.txt", "n/cats"}
        assert ids(tags=["animal"]) == {"n/cats"}
        assert ids(sources=["a", "n"]) == {"a/mill.txt", "n/cats"}
        assert ids(collections=["pets"]) == {"c/cats.txt"}
        assert ids(k=1) < ids()

    def test_a_threshold_and_diversity(self, store: LibraryVectorStore) -> None:
        store.add_texts([MILL, MILL.replace("tide", "Tide and ebb "), TAXES, CATS])
        close = store.as_retriever(
            search_type="similarity_score_threshold", search_kwargs={"score_threshold": 0.999}
        )
        assert [one.page_content for one in close.invoke(MILL)] == [MILL]
        near = store.as_retriever(search_kwargs={"k": 2}).invoke(MILL)
        unlike = {"k": 2, "lambda_mult": 0.2}
        apart = store.as_retriever(search_type="mmr", search_kwargs=unlike).invoke(MILL)
        assert "Tide" in near[1].page_content and "Tide" not in apart[1].page_content
        assert apart[0].page_content == MILL


class TestFromTexts:
    def test_in_memory_with_an_embedding(self) -> None:
        embedding = DeterministicFakeEmbedding(size=16)
        store = LibraryVectorStore.from_texts([MILL, TAXES], embedding, [{"n": 1}, {"n": 2}])
        assert store.similarity_search(MILL, k=1)[0].metadata["n"] == 1
        assert store.embeddings.embed_query("x") == pytest.approx(
            store.embeddings.embed_documents(["x"])[0]
        )
        assert sum(value**2 for value in store.embeddings.embed_query("x")) == pytest.approx(1)
        held = Path(store._folder.name)
        assert held.is_dir()
        del store
        assert not held.exists()

    def test_from_documents_in_a_library(self, library: Library) -> None:
        documents = [Found(page_content=MILL, id="m"), Found(page_content=CATS, id="c")]
        store = LibraryVectorStore.from_documents(documents, None, library=library)
        assert {holding.source for holding in library.holdings()} == {"m", "c"}
        assert isinstance(store, VectorStore) and store.collection == "default"

    def test_one_of_the_two_is_needed(self, library: Library) -> None:
        with pytest.raises(ValueError, match="needs a library or an embedding"):
            LibraryVectorStore.from_texts([MILL])
        with pytest.raises(ValueError, match="needs a library or an embedding"):
            LibraryVectorStore.from_texts(
                [MILL], DeterministicFakeEmbedding(size=4), library=library
            )


def test_without_this_module_langchain_is_not_loaded() -> None:
    code = (
        "import sys, retrieval.library, retrieval.embed, retrieval.intake;"
        "print([name for name in sys.modules if name.startswith('langchain')])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"
