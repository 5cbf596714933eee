"""Starts the program of an MCP server: without our limit of memory, and ending when we do.

Run by its path as `python -I -S starter.py PROGRAM ARGUMENTS`, so it imports nothing of ours.
"""

import os
import resource
import sys


def main() -> None:
    """Become the program."""
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
        resource.setrlimit(kind, (resource.getrlimit(kind)[1],) * 2)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
    try:
        os.execvp(sys.argv[1], sys.argv[1:])
    except OSError as error:
        sys.exit(f"{sys.argv[1]} cannot be started: {error.strerror}")


if __name__ == "__main__":
    main()
