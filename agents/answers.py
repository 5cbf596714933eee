"""What an answer is made of: exact quotes, claims, verdicts, and the text that is shown."""

from dataclasses import dataclass
from typing import Literal

Ruling = Literal["supported", "contradicted", "unsupported", "unchecked"]
Outcome = Literal["answered", "partial", "declined"]
Form = Literal["prose", "quotes", "none"]
Difference = Literal["number", "date", "name", "negation"]
Label = Literal["safe", "refusal", "undesired", "disallowed"]


@dataclass(frozen=True, slots=True)
class Quoted:
    """An exact substring of an open page: its text[start:end] == `text`. Numbers count from 1."""

    number: int
    document: str
    source: str
    title: str
    text: str
    start: int
    end: int
    heading: str = ""
    page: int | None = None
    kind: Literal["quoted"] = "quoted"


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that an answer says. Offsets are into the answer it was taken from;
    `cites` are the numbers of the quotes that are in force for it. `stands` is what the claim says
    when it stands alone, its subject put in and its pronoun resolved; "" where its own words do."""

    text: str
    start: int
    end: int
    cites: tuple[int, ...] = ()
    stands: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge held of a claim. `confidence` lies in 0..1; `evidence` is the number of the
    quote that decided; silence is not support: what no judge decided is "unchecked"."""

    claim: Claim
    ruling: Ruling
    judge: str
    confidence: float
    because: str = ""
    evidence: int | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two quotes, by their numbers, that tell different things of what was asked: `said` stands in
    quote `first` where `other` stands in quote `second`; of a negation one of them is empty."""

    difference: Difference
    first: int
    said: str
    second: int
    other: str


@dataclass(frozen=True, slots=True)
class Premise:
    """What a question takes for granted (`asked`), while quote `quote` has `said` in its place."""

    difference: Difference
    asked: str
    quote: int
    said: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is shown. `form` says whether `text` is the model's prose or the quotes themselves.

    `sufficiency` is the probability that the quotes answer the question, None where nobody asked;
    of a declined question `quotes` came closest and are no answer.
    """

    text: str
    outcome: Outcome
    form: Form
    because: str = ""
    quotes: tuple[Quoted, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    sufficiency: float | None = None
    conflicts: tuple[Conflict, ...] = ()
    premises: tuple[Premise, ...] = ()


@dataclass(frozen=True, slots=True)
class Classified:
    """Of which class the answer is by the policy that is in force (rule-based reward model, GPT-4
    system card): a safe answer, a refusal in the desired style, one in an undesired style, or
    disallowed content.

    `rule` names what decided, as "undesired.lecture"; `by` says whether the rules or the model did;
    `spans` are the (start, end) offsets of disallowed content in the answer. What is undesired or
    disallowed is rewritten, and the rewritten answer is classified again.
    """

    label: Label
    rule: str
    because: str = ""
    by: Literal["rules", "model"] = "rules"
    spans: tuple[tuple[int, int], ...] = ()
    kind: Literal["classified"] = "classified"
