"""Settings of the web: search engines, and what the one door to the network lets through."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, SecretStr, field_validator

from app.options_base import Section
from retrieval.web.canonical import begins
from retrieval.web.rules import Rules

if TYPE_CHECKING:
    from retrieval.web.search.choice import SearchOptions

_Engine = Literal["searxng", "duckduckgo", "wikipedia", "brave", "tavily"]
_Host = Annotated[str, Field(min_length=1)]


class WebSettings(Section):
    """Whether questions may be looked up on the web, and how. Nothing is asked of anybody until
    search engines are named."""

    search: tuple[_Engine, ...] = Field(
        default=(),
        description="Search engines in the order in which they are asked; none keeps the web shut.",
        json_schema_extra={
            "allowed": "searxng, duckduckgo, wikipedia, brave, tavily, with commas between them"
        },
    )
    sources: Literal["auto", "library", "web", "both"] = Field(
        default="auto", description="Where questions are looked up; auto goes by the question."
    )
    fuse: bool = Field(default=False, description="Ask all search engines and fuse what they find.")
    searxng: str = Field(
        default="",
        description="Address of a SearXNG instance with its JSON format on.",
        json_schema_extra={"allowed": "empty, or an http or https address (no user, no query)"},
    )
    brave_key: SecretStr = Field(
        default=SecretStr(""), description="Key of the Brave Search API; never shown."
    )
    tavily_key: SecretStr = Field(
        default=SecretStr(""), description="Key of the Tavily API; never shown."
    )
    wikipedia_language: str = Field(
        default="auto",
        pattern=r"^(auto|[a-z][a-z-]{1,11})$",
        description="Which Wikipedia is searched; auto goes by the question.",
        json_schema_extra={"allowed": "auto, or a language code such as en"},
    )
    contact: str = Field(
        default="",
        max_length=200,
        description="Address or page that sites are told for complaints, in the User-Agent.",
    )
    private: tuple[_Host, ...] = Field(
        default=(),
        description="Hosts of private networks that may be reached, as name or name:port.",
        json_schema_extra={"allowed": "names or addresses with commas between them, no patterns"},
    )
    offline: bool = Field(
        default=False, description="Reach nothing but this machine, whatever else is set."
    )
    seconds: float = Field(
        default=20.0, gt=0, allow_inf_nan=False, description="Longest that a page may take."
    )
    per_host_seconds: float = Field(
        default=1.0, ge=0, allow_inf_nan=False, description="Pause between two pages of a host."
    )
    cache_seconds: float = Field(
        default=3600.0,
        ge=0,
        allow_inf_nan=False,
        description="How old a page that was read may be to be read again from the disk.",
    )
    cache_bytes: int = Field(
        default=2_000_000_000, ge=0, description="Room for pages on the disk; the oldest go first."
    )

    @field_validator("private")
    @classmethod
    def _hosts(cls, private: tuple[str, ...]) -> tuple[str, ...]:
        return Rules(private=private).private

    @field_validator("contact")
    @classmethod
    def _sendable(cls, contact: str) -> str:
        return Rules(contact=contact).contact

    @field_validator("searxng")
    @classmethod
    def _plain(cls, address: str) -> str:
        if address and not begins(address):
            raise ValueError("it is no plain address")
        return address

    def rules(self) -> Rules:
        """What the door lets through."""
        return Rules(
            contact=self.contact,
            private=self.private,
            offline=self.offline,
            seconds=self.seconds,
            per_host_seconds=self.per_host_seconds,
            cache_seconds=self.cache_seconds,
        )

    def engines(self) -> "SearchOptions":
        """What the search engines need."""
        from retrieval.web.search.choice import SearchOptions

        return SearchOptions(
            searxng=self.searxng,
            brave_key=self.brave_key.get_secret_value(),
            tavily_key=self.tavily_key.get_secret_value(),
            wikipedia_language=self.wikipedia_language,
            offline=self.offline,
        )
