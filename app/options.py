"""Every setting: one frozen model a floor, with defaults, bounds and one sentence each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, SecretStr

from agents.asked import STRICTNESS
from agents.events import Limits
from app.options_adapters import AdapterSettings
from app.options_base import Section
from app.options_check import CheckSettings
from app.options_faces import ChatSettings, DatabaseSettings, ServeSettings, SlackSettings
from app.options_plugins import PluginSettings
from app.options_web import WebSettings
from retrieval.encoders.options import EncoderOptions

_LIMITS = Limits()
_Whole = Annotated[int, Field(ge=1)]


class LibrarySettings(Section):
    """How documents are cut, encoded and found."""

    embedder: str = Field(
        default="embedded",
        min_length=1,
        description='Encoder of passages: "embedded", or a sentence-transformers folder or name.',
    )
    device: str = Field(
        default="auto",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
        description="Where the encoder runs; auto takes a GPU if there is one.",
        json_schema_extra={"allowed": "auto, cpu, mps, cuda or cuda:<number>"},
    )
    revision: str = Field(
        default="",
        pattern=r"^[\w./-]*$",
        description="Commit, tag or branch of an encoder on the hub; empty keeps what was fetched.",
        json_schema_extra={"allowed": "empty, or the name of a commit, tag or branch"},
    )
    backend: Literal["torch", "onnx"] = Field(
        default="torch", description="What runs the encoder; onnx needs the extra of that name."
    )
    precision: Literal["float32", "bfloat16", "float16"] = Field(
        default="float32",
        description="Numbers that torch computes with; half as long is faster and a little less "
        "exact.",
    )
    query_prefix: str = Field(
        default="auto", description="Words before a question; auto as the encoder was trained."
    )
    passage_prefix: str = Field(
        default="auto", description="Words before a passage; auto as the encoder was trained."
    )
    pooling: Literal["auto", "mean", "cls", "last"] = Field(
        default="auto",
        description="How the vectors of tokens become one; auto is the encoder's own way.",
    )
    max_tokens: int = Field(
        default=0, ge=0, description="Tokens read of a passage; 0 leaves it to the encoder."
    )
    batch: int = Field(
        default=0, ge=0, le=4096, description="Texts encoded at a time; 0 is automatic."
    )
    languages: tuple[Annotated[str, Field(pattern=r"^(auto|all|[a-z]{2,3})$")], ...] = Field(
        default=("auto",),
        min_length=1,
        description="Languages that the encoder knows; passages in others are found by words.",
        json_schema_extra={"allowed": "auto, all, or codes such as en with commas between them"},
    )
    passage_characters: int = Field(
        default=1000, ge=100, le=20_000, description="Longest passage, in characters."
    )
    results: int = Field(default=8, ge=1, le=50, description="Results that a search shows.")
    reranker: str = Field(
        default="auto",
        min_length=1,
        description="What orders the best results once more: auto or sentences (the encoder, "
        "sentence by sentence), none, or a cross-encoder's folder or name on the hub.",
    )

    def encoder(self) -> EncoderOptions:
        """How the encoder is used, as it takes it."""
        return EncoderOptions(
            revision=self.revision,
            backend=self.backend,
            precision=self.precision,
            query_prefix=self.query_prefix,
            passage_prefix=self.passage_prefix,
            pooling=self.pooling,
            max_tokens=self.max_tokens,
            batch=self.batch,
            languages=self.languages,
        )


class ModelSettings(Section):
    """Which language model answers, and how it is run."""

    name: str = Field(
        default="embedded",
        min_length=1,
        description='The model: "embedded", a GGUF file, "hf:owner/repo/file", '
        "a server's model, or a LangChain name.",
    )
    context: int = Field(default=8192, ge=512, description="Window of the model, in tokens.")
    gpu_layers: Literal["auto"] | Annotated[int, Field(ge=0)] = Field(
        default="auto", description="Layers on the GPU; auto takes all when they fit."
    )
    threads: int = Field(
        default=0, ge=0, description="Processor threads for the model; 0 is automatic."
    )
    flash_attention: Literal["auto", "on", "off"] = Field(
        default="auto", description="Flash attention in llama.cpp; auto turns it on."
    )
    base_url: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="Address of an OpenAI-compatible server; empty for a model on this machine.",
        json_schema_extra={"allowed": "empty, or an address that begins with http:// or https://"},
    )
    api_key: SecretStr = Field(
        default=SecretStr(""), description="Key for that server; never shown."
    )
    grammar: Literal["auto", "gbnf", "json_schema", "none"] = Field(
        default="auto", description="How the model's replies are held to the legal actions."
    )
    dialect: Literal["auto", "plain", "browser"] = Field(
        default="auto",
        description="How actions are written; browser is the form of models trained on "
        "browser.search, as gpt-oss; auto goes by the model's name.",
    )


class AskSettings(Section):
    """How a question is worked on, and what it may spend."""

    policy: Literal["auto", "guided", "model"] = Field(
        default="auto", description="Who chooses the steps; auto asks a short probe of the model."
    )
    check: bool = Field(
        default=True, description="Check every claim against the quotes before showing it."
    )
    best_of: int = Field(
        default=1,
        ge=1,
        le=16,
        description="Drafts that are written for an answer, of which the judges choose one.",
    )
    strictness: float = Field(
        default=STRICTNESS,
        ge=0,
        le=1,
        description="Least probability that the quotes answer; below it Vouch declines. At 0 any "
        "quote is enough, at 1 none is.",
    )
    steps: _Whole = Field(default=_LIMITS.steps, description="Most actions in a run.")
    seconds: float = Field(
        default=_LIMITS.seconds, gt=0, allow_inf_nan=False, description="Longest run, in seconds."
    )
    tokens: _Whole = Field(
        default=_LIMITS.tokens, description="Most tokens read and written in a run."
    )
    quoted_characters: _Whole = Field(
        default=_LIMITS.quoted_characters, description="Most characters kept as quotes."
    )
    slips: _Whole = Field(default=_LIMITS.slips, description="Most malformed replies in a run.")
    rewrites: int = Field(
        default=_LIMITS.rewrites,
        ge=0,
        le=5,
        description="Rounds in which failed claims are repaired, and rewritten by the model.",
    )

    def limits(self) -> Limits:
        """What a run may spend, as the loop takes it."""
        return Limits(
            steps=self.steps,
            seconds=self.seconds,
            tokens=self.tokens,
            quoted_characters=self.quoted_characters,
            slips=self.slips,
            rewrites=self.rewrites,
        )


class EngineSettings(Section):
    """The process that holds model, library and database."""

    idle_seconds: float = Field(
        default=900,
        gt=0,
        allow_inf_nan=False,
        description="Seconds without a question until it ends.",
    )
    slots: int = Field(
        default=1,
        ge=1,
        le=256,
        description="Questions worked on at a time; more than 1 pays with a model server.",
    )
    port: int = Field(
        default=0, ge=0, le=65535, description="Loopback port; 0 takes a local socket."
    )


class Settings(Section):
    """Everything that can be set, and where the value of each setting came from."""

    home: Path = Field(description="Folder of everything that is kept.")
    library: LibrarySettings = LibrarySettings()
    model: ModelSettings = ModelSettings()
    adapters: AdapterSettings = AdapterSettings()
    ask: AskSettings = AskSettings()
    check: CheckSettings = CheckSettings()
    engine: EngineSettings = EngineSettings()
    web: WebSettings = WebSettings()
    plugins: PluginSettings = PluginSettings()
    database: DatabaseSettings = DatabaseSettings()
    chat: ChatSettings = ChatSettings()
    slack: SlackSettings = SlackSettings()
    serve: ServeSettings = ServeSettings()
    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def of(
        cls, home: Path, values: Mapping[str, Mapping[str, Any]], origins: Mapping[str, str]
    ) -> "Settings":
        """Build from checked values by section and field; `origins` maps dotted names."""
        sections: dict[str, Any] = {name: SECTIONS[name](**given) for name, given in values.items()}
        settings = cls(home=home, **sections)
        settings._origins.update(origins)
        return settings

    def origin(self, key: str) -> str:
        """Where the value of `key` ("model.name") came from: "default", "settings.toml", the name
        of an environment variable, or "command line". KeyError for a name that is no setting."""
        if key != "home" and key not in KEYS:
            raise KeyError(key)
        return self._origins.get(key, "default")

    def value(self, key: str) -> Any:
        """The value of a setting by its dotted name."""
        if key == "home":
            return self.home
        section, name = key.split(".")
        return getattr(getattr(self, section), name)


SECTIONS: dict[str, type[Section]] = {
    "library": LibrarySettings,
    "model": ModelSettings,
    "adapters": AdapterSettings,
    "ask": AskSettings,
    "check": CheckSettings,
    "engine": EngineSettings,
    "web": WebSettings,
    "plugins": PluginSettings,
    "database": DatabaseSettings,
    "chat": ChatSettings,
    "slack": SlackSettings,
    "serve": ServeSettings,
}

KEYS = {
    f"{section}.{name}": field
    for section, kind in SECTIONS.items()
    for name, field in kind.model_fields.items()
}
"""Every dotted name with its pydantic field, in the order in which they are shown."""
