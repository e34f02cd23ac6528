"""A page as it is kept: compressed already, and with the headers of its answers."""

import gzip
import json
import struct
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from hashlib import blake2b

import brotli
import zstandard
from django.utils.http import http_date, parse_http_date_safe

#: Levels at which a page is compressed once for many readers; some milliseconds each.
GZIP_LEVEL, BROTLI_QUALITY, ZSTD_LEVEL = 7, 5, 12
IDENTITY = "identity"
#: Best first, for who takes several alike. Brotli's built-in words make HTML the smallest.
CODINGS = ("br", "zstd", "gzip")
#: Browsers ask each time whether their copy is still good. What many share, a proxy or a CDN, may
#: be a second old, and answers with an older copy while it asks, or when the site does not answer
#: (RFC 9111, 5.2.2.10; RFC 5861).
CACHE_CONTROL = "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"
#: The seconds in its end, for which an older copy stands in for what nobody answers.
STALE_IF_ERROR = 86400
#: Said of a copy that may be old (RFC 9211).
CACHE_NAME = "jundiai"
#: Headers about the body sent, which an answer without one does not bear (RFC 9110, 15.4.5).
OF_THE_BODY = {"content-type", "content-encoding", "content-length"}
#: Headers of a drawn page that are made anew for what is kept, or name the one request it was for.
MADE_ANEW = {
    *("cache-control", "content-encoding", "content-length", "date", "etag", "expires"),
    *("last-modified", "set-cookie", "vary", "x-request-id"),
}
#: Seconds by which the clock of another process or machine may be ahead.
CLOCKS_DIFFER = 5
#: Size of an entry in memory besides its bodies, in bytes; a rough measure.
OVERHEAD = 4096


def compress(body: bytes) -> dict[str, bytes]:
    """``body`` in each coding in which it is smaller. It must hold no secret (BREACH)."""
    bodies = {
        "br": brotli.compress(body, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY),
        "zstd": zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body),
        "gzip": gzip.compress(body, GZIP_LEVEL, mtime=0),
    }
    smaller = {coding: made for coding, made in bodies.items() if len(made) < len(body)}
    return {IDENTITY: body, **smaller}


def _weight(text: str) -> float:
    try:
        return max(0.0, min(1.0, float(text)))
    except ValueError:
        return 0.0


@lru_cache(maxsize=512)
def accepted(header: str) -> tuple[str, ...]:
    """The codings of a header ``Accept-Encoding``, the most wanted first (RFC 9110, 12.5.3).

    Where nothing at all is taken the answer is the page as it is, as the RFC advises.
    """
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _equals, value = parameter.partition("=")
            if key.strip() == "q":
                weight = _weight(value.strip())
        if name:
            weights["gzip" if name == "x-gzip" else name] = weight
    others = weights.get("*", 0.0)
    wanted = {coding: weights.get(coding, others) for coding in CODINGS}
    plain = weights.get(IDENTITY, weights.get("*"))
    # Not named, it is taken, but any coding that is named is better.
    wanted[IDENTITY] = 0.0001 if plain is None else plain
    ranked = sorted(wanted, key=lambda coding: -wanted[coding])
    return (*(coding for coding in ranked if wanted[coding] > 0), IDENTITY)


def is_named(etag: str, header: str) -> bool:
    """Whether ``If-None-Match`` names ``etag``, by the weak comparison (RFC 9110, 13.1.2)."""
    if header == etag or header.strip() == "*":
        return True
    return any(tag.strip().removeprefix("W/") == etag for tag in header.split(","))


@dataclass(frozen=True)
class Terms:
    """For how long a page may be shown. Moments are seconds since 1970."""

    #: The stamp under which it was drawn, and the source that drew it.
    version: int
    release: str
    made: float
    #: Until when it shows what a new drawing would, as long as the stamp stays.
    fresh_until: float
    #: Until when it may stand in for a new drawing that cannot be had.
    usable_until: float
    #: From when its content counts as changed: of ``version``, or of something that began since.
    changed: float
    #: The id of the page and its place in the tree; None and empty for what is no page.
    page: int | None = None
    url_path: str = ""
    #: Whether the site itself has links to the address, with the query that it has.
    is_linked: bool = False


@dataclass(frozen=True)
class Answer:
    status: str
    headers: list[tuple[str, str]]
    body: bytes


def _until(answer: Answer, seconds: int) -> Answer:
    """``answer``, which caches of others may show for ``seconds`` only while nobody answers."""
    control = CACHE_CONTROL.replace(f"={STALE_IF_ERROR}", f"={seconds}")
    headers = [
        (name, control if name == "Cache-Control" else value) for name, value in answer.headers
    ]
    return Answer(answer.status, headers, answer.body)


