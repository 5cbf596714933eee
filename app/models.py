"""Which language models there are, and from a name to the model that answers."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agents.models.base import GrammarKind, Model
from app.options import Settings
from retrieval.errors import UserError
from retrieval.web.addresses import is_here

if TYPE_CHECKING:
    from agents.models.llama import LlamaModel

EMBEDDED = "embedded"
LANGCHAIN = "langchain:"
SERVER = "openai:"


def resolve(settings: Settings, name: str | None = None) -> Model:
    """Return the model of that name, by default the one that is set; it loads with its first reply.

    Names: "embedded"; a path of a GGUF file; "hf:owner/repo/file", fetched here when it is not on
    this machine; with `model.base_url` set, a model of that server, also as "openai:MODEL"; else
    a LangChain name, as "langchain:provider:model" or "provider:model". `UserError` says what is
    wrong with a name or a file.
    """
    from app.prepare import EMBEDDED_NAME, embedded_file

    wanted, origin = name or settings.model.name, _origin(settings, name)
    if wanted in (EMBEDDED, EMBEDDED_NAME):
        # One model however its file was prepared, so its name alone says which it is.
        path = embedded_file(settings.home)
        return _local(settings, path, origin, EMBEDDED_NAME, identity=EMBEDDED_NAME)
    if wanted.startswith("hf:"):
        from app.downloads import fetch

        return _local(settings, fetch(settings.home, wanted), origin, wanted)
    if wanted.startswith(LANGCHAIN):
        return _langchain(settings, wanted.removeprefix(LANGCHAIN))
    if _is_file(wanted, settings):
        return _local(settings, Path(wanted).expanduser().absolute(), origin)
    if settings.model.base_url:
        return _server(settings, wanted.removeprefix(SERVER))
    if ":" in wanted:
        return _langchain(settings, wanted)
    cure = "see vouch models, or set model.base_url to the server that has it"
    raise UserError(f"there is no model {wanted!r}", origin=origin, cure=cure)


def away(settings: Settings) -> bool:
    """Whether the model that is set may be on another machine: one of a server that is not on this
    one, or one of LangChain, of which nobody here knows where it is."""
    from app.prepare import EMBEDDED_NAME

    name, server = settings.model.name, settings.model.base_url
    if name in (EMBEDDED, EMBEDDED_NAME) or name.startswith("hf:"):
        return False
    if name.startswith(LANGCHAIN) or not server:
        return ":" in name and not _is_file(name, settings)
    return not (_is_file(name, settings) or is_here(urlsplit(server).hostname or ""))


def list_models(settings: Settings) -> list[dict[str, Any]]:
    """Every model that this home knows: {name, about, path, current}."""
    from app.downloads import fetched
    from app.prepare import EMBEDDED_NAME, embedded_file, read_prepared

    prepared, chosen = read_prepared(settings.home), settings.model.name
    path = embedded_file(settings.home)
    about = f"{EMBEDDED_NAME}, {_megabytes(path)} MB, "
    about += "as shipped; vouch models prepare may make it faster"
    if prepared:
        form = "at 16 bits" if prepared.file else "as shipped"
        rates = prepared.chosen
        about = f"{EMBEDDED_NAME}, {_megabytes(path)} MB, {form}, "
        about += f"reads {rates.read:g} and writes {rates.write:g} tokens/s here"
    used = chosen in (EMBEDDED, EMBEDDED_NAME)
    found = [_row(EMBEDDED, about + _laid(settings, used), str(path), used)]
    for name, place in sorted(fetched(settings.home).items()):
        about = f"fetched from the hub, {_megabytes(place)} MB"
        about += _laid(settings, chosen == name)
        found.append(_row(name, about, str(place), chosen == name))
    if not any(row["current"] for row in found):
        server = settings.model.base_url
        file = chosen if _is_file(chosen, settings) else ""
        about = "file" if file else f"on {_host(server)}" if server else "through LangChain"
        about += _laid(settings, bool(file))
        found.append(_row(chosen, about, file, True))
    return found


def _laid(settings: Settings, used: bool) -> str:
    """The adapters of the model that is set, if it is one that is run here and has any."""
    from app.adapters import of

    found = of(settings, resolve(settings)) if used else ()
    said = [f"{one.job}: {one.name}, {one.why}" for one in found if one.path is not None]
    return f", with learned weights ({'; '.join(said)})" if said else ""


def _row(name: str, about: str, path: str, current: bool) -> dict[str, Any]:
    return {"name": name, "about": about, "path": path, "current": current}


def _is_file(name: str, settings: Settings) -> bool:
    """Whether a name means a file; servers too name models by their files, which are not here."""
    meant = name.lower().endswith(".gguf") and not settings.model.base_url
    return meant or Path(name).expanduser().is_file()


def _local(
    settings: Settings, path: Path, origin: str, name: str = "", identity: str = ""
) -> "LlamaModel":
    from agents.models.llama import LlamaModel
    from app.adapters import laid, of

    chosen = settings.model

    def made(adapters: dict[str, Path], origins: dict[str, str]) -> LlamaModel:
        return LlamaModel(
            path,
            name=name,
            identity=identity,
            context=chosen.context,
            gpu_layers=None if chosen.gpu_layers == "auto" else chosen.gpu_layers,
            threads=chosen.threads or None,
            flash_attention=chosen.flash_attention != "off",
            adapters=adapters,
            origin=origin,
            cure="choose another model with: vouch models use NAME",
            origins=origins,
        )

    found = of(settings, made({}, {}))
    model = made(laid(found), {one.job: one.origin for one in found})
    # A file that is missing, cut short or no GGUF is named now, not in the middle of a question.
    model.check()
    return model


def _server(settings: Settings, model: str) -> Model:
    from agents.models.openai import OpenAICompatible

    chosen = settings.model
    grammar: GrammarKind = "none" if chosen.grammar == "auto" else chosen.grammar
    return OpenAICompatible(
        chosen.base_url,
        model,
        chosen.api_key.get_secret_value(),
        grammar=grammar,
        context=chosen.context,
    )


def _langchain(settings: Settings, name: str) -> Model:
    from agents.models.langchain import LangChainModel

    return LangChainModel(name, context=settings.model.context)


def _origin(settings: Settings, name: str | None) -> str:
    """Where the name came from; the house hands on the set name like one that was asked for."""
    if name and name != settings.model.name:
        return "--model"
    return f"model.name from {settings.origin('model.name')}"


def _megabytes(path: Path) -> int:
    return round(path.stat().st_size / 1e6)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]
