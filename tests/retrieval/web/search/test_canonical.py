"""The laws of canonical addresses and of the text that is made of an engine's."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.web.canonical import canonical, opens
from retrieval.web.search.asking import rest
from retrieval.web.search.cleaning import findings, plain, shortened


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://Example.ORG", "https://example.org/"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("https://example.org:443", "https://example.org/"),
        ("https://example.org:80/a", "https://example.org:80/a"),
        ("https://example.org:/a", "https://example.org/a"),
        ("https://example.org/a/", "https://example.org/a/"),
        ("https://example.org/Path?B=2&a=1#part", "https://example.org/Path?B=2&a=1"),
        (
            "https://example.org/?utm_source=x&id=3&UTM_Medium=y&fbclid=z",
            "https://example.org/?id=3",
        ),
        ("https://example.org/?gclid=1", "https://example.org/"),
        ("https://example.org/?", "https://example.org/"),
        (
            "https://example.org/?q=utm_source&autm_x=1",
            "https://example.org/?q=utm_source&autm_x=1",
        ),
        ("https://www.example.org/", "https://www.example.org/"),
        ("https://en.m.wikipedia.org/wiki/X", "https://en.m.wikipedia.org/wiki/X"),
        ("http://[2001:DB8::1]:80/x", "http://[2001:db8::1]/x"),
        ("https://example.org?x=1", "https://example.org/?x=1"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("https://[broken/", "https://[broken/"),
    ],
)
def test_canonical(url, expected) -> None:
    assert canonical(url) == expected


_PART = st.text(alphabet="aZ0-._~%é塔/?#&=:@[]utm_fbclid ", max_size=25)
_URLS = st.one_of(
    st.builds(
        lambda scheme, host, port, rest: f"{scheme}://{host}{port}{rest}",
        st.sampled_from(["http", "HTTPS", "https"]),
        st.sampled_from(
            ["a.example", "WWW.A.example", "m.a.example", "[::1]", "1.2.3.4", "bücher.de"]
        ),
        st.sampled_from(["", ":", ":80", ":443", ":8080", ":0443"]),
        st.one_of(
            st.just(""), _PART.map("/".__add__), _PART.map("?".__add__), _PART.map("#".__add__)
        ),
    ),
    st.builds("{}://{}".format, st.sampled_from(["http", "https"]), _PART),
    st.text(max_size=40),
)


@settings(deadline=None)
@given(_URLS)
def test_a_canonical_address_stays_and_so_does_its_host(url) -> None:
    once = canonical(url)
    assert canonical(once) == once
    assert opens(once) == opens(url)
    if opens(url):
        # urlsplit leaves what follows a percent sign in the case it was written in.
        assert str(urlsplit(once).hostname) == str(urlsplit(url).hostname).lower()
        assert len(once) <= len(url) + 1


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "file:///etc/passwd", "//a.example/", "https://", "https:///x"),
        *("https://a@b.example/", "https://a:b@c.example/", "https://a.example:99999/"),
        *("https://a.example/x y", "https://a.example/\n", "https://a.example\\@b.example/"),
        *("https://a.example/\u202egpj", "https://a.example/" + "x" * 5_000, "https://:80/"),
    ],
)
def test_addresses_that_do_not_open(url) -> None:
    assert not opens(url)
    assert findings("x", [(url.strip("\n") + ("\n/" if "\n" in url else ""), "t", "s")], 5) == ()


@settings(deadline=None)
@given(st.text(), st.integers(1, 60))
def test_plain_text_has_no_tags_and_no_controls(text, longest) -> None:
    clean = plain(f"<b>{text}</b><script>x</script>&lt;img src=x onerror=y&gt;", longest)
    assert len(clean) <= longest
    assert "<img" not in clean and "<script" not in clean and "\n" not in clean
    assert clean == " ".join(clean.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("one<br>two<p>three</p>four", "one two three four"),
        ("<span class='m'>un</span>broken", "unbroken"),
        ("if x<5 or y>6", "if x<5 or y>6"),
        ("a\x00b\u202ec\u200bd\te", "abcd e"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("<!-- no -->yes<!doctype html>", "yes"),
        (None, ""),
        (7, ""),
        (["x"], ""),
    ],
)
def test_plain(text, expected) -> None:
    assert plain(text, 100) == expected


@settings(deadline=None)
@given(st.text(), st.integers(1, 50))
def test_a_shortened_query_is_no_longer_and_has_no_command(query, longest) -> None:
    short = shortened(query, longest, 7)
    assert len(short) <= longest and len(short.split()) <= 7
    assert not any(word.startswith("!") for word in short.split())


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *(("120", 120.0), ("1.5", 1.5), ("0", 0.0), ("999999999", 86_400.0)),
        *(("Thu, 01 Jan 1970 00:01:40 GMT", 40.0), ("Thu, 01 Jan 1970 00:00:10 GMT", 0.0)),
        *(("", None), ("-1", None), ("later", None), ("Thu, 99 Foo 1970", None)),
    ],
)
def test_a_rest_is_seconds_or_a_date(value, seconds) -> None:
    assert rest(value, 60.0) == seconds
