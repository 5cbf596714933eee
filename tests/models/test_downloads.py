"""Files of the hub, from a loopback server that speaks the part of its protocol that is needed.

Protocol: a file's address is /<owner>/<repo>/resolve/<revision>/<file>; HEAD gives its size and its
checksum as ETag or X-Linked-Etag, GET takes a Range.
https://huggingface.co/docs/huggingface_hub/package_reference/file_download
"""

import hashlib

import pytest

from app.downloads import fetch, fetched
from retrieval.errors import UserError

NAME = "hf:someone/small-models/folder/tiny.gguf"
DATA = b"GGUF" + bytes(range(256)) * 4000
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def online(monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "DEFAULT_REQUEST_TIMEOUT", 5)


class Hub:
    """Serves one file; after `cut` bytes it breaks off and is down, `etag` may lie."""

    def __init__(self, etag=None, cut=None):
        self.etag = etag or hashlib.sha256(DATA).hexdigest()
        self.cut = cut
        self.down = False
        self.gets = []

    def __call__(self, call):
        if call.path != "/someone/small-models/resolve/main/folder/tiny.gguf":
            return call.say(404, x_error_code="EntryNotFound")
        asked = call.headers.get("range", "")
        start = int(asked.removeprefix("bytes=").split("-")[0] or 0) if asked else 0
        headers = {
            "etag": f'"{self.etag}"',
            "x_repo_commit": COMMIT,
            "accept_ranges": "bytes",
            "content_length": str(len(DATA) - start),
        }
        if asked:
            headers["content_range"] = f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"
        if call.command == "HEAD":
            return call.say(200, b"", **headers)
        if self.down:
            return call.say(400, b"down")
        self.gets.append(start)
        body = DATA[start:]
        if self.cut:
            body, self.cut, self.down = body[: self.cut], None, True
        return call.say(206 if asked else 200, body, **headers)


def started(serve, monkeypatch, hub):
    server = serve(hub)
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    return server


def test_a_file_is_fetched_once(serve, monkeypatch, tmp_path):
    hub = Hub()
    server = started(serve, monkeypatch, hub)
    path = fetch(tmp_path, NAME)
    assert path.read_bytes() == DATA
    assert path.is_relative_to(tmp_path / "models")
    assert fetched(tmp_path) == {NAME: path}
    before = len(server.seen)
    assert fetch(tmp_path, NAME) == path
    assert len(server.seen) == before
    path.write_bytes(DATA[:-1])
    assert fetched(tmp_path) == {}


def test_a_download_that_broke_off_goes_on_where_it_stopped(serve, monkeypatch, tmp_path):
    hub = Hub(cut=300_000)
    started(serve, monkeypatch, hub)
    with pytest.raises(UserError, match="could not be fetched"):
        fetch(tmp_path, NAME)
    assert fetched(tmp_path) == {}
    hub.down = False
    assert fetch(tmp_path, NAME).read_bytes() == DATA
    assert hub.gets[0] == 0 and hub.gets[-1] >= 100_000


@pytest.mark.parametrize("size", [64, 40])
def test_a_wrong_checksum_is_refused_and_leaves_nothing(serve, monkeypatch, tmp_path, size):
    started(serve, monkeypatch, Hub(etag="ab" * (size // 2)))
    with pytest.raises(UserError, match="checksum"):
        fetch(tmp_path, NAME)
    assert fetched(tmp_path) == {}
    assert [path for path in (tmp_path / "models").rglob("*") if path.is_file()] == []


def test_a_small_file_is_checked_by_gits_checksum(serve, monkeypatch, tmp_path):
    blob = hashlib.sha1(b"blob %d\0" % len(DATA) + DATA).hexdigest()
    started(serve, monkeypatch, Hub(etag=blob))
    assert fetch(tmp_path, NAME).read_bytes() == DATA


def test_what_the_hub_does_not_have_is_named(serve, monkeypatch, tmp_path):
    started(serve, monkeypatch, Hub())
    with pytest.raises(UserError, match=r"no file hf:someone/small-models/other\.gguf"):
        fetch(tmp_path, "hf:someone/small-models/other.gguf")


def test_a_hub_that_fails_or_is_away_is_named(serve, monkeypatch, tmp_path):
    started(serve, monkeypatch, lambda call: call.say(400, b"broken"))
    with pytest.raises(UserError, match="could not be fetched"):
        fetch(tmp_path, NAME)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UserError, match="could not be fetched"):
        fetch(tmp_path, NAME)
