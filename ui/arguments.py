"""The command line's grammar: commands, arguments and flags, and the nearest to a wrong one."""

import argparse
import difflib
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

POLICIES = ("auto", "guided", "model")


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
        command = commands(parser).get(read.command or "", parser)
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
    for add in (_library, _ask, _runs, _models, _house):
        add(tree)
    for command in commands(parser).values():
        _everywhere(command, argparse.SUPPRESS, argparse.SUPPRESS)
    return parser


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of the commands by name."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


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


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key.strip(), value


def _command(tree: Any, name: str, does: str) -> argparse.ArgumentParser:
    parser = tree.add_parser(name, help=does, description=does[:1].upper() + does[1:] + ".")
    assert isinstance(parser, argparse.ArgumentParser)
    return parser


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _library(tree: Any) -> None:
    add = _command(tree, "add", "put files and folders into the library")
    add.add_argument(
        "paths", metavar="PATH", nargs="+", help="txt, md, html and pdf; folders whole"
    )
    library = _command(tree, "library", "show what the library holds; reindex or remove")
    library.add_argument("part", nargs="?", choices=("reindex", "remove"), metavar="reindex|remove")
    library.add_argument("source", nargs="?", metavar="SOURCE", help="which source to remove")
    _json(library)


def _ask(tree: Any) -> None:
    ask = _command(tree, "ask", "answer a question from quoted sources, checked claim by claim")
    ask.add_argument(
        "question", nargs="?", metavar="QUESTION", help="read from a pipe if not given"
    )
    _json(ask)
    ask.add_argument("--policy", choices=POLICIES, metavar="|".join(POLICIES), help="who browses")
    ask.add_argument("--model", metavar="NAME", help="another model for this question")
    ask.add_argument("--no-check", action="store_true", help="show the draft without self-check")
    ask.add_argument("--seconds", type=_positive, metavar="S", help="limit on wall time")
    ask.add_argument("--steps", type=_count, metavar="N", help="limit on browsing steps")


def _runs(tree: Any) -> None:
    runs = _command(tree, "runs", "list the runs that are kept, newest first")
    runs.add_argument("--limit", type=_count, default=20, metavar="N", help="how many (20)")
    _json(runs)
    show = _command(tree, "show", "show a run step by step, with its answer")
    _run(show)
    _json(show)
    show.add_argument("--markdown", action="store_true", help="print the answer as markdown")
    _run(_command(tree, "replay", "compute a run again from its record, without model or network"))
    fork = _command(tree, "fork", "go on from one of a run's steps, with another model or policy")
    _run(fork)
    fork.add_argument("--at", type=_count, required=True, metavar="K", help="do step K anew")
    fork.add_argument("--model", metavar="NAME", help="the model that goes on")
    fork.add_argument("--policy", choices=POLICIES, metavar="|".join(POLICIES), help="who browses")
    _json(fork)
    export = _command(tree, "export", "write a run as JSON lines, to send or keep")
    _run(export)
    export.add_argument("-o", "--output", metavar="FILE", help="a file instead of stdout")
    _command(tree, "import", "take in a run that was exported").add_argument("file", metavar="FILE")


def _models(tree: Any) -> None:
    models = _command(tree, "models", "list the models, choose one, or prepare the embedded one")
    models.add_argument(
        "part", nargs="?", choices=("list", "use", "prepare"), default="list",
        metavar="list|use|prepare",
    )  # fmt: skip
    models.add_argument("name", nargs="?", metavar="NAME", help="the model to use")
    _json(models)


def _house(tree: Any) -> None:
    config = _command(tree, "config", "list every setting with its value and origin, or set one")
    config.add_argument(
        "part", nargs="?", choices=("list", "set"), default="list", metavar="list|set"
    )
    config.add_argument("key", nargs="?", metavar="KEY")
    config.add_argument("value", nargs="?", metavar="VALUE")
    _json(config)
    _json(_command(tree, "doctor", "check the house and say what mends each fault"))
    engine = _command(tree, "engine", "show or stop the process that holds model and library")
    engine.add_argument(
        "part", nargs="?", choices=("status", "stop"), default="status", metavar="status|stop"
    )
    _json(engine)


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run's id or the beginning of it")


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value
