"""The `vouch` command: makes sure that our packages are ours, then carries the command line out."""

import os
import sys


def main() -> None:
    """The entry point: exit 0 done, 1 a fault in one sentence, 2 wrong usage, 130 on Ctrl-C.

    Nothing else of ours is imported before the guard has looked where it would come from.
    """
    try:
        from app.origin import check
    except ImportError:
        sys.exit(
            "vouch: the package 'app' is not Vouch's own; install Vouch into an own environment."
        )
    check()
    from app.quiet import hush
    from ui.commandline import attach, run
    from ui.faults import unexpected

    hush(os.environ)
    sys.excepthook = unexpected
    sys.exit(run(sys.argv[1:], attach))
