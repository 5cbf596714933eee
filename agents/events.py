"""Everything that can happen in a run, as frozen values; their list is the run's only state.

Events carry no clock and no id, so two runs compare with `==`; the journal adds run, number and
time in an `Entry`. Costs that vary from machine to machine are kept but not compared.
"""

from dataclasses import dataclass, field
from typing import Literal

from agents.actions import Action
from agents.answers import Answer as Answer
from agents.answers import Claim as Claim
from agents.answers import Classified as Classified
from agents.answers import Form as Form
from agents.answers import Label as Label
from agents.answers import Outcome as Outcome
from agents.answers import Quoted as Quoted
from agents.answers import Ruling as Ruling
from agents.answers import Verdict as Verdict
from agents.asked import Asked as Asked
from agents.asked import Exchange as Exchange
from agents.asked import Language as Language
from agents.asked import Limits as Limits
from agents.asked import Reach as Reach
from agents.asked import Style as Style
from agents.asked import Task as Task
from retrieval.documents import Link as Link

Repair = Literal["cite", "rewrite", "drop", "quote", "policy"]
Phase = Literal["rephrase", "browse", "write", "critique", "rewrite", "classify"]
How = Literal["model", "rule", "as asked"]


@dataclass(frozen=True, slots=True)
class Rephrased:
    """The question made to stand alone, in place of the one that leaned on earlier turns.

    `how`: written by the model, made by a rule, or left as asked. `kept` of the `of` earlier turns
    were looked at for it, `whole` of them with their answers, the others for their questions alone.
    """

    question: str
    how: How
    kept: int
    of: int
    whole: int = 0
    kind: Literal["rephrased"] = "rephrased"


@dataclass(frozen=True, slots=True)
class Forked:
    """From here on another model or policy goes on with what an earlier run did."""

    asked: Asked
    kind: Literal["forked"] = "forked"


@dataclass(frozen=True, slots=True)
class Prompted:
    """A prompt was made: its template and version, a hash of its text, and its estimated tokens.

    The text itself is not kept: it is a function of the events before this one.
    """

    phase: Phase
    template: str
    digest: str
    estimate: int
    kind: Literal["prompted"] = "prompted"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a reply as it is decoded. Transient: it is never stored."""

    text: str
    kind: Literal["token"] = "token"


@dataclass(frozen=True, slots=True)
class Working:
    """Vouch is writing or checking; says so to a face without a word of the draft. Transient."""

    phase: Literal["reading", "writing", "checking", "rewriting"]
    count: int = 0
    kind: Literal["working"] = "working"


@dataclass(frozen=True, slots=True)
class Replied:
    """A model's whole reply. `evaluated` counts prompt tokens that were not in its cache; `adapter`
    names the learned weights that were laid over the model's own to write it, "" if none were."""

    text: str
    finish: Literal["stop", "length", "cancelled"] = "stop"
    read: int = field(default=0, compare=False)
    evaluated: int = field(default=0, compare=False)
    written: int = field(default=0, compare=False)
    seconds: float = field(default=0.0, compare=False)
    adapter: str = ""
    kind: Literal["replied"] = "replied"


@dataclass(frozen=True, slots=True)
class Slipped:
    """The model wrote no legal action; `why` tells it what to write instead."""

    text: str
    why: str
    kind: Literal["slipped"] = "slipped"


@dataclass(frozen=True, slots=True)
class Acted:
    """The policy chose an action; the desk carries it out next."""

    action: Action
    kind: Literal["acted"] = "acted"


@dataclass(frozen=True, slots=True)
class Result:
    """One line of a results page: a passage and where it stands. Offsets are into the document.

    With `url` it is a page of the web that is not read yet: `text` is what the search engine says
    of it, and never quoted.
    """

    document: str
    passage: str
    source: str
    title: str
    text: str
    start: int
    end: int
    score: float
    heading: str = ""
    page: int | None = None
    cosine: float | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought back. `notes` tell of search engines that did not answer, and of words
    that were kept from them."""

    query: str
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()
    kind: Literal["found"] = "found"


@dataclass(frozen=True, slots=True)
class Landmark:
    """From `start` on, the page stands under `heading` and on `page`."""

    start: int
    heading: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A document was opened at offset `at`; its whole text comes along, stored once.

    A page of the web has the address `url` that was asked for, while `source` is where it was found
    in the end; `links` are what may be opened from it, numbered from 1, and `digest` is the SHA-256
    (hex) of its bytes in the page store.
    """

    document: str
    source: str
    title: str
    text: str
    at: int = 0
    landmarks: tuple[Landmark, ...] = ()
    url: str = ""
    links: tuple[Link, ...] = ()
    digest: str = ""
    kind: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True)
