"""A face's side of the engine: attach to it or start it, call, stop, and attach again."""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.address import connect, prepare_home, read_address, writing_in
from app.calls import JSON
from app.launch import START_SECONDS, Launch, start_engine
from app.serving.fitting import gathered
from app.version import program_version
from app.wire import EngineFault, Identity, LineError, Lines, encode, raise_for
from retrieval.errors import UserError
from retrieval.lock import FileLock

START_LOCK = "engine.start"
HELLO_SECONDS = 10.0
PATIENCE = 30.0
_ATTEMPTS = 5
_PAUSE = 0.05


def attach(
    home: Path,
    start: bool = True,
    launch: Launch | None = None,
    *,
    patience: float = PATIENCE,
    reading: bool = False,
) -> "Client":
    """Return a client of the home's engine, which is started if `start` and need be.

    An engine of another program version or of other settings is asked to finish and replaced; if
    it is busy for more than `patience` seconds, or cannot start, a `UserError` says so. A client
    that is only `reading` takes one of other settings as it is.
    """
    client = Client(home, start, launch or Launch(), patience, reading=reading)
    client.ensure()
    return client


class Client:
    """Calls the engine of a home. Each call has its own connection; threads may share a client."""

    def __init__(
        self, home: Path, start: bool, launch: Launch, patience: float, *, reading: bool = False
    ) -> None:
        self.home = home.absolute()
        self._start = start
        self._launch = launch
        self._patience = patience
        self._identity = Identity(launch.version or program_version(), launch.settings)
        self._wanted = Identity(self._identity.version) if reading else self._identity

    def call(
        self, name: str, params: Mapping[str, Any] | None = None, job: str | None = None
    ) -> "Stream":
        """Return the items of a call as they come; what the call returned is `Stream.result`.

        A caller may name the job: the same name twice is one job.
        """
        return Stream(self, name, params or {}, job or os.urandom(8).hex())

    def attach(self, job: str, number: int = 0) -> "Stream":
        """Return the items of a job from `number` on, running or ended a short while ago."""
        return Stream(self, "attach", {}, job, number)

    def result(self, name: str, params: Mapping[str, Any] | None = None) -> JSON:
        """Make a call and return its result, with what of it came in parts."""
        return gathered(self.call(name, params))

    def stop(self, job: str) -> bool:
        """Cancel a job; False if it has ended or nobody knows it."""
        answer = self._ask("stop", {"job": job})
        return answer is not None and bool(answer["stopped"])

    def job(self, job: str) -> dict[str, JSON] | None:
        """Return {job, call, session, state, items, place, working} of a job; None if unknown.

        `state` is "waiting", "running" or "ended"; `place` 1 is next; `working` is the newest
        {phase, count} that it told.
        """
        answer: dict[str, JSON] | None = self._ask("job", {"job": job})
        return answer

    def jobs(self) -> list[dict[str, JSON]]:
        """Return {job, call, session, state, items} of every job, oldest first."""
        return self._ask("jobs", {}) or []

    def hello(self) -> dict[str, JSON] | None:
        """Return {pid, version, settings, busy} of the engine; None if none is running."""
        answer: dict[str, JSON] | None = self._ask("hello", {})
        return answer

    def finish(self, force: bool = False) -> bool:
        """Ask the engine to end; False if it is busy and goes on. `force` cancels what runs."""
        answer = self._ask("finish", {"force": force})
        return answer is None or bool(answer["finishing"])

    def ensure(self) -> None:
        """Return when an engine of this program and these settings listens."""
        deadline = time.monotonic() + self._patience
        while True:
            found = self.hello()
            if found is None:
                self._launch_engine()
            elif self._wanted.fits(Identity(found["version"], found["settings"])):
                return
            elif not self._start or (not self.finish() and time.monotonic() > deadline):
                raise self._other(found)
            else:
                time.sleep(_PAUSE)

    def open(self, request: Mapping[str, JSON]) -> Lines | None:
        """Connect and send a request; None if nobody listens."""
        found = connect(self.home)
        if found is None:
            return None
        connection, address = found
        lines = Lines(connection)
        mine = {"version": self._wanted.version, "settings": self._wanted.settings}
        try:
            lines.send(encode({**request, **mine, "token": address.token}))
        except LineError as error:
            lines.close()
            raise UserError(f"the request is too long: {error}") from error
        except ConnectionError:
            lines.close()
            return None
        except BaseException:
            lines.close()
            raise
        return lines

    def _ask(self, name: str, params: Mapping[str, JSON]) -> Any:
        """Return what the engine itself answers to a short question; None if none is running."""
        lines = self.open({"call": name, "params": params})
        if lines is None:
            return None
        try:
            answer = lines.read(HELLO_SECONDS)
        except ConnectionError:
            return None
        except TimeoutError as error:
            raise self._mute() from error
        finally:
            lines.close()
        if answer is None:
            return None
        raise_for(answer)
        return answer.get("done")

    def _launch_engine(self) -> None:
        if not self._start:
            raise UserError(
                f"no engine is running for {self.home}", cure="start one with: vouch ask"
            )
        if not self._launch.version and program_version() != self._identity.version:
            raise UserError(
                "Vouch was changed on disk while this was running", cure="start it again"
            )
        prepare_home(self.home)
        with writing_in(self.home):
            lock = FileLock.take(self.home / START_LOCK, self._patience + START_SECONDS)
        if lock is None:
            raise UserError(f"another process keeps starting the engine of {self.home}")
        with lock:
            if self.hello() is None:
                start_engine(self.home, self._launch, self._identity)

    def _other(self, found: Mapping[str, JSON]) -> UserError:
        alike = found["version"] == self._identity.version
        others = "with other settings" if alike else "with another version of Vouch"
        calls = "1 call" if found["busy"] == 1 else f"{found['busy']} calls"
        doing = f"is busy {others}, {calls} to finish" if found["busy"] else f"runs {others}"
        return UserError(
            f"the engine of this home {doing}",
            origin=f"process {found['pid']} for {self.home}",
            cure="wait for it, or end it: vouch engine stop",
        )

    def _mute(self) -> UserError:
        address = read_address(self.home)
        return UserError(
            f"the engine of {self.home} has not answered for {HELLO_SECONDS:.0f} s",
            cure=f"end it, as in: kill -9 {address.pid}" if address else "try again",
        )


