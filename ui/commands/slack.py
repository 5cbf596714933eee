"""`vouch slack`: the Slack bot until it is told to end, and the manifest to set it up with."""

import contextlib
import logging
import os
import signal
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from retrieval.errors import UserError
from ui.house_port import Visit
from ui.lines import line

if TYPE_CHECKING:
    from app.options import Settings

LOCK = "slack.lock"
NEEDED = {
    "bot_token": ("xoxb-", "the bot token", "OAuth & Permissions"),
    "app_token": ("xapp-", "the app token", "Basic Information, App-Level Tokens"),
    "signing_secret": ("", "the signing secret", "Basic Information, App Credentials"),
}
"""Secrets: how each begins, what it is called, and where Slack shows it."""


def slack(visit: Visit) -> int:
    """Be the bot, or print the manifest."""
    from app.settings import load

    asked = visit.arguments
    told = {} if asked.mode is None else {"slack.mode": asked.mode}
    choice = replace(visit.choice, overrides=(*visit.choice.overrides, *told.items()))
    settings = load(choice.home, overrides=dict(choice.overrides))
    if asked.part == "manifest":
        return _manifest(visit, settings)
    for name in ("bot_token", "app_token" if settings.slack.mode == "socket" else "signing_secret"):
        _look(settings, name)
    return _run(visit, settings)


def _look(settings: "Settings", name: str) -> None:
    """Refuse a secret that is missing or is another one."""
    from app.settings import variable
    from app.slack_check import NO_TOKEN, is_token

    begins, called, where = NEEDED[name]
    value = getattr(settings.slack, name).get_secret_value()
    key = f"slack.{name}"
    if not value:
        what = f"{called} is not set"
    elif not value.startswith(begins):
        what = f"{called} does not begin with {begins}"
    elif not is_token(value):
        what = f"{called} {NO_TOKEN}"
    else:
        return
    raise UserError(
        what,
        origin=settings.origin(key) if value else key,
        cure=f"copy it from {where} of your app (vouch slack manifest makes one), and set "
        f"{variable(key)} or: vouch config set {key} VALUE",
    )


def _manifest(visit: Visit, settings: "Settings") -> int:
    import json

    from ui.slack.manifest import manifest

    mode, address = settings.slack.mode, visit.arguments.url or ""
    if mode == "http" and not address.startswith("https://"):
        raise UserError(
            "in HTTP mode Slack must know where to post to",
            cure="write vouch slack manifest --mode http --url https://HOST/slack/events",
        )
    visit.screen.raw(json.dumps(manifest(mode, address), indent=2))
    return 0


def _run(visit: Visit, settings: "Settings") -> int:
    from app.address import prepare_home
    from retrieval.lock import FileLock

    prepare_home(settings.home)
    lock = FileLock.take(settings.home / LOCK, 2.0)
    if lock is None:
        raise UserError(
            f"another bot is running for {settings.home}", cure="end it, or choose another --home"
        )
    with lock:
        keep_log(settings)
        _serve(visit, settings)
    _leave()


def _serve(visit: Visit, settings: "Settings") -> None:
    """Work until SIGTERM or Ctrl-C."""
    from ui.slack.bot import assemble, rounds
    from ui.slack.http_mode import http_mode
    from ui.slack.socket_mode import socket_mode
    from ui.slack.web import Leaving

    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    house = visit.house()
    serve = http_mode if settings.slack.mode == "http" else socket_mode

    def ready(said: str) -> None:
        visit.screen.step(line(("vouch slack: ", "good"), said))
        logging.getLogger("vouch.slack").info("process %d %s", os.getpid(), said)

    # Told to end in the middle of a call, the bot leaves at once.
    with contextlib.suppress(Leaving):
        bot = assemble(settings, house, ending)
        with rounds(bot):
            serve(bot, settings, ready)
    visit.screen.step(line("vouch slack: stopped; what is open is answered at the next start."))


def keep_log(settings: "Settings") -> None:
    """Send the bot's log to its file, from which every secret is struck out."""
    from app.logs import open_log, secrets_of

    secrets = {getattr(settings.slack, name).get_secret_value() for name in NEEDED} - {""}
    open_log(settings.home / "logs" / "slack.log", secrets | secrets_of(os.environ))


def _leave() -> NoReturn:
    """End at once: threads that wait for a long answer would hold up an orderly exit."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
