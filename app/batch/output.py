"""A batch's output as JSON lines, CSV or Parquet: written whole or not at all, and read back."""

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from app.batch.record import sync_folder
from app.batch.results import COLUMNS, Row
from retrieval.errors import UserError

ENDINGS = (".jsonl", ".csv", ".parquet")

_NESTED = ("quotes", "claims", "gold", "collections", "sources")
_REALS = ("exact", "f1", "contains", "supported", "seconds")
_WHOLES = ("steps", "tokens_read", "tokens_written")
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")


def encode(rows: Iterable[Row], ending: str) -> bytes:
    """Return rows as a file of that ending; equal rows give equal bytes."""
    match ending:
        case ".jsonl":
            return _json(rows)
        case ".csv":
            return _csv(rows)
        case ".parquet":
            return _parquet(rows)
        case _:
            raise unknown_ending(ending)


def read(path: Path) -> list[Row]:
    """Read rows of an output back; `UserError` if the file is none."""
    try:
        match path.suffix.lower():
            case ".jsonl":
                return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
            case ".csv":
                return _read_csv(path)
            case ".parquet":
                return _read_parquet(path)
            case ending:
                raise unknown_ending(ending)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, KeyError) as error:
        raise UserError(f"{path} is no output of vouch batch: {error}") from error


def unknown_ending(ending: str) -> UserError:
    """Return the error for an output that ends on something else."""
    return UserError(
        f"an output cannot end in {ending or 'nothing'}",
        origin="-o",
        cure=f"use {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}",
    )


def write_whole(path: Path, data: bytes) -> str:
    """Write a file so that it holds all of `data` or what it held before; return the SHA-256."""
    new = path.with_name(f".{path.name}.new")
    try:
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise UserError(
            f"cannot write {path}: {error.strerror}",
            cure="make room, then give the same command again",
        ) from error
    return hashlib.sha256(data).hexdigest()


def _json(rows: Iterable[Row]) -> bytes:
    lines = [json.dumps(_ordered(row), ensure_ascii=False) + "\n" for row in rows]
    # A lone surrogate becomes the very escape by which JSON writes it.
    return "".join(lines).encode("utf-8", "backslashreplace")


def _ordered(row: Row) -> Row:
    return {name: row[name] for name in COLUMNS}


def _csv(rows: Iterable[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(name, row[name]) for name in COLUMNS] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


def _cell(name: str, value: Any) -> Any:
    """Return a value as a cell; a text that a spreadsheet would compute gets an apostrophe."""
    if value is None:
        return ""
    if name in _NESTED:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and _FORMULA.match(value):
        return "'" + value
    return value


def _read_csv(path: Path) -> list[Row]:
    before = csv.field_size_limit(1 << 30)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = csv.DictReader(file, strict=True, restval="")
            return [{name: _value(name, row[name]) for name in COLUMNS} for row in found]
    except csv.Error as error:
        raise ValueError(str(error)) from error
    finally:
        csv.field_size_limit(before)


def _value(name: str, cell: str) -> Any:
    if name in _NESTED:
        return json.loads(cell)
    if name in _REALS:
        return float(cell) if cell else None
    if name in _WHOLES:
        return int(cell)
    if name == "checked":
        return cell == "True"
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def _parquet(rows: Iterable[Row]) -> bytes:
    import pyarrow
    from pyarrow import parquet

    table = pyarrow.Table.from_pylist([_sound(_ordered(row)) for row in rows], _schema())
    out = io.BytesIO()
    parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def _sound(value: Any) -> Any:
    """Return a value whose texts are valid Unicode, as Parquet wants them."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case list():
            return [_sound(item) for item in value]
        case dict():
            return {key: _sound(item) for key, item in value.items()}
        case _:
            return value


def _read_parquet(path: Path) -> list[Row]:
    import pyarrow
    from pyarrow import parquet

    try:
        rows: list[Row] = parquet.read_table(path, schema=_schema()).to_pylist()
    except pyarrow.ArrowException as error:
        raise ValueError(str(error).partition("\n")[0]) from error
    return rows


def _schema() -> Any:
    import pyarrow as pa

    texts, real, whole = pa.list_(pa.string()), pa.float64(), pa.int64()
    quote = {"number": whole, "text": pa.string(), "source": pa.string(), "title": pa.string(),
             "start": whole, "end": whole, "heading": pa.string(), "page": whole}  # fmt: skip
    claim = {"text": pa.string(), "ruling": pa.string(), "confidence": real, "judge": pa.string(),
             "cites": pa.list_(whole), "because": pa.string(), "evidence": whole}  # fmt: skip
    kinds: dict[str, Any] = {
        "quotes": pa.list_(pa.struct(list(quote.items()))),
        "claims": pa.list_(pa.struct(list(claim.items()))),
        "checked": pa.bool_(),
        **dict.fromkeys(_NESTED[2:], texts),
        **dict.fromkeys(_REALS, real),
        **dict.fromkeys(_WHOLES, whole),
    }
    return pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])


def errors_file(output: Path) -> Path:
    """Where the rows that could not be asked are listed."""
    return output.with_name(output.stem + ".errors.jsonl")


def encode_errors(bad: Sequence[Row]) -> bytes:
    """Return the list of bad rows as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in bad).encode(
        "utf-8", "replace"
    )
