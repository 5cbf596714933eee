"""Turns examples into tokens, and deals them into batches whose prompts begin alike."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from app.learning.writing.examples import Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

CHUNK = 160
"""Examples that are put in order of length together, so that those of a batch are about as long."""


@dataclass(frozen=True, slots=True)
class Coded:
    """The tokens of a prompt and its reply, or of a conversation with several replies to learn;
    `spans` are where they begin and end, in order."""

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    @property
    def reply(self) -> int:
        """Where the first reply begins."""
        return self.spans[0][0]

    @property
    def cost(self) -> int:
        return len(self.ids)


def coded(example: Example, tokenizer: "PreTrainedTokenizerBase") -> Coded:
    """Return an example's tokens, by the model's chat template, the end of its turn included."""
    turns = [{"role": one.role, "content": one.content} for one in example.prompt]
    prompt = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
    before = _ids(str(prompt), tokenizer)
    after = _ids(example.reply, tokenizer)
    ids = (*before, *after, int(tokenizer.eos_token_id))
    return Coded(ids, ((len(before), len(ids)),))


def folded(rows: Sequence[Coded]) -> list[Coded]:
    """Return the rows without those that are the beginning of a longer one, which learns their
    replies too: what the steps of one run have in common is read once."""
    order = sorted(range(len(rows)), key=lambda at: rows[at].ids)
    spans = {at: set(rows[at].spans) for at in order}
    for at, after in pairwise(order):
        # In this order a beginning stands right before what goes on from it.
        row, longer = rows[at], rows[after]
        if row.cost < longer.cost and longer.ids[: row.cost] == row.ids:
            spans[after] |= spans.pop(at)
    return [Coded(rows[at].ids, tuple(sorted(spans[at]))) for at in sorted(spans)]


def _ids(text: str, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def shared(rows: Sequence[Coded]) -> int:
    """Return how many tokens all the prompts begin with alike; less than any prompt has."""
    most = min(row.reply for row in rows) - 1
    first = rows[0].ids
    for at in range(most):
        if any(row.ids[at] != first[at] for row in rows):
            return at
    return most


def schedule(
    groups: Sequence[str], costs: Sequence[int], size: int, steps: int, seed: int
) -> list[list[int]]:
    """Return the rows of each step's batch, all of one group; after a pass comes another.

    Rows of one group begin alike, so that what they share is read once for all.
    """
    batches: list[list[int]] = []
    turn = 0
    while len(batches) < steps:
        batches += _pass(groups, costs, size, random.Random(seed * 1000 + turn))
        turn += 1
    return batches[:steps]


def _pass(
    groups: Sequence[str], costs: Sequence[int], size: int, dice: random.Random
) -> list[list[int]]:
    made: list[list[int]] = []
    for group in sorted(set(groups)):
        order = [row for row, name in enumerate(groups) if name == group]
        dice.shuffle(order)
        for at in range(0, len(order), CHUNK):
            alike = sorted(order[at : at + CHUNK], key=lambda row: costs[row])
            made += [alike[cut : cut + size] for cut in range(0, len(alike), size)]
    dice.shuffle(made)
    return made
