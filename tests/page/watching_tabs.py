"""A tab of Chromium that notes what no page of ours may do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def watched(chromium: Any, **choices: Any) -> Iterator[Any]:
    """Open a tab that notes what no page may do, and hold it against it at the end."""
    context = chromium.new_context(**{"viewport": {"width": 1280, "height": 860}, **choices})
    page = context.new_page()
    breaches: list[str] = []
    page.on("request", lambda request: _note(breaches, request.url))
    page.on(
        "dialog", lambda dialog: (breaches.append(f"dialog {dialog.message}"), dialog.dismiss())
    )
    page.on("pageerror", lambda error: breaches.append(f"error {error}"))
    # Only what never comes about takes so long: a loaded machine is no failure.
    page.set_default_timeout(90_000)
    yield page
    context.close()
    assert not breaches


def settled(tab: Any) -> None:
    """Return when the page has been drawn to its end and nothing is being drawn anew."""
    tab.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def _note(breaches: list[str], url: str) -> None:
    local = ("http://127.0.0.1:", "http://localhost:", "ws://127.0.0.1:", "data:", "blob:")
    if not url.startswith(local):
        breaches.append(url)
