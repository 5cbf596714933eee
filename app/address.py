"""Where the engine of a home listens: a socket file, or a port of 127.0.0.1 with a token."""

import errno
import hashlib
import json
import os
import socket
import stat
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.errors import UserError
from retrieval.lock import is_held

ADDRESS_FILE = "engine.json"
LOCK_FILE = "engine.lock"
LONGEST_SOCKET_PATH = 100
"""Bytes; `sockaddr_un` holds 104 on macOS and 108 on Linux, the closing zero included."""

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NOT_WRITABLE = frozenset({*_NO_ROOM, errno.EROFS, errno.EACCES})
_NO_SOCKETS_HERE = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.ENAMETOOLONG}


@dataclass(frozen=True, slots=True)
class Address:
    """A socket's path, or a port and the token that every request must carry."""

    pid: int
    path: str = ""
    port: int = 0
    token: str = ""


def home_error(home: Path, error: OSError) -> UserError:
    """Return the sentence for a home that cannot be written."""
    full = error.errno in _NO_ROOM
    return UserError(
        f"cannot write in {error.filename or home}: {error.strerror}",
        origin=f"the home folder is {home}",
        cure="free some space on that disk" if full else "set VOUCH_HOME to a folder of your own",
    )


@contextmanager
def writing_in(home: Path, only: Container[int | None] | None = None) -> Iterator[None]:
    """Turn an `OSError` of the block, or those with the numbers `only`, into the sentence
    about the home."""
    try:
        yield
    except OSError as error:
        if only is not None and error.errno not in only:
            raise
        raise home_error(home, error) from error


def prepare_home(home: Path) -> None:
    """Make the home and its folder of logs; `UserError` if that cannot be."""
    with writing_in(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / "logs").mkdir(mode=0o700, exist_ok=True)


def read_address(home: Path) -> Address | None:
    """Return the address that the last engine wrote; it may be dead. None if there is none."""
    try:
        return Address(**json.loads((home / ADDRESS_FILE).read_text("utf-8")))
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return None


def write_address(home: Path, address: Address) -> None:
    """Publish the address in one step, readable by the owner alone."""
    fresh = home / f"{ADDRESS_FILE}.new"
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(address), file)
    fresh.replace(home / ADDRESS_FILE)


def remove_address(home: Path, address: Address) -> None:
    """Take back what `listen` and `write_address` left."""
    (home / ADDRESS_FILE).unlink(missing_ok=True)
    if address.path:
        Path(address.path).unlink(missing_ok=True)
        if (folder := Path(address.path).parent) != home:
            with suppress(OSError):
                folder.rmdir()


def connect(home: Path) -> tuple[socket.socket, Address] | None:
    """Connect to the engine of the home; None if nobody listens.

    A port is trusted only while the engine's lock is held: a dead engine's port may by now
    belong to a stranger.
    """
    address = read_address(home)
    if address is None or (address.port and not is_held(home / LOCK_FILE)):
        return None
    family = socket.AF_INET if address.port else socket.AF_UNIX
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.connect(("127.0.0.1", address.port) if address.port else address.path)
    except OSError:
        connection.close()
        return None
    if address.port:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection, address


def listen(home: Path, port: int) -> tuple[socket.socket, Address]:
    """Listen for clients; the caller holds the engine's lock, so what stands there is stale.

    `UserError` if the port is taken, `OSError` if the home cannot be written.
    """
    if port:
        return _listen_port(port)
    path = home / "engine.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        try:
            return _listen_path(path)
        except OSError as error:
            if error.errno not in _NO_SOCKETS_HERE:
                raise
    return _listen_path(_private_folder(home) / "engine.sock")


def _listen_path(path: Path) -> tuple[socket.socket, Address]:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(mask)
    return listener, Address(os.getpid(), path=str(path))


def _listen_port(port: int) -> tuple[socket.socket, Address]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise UserError(
            f"cannot listen on port {port} of 127.0.0.1: {getattr(error, 'strerror', error)}",
            origin="setting engine.port",
            cure="choose another port, or 0 for a socket file",
        ) from error
    return listener, Address(os.getpid(), port=port, token=os.urandom(24).hex())


def _private_folder(home: Path) -> Path:
    import tempfile

    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"vouch-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise UserError(
            f"{folder} is not a private folder of this user",
            origin="the path of the home folder is too long for a socket",
            cure="remove that folder, or set engine.port",
        )
    return folder
