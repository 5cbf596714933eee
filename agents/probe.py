"""A short probe: can a model follow the browsing actions, and tell what evidence carries?

Below the mark, rules browse instead, and the model is no critic.

Each case is a moment of a run with one kind of right action. The probe shows the model the very
prompt, and holds it to the very grammar, that browsing uses.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from agents.actions import Action, Finish, Malformed, Open, QuoteLines, Search
from agents.criticism import criticise
from agents.events import (
    Acted,
    Asked,
    Claim,
    Event,
    Found,
    Opened,
    Quoted,
    Result,
    Verdict,
)
from agents.kit import Kit
from agents.legal import legal
from agents.policy import ModelPolicy

Got = TypeVar("Got")

PASS = 5 / 6
VERSION = "probe.v2"


@dataclass(frozen=True, slots=True)
class Probed:
    """How many of the cases a model got right, which it did not, and how many of the statements it
    criticised rightly (none where it failed the cases)."""

    right: int
    cases: int
    missed: tuple[str, ...] = ()
    criticised: int = 0

    @property
    def critic(self) -> bool:
        """Whether the model tells carried statements from others well enough to be a critic."""
        return self.criticised >= PASS * len(STATEMENTS)

    @property
    def score(self) -> float:
        return self.right / self.cases

    @property
    def able(self) -> bool:
        return self.score >= PASS


@dataclass(frozen=True, slots=True)
class Case:
    """A moment of a run, and what tells a right action there."""

    name: str
    events: tuple[Event, ...]
    right: Callable[[Action | Malformed], bool]


_WEIR = (
    "The weir at Aldmoor was finished in 1887.",
    "It is built of grey limestone.",
    "Herons nest on its eastern bank.",
    "Its engineer was Clara Voss, who also drew the lock gates.",
    "Two mills once stood beside it.",
)
STATEMENTS = (
    (0, "The weir at Aldmoor was completed in 1887.", True),
    (1, "The weir is built of red brick.", False),
    (3, "Clara Voss drew the lock gates.", True),
    (3, "Clara Voss was born in Aldmoor.", False),
    (2, "Herons nest on the western bank of the weir.", False),
    (1, "Grey limestone was used to build it.", True),
)
"""What a critic is tried with: the line of the page that is cited, and whether it carries it."""

_FAIR = (
    "The apple fair of Tarn is held every October.",
    "It began as a market for cider presses.",
    "The fair of 1950 was cancelled because of floods.",
    "Visitors pay no entrance fee.",
)


def _result(number: int, title: str, text: str) -> Result:
    name = f"case-{number}"
    return Result(name, f"{name}-p", f"{title}.md", title, text, 0, len(text), 1.0 / number)


def _opened(title: str, lines: Sequence[str]) -> Opened:
    return Opened("case-1", f"{title}.md", title, "\n".join(lines))


def _quoted(lines: Sequence[str], index: int, title: str) -> Quoted:
    start = sum(len(line) + 1 for line in lines[:index])
    text = lines[index]
    return Quoted(1, "case-1", f"{title}.md", title, text, start, start + len(text))


def _reading(question: str, title: str, lines: Sequence[str]) -> tuple[Event, ...]:
    found = Found(question, (_result(1, title, lines[0]),))
    return (
        Asked(question),
        Acted(Search(question)),
        found,
        Acted(Open(1)),
        _opened(title, lines),
    )


def _listing(question: str, titles: Sequence[tuple[str, str]]) -> tuple[Event, ...]:
    results = tuple(_result(n, title, text) for n, (title, text) in enumerate(titles, start=1))
    return (Asked(question), Acted(Search(question)), Found(question, results))


_WHO = "Who was the engineer of the weir at Aldmoor?"
_WHY = "Why was the apple fair of Tarn cancelled in 1950?"


def cases() -> tuple[Case, ...]:
    """The six cases: a search, two openings, two quotes, and a finish."""
    bread = ("Bread of the hills", "Rye is milled coarsely and baked twice.")
    weir = ("The weir at Aldmoor", "The weir was finished in 1887; its engineer is remembered.")
    fair = ("The apple fair of Tarn", "The fair was cancelled once, in 1950.")
    moths = ("Moths of the fen", "Most fly in June, after dusk.")
    kept = (Acted(QuoteLines(4, 4)), _quoted(_WEIR, 3, "The weir at Aldmoor"))
    return (
        Case("search", (Asked(_WHO),), lambda a: isinstance(a, Search) and "ldmoor" in a.query),
        Case("open 2", _listing(_WHO, (bread, weir, moths)), lambda a: a == Open(2)),
        Case("open 3", _listing(_WHY, (moths, bread, fair)), lambda a: a == Open(3)),
        Case("quote 4", _reading(_WHO, weir[0], _WEIR), lambda a: _quotes(a, 4)),
        Case("quote 3", _reading(_WHY, fair[0], _FAIR), lambda a: _quotes(a, 3)),
        Case("finish", (*_reading(_WHO, weir[0], _WEIR), *kept), lambda a: a == Finish()),
    )


def _quotes(action: Action | Malformed, line: int) -> bool:
    return isinstance(action, QuoteLines) and action.first <= line <= action.last


def probe(kit: Kit) -> Probed:
    """Ask the kit's model for one action in each case; nothing else of the kit is used.

    Errors: `ModelError` when the model fails.
    """
    missed = [case.name for case in cases() if not case.right(_choice(case.events, kit))]
    total = len(cases())
    probed = Probed(total - len(missed), total, tuple(missed))
    return replace(probed, criticised=_criticised(kit)) if probed.able else probed


def _criticised(kit: Kit) -> int:
    quotes = [replace(_quoted(_WEIR, line, "Weir"), number=line + 1) for line in range(len(_WEIR))]
    claims = [Claim(text, at, at + 1, (line + 1,)) for at, (line, text, _) in enumerate(STATEMENTS)]
    doubts = [Verdict(claim, "unchecked", "none", 0.0) for claim in claims]
    ruled = _returned(criticise(doubts, quotes, kit, 0))
    wanted = ["supported" if carried else "unsupported" for _, _, carried in STATEMENTS]
    return sum(v.ruling == right for v, right in zip(ruled, wanted, strict=True))


def _choice(events: Sequence[Event], kit: Kit) -> Action | Malformed:
    return _returned(ModelPolicy().choose(events, legal(events), kit))


def _returned(generator: Generator[Event, None, Got]) -> Got:
    """Run a generator to its end; what it yields on the way tells nothing here."""
    while True:
        try:
            next(generator)
        except StopIteration as ended:
            got: Got = ended.value
            return got
