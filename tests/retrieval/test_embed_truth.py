"""Encoders of ours against the same models run by sentence-transformers: the vectors are equal."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_models import WIDTH, encoder, stacked, write

from retrieval.embed import EncoderOptions, SentenceEncoder
from retrieval.encoders.place import find

pytestmark = pytest.mark.slow

TEXTS = [
    *("The cat sat on the mat.", "", "短い", "a " * 900, "ÀÉÎ naïve Ünïcode", "x" * 300, "9,8: 7."),
    *("word " * count for count in (3, 30, 100)),
]


def truth(folder: Path, query: bool = False, **options: object) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    encode = model.encode_query if query else model.encode_document
    return encode(TEXTS, normalize_embeddings=True, show_progress_bar=False, **options)


def ours(folder: Path, **options: object) -> SentenceEncoder:
    return SentenceEncoder(str(folder), "cpu", replace(EncoderOptions(), **options))


def runs_in(encoder: SentenceEncoder) -> str:
    return type(encoder._loaded()).__name__


@pytest.mark.model
def test_the_embedded_model() -> None:
    encoder = SentenceEncoder(device="cpu")
    wanted = truth(find("embedded", EncoderOptions()).folder)
    assert np.abs(encoder.encode(TEXTS) - wanted).max() < 1e-5
    assert runs_in(encoder) == "PlainEncoder"


@pytest.mark.parametrize("kind", ["bert", "xlm-roberta"])
@pytest.mark.parametrize("pooling", ["mean_tokens", "cls_token", "lasttoken"])
def test_the_bert_family(tmp_path: Path, kind: str, pooling: str) -> None:
    prompts = {"query": "ask: ", "document": "say: "}
    folder = stacked(encoder(tmp_path / "m", kind), pooling, "Normalize", prompts=prompts)
    embedder = ours(folder)
    for query in (True, False):
        found = embedder.encode(TEXTS, query=query)
        assert np.abs(found - truth(folder, query)).max() < 1e-5
    assert runs_in(embedder) == "PlainEncoder"


def test_a_bare_transformer(tmp_path: Path) -> None:
    folder = encoder(tmp_path / "m")
    assert np.abs(ours(folder).encode(TEXTS) - truth(folder)).max() < 1e-5


def test_lower_case_is_as_the_configuration_says(tmp_path: Path) -> None:
    folder = stacked(encoder(tmp_path / "m"))
    write(folder / "sentence_bert_config.json", {"max_seq_length": 20, "do_lower_case": True})
    embedder = ours(folder)
    assert np.abs(embedder.encode(TEXTS) - truth(folder)).max() < 1e-5
    assert runs_in(embedder) == "LayeredEncoder"


@pytest.mark.parametrize("pooling", ["max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens"])
def test_other_poolings_are_left_to_the_library(tmp_path: Path, pooling: str) -> None:
    folder = stacked(encoder(tmp_path / "m"), pooling)
    embedder = ours(folder)
    assert np.abs(embedder.encode(TEXTS) - truth(folder)).max() < 1e-5
    assert runs_in(embedder) == "LayeredEncoder" and embedder.dimension == WIDTH
    assert "own pooling" in embedder.id


def test_a_further_layer_is_left_to_the_library(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    folder = stacked(encoder(tmp_path / "m"), "mean_tokens", "Dense")
    told = {"in_features": WIDTH, "out_features": 8, "bias": True}
    write(folder / "2_Dense" / "config.json", told | {"activation_function": "torch.nn.Tanh"})
    matrix = np.random.default_rng(0).normal(size=(8, WIDTH)).astype(np.float32)
    held = {"linear.weight": matrix, "linear.bias": np.zeros(8, np.float32)}
    save_file(held, folder / "2_Dense" / "model.safetensors")
    embedder = ours(folder)
    assert embedder.dimension == 8 and "8d unit own pooling" in embedder.id
    assert np.abs(embedder.encode(TEXTS) - truth(folder)).max() < 1e-5
    assert np.allclose(np.linalg.norm(embedder.encode(TEXTS), axis=1), 1, atol=1e-5)
    # A pooling that is set does without the layer.
    assert ours(folder, pooling="cls").encode(TEXTS).shape == (len(TEXTS), WIDTH)


def test_another_family_is_pooled_as_set(tmp_path: Path) -> None:
    from tiny_models import PLACES, tokenizer
    from transformers import DistilBertConfig, DistilBertModel

    (tmp_path / "m").mkdir()
    size = tokenizer(tmp_path / "m")
    config = DistilBertConfig(
        vocab_size=size,
        dim=WIDTH,
        hidden_dim=64,
        n_layers=1,
        n_heads=4,
        max_position_embeddings=PLACES,
    )
    DistilBertModel(config).save_pretrained(tmp_path / "m")
    by_mean, by_first = ours(tmp_path / "m"), ours(tmp_path / "m", pooling="cls", max_tokens=12)
    assert np.abs(by_mean.encode(TEXTS) - truth(tmp_path / "m")).max() < 1e-5
    assert np.abs(by_first.encode(TEXTS) - by_mean.encode(TEXTS)).max() > 0.01
    assert runs_in(by_first) == "LayeredEncoder"
    long = by_first.encode(["a " * 10, "a " * 30])
    assert np.abs(long[0] - long[1]).max() < 1e-5
    prefixed = ours(tmp_path / "m", passage_prefix="so ").encode(["it is"])
    assert np.abs(prefixed - by_mean.encode(["so it is"])).max() < 1e-5
