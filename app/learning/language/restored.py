"""Turns a GGUF adapter back into what peft loads, so that a training can begin from it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.models.gguf import read_header
from app.learning import checkpoint
from app.learning.language.adapter import LAYERS, WEIGHTS, straight
from app.learning.language.weights import ARCHITECTURE, require
from retrieval.errors import UserError

if TYPE_CHECKING:
    from gguf import GGUFReader

    from app.learning.language.adapter import Matrix

_PLACES = {name: place for place, name in LAYERS.items()}
_CURE = "begin from a candidate that was learned here"


def restore(adapter: Path, base: Path, folder: Path) -> None:
    """Write the files of peft for the GGUF file `adapter` into `folder`, the weights last.

    `base` is the GGUF file of the model that it lies over. A file that `convert` made comes back to
    the very weights that it holds, at 32 bits. `UserError`: it cannot be read, holds anything but
    linear layers of a llama, or its layers differ in rank.
    """
    require()
    import numpy
    from gguf import GGMLQuantizationType, GGUFReader
    from safetensors.numpy import save

    header = read_header(base)
    try:
        read = GGUFReader(adapter)
        alpha = _alpha(read)
        plain = (GGMLQuantizationType.F16, GGMLQuantizationType.F32)
        if any(one.tensor_type not in plain for one in read.tensors):
            raise ValueError("its weights are no floats of 16 or 32 bits")
        found = {one.name: numpy.array(one.data, numpy.float32) for one in read.tensors}
        heads = {"attn_q": header.heads, "attn_k": header.kv_heads}
        weights = dict(_place(name, matrix, heads) for name, matrix in sorted(found.items()))
        ranks = {matrix.shape[0] for name, matrix in weights.items() if "lora_A" in name}
        if header.architecture != ARCHITECTURE or len(ranks) != 1:
            raise ValueError(f"ranks {sorted(ranks)} over a {header.architecture}")
    except (OSError, ValueError, LookupError) as error:
        raise UserError(
            f"nothing can be trained on from the adapter {adapter}: {error}", cure=_CURE
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    _configure(folder, ranks.pop(), alpha, {name.split(".")[-3] for name in weights})
    checkpoint.replace(folder / WEIGHTS, save(weights, {"format": "pt"}))


def _alpha(read: "GGUFReader") -> float:
    from gguf import Keys

    kept = read.get_field(Keys.Adapter.LORA_ALPHA)
    if kept is None:
        raise ValueError("it does not say how strong it is")
    return float(kept.contents())


def _place(name: str, matrix: "Matrix", heads: dict[str, int]) -> "tuple[str, Matrix]":
    """Return a tensor by the name that it has in peft, its rows as transformers has them."""
    import numpy

    _, block, layer, _, side = name.split(".")
    if side == "lora_b" and layer in heads:
        matrix = straight(matrix, heads[layer])
    place = f"base_model.model.model.layers.{int(block)}.{_PLACES[layer]}"
    return f"{place}.lora_{side[-1].upper()}.weight", numpy.ascontiguousarray(matrix)


def _configure(folder: Path, rank: int, alpha: float, targets: set[str]) -> None:
    from peft import LoraConfig

    whole: Any = int(alpha) if alpha == int(alpha) else alpha
    config = LoraConfig(
        r=rank, lora_alpha=whole, lora_dropout=0.0, target_modules=sorted(targets),
        task_type="CAUSAL_LM",
    )  # fmt: skip
    config.save_pretrained(str(folder))
