"""Measures how well web pages are read, beside trafilatura and readability-lxml in the same run.

Run from the root of the repository: python tests/bench/pages.py [--tune]
The pages are the 181 articles of the article extraction benchmark by Scrapinghub (Zyte) with the
text of each as people marked it. They are split in halves by the hash of their names: rules were
chosen on one ("tune"), figures come from the other ("report").

Main-text F1 is that benchmark's own: texts are bags of runs of four words; what is right, too much
and missing is counted for each page as a share of all three, and precision and recall are taken
from the sums. Links counted are those whose words, with up to three words on either side in the
same block of the page, lie in the text that people marked.
"""

import gzip
import hashlib
import json
import logging
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urldefrag, urljoin

from lxml import html

from retrieval.web.page import Page, read_page

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "article_extraction"
AROUND = 3
BLOCKS = re.compile(r"p|li|t[dh]|h[1-6]|div|blockquote|d[dt]|figcaption|section")

Links = Counter[tuple[str, str]]


@dataclass
class Tally:
    """What one way of reading came to, a row for each page."""

    shares: list[tuple[float, float, float]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    kept: int = 0
    there: int = 0

    def row(self, name: str, valid: str) -> str:
        right, much, missing = (sum(column) for column in zip(*self.shares, strict=True))
        precision, recall = right / (right + much), right / (right + missing)
        f1 = 2 * precision * recall / (precision + recall)
        links = f"{self.kept / self.there:.3f}" if self.kept else "none"
        times = f"{1000 * median(self.seconds):.0f} | {1000 * max(self.seconds):,.0f}"
        return (
            f"| {name} | {f1:.4f} | {precision:.4f} | {recall:.4f} | {links} | {valid} | {times} |"
        )


def main(flags: list[str]) -> None:
    """Print the table for one half of the pages."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    half = "tune" if "--tune" in flags else "report"
    truth = json.loads((DATA / "ground-truth.json").read_text("utf-8"))
    names = [name for name in sorted(truth) if part(name) == half]
    tallies = {way: Tally() for way in WAYS}
    spans, notices = [0, 0], Counter[str]()
    for name in names:
        data = gzip.decompress((DATA / "html" / f"{name}.html.gz").read_bytes())
        url, gold = truth[name]["url"], truth[name]["articleBody"]
        wanted = anchors(data, url, gold)
        for way, read in WAYS.items():
            began = time.perf_counter()
            text, links = read(data, url)
            tally = tallies[way]
            tally.seconds.append(time.perf_counter() - began)
            tally.shares.append(shares(gold, text))
            tally.kept += (wanted & links).total()
            tally.there += wanted.total()
        page = read_page(data, url, "text/html", "")
        notices[page.notice] += bool(page.notice)
        valid = offsets(page)
        spans = [spans[0] + sum(valid), spans[1] + len(valid)]
    share = f"{spans[0] / spans[1]:.3f} of {spans[1]:,}"
    print(f"\n{len(names)} pages ({half}), {tallies['Vouch'].there} links in their texts.\n")
    print("| | F1 | precision | recall | links kept | offsets valid | ms (median) | ms (most) |")
    print("|---|---|---|---|---|---|---|---|")
    for way, tally in tallies.items():
        print(tally.row(way, share if way == "Vouch" else "none"))
    print(f"\nPages taken for a challenge, a wall or an error: {notices.total()} of {len(names)}.")


def part(name: str) -> str:
    """Return the half that a page belongs to."""
    return "report" if int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2 else "tune"


def offsets(page: Page) -> list[bool]:
    """Tell of each mark and link whether it stands where its words do."""
    text, found = page.document.text, []
    for link in page.document.links:
        words = text[link.start : link.end]
        found.append(bool(words) and words == words.strip() and 0 <= link.start < len(text))
    return found + [0 <= mark.start < len(text) for mark in page.document.marks]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def shares(gold: str, text: str) -> tuple[float, float, float]:
    """Return the shares of runs that are right, too much, and missing."""
    a, b = runs(gold), runs(text)
    right, much, missing = (a & b).total(), (b - a).total(), (a - b).total()
    whole = right + much + missing or 1
    return right / whole, much / whole, missing / whole


def runs(text: str) -> Counter[tuple[str, ...]]:
    own = words(text)
    return Counter(tuple(own[at : at + 4]) for at in range(max(1, len(own) - 3)))


def anchors(data: bytes, url: str, gold: str) -> Links:
    """Return (words, target) of the links of a page that lie in the text that people marked."""
    root = html.document_fromstring(data)
    whole = f" {' '.join(words(gold))} "
    found: Links = Counter()
    for anchor in root.xpath("//body//a[@href]"):
        target = address(root, url, anchor.get("href"))
        own = words(anchor.text_content())
        block = next((up for up in anchor.iterancestors() if BLOCKS.fullmatch(str(up.tag))), None)
        if not own or not target or block is None:
            continue
        before, after = around(block, anchor)
        if len(before) + len(after) and f" {' '.join([*before, *own, *after])} " in whole:
            found[" ".join(own), target] += 1
    return found


def around(block: html.HtmlElement, anchor: html.HtmlElement) -> tuple[list[str], list[str]]:
    """Return the words of a block before and after an anchor, the nearest few."""
    before, after, seen = list[str](), list[str](), False
    inside = set(anchor.iter())
    for piece in block.xpath(".//text()[not(ancestor::script or ancestor::style)]"):
        holder = piece.getparent()
        if holder in inside and not (piece.is_tail and holder is anchor):
            seen = True
        elif seen:
            after += words(piece)
        else:
            before += words(piece)
    return before[-AROUND:], after[:AROUND]


def address(root: html.HtmlElement, url: str, href: str) -> str:
    """Return where a link leads, "" if it stays on its page or leaves the web."""
    base = urljoin(url, next(iter(root.xpath("//base/@href")), ""))
    try:
        target = urljoin(base, href.strip())
    except ValueError:
        return ""
    page, fragment = urldefrag(target)
    here = fragment and page == urldefrag(url)[0]
    return target if target.startswith(("http://", "https://")) and not here else ""


def ours(data: bytes, url: str) -> tuple[str, Links]:
    document = read_page(data, url, "text/html", "").document
    text = document.text
    spoken = ((" ".join(words(text[link.start : link.end])), link.url) for link in document.links)
    return text, Counter(spoken)


def trafilatura_text(data: bytes, url: str) -> tuple[str, Links]:
    from trafilatura import extract

    return extract(data, url=url) or "", Counter()


def trafilatura_links(data: bytes, url: str) -> tuple[str, Links]:
    """Let trafilatura write links as Markdown does, and take them out of the text again."""
    from trafilatura import extract

    text = extract(data, url=url, include_comments=False, include_links=True) or ""
    written = re.findall(r"\[([^\[\]]*)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)", text)
    links = Counter((" ".join(words(name)), target) for name, target in written)
    return re.sub(r"\]\([^()\s]*\)", "]", text), links


def readability(data: bytes, url: str) -> tuple[str, Links]:
    from readability import Document

    summary = html.fromstring(Document(data.decode("utf-8", "replace"), url=url).summary())
    found = ((a.text_content(), urljoin(url, a.get("href"))) for a in summary.xpath("//a[@href]"))
    return summary.text_content(), Counter((" ".join(words(name)), to) for name, to in found)


WAYS: dict[str, Callable[[bytes, str], tuple[str, Links]]] = {
    "Vouch": ours,
    "trafilatura, default text": trafilatura_text,
    "trafilatura, links, no comments": trafilatura_links,
    "readability-lxml": readability,
}

if __name__ == "__main__":
    main(sys.argv[1:])
