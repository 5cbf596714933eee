"""What an English question is about: the phrase that a later question may mean by "it"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.check.verbs import is_verb

ABOUT = re.compile(r"\s*[(（](?:about: |关于：)(.+)[)）]\s*$")
"""What the rule adds to a question whose pronoun it cannot replace."""

_TOKEN = re.compile(r"[^\W_]+(?:[-’'.][^\W_]+)*\.?(?=\W|$)|[^\w\s]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SKIPPED = _words(
    """what which who whom whose when where why how is are was were be been do does did has have
    had can could will would should may might must i you we he she it they them me us him her
    his its their my your our this that these those there not and or but if than as so also
    many much more most often long ever still now first by from with to into through about
    after before during between under over against without within since until while born built
    made held begun written drawn taken given seen won cut called"""
)
_LINKS = _words("""of at in on near for de la le du des von van der den""")
_SUPPORT = _words("""do does did can could will would should may might must""")
_BASE = _words(
    """open begin start end stop die live happen work cost mean build make design invent discover
    write win lose rule become come go get take give find found call name use look say think
    know grow eat drink move fall rise close sell buy pay produce contain play serve fight
    lead leave join meet marry flow lie stand belong cause affect change differ help need want
    form run last weigh measure create develop hold keep show see bring carry turn put set
    send speak fly swim breathe melt freeze boil travel burn break"""
)
_HOW = re.compile(r"\bhow\s+(?!do|did|is|are|was|were|can|could|has|have|will|would)(\w+)", re.I)


@dataclass(frozen=True, slots=True)
class Topic:
    """A phrase, and whether a pronoun can mean nothing else. `text` is never empty."""

    text: str
    sure: bool

    @property
    def person(self) -> bool:
        """True for what may be a person's name: capitals alone, and no article."""
        return all(word[:1].isupper() for word in self.text.split())

    @property
    def plural(self) -> bool:
        head = re.split(r" (?:of|at|in|on|near|for) ", self.text)[0]
        return re.search(r"(?:[^s]s|people|men|women|children)$", head) is not None


def topic_of(question: str) -> Topic:
    """Return what a question is about: its one named thing if it is clear, else what it asks."""
    known = ABOUT.search(question)
    if known:
        return Topic(known[1].strip(), False)
    asked = " ".join(question.split()).rstrip(" ?!.？。")
    phrases = list(_phrases(asked))
    strong = [phrase for phrase in phrases if _strong(phrase)]
    chosen = strong or phrases
    if len(chosen) != 1:
        return Topic(asked, False)
    # "Which river ...?" asks for the thing that a later "it" means; its name is in the answer.
    asks_thing = re.match(r"(?:which|what)\s+(?!is|are|was|were|do|does|did)\w+", asked, re.I)
    parts = re.search(r"^(?:the |an? )?[a-z]\S*(?: \S+)* of ", chosen[0])
    if asks_thing and len(phrases) > 1:
        return Topic(asked, False)
    return Topic(chosen[0], not asks_thing and parts is None)


def _strong(phrase: str) -> bool:
    return re.match(r"the |an? |.*(?:^|\s)[A-Z]", phrase) is not None


def _phrases(asked: str) -> Iterator[str]:
    """Yield the runs of words that name things: no question words, verbs or loose prepositions."""
    measure = _HOW.search(asked)
    adjective = measure.start(1) if measure else -1
    run: list[re.Match[str]] = []
    helped = False
    for token in _TOKEN.finditer(asked):
        word = token[0].lower()
        helped = helped or word in _SUPPORT
        if word in _LINKS or word in ("the", "a", "an"):
            run.append(token)
        elif token.start() == adjective or not _names(token[0], helped, bool(run)):
            yield from _closed(asked, run)
            run = []
        else:
            run.append(token)
    yield from _closed(asked, run)


def _names(token: str, helped: bool, inside: bool) -> bool:
    if not token[0].isalnum() or token.lower() in _SKIPPED:
        return False
    if token[0].isupper() or token[0].isdigit():
        return True
    return not is_verb(token) and not (helped and inside and token in _BASE)


def _closed(asked: str, run: list[re.Match[str]]) -> Iterator[str]:
    """Yield the phrase of a run, without the small words that it begins or ends with."""
    while run and (run[-1][0].lower() in _LINKS or run[-1][0].lower() in ("the", "a", "an")):
        run = run[:-1]
    while run and run[0][0].lower() in _LINKS:
        run = run[1:]
    if run:
        yield asked[run[0].start() : run[-1].end()]
