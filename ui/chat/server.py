"""Starts Streamlit in this process: on this machine alone, quiet, and with nothing sent home."""

import contextlib
import ipaddress
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from retrieval.errors import UserError

SCRIPT = Path(__file__).parent / "start" / "vouch_chat.py"

UPLOAD_MEGABYTES = 200

TRIES = 20
"""Ports after the wanted one that are tried when it is taken."""


def refuse_strangers(host: str, origin: str) -> None:
    """Raise `UserError` for an address that other machines could reach: there is no login."""
    name = host.strip().strip("[]")
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(name).is_loopback:
            return
    if name.lower() == "localhost":
        return
    raise UserError(
        f"the chat page has no login, so it listens on this machine alone, not on {host}",
        origin=origin,
        cure="set chat.host to 127.0.0.1; from elsewhere, use a tunnel such as ssh -L",
    )


def free_port(host: str, wanted: int) -> int:
    """Return the wanted port, or the next one that is free; `UserError` if none is near."""
    for port in range(wanted, min(wanted + TRIES, 65_535) + 1) if wanted else (0,):
        with contextlib.suppress(OSError):
            return _bound(host, port)
    raise UserError(
        f"the ports from {wanted} on are taken on {host}",
        origin="chat.port",
        cure="choose another with --port, or 0 for any that is free",
    )


def _bound(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host.strip("[]"), port))
        number: int = taken.getsockname()[1]
        return number


def address(host: str, port: int) -> str:
    """Return the page's address as a browser takes it."""
    return f"http://[{host.strip('[]')}]:{port}" if ":" in host else f"http://{host}:{port}"


def options(host: str, port: int) -> dict[str, Any]:
    """Return Streamlit's settings; given as flags, they win over its files and environment."""
    from ui.chat.style import THEME

    return {
        "server_address": host.strip("[]"),
        "server_port": port,
        "server_headless": True,
        "server_fileWatcherType": "none",
        "server_runOnSave": False,
        "server_enableCORS": True,
        "server_enableXsrfProtection": True,
        "server_enableStaticServing": False,
        "server_maxUploadSize": UPLOAD_MEGABYTES,
        "server_allowedHosts": ["localhost", "127.0.0.1", "::1", "[::1]", host.strip("[]")],
        "server_showEmailPrompt": False,
        "browser_gatherUsageStats": False,
        "browser_serverAddress": host.strip("[]"),
        "client_showErrorDetails": "none",
        "client_showErrorLinks": False,
        "client_toolbarMode": "minimal",
        "client_showSidebarNavigation": False,
        "global_developmentMode": False,
        "logger_hideWelcomeMessage": True,
        "logger_level": "error",
        "runner_magicEnabled": False,
        **THEME,
    }


def serve(home: Path, overrides: Mapping[str, str], host: str, port: int, language: str) -> None:
    """Serve the page until Ctrl-C or SIGTERM."""
    from streamlit.web import bootstrap

    flags = options(host, port)
    arguments = [str(home), json.dumps(dict(overrides)), language]
    bootstrap.load_config_options(flags)
    with contextlib.suppress(KeyboardInterrupt):
        bootstrap.run(str(SCRIPT), False, arguments, flags)
