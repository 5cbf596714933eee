"""`vouch eval check`: how well claims are told apart, with the verifier of the settings."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import UserError
from ui.commands.evaluate import CACHE, chosen, draw
from ui.curves import Panel
from ui.escape import json_text
from ui.evaluation_check import confidence_table, fit_text, table
from ui.house_port import Visit
from ui.lines import line

if TYPE_CHECKING:
    from agents.ports import Verifier
    from app.evaluation.claims import Claimed
    from app.evaluation.reading import Read


def evaluate_check(visit: Visit) -> int:
    """Measure in this process. The verifier's pace is that of this machine, as it is now."""
    from app.evaluation.check import confidence, fit, measured
    from app.evaluation.claims import SETS, load

    names = chosen(visit.arguments.sets, list(SETS), "set of claims")
    folder, most = Path(visit.arguments.data).expanduser(), visit.arguments.most
    # The tune halves of all are needed, whichever sets are reported.
    fitting = [given for given in SETS.values() if given.fitted]
    tuned = [one for given in fitting for one in load(given, folder, "tune", most)]
    asked = [one for name in names for one in load(SETS[name], folder, "report", most)]
    measure = _Measure(visit)
    ours = measure.read(tuned, "tune halves")
    if visit.arguments.fit:
        visit.screen.raw(fit_text(fit(ours)))
        return 0
    theirs = measure.read(asked, "report halves")
    found, sure = measured(ours, theirs), confidence(theirs)
    curves = {"all rulings": [(said, was) for _, count, said, was in sure.bins if count],
              "as it should be": [(0.0, 0.0), (1.0, 1.0)]}  # fmt: skip
    axes = ("confidence shown", "share right")
    draw(visit.arguments.plot, "Reliability of verdicts", axes, [Panel("report halves", curves)])
    if visit.arguments.json:
        told = {"sets": [asdict(one) for one in found], "confidence": asdict(sure)}
        visit.screen.raw(json_text({**told, "pace": measure.pace}))
        return 0
    visit.screen.raw(f"{table(found)}\n\n{confidence_table(sure)}\n\n{measure.told}")
    return 0


class _Measure:
    """Reads claims with the embedder and the verifier of the settings, and keeps the time."""

    def __init__(self, visit: Visit) -> None:
        from app.evaluation.memory import Remembered
        from app.house import build
        from app.scoring import EmbeddingScorer
        from app.settings import load as load_settings
        from app.verifier.choice import verifier

        settings = load_settings(visit.choice.home, overrides=dict(visit.choice.overrides))
        found = verifier(settings.check.verifier)
        if found is None:
            raise UserError(
                "there is no verifier to measure", origin="setting check.verifier", cure="name one"
            )
        self._visit, self._verifier = visit, Timed(found)
        self._embedder = Remembered(build(settings).embedder, settings.home / CACHE)
        self._scorer = EmbeddingScorer(self._embedder)

    def read(self, given: "list[Claimed]", what: str) -> "list[Read]":
        from app.evaluation.reading import read

        def told(at: int, of: int) -> None:
            done = line((f"reading the {what}: {at:,} of {of:,} claims", "dim"))
            self._visit.screen.status(done, f"{what} {at}")

        found = read(given, self._scorer, self._verifier, told)
        self._embedder.save()
        self._visit.screen.settle()
        return found

    @property
    def pace(self) -> dict[str, float]:
        return self._verifier.pace

    @property
    def told(self) -> str:
        pace = self.pace
        return (
            f"Verifier {self._verifier.name}: {pace['pairs per second']:.1f} pairs/s of "
            f"{pace['characters']:.0f} characters."
        )


class Timed:
    """A verifier that counts what it reads, and how long it takes."""

    def __init__(self, verifier: "Verifier") -> None:
        self._verifier = verifier
        self._pairs = self._characters = 0
        self._seconds = 0.0

    @property
    def name(self) -> str:
        return self._verifier.name

    @property
    def scripts(self) -> tuple[str, ...]:
        return self._verifier.scripts

    @property
    def pace(self) -> dict[str, float]:
        """Pairs read in a second, and the characters of a pair."""
        pairs = max(1, self._pairs)
        speed = self._pairs / self._seconds if self._seconds else 0.0
        return {"pairs per second": speed, "characters": self._characters / pairs}

    def entailments(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[float, float]]:
        begun = time.perf_counter()
        found = self._verifier.entailments(pairs)
        self._seconds += time.perf_counter() - begun
        self._pairs += len(pairs)
        self._characters += sum(len(text) for pair in pairs for text in pair)
        return found
