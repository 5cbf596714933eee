"""Turns pairs of evidence and claim into tokens of four kinds, and those into batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.verifier.net import EVIDENCE, HELD, LACKING, SHARED

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

MOST, CLAIM = 128, 64
"""Tokens of a pair at most, and of its claim. What is longer is cut at its end: first the claim to
its 64, then the evidence to what is left with the three marks around them."""

BATCH = 2048
"""Tokens in a batch at most, padding included."""

START, STOP = 101, 102


@dataclass(frozen=True, slots=True)
class Coded:
    """A pair as `[CLS] evidence [SEP] claim [SEP]`: tokens and their kinds, of equal length."""

    ids: tuple[int, ...]
    kinds: tuple[int, ...]


def tokenizer(folder: Path) -> "Tokenizer":
    """Return the tokenizer of a model's folder, neither padding nor cutting."""
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(str(folder / "tokenizer.json"))
    made.no_padding()
    made.no_truncation()
    return made


def coded(
    tokenizer: "Tokenizer", pairs: Sequence[tuple[str, str]], most: int = MOST, claim: int = CLAIM
) -> list[Coded]:
    """Return the tokens of (evidence, claim) pairs: `most` of a pair, `claim` of its claim."""
    evidence, claims = (
        tokenizer.encode_batch_fast([pair[side] for pair in pairs], add_special_tokens=False)
        for side in (0, 1)
    )
    both = zip(evidence, claims, strict=True)
    return [_coded(one.ids, other.ids[:claim], most) for one, other in both]


def _coded(evidence: Sequence[int], claim: Sequence[int], most: int) -> Coded:
    evidence = evidence[: most - 3 - len(claim)]
    theirs, ours = set(evidence), set(claim)
    shared = (SHARED if token in ours else EVIDENCE for token in evidence)
    held = (HELD if token in theirs else LACKING for token in claim)
    ids = (START, *evidence, STOP, *claim, STOP)
    return Coded(ids, (EVIDENCE, *shared, EVIDENCE, *held, EVIDENCE))


def padded(rows: Sequence[Coded]) -> "tuple[Tensor, Tensor, Tensor | None]":
    """Return tokens, kinds and mask, each of shape (rows, tokens); no mask where none is needed."""
    import torch

    longest = max(len(row.ids) for row in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    kinds = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.bool)
    for at, row in enumerate(rows):
        ids[at, : len(row.ids)] = torch.tensor(row.ids)
        kinds[at, : len(row.ids)] = torch.tensor(row.kinds)
        mask[at, : len(row.ids)] = True
    return ids, kinds, None if bool(mask.all()) else mask


def batches(rows: Sequence[Coded], tokens: int = BATCH) -> Iterator[list[int]]:
    """Yield which rows go together, the longest first, so that there is little padding."""
    order = sorted(range(len(rows)), key=lambda row: -len(rows[row].ids))
    at = 0
    while at < len(order):
        count = max(1, tokens // len(rows[order[at]].ids))
        yield order[at : at + count]
        at += count
