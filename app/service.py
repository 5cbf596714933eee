"""One connection to the engine: a request comes in, and the lines of its job go out."""

import hmac
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from app.calls import JSON, CallSpec
from app.jobs import Ending, Job, Jobs
from app.wire import Identity, LineError, Lines, encode, error_line
from retrieval.errors import UserError

REQUEST_SECONDS = 10.0


class Service:
    """Answers requests: the table of calls, and hello, jobs, attach, stop and finish."""

    def __init__(
        self,
        calls: Mapping[str, CallSpec],
        jobs: Jobs,
        *,
        identity: Identity,
        token: str,
        end: Callable[[], None],
    ) -> None:
        self._calls = calls
        self._jobs = jobs
        self._identity = identity
        self._token = token
        self._end = end
        self._talks: set[threading.Thread] = set()
        self.touched = time.monotonic()
        """When somebody last connected or was last answered, in seconds of the monotonic clock."""

    def begin(self, connection: socket.socket) -> None:
        """Serve a connection in a thread of its own."""
        self.touched = time.monotonic()
        talk = threading.Thread(target=self._talk, args=(connection,), name="talk", daemon=True)
        self._talks.add(talk)
        talk.start()

    def flush(self, seconds: float) -> None:
        """Let the connections write what is due, for at most `seconds`."""
        deadline = time.monotonic() + seconds
        for talk in list(self._talks):
            talk.join(max(0.0, deadline - time.monotonic()))

    def _talk(self, connection: socket.socket) -> None:
        lines = Lines(connection)
        try:
            self._answer(lines)
        except OSError:
            pass  # The client is gone; its job goes on without it.
        finally:
            lines.close()
            self.touched = time.monotonic()
            self._talks.discard(threading.current_thread())

    def _answer(self, lines: Lines) -> None:
        try:
            request = lines.read(REQUEST_SECONDS)
        except LineError as error:
            lines.refuse(f"The engine could not read the request: {error}.")
            return
        match request:
            case None:
                return
            case _ if not self._admits(request.get("token")):
                lines.send(error_line(_refused()))
            case _:
                self._dispatch(lines, request)

    def _admits(self, token: object) -> bool:
        given = str(token).encode("utf-8", "surrogatepass")
        return not self._token or hmac.compare_digest(given, self._token.encode())

    def _dispatch(self, lines: Lines, request: Mapping[str, Any]) -> None:
        match request:
            case {"call": "attach", "params": {"job": str(id), "from": int(number)}}:
                self._attach(lines, id, number)
            case {"call": "finish", "params": {"force": bool(force)}}:
                self._finish(lines, force)
            case {"call": str(call), "params": dict()} if call in self._calls:
                self._call(lines, request)
            case {"call": str(call), "params": dict(params)}:
                self._control(lines, call, params)
            case _:
                lines.refuse("The request has no call, or its params are no object.")

    def _control(self, lines: Lines, call: str, params: Mapping[str, Any]) -> None:
        match call, params:
            case "hello", _:
                lines.send(encode({"done": self._hello()}))
            case "jobs", _:
                lines.send(encode({"done": self._jobs.lines()}))
            case "job", {"job": str(id)}:
                job = self._jobs.find(id)
                lines.send(encode({"done": job.line() if job else None}))
            case "stop", {"job": str(id)}:
                lines.send(encode({"done": {"stopped": self._jobs.stop(id)}}))
            case _:
                lines.refuse(f"The engine knows no call {call[:40]!r} with these params.")

    def _hello(self) -> dict[str, JSON]:
        mine = {"version": self._identity.version, "settings": self._identity.settings}
        return {**mine, "pid": os.getpid(), "busy": self._jobs.unfinished()}

    def _finish(self, lines: Lines, force: bool) -> None:
        finishing = self._jobs.close_if_idle() or force
        lines.send(encode({"done": {"finishing": finishing, "busy": self._jobs.unfinished()}}))
        if finishing:
            self._end()

    def _call(self, lines: Lines, request: Mapping[str, Any]) -> None:
        theirs = Identity(str(request.get("version", "")), str(request.get("settings", "")))
        if not theirs.fits(self._identity):
            lines.send(encode({"differs": self._hello()}))
            return
        call, params = request["call"], request["params"]
        id = str(request.get("job") or os.urandom(8).hex())
        try:
            job, fresh = self._jobs.admit(id, call, str(params.get("session", "")))
        except Ending:
            return  # Closed without a word: the client asks the next engine.
        try:
            lines.send(encode({"item": {"job": job.id}}))
        except OSError:
            if fresh:
                self._jobs.drop(job)
            raise
        if fresh:
            self._jobs.start(job, self._calls[call], params)
        _pump(lines, job, 0)

    def _attach(self, lines: Lines, id: str, number: int) -> None:
        job = self._jobs.find(id)
        if job is None:
            lines.send(error_line(_unknown(id)))
            return
        lines.send(encode({"item": {"job": job.id}}))
        _pump(lines, job, max(0, number))


def _pump(lines: Lines, job: Job, number: int) -> None:
    """Send the items from `number` on, each new place in the queue, and the ending."""
    seen = 0
    while True:
        items, place, ending = job.after(number, seen)
        news = [encode({"item": {"queued": place}})] if place != seen else []
        lines.send(*news, *items, *([ending] if ending else []))
        if ending:
            return
        number, seen = number + len(items), place


def _refused() -> UserError:
    return UserError(
        "the engine refused a request without its token",
        origin="engine.json in the home folder holds the token",
        cure="use the same VOUCH_HOME as the engine",
    )


def _unknown(id: str) -> UserError:
    return UserError(
        f"the engine has no job {id[:40]!r} any more", cure="see what it kept with: vouch runs"
    )
