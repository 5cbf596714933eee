"""Asks, forks and replays: runs the loop, journals every event first, and withholds drafts."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from agents import view
from agents.answering import CHOICES
from agents.asked import STRICTNESS, Dialect, Reach
from agents.browser_form import dialect_of
from agents.codec import dump
from agents.compose import style_for
from agents.events import (
    TRANSIENT,
    WITHHELD,
    Answered,
    Asked,
    Drafted,
    Entry,
    Event,
    Exchange,
    Forked,
    Limits,
    Stopped,
    Working,
)
from agents.kit import Kit
from agents.loop import run
from agents.models.base import Cancel, Model, ModelError
from agents.models.scripted import ScriptedModel
from agents.ports import NoWeb, Ranker, Scorer, Sources, Toolbox, Verifier, Web
from agents.probe import Probed, probe
from agents.rephrasing import remembered
from agents.replay import Replayed, policy_for, replay
from agents.sayings import language_of
from agents.verifying import CLAIMS, queries
from app.forking import KEPT, cut, policy_of
from app.naming import Naming
from app.probes import Probes, identity
from app.store.journal import Journal
from retrieval.documents import content_id
from retrieval.errors import UserError

LONGEST = 20_000
"""Characters of a text that is checked."""

Told = Entry | Working
"""What a caller hears while a question is worked on."""


@dataclass(frozen=True, slots=True)
class Request:
    """A question and how it is to be worked on."""

    question: str
    policy: Literal["auto", "guided", "model"] = "auto"
    check: bool = True
    limits: Limits = field(default_factory=Limits)
    results: int = 8
    run: str = ""
    """The run's name, if the caller chose one: a run of that name is never asked again."""
    history: tuple[Exchange, ...] = ()
    """Earlier turns of the conversation, oldest first, their questions standing alone."""
    collections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Files or folders."""
    tags: tuple[str, ...] = ()
    """No tag means every document, and so does no collection and no source."""
    reach: Reach | Literal["auto"] = "library"
    """Where to look."""
    best_of: int = 1
    """How many drafts are written, of which the judges choose one."""
    strictness: float = STRICTNESS
    """The least probability (0..1) that the quotes answer at which they are answered from."""


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Seconds since it was made."""

    begun: float = field(default_factory=time.monotonic)

    def elapsed(self) -> float:
        return time.monotonic() - self.begun


