"""Small blocks of HTML that every page uses; all text that comes in is escaped here."""

from ui.escape import html as safe
from ui.escape import one_line


def flat(text: str, width: int = 0) -> str:
    """Return escaped text on one line, cut to `width` characters if that is above 0."""
    return safe(one_line(text, width))


def fault(title: str, what: str, cure: str = "") -> str:
    """Return the box that says what went wrong and what mends it."""
    mend = f'<p class="v-cure">{safe(cure)}</p>' if cure else ""
    return (
        f'<div class="v-box v-fault" role="alert"><p class="v-box-title">{safe(title)}</p>'
        f"<p>{safe(sentence(what))}</p>{mend}</div>"
    )


def note(text: str) -> str:
    """Return one quiet line."""
    return f'<p class="v-note">{safe(text)}</p>'


def empty(title: str, text: str) -> str:
    """Return what a page shows while it has nothing to show."""
    return (
        f'<div class="v-empty"><p class="v-empty-title">{safe(title)}</p><p>{safe(text)}</p></div>'
    )


def sentence(text: str) -> str:
    """Return the text with a capital first letter and a full stop, where it has neither."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if not text or text[-1] in ".!?。！？" else text + "."
