"""The embedded model is converted once, whole or not at all, and the faster file is kept."""

import json

import pytest

from agents.models.convert import ConversionFailed, to_f16
from agents.models.gguf import read_header
from app import prepare as subject
from app.prepare import Rates, compare, embedded_file, prepare, read_prepared, shipped_file
from retrieval.errors import UserError

SLOW, FAST = Rates(100, 50), Rates(300, 50)


@pytest.fixture
def instant(monkeypatch, converted):
    """Conversion by copying the file that the session converted once."""
    made = []

    def copy(source, target):
        made.append(target)
        target.hardlink_to(converted)

    monkeypatch.setattr(subject, "to_f16", copy)
    return made


def names(home):
    return sorted(path.name for path in (home / "models").iterdir())


def test_what_measures_faster_is_kept(tmp_path, instant):
    said = []
    assert embedded_file(tmp_path) == shipped_file()
    done = prepare(tmp_path, said.append, lambda one, two: (SLOW, FAST))
    assert done.file and done.chosen == FAST and done.ratio > 1
    assert embedded_file(tmp_path) == tmp_path / "models" / done.file
    assert read_header(embedded_file(tmp_path)).layers == 30
    assert names(tmp_path) == ["prepared.json", done.file]
    assert len(said) == 3


def test_the_shipped_file_stays_where_it_is_faster(tmp_path, instant):
    done = prepare(tmp_path, measure=lambda one, two: (FAST, SLOW))
    assert done.file == "" and done.chosen == FAST and done.ratio < 1
    assert embedded_file(tmp_path) == shipped_file()
    assert names(tmp_path) == ["prepared.json"]


def test_again_it_does_nothing_unless_the_file_is_gone(tmp_path, instant):
    first = prepare(tmp_path, measure=lambda one, two: (SLOW, FAST))
    assert prepare(tmp_path, measure=lambda one, two: (FAST, SLOW)) == first
    assert len(instant) == 1
    (tmp_path / "models" / first.file).unlink()
    assert embedded_file(tmp_path) == shipped_file()
    assert prepare(tmp_path, measure=lambda one, two: (SLOW, FAST)) == first
    assert len(instant) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"file": 1}', json.dumps({"file": "x"})])
def test_a_damaged_record_counts_as_none(tmp_path, text):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "prepared.json").write_text(text)
    assert read_prepared(tmp_path) is None
    assert embedded_file(tmp_path) == shipped_file()


def test_a_full_disk_is_named_before_anything_is_written(tmp_path, monkeypatch):
    def usage(path):
        return type("Usage", (), {"free": 10 << 20})

    monkeypatch.setattr(subject.shutil, "disk_usage", usage)
    with pytest.raises(UserError, match=r"10 MB free.*vouch models prepare"):
        prepare(tmp_path)
    assert names(tmp_path) == []


def test_a_conversion_that_breaks_leaves_nothing_half(tmp_path, monkeypatch, converted):
    def fails(source, target):
        target.write_bytes(b"GGUF half a file")
        raise ConversionFailed("no space left on device")

    def stops(source, target):
        target.write_bytes(converted.read_bytes()[:1_000_000])

    def interrupted(source, target):
        target.write_bytes(b"GGUF half a file")
        raise KeyboardInterrupt

    for broken, error in ((fails, UserError), (stops, UserError), (interrupted, KeyboardInterrupt)):
        monkeypatch.setattr(subject, "to_f16", broken)
        with pytest.raises(error):
            prepare(tmp_path)
        assert names(tmp_path) == []
        assert embedded_file(tmp_path) == shipped_file()


@pytest.mark.model
def test_a_conversion_of_no_model_says_why(tmp_path):
    source = tmp_path / "none.gguf"
    source.write_bytes(b"this is no model")
    with pytest.raises(ConversionFailed):
        to_f16(source, tmp_path / "out.gguf")


@pytest.mark.model
def test_both_files_are_measured(shipped, converted, monkeypatch):
    monkeypatch.setattr(subject, "ROUNDS", 1)
    monkeypatch.setattr(subject, "WRITE_TOKENS", 4)
    monkeypatch.setattr(subject, "READ_TOKENS", 60)
    one, two = compare(shipped, converted)
    assert min(one.read, one.write, two.read, two.write) > 0
