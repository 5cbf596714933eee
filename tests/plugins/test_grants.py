"""What was granted is remembered, exactly, in a file that only its owner can read."""

from pathlib import Path

import pytest

from plugins.grants import Grant, Grants
from plugins.tools import Permissions
from retrieval.errors import UserError

ONE = Grant("file /x.py", Permissions(frozenset({"a.org"}), frozenset({"/data"})))
OTHER = Grant("mcp run it", Permissions(programs=frozenset({"run it"})))


def test_grants_are_kept_and_taken(tmp_path: Path) -> None:
    grants = Grants(tmp_path / "home" / "plugins.json")
    assert grants.read() == {}
    grants.give("one", ONE)
    grants.give("other", OTHER)
    assert Grants(grants.path).read() == {"one": ONE, "other": OTHER}
    grants.give("one", Grant("file /x.py", Permissions()))
    assert grants.read()["one"].permissions == Permissions()
    grants.take("one")
    grants.take("never given")
    assert grants.read() == {"other": OTHER}
    assert grants.path.stat().st_mode & 0o077 == 0
    assert list(grants.path.parent.iterdir()) == [grants.path]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"plugins": []}', '{"plugins": {"a": {}}}',
     '{"plugins": {"a": {"origin": "x", "permissions": {"hosts": "all"}}}}', "\udcff"],
)  # fmt: skip
def test_a_damaged_file_grants_nothing_and_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plugins.json"
    path.write_text(text, "utf-8", "surrogateescape")
    with pytest.raises(UserError, match="cannot be read as the grants"):
        Grants(path).read()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    (tmp_path / "plugins.json").mkdir()
    with pytest.raises(UserError, match="cannot be read"):
        Grants(tmp_path / "plugins.json").give("one", ONE)
    with pytest.raises(UserError, match="cannot be written"):
        Grants(tmp_path / "home" / "plugins.json").give("one", ONE)
