"""How the chat page is served: to this machine alone, quietly, and from a free port."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from retrieval.errors import UserError
from ui.chat import server
from ui.chat.style import sheet
from ui.grammar.chat import port as read_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.0.0.2"])
def test_this_machine_is_served(host: str) -> None:
    server.refuse_strangers(host, "chat.host")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "vouch.example", "", "10.0.0.1"])
def test_wider_addresses_are_refused_with_a_cure(host: str) -> None:
    with pytest.raises(UserError) as refused:
        server.refuse_strangers(host, "chat.host")
    assert refused.value.cure


def test_a_taken_port_gives_way_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert number < server.free_port("127.0.0.1", number) <= number + server.TRIES
        monkeypatch.setattr(server, "TRIES", 0)
        with pytest.raises(UserError, match=str(number)):
            server.free_port("127.0.0.1", number)
    assert server.free_port("127.0.0.1", 0) > 0


def test_nothing_is_sent_home_and_nothing_is_told_to_strangers() -> None:
    options = server.options("127.0.0.1", 8501)
    assert options["browser_gatherUsageStats"] is False and options["server_headless"] is True
    assert options["server_enableXsrfProtection"] is True
    assert options["client_showErrorDetails"] == "none" and options["server_runOnSave"] is False
    assert "*" not in options["server_allowedHosts"]


def test_every_option_is_one_of_streamlit() -> None:
    from streamlit import config

    known = {name.replace(".", "_") for name in config.get_config_options()}
    assert set(server.options("127.0.0.1", 1)) <= known


def test_the_script_has_a_folder_of_its_own() -> None:
    """Streamlit puts it first on the module path, where a neighbour could hide a module."""
    names = {path.stem for path in server.SCRIPT.parent.iterdir()} - {"__pycache__"}
    assert names == {"vouch_chat"}


def test_the_style_sheet_loads_nothing() -> None:
    assert "@import" not in sheet() and "http" not in sheet().replace("http://www.w3.org/2000", "")
    assert all(url.startswith('"data:') for url in re.findall(r"url\(([^)]*)", sheet()))


def test_icons_of_pages_are_not_fetched_from_the_internet() -> None:
    """An icon of the site or of a page becomes its favicon, and named ones come from a server."""
    text = (ROOT / "ui" / "chat" / "shell.py").read_text("utf-8")
    made = re.findall(r"(?:st\.Page|set_page_config)\((?:[^()]|\([^()]*\))*\)", text)
    assert len(made) == 2 and not [
        call for call in made if ":material" in call or "icon=icon" in call
    ]


@pytest.mark.parametrize("text", ["-1", "x", "65536", ""])
def test_no_port_is_no_port(text: str) -> None:
    with pytest.raises(Exception, match="port"):
        read_port(text)


SERVE = """
import sys
from pathlib import Path
from ui.chat.server import serve
serve(Path(sys.argv[1]), {}, "127.0.0.1", int(sys.argv[2]), "en")
"""


@pytest.mark.slow
def test_it_serves_and_ends_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    port = server.free_port("127.0.0.1", 0)
    child = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path), str(port)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONPATH": f"{os.environ['PYTHONPATH']}{os.pathsep}{ROOT}"},
    )
    try:
        _answers(f"{server.address('127.0.0.1', port)}/_stcore/health")
        child.send_signal(signal.SIGINT)
        told, _ = child.communicate(timeout=30)
    finally:
        child.kill()
    assert child.returncode == 0, told
    assert "Traceback" not in told


def _answers(url: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} never answered")
