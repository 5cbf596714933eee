"""Several adapters beside one model: each reply is as if the worker had its adapter alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_llama import WIDTH, write, write_adapter

from agents.models.base import Message, ModelError, Sampling, together
from agents.models.llama import LlamaModel
from agents.models.slots import Slots
from retrieval.errors import UserError

JOBS = ("write", "browse", "")
PROMPT = [Message("user", "the other heath")]
LONGER = [*PROMPT, Message("assistant", "x"), Message("user", "the")]


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture(scope="module")
def adapters(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("learned")
    return {
        "write": write_adapter(folder / "write-1" / "adapter.gguf", 1),
        "browse": write_adapter(folder / "browse.gguf", 2, name="browse-7"),
    }


@pytest.fixture(scope="module")
def model(base, adapters) -> Iterator[LlamaModel]:
    model = LlamaModel(base, context=256, slots=2, parallel=4, adapters=adapters)
    yield model
    model.close()


def _reply(model, job: str, messages=PROMPT, prefix: str = "one"):
    *_, reply = model.reply(messages, Sampling(12, prefix=prefix, adapter=job))
    return reply


@pytest.fixture(scope="module")
def alone(base, adapters) -> dict[tuple[str, int], str]:
    """What each adapter writes to each prompt in a worker that never used another one."""
    found = {}
    for job in JOBS:
        only = {job: adapters[job]} if job else {}
        for number, messages in enumerate((PROMPT, LONGER)):
            model = LlamaModel(base, context=256, adapters=only)
            found[job, number] = _reply(model, job, messages).text
            model.close()
    return found


def test_the_capability_names_the_adapters(model) -> None:
    assert model.capabilities.adapters == ("write", "browse")


def test_replies_by_turns_are_those_of_each_adapter_alone(model, alone) -> None:
    """One prompt, one prefix name and two slots: whatever is reused was written with the adapter
    in use. Each of the three writes something else, so one taken for another is seen."""
    assert len({alone[job, 0] for job in JOBS}) == len({alone[job, 1] for job in JOBS}) == 3
    for _ in range(2):
        for number, messages in enumerate((PROMPT, LONGER)):
            for job in JOBS:
                assert _reply(model, job, messages).text == alone[job, number], (job, number)


def test_an_adapter_s_own_prefix_is_reused(model) -> None:
    _reply(model, "write", prefix="kept")
    _reply(model, "browse", prefix="kept")
    again = _reply(model, "write", prefix="kept")
    assert again.evaluated == 1 < again.read


def test_replies_side_by_side_may_have_different_adapters(model, alone) -> None:
    wanted = [Sampling(12, adapter=job) for job in ("write", "browse", "browse", "", "write")]
    replies = together(model, PROMPT, wanted)
    assert [r.text for r in replies] == [alone[sampling.adapter, 0] for sampling in wanted]


def test_a_reply_names_the_weights_that_wrote_it(model) -> None:
    assert [_reply(model, job).adapter for job in JOBS] == ["write-1", "browse-7", ""]


def test_an_adapter_that_it_does_not_have_is_an_error(model) -> None:
    with pytest.raises(ModelError, match=r"no adapter 'rank' \(it has: write, browse\)"):
        _reply(model, "rank")


def test_the_identity_tells_what_is_laid_over(base, adapters, model) -> None:
    bare = LlamaModel(base)
    assert bare.identity == bare.base == model.base
    assert len({bare.identity, model.identity, LlamaModel(base, adapters={}).identity}) == 2


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path, base: path, "there is no model file"),
        (lambda path, base: base, "is no LoRA adapter"),
        (lambda path, base: write_adapter(path, 1, architecture="qwen2"), "'qwen2'"),
        (lambda path, base: write_adapter(path, 1, width=WIDTH * 2), "does not fit the model"),
    ],
    ids=["missing", "a model", "another architecture", "another model"],
)
def test_a_wrong_file_is_named_with_the_cure(base, tmp_path, make, said) -> None:
    adapter = make(tmp_path / "foreign.gguf", base)
    model = LlamaModel(base, context=256, adapters={"write": adapter})
    with pytest.raises(UserError, match=said) as refused:
        _reply(model, "")
    assert str(adapter) in refused.value.what
    assert refused.value.origin == "adapters.write"
    assert refused.value.cure == "go without it: vouch config set adapters.write none"
    assert model.pid is None


def test_a_file_that_is_cut_short_is_named(base, tmp_path, adapters) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(adapters["write"].read_bytes()[:-64])
    with pytest.raises(UserError, match="cut short"):
        LlamaModel(base, adapters={"write": cut}).check()


def test_a_slot_serves_one_adapter() -> None:
    slots = Slots(2, 100)
    first = slots.choose("a", [1, 2, 3], "write")
    first.slot.tokens = [1, 2, 3]
    other = slots.choose("a", [1, 2, 3], "browse")
    assert other.keep == 0 and other.donor is None and other.slot is not first.slot
    other.slot.tokens = [1, 2, 3]
    bare = slots.choose("a", [1, 2, 3], "")
    assert bare.keep == 0 and bare.donor is None and bare.slot is first.slot
    assert slots.choose("b", [1, 2, 9], "browse").keep == 2, "a donor of the same adapter"
