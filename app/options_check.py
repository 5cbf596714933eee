"""Settings of the self-check, and of the policy by which answers are classified."""

from pydantic import Field

from app.options_base import Section


class CheckSettings(Section):
    """The check of answers before they are shown."""

    policy: str = Field(
        default="",
        description="File with a policy of your own (TOML) by which answers are classified; empty "
        "takes the packaged one.",
        json_schema_extra={"allowed": "empty, or a file's path"},
    )
