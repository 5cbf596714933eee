"""Any chat model of LangChain, by an `init_chat_model` name or as an object."""

import importlib
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, assert_never

from agents.models.base import (
    Cancel,
    Capabilities,
    Message,
    ModelLost,
    Piece,
    Reply,
    Sampling,
    check_adapters,
)
from agents.models.pump import Pump
from agents.models.stream import Finish
from retrieval.errors import UserError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

_FAMILIES = (
    ("httpx", "HTTPError"),
    ("openai", "OpenAIError"),
    ("anthropic", "AnthropicError"),
    ("google.api_core.exceptions", "GoogleAPIError"),
    ("botocore.exceptions", "BotoCoreError"),
    ("requests", "RequestException"),
    ("ollama", "ResponseError"),
)
"""Where the packages behind LangChain root their own errors."""


class LangChainModel:
    """`model` is a name such as "openai:gpt-5-mini" or a chat model; a name is looked up with the
    first reply. `context` is its window in tokens, which LangChain does not tell.

    Errors beside those of `Model`: `UserError` when the name means nothing or its package is
    missing.
    """

    def __init__(
        self, model: "str | BaseChatModel", *, name: str = "", context: int = 8192
    ) -> None:
        self._name = name or (model if isinstance(model, str) else type(model).__name__)
        self._model = model
        self._capabilities = Capabilities(context=context)

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def close(self) -> None:
        """Nothing is held between replies."""

    def reply(
        self, messages: Sequence[Message], sampling: Sampling, cancel: Cancel | None = None
    ) -> Iterator[Piece | Reply]:
        """Stream a reply; see `Model.reply`. No grammar is enforced."""
        check_adapters(self, (sampling,))
        chat, turns = self._chat(), [_turn(message) for message in messages]
        options: dict[str, Any] = {"temperature": sampling.temperature}
        if sampling.top_p < 1:
            options["top_p"] = sampling.top_p
        start = first = time.perf_counter()
        text, total = "", None
        pump = Pump(
            chat.stream(
                turns, stop=list(sampling.stop) or None, max_tokens=sampling.max_tokens, **options
            ),
            cancel,
        )
        try:
            for chunk in pump:
                total = chunk if total is None else total + chunk
                piece = str(chunk.text)
                first = first if text else time.perf_counter()
                text += piece
                if piece:
                    yield Piece(piece)
        except _failures() as error:
            raise ModelLost(f"the model {self._name} is lost: {_sentence(error)}") from error
        yield _whole(text, total, pump.cancelled, first - start, time.perf_counter() - first)

    def _chat(self) -> "BaseChatModel":
        if not isinstance(self._model, str):
            return self._model
        from langchain.chat_models import init_chat_model

        try:
            self._model = init_chat_model(self._model)
        except (ImportError, ValueError) as error:
            what = f"LangChain cannot make the model {self._name!r}: {_sentence(error)}"
            cure = "write it as provider:model and install LangChain's package for that provider"
            raise UserError(what, origin="setting model.name", cure=cure) from None
        except _failures() as error:
            what = f"the model {self._name!r} cannot be used: {_sentence(error)}"
            raise UserError(what, origin="setting model.name") from None
        return self._model


def _turn(message: Message) -> "BaseMessage":
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    match message.role:
        case "system":
            return SystemMessage(message.content)
        case "user":
            return HumanMessage(message.content)
        case "assistant":
            return AIMessage(message.content)
        case _:
            assert_never(message.role)


def _whole(text: str, total: Any, cancelled: bool, reading: float, writing: float) -> Reply:
    usage = getattr(total, "usage_metadata", None) or {}
    told = getattr(total, "response_metadata", None) or {}
    read = int(usage.get("input_tokens", 0))
    cached = int((usage.get("input_token_details") or {}).get("cache_read", 0))
    ending = str(told.get("finish_reason") or told.get("stop_reason") or "")
    cut = ending in ("length", "max_tokens", "MAX_TOKENS")
    written = int(usage.get("output_tokens", 0))
    finish: Finish = "cancelled" if cancelled else "length" if cut else "stop"
    return Reply(text, finish, read, read - cached, written, reading, writing)


def _failures() -> tuple[type[BaseException], ...]:
    """The errors that mean a provider failed, of those packages that are loaded."""
    found: list[type[BaseException]] = [OSError]
    for module, name in _FAMILIES:
        if module in sys.modules:
            found.append(getattr(importlib.import_module(module), name))
    return tuple(found)


def _sentence(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")[:300]
