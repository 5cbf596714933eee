"""Faults of a database server that a user can mend, as one sentence with address and cure."""

import re

from sqlalchemy import URL

from app.store.urls import named, without_password
from retrieval.errors import UserError

_CURES = (
    (r"password|authentication|\brole\b.*does not exist|no pg_hba", "correct user and password"),
    (r"database .* does not exist", "make it (createdb NAME), or correct its name"),
    (r"could not (translate|resolve)|Name or service|getaddrinfo", "correct the host's name"),
    (r"too many (clients|connections)|connection slots", "end other programs that use the server"),
    (r"No space left|disk full", "free disk space on the server"),
)

_RIGHTS = frozenset({"InsufficientPrivilege", "InvalidSchemaName"})

_FAULTS = frozenset({"OperationalError", "InterfaceError"}) | _RIGHTS


def server_fault(url: URL, error: BaseException | None) -> UserError | None:
    """The sentence for an error of PostgreSQL's driver; None if it is no fault of a server."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if error is None or not kinds & _FAULTS:
        return None
    reason = without_password(url, " ".join(str(error).split()))
    if kinds & _RIGHTS:
        return _told(url, "refuses", reason, "give its user the right to make and change tables")
    cure = next(
        (cure for pattern, cure in _CURES if re.search(pattern, reason, re.IGNORECASE)),
        "start the server, or correct the address",
    )
    return _told(url, "does not answer", reason, cure)


def _told(url: URL, does: str, reason: str, cure: str) -> UserError:
    return UserError(
        f"the database at {named(url)} {does}: {reason}", origin="database.url", cure=cure
    )
