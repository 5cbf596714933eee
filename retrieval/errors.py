"""The error a user can mend: one sentence that says what is wrong, whence, and the cure."""


class UserError(Exception):
    """Something the user can put right.

    `what` is the fault with the offending value; `origin` says where that value came from (a flag,
    a file, an environment variable); `cure` is the command or change that mends it. Faces print
    `str(error)` on one line and exit with status 1; they never print a traceback for it.
    """

    def __init__(self, what: str, *, origin: str = "", cure: str = "") -> None:
        super().__init__(what, origin, cure)
        self.what = what
        self.origin = origin
        self.cure = cure

    def __str__(self) -> str:
        origin = f" ({self.origin})" if self.origin else ""
        cure = f"; {self.cure}" if self.cure else ""
        return f"{self.what}{origin}{cure}."
