"""The pages against axe-core: nothing serious beyond what an empty Streamlit page has itself."""

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from watching_tabs import settled, watched

pytestmark = pytest.mark.slow

GRAVE = ("serious", "critical")


def grave(tab: Any) -> set[tuple[str, str]]:
    """What axe-core finds: rule and element, of grave impact alone."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(tab).response["violations"]
    return {
        (rule["id"], str(node["target"]))
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    }


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Streamlit page with a sidebar and nothing of ours."""
    folder = tmp_path_factory.mktemp("empty")
    script = folder / "nothing.py"
    script.write_text("import streamlit as st\nst.title('Nothing')\nst.sidebar.write('Nothing')\n")
    port = _free()
    flags = [f"--server.port={port}", "--server.headless=true", "--server.address=127.0.0.1"]
    flags.append("--browser.gatherUsageStats=false")
    command = [sys.executable, "-m", "streamlit", "run", str(script), *flags]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    while process.poll() is None:
        try:
            if httpx.get(f"{url}/_stcore/health").status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.1)
    yield url
    process.terminate()
    process.wait(30)


def _free() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def usual(empty: str, chromium: Any) -> set[str]:
    """The rules that an empty page breaks."""
    with watched(chromium) as tab:
        tab.goto(empty)
        tab.locator("h1").wait_for()
        return {rule for rule, _ in grave(tab)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_conversation_can_be_used_by_everyone(
    page: Any, chromium: Any, usual: set[str], scheme: str
) -> None:
    fact = page.facts[6 + (scheme == "dark")]
    with watched(chromium, color_scheme=scheme) as tab:
        tab.goto(page.url)
        tab.locator(".v-welcome").wait_for()
        settled(tab)
        assert not {one for one in grave(tab) if one[0] not in usual}
        box = tab.get_by_test_id("stChatInputTextArea")
        box.fill(fact.question)
        box.press("Enter")
        tab.locator("article.v-answer").wait_for()
        tab.locator('[class*="st-key-regenerate-"]').wait_for()
        settled(tab)
        for fold in tab.locator("article.v-answer details > summary").all():
            fold.click()
        assert not {one for one in grave(tab) if one[0] not in usual}
        tab.locator('[class*="st-key-down-"] button').click()
        tab.get_by_test_id("stForm").wait_for()
        settled(tab)
        assert not {one for one in grave(tab) if one[0] not in usual}
        tab.locator("button.v-mark").first.click()
        assert not {one for one in grave(tab) if one[0] not in usual}


@pytest.mark.parametrize("path", ["library", "runs", "compare"])
def test_the_other_pages_too(page: Any, chromium: Any, usual: set[str], path: str) -> None:
    with watched(chromium) as tab:
        tab.goto(f"{page.url}/{path}")
        tab.locator(".stMain h1").first.wait_for()
        settled(tab)
        assert not {one for one in grave(tab) if one[0] not in usual}


def test_the_measure_sees_a_fault(chromium: Any) -> None:
    context = chromium.new_context()
    tab = context.new_page()
    tab.set_content("<html lang=en><title>x</title><main><button></button></main></html>")
    assert "button-name" in {rule for rule, _ in grave(tab)}
    context.close()
