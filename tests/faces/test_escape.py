"""Outside text is harmless wherever a face puts it."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from ui.escape import clean, json_text, link, markdown, one_line
from ui.lines import line, table

OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\u2028\u2029]"
)
NASTY = st.text(
    alphabet=st.one_of(
        st.characters(), st.sampled_from("\x1b[]0;m\x07\x9b\x9c\x90\u202e\u2066\ud800\r\n\t\\<&*[]")
    )
)


@given(NASTY)
def test_nothing_that_a_terminal_obeys_survives(text: str) -> None:
    assert not OBEYED.search(clean(text))
    assert not OBEYED.search(one_line(text)) and "\n" not in one_line(text)
    assert clean(clean(text)) == clean(text)


@given(NASTY)
def test_lines_are_harmless_whoever_makes_them(text: str) -> None:
    for made in [line(text, (text, "bold")), *table([(text, text), ("a", "b")])]:
        assert not OBEYED.search(made.text) and "\n" not in made.text


@given(NASTY)
def test_json_is_exact_and_harmless(text: str) -> None:
    written = json_text({"text": text})
    assert json.loads(written) == {"text": text}
    assert not OBEYED.search(written)


def test_whole_sequences_go_and_plain_text_stays() -> None:
    assert clean("a\x1b[31;1mred\x1b[0m \x1b]0;title\x07b \x9b2Jc") == "ared b c"
    assert (
        clean("Ümläut 漢字 עברית naïve 🙂\ttab\r\nline") == "Ümläut 漢字 עברית naïve 🙂\ttab\nline"
    )


def test_markdown_has_no_html_and_no_links_of_its_own() -> None:
    escaped = markdown("<b>[x](javascript:alert(1))</b> *a* `b` &amp;")
    assert "<" not in escaped
    assert not re.search(r"(?<!\\)[\[\]()*`]", escaped)


def test_only_web_addresses_become_links() -> None:
    assert link("a page", "https://example.org/x?a=1") == "[a page](<https://example.org/x?a=1>)"
    for address in (
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://x.org/>)[evil](<http://y",
        "https://x.org/\u202egpj",
        " https://x.org",
    ):
        assert "](<" not in link("label", address)
