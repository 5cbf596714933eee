"""Reads the parameters of calls, and says in a sentence what does not fit."""

from app.calls import Params
from retrieval.errors import UserError


def names(params: Params, key: str) -> tuple[str, ...]:
    """Return a list of names; nothing given means every one, which is ().

    An empty list is refused: whoever works out what may be read and finds nothing must not be
    answered from everything.
    """
    given = params.get(key)
    if given is None:
        return ()
    if isinstance(given, str) or not given:
        raise UserError(f"{key} is no list of names", cure=f"name some, or leave {key} out for all")
    return tuple(str(name) for name in given)


def reach_of(params: Params) -> str:
    """Return where to look, "" if it is not said."""
    given = params.get("reach") or ""
    if given not in ("", "auto", "library", "web", "both"):
        raise UserError(f"there are no sources {given!r}", cure="take auto, library, web or both")
    return str(given)


def number(params: Params, key: str, default: int) -> int:
    """Return a whole number, `default` if none is given."""
    given = params.get(key)
    try:
        return default if given is None else int(given)
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError(f"{key} {given!r} is no whole number", cure="give one") from error
