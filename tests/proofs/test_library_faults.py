"""Every system call of a commit fails or is the last one: the library is as before, or as after."""

import random
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest
from faults_child import NEW, STAGES, digest, document
from proof_forks import Forks
from proof_library import opened, shelved, whole
from proof_strace import WRITING, Injection, Traced, injections, traced

SIGKILL = -9


class House:
    """A small library, what it is before and after a change, and what a change does."""

    def __init__(self, forks: Forks, root: Path) -> None:
        self.forks, self.root, self.count = forks, root, 0
        self.ready, self.ahead = root / "ready", root / "ahead"
        with shelved(self.ready) as shelf:
            library = opened(shelf, self.ready)
            for number in range(2, 6):
                library.put([document(number)])
            self.before = digest(library)
        shutil.copytree(self.ready, self.ahead)
        self.put_alone(self.ahead)
        self.after = {stage: self.changed(stage) for stage in STAGES}

    def put_alone(self, home: Path) -> None:
        """Keep a document as a process does that is killed before it writes search files."""
        files, aside = home / "library", home / "aside"
        shutil.copytree(files, aside)
        with shelved(home) as shelf:
            opened(shelf, home).put([document(NEW)])
        shutil.rmtree(files)
        aside.rename(files)

    def changed(self, stage: str) -> str:
        """Return the digest after the change, by a child that nothing happens to."""
        traced = self.trial(stage)
        assert traced.told["ended"] in ("opened", "done"), traced.told
        return traced.told["found"]

    def trial(self, stage: str, injection: Injection | None = None) -> Traced:
        """Let a child make the change while a fault is injected."""
        self.count += 1
        home = self.root / f"{self.count}"
        shutil.copytree(self.ahead if stage == "open" else self.ready, home)
        inject = injection.told if injection else ""
        self.home, self.last = (
            home,
            traced(self.forks, "faults_child.commit", home, stage, inject=inject),
        )
        return self.last


@pytest.fixture(scope="module")
def house(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> House:
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    try:
        return House(forks, tmp_path_factory.mktemp("faults"))
    except OSError as error:
        pytest.skip(f"strace may not look at other processes here: {error}")


def check(house: House, stage: str, injection: Injection) -> str:
    """Make the change with a fault, and check that what is left is as before or as after."""
    traced = house.trial(stage, injection)
    told, after = traced.told, house.after[stage]
    states = (house.after["open"],) if stage == "open" else (house.before, after)
    if traced.status != SIGKILL:
        assert told["ended"] in ("opened", "done", "refused"), told
        assert told.get("found", states[0]) in states
        assert told.get("again", after) == after
        assert told["ended"] != "done" or told.get("found", after) == after
        for why in (told.get("why", "."), told.get("later", ".")):
            assert why.endswith(".") and "\n" not in why, why
    acknowledged = told.get("ended") == "done" or "acknowledged" in told
    with shelved(house.home) as shelf:
        library = opened(shelf, house.home)
        assert digest(library) in ((after,) if acknowledged else states)
        whole(library)
        if stage in ("put", "write"):
            library.put([document(NEW)])
            assert digest(library) == after
    shutil.rmtree(house.home)
    hit = "injected" if traced.injected else "not met"
    return "killed" if traced.status == SIGKILL else f"{told['ended']}, {hit}"


def every(house: House, stage: str) -> list[Injection]:
    """Return all that can be injected into a change."""
    traced = house.trial(stage)
    counts = traced.counts(first=stage != "write")
    return list(injections(counts))


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_a_commit_with_a_fault_leaves_before_or_after(house: House, stage: str) -> None:
    chance, ways = random.Random(STAGES.index(stage)), every(house, stage)
    writing = [injection for injection in ways if injection.call in WRITING]
    for injection in [*chance.sample(writing, 4), *chance.sample(ways, 2)]:
        check(house, stage, injection)


@pytest.mark.prove
@pytest.mark.slow
@pytest.mark.timeout(9000)
@pytest.mark.parametrize("stage", STAGES)
def test_a_commit_with_any_fault_leaves_before_or_after(house: House, stage: str) -> None:
    """Every call that writes; of those that read every fifth, for they leave nothing behind."""
    began, ended = time.monotonic(), Counter[str]()
    writing = [one for one in every(house, stage) if one.call in WRITING]
    reading = [one for one in every(house, stage) if one.call not in WRITING]
    for injection in writing + reading[::5]:
        ended[check(house, stage, injection)] += 1
    assert ended.total() - ended["done, not met"] > 0.8 * ended.total()
    seconds = time.monotonic() - began
    print(f"library faults, {stage}: {ended.total()} in {seconds:.0f} s, {dict(ended)}")
