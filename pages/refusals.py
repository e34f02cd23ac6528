"""What is answered to requests that the site does not take, in words that say what to do.

The answers need no database: who asks too much must not cost much.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
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
UNREACHABLE = Refusal(
    _("Este arquivo não pode ser entregue agora"),
    _("O serviço que guarda os arquivos não responde. Tente de novo em alguns minutos."),
)


def refuse(
    request, status: int, refusal: Refusal, details: dict[str, Any] | None = None
) -> HttpResponse:
    """The answer, in the language of the address; it is kept nowhere."""
    language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
    with translation.override(language):
        context = {"title": refusal.title, "message": str(refusal.message) % (details or {})}
        response = HttpResponse(render_to_string("refused.html", context), status=status)
        response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "no-store"
    return response


# What Django refuses by itself -------------------------------------------------------------------


def bad_request(request, exception) -> HttpResponse:
    """In the place of Django's answer to a wrong host, too many fields and other odd requests."""
    if isinstance(exception, RequestDataTooBig):
        return refuse(request, 413, TOO_LARGE)
    return refuse(request, 400, BAD_REQUEST)


def forbidden(request, exception) -> HttpResponse:
    return refuse(request, 403, FORBIDDEN)


def csrf_failure(request, reason="") -> HttpResponse:
    return refuse(request, 403, STALE_FORM)


# What we refuse -----------------------------------------------------------------------------------


class RequestLimitsMiddleware:
    """Refuses addresses that are too long, and visitors who ask too often.

    RFC 9110, 15.5.15 (414), and RFC 6585, 4 (429).
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # As it was sent: a letter that is escaped counts as three.
        length = len(request.get_full_path())
        if length > settings.MAX_ADDRESS_LENGTH:
            return refuse(request, 414, TOO_LONG)
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
