"""End to end with the embedded models: plain RAG, quotes only, Vouch with and without its check.

    python tests/bench/answers.py [--questions 200] [--split report] [--out FILE]

The library is the paragraphs of XQuAD (English), one document each; the questions are drawn with a
fixed seed from the articles of one half (even SHA-256 of the title: tune, odd: report). Finished
questions are kept in --out and not asked again. Prints a Markdown table.
"""

import argparse
import hashlib
import json
import random
import re
import statistics
import string
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents import spans, view
from agents.claims import split as claims_of
from agents.dropping import is_evidence
from agents.events import Answered, Asked, Drafted, Event, Judged, Limits, Quoted
from agents.excerpts import POOL
from agents.guided import GuidedPolicy
from agents.kit import Kit
from agents.loop import run
from agents.models.base import Message, Reply, Sampling
from agents.policy import ModelPolicy
from app.assistant import Stopwatch
from app.house import House
from app.settings import load
from retrieval.sentences import sentences

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "xquad" / "xquad.en.json"
SEED = 20_26
FLAT = re.compile(r"\b(a|an|the)\b")


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    text: str
    gold: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a system without a run showed for a question."""

    text: str
    form: str
    seconds: float


def paragraphs() -> Iterator[tuple[str, str, list[Question]]]:
    """Yield (title, paragraph, questions) of the whole set."""
    for article in json.loads(DATA.read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            asked = [
                Question(q["id"], q["question"], tuple(a["text"] for a in q["answers"]))
                for q in paragraph["qas"]
            ]
            yield article["title"], paragraph["context"], asked


def half(title: str) -> str:
    """The split of an article, by the hash of its title."""
    return "report" if int(hashlib.sha256(title.encode()).hexdigest(), 16) % 2 else "tune"


def drawn(wanted: str, count: int) -> list[Question]:
    """Draw questions of one half with the fixed seed."""
    pool = [q for title, _, asked in paragraphs() if half(title) == wanted for q in asked]
    return random.Random(SEED).sample(sorted(pool, key=lambda q: q.id), min(count, len(pool)))


def stocked(home: Path) -> House:
    """Open a home whose library holds every paragraph as a document."""
    folder = home / "xquad"
    folder.mkdir(parents=True, exist_ok=True)
    for number, (title, text, _) in enumerate(paragraphs()):
        name = re.sub(r"\W+", " ", title.replace("_", " ")).strip()
        (folder / f"{name} {number:03d}.txt").write_text(text, "utf-8")
    house = House(load(home, {}, {}))
    for progress in house.library.add([folder]):
        if progress.kind == "failed":
            raise SystemExit(f"{progress.path}: {progress.why}")
    return house


def plain_rag(house: House, question: Question) -> Shown:
    """The top three passages and the question to the model; what it writes is shown."""
    began = time.monotonic()
    hits = house.library.search(question.text, 3)
    passages = "\n\n".join(hit.passage.text for hit in hits)
    prompt = f"{passages}\n\nAnswer the question from the text above.\nQuestion: {question.text}"
    reply = [*house.model().reply([Message("user", prompt)], Sampling(max_tokens=120))][-1]
    assert isinstance(reply, Reply)
    return Shown(reply.text.strip(), "prose", time.monotonic() - began)


def quotes_only(house: House, question: Question) -> Shown:
    """The two best sentences of the best passages, verbatim; no model."""
    began = time.monotonic()
    hits = house.library.search(question.text, 8)[:POOL]
    pool, pairs = [], []
    for hit in hits:
        for span in spans.candidates(hit.passage.text):
            pool.append((span, hit))
        pairs += spans.pairs(question.text, hit.passage.title, spans.candidates(hit.passage.text))
    scores = house.assistant.scorer.similarities(pairs)
    ranked = spans.rank(
        question.text,
        [
            spans.Candidate(
                span, str(hit.rank), hit.rank, hit.cosine, scores[2 * i], scores[2 * i + 1]
            )
            for i, (span, hit) in enumerate(pool)
        ],
    )
    best = spans.pick(ranked, least=2, most=2)
    text = " ".join(item.candidate.span.text for item in best)
    return Shown(text, "quotes", time.monotonic() - began)


def vouch(house: House, question: Question, policy: str, style: str) -> list[Event]:
    """A whole run in this process, without the journal."""
    model = house.model()
    capabilities = model.capabilities
    asked = Asked(
        question.text,
        policy=policy,
        model=model.name,
        context=min(capabilities.context, 4096),
        grammar=capabilities.grammar,
        style="prose" if style == "prose" else "short",
        limits=Limits(steps=12, seconds=120),
    )
    events: list[Event] = [asked]
    assistant = house.assistant
    kit = Kit(model, house.library, assistant.scorer, house.tools, Stopwatch(), _Never())
    chooser = ModelPolicy() if policy == "model" else GuidedPolicy()
    for _ in run(events, kit, chooser):
        pass
    return events


class _Never:
    def is_set(self) -> bool:
        return False


def record(events: Sequence[Event], seconds: float) -> dict[str, Any]:
    """What is counted of a run: the answer shown, the draft, and their model-written claims."""
    shown = next(e.answer for e in events if isinstance(e, Answered))
    draft = next((e.text for e in events if isinstance(e, Drafted)), "")
    rounds = [e for e in events if isinstance(e, Judged)]
    first = [e.verdict for e in rounds if e.round == 0 and not is_evidence(draft, e.verdict.claim)]
    last = [v for v in shown.verdicts if not is_evidence(shown.text, v.claim)]
    return {
        "text": shown.text,
        "form": shown.form,
        "outcome": shown.outcome,
        "draft": draft,
        "draft_form": _form(draft),
        "draft_claims": [v.ruling for v in first],
        "shown_claims": [v.ruling for v in last] if shown.form == "prose" else [],
        "steps": view.spent(events).steps,
        "quotes": sum(isinstance(e, Quoted) for e in events),
        "seconds": seconds,
    }


def _form(text: str) -> str:
    claims = claims_of(text)
    if not claims:
        return "none"
    return "prose" if any(not is_evidence(text, claim) for claim in claims) else "quotes"


SYSTEMS = ("plain RAG", "quotes only", "guided", "guided, prose", "model policy")


def work(house: House, system: str, question: Question) -> dict[str, Any]:
    """Ask one system one question."""
    began = time.monotonic()
    if system in ("plain RAG", "quotes only"):
        shown = (plain_rag if system == "plain RAG" else quotes_only)(house, question)
        return {"text": shown.text, "form": shown.form, "outcome": "answered",
                "seconds": shown.seconds}  # fmt: skip
    policy = "model" if system == "model policy" else "guided"
    events = vouch(house, question, policy, "prose" if "prose" in system else "short")
    return record(events, time.monotonic() - began)


def normal(text: str) -> str:
    """SQuAD's normalisation: lower case, no punctuation, no articles, single spaces."""
    text = re.sub(r"\[\d+\]", " ", text.lower())
    text = "".join(" " if c in string.punctuation + "“”‘’–" else c for c in text)
    return " ".join(FLAT.sub(" ", text).split())


