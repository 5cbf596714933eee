"""Turns a question and an answer to it into a statement, where a rule can."""

import re

from agents.wording import stem, words

_BEING = re.compile(r"(?i)^(?:what|who|which) (is|was|are|were) (the|a|an)\b(.+)$")
_WHO = re.compile(r"(?i)^who ((?!(?:is|was|are|were|did|do|does|will|would|can)\b)\w+ .+)$")
_WHICH = re.compile(
    r"(?i)^(?:what|which) \w+(?: \w+)? ((?:is|was|are|were|has|had|have|won|wrote|made|led|became"
    r"|began|caused|held|gave|took|used) .+)$"
)
_ASKING = re.compile(r"\b(?:did|do|does)\b")
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
_WRONG = re.compile(r"(?i)\b(?:what|which|who|whom|whose|how)\b.*\b(?:did|does|do|is|was)\b|\?")


def statement(question: str, answer: str) -> str | None:
    """Return "Answer did this." of "Who did this?"; None where no rule fits."""
    asked = question.strip().rstrip("?").strip()
    being = _BEING.match(asked)
    if being:
        return f"{being[2].capitalize()}{being[3]} {being[1]} {answer}."
    doing = _WHO.match(asked) or _WHICH.match(asked)
    if doing and not _ASKING.search(doing[1]):
        return f"{answer[:1].upper()}{answer[1:]} {doing[1]}."
    return None


def spoken(question: str, answer: str) -> str:
    """Return the statement, or the question with its answer behind it."""
    return statement(question, answer) or f"{question.strip()} {answer}"


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
