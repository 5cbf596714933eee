"""JSON responses of the service: exact for any text, and errors in OpenAI's form."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse

from ui.serve.forms import Fault, Faults

_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class Ascii(JSONResponse):
    """JSON in ASCII: a lone surrogate in a text from outside is escaped instead of failing."""

    def render(self, content: Any) -> bytes:
        return line(content).encode()


def line(content: Any) -> str:
    """Write JSON on one line, in ASCII."""
    return json.dumps(content, ensure_ascii=True, separators=(",", ":"))


def form(status: int, message: str, code: str, param: str | None = None) -> Faults:
    """Return an error in OpenAI's form."""
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    return Faults(error=Fault(message=message, type=kind, param=param, code=code))


def fault(
    status: int,
    message: str,
    code: str,
    *,
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Ascii:
    """Return the response of an error."""
    content = form(status, message, code, param).model_dump()
    return Ascii(content, status_code=status, headers=dict(headers or {}))
