"""Text to token ids and back, such that people's text never becomes a control token."""

import ctypes
from collections.abc import Sequence
from typing import Any

from agents.models.chat import Segment
from agents.models.native import library


class Vocabulary:
    """A loaded model's tokens."""

    def __init__(self, model: Any) -> None:
        native = library()
        self.handle = native.llama_model_get_vocab(model)
        self.size = int(native.llama_vocab_n_tokens(self.handle))
        template = native.llama_model_chat_template(model, None)
        self.template = template.decode("utf-8", "replace") if template else ""
        self.eos = self.spelled(native.llama_vocab_eos(self.handle))
        self._bos = self._beginning()
        self._markers: frozenset[int] | None = None

    def prompt(self, segments: Sequence[Segment]) -> list[int]:
        """Ids of a whole prompt; only the template's segments may give control tokens."""
        ids = list(self._bos)
        for segment in segments:
            ids += self.ids(segment.text, True) if segment.control else self.plain(segment.text)
        return ids

    def plain(self, text: str) -> list[int]:
        """Ids of people's text. What reads like a control token is broken into ordinary ones."""
        ids = self.ids(text, False)
        found = {self.spelled(id) for id in set(ids) if self._marks(id)}
        if not found:
            return ids
        # Some files mark their turn tokens as ordinary ones, which are then always matched.
        for marker in found:
            if len(marker) > 1:
                head, tail = text.split(marker, 1)
                return [*self.plain(head + marker[0]), *self.plain(marker[1:] + tail)]
        return [id for id in ids if not self._marks(id)]

    def ids(self, text: str, control: bool) -> list[int]:
        """Ids of `text`; `control` lets it spell control tokens."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        buffer = (ctypes.c_int32 * room)()
        count = library().llama_tokenize(self.handle, data, len(data), buffer, room, False, control)
        return list(buffer[: max(0, count)])

    def written(self, token: int) -> bytes:
        """What a token adds to a text; nothing for a control token."""
        return self._piece(token, special=False)

    def spelled(self, token: int) -> str:
        """The token as it is spelled, control tokens too."""
        return self._piece(token, special=True).decode("utf-8", "replace")

    def ends(self, token: int) -> bool:
        """Whether the token ends a turn."""
        return bool(library().llama_vocab_is_eog(self.handle, token))

    def _marks(self, token: int) -> bool:
        control = library().llama_vocab_is_control(self.handle, token)
        return bool(control) or self.ends(token) or token in self._turn_markers()

    def _turn_markers(self) -> frozenset[int]:
        if self._markers is None:
            spellings = (self.ids(text, True) for text in ("<|im_start|>", "<|im_end|>"))
            self._markers = frozenset(ids[0] for ids in spellings if len(ids) == 1)
        return self._markers

    def _beginning(self) -> list[int]:
        native = library()
        bos = int(native.llama_vocab_bos(self.handle))
        if bos < 0 or not native.llama_vocab_get_add_bos(self.handle):
            return []
        # ChatML models that name the turn's opening as their bos would get it twice.
        return [] if self.spelled(bos) == "<|im_start|>" else [bos]

    def _piece(self, token: int, special: bool) -> bytes:
        if token < 0:
            return b""
        buffer = ctypes.create_string_buffer(256)
        size = library().llama_token_to_piece(self.handle, token, buffer, 256, 0, special)
        if size < 0:
            buffer = ctypes.create_string_buffer(-size)
            size = library().llama_token_to_piece(self.handle, token, buffer, -size, 0, special)
        return buffer.raw[:size]
