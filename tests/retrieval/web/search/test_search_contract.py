"""What every search engine promises, asked of each against a loopback server of its API."""

import json
from email.utils import formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import NOW, Canned, Door, Reply, Seen, Shut, Wish, as_json, as_page
from services import JSON_KITS, KEY, KITS, Kit, engine_on, rows_of

from retrieval.web.canonical import opens
from retrieval.web.search.cleaning import SNIPPET, TITLE
from retrieval.web.types import CouldNotFetch, SearchFault

each = pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
each_json = pytest.mark.parametrize("kit", JSON_KITS, ids=lambda kit: kit.name)
ADDRESSED = [kit for kit in KITS if kit.name != "wikipedia"]
"""Wikipedia sends titles, no addresses."""

BAD = [
    Reply(500),
    Reply(503, b"<html>down</html>", {"content-type": "text/html"}),
    Reply(302, b"", {"location": "https://elsewhere.example/"}),
    Reply(404),
]


def _fault(server, kit: Kit, reply: Reply) -> SearchFault:
    server.reply = lambda seen: reply
    with pytest.raises(SearchFault) as caught:
        kit.make(server.base, Door()).search("tall towers", 5)
    told = str(caught.value)
    assert told.startswith(kit.name) and told.endswith(".") and "\n" not in told
    assert KEY not in told
    return caught.value


@each
def test_results_come_in_order_and_name_their_engine(server, kit) -> None:
    found = engine_on(server, kit, rows_of(4)).search("tall towers", 3)
    assert [finding.title for finding in found] == ["Page 0", "Page 1", "Page 2"]
    assert [finding.snippet for finding in found] == ["Text 0", "Text 1", "Text 2"]
    assert all(finding.engines == (kit.name,) for finding in found)
    if kit.name != "wikipedia":
        assert [finding.url for finding in found] == [row[0] for row in rows_of(3)]


@each
@pytest.mark.parametrize("query", ["tall towers", "最高的塔", "a & b = c # d % e + f"])
def test_the_query_is_told_as_it_is_and_once(server, kit, query) -> None:
    engine_on(server, kit, rows_of(1)).search(query, 1)
    assert [seen.fields[kit.query] for seen in server.seen] == [query]


@each
def test_a_query_that_is_too_long_is_cut_at_a_word(server, kit) -> None:
    assert engine_on(server, kit, rows_of(1)).search("mountain " * 200, 1)
    told = server.seen[0].fields[kit.query]
    assert set(told.split()) == {"mountain"} and len(told) <= 500


@each
def test_no_word_sends_the_query_on_to_another_host(server, kit) -> None:
    engine_on(server, kit, rows_of(1)).search("!g tall !!wp towers! !", 1)
    assert server.seen[0].fields[kit.query] == "g tall wp towers!"


@each
@pytest.mark.parametrize("k", [1, 7, 100])
def test_never_more_than_asked_for(server, kit, k) -> None:
    found = engine_on(server, kit, rows_of(300)).search("towers", k)
    assert len(found) == k
    assert len({finding.url for finding in found}) == k


@each
def test_nothing_found_is_no_fault(server, kit) -> None:
    assert tuple(engine_on(server, kit, []).search("towers", 5)) == ()


@pytest.mark.parametrize("kit", ADDRESSED, ids=lambda kit: kit.name)
def test_what_cannot_be_opened_is_left_out(server, kit) -> None:
    rows = [
        *(("javascript:alert(1)", "a", "b"), ("ftp://x.example/", "a", "b")),
        *(("https://user:pw@x.example/", "a", "b"), ("https://x.example:99999/", "a", "b")),
        *(
            (None, "a", "b"),
            ("", "a", "b"),
            ("/relative", "a", "b"),
            ("data:text/html,x", "a", "b"),
        ),
        ("https://good.example/", "Good", "b"),
    ]
    assert [f.url for f in engine_on(server, kit, rows).search("x", 5)] == ["https://good.example/"]


@each
def test_titles_and_snippets_are_plain_and_short(server, kit) -> None:
    marked = '<b>Tall</b> <span class="searchmatch">towers</span> &amp; more\u202e\u0007'
    rows = [("https://a.example/", "Towers", marked + " word" * 900)]
    [found] = engine_on(server, kit, rows).search("x", 5)
    assert found.snippet.startswith("Tall towers & more word")
    assert len(found.snippet) <= SNIPPET and found.snippet.endswith("…")
    assert found.snippet.isprintable()
    rows = [("https://a.example/", "t" * 900, "s")]
    [found] = engine_on(server, kit, rows).search("x", 5)
    assert len(found.title) <= TITLE


@each
def test_the_same_page_is_told_once(server, kit) -> None:
    rows = [("https://a.example/x?utm_source=y", "A", "1"), ("https://A.example:443/x#z", "A", "2")]
    [found] = engine_on(server, kit, rows).search("x", 5)
    assert found.snippet == "1"


