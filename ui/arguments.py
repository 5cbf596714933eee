"""The command line's grammar: commands, arguments and flags, and the nearest to a wrong one."""

import argparse
import difflib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from ui.grammar import (
    answers,
    backup,
    batch,
    chat,
    crawl,
    evaluation,
    feedback,
    keeping,
    learning,
    library,
    plugins,
    serve,
    slack,
)

GRAMMARS: tuple[Callable[[Any], None], ...] = (
    library.adding,
    crawl.crawl,
    library.changing,
    library.library,
    answers.ask,
    answers.check,
    answers.runs,
    batch.batch,
    feedback.feedback,
    backup.backup,
    keeping.models,
    keeping.house,
    evaluation.evaluation,
    learning.learning,
    chat.chat,
    serve.serve,
    plugins.plugins,
    plugins.mcp,
    slack.slack,
)
"""Each adds its commands to the tree."""


class Parser(argparse.ArgumentParser):
    """A parser that names the nearest command or flag to one it does not know."""

    def __init__(self, *args: Any, **values: Any) -> None:
        values.setdefault("allow_abbrev", False)
        super().__init__(*args, **values)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            noun = {"command": "command", "part": "action"}.get(action.dest, action.dest)
            hint = nearest(value, map(str, action.choices))
            raise argparse.ArgumentError(None, f"there is no {noun} {value!r}{hint}")

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"vouch: {message}; see `{self.prog} --help`.\n")


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *values: Any) -> None:
        from importlib.metadata import version

        print(f"vouch {version('vouch')}")
        parser.exit()


def nearest(name: str, names: Iterable[str]) -> str:
    """Return '; did you mean "..."?' for the nearest of `names`, or the names themselves."""
    known = list(names)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(known)}"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read a command line; a wrong one exits with status 2 and one sentence on stderr."""
    parser = build()
    read, unknown = parser.parse_known_args(arguments)
    if unknown:
        name = f"{read.command} {getattr(read, 'part', '')}"
        known = commands(parser)
        command = known.get(name) or known.get(read.command or "", parser)
        flags = [flag for action in command._actions for flag in action.option_strings]
        hint = nearest(unknown[0], flags) if unknown[0].startswith("-") else ""
        command.error(f"{unknown[0]!r} is not understood{hint}")
    return read


def build() -> Parser:
    """Return the parser of the whole command line."""
    parser = Parser(
        prog="vouch",
        description="Answers questions with sources: every claim is checked against exact quotes.",
        epilog='Begin with: vouch add FOLDER, then vouch ask "...". Trouble: vouch doctor.',
    )
    _everywhere(parser, None, [])
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version")
    tree = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for add in GRAMMARS:
        add(tree)
    for command in commands(parser).values():
        _everywhere(command, argparse.SUPPRESS, argparse.SUPPRESS)
    return parser


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of the commands by name; of one with actions, those of its actions
    ("learn write") in its place."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                parts = commands(command)
                found |= {f"{name} {part}": one for part, one in parts.items()} or {name: command}
    return found


def _everywhere(parser: argparse.ArgumentParser, home: Any, sets: Any) -> None:
    parser.add_argument("--home", metavar="DIR", default=home, help="where everything is kept")
    parser.add_argument(
        "--set",
        dest="overrides" if sets is not argparse.SUPPRESS else "overrides_after",
        metavar="KEY=VALUE",
        action="append",
        default=sets,
        type=_pair,
        help="a setting for this command alone; may be repeated",
    )
    parser.add_argument(
        "--offline",
        dest="overrides" if sets is not argparse.SUPPRESS else "overrides_after",
        action="append_const",
        const=("web.offline", "true"),
        default=sets,
        help="reach nothing but this machine",
    )


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key.strip(), value
