"""`vouch serve`: answers over HTTP until Ctrl-C."""

import ipaddress
import socket
from dataclasses import replace

from app.settings import load
from app.version import program_version
from retrieval.errors import UserError
from ui.house_port import Visit
from ui.lines import line


def serve(visit: Visit) -> int:
    """Listen and serve; a wider address than this machine's own needs a key."""
    from ui.serve.gate import Rate
    from ui.serve.listening import Listening
    from ui.serve.service import build

    given = {"serve.host": visit.arguments.host, "serve.port": visit.arguments.port}
    told = {key: str(value) for key, value in given.items() if value is not None}
    choice = replace(visit.choice, overrides=(*visit.choice.overrides, *told.items()))
    chosen = load(choice.home, overrides=dict(choice.overrides)).serve
    key = chosen.api_key.get_secret_value()
    if not key and not _own(chosen.host):
        raise UserError(
            f"{chosen.host} can be reached from other machines, and no key is set",
            origin="serve.host",
            cure="set one: vouch config set serve.api_key KEY",
        )
    house = visit.attach(visit.choice)
    listening = _listen(chosen.host, chosen.port)
    port = listening.getsockname()[1]
    hosts = () if _own(chosen.host) else ("*",)
    rate = Rate(chosen.requests_per_minute)
    service = build(house, key=key, rate=rate, hosts=hosts, version=program_version())
    address = f"http://{_written(chosen.host)}:{port}"
    visit.screen.step(
        line(("serving ", "good"), f"{address}/v1  (API page: {address}/docs; Ctrl-C ends)")
    )
    Listening(service).run(sockets=[listening])
    return 0


def _own(host: str) -> bool:
    """True if only this machine reaches the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise UserError(
            f"cannot listen on {host} port {port}: {error.strerror or error}",
            origin="serve.host and serve.port",
            cure="choose another port: vouch serve --port 0",
        ) from error
    return listening
