"""Reads OpenAPI 3 documents and ChatGPT-plugin manifests: each operation becomes a tool's schema.

https://spec.openapis.org/oas/v3.1.0; a manifest is {"name_for_model", "description_for_model",
"auth", "api": {"type": "openapi", "url"}}. Bodies in JSON are understood, other ones are not.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from plugins.foreign import fitted, noted, resolve
from plugins.schema import Schema, UnfitTool
from plugins.tools import legal_name

LONGEST = 8 << 20
"""Bytes of a document."""
MOST = 128
"""Operations of a document that become tools."""
_METHODS = ("get", "post", "put", "patch", "delete")
_OURS = frozenset({"accept", "content-type", "authorization", "host", "cookie"})
"""Headers that no parameter sets."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: how it is called, and what it takes. `places` maps each parameter to "path",
    "query" or "header"; `body` tells that the argument "body" is sent as JSON."""

    schema: Schema
    method: str
    server: str
    path: str
    places: Mapping[str, str]
    body: bool


@dataclass(frozen=True, slots=True)
class Key:
    """Where a document wants its key: `place` is "bearer", "header" or "query"."""

    place: str = "bearer"
    name: str = "Authorization"


def parsed(text: bytes) -> dict[str, Any]:
    """Read a document in JSON, or in YAML without aliases. Raises `UnfitTool`."""
    if len(text) > LONGEST:
        raise UnfitTool(f"the document has more than {LONGEST >> 20} MB")
    try:
        told = text.decode("utf-8-sig")
        found = json.loads(told) if told.lstrip().startswith("{") else _yaml(told)
    except (ValueError, RecursionError) as error:
        raise UnfitTool(f"the document is neither JSON nor YAML: {_short(error)}") from error
    if not isinstance(found, dict):
        raise UnfitTool("the document is no object")
    return found


def manifest(document: Mapping[str, Any], place: str) -> str | None:
    """Return where the OpenAPI document of a manifest is; None if it is no manifest.

    Raises `UnfitTool` for one whose API or login we do not speak.
    """
    api, login = document.get("api"), document.get("auth")
    if not isinstance(api, Mapping) or "name_for_model" not in document:
        return None
    if api.get("type") != "openapi" or not isinstance(api.get("url"), str):
        raise UnfitTool("its manifest names no OpenAPI document")
    kind = login.get("type") if isinstance(login, Mapping) else "none"
    if kind not in ("none", "service_http", "user_http"):
        raise UnfitTool(f"its manifest wants a login by {kind}, which Vouch does not do")
    return urljoin(place, str(api["url"]))


def operations(document: Mapping[str, Any], place: str) -> list[Operation]:
    """Return the operations of a document that stands at `place`, a URL or empty for a file.

    One that needs what is not JSON is left out. Raises `UnfitTool` if none is left.
    """
    version = str(document.get("openapi", ""))
    if not version.startswith("3."):
        raise UnfitTool(f"it is no OpenAPI 3 document (openapi: {version or 'missing'})")
    found: dict[str, Operation] = {}
    for path, method, item, given in _each(document):
        operation = _operation(document, place, (path, method, item, given), found.keys())
        if operation is not None and len(found) < MOST:
            found[operation.schema["name"]] = operation
    if not found:
        raise UnfitTool("its document has no operation that takes and gives JSON")
    return list(found.values())


def key(document: Mapping[str, Any]) -> Key:
    """Return where the first scheme of security that we speak wants the key."""
    schemes = _mapping(_mapping(document.get("components")).get("securitySchemes"))
    for given in schemes.values():
        scheme = _followed(document, given)
        place = str(scheme.get("in"))
        if scheme.get("type") == "apiKey" and place in ("header", "query"):
            return Key(place, str(scheme.get("name")))
        if scheme.get("type") == "http":
            return Key()
    return Key()


def _each(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any], Any]]:
    for path, given in _mapping(document.get("paths")).items():
        item = _followed(document, given)
        for method in _METHODS:
            if isinstance(item.get(method), Mapping):
                yield str(path), method, item, item[method]


def _operation(
    document: Mapping[str, Any],
    place: str,
    found: tuple[str, str, Mapping[str, Any], Mapping[str, Any]],
    taken: Any,
) -> Operation | None:
    path, method, item, given = found
    properties: dict[str, Any] = {}
    places: dict[str, str] = {}
    required: list[str] = []
    for parameter in _parameters(document, item, given):
        where, name = str(parameter.get("in")), str(parameter.get("name"))
        needed = bool(parameter.get("required")) or where == "path"
        unsendable = where not in ("path", "query", "header") or name.lower() in _OURS
        if unsendable or "schema" not in parameter or name == "body":
            if needed and name.lower() not in _OURS:
                return None
            continue
        places[name] = where
        properties[name] = _part(parameter["schema"], parameter.get("description"))
        required += [name] if needed else []
    body = _followed(document, given.get("requestBody"))
    if body:
        content = _json_body(body)
        if content is None and body.get("required"):
            return None
        if content is not None:
            properties["body"] = _part(content, body.get("description"))
            required += ["body"] if body.get("required") else []
    named = {"type": "object", "properties": properties, "required": required}
    name = _free(legal_name(str(given.get("operationId") or f"{method}_{path}")), taken)
    told = {
        "name": name,
        "description": noted(
            given.get("summary") or given.get("description") or f"{method} {path}"
        ),
        "parameters": fitted(named, document),
    }
    server = _server(document, item, given, place)
    return Operation(told, method.upper(), server, path, places, "body" in properties)


def _parameters(
    document: Mapping[str, Any], item: Mapping[str, Any], given: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """Return the parameters of an operation; they stand before those of its path."""
    told: dict[tuple[Any, Any], Mapping[str, Any]] = {}
    for holder in (item, given):
        listed = holder.get("parameters")
        for one in listed if isinstance(listed, list) else []:
            parameter = _followed(document, one)
            told[parameter.get("name"), parameter.get("in")] = parameter
    return list(told.values())


def _json_body(body: Mapping[str, Any]) -> Any:
    for media, content in _mapping(body.get("content")).items():
        plain = str(media).partition(";")[0].strip().lower()
        if plain == "application/json" or plain.endswith("+json"):
            return _mapping(content).get("schema", {})
    return None


def _part(given: Any, note: Any) -> Any:
    """Return the schema of a parameter with the parameter's own description."""
    return {**_mapping(given), "description": note} if note else given


