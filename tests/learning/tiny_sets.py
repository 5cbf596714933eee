"""A folder of the sets that the verifier learns from, each a few lines long."""

import gzip
import json
from pathlib import Path

from app.learning.sets import ENTAILMENTS, PASSAGES

LABELS = ("supported", "contradicted", "neutral", "unsupported")
TEXT = (
    "However, Ada Lovelace was born in London in December 1815. She wrote the first program for the"
    " machine of Charles Babbage. The engine was never built, although many parts of it were made."
)


def write(data: Path, rows: int = 8) -> Path:
    """Write every set with `rows` pairs, and return the folder."""
    for given in ENTAILMENTS:
        path = data / given.file
        path.parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(path, "wt", encoding="utf-8") as file:
            for at in range(rows):
                label = LABELS[at % 3]
                told = {"evidence": f"The mill has {at} wheels.", "claim": f"It turns {at} times."}
                file.write(json.dumps(told | {"label": label, "doc": f"{given.name}-{at}"}) + "\n")
    for passages in PASSAGES:
        path = data / passages.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_passages(passages.questions)), encoding="utf-8")
    return data


def _passages(questions: bool) -> object:
    if not questions:
        return [{"title": f"Ada {at}", "text": f"{TEXT} It is {at} years old."} for at in range(4)]
    asked = {"question": "Who wrote the first program?", "is_impossible": False}
    place = TEXT.index("Charles")
    answers = [{"text": "Charles Babbage", "answer_start": place}]
    impossible = {"question": "Who built the engine?", "plausible_answers": answers, "answers": []}
    paragraph = {"context": TEXT, "qas": [asked | {"answers": answers}, impossible]}
    return {"data": [{"title": f"Title {at}", "paragraphs": [paragraph]} for at in range(8)]}
