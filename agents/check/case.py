"""A claim laid beside the quotes it cites: what they share, what is missing, where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agents.check.exact import led
from agents.check.facts import Facts, Missing, facts, missing_sense, missing_things
from agents.check.names import plain
from agents.check.overlap import held
from agents.check.windows import Window, best, evidence, windows
from agents.check.words import bare, content, script
from agents.events import Claim, Quoted

SEAT = 0.1
"""How far below the best overlap a window may lie that holds more of a claim's facts."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a judge weighs.

    `text` is what is judged: the claim as it stands alone, without its citation marks. `overlap` is
    the share of its content words (0..1) in the best window of the cited quotes taken together;
    `ranked` are the best windows, most overlap first, and `seat` the one where the claim stands
    with most of its facts. `missing` are facts in none of the quotes; `turned` the negations,
    quantifiers and opposites in which claim and seat differ; `astray` the facts that the quotes
    have, but not at the seat.
    """

    claim: Claim
    text: str
    cited: tuple[Quoted, ...]
    facts: Facts
    overlap: float
    ranked: tuple[Window, ...]
    seat: Window | None
    missing: tuple[Missing, ...]
    turned: tuple[Missing, ...]
    astray: tuple[Missing, ...]

    @property
    def comparable(self) -> bool:
        """False where the claim has no content word, or shares no script with any quote."""
        if not content(self.text) or self.seat is None:
            return False
        return script(self.text) in ("", *(script(quote.text) for quote in self.cited))


def alone(claim: Claim) -> str:
    """Return what a claim says when it stands alone, without its citation marks."""
    return claim.stands or bare(claim.text)


def lay(claim: Claim, quotes: Sequence[Quoted], most: int) -> Case:
    """Lay a claim beside the quotes that it cites, keeping at most `most` windows."""
    return _laid(claim, tuple(quotes), most)


@lru_cache(maxsize=64)
def _laid(claim: Claim, quotes: tuple[Quoted, ...], most: int) -> Case:
    cited = tuple(quote for quote in quotes if quote.number in claim.cites)
    text = _judged(claim, cited)
    wanted, ours = set(content(text)), facts(text)
    ranked = best(wanted, windows(cited), most)
    tops = [best(wanted, windows([quote]), 1)[0][1] for quote in cited]
    missing = tuple(_missing(claim, ours, cited, quotes))
    seat, lacking = _seat(ours, ranked, tops)
    lost = {(item.kind, item.text) for item in missing}
    return Case(
        claim=claim,
        text=text,
        cited=cited,
        facts=ours,
        overlap=held(wanted, frozenset().union(*(window.stems for window in tops))),
        ranked=tuple(window for _, window in ranked),
        seat=seat,
        missing=tuple(_nearest(item, lacking) for item in missing),
        turned=tuple(missing_sense(ours, facts(seat.text))) if seat else (),
        astray=tuple(item for item in lacking if (item.kind, item.text) not in lost),
    )


def _judged(claim: Claim, cited: Sequence[Quoted]) -> str:
    """The words that are judged: those that stand alone, or the claim's own where a quote has them
    word for word and of the same thing."""
    said = bare(claim.text)
    return said if not claim.stands or led(said, claim.stands, cited) else claim.stands


def _missing(
    claim: Claim, ours: Facts, cited: Sequence[Quoted], quotes: Sequence[Quoted]
) -> list[Missing]:
    """The facts of a claim that are nowhere in its quotes.

    What was put in from the answer (the name behind "it"), and the rest of a name whose last word
    the quotes have, may stand in any quote of the same document.
    """
    missing = missing_things(ours, facts(evidence(cited)))
    if not missing:
        return []
    documents = {quote.document for quote in cited}
    wide = facts(evidence([quote for quote in quotes if quote.document in documents]))
    nowhere = {(item.kind, item.text) for item in missing_things(ours, wide)}
    said, known = bare(claim.text), facts(evidence(cited)).words
    return [
        item
        for item in missing
        if (item.kind, item.text) in nowhere
        or (item.text in said and not (item.kind == "name" and _ends(item.text, known)))
    ]


def _ends(name: str, known: frozenset[str]) -> bool:
    """True where the last of several words of a name is known."""
    parts = name.split()
    return len(parts) > 1 and plain(parts[-1]) in known


def _seat(
    claim: Facts, ranked: Sequence[tuple[float, Window]], tops: Sequence[Window]
) -> tuple[Window | None, Sequence[Missing]]:
    """Of the windows with about the best overlap, the one that lacks fewest facts, and those; of
    several such, with the same overlap, the one that denies least.

    A claim on several quotes may take a fact from the best window of another one.
    """
    near = [window for overlap, window in ranked if overlap >= ranked[0][0] - SEAT]
    lacking = [missing_things(claim, facts(_beside(window, tops))) for window in near]
    if not near:
        return None, ()
    fewest = min(range(len(near)), key=lambda at: len(lacking[at]))
    alike = [
        at
        for at in range(len(near))
        if len(lacking[at]) == len(lacking[fewest])
        and ranked[at][0] == ranked[fewest][0]
        and (at == fewest or near[fewest].text not in near[at].text)
    ]
    if len(alike) > 1:
        fewest = min(alike, key=lambda at: len(missing_sense(claim, facts(near[at].text))))
    return near[fewest], lacking[fewest]


def _beside(window: Window, tops: Sequence[Window]) -> str:
    others = [top.whole for top in tops if top.number != window.number]
    return "\n\n".join([window.whole, *others])


def _nearest(item: Missing, lacking: Sequence[Missing]) -> Missing:
    """The same lack as told at the seat, which names what stands there in its place."""
    same = (near for near in lacking if (near.kind, near.text) == (item.kind, item.text))
    return next((near for near in same if near.clash), item)
