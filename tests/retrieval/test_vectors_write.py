"""Writing a store of vectors: what is new is written, what stands is linked, much is made anew."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kept_vectors import DIMENSION, SMALL, KeptVectors, digests, drawn, share

from retrieval.keys import among, keys, rising
from retrieval.vectors.layout import PAGE, read
from retrieval.vectors.store import VectorStore, write
from retrieval.vectors.write import Sizes

STEP = st.tuples(st.lists(st.integers(0, 30), max_size=4), st.lists(st.integers(1, 12), max_size=4))


CHANGES = given(
    steps=st.lists(STEP, min_size=1, max_size=6),
    k=st.integers(1, 12),
    inside=st.none() | st.lists(st.integers(1, 12), max_size=5),
)
Steps = list[tuple[list[int], list[int]]]


def follow(root: Path, steps: Steps, k: int, inside: list[int] | None) -> None:
    """Whatever was added and dropped, just what is left is found."""
    kept = KeptVectors(root, Sizes(merged=40))
    for sizes, drop in steps:
        store = kept.add(sizes, drop)
        assert store.count == len(kept.held)
    editions = None if inside is None else rising(inside)
    queries = drawn(3, 99)
    for found, wanted in zip(
        store.search(queries, k, editions), kept.best(queries, k, editions), strict=True
    ):
        assert found.tolist() == wanted.tolist()


@settings(max_examples=50, deadline=None)
@CHANGES
def test_changes_leave_what_is_left(
    tmp_path_factory: pytest.TempPathFactory, steps: Steps, k: int, inside: list[int] | None
) -> None:
    follow(tmp_path_factory.mktemp("store"), steps, k, inside)


@pytest.mark.prove
@settings(max_examples=2_000, deadline=None)
@CHANGES
def test_many_changes_leave_what_is_left(
    tmp_path_factory: pytest.TempPathFactory, steps: Steps, k: int, inside: list[int] | None
) -> None:
    follow(tmp_path_factory.mktemp("store"), steps, k, inside)


@pytest.mark.prove
def test_with_the_sizes_that_are_in_force_most_is_found(tmp_path: Path) -> None:
    """110,000 vectors come into lists; filters of all widths, additions and deletions hold."""
    kept = KeptVectors(tmp_path)
    kept.add([100] * 1_100)
    store = kept.add([10] * 100, drop=list(range(1, 1_000, 13)))
    assert store.kind == "IVF 1327, 8 bit" and kept.whole == 1
    queries = drawn(100, 3)
    for editions in (None, range(5), range(0, 1_150, 9), range(0, 1_150, 2)):
        inside = None if editions is None else rising(editions)
        found, wanted = store.search(queries, 10, inside)[1], kept.best(queries, 10, inside)[1]
        assert found.shape == wanted.shape and share(found, wanted) > 0.95
        assert {*found.ravel().tolist()} <= {*kept.held}
        assert inside is None or among(found.ravel(), inside).all()


def new(kept: KeptVectors) -> dict[str, int]:
    """Return name and size of the files that the last folder does not share with the one before."""
    shared = {path.stat().st_ino for path in kept.folders[-2].iterdir()}
    files = (path for path in kept.folders[-1].iterdir() if path.stat().st_ino not in shared)
    return {path.name: path.stat().st_size for path in files}


def test_an_addition_writes_itself_and_links_the_rest(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path)
    kept.add([500] * 20)
    kept.add([10])
    assert new(kept).keys() == {"2.f32", "2.i64", PAGE}
    assert sum(new(kept).values()) < 10 * (DIMENSION * 4 + 8) + 500


def test_a_deletion_writes_tombstones_alone(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path)
    kept.add([500] * 20)
    store = kept.add([], drop=[4, 5])
    assert new(kept).keys() == {"dropped.i64", PAGE} and store.count == 9_000
    kept.add([30])
    assert read(kept.folders[-1]).dropped == 2


@pytest.mark.parametrize("sizes", [Sizes(), SMALL])
def test_a_folder_that_was_written_never_changes(tmp_path: Path, sizes: Sizes) -> None:
    kept = KeptVectors(tmp_path, sizes)
    kept.add([100] * 20)
    before, old = digests(kept.folders[0]), VectorStore.open(kept.folders[0])
    found = old.search(drawn(5, 1), 5)
    for step in range(8):
        kept.add([60], drop=[step + 1])
    assert digests(kept.folders[0]) == before
    for path in kept.folders[0].iterdir():
        path.unlink()
    assert [part.tolist() for part in old.search(drawn(5, 1), 5)] == [p.tolist() for p in found]
    assert kept.folders[-1].joinpath(PAGE).exists()


def test_where_no_links_can_be_made_files_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    kept = KeptVectors(tmp_path)
    kept.add([50])
    monkeypatch.setattr("os.link", refuse)
    kept.add([10])
    assert "1.f32" in new(kept)
    assert digests(kept.folders[0])["1.f32"] == digests(kept.folders[1])["1.f32"]


def test_small_parts_are_merged_and_deleted_vectors_left_out(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path, Sizes(merged=100))
    kept.add([1000])
    for _ in range(40):
        kept.add([10])
    parts = read(kept.folders[-1]).parts
    assert len(parts) < 9 and all(part.rows <= 100 for part in parts[1:])
    kept.add([90], drop=[41])
    assert 41 not in kept.held and read(kept.folders[-1]).dropped <= 1
    assert kept.whole == 1


def test_a_part_of_which_all_is_deleted_goes(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path, Sizes(merged=0))
    for _ in range(6):
        kept.add([10])
    kept.add([], drop=[2])
    assert [part.name for part in read(kept.folders[-1]).parts] == ["1", "3", "4", "5", "6"]
    assert read(kept.folders[-1]).dropped == 0


def test_with_too_many_deleted_all_is_written_anew(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path)
    kept.add([100] * 10)
    kept.add([], drop=[1, 2])
    assert kept.whole == 1 and sum(part.rows for part in read(kept.folders[-1]).parts) == 1_000
    kept.add([], drop=[3])
    assert kept.whole == 2 and sum(part.rows for part in read(kept.folders[-1]).parts) == 700
    assert read(kept.folders[-1]).dropped == 0


def test_many_vectors_come_into_lists_and_few_leave_them(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path, SMALL)
    assert kept.add([100] * 14).kind == "exact"
    assert kept.add([100]).kind == "IVF 155, 8 bit"
    assert kept.add([], drop=[1]).kind == "IVF 155, 8 bit"
    assert kept.add([], drop=list(range(2, 6))).kind == "exact"


def test_a_rest_that_grows_too_large_is_put_into_the_lists(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path, SMALL)
    kept.add([100] * 20)
    for _ in range(4):
        kept.add([100])
    assert (kept.whole, kept.add([]).kind) == (1, "IVF 179, 8 bit")
    store = kept.add([5])
    assert (kept.whole, store.kind) == (2, "IVF 196, 8 bit")
    queries = drawn(40, 3)
    assert share(store.search(queries, 10)[1], kept.best(queries, 10)[1]) > 0.95


def test_what_was_added_is_found_beside_the_lists_and_what_was_deleted_is_not(
    tmp_path: Path,
) -> None:
    kept = KeptVectors(tmp_path, SMALL)
    kept.add([100] * 20)
    store = kept.add([20, 7], drop=[3, 4])
    fresh = keys(21, 20)[5:6]
    scores, found = store.search(kept.held[int(fresh[0])][None], 1)
    assert found.tolist() == [fresh.tolist()] and scores.tolist() == [[1]]
    assert not among(store.search(drawn(20, 8), 200)[1].ravel(), rising([3, 4])).any()


def test_a_deleted_edition_does_not_come_back(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path)
    kept.add([50, 50, 50, 50, 5], drop=[])
    kept.add([], drop=[5])
    store = kept.write([(keys(5, 5) + 100, drawn(5, 5))], drop=[5])
    assert store.count == 200
    again = tmp_path / "again"
    block = (keys(5, 9), drawn(9, 5))
    write(
        again,
        before=kept.folders[-1],
        added=[block],
        dropped=rising([]),
        everything=list,
        dimension=DIMENSION,
    )
    assert VectorStore.open(again).count == 200


def test_a_passage_that_the_embedder_does_not_read_is_left_out(tmp_path: Path) -> None:
    vectors = drawn(6, 1)
    vectors[[0, 4]] = 0
    kept = KeptVectors(tmp_path)
    store = kept.write([(keys(1, 6), vectors)])
    assert store.count == 4
    assert sorted(store.search(drawn(1, 2), 9)[1][0].tolist()) == keys(1, 6)[[1, 2, 3, 5]].tolist()
    assert kept.write([(keys(2, 3), np.zeros((3, DIMENSION), np.float32))]).count == 4
    assert len(read(kept.folders[-1]).parts) == 1


def test_all_may_be_deleted_and_others_added(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path)
    kept.add([5, 5])
    store = kept.add([], drop=[1, 2])
    assert store.count == 0 and store.search(drawn(2, 1), 3)[1].shape == (2, 0)
    assert kept.add([4]).count == 4


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ((keys(9, 2), np.ones((2, DIMENSION + 1), np.float32)), "shape"),
        ((keys(9, 3), np.ones((2, DIMENSION), np.float32)), "shape"),
        ((keys(9, 2), np.full((2, DIMENSION), np.nan, np.float32)), "finite"),
        ((keys(1, 1), np.ones((1, DIMENSION), np.float32)), "twice"),
        ((np.repeat(keys(9, 1), 2), np.ones((2, DIMENSION), np.float32)), "twice"),
    ],
)
@pytest.mark.parametrize("anew", [False, True])
def test_blocks_that_make_no_sense_are_refused(
    tmp_path: Path, block: tuple[np.ndarray, np.ndarray], said: str, anew: bool
) -> None:
    kept = KeptVectors(tmp_path)
    kept.add([5])
    first = (keys(1, 5), drawn(5, 1))
    with pytest.raises(ValueError, match=said):
        write(
            tmp_path / "next",
            before=None if anew else kept.folders[0],
            added=[block],
            dropped=rising([]),
            everything=lambda: [first, block],
            dimension=DIMENSION,
        )


def test_another_dimension_makes_all_anew(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path)
    kept.add([5])
    write(
        tmp_path / "next",
        before=kept.folders[0],
        added=[],
        dropped=rising([]),
        everything=lambda: [(keys(7, 3), np.eye(3, dtype=np.float32))],
        dimension=3,
    )
    assert VectorStore.open(tmp_path / "next").dimension == 3
    assert VectorStore.open(tmp_path / "next").count == 3


@pytest.mark.parametrize("name", ["1.f32", "1.i64", "1.ivf", "dropped.i64", PAGE])
def test_files_that_do_not_fit_together_are_refused(tmp_path: Path, name: str) -> None:
    kept = KeptVectors(tmp_path, SMALL)
    kept.add([100] * 20)
    kept.add([], drop=[3])
    path = kept.folders[-1] / name
    whole = path.read_bytes()
    for broken in (whole[:-8], whole[: len(whole) // 2], b""):
        path.unlink()
        path.write_bytes(broken)
        with pytest.raises((OSError, ValueError, RuntimeError)):
            VectorStore.open(kept.folders[-1])
    path.unlink()
    with pytest.raises((OSError, RuntimeError)):
        VectorStore.open(kept.folders[-1])


MEASURED = """
import resource, sys
import numpy as np
from pathlib import Path
from retrieval.keys import keys, rising
from retrieval.vectors.store import write

rows = int(sys.argv[2])
random = np.random.default_rng(0)

def blocks():
    for edition in range(rows // 1000):
        yield keys(edition, 1000), random.standard_normal((1000, 384), dtype=np.float32)

folder = Path(sys.argv[1])
write(folder, before=None, added=[], dropped=rising([]), everything=blocks, dimension=384)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell memory in other units")
def test_memory_does_not_grow_with_what_is_written(tmp_path: Path) -> None:
    peaks = []
    for rows in (1_000, 99_000):
        command = [sys.executable, "-c", MEASURED, str(tmp_path / str(rows)), str(rows)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout))
    # 98,000 vectors have 147 MB.
    assert peaks[1] - peaks[0] < 16_000
