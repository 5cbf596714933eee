"""Draws what a real run printed as a picture of a terminal: `python -m ui.picture RUN -o FILE`."""

import argparse
import re
import sys
from pathlib import Path

_REMOTE_FONTS = re.compile(r',\s*url\("https?://[^"]*"\) format\("\w+"\)')


def picture(output: str, title: str, width: int = 100) -> str:
    """Return an SVG of captured terminal output; colours in the capture are kept."""
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    from ui.escape import clean

    console = Console(record=True, width=width, file=StringIO(), force_terminal=True)
    for line in output.rstrip("\n").split("\n"):
        text = Text.from_ansi(line)
        text.plain = clean(text.plain)
        console.print(text)
    return _REMOTE_FONTS.sub("", console.export_svg(title=title))


def main() -> None:
    """Read a capture from a file, or stdin for "-", and write the SVG."""
    parser = argparse.ArgumentParser(prog="python -m ui.picture")
    parser.add_argument("capture", help='a file, or "-" for stdin')
    parser.add_argument("-o", "--output", required=True, type=Path)
    parser.add_argument("--title", default="vouch")
    parser.add_argument("--width", type=int, default=100)
    read = parser.parse_args()
    capture = sys.stdin.read() if read.capture == "-" else Path(read.capture).read_text("utf-8")
    read.output.write_text(picture(capture, read.title, read.width), encoding="utf-8")


if __name__ == "__main__":
    main()
