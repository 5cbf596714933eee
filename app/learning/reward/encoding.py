"""A cross-encoder as a reward: the verifier's network reads an answer beside question and quotes.

It begins as the verifier that comes with the program, whose log odds of "carried" are its first
reward, and learns from comparisons by the Bradley-Terry loss. It reads at most `MOST` tokens.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agents.answers import Quoted, Verdict
from agents.claims import bare
from app.learning.reward.comparing import Side
from app.learning.reward.features import own_words
from app.verifier import packed
from app.verifier.coding import Coded, batches, coded, padded, tokenizer
from app.verifier.net import forward
from retrieval.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

    Weights = Mapping[str, Tensor]

MOST, ANSWER = 256, 128
"""Tokens of question, quotes and answer at most, and of the answer alone."""

WEIGHTS = "reward.safetensors"
"""The file of a candidate that is an encoder: differences from the embedder's weights."""

METHOD = "encoder"


def begun() -> "dict[str, Tensor]":
    """Return the weights to learn from, those of the packaged verifier, as 32-bit numbers."""
    kept = packed.read(packed.PACKAGED, packed.card(packed.PACKAGED))
    return {name: one.float().clone() for name, one in kept.items()}


def tokens(sides: Sequence[Side]) -> list[Coded]:
    """Return answers as the network reads them: question and quotes, then the answer without its
    marks and without quotes below it."""
    texts = [(_context(side), bare(own_words(side))) for side in sides]
    return coded(tokenizer(packed.base()[0]), texts, MOST, ANSWER)


def _context(side: Side) -> str:
    return " ".join([side.question, *(quote.text for quote in side.quotes)])


def rewards(weights: "Weights", rows: Sequence[Coded]) -> "Tensor":
    """Return the reward of each row, shape (rows,): the log odds that it is carried."""
    import torch

    logits = forward(weights, *padded(rows))
    return logits[:, 0] - torch.logsumexp(logits[:, 1:], 1)


def scores(weights: "Weights", sides: Sequence[Side]) -> list[float]:
    """Return the rewards of answers, in their order."""
    import torch

    rows = tokens(sides)
    found = torch.empty(len(rows))
    with torch.inference_mode():
        for chosen in batches(rows):
            found[chosen] = rewards(weights, [rows[row] for row in chosen])
    return [float(one) for one in found]


def stored(weights: "Weights") -> "dict[str, Tensor]":
    """Return the weights as they are kept."""
    return packed.pack(weights, packed.base_weights())


def read(path: Path) -> "dict[str, Tensor]":
    """Return the weights of a candidate. `UserError`: the file is not there or not sound."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return packed.unpack(load_file(path), packed.base_weights())
    except (OSError, SafetensorError, KeyError) as error:
        raise UserError(
            f"the reward {str(path)!r} cannot be read: {error}",
            cure="learn it again with: vouch learn reward --encoder",
        ) from error


class EncoderRanker:
    """Ranks drafts by an encoder, whose weights are read when it is made. `name` is the
    candidate's."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._weights = read(path)

    def rank(
        self,
        question: str,
        quotes: Sequence[Quoted],
        drafts: Iterable[tuple[str, Sequence[Verdict]]],
    ) -> list[float]:
        """Return the reward of each draft; verdicts are not looked at."""
        return scores(self._weights, [Side(question, tuple(quotes), text) for text, _ in drafts])
