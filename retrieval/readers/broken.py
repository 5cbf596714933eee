"""Turns what a library raises on a broken file into the error that names file and cure."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from zipfile import BadZipFile, LargeZipFile

from retrieval.errors import UserError

BREAKAGE: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    BadZipFile,
    LargeZipFile,
    struct.error,
    zlib.error,
)
"""What parsers raise on bytes that their authors did not foresee, besides errors of their own."""


@contextmanager
def sound(source: str, kind: str, *own: type[Exception]) -> Iterator[None]:
    """Raise `UserError` for a file that breaks its reader; `own` are its library's exceptions."""
    try:
        yield
    except MemoryError as error:
        raise UserError(
            f"{source!r} needs more memory to be read than it may take",
            cure="split it into smaller files",
        ) from error
    except (*own, *BREAKAGE) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:120]
        raise UserError(
            f"{source!r} is a broken {kind} ({reason})",
            cure="open it in its own program and save it again",
        ) from error
