"""The process that holds llama.cpp: requests in, pieces out, as lines of JSON.

Parent to child: {"load": {...}} once, then {"reply": id, "messages": [[role, content], ...],
"samplings": [{...}, ...]} and {"abort": id}. Child to parent: {"ready": info}, then for each
request {"piece": text, "of": number}*, {"alive": id}* and one {"done": [{...}, ...]}, a reply for
each sampling, or {"error": kind, "text": ..., "fit": count}. An "error" in place of "ready" names
the "adapter" that it is about, if it is about one.
Run as `python -m agents.models.worker`; it ends when stdin does or when its parent is gone.
"""

import ctypes
import json
import os
import queue
import sys
import threading
import time
from dataclasses import asdict
from typing import Any, BinaryIO

from agents.models.adapters import AdapterError
from agents.models.base import ContextOverflow, Message, ModelError, Sampling
from agents.models.runtime import Load, LoadError, Runtime
from agents.models.sampler import GrammarError
from retrieval.errors import UserError

ALIVE_SECONDS = 0.5
_KILL_WITH_PARENT, _SIGKILL = 1, 9


class Line:
    """Both directions of the pipe, and the flag that an abort sets."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source, self._sink = source, sink
        self._spoke = time.monotonic()
        self._abort = 0
        self.current = 0
        self.requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def listen(self) -> None:
        """Sort lines into requests and aborts; end the process when there are no more."""
        for line in self._source:
            message = json.loads(line)
            if "abort" in message:
                self._abort = message["abort"]
            else:
                self.requests.put(message)
        os._exit(0)

    def say(self, **message: Any) -> None:
        self._sink.write(json.dumps(message).encode() + b"\n")
        self._sink.flush()
        self._spoke = time.monotonic()

    def aborted(self) -> bool:
        """Whether the current request was given up; shows now and then that work goes on."""
        if time.monotonic() - self._spoke > ALIVE_SECONDS:
            self.say(alive=self.current)
        return self._abort == self.current != 0


def serve(line: Line) -> None:
    """Load the model of the first message, then answer requests for ever."""
    try:
        runtime = Runtime(Load(**line.requests.get()["load"]), line.aborted)
    except AdapterError as error:
        line.say(error="load", text=str(error), adapter=error.job)
        return
    except (LoadError, UserError) as error:
        line.say(error="load", text=str(error))
        return
    line.say(ready=runtime.info())
    while True:
        request = line.requests.get()
        line.current = request["reply"]
        answer(line, runtime, request)
        line.current = 0


def answer(line: Line, runtime: Runtime, request: dict[str, Any]) -> None:
    """Answer one request, with exactly one "done" or "error"."""
    messages = [Message(role, content) for role, content in request["messages"]]
    samplings = [Sampling(**{**each, "stop": tuple(each["stop"])}) for each in request["samplings"]]
    try:
        replies = runtime.replies(
            messages, samplings, lambda at, piece: line.say(piece=piece, of=at)
        )
    except ContextOverflow as error:
        line.say(error="overflow", text=str(error), fit=error.fit)
    except GrammarError as error:
        line.say(error="grammar", text=str(error))
    except ModelError as error:
        line.say(error="model", text=str(error))
    else:
        line.say(done=[asdict(reply) for reply in replies])


def follow_parent(parent: int) -> None:
    """End when the parent is gone, even if something else holds our stdin open."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


def main() -> None:
    """Take the pipe away from native code that prints, then serve."""
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    line = Line(source, sink)
    parent = int(sys.argv[1]) if len(sys.argv) > 1 else os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_KILL_WITH_PARENT, _SIGKILL)
    for target, values in ((follow_parent, (parent,)), (line.listen, ())):
        threading.Thread(target=target, args=values, daemon=True).start()
    serve(line)


if __name__ == "__main__":
    main()
