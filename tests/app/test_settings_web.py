"""Settings of the web are refused where they are written, not where they are first used."""

from pathlib import Path

import pytest

from app.settings import load, write_setting
from retrieval.errors import UserError

HOSTS = "wiki.lan, wiki.lan:8080, 10.0.0.5, ::1, [fd00::2]:81"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("web.private", "wiki.lan,a?b", "'a?b' is no host of a private network"),
        ("web.private", "*.lan", "a pattern"),
        ("web.private", "10.0.0.0/8", "a range of addresses"),
        ("web.private", "http://wiki.lan/", "more than a name and a port"),
        ("web.contact", "mé", "cannot stand in a request"),
        ("web.searxng", "search.example.org", "an http or https address"),
        ("web.searxng", "https://x.example/?q=1", "an http or https address"),
        ("web.searxng", "https://me:hunter2@x.example", "an http or https address"),
    ],
)
def test_what_cannot_be_meant_is_refused_where_it_is_written(
    tmp_path: Path, key: str, value: str, said: str
) -> None:
    with pytest.raises(UserError) as refused:
        write_setting(tmp_path, key, value)
    assert key in refused.value.what and said in str(refused.value)
    assert "hunter2" not in str(refused.value) and not list(tmp_path.iterdir())
    with pytest.raises(UserError) as refused:
        load(tmp_path, {f"VOUCH_{key.replace('.', '_').upper()}": value})
    assert key.replace(".", "_").upper() in refused.value.origin


def test_hosts_are_names_or_addresses_with_or_without_a_port(tmp_path: Path) -> None:
    write_setting(tmp_path, "web.private", HOSTS)
    write_setting(tmp_path, "web.searxng", "http://127.0.0.1:8888/search")
    kept = load(tmp_path, {}).web
    assert kept.private == tuple(HOSTS.split(", "))
    assert kept.rules().inside() == ("wiki.lan", "10.0.0.5", "::1", "fd00::2")
    assert kept.searxng == "http://127.0.0.1:8888/search"
