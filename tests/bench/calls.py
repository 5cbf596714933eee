"""Calls of tools by the embedded model, on BFCL: right calls, sound calls, and rightly no call.

    python tests/bench/calls.py [--limit 40] [--split report] [--prompt calls] [--out FILE]

Each question comes with one to four tools, and the model writes `use <tool> <JSON>` or `no call`,
without and with the grammar of plugins/grammar.py. A third way lets the embedder decide whether
there is a call and of which tool (cosine of question and description, its threshold fitted on the
tune half) and the model write the arguments alone. The sets are cut in two by the hash of a
question's id (even SHA-256: tune, odd: report); --limit questions of each set are drawn with a
fixed seed, 0 for all. Answers are kept in --out and not asked for again. A call is right as BFCL
counts it (https://gorilla.cs.berkeley.edu/leaderboard.html, AST evaluation): the tool, every
argument among the given answers, and what is left out may be left out. Prints a Markdown table.
"""

import argparse
import hashlib
import json
import random
import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agents.actions import UseTool, parse
from agents.models.base import Message, Model, Reply, Sampling
from agents.models.convert import to_f16
from agents.models.llama import LlamaModel
from app.prepare import shipped_file
from plugins.fitting import fits
from plugins.grammar import rules, written

BFCL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "bfcl"
DATA = BFCL / "berkeley-function-call-leaderboard" / "bfcl_eval" / "data"
SETS = {"simple": "simple_python", "multiple": "multiple", "irrelevance": "irrelevance"}
SEED = 20_26
NO_CALL = "no call"
TYPES = {"dict": "object", "float": "number", "tuple": "array"}
WAYS = ("model", "model, grammar", "embedder chooses, grammar")


@dataclass(frozen=True, slots=True)
class Question:
    """One question of BFCL; `gold` is empty where no tool fits."""

    id: str
    set: str
    text: str
    tools: tuple[Mapping[str, Any], ...]
    gold: tuple[Mapping[str, Any], ...]


def plain_schema(part: Any) -> Any:
    """Return BFCL's spelling of types as JSON schema."""
    if isinstance(part, list):
        return [plain_schema(item) for item in part]
    if not isinstance(part, dict):
        return part
    made = {key: plain_schema(value) for key, value in part.items() if key != "default"}
    if isinstance(kind := made.get("type"), str):
        made["type"] = TYPES.get(kind, kind)
        if kind == "any":
            del made["type"]
    return made


def half(name: str) -> str:
    """The split of a question, by the hash of its id."""
    return "report" if int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2 else "tune"


def questions(wanted: str) -> list[Question]:
    """Return all questions of a half."""
    found = []
    for name, file in SETS.items():
        answers = DATA / "possible_answer" / f"BFCL_v4_{file}.json"
        gold = {}
        if answers.exists():
            rows = map(json.loads, answers.read_text("utf-8").splitlines())
            gold = {row["id"]: tuple(row["ground_truth"]) for row in rows}
        for line in (DATA / f"BFCL_v4_{file}.json").read_text("utf-8").splitlines():
            row = json.loads(line)
            if half(row["id"]) == wanted:
                text = "\n".join(turn["content"] for turn in row["question"][0])
                tools = tuple(plain_schema(tool) for tool in row["function"])
                found.append(Question(row["id"], name, text, tools, gold.get(row["id"], ())))
    return found


def drawn(pool: Sequence[Question], limit: int) -> list[Question]:
    """Draw so many questions of each set."""
    chance = random.Random(SEED)
    kept = []
    for name in SETS:
        of_set = [question for question in pool if question.set == name]
        kept += chance.sample(of_set, limit) if 0 < limit < len(of_set) else of_set
    return kept


def shown(tool: Mapping[str, Any]) -> str:
    """One line of a tool, as a prompt shows it."""
    parameters = tool["parameters"]
    needed = set(parameters.get("required", ()))
    fields = []
    for name, part in sorted(parameters.get("properties", {}).items()):
        kind = part.get("type", "any")
        choices = part.get("enum")
        optional = "" if name in needed else ", optional"
        told = "|".join(map(str, choices)) if choices else kind
        fields.append(f'"{name}": <{told}{optional}>')
    return f"use {tool['name']} {{{', '.join(fields)}}} - {tool['description'][:160]}"


