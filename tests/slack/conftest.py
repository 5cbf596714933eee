"""Puts the fake Slack beside this file on the path, and gives one that runs."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

if TYPE_CHECKING:
    from fake_slack.server import FakeSlack


@pytest.fixture
def slack() -> Iterator["FakeSlack"]:
    """A faultless workspace with Ada, Bob and the channel #mill, without rate limits."""
    from fake_slack.server import FakeSlack

    with FakeSlack(limits=0, retries=(0.0, 0.2, 0.4), ack_seconds=0.5) as fake:
        fake.world.add_user("U0ADA", "ada")
        fake.world.add_user("U0BOB", "bob")
        fake.world.add_channel("C0MILL", "mill")
        yield fake
