"""Reads from a model's folder how it turns texts into vectors."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.encoders import families
from retrieval.encoders.options import AUTO, EncoderOptions, Pooling
from retrieval.encoders.place import EMBEDDED, Place, unloadable
from retrieval.errors import UserError

_POOLINGS: dict[str, Pooling] = {"mean": "mean", "cls": "cls", "lasttoken": "last"}
_OLD_POOLINGS = {  # as sentence-transformers wrote them before version 5.4
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_lasttoken": "lasttoken",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
}
_OFFSET_MODELS = ("roberta", "xlm-roberta", "camembert")
"""Families whose first position comes after that of the padding."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one model turns texts into vectors.

    `weights` is the folder of the transformer. `pooling` is None where the model has layers of its
    own beyond pooling, which only sentence-transformers runs; `bare` says that it has none at all,
    not even pooling. `dimension` and `limit` (tokens of a text at most) are 0 where only the loaded
    model tells.
    """

    place: Place
    weights: Path
    config: Mapping[str, Any]
    pooling: Pooling | None
    bare: bool
    dimension: int
    limit: int
    query_prefix: str
    passage_prefix: str
    languages: families.Languages

    def signature(self, dimension: int) -> str:
        """Return everything that decides about a vector of that length, in one line."""
        parts = [
            self.place.label,
            f"{dimension}d unit",
            f"{self.pooling or 'own'} pooling",
            f"{self.limit or 'own'} tokens",
        ]
        named = (("query", self.query_prefix), ("passage", self.passage_prefix))
        return " ".join([*parts, *(f"{name}={prefix!r}" for name, prefix in named if prefix)])


def read(place: Place, options: EncoderOptions) -> Recipe:
    """Return the recipe of a model, with what the options set put in place of its own.

    Raises `UserError` where the folder holds no model, or the options ask for what it cannot do.
    """
    stack = _stack(place.folder)
    weights = place.folder / (str(stack[0].get("path", "")) if stack else "")
    config = read_json(weights / "config.json")
    if not stack and not config:
        raise unloadable(place.name, "the folder holds no model")
    own = read_json(place.folder / "config_sentence_transformers.json")
    # A pooling that is set takes the place of all that the model has after its transformer.
    bare = not stack or options.pooling != AUTO
    pooling = _bare_pooling(config, options) if bare else _own_pooling(place.folder, stack)
    query, passage = _prefixes(place, own, options)
    return Recipe(
        place=place,
        weights=weights,
        config=config,
        pooling=None if own.get("truncate_dim") else pooling,
        bare=bare,
        dimension=_dimension(place.folder, stack[:1] if bare else stack, config, own),
        limit=_limit(weights, config, options),
        query_prefix=query,
        passage_prefix=passage,
        languages=read_languages(place.name, config, place.folder, options),
    )


def read_languages(
    name: str, config: Mapping[str, Any], folder: Path | None, options: EncoderOptions
) -> families.Languages:
    """Return the languages that the options or else the model itself name; None for all."""
    if "all" in options.languages:
        return None
    if AUTO not in options.languages:
        return frozenset(options.languages)
    if name == EMBEDDED:
        return frozenset({"en"})
    return families.languages(_last(name), config, families.carded(folder) if folder else ())


def _last(name: str) -> str:
    """Return the name of a model without its owner or the folders above it."""
    return name.rstrip("/").rpartition("/")[2]


def _stack(folder: Path) -> list[dict[str, Any]]:
    """Return the modules that sentence-transformers runs one after the other; none if bare."""
    listed = read_json(folder / "modules.json")
    return listed if isinstance(listed, list) else []


def _kind(module: Mapping[str, Any]) -> str:
    return str(module.get("type", "")).rpartition(".")[2]


def _bare_pooling(config: Mapping[str, Any], options: EncoderOptions) -> Pooling:
    if options.pooling != "auto":
        return options.pooling
    return "last" if "".join(config.get("architectures") or ()).endswith("ForCausalLM") else "mean"


def _own_pooling(folder: Path, stack: list[dict[str, Any]]) -> Pooling | None:
    """Return the pooling of a model that is a transformer with a pooling and nothing more."""
    plain = ["Transformer", "Pooling", "Normalize"]
    if [_kind(module) for module in stack] not in (plain, plain[:2]):
        return None
    told = read_json(folder / str(stack[1].get("path", "")) / "config.json")
    if told.get("include_prompt") is False:
        return None
    modes = told.get("pooling_mode") or [new for old, new in _OLD_POOLINGS.items() if told.get(old)]
    modes = [modes] if isinstance(modes, str) else list(modes) or ["mean"]
    return _POOLINGS.get(modes[0]) if len(modes) == 1 else None


def _prefixes(place: Place, own: Mapping[str, Any], options: EncoderOptions) -> tuple[str, str]:
    query, passage = families.prefixes(_last(place.name), own.get("prompts") or {})
    return (
        query if options.query_prefix == AUTO else options.query_prefix,
        passage if options.passage_prefix == AUTO else options.passage_prefix,
    )


def _dimension(
    folder: Path,
    stack: list[dict[str, Any]],
    config: Mapping[str, Any],
    own: Mapping[str, Any],
) -> int:
    """Return the length of a vector as far as the files tell; 0 if they do not."""
    dimension = int(config.get("hidden_size") or config.get("dim") or 0)
    for module in stack:
        told = read_json(folder / str(module.get("path", "")) / "config.json")
        if _kind(module) == "Dense":
            dimension = int(told.get("out_features", 0))
        elif _kind(module) not in ("Transformer", "Pooling", "Normalize"):
            return 0
    return int(own.get("truncate_dim") or dimension)


def _limit(weights: Path, config: Mapping[str, Any], options: EncoderOptions) -> int:
    """Return how many tokens of a text are read, the special ones included."""
    places = int(config.get("max_position_embeddings") or 0)
    if config.get("model_type") in _OFFSET_MODELS:
        places -= int(config.get("pad_token_id") or 0) + 1
    if options.max_tokens and places and options.max_tokens > places:
        raise UserError(
            f"the embedder reads {places} tokens at most, and not {options.max_tokens}",
            origin="setting library.max_tokens",
            cure="set it to 0, which leaves it to the model",
        )
    told = read_json(weights / "sentence_bert_config.json").get("max_seq_length")
    tokenizer = read_json(weights / "tokenizer_config.json").get("model_max_length")
    # A tokenizer without a limit of its own says a number of thirty digits.
    asked = [n for n in (told or tokenizer, places) if n and int(n) < 1 << 30]
    return options.max_tokens or (int(min(asked)) if asked else 0)


def read_json(path: Path) -> Any:
    """Return what a file says; nothing if it is not there. `UserError` if it is not JSON."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UserError(
            f"{str(path)!r} cannot be read: {error}", cure="fetch the embedder anew"
        ) from error
