"""The picture of a terminal that the README shows."""

from xml.etree import ElementTree

from ui.picture import picture


def test_a_capture_becomes_an_svg_with_its_text_and_colours() -> None:
    made = picture("$ vouch ask\n\x1b[32msupported\x1b[0m <b>&\x07\n", "vouch", 60)
    root = ElementTree.fromstring(made)
    text = "".join(root.itertext()).replace("\xa0", " ")
    assert "$ vouch ask" in text and "supported" in text and "<b>&" in text
    assert 'url("http' not in made
    plain = picture("$ vouch ask\nsupported\n", "vouch", 60)
    assert len({*made.split("fill: ")}) > len({*plain.split("fill: ")})
