"""`vouch learn`: hands each action to the file that carries it out."""

from importlib import import_module

from ui.house_port import Visit

ACTIONS = {
    "verifier": "learn_verifier:verifier",
    "status": "learn_status:status",
    "reward": "learn_reward:reward",
    "write": "learn_write:write",
    "browse": "learn_write:browse",
    "vote": "learn_vote:vote",
    "evaluate": "learn_evaluate:evaluate",
    "release": "learn_release:release",
    "rollback": "learn_release:rollback",
    "cards": "learn_release:cards",
    "ratings": "learn_ratings:ratings",
}
"""Which function of `ui.commands` carries out an action."""


def learn(visit: Visit) -> int:
    """Carry out the action that was named."""
    module, _, name = ACTIONS[visit.arguments.part].partition(":")
    status = getattr(import_module(f"ui.commands.{module}"), name)(visit)
    assert isinstance(status, int)
    return status
