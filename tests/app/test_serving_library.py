"""The library, pages and the inbox as calls: collections, searches, quotes in their context."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.events import Asked, Landmark, Opened
from app.serving import shelves
from app.serving.fitting import fitting, gathered
from app.store.shelf import SqlShelf
from retrieval.errors import UserError

WEIR = "The weir at Aldmoor was finished in 1887. The engineer of the weir was Clara Voss."
BRIDGE = "The bridge at Corby was built by Ada Finch in 1912."
WORDS = " ".join(f"word{number:04}" for number in range(400))
"""Words of eight letters: number n begins at 9 * n."""


@pytest.fixture
def home(make_home: Callable[..., Any], tmp_path: Path) -> Any:
    return make_home(tmp_path)


@pytest.fixture
def filled(home: Any) -> Any:
    home.add(default=WEIR, bridges=BRIDGE)
    return home


def source(home: Any, collection: str) -> str:
    return str(home.house.settings.home / "files" / f"{collection}.txt")


def test_documents_belong_to_collections(filled: Any) -> None:
    documents = filled.result("library")["documents"]
    assert {one["collection"] for one in documents} == {"default", "bridges"}
    assert filled.result("collections")["collections"] == [
        {"name": "bridges", "private": False, "documents": 1, "passages": 1},
        {"name": "default", "private": False, "documents": 1, "passages": 1},
    ]


def test_a_collection_is_private_until_it_is_opened_again(filled: Any) -> None:
    def private() -> list[str]:
        told = filled.result("collections")["collections"]
        return [one["name"] for one in told if one["private"]]

    filled.result("collection.set", name="bridges", private=True)
    assert private() == ["bridges"]
    filled.result("remove", source=source(filled, "bridges"), collection="bridges")
    assert private() == ["bridges"]
    filled.result("collection.set", name="bridges", private=False)
    assert private() == []
    with pytest.raises(UserError):
        filled.result("collection.set", name="bridges", private=True)


@pytest.mark.parametrize("name", ["a b", "a,b", "x" * 65, "a\nb"])
def test_a_collection_has_a_plain_name(home: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / "a.txt").write_text(WEIR)
    with pytest.raises(UserError):
        home.call("add", paths=[str(tmp_path / "a.txt")], collection=name)
    assert home.result("collections")["collections"] == []


def test_a_search_is_kept_to_collections_and_sources(filled: Any) -> None:
    def found(**given: Any) -> list[str]:
        hits = filled.result("search", query="Who built the bridge at Corby?", **given)["hits"]
        return [hit["collection"] for hit in hits]

    assert found()[0] == "bridges" and set(found()) == {"bridges", "default"}
    assert found(k=1) == ["bridges"]
    assert found(collections=["default"]) == ["default"]
    assert found(sources=[source(filled, "default")]) == ["default"]
    with pytest.raises(UserError):
        found(collections=["nobody"])


def test_a_search_reads_no_catalogue(filled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten thousand documents that would take longer than all the rest."""
    filled.result("search", query="weir")

    def never(_: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr(SqlShelf, "catalogue", never)
    hits = filled.result("search", query="bridge", collections=["bridges"])["hits"]
    assert [hit["collection"] for hit in hits] == ["bridges"]


def test_a_hit_tells_where_it_stands(filled: Any) -> None:
    (hit, *_) = filled.result("search", query="engineer of the weir")["hits"]
    assert WEIR[hit["start"] : hit["end"]] == hit["text"] and hit["source"].endswith("default.txt")
    assert hit["rank"] == 1 and hit["cosine"] > 0 and "lexical" in hit["found_by"]
    assert filled.house.library.open(hit["document"]) is not None and hit["passage"]


def test_a_source_in_several_collections_is_removed_from_the_one_named(home: Any) -> None:
    home.add(default=WEIR)
    home.call("add", paths=[source(home, "default")], collection="second")
    with pytest.raises(UserError, match="second"):
        home.result("remove", source=source(home, "default"))
    home.result("remove", source=source(home, "default"), collection="second")
    assert [one["collection"] for one in home.result("library")["documents"]] == ["default"]
    with pytest.raises(UserError):
        home.result("remove", source=source(home, "default"), collection="second")
    assert home.result("remove", source=source(home, "default"))["collection"] == "default"


def test_files_are_added_with_tags_that_searches_are_kept_to(filled: Any) -> None:
    paths = [source(filled, "default")]
    items, _ = filled.call("add", paths=paths, tags=["old", "stone"])
    assert [item["kind"] for item in items] == ["unchanged", "indexed"]
    told = filled.result("library")
    assert told["tags"] == ["old", "stone"]
    assert [one["tags"] for one in told["documents"] if one["collection"] == "default"] == [
        ["old", "stone"]
    ]
    hits = filled.result("search", query="Who built the bridge?", tags=["stone"])["hits"]
    assert [hit["collection"] for hit in hits] == ["default"]
    with pytest.raises(UserError, match="ston"):
        filled.result("search", query="bridge", tags=["ston"])


def test_tags_of_a_whole_folder_are_given_and_taken(filled: Any) -> None:
    folder = str(Path(source(filled, "default")).parent)
    with pytest.raises(UserError, match="several collections"):
        filled.result("tag", source=folder, add=["old"])
    done = filled.result("tag", source=folder, collection="default", add=["old", "wet"])
    assert done == {"source": folder, "collection": "default", "sources": 1}
    filled.result("tag", source=source(filled, "default"), drop=["wet"], add=["new"])
    assert filled.result("library")["tags"] == ["new", "old"]
    for wrong in ({"add": ["a b"]}, {"source": f"{folder}/nowhere.txt", "add": ["x"]}):
        with pytest.raises(UserError):
            filled.result("tag", **{"source": folder, "collection": "default", **wrong})


def test_a_whole_folder_is_removed(filled: Any) -> None:
    folder = str(Path(source(filled, "default")).parent)
    gone = filled.result("remove", source=folder, collection="default")
    assert gone == {"source": folder, "collection": "default", "sources": 1}
    assert [one["collection"] for one in filled.result("library")["documents"]] == ["bridges"]


def test_a_folder_is_brought_up_to_date(home: Any, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, text in (("a", WEIR), ("b", BRIDGE), ("c", "Herons stand in the fen.")):
        (folder / f"{name}.txt").write_text(text)
    home.call("add", paths=[str(folder)])
    (folder / "a.txt").write_text(WEIR + " It leaks.")
    (folder / "b.txt").rename(folder / "d.txt")
    (folder / "c.txt").unlink()
    items, result = home.call("add", paths=[str(folder)])
    kinds = {Path(item["path"]).name: item["kind"] for item in items if "path" in item}
    assert kinds == {"a.txt": "changed", "d.txt": "moved", "c.txt": "removed"}
    assert result == {"failed": 0} and all(item["total"] == 2 for item in items if "path" in item)


def test_what_stands_in_the_own_home_is_no_document(
    make_home: Callable[..., Any], tmp_path: Path
) -> None:
    home = make_home(tmp_path / "home")
    home.add(default=WEIR)
    (tmp_path / "beside.txt").write_text("Herons stand in the fen.")
    items, _ = home.call("add", paths=[str(tmp_path)], collection="all")
    assert [Path(item["path"]).name for item in items if "path" in item] == ["beside.txt"]


def test_a_library_is_looked_over_and_repaired(filled: Any) -> None:
    assert filled.call("library.verify") == ([], {"faults": 0})
    files = [p for p in (filled.house.settings.home / "library").rglob("*") if p.is_file()]
    for torn in files:
        if "generations" in torn.parts and torn.name != "manifest.json":
            torn.unlink()
            torn.write_bytes(b"torn")
    (fault,), result = filled.call("library.verify")
    assert result == {"faults": 1} and fault["part"] == "search files" and fault["what"]
    _, repaired = filled.call("library.repair")
    assert repaired == {"failed": 0} and filled.call("library.verify")[0] == []


def test_a_library_that_fits_into_no_line_is_told_in_parts(
    filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = filled.result("library")
    monkeypatch.setattr(shelves, "fitting", lambda items: fitting(items, 1))
    items, result = filled.call("library")
    assert len(result["documents"]) == len(items) == 1
    assert gathered(Told([{"job": "j1"}, *items], result)) == whole
    assert gathered(Told([{"documents": 3}], None)) is None


class Told(list[Any]):
    """The items of a call that was read to its end, and its result."""

    def __init__(self, items: list[Any], result: Any) -> None:
        super().__init__(items)
        self.result = result


@pytest.mark.parametrize("size", [7, 10**6])
def test_an_export_holds_every_document_a_line(
    filled: Any, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exported(**given: Any) -> list[dict[str, Any]]:
        items, result = filled.call("library.export", **given)
        assert all(len(item["piece"]) <= size for item in items)
        lines = "".join(item["piece"] for item in items).splitlines()
        assert result == {"documents": len(lines)}
        return [json.loads(line) for line in lines]

    monkeypatch.setattr(shelves, "PIECE", size)
    whole = exported()
    assert {document["text"] for document in whole} == {WEIR, BRIDGE}
    for document in whole:
        (passage,) = document["passages"]
        assert document["text"][passage["start"] : passage["end"]].startswith("The ")
    assert [document["collection"] for document in exported(collection="bridges")] == ["bridges"]


def test_a_question_is_kept_to_a_tag(filled: Any) -> None:
    filled.result("tag", source=source(filled, "bridges"), add=["steel"])
    items, _ = filled.call("ask", question="Who was the engineer of the weir?", tags=["steel"])
    events = [item["entry"]["event"] for item in items if "entry" in item]
    assert events[0]["tags"] == ["steel"]
    found = [event for event in events if event["kind"] == "found"]
    sources = {result["source"] for event in found for result in event["results"]}
    assert found and sources <= {source(filled, "bridges")}
    with pytest.raises(UserError, match="wood"):
        filled.call("ask", question="Who?", tags=["wood"])


@pytest.fixture
def page(home: Any) -> Callable[..., Any]:
    """The call `page` on a run that opened one document of 400 words."""
    journal = home.house.journal
    run = journal.begin("run")
    marks = (Landmark(0, "One", 1), Landmark(1800, "Two", 2))
    journal.append(run, Asked("q"))
    journal.append(run, Opened("doc", "/w.txt", "Words", WORDS, 0, marks))

    def look(start: int, end: int, document: str = "doc", **given: Any) -> Any:
        return home.result("page", run="run", document=document, start=start, end=end, **given)

    return look


def test_a_quote_stands_between_whole_words(page: Callable[..., Any]) -> None:
    told = page(1800, 1808)
    assert told["text"] == "word0200"
    assert WORDS[1800 - len(told["before"]) : 1800] == told["before"]
    assert WORDS[1808 : 1808 + len(told["after"])] == told["after"]
    assert 250 < len(told["before"]) <= 300 and 250 < len(told["after"]) <= 300
    assert all(len(word) == 8 for side in ("before", "after") for word in told[side].split())
    assert told["more"] == {"before": True, "after": True}
    assert (told["title"], told["source"], told["heading"], told["page"]) == (
        "Words",
        "/w.txt",
        "Two",
        2,
    )


def test_a_quote_at_an_edge_has_the_whole_edge(page: Callable[..., Any]) -> None:
    told = page(9, 17)
    assert told["before"] == "word0000 " and not told["more"]["before"] and told["page"] == 1
    told = page(len(WORDS) - 8, len(WORDS))
    assert told["after"] == "" and not told["more"]["after"]
    assert page(1800, 1808, around=0)["before"] == ""
    whole = page(1800, 1808, around=10**9)
    assert whole["before"] + whole["text"] + whole["after"] == WORDS


def test_context_without_spaces_is_cut_all_the_same(home: Any) -> None:
    text = "水" * 2000
    home.house.journal.begin("run")
    home.house.journal.append("run", Opened("doc", "/w.txt", "Water", text))
    told = home.result("page", run="run", document="doc", start=1000, end=1010)
    assert (len(told["before"]), len(told["after"])) == (300, 300)


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 4), (0, 10**6)])
def test_offsets_outside_the_page_are_refused(
    page: Callable[..., Any], start: int, end: int
) -> None:
    with pytest.raises(UserError):
        page(start, end)


def test_a_page_that_the_run_never_opened_is_refused(page: Callable[..., Any], home: Any) -> None:
    with pytest.raises(UserError):
        page(0, 5, document="other")
    with pytest.raises(UserError):
        home.result("page", run="nobody", document="doc", start=0, end=5)


def test_the_inbox_takes_an_event_once(home: Any) -> None:
    payload = {"event": {"text": "hello"}}
    first = home.result("inbox.take", key="Ev1", face="slack", payload=payload)
    assert first == {"fresh": True, "state": "taken", "payload": payload, "data": {}}
    home.result("inbox.mark", key="Ev1", state="posted", data={"ts": "1.2"})
    again = home.result("inbox.take", key="Ev1", face="slack", payload={})
    assert again == {"fresh": False, "state": "posted", "payload": payload, "data": {"ts": "1.2"}}
    (item,) = home.result("inbox.open", face="slack")["items"]
    assert (item["key"], item["state"], item["data"]) == ("Ev1", "posted", {"ts": "1.2"})
    assert item["payload"] == payload and item["at"] > 0
    home.result("inbox.mark", key="Ev1", state="done")
    assert home.result("inbox.open", face="slack")["items"] == []
