"""Measures how well passages are found, as `vouch eval retrieval` does, and what re-ranking costs.

Run from the root of the repository: python tests/bench/recall.py [flags of vouch eval retrieval]
Vectors are kept in the folder for temporary files, so a second run takes a minute.
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from app.evaluation.loaders import load
from app.evaluation.pool import Pool
from retrieval.embed import SentenceEncoder
from retrieval.ranking import rank
from retrieval.rerank import SentenceMax
from ui.cli import main as vouch
from ui.grammar.evaluation import DATA

HOME = Path(tempfile.gettempdir()) / "vouch-bench-recall"
ASKED = 40


def main(flags: list[str]) -> None:
    """Print the tables, then the time that the re-ranker adds to a search."""
    print(latency())
    sys.stdout.flush()
    sys.argv = ["vouch", "eval", "retrieval", "--home", str(HOME), *flags]
    vouch()


def latency() -> str:
    """Time searches for questions of codebase, with the re-ranker and without, nothing kept."""
    given = load("codebase", Path(DATA))
    embedder = SentenceEncoder(device="cpu")
    with tempfile.TemporaryDirectory() as folder:
        pool = Pool(given.passages()[:200], embedder, Path(folder) / "words")
        questions = [question.text for question in given.asked("report")[:ASKED]]
        plain, judged = [], []
        for question in questions:
            found = pool.dense(question), pool.lexical(question)
            began = time.perf_counter()
            rank(question, *found, pool.passages, 10)
            between = time.perf_counter()
            # A new one each time, so that no sentence is known to it.
            rank(question, *found, pool.passages, 10, SentenceMax(embedder))
            plain.append(between - began)
            judged.append(time.perf_counter() - between)
    slow = quantiles(judged, n=20)[-1]
    return (
        f"Ranking takes {1000 * median(plain):.1f} ms; re-ranking by sentences never seen before "
        f"{1000 * median(judged):.0f} ms (median of {len(judged)}; 95 %: {1000 * slow:.0f} ms).\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
