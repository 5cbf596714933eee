"""An engine behind the real door to the network: a listed instance answers, and no other."""

import pytest
from loopback import Reply, Wish
from services import KEY, brave, rows_of, searxng

from retrieval.web.fetch import Door
from retrieval.web.rules import Rules
from retrieval.web.search.brave import Brave
from retrieval.web.search.searxng import SearXNG
from retrieval.web.types import CouldNotFetch, SearchFault


@pytest.fixture
def listed(server) -> Rules:
    server.reply = lambda seen: searxng(seen, rows_of(3))
    return Rules(private=(f"127.0.0.1:{server.server_port}",))


def test_an_instance_on_this_machine_answers_where_the_settings_list_it(server, listed) -> None:
    found = SearXNG(server.base, Door(listed)).search("最高的塔 & more", 2)
    assert [finding.title for finding in found] == ["Page 0", "Page 1"]
    assert server.seen[0].fields == {"q": "最高的塔 & more", "format": "json"}
    assert server.seen[0].headers["user-agent"].lower().startswith("vouch")


@pytest.mark.parametrize("rules", [Rules(), Rules(offline=True)], ids=["unlisted", "offline"])
def test_it_is_not_asked_where_the_rules_forbid_it(server, rules) -> None:
    with pytest.raises(SearchFault, match=r"^searxng was not reached: .*127\.0\.0\.1"):
        SearXNG(server.base, Door(rules)).search("x", 1)
    assert not server.seen


def test_an_engine_of_the_web_does_not_reach_into_a_private_network(server, listed) -> None:
    server.reply = lambda seen: brave(seen, rows_of(1))
    with pytest.raises(SearchFault) as caught:
        Brave(KEY, Door(listed), server.base).search("x", 1)
    assert not server.seen and KEY not in str(caught.value)


def test_the_door_keeps_the_header_that_says_how_long_to_wait(server, listed) -> None:
    server.reply = lambda seen: Reply(429, b"", {"Retry-After": "37"})
    with pytest.raises(SearchFault) as caught:
        SearXNG(server.base, Door(listed)).search("x", 1)
    assert caught.value.retry_after == 37


def test_the_door_heeds_a_wish_to_stop(server, listed) -> None:
    with pytest.raises(CouldNotFetch) as caught:
        SearXNG(server.base, Door(listed)).search("x", 1, Wish())
    assert caught.value.reason == "cancelled"
