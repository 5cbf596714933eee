"""Asks a search service over HTTP and reads its answer; every fault is a sentence with the cure."""

import json as jsons
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Protocol

from retrieval.web.types import Cancelled, CouldNotFetch, Fetched, SearchFault

LONGEST_REST = 86_400.0
"""Seconds for which a service may ask to be left alone; it is asked again the next day."""

_NOTHING: Mapping[str, str] = {}


class Sender(Protocol):
    """The door to the network, for requests to a service that the settings name."""

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = _NOTHING,
        params: Mapping[str, str] | None = None,
        json: object | None = None,
        cancel: Cancelled | None = None,
        trusted: bool = False,
    ) -> Fetched:
        """Return the answer, of whatever status; raises `CouldNotFetch`.

        Headers may hold a key: they go to the origin of `url` and to no other. `trusted` tells that
        the settings name the host, which may then lie in a private network that they list.
        """
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """What faults of a service say: its `name`, and the settings that name its key and address."""

    name: str
    key_setting: str = ""
    cure: str = ""

    def ask(
        self,
        sender: Sender,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = _NOTHING,
        params: Mapping[str, str] | None = None,
        json: object | None = None,
        cancel: Cancelled | None = None,
        trusted: bool = False,
    ) -> Fetched:
        """Return an answer of any status; raises `SearchFault`, and `CouldNotFetch` on cancel."""
        told = {"Accept": "application/json", **headers}
        try:
            return sender.send(
                method, url, headers=told, params=params, json=json, cancel=cancel, trusted=trusted
            )
        except CouldNotFetch as error:
            if error.reason == "cancelled":
                raise
            # The door's sentence may quote the request, and the request may hold the key.
            what = _without(str(error), headers.values())
            raise self.fault(f"was not reached: {what}", error.retry_after) from None

    def read(self, answer: Fetched) -> dict[str, object]:
        """Return the JSON object of an answer; raises `SearchFault`."""
        if answer.status != 200:
            raise self.refusal(answer)
        if answer.media in ("text/html", "application/xhtml+xml"):
            raise self.fault(f"answered with a web page instead of JSON{self._cured}")
        try:
            data = jsons.loads(answer.body)
        except (ValueError, RecursionError):
            raise self.fault("answered with JSON that is cut off or broken") from None
        if not isinstance(data, dict):
            raise self.misshapen()
        return data

    def refusal(self, answer: Fetched) -> SearchFault:
        """Return the fault for an answer whose status is not 200."""
        status, wait = answer.status, asked_rest(answer)
        if status in (401, 403) and self.key_setting:
            return self.bad_key(f"status {status}")
        if status == 403 and self.cure:
            return self.fault(f"refused (status 403){self._cured}", wait)
        if status == 429:
            return self.fault("asks for fewer questions (status 429)", wait)
        if 300 <= status < 400:
            return self.fault(f"sends the question on to another address (status {status})", wait)
        return self.fault(f"failed (status {status})", wait)

    def bad_key(self, why: str) -> SearchFault:
        """Return the fault for a key that is not accepted."""
        return self.fault(
            f"does not accept the key ({why}); set a valid one with: "
            f"vouch config set {self.key_setting} KEY"
        )

    def misshapen(self) -> SearchFault:
        """Return the fault for JSON of another shape than the service publishes."""
        return self.fault("answered with JSON of another shape than it publishes")

    def rows(self, found: object) -> list[Mapping[str, object]]:
        """Return the objects in a list of results; raises `SearchFault` if it is no list."""
        if not isinstance(found, list):
            raise self.misshapen()
        return [row for row in found if isinstance(row, dict)]

    def fault(self, what: str, retry_after: float | None = None) -> SearchFault:
        return SearchFault(f"{self.name} {what.rstrip('.')}.", retry_after=retry_after)

    @property
    def _cured(self) -> str:
        return f"; {self.cure}" if self.cure else ""


def header(answer: Fetched, name: str) -> str:
    """Return the value of a header, empty if it was not sent."""
    return next((value for key, value in answer.headers if key.lower() == name), "")


def asked_rest(answer: Fetched) -> float | None:
    """Return the seconds that Retry-After asks for, None if it does not (RFC 9110, 10.2.3)."""
    return rest(header(answer, "retry-after"), answer.at)


def rest(value: str, now: float) -> float | None:
    """Return the seconds that a number of seconds or an HTTP date means, `now` in UTC seconds."""
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", value):
        return sane(float(value))
    try:
        return sane(parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def sane(seconds: float | None) -> float | None:
    """Return a rest between 0 and `LONGEST_REST` seconds, None for what is no number."""
    if seconds is None or math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_REST)


def _without(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret.removeprefix("Bearer "), "***") if secret else text
    return text
