"""OpenAPI documents and manifests as plugins: a real service on loopback, called over HTTP."""

import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest
import uvicorn
from fastapi import FastAPI, Header, HTTPException, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from plugins.grants import Grant
from plugins.openapi import Key, key, manifest, operations, parsed
from plugins.opening import Ways, asked
from plugins.registry import Registry, load
from plugins.schema import UnfitTool
from plugins.sources import Places, find
from plugins.tools import Permissions
from retrieval.web.types import CouldNotFetch, Fetched

pytestmark = pytest.mark.slow

TOKEN = "hunter2"


class Mill(BaseModel):
    """A tide mill."""

    name: str = Field(description="what it is called")
    megawatts: float | None = None
    tags: list[str] = []


def service() -> FastAPI:
    """A service with the ways in which APIs take their arguments."""
    app = FastAPI(title="Mills", version="1")

    @app.get("/mills/{name}", operation_id="get_mill")
    def get_mill(
        name: str,
        year: Annotated[int, Query(description="which year")],
        unit: Annotated[list[str] | None, Query()] = None,
        x_place: Annotated[str | None, Header()] = None,
    ) -> dict[str, Any]:
        """Look a mill up."""
        return {"name": name, "year": year, "unit": unit, "place": x_place}

    @app.post("/mills", operation_id="add.mill/new", status_code=201)
    def add_mill(mill: Mill) -> dict[str, Any]:
        return {"added": mill.name, "tags": mill.tags}

    @app.get("/teapot")
    def teapot() -> None:
        raise HTTPException(418, "short and stout")

    @app.get("/away", response_class=RedirectResponse)
    def away() -> RedirectResponse:
        return RedirectResponse("http://127.0.0.2:1/elsewhere")

    @app.get("/text", response_class=PlainTextResponse)
    def text() -> str:
        return "plain " * 5_000

    @app.get("/picture")
    def picture() -> Response:
        return Response(b"\x89PNG", media_type="image/png")

    @app.get("/who")
    def who(request: Request) -> JSONResponse:
        return JSONResponse({"login": request.headers.get("authorization")})

    @app.get("/.well-known/ai-plugin.json", include_in_schema=False)
    def ai_plugin() -> dict[str, Any]:
        return MANIFEST

    return app


