"""Reads pictures of text by tesseract, a program of its own that need not be there."""

import io
import re
import shutil
import subprocess
import warnings
from functools import cache
from typing import TYPE_CHECKING

from retrieval.documents import Document
from retrieval.errors import UserError
from retrieval.readers import pulse
from retrieval.readers.broken import sound
from retrieval.readers.outline import Outline
from retrieval.readers.text import clean

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfDocument

ENDINGS = frozenset((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp"))

SECONDS = 120
"""Seconds that one page may take."""

PIXELS, LARGEST = 25_000_000, 150_000_000
"""A picture is made smaller than `PIXELS`; one of more than `LARGEST` is not opened."""

_LANGUAGES = 4
_FIRST = ("eng", "chi_sim", "chi_tra", "jpn", "deu", "fra", "spa")
_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP")
_FRAMES = 2_000
_DPI, _POINTS = 300, 72
_SMALL = 1_000
_BLANK = 24
_CJK = r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]"
_SPACED = re.compile(rf"(?<={_CJK})[ \t]+(?={_CJK})")
_PARTED = re.compile(r"(?<=[^\W\d_A-Z])-\n(?=[^\W\d_A-Z])")


def missing() -> str:
    """Return what must be done before pictures can be read, "" if nothing."""
    program = _program()
    if program and languages(program):
        return ""
    return (
        "install the OCR program tesseract with a language, on Debian or Ubuntu"
        " `apt install tesseract-ocr tesseract-ocr-eng`, and add the file again"
    )


@cache
def languages(program: str) -> str:
    """Return the languages to read in, joined by "+": four at most, as each one takes its time.

    English stands first: it does not harm Chinese, and without it Latin letters come out worse.
    """
    try:
        listed = subprocess.run([program, "--list-langs"], capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return ""
    names = listed.stdout.decode("utf-8", "replace").splitlines()[1:]
    kept = {name.strip() for name in names} - {"osd", "equ", "snum", ""}
    wanted = [name for name in _FIRST if name in kept]
    return "+".join([*wanted, *sorted(kept - set(wanted))][:_LANGUAGES])


def read(data: bytes, source: str, title: str, collection: str) -> Document:
    """Read a picture, or each page of a TIFF. Raises `UserError` with the cure if OCR lacks."""
    from PIL import UnidentifiedImageError
    from PIL.Image import DecompressionBombError

    lack = missing()
    if lack:
        raise UserError(f"{source!r} is a picture", cure=lack)
    outline = Outline()
    with sound(source, "picture", UnidentifiedImageError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            media = _pages(data, source, outline)
        except DecompressionBombError as error:
            raise _too_large(source) from error
    text, marks = outline.done()
    return Document(source, title, text, media, collection, marks)


def rendered(pdf: "PdfDocument", number: int) -> str:
    """Return the text that is seen on a page of a PDF, numbered from 0."""
    page = pdf[number]
    try:
        width, height = page.get_size()
        limit = (PIXELS / max(width * height, 1.0)) ** 0.5
        bitmap = page.render(scale=min(_DPI / _POINTS, limit), grayscale=True)
        return seen(bitmap.to_pil())
    finally:
        page.close()


def seen(picture: "Image") -> str:
    """Return the text on a picture, paragraphs parted by blank lines; "" if it is all blank."""
    from PIL import Image, ImageOps

    gray = _flat(picture)
    low, high = gray.getextrema()
    if float(high) - float(low) < _BLANK:  # type: ignore[arg-type]
        return ""
    if gray.width * gray.height > PIXELS:
        factor = (PIXELS / (gray.width * gray.height)) ** 0.5
        gray = ImageOps.scale(gray, factor, Image.Resampling.LANCZOS)
    elif max(gray.size) < _SMALL:
        # Tesseract wants letters some thirty pixels high; those on a screen have half of that.
        gray = ImageOps.scale(gray, 2, Image.Resampling.LANCZOS)
    held = io.BytesIO()
    gray.save(held, "PPM")
    return _tidy(_read(held.getvalue()))


def _pages(data: bytes, source: str, outline: Outline) -> str:
    """Write the text of each frame into the outline; return the media type."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
        frames = int(getattr(picture, "n_frames", 1))
        for number in range(min(frames, _FRAMES)):
            picture.seek(number)
            if picture.width * picture.height > LARGEST:
                raise _too_large(source)
            if frames > 1:
                outline.page(number + 1)
            outline.paragraph(seen(picture))
            pulse.beat()
        return f"image/{(picture.format or 'png').lower()}"


def _too_large(source: str) -> UserError:
    return UserError(f"{source!r} has more than {LARGEST:,} pixels", cure="save it smaller")


def _flat(picture: "Image") -> "Image":
    """Return a picture upright, in shades of gray, on white where it is transparent."""
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(picture)
    if upright.mode not in ("1", "L", "RGB"):
        layers = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", layers.size, "white"), layers)
    return upright.convert("L")


def _read(picture: bytes) -> str:
    program = _program() or "tesseract"
    command = [program, "stdin", "stdout", "-l", languages(program), "--dpi", str(_DPI)]
    try:
        done = subprocess.run(command, input=picture, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"tesseract took more than {SECONDS} seconds for a page") from error
    if done.returncode != 0:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise OSError(f"tesseract failed: {told[-1] if told else done.returncode}")
    return done.stdout.decode("utf-8", "replace")


def _tidy(text: str) -> str:
    """Join parted words, and Chinese that tesseract spaces out as if it were words."""
    text = clean(text.replace("\f", "\n"))
    text = _SPACED.sub("", _PARTED.sub("", text))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()


def _program() -> str | None:
    return shutil.which("tesseract")
