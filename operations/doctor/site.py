"""The site itself: how it is set, its address, its caches, its search."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.http.request import validate_host
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from page_cache.leases import lends, lent_folder
from search import index

from .. import readiness
from .findings import Finding, fault, warning, well

#: Where the office is, and by whose clock its pages go live.
TIME_ZONE = "America/Sao_Paulo"
#: What Django's own checks mean, and what to set; the others are told in its words.
EXPLAINED = {
    "security.W004": (
        _("Os navegadores não são instruídos a usar sempre https (HSTS)."),
        _("Tire SECURE_HSTS_SECONDS=0 da configuração."),
    ),
    "security.W008": (
        _("Quem chega por http não é levado a https."),
        _("Tire SECURE_SSL_REDIRECT=False, a menos que o proxy já faça isso."),
    ),
    "security.W009": (
        _("SECRET_KEY é curta ou previsível."),
        _("Gere outra; .env.example diz como."),
    ),
    "security.W012": (
        _("O cookie de sessão passa por conexões sem https."),
        _("Tire SECURE_COOKIES=False da configuração."),
    ),
    "security.W016": (
        _("O cookie dos formulários passa por conexões sem https."),
        _("Tire SECURE_COOKIES=False da configuração."),
    ),
    "sign_in.W001": (
        _("Quem publica não precisa de segundo fator."),
        _("Tire REQUIRE_SECOND_FACTOR=False da configuração."),
    ),
}
#: Where Debian's nginx has what it serves.
NGINX_SITES = Path("/etc/nginx/sites-enabled")
#: Told by checks of our own.
_OURS = {"security.W018", "security.W020"}


def debug() -> Iterator[Finding]:
    if settings.DEBUG:
        yield fault(
            gettext("DEBUG está ligado: os erros mostram o código e a configuração a qualquer um."),
            gettext("Use DJANGO_SETTINGS_MODULE=jundiai_global.settings.production"),
        )
    else:
        yield well(gettext("DEBUG está desligado."))


def deployment() -> Iterator[Finding]:
    """Django's checks, those for production too."""
    found = [
        message
        for message in checks.run_checks(include_deployment_checks=True)
        if message.level >= checks.WARNING and not message.is_silenced() and message.id not in _OURS
    ]
    for message in found:
        tell = fault if message.is_serious() else warning
        said, remedy = EXPLAINED.get(
            message.id,
            (
                gettext("O Django adverte (%(id)s): %(message)s")
                % {"id": message.id, "message": message.msg},
                message.hint
                or gettext("Procure %(id)s em docs.djangoproject.com.") % {"id": message.id},
            ),
        )
        yield tell(str(said), str(remedy))
    if not found:
        yield well(gettext("As verificações do Django para produção passam."))


