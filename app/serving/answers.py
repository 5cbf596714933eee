"""Questions and forks of runs, as calls."""

import math
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, cast

from agents import view
from agents.events import Entry, Exchange, Limits, Working
from agents.models.base import Cancel
from app.assistant import Request, Told
from app.calls import CallSpec, Items, Params
from app.models import away
from app.reach import Wish, wish
from app.serving.params import names, reach_of
from app.telling import told_entry
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.house import House


class Answers:
    """Questions, and forks of runs."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def calls(self) -> dict[str, CallSpec]:
        """Return these calls by name."""
        return {
            "ask": CallSpec(self.ask, queued=True),
            "verify": CallSpec(self.verify, queued=True),
            "fork": CallSpec(self.fork, queued=True),
            "reach": CallSpec(self.reach),
        }

    def reach(self, params: Params, cancel: Cancel) -> Items:
        """Return {web, sources, away}: whether the web is open, where questions go by themselves,
        and whether the model that reads passages may be on another machine."""
        yield from ()
        settings = self._house.settings
        told = {"web": self._house.web_open, "sources": settings.web.sources}
        return told | {"away": away(settings)}

    def ask(self, params: Params, cancel: Cancel) -> Items:
        request = asking(self._house.request(str(params["question"])), params)
        told = self._house.assistant.ask(request, cancel, params.get("model"))
        return (yield from told_items(told))

    def verify(self, params: Params, cancel: Cancel) -> Items:
        request = asking(self._house.request(str(params["text"])), params)
        return (yield from told_items(self._house.assistant.verify(request, cancel)))

    def fork(self, params: Params, cancel: Cancel) -> Items:
        told = self._house.assistant.fork(
            str(params["run"]),
            int(params["at"]),
            cancel,
            params.get("model"),
            params.get("policy"),
        )
        return (yield from told_items(told))


DRAFTS = 16
"""Drafts of one answer at most."""


def told_items(told: Iterator[Told]) -> Items:
    """Yield what is told as JSON items; return the run's name and how it stands."""
    heard: list[Entry] = []
    for item in told:
        if isinstance(item, Working):
            yield {"working": {"phase": item.phase, "count": item.count}}
        else:
            heard.append(item)
            yield {"entry": told_entry(item)}
    run = heard[-1].run if heard else ""
    return {"run": run, "state": view.state([entry.event for entry in heard])}


def asking(request: Request, params: Params) -> Request:
    """Put what one question asks for in place of the settings.

    `bound` holds the wish for sources to what the settings open to programs. `UserError` for a
    limit that is no number, or a policy that is none.
    """
    policy = params.get("policy") or request.policy
    if policy not in ("auto", "guided", "model"):
        raise UserError(f"there is no policy {policy!r}", cure="take auto, guided or model")
    scope = {kind: names(params, kind) for kind in ("collections", "sources", "tags")}
    said = cast(Wish | None, reach_of(params) or None)
    reach = wish(said, request.reach, any(scope.values()), bool(params.get("bound")))
    check = params.get("check")
    return replace(
        request,
        policy=policy,
        check=request.check if check is None else bool(check),
        limits=_limits(request.limits, params),
        run=str(params.get("run") or ""),
        history=tuple(
            Exchange(str(turn["question"]), str(turn.get("answer") or ""))
            for turn in params.get("history") or ()
        ),
        collections=scope["collections"],
        sources=scope["sources"],
        tags=scope["tags"],
        reach=reach,
        best_of=_best_of(request, params),
        strictness=_strictness(request, params),
    )


def _best_of(request: Request, params: Params) -> int:
    wanted = params.get("best_of")
    if wanted is None:
        return request.best_of
    if not isinstance(wanted, int) or isinstance(wanted, bool) or not 1 <= wanted <= DRAFTS:
        raise UserError(
            f"best of {wanted!r} drafts cannot be had", cure=f"give a number from 1 to {DRAFTS}"
        )
    return wanted


def _strictness(request: Request, params: Params) -> float:
    wanted = params.get("strictness")
    if wanted is None:
        return request.strictness
    number = isinstance(wanted, int | float) and not isinstance(wanted, bool)
    if not number or not 0 <= wanted <= 1:
        raise UserError(f"strictness cannot be {wanted!r}", cure="give a number from 0 to 1")
    return float(wanted)


def _limits(limits: Limits, params: Params) -> Limits:
    """Any limit may be given by its name; a limit of nothing at all would answer nothing."""
    given: dict[str, Any] = {}
    for limit in fields(Limits):
        value = params.get(limit.name)
        if value is None:
            continue
        least = 0 if limit.name == "rewrites" else 1
        kind = float if limit.name == "seconds" else int
        try:
            given[limit.name] = kind(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError(f"{limit.name} {value!r} is no number", cure="give one") from error
        asked = given[limit.name]
        if not math.isfinite(asked) or not (asked > 0 or asked == least):
            raise UserError(f"{limit.name} cannot be {value}", cure="give a number above 0")
    return replace(limits, **given)
