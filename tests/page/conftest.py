"""Running pages for the tests, and a Chromium to look at them with."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent / "slack"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

if TYPE_CHECKING:
    from serving_pages import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Page]":
    """A page whose model answers at once."""
    from serving_pages import serving

    with serving(tmp_path_factory.mktemp("page")) as served:
        yield served


@pytest.fixture(scope="session")
def slow_page(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Page]":
    """A page whose model takes some ten seconds for an answer."""
    from serving_pages import serving

    with serving(tmp_path_factory.mktemp("slow"), "8") as served:
        yield served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, without a window."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Any) -> Iterator[Any]:
    """A tab of its own; a request to anywhere else, a dialog or an error of a script fails."""
    from watching_tabs import watched

    with watched(chromium) as page:
        yield page
