"""The child that reads files: limits that hold, deaths that name the file, nothing inherited."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from reader_files import docx, pdf, pptx, xlsx

from retrieval import parsing
from retrieval.errors import UserError
from retrieval.parsing import ChildParser, DirectParser
from retrieval.readers.process import Limits

FIXED = Limits(seconds=60)
ACTS = '''
import os, signal, socket, subprocess, time
from retrieval.documents import Document
from retrieval.readers import files, pulse

def act(data, source, title, collection):
    """What a hostile file may bring its reader to."""
    name, _, number = data.decode().partition(" ")
    text = name
    match name:
        case "hang":
            time.sleep(600)
        case "spin":
            while True:
                pass
        case "swell":
            bytearray(3 << 30)
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "break":
            raise ZeroDivisionError("nobody foresaw this")
        case "exit":
            os._exit(3)
        case "garble":
            for pipe in range(3, 9):
                try:
                    os.write(pipe, b"\\xff" * 64)
                except OSError:
                    pass
        case "call":
            socket.create_connection(("127.0.0.1", 9))
        case "look":
            text = repr(sorted(os.environ))
        case "pages":
            for _ in range(int(number)):
                time.sleep(0.1)
                pulse.beat()
        case "bear":
            subprocess.run(["sleep", "600.25"])
        case "long":
            text = "x" * int(number)
    return Document(source, title, text)

files._ENDINGS[".epub"] = act
'''


@pytest.fixture
def acting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Children read .epub files by doing what these say."""
    (tmp_path / "sitecustomize.py").write_text(ACTS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)


@pytest.fixture
def parser() -> Iterator[ChildParser]:
    with ChildParser(FIXED) as made:
        yield made


def reads(parser: ChildParser, word: str = "hello") -> bool:
    return parser.parse(f"<p>{word}".encode(), Path("a.html"), "c").text == word


def act(parser: ChildParser, what: str) -> str:
    return parser.parse(what.encode(), Path("bad.epub"), "c").text


def children() -> list[int]:
    found = psutil.Process().children(recursive=True)
    return [p.pid for p in found if any("readers.child" in part for part in p.cmdline())]


def gone(pid: int, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.html", b"<h1>One</h1><p>words"),
        ("a.docx", docx()),
        ("a.pptx", pptx()),
        ("a.xlsx", xlsx({"S": [["a", "b"], [1, 2]]})),
        ("a.pdf", pdf("One page", "two \\(2\\)", title="Named")),
        ("a.md", b"# One\n" + b"words " * 100_000),
    ],
)
def test_a_child_reads_what_this_process_would(name: str, data: bytes, parser: ChildParser) -> None:
    here = DirectParser().parse(data, Path(name), "mine")
    assert parser.parse(data, Path(name), "mine") == here
    assert children()


def test_small_plain_text_needs_no_child_and_one_child_serves_all(parser: ChildParser) -> None:
    assert parser.parse(b"words", Path("a.txt"), "c").text == "words"
    assert parser.parse(b"# One\nwords", Path("a.md"), "c").title == "One"
    assert not children()
    assert all(reads(parser, str(n)) for n in range(50))
    assert len(children()) == 1


@pytest.mark.usefixtures("acting")
@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("swell", "more than 2,048 MiB of memory"),
        ("crash", r"crash \(SIGSEGV\)"),
        ("break", "breaks its reader .ZeroDivisionError: nobody foresaw this"),
        ("exit", "breaks its reader .status 3"),
        ("garble", "breaks its reader"),
        ("call", "breaks its reader .PermissionError"),
    ],
)
def test_a_death_names_the_file_and_the_next_one_is_read(
    what: str, told: str, parser: ChildParser
) -> None:
    assert reads(parser)
    (before,) = children()
    with pytest.raises(UserError, match=rf"'bad\.epub'.*{told}") as caught:
        act(parser, what)
    assert caught.value.cure
    assert reads(parser)
    assert gone(before) and children() != [before]


@pytest.mark.usefixtures("acting")
@pytest.mark.parametrize(
    ("what", "limits"),
    [
        ("hang", replace(FIXED, seconds=1)),
        pytest.param("spin", replace(FIXED, cpu=1), marks=pytest.mark.slow),
        ("pages 600", replace(FIXED, total=1)),
    ],
)
def test_what_takes_too_long_is_ended(what: str, limits: Limits) -> None:
    with ChildParser(limits) as parser:
        assert reads(parser)
        (before,) = children()
        with pytest.raises(UserError, match=r"'bad\.epub' takes more than 1 seconds"):
            act(parser, what)
        assert gone(before) and reads(parser)