def _server(
    document: Mapping[str, Any], item: Mapping[str, Any], given: Mapping[str, Any], place: str
) -> str:
    for holder in (given, item, document):
        listed = holder.get("servers")
        if isinstance(listed, list) and listed:
            first = _mapping(listed[0])
            url = str(first.get("url", ""))
            for name, variable in _mapping(first.get("variables")).items():
                url = url.replace(f"{{{name}}}", str(_mapping(variable).get("default", "")))
            return _absolute(urljoin(place, url))
    return _absolute(urljoin(place, "/"))


def _absolute(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise UnfitTool(f"its document names no server that can be called ({url[:80] or 'none'})")
    return url.rstrip("/")


def _free(name: str, taken: Any) -> str:
    return next(
        free for free in (name, *(f"{name}_{n}" for n in range(2, 1000))) if free not in taken
    )


def _followed(document: Mapping[str, Any], given: Any) -> Mapping[str, Any]:
    """Return an object, or that which its $ref points at."""
    for _ in range(8):
        if not isinstance(given, Mapping) or not isinstance(given.get("$ref"), str):
            break
        given = resolve(document, given["$ref"])
    return _mapping(given)


def _mapping(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


def _yaml(text: str) -> Any:
    import yaml  # type: ignore[import-untyped]

    class Plain(yaml.SafeLoader):  # type: ignore[misc]
        """Aliases are refused: a short text with them can stand for one without end."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.events.AliasEvent):
                raise ValueError("it has aliases")
            return super().compose_node(parent, index)

    try:
        return yaml.load(text, Plain)
    except yaml.YAMLError as error:
        raise ValueError(_short(error)) from error


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