@each
@pytest.mark.parametrize("reply", BAD, ids=lambda reply: str(reply.status))
def test_a_status_that_is_no_answer_is_a_fault(server, kit, reply) -> None:
    assert str(reply.status) in str(_fault(server, kit, reply))


@each
@pytest.mark.parametrize("asked", ["37", formatdate(NOW + 37, usegmt=True)])
def test_too_many_questions_says_how_long_to_wait(server, kit, asked) -> None:
    fault = _fault(server, kit, Reply(429, b"", {"retry-after": asked}))
    assert fault.retry_after == 37.0


@each
@pytest.mark.parametrize("asked", ["", "soon", "-3", "nan", "9" * 40])
def test_a_wait_that_is_no_number_is_unknown(server, kit, asked) -> None:
    assert _fault(server, kit, Reply(429, b"", {"retry-after": asked})).retry_after is None


@each
def test_a_redirect_is_not_followed(server, kit) -> None:
    there = Reply(302, b"", {"location": f"{server.base}/elsewhere"})
    _fault(server, kit, there)
    assert [seen.path for seen in server.seen] != [] and len(server.seen) == 1


@each
def test_a_wish_to_stop_is_no_fault_of_the_engine(server, kit) -> None:
    with pytest.raises(CouldNotFetch) as caught:
        engine_on(server, kit, rows_of(1)).search("x", 1, Wish())
    assert caught.value.reason == "cancelled"
    assert not server.seen


@each_json
@pytest.mark.parametrize("reason", ["timeout", "unreachable", "offline", "too big"])
def test_a_door_that_fails_is_a_fault_without_the_key(kit, reason) -> None:
    with pytest.raises(SearchFault, match="no answer within 10 seconds") as caught:
        kit.make("http://127.0.0.1:9", Shut(reason, 4.0)).search("x", 1)
    assert KEY not in str(caught.value) and caught.value.retry_after == 4.0
    # Nor in what a log would print of it.
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


@each_json
def test_truncated_json_is_a_fault(server, kit) -> None:
    server.reply = lambda seen: kit.answer(seen, rows_of(3))
    kit.make(server.base, Door()).search("x", 1)
    whole = kit.answer(server.seen[0], rows_of(3))
    assert "cut off or broken" in str(_fault(server, kit, Reply(200, whole.body[:-9])))


@each_json
@pytest.mark.parametrize("data", [[], 7, None, "x", {}, {"results": 3}, {"query": []}, {"web": 1}])
def test_json_of_another_shape_is_a_fault(server, kit, data) -> None:
    assert "another shape" in str(_fault(server, kit, as_json(data)))


@each_json
def test_json_that_is_too_deep_is_a_fault(server, kit) -> None:
    deep = b"[" * 200_000
    assert "broken" in str(_fault(server, kit, Reply(200, deep)))


@each
def test_a_page_that_is_no_answer_is_a_fault(server, kit) -> None:
    told = str(_fault(server, kit, as_page("<html><body>Welcome</body></html>")))
    assert "page" in told


@each_json
def test_the_type_of_the_content_is_not_needed(server, kit) -> None:
    def untyped(seen):
        whole = kit.answer(seen, rows_of(2))
        return Reply(200, whole.body, {"content-type": "text/plain"})

    server.reply = untyped
    assert len(kit.make(server.base, Door()).search("x", 5)) == 2


@each
def test_no_key_is_in_the_repr(server, kit) -> None:
    assert KEY not in repr(engine_on(server, kit, []))


_ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["results", "web", "query", "search", "url", "title", "snippet", "content", "error"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@each_json
@settings(max_examples=25, deadline=None)
@given(data=_ANY, status=st.sampled_from([200, 200, 200, 401, 422, 429, 500]))
def test_whatever_json_comes_there_are_findings_or_a_fault(kit, data, status) -> None:
    door = Canned(json.dumps(data).encode(), status=status)
    try:
        found = kit.make("http://127.0.0.1:9", door).search("x", 5)
    except SearchFault:
        return
    assert all(opens(finding.url) and finding.title for finding in found) and len(found) <= 5


@each_json
@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.none() | st.text() | st.integers() | st.just("https://x.example/")] * 3)
    )
)
def test_whatever_rows_come_the_findings_are_sound(kit, rows) -> None:
    fields = {"q": "x", "query": "x", "format": "json", "max_results": 5, "action": "query"}
    fields |= {"list": "search", "formatversion": "2", "srlimit": "5", "count": "5"}
    told = {"x-subscription-token": KEY, "authorization": f"Bearer {KEY}"}
    where = {"brave": "/res/v1/web/search", "wikipedia": "/w/api.php"}.get(kit.name, "/search")
    reply = kit.answer(Seen("POST", where, fields, told), rows)
    found = kit.make("https://x.example", Canned(reply.body)).search("x", 5)
    for finding in found:
        assert opens(finding.url) and 0 < len(finding.title) <= TITLE
        assert len(finding.snippet) <= SNIPPET
        text = (finding.title + finding.snippet).replace("\u200c", "").replace("\u200d", "")
        assert text.isprintable() or all(c.isspace() for c in text if not c.isprintable())
