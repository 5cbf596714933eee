"""The verifier that comes with the program, or one that was trained at home in its way."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.verifier import packed
from app.verifier.coding import batches, coded, padded, tokenizer
from app.verifier.net import forward

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokenizers import Tokenizer
    from torch import Tensor

    Loaded = tuple[Mapping[str, Tensor], Tokenizer]


class EmbeddedVerifier:
    """Reads pairs with the weights of a folder, which are loaded with the first call.

    Usable from several threads. A claim is read to its 64th token and the evidence to where 128
    tokens are full; what is behind that is not seen. Raises `UserError` for a folder without a card
    of a verifier, and at the first call for weights that do not load.
    """

    def __init__(self, folder: Path = packed.PACKAGED, card: packed.Card | None = None) -> None:
        self._folder = folder
        self._card = card or packed.card(folder)
        self._loading = threading.Lock()
        self._loaded: Loaded | None = None

    @property
    def name(self) -> str:
        return self._card.name

    @property
    def scripts(self) -> tuple[str, ...]:
        return self._card.scripts

    def entailments(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[float, float]]:
        """Return for each (evidence, claim) how likely it is carried, and contradicted."""
        chances = self.logits(pairs)
        if chances is None:
            return []
        calm = (chances / self._card.temperature).softmax(1)[:, :2]
        return [(float(carried), float(against)) for carried, against in calm]

    def logits(self, pairs: Sequence[tuple[str, str]]) -> "Tensor | None":
        """Return the logits of carried, contradicted and neither, shape (pairs, 3); None for no
        pairs."""
        import torch

        if not pairs:
            return None
        weights, tokens = self._load()
        rows = coded(tokens, pairs)
        found = torch.empty(len(rows), 3)
        with torch.inference_mode():
            for chosen in batches(rows):
                found[chosen] = forward(weights, *padded([rows[row] for row in chosen]))
        return found

    def _load(self) -> "Loaded":
        with self._loading:
            if self._loaded is None:
                weights = packed.read(self._folder, self._card)
                self._loaded = weights, tokenizer(packed.base()[0])
            return self._loaded
