"""A browser tab without a browser: speaks Streamlit's websocket protocol to a running page.

It does what the front end does (streamlit/frontend, App.tsx): sends widget states, applies deltas,
and runs fragments again at the interval that the page asks for.
"""

import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

PATIENCE = 90.0
"""Seconds after which something never comes about, on a loaded machine too."""


@dataclass(slots=True)
class Drawn:
    """An element of the page, the run that drew it, and the fragment that it belongs to."""

    element: Any
    run: int
    fragment: str


@dataclass(slots=True)
class PageSession:
    """One tab. `act` clicks and types, `until` reads on until a condition holds."""

    url: str
    query: str = ""
    drawn: dict[tuple[int, ...], Drawn] = field(default_factory=dict)
    runs: int = 0
    received: int = 0
    said: deque[str] = field(default_factory=lambda: deque(maxlen=60))
    """The last messages, for a failure."""
    _due: dict[str, tuple[float, float]] = field(default_factory=dict)
    _fragment: list[str] = field(default_factory=list)
    _socket: Any = None
    _running: bool = False
    _answered: bool = False

    def open(self) -> "PageSession":
        """Load the page, as a new tab or a reload does; what it drew before is forgotten."""
        self.close()
        self.drawn, self._due = {}, {}
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = connect(
            address,
            subprotocols=["streamlit"],
            max_size=None,
            ping_interval=None,
            # A tab that is closed does not wait for anybody to agree.
            close_timeout=0.05,
            legacy=True,
        )
        self._rerun([])
        self.until(lambda: not self._running)
        return self

    def close(self) -> None:
        """Close the tab."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def type(self, key: str, text: str) -> None:
        """Write into the chat box of that key and press Enter."""
        state = WidgetState(id=self.widget(key))
        state.chat_input_value.data = text
        self._rerun([state])

    def click(self, key: str) -> None:
        """Press the button of that key."""
        self._rerun([WidgetState(id=self.widget(key), trigger_value=True)])

    def widget(self, key: str) -> str:
        """Return the id of the widget of that key; KeyError if the page shows none to use."""
        for one in self._inputs():
            if one.id.endswith(f"-{key}") and not getattr(one, "disabled", False):
                return str(one.id)
        raise KeyError(key)

    def _inputs(self) -> list[Any]:
        elements = [one.element for one in self.drawn.values()]
        found = [getattr(e, e.WhichOneof("type")) for e in elements if e.WhichOneof("type")]
        return [one for one in found if getattr(one, "id", "")]

    def widgets(self) -> list[str]:
        """Return the ids of all widgets that the page shows; each ends with its key."""
        return [str(one.id) for one in self._inputs()]

    def label(self, key: str) -> str:
        """Return what is written on the widget of that key."""
        id = self.widget(key)
        return next(str(one.label) for one in self._inputs() if one.id == id)

    def drawing(self) -> bool:
        """True once the page that was asked for last is being drawn."""
        return self._answered and any(one.run == self.runs for one in self.drawn.values())

    def nudge(self) -> None:
        """Have the whole page drawn again without waiting for what is being drawn."""
        self._rerun([])

    def again(self) -> None:
        """Have the whole page drawn again."""
        self._rerun([])
        self.until(lambda: not self._running)

    def settle(self, seconds: float = 0.4) -> None:
        """Read on until the page has been silent for so long: what was asked for is drawn."""
        heard, since = self.received, time.monotonic()
        while self._running or time.monotonic() - since < seconds:
            self.step(0.05)
            if self.received != heard:
                heard, since = self.received, time.monotonic()

    @property
    def working(self) -> bool:
        """True while the page is being drawn."""
        return self._running

    def has(self, key: str) -> bool:
        """True if the page shows a widget of that key that can be used."""
        try:
            return bool(self.widget(key))
        except KeyError:
            return False

    def html(self) -> str:
        """Return all HTML blocks of the page in order, one a line."""
        bodies = [self.drawn[path].element for path in sorted(self.drawn)]
        return "\n".join(e.html.body for e in bodies if e.WhichOneof("type") == "html")

    def text(self) -> str:
        """Return the words of the page without its style sheet and tags, cut to 2,000."""
        bare = re.sub(r"<(style|script).*?</\1>", "", self.html(), flags=re.DOTALL)
        return re.sub(r"<[^>]+>|\s+", " ", bare)[:2000]

    def until(self, holds: Callable[[], Any], patience: float = PATIENCE, what: str = "it") -> Any:
        """Read on until the condition holds; AssertionError after `patience` seconds."""
        deadline = time.monotonic() + patience
        while not (value := holds()):
            told = f"{what} never came about at {self.query!r}: {self.text()!r}; {self.said}"
            assert time.monotonic() < deadline, told
            self.step()
        return value

    def step(self, seconds: float = 0.1) -> None:
        """Take at most one message, and run the fragments that are due."""
        now = time.monotonic()
        for fragment, (at, interval) in list(self._due.items()):
            if now >= at and not self._running:
                self._due[fragment] = (now + interval, interval)
                self._rerun([], fragment)
        try:
            data = self._socket.recv(timeout=seconds)
        except TimeoutError:
            return
        except ConnectionClosed as error:
            raise AssertionError("the page closed the connection") from error
        self.received += len(data)
        self._take(ForwardMsg.FromString(data))

    def _rerun(self, states: list[WidgetState], fragment: str = "") -> None:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.widget_states.widgets.extend(states)
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = bool(fragment)
        self._running, self._answered = True, False
        self.said.append(f"> {[state.id[-8:] for state in states]} {fragment[:6]} {self.query}")
        self._socket.send(message.SerializeToString())

    def _take(self, message: ForwardMsg) -> None:
        if (kind := str(message.WhichOneof("type"))) != "delta":
            told = message.script_finished if kind == "script_finished" else ""
            at = message.page_info_changed.query_string if kind == "page_info_changed" else ""
            self.said.append(f"< {kind} {told} {at} {list(message.metadata.run.fragment_ids)}")
        match message.WhichOneof("type"):
            case "new_session":
                self.runs += 1
                self._running = self._answered = True
                self._fragment = list(message.metadata.run.fragment_ids)
                if not self._fragment:
                    self._due = {}
            case "delta":
                self._draw(tuple(message.metadata.delta_path), message.delta)
            case "auto_rerun":
                interval = message.auto_rerun.interval
                fragment = message.auto_rerun.fragment_id
                self._due[fragment] = (time.monotonic() + interval, interval)
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self._due.pop(fragment, None)
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "script_finished":
                self._finish(message.script_finished)

    def _draw(self, path: tuple[int, ...], delta: Any) -> None:
        if delta.WhichOneof("type") == "new_element":
            self.drawn[path] = Drawn(delta.new_element, self.runs, delta.fragment_id)

    def _finish(self, status: int) -> None:
        """Forget what this run did not draw again: of its fragments alone, if it ran some."""
        self._running = False
        if status == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self._running = True
            return
        self.drawn = {
            path: one
            for path, one in self.drawn.items()
            if one.run == self.runs or (self._fragment and one.fragment not in self._fragment)
        }
