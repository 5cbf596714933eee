"""Asks search engines one after the other until one has found something, or all and fuses them."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from retrieval.errors import UserError
from retrieval.fuse import fuse as fuse_ranks
from retrieval.web.canonical import canonical
from retrieval.web.search.cleaning import plain_words
from retrieval.web.search.resting import Clock, Health, Pulse, span
from retrieval.web.types import (
    Cancelled,
    CouldNotFetch,
    Finding,
    Searched,
    SearchEngine,
    SearchFault,
    Tried,
)

MOST = 100
"""Results that one search may ask for."""

_DEPTH = 10
"""Least results that each engine is asked for to be fused: a ranking of two tells little."""

_BROKEN = (
    *(OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError),
    *(ArithmeticError, AssertionError, MemoryError),
)
"""What an engine with a bug may raise; it is not asked again for a while, like any other fault."""


class Chain:
    """Engines in the order in which they are preferred, and how each of them fares.

    With `fuse` all are asked at once and their rankings become one (reciprocal ranks); without it
    the first that finds something decides. An engine that failed is left alone for a while. May be
    used from several threads.
    """

    def __init__(
        self, engines: Sequence[SearchEngine], *, clock: Clock, fuse: bool = False
    ) -> None:
        self._engines = tuple(engines)
        self._pulses = tuple(Pulse(engine.name, clock) for engine in engines)
        self._fuse = fuse

    def search(self, query: str, k: int, cancel: Cancelled | None = None) -> Searched:
        """Return at most `k` findings (1..100), each address once, and what became of each asking.

        Nothing found is no error: `tried` says why. Raises `CouldNotFetch` on cancel, nothing else.
        """
        k = min(max(k, 1), MOST)
        if not plain_words(query):
            blank = "not asked: the query has no words."
            return Searched((), tuple(Tried(engine.name, 0, blank) for engine in self._engines))
        return self._all(query, k, cancel) if self._fuse else self._first(query, k, cancel)

    def health(self) -> tuple[Health, ...]:
        """Return how each engine stands, in their order."""
        return tuple(pulse.health() for pulse in self._pulses)

    def _first(self, query: str, k: int, cancel: Cancelled | None) -> Searched:
        tried: list[Tried] = []
        for engine, pulse in zip(self._engines, self._pulses, strict=True):
            found, told = _ask(engine, pulse, query, k, cancel)
            tried.append(told)
            if found:
                return Searched(found, tuple(tried))
        return Searched((), tuple(tried))

    def _all(self, query: str, k: int, cancel: Cancelled | None) -> Searched:
        if not self._engines:
            return Searched((), ())
        with ThreadPoolExecutor(len(self._engines), thread_name_prefix="search") as pool:
            asked = [
                pool.submit(_ask, engine, pulse, query, max(k, _DEPTH), cancel)
                for engine, pulse in zip(self._engines, self._pulses, strict=True)
            ]
            answers = [future.result() for future in asked]
        rankings = {str(n): found for n, (found, _) in enumerate(answers) if found}
        return Searched(_fused(rankings)[:k], tuple(told for _, told in answers))


def _ask(
    engine: SearchEngine, pulse: Pulse, query: str, k: int, cancel: Cancelled | None
) -> tuple[tuple[Finding, ...], Tried]:
    """Ask one engine unless it rests; raises `CouldNotFetch` on cancel, nothing else."""
    if cancel is not None and cancel.is_set():
        raise CouldNotFetch("the search was stopped", "cancelled")
    name, health = engine.name, pulse.health()
    if health.state == "resting":
        why = f"not asked for another {span(health.rests)} after a fault: {health.fault}"
        return (), Tried(name, 0, why)
    try:
        found = _once(engine.search(query, k, cancel))[:k]
    except CouldNotFetch as error:
        if error.reason == "cancelled":
            raise
        return (), _failed(name, pulse, f"{name} was not reached: {error}", error.retry_after)
    except SearchFault as fault:
        return (), _failed(name, pulse, str(fault), fault.retry_after)
    except UserError as error:
        return (), _failed(name, pulse, f"{name} gave no answer: {error}", None)
    except _BROKEN as error:
        # Not its text: it may quote the request, and so a key.
        return (), _failed(name, pulse, f"{name} broke off ({type(error).__name__}).", None)
    pulse.answered()
    return found, Tried(name, len(found))


def _failed(name: str, pulse: Pulse, fault: str, retry_after: float | None) -> Tried:
    pulse.failed(fault, retry_after)
    return Tried(name, 0, fault)


def _once(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings of an engine, the first of each address."""
    first: dict[str, Finding] = {}
    for finding in found:
        first.setdefault(canonical(finding.url), finding)
    return tuple(first.values())


def _fused(rankings: Mapping[str, Sequence[Finding]]) -> tuple[Finding, ...]:
    """Return one ranking; of equal scores the better best rank counts, then the earlier engine."""
    together: dict[str, list[Finding]] = {}
    deepest = max(map(len, rankings.values()), default=0)
    for rank in range(deepest):
        for found in rankings.values():
            if rank < len(found):
                together.setdefault(canonical(found[rank].url), []).append(found[rank])
    rows = {address: row for row, address in enumerate(together)}
    merged = [_merged(same) for same in together.values()]
    ranks = {
        name: [rows[canonical(finding.url)] for finding in found]
        for name, found in rankings.items()
    }
    return tuple(merged[fused.row] for fused in fuse_ranks(ranks))


def _merged(same: Sequence[Finding]) -> Finding:
    """Return one finding for an address: of the best rank, with the first snippet there is."""
    best = same[0]
    snippet = next((finding.snippet for finding in same if finding.snippet), "")
    engines = tuple(dict.fromkeys(name for finding in same for name in finding.engines))
    return Finding(best.url, best.title, snippet, engines)
