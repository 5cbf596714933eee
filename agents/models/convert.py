"""Writes a model's weights at 16 bits, in a process of its own: same weights, faster to read.

Run as `python -m agents.models.convert SOURCE TARGET`; the target is complete when it ends well.
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

from agents.models.base import ModelError


class ConversionFailed(ModelError):
    """llama.cpp could not write the file."""


def to_f16(source: Path, target: Path) -> None:
    """Convert `source` into the new file `target`, which is on the disk when this returns.

    `ConversionFailed` gives llama.cpp's last words; the target is then worth nothing.
    """
    root = Path(__file__).resolve().parents[2]
    path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "agents.models.convert", str(source), str(target)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    if done.returncode != 0:
        said = done.stdout.decode("utf-8", "replace").strip().splitlines()
        raise ConversionFailed(said[-1] if said else f"exit status {done.returncode}")
    with target.open("rb") as file:
        os.fsync(file.fileno())


def main() -> int:
    """Convert, and say on stdout why not."""
    from agents.models.native import LOG, library

    native = library()
    params = native.llama_model_quantize_default_params()
    params.ftype = native.LLAMA_FTYPE_MOSTLY_F16
    params.allow_requantize = True
    source, target = (os.fsencode(name) for name in sys.argv[1:3])
    status = int(native.llama_model_quantize(source, target, ctypes.byref(params)))
    if status != 0:
        os.write(1, ("\n".join(LOG) or f"status {status}").encode())
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
