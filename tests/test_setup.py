"""Set-up: pip's package sources reach uv, a question reaches vouch whole, the programs agree."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
ASKED = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE", "UV_INDEX_STRATEGY")

PIP = """\
:env:.find-links='/wheels'
global.extra-index-url='\\nfile:///more/simple\\nfile:///rest/simple'
global.find-links='/other'
install.cert='/certificates.pem'
"""

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose python answers as a pip with settings, and whose uv shows what it got."""
    (tmp_path / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "uv.sh", tmp_path / "requirements")
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (tmp_path / "pip.txt").write_text(PIP)
    shown = "\n".join(f'echo "{name}=${name}"' for name in ASKED)
    for name, does in (("python", f"cat {tmp_path}/pip.txt"), ("uv", f'echo "$@"\n{shown}')):
        (programs / name).write_text(f"#!/bin/sh\n{does}\n")
        (programs / name).chmod(0o755)
    return tmp_path


def _uv(checkout: Path, **environment: str) -> list[str]:
    plain = {k: v for k, v in os.environ.items() if k not in ASKED}
    done = subprocess.run(
        [checkout / "requirements" / "uv.sh", "pip", "install"],
        env={**plain, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.splitlines()


def test_uv_is_told_what_pip_is_set_to(checkout: Path) -> None:
    assert _uv(checkout) == [
        "pip install",
        "UV_DEFAULT_INDEX=",
        "UV_INDEX=file:///more/simple file:///rest/simple",
        "UV_FIND_LINKS=/wheels",
        "SSL_CERT_FILE=/certificates.pem",
        "UV_INDEX_STRATEGY=unsafe-best-match",
    ]


def test_what_uv_is_set_to_stands(checkout: Path) -> None:
    assert "UV_FIND_LINKS=/mine" in _uv(checkout, UV_FIND_LINKS="/mine")


def _make(*arguments: str) -> str:
    done = subprocess.run(
        ["make", "-C", ROOT, *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def test_help_names_every_target() -> None:
    shown = _make("help")
    targets = re.search(r"^\.PHONY: (.*)$", MAKEFILE, flags=re.MULTILINE)
    assert targets
    for target in targets[1].split():
        assert f"make {target}" in shown


def test_a_question_reaches_vouch_whole(tmp_path: Path) -> None:
    """Quotation marks, dollars and backticks in Q are neither make's nor the shell's."""
    question = """What do "this", `that` and $5 cost? It's $(echo 1)"""
    lines = [line for line in MAKEFILE.splitlines() if re.match(r"(export )?(Q|QUESTION)\b", line)]
    (tmp_path / "Makefile").write_text("\n".join(lines) + '\nall:\n\t@printf %s "$$QUESTION"\n')
    done = subprocess.run(
        ["make", "-C", tmp_path, "--no-print-directory", f"Q={question}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == question


def test_libraries_report_to_nobody(vouch_home: Path) -> None:
    """Opening a house switches off what libraries in use would send home."""
    code = (
        "import os, pathlib, sys\n"
        "from app.house import build_calls\nfrom app.quiet import QUIET\n"
        "build_calls(pathlib.Path(sys.argv[1]), {}, {}).close()\n"
        "print([name for name in QUIET if os.environ.get(name) != QUIET[name]])"
    )
    quiet = ("HF_", "LANG", "DO_NOT", "ANONYM", "TOKEN")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(quiet)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(vouch_home)],
        cwd=ROOT,
        env=plain,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_the_program_says_its_version() -> None:
    code = "from ui.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    assert version
    assert done.stdout.split() == ["vouch", version[1]]
