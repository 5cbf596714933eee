"""A folder in many versions, and a check that hits are those of one version and all of them."""

import random
import re
from collections.abc import Iterable
from pathlib import Path

from retrieval.documents import Hit

WORD = "everywhere"
STILL = ("still.md", "t/still.md")
"""Where the file stands that never changes, in even and in odd versions."""

_SAYS = re.compile(r"file (\S+) of version (\d+)\.")


def names(version: int) -> set[str]:
    """Return the files of a version that say so."""
    chance = random.Random(version)
    drawn = {f"{chance.choice(('', 's/', 't/'))}{n}.md" for n in range(14) if chance.random() < 0.6}
    return drawn | {"first.md", "s/second.md", "t/third.md"}


def write(root: Path, version: int) -> None:
    """Bring a folder to a version: files change, come, go and move."""
    for path in root.rglob("*.md"):
        path.unlink()
    for name in sorted(names(version)):
        say(root / name, f"{WORD} file {name} of version {version}.")
    say(root / STILL[version % 2], f"{WORD} stands a file of no version.")


def say(path: Path, words: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# Said\n\n{words}\n", encoding="utf-8")


def version_of(hits: Iterable[Hit], below: str = "") -> int:
    """Return the version of a folder that all hits are of.

    They must be all of that version in the folder `below`, and each once; or all but those in the
    folder `s`, which may have been removed.
    """
    found = [_SAYS.search(hit.passage.text) for hit in hits]
    versions = {int(said[2]) for said in found if said}
    assert len(versions) == 1, f"hits are of versions {versions}"
    version = versions.pop()
    still = STILL[version % 2]
    had = [said[1] if said else still for said in found]
    assert len(had) == len(set(had)), "a passage comes twice"
    wanted = {name for name in names(version) | {still} if name.startswith(below)}
    outside = {name for name in wanted if not name.startswith("s/")}
    assert set(had) in (wanted, outside), (version, wanted ^ set(had))
    return version