@pytest.mark.slow  # It looks at all processes.
@pytest.mark.usefixtures("acting")
def test_what_a_child_started_is_ended_with_it() -> None:
    def borne() -> set[int]:
        found = psutil.process_iter(["cmdline"])
        return {p.pid for p in found if p.info["cmdline"] == ["sleep", "600.25"]}

    before = borne()
    with ChildParser(replace(FIXED, seconds=1)) as parser:
        with pytest.raises(UserError, match="takes more than 1 seconds"):
            act(parser, "bear")
        assert all(gone(pid) for pid in borne() - before)


@pytest.mark.usefixtures("acting")
def test_a_file_may_take_its_time_while_it_gets_on() -> None:
    with ChildParser(replace(FIXED, seconds=1)) as parser:
        assert reads(parser)
        assert act(parser, "pages 13") == "pages"


@pytest.mark.usefixtures("acting")
def test_too_much_text_is_refused_wherever_it_is_read() -> None:
    with ChildParser(replace(FIXED, characters=1_000)) as parser:
        assert len(act(parser, "long 1000")) == 1_000
        with pytest.raises(UserError, match=r"'bad\.epub' holds more than 1,000 characters"):
            act(parser, "long 1001")
        with pytest.raises(UserError, match=r"'a\.txt' holds more than 1,000 characters"):
            parser.parse(b"a" * 1001, Path("a.txt"), "c")


@pytest.mark.usefixtures("acting")
def test_secrets_stay_here(parser: ChildParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOUCH_SLACK_TOKEN", "secret")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    known = act(parser, "look")
    assert "'PATH'" in known and "TOKEN" not in known and "KEY" not in known


def test_a_child_that_died_while_it_waited_is_replaced(parser: ChildParser) -> None:
    assert reads(parser)
    (child,) = children()
    os.kill(child, signal.SIGKILL)
    assert reads(parser) and children() != [child]
    (child,) = children()
    os.kill(child, signal.SIGSTOP)
    read: list[bool] = []
    worker = threading.Thread(target=lambda: read.append(reads(parser)))
    worker.start()
    # Now the file lies in the pipe, and the child dies before it takes it out.
    time.sleep(0.3)
    os.kill(child, signal.SIGKILL)
    worker.join(30)
    assert read == [True]


def test_a_child_that_has_grown_is_replaced(
    parser: ChildParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reads(parser)
    (child,) = children()
    monkeypatch.setattr(parsing, "GROWTH", -1)
    assert reads(parser) and gone(child) and reads(parser)


def test_threads_take_turns_and_a_child_outlives_the_thread_that_began_it(
    parser: ChildParser,
) -> None:
    failed: list[str] = []

    def work(name: str) -> None:
        failed.extend(f"{name}{n}" for n in range(15) if not reads(parser, f"{name}{n}"))

    work_alone = threading.Thread(target=work, args=("first",))
    work_alone.start()
    work_alone.join()
    (child,) = children()
    threads = [threading.Thread(target=work, args=(f"t{n} ",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed and children() == [child]


@pytest.mark.usefixtures("acting")
def test_an_interrupt_ends_the_work_at_once(parser: ChildParser) -> None:
    assert reads(parser)
    (child,) = children()
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt):
            act(parser, "hang")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert gone(child) and reads(parser)


@pytest.mark.usefixtures("acting")
def test_closing_ends_the_child_even_at_work(parser: ChildParser) -> None:
    assert reads(parser)
    (child,) = children()
    told: list[Exception] = []

    def work() -> None:
        try:
            act(parser, "hang")
        except UserError as error:
            told.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    time.sleep(0.2)
    parser.close()
    worker.join(20)
    assert gone(child) and len(told) == 1


@pytest.mark.usefixtures("acting")
@pytest.mark.parametrize("what", ["hang", ""])
def test_a_child_dies_with_its_parent(what: str, python: str) -> None:
    code = (
        "import sys, psutil; from pathlib import Path; from retrieval.parsing import ChildParser\n"
        "parser = ChildParser(); parser.parse(b'<p>x', Path('a.html'), 'c')\n"
        "print(psutil.Process().children()[0].pid, flush=True)\n"
        f"parser.parse({what.encode()!r}, Path('a.epub'), 'c') if {what!r} else sys.stdin.read()"
    )
    command = [python, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        time.sleep(0.2)
        assert not gone(child, seconds=0.01)
        parent.kill()
    assert gone(child)


def test_a_reader_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for program in ("/nowhere/python", "/bin/false"):
        monkeypatch.setattr("sys.executable", program)
        with ChildParser(FIXED) as parser, pytest.raises(UserError, match=r"'a\.html'"):
            reads(parser)
