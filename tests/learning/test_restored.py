"""From a GGUF adapter back to peft: the same weights, and what cannot be trained on is refused."""

from pathlib import Path

import gguf
import numpy
import pytest
import torch
from peft import PeftModel
from tiny_llama import IDS, adapted, logits, write, write_adapter

from app.learning.language import restored
from app.learning.language.adapter import convert
from app.learning.language.restored import restore
from app.learning.language.weights import load
from retrieval.errors import UserError

CLOSE = 2e-4


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return write(tmp_path / "tiny.gguf")


def _with(base: Path, folder: Path) -> numpy.ndarray:
    """Logits of transformers with what peft loads from the folder."""
    lora = PeftModel.from_pretrained(load(base).model, str(folder)).eval()
    with torch.inference_mode():
        return lora(torch.tensor([IDS])).logits[0].numpy()


@pytest.mark.parametrize("settings", [{}, {"r": 2, "target_modules": ["q_proj", "k_proj"]}])
def test_what_comes_back_is_what_was_written(base: Path, tmp_path: Path, settings) -> None:
    folders = tmp_path / "learned", tmp_path / "restored"
    _, tuned = adapted(base, folders[0], **settings)
    files = [folder / "adapter.gguf" for folder in folders]
    convert(folders[0], base, files[0], name="write-1", bits=32)
    restore(files[0], base, folders[1])
    assert numpy.abs(_with(base, folders[1]) - tuned).max() < CLOSE
    convert(folders[1], base, files[1], name="write-1", bits=32)
    assert files[1].read_bytes() == files[0].read_bytes()


def test_another_converters_adapter_computes_the_same_in_transformers(
    base: Path, tmp_path: Path
) -> None:
    path = write_adapter(tmp_path / "adapter.gguf", 3)
    restore(path, base, tmp_path / "restored")
    assert numpy.abs(logits(base, IDS, path) - logits(base, IDS)).max() > 1
    assert numpy.abs(_with(base, tmp_path / "restored") - logits(base, IDS, path)).max() < CLOSE


def test_with_rows_left_as_llama_cpp_has_them_logits_are_far_off(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_adapter(tmp_path / "adapter.gguf", 3)
    monkeypatch.setattr(restored, "straight", lambda rows, heads: rows)
    restore(path, base, tmp_path / "restored")
    assert numpy.abs(_with(base, tmp_path / "restored") - logits(base, IDS, path)).max() > 0.1


def _file(path: Path, shapes: dict[str, tuple[int, int]], alpha: float | None = 4.0) -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type(gguf.GGUFType.ADAPTER)
    if alpha is not None:
        writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    for name, shape in shapes.items():
        writer.add_tensor(name, numpy.ones(shape, numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


ONE = {"blk.0.ffn_up.weight.lora_a": (2, 64), "blk.0.ffn_up.weight.lora_b": (96, 2)}


@pytest.mark.parametrize(
    "shapes",
    [
        {},
        {"token_embd.weight.lora_a": (2, 64)},
        {"blk.0.attn_norm.weight.lora_a": (2, 64)},
        {**ONE, "blk.1.ffn_up.weight.lora_a": (3, 64), "blk.1.ffn_up.weight.lora_b": (96, 3)},
    ],
)
def test_what_training_cannot_begin_from_is_refused(base: Path, tmp_path: Path, shapes) -> None:
    path = _file(tmp_path / "odd.gguf", shapes)
    with pytest.raises(UserError, match=r"odd\.gguf"):
        restore(path, base, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


def test_a_file_without_a_strength_and_no_file_at_all_are_refused(
    base: Path, tmp_path: Path
) -> None:
    for path in (_file(tmp_path / "a.gguf", ONE, alpha=None), tmp_path / "none.gguf"):
        with pytest.raises(UserError, match="nothing can be trained on"):
            restore(path, base, tmp_path / "restored")
