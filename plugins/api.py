"""Calls the operations of an API over HTTP, at the hosts that were granted and nowhere else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from plugins.openapi import Key, Operation, key, manifest, operations, parsed
from plugins.schema import UnfitTool
from plugins.tools import ToolResult
from retrieval.web.types import CouldNotFetch, Fetched

_SAID = 500
"""Characters of an error's body that are shown."""


class NoDocument(UnfitTool):
    """The settings name a document that is not there."""


class Sender(Protocol):
    """Who sends a request over the network: `retrieval.web.fetch.Door`."""

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        trusted: bool = False,
    ) -> Fetched:
        """Return the answer, whatever its status; raises `CouldNotFetch` where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Api:
    """An API: its operations by the names of their tools, and where its key goes."""

    operations: Mapping[str, Operation]
    key: Key

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts of its servers."""
        return frozenset(_host(one.server) for one in self.operations.values())


def read(place: str, sender: Sender | None) -> Api:
    """Read the document, or the manifest of one, at a path or URL that the settings name.

    Raises `UnfitTool` or `CouldNotFetch`.
    """
    document = parsed(_bytes(place, sender))
    further = manifest(document, place)
    if further is not None:
        place, document = further, parsed(_bytes(further, sender))
    url = place if _is_url(place) else ""
    found = {one.schema["name"]: one for one in operations(document, url)}
    return Api(found, key(document))


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls one API. `token` is its key, which no result ever shows."""

    api: Api
    granted: frozenset[str]
    sender: Sender | None
    token: str = field(default="", repr=False)

    def call(self, tool: str, values: Mapping[str, Any]) -> ToolResult:
        """Call an operation; whatever goes wrong is one sentence."""
        if self.sender is None:
            return ToolResult(f"{tool} failed: the web is off", failed=True)
        try:
            answer = self._sent(self.api.operations[tool], values, self.sender)
        except (UnfitTool, CouldNotFetch, ValueError) as error:
            return ToolResult(self._hidden(f"{tool} failed: {error}"), failed=True)
        return self._result(tool, answer)

    def _sent(self, operation: Operation, values: Mapping[str, Any], sender: Sender) -> Fetched:
        query, headers = _laid_out(operation, values)
        headers |= {"Accept": "application/json"}
        if self.token:
            match self.api.key:
                case Key("query", name):
                    query.append((name, self.token))
                case Key("header", name):
                    headers[name] = self.token
                case _:
                    headers["Authorization"] = f"Bearer {self.token}"
        url = operation.server + _path(operation, values)
        if query:
            url += f"?{urlencode(query)}"
        self._allowed(url)
        body = values.get("body") if operation.body else None
        return sender.send(operation.method, url, headers=headers, json=body, trusted=True)

    def _result(self, tool: str, answer: Fetched) -> ToolResult:
        try:
            self._allowed(answer.url)
        except UnfitTool as error:
            return ToolResult(f"{tool} failed: it was sent on, and {error}", failed=True)
        told, data = _text(answer)
        if not 200 <= answer.status < 300:
            said = f": {' '.join(told.split())[:_SAID]}" if told.strip() else ""
            failed = f"{tool} failed: the service answered {answer.status}{said}"
            return ToolResult(self._hidden(failed), failed=True)
        return ToolResult(self._hidden(told) or "done", data=data)

    def _allowed(self, url: str) -> None:
        host = _host(url)
        if host not in self.granted:
            raise UnfitTool(f"the host {host} was not granted")

    def _hidden(self, text: str) -> str:
        return text.replace(self.token, "***") if self.token else text


def _laid_out(
    operation: Operation, values: Mapping[str, Any]
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Return the query and the headers that carry the values."""
    query: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    for name, place in operation.places.items():
        value = values.get(name)
        if value is None:
            continue
        if place == "query":
            listed = value if isinstance(value, list) else [value]
            query += [(name, _written(one)) for one in listed]
        elif place == "header":
            headers[name] = _header(name, _written(value))
    return query, headers


def _path(operation: Operation, values: Mapping[str, Any]) -> str:
    path = operation.path if operation.path.startswith("/") else f"/{operation.path}"
    for name, place in operation.places.items():
        if place != "path":
            continue
        value = values.get(name)
        listed = value if isinstance(value, list) else [value]
        told = ",".join(quote(_written(one), safe="") for one in listed)
        if told in ("", ".", ".."):
            raise ValueError(f"{name!r} cannot be {told!r}")
        path = path.replace(f"{{{name}}}", told)
    return path


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _header(name: str, value: str) -> str:
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise ValueError(f"{name!r} has characters that no header may have")
    return value


def _text(answer: Fetched) -> tuple[str, dict[str, Any]]:
    """Return what an answer says, and its data if it is a JSON object."""
    try:
        told = answer.body.decode(answer.charset or "utf-8", "replace")
    except LookupError:
        told = answer.body.decode("utf-8", "replace")
    if answer.media == "application/json" or answer.media.endswith("+json"):
        try:
            data = json.loads(told)
        except (ValueError, RecursionError):
            return told, {}
        return json.dumps(data, ensure_ascii=False), data if isinstance(data, dict) else {}
    if answer.media.startswith("text/") or not answer.media:
        return told, {}
    return f"[{answer.media}, {len(answer.body):,} bytes]", {}


def _bytes(place: str, sender: Sender | None) -> bytes:
    if not _is_url(place):
        return _file(Path(place).expanduser().absolute())
    if sender is None:
        raise UnfitTool(f"the web is off, so {place} cannot be read")
    answer = sender.send("GET", place, headers={"Accept": "application/json"}, trusted=True)
    if not 200 <= answer.status < 300:
        raise UnfitTool(f"{place} answered {answer.status}")
    return answer.body


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NoDocument(f"there is no file {path}") from None
    except OSError as error:
        raise UnfitTool(f"the file {path} cannot be read: {error.strerror}") from error


def _is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()
