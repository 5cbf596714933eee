"""Files for the proofs of the library: texts by number and version, and changes of a folder."""

import os
import random
import time
from pathlib import Path

from retrieval.documents import content_id

_SOUNDS = ("ba", "do", "ki", "lu", "me", "no", "ri", "sa", "te", "wu")
WORDS = [a + b + c for a in _SOUNDS for b in _SOUNDS[:6] for c in _SOUNDS[:5]]
_CJK = "山水火木金土日月天地人大小上下中書城"

MOST = 24
"""Files of a folder at most: more are not needed, and each costs time."""

LEAST = 4


def mark(number: int, version: int) -> str:
    """The word that stands in every passage of a text and in no other text."""
    return f"k{number}v{version}"


def text(number: int, version: int, parts: int | None = None) -> str:
    """Return a Markdown text of a few sections of 210 to 800 characters."""
    chance = random.Random(f"{number}/{version}")
    sections = [f"# Text {mark(number, version)}\n"]
    for part in range(parts or chance.randint(1, 4)):
        words = chance.choices(WORDS, k=chance.randint(30, 110))
        words.insert(chance.randrange(len(words)), mark(number, version))
        if chance.random() < 0.3:
            words.append("".join(chance.choices(_CJK, k=9)) + "。")
        sections.append(f"\n## Part {part} of {chance.choice(WORDS)}\n\n{' '.join(words)}.\n")
    return "".join(sections)


def held(files: Path) -> dict[str, str]:
    """Return the files of a folder as the library names them, with the ids of their texts."""
    return {
        str(path): content_id("default", path.read_text("utf-8"))
        for path in sorted(files.resolve().rglob("*.md"))
    }


class Folder:
    """A folder of files that is changed by chance. Every file has a time of its own, long past."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root = root.resolve()
        self._chance = chance
        self._fresh = time.time_ns()

    def paths(self) -> list[Path]:
        return sorted(self.root.rglob("*.md"))

    def write(self, path: Path, words: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words, encoding="utf-8")
        # Files that were written a moment ago are read again each time; most of ours shall not be.
        self._fresh += 1
        os.utime(path, ns=(self._fresh, self._fresh - 10**11))
        return path

    def change(self) -> str:
        """Write, change, move, copy or delete a file, and say which."""
        paths, chance = self.paths(), self._chance
        if len(paths) < LEAST:
            what = "write"
        else:
            kinds, weights = ("write", "change", "move", "copy", "delete"), (4, 4, 3, 2, 3)
            what = chance.choices(kinds, weights)[0]
        if len(paths) >= MOST and what in ("write", "copy"):
            what = "delete"
        number = chance.randrange(10**9)
        new = self.root / chance.choice((".", "a", "b/c")) / f"{number}.md"
        match what:
            case "write":
                self.write(new, text(number, 0))
            case "change":
                self.write(chance.choice(paths), text(number, 1))
            case "move":
                new.parent.mkdir(parents=True, exist_ok=True)
                chance.choice(paths).rename(new)
            case "copy":
                self.write(new, chance.choice(paths).read_text("utf-8"))
            case "delete":
                chance.choice(paths).unlink()
        return what
