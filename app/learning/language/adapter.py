"""Turns a LoRA that peft has written into the GGUF file that llama.cpp puts over a model.

Names and layout are those of llama.cpp's convert_lora_to_gguf.py; llama models alone.
"""

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from agents.models.adapters import label
from agents.models.gguf import Header, read_header
from app.learning.language.weights import ARCHITECTURE, require
from retrieval.errors import UserError

if TYPE_CHECKING:
    from numpy import floating
    from numpy.typing import NDArray

    Matrix = NDArray[floating[Any]]

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
Bits = Literal[16, 32]

LAYERS = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
"""The linear layers of a block, by their names in transformers and in GGUF."""

TARGETS = tuple(name.rpartition(".")[2] for name in LAYERS)
"""What `LoraConfig.target_modules` may name."""

_WEIGHT = re.compile(r"base_model\.model\.model\.layers\.(\d+)\.(.+)\.lora_([AB])\.weight")
_UNFIT = {
    "use_dora": "DoRA",
    "modules_to_save": "modules that are saved whole",
    "trainable_token_indices": "trained tokens",
    "lora_bias": "biases",
    "alpha_pattern": "an alpha for each layer",
    "target_parameters": "parameters outside linear layers",
    "layer_replication": "repeated layers",
    "alora_invocation_tokens": "tokens that switch it on",
    "use_qalora": "QALoRA",
    "use_bdlora": "BD-LoRA",
    "kasa_config": "KaSA",
    "velora_config": "VeLoRA",
    "monteclora_config": "MonteCLoRA",
}
"""What peft can make and a GGUF adapter cannot hold, by the setting that asks for it."""

_CURE = f"train a plain LoRA of linear layers: target_modules {', '.join(TARGETS)}"


def convert(folder: Path, base: Path, target: Path, name: str = "", bits: Bits = 16) -> None:
    """Write the adapter that `PeftModel.save_pretrained` left in `folder` to the file `target`.

    `base` is the GGUF file of the model that it was trained on, and `name` what journals will call
    the adapter, by default its file or folder. The weights are stored as floats of
    `bits` bits. `UserError`: it cannot be read, is no plain LoRA of linear layers, or the model is
    no llama. What stands at `target` is replaced whole.
    """
    require()
    header = read_header(base)
    if header.architecture != ARCHITECTURE:
        raise UserError(f"{base} is of the architecture {header.architecture!r}, not a llama")
    config, weights = _read(folder)
    _refuse(config, folder)
    parts = list(_parts(config, weights, header, folder))
    _write(target, parts, float(config["lora_alpha"]), name or label(target), bits)


def rotated(rows: "Matrix", heads: int) -> "Matrix":
    """Reorder rows (outputs, n) of a query or key layer as GGUF has them.

    A pair of outputs that is turned by one angle stands half a head apart in transformers, and side
    by side in llama.cpp (convert_hf_to_gguf.py, LlamaModel.permute).
    """
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, 2, half, -1).swapaxes(1, 2).reshape(rows.shape)


def straight(rows: "Matrix", heads: int) -> "Matrix":
    """Undo `rotated`."""
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, half, 2, -1).swapaxes(1, 2).reshape(rows.shape)


def _read(folder: Path) -> tuple[dict[str, Any], "dict[str, Matrix]"]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        config = json.loads((folder / CONFIG).read_bytes())
        found = load_file(folder / WEIGHTS)
    except (OSError, ValueError, SafetensorError) as error:
        raise UserError(f"the adapter in {folder} cannot be read: {error}", cure=_CURE) from error
    return config, {name: one.float().numpy() for name, one in found.items()}


def _refuse(config: Mapping[str, Any], folder: Path) -> None:
    """`UserError` for a setting under which the weights alone do not tell the adapter."""
    unfit = [what for setting, what in _UNFIT.items() if config.get(setting)]
    if config.get("peft_type") != "LORA":
        unfit.append(f"the kind {config.get('peft_type')!r}")
    if config.get("bias", "none") != "none":
        unfit.append("biases")
    if str(start := config.get("init_lora_weights", True)) not in ("True", "False", "gaussian"):
        unfit.append(f"the start {start!r}, which changes the model itself")
    if unfit:
        what = (
            f"the adapter in {folder} has {' and '.join(unfit)}, which a GGUF adapter cannot hold"
        )
        raise UserError(what, cure=_CURE)


def _parts(
    config: Mapping[str, Any], weights: "Mapping[str, Matrix]", header: Header, folder: Path
) -> "Iterator[tuple[str, Matrix]]":
    """Yield the tensors of the file: A (rank, inputs) and B (outputs, rank) of each layer."""
    for name, matrix in sorted(weights.items()):
        found = _WEIGHT.fullmatch(name)
        if found is None or found[2] not in LAYERS:
            what = f"the adapter in {folder} changes {name}, which a GGUF adapter cannot hold"
            raise UserError(what, cure=_CURE)
        block, layer, side = int(found[1]), LAYERS[found[2]], found[3].lower()
        if side == "b":
            # llama.cpp multiplies by alpha / rank; rank-stabilised LoRA by alpha / sqrt(rank).
            matrix = matrix * math.sqrt(matrix.shape[1]) if config.get("use_rslora") else matrix
            heads = {"attn_q": header.heads, "attn_k": header.kv_heads}.get(layer)
            matrix = rotated(matrix, heads) if heads else matrix
        yield f"blk.{block}.{layer}.weight.lora_{side}", matrix


def _write(
    target: Path, parts: "list[tuple[str, Matrix]]", alpha: float, name: str, bits: Bits
) -> None:
    import gguf
    import numpy

    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.new")
    writer = gguf.GGUFWriter(fresh, ARCHITECTURE)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_name(name)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    kind = numpy.float16 if bits == 16 else numpy.float32
    for key, matrix in parts:
        writer.add_tensor(key, numpy.ascontiguousarray(matrix, dtype=kind))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(target)
