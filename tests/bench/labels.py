"""Shown claims read by hand: draws them, writes sheets to read, and counts what was found.

    python tests/bench/labels.py draw RECORDS... --data DIR --out DIR [--each 100]
    python tests/bench/labels.py count LABELS [--second LABELS] --key FILE

RECORDS are what `vouch eval answers --out` kept, of report halves. `draw` takes `--each` claims in
the own words of the model from each system with a fixed seed, mixes them, and writes `sheet.jsonl`
for the reader (number, question, answer, claim, the cited documents; no system, no ruling) and
`key.jsonl` (number, set, system, id of the question, offsets of the claim in the answer). A reader
writes one JSON object a line: number, label (supported, partly, unsupported), document, start, end
(of the sentence that carries or breaks the claim, in the text of the document; null where no
sentence does), reason. `count` prints the share unsupported (partly counts as that) of each system
with the 95 % interval of Wilson, and the kappa of Cohen for two readers.
"""

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import sqrt
from pathlib import Path
from typing import Any

from agents.claims import split
from agents.dropping import is_evidence
from app.evaluation.answer_sets import SETS, load
from app.evaluation.answers import UNCHECKED, Record, unchecked
from app.evaluation.systems import CHECKED, Shown

SEED = 20_26
LABELS = ("supported", "partly", "unsupported")


def draw(records: Sequence[Path], data: Path, out: Path, each: int) -> None:
    """Write the sheet and its key. A claim that two systems made alike is read once."""
    drawn: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    texts = _Texts(data)
    rng = random.Random(SEED)
    for system, found in sorted(_claims(records).items()):
        rng.shuffle(found)
        for one in found[:each]:
            sheet, key = _row(texts, system, *one)
            same = json.dumps([sheet["question"], sheet["claim"], [*sheet["documents"]]])
            drawn.setdefault(same, (sheet, []))[1].append(key)
        print(f"{system}: {len(found)} claims, {min(each, len(found))} drawn")
    items = list(drawn.values())
    rng.shuffle(items)
    print(f"{len(items)} to read")
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "sheet.jsonl", [{"number": n, **item[0]} for n, item in enumerate(items, 1)])
    keys = [{"number": n, **key} for n, item in enumerate(items, 1) for key in item[1]]
    _write(out / "key.jsonl", keys)


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")


Found = tuple[str, str, Shown, int, int]


def _claims(records: Sequence[Path]) -> dict[str, list[Found]]:
    """Every claim that is the model's own words, by system: set, question's id, answer, offsets."""
    found: dict[str, list[Found]] = defaultdict(list)
    for path in records:
        for (name, system, id), shown in sorted(Record(path).items()):
            for label, one in _both(system, shown):
                if one.outcome == "declined" or one.form != "prose":
                    continue
                for claim in split(one.text):
                    if not is_evidence(one.text, claim):
                        found[label].append((name, id, one, claim.start, claim.end))
    return found


def _both(system: str, shown: Shown) -> Iterator[tuple[str, Shown]]:
    yield system, shown
    if system.startswith(CHECKED):
        yield system + UNCHECKED, unchecked(shown)


class _Texts:
    """The documents of the sets, read when first asked for."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._read: dict[str, tuple[dict[str, str], dict[str, str]]] = {}

    def of(self, name: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return the texts by document and the questions by id of a set."""
        assert name in SETS
        if name not in self._read:
            given = load(name, self._data)
            texts = {one.id: one.text for one in given.documents}
            for reading in given.readings:
                texts.update({one.id: one.text for one in reading.own})
            self._read[name] = texts, {one.id: one.question for one in given.readings}
        return self._read[name]


def _row(
    texts: _Texts, system: str, name: str, id: str, shown: Shown, start: int, end: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    documents, questions = texts.of(name)
    claim = next(c for c in split(shown.text) if (c.start, c.end) == (start, end))
    cited = [q for q in shown.quotes if not claim.cites or q.number in claim.cites]
    sheet = {
        "question": questions[id],
        "answer": shown.text,
        "claim": claim.text,
        "documents": {q.document: documents.get(q.document, q.text) for q in cited},
    }
    return sheet, {"set": name, "system": system, "id": id, "start": start, "end": end}


def count(labels: Path, second: Path | None, key: Path) -> None:
    """Print shares by system, and the agreement of two readers."""
    read = _labels(labels)
    systems: dict[str, list[str]] = defaultdict(list)
    for row in _lines(key):
        systems[row["system"]].append(read[row["number"]])
    print("| system | claims read | unsupported | share |\n|---|---|---|---|")
    for system, found in sorted(systems.items()):
        bad = sum(label != "supported" for label in found)
        low, high = wilson(bad, len(found))
        share = f"{bad / len(found):.3f} [{low:.3f}, {high:.3f}]"
        print(f"| {system} | {len(found)} | {bad} | {share} |")
    if second is not None:
        other = _labels(second)
        both = [(read[n], other[n]) for n in other if n in read]
        print(f"\nsecond reader: {len(both)} claims, kappa {kappa(both):.2f}")


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's interval of a share."""
    middle, spread = (hits + z * z / 2), z * sqrt(hits * (n - hits) / n + z * z / 4)
    return (middle - spread) / (n + z * z), (middle + spread) / (n + z * z)


def kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Return Cohen's kappa of two readers; partly counts as unsupported."""
    plain = [(a == "supported", b == "supported") for a, b in pairs]
    n = len(plain)
    same = sum(a == b for a, b in plain) / n
    left, right = sum(a for a, _ in plain) / n, sum(b for _, b in plain) / n
    chance = left * right + (1 - left) * (1 - right)
    return (same - chance) / (1 - chance) if chance < 1 else 1.0


def _labels(path: Path) -> dict[int, str]:
    found = {row["number"]: row["label"] for row in _lines(path)}
    if wrong := sorted(n for n, label in found.items() if label not in LABELS):
        raise SystemExit(f"{path}: no label that there is: {wrong}")
    return found


def _lines(path: Path) -> Iterator[Any]:
    yield from map(json.loads, filter(None, path.read_text("utf-8").splitlines()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    drawing = parts.add_parser("draw")
    drawing.add_argument("records", nargs="+", type=Path)
    drawing.add_argument("--data", type=Path, default=Path("../shared/data"))
    drawing.add_argument("--out", type=Path, required=True)
    drawing.add_argument("--each", type=int, default=100)
    counting = parts.add_parser("count")
    counting.add_argument("labels", type=Path)
    counting.add_argument("--second", type=Path)
    counting.add_argument("--key", type=Path, required=True)
    asked = parser.parse_args()
    if asked.part == "draw":
        draw(asked.records, asked.data, asked.out, asked.each)
    else:
        count(asked.labels, asked.second, asked.key)


if __name__ == "__main__":
    main()
