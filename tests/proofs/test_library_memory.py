"""Memory during ingest: it does not grow with what is taken in."""

import json
from pathlib import Path

import pytest
from memory_child import written
from proof_forks import Forks

MIB = 1 << 20


def grown(forks: Forks, home: Path, passages: int) -> tuple[int, float]:
    """Return the bytes by which a process grows that takes in so many passages, and its seconds."""
    home.mkdir()
    written(home / "files", passages)
    forks.start("memory_child.ingest", str(home), str(home / "result"))
    assert forks.ended() == 0
    told = json.loads((home / "result").read_text())
    assert told["passages"] == passages
    return told["grown"], told["seconds"]


@pytest.mark.slow
def test_ten_times_the_passages_take_no_more_memory(forks: Forks, tmp_path: Path) -> None:
    few, _ = grown(forks, tmp_path / "few", 1_000)
    many, _ = grown(forks, tmp_path / "many", 10_000)
    # The texts and vectors of the 9,000 are some 6 MiB, as Python's objects three times as much.
    assert few < 48 * MIB and many < few + 7 * MIB


@pytest.mark.prove
@pytest.mark.slow
@pytest.mark.timeout(2000)
def test_a_hundred_times_the_passages_take_little_more_memory(forks: Forks, tmp_path: Path) -> None:
    few, _ = grown(forks, tmp_path / "few", 1_000)
    many, seconds = grown(forks, tmp_path / "many", 100_000)
    # From 50,000 vectors on they are grouped: FAISS, its sample and a block of scores are some 70.
    assert few < 48 * MIB and many < few + 112 * MIB
    print(
        f"library memory: 100,000 passages in {seconds:.0f} s;"
        f" {few / MIB:.0f} MiB for 1,000, {many / MIB:.0f} MiB for 100,000"
    )
