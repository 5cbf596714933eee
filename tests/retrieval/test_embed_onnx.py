"""The ONNX back end: a small graph made by hand, and the embedded model exported from torch."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_models import WIDTH, encoder, stacked

from retrieval.embed import EncoderOptions, SentenceEncoder
from retrieval.errors import UserError

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

TEXTS = ("a cat sat on the mat.", "", "short", "a longer text that goes on. " * 9)
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def made(folder: Path, **options: object) -> SentenceEncoder:
    return SentenceEncoder(str(folder), "cpu", replace(EncoderOptions(backend="onnx"), **options))


def graph(path: Path, table: np.ndarray, inputs: tuple[str, ...] = INPUTS[:2]) -> None:
    """Write a model whose vector of a token is a row of a table, a masked one's far away."""
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
        helper.make_node("Cast", ["attention_mask"], ["seen"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["seen", "last"], ["seen3"]),
        helper.make_node("Sub", ["one", "seen3"], ["hidden"]),
        helper.make_node("Mul", ["hidden", "far"], ["noise"]),
        helper.make_node("Add", ["rows", "noise"], ["last_hidden_state"]),
    ]
    held = {"table": table, "last": np.array([2]), "one": np.ones((), np.float32)}
    held["far"] = np.full((), 1e6, np.float32)
    made_graph = helper.make_graph(
        nodes,
        "lookup",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "t"]) for name in inputs],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in held.items()],
    )
    model = helper.make_model(made_graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    path.parent.mkdir(exist_ok=True)
    onnx.save(model, str(path))


@pytest.fixture
def lookup(tmp_path: Path) -> tuple[Path, np.ndarray]:
    """A model folder with onnx/model.onnx, and its table of vectors by token."""
    folder = encoder(tmp_path / "m")
    table = np.random.default_rng(0).normal(size=(80, WIDTH)).astype(np.float32)
    graph(folder / "onnx" / "model.onnx", table)
    return folder, table


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def tokens(folder: Path, text: str) -> list[int]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(48)
    return list(tokenizer.encode(text).ids)


@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
@pytest.mark.parametrize("batch", [0, 1])
def test_tokens_are_pooled_and_padding_is_not(
    lookup: tuple[Path, np.ndarray], pooling: str, batch: int
) -> None:
    folder, table = lookup
    rows = [table[tokens(folder, f"so: {text}")] for text in TEXTS]
    pick = {"mean": lambda r: r.mean(0), "cls": lambda r: r[0], "last": lambda r: r[-1]}[pooling]
    found = made(folder, pooling=pooling, batch=batch, passage_prefix="so: ").encode(TEXTS)
    assert np.abs(found - unit(np.stack([pick(row) for row in rows]))).max() < 1e-5


def test_a_second_place_and_a_third_input(lookup: tuple[Path, np.ndarray]) -> None:
    folder, table = lookup
    wanted = made(folder).encode(TEXTS)
    (folder / "onnx" / "model.onnx").unlink()
    graph(folder / "model.onnx", table, INPUTS)
    assert (made(folder).encode(TEXTS) == wanted).all()


def test_the_id_tells_which_file_ran(lookup: tuple[Path, np.ndarray]) -> None:
    folder, table = lookup
    before, torch_id = made(folder).id, SentenceEncoder(str(folder)).id
    assert before.endswith(" onnx") and not torch_id.endswith("onnx")
    graph(folder / "onnx" / "model.onnx", table * 2)
    assert made(folder).id != before and SentenceEncoder(str(folder)).id == torch_id


def test_what_cannot_run_is_told(lookup: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    folder, _ = lookup
    with pytest.raises(UserError, match="'cuda' is not on this machine"):
        SentenceEncoder(str(folder), "cuda", EncoderOptions(backend="onnx")).encode(TEXTS)
    (folder / "onnx" / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(UserError, match="does not load"):
        made(folder).encode(TEXTS)
    (folder / "onnx" / "model.onnx").unlink()
    with pytest.raises(UserError, match=r"no file onnx/model\.onnx or model\.onnx"):
        made(folder).encode(TEXTS)
    with pytest.raises(UserError, match="more than a transformer"):
        made(stacked(encoder(tmp_path / "d"), "mean_tokens", "Dense")).encode(TEXTS)


def test_without_the_package_the_cure_is_told(
    lookup: tuple[Path, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(UserError, match=r"pip install 'vouch\[onnx\]'"):
        made(lookup[0]).encode(TEXTS)


def test_torch_is_not_loaded(lookup: tuple[Path, np.ndarray]) -> None:
    code = (
        "import sys; from retrieval.embed import EncoderOptions as O, SentenceEncoder as E;"
        f"e = E({str(lookup[0])!r}, 'auto', O(backend='onnx'));"
        "e.encode(['a']); print(e.device, 'torch' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split()[-1] == "False"


@pytest.mark.slow
@pytest.mark.model
def test_the_embedded_model_exported(tmp_path: Path) -> None:
    import shutil

    import torch
    from transformers import AutoModel

    from retrieval.encoders.place import find

    folder = tmp_path / "all-MiniLM-L6-v2"
    shutil.copytree(find("embedded", EncoderOptions()).folder, folder)
    model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    sample = {name: torch.ones(2, 5, dtype=torch.int64) for name in INPUTS}
    (folder / "onnx").mkdir()
    texts, length = torch.export.Dim("texts"), torch.export.Dim("length", max=512)
    torch.onnx.export(
        model,
        (),
        kwargs=sample,
        f=str(folder / "onnx" / "model.onnx"),
        dynamo=True,
        dynamic_shapes={name: {0: texts, 1: length} for name in INPUTS},
        output_names=["last_hidden_state", "pooler_output"],
    )
    wanted = SentenceEncoder(device="cpu").encode(TEXTS)
    found = made(folder).encode(TEXTS)
    assert (wanted * found).sum(1).min() > 0.999
    assert np.abs(wanted - found).max() < 1e-4
