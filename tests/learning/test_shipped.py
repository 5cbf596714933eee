"""The learned weights that come with the program: what their card says, and what they write."""

import json

import pytest

from agents.claims import cites, split
from agents.compose import write_grammar, write_prompt
from agents.dropping import is_evidence
from agents.events import Quoted
from agents.models.base import Reply, Sampling
from agents.models.llama import LlamaModel
from app.adapters import SHIPPED
from app.learning.candidates import Card
from app.learning.writing.public import SETS
from app.prepare import EMBEDDED_NAME, shipped_file

MOST = 8_000_000
"""Bytes."""

OPEN = ("CC BY-SA 4.0", "CC BY 4.0", "CC BY-SA 3.0", "Apache-2.0", "MIT")
QUOTES = [
    Quoted(1, "a", "a", "Bridge", "The bridge at Kirkden was opened in May 1887.", 0, 46),
    Quoted(2, "b", "b", "Bridge", "Its engineer was Clara Voss, a pupil of Lind.", 0, 46),
]
QUESTION = "Who was the engineer of the bridge at Kirkden?"


def test_the_card_tells_an_open_licence_of_everything_it_learned_from() -> None:
    card = Card(**json.loads((SHIPPED / "write.json").read_bytes()))
    assert (card.kind, card.base) == ("write", EMBEDDED_NAME)
    assert set(card.data) <= set(SETS)
    assert all(one["licence"] in OPEN and len(one["sha256"]) == 64 for one in card.data.values())
    assert (SHIPPED / "write.gguf").stat().st_size < MOST


@pytest.mark.slow
def test_with_them_the_embedded_model_writes_one_cited_sentence() -> None:
    replies = {}
    for adapter in ("write", ""):
        paths = {"write": SHIPPED / "write.gguf"} if adapter else {}
        model = LlamaModel(shipped_file(), context=2048, adapters=paths)
        sampling = Sampling(120, grammar=write_grammar(QUOTES, "prose"), adapter=adapter)
        *_, reply = model.reply(write_prompt(QUESTION, QUOTES, "prose"), sampling)
        assert isinstance(reply, Reply)
        replies[adapter] = reply.text
        model.close()
    (claim,) = split(replies["write"])
    assert "Clara Voss" in claim.text and cites(claim.text) == (2,)
    assert not is_evidence(replies["write"], claim)
    assert replies[""] != replies["write"]
