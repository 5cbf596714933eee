"""What a plugin may do in its own process: hosts and folders that were granted, no programs.

A hook on Python's audit events keeps Python code, and honest mistakes, inside what was granted. It
does not keep native code: an extension module or a way around the interpreter is beyond it. Where
the kernel lets us, a plugin without hosts has no network at all, native code included.
"""

import ctypes
import ipaddress
import os
import resource
import socket
import sys
from collections.abc import Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_SUBREAPER = 36
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CODE = (".py", ".pyc", ".so", ".pyd", ".dylib")

_SYSTEM = (
    *("/dev/null", "/dev/urandom", "/dev/random", "/dev/zero", "/proc/cpuinfo", "/proc/meminfo"),
    *("/etc/localtime", "/usr/share/zoneinfo", "/etc/ssl", "/etc/pki", "/etc/mime.types"),
    *("/usr/share/ca-certificates", "/etc/ca-certificates"),
)
"""Files of the system that libraries read: clocks, certificates, chance."""

_PROGRAMS = frozenset(
    {"os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system"}
    | {"os.startfile", "subprocess.Popen", "pty.spawn"}
)
_OTHERS = frozenset({"os.kill", "os.killpg", "sqlite3.load_extension", "socket.bind"})
_LIMITS = frozenset({"resource.setrlimit", "resource.prlimit"})
_CHANGES = frozenset(
    {"os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "os.lchown"}
    | {"os.utime", "os.chflags", "os.setxattr", "os.removexattr"}
)
_PAIRS = frozenset({"os.rename", "os.link", "os.symlink"})
_LISTS = frozenset({"os.listdir", "os.scandir", "os.chdir"})


class Guard:
    """Looks at every audit event from `enter` on; what was not granted is a `PermissionError`."""

    def __init__(self, hosts: Iterable[str], folders: Iterable[str], own: Iterable[str]) -> None:
        self._hosts = frozenset(_name(host) for host in hosts)
        self._addresses = {host for host in self._hosts if _address(host)}
        self._granted = _real(folders)
        self._own = _real([*own, *_SYSTEM, sys.prefix, sys.base_prefix, f"/proc/{os.getpid()}"])
        self._code = _real(entry for entry in sys.path if entry)
        self._ours = False

    def enter(self) -> None:
        """Begin. There is no way back."""
        looked_up = socket.getaddrinfo

        def getaddrinfo(host: Any, *rest: Any, **more: Any) -> Any:
            found = looked_up(host, *rest, **more)
            self._note(host, found)
            return found

        socket.getaddrinfo = getaddrinfo
        sys.addaudithook(self._look)

    @contextmanager
    def ours(self) -> Any:
        """Let our own code change the limits."""
        self._ours = True
        try:
            yield
        finally:
            self._ours = False

    def _look(self, event: str, given: tuple[Any, ...]) -> None:
        if event == "open":
            self._opened(given[0], given[2] if len(given) > 2 else 0)
        elif event.startswith(("os.", "socket.", "subprocess.", "pty.", "resource.", "sqlite3.")):
            self._acted(event, given)
        elif event == "ctypes.dlopen" and given[0]:
            self._path(given[0], False)

    def _opened(self, path: Any, flags: Any) -> None:
        self._path(path, isinstance(flags, int) and bool(flags & _WRITES))

    def _acted(self, event: str, given: tuple[Any, ...]) -> None:
        if event in _PROGRAMS:
            raise PermissionError("it may not start programs or processes")
        if event in _OTHERS or (event in _LIMITS and not self._ours):
            raise PermissionError(f"it may not use {event}")
        if event in _CHANGES:
            self._path(given[0], True)
        elif event in _PAIRS:
            self._path(given[0], event != "os.symlink")
            self._path(given[1], True)
        elif event in _LISTS:
            self._path(given[0], False)
        elif event == "sqlite3.connect":
            self._database(given[0])
        else:
            self._reached(event, given)

    def _path(self, path: Any, writes: bool) -> None:
        if isinstance(path, int) or path is None:
            return
        real = os.path.realpath(os.fsdecode(path))
        if _inside(real, self._granted):
            return
        if not writes and (_inside(real, self._own) or self._is_code(real)):
            return
        if real == "/dev/null":
            return
        raise PermissionError(f"it may not {'write to' if writes else 'read'} {real}")

    def _is_code(self, real: str) -> bool:
        """Of folders that Python imports from, its code may be read, and which files there are."""
        if not _inside(real, self._code):
            return False
        inside_metadata = ".dist-info/" in real
        return real.endswith(_CODE) or inside_metadata or Path(real).is_dir()

    def _database(self, path: Any) -> None:
        if path not in (":memory:", "", b":memory:", b""):
            self._path(path, True)

    def _reached(self, event: str, given: tuple[Any, ...]) -> None:
        match event:
            case "socket.connect" | "socket.sendto" | "socket.sendmsg":
                address = given[1]
                if address is None:
                    return
                host = address[0] if isinstance(address, tuple) else address
                if _address(str(host)) not in self._addresses:
                    raise PermissionError(f"it may not reach {host}")
            case "socket.getaddrinfo" | "socket.gethostbyname" | "socket.gethostbyaddr":
                host = given[0]
                if host is not None and _name(host) not in self._hosts:
                    raise PermissionError(f"it may not reach {_name(host)}")

    def _note(self, host: Any, found: Sequence[Any]) -> None:
        """Let it connect to where a granted name leads, unless that is inside a private network,
        which must be granted by its address."""
        if host is None or _name(host) not in self._hosts:
            return
        for *_, place in found:
            address = _address(str(place[0]))
            if address and (_name(host) == "localhost" or ipaddress.ip_address(address).is_global):
                self._addresses.add(address)


def _name(host: Any) -> str:
    told = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    told = told.lower().rstrip(".")
    return _address(told) or told


def _address(host: str) -> str:
    """Return an IP address in its one spelling; empty if it is none."""
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        return ""


def _real(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(os.path.realpath(path) for path in paths))


def _inside(path: str, folders: Sequence[str]) -> bool:
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def confine(memory: int, files: int, processes: int, parent: int, *, hard: bool = True) -> None:
    """Set the limits that the kernel keeps: bytes of memory, bytes of a file, processes and threads
    of the user (0 is no limit; they do not bind root), no core dump. Without `hard` what is started
    below may lift them again. Be parent to what is orphaned below, so that it can be ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    if os.getppid() != parent:
        sys.exit(0)
    kinds = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, files)]
    kinds += [(resource.RLIMIT_AS, memory), (resource.RLIMIT_NOFILE, 256)]
    kinds += [(resource.RLIMIT_NPROC, processes)] if processes else []
    for kind, most in kinds:
        limit(kind, most, most if hard else resource.RLIM_INFINITY)


def limit(kind: int, soft: int, hard: int) -> None:
    """Set a limit as far as the system and limits already in force allow."""
    ceiling = resource.getrlimit(kind)[1]
    with suppress(OSError, ValueError):
        if ceiling != resource.RLIM_INFINITY:
            hard = ceiling if hard == resource.RLIM_INFINITY else min(hard, ceiling)
            soft = min(soft, ceiling)
        resource.setrlimit(kind, (soft, hard))


def more_time(seconds: int) -> None:
    """Let the process use so many more seconds of the processor; then the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    limit(resource.RLIMIT_CPU, soft, resource.RLIM_INFINITY)


def no_network() -> bool:
    """Move into a network without any way out; False where the kernel or its rules do not allow."""
    if sys.platform != "linux":
        return False
    kernel = ctypes.CDLL(None)
    return any(kernel.unshare(spaces) == 0 for spaces in (_NEW_NET, _NEW_USER | _NEW_NET))
