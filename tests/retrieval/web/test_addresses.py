"""Which addresses belong to the public network, and how hosts are written."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import UserError
from retrieval.web import addresses
from retrieval.web.addresses import is_global
from retrieval.web.rules import Rules
from retrieval.web.urls import BadUrl, join, parse, read_host

INSIDE = ["10.0.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1"]


@pytest.mark.parametrize("text", [
    *INSIDE, "0.0.0.0", "192.0.0.192", "168.63.129.16", "255.255.255.255", "192.88.99.1", "::",
    "::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "100::1", "2001::1", "2001:2::1",
    "2001:db8::1", "3fff::1", "5f00::1", "::7f00:1", "::ffff:0:127.0.0.1", "64:ff9b:1::808:808",
    "2002:808:808::1", "2a00:1450::5efe:127.0.0.1",
])  # fmt: skip
def test_addresses_that_are_not_public(text: str) -> None:
    address = addresses.read(text)
    assert address is not None and not is_global(address)


@pytest.mark.parametrize("text", [
    "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.128.0.1", "192.0.1.1", "198.20.0.1",
    "223.255.255.254", "2606:4700:4700::1111", "2a00:1450:4001::200e", "::ffff:8.8.8.8",
    "64:ff9b::808:808",
])  # fmt: skip
def test_addresses_that_are_public(text: str) -> None:
    address = addresses.read(text)
    assert address is not None and is_global(address)


@given(st.ip_addresses(v=4))
def test_an_address_within_another_is_judged_as_itself(inner: ipaddress.IPv4Address) -> None:
    for start in ("::ffff:", "64:ff9b::"):
        outer = addresses.read(f"{start}{inner}")
        assert outer is not None and is_global(outer) == is_global(inner)


@given(st.ip_addresses())
def test_nothing_is_public_that_python_calls_private(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    nat64 = ipaddress.IPv6Network("64:ff9b::/96")
    if is_global(address) and address not in nat64:
        assert address.is_global and not address.is_multicast


@given(st.ip_addresses(v=4), st.sampled_from(["dec", "hex", "oct", "short"]))
def test_every_spelling_of_an_address_is_that_address(
    address: ipaddress.IPv4Address, spelling: str
) -> None:
    a, b, c, d = address.packed
    text = {
        "dec": str(int(address)),
        "hex": f"0x{a:X}.0x{b:x}.0X{c:x}.0x{d:x}",
        "oct": f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        "short": f"{a}.{(b << 16) + (c << 8) + d}",
    }[spelling]
    assert read_host(text) == str(address)


@pytest.mark.parametrize("text", [
    "1.2.3.4.5", "256.1", "1.2.3.08", "4294967296", "a..b", "-a.test", "a%41.test", "[::1%eth0]",
    "[1.2.3.4]", "a b.test", "x" * 64 + ".test", "\u0661.\u0661",
])  # fmt: skip
def test_hosts_that_are_none(text: str) -> None:
    with pytest.raises(BadUrl):
        read_host(text)


def test_a_link_is_read_against_its_page() -> None:
    page = parse("http://a.test/x/y?q=1")
    assert str(join(page, "../z#part")) == "http://a.test/z"
    assert str(join(page, "//b.test:8080/ü")) == "http://b.test:8080/%C3%BC"
    assert str(join(page, "/a/%2e%2e/b")) == "http://a.test/b"
    with pytest.raises(BadUrl):
        join(page, "javascript:alert(1)")


def test_listed_hosts_open_the_ports_they_say() -> None:
    rules = Rules(private=("wiki.lan", "127.0.0.1:8888", "::1", "[::1]:81"))
    for text in ("http://WIKI.lan/", "https://wiki.lan/", "http://127.1:8888/", "http://[::1]:81/"):
        assert rules.lists(parse(text)), text
    for text in ("http://wiki.lan:81/", "http://127.0.0.1/", "http://a.wiki.lan/"):
        assert not rules.lists(parse(text)), text


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("http://wiki.lan:80", "more than a name"), ("wiki.lan/x", "more than a name"),
        ("a b", "more than a name"), ("a?b", "more than a name"), ("", "no name|cannot be read"),
        ("10.0.0.0/8", "a range"), ("fd00::/8", "a range"), ("*.lan", "a pattern"),
        ("wiki.lan:0", "no such port"), ("wiki.lan:99999", "no such port"),
        ("-a.lan", "no name"), ("10.0.0.256", "malformed"),
    ],
)  # fmt: skip
def test_a_listed_host_that_is_none_is_refused(entry: str, why: str) -> None:
    with pytest.raises(UserError, match=why) as refused:
        Rules(private=("wiki.lan", entry))
    assert refused.value.what.startswith(repr(entry)) and "by itself" in refused.value.cure


def test_a_contact_cannot_add_headers() -> None:
    assert Rules(contact="me@x.test").agent == "Vouch/0.1 (+me@x.test)"
    with pytest.raises(UserError):
        Rules(contact="me\r\nX: y")