@dataclass(frozen=True, slots=True)
class Assistant:
    """Answers questions in this process; what it is made of is passed in (see app.house)."""

    model: Callable[[str | None], Model]
    sources: Sources
    scorer: Scorer
    tools: Toolbox
    journal: Journal
    probes: Probes
    embedder: str = ""
    ready: Callable[[Sequence[str], Sequence[str], Sequence[str]], None] = lambda *scope: None
    """Raises `UserError` if these collections, sources and tags leave nothing to answer from."""
    naming: Naming = field(default_factory=Naming)
    web: Web = field(default_factory=NoWeb)
    choose: Callable[[Request], Reach] = lambda request: "library"
    """Says where to look for a request that leaves it open; `UserError` if there is nowhere."""
    dialect: Dialect | Literal["auto"] = "auto"
    inside: tuple[str, ...] = ()
    """Hosts of private networks, whose pages are not public."""
    rubric: Callable[[], str] = lambda: ""
    """Returns the policy by which answers are classified; `UserError` for a file that is none."""
    critic: bool = True
    """Whether models that passed the critic's probe are asked about claims that are in doubt."""
    agreement: bool = False
    """Whether claims in doubt that most sampled drafts do not say are taken back."""
    verifier: Verifier | None = None
    """Who reads claims beside their quotes, if anybody does."""
    entails: bool = False
    """Whether that one also reads the likeliest answer before anything is written."""
    ranker: Callable[[str], Ranker | None] = lambda name: None
    """Returns the reward of that name, by "" the one that is in use, if any is; `UserError` if it
    cannot be read."""
    unranked: Callable[[], str] = lambda: ""
    """Says why the reward that was released ranks nothing here, "" if it does or there is none."""
    narrowed: Toolbox | None = None
    """The plugins of runs that are kept to a part of the library, if these are not all."""

    def ask(self, request: Request, cancel: Cancel, model: str | None = None) -> Iterator[Told]:
        """Answer a question. Every event is in the journal before it is yielded; none that may
        hold or betray the draft is yielded before the checked answer.

        `model` names another model than the one set. A run of the request's name that stands
        already is told from the journal, after whoever works on it is done. Errors: `UserError`
        before the run begins.
        """
        with self.naming.holding(request.run, cancel):
            if request.run and self.journal.length(request.run):
                yield from view.disclosed(self.journal.entries(request.run))
                return
            if not request.question.strip():
                raise UserError("the question is empty", cure='ask something: vouch ask "..."')
            reach = self.choose(request)
            if reach != "web":
                self.ready(request.collections, request.sources, request.tags)
            chosen = self.model(model)
            asked = self.settle(replace(request, reach=reach), chosen, cancel)
            run_id = self._begin(request.run)
            yield self.journal.append(run_id, asked)
            yield from self._go(run_id, [asked], chosen, cancel)

    def verify(self, request: Request, cancel: Cancel) -> Iterator[Told]:
        """Check the claims of a text, the request's question, against the library as they stand.

        No model takes part. The limits on steps and quoted characters are those of each claim.
        Errors and names as in `ask`.
        """
        with self.naming.holding(request.run, cancel):
            if request.run and self.journal.length(request.run):
                yield from view.disclosed(self.journal.entries(request.run))
                return
            asked = self._checking(request)
            self.ready(request.collections, request.sources, request.tags)
            run_id = self._begin(request.run)
            yield self.journal.append(run_id, asked)
            yield from self._go(run_id, [asked], ScriptedModel((), name="none"), cancel)

    def _checking(self, request: Request) -> Asked:
        text = request.question.strip()
        if len(text) > LONGEST:
            raise UserError(
                f"the text has {len(text)} characters", cure=f"check at most {LONGEST} at a time"
            )
        found = min(len(queries(text)), CLAIMS)
        if not found:
            raise UserError("the text says nothing that could be checked", cure="give a statement")
        limits = request.limits
        return Asked(
            question=text,
            embedder=self.embedder,
            style="prose",
            limits=replace(
                limits,
                steps=limits.steps * found,
                quoted_characters=limits.quoted_characters * found,
            ),
            results=request.results,
            collections=request.collections,
            sources=request.sources,
            tags=request.tags,
            language=language_of(text),
            verifier=self.verifier.name if self.verifier else "",
            reads=self.verifier.scripts if self.verifier else (),
            task="verify",
        )

    def _begin(self, name: str) -> str:
        """Begin a run; one of that name that was begun and holds nothing yet is taken over."""
        try:
            return self.journal.begin(name or None)
        except ValueError:
            return name

    def fork(
        self,
        run_id: str,
        at: int,
        cancel: Cancel,
        model: str | None = None,
        policy: Literal["auto", "guided", "model"] | None = None,
    ) -> Iterator[Told]:
        """Go on from before step `at` (from 1) of a run as a new run, with another model or policy.

        The step after the last one of browsing is the writing of the answer.
        """
        entries = self.journal.entries(run_id)
        events = [entry.event for entry in entries]
        kept = events[: cut(events, at)]
        old = view.typed(events)
        if old.task == "verify":
            raise UserError(
                "a text that was checked cannot be forked", cure='check it again: vouch check "..."'
            )
        chosen = self.model(model)
        same = {name: getattr(old, name) for name in KEPT}
        request = Request(policy=policy or policy_of(old, model), **same)
        forked = Forked(self.settle(request, chosen, cancel))
        new = self.journal.begin(parent=entries[0].run)
        for event in [*kept, forked]:
            entry = self.journal.append(new, event)
            if not isinstance(event, WITHHELD):
                yield entry
        yield from self._go(new, [*kept, forked], chosen, cancel)

    def replay(self, run_id: str) -> Replayed:
        """Play a run again from its journal: first its chain of hashes, then every step."""
        changed = self.journal.verify(run_id)
        if changed is not None:
            return Replayed(False, changed, "this entry is not the one that was written")
        return replay([entry.event for entry in self.journal.entries(run_id)])

    def able(self, model: Model, cancel: Cancel) -> Probed:
        """Return how the model did in the probe, asking it if nobody has.

        A probe that was cancelled says nothing and is not kept.
        """
        known = self.probes.find(identity(model))
        if known is not None:
            return known
        try:
            probed = probe(self._kit(model, cancel, math.inf))
        except ModelError as error:
            raise UserError(
                str(error).rstrip("."),
                origin="model.name and model.base_url",
                cure="start its server, or choose another model: vouch models use NAME",
            ) from error
        if not cancel.is_set():
            self.probes.keep(identity(model), probed)
        return probed

    def settle(self, request: Request, model: Model, cancel: Cancel) -> Asked:
        """Return what a request comes to with this model; one that nobody knows is probed."""
        probed, ranker = self.able(model, cancel), self._ranker(request)
        policy, able = request.policy, probed.able
        if policy == "auto":
            policy = "model" if able else "guided"
        taught = "write" in model.capabilities.adapters
        language = language_of(request.question)
        narrow = bool(request.collections or request.sources or request.tags)
        tools = self.narrowed if narrow and self.narrowed is not None else self.tools
        return Asked(
            question=request.question.strip(),
            policy=policy,
            model=model.name,
            embedder=self.embedder,
            context=model.capabilities.context,
            grammar=model.capabilities.grammar,
            style=style_for(able, taught, language),
            check=request.check,
            tools=tuple(tools.names()),
            tools_help=tools.describe(),
            tool_schemas=tuple(tools.schemas()),
            outgoing=tuple(tools.outgoing()),
            limits=request.limits,
            results=request.results,
            collections=request.collections,
            sources=request.sources,
            tags=request.tags,
            history=tuple(map(remembered, request.history)),
            language=language,
            reach="library" if request.reach == "auto" else request.reach,
            dialect=dialect_of(model.name, self.dialect),
            inside=self.inside,
            critic=self.critic and probed.critic,
            agreement=self.agreement and request.best_of > 1,
            best_of=request.best_of,
            strictness=request.strictness,
            verifier=self.verifier.name if self.verifier else "",
            reads=self.verifier.scripts if self.verifier else (),
            entailed=self.entails and self.verifier is not None,
            picks=True,
            phrases=CHOICES,
            ranker=ranker,
            unranked=self.unranked() if _ranked(request) and not ranker else "",
            rubric=self.rubric(),
        )

    def _ranker(self, request: Request) -> str:
        """Name the reward that ranks the drafts of a request; "" where there is nothing to rank."""
        ranker = self.ranker("") if _ranked(request) else None
        return ranker.name if ranker else ""

    def _kit(self, model: Model, cancel: Cancel, seconds: float, ranker: str = "") -> Kit:
        parts = (model, self.sources, self.scorer, self.tools, Stopwatch(), cancel, seconds)
        ranked = self.ranker(ranker) if ranker else None
        return Kit(*parts, web=self.web, verifier=self.verifier, ranker=ranked)

    def _go(self, run_id: str, events: list[Event], model: Model, cancel: Cancel) -> Iterator[Told]:
        drafted = answered = False
        asked = view.asked(events)
        kit = self._kit(model, cancel, asked.limits.seconds, asked.ranker)
        try:
            for event in run(events, kit, policy_for(asked)):
                if isinstance(event, Working):
                    yield event
                if isinstance(event, TRANSIENT):
                    continue
                entry = self.journal.append(run_id, event)
                drafted = drafted or isinstance(event, Drafted)
                answered = answered or isinstance(event, Answered)
                # What is looked up after the draft is looked up for its claims, and betrays them.
                if answered or not (drafted or isinstance(event, WITHHELD)):
                    yield entry
        except Exception as error:
            self.journal.append(run_id, Stopped("failed", str(error) or repr(error)))
            raise


def _ranked(request: Request) -> bool:
    """Whether there will be several drafts with rulings."""
    return request.best_of > 1 and request.check


def answer_hash(events: list[Event]) -> str:
    """Return the content hash of the answer that was shown, or "" if there was none."""
    answered = view.answered(events)
    return content_id(str(dump(answered))) if answered else ""
