"""Whether a stretch of English says something: a closed list of verbs and the regular endings."""

import re

from agents.check.words import listed

_AUXILIARY = """am is are was were be been being has have had do does did can could will would
shall should may might must isn't aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't
can't cannot couldn't won't wouldn't it's he's she's that's there's they're we're"""

_COMMON = """became become becomes began begins bore bought brings brought built came comes chose
contains consists covers cost costs defeats died dies drew drove fell feels felt fought found
gave gets gives goes got grew grows held helps holds includes keeps kept knew knows laid leads
led left lies lives lost loses made makes means meant met needs occurs owns paid plays produces
provides put ran reached refers remains represents rose runs said saw says seems sells sent
serves set shows sits sold spent spoke stands stood takes taught thought threw told took
tells thinks turns uses wants went wins won wore works writes wrote allows applies appears
arises believes belongs carries causes changes claims connects controls creates defines depends
describes develops differs employs enables ends exists explains extends feeds flows follows
forms forces happens involves increases indicates joins lasts links locates offers operates
passes performs permits points prevents protects receives reduces relates relies requires
results returns rules separates speaks spans starts stays stores suggests supports teaches
treats varies views yields begun broke broken caught cut hit hurt let shot shut split spread
beat sank sang swam rang flew forbade forgot froze hid rode shook slept stole struck swore
tore woke wound"""

_HELPING = frozenset(listed(_AUXILIARY))
_VERBS = frozenset(listed(_COMMON))
_PAST = re.compile(r"[a-z]{3,}(?:ed)")
_NOT_PAST = frozenset(
    listed(
        "hundred need indeed speed seed breed feed greed weed reed creed exceed proceed succeed "
        "bleed sacred hatred kindred"
    )
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def has_verb(text: str) -> bool:
    """True where some word is a finite verb as far as its form tells."""
    return any(is_verb(match[0]) for match in _WORD.finditer(text))


def is_verb(word: str) -> bool:
    word = word.replace("’", "'")
    if word in _VERBS or word.lower() in _HELPING:
        return True
    return _PAST.fullmatch(word) is not None and word not in _NOT_PAST
