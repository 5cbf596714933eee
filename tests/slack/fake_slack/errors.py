"""How methods refuse: {"ok": false, "error": ...}, as every method's page lists its errors."""

from typing import Any


class SlackError(Exception):
    """A refusal by its name; `more` goes into the answer beside it."""

    def __init__(self, code: str, status: int = 200, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.more = more

    def body(self) -> dict[str, Any]:
        return {"ok": False, "error": self.code, **self.more}
