"""Settings of the faces, and of the database that all of them share."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, SecretStr

from app.options_base import Section

_Name = Annotated[str, Field(min_length=1, pattern=r"^[^,\s]+$")]
_NAMES: dict[str, JsonValue] = {"allowed": "names with commas between them"}
_Port = Annotated[int, Field(ge=0, le=65535)]


class DatabaseSettings(Section):
    """Where everything that is told is kept."""

    url: SecretStr = Field(
        default=SecretStr(""),
        description="postgresql+psycopg://user:password@host/name; empty for a file in the home.",
    )


class ChatSettings(Section):
    """The chat page."""

    host: str = Field(
        default="127.0.0.1", min_length=1, description="Address that the page listens on."
    )
    port: _Port = Field(default=8501, description="Port of the page; 0 takes a free one.")
    language: Literal["auto", "en", "zh"] = Field(
        default="auto", description="Language of the interface; auto takes the browser's."
    )


class SlackSettings(Section):
    """The Slack bot."""

    mode: Literal["socket", "http"] = Field(
        default="socket", description="Socket Mode, or HTTP requests with signatures."
    )
    bot_token: SecretStr = Field(
        default=SecretStr(""), description="Token that begins with xoxb-; never shown."
    )
    app_token: SecretStr = Field(
        default=SecretStr(""), description="Token that begins with xapp-, for Socket Mode."
    )
    signing_secret: SecretStr = Field(
        default=SecretStr(""), description="Secret that HTTP requests are signed with."
    )
    api_url: str = Field(
        default="https://slack.com/api/",
        pattern=r"^https?://\S+/$",
        description="Address of Slack's Web API.",
        json_schema_extra={"allowed": "an address that begins with http and ends with /"},
    )
    host: str = Field(
        default="127.0.0.1", min_length=1, description="Address that HTTP mode listens on."
    )
    port: _Port = Field(default=3000, description="Port that HTTP mode listens on.")
    channels: tuple[_Name, ...] = Field(
        default=(),
        description="Ids of the channels to answer in; none means all that invited the bot.",
        json_schema_extra=_NAMES,
    )
    collections: tuple[_Name, ...] = Field(
        default=(),
        description="Collections to answer from; none means all that are not private.",
        json_schema_extra=_NAMES,
    )


class ServeSettings(Section):
    """The HTTP service."""

    host: str = Field(default="127.0.0.1", min_length=1, description="Address it listens on.")
    port: _Port = Field(default=8600, description="Port it listens on; 0 takes a free one.")
    api_key: SecretStr = Field(
        default=SecretStr(""), description="Key that requests must carry; never shown."
    )
    requests_per_minute: int = Field(
        default=60, ge=1, description="Questions that one key may ask in a minute."
    )
