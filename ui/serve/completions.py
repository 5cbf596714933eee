"""Between OpenAI's chat completions and a run: messages in, checked answer and citations out."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.events import Quoted
from retrieval.errors import UserError
from ui.escape import clean
from ui.house_port import given
from ui.serve.forms import (
    MODEL,
    QUESTION,
    Annotation,
    Choice,
    Completed,
    Message,
    Said,
    Scope,
    UrlCitation,
    Usage,
)
from ui.summary import Summary, as_json

_MARK = re.compile(r"\[(\d+)\]")


def asked(messages: Sequence[Message]) -> dict[str, Any]:
    """Return the question and the exchanges before it as parameters of `ask`.

    Raises `UserError` if the last message is no user's, is empty or too long.
    """
    last = messages[-1]
    if last.role != "user":
        raise UserError("the last message is not the user's", cure="end with a user message")
    question = " ".join(last.text().split())
    if not question:
        raise UserError("the question is empty", cure="write it into the last user message")
    if len(question) > QUESTION:
        raise UserError(
            f"the question has {len(question):,} characters", cure=f"use at most {QUESTION:,}"
        )
    return {"question": question, "history": _exchanges(messages[:-1])}


def scoped(scope: Scope) -> dict[str, Any]:
    """Return what a request says of scope and limits as parameters of `ask`; the settings are the
    bounds of what a program may wish for."""
    fields = ("collections", "sources", "tags", "reach", "policy", "seconds", "steps")
    values = {name: getattr(scope, name) for name in fields}
    return given(**values, bound=True)


def _exchanges(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Pair each user message with the assistant's reply that follows it."""
    exchanges: list[dict[str, str]] = []
    waiting = ""
    for message in messages:
        if message.role == "user":
            waiting = " ".join(message.text().split())
        elif message.role == "assistant" and waiting:
            exchanges.append({"question": waiting, "answer": message.text()})
            waiting = ""
    return exchanges


def completed(summary: Summary, created: int) -> Completed:
    """Return the chat completion of an answered run."""
    assert summary.answer is not None
    usage = Usage(
        prompt_tokens=summary.read,
        completion_tokens=summary.written,
        total_tokens=summary.read + summary.written,
    )
    said = Said(content=content(summary), annotations=annotations(summary))
    return Completed(
        id=identifier(summary.run),
        created=created,
        model=MODEL,
        choices=[Choice(message=said)],
        usage=usage,
        vouch=as_json(summary),
    )


def identifier(run: str) -> str:
    """Return the id of the completion of a run."""
    return f"chatcmpl-{run}"


def content(summary: Summary) -> str:
    """Return the text of the shown answer."""
    return clean(summary.answer.text) if summary.answer else ""


def annotations(summary: Summary) -> list[Annotation]:
    """Return one annotation for each citation mark in the answer, in order."""
    if summary.answer is None:
        return []
    quotes = {quote.number: quote for quote in summary.answer.quotes}
    return [
        _annotation(mark, quotes[int(mark[1])])
        for mark in _MARK.finditer(content(summary))
        if int(mark[1]) in quotes
    ]


def _annotation(mark: re.Match[str], quote: Quoted) -> Annotation:
    citation = UrlCitation(
        start_index=mark.start(),
        end_index=mark.end(),
        url=_address(quote.source),
        title=clean(quote.title or quote.source),
    )
    return Annotation(url_citation=citation, quote=quote.text)


def _address(source: str) -> str:
    """Return a source as a URI: itself if it is one, a file's otherwise."""
    if source.startswith(("http://", "https://")):
        return source
    path = Path(source)
    return path.as_uri() if path.is_absolute() else source
