"""Re-ranking by a cross-encoder out of a folder, and what the setting names."""

from pathlib import Path

import numpy as np
import pytest

from retrieval.cross import CrossReranker, reranker
from retrieval.documents import Passage
from retrieval.embed import HashEmbedder
from retrieval.errors import UserError
from retrieval.rerank import SentenceMax

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "mill", "tide", "cat", "the", "a", "turns"]


def passage(text: str) -> Passage:
    return Passage("d", "s", "Mills", text, 0, len(text))


def model(folder: Path, labels: int) -> Path:
    """Save a tiny BERT with a classification head, its weights drawn with a seed."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    torch.manual_seed(7)
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        num_labels=labels,
        initializer_range=1.0,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model(tmp_path_factory.mktemp("models") / "tiny", labels=1)


def test_scores_are_those_of_the_model_on_the_passage_in_context(tiny: Path) -> None:
    import torch
    from transformers import BertForSequenceClassification, BertTokenizer

    texts = ["a tide mill turns", "the cat"]
    scores = CrossReranker(str(tiny), "cpu").score("the mill", [passage(text) for text in texts])
    tokenizer = BertTokenizer.from_pretrained(tiny)
    bert = BertForSequenceClassification.from_pretrained(tiny).eval()
    pairs = tokenizer(
        ["the mill"] * 2, [f"Mills\n{t}" for t in texts], padding=True, return_tensors="pt"
    )
    with torch.inference_mode():
        expected = torch.sigmoid(bert(**pairs).logits[:, 0]).numpy()
    assert scores.dtype == np.float32
    assert scores == pytest.approx(expected, abs=1e-5)
    assert abs(scores[0] - scores[1]) > 1e-4


def test_nothing_is_loaded_for_no_passages() -> None:
    assert CrossReranker("nowhere/at-all").score("q", []).shape == (0,)


@pytest.mark.parametrize("kind", ["empty", "damaged", "of two scores"])
def test_what_is_no_cross_encoder_is_refused_in_one_sentence(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    if kind == "of two scores":
        model(folder, labels=2)
    else:
        folder.mkdir()
    if kind == "damaged":
        (folder / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UserError, match=r"library\.reranker.*set it to `auto`") as refused:
        CrossReranker(str(folder)).score("q", [passage("x")])
    assert "\n" not in str(refused.value)


def test_the_setting_names_a_reranker(tiny: Path) -> None:
    embedder = HashEmbedder()
    assert reranker("none", embedder) is None
    assert isinstance(reranker("auto", embedder), SentenceMax)
    assert isinstance(reranker("sentences", embedder), SentenceMax)
    found = reranker(str(tiny), embedder)
    assert isinstance(found, CrossReranker) and found.id.startswith("tiny@")
    other = reranker("BAAI/bge-reranker-base", embedder)
    assert other is not None and other.id == "BAAI/bge-reranker-base"
