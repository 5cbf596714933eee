"""The HTTP service: chat completions, questions as events, models, health and the OpenAPI page."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from hashlib import sha256
from time import monotonic
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from agents.events import Entry
from app.wire import EngineFault
from retrieval.errors import UserError
from ui.escape import one_line
from ui.house_port import House, Item, read_entries
from ui.serve import completions
from ui.serve.answers import Ascii, fault, form, line
from ui.serve.forms import (
    MODEL,
    Completed,
    Completion,
    Faults,
    Health,
    ModelLine,
    Models,
    Question,
)
from ui.serve.gate import Gate, Rate, asker
from ui.serve.working import Done, Followed
from ui.summary import Summary, as_json, summarize

KEEP_ALIVE = 10.0
"""Seconds of silence after which a stream says that it is still there."""

EVENTS = "text/event-stream"
_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": Faults, "description": "The request cannot be carried out as it is."},
    401: {"model": Faults, "description": "The API key is missing or wrong."},
    403: {"model": Faults, "description": "The host or origin may not ask."},
    404: {"model": Faults, "description": "There is no such model."},
    413: {"model": Faults, "description": "The request is too large."},
    429: {"model": Faults, "description": "Too many questions; see Retry-After."},
    503: {"model": Faults, "description": "The question could not be answered."},
}
_SENT = {
    "type": "object",
    "required": ["data"],
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
}
_STREAMED = {"content": {EVENTS: {"schema": _SENT}}}
_ABOUT = (
    "Answers questions with sources: every claim is checked against exact quotes before the answer"
    " is sent. No word of an unchecked draft leaves the service."
)


def build(
    house: House,
    *,
    key: str = "",
    rate: Rate | None = None,
    hosts: tuple[str, ...] = (),
    pause: float = KEEP_ALIVE,
    clock: Callable[[], float] = time.time,
    version: str = "",
) -> FastAPI:
    """Return the service over an engine; `clock` gives UTC in seconds, `hosts` are further names
    by which it may be reached. Its `state.end()` ends whatever is being answered."""
    service = FastAPIOffline(
        title="Vouch", description=_ABOUT, version=version or "0", default_response_class=Ascii
    )
    followed = Followed(house, pause)
    service.include_router(_Routes(followed, pause, clock).router())
    service.state.end = followed.end
    service.add_exception_handler(RequestValidationError, _invalid)
    service.add_exception_handler(HTTPException, _refused)
    service.add_exception_handler(UserError, _mendable)
    service.add_exception_handler(EngineFault, _failed)
    service.add_exception_handler(Exception, _broken)
    service.add_middleware(Gate, key=key, rate=rate or Rate(60), hosts=hosts)
    _describe(service)
    return service


class _Routes:
    """The paths of the service."""

    def __init__(self, followed: Followed, pause: float, clock: Callable[[], float]) -> None:
        self._followed = followed
        self._pause = pause
        self._clock = clock

    def router(self) -> APIRouter:
        router = APIRouter()
        keyed = [Security(HTTPBearer(auto_error=False, description="serve.api_key"))]
        router.get("/health", response_model=Health, responses={403: _ERRORS[403]})(self.health)
        few: dict[int | str, dict[str, Any]] = {code: _ERRORS[code] for code in (401, 403)}
        router.get("/v1/models", response_model=Models, dependencies=keyed, responses=few)(
            self.models
        )
        told = {**_ERRORS, 200: {"model": Completed, **_STREAMED}}
        router.post("/v1/chat/completions", dependencies=keyed, responses=told)(self.complete)
        events = {**_ERRORS, 200: {**_STREAMED, "description": "The events of the run."}}
        del events[404]
        streamed = StreamingResponse
        router.post("/v1/ask", response_class=streamed, dependencies=keyed, responses=events)(
            self.ask
        )
        return router

    async def health(self) -> Health:
        """Say that the service is up."""
        return Health()

    async def models(self) -> Models:
        """List the one model there is: whichever the settings name, behind the whole loop."""
        return Models(data=[ModelLine(id=MODEL)])

    async def complete(self, wanted: Completion, request: Request) -> Response:
        """Answer the last user message, as a chat completion.

        With `stream` comments keep the connection alive while it works; then the whole checked
        answer comes as one piece, with its citations as annotations.
        """
        if wanted.model != MODEL:
            said = f"there is no model {one_line(wanted.model, 60)!r}; the one here is {MODEL!r}"
            return fault(404, said, "model_not_found", param="model")
        params = completions.asked(wanted.messages) | completions.scoped(wanted.vouch)
        params["session"] = _session(request)
        if not wanted.stream:
            summary = await self._answer(params, request)
            return Ascii(completions.completed(summary, int(self._clock())).model_dump())
        usage = wanted.stream_options is not None and wanted.stream_options.include_usage
        return StreamingResponse(self._chunks(params, usage), media_type=EVENTS)

    async def ask(self, wanted: Question, request: Request) -> StreamingResponse:
        """Answer a question as server-sent events.

        `event: entry` brings the steps as they happen, `working` what it is busy with, `queued`
        the place in the queue, `answer` the checked answer (last), `error` a fault (last).
        """
        params = completions.scoped(wanted) | {"question": wanted.question}
        params["history"] = [exchange.model_dump() for exchange in wanted.history]
        params["session"] = _session(request)
        return StreamingResponse(self._events(params), media_type=EVENTS)

    async def _answer(self, params: Item, request: Request) -> Summary:
        async with aclosing(self._follow(params)) as told:
            async for item in told:
                if isinstance(item, Done):
                    return await self._summary(item)
                if await request.is_disconnected():
                    break
        raise EngineFault("The reader went away before the answer.")

    def _follow(self, params: Item) -> AsyncGenerator[Item | Done | None, None]:
        return self._followed.follow("ask", params)

    async def _summary(self, done: Done) -> Summary:
        """Return the answered run; `EngineFault` if it ended without an answer."""
        shown = self._followed.follow("show", {"run": done.result["run"]})
        told = [item["entry"] async for item in shown if isinstance(item, dict) and "entry" in item]
        entries: list[Entry] = read_entries(told)
        summary = summarize(entries)
        if summary.answer is None:
            raise EngineFault(f"The run {summary.run} ended without an answer: {summary.because}.")
        return summary

    async def _chunks(self, params: Item, usage: bool) -> AsyncIterator[str]:
        head = {"object": "chat.completion.chunk", "created": int(self._clock()), "model": MODEL}
        name = ""
        try:
            yield _chunk(head, "chatcmpl-0", {"role": "assistant", "content": ""}, None)
            said = monotonic()
            async for item in self._follow(params):
                if not isinstance(item, Done):
                    # Steps are not told here, so a busy run is as silent as an idle one.
                    if monotonic() - said >= self._pause:
                        said = monotonic()
                        yield ": working\n\n"
                    continue
                summary = await self._summary(item)
                name = completions.identifier(summary.run)
                cited = [cited.model_dump() for cited in completions.annotations(summary)]
                delta = {"content": completions.content(summary), "annotations": cited}
                yield _chunk(head, name, delta, None)
                yield _chunk(head, name, {}, "stop", vouch=as_json(summary))
                if usage:
                    spent = completions.completed(summary, 0).usage.model_dump()
                    yield _data({**head, "id": name, "choices": [], "usage": spent})
                yield "data: [DONE]\n\n"
        except (UserError, EngineFault) as error:
            yield _data(form(_status(error), str(error), "failed").model_dump())

    async def _events(self, params: Item) -> AsyncIterator[str]:
        try:
            async for item in self._follow(params):
                match item:
                    case None:
                        yield ": working\n\n"
                    case Done():
                        yield _event("answer", as_json(await self._summary(item)))
                    case {"entry": entry}:
                        yield _event("entry", entry)
                    case {"working": working}:
                        yield _event("working", working)
                    case {"queued": place}:
                        yield _event("queued", {"place": place})
        except (UserError, EngineFault) as error:
            yield _event("error", form(_status(error), str(error), "failed").model_dump())


def _chunk(head: Item, id: str, delta: Item, finish: str | None, **more: Any) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return _data({**head, "id": id, "choices": [choice], **more})


def _data(value: Any) -> str:
    return f"data: {line(value)}\n\n"


def _event(name: str, value: Any) -> str:
    return f"event: {name}\ndata: {line(value)}\n\n"


def _session(request: Request) -> str:
    """Name who asks to the engine, so that those who ask take turns."""
    name = asker(request.headers, request.client.host if request.client else "")
    return f"http-{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _status(error: Exception) -> int:
    return 400 if isinstance(error, UserError) else 503


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return fault(400, "the body is no JSON", "invalid_request")
    if first["loc"] == ("body",):
        cure = "send one with Content-Type: application/json"
        return fault(400, f"the body is no JSON object; {cure}", "invalid_request")
    place = ".".join(_named(first["loc"]))
    return fault(400, f"{place}: {first['msg']}", "invalid_request", param=place)


def _named(place: Sequence[int | str]) -> list[str]:
    """Return the steps to a field, without those that name a form of it."""
    return [str(step) for step in place[1:] if isinstance(step, int) or step.isidentifier()]


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return fault(404, f"there is no path {request.url.path}; see /docs", "not_found")
    return fault(error.status_code, str(error.detail), "refused", headers=error.headers)


def _mendable(request: Request, error: Exception) -> Response:
    return fault(400, str(error), "invalid_request")


def _failed(request: Request, error: Exception) -> Response:
    return fault(503, str(error), "unavailable")


def _broken(request: Request, error: Exception) -> Response:
    return fault(500, "the service failed on this; what it prints says where", "failed")


def _describe(service: FastAPI) -> None:
    """Take the framework's own form of a refused request out of the page: ours has status 400."""
    described = service.openapi()
    for path in described["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
    for name in ("HTTPValidationError", "ValidationError"):
        described["components"]["schemas"].pop(name, None)
    service.openapi_schema = described
