"""Model files from the Hugging Face hub: fetched once, resumed when cut off, checksum checked."""

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import UserError

PREFIX = "hf:"
RECORD = "downloads.json"
ORIGIN = "setting model.name"


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file of one repository, as in hf:owner/repo/folder/file.gguf."""

    repository: str
    file: str

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.repository}/{self.file}"


def parse(name: str) -> HubFile:
    """Read a name such as hf:owner/repo/file.gguf; `UserError` when it has another form."""
    found = re.fullmatch(r"hf:([\w.-]+/[\w.-]+)/([\w./ -]+)", name)
    if found is None or ".." in name.split("/"):
        cure = "write it as hf:owner/repo/file.gguf"
        raise UserError(f"{name!r} names no file of the hub", origin=ORIGIN, cure=cure)
    return HubFile(found[1], found[2])


def fetched(home: Path) -> dict[str, Path]:
    """The files that were fetched whole and checked, by their names."""
    folder = home / "models"
    found = {}
    for name, kept in _read(folder).items():
        path = folder / str(kept["path"])
        if path.is_file() and path.stat().st_size == kept["size"]:
            found[name] = path
    return found


def fetch(home: Path, name: str) -> Path:
    """Return the local copy of a hub file, fetched when it is not there.

    The hub is the one that HF_ENDPOINT names, by default huggingface.co. A download that broke off
    goes on where it stopped. `UserError` when the hub cannot be reached, has no such file, or sent
    one whose checksum is wrong; that one is deleted.
    """
    wanted = parse(name)
    if (path := fetched(home).get(wanted.name)) is not None:
        return path
    target = home / "models" / "hub" / wanted.repository / wanted.file
    target.parent.mkdir(parents=True, exist_ok=True)
    part, checksum = _download(wanted, target.parent)
    if checksum != (found := _checksum(part, len(checksum))):
        part.unlink()
        what = f"{wanted.name} came with the wrong checksum ({found[:12]}, not {checksum[:12]})"
        raise UserError(what, cure="try again; if it stays so, the hub's copy is damaged")
    os.replace(part, target)  # noqa: PTH105 - Path.replace is the same call
    _keep(home / "models", wanted.name, target)
    return target


def _download(wanted: HubFile, folder: Path) -> tuple[Path, str]:
    """Fetch a file into `folder` as a part; return that with the checksum that the hub gives."""
    import httpx
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    endpoint = os.environ.get("HF_ENDPOINT") or None
    try:
        url = hf_hub_url(wanted.repository, wanted.file, endpoint=endpoint)
        told = get_hf_file_metadata(url, endpoint=endpoint)
        if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", told.etag or ""):
            raise UserError(f"the hub gives no checksum for {wanted.name}", origin=ORIGIN)
        part = folder / f"{told.etag}.part"
        _stream(url, build_hf_headers(), part)
    except HfHubHTTPError as error:
        if getattr(error.response, "status_code", 0) in (401, 403, 404):
            what = f"the hub has no file {wanted.name}, or it is not public"
            raise UserError(what, origin=ORIGIN, cure="look up its name on the hub") from None
        raise _unreachable(wanted, error) from None
    except OfflineModeIsEnabled as error:
        what = f"{wanted.name} is not on this machine"
        raise UserError(what, origin="HF_HUB_OFFLINE", cure=_line(error)) from None
    except (OSError, httpx.HTTPError, _transport_error()) as error:
        raise _unreachable(wanted, error) from None
    return part, str(told.etag)


def _stream(url: str, headers: dict[str, str], part: Path) -> None:
    """Append what is missing of `part`. The hub's own library begins again after a break."""
    import httpx

    start = part.stat().st_size if part.exists() else 0
    asked = {**headers, "Accept-Encoding": "identity"}
    if start:
        asked["Range"] = f"bytes={start}-"
    with (
        httpx.Client(follow_redirects=True, timeout=30) as client,
        client.stream("GET", url, headers=asked) as response,
    ):
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return
        response.raise_for_status()
        goes_on = response.status_code == httpx.codes.PARTIAL_CONTENT
        with part.open("ab" if goes_on else "wb") as file:
            for block in response.iter_bytes(1 << 16):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())


def _unreachable(wanted: HubFile, error: BaseException) -> UserError:
    what = f"{wanted.name} could not be fetched: {_line(error)}"
    return UserError(what, cure="try again; what was fetched so far is kept")


def _transport_error() -> type[Exception]:
    """The root of the errors of the HTTP client that the hub's library uses."""
    from huggingface_hub import get_session

    module = __import__(type(get_session()).__module__.split(".")[0])
    error: type[Exception] = getattr(module, "HTTPError", OSError)
    return error


def _line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")[:200]


def _checksum(path: Path, length: int) -> str:
    """Large files carry their SHA-256; small ones git's SHA-1 of a blob."""
    digest = hashlib.sha256()
    if length == hashlib.sha1(usedforsecurity=False).digest_size * 2:
        digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _read(folder: Path) -> dict[str, Any]:
    try:
        kept = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _keep(folder: Path, name: str, path: Path) -> None:
    kept = {"path": path.relative_to(folder).as_posix(), "size": path.stat().st_size}
    fresh = folder / f"{RECORD}.part"
    fresh.write_text(json.dumps({**_read(folder), name: kept}, indent=1), encoding="utf-8")
    os.replace(fresh, folder / RECORD)  # noqa: PTH105 - Path.replace is the same call
