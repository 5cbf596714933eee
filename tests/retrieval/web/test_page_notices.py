"""Pages that stand in the way of a text are told apart, and real articles never taken for one.

The pages are written for these tests after what the services show in public.
"""

import gzip
import json
from pathlib import Path

import pytest

from retrieval.web.page import read_page

SCRIPT = "<script src='{}'></script>"
ARTICLE = (
    "<p>" + "The council met on Monday and talked about the new bridge for hours. " * 20 + "</p>"
)
CHROME = "<nav>" + "".join(f"<a href='/{n}'>Part {n} of the site</a>" for n in range(40)) + "</nav>"
FORM = "<form action='/in'><input type='text' name='u'>{}<button>Continue</button></form>"
SECRET = "<input type='password' name='p'>"

PAGES = {
    "challenge": [
        ("Just a moment...", "<noscript>Enable JavaScript and cookies to continue</noscript>"),
        ("Attention Required! | Cloudflare", "<h1>Sorry, you have been blocked</h1><p>You are "
         "unable to access example.com</p><h2>Why have I been blocked?</h2><p>This website is "
         "using a security service to protect itself from online attacks.</p>"),
        ("example.com", "<p>Please enable JS and disable any ad blocker</p>"
         + SCRIPT.format("https://ct.captcha-delivery.com/c.js")),
        ("One more step", "<p>Please complete the security check to access the site.</p>"
         "<div class='h-captcha'></div>" + SCRIPT.format("https://js.hcaptcha.com/1/api.js")),
        ("Access to this page has been denied.", "<p>Press & Hold to confirm you are a human "
         "(and not a bot).</p><div id='px-captcha'></div>"),
        ("Pardon Our Interruption", "<p>As you were browsing something about your browser made us "
         "think you were a bot.</p>"),
        ("", "<h1>Our systems have detected unusual traffic from your computer network.</h1>"
         "<form id='captcha-form'></form>"
         + SCRIPT.format("https://www.google.com/recaptcha/api.js")),
        ("Making sure you&#39;re not a bot!", "<p>Loading...</p>"),
        ("Robot or human?", "<p>Activate and hold the button to confirm that you're human.</p>"),
    ],
    "login": [
        ("Log in to Example", FORM.format(SECRET)),
        ("Sign in - Accounts", "<h1>Sign in</h1>" + FORM.format("") + "<p>Forgot email?</p>"),
        ("Example Wiki", f"{CHROME}<h1>Welcome</h1>{FORM.format(SECRET)}<p>New here? Join us.</p>"),
        ("Anmelden | Beispiel", CHROME + FORM.format(SECRET)),
    ],
    "consent": [
        ("Before you continue to Search", "<p>We use cookies and data to deliver and maintain "
         "services and show personalised ads.</p><p>If you choose to accept all, we will also use "
         "cookies and data to develop new services.</p><button>Reject all</button>"
         "<button>Accept all</button>"),
        ("Example", "<h2>We value your privacy</h2><p>We and our 812 partners store and access "
         "personal data, like cookies, on your device.</p><p>You may withdraw your consent at any "
         "time.</p><button>I agree</button>"),
        ("Beispiel", "<p>Mit Werbung und Cookies lesen: ich stimme der Verarbeitung durch Partner "
         "zu, Datenschutz und Einwilligung kann ich ändern.</p><button>Alle akzeptieren</button>"),
    ],
    "error": [
        ("404 Not Found", "<center><h1>404 Not Found</h1></center><hr><center>nginx</center>"),
        ("Page not found | Example", f"{CHROME}<p>Sorry, we can't find what you look for.</p>"),
        ("Example", f"{CHROME}<h1>This page isn't available</h1><p>The link may be broken.</p>"),
        ("403 Forbidden", "<h1>Forbidden</h1><p>You don't have permission to access this.</p>"),
        ("Error 503: Service unavailable", "<p>Try again later.</p>"),
        ("Access Denied", "<h1>Access Denied</h1><p>Reference #18.9c2</p>"),
        ("Seite nicht gefunden", "<p>Leider gibt es diese Seite nicht mehr.</p>"),
    ],
    "empty": [
        ("App", "<div id='root'></div><noscript>You need to enable JavaScript to run this app."
         "</noscript>"),
        ("App", "<div id='app'></div>"),
        ("App", "<p>Loading...</p>"),
    ],
    "": [
        ("Just a moment: how a glance changed my life", ARTICLE * 2),
        ("404 Media raises money", ARTICLE),
        ("Page not found: the vanishing web", ARTICLE),
        ("How sites sign in their users", ARTICLE + FORM.format(SECRET)),
        ("What is a cookie?", "<p>A cookie is a small text that a site leaves in a browser.</p>"
         "<p>It may keep what is in a basket, and sites must ask for consent in Europe.</p>"),
        ("The bridge", CHROME + ARTICLE + FORM.format(SECRET)
         + SCRIPT.format("/cdn-cgi/challenge-platform/h/b/scripts/jsd/main.js")),
        ("The bridge", ARTICLE + "<div><p>We use cookies.</p><button>Accept all</button></div>"),
        ("Short", "<p>The capital of France is Paris.</p>"),
        ("500 years of printing", "<p>It began in Mainz, as everybody knows.</p>"),
        ("Contact", "<h1>Contact</h1><form><input type='email'><textarea></textarea></form>"
         "<p>Write to us.</p>" + SCRIPT.format("https://www.google.com/x.js")),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("told", "title", "body"),
    [(told, title, body) for told, pages in PAGES.items() for title, body in pages],
)
def test_pages_in_the_way_are_told_apart_and_hold_no_text(told: str, title: str, body: str) -> None:
    markup = f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>"
    page = read_page(markup.encode(), "https://site.example/some/page", "text/html", "utf-8")
    assert page.notice == told
    assert bool(page.document.text) == (not told)
    assert not told or not page.document.links


def articles(shared_data: Path) -> list[tuple[str, str, bytes]]:
    folder = shared_data / "article_extraction"
    if not folder.is_dir():
        pytest.skip("article_extraction is not among the public data sets beside this checkout")
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    return [
        (name, truth[name]["url"], gzip.decompress((folder / f"html/{name}.html.gz").read_bytes()))
        for name in sorted(truth)
    ]


def taken(found: list[tuple[str, str, bytes]]) -> list[str]:
    return [name for name, url, data in found if read_page(data, url, "text/html", "").notice]


def test_no_article_is_taken_for_a_notice(shared_data: Path) -> None:
    assert not taken(articles(shared_data)[::8])


@pytest.mark.prove
def test_none_of_all_articles_is_taken_for_a_notice(shared_data: Path) -> None:
    found = articles(shared_data)
    assert len(found) == 181 and not taken(found)


@pytest.mark.prove
def test_no_page_of_documentation_is_taken_for_a_notice() -> None:
    folder = Path("/usr/share/doc/python3.11/html")
    if not folder.is_dir():
        pytest.skip("python3-doc is not installed here")
    pages = sorted(folder.rglob("*.html"))
    found = {
        path.name: read_page(path.read_bytes(), f"http://doc.example/{path.name}", "text/html", "")
        for path in pages
    }
    assert {name: page.notice for name, page in found.items() if page.notice} == {}
