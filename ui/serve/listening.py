"""The HTTP server: told to end, it first ends what is being answered."""

from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

PATIENCE = 3
"""Seconds in which those who still read may hear that the service was ended."""


class Listening(uvicorn.Server):
    """Serves until a signal comes. A reader of a long answer does not hold up the end."""

    def __init__(self, service: FastAPI, log_level: str = "warning") -> None:
        config = uvicorn.Config(
            service,
            port=0,
            log_level=log_level,
            server_header=False,
            timeout_graceful_shutdown=PATIENCE,
        )
        super().__init__(config)
        self._end: Callable[[], None] = service.state.end

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End what is being answered, then the server."""
        self._end()
        super().handle_exit(sig, frame)
