"""What is answered to requests that the site does not take, in words that say what to do.

The answers need no database: who asks too much must not cost much.
"""

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from .limits import TooManyRequestsError
from .middleware import is_for_admin


@dataclass(frozen=True)
class Refusal:
    title: Any
    message: Any


BAD_REQUEST = Refusal(
    _("Pedido inválido"),
    _("O site não entendeu este pedido. Confira o endereço, ou comece de novo pelo início."),
)
FORBIDDEN = Refusal(
    _("Acesso negado"), _("Você não tem permissão para ver o que está neste endereço.")
)
STALE_FORM = Refusal(
    _("O formulário perdeu a validade"),
    _(
        "Nada foi enviado. Volte à página anterior, recarregue-a e envie de novo; para isso o "
        "navegador precisa aceitar os cookies deste site."
    ),
)
TOO_LARGE = Refusal(
    _("O envio é grande demais"),
    _("Nada foi guardado. Volte à página anterior, reduza o que vai enviar e tente de novo."),
)
TOO_LONG = Refusal(
    _("O endereço é longo demais"), _("Encurte o endereço, ou comece de novo pelo início.")
)
TOO_MANY = Refusal(
    _("Pedidos demais"),
    _(
        "Vieram muitos pedidos da sua conexão em pouco tempo. "
        "Tente de novo em %(seconds)d segundos."
    ),
)
#: While the database does not answer. Browsers send a form again when its answer is loaded anew
#: (https://html.spec.whatwg.org/multipage/browsing-the-web.html#reloading).
NO_DATABASE = Refusal(
    _("Esta página não está disponível agora"),
    _(
        "O banco de dados do site não está respondendo. Isto costuma passar em poucos minutos, sem "
        "que você faça nada; espere um pouco e recarregue a página."
    ),
)
NOT_SAVED = Refusal(
    _("Não foi possível concluir o envio"),
    _(
        "O banco de dados do site não está respondendo, e o que você enviou pode não ter sido "
        "guardado. Não feche esta página: espere um pouco, recarregue-a e confirme o reenvio. O "
        "que você escreveu segue de novo, inteiro."
    ),
)
NO_DATABASE_FOR_EDITORS = Refusal(
    _("O banco de dados não está respondendo"),
    _(
        "Por isso nada pode ser aberto nem salvo agora. O que já foi salvo está guardado, e os "
        "visitantes continuam vendo as páginas. Isto costuma passar em poucos minutos, sem que "
        "você faça nada; espere um pouco e recarregue a página."
    ),
)
DISK_FULL = Refusal(
    _("O servidor não consegue guardar arquivos"),
    _(
        "O disco está cheio ou protegido contra gravação, e nada de novo foi guardado. Avise quem "
        "cuida do servidor. Se você enviou algo, não feche esta página: depois poderá recarregá-la "
        "e confirmar o reenvio."
    ),
)
UNREACHABLE = Refusal(
    _("Este arquivo não pode ser entregue agora"),
    _("O serviço que guarda os arquivos não responde. Tente de novo em alguns minutos."),
)
#: What nginx says while nobody answers it.
UNAVAILABLE = Refusal(
    _("O site não está respondendo"),
    _(
        "Isto costuma passar em poucos minutos, sem que você faça nada. O que já foi salvo está "
        "guardado; espere um pouco e recarregue a página."
    ),
)
#: In the environment of a request that is to be refused, for too many wait for the database.
NO_ROOM = "jundiai.no_room"
#: Seconds after which one may try again.
RETRY_AFTER = 30
#: Of a disk that is full, or takes nothing.
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


def refuse(
    request, status: int, refusal: Refusal, details: dict[str, Any] | None = None
) -> HttpResponse:
    """The answer, in the language of the address; it is kept nowhere."""
    language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
    with translation.override(language):
        context = {"title": refusal.title, "message": str(refusal.message) % (details or {})}
        if status >= 500:
            context["request_id"] = getattr(request, "request_id", "")
        response = HttpResponse(render_to_string("refused.html", context), status=status)
        response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "no-store"
    return response


# What cannot be had now --------------------------------------------------------------------------


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def without_database(request) -> HttpResponse:
    """503 (RFC 9110, 15.6.4) for what needs a database that does not answer."""
    if request.method not in ("GET", "HEAD"):
        refusal = NOT_SAVED
    else:
        refusal = NO_DATABASE_FOR_EDITORS if is_for_admin(request) else NO_DATABASE
    return _later(request, refusal)


def _later(request, refusal: Refusal) -> HttpResponse:
    response = refuse(request, 503, refusal)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def unavailable(request, error: BaseException | None) -> HttpResponse | None:
    """The answer where ``error`` is no defect, but the database's or the disk's; else None.

    Django tells by ``OperationalError`` that a database is gone, restarts, takes no more
    connections, or waited too long for a lock.
    """
    for cause in _causes(error):
        if isinstance(cause, (OperationalError, InterfaceError)):
            return without_database(request)
        if isinstance(cause, OSError) and cause.errno in DISK_ERRORS:
            return _later(request, DISK_FULL)
    return None


# What Django refuses by itself -------------------------------------------------------------------


def bad_request(request, exception) -> HttpResponse:
    """In the place of Django's answer to a wrong host, too many fields and other odd requests."""
    if isinstance(exception, RequestDataTooBig):
        return refuse(request, 413, TOO_LARGE)
    # A session that cannot be written is taken for one that was ended.
    if response := unavailable(request, exception):
        return response
    return refuse(request, 400, BAD_REQUEST)


def forbidden(request, exception) -> HttpResponse:
    return refuse(request, 403, FORBIDDEN)


def csrf_failure(request, reason="") -> HttpResponse:
    return refuse(request, 403, STALE_FORM)


# What we refuse -----------------------------------------------------------------------------------


class RequestLimitsMiddleware:
    """Refuses what is too long, who asks too often, and what there is no room for.

    RFC 9110, 15.5.15 (414) and 15.6.4 (503), and RFC 6585, 4 (429).
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # As it was sent: a letter that is escaped counts as three.
        length = len(request.get_full_path())
        if length > settings.MAX_ADDRESS_LENGTH:
            return refuse(request, 414, TOO_LONG)
        if NO_ROOM in request.META:
            return without_database(request)
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, TooManyRequestsError):
            return None
        response = refuse(request, 429, TOO_MANY, {"seconds": exception.seconds})
        response.headers["Retry-After"] = str(exception.seconds)
        return response


class BodyLimitMiddleware:
    """Refuses bodies that are too large before a byte of them is read (RFC 9110, 15.5.14).

    Files are sent by those who are signed in to the admin; a visitor's forms are small. Django
    reads no body without ``Content-Length``.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        if length > settings.MAX_VISITOR_BODY and length > self._limit(request):
            return refuse(request, 413, TOO_LARGE)
        return self.get_response(request)

    @staticmethod
    def _limit(request) -> int:
        if is_for_admin(request) and request.user.is_authenticated:
            return settings.MAX_EDITOR_BODY
        return settings.MAX_VISITOR_BODY
