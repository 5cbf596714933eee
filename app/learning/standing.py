"""What a home has to learn from, what that suffices for, and what was learned of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from agents.events import Event
from app.feedback.cases import Case
from app.feedback.marks import Mark
from app.feedback.pairs import ORIGINS, Pair
from app.feedback.selection import (
    admitted,
    select_pairs,
    select_steps,
    select_thumbs,
    steps,
    thumbs,
)
from app.learning.candidates import KINDS, Candidates, Card
from app.learning.releasing import too_few
from app.learning.reward import enough as for_rewards
from app.learning.reward.comparing import LEFT_OUT, compared
from app.learning.writing.enough import GROUPS, LEAST, ONE_SIDED
from app.learning.writing.given import style_of

if TYPE_CHECKING:
    from app.house import House


@dataclass(frozen=True, slots=True)
class Need:
    """What one way to learn needs and what there is: so many `things` about so many different
    questions. `lacking` says in words what is missing, "" where there is enough; `to_release` what
    is missing to release it once it is learned, "" where that hangs on no count of these."""

    way: str
    things: str
    have: int
    least: int
    questions: int
    least_questions: int
    lacking: str
    to_release: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Counts of what there is, what it suffices for, and the candidates with what is in use;
    `idle` says why the reward in use ranks nothing, "" if it does."""

    pairs: Mapping[str, int]
    thumbs: Mapping[str, int]
    demonstrations: Mapping[str, int]
    needs: tuple[Need, ...]
    cards: tuple[Card, ...]
    in_use: Mapping[str, str]
    idle: str = ""

    def told(self) -> dict[str, Any]:
        """Return all of it for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Truth:
    """Answered runs, what people said of them, the pairs of both, and how a run is read."""

    cases: Mapping[str, Case]
    marks: Sequence[Mark]
    pairs: Sequence[Pair]
    events: Callable[[str], Sequence[Event]]


def truth(house: "House") -> Truth:
    """Read what stands in the database of a home."""
    from app.feedback.pairs import derive
    from app.store.evidence import answered

    cases, _ = answered(house.database)
    marks = house.opinions.marks()
    pairs = derive(cases, marks, house.opinions.comparisons())
    return Truth(
        cases, marks, pairs, lambda run: [entry.event for entry in house.journal.entries(run)]
    )


def standing(known: Truth, candidates: Candidates, idle: str = "") -> Standing:
    """Count what there is. Pairs count if a reward can learn from them; thumbs and demonstrations
    as an export for writers would have them."""
    for_reward = compared(known.pairs)
    for_writers = select_pairs(known.pairs, admitted("trl", ())).examples
    said = select_thumbs(thumbs(known.cases, known.marks), admitted("kto", ())).examples
    done = select_steps(steps(known.cases, known.marks, known.events, "up")).examples
    shown = [one for one in done if style_of(one.messages) == "browse"]
    good = [one.group for one in said if one.label] + [one.group for one in for_writers]
    rare = min((sum(t.label for t in said), sum(not t.label for t in said)))
    decided = [one for one in for_reward if one.decided]
    return Standing(
        pairs=_counted(
            (one.origin for one in for_reward), [one for one in ORIGINS if one not in LEFT_OUT]
        ),
        thumbs=_counted(("up" if one.label else "down" for one in said), ("up", "down")),
        demonstrations=_counted((one.policy for one in shown), ()),
        needs=(
            _reward([one.group for one in decided]),
            _need("write (sft)", "good answers", good, LEAST["sft"]),
            _need("write (dpo)", "pairs", [one.group for one in for_writers], LEAST["dpo"]),
            _thumbs([one.group for one in said], rare),
            _need("browse", "steps of good runs", [one.group for one in shown], LEAST["sft"]),
        ),
        cards=tuple(candidates.all()),
        in_use={kind: card.name if (card := candidates.released(kind)) else "" for kind in KINDS},
        idle=idle,
    )


def _reward(groups: Sequence[str]) -> Need:
    least = for_rewards.PAIRS, for_rewards.PROMPTS
    why = for_rewards.lacking(len(groups), len(set(groups)))
    more = too_few(len(groups))
    return Need(
        "reward", "comparisons", len(groups), least[0], len(set(groups)), least[1],
        _missing("comparisons", groups, *least) if why else "",
        f"{more} more comparisons" if more else "",
    )  # fmt: skip


def _need(way: str, things: str, groups: Sequence[str], least: int) -> Need:
    lacking = _missing(things, groups, least, GROUPS)
    return Need(way, things, len(groups), least, len(set(groups)), GROUPS, lacking)


def _thumbs(groups: Sequence[str], rare: int) -> Need:
    need = _need("write (kto)", "thumbs", groups, LEAST["kto"])
    if need.lacking or rare >= ONE_SIDED * len(groups):
        return need
    lacking = f"{ONE_SIDED:.0%} of the rarer kind, up or down"
    return replace(need, lacking=lacking)


def _missing(things: str, groups: Sequence[str], least: int, questions: int) -> str:
    more, other = least - len(groups), questions - len(set(groups))
    told = [f"{more} more {things}"] if more > 0 else []
    return ", ".join([*told, *([f"{other} more different questions"] if other > 0 else [])])


def _counted(values: Iterable[str], known: Sequence[str]) -> dict[str, int]:
    """Count values; those that are known stand first, also where there is none of them."""
    found = Counter(values)
    return dict.fromkeys(known, 0) | dict(sorted(found.items()))
