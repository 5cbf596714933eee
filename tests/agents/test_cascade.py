"""The cascade: what containment settles, what the verifier decides, and what replay needs of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from agents.check.blend import Blend, features
from agents.check.cascade import CascadeJudge
from agents.check.case import lay
from agents.check.reading import ROOM, readings
from agents.check.round import check
from agents.events import Asked, Claim, Event, Judged, Measured, Quoted, Verdict
from agents.guided import GuidedPolicy
from agents.kit import VERIFIED, Kit
from agents.loop import run
from agents.models.base import Model
from agents.models.scripted import ScriptedModel
from agents.replay import replay

TEXT = (
    "The weir at Aldmoor was finished in 1887. Its engineer, Clara Voss, came from Bergen."
    " The town paid for the work."
)
PARAPHRASE = "Aldmoor's residents bore the cost of the weir."


class Fixed:
    """A verifier that gives every pair the same chances, and keeps what it was given."""

    name = "fixed"
    scripts = ("latin",)

    def __init__(self, carried: float = 0.9, against: float = 0.05) -> None:
        self.chances = carried, against
        self.seen: list[tuple[str, str]] = []

    def entailments(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[float, float]]:
        self.seen += pairs
        return [self.chances for _ in pairs]


class Alike:
    """A scorer to whom all texts are equally alike."""

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        return [0.5 for _ in pairs]


ONLY = Blend(support={"carried": 1.0}, contradiction={"denied": 1.0})
"""Goes by the verifier alone."""


def quote(text: str = TEXT, number: int = 1, title: str = "") -> Quoted:
    return Quoted(number, "d", "s", title, text, 0, len(text))


def claim(text: str, *cites: int) -> Claim:
    return Claim(text, 0, len(text), cites or (1,))


def judged(
    text: str, verifier: Fixed, judge: CascadeJudge | None = None, quotes: Sequence[Quoted] = ()
) -> tuple[Verdict, list[Event]]:
    """Check one claim, and return its verdict with the events on the way."""
    given = judge or CascadeJudge(verifier.scripts, ONLY, limit=0.5)
    checking = check([claim(text)], quotes or [quote()], Alike(), 0, given, verifier)
    events: list[Event] = []
    while True:
        try:
            events.append(next(checking))
        except StopIteration as done:
            return done.value[0], events


def test_the_verifier_rules_on_what_containment_leaves_open() -> None:
    carried, _ = judged(PARAPHRASE, Fixed(0.9, 0.05))
    assert (carried.ruling, carried.judge, carried.confidence) == ("supported", "verifier", 0.9)
    denied, _ = judged(PARAPHRASE, Fixed(0.1, 0.8))
    assert (denied.ruling, denied.confidence) == ("contradicted", 0.8)
    neither, _ = judged(PARAPHRASE, Fixed(0.1, 0.2))
    assert (neither.ruling, neither.confidence) == ("unsupported", 0.9)
    assert all(one.evidence == 1 and one.because for one in (carried, denied, neither))


@pytest.mark.parametrize(
    ("text", "ruling"),
    [
        ("The weir at Aldmoor was finished in 1887.", "supported"),
        ("The weir at Aldmoor was finished in 1999.", "contradicted"),
        ("The weir at Aldmoor was opened by Otto Lind.", "unsupported"),
    ],
)
def test_what_containment_settles_stays_as_it_is(text: str, ruling: str) -> None:
    sure = []
    for chances in ((0.99, 0.0), (0.0, 0.99)):
        verifier = Fixed(*chances)
        verdict, events = judged(text, verifier)
        assert (verdict.ruling, verdict.judge) == (ruling, "containment")
        sure.append(verdict.confidence)
        read = [e for e in events if isinstance(e, Measured) and e.what == VERIFIED]
        assert bool(read) == bool(verifier.seen) == (ruling != "supported")
    # How sure a refusal is, the verifier has a say in; what stands word for word needs none.
    assert sure == [1.0, 1.0] if ruling == "supported" else sure[0] < 0.1 < 0.9 < sure[1]


def test_a_claim_in_a_script_that_is_not_read_goes_by_containment() -> None:
    chinese = quote("大坝于一八八七年建成，由镇上的居民出资修建。")
    verifier = Fixed()
    verdict, _ = judged("镇上居民出资建成大坝。", verifier, quotes=[chinese])
    assert verdict.judge == "containment" and not verifier.seen
    every, _ = judged("镇上居民出资建成大坝。", verifier, CascadeJudge((), ONLY, 0.5), [chinese])
    assert every.judge == "verifier" and verifier.seen


def test_a_chance_below_the_limit_does_not_support() -> None:
    strict = CascadeJudge(("latin",), ONLY, limit=0.95)
    verdict, _ = judged(PARAPHRASE, Fixed(0.9, 0.05), strict)
    assert verdict.ruling == "unsupported"


def test_all_claims_of_a_round_are_read_in_one_call_and_kept_to_four_decimals() -> None:
    verifier = Fixed(0.123456, 0.654321)
    claims = [claim(PARAPHRASE), claim("Her home was a Norwegian port."), claim("The weir.")]
    judge = CascadeJudge(verifier.scripts, ONLY, limit=0.5)
    events = list(check(claims, [quote()], Alike(), 2, judge, verifier))
    (kept,) = [e for e in events if isinstance(e, Measured) and e.what == VERIFIED]
    assert kept.scores == (0.1235, 0.6543) * len(verifier.seen)
    assert [e.round for e in events if isinstance(e, Judged)] == [2, 2, 2]


def test_without_a_verifier_containment_rules() -> None:
    checking = check([claim(PARAPHRASE)], [quote()], Alike(), 0)
    verdicts = [event.verdict for event in checking if isinstance(event, Judged)]
    assert [one.judge for one in verdicts] == ["containment"]


def test_a_short_quote_is_read_whole_under_its_title() -> None:
    case = lay(claim(PARAPHRASE), [quote(title="The weir")], 6)
    assert readings(case)[0] == f"The weir. {TEXT}"
    assert all(len(text) <= ROOM for text in readings(case))


def test_of_a_long_quote_the_best_sentences_are_read_in_their_order() -> None:
    filler = " ".join(f"Sheep number {at} grazed upon a far hill all day long." for at in range(40))
    first, last = "The weir was dear.", "The town of Aldmoor bore the cost."
    case = lay(claim(PARAPHRASE), [quote(f"{first} {filler} {last}")], 6)
    wide = readings(case)[0]
    assert len(wide) <= ROOM
    assert wide.index(first) < wide.index(last)


def test_features_tell_what_is_missing_and_leave_out_what_was_not_read() -> None:
    case = lay(claim("Clara Voss of Oslo finished it in 1999."), [quote()], 6)
    bare = features(case, (), ())
    assert bare["missing"] == 2.0
    assert "carried" not in bare
    read = features(case, (0.2, 0.4), [(0.5, 0.25), (0.2, 0.4)])
    assert read["cosine"] == 0.4
    assert read["carried"] == pytest.approx(0.0)
    assert read["denied"] == pytest.approx(0.0, abs=1e-6)


def test_chances_sum_to_one_and_stay_finite() -> None:
    for value in (-1e9, 0.0, 1e9):
        found = Blend({"x": 1.0}, {"x": -1.0}).chances({"x": value, "unknown": 5.0})
        assert found.supported + found.contradicted + found.unsupported == pytest.approx(1.0)
        assert 0 <= found.supported <= 1


PROSE = "The engineer was Clara Voss [1]. She had studied how rivers behave [1]."


@pytest.fixture
def recorded(make_kit: Callable[[Model], Kit]) -> list[Event]:
    """A run whose draft was read by a verifier."""
    verifier = Fixed(0.2, 0.1)
    asked = Asked(
        "Who was the engineer of the weir at Aldmoor?",
        style="prose",
        verifier=verifier.name,
        reads=verifier.scripts,
    )
    events: list[Event] = [asked]
    kit = replace(make_kit(ScriptedModel([PROSE, PROSE, PROSE])), verifier=verifier)
    for _ in run(events, kit, GuidedPolicy()):
        pass
    return events


def _read_at(events: Sequence[Event]) -> int:
    return next(at for at, e in enumerate(events) if isinstance(e, Measured) and e.what == VERIFIED)


def test_a_run_with_a_verifier_replays_without_it(recorded: list[Event]) -> None:
    assert _read_at(recorded)
    found = replay(recorded)
    assert found.equal, found.because


def test_a_changed_reading_is_named_by_its_step(recorded: list[Event]) -> None:
    at = _read_at(recorded)
    event = recorded[at]
    assert isinstance(event, Measured)
    changed = replace(event, scores=(0.99, 0.0) * (len(event.scores) // 2))
    found = replay([*recorded[:at], changed, *recorded[at + 1 :]])
    assert not found.equal and found.step is not None and found.step > at


def test_a_record_without_a_verifier_asks_for_none(recorded: list[Event]) -> None:
    first = recorded[0]
    assert isinstance(first, Asked)
    found = replay([replace(first, verifier="", reads=()), *recorded[1:]])
    assert not found.equal and found.step == _read_at(recorded)
