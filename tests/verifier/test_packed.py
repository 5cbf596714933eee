"""The verifier's own weights: coding of pairs, packing, the network, and threads."""

import threading
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import BertConfig, BertModel

from app.learning import checkpoint
from app.verifier import packed
from app.verifier.coding import CLAIM, MOST, Coded, batches, coded, padded, tokenizer
from app.verifier.embedded import EmbeddedVerifier
from app.verifier.net import EVIDENCE, HELD, KINDS, LACKING, SHARED, begin, forward
from retrieval.errors import UserError

PAIRS = [
    ("The mill turns with the tide. It was built in 1966.", "It was built in 1966."),
    ("The mill turns with the tide.", "The mill stands in Wales."),
    ("Bread is baked.", "Bread is baked from flour, water, salt and a great deal of patience."),
]


@pytest.fixture(scope="module")
def weights() -> dict[str, torch.Tensor]:
    return begin(packed.base_weights(), seed=3)


def _coded(*pairs: tuple[str, str]) -> list[Coded]:
    return coded(tokenizer(packed.base()[0]), pairs)


def test_words_of_the_claim_are_marked_by_whether_the_evidence_has_them() -> None:
    (row,) = _coded(("mill tide", "the mill"))
    assert len(row.ids) == 7 and (row.ids[0], row.ids[3], row.ids[6]) == (101, 102, 102)
    assert row.kinds == (EVIDENCE, SHARED, EVIDENCE, EVIDENCE, LACKING, HELD, EVIDENCE)


def test_what_is_too_long_is_cut_at_the_end() -> None:
    (row,) = _coded(("mill " * 500, "tide " * 500))
    assert len(row.ids) == MOST
    assert row.kinds.count(LACKING) == CLAIM
    (short,) = _coded(("mill " * 500, "tide"))
    assert len(short.ids) == MOST and short.kinds.count(LACKING) == 1


def test_the_network_is_the_embedders_with_other_kinds_of_token(
    weights: dict[str, torch.Tensor],
) -> None:
    rows = _coded(*PAIRS)
    ids, kinds, mask = padded(rows)
    assert mask is not None and mask.sum() == sum(len(row.ids) for row in rows)
    config = BertConfig.from_pretrained(str(packed.base()[0]), type_vocab_size=4)
    model = BertModel(config, add_pooling_layer=False).eval()
    renamed = {name: one for name, one in weights.items() if not name.startswith("head")}
    renamed["embeddings.token_type_embeddings.weight"] = renamed.pop(KINDS)
    model.load_state_dict(renamed)
    with torch.inference_mode():
        theirs = model(ids, attention_mask=mask.long(), token_type_ids=kinds).last_hidden_state
        ours = forward(weights, ids, kinds, mask)
        for at, row in enumerate(rows):
            flow = theirs[at, : len(row.ids)]
            claim = flow[[kind in (HELD, LACKING) for kind in row.kinds]]
            whole = torch.cat([flow[0], claim.mean(0), claim.amax(0)])
            wanted = weights["head.weight"] @ whole + weights["head.bias"]
            assert torch.allclose(ours[at], wanted, atol=1e-4)


def test_a_batch_changes_nothing_and_holds_no_more_than_it_may() -> None:
    rows = _coded(*PAIRS, ("mill " * 200, "tide"))
    made = list(batches(rows, tokens=130))
    assert sorted(row for batch in made for row in batch) == [0, 1, 2, 3]
    assert made[0] == [3]
    for batch in made:
        assert len(batch) == 1 or len(batch) * max(len(rows[r].ids) for r in batch) <= 130


def test_packing_keeps_small_changes(weights: dict[str, torch.Tensor]) -> None:
    base = packed.base_weights()
    name = "encoder.layer.0.output.dense.weight"
    changed = dict(weights)
    changed[name] = weights[name] + 0.01 * torch.randn(weights[name].shape)
    stored = packed.pack(changed, weights)
    assert stored[f"{name}.change"].dtype == torch.int8
    found = packed.unpack(stored, base)
    assert found.keys() == weights.keys()
    assert (found[name] - changed[name]).abs().max() < 0.01 * 5 / 127
    assert all(torch.equal(found[n], weights[n]) for n in weights if n != name)


@pytest.fixture
def folder(tmp_path: Path, weights: dict[str, torch.Tensor]) -> Path:
    checkpoint.write(tmp_path / packed.WEIGHTS, packed.pack(weights, weights), {})
    return tmp_path


def _card(**values: str) -> packed.Card:
    return packed.Card("tried", values.get("base", packed.base()[1]))


def test_threads_get_what_one_gets(folder: Path) -> None:
    alone = EmbeddedVerifier(folder, _card()).entailments(PAIRS)
    shared = EmbeddedVerifier(folder, _card())
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(shared.entailments(PAIRS))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [alone] * 4
    assert shared.entailments([]) == []
    singly = [shared.entailments([pair])[0] for pair in PAIRS]
    for one, other in zip(singly, alone, strict=True):
        assert one == pytest.approx(other, abs=1e-5)


def test_temperature_calms(folder: Path) -> None:
    plain = EmbeddedVerifier(folder, _card())
    hot = packed.Card("hot", packed.base()[1], temperature=1e6)
    for carried, against in EmbeddedVerifier(folder, hot).entailments(PAIRS):
        assert carried == pytest.approx(1 / 3, abs=1e-3) == against
    assert plain.entailments(PAIRS) != EmbeddedVerifier(folder, hot).entailments(PAIRS)


def test_weights_of_another_embedder_are_refused(folder: Path) -> None:
    with pytest.raises(UserError, match=r"another edition of the embedder.*vouch learn verifier"):
        EmbeddedVerifier(folder, _card(base="0" * 12)).entailments(PAIRS)


@pytest.mark.parametrize("spoilt", [b"", b"nothing"])
def test_spoilt_weights_are_told(folder: Path, spoilt: bytes) -> None:
    (folder / packed.WEIGHTS).write_bytes(spoilt)
    with pytest.raises(UserError, match=r"weights .* cannot be read"):
        EmbeddedVerifier(folder, _card()).entailments(PAIRS)


def test_the_packaged_weights_are_small_and_whole() -> None:
    files = list(packed.PACKAGED.iterdir())
    assert sum(path.stat().st_size for path in files) < 25_000_000
    stored = load_file(packed.PACKAGED / packed.WEIGHTS)
    assert (
        packed.unpack(stored, packed.base_weights()).keys()
        == begin(packed.base_weights(), 1).keys()
    )
    card = packed.card(packed.PACKAGED)
    assert card.base == packed.base()[1]
    assert {"data", "recipe", "pairs", "kept aside"} <= set(card.about)


def test_the_packaged_verifier_tells_plain_cases_apart() -> None:
    pairs = [
        ("Two men are playing football in the rain.", "People are playing a game outside."),
        ("Two men are playing football in the rain.", "The men are asleep in bed."),
    ]
    (carried, _), (other, against) = EmbeddedVerifier().entailments(pairs)
    assert carried > 0.5 > other
    assert against > 0.5