def first_sentence(text: str) -> str:
    """The first sentence or line of an answer, without citation marks."""
    line = re.sub(r"\s*\[\d+\]", "", text.strip().split("\n")[0])
    found = sentences(line)
    return line[found[0][0] : found[0][1]] if found else line


def f1(guess: str, gold: str) -> float:
    """SQuAD's token F1."""
    a, b = normal(guess).split(), normal(gold).split()
    shared = sum((Counter(a) & Counter(b)).values())
    return 2 * shared / (len(a) + len(b)) if shared else 0.0


def row(name: str, answers: Sequence[tuple[Question, dict[str, Any]]]) -> str:
    """One line of the table."""
    n = len(answers)
    held = exact = wrong = declined = 0
    scores, words, seconds, forms = [], [], [], Counter()
    for question, answer in answers:
        text = answer["text"]
        if answer["outcome"] == "declined":
            declined += 1
            forms["declined"] += 1
            scores.append(0.0)
            seconds.append(answer["seconds"])
            continue
        good = any(normal(gold) in normal(text) for gold in question.gold)
        held, wrong = held + good, wrong + (not good)
        lead = first_sentence(text)
        exact += any(normal(lead) == normal(gold) for gold in question.gold)
        scores.append(max(f1(lead, gold) for gold in question.gold))
        words.append(len(text.split()))
        forms[answer["form"]] += 1
        seconds.append(answer["seconds"])
    shares = f"{forms['prose'] / n:.2f} / {forms['quotes'] / n:.2f} / {declined / n:.2f}"
    return (
        f"| {name} | {n} | {held / n:.3f} | {exact / n:.3f} | {statistics.mean(scores):.3f} | "
        f"{wrong / n:.3f} | {declined / n:.3f} | {statistics.median(words or [0]):.0f} | {shares} "
        f"| {statistics.median(seconds):.1f} |"
    )