MANIFEST = {
    "schema_version": "v1",
    "name_for_human": "Mills",
    "name_for_model": "mills",
    "description_for_model": "Tide mills.",
    "auth": {"type": "none"},
    "api": {"type": "openapi", "url": "/openapi.json"},
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of the service."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(service(), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


class Loopback:
    """Sends over loopback; notes what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        trusted: bool = False,
    ) -> Fetched:
        assert trusted
        self.asked.append(url)
        body = None if json is None else globals()["json"].dumps(json).encode()
        told = {**(headers or {}), **({"Content-Type": "application/json"} if body else {})}
        request = urllib.request.Request(url, body, told, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return _fetched(url, answer)
        except urllib.error.HTTPError as error:
            return _fetched(url, error)
        except OSError as error:
            raise CouldNotFetch(f"{url} cannot be reached.", "unreachable") from error


def _fetched(url: str, answer: Any) -> Fetched:
    media = answer.headers.get_content_type()
    charset = answer.headers.get_content_charset() or ""
    return Fetched(url, answer.url, answer.status, media, charset, answer.read())


@pytest.fixture
def sender() -> Loopback:
    return Loopback()


def _load(line: str, sender: Loopback, *hosts: str, token: str = "") -> Registry:
    name, _, place = line.partition("=")
    grant = Grant(f"api {place}", Permissions(hosts=frozenset(hosts)))
    tokens = {name: token} if token else {}
    ways = Ways(sender=sender, tokens=tokens)
    return load([name], (), places=Places(apis=(line,)), grants={name: grant}, ways=ways)


@pytest.fixture
def mills(address: str, sender: Loopback) -> Registry:
    tools = _load(f"mills={address}/openapi.json", sender, "127.0.0.1")
    assert tools.failures == ()
    return tools


def test_operations_are_tools(mills: Registry) -> None:
    assert {"get_mill", "add_mill_new"} <= set(mills.names())
    told = mills.tools["get_mill"].schema
    assert told["parameters"]["required"] == ["name", "year"]
    assert told["parameters"]["properties"]["year"] == {
        "type": "integer",
        "description": "which year",
    }
    body = mills.tools["add_mill_new"].schema["parameters"]["properties"]["body"]
    assert body["required"] == ["name"]
    assert body["properties"]["megawatts"] == {"anyOf": [{"type": "number"}, {"type": "null"}]}
    assert set(mills.outgoing()) == set(mills.names())


def test_arguments_go_where_they_belong(mills: Registry, sender: Loopback) -> None:
    values = {"name": "La Rance é?", "year": 1966, "unit": ["m", "ft"], "x-place": "Brittany"}
    result = mills.call("get_mill", json.dumps(values))
    assert result.data == {
        "name": "La Rance é?",
        "year": 1966,
        "unit": ["m", "ft"],
        "place": "Brittany",
    }
    assert mills.call("get_mill", '{"name": "../../admin", "year": 1}').failed
    assert sender.asked[-1].endswith("/mills/..%2F..%2Fadmin?year=1")
    plain = mills.call("get_mill", '{"name": "Rance", "year": 1966}')
    assert plain.data == {"name": "Rance", "year": 1966, "unit": None, "place": None}
    added = mills.call("add_mill_new", '{"body": {"name": "Rance", "tags": ["tide"]}}')
    assert added.data == {"added": "Rance", "tags": ["tide"]}


def test_answers_of_other_kinds(mills: Registry) -> None:
    names = mills.names()
    text = mills.call(next(n for n in names if n.startswith("text")), "{}")
    assert text.text.startswith("plain plain")
    assert len(text.text) == mills.tools[names[0]].cap
    picture = mills.call(next(n for n in names if n.startswith("picture")), "{}")
    assert picture.text == "[image/png, 4 bytes]"
    teapot = mills.call(next(n for n in names if n.startswith("teapot")), "{}")
    assert teapot.failed
    assert "418" in teapot.text
    assert "short and stout" in teapot.text


@pytest.mark.parametrize("name", ["..", ".", ""])
def test_an_argument_does_not_change_the_path(mills: Registry, name: str, sender: Loopback) -> None:
    before = len(sender.asked)
    result = mills.call("get_mill", json.dumps({"name": name, "year": 1}))
    assert result.failed
    assert len(sender.asked) == before


def test_nothing_is_called_that_was_not_granted(address: str, sender: Loopback) -> None:
    line = f"mills={address}/openapi.json"
    refused = _load(line, sender)
    assert refused.names() == ()
    assert "the host 127.0.0.1" in refused.failures[0].because
    source = find(Places(apis=(line,)), ()).sources["mills"]
    assert asked(source, Ways(sender=sender)).hosts == {"127.0.0.1"}


def test_a_service_that_cannot_be_reached_fails_the_call(mills: Registry) -> None:
    away = mills.call(next(n for n in mills.names() if n.startswith("away")), "{}")
    assert away.failed
    assert "\n" not in away.text


def test_a_key_goes_along_and_is_never_shown(address: str, sender: Loopback) -> None:
    tools = _load(f"mills={address}/openapi.json", sender, "127.0.0.1", token=TOKEN)
    who = tools.call(next(n for n in tools.names() if n.startswith("who")), "{}")
    assert who.text == '{"login": "Bearer ***"}'
    assert TOKEN not in repr(tools.tools)


def test_a_manifest_leads_to_its_document(address: str, sender: Loopback, tmp_path: Path) -> None:
    tools = _load(f"chat={address}/.well-known/ai-plugin.json", sender, "127.0.0.1")
    assert tools.failures == ()
    assert tools.call("get_mill", '{"name": "Rance", "year": 1966}').data["name"] == "Rance"
    api = {"type": "openapi", "url": f"{address}/openapi.json"}
    path = tmp_path / "ai-plugin.json"
    path.write_text(json.dumps({**MANIFEST, "api": api}))
    assert "get_mill" in _load(f"file={path}", sender, "127.0.0.1").names()


YAML = """
openapi: 3.1.0
servers:
  - url: "https://{region}.example.org/v1/"
    variables: {region: {default: eu}}
paths:
  /things/{id}:
    parameters:
      - {$ref: "#/components/parameters/id"}
    get: {summary: Get one, parameters: [{name: id, in: path, schema: {type: integer}}]}
    delete:
      parameters: [{name: session, in: cookie, required: true, schema: {}}]
    put:
      requestBody:
        required: true
        content: {multipart/form-data: {schema: {}}}
    post:
      requestBody: {$ref: "#/components/requestBodies/thing"}
components:
  parameters:
    id: {name: id, in: path, schema: {type: string}, description: which}
  requestBodies:
    thing:
      required: true
      content:
        application/vnd.thing+json: {schema: {$ref: "#/components/schemas/thing"}}
  schemas:
    thing: {type: object, properties: {id: {type: string}}}
  securitySchemes:
    key: {type: apiKey, in: query, name: api_key}
"""


def test_a_document_in_yaml_with_references() -> None:
    document = parsed(YAML.encode())
    found = {one.schema["name"]: one for one in operations(document, "")}
    assert found.keys() == {"get_things_id", "post_things_id"}
    assert found["get_things_id"].server == "https://eu.example.org/v1"
    # The parameter of the operation stands before that of its path.
    properties = found["get_things_id"].schema["parameters"]["properties"]
    assert properties == {"id": {"type": "integer"}}
    body = found["post_things_id"].schema["parameters"]["properties"]["body"]
    assert body == {"type": "object", "properties": {"id": {"type": "string"}}}
    assert key(document) == Key("query", "api_key")


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "no object"),
        ("{", "neither JSON nor YAML"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("swagger: '2.0'", "no OpenAPI 3"),
        ("openapi: 3.0.0\nservers: [{url: https://x.org}]", "no operation"),
        ("openapi: 3.0.0\npaths: {/a: {get: {}}}", "no server"),
        ("openapi: 3.0.0\nservers: [{url: 'file:///etc'}]\npaths: {/a: {get: {}}}", "no server"),
        ("openapi: 3.0.0\nservers: [{url: 'http://u:p@h'}]\npaths: {/a: {get: {}}}", "no server"),
    ],
)
def test_a_document_that_is_none_says_why(text: str, because: str) -> None:
    with pytest.raises(UnfitTool, match=because):
        operations(parsed(text.encode()), "")


def test_a_manifest_with_a_login_that_we_do_not_do() -> None:
    with pytest.raises(UnfitTool, match="login by oauth"):
        manifest({**MANIFEST, "auth": {"type": "oauth"}}, "")
    assert manifest({"openapi": "3.0.0"}, "") is None
