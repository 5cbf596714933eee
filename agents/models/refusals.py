"""What a model server means by an HTTP error, in one sentence for the person who set it up."""

import json
import re
from dataclasses import dataclass

from agents.models.base import ContextOverflow, ModelError, ModelLost
from retrieval.errors import UserError

OPTIONAL = ("stream_options", "max_tokens", "seed", "temperature", "top_p")
"""Fields of a request that some servers do not know and that a reply can do without."""


@dataclass(slots=True)
class Refusal(Exception):
    """A server's refusal. `meaning` is the error to raise when no other try helps; `busy` asks to
    try again after `wait` seconds (0 when it does not say); `field` should be left out."""

    meaning: Exception
    busy: bool = False
    wait: float = 0.0
    field: str = ""


def read_refusal(
    status: int, body: str, retry_after: str, url: str, model: str, several: bool = False
) -> Refusal:
    """Read an error response of the server at `url`, asked for `model`; `several` when the request
    had the field `n`, which is doubted before anything that the response does not name."""
    said = _said(body)
    if status in (401, 403):
        what = f"the model server at {url} refuses the key (status {status})"
        return Refusal(UserError(what, origin="setting model.api_key", cure="set another key"))
    if status == 404:
        what = f"the model server at {url} has no model {model!r}"
        cure = "set model.name to one that it serves, or mend model.base_url"
        return Refusal(UserError(what, origin="setting model.name", cure=cure))
    if status in (429, 503):
        lost = ModelLost(f"the model server at {url} is busy (status {status}): {said}")
        return Refusal(lost, busy=True, wait=_seconds(retry_after))
    if status >= 500:
        lost = ModelLost(f"the model server at {url} failed (status {status}): {said}")
        return Refusal(lost, field="n" if several else "")
    if "context" in said.lower() and ("exceed" in said.lower() or "maximum" in said.lower()):
        return Refusal(ContextOverflow(f"the prompt does not fit the server's window: {said}"))
    field = next((name for name in OPTIONAL if name in said), "n" if several else "")
    if several and re.search(r"\bn\b", said):
        field = "n"
    refused = f"the model server at {url} refuses the request (status {status}): {said}"
    return Refusal(ModelError(refused), field=field)


def _said(body: str) -> str:
    """The message of an error body, which servers lay out in several ways."""
    try:
        value = json.loads(body)
    except ValueError:
        return body.strip()[:300]
    for key in ("error", "detail", "message"):
        if isinstance(value, dict) and key in value:
            value = value[key]
    return str(value)[:300]


def _seconds(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return 0.0
