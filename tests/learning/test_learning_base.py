"""What is learned on: the embedded model as it is shipped, under the name that adapters go by."""

from pathlib import Path

from app.adapters import of
from app.learning.writing.house import base
from app.models import resolve
from app.prepare import EMBEDDED_NAME, shipped_file
from app.settings import load


def test_the_embedded_model_is_learned_on_as_it_is_shipped(tmp_path: Path) -> None:
    settings = load(tmp_path, {}, {})
    made = base(settings)
    assert (made.name, made.file) == (EMBEDDED_NAME, shipped_file())
    model = resolve(settings)
    assert made.name == model.base  # type: ignore[attr-defined]
    assert all(one.path is None or one.path.is_file() for one in of(settings, model))
