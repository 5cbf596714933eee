"""What the settings of an encoder do, on models of random weights: each shows in the vectors."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_models import PLACES, WIDTH, encoder, stacked, write

from retrieval.embed import EncoderOptions, SentenceEncoder
from retrieval.errors import UserError

TEXTS = ("a cat sat on a mat.", "", "short", "the letters of a long text: " * 20, "9, 8, 7.")


def made(folder: Path, **options: object) -> SentenceEncoder:
    return SentenceEncoder(str(folder), "cpu", replace(EncoderOptions(), **options))


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).max())


@pytest.mark.parametrize("kind", ["bert", "xlm-roberta"])
def test_a_batch_changes_nothing_in_a_vector(tmp_path: Path, kind: str) -> None:
    folder = stacked(encoder(tmp_path / "m", kind))
    together = made(folder).encode(TEXTS)
    assert together.shape == (len(TEXTS), WIDTH)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    alone = np.concatenate([made(folder, batch=1).encode([text]) for text in TEXTS])
    assert apart(together, alone) < 1e-5
    assert apart(made(folder, batch=2).encode(TEXTS), alone) < 1e-5
    assert apart(together[:1], together[1:]) > 0.01


def test_halves_of_characters_are_encoded_like_any_that_is_not_known(tmp_path: Path) -> None:
    """The name of a file, and with it a title, may be no UTF-8."""
    model = made(stacked(encoder(tmp_path / "m")))
    vectors = model.encode(["owl \udcff", "owl ?"])
    assert apart(vectors[:1], vectors[1:]) == 0


def test_a_prefix_goes_before_the_text(tmp_path: Path) -> None:
    folder = stacked(encoder(tmp_path / "m"))
    with_prefixes = made(folder, query_prefix="query: ", passage_prefix="passage: ")
    without = made(folder)
    for query, prefix in ((True, "query: "), (False, "passage: ")):
        wanted = without.encode([prefix + text for text in TEXTS])
        assert apart(with_prefixes.encode(TEXTS, query=query), wanted) < 1e-6
    assert apart(without.encode(TEXTS, query=True), without.encode(TEXTS)) == 0
    assert "query='query: '" in with_prefixes.id and "passage='passage: '" in with_prefixes.id


def test_a_model_says_its_prefixes_itself(tmp_path: Path) -> None:
    prompts = {"query": "find: ", "document": "", "passage": "text: "}
    folder = stacked(encoder(tmp_path / "e5-small"), "mean_tokens", prompts=prompts)
    assert "query='find: ' passage='text: '" in made(folder).id
    stacked(folder, "mean_tokens", prompts={"query": "", "document": ""})
    assert "query='query: ' passage='passage: '" in made(folder).id
    assert "query=" not in made(folder, query_prefix="", passage_prefix="").id


@pytest.mark.parametrize(
    ("pooling", "old"), [("mean", "mean_tokens"), ("cls", "cls_token"), ("last", "lasttoken")]
)
def test_a_pooling_is_the_models_own_or_the_settings(
    tmp_path: Path, pooling: str, old: str
) -> None:
    bare = encoder(tmp_path / "bare")
    own = stacked(encoder(tmp_path / "own"), old, "Normalize")
    wanted = made(bare, pooling=pooling).encode(TEXTS)
    assert apart(made(own).encode(TEXTS), wanted) == 0
    assert (apart(made(bare).encode(TEXTS), wanted) == 0) == (pooling == "mean")
    assert f"{pooling} pooling" in made(own).id


def test_a_text_is_cut_after_so_many_tokens(tmp_path: Path) -> None:
    folder = stacked(encoder(tmp_path / "m"))
    cut = made(folder, max_tokens=10)
    assert apart(cut.encode(["abcdefgh" + "x" * 40]), cut.encode(["abcdefgh"])) < 1e-6
    whole = made(folder)
    assert apart(whole.encode(["abcdefgh" + "x" * 40]), whole.encode(["abcdefgh"])) > 0.01
    assert apart(whole.encode(["abc" * 40]), whole.encode(["abc" * 100])) < 1e-6
    assert "10 tokens" in cut.id and f"{PLACES} tokens" in whole.id
    with pytest.raises(UserError, match=f"reads {PLACES} tokens at most, and not {PLACES + 1}"):
        made(folder, max_tokens=PLACES + 1).encode(TEXTS)
    write(folder / "sentence_bert_config.json", {"max_seq_length": 10, "do_lower_case": False})
    assert apart(made(folder).encode(TEXTS), cut.encode(TEXTS)) < 1e-6


def test_half_precision_changes_little(tmp_path: Path) -> None:
    folder = stacked(encoder(tmp_path / "m"))
    exact, half = made(folder), made(folder, precision="bfloat16")
    cosines = (exact.encode(TEXTS) * half.encode(TEXTS)).sum(1)
    assert 0.99 < cosines.min() < 1 - 1e-7
    assert half.encode(TEXTS).dtype == np.float32
    assert half.id == exact.id


def test_the_id_tells_of_every_change(tmp_path: Path) -> None:
    folder = stacked(encoder(tmp_path / "m"))
    ids = [made(folder).id]
    for options in ({"pooling": "cls"}, {"max_tokens": 9}, {"query_prefix": "q "}):
        ids.append(made(folder, **options).id)
    encoder(folder, seed=1)
    ids.append(made(folder).id)
    assert len(set(ids)) == len(ids)
    assert all(one.startswith("m@") and f"{WIDTH}d unit" in one for one in ids)
    same = encoder(tmp_path / "other" / "m", seed=1)
    assert made(stacked(same, "mean_tokens")).id == ids[-1]
    (folder / "notes.md").write_text("not of the model")
    assert made(folder).id == made(folder, batch=3, languages=("de",)).id == ids[-1]


def test_the_embedded_models_id_stays() -> None:
    plain = SentenceEncoder()
    assert plain.id == "embedded:all-MiniLM-L6-v2" and plain.dimension == 384
    other = SentenceEncoder(options=EncoderOptions(max_tokens=128)).id
    assert other == "embedded:all-MiniLM-L6-v2 384d unit mean pooling 128 tokens"


def test_weights_in_parts_are_put_together(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = stacked(encoder(tmp_path / "m"))
    wanted = made(folder).encode(TEXTS)
    found = load_file(folder / "model.safetensors")
    parts = {"a.safetensors": {}, "b.safetensors": {}}
    names = {name: "ab"[at % 2] + ".safetensors" for at, name in enumerate(sorted(found))}
    for name, part in names.items():
        parts[part][f"bert.{name}"] = found[name]
    for part, held in parts.items():
        save_file(held, folder / part)
    (folder / "model.safetensors").unlink()
    write(
        folder / "model.safetensors.index.json",
        {"weight_map": {f"bert.{n}": p for n, p in names.items()}},
    )
    assert apart(made(folder).encode(TEXTS), wanted) == 0


@pytest.mark.parametrize("bytes_kept", [0, 7, 1000])
def test_damaged_weights_are_told(tmp_path: Path, bytes_kept: int) -> None:
    folder = stacked(encoder(tmp_path / "m"))
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:bytes_kept])
    with pytest.raises(UserError, match="does not load"):
        made(folder).encode(TEXTS)


def test_a_configuration_that_is_no_json_is_named(tmp_path: Path) -> None:
    folder = stacked(encoder(tmp_path / "m"))
    (folder / "modules.json").write_text("[{")
    with pytest.raises(UserError, match=r"modules\.json"):
        made(folder).encode(TEXTS)


def test_the_usual_models_load_no_large_library(tmp_path: Path) -> None:
    folder = stacked(encoder(tmp_path / "m"))
    code = (
        "import sys; from retrieval.embed import SentenceEncoder as E;"
        f"E({str(folder)!r}, 'cpu').encode(['a']);"
        "print({'transformers', 'sentence_transformers', 'sklearn', 'pandas'} & {*sys.modules})"
    )
    root = Path(__file__).resolve().parents[2]
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "set()"
