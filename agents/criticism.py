"""One turn of the critic: the prompt, the model's findings, and the rulings that change by them."""

from collections.abc import Generator, Sequence

from agents.check.critic import (
    CRITIC,
    critic_grammar,
    critic_prompt,
    doubtful,
    read_findings,
    ruled,
)
from agents.events import Event, Judged, Quoted, Verdict
from agents.kit import Kit, speak
from agents.models.base import Sampling

TOKENS = 240


def criticise(
    verdicts: Sequence[Verdict], quotes: Sequence[Quoted], kit: Kit, round: int
) -> Generator[Event, None, tuple[Verdict, ...]]:
    """Show the model the claims that are in doubt; yield a `Judged` for each ruling that it gives.

    Returns all verdicts, in their order. A claim that it says nothing clear of keeps its ruling.
    """
    asked = doubtful(verdicts)
    if not asked or kit.cancel.is_set():
        return tuple(verdicts)
    bound = kit.model.capabilities.grammar == "gbnf"
    sampling = Sampling(TOKENS, grammar=critic_grammar(asked) if bound else None, prefix="check")
    reply = yield from speak(kit, "critique", CRITIC, critic_prompt(asked, quotes), sampling)
    found = read_findings(reply.text, asked)
    changed = {asked[place].claim: ruled(asked[place], finding) for place, finding in found.items()}
    for verdict in changed.values():
        yield Judged(round, verdict)
    return tuple(changed.get(verdict.claim, verdict) for verdict in verdicts)
