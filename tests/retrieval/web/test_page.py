"""Web pages as text: links, headings, tables, lists and code keep their places."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.errors import UserError
from retrieval.web.page import Page, read_page

URL = "https://site.example/dir/page.html"
FILLER = "<p>" + "Ordinary words of a paragraph that is long enough to be read. " * 8 + "</p>"


def read(body: str, head: str = "", url: str = URL) -> Page:
    markup = f"<html><head>{head}</head><body>{body}</body></html>"
    return read_page(markup.encode(), url, "text/html", "utf-8")


def text(body: str, head: str = "") -> str:
    return read(f"<main>{body}</main>", head).document.text


def links(page: Page) -> dict[str, str]:
    words = page.document.text
    return {words[link.start : link.end]: link.url for link in page.document.links}


def lawful(page: Page) -> None:
    """The law of pages: links are words of the text, marks begin inside of it, both rise."""
    document = page.document
    for link in document.links:
        words = document.text[link.start : link.end]
        assert words and words == words.strip()
        assert link.url.startswith(("http://", "https://"))
    starts = [mark.start for mark in document.marks]
    assert starts == sorted(set(starts))
    assert all(0 <= start < len(document.text) for start in starts)
    ends = [at for link in document.links for at in (link.start, link.end)]
    assert ends == sorted(ends)
    assert not (page.notice and document.text)


def test_links_are_the_words_of_anchors_and_resolved_once() -> None:
    page = read(
        "<p>See <a href='../a.html?x=1#part'> the  <b>first</b>\n page</a>, "
        "<a href='//other.example/b'>another</a> and <a href=' https://c.example/d e '>a third</a>."
    )
    assert page.document.text == "See the first page, another and a third."
    assert links(page) == {
        "the first page": "https://site.example/a.html?x=1#part",
        "another": "https://other.example/b",
        "a third": "https://c.example/d%20e",
    }
    lawful(page)


@pytest.mark.parametrize(
    "href",
    ["#below", "page.html#below", "", "javascript:alert(1)", "mailto:a@b.example",
     "data:text/html,x", "http://", "https://[broken/", "ftp://a.example/",
     "http://a.example:99999/", "x" * 5_000],
)  # fmt: skip
def test_what_leads_nowhere_else_stays_words(href: str) -> None:
    page = read(f"<p>Some <a href='{href}'>words</a> here.")
    assert page.document.text == "Some words here." and not page.document.links


def test_the_base_of_a_page_counts_and_fragments_stay_on_the_page() -> None:
    head = "<base href='/deep/er/'><base href='https://second.example/'>"
    page = read("<p><a href='x'>one</a> <a href='/y'>two</a> <a href='#z'>three</a>", head)
    assert links(page) == {
        "one": "https://site.example/deep/er/x",
        "two": "https://site.example/y",
    }
    assert links(read("<p><a href='x'>one</a>", "<base href='javascript:0'>")) == {
        "one": "https://site.example/dir/x"
    }


def test_a_link_around_blocks_is_one_for_each_of_them() -> None:
    page = read("<a href='/x'><h3>Head</h3><p>Body of it</p></a><p>More</p>")
    assert links(page) == {
        "Head": "https://site.example/x",
        "Body of it": "https://site.example/x",
    }


def test_headings_are_marked_and_one_that_repeats_the_title_is_no_text() -> None:
    page = read(
        "<main><h1>The Title</h1><p>Intro.</p><h2>Part</h2><p>Body.</p></main>",
        "<title>The Title | Site</title>",
    )
    document = page.document
    assert document.title == "The Title | Site"
    assert document.text == "Intro.\n\nPart\n\nBody."
    assert [(mark.start, mark.heading) for mark in document.marks] == [
        (0, "The Title"),
        (8, "The Title > Part"),
    ]
    assert read("<h1>Only</h1>", "<title>Only</title>").document.text == "Only"


def test_lists_tables_and_code_keep_their_form() -> None:
    body = (
        "<ul><li>one<ul><li><p>in it</p></li></ul></li><li>two</li></ul>"
        "<ol start='3'><li>three<li>four</ol>"
        "<table><tr><th>Name</th><th>Size</th></tr><tr><td><p>a</p></td><td> 1\n2 </td></tr>"
        "<tr><td></td><td>c</td></tr></table>"
        "<div class=highlight><pre>def f(x):\n    return  x\n\n\nf(1)</pre></div><p>a<br>b<br><br>c"
    )
    assert text(body) == (
        "- one\n  - in it\n- two\n\n3. three\n4. four\n\n| Name | Size |\n| a | 1 2 |\n| | c |\n\n"
        "def f(x):\n    return  x\n\n\nf(1)\n\na\nb\n\nc"
    )


def test_tables_that_lay_out_a_page_are_no_rows() -> None:
    laid = "<table><tr><td><p>a</p><p>b</p><p>c</p></td><td><p>d</p></td></tr></table>"
    assert text(laid) == "a\n\nb\n\nc\n\nd"
    assert "|" not in text(f"<table><tr><td>{laid}</td><td>x</td></tr></table>")


def test_signatures_of_documentation_lose_their_marks_for_anchors() -> None:
    body = (
        "<div class='body' role='main'><dl><dt id='f'><code>lib.</code><code>f</code>(<em>x</em>)"
        "<a class='headerlink' href='#f'>¶</a></dt><dd><p>Returns <a href='g.html#lib.g'><code>g()"
        "</code></a>.</p></dd></dl></div><div class='sphinxsidebar'><p>Contents of it all</p></div>"
    )
    page = read(body)
    assert page.document.text == "lib.f(x)\n\nReturns g()."
    assert links(page) == {"g()": "https://site.example/dir/g.html#lib.g"}


def test_what_is_beside_the_main_text_is_left_out_and_links_in_it_are_kept() -> None:
    page = read(
        "<nav><a href='/n'>Products and prices</a></nav><article><h1>News of the day</h1>"
        f"{FILLER}<p>The mayor <a href='/m'>opened the new bridge</a> over the river on Monday, "
        f"and many people came to see it.</p>{FILLER}</article><footer>All rights reserved</footer>"
        "<div hidden>Never seen</div><script>x = 1</script>",
        "<title>News of the day</title>",
    )
    assert links(page) == {"opened the new bridge": "https://site.example/m"}
    for word in ("Products", "reserved", "Never", "x = 1"):
        assert word not in page.document.text


def test_a_page_that_breaks_the_extractor_is_read_by_its_own_marks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise IndexError("nobody foresaw this")

    monkeypatch.setattr("trafilatura.bare_extraction", broken)
    page = read(f"<nav>Menu of the site</nav><main>{FILLER}<p><a href='/x'>Linked</a></main>")
    assert "Menu" not in page.document.text and links(page) == {"Linked": "https://site.example/x"}


@pytest.mark.parametrize(
    ("charset", "stated", "meta"),
    [
        ("utf-8", "", ""),
        ("utf-8", "iso-8859-1", ""),
        ("utf-8-sig", "", ""),
        ("utf-16", "", ""),
        ("cp1252", "ISO-8859-1", ""),
        ("cp1252", "", "iso-8859-1"),
        ("cp1252", "no-such", "windows-1252"),
        ("utf-16-le", "utf-16le", ""),
    ],
)
def test_charsets(charset: str, stated: str, meta: str) -> None:
    markup = f"<html><head><meta charset='{meta}'></head><body><p>“Grüße” – café" + "!" * 99
    page = read_page(markup.encode(charset), URL, "text/html", stated)
    assert page.document.text.startswith("“Grüße” – café!")


@pytest.mark.parametrize(
    "charset", ["shift_jis", "euc_jp", "iso-2022-jp", "gb18030", "euc_kr", "big5"]
)
def test_charsets_of_east_asia(charset: str) -> None:
    words = "한국어 문장" if charset == "euc_kr" else "日本中文"
    for stated, meta in ((charset, ""), ("", charset)):
        data = f"<meta charset='{meta}'><p>{words}</p>".encode(charset)
        assert read_page(data, URL, "text/html", stated).document.text == words


def test_a_few_broken_bytes_spoil_no_page_and_binary_is_no_page() -> None:
    data = b"<p>" + b"plain words and more of them " * 50 + b"caf\xc3 \xff\x00</p>"
    assert "plain words" in read_page(data, URL, "text/html", "utf-8").document.text
    for media in ("text/html", "application/octet-stream", ""):
        with pytest.raises(UserError, match=r"site\.example.*binary data; open"):
            read_page(bytes(range(256)) * 40, URL, media, "")


def test_other_media() -> None:
    plain = read_page(b"a <b>c", "https://x.example/notes.txt", "text/plain", "")
    assert (plain.document.text, plain.document.title) == ("a <b>c", "notes.txt")
    marked = read_page(b"# One\n\nwords", URL, "text/markdown", "")
    assert marked.document.marks[0].heading == "One"
    assert read_page(b'{"name": "Ann"}', URL, "application/json", "").document.text == "name: Ann"
    assert read_page(b"<html><p>found", URL, "", "").document.text == "found"
    assert read_page(b"", URL, "text/html", "").notice == "empty"
    for media in ("image/png", "application/zip", "video/mp4"):
        with pytest.raises(UserError, match=media):
            read_page(b"x", URL, media, "")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
NAMES = (
    "a a a p div h1 h2 li ul ol td tr table th pre code br b span main article nav form dl dt dd"
    " blockquote button math body html title base"
)
TAGS = st.sampled_from(NAMES.split())
HREFS = st.sampled_from(["/a", "b c", "#d", "https://e.example/f", "x:1", "//g/h", "\n/i\t"])


@st.composite
def markups(draw: st.DrawFn) -> str:
    parts = []
    for tag, kind, words, href in draw(
        st.lists(st.tuples(TAGS, st.integers(0, 2), WORDS, HREFS), max_size=40)
    ):
        opening = f'<{tag} href="{href}">' if tag in ("a", "base") else f"<{tag}>"
        parts.append((f"</{tag}>", opening, opening)[kind] + words)
    return "".join(parts)


@settings(deadline=None, max_examples=80)
@given(markups())
def test_whatever_the_markup_offsets_are_right(markup: str) -> None:
    try:
        lawful(read_page(markup.encode(), URL, "text/html", ""))
    except UserError as error:
        assert "binary" in str(error)
