"""`vouch plugins` on the command line: lists, tests, enables, disables, and says what is wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ui import commandline
from ui.house_port import Choice

pytestmark = pytest.mark.slow

Write = Callable[..., Path]
Run = Callable[..., tuple[int, str, str]]

CODE = '''
    vouch = {"hosts": ["example.org"]}

    def greet(name: str = "you") -> str:
        """Greet \\x1b[31msomebody."""
        return f"hello \\x1b[31m{name}"
'''


@pytest.fixture
def run(vouch_home: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> Run:
    """Carry out `vouch plugins ...`: status, stdout, stderr."""
    folder = write("greeter", CODE).parent

    def carry_out(*arguments: str) -> tuple[int, str, str]:
        def attach(choice: Choice) -> Any:
            raise AssertionError("no engine is needed")

        command = ["plugins", *arguments, "--set", f"plugins.folder={folder}"]
        status = commandline.run(command, attach)
        told = capsys.readouterr()
        return status, told.out, told.err

    return carry_out


def _states(told: str) -> dict[str, str]:
    return {one["name"]: one["state"] for one in json.loads(told)["plugins"]}


def test_from_off_to_on_and_back(run: Run) -> None:
    status, told, _ = run("--json")
    assert (status, _states(told)["greeter"]) == (0, "off")
    status, told, _ = run("enable", "greeter")
    assert status == 0
    assert "the plugin greeter is on and may reach: the host example.org" in told
    assert "1 tool: greet" in told
    status, told, _ = run()
    assert "asks for: the host example.org" in told
    assert _states(run("--json")[1])["greeter"] == "on"
    status, told, _ = run("disable", "greeter")
    assert (status, "is now off" in told) == (0, True)
    assert _states(run("--json")[1])["greeter"] == "off"


def test_a_tool_is_tried(run: Run) -> None:
    run("enable", "greeter")
    status, told, _ = run("test", "greeter")
    assert (status, told.splitlines()[0]) == (0, 'use greet {"name": <string>}')
    status, told, _ = run("test", "greeter", "greet", '{"name": "ho"}')
    assert (status, "\x1b" in told) == (0, False)
    assert told.startswith("hello ")
    status, told, _ = run("test", "greeter", "greet", '{"nam": "ho"}')
    assert (status, "there is no 'nam'" in told) == (1, True)
    status, told, _ = run("test", "greeter", "greet", "--json")
    assert json.loads(told)["result"]["text"].startswith("hello")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("enable",), 1, "no plugin was named; write vouch plugins enable NAME."),
        (("enable", "nobody"), 1, "there is no plugin 'nobody'; there are "),
        (("test", "greeter"), 1, "you have not allowed it yet; vouch plugins enable greeter."),
        (("tset", "greeter"), 2, "did you mean 'test'?"),
    ],
)
def test_bad_input_is_told_in_a_sentence(
    run: Run, arguments: tuple[str, ...], status: int, said: str
) -> None:
    ended, _, told = run(*arguments)
    assert ended == status
    assert said in told
    assert len(told.splitlines()) == 1
