"""The settings of plugins: which are on, where they are from, and what a call may take."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from app.options_base import Section

_Named = Annotated[str, Field(pattern=r"^[^,\s=]+\s*=.*\S")]


class PluginSettings(Section):
    """Which plugins a run may call."""

    enabled: tuple[Annotated[str, Field(min_length=1, pattern=r"^[^,\s]+$")], ...] = Field(
        default=("calculator",),
        description="Names of the plugins that may be called.",
        json_schema_extra={"allowed": "names with commas between them"},
    )
    folder: str = Field(
        default="", description="Folder of Python files that are plugins; empty for none."
    )
    tables: tuple[Annotated[str, Field(min_length=1, pattern=r"^[^,]+$")], ...] = Field(
        default=(),
        description="Folders whose CSV, XLSX and SQLite files the plugin tables may ask with SQL.",
        json_schema_extra={"allowed": "folders with commas between them"},
    )
    mcp: tuple[_Named, ...] = Field(
        default=(),
        description="MCP servers: a name, =, and a command line or the URL of the server.",
        json_schema_extra={"allowed": "NAME=ADDRESS, with commas between several"},
    )
    openapi: tuple[_Named, ...] = Field(
        default=(),
        description="HTTP services: a name, =, and the file or URL of its OpenAPI document or "
        "ai-plugin.json.",
        json_schema_extra={"allowed": "NAME=ADDRESS, with commas between several"},
    )
    tokens: SecretStr = Field(
        default=SecretStr(""),
        description="Keys of servers and services, as NAME=KEY with spaces between them; never "
        "shown.",
    )
    seconds: float = Field(
        default=30.0, gt=0, le=3600, allow_inf_nan=False, description="Longest call, in seconds."
    )
    memory: int = Field(
        default=2048, ge=128, description="Memory that a plugin's process may take, in MiB."
    )

    def place(self, home: Path) -> Path | None:
        """The folder of plugins; one that is relative stands in the home."""
        return home / Path(self.folder).expanduser() if self.folder else None

    def keys(self) -> dict[str, str]:
        """The keys by the names of plugins."""
        pairs = (pair.partition("=") for pair in self.tokens.get_secret_value().split())
        return {name: key for name, equals, key in pairs if equals}
