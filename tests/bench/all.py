"""Runs every benchmark and writes what it printed into docs/benchmarks.md, between its marks.

    make bench

A block of the page is `<!-- bench: NAME -->` ... `<!-- end -->`; the text around it stays. The
answers' benchmark takes about an hour; its finished questions are kept between runs.
"""

import re
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent
PAGE = BENCH.parents[1] / "docs" / "benchmarks.md"
BLOCK = re.compile(r"(<!-- bench: (\S+) (.*?)-->\n).*?(<!-- end -->)", re.DOTALL)


def printed(script: str, words: str) -> str:
    """Run a benchmark and return its output; what it prints is shown as it comes."""
    command = [sys.executable, str(BENCH / script), *words.split()]
    print("$", " ".join(command[1:]), flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    print(done.stdout, flush=True)
    return done.stdout.strip()


def main(only: list[str]) -> None:
    page = PAGE.read_text("utf-8")

    def fill(block: re.Match[str]) -> str:
        if only and block[2] not in only:
            return block[0]
        out = printed(block[2], block[3])
        body = out if "\n|---" in out else f"```\n{out}\n```"
        return f"{block[1]}{body}\n{block[4]}"

    PAGE.write_text(BLOCK.sub(fill, page), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