EXAMPLES = (
    ('use weather {"city": <string>} - Tell the weather in a city.', "Is it raining in Oslo?",
     'use weather {"city":"Oslo"}'),
    ('use convert {"amount": <number>, "unit": <string>} - Convert a length.', "Who wrote Emma?",
     NO_CALL),
    ('use area {"height": <integer>, "width": <integer>} - Area of a rectangle.',
     "What is the area of a field 30 m wide and 12 m high?", 'use area {"height":12,"width":30}'),
)  # fmt: skip
ORDER = (
    "You call tools. Reply with one line: a call that answers the question, in the form shown, "
    f"with values from the question; or {NO_CALL} if no tool fits."
)


def prompt(question: Question, form: str) -> list[Message]:
    """The messages: the order, then by form no examples, two of calls, or also one of no call."""
    messages = [Message("system", ORDER)]
    for tool, asked, reply in EXAMPLES:
        if form == "bare" or (form == "calls" and reply == NO_CALL):
            continue
        messages.append(Message("user", f"Tools:\n{tool}\nQuestion: {asked}"))
        messages.append(Message("assistant", reply))
    tools = "\n".join(map(shown, question.tools))
    return [*messages, Message("user", f"Tools:\n{tools}\nQuestion: {question.text[:1200]}")]


def grammar(tools: Sequence[Mapping[str, Any]], silent: bool) -> str:
    """A grammar of calls of these tools, and of no call where that is left open."""
    starts, made = [], {}
    for tool in tools:
        start, more = rules(tool["name"], tool["parameters"])
        made |= more
        called = json.dumps(f"use {tool['name']} ")
        starts.append(f"{called} {start}")
    if silent:
        starts.append(json.dumps(NO_CALL))
    return f"root ::= {' | '.join(starts)}\n{written(made)}"


def reply(model: Model, question: Question, form: str, rule: str | None) -> str:
    """What the model writes."""
    # Room for what the grammar bounds, else a run-away string would be cut off unsoundly.
    sampling = Sampling(max_tokens=900, stop=("\n",), grammar=rule, prefix="calls")
    done = [*model.reply(prompt(question, form), sampling)][-1]
    assert isinstance(done, Reply)
    return done.text.strip()


def score(question: Question, text: str) -> dict[str, bool]:
    """Whether a reply is sound (parses and type-checks), calls, and is right."""
    if text == NO_CALL:
        return {"sound": True, "called": False, "tool": False, "right": not question.gold}
    action = parse(text)
    by_name = {tool["name"]: tool for tool in question.tools}
    if not isinstance(action, UseTool) or action.tool not in by_name:
        return {"sound": False, "called": False, "tool": False, "right": False}
    closed = {**by_name[action.tool]["parameters"], "additionalProperties": False}
    sound = not fits(closed, action.values)
    gold = next((g[action.tool] for g in question.gold if action.tool in g), None)
    right = gold is not None and sound and matches(gold, action.values)
    return {"sound": sound, "called": True, "tool": gold is not None, "right": right}


