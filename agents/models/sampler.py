"""Chooses the next token from logits: greedy or drawn, under a grammar when there is one."""

import ctypes
from types import TracebackType
from typing import Any

from agents.models.base import ModelError, Sampling
from agents.models.native import library

SHORTLIST = 64
"""Greedy decoding asks the grammar about this many of the best tokens before it asks about all."""


class GrammarError(ModelError):
    """The grammar is not valid GBNF, or leads to where no token can follow."""


class Sampler:
    """One reply's decoding. Use it as a context: it holds memory of llama.cpp's.

    The grammar is asked about the token that would be taken anyway, and only when it refuses that
    one is it applied to the whole vocabulary: llama.cpp's own order (common/sampling.cpp), whose
    result is the same and whose cost is not.
    """

    def __init__(self, vocabulary: Any, sampling: Sampling) -> None:
        self._grammar = _grammar(vocabulary, sampling.grammar) if sampling.grammar else None
        self._chain = _chain(sampling) if sampling.temperature > 0 else None

    def __enter__(self) -> "Sampler":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for sampler in (self._grammar, self._chain):
            if sampler:
                library().llama_sampler_free(sampler)
        self._grammar = self._chain = None

    def pick(self, logits: Any) -> int:
        """Return the token to take; `logits` is a float32 array (vocabulary,)."""
        greedy = self._chain is None
        token = int(logits.argmax()) if greedy else self._draw(_candidates(logits))
        if self._grammar is None or self._allows(token, logits):
            return token
        if greedy:
            return self._best_allowed(logits)
        rows = self._apply_grammar(_candidates(logits))
        return self._draw(rows[rows["logit"] > -float("inf")])

    def accept(self, token: int) -> None:
        """Tell the grammar that `token` was taken."""
        if self._grammar is not None:
            library().llama_sampler_accept(self._grammar, token)

    def _draw(self, rows: Any) -> int:
        if not len(rows):
            raise GrammarError("the grammar leads to where no token can follow")
        if self._chain is None:
            return int(rows["id"][rows["logit"].argmax()])
        array = _array(rows)
        library().llama_sampler_apply(self._chain, ctypes.byref(array))
        return int(array.data[array.selected].id)

    def _allows(self, token: int, logits: Any) -> bool:
        row = self._apply_grammar(_candidates(logits, [token]))
        return bool(row["logit"][0] > -float("inf"))

    def _best_allowed(self, logits: Any) -> int:
        import numpy

        short = numpy.argpartition(-logits, SHORTLIST)[:SHORTLIST]
        for ids in (short, None):
            rows = self._apply_grammar(_candidates(logits, ids))
            rows = rows[rows["logit"] > -float("inf")]
            if len(rows):
                break
        return self._draw(rows)

    def _apply_grammar(self, rows: Any) -> Any:
        array = _array(rows)
        library().llama_sampler_apply(self._grammar, ctypes.byref(array))
        return rows


def _candidates(logits: Any, ids: Any = None) -> Any:
    """Rows laid out as llama.cpp's llama_token_data; of all tokens when `ids` is None."""
    import numpy

    kept = numpy.arange(len(logits)) if ids is None else numpy.asarray(ids)
    rows = numpy.zeros(len(kept), dtype=[("id", "i4"), ("logit", "f4"), ("p", "f4")])
    rows["id"], rows["logit"] = kept, logits[kept]
    return rows


def _array(rows: Any) -> Any:
    native = library()
    data = rows.ctypes.data_as(native.llama_token_data_p)
    return native.llama_token_data_array(data=data, size=len(rows), selected=-1, sorted=False)


def _grammar(vocabulary: Any, text: str) -> Any:
    made = library().llama_sampler_init_grammar(vocabulary, text.encode(), b"root")
    if not made:
        raise GrammarError(f"the grammar is not valid GBNF: {text[:200]!r}")
    return made


def _chain(sampling: Sampling) -> Any:
    native = library()
    chain = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
    if sampling.top_p < 1:
        native.llama_sampler_chain_add(chain, native.llama_sampler_init_top_p(sampling.top_p, 1))
    native.llama_sampler_chain_add(chain, native.llama_sampler_init_temp(sampling.temperature))
    seed = sampling.seed & 0xFFFFFFFF
    native.llama_sampler_chain_add(chain, native.llama_sampler_init_dist(seed))
    return chain
