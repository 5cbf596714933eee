"""Makes the sentence that a writer should learn to write, out of a question and its answer.

No model is asked. The sentence restates the question with the answer in it where a rule can do
that, and else is the sentence of the document that holds the answer, cut to the clause around it.
"""

import re

from agents.wording import stem, terms, words
from app.learning.statements import statement
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
_BEFORE = re.compile(
    r"(?i)\b(in|on|at|by|from|during|since|between|around|after|before|for|to|within|under|near|"
    r"through|throughout|into|about)\s+(?:(?:the|a|an|early|late|about|around)\s+)*$"
)
_BEEN = re.compile(
    r"(?i)^(when|where|in (?:what|which) (?:year|city|country|state|century|decade)|how|why|"
    r"for what|by whom) (is|was|are|were) (.+?) (\w+ed|built|born|made|held|found|written|sold|won|"
    r"taken|given|known|fought|sent|used|seen|led|lost|kept|set|taught|spoken|begun|drawn|paid)"
    r"((?: .+)?)$"
)
_DONE = re.compile(
    r"(?i)^(?:when|where|in (?:what|which) (?:year|city|country|state|century|decade)|how|why|what|"
    r"whom|who) (did|do|does) (.+)$"
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


def restated(question: str, answer: str, sentence: str) -> str:
    """Return the question as a statement with the answer in it; "" where no rule fits.

    The verb stands as the sentence has it, and so does the word before the answer ("in 1932").
    """
    asked = " ".join(question.split()).rstrip("?. ")
    if len(answer.split()) > 12:
        return ""
    said = _been(asked, answer, sentence) or _done(asked, answer, sentence)
    said = said or (statement(asked, answer) or "").rstrip(".")
    return said[:1].upper() + said[1:] if said and not _WRONG.search(said) else ""


_WRONG = re.compile(r"(?i)\b(?:what|which|who|whom|whose|how)\b.*\b(?:did|does|do|is|was)\b|\?")


def _been(asked: str, answer: str, sentence: str) -> str:
    found = _BEEN.match(asked)
    if not found:
        return ""
    _, verb, subject, done, rest = found.groups()
    return f"{subject} {verb} {done}{rest} {_placed(answer, sentence)}".strip()


def _done(asked: str, answer: str, sentence: str) -> str:
    """ "When did X open" becomes "X opened in 1932" where the sentence has "opened"."""
    found = _DONE.match(asked)
    if not found:
        return ""
    spoken = found[2].split()
    forms = {stem(word): word for word in words(sentence) if word.endswith("ed")}
    for at, word in enumerate(spoken[1:], start=1):
        form = forms.get(stem(word)) if word.islower() else None
        if form and form != word:
            said = " ".join([*spoken[:at], form, *spoken[at + 1 :]])
            return f"{said} {_placed(answer, sentence)}"
    return ""


def _placed(answer: str, sentence: str) -> str:
    """The answer with the preposition that stands before it in the sentence."""
    at = sentence.find(answer)
    before = _BEFORE.search(sentence[:at]) if at > 0 else None
    if not before or answer.lower().startswith(f"{before[1].lower()} "):
        return answer
    return f"{sentence[before.start() : at].lower() if at else ''}{answer}"


def carried(said: str, question: str, sentence: str) -> bool:
    """Whether all the words of a statement stand in the sentence or the question, and most of those
    of the question in the sentence, so that a reader finds them there."""
    known = set(terms(sentence)) | set(terms(question))
    return all(term in known for term in terms(said))
