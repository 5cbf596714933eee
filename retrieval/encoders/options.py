"""What the settings say of an encoder."""

from dataclasses import dataclass
from typing import Literal

AUTO = "auto"

Backend = Literal["torch", "onnx"]
Precision = Literal["float32", "bfloat16", "float16"]
Pooling = Literal["mean", "cls", "last"]


@dataclass(frozen=True, slots=True)
class EncoderOptions:
    """How an encoder is used; the defaults leave everything to the model itself.

    `revision` is a commit, tag or branch of a model on the hub. `query_prefix` and
    `passage_prefix` are put before texts, "auto" as the model was trained. `pooling` says how the
    vectors of tokens become one. `max_tokens` cuts texts, and `batch` is the number of texts at a
    time; 0 leaves both to the model and the device. `languages` are ISO 639-1 codes, or "all".
    """

    revision: str = ""
    backend: Backend = "torch"
    precision: Precision = "float32"
    query_prefix: str = AUTO
    passage_prefix: str = AUTO
    pooling: Pooling | Literal["auto"] = "auto"
    max_tokens: int = 0
    batch: int = 0
    languages: tuple[str, ...] = (AUTO,)
