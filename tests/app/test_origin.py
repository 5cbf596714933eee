"""A package of another distribution that has one of our names is found before it does harm."""

import subprocess
from pathlib import Path

import pytest

from app import origin


def test_our_own_packages_are_ours() -> None:
    assert origin.stranger() == ""
    origin.check()


@pytest.mark.parametrize("name", origin.PACKAGES)
def test_a_stranger_is_named_with_its_place(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    fault = origin.stranger(path=[str(tmp_path), str(origin.HOME)])
    assert repr(name) in fault
    assert str(tmp_path / name) in fault


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    assert "'ui' is missing" in origin.stranger(path=[str(tmp_path)])


def test_the_program_stops_with_one_sentence(tmp_path: Path, python: str) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "__init__.py").touch()
    code = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(origin.HOME)!r}]\n"
        "from app.origin import check; check(); print('went on')"
    )
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
