"""Which verifier the setting names."""

from pathlib import Path

from agents.ports import Verifier
from app.verifier import packed
from app.verifier.embedded import EmbeddedVerifier
from app.verifier.foreign import ForeignVerifier, unloadable
from retrieval.encoders.options import EncoderOptions
from retrieval.encoders.place import EMBEDDED
from retrieval.encoders.place import find as find_place
from retrieval.errors import UserError

NONE = "none"


def verifier(name: str) -> Verifier | None:
    """Return the verifier of that name; None for "none". Weights load with its first call.

    A folder may hold one of `vouch learn verifier`, or a model of transformers; any other name is
    one of the hub, which is fetched. Raises `UserError` for what is no verifier.
    """
    if name == NONE:
        return None
    if name == EMBEDDED:
        return EmbeddedVerifier()
    folder = Path(name).expanduser()
    if (folder / packed.CARD).is_file():
        return EmbeddedVerifier(folder)
    try:
        place = find_place(name, EncoderOptions())
    except UserError as error:
        raise unloadable(name, "there is no such folder, and the hub has none") from error
    return ForeignVerifier(place.label, place.folder)
