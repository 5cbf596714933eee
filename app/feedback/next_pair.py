"""Which two answers a person is asked to compare next."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.feedback.cases import Case, shown
from app.feedback.choosing import alike
from app.feedback.marks import Comparison, Order
from app.feedback.pairs import siblings
from app.feedback.people import Pseudonyms

Two = frozenset[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """Two runs of one question, in the order in which they are to be shown."""

    question: str
    left: str
    right: str
    order: Order


def next_pair(
    cases: Mapping[str, Case],
    comparisons: Sequence[Comparison],
    by: str,
    skipped: Collection[Two],
    names: Pseudonyms,
) -> Shown | None:
    """Return the next pair that this person has neither compared nor skipped; None if none is left.

    `comparisons` are those of this person alone. Both answers are the model's own words and not
    nearly the same text. Pairs from the same quotes come first, then those that were asked first.
    Which one stands on the left is a keyed coin: nobody can foresee it, and a page that is loaded
    again shows the same.
    """
    done = {frozenset((one.left, one.right)) for one in comparisons}
    done |= set(skipped)
    left_over = [two for two in _pairs(cases) if frozenset(case.run for case in two) not in done]
    if not left_over:
        return None
    first, second = min(left_over, key=lambda two: two[0].prompt.id != two[1].prompt.id)
    if names.coin(by, first.run, second.run):
        return Shown(first.asked.question, second.run, first.run, "swapped")
    return Shown(first.asked.question, first.run, second.run, "asked")


def _pairs(cases: Mapping[str, Case]) -> Iterator[tuple[Case, Case]]:
    for group in siblings(cases.values()).values():
        own = [case for case in group if shown(case).words == "model"]
        for one, other in combinations(own, 2):
            if not alike(shown(one).completion, shown(other).completion):
                yield one, other
