"""What becomes of a fault that nobody foresaw: one sentence for the user, the rest in a log."""

import os
import sys
import traceback
from pathlib import Path
from types import TracebackType

from ui.escape import one_line


def unexpected(
    kind: type[BaseException], fault: BaseException, trace: TracebackType | None
) -> None:
    """Serve as `sys.excepthook`: the interpreter then exits with status 1."""
    if issubclass(kind, KeyboardInterrupt):
        return
    said = one_line(f"{kind.__name__}: {fault}", 200)
    where = _keep("".join(traceback.format_exception(kind, fault, trace)))
    kept = f"; the details are in {where}" if where else ""
    print(f"vouch: something unexpected went wrong ({said}){kept}.", file=sys.stderr)


def _keep(text: str) -> Path | None:
    """Append a traceback to the home's log, or to one in the temporary folder."""
    import tempfile

    for folder in (_logs(), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / "vouch.log"
            with path.open("a", encoding="utf-8", errors="replace") as log:
                log.write(text + "\n")
        except OSError:
            continue
        return path
    return None


def _logs() -> Path:
    """Return the log folder of the home that the command line or environment names."""
    flag = sys.argv.index("--home") + 1 if "--home" in sys.argv else len(sys.argv)
    if flag < len(sys.argv):
        return Path(sys.argv[flag]) / "logs"
    if os.environ.get("VOUCH_HOME"):
        return Path(os.environ["VOUCH_HOME"]) / "logs"
    from platformdirs import user_data_path

    return user_data_path("vouch") / "logs"
