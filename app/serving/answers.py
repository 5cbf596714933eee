"""Questions and forks of runs, as calls."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from agents.events import Working
from agents.models.base import Cancel
from app.assistant import Request, Told
from app.calls import CallSpec, Items, Params
from app.telling import told_entry

if TYPE_CHECKING:
    from app.house import House

Policy = Literal["auto", "guided", "model"]


class Answers:
    """Questions, and forks of runs."""

    def __init__(self, house: "House") -> None:
        self._house = house

    def calls(self) -> dict[str, CallSpec]:
        """Return these calls by name."""
        return {
            "ask": CallSpec(self.ask, queued=True),
            "fork": CallSpec(self.fork, queued=True),
        }

    def ask(self, params: Params, cancel: Cancel) -> Items:
        request = _request(self._house.request(str(params["question"])), params)
        told = self._house.assistant.ask(request, cancel, params.get("model"))
        return (yield from told_items(told))

    def fork(self, params: Params, cancel: Cancel) -> Items:
        told = self._house.assistant.fork(
            str(params["run"]),
            int(params["at"]),
            cancel,
            params.get("model"),
            params.get("policy"),
        )
        return (yield from told_items(told))


def told_items(told: Iterator[Told]) -> Items:
    """Yield what is told as JSON items; return the run's name."""
    run = ""
    for item in told:
        if isinstance(item, Working):
            yield {"working": {"phase": item.phase, "count": item.count}}
        else:
            run = item.run
            yield {"entry": told_entry(item)}
    return {"run": run}


def _request(request: Request, params: Params) -> Request:
    """Put what one question asks for in place of the settings."""
    limits = request.limits
    if params.get("seconds") is not None:
        limits = replace(limits, seconds=float(params["seconds"]))
    if params.get("steps") is not None:
        limits = replace(limits, steps=int(params["steps"]))
    policy: Policy = params.get("policy") or request.policy
    check = params.get("check")
    return replace(
        request,
        policy=policy,
        check=request.check if check is None else bool(check),
        limits=limits,
    )
