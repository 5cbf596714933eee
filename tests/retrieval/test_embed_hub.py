"""Encoders of the hub, from a loopback server that speaks the part of its protocol that is needed.

Protocol: /api/models/<repo>/revision/<revision> gives the commit, /api/models/<repo>/tree/<commit>
the files, /<repo>/resolve/<commit>/<file> one of them.
https://huggingface.co/docs/hub/api
"""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tiny_models import encoder, stacked

from retrieval.embed import EncoderOptions, SentenceEncoder
from retrieval.errors import UserError

NAME = "someone/e5-small"
FIRST, SECOND = "1" * 40, "2" * 40


class Hub(BaseHTTPRequestHandler):
    """Serves the folders of a repository by commit; `server.head` is its newest."""

    server: Any

    def do_GET(self) -> None:
        self.server.seen.append(self.path)
        path = self.path.partition("?")[0]
        commits = self.server.commits
        if found := re.fullmatch(rf"/api/models/{NAME}(?:/revision/(.+))?", path):
            commit = {"main": self.server.head, None: self.server.head}.get(found[1], found[1])
            return self.say({"sha": commit, "id": NAME}) if commit in commits else self.missing()
        if found := re.fullmatch(rf"/api/models/{NAME}/tree/(\w+)/?", path):
            folder = commits[found[1]]
            listed = [p for p in sorted(folder.rglob("*")) if p.is_file()]
            return self.say([self.entry(folder, p) for p in listed])
        if found := re.fullmatch(rf"/{NAME}/resolve/(\w+)/(.+)", path):
            return self.file(commits[found[1]] / found[2], found[1])
        return self.missing()

    do_HEAD = do_GET

    def entry(self, folder: Path, path: Path) -> dict[str, Any]:
        name = path.relative_to(folder).as_posix()
        return {"type": "file", "path": name, "size": path.stat().st_size, "oid": etag(path)}

    def file(self, path: Path, commit: str) -> None:
        body = path.read_bytes()
        self.send(body, ETag=f'"{etag(path)}"', X_Repo_Commit=commit)

    def say(self, value: Any) -> None:
        self.send(json.dumps(value).encode(), Content_Type="application/json")

    def missing(self) -> None:
        self.send(b"", 404, X_Error_Code="RepoNotFound")

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


def etag(path: Path) -> str:
    return hashlib.sha1(path.read_bytes()).hexdigest()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    from huggingface_hub import constants

    for seed, commit in enumerate((FIRST, SECOND)):
        folder = stacked(encoder(tmp_path / commit, seed=seed), "cls_token")
        (folder / "onnx").mkdir()
        (folder / "onnx" / "model.onnx").write_bytes(b"not fetched for torch")
        (folder / "pytorch_model.bin").write_bytes(b"not fetched beside safetensors")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.commits = {commit: tmp_path / commit for commit in (FIRST, SECOND)}
    server.head, server.seen = FIRST, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", url)
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    yield server
    server.shutdown()
    server.server_close()


def made(**options: object) -> SentenceEncoder:
    return SentenceEncoder(NAME, "cpu", replace(EncoderOptions(), **options))


def kept(tmp_path: Path, commit: str) -> set[str]:
    (snapshots,) = (tmp_path / "cache").glob("models--*/snapshots")
    folder = snapshots / commit
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_a_model_is_fetched_once_and_stays(hub: ThreadingHTTPServer, tmp_path: Path) -> None:
    first = made()
    vectors = first.encode(["a text"])
    assert first.id.startswith(f"{NAME}@{FIRST[:12]} 32d unit cls pooling")
    assert "query='query: '" in first.id
    assert {"config.json", "model.safetensors", "tokenizer.json", "modules.json"} <= kept(
        tmp_path, FIRST
    )
    assert not kept(tmp_path, FIRST) & {"onnx/model.onnx", "pytorch_model.bin"}
    hub.head, asked = SECOND, len(hub.seen)
    again = made()
    assert (again.encode(["a text"]) == vectors).all() and again.id == first.id
    assert len(hub.seen) == asked


def test_a_revision_is_another_model(hub: ThreadingHTTPServer) -> None:
    first, second = made(), made(revision=SECOND)
    assert abs(first.encode(["a text"]) - second.encode(["a text"])).max() > 0.01
    assert f"@{SECOND[:12]} " in second.id and second.id != first.id


def test_a_download_that_broke_off_is_completed(hub: ThreadingHTTPServer, tmp_path: Path) -> None:
    wanted = made().encode(["a text"])
    (snapshots,) = (tmp_path / "cache").glob("models--*/snapshots")
    for lost in ("model.safetensors", "1_Pooling/config.json"):
        (snapshots / FIRST / lost).unlink()
    assert (made().encode(["a text"]) == wanted).all()
    assert "1_Pooling/config.json" in kept(tmp_path, FIRST)


def test_for_onnx_its_file_is_fetched(hub: ThreadingHTTPServer, tmp_path: Path) -> None:
    assert made(backend="onnx").id.endswith(" onnx")
    assert "onnx/model.onnx" in kept(tmp_path, FIRST)
    assert "model.safetensors" not in kept(tmp_path, FIRST)


def test_what_the_hub_does_not_have_is_told(hub: ThreadingHTTPServer) -> None:
    with pytest.raises(UserError, match="someone/other"):
        SentenceEncoder("someone/other").encode(["a"])
    with pytest.raises(UserError, match=NAME):
        made(revision="no-such-branch").encode(["a"])


def test_without_the_hub_what_is_kept_is_used(
    hub: ThreadingHTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    wanted = made().encode(["a text"])
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert (made().encode(["a text"]) == wanted).all()
    # An older program left no list of files.
    for listing in (tmp_path / "cache").glob("models--*/trees/*"):
        listing.unlink()
    assert (made().encode(["a text"]) == wanted).all()
    with pytest.raises(UserError, match="does not load"):
        made(revision=SECOND).encode(["a"])
