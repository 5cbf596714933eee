"""A list's lead-in, where its items need it: "The hotel has:" before "- 40 rooms"."""

import re

from agents.check.verbs import is_verb
from agents.clauses.subject import subject
from retrieval.sentences import ITEM

_LEAD = re.compile(r"(?P<lead>[^:：]{2,80})[:：](?:\*\*|__)?\s*")
_HAVING = re.compile(r"\b(?:has|have|had|includes?|included|contains?|offers?|offered|is|was)$")
_NP = re.compile(r"(?:The|A|An|[A-Z])[\w’'-]*(?:\s+(?:of\s+(?:the\s+)?)?[\w’'-]+){0,4}")
_BOLD = re.compile(r"^\s*(?:\*\*|__)?|(?:\*\*|__)?\s*$")
_FINITE = re.compile(r"(?:is|are|was|were|has|have|had|can|could|will|[a-z]+s|[a-z]+ed)\b", re.I)


def led(answer: str, start: int, said: str) -> str:
    """Return what a list item at `start` says together with its lead-in; "" where it stands alone.

    The lead-in is the line with a colon right above the list. "The hotel:" is put before an item
    that begins with a verb, "The hotel has:" before one that does not.
    """
    line = answer.rfind("\n", 0, start) + 1
    if not ITEM.fullmatch(answer[line:start]):
        return ""
    found = _LEAD.fullmatch(_above(answer[:line]))
    if found is None:
        return ""
    lead = _BOLD.sub("", found["lead"].strip())
    first = re.match(r"[A-Za-z]+", said)
    begins = first is not None and is_verb(first[0].lower()) and _FINITE.match(said) is not None
    text = said[:1].lower() + said[1:] if first and first[0][1:].islower() else said
    if _HAVING.search(lead) and subject(f"{lead} it") and not begins:
        return f"{lead} {said}"
    if begins and _NP.fullmatch(lead) and not is_verb(lead.split()[-1]):
        return f"{lead} {text}"
    return ""


def _above(text: str) -> str:
    """The line right above a list; "" where another stands between them."""
    for line in reversed(text.splitlines()):
        if line.strip() and not ITEM.match(line):
            return line.strip()
    return ""
