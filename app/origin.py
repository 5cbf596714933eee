"""The start-up guard: our packages have plain names, so make sure that they are no stranger's."""

import sys
from importlib.machinery import PathFinder
from pathlib import Path

PACKAGES = ("ui", "app", "agents", "plugins", "retrieval")
HOME = Path(__file__).resolve().parent.parent


def stranger(home: Path = HOME, path: list[str] | None = None) -> str:
    """Return one sentence on the first package that is not imported from `home`, else "".

    `path` is where to look, by default `sys.path`. Nothing is imported.
    """
    for name in PACKAGES:
        where = _folder(name, path)
        if where != home / name:
            found = f"would come from {where}" if where else "is missing"
            return (
                f"the package {name!r} {found}, and not from Vouch's own folder ({home}); "
                "install Vouch into an environment of its own: python3 -m venv, or make run."
            )
    return ""


def check() -> None:
    """End the program with one sentence and status 1 if a package is a stranger's.

    `SystemExit` and not `UserError`, which lives in a package that may be the stranger.
    """
    if fault := stranger():
        sys.exit(f"vouch: {fault}")


def _folder(name: str, path: list[str] | None) -> Path | None:
    loaded = sys.modules.get(name) if path is None else None
    if loaded and loaded.__file__:
        return Path(loaded.__file__).resolve().parent
    spec = PathFinder.find_spec(name, path)
    return Path(spec.origin).resolve().parent if spec and spec.origin else None
