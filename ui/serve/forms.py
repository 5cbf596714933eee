"""The requests and responses of the service, as pydantic models that make up its OpenAPI page.

The chat completion forms follow OpenAI's API reference (platform.openai.com, Chat Completions);
fields that Vouch does not use (temperature, top_p, ...) are taken and left aside.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MODEL = "vouch"
"""The one model name of the service: whichever model the settings name."""

QUESTION = 8_000
"""Characters of a question at most."""

_Name = Annotated[str, Field(min_length=1, max_length=1_000)]
_Names = Annotated[list[_Name], Field(min_length=1, max_length=100)]
_Text = Annotated[str, Field(max_length=100_000)]


class TextPart(BaseModel):
    """A piece of a message's text."""

    type: Literal["text"]
    text: _Text


class Message(BaseModel):
    """One message. System messages are taken and left aside: answers come from quotes alone."""

    role: Literal["system", "developer", "user", "assistant"]
    content: _Text | Annotated[list[TextPart], Field(max_length=100)]

    def text(self) -> str:
        """Return the text of the message."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content)


class Scope(BaseModel):
    """Where to look, and what the run may spend. What is not given comes from the settings.

    Without `collections` all are searched. An empty list is refused: whoever works out a list of
    what may be read, and finds nothing, must not be answered from everything."""

    model_config = ConfigDict(extra="forbid")

    collections: _Names | None = Field(default=None, description="Only these collections.")
    sources: _Names | None = Field(default=None, description="Only these files or folders.")
    tags: _Names | None = Field(default=None, description="Only what has one of these tags.")
    reach: Literal["auto", "library", "web", "both"] | None = Field(
        default=None,
        description="Where to look, as far as the settings open it; auto goes by the question.",
    )
    policy: Literal["auto", "guided", "model"] | None = Field(default=None)
    seconds: float | None = Field(default=None, gt=0, le=86_400, description="Longest run.")
    steps: int | None = Field(default=None, ge=1, le=1_000, description="Most actions.")


class StreamOptions(BaseModel):
    """How an answer is streamed."""

    include_usage: bool = False


class Completion(BaseModel):
    """A chat completion request: the last user message is the question, what stands before it the
    conversation. `vouch` is this service's own extension."""

    model: Annotated[str, Field(max_length=200)] = MODEL
    messages: Annotated[list[Message], Field(min_length=1, max_length=500)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None
    vouch: Scope = Field(default_factory=Scope)


class Exchange(BaseModel):
    """An earlier question of a conversation, and its answer."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, Field(min_length=1, max_length=QUESTION)]
    answer: _Text


class Question(Scope):
    """A question for /v1/ask."""

    question: Annotated[str, Field(min_length=1, max_length=QUESTION)]
    history: Annotated[list[Exchange], Field(max_length=200)] = Field(default_factory=list)


class Fault(BaseModel):
    """What is wrong, in one sentence."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class Faults(BaseModel):
    """An error, in OpenAI's form."""

    error: Fault


class UrlCitation(BaseModel):
    """A citation: characters start_index to end_index of the answer cite this source."""

    start_index: int
    end_index: int
    url: str
    title: str


class Annotation(BaseModel):
    """A citation in the answer; `quote` is the exact passage that it stands for."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation
    quote: str


class Said(BaseModel):
    """The checked answer."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[Annotation]


class Choice(BaseModel):
    """The one choice there is."""

    index: Literal[0] = 0
    message: Said
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class Usage(BaseModel):
    """Tokens that the model read and wrote in the whole run."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completed(BaseModel):
    """A chat completion. `vouch` holds the outcome, quotes, claims with verdicts and the run."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    vouch: dict[str, Any]


class ModelLine(BaseModel):
    """One line of the list of models."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "vouch"


class Models(BaseModel):
    """The list of models."""

    object: Literal["list"] = "list"
    data: list[ModelLine]


class Health(BaseModel):
    """The service is up."""

    status: Literal["ok"] = "ok"
