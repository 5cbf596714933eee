"""The policy of a home: the packaged one, or the owner's file; faults are told in one sentence."""

from pathlib import Path

import pytest

from agents.rules.rubric import PACKAGED, read
from app.policy import policy
from app.settings import load
from retrieval.errors import UserError

OWN = "# ours\n[disallowed.prices]\nbecause = 'it tells a price'\npatterns = ['\\d+ crowns']\n"


def of(home: Path, named: str) -> str:
    return policy(load(home, {}, {"check.policy": named}))


def test_without_a_file_the_packaged_policy_is_in_force(tmp_path: Path) -> None:
    assert of(tmp_path, "") == f'base = "{PACKAGED}"\n'


def test_the_owners_file_is_laid_over_the_packaged_policy(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(OWN, "utf-8")
    text = of(tmp_path, "policy.toml")
    assert text == f'base = "{PACKAGED}"\n{OWN}'
    assert [sort.name for sort in read(text).forbidden] == ["disallowed.prices"]
    (tmp_path / "policy.toml").write_text(f'base = "{PACKAGED}"\n', "utf-8")
    assert of(tmp_path, str(tmp_path / "policy.toml")) == f'base = "{PACKAGED}"\n'


def test_a_fault_names_the_file_and_the_line_as_the_owner_sees_it(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[refusal]\nsigns = ['a(b']\n", "utf-8")
    with pytest.raises(UserError) as caught:
        of(tmp_path, "policy.toml")
    assert f"{path} line 2" in str(caught.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "not UTF-8"])
def test_a_file_that_cannot_be_read_is_told_with_its_cure(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "policy.toml").write_bytes(content)
    with pytest.raises(UserError, match="cannot be read") as caught:
        of(tmp_path, "policy.toml")
    assert "command line" in caught.value.origin
    assert "vouch config set check.policy" in caught.value.cure
