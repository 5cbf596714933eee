"""False premises and nonsense: how often they are told of, rightly and wrongly.

    python tests/bench/premises.py [--split report] [--shown]

The quotes are the three sentences of the question's own paragraph that share most of its words.
False alarms: answerable questions of xquad (English, Chinese) and squad2. Told: the unanswerable
questions of squad2, of which only some presuppose what their paragraph contradicts. Each year or
name of an answerable question swapped for another one stands for a premise that is surely false.
"""

import argparse
import re
import sys
from collections.abc import Sequence

import answerable
import answerable_runs as runs

from agents.answers import Quoted
from agents.premises import nonsense, premises
from agents.wording import content, terms
from retrieval.documents import Document
from retrieval.sentences import sentences

SENTENCES = 3
_YEAR = re.compile(r"\b1[89]\d\d\b")


def quoted(question: str, document: Document) -> list[Quoted]:
    """The sentences of a paragraph that share most words with a question."""
    wanted = frozenset(content(question))
    spans = sorted(
        sentences(document.text),
        key=lambda span: -len(wanted & frozenset(terms(document.text[slice(*span)]))),
    )
    return [
        Quoted(n, document.id, document.source, document.title, document.text[a:b], a, b)
        for n, (a, b) in enumerate(spans[:SENTENCES], start=1)
    ]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=("tune", "report"), default="report")
    parser.add_argument("--shown", action="store_true", help="print what was found")
    options = parser.parse_args(arguments)
    print("| questions | n | premise told | told as nonsense |\n|---|---|---|---|")
    for name in ("xquad-en", "xquad-zh", "squad2"):
        runs.ARTICLES.clear()
        documents, cases = runs.read(name, answerable.DATA)
        held = {document.source: document for document in documents}
        kept = [case for case in cases if case.half == options.split]
        good = [(c.question, held[c.source]) for c in kept if c.gold]
        _row(f"{name}, answerable", good, options.shown)
        swapped = [(_swapped(q), d) for q, d in good if _swapped(q) != q]
        if name != "xquad-zh":
            _row(f"{name}, answerable, the year put 30 years later", swapped, False)
        if name == "squad2":
            bad = [(c.question, held[c.source]) for c in kept if not c.gold]
            _row(f"{name}, unanswerable", bad, options.shown)


def _swapped(question: str) -> str:
    return _YEAR.sub(lambda year: str(int(year[0]) + 30), question)


def _row(name: str, asked: Sequence[tuple[str, Document]], shown: bool) -> None:
    told = [(q, premises(q, quoted(q, document))) for q, document in asked]
    mashed = sum(nonsense(question) for question, _ in asked)
    hits = [one for one in told if one[1]]
    print(f"| {name} | {len(asked)} | {len(hits)} | {mashed} |", flush=True)
    for question, found in hits[:60] if shown else ():
        print("   ", question, found)


if __name__ == "__main__":
    main(sys.argv[1:])
