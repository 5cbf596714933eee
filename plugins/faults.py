"""What strangers' programs say of arguments that do not fit, in the words of this house.

Many check their arguments with pydantic, whose report is made for programmers: it counts models,
repeats the values and leads to a page of its manual.
"""

import re

_REPORT = re.compile(r"\d+ validation errors? for .+\n")
_FAULT = re.compile(r"^(\S.*)\n  (.+?)(?: \[type=.*\])?$", re.MULTILINE)
_WORDS = (
    (re.compile(r"(Field required|Missing required .*)"), "is missing"),
    (re.compile(r"(Extra inputs are not permitted|Unexpected .* argument)"), "is not taken"),
    (re.compile(r"[A-Z]\w* should (?=be |have |match |contain |end )"), "must "),
)


def plain(text: str) -> str:
    """Return what a program said, with a report of pydantic in it as one line: "a is missing; b
    must be a valid integer". Any other text comes back as it is."""
    report = _REPORT.search(text)
    if report is None:
        return text
    faults = [f"{place} {_said(fault)}" for place, fault in _FAULT.findall(text[report.end() :])]
    return text[: report.start()] + ("; ".join(faults) or "the arguments do not fit")


def _said(fault: str) -> str:
    for pattern, words in _WORDS:
        found = pattern.match(fault)
        if found:
            return words + fault[found.end() :]
    return f"does not fit: {fault}"