class Stream(Iterator[JSON]):
    """The items of one job, among them {"job": id} first and {"queued": place} while it waits.

    At the end `result` is what the call returned, also as the value of `yield from`. A
    KeyboardInterrupt leaves the stream usable: stop the job, then read on to its end.
    """

    def __init__(
        self, client: Client, call: str, params: Mapping[str, Any], job: str, number: int = 0
    ) -> None:
        self.job = job
        self.number = number
        """The number of the next item; an `attach` with it misses none and repeats none."""
        self.result: JSON = None
        self._client = client
        self._call = call
        self._params = params
        self._begun = call == "attach"
        self._ended = False
        self._lines: Lines | None = None

    def __next__(self) -> JSON:
        if self._ended:
            raise StopIteration(self.result)
        try:
            line = self._line()
        except BaseException:
            # A line may be lost half read: the next call of this attaches anew by its number.
            self.close()
            raise
        return self._take(line)

    def close(self) -> None:
        """Leave the job to itself; it goes on."""
        if self._lines is not None:
            self._lines.close()
            self._lines = None

    def _take(self, line: Mapping[str, JSON]) -> JSON:
        if "item" in line:
            self.number = line.get("n", self.number - 1) + 1
            return line["item"]
        self._ended = True
        self.close()
        raise_for(line)
        self.result = line["done"]
        raise StopIteration(self.result)

    def _line(self) -> Mapping[str, JSON]:
        for _ in range(_ATTEMPTS):
            if (line := self._read()) is not None and "differs" not in line:
                self._begun = True
                return line
            self.close()
            if self._begun:
                self._ended = True
                raise self._lost()
            self._client.ensure()
        raise EngineFault(
            f"The engine ended {_ATTEMPTS} times before it took the call {self._call}."
        )

    def _lost(self) -> Exception:
        if self._call == "attach":
            return UserError(
                f"no engine knows the job {self.job!r}", cure="see what was kept with: vouch runs"
            )
        return EngineFault(
            f"The engine ended in the middle of {self._call}; what was done so far is kept,"
            " and the next call starts it again."
        )

    def _read(self) -> Mapping[str, JSON] | None:
        self._lines = self._lines or self._client.open(self._request())
        if self._lines is None:
            return None
        try:
            return self._lines.read()
        except ConnectionError:
            return None
        except LineError as error:
            raise EngineFault(f"The engine answered what nobody can read: {error}.") from error

    def _request(self) -> Mapping[str, JSON]:
        if self._begun:
            return {"call": "attach", "params": {"job": self.job, "from": self.number}}
        return {"call": self._call, "params": self._params, "job": self.job}
