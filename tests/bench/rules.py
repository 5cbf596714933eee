"""The rules of the packaged policy on labelled answers: accuracy and confusion.

The answers are those of tests/agents/rules, the ones with which the rules were made and those that
were written afterwards. Where HaluEval's general part is at hand, how often the rules call a chat
model's answer a refusal is counted as well. Run it from the repository:

    python tests/bench/rules.py
"""

import collections
import json
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

from agents.events import Classified, Quoted
from agents.rules.classify import classify, likeliest
from agents.rules.rubric import Rubric, read
from app.evaluation.sets import half

HERE = Path(__file__).resolve().parent
ANSWERS = HERE.parent / "agents" / "rules"
GENERAL = HERE.parent.parent.parent / "shared" / "data" / "halueval" / "general_data.json"
LABELS = ("safe", "refusal", "undesired", "disallowed")

Case = dict[str, Any]


def cases(part: str) -> list[Case]:
    """Return the labelled answers of a part, "tune" or "report"."""
    text = (ANSWERS / f"answers_{part}.toml").read_text("utf-8")
    answers: list[Case] = tomllib.loads(text)["answer"]
    return answers


def quoted(case: Case) -> tuple[Quoted, ...]:
    """Return the quotes of a case as a run would hold them."""
    texts = enumerate(case["quotes"], start=1)
    return tuple(Quoted(n, f"d{n}", f"{n}.md", f"{n}", text, 0, len(text)) for n, text in texts)


def table(chosen: list[Case], rubric: Rubric) -> list[str]:
    """Return rows of a confusion matrix, and lines of accuracy and of what the rules leave open."""
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    open_, right_sure = 0, 0
    for case in chosen:
        given = (case["question"], case["text"], quoted(case), rubric)
        counts[case["label"], likeliest(*given).label] += 1
        sure = classify(*given)
        open_ += sure is None
        right_sure += sure is not None and sure.label == case["label"]
    right = sum(counts[label, label] for label in LABELS)
    rows = [
        f"| {label} | {' | '.join(str(counts[label, given]) for given in LABELS)} |"
        for label in LABELS
    ]
    head = [f"| labelled | {' | '.join(LABELS)} |", "|---|---|---|---|---|"]
    sure_of = len(chosen) - open_
    told = f"accuracy {right / len(chosen):.3f} of {len(chosen)}; sure of {sure_of}"
    return [*head, *rows, "", f"{told}, of these right {right_sure / max(1, sure_of):.3f}"]


def missed(chosen: list[Case], rubric: Rubric) -> list[tuple[Case, Classified]]:
    """Return the cases that the rules get wrong, with the class they give."""
    told = [(c, likeliest(c["question"], c["text"], quoted(c), rubric)) for c in chosen]
    return [(case, found) for case, found in told if found.label != case["label"]]


def general(rubric: Rubric) -> list[str]:
    """Count the classes among the answers of HaluEval's general part, by a half of their ids."""
    if not GENERAL.exists():
        return []
    rows = [json.loads(line) for line in GENERAL.read_text("utf-8").splitlines()]
    rows = [row for row in rows if half(row["ID"]) == "report"]
    begin = time.perf_counter()
    found = [likeliest(row["user_query"], row["chatgpt_response"], (), rubric) for row in rows]
    spent = (time.perf_counter() - begin) / len(rows)
    counts = collections.Counter(one.label for one in found)
    shares = ", ".join(f"{label} {counts[label]}" for label in LABELS)
    return [
        "",
        f"HaluEval general, report half: {len(rows)} answers: {shares}; {spent * 1000:.2f} ms",
    ]


def main() -> None:
    """Print the tables; with --missed also what is wrong on the tune half."""
    rubric = read("")
    for part in ("tune", "report"):
        chosen = cases(part)
        print("\n".join(["", f"{part}: {len(chosen)} answers", "", *table(chosen, rubric)]))
        if "--missed" in sys.argv and part == "tune":
            for case, found in missed(chosen, rubric):
                print(case["label"], "->", found.label, found.rule, "|", case["text"])
    print("\n".join(general(rubric)))


if __name__ == "__main__":
    main()
