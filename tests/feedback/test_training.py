"""Exports are what the trainers read: loaded with `datasets`, checked and tokenized by TRL."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

CLARA = "The engineer of the weir was Clara Voss [1]."
WRONG = "The weir at Aldmoor has never had an engineer at all [1]."
TEMPLATE = (
    "{% for m in messages %}<{{ m.role }}> {{ m.content }} </s> {% endfor %}"
    "{% if add_generation_prompt %}<assistant> {% endif %}"
)


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")


@pytest.fixture
def load(served, make_events, tmp_path) -> Callable[[str], Any]:
    """Export a few votes in a format and load both sides of the split."""
    for n in range(12):
        question = f"Who was the engineer of weir number {n} at Aldmoor?"
        served.keep(f"up{n}", make_events(CLARA, question=question))
        served.keep(f"down{n}", make_events(WRONG, question=question))
        served.vote(f"up{n}", f"down{n}")

    def make(format: str) -> Any:
        from datasets import load_dataset

        folder = tmp_path / format
        told = served("feedback.export", format=format, output=str(folder), test=0.3)
        assert told["report"]["split"]["test"], "the split of this test has two sides"
        files = {part: str(folder / f"{part}.jsonl") for part in ("train", "test")}
        return load_dataset("json", data_files=files, cache_dir=str(tmp_path / "cache"))

    return make


@pytest.mark.parametrize("format", ["trl", "kto", "webgpt", "trajectories"])
def test_datasets_loads_every_format(load, format) -> None:
    data = load(format)
    assert {"train", "test"} == set(data) and all(len(part) for part in data.values())
    assert len(data["train"]) + len(data["test"]) == (24 if format == "kto" else 12)


def test_the_page_beside_an_export_tells_datasets_its_splits(load, tmp_path) -> None:
    from datasets import load_dataset

    load("trl")
    data = load_dataset(str(tmp_path / "trl"), cache_dir=str(tmp_path / "cache"))
    assert set(data) == {"train", "test"}
    assert set(data["train"].column_names) == {"prompt", "chosen", "rejected"}


def test_preferences_pass_trls_own_checks(load) -> None:
    from trl.data_utils import is_conversational, maybe_extract_prompt, unpair_preference_dataset

    train = load("trl")["train"]
    for row in train:
        assert is_conversational(row) and maybe_extract_prompt(row) == row
        assert [message["role"] for message in row["chosen"]] == ["assistant"]
    unpaired = unpair_preference_dataset(train)
    assert unpaired.column_names == load("kto")["train"].column_names
    assert sum(unpaired["label"]) * 2 == len(unpaired)


def test_thumbs_pass_trls_own_checks(load) -> None:
    from trl.data_utils import is_conversational

    for row in load("kto")["train"]:
        assert is_conversational(row) and type(row["label"]) is bool


def test_trajectories_pass_trls_own_checks(load) -> None:
    from trl.data_utils import is_conversational

    for row in load("trajectories")["train"]:
        assert is_conversational(row) and row.keys() == {"prompt", "completion"}


def test_comparisons_train_as_webgpts_do(load) -> None:
    for row in load("webgpt")["train"]:
        assert row["score_0"] + row["score_1"] == 0
        best = row["answer_0"] if row["score_0"] > 0 else row["answer_1"]
        assert best == CLARA and len(row["quotes_0"]["title"]) == len(row["quotes_0"]["extract"])


@pytest.fixture
def tiny(tmp_path: Path) -> tuple[Any, Any]:
    """A tokenizer of the export's own words, and a model of two layers; both made here."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = sorted({*CLARA.split(), *WRONG.split(), "<user>", "<assistant>", "Aldmoor?"})
    vocabulary = {word: n for n, word in enumerate(["<unk>", "<pad>", "</s>", *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", pad_token="<pad>", eos_token="</s>"
    )
    fast.chat_template = TEMPLATE
    config = LlamaConfig(
        vocab_size=len(vocabulary), hidden_size=8, intermediate_size=16, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=2048, pad_token_id=1, eos_token_id=2,
        bos_token_id=2,
    )  # fmt: skip
    return LlamaForCausalLM(config), fast


def _settings(folder: Path) -> dict[str, Any]:
    return {
        "output_dir": str(folder), "report_to": [], "use_cpu": True, "max_steps": 1, "bf16": False,
        "per_device_train_batch_size": 2, "logging_steps": 1, "save_strategy": "no",
        "gradient_checkpointing": False, "disable_tqdm": True,
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("format", ["trl", "kto"])
def test_a_trainer_takes_a_step_on_the_export(load, tiny, tmp_path, format) -> None:
    import trl

    model, tokenizer = tiny
    preferences = format == "trl"
    config = (trl.DPOConfig if preferences else trl.KTOConfig)(**_settings(tmp_path / "run"))
    trainer = (trl.DPOTrainer if preferences else trl.KTOTrainer)(
        model,
        deepcopy(model),
        args=config,
        train_dataset=load(format)["train"],
        processing_class=tokenizer,
    )
    row = trainer.train_dataset[0]
    told = row["chosen_ids"] if preferences else row["completion_ids"]
    assert tokenizer.decode(told, skip_special_tokens=True).strip() in (CLARA, WRONG)
    assert "Aldmoor?" in tokenizer.decode(row["prompt_ids"])
    assert trainer.train().training_loss > 0
