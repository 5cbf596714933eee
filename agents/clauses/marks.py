"""Citation marks in a text: [1], [1, 2], [1-3], 【1】, and the numbers that they name."""

import re

MARK = re.compile(r"[\[【［]\s*\d{1,3}(?:\s*[,，、;\-–]\s*\d{1,3})*\s*[\]】］]")


def cites(text: str) -> tuple[int, ...]:
    """Return the numbers that the citation marks of a text name, each once, in order."""
    numbers: dict[int, None] = {}
    for mark in MARK.finditer(text):
        for first, last in re.findall(r"(\d+)(?:\s*[-–]\s*(\d+))?", mark[0]):
            numbers |= dict.fromkeys(range(int(first), max(int(first), int(last or 0)) + 1))
    return tuple(numbers)
