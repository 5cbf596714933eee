"""The list of forged addresses: nothing forbidden is connected to, nothing permitted refused."""

import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from web_sites import Clock, Intercepted, answer, moved, no_robots

from retrieval.web import addresses
from retrieval.web.fetch import Door
from retrieval.web.rules import Rules
from retrieval.web.types import CouldNotFetch, Fetched
from retrieval.web.urls import BadUrl, parse

PUBLIC = "93.184.216.34"


class FixtureNames:
    """The names of ssrf_resolver.json; see its README for CNAME, SEQ, ALT and DELAY."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table, self._asked = table, dict.fromkeys(table, 0)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        if host in ("localhost", "ip6-localhost"):
            return ["127.0.0.1"]
        found = self._table.get(host, [PUBLIC] if host.endswith(".test") else "NXDOMAIN")
        if isinstance(found, list):
            return found
        kind, *rest = found.split()
        place = self._asked.get(host, 0)
        self._asked[host] = place + 1
        match kind:
            case "CNAME":
                return self(rest[0], port)
            case "SEQ":
                return [rest[min(place, len(rest) - 1)]]
            case "ALT":
                return [rest[place % len(rest)]]
            case "DELAY":
                threading.Event().wait()
        raise OSError("no such name")


def redirecting(target: str, headers: Mapping[str, str]) -> bytes:
    """The pages of public.test that the list names."""
    parts = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    match parts.path:
        case "/redir":
            return moved(query["to"], int(query["code"]))
        case "/redir-chain":
            left = int(query["n"])
            return moved(f"/redir-chain?n={left - 1}") if left else answer(b"end")
        case "/redir-grow":
            return moved(f"{target}?{'x' * 2_000}")
        case "/redir-noloc":
            return answer(status=302)
        case "/redir-bomb":
            bomb = {"Location": "/end", "Content-Encoding": "gzip"}
            return answer(b"\x1f\x8b" * 50_000, 302, bomb)
        case "/metarefresh":
            return answer(f'<meta http-equiv=refresh content="0;{query["to"]}">'.encode())
    return answer(b"a page")


def _cases(shared_data: Path) -> list[dict[str, str]]:
    lines = (shared_data / "security/derived/ssrf_dev.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _run(case: dict[str, str], table: Mapping[str, Any]) -> tuple[object, Intercepted]:
    network, clock = Intercepted(no_robots(redirecting)), Clock()
    door = Door(
        Rules(),
        resolver=FixtureNames(table),
        connect=network.connect,
        clock=clock,
        sleep=clock.sleep,
    )
    try:
        return door.fetch(case["url"]), network
    except CouldNotFetch as fault:
        return fault, network


def test_the_list_of_forged_addresses(shared_data: Path) -> None:
    table = json.loads((shared_data / "security/derived/ssrf_resolver.json").read_text("utf-8"))
    cases = _cases(shared_data)
    assert len(cases) > 100
    for case in cases:
        came, network = _run(case, table)
        called = [addresses.read(address) for address, _ in network.calls]
        assert all(one is not None and addresses.is_global(one) for one in called), case
        assert {port for _, port in network.calls} <= {80, 443}, case
        assert len(network.targets()) <= 10, case
        if case["expect"] in ("allow", "allow-encoded"):
            assert network.calls, (case, came)
            if case["url"].startswith("http:"):
                assert isinstance(came, Fetched), (case, came)
        elif case["expect"] == "block" and "rebind" not in case["url"]:
            assert isinstance(came, CouldNotFetch), (case, came)
            assert case["cat"] == "redirect" or not network.calls, (case, came)


def test_a_name_is_looked_up_once_and_its_checked_address_called(shared_data: Path) -> None:
    table = {"rebind.test": f"SEQ {PUBLIC} 127.0.0.1"}
    came, network = _run({"url": "http://rebind.test/"}, table)
    assert isinstance(came, Fetched)
    assert set(network.calls) == {(PUBLIC, 80)} and len(network.calls) == 2


def test_what_goes_out_is_encoded(shared_data: Path) -> None:
    came, network = _run({"url": "http://public.test/%0d%0aSLAVEOF 127.0.0.1 6379"}, {})
    assert isinstance(came, Fetched)
    assert network.targets() == ["/%0d%0aSLAVEOF%20127.0.0.1%206379"]


def test_a_name_that_hangs_ends_with_the_deadline() -> None:
    door = Door(Rules(seconds=0.05), resolver=FixtureNames({"slow.test": "DELAY 60s 1.1.1.1"}))
    with pytest.raises(CouldNotFetch) as caught:
        door.fetch("http://slow.test/")
    assert caught.value.reason == "timeout"


def test_hosts_are_read_as_browsers_read_them(shared_data: Path) -> None:
    """Web-platform-tests: what is accepted has the same host, port and path; no host is made up."""
    path = shared_data / "security/wpt-url/tests/wpt/urltestdata.json"
    cases = [case for case in json.loads(path.read_text("utf-8")) if isinstance(case, dict)]
    read = 0
    for case in cases:
        if case.get("base") not in (None, "about:blank"):
            continue
        try:
            url = parse(case["input"])
        except BadUrl:
            continue
        assert not case.get("failure"), case
        assert url.host == case["hostname"].strip("[]").removesuffix("."), case
        assert url.authority in (case["host"], case["host"].removesuffix(".")), case
        assert unquote(url.target).rstrip("?") == unquote(case["pathname"] + case["search"]), case
        read += 1
    assert read > 70
