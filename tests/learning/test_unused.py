"""A released reward that does not fit what is set is said not to be used, with the cure."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from reward_pairs import readers

from app.learning.candidates import Candidates, Card, Change
from app.learning.reward.features import VERSION
from app.learning.unused import unused

FITS = {"verifier": "", "features": VERSION}


def kept(tmp_path: Path, base: str, settings: Mapping[str, Any]) -> Candidates:
    found = Candidates(tmp_path)
    found.keep(Card("reward-1", "reward", base, "2026-11-28", 1, settings=settings))
    return found


@pytest.mark.parametrize(
    ("base", "settings", "because", "cure"),
    [
        ("other", FITS, "with the embedder other, and hash is set", "set library.embedder back"),
        ("hash", {**FITS, "verifier": "v-1"}, "with the verifier v-1, and no verifier", "verifier"),
        ("hash", {**FITS, "features": VERSION + 1}, "another version", "vouch learn reward"),
        ("other", {"method": "encoder"}, "another version", "vouch learn reward --encoder"),
    ],
)
def test_what_does_not_fit_is_said_with_the_cure(
    tmp_path: Path, base: str, settings: Mapping[str, Any], because: str, cure: str
) -> None:
    candidates = kept(tmp_path, base, settings)
    assert unused(candidates, readers()) is None, "it is not in use"
    candidates.change("reward", Change("reward-1", "release", "2026-11-28T10:00:00"))
    found = unused(candidates, readers())
    assert found and found.name == "reward-1" and because in found.because and cure in found.cure
    assert str(found).startswith("reward-1 does not rank drafts: it w")


def test_nothing_is_said_of_one_that_fits(tmp_path: Path) -> None:
    candidates = kept(tmp_path, "hash", FITS)
    candidates.change("reward", Change("reward-1", "release", "2026-11-28T10:00:00"))
    assert unused(candidates, readers()) is None
    found = unused(candidates, replace(readers(), verifier="v-2"))
    assert found and "with no verifier, and the verifier v-2 is set" in found.because
