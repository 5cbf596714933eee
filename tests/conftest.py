"""What every test shares: no network, settings of its own, public data sets where at hand."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
NETWORK = ROOT / "tests" / "network"
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LANGSMITH_TRACING": "false",
    "TOKENIZERS_PARALLELISM": "false",
}


def pytest_configure(config: pytest.Config) -> None:
    """Libraries read these when first imported, so they stand before any test module does.

    A shell that runs in the background ignores SIGINT, and so would every child that a test
    presses Ctrl-C on.
    """
    os.environ.update(QUIET)
    _register(config)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(NETWORK), *([inherited] if inherited else [])])
    # Loaded as a file: another sitecustomize is already imported under that name.
    code = compile((NETWORK / "sitecustomize.py").read_text("utf-8"), "network guard", "exec")
    exec(code, {"__name__": "network_guard"})


def _register(config: pytest.Config) -> None:
    """Laws are tried with a sample of examples in `make test`, and with more in `make prove`.

    No example has a deadline: how fast something is belongs to the benchmarks.
    """
    settings.register_profile("sample", max_examples=30, deadline=None)
    settings.register_profile("full", max_examples=200, deadline=None)
    settings.load_profile(config.getoption("--hypothesis-profile") or "sample")


@pytest.fixture(autouse=True)
def _on_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Fail a test that tried to reach another machine, even if the code hid the error."""
    breaches = tmp_path_factory.mktemp("net") / "breaches"
    monkeypatch.setenv("VOUCH_TEST_BREACHES", str(breaches))
    yield
    if breaches.exists():
        pytest.fail(f"network used: {breaches.read_text('utf-8')}", pytrace=False)


@pytest.fixture(autouse=True)
def _own_main() -> Iterator[None]:
    """Put the main module back: Streamlit's tests leave their page in its place, and processes that
    multiprocessing starts would run that."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(autouse=True)
def vouch_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty VOUCH_HOME of the test's own; no VOUCH_ variable of the person who tests counts.

    The path is short because sockets in it may have no more than some 100 bytes.
    """
    for name in [name for name in os.environ if name.startswith("VOUCH_")]:
        if not name.startswith("VOUCH_TEST_"):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("VOUCH_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public data sets beside the checkout; tests that need them are skipped without."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the public data sets are not beside this checkout (../shared/data)")
    return folder


@pytest.fixture(scope="session")
def python() -> str:
    """The interpreter that runs the tests, for tests that start a program."""
    return sys.executable