def hosts() -> Iterator[Finding]:
    """Whether the site answers under its own public name."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    if "*" in settings.ALLOWED_HOSTS:
        yield fault(
            gettext("ALLOWED_HOSTS aceita qualquer nome, e com isso endereços forjados."),
            gettext("Ponha em ALLOWED_HOSTS os nomes do site: %(host)s") % {"host": host},
        )
    elif not validate_host(host, settings.ALLOWED_HOSTS):
        yield fault(
            gettext("ALLOWED_HOSTS não tem o nome que está em SITE_URL, %(host)s.")
            % {"host": host},
            gettext("Acrescente %(host)s a ALLOWED_HOSTS.") % {"host": host},
        )
    else:
        yield well(gettext("O site responde pelo nome %(host)s.") % {"host": host})


def _clock_is_kept() -> bool | None:
    """Whether the machine's clock is set by others' (NTP); None where nobody knows."""
    command = shutil.which("timedatectl")
    if not command:
        return None
    said = subprocess.run(  # noqa: S603
        [command, "show", "--property=NTPSynchronized", "--value"],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    ).stdout.strip()
    return {"yes": True, "no": False}.get(said)


def clock() -> Iterator[Finding]:
    if settings.TIME_ZONE != TIME_ZONE:
        yield warning(
            gettext("O fuso horário é %(zone)s, e o que se agenda segue esse relógio.")
            % {"zone": settings.TIME_ZONE},
            gettext("Ponha TIME_ZONE em America/Sao_Paulo."),
        )
    else:
        yield well(gettext("O fuso horário é o de Jundiaí."))
    is_kept = _clock_is_kept()
    if is_kept is False:
        yield warning(
            gettext("O relógio da máquina não é acertado pela rede."),
            gettext("Rode: timedatectl set-ntp true"),
        )
    elif is_kept:
        yield well(gettext("O relógio da máquina é acertado pela rede."))


def address() -> Iterator[Finding]:
    """Whether Wagtail knows the site by the address that ``SITE_URL`` says."""
    site = Site.objects.filter(is_default_site=True).first()
    remedy = gettext(
        "Acerte em Configurações › Sites o nome e a porta (443 para https), ou corrija SITE_URL."
    )
    if site is None:
        yield fault(gettext("Nenhum site é o padrão."), remedy)
    elif site.root_url != settings.SITE_URL:
        yield fault(
            gettext("SITE_URL diz %(setting)s, e o site cadastrado é %(site)s.")
            % {"setting": settings.SITE_URL, "site": site.root_url},
            remedy,
        )
    else:
        yield well(gettext("O endereço do site é %(site)s.") % {"site": site.root_url})


def caches() -> Iterator[Finding]:
    try:
        readiness.cache()
    except Exception as error:
        yield fault(
            gettext("O cache não guarda o que recebe: %(error)s") % {"error": error},
            gettext("Veja se o servidor do cache está no ar, e se há espaço para ele."),
        )
    else:
        yield well(gettext("Os caches guardam o que recebem."))


def kept_pages() -> Iterator[Finding]:
    try:
        readiness.try_keeping(readiness.PAGES)
    except Exception as error:
        yield warning(
            gettext("As páginas prontas não são guardadas, e o site fica mais lento: %(error)s")
            % {"error": error},
            gettext("Veja se há espaço e permissão em PAGE_CACHE_ROOT, ou se o Redis está no ar."),
        )
    else:
        yield well(gettext("As páginas prontas são guardadas."))


def lent_pages() -> Iterator[Finding]:
    """Whether the running site lends pages, and nginx looks for those of this release."""
    if not settings.PAGE_CACHE_LEASES:
        return
    folder = Path(settings.PAGE_CACHE_LEASES)
    if not lends(folder / lent_folder()):
        yield warning(
            gettext("O site não empresta páginas ao nginx, que assim pergunta por cada uma."),
            gettext(
                "Se o site está no ar, reinicie-o, para que seja da versão e da configuração de "
                "agora; e veja se ele pode escrever em %(folder)s."
            )
            % {"folder": folder},
        )
        return
    looked_for = _looked_for(folder)
    if looked_for and lent_folder() not in looked_for:
        yield warning(
            gettext(
                "O nginx procura páginas de outra versão ou de outra configuração, e assim "
                "pergunta ao site por cada uma."
            ),
            gettext(
                "Rode de novo o deploy/install.sh da versão que está no ar: ele escreve a "
                "configuração do nginx."
            ),
        )
    else:
        yield well(gettext("O site empresta páginas ao nginx."))


def _looked_for(folder: Path) -> set[str]:
    """The releases whose pages nginx looks for; none where its configuration is not to be read."""
    found: set[str] = set()
    with suppress(OSError):
        for file in NGINX_SITES.iterdir():
            with suppress(OSError, UnicodeDecodeError):
                text = file.read_text(encoding="utf-8")
                found.update(re.findall(rf"\broot {re.escape(str(folder))}/(\w+);", text))
    return found


def search_index() -> Iterator[Finding]:
    missing, left = index.out_of_step()
    if missing or left:
        yield warning(
            gettext("A busca não acompanha as páginas: faltam %(missing)d, sobram %(left)d.")
            % {"missing": missing, "left": left},
            gettext("Rode: manage.py rebuild_search"),
        )
    else:
        yield well(gettext("A busca acompanha as páginas."))
