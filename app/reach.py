"""Where a question is looked up: the user's choice first, else what the question itself says."""

import re
from collections.abc import Sequence
from typing import Literal

from agents.asked import Reach
from agents.looking import addresses
from retrieval.errors import UserError

_OWN = re.compile(
    r"\b(my|our) (own )?(documents?|notes?|files?|library|papers?|contracts?|reports?)\b"
    r"|\bin the (library|documents)\b|我(们)?的(文档|文件|笔记|资料)|(文档|资料)库",
    re.IGNORECASE,
)
_NEWS = re.compile(
    r"\b(today|yesterday|tonight|latest|newest|currently|right now|this (week|month|year)"
    r"|news|weather|online|on the (web|internet)|website|web ?page)\b"
    r"|今天|昨天|今年|最新|目前|新闻|天气|网上|网站|网页",
    re.IGNORECASE,
)

Wish = Reach | Literal["auto"]


def wish(said: Wish | None, usual: Wish, narrow: bool, bound: bool = False) -> Wish:
    """Return what a call wants: what it says itself, else the setting `web.sources` (`usual`).

    That setting is for questions to everything: one that is `narrow` is not sent out by it. `bound`
    calls come from programs, whose wishes never go beyond the setting. Raises `UserError` for one
    that would.
    """
    if not said:
        return "auto" if narrow else usual
    if bound and usual == "library" and said != "library":
        if said != "auto":
            raise UserError(
                f"the sources {said!r} are not open to programs: questions stay in the library",
                origin="web.sources",
                cure="ask the library, or have the owner run: vouch config set web.sources auto",
            )
        return "library"
    return said


def reach(question: str, wish: Wish, web: bool, library: bool, narrow: bool = False) -> Reach:
    """Return where to look. `web`: search engines are set; `library`: it holds something; `narrow`:
    the question is kept to collections, sources or tags of the library, and so to the library.

    What names the user's own documents stays in the library; what names an address or asks for news
    goes to the web as well; any other question goes to the library, and to the web where that is
    open too. Raises `UserError` if the web is wanted and shut.
    """
    if wish in ("web", "both") and not web:
        raise UserError(
            "the web is shut: no search engine is set, or the web is switched off",
            origin="web.search and web.offline",
            cure="name some, as in: vouch config set web.search wikipedia,duckduckgo, "
            "and leave out --offline",
        )
    if wish != "auto":
        return wish
    if narrow or not web:
        return "library"
    if not library:
        return "web"
    outward = bool(addresses(question) or _NEWS.search(question))
    return "library" if _OWN.search(question) and not outward else "both"


def allowing(private: Sequence[str], authority: str) -> str:
    """Return the command that lists one more host of a private network beside those that are."""
    return f"if it is yours: vouch config set web.private {','.join([*private, authority])}"
