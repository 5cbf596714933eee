"""Models of one name are told apart by their file or server, and asked their probe apart."""

import os
from pathlib import Path

import pytest

from agents.models.llama import LlamaModel
from agents.models.openai import OpenAICompatible
from agents.models.scripted import ScriptedModel
from agents.probe import Probed
from app.models import resolve
from app.probes import Probes, identity
from app.settings import load

DONE = Probed(5, 6, ("open 2",))
FULL = Path("/dev/full")


def server(url):
    return OpenAICompatible(url, "small")


def test_a_result_is_found_under_the_model_that_it_is_of(tmp_path):
    probes = Probes(tmp_path / "probes.json")
    probes.keep(server("http://one:1/v1"), DONE)
    assert probes.find(server("http://one:1/v1/")) == DONE
    assert probes.find(server("http://two:1/v1")) is None
    assert probes.find("small") is None
    probes.keep("scripted", DONE)
    assert probes.find(ScriptedModel([])) == DONE


def test_a_login_in_an_address_is_kept_nowhere(tmp_path):
    probes = Probes(tmp_path / "probes.json")
    probes.keep(server("https://me:hush@host:1/v1?key=hush"), DONE)
    assert probes.find(server("https://host:1/v1")) == DONE
    assert "hush" not in (tmp_path / "probes.json").read_text()


def test_a_file_that_was_replaced_is_another_model(tmp_path, shipped):
    path = tmp_path / "mine.gguf"
    path.write_bytes(shipped.read_bytes())
    os.utime(path, ns=(1, 1))
    before = identity(LlamaModel(path))
    assert identity(LlamaModel(path)) == before
    os.utime(path, ns=(1, 2))
    assert identity(LlamaModel(path)) != before


def test_the_embedded_model_is_known_by_its_name_alone(tmp_path, shipped):
    settings = load(tmp_path, environ={}, overrides={})
    embedded = resolve(settings)
    assert identity(embedded) == embedded.name
    assert identity(resolve(settings, str(shipped))) != embedded.name


def test_a_result_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "file").touch()
    Probes(tmp_path / "file" / "probes.json").keep("small", DONE)


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_a_full_disk_keeps_the_results_and_leaves_no_half_written_file(tmp_path):
    probes = Probes(tmp_path / "probes.json")
    probes.keep("small", DONE)
    (tmp_path / "probes.new").symlink_to(FULL)
    probes.keep("other", DONE)
    assert probes.find("small") == DONE and probes.find("other") is None
    assert [path.name for path in tmp_path.iterdir()] == ["probes.json"]


def test_what_is_laid_over_it_for_writing_does_not_make_it_another_browser(tmp_path, shipped):
    paths = {job: tmp_path / f"{job}.gguf" for job in ("write", "browse")}
    for path in paths.values():
        path.write_bytes(b"x")
    bare, writes = LlamaModel(shipped), LlamaModel(shipped, adapters={"write": paths["write"]})
    assert identity(writes) == identity(bare) and writes.identity != bare.identity
    assert identity(LlamaModel(shipped, adapters={"browse": paths["browse"]})) != identity(bare)
