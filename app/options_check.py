"""Settings of the self-check, and of the policy by which answers are classified."""

from typing import Literal

from pydantic import Field

from app.options_base import Section


class CheckSettings(Section):
    """The check of answers before they are shown."""

    verifier: str = Field(
        default="embedded",
        min_length=1,
        description='Model that reads each claim beside its quotes: "embedded", "none", or the '
        "folder or name of a cross-encoder, a sequence classifier or a token classifier.",
    )
    policy: str = Field(
        default="",
        description="File with a policy of your own (TOML) by which answers are classified; empty "
        "takes the packaged one.",
        json_schema_extra={"allowed": "empty, or a file's path"},
    )
    critic: Literal["auto", "off"] = Field(
        default="auto",
        description="Whether the language model is asked about claims that are in doubt; auto asks "
        "one that passed a probe.",
    )
    agreement: bool = Field(
        default=False,
        description="With --best-of 4 or more: whether a claim that the verifier is not sure of is "
        "taken back if most of the other drafts do not say it.",
    )
