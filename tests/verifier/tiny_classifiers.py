"""Builds classifiers of a few thousand weights in a folder, as transformers saves them."""

from pathlib import Path

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "mill", "tide", "cat", "the", "a", "turns"]


def classifier(folder: Path, labels: list[str], *, tokens: bool = False) -> Path:
    """Save a BERT that classifies pairs, or their tokens, its weights drawn with a seed."""
    import torch
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        BertForTokenClassification,
        BertTokenizer,
    )

    torch.manual_seed(7)
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        initializer_range=1.0,
        id2label=dict(enumerate(labels)),
        label2id={label: at for at, label in enumerate(labels)},
    )
    kind = BertForTokenClassification if tokens else BertForSequenceClassification
    kind(config).save_pretrained(folder)
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder
