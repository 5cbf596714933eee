"""Addresses of databases: how they are read, and how they are named without their password."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from retrieval.errors import UserError

DRIVER = "postgresql+psycopg"

_FORMS = f"write {DRIVER}://user:password@host/name, or leave it empty for a file in the home"


def read_url(place: str | Path) -> URL:
    """Read the path of a SQLite file, or an address; `UserError` for one of no known database."""
    if isinstance(place, Path):
        return URL.create("sqlite", database=str(place))
    try:
        url = make_url(place)
    except (ArgumentError, ValueError) as error:
        raise UserError(
            "the database's address cannot be read", origin="database.url", cure=_FORMS
        ) from error
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername=DRIVER)
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise UserError(
            f"no database of the kind {url.drivername!r} is known",
            origin="database.url",
            cure=_FORMS,
        )
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise UserError("the database's address names no file", origin="database.url", cure=_FORMS)
    return url


def named(url: URL) -> str:
    """The file, or the address without password and options, as a sentence may name it."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return url.set(query={}).render_as_string(hide_password=True)


def without_password(url: URL, text: str) -> str:
    """The text with every password of the address blotted out."""
    given = url.query.get("password", ())
    secrets = [url.password or "", *([given] if isinstance(given, str) else given)]
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return text
