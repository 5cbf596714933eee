"""An engine with a scripted model and hashed vectors: the real house, which answers in no time.

`facts` makes the library: every name has one document. The script searches for the name of the
question, opens what is found first, quotes it and writes its sentence with the code.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.client import Client, attach
from app.door import launch
from app.house import Calls, House, part
from app.settings import load

if TYPE_CHECKING:
    from agents.models.base import Message, Model, Sampling
    from retrieval.embed import HashEmbedder

SYLLABLES = ("ba", "mo", "ru", "ki", "te", "lo", "sha", "ven", "dor", "ail")
LONG, QUOTES = 56, 12
"""Sentences of a long document, and quotes of four of them: three messages of Slack."""

SPEED = "SCRIPTED_TOKENS_PER_SECOND"
"""Names a variable: how fast the model writes, and reads 25 times as fast; none is at once."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A name that stands in one document, and the code that an answer must hold."""

    name: str
    code: str
    long: bool = False

    @property
    def question(self) -> str:
        return f"What code opens the lock of {self.name}?"

    @property
    def sentence(self) -> str:
        return f"The lock of {self.name} opens with the code {self.code}."

    @property
    def text(self) -> str:
        more = [
            f"Rule {number} of {self.name} for its lock says that whoever comes with boat {number} "
            + "and its freight of salt, tar, hemp, rye and copper waits his turn below the gate, "
            * 5
            + f"until rule {number} has been read to him."
            for number in range(1, LONG)
        ]
        return "\n".join([self.sentence, *(more if self.long else [])]) + "\n"


def fact(number: int, long: bool = False) -> Fact:
    """Return the n-th fact; its name is one word that no other has."""
    digits = f"{number:04d}"
    name = "".join(SYLLABLES[int(digit)] for digit in digits).title()
    return Fact(f"{name}wick", f"K{number:04d}X{(number * 7919) % 10007:05d}", long)


def write_library(folder: Path, facts: Sequence[Fact]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for one in facts:
        (folder / f"{one.name.lower()}.txt").write_text(one.text)


def script(messages: Sequence["Message"], sampling: "Sampling") -> str:
    """Say the next action of browsing, or the answer."""
    last = messages[-1].content
    if "Write exactly one action" in messages[0].content:
        return _action(messages)
    if "The last question, to be understood alone:" in last:
        return re.findall(r"The last question: (.*)", last)[-1]
    found = re.findall(r"The lock of \w+ opens with the code \w+\.", last)
    many = "Rule 2 of" in last
    # Words that no quote carries: the check leaves nothing but the quotes, which are long.
    return "Nobody knows it at all." if many or not found else f"{found[0][:-1]} [1]."


def _action(messages: Sequence["Message"]) -> str:
    said = [message.content for message in messages if message.role == "assistant"]
    asked = " ".join(message.content for message in messages if message.role == "user")
    name = re.search(r"lock of (\w+)", asked)
    wanted = name[1] if name else "lock"
    # Which of the two finds a document depends on how many others there are, and how long it is.
    searches = [f"search the lock of {wanted} opens with the code", f"search {wanted}"]
    if not said:
        return searches[0]
    if said[-1] in searches:
        found = re.search(rf"^\W*(\d+)\W.*{wanted}", messages[-1].content, re.I | re.M)
        if found or said[-1] == searches[1]:
            return f"open {found[1] if found else 1}"
        return searches[1]
    quotes = QUOTES if "Rule 1 of" in asked else 1
    if sum(action.startswith("quote") for action in said) == quotes:
        return "finish"
    shown = re.findall(r"^\s*(\d+)[:|.\]) ]", messages[-1].content, re.MULTILINE)
    if said[-1].startswith("quote") or not shown:
        return "scroll down"
    return f"quote {shown[0]}-{shown[:4][-1]}"


class ScriptedHouse(House):
    """A house of these settings whose model and embedder are fakes that ship with Vouch."""

    @part
    def embedder(self) -> "HashEmbedder":
        from retrieval.embed import HashEmbedder

        return HashEmbedder(256)

    def model(self, name: str | None = None) -> "Model":
        if "scripted" not in self._models:
            from agents.models.base import Capabilities
            from agents.models.scripted import ScriptedModel
            from agents.probe import Probed

            rate = float(os.environ.get(SPEED) or 0) or None
            able = Capabilities(context=65_536, grammar="gbnf")
            model = ScriptedModel(script, "scripted", able, rate and rate * 25, rate)
            self._models["scripted"] = model
            self.assistant.probes.keep(model, Probed(6, 6))
        return self._models["scripted"]


def build_calls(home: Path, environ: Mapping[str, str], overrides: dict[str, str]) -> Calls:
    """What the engine process is started with."""
    house = ScriptedHouse(load(home, environ, overrides))
    _ = house.database
    return Calls(house)


def start_engine(home: Path, environ: Mapping[str, str]) -> Client:
    """Start an engine that a bot with this environment takes for its own, and attach to it."""
    settings = load(home, environ)
    paths = [str(Path(__file__).resolve().parents[1]), environ.get("PYTHONPATH", "")]
    there = {**environ, "PYTHONPATH": os.pathsep.join(paths)}
    scripted = {"calls": f"{__name__}:build_calls", "environ": there, "idle_seconds": 300.0}
    return attach(home, launch=replace(launch(settings, {}), **scripted))


def stop_engine(client: Client) -> None:
    """End the engine and return when it has."""
    found = client.hello()
    client.finish(force=True)
    while found and Path(f"/proc/{found['pid']}").exists() and client.hello():
        pass
