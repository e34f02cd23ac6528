"""Whether links to what this site has lead there: exactly, and in few queries.

Pages, documents and images are looked up by their keys, all of a kind at once. An address that
somebody wrote out may lead to anything that the site answers (a year of the archive, a feed, a
redirect, a file), so the site itself is asked for it, within this process.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import HttpResponse
from django.http.request import validate_host
from django.utils import timezone, translation
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import CollectionViewRestriction, Page

from pages.invented_visit import invented_visit
from pages.visibility import published_q

from ..models import Link, Problem

#: Links looked up at a time.
BATCH_SIZE = 500
#: Redirects followed; browsers give up at 20 (https://fetch.spec.whatwg.org/#http-redirect-fetch).
MAX_REDIRECTS = 10


# What is chosen from the site ---------------------------------------------------------------


def check_chosen(links: Iterable[Link]) -> None:
    """Check links to pages, documents and images. Others among ``links`` are left alone."""
    by_kind = defaultdict(list)
    for link in links:
        by_kind[link.kind].append(link)
    for kind, problems_of in (
        (Link.Kind.PAGE, _page_problems),
        (Link.Kind.DOCUMENT, _document_problems),
        (Link.Kind.IMAGE, _image_problems),
    ):
        for start in range(0, len(by_kind[kind]), BATCH_SIZE):
            batch = by_kind[kind][start : start + BATCH_SIZE]
            problems = problems_of({link.target for link in batch})
            now = timezone.now()
            for link in batch:
                link.found(problems.get(link.target, ""), None, now)
            Link.objects.bulk_update(batch, Link.CHECKED_FIELDS)


def check_links_to(page_pk: int) -> None:
    """Check the links that lead to a page, which was published, withdrawn or deleted just now."""
    check_chosen(Link.objects.filter(kind=Link.Kind.PAGE, target=page_pk))


def _page_problems(keys: set[int]) -> dict[int, str]:
    is_live = dict(Page.objects.filter(pk__in=keys).values_list("pk", "live"))
    public = set(Page.objects.filter(published_q(), pk__in=keys).values_list("pk", flat=True))
    problems = {}
    for key in keys - public:
        if key not in is_live:
            problems[key] = Problem.DELETED_PAGE
        else:
            problems[key] = Problem.PRIVATE if is_live[key] else Problem.UNPUBLISHED
    return problems


def _document_problems(keys: set[int]) -> dict[int, str]:
    paths = dict(
        get_document_model().objects.filter(pk__in=keys).values_list("pk", "collection__path")
    )
    closed = tuple(
        CollectionViewRestriction.objects.values_list("collection__path", flat=True).distinct()
    )
    return {
        key: Problem.PRIVATE if key in paths else Problem.DELETED_DOCUMENT
        for key in keys
        if key not in paths or (closed and paths[key].startswith(closed))
    }


def _image_problems(keys: set[int]) -> dict[int, str]:
    there = set(get_image_model().objects.filter(pk__in=keys).values_list("pk", flat=True))
    return dict.fromkeys(keys - there, Problem.DELETED_IMAGE)


# What is written out -----------------------------------------------------------------------


class _Parts(HTMLParser):
    """The ids of a document: what a fragment may lead to."""

    def __init__(self):
        super().__init__()
        self.ids: set[str] = set()

    def handle_starttag(self, tag, attributes):
        self.ids |= {value for name, value in attributes if value and name in ("id", "name")}


@dataclass
class Answer:
    """What the site answers at a path."""

    problem: str = ""
    status: int | None = None
    parts: set[str] = field(default_factory=set)


class SiteItself:
    """Asks the site for paths as an anonymous visitor would, through all its middleware."""

    def __init__(self):
        host = urlsplit(settings.SITE_URL).hostname or ""
        if not validate_host(host, settings.ALLOWED_HOSTS):
            raise ImproperlyConfigured("ALLOWED_HOSTS does not have the host of SITE_URL.")
        self._handler = BaseHandler()
        self._handler.load_middleware()
        self._answers: dict[str, Answer] = {}

    def answer(self, path: str) -> Answer:
        """What is at ``path``, which may have a query. Each path is asked for once."""
        if path not in self._answers:
            self._answers[path] = self._ask(path)
        return self._answers[path]

    def _ask(self, path: str) -> Answer:
        for _hop in range(MAX_REDIRECTS + 1):
            bare = unquote(urlsplit(path).path)
            for prefix, is_there in (
                (settings.MEDIA_URL, default_storage.exists),
                (settings.STATIC_URL, _is_static_file),
            ):
                # The proxy and WhiteNoise answer these before Django does.
                if bare.startswith(prefix):
                    name = bare.removeprefix(prefix)
                    return Answer("" if name and is_there(name) else Problem.NO_SUCH_PATH)
            request = self._request(path)
            with translation.override(settings.LANGUAGE_CODE):
                response = self._handler.get_response(request)
            try:
                if response.status_code in (301, 302, 303, 307, 308):
                    there = urljoin(request.build_absolute_uri(), response.headers["Location"])
                    if self._is_private(request):
                        return Answer(Problem.PRIVATE)
                    if urlsplit(there).netloc != urlsplit(request.build_absolute_uri()).netloc:
                        # A redirect that editors made to another site: no path of this one.
                        return Answer()
                    path = urlsplit(there)._replace(scheme="", netloc="", fragment="").geturl()
                    continue
                return self._read(request, response)
            finally:
                _release(response)
        return Answer(Problem.OWN_ERROR)

    def _read(self, request: WSGIRequest, response: HttpResponse) -> Answer:
        status = response.status_code
        if status >= 500:
            return Answer(Problem.OWN_ERROR, status)
        if status in (401, 403) or self._is_private(request):
            return Answer(Problem.PRIVATE, status if status >= 400 else None)
        if status >= 400:
            return Answer(Problem.NO_SUCH_PATH, status)
        parts = _Parts()
        if not response.streaming and response.headers.get("Content-Type", "").startswith(
            "text/html"
        ):
            parts.feed(response.content.decode(response.charset))
        return Answer(parts=parts.ids)

    @staticmethod
    def _is_private(request: WSGIRequest) -> bool:
        """Whether a page was found there that asks who wants to see it."""
        route = getattr(request, "_wagtail_route_for_request", None)
        if route is None:
            return False
        return not Page.objects.filter(published_q(), pk=route.page.pk).exists()

    @staticmethod
    def _request(path: str) -> WSGIRequest:
        site = urlsplit(settings.SITE_URL)
        parts = urlsplit(path)
        path_info = unquote(parts.path).encode().decode("latin-1")
        environ = invented_visit(site.scheme, site.netloc, path_info, parts.query)
        return WSGIRequest({**environ, "REMOTE_ADDR": "127.0.0.1"})


def _release(response: HttpResponse) -> None:
    """Close the files of a response without giving up the database connection, which is ours.

    As Django's own test client does; what closes a response ends a request.
    """
    request_finished.disconnect(close_old_connections)
    try:
        response.close()
    finally:
        request_finished.connect(close_old_connections)


def _is_static_file(name: str) -> bool:
    return staticfiles_storage.exists(name) or bool(finders.find(name))


def _leads_to_part(fragment: str, parts: set[str]) -> bool:
    """Whether a fragment leads somewhere in a document with these ids (HTML, 7.4.6.4).

    What follows ``:~:`` is words to be shown, which lead to the top when they are not found.
    """
    part = fragment.partition(":~:")[0]
    return part.lower() in ("", "top") or bool({part, unquote(part)} & parts)


def check_written(links: Sequence[Link], site: SiteItself) -> None:
    """Check paths of this site, and parts of pages, by asking the site for them."""
    with_page = {link.target for link in links if link.target}
    pages = Page.objects.in_bulk(with_page) if with_page else {}
    for link in links:
        if link.target:
            page = pages.get(link.target)
            path, part = (page.get_url() if page else ""), link.address.removeprefix("#")
        else:
            path, _hash, part = link.address.partition("#")
        where = urlsplit(path or "")
        path = where._replace(scheme="", netloc="").geturl()
        answer = site.answer(path) if path else Answer(Problem.NO_SUCH_PATH)
        problem, status = answer.problem, answer.status
        if not problem and answer.parts and not _leads_to_part(part, answer.parts):
            problem = Problem.NO_SUCH_PART
        link.found(problem, status, timezone.now())
        link.save(update_fields=Link.CHECKED_FIELDS)
