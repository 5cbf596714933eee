"""The model as critic: it lists what the evidence of doubtful claims does not say, under a grammar.

Prompted critics flag too much (GPT-4-turbo on RAGTruth: precision 46.9, recall 97.9; 2401.00396):
a critic is asked only about claims that the judges before it leave in doubt, and only a model that
passed a probe is one. It never overrules containment.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.check.case import alone
from agents.copying import copy_rules
from agents.events import Quoted, Verdict
from agents.models.base import Message
from agents.prompt import plain
from agents.templates import fill

CRITIC = "critic.v1"

DOUBT = 0.8
"""A ruling of a judge that is less sure than this is shown to the critic."""

SURE = 0.75
"""Confidence of a critic's ruling: about the precision of able ones, until it is calibrated."""

MOST = 6
"""Claims that are shown to the critic at once."""

SETTLED = ("containment", "verbatim", "critic")
"""Judges whose rulings no critic overrules."""

_LINE = re.compile(
    r"^\s*(\d+)\s*[:.)]\s*(not carried|carried)\b\s*:?\s*[\"“]?(.*?)[\"”]?\s*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What the critic says of one claim: `span` are the words that its evidence does not carry."""

    carried: bool
    span: str = ""


def doubtful(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts that a critic should look at: less than sure, or unchecked with cites."""
    found = [
        verdict
        for verdict in verdicts
        if verdict.claim.cites
        and (
            verdict.ruling == "unchecked"
            or (verdict.confidence < DOUBT and verdict.judge not in SETTLED)
        )
    ]
    return sorted(found, key=lambda verdict: verdict.confidence)[:MOST]


def critic_prompt(verdicts: Sequence[Verdict], quotes: Sequence[Quoted]) -> list[Message]:
    """Return the messages that ask for findings on these claims, numbered from 1."""
    lines = [
        f"{number}. {said(verdict)} Evidence: {_evidence(verdict, quotes)}"
        for number, verdict in enumerate(verdicts, start=1)
    ]
    return [Message("user", fill(CRITIC, statements="\n".join(lines)))]


def critic_grammar(verdicts: Sequence[Verdict]) -> str:
    """Return the GBNF grammar of findings: a line a claim, whose words are a run of its own."""
    lines, rules = [], []
    for number, verdict in enumerate(verdicts, start=1):
        name = f"c{number}"
        lines.append(f'"{number}: " ("carried" | "not carried: \\"" {name} "\\"")')
        rules += copy_rules(said(verdict), name) or [f'{name} ::= [^"\\n]*']
    return "\n".join(["root ::= " + ' "\\n" '.join(lines), *rules])


def read_findings(reply: str, verdicts: Sequence[Verdict]) -> dict[int, Finding]:
    """Return the findings by the claim's place (from 0); lines that say nothing clear are left out.

    Words that do not stand in the claim stand for the whole of it.
    """
    found: dict[int, Finding] = {}
    for line in reply.splitlines():
        match = _LINE.match(line)
        place = int(match[1]) - 1 if match else -1
        if match is None or not 0 <= place < len(verdicts):
            continue
        whole, span = said(verdicts[place]), _flat(match[3])
        held = span if span and span.casefold() in whole.casefold() else whole
        carried = match[2].lower() == "carried"
        found.setdefault(place, Finding(carried, "" if carried else held))
    return found


def ruled(verdict: Verdict, finding: Finding) -> Verdict:
    """Return the verdict as the critic's finding leaves it."""
    if finding.carried:
        number = verdict.evidence or verdict.claim.cites[0]
        because = f"quote {number} carries it, as the model reads it"
        return replace(verdict, ruling="supported", judge="critic", confidence=SURE,
                       because=because, evidence=number)  # fmt: skip
    because = f"the quotes do not say “{finding.span}”, as the model reads them"
    return replace(verdict, ruling="unsupported", judge="critic", confidence=SURE, because=because)


def said(verdict: Verdict) -> str:
    """Return the words of a verdict's claim as the critic is shown them."""
    return _flat(alone(verdict.claim))


def _evidence(verdict: Verdict, quotes: Sequence[Quoted]) -> str:
    cited = [quote for quote in quotes if quote.number in verdict.claim.cites]
    return " ".join(f"“{plain(_flat(quote.text))}”" for quote in cited)


def _flat(text: str) -> str:
    return " ".join(plain(text).split())
