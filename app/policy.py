"""The policy in force: the packaged one, or the owner's file that is laid over it."""

import os
import tomllib
from pathlib import Path

from agents.rules.rubric import PACKAGED, read
from app.options import Settings
from retrieval.errors import UserError


def policy(settings: Settings) -> str:
    """Return the policy as a run keeps it: TOML that names its packaged base.

    The file is read anew each time. Errors: `UserError` for one that cannot be read, and for one
    that is no policy, with the line.
    """
    named = settings.check.policy
    if not named:
        return f'base = "{PACKAGED}"\n'
    # A path that is no whole one is looked for beside settings.toml.
    path = settings.home / Path(named).expanduser()
    origin = settings.origin("check.policy")
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = os.strerror(error.errno or 0) if isinstance(error, OSError) else "it is not UTF-8"
        cure = "check the path and its permissions, or set the packaged one: "
        raise UserError(
            f"the policy {path} cannot be read: {why}",
            origin=f"check.policy, {origin}",
            cure=cure + 'vouch config set check.policy ""',
        ) from error
    read(text, str(path))
    return text if _names_base(text) else f'base = "{PACKAGED}"\n{text}'


def _names_base(text: str) -> bool:
    return "base" in tomllib.loads(text)
