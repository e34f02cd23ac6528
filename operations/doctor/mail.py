"""Whether e-mail can leave."""

from collections.abc import Iterator

from django.conf import settings
from django.core.mail import get_connection
from django.utils.translation import gettext

from .findings import Finding, fault, warning, well

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def server() -> Iterator[Finding]:
    """Connects and signs in, and sends nothing."""
    backend = getattr(settings, "DELIVERY_BACKEND", settings.EMAIL_BACKEND)
    if backend != SMTP:
        yield warning(
            gettext("Nenhum e-mail sai: o que o site escreve vai para o log."),
            gettext("Ponha em EMAIL_URL o servidor de e-mail; .env.example tem um exemplo."),
        )
        return
    told = {"host": settings.EMAIL_HOST, "port": settings.EMAIL_PORT}
    try:
        with get_connection(backend, timeout=getattr(settings, "EMAIL_TIMEOUT", None) or 10):
            pass
    except Exception as error:
        yield fault(
            gettext("O servidor de e-mail %(host)s:%(port)s não nos recebe: %(error)s")
            % {**told, "error": error},
            gettext("Confira EMAIL_URL: endereço, porta, usuário e senha; e o firewall."),
        )
    else:
        yield well(gettext("O servidor de e-mail %(host)s:%(port)s nos recebe.") % told)
