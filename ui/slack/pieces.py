"""Long text cut into pieces that fit Slack's blocks, in order, without losing a character."""

from collections.abc import Iterator, Sequence

SECTION = 3000
"""Characters of a section's text, as Slack counts them: after escaping."""


def pieces(text: str, size: int = SECTION) -> Iterator[str]:
    """Yield the pieces of an escaped text, each of at most `size` characters and none blank.

    It is cut between paragraphs if it can be, else between lines, sentences or words, and never
    within an entity such as "&amp;". Together the pieces are the text, but for white space where
    it was cut.
    """
    text = text.strip()
    while len(text) > size:
        cut = _cut(text, size)
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text


def _cut(text: str, size: int) -> int:
    head = text[: size + 1]
    for mark, after in (("\n\n", 0), ("\n", 0), (". ", 1), ("。", 1), (" ", 0)):
        at = head.rfind(mark, 1, size)
        # A piece of less than a third is too short to be worth a nicer end.
        if at >= size // 3:
            return at + after
    entity = head.rfind("&", size - 8, size)
    if entity > 0 and ";" not in head[entity:size]:
        return entity
    return size


def shortened(text: str, size: int) -> str:
    """Return an escaped text of at most `size` characters; what is left out is marked."""
    if len(text) <= size:
        return text
    return next(pieces(text, size - 2)) + " …"


def packed(lines: Sequence[str], size: int = SECTION) -> Iterator[str]:
    """Yield the lines joined to texts of at most `size` characters; longer lines are cut up."""
    text = ""
    for line in lines:
        for piece in pieces(line, size):
            if text and len(text) + 1 + len(piece) > size:
                yield text
                text = ""
            text = f"{text}\n{piece}" if text else piece
    if text:
        yield text
