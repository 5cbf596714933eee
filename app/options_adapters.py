"""Settings of the learned weights that are laid over the language model."""

from pydantic import Field

from app.options_base import Section

NONE = "none"
"""In place of a path: go without."""

_ALLOWED = "empty, none, or a file's path"


class AdapterSettings(Section):
    """Which learned weights are laid over a model on this machine, job by job."""

    write: str = Field(
        default="",
        description="LoRA (GGUF) with which answers are written and rewritten; empty takes the one "
        "that is released, else the one that comes with the program for the embedded model; none "
        "goes without.",
        json_schema_extra={"allowed": _ALLOWED},
    )
    browse: str = Field(
        default="",
        description="The same for a model that chooses the steps of browsing.",
        json_schema_extra={"allowed": _ALLOWED},
    )
