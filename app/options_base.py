"""What every group of settings has in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A group of settings. Values cannot be changed once loaded."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())
