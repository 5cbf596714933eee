"""What a run is asked: the question, and every setting that decides how the run goes."""

from dataclasses import dataclass, field
from typing import Literal

Style = Literal["prose", "short", "led"]
Task = Literal["answer", "verify"]
Language = Literal["en", "zh"]
Reach = Literal["library", "web", "both"]
Dialect = Literal["plain", "browser"]

STRICTNESS = 0.2
"""The least probability that the quotes answer at which a question is answered, unless it is set:
of the tune questions whose quotes hold the answer at most 5 % lie below, in each of xquad-en (with
and without an embedder), xquad-zh and squad2."""

LENIENT = 0.08
"""What runs go by that do not tell."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may spend. `seconds` of wall time, `tokens` read and written by the model."""

    steps: int = 24
    seconds: float = 300.0
    tokens: int = 60_000
    quoted_characters: int = 2_400
    slips: int = 4
    rewrites: int = 2


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier turn of the conversation: the stand-alone question and the answer shown to it."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The question, and every setting that decides how the run goes.

    An able model writes in the style "prose"; one that failed the probe copies "short" answers, or,
    with learned weights for writing, has its prose "led" in before the quotes themselves; if it
    also `picks`, a phrase that is likely to answer goes first.
    `tools` names the plugins that may be called, `tools_help` describes them for a prompt, and
    `tool_schemas` are the JSON schemas of their arguments, in the same order, for the grammar;
    `outgoing` names those that tell somebody else what they are called with.
    `reach` says where searches look. `dialect` is the form in which actions are written: "browser"
    is that of models trained on browser.search, browser.open and browser.find.
    `best_of` drafts are written, and the one that the judges like best goes on; `ranker` names the
    reward that decides among those of which equally few claims fail, "" if there is none; and
    `unranked` says why the reward that was released does not.
    `strictness` (0..1) is the least probability that the quotes answer at which they are answered
    from: at 0 any quote is enough, at 1 none is.
    With `critic` the model is asked about claims that the other judges leave in doubt; with
    `agreement` such a claim loses its support if most of the sampled drafts do not say it.
    `verifier` names the model that reads claims beside their quotes, "" if none does, and `reads`
    the scripts in which it does, none meaning every one. If `entailed`, it also reads the likeliest
    answer before anything is written; of more than one of `phrases`, that many likely ones, and
    what it makes of them decides which may stand before the quotes.
    `inside` names the hosts of private networks that the owner lists: their pages are not public.
    `collections`, `sources` (files or folders) and `tags` are all that is searched; none of a kind
    means every one of it.
    `rubric` is the policy by which the answer is classified, TOML laid over the packaged policy
    that its `base` names; "" classifies nothing.
    `history` holds earlier turns, oldest first. `language` is that of the sentences that Vouch
    itself adds. For the task "verify" `question` is a text whose claims are checked as they stand.
    """

    question: str
    policy: str = "guided"
    model: str = ""
    embedder: str = ""
    context: int = 8192
    grammar: str = "gbnf"
    style: Style = "short"
    results: int = 8
    check: bool = True
    tools: tuple[str, ...] = ()
    tools_help: str = ""
    tool_schemas: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    collections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    history: tuple[Exchange, ...] = ()
    language: Language = "en"
    task: Task = "answer"
    reach: Reach = "library"
    dialect: Dialect = "plain"
    inside: tuple[str, ...] = ()
    critic: bool = False
    best_of: int = 1
    strictness: float = LENIENT
    rubric: str = ""
    verifier: str = ""
    reads: tuple[str, ...] = ()
    ranker: str = ""
    entailed: bool = False
    picks: bool = False
    phrases: int = 1
    unranked: str = ""
    agreement: bool = False
    kind: Literal["asked"] = "asked"
