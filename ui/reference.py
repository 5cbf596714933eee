"""The list of commands as markdown, built from the command line's own grammar."""

import argparse

from ui.arguments import build, commands


def reference() -> str:
    """Return one section a command: usage, what it does, and its arguments and flags."""
    parser = build()
    common = [action for action in parser._actions if action.option_strings]
    shared = {flag for action in common for flag in action.option_strings}
    parts = [_intro(common)]
    parts += [_section(name, command, shared) for name, command in commands(parser).items()]
    return "\n\n".join(parts) + "\n"


def _intro(common: list[argparse.Action]) -> str:
    lines = ["These flags go with every command:", "", *map(_row, common)]
    return "\n".join(line for line in lines if "`-h`" not in line)


def _section(name: str, command: argparse.ArgumentParser, shared: set[str]) -> str:
    own = [action for action in command._actions if not shared & set(action.option_strings)]
    rows = [_row(action) for action in own]
    lines = [f"## vouch {name}", "", command.description or ""]
    return "\n".join([*lines, "", *rows] if rows else lines)


def _row(action: argparse.Action) -> str:
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    names = ", ".join(f"`{flag}`" for flag in action.option_strings)
    value = f" `{metavar}`" if metavar else ""
    does = f": {action.help}" if action.help else ""
    return f"- {names}{value}{does}".replace("-  ", "- ")


if __name__ == "__main__":
    print(reference(), end="")
