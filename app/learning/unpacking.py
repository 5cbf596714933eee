"""Makes a candidate of what comes with the program: to measure it, and to begin a training from it.

It is a copy under the name on its card, and counts as every other candidate does.
"""

import json

from agents.models.llama import LlamaModel
from app import adapters
from app.adapters import Job
from app.learning import checkpoint
from app.learning.candidates import ADAPTER, CARD, Candidates, Card
from app.learning.held_out import QUESTIONS
from retrieval.errors import UserError


def unpacked(candidates: Candidates, job: Job, model: LlamaModel) -> str:
    """Return the name of what comes with the program for a job, as a candidate of the home.

    `UserError`: nothing comes with it for that job and model.
    """
    found = adapters.shipped(job, (model.base, model.name))
    if found is None or found.path is None:
        raise UserError(
            f"nothing comes with the program for {job} over the model {model.name}",
            cure="name a candidate, as vouch learn cards lists them",
        )
    folder = candidates.folder(found.name)
    with candidates.changing():
        if (folder / CARD).is_file():
            return found.name
        questions = found.path.with_suffix(f".{QUESTIONS}")
        for source, name in ((found.path, ADAPTER), (questions, QUESTIONS)):
            checkpoint.replace(folder / name, source.read_bytes())
        card = json.loads(found.path.with_suffix(".json").read_bytes())
        candidates.keep(Card(**card))
    return found.name
