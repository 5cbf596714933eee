"""Says why a reward that was released does not rank answers here, and what mends that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.learning.candidates import Candidates, Card

if TYPE_CHECKING:
    from app.house import House
    from app.learning.reward.learning import Readers


@dataclass(frozen=True, slots=True)
class Unused:
    """A reward that is in use and does not fit what is set, why not, and what mends it."""

    name: str
    because: str
    cure: str

    def __str__(self) -> str:
        return f"{self.name} does not rank drafts: {self.because}; {self.cure}"


def unused(candidates: Candidates, readers: "Readers") -> Unused | None:
    """Return what is to be said of the reward in use; None if it is used, or nothing is in use.

    `UserError`: its card cannot be read.
    """
    from app.learning.reward.ranker import fits

    card = candidates.released("reward")
    if card is None or fits(card, readers.embedder, readers.verifier):
        return None
    return _why(card, readers)


def unranked(house: "House") -> str:
    """The same of a house as a sentence, "" where there is nothing to say."""
    from app.house import MODELS
    from app.learning.reward.house import readers

    found = unused(Candidates(house.settings.home / MODELS), readers(house))
    return str(found) if found else ""


def _why(card: Card, readers: "Readers") -> Unused:
    again, verifier = "learn it again: vouch learn reward", _verifier(card.settings)
    if card.settings.get("method") == "encoder":
        because = "it was learned over the embedded weights of another version of the program"
        return Unused(card.name, because, f"{again} --encoder")
    if card.base != readers.embedder:
        because = f"it was learned with the embedder {card.base}, and {readers.embedder} is set"
        return Unused(card.name, because, f"{again}, or set library.embedder back")
    if verifier != readers.verifier:
        because = f"it was learned with {_called(verifier)}, and {_called(readers.verifier)} is set"
        return Unused(card.name, because, f"{again}, or set check.verifier back")
    because = "it weighs what another version of the program measured of answers"
    return Unused(card.name, because, again)


def _verifier(settings: Mapping[str, Any]) -> str:
    return str(settings.get("verifier", ""))


def _called(verifier: str) -> str:
    return f"the verifier {verifier}" if verifier else "no verifier"
