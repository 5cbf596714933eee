"""Plays a recorded run again: what came from outside is read back, all the rest is made anew.

The record and what is made anew must agree event by event; where they part, the step is named.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agents import view
from agents.entailing import ENTAILED
from agents.events import (
    TRANSIENT,
    Answered,
    Asked,
    Classified,
    Drafted,
    Event,
    Forked,
    Found,
    Measured,
    Opened,
    Quoted,
    Refused,
    Rephrased,
    Replied,
    Result,
    Stopped,
    Used,
    Verdict,
)
from agents.guided import GuidedPolicy
from agents.kit import RANKED, VERIFIED, Kit
from agents.looking import KEPT_BACK, marks
from agents.loop import run
from agents.models.base import (
    Cancel,
    Capabilities,
    ContextOverflow,
    GrammarKind,
    Message,
    ModelLost,
    Piece,
    Reply,
    Sampling,
)
from agents.policy import ModelPolicy, Policy
from agents.verifying import ClaimPolicy
from plugins.tools import ToolResult
from retrieval.documents import Document, Hit, Passage
from retrieval.web.types import WEB, Finding, Searched, Tried, Visited

READ = (VERIFIED, ENTAILED)
"""What the measurements of a verifier are called."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found; `step` is the number of the first event that differs, or None."""

    equal: bool
    step: int | None = None
    because: str = ""


def policy_for(asked: Asked) -> Policy:
    """Return the policy of a run: that of its name, or the one that looks up claims."""
    if asked.task == "verify":
        return ClaimPolicy()
    return ModelPolicy() if asked.policy == "model" else GuidedPolicy()


def replay(recorded: Sequence[Event]) -> Replayed:
    """Run again from the record alone: no network, no weights, no clock.

    A forked run is made anew from its fork on; what came before belongs to the run it left. A run
    that was cut off or failed agrees if all that it holds up to there does.
    """
    if isinstance(recorded[-1], Stopped) and recorded[-1].reason == "failed":
        recorded = recorded[:-1]
    begin = max(i for i, event in enumerate(recorded) if isinstance(event, Asked | Forked))
    made = list(recorded[: begin + 1])
    world = _Record(recorded, made)
    asked = view.asked(made)
    verifier, ranker = (world if name else None for name in (asked.verifier, asked.ranker))
    kit = Kit(world, world, world, world, world, world, web=world, verifier=verifier, ranker=ranker)
    try:
        for event in run(made, kit, policy_for(view.asked(made))):
            if isinstance(event, TRANSIENT):
                continue
            at = len(made) - 1
            if at >= len(recorded):
                return _beyond(recorded)
            if event != recorded[at]:
                return Replayed(False, at, _difference(recorded[at], event))
    except _Parted as parted:
        if len(made) == len(recorded):
            return _beyond(recorded)
        return Replayed(False, len(made), str(parted))
    if len(made) < len(recorded):
        rest = recorded[len(made)]
        return Replayed(False, len(made), f"the record goes on with {rest.kind}; the replay ended")
    return Replayed(True)


def _beyond(recorded: Sequence[Event]) -> Replayed:
    if isinstance(recorded[-1], Answered):
        return Replayed(False, len(recorded), "the record ends here, the replay goes on")
    return Replayed(True, None, "the run was cut off; all that was kept of it agrees")


def _difference(recorded: Event, made: Event) -> str:
    if recorded.kind != made.kind:
        return f"the record has {recorded.kind}, the replay makes {made.kind}"
    fields = type(recorded).__dataclass_fields__
    name = next(n for n in fields if getattr(recorded, n) != getattr(made, n))
    return f"{recorded.kind}.{name} differs"


class _Parted(BaseException):
    """The replay asks for what the record does not hold at this place.

    No `Exception`, so that it passes the desk's door, which turns exceptions into events.
    """


