"""Two lists of lines side by side as an escaped HTML table; rows that differ are marked."""

from collections.abc import Iterable

from ui.escape import html as safe


def beside_html(rows: Iterable[tuple[str, str, bool]], heads: tuple[str, str]) -> str:
    """Return a table of (here, there, equal); a differing row has a sign as well as a shade."""
    body = "".join(_row(*row) for row in rows)
    return _table(heads, body)


def named_html(rows: Iterable[tuple[str, str, str]], heads: tuple[str, str, str]) -> str:
    """Return a table of (name, here, there)."""
    body = "".join(
        f'<tr><th scope="row">{safe(name)}</th><td>{safe(here)}</td><td>{safe(there)}</td></tr>'
        for name, here, there in rows
    )
    return _table(heads, body)


def _table(heads: tuple[str, ...], body: str) -> str:
    head = "".join(f'<th scope="col">{safe(name)}</th>' for name in heads)
    return (
        f'<table class="vt-steps-beside"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _row(here: str, there: str, equal: bool) -> str:
    kind, sign = ("", "") if equal else (' class="vt-differs"', "≠ ")
    cells = [f"<td>{sign if text else ''}{safe(text)}</td>" for text in (here, there)]
    return f"<tr{kind}>{''.join(cells)}</tr>"
