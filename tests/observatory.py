"""The score that Mozilla's HTTP Observatory gives to a site, by its published rules.

https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring, as its scanner applies them
(https://github.com/mdn/mdn-http-observatory). What this site might do is told apart; whatever else
the rules know counts as the worst that they have for it.
"""

from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup

BASE = 100
#: Bonuses count only from here on.
EXTRA_CREDIT_FROM = 90
SIX_MONTHS = 15_768_000
_BROAD = {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
_PRIVATE_REFERRERS = {
    *("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"),
}


def policy(header: str) -> dict[str, set[str]]:
    """The directives of a Content-Security-Policy with their sources."""
    directives = (part.split() for part in header.split(";") if part.strip())
    return {name.lower(): set(sources) for name, *sources in directives}


def content_security_policy(headers: Mapping[str, str]) -> int:
    csp = policy(headers.get("Content-Security-Policy", ""))
    if not csp:
        return -25
    default = csp.get("default-src", {"*"})
    script, style = csp.get("script-src", default), csp.get("style-src", default)
    objects = csp.get("object-src", default)
    if script & {*_BROAD, "'unsafe-inline'", "data:"} or objects & _BROAD:
        return -20
    if any(source.startswith(("http:", "ftp:")) for sources in csp.values() for source in sources):
        return -20
    if "'unsafe-eval'" in script | style:
        return -10
    if style & {*_BROAD, "'unsafe-inline'", "data:"}:
        return 0
    return 10 if default == {"'none'"} else 5


def framing(headers: Mapping[str, str]) -> int:
    ancestors = policy(headers.get("Content-Security-Policy", "")).get("frame-ancestors", {"*"})
    if not ancestors & _BROAD:
        return 5
    return 0 if headers.get("X-Frame-Options", "").upper() in ("DENY", "SAMEORIGIN") else -20


def transport_security(headers: Mapping[str, str]) -> int:
    """Without the bonus of being on the browsers' list, which no header gives."""
    for part in headers.get("Strict-Transport-Security", "").lower().split(";"):
        name, _, value = part.strip().partition("=")
        if name == "max-age" and value.isdigit():
            return 0 if int(value) >= SIX_MONTHS else -10
    return -20


def referrer_policy(headers: Mapping[str, str]) -> int:
    value = headers.get("Referrer-Policy")
    if value is None:
        return 0
    return 5 if value.split(",")[-1].strip() in _PRIVATE_REFERRERS else -5


def content_types(headers: Mapping[str, str]) -> int:
    return 0 if headers.get("X-Content-Type-Options", "").lower() == "nosniff" else -5


def resource_policy(headers: Mapping[str, str]) -> int:
    value = headers.get("Cross-Origin-Resource-Policy")
    if value is None or value == "cross-origin":
        return 0
    return 10 if value in ("same-origin", "same-site") else -5


def sharing(headers: Mapping[str, str]) -> int:
    allowed = headers.get("Access-Control-Allow-Origin")
    return -50 if allowed and "Access-Control-Allow-Credentials" in headers else 0


def cookies(set_cookies) -> int:
    if not set_cookies:
        return 0
    good = all(each["secure"] and each["httponly"] and each["samesite"] for each in set_cookies)
    return 5 if good else -40


def scripts(html: bytes, url: str) -> int:
    found = BeautifulSoup(html, "html.parser").select("script[src]")
    foreign = [
        script
        for script in found
        if urlsplit(urljoin(url, script["src"])).netloc != urlsplit(url).netloc
    ]
    if foreign:
        return -50
    return 5 if found and all(script.get("integrity") for script in found) else 0


def redirection(insecure, url: str) -> int:
    """By the answer at the address without TLS."""
    target = insecure.headers.get("Location", "")
    if insecure.status_code not in (301, 302, 307, 308) or not target.startswith("https:"):
        return -20
    return 0 if urlsplit(target).netloc == urlsplit(url).netloc else -5


def modifiers(response, insecure, url: str) -> dict[str, int]:
    """What each test adds or takes, for the answers at ``url`` and at the same without TLS."""
    headers = response.headers
    return {
        "content-security-policy": content_security_policy(headers),
        "cookies": cookies(response.cookies.values()),
        "cross-origin-resource-policy": resource_policy(headers),
        "cross-origin-resource-sharing": sharing(headers),
        "redirection": redirection(insecure, url),
        "referrer-policy": referrer_policy(headers),
        "strict-transport-security": transport_security(headers),
        "subresource-integrity": scripts(response.content, url),
        "x-content-type-options": content_types(headers),
        "x-frame-options": framing(headers),
    }


def score(given: Mapping[str, int]) -> int:
    """Penalties first; bonuses only for who has an A without them."""
    basic = BASE + sum(value for value in given.values() if value < 0)
    bonus = sum(value for value in given.values() if value > 0)
    return max(basic + bonus if basic >= EXTRA_CREDIT_FROM else basic, 0)
