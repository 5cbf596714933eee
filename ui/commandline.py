"""Reads a command line, carries it out, and turns faults into exit statuses."""

import contextlib
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from app.wire import EngineFault
from retrieval.errors import UserError
from ui.arguments import build, parse
from ui.house_port import Attach, Choice, House, Visit
from ui.lines import line
from ui.terminal import Screen

COMMANDS = {
    "add": "adding:add",
    "crawl": "crawl:crawl",
    "watch": "watch:watch",
    "remove": "sources:remove",
    "tag": "sources:tag",
    "library": "library:library",
    "ask": "ask:ask",
    "check": "ask:check",
    "fork": "ask:fork",
    "runs": "runs:runs",
    "show": "runs:show",
    "replay": "runs:replay",
    "export": "runs:export",
    "import": "runs:take_in",
    "batch": "batch:batch",
    "feedback": "feedback:feedback",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "models": "models:models",
    "config": "house:config",
    "doctor": "house:doctor",
    "engine": "house:engine",
    "eval": "evaluate:evaluate",
    "learn": "learn:learn",
    "chat": "chat:chat",
    "serve": "serve:serve",
    "plugins": "plugins:plugins",
    "mcp": "mcp:mcp",
    "slack": "slack:slack",
}
"""Which function of `ui.commands` carries out a command."""


def attach(choice: Choice) -> House:
    """Attach to the engine of the chosen home, starting it if none runs."""
    from app.door import open_house

    return open_house(choice.home, dict(choice.overrides), reading=choice.reading)


def run(arguments: Sequence[str], attach: Attach) -> int:
    """Carry out a command line and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    screen = Screen(sys.stdout, sys.stderr)
    try:
        read = parse(arguments)
        if not read.command:
            screen.raw(build().format_help().rstrip())
            return 0
        overrides = (*read.overrides, *getattr(read, "overrides_after", ()))
        choice = Choice(read.home, overrides)
        return _carry_out(Visit(read, choice, screen, attach))
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 2
    except (UserError, EngineFault) as fault:
        screen.step(line(("vouch: ", "bad"), str(fault)))
        return 1
    except KeyboardInterrupt:
        screen.step(line("vouch: stopped."))
        return 130
    except BrokenPipeError:
        return _close_quietly()


def _carry_out(visit: Visit) -> int:
    module, _, name = COMMANDS[visit.arguments.command].partition(":")
    status = getattr(import_module(f"ui.commands.{module}"), name)(visit)
    assert isinstance(status, int)
    return status


def _close_quietly() -> int:
    """Leave no complaint of a reader that went away, not even when the interpreter flushes."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
