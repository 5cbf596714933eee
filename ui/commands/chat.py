"""`vouch chat`: the conversation page in a browser, for this machine alone."""

import os
import sys
import threading

from ui.house_port import Visit
from ui.lines import line

SOON = 1.5
"""Seconds after which the page answers, so that a browser may be sent there."""


def chat(visit: Visit) -> int:
    """Serve the page until it is interrupted."""
    from app.settings import load
    from ui.chat.server import address, free_port, refuse_strangers, serve

    asked = visit.arguments
    overrides = dict(visit.choice.overrides)
    settings = load(visit.choice.home, overrides=overrides)
    host = settings.chat.host
    refuse_strangers(host, settings.origin("chat.host"))
    wanted = settings.chat.port if asked.port is None else asked.port
    port = free_port(host, wanted)
    visit.screen.status(line(("starting the engine ...", "dim")), "starting")
    visit.house()
    visit.screen.settle()
    if wanted and port != wanted:
        visit.screen.step(line(("note: ", "note"), f"port {wanted} is taken"))
    url = address(host, port)
    visit.screen.show([line("Vouch is at ", (url, "bold"), " (Ctrl-C ends it)")])
    sys.stdout.flush()
    if not asked.no_browser and has_display():
        threading.Timer(SOON, _open, (url,)).start()
    serve(settings.home, overrides, host, port, settings.chat.language)
    return 0


def has_display() -> bool:
    """True where a browser can show a window."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open(url: str) -> None:
    import webbrowser

    webbrowser.open(url)