class _Record:
    """Model, sources, scorer, plugins, clock and stop of a recorded run, at the place reached."""

    def __init__(self, recorded: Sequence[Event], made: list[Event]) -> None:
        self._recorded = recorded
        self._made = made
        self._asked = view.asked(made)

    @property
    def name(self) -> str:
        return self._asked.model

    @property
    def capabilities(self) -> Capabilities:
        kinds: dict[str, GrammarKind] = {"gbnf": "gbnf", "json_schema": "json_schema"}
        grammar = kinds.get(self._asked.grammar, "none")
        return Capabilities(self._asked.context, grammar, parallel=max(1, self._asked.best_of))

    def _next(self) -> Event | None:
        at = len(self._made)
        return self._recorded[at] if at < len(self._recorded) else None

    def _ended(self, *reasons: str) -> bool:
        event = self._next()
        return isinstance(event, Stopped) and event.reason in reasons

    def reply(
        self, messages: Sequence[Message], sampling: Sampling, cancel: Cancel | None = None
    ) -> Iterator[Piece | Reply]:
        event = self._next()
        match event:
            case Replied():
                yield _reply(event)
            case Stopped("model lost", detail):
                raise ModelLost(detail)
            case Stopped("context", detail):
                raise ContextOverflow(detail)
            case Rephrased() | Classified() | Drafted() | Measured():
                raise ModelLost("the record goes on without the model")
            case _:
                raise _Parted("the record holds no model reply here")

    def replies(
        self,
        messages: Sequence[Message],
        samplings: Sequence[Sampling],
        cancel: Cancel | None = None,
    ) -> tuple[Reply, ...]:
        """The replies that stand side by side in the record."""
        at = len(self._made)
        said = [e for e in self._recorded[at : at + len(samplings)] if isinstance(e, Replied)]
        if len(said) < len(samplings):
            return tuple(r for r in self.reply(messages, samplings[0]) if isinstance(r, Reply))
        return tuple(map(_reply, said))

    def close(self) -> None:
        """Nothing to close."""

    def search(
        self,
        query: str,
        k: int,
        collections: Sequence[str] = (),
        sources: Sequence[str] = (),
        tags: Sequence[str] = (),
    ) -> list[Hit]:
        event = self._brought()
        if not isinstance(event, Found):
            raise _Parted("the record holds no search results here")
        inside = [result for result in event.results if not result.url]
        return [_hit(result, rank) for rank, result in enumerate(inside, start=1)]

    def find(self, query: str, k: int, cancel: Cancel | None = None) -> Searched:
        event = self._brought()
        if not isinstance(event, Found):
            raise _Parted("the record holds no search results here")
        return _searched(event)

    def visit(self, url: str, cancel: Cancel | None = None) -> Visited:
        event = self._brought()
        if not isinstance(event, Opened):
            raise _Parted("the record holds no page here")
        page = Document(
            event.source,
            event.title,
            event.text,
            collection=WEB,
            marks=marks(event),
            links=event.links,
        )
        return Visited(page, event.digest)

    def open(self, document: str) -> Document | None:
        event = self._brought()
        if not isinstance(event, Opened):
            return None
        return Document(event.source, event.title, event.text, marks=marks(event))

    def _brought(self) -> Event | None:
        """What the desk brought back; a recorded failure of the outside fails again."""
        event = self._next()
        if isinstance(event, Refused) and event.failed:
            raise RuntimeError(event.why)
        return event

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        return self._scores(lambda what: what not in (RANKED, *READ))

    @property
    def scripts(self) -> tuple[str, ...]:
        return self._asked.reads

    def entailments(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[float, float]]:
        scores = self._scores(lambda what: what in READ)
        return list(zip(scores[::2], scores[1::2], strict=True))

    def rank(
        self,
        question: str,
        quotes: Sequence[Quoted],
        drafts: Sequence[tuple[str, Sequence[Verdict]]],
    ) -> Sequence[float]:
        return self._scores(lambda what: what == RANKED)

    def _scores(self, wanted: Callable[[str], bool]) -> tuple[float, ...]:
        event = self._next()
        if not isinstance(event, Measured) or not wanted(event.what):
            raise _Parted("the record holds no scores here")
        return event.scores

    def names(self) -> Sequence[str]:
        return self._asked.tools

    def describe(self) -> str:
        return self._asked.tools_help

    def schemas(self) -> Sequence[str]:
        return self._asked.tool_schemas

    def outgoing(self) -> Sequence[str]:
        return self._asked.outgoing

    def call(self, tool: str, arguments: str) -> ToolResult:
        event = self._brought()
        if not isinstance(event, Used):
            raise _Parted("the record holds no result of a plugin here")
        passages = tuple(
            Passage(page.document, page.source, page.title, page.text, 0, len(page.text))
            for page in event.pages
        )
        return ToolResult(event.text, passages, failed=event.failed)

    def elapsed(self) -> float:
        return float("inf") if self._ended("seconds") else 0.0

    def is_set(self) -> bool:
        return self._ended("cancelled")


def _searched(event: Found) -> Searched:
    """What the search engines must have said for the desk to note what is recorded."""
    findings = (
        Finding(result.url, result.title, result.text) for result in event.results if result.url
    )
    faults = (note for note in event.notes if not note.startswith(KEPT_BACK))
    tried = (Tried("", 1), *(Tried("", 1, fault) for fault in faults))
    return Searched(tuple(findings), tried)


def _reply(event: Replied) -> Reply:
    costs = (event.read, event.evaluated, event.written, 0.0, event.seconds)
    return Reply(event.text, event.finish, *costs, adapter=event.adapter)


def _hit(result: Result, rank: int) -> Hit:
    passage = Passage(
        document=result.document,
        source=result.source,
        title=result.title,
        text=result.text,
        start=result.start,
        end=result.end,
        heading=result.heading,
        page=result.page,
    )
    return Hit(passage, result.score, rank, (), result.cosine)