def unchecked(answer: dict[str, Any]) -> dict[str, Any]:
    """What the same run shows with its check turned off: the draft, or the same refusal."""
    if answer["outcome"] == "declined":
        return answer
    return {**answer, "text": answer["draft"], "form": answer["draft_form"]}


def carried(name: str, answers: Sequence[dict[str, Any]]) -> str:
    """Share of model-written claims that their citations carry, draft against shown."""
    cells = []
    for key in ("draft_claims", "shown_claims"):
        rulings = [ruling for answer in answers for ruling in answer[key]]
        share = rulings.count("supported") / len(rulings) if rulings else float("nan")
        cells.append(f"{share:.3f} of {len(rulings)}")
    return f"| {name} | {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> None:
    options = _options(arguments)
    out = Path(options.out)
    kept = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    done = {(line["system"], line["id"]): line["answer"] for line in kept}
    questions = drawn(options.split, options.questions)
    house = stocked(Path(options.home))
    with out.open("a") as file:
        for system in options.systems.split(";"):
            slow = system in ("model policy", "guided, prose")
            some = questions[: options.slow_questions] if slow else questions
            for question in some:
                if (system, question.id) not in done:
                    answer = work(house, system, question)
                    done[system, question.id] = answer
                    line = {"system": system, "id": question.id, "answer": answer}
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
                    file.flush()
    house.close()
    print_tables(options.systems.split(";"), questions, done)


def print_tables(
    systems: Sequence[str], questions: Sequence[Question], done: dict[tuple[str, str], Any]
) -> None:
    print("| system | n | gold in answer | EM | F1 of first sentence | wrong | declined "
          "| words | prose / quotes / declined | seconds |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|")
    for system in systems:
        answers = [(q, done[system, q.id]) for q in questions if (system, q.id) in done]
        if system in ("guided", "guided, prose", "model policy"):
            bare = [(question, unchecked(answer)) for question, answer in answers]
            print(row(f"Vouch without its check ({system})", bare))
            print(row(f"Vouch ({system})", answers))
        else:
            print(row(system, answers))
    print("\n| system | draft: claims carried | shown: claims carried |\n|---|---|---|")
    for system in systems:
        if system in ("guided", "guided, prose", "model policy"):
            print(
                carried(system, [done[system, q.id] for q in questions if (system, q.id) in done])
            )


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--slow-questions", type=int, default=50)
    parser.add_argument("--split", choices=("tune", "report"), default="report")
    parser.add_argument("--systems", default=";".join(SYSTEMS))
    parser.add_argument("--home", default=str(Path(tempfile.gettempdir()) / "vouch-bench"))
    parser.add_argument("--out", default=str(Path(tempfile.gettempdir()) / "vouch-answers.jsonl"))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