def matches(gold: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether the arguments are among the answers; "" among them means it may be left out."""
    if values.keys() - gold.keys():
        return False
    return all(
        any(equal(choice, values[name]) for choice in choices) if name in values else "" in choices
        for name, choices in gold.items()
    )


def equal(gold: Any, value: Any) -> bool:
    """Equal as BFCL has it: strings without case, spaces and marks; the members of objects by
    lists of answers."""
    if isinstance(gold, str) and isinstance(value, str):
        return flat(gold) == flat(value)
    if isinstance(gold, list) and isinstance(value, list):
        return len(gold) == len(value) and all(map(equal, gold, value))
    if isinstance(gold, dict) and isinstance(value, dict):
        return matches({k: v if isinstance(v, list) else [v] for k, v in gold.items()}, value)
    return isinstance(gold, bool) == isinstance(value, bool) and bool(gold == value)


def flat(text: str) -> str:
    return re.sub(r"[ ,./\-_*^]", "", text).lower().replace("'", '"')


@cache
def _encoder() -> Any:
    from retrieval.embed import SentenceEncoder

    return SentenceEncoder(device="cpu")


def similarities(pool: Sequence[Question]) -> dict[str, tuple[float, int]]:
    """Of each question the best cosine with a tool's name and description, and which tool."""
    asked = _encoder().encode([question.text for question in pool])
    described = [
        f"{re.sub(r'[._]', ' ', tool['name'])}: {tool['description']}"
        for question in pool
        for tool in question.tools
    ]
    vectors, at, found = _encoder().encode(described), 0, {}
    for row, question in zip(asked, pool, strict=True):
        scores = list(vectors[at : at + len(question.tools)] @ row)
        at += len(question.tools)
        best = max(range(len(scores)), key=scores.__getitem__)
        found[question.id] = (float(scores[best]), best)
    return found


def threshold(pool: Sequence[Question], near: Mapping[str, tuple[float, int]]) -> float:
    """The cosine that tells calls from no calls best, both kinds weighing the same."""

    def good(bound: float) -> float:
        calls = [near[q.id][0] >= bound for q in pool if q.gold]
        others = [near[q.id][0] < bound for q in pool if not q.gold]
        return sum(calls) / len(calls) + sum(others) / len(others)

    return max(sorted(score for score, _ in near.values()), key=good)


class Bench:
    """Asks what was not asked before, and keeps it."""

    def __init__(self, model: Model, form: str, out: Path) -> None:
        self._model, self._form, self._out = model, form, out
        lines = out.read_text("utf-8").splitlines() if out.exists() else []
        self._kept = {(r["way"], r["form"], r["id"]): r for r in map(json.loads, lines)}

    def answer(self, way: str, question: Question, tool: int | None) -> dict[str, Any]:
        """Return {"text", "seconds"}; `tool` is what the embedder chose, None for no call."""
        key = (way, self._form, question.id)
        if key not in self._kept:
            began, text = time.monotonic(), NO_CALL
            if way == WAYS[0]:
                text = reply(self._model, question, self._form, None)
            elif way == WAYS[1]:
                text = reply(self._model, question, self._form, grammar(question.tools, True))
            elif tool is not None:
                chosen = grammar([question.tools[tool]], False)
                text = reply(self._model, question, self._form, chosen)
            row = {"way": way, "form": self._form, "id": question.id, "text": text,
                   "seconds": round(time.monotonic() - began, 2)}  # fmt: skip
            self._kept[key] = row
            with self._out.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
        return self._kept[key]


def table(bench: Bench, asked: Sequence[Question], near: Mapping[str, tuple[float, int]],
          bound: float) -> None:  # fmt: skip
    """Print a line for each way and set."""
    print("| way | set | n | sound | called | right tool | right | median s |")
    print("|---|---|---|---|---|---|---|---|")
    lines: dict[tuple[str, str], list[tuple[dict[str, bool], float]]] = {}
    # The ways take turns on a question, so that its prompt is read once.
    for question in asked:
        for way in WAYS:
            tool = near[question.id][1] if near[question.id][0] >= bound else None
            told = bench.answer(way, question, tool)
            entry = (score(question, told["text"]), told["seconds"])
            lines.setdefault((way, question.set), []).append(entry)
    for way in WAYS:
        for name in SETS:
            rows = lines.get((way, name), [])
            if rows:
                n = len(rows)
                share = [f"{sum(r[k] for r, _ in rows) / n:.3f}"
                         for k in ("sound", "called", "tool", "right")]  # fmt: skip
                seconds = sorted(s for _, s in rows)[n // 2]
                print(f"| {way} | {name} | {n} | {' | '.join(share)} | {seconds:.1f} |")


def chooser_alone(pool: Sequence[Question], near: Mapping[str, tuple[float, int]],
                  bound: float) -> None:  # fmt: skip
    """Print what the embedder decides on all questions of the half; no model is needed."""
    for name in SETS:
        of_set = [question for question in pool if question.set == name]
        called = [q for q in of_set if near[q.id][0] >= bound]
        right = [q for q in called if any(q.tools[near[q.id][1]]["name"] in g for g in q.gold)]
        calls, tools = len(called) / len(of_set), len(right) / len(of_set)
        print(f"- embedder alone, {name}: n {len(of_set)}, calls {calls:.3f}, tool {tools:.3f}")


def main() -> None:
    """Read the flags and print the table."""
    flags = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    flags.add_argument("--limit", type=int, default=40, help="questions of each set, 0 for all")
    flags.add_argument("--split", choices=("tune", "report"), default="report")
    flags.add_argument("--prompt", choices=("examples", "calls", "bare"), default="calls")
    flags.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "calls.jsonl")
    chosen = flags.parse_args()
    tune, pool = questions("tune"), questions(chosen.split)
    bound = threshold(tune, similarities(tune))
    near = similarities(pool)
    print(f"{chosen.split} half, prompt {chosen.prompt}, threshold {bound:.3f} (tune half)\n")
    chooser_alone(pool, near, bound)
    with tempfile.TemporaryDirectory() as folder:
        fast = Path(folder) / "model.gguf"
        to_f16(shipped_file(), fast)
        model = LlamaModel(fast, context=4096, slots=1, stall_seconds=300)
        try:
            print()
            table(Bench(model, chosen.prompt, chosen.out), drawn(pool, chosen.limit), near, bound)
        finally:
            model.close()


if __name__ == "__main__":
    main()
