"""Requests that are wrong in one way or another, from a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_from_bytes, urlencode

from .surface import Form, Surface

#: A tag that no page has: where it comes back as a tag, somebody could send another.
TAG = "zq7"
MARKUP = f"\"'><{TAG} onx=1>"
#: The header that would be there if an answer could be split.
INJECTED = "X-Zq7"

#: Values as they stand in an address: text to be escaped, or bytes that no text has.
VALUES: tuple[str | bytes, ...] = (
    *("", " ", "0", "-1", "1", "9" * 30, "9" * 400, "1e309", "NaN", "0x1F", "1_0", "01", "٣", "²"),
    *(
        "\x00",
        "a\x00b",
        "\x7f",
        "\u200b\u202e",
        "\ufeff",
        "\ud800".encode("utf-8", "surrogatepass"),
    ),
    *(
        b"\xff\xfe",
        b"\xc0\xaf",
        b"\xf4\x90\x80\x80",
        b"\xe2\x28\xa1",
        "😀" * 20,
        "İẞ",
        "e\u0301" * 50,
    ),
    *(MARKUP, f"<{TAG}>", f"</title><{TAG}>", f"javascript:<{TAG}>", f"]]><{TAG}/>", f"--><{TAG}>"),
    *("'", '"', "\\", "%", "%%", "%s%n", "'; DROP TABLE x; --", "' OR '1'='1", "$(id)", "`id`"),
    *("{{7*7}}", "${7*7}", "../../../../etc/passwd", "..\\..\\", "file:///etc/passwd"),
    *("//evil.example/", "https://evil.example/", f"x\r\n{INJECTED}: 1\r\n\r\n<{TAG}>"),
    *("a" * 3000, "a b " * 400, "(" * 300, "-" * 300, "*:*", "a AND OR NOT", "[]", "{}", "null"),
    *("true", "2026-13-45", "0000", "9999", "10000", "13", "2026-02-30T25:61", "1,2,3", "pt-BR"),
    *("00000000-0000-0000-0000-000000000000", "eyJhbGciOiJub25lIn0.e30.", "AAAA====", "=&="),
)
NAMES = (
    *("q", "pagina", "ano", "mes", "assunto", "meta", "tipo", "lingua", "limite", "depois", "next"),
    *("format", "callback", "page", "id", "__proto__", "a[b][c]", "x" * 200, "\x00", "é", MARKUP),
)
METHODS = (*("GET",) * 12, *("POST",) * 4, "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE")
ODD_METHODS = (*METHODS, "PROPFIND", "get", "FOO")
#: Headers with values that are wrong, or odd; ``Host`` stands apart.
HEADERS: tuple[tuple[str, str], ...] = (
    *(("Accept-Language", value) for value in (
        "xx-" * 300, ";q=;q=", "pt-BR;q=NaN", "*", "en-\x01", "é", MARKUP, "," * 800, "pt;q=1e9")),
    *(("Accept", value) for value in ("", "*/*;q=2", "application/" + "x" * 500, MARKUP)),
    *(("Accept-Encoding", value) for value in ("gzip;q=x", "br, zstd, *;q=0", "\x01", "," * 500)),
    *(("Range", value) for value in (
        "bytes=-1", "bytes=99999999999999999999-", "bytes=5-1", "bytes=0-,0-,0-", "x=1", "bytes=a-b")),
    *(("If-Modified-Since", value) for value in (
        "yesterday", "Thu, 99 Foo 9999 99:99:99 GMT", "0", "-1", "Mon, 01 Jan 0001 00:00:00 GMT",
        "Sun, 06 Nov 99999999999 08:49:37 GMT", "Wed, 21 Oct 2015 07:28:00 +9999")),
    *(("If-Unmodified-Since", value) for value in ("x", "Sun, 06 Nov 1994 08:49:37 GMT")),
    *(("If-None-Match", value) for value in ("", '"', "W/", "*", '"a", "b', "é", '"' * 900)),
    *(("If-Match", value) for value in ("*", '"x"', MARKUP)),
    *(("Cookie", value) for value in (
        "sessionid=x", "sessionid=\x01; csrftoken=<", "=", ";;;=;", "a" * 3000, "sessionid=" + "é" * 9,
        '$Version=1; sessionid="', "messages=W1tdXQ", "django_language=xx", "wagtail_x=" + MARKUP)),
    *(("Referer", value) for value in ("https://evil.example/", MARKUP, "\x01")),
    *(("Origin", value) for value in ("null", "https://evil.example", MARKUP)),
    *(("User-Agent", value) for value in ("", "x" * 3000, "é", MARKUP)),
    *(("X-Requested-With", value) for value in ("XMLHttpRequest", MARKUP)),
    *(("X-Forwarded-Host", "evil.example"), ("X-Forwarded-For", MARKUP), ("X-Forwarded-Proto", "x")),
    *(("X-HTTP-Method-Override", "DELETE"), ("X-Original-URL", "/admin/"), ("Upgrade", "websocket")),
    *(("Authorization", "Basic ////"), ("Authorization", "Bearer " + "x" * 900), ("Expect", "x")),
    ("Content-Encoding", "gzip"),
)  # fmt: skip
HOSTS = (
    *("evil.example", "localhost.evil.example", "localhost:0", "localhost:99999999", "[::1", ""),
    *("local host", MARKUP, "é.example", "localhost/..", "a" * 300, "127.0.0.1:80:80", "\x01"),
)
BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/json", b'{"a": [[[[[[[[[[1]]]]]]]]]], "q": "\\ud800"}'),
    ("application/json", b"[" * 5000),
    ("application/json", b"\xff\xfe{"),
    ("application/xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
    ("text/xml", b"<a>" * 3000),
    ("application/x-www-form-urlencoded", b"&".join(b"a%d=" % n for n in range(12_000))[:100_000]),
    ("application/x-www-form-urlencoded", b"%ff=%00&q=%ED%A0%80&password=\xff\xfe&return_url=//x"),
    ("application/x-www-form-urlencoded; charset=x", b"q=\xff"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"password=+ADw-"),
    ("multipart/form-data", b"--x\r\n\r\n"),
    ("multipart/form-data; boundary=", b"----"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="password"\r\n'),
    ("multipart/form-data; boundary=x",
     b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../\x00a.php"\r\n'
     b"Content-Transfer-Encoding: base64\r\n\r\n!!!!\r\n--x--\r\n"),
    ("multipart/form-data; boundary=x",
     b'--x\r\nContent-Disposition: form-data; name*=x\'\'%ff\r\n\r\n\xff\r\n--x--\r\n'),
    ("multipart/form-data; boundary=" + "x" * 300, b"x"),
    ("text/plain", bytes(range(256)) * 20),
    ("", b"q=1"),
    ("\x01/\x02", b"x"),
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    method: str
    #: As it is sent: escaped, or not when it should be.
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def __str__(self):
        return f"{self.method} {self.target[:300]!r} {self.headers!r} {self.body[:120]!r}"


def _escaped(value: str | bytes) -> str:
    return quote(value, safe="") if isinstance(value, str) else quote_from_bytes(value, safe="")


class Fuzzer:
    """Requests for what ``surface`` has, without end: the same for the same ``seed``."""

    def __init__(self, surface: Surface, seed: int):
        self.surface = surface
        self.random = random.Random(seed)  # noqa: S311 - not for secrets

    def each_parameter(self) -> Iterator[Request]:
        """Every parameter of every address, and every field of every form, with bad values."""
        for path, parameters in self.surface.parameters.items():
            for name, _value in parameters:
                for value in (MARKUP, "\x00", b"\xff\xfe", self.random.choice(VALUES)):
                    query = f"{_escaped(name)}={_escaped(value)}"
                    yield Request("GET", f"{quote(path)}?{query}")
        for form in self.surface.forms:
            for name, _value in form.fields:
                for value in (MARKUP, "\x00", self.random.choice(VALUES)):
                    yield self._submitted(form, {name: value})

    def any(self) -> Iterator[Request]:
        while True:
            yield self._request()

    def _request(self) -> Request:
        chance = self.random.random()
        if chance < 0.15 and self.surface.forms:
            form = self.random.choice(self.surface.forms)
            names = [name for name, _value in form.fields]
            wrong = self.random.sample(names, min(len(names), self.random.randint(1, 3)))
            return self._submitted(form, {name: self.random.choice(VALUES) for name in wrong})
        method = self.random.choice(ODD_METHODS if chance > 0.9 else METHODS)
        headers = [
            self.random.choice(HEADERS) for _header in range(self.random.choice((0, 0, 1, 3)))
        ]
        if self.random.random() < 0.05:
            headers.append(("Host", self.random.choice(HOSTS)))
        body = b""
        if method not in ("GET", "HEAD", "OPTIONS", "TRACE"):
            kind, body = self.random.choice(BODIES)
            headers.append(("Content-Type", kind))
        return Request(method, self._target(), tuple(headers), body)

    def _target(self) -> str:
        path = self.random.choice(self.surface.paths)
        known = self.surface.parameters[path]
        target = quote(path)
        if self.random.random() < 0.5:
            target = self._twisted(target)
        query = [
            (name, self.random.choice(VALUES))
            for name, _value in known
            if self.random.random() < 0.6
        ]
        for _more in range(self.random.choice((0, 0, 0, 1, 2))):
            query.append((self.random.choice(NAMES), self.random.choice(VALUES)))
        self.random.shuffle(query)
        written = "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in query)
        return f"{target}?{written}" if written else target

    def _twisted(self, path: str) -> str:
        parts = path.split("/")
        value = _escaped(self.random.choice(VALUES))
        match self.random.randrange(8):
            case 0:
                parts[self.random.randrange(len(parts))] = value
            case 1:
                parts.insert(self.random.randrange(1, len(parts) + 1), value)
            case 2:
                parts += [value, ""]
            case 3:
                return path.replace("/", "//")
            case 4:
                return path.rstrip("/") + self.random.choice(
                    (".php", ";x=1", "%20", ".", "~", "%2e")
                )
            case 5:
                return "/" + self.random.choice(("en", "es", "fr", "pt-br", "xx")) + path
            case 6:
                return path + "%2e%2e%2f" * 5 + "etc/passwd"
            case 7:
                return path.upper()
        return "/" + "/".join(parts).lstrip("/")

    def _submitted(self, form: Form, wrong: dict[str, str | bytes]) -> Request:
        written = "&".join(
            f"{_escaped(name)}={_escaped(wrong.get(name, value))}" for name, value in form.fields
        )
        if form.method == "GET":
            return Request("GET", f"{quote(form.action)}?{written}")
        if self.random.random() < 0.2:
            written = urlencode({"x": "y"})
        kind = "application/x-www-form-urlencoded"
        return Request("POST", quote(form.action), (("Content-Type", kind),), written.encode())
