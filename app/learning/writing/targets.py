"""Makes the sentence that a writer should learn to write, out of a question and its answer.

No model is asked. The sentence restates the question with the answer in it where a rule can do
that, and else is the sentence of the document that holds the answer, cut to the clause around it.
"""

import re

from agents.wording import terms
from retrieval.sentences import sentences

WHOLE = 22
"""Words up to which a sentence is not cut."""

LEAST = 6
"""Words of a clause that can stand alone."""

_EDGE = re.compile(
    r"\s*[;–—]\s|\s--\s|,\s(?=(?:which|who|whose|where|when|while|whereas|although|though|and|but|"
    r"with|as|so|because|including|such|after|before)\b)|\s\((?=[^)]*\))|,\s"
)
_BRACKETS = re.compile(r"\s*\([^()]*\)")
_VERB = re.compile(
    r"\b(?:is|was|are|were|be|been|has|had|have|can|could|will|would|may|might|must|did|does|do|"
    r"became|began|led|made|held|took|gave|won|lost|wrote|came|went|said|found|left|saw|\w+ed)\b"
)
_DANGLING = re.compile(
    r"(?i)\b(?:and|or|but|of|the|a|an|in|on|to|for|with|by|from|that|which|as|at|not)$"
)


def held(text: str, answer: str, start: int = -1) -> str:
    """Return the sentence of a text that holds the answer, at `start` if that is given; "" if
    none holds all of it."""
    for begin, end in sentences(text):
        inside = begin <= start < end if start >= 0 else answer in text[begin:end]
        if inside and answer in text[begin:end]:
            return " ".join(text[begin:end].split())
    return ""


def clause(sentence: str, answer: str) -> str:
    """Return the sentence, or the shortest beginning of it that ends at the edge of a clause behind
    the answer and can stand alone."""
    flat = sentence.strip().rstrip(".!?;,: ")
    flat = _BRACKETS.sub(lambda m: m[0] if answer in m[0] or m[0] in answer else "", flat)
    at = flat.find(answer)
    if len(flat.split()) <= WHOLE or at < 0:
        return flat
    for edge in _EDGE.finditer(flat, at + len(answer)):
        kept = flat[: edge.start()].rstrip(" ,;:–—-")
        alone = len(kept.split()) >= LEAST and _VERB.search(kept) and not _DANGLING.search(kept)
        if alone and kept.count("(") == kept.count(")") and kept.count('"') % 2 == 0:
            return kept
    return flat


def carried(said: str, question: str, sentence: str) -> bool:
    """Whether all the words of a statement stand in the sentence or the question, and most of those
    of the question in the sentence, so that a reader finds them there."""
    known = set(terms(sentence)) | set(terms(question))
    return all(term in known for term in terms(said))
