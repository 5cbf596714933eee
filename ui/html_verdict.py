"""Verdicts, outcomes and a checked answer as escaped HTML, told by sign, word and colour."""

import re

from agents.events import Answer, Ruling, Verdict
from ui.escape import html as safe
from ui.escape import one_line
from ui.html_blocks import flat
from ui.words import Say

RULINGS: dict[Ruling, str] = {
    "supported": "✓",
    "contradicted": "✗",
    "unsupported": "–",
    "unchecked": "?",
}

OUTCOMES = {
    "answered": ("✓", "good"),
    "partial": ("◐", "doubt"),
    "declined": ("○", "doubt"),
    "stopped": ("■", "bad"),
    "unfinished": ("…", "dim"),
}

_TONES: dict[Ruling, str] = {
    "supported": "good",
    "contradicted": "bad",
    "unsupported": "doubt",
    "unchecked": "dim",
}
_CITES = re.compile(r"((?:\[\d+\])+)")


def outcome_word(outcome: str, say: Say) -> str:
    """Return sign and word of a run's outcome; "stopped: reason" keeps its reason."""
    kind, _, reason = outcome.partition(": ")
    if kind not in OUTCOMES:
        return one_line(outcome, 60)
    because = f" ({one_line(reason, 40)})" if reason else ""
    return f"{OUTCOMES[kind][0]} {say(f'runs.{kind}')}{because}"


def policy_word(policy: str, say: Say) -> str:
    """Return who chose the steps of a run."""
    known = policy in ("guided", "model")
    return say(f"chat.policy_{policy}") if known else one_line(policy, 40)


def outcome_html(outcome: str, say: Say) -> str:
    """Return the outcome as a pill of its colour."""
    tone = OUTCOMES.get(outcome.partition(": ")[0], ("", "dim"))[1]
    return f'<span class="vt-pill vt-{tone}">{safe(outcome_word(outcome, say))}</span>'


def ruling_html(ruling: Ruling, say: Say) -> str:
    """Return a ruling as a pill of its colour."""
    said = f"{RULINGS[ruling]} {say(f'runs.{ruling}')}"
    return f'<span class="vt-pill vt-{_TONES[ruling]}">{safe(said)}</span>'


def verdict_html(verdict: Verdict, say: Say, before: str = "") -> str:
    """Return a claim with its ruling, judge, confidence from 0 to 1, and the reason."""
    judged = f"{one_line(verdict.judge)} {verdict.confidence:.2f}"
    why = "; ".join(filter(None, [before, judged, one_line(verdict.because, 200)]))
    return (
        f'<p class="vt-verdict">{ruling_html(verdict.ruling, say)} '
        f'{flat(verdict.claim.text)} <span class="vt-where">{safe(why)}</span></p>'
    )


def verdicts_html(answer: Answer, say: Say) -> str:
    """Return the verdicts of every claim of an answer."""
    return "".join(verdict_html(verdict, say) for verdict in answer.verdicts)


def answer_html(answer: Answer) -> str:
    """Return the text of an answer with its citations raised, and nothing about who wrote it."""
    text = _CITES.sub(r'<sup class="vt-cite">\1</sup>', safe(answer.text))
    return f'<div class="vt-answer">{text}</div>'
