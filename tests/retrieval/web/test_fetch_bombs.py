"""Bodies that swell when they are unpacked: stopped in time, within 64 MB of memory."""

import json
import subprocess
import textwrap
from pathlib import Path

import pytest
from web_sites import Loopback, answer, loopback

CHILD = textwrap.dedent(
    """
    import json, sys, time
    from retrieval.web.fetch import Door
    from retrieval.web.rules import Rules
    from retrieval.web.types import CouldNotFetch
    def most():  # not getrusage: its peak survives the start of another program
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
    host = sys.argv[1]
    door = Door(Rules(private=(host,)))
    door.fetch(f"http://{host}/small")
    before = most()
    start = time.monotonic()
    try:
        came = f"{len(door.fetch(f'http://{host}{sys.argv[2]}').body)} bytes"
    except CouldNotFetch as fault:
        came = fault.reason
    grown = most() - before
    print(json.dumps([came, grown / 1024, time.monotonic() - start]))
    """
)


def _measured(python: str, server: Loopback, target: str) -> tuple[str, float, float]:
    """Fetch in a process of its own: what came, MB grown, seconds."""
    done = subprocess.run(
        [python, "-c", CHILD, server.host, target],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    came, grown, seconds = json.loads(done.stdout)
    return came, grown, seconds


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
@pytest.mark.parametrize(("name", "encoding", "expected"), [
    ("gzip_1GiB_zeros.gz", "gzip", "too big"),
    ("deflate_256MiB.zz", "deflate", "too big"),
    ("truncated.gz", "gzip", "broken"),
    ("gzip_x2.gz", "gzip", "1043656 bytes"),
    ("spaces", "", "23000000 bytes"),
])  # fmt: skip
def test_bombs_end_typed_and_small(
    shared_data: Path, python: str, name: str, encoding: str, expected: str
) -> None:
    path = shared_data / "security/generated" / name
    body = b" " * 23_000_000 if name == "spaces" else path.read_bytes()
    headers = {"Content-Encoding": encoding} if encoding else {}
    bomb = answer(body, headers=headers)
    with loopback(lambda target, _: bomb if target == "/bomb" else answer(b"small")) as server:
        came, grown, seconds = _measured(python, server, "/bomb")
    print(f"{name}: {came}, {grown:.1f} MB, {seconds:.2f} s")
    assert came == expected
    assert grown <= 64