class Moved:
    """The window of the open page moved so that it begins at offset `at`."""

    at: int
    kind: Literal["moved"] = "moved"


@dataclass(frozen=True, slots=True)
class Returned:
    """The page or results list before this one is on screen again."""

    kind: Literal["returned"] = "returned"


@dataclass(frozen=True, slots=True)
class Used:
    """What a plugin gave back, already cut to its cap; text from outside, never an instruction.

    Its `pages` are on screen like opened documents, the first on top, and can be quoted.
    """

    tool: str
    text: str
    failed: bool = False
    pages: tuple[Opened, ...] = ()
    kind: Literal["used"] = "used"


@dataclass(frozen=True, slots=True)
class Refused:
    """The desk could not carry out an action; `why` is written for the model.

    `failed` tells a source or plugin that failed from an action that was illegal or in vain.
    """

    why: str
    failed: bool = False
    kind: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True)
class Measured:
    """Scores of an embedder, a verifier or a reward for the texts hashed in `digest`; replay needs
    none of these."""

    what: str
    digest: str
    scores: tuple[float, ...]
    kind: Literal["measured"] = "measured"


@dataclass(frozen=True, slots=True)
class Drafted:
    """The model's first answer, the best one `of` so many drafts, with the share (0..1) of the
    others that say the same; `ranker` names the reward that ranked those of which equally few
    claims fail, "" for none. No face sees it before `Answered`."""

    text: str
    of: int = 1
    agreement: float = 1.0
    ranker: str = ""
    kind: Literal["drafted"] = "drafted"


@dataclass(frozen=True, slots=True)
class Claimed:
    """The claims of the draft (round 0) or of a rewrite (round 1, ...)."""

    round: int
    claims: tuple[Claim, ...]
    kind: Literal["claimed"] = "claimed"


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict of one round."""

    round: int
    verdict: Verdict
    kind: Literal["judged"] = "judged"


@dataclass(frozen=True, slots=True)
class Revised:
    """The answer after a repair: claims were pointed to other quotes ("cite"), the model wrote it
    again ("rewrite"), failing claims were left out ("drop"), their quotes stand for them
    ("quote"), or the policy replaced what it does not let stand ("policy")."""

    round: int
    how: Repair
    text: str
    kind: Literal["revised"] = "revised"


@dataclass(frozen=True, slots=True)
class Answered:
    """The checked answer: the first event of the writing phases that a face may show."""

    answer: Answer
    kind: Literal["answered"] = "answered"


@dataclass(frozen=True, slots=True)
class Stopped:
    """Browsing, or the whole run, ended.

    `reason` is "finished", a limit ("steps", "seconds", "tokens", "quotes", "slips", "context",
    "repeating"), "cancelled", "model lost" or "failed"; `detail` is a sentence for people.
    """

    reason: str
    detail: str = ""
    kind: Literal["stopped"] = "stopped"


Event = (
    Asked | Forked | Rephrased | Prompted | Token | Working | Replied | Slipped | Acted | Found
    | Opened | Moved | Returned | Used | Refused | Quoted | Measured | Drafted | Claimed | Judged
    | Revised | Classified | Answered | Stopped
)  # fmt: skip

TRANSIENT = (Token, Working)
"""Kinds that are streamed and never stored."""

WITHHELD = (Prompted, Token, Replied, Measured, Drafted, Claimed, Judged, Revised, Classified)
"""Kinds that may hold or betray an unchecked draft: no face gets one before `Answered`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with its envelope: run, number in the run (from 0) and UTC time in seconds."""

    run: str
    seq: int
    at: float
    event: Event