@dataclass(frozen=True)
class Entry:
    terms: Terms
    #: As they were drawn, without those that are made anew here.
    headers: tuple[tuple[str, str], ...]
    bodies: dict[str, bytes] = field(repr=False)

    @classmethod
    def of(cls, terms: Terms, headers: list[tuple[str, str]], body: bytes) -> "Entry":
        kept = tuple((name, value) for name, value in headers if name.lower() not in MADE_ANEW)
        return cls(terms, kept, compress(body))

    @cached_property
    def size(self) -> int:
        return sum(map(len, self.bodies.values())) + OVERHEAD

    def is_fresh(self, version: int, release: str, now: float) -> bool:
        """Not what was drawn in the future: the clock was wrong then, and so is ``fresh_until``."""
        terms = self.terms
        return (
            terms.version == version
            and terms.made - CLOCKS_DIFFER <= now < terms.fresh_until
            and terms.release == release
        )

    # Answers ------------------------------------------------------------------------------

    @cached_property
    def _hash(self) -> str:
        return blake2b(self.bodies[IDENTITY], digest_size=12).hexdigest()

    @cached_property
    def last_modified(self) -> int:
        """When the page changed, in whole seconds since 1970; see ``answer``.

        It is two seconds late, and not told before. A page drawn just before a change may be shown
        for some tenths of a second after it: so it never bears the time of the page that follows
        it, and the time is good for comparisons although it has whole seconds (RFC 9110, 8.8.2.2).
        It follows from the stamp, so all processes tell the same; and all machines, but for a page
        that is older than their source, whose files have dates of their own on each.
        """
        return int(self.terms.changed) + 2

    @cached_property
    def _last_modified(self) -> str:
        return http_date(self.last_modified)

    def coding(self, accept_encoding: str) -> str:
        return next(coding for coding in accepted(accept_encoding) if coding in self.bodies)

    def etag(self, coding: str) -> str:
        """Strong: another for each coding (RFC 9110, 8.8.3)."""
        return f'"{self._hash}"' if coding == IDENTITY else f'"{self._hash}-{coding}"'

    @cached_property
    def _answers(self) -> dict[tuple[str, bool], tuple[str, Answer, Answer]]:
        """By coding and whether the last change is told: the ETag, the page, and "not modified"."""
        made = {}
        for coding, body in self.bodies.items():
            etag = self.etag(coding)
            for is_told in (False, True):
                headers = [
                    *self.headers,
                    ("Cache-Control", CACHE_CONTROL),
                    ("Vary", "Accept-Encoding"),
                    ("ETag", etag),
                ]
                if is_told:
                    headers.append(("Last-Modified", self._last_modified))
                short = [pair for pair in headers if pair[0].lower() not in OF_THE_BODY]
                if coding != IDENTITY:
                    headers.append(("Content-Encoding", coding))
                headers.append(("Content-Length", str(len(body))))
                made[coding, is_told] = (
                    etag,
                    Answer("200 OK", headers, body),
                    Answer("304 Not Modified", short, b""),
                )
        return made

    def answer(self, environ: dict, now: float) -> Answer:
        """What is answered to a GET or HEAD: the page, or that the asker's copy is still good."""
        answer = self._answer(environ, now)
        left = int(self.terms.usable_until - now) - 1  # the second of `s-maxage` comes before
        return answer if left >= STALE_IF_ERROR else _until(answer, max(left, 0))

    def _answer(self, environ: dict, now: float) -> Answer:
        asked = environ.get
        is_told = now >= self.last_modified
        coding = self.coding(asked("HTTP_ACCEPT_ENCODING", ""))
        etag, page, not_modified = self._answers[coding, is_told]
        if (tags := asked("HTTP_IF_NONE_MATCH")) is not None:
            return not_modified if is_named(etag, tags) else page
        if is_told and (since := asked("HTTP_IF_MODIFIED_SINCE")) is not None:
            moment = parse_http_date_safe(since)
            if moment is not None and moment >= self.last_modified:
                return not_modified
        return page

    def stale_answer(self, environ: dict, now: float, why: str) -> Answer:
        """The same, saying how old it is and ``why`` there is none that is newer."""
        answer = self.answer(environ, now)
        age = max(0, int(now - self.terms.made))
        expired = max(0, int(now - self.terms.fresh_until))
        note = f'{CACHE_NAME}; hit; ttl=-{expired}; detail="{why}"'
        headers = [*answer.headers, ("Age", str(age)), ("Cache-Status", note)]
        return Answer(answer.status, headers, answer.body)

    # As bytes -----------------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        sizes = {coding: len(body) for coding, body in self.bodies.items()}
        head = json.dumps(
            {"terms": asdict(self.terms), "headers": self.headers, "sizes": sizes}
        ).encode()
        text = struct.pack(">I", len(head)) + head + b"".join(self.bodies.values())
        return blake2b(text, digest_size=16).digest() + text

    @classmethod
    def from_bytes(cls, data: bytes) -> "Entry":
        """Raises ``ValueError`` where anything is missing or damaged."""
        digest, text = data[:16], data[16:]
        if blake2b(text, digest_size=16).digest() != digest:
            raise ValueError("The entry is damaged.")
        try:
            (length,) = struct.unpack_from(">I", text)
            head = json.loads(text[4 : 4 + length])
            terms = Terms(**head["terms"])
            bodies, position = {}, 4 + length
            for coding, size in head["sizes"].items():
                bodies[coding] = text[position : position + size]
                position += size
        except (struct.error, KeyError, TypeError) as error:
            raise ValueError("The entry is of another kind.") from error
        return cls(terms, tuple((name, value) for name, value in head["headers"]), bodies)
