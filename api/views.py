import hashlib
import json
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from news.models import ArchiveMonth, NewsCategory
from pages.in_force import current_election
from pages.languages import html_language
from pages.limits import seconds_to_wait
from pages.models import SiteIdentity

from . import openapi as openapi_document
from . import spreadsheet
from .fields import Answer, described
from .parameters import LANGUAGE, MAX_LIMIT, ParameterError, read_parameters
from .resources import CSV_PARAMETERS, NEWS, RESOURCES, Resource

#: For how long an answer may be kept without asking again, in seconds.
MAX_AGE = 60
CSV_TYPE = "text/csv; charset=utf-8"


# Answers --------------------------------------------------------------------------------------


def _etag(state: str) -> str:
    return f'"{hashlib.blake2b(state.encode(), digest_size=16).hexdigest()}"'


def _with_validator(request, etag: str, make: Callable[[], HttpResponse]) -> HttpResponse:
    response = get_conditional_response(request, etag=etag) or make()
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    return response


def _json(request, data) -> HttpResponse:
    text = json.dumps(data, ensure_ascii=False)
    return _with_validator(
        request, _etag(text), lambda: HttpResponse(text, content_type="application/json")
    )


def _error(status: int, message: str, **headers: str) -> HttpResponse:
    text = json.dumps({"erro": message}, ensure_ascii=False)
    response = HttpResponse(text, content_type="application/json", status=status)
    for name, value in {"Cache-Control": "no-store", **headers}.items():
        response.headers[name.replace("_", "-")] = value
    return response


def open_data(kind: str = "json"):
    """A view of open data: read only, for anyone and any site, so many times a minute."""

    def decorate(view):
        def answer(request, *args, **kwargs) -> HttpResponse:
            if request.method not in ("GET", "HEAD"):
                return _error(405, gettext("Estes dados são só para leitura."), Allow="GET, HEAD")
            wait = seconds_to_wait(request, kind, settings.API_REQUESTS_PER_MINUTE[kind])
            if wait:
                message = gettext("Pedidos demais. Tente de novo em %(seconds)d segundos.")
                return _error(429, message % {"seconds": wait}, Retry_After=str(wait))
            try:
                return view(request, *args, **kwargs)
            except ParameterError as error:
                return _error(400, str(error))
            except Http404:
                return _error(404, gettext("Não há nada neste endereço."))

        @csrf_exempt
        @wraps(view)
        def open_to_all(request, *args, **kwargs) -> HttpResponse:
            response = answer(request, *args, **kwargs)
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            return response

        return open_to_all

    return decorate


def _resource(name: str) -> Resource:
    try:
        return RESOURCES[name]
    except KeyError as error:
        raise Http404 from error


# Views ----------------------------------------------------------------------------------------


@open_data()
def start(request):
    """Where everything is."""
    read_parameters(request.GET, ())
    addresses = {name: reverse("api_items", args=[name]) for name in RESOURCES}
    addresses |= {
        "noticias_csv": reverse("news_csv"),
        "openapi": reverse("openapi"),
        "documentacao": reverse("open_data"),
    }
    return _json(
        request, {name: request.build_absolute_uri(path) for name, path in addresses.items()}
    )


@open_data()
def openapi(request):
    read_parameters(request.GET, ())
    identity = SiteIdentity.objects.for_language(settings.LANGUAGE_CODE).first()
    name = identity.name if identity else settings.WAGTAIL_SITE_NAME
    server = request.build_absolute_uri(reverse("api")).rstrip("/")
    return _json(request, openapi_document.description(name, server))


@open_data()
def items(request, name):
    resource = _resource(name)
    asked = read_parameters(request.GET, resource.list_parameters)
    selection = resource.select(asked)
    limit = asked["limite"]
    # One more than asked for tells whether there is more.
    found = list(resource.order.after(selection.things, asked["depois"])[: limit + 1])
    shown = found[:limit]
    following = None
    if len(found) > limit:
        query = request.GET.copy()
        query["depois"] = resource.order.cursor(shown[-1])
        following = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    answer = Answer(shown, asked["lingua"])
    return _json(
        request,
        {
            "total": selection.total,
            "proxima": following,
            "itens": [described(thing, resource.fields, answer) for thing in shown],
        },
    )


@open_data()
def item(request, name, key):
    resource = _resource(name)
    language = read_parameters(request.GET, (LANGUAGE,))["lingua"]
    things = list(resource.published(language).filter(translation_key=key)[:1])
    if not things:
        if current_election() and resource.has_open(language, key):
            message = gettext(
                "Fora do ar no período eleitoral (Lei nº 9.504/1997, art. 73, VI, “b”)."
            )
            return _error(451, message)
        raise Http404
    answer = Answer(things, language)
    return _json(request, described(things[0], resource.fields, answer))


@open_data("csv")
def news_csv(request):
    asked = read_parameters(request.GET, CSV_PARAMETERS)
    language = asked["lingua"]
    selection = NEWS.select(asked)

    def make() -> HttpResponse | StreamingHttpResponse:
        rows = spreadsheet.rows(selection, language, asked["separador"])
        # Servers run through a body even when only its headers were asked for.
        response = (
            HttpResponse(content_type=CSV_TYPE)
            if request.method == "HEAD"
            else StreamingHttpResponse(rows, content_type=CSV_TYPE)
        )
        name = f"noticias-{html_language(language).lower()}.csv"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    return _with_validator(request, _etag(_state_of_news(request, language)), make)


def _state_of_news(request, language: str) -> str:
    """What a list of news depends on, without reading it.

    The months are counted anew with every change of an article; the names beside them are read.
    """
    months = ArchiveMonth.objects.filter(
        index__locale__language_code=language, category=None, goal=None
    )
    counts = months.order_by("pk").values_list("index__url_path", "pk", "count", "changed_at")
    categories = NewsCategory.objects.filter(locale__language_code=language).order_by("pk")
    goals = RESOURCES["metas"].published(language).order_by("path").values_list("pk", "title")
    state = [
        request.build_absolute_uri(),
        current_election(),
        *((path, pk, count, moment.isoformat()) for path, pk, count, moment in counts),
        *categories.values_list("pk", "name"),
        *goals,
    ]
    return repr(state)


@open_data()
def not_found(request):
    raise Http404


@require_safe
def documentation(request):
    """The open data explained to people."""
    absolute = request.build_absolute_uri
    example = {"total": 1234, "proxima": absolute(f"{reverse('api')}noticias/?depois=…")}
    context = {
        "resources": [
            {"resource": each, "url": absolute(reverse("api_items", args=[each.name]))}
            for each in RESOURCES.values()
        ],
        "csv_url": absolute(reverse("news_csv")),
        "csv_columns": spreadsheet.COLUMNS,
        "csv_parameters": CSV_PARAMETERS,
        "openapi_url": absolute(reverse("openapi")),
        "example": json.dumps({**example, "itens": ["…"]}, ensure_ascii=False, indent=2),
        "max_limit": MAX_LIMIT,
        "per_minute": settings.API_REQUESTS_PER_MINUTE,
    }
    return render(request, "api/documentation.html", context)
