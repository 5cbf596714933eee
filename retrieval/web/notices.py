"""Tells pages that stand in the way of a text from pages that hold one.

A challenge, a wall or an error is told by its structure: what its title says, the machinery it
loads, its forms, and that it holds little text of its own. Long text is never taken for a notice.
Titles and markers are those that the services show in public: Cloudflare, DataDome, hCaptcha,
reCAPTCHA, Imperva, PerimeterX (HUMAN), Akamai, AWS WAF, Sucuri, DDoS-Guard, Anubis.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from retrieval.web.flow import Block

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Notice = Literal["", "challenge", "login", "consent", "error", "empty"]
NOTICES: tuple[Notice, ...] = ("", "challenge", "login", "consent", "error", "empty")

LITTLE = 700
"""Characters of text, links left out, that a challenge, a login or an error has at most."""

WALL = 6_000
"""Characters that a wall of consent has at most: it lists partners and purposes."""

_SPARE = 200
_SCANNED = 500_000
_BUTTONS = "//button | //a[@role='button'] | //input[@type='submit' or @type='button']"

_CHALLENGED = re.compile(
    r"^just a moment|^attention required|^one moment, please|checking your browser"
    r"|^(please )?verify(ing)? (that )?you are|human verification|^are you (a )?(human|robot)"
    r"|robot or human|pardon our interruption|access to this page has been denied|^ddos-guard"
    r"|^making sure you.re not a bot|^security (check|verification)|^captcha\b|^bot verification"
    r"|^client challenge|^please wait\W*$|you have been blocked|sucuri website firewall"
    r"|^un momento|^einen moment|^un instant|^请稍候|^しばらくお待ちください",
    re.IGNORECASE,
)
_MACHINERY = re.compile(
    r"_cf_chl_opt|cf-browser-verification|cf-challenge-running|/cdn-cgi/challenge-platform/h/"
    r"|challenges\.cloudflare\.com/turnstile|captcha-delivery\.com|hcaptcha\.com/(1/)?(api|captcha)"
    r"|recaptcha/(api|enterprise)|px-captcha|_Incapsula_Resource|awswaf\.com|aws-waf-token"
    r"|_sec/cp_challenge|sucuri_cloudproxy|\.anubis/|anubis_challenge|ddos-guard/js-challenge"
    r"|geetest\.com|friendlycaptcha|arkoselabs\.com",
    re.IGNORECASE,
)
_CHALLENGE_WORDS = re.compile(
    r"verify (that )?you('re| are) (a )?(human|not a)|enable javascript and cookies to continue"
    r"|checking (if the site connection|your browser)|unusual traffic"
    r"|complete the (security|captcha)"
    r"|press (and|&) hold|i.m not a robot|prove (that )?you.re (human|not)|not a (ro)?bot",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"\b(log|sign)[ -]?(in|on)\b(?! to (win|save))|^(member |user )?login\b|\blogin\s*([|–—-]|$)"
    r"|^anmelden|^einloggen|^(se )?connexion\b|^iniciar sesi[óo]n|^accedi\b|^entrar\b|^inloggen"
    r"|^logga in|^登录|^登錄|ログイン|^로그인|^вход\b|^войти\b|^zaloguj",
    re.IGNORECASE,
)
_CONSENTED = re.compile(
    r"^before you continue|^bevor sie |^avant de continuer|^antes de (continuar|ir)"
    r"|^prima di contin|^voordat je |your (privacy|consent|data) (choices?|matters?|is important)"
    r"|cookie (consent|wall)"
    r"|^(we value )?your privacy\W*$|^consent\b|^einwilligung|^zustimmung",
    re.IGNORECASE,
)
_COOKIES = re.compile(
    r"cookie|consent|\bprivacy\b|personal(ised|ized)? (data|ad)|partner|einwillig|zustimm"
    r"|datenschutz|consentement|confidentialit|traceur|privacidad|advertis|device identifier",
    re.IGNORECASE,
)
_AGREE = re.compile(
    r"^\W*((i )?(accept|agree|consent)|allow all|got it|ok(ay)?\b|(alle[ns]? )?akzeptieren"
    r"|zustimmen|einverstanden|(tout )?accepter|j.accepte|aceptar|accetta"
    r"|accepteren|godkänn|accept all|agree and|yes,? i)",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"^\W*(http )?(error|status)?\W*\b(40[0134]|410|429|451|50[0234]|52[0-7])\W*"
    r"($|[|:–—-]|not|page|error|forbidden|bad|internal|service|gateway|unauthori|gone|too|access"
    r"|oops|sorry|unavailable|that)"
    r"|\b(page|file|site|content|url|article|resource) ?(was|is|could|can|does)? ?"
    r"(not|n.t|no longer) (be )?(found|available|exist)|^(oops\W+)?(404 )?not found\b"
    r"|^error\W+(40\d|50\d)|^access denied|^forbidden|^service unavailable|^bad gateway"
    r"|^internal server error|^gateway time-?out|^too many requests|^we can.t find"
    r"|^(this )?page (is )?(unavailable|missing)|^unavailable for legal|^nothing found\b"
    r"|seite (wurde )?nicht gefunden|nicht gefunden$|page (introuvable|non trouvée)"
    r"|p[áa]gina n[ãoó]+ (encontrada|existe)|pagina non trovata|pagina niet gevonden"
    r"|страница не найдена|页面(不存在|未找到)|找不到(页面|網頁)|ページが見つかりません",
    re.IGNORECASE,
)
_SCRIPTED = re.compile(
    r"(enable|requires?|need|turn on|without|activate|active[rz]?|aktivier\w*)( to enable)? "
    r"javascript"
    r"|javascript (is|seems to be|must be|to be|has been) \w+|^loading\W*$",
    re.IGNORECASE,
)


def notice(
    root: "HtmlElement", markup: str, url: str, title: str, main: list[Block], every: list[Block]
) -> Notice:
    """Return what a page is instead of a text, "" if it is a page to read.

    `main` are the blocks of its main text and `every` all of its blocks.
    """
    prose = _prose(main)
    headings = [" ".join(block.text.split()) for block in every if block.kind == "heading"]
    names = [name[:_SPARE] for name in (title, *headings[:2])]
    if len(prose) <= LITTLE:
        if _challenge(markup, prose, names):
            return "challenge"
        if _login(root, prose, names):
            return "login"
        if title.lower() == "error" or any(_FAILED.search(name) for name in names):
            return "error"
    if len(prose) <= WALL and _consent(root, url, names, every):
        return "consent"
    if not any(block.text.strip() for block in main):
        return "empty"
    return "empty" if len(prose) <= _SPARE and _SCRIPTED.search(prose) else ""


def _prose(blocks: Iterable[Block]) -> str:
    """Return the text outside of links."""
    pieces = ("".join(p.text for p in block.pieces if not p.anchor) for block in blocks)
    return " ".join(" ".join(pieces).split())


def _challenge(markup: str, prose: str, names: list[str]) -> bool:
    """Whether a page wants to know first whether a person is there."""
    if any(_CHALLENGED.search(name) for name in names):
        return True
    found = _MACHINERY.search(markup, 0, _SCANNED)
    return bool(found) and (len(prose) <= _SPARE or bool(_CHALLENGE_WORDS.search(prose)))


def _login(root: "HtmlElement", prose: str, names: list[str]) -> bool:
    """Whether a page asks who is there, by a password, or by a first step without one."""
    secret = root.xpath("//input[@type='password']")
    asked = root.xpath("//form//input[@type='email' or @type='text' or @type='tel']")
    if any(_LOGIN.search(name) for name in names) and (secret or asked):
        return True
    return bool(secret) and len(prose) <= _SPARE


def _consent(root: "HtmlElement", url: str, names: list[str], every: list[Block]) -> bool:
    """Whether a page is a wall of cookies: text of hardly anything else, and a button to agree."""
    texts = [block.text for block in every if not block.aside]
    whole = sum(map(len, texts))
    if whole > WALL:
        return False
    about = sum(len(text) for text in texts if _COOKIES.search(text))
    buttons = root.xpath(
        "//button | //a[@role='button'] | //input[@type='submit' or @type='button']"
    )
    agreed = any(_AGREE.search(button.get("value") or _words(button)) for button in buttons)
    host = urlsplit(url).hostname or ""
    named = any(_CONSENTED.search(name) for name in names) or host.startswith(("consent.", "guce."))
    return agreed and (named or about > 0.6 * whole > 0)


def _words(element: "HtmlElement") -> str:
    return " ".join("".join(element.itertext()).split())
