"""The configuration of nginx, made of the templates in ``deploy/nginx`` and the site's settings.

So limits, names, networks and headers are written once. nginx also gets its own pages, for when it
refuses by itself or the site does not answer, drawn in the frame of the site's.
"""

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from whitenoise.media_types import MediaTypes

from page_cache.entry import CACHE_CONTROL
from page_cache.leases import lent_folder
from page_cache.wsgi import own_cookies
from pages import refusals
from pages.headers import headers_of, page_policies
from pages.library.media import SHOWN

from .health import ALIVE, READY

TEMPLATES = settings.BASE_DIR / "deploy" / "nginx"
#: What nginx calls everything of this site: other sites may be on the machine.
NAME = "jundiai"
#: The name of a request, put in by nginx (https://nginx.org/en/docs/http/ngx_http_ssi_module.html).
REQUEST_ID = mark_safe('<!--# echo var="request_id" -->')
NOT_FOUND = refusals.Refusal(
    _("Página não encontrada"),
    _("Confira o endereço, ou comece de novo pelo início."),
)
TOO_MANY = refusals.Refusal(
    refusals.TOO_MANY.title,
    _("Vieram muitos pedidos da sua conexão em pouco tempo. Tente de novo em um minuto."),
)
PAGES = {
    400: refusals.BAD_REQUEST,
    404: NOT_FOUND,
    413: refusals.TOO_LARGE,
    414: refusals.TOO_LONG,
    429: TOO_MANY,
    503: refusals.UNAVAILABLE,
}


@dataclass(frozen=True)
class Machine:
    """What is of the machine, and not of the site."""

    #: Where the configuration is put, and where the site listens: ``unix:/run/…`` or host:port.
    folder: Path
    upstream: str
    certificate: Path
    key: Path
    #: The static files of this release and of those before, for pages that somebody kept.
    static: Path
    #: Of the copies of pages, of certbot's answers, and of the logs.
    cache: Path
    acme: Path
    logs: Path
    #: Where the site puts the pages that nginx may give out: its PAGE_CACHE_LEASES.
    leases: Path
    #: Ports, or addresses with ports.
    http_port: str = "80"
    https_port: str = "443"
    #: Whether nginx has the module ``brotli_static``, and the machine IPv6.
    brotli: bool = False
    ipv6: bool = False


def _types(endings: set[str] | None = None) -> list[tuple[str, str]]:
    """Types with their endings, of all that WhiteNoise knows or of ``endings``."""
    found = defaultdict(list)
    known = {
        **MediaTypes().types_map,
        ".vtt": "text/vtt",
        ".mp4": "video/mp4",
    }
    for ending, type in sorted(known.items()):
        # The table has some whole names, too.
        if re.fullmatch(r"\.[a-z0-9]+", ending) and (endings is None or ending in endings):
            found[type].append(ending[1:])
    return [(type, " ".join(each)) for type, each in sorted(found.items())]


#: What a service says of its files that is for us to say, besides the headers that we add.
SERVICE_HEADERS = [
    *("Content-Type", "Content-Disposition", "Cache-Control", "Expires", "Set-Cookie", "Vary"),
    *("Alt-Svc", "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"),
    *("Access-Control-Allow-Methods", "Access-Control-Expose-Headers", "Access-Control-Max-Age"),
    *("x-amz-id-2", "x-amz-request-id", "x-amz-version-id", "x-amz-bucket-region"),
    *("x-amz-server-side-encryption", "x-amz-storage-class", "x-amz-expiration"),
    *("x-amz-replication-status", "x-amz-checksum-crc32", "x-amz-checksum-crc64nvme"),
    *("x-amz-checksum-type", "x-amz-meta-mtime"),
    *("x-amz-content-sha256", "x-amzn-requestid", "x-amzn-trace-id", "x-minio-deployment-id"),
]
#: Where the system says whom it asks for names.
RESOLV_CONF = Path("/etc/resolv.conf")


@dataclass(frozen=True)
class MediaBucket:
    """Where nginx fetches the media when a service keeps them: ``https://s3.example.org``."""

    origin: str
    host: str
    #: What stands before the name of a file in the service's address.
    prefix: str
    is_encrypted: bool
    #: Whom nginx asks for the host's addresses, which may change; none where it has one already.
    resolvers: list[str]


def _media_bucket() -> MediaBucket | None:
    """None where the media are on the disk, or fetched from another site."""
    storage: Any = storages["default"]
    if isinstance(storage, FileSystemStorage) or "://" in settings.MEDIA_URL:
        return None
    endpoint = urlsplit(storage.endpoint_url)
    parts = [endpoint.path.strip("/"), storage.bucket_name, storage.location.strip("/")]
    return MediaBucket(
        origin=f"{endpoint.scheme}://{endpoint.netloc}",
        host=endpoint.hostname or "",
        prefix="/" + "".join(f"{part}/" for part in parts if part),
        is_encrypted=endpoint.scheme == "https",
        resolvers=[] if _is_address(endpoint.hostname or "") else _resolvers(),
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _resolvers() -> list[str]:
    """The name servers of this machine, as nginx writes them."""
    text = RESOLV_CONF.read_text(encoding="utf-8") if RESOLV_CONF.exists() else ""
    found = re.findall(r"(?m)^nameserver\s+([0-9a-fA-F.:]+)", text)
    return [f"[{each}]" if ":" in each else each for each in found]


@dataclass(frozen=True)
class Look:
    """Where nginx looks for a page that may be lent to it."""

    #: ``/en/``, exactly that with ``= `` before it, or a name that other looks go on with.
    location: str
    language: str
    #: Of the policies (``page_policies``) under which it looks, in turn.
    numbers: list[int]
    #: Who is asked then.
    otherwise: str
    headers: list[tuple[str, str]]


def _looks() -> Iterator[Look]:
    """First under the likeliest policy: of a home, that of a video of this site, for it has the
    featured one; of all else, that of no player. The first one's headers are written out: to look
    a policy up by the name of the file costs a fifth of what a page costs nginx besides a file.
    """
    policies = page_policies()
    none, own, *services = range(len(policies))
    by_name = headers_of(f"${NAME}_policy")
    for prefix, language in _languages():
        others = f"@lent-{language}"
        for location, number in ((f"= {prefix}", own), (prefix, none)):
            yield Look(location, language, [number], others, headers_of(policies[number]))
        yield Look(others, language, [*services, own, none], "@site", by_name)


def _languages() -> list[tuple[str, str]]:
    """Where the pages of each language are, the longest address first."""
    codes = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    return [*((f"/{code}/", code) for code in codes), ("/", settings.LANGUAGE_CODE)]


def _context(machine: Machine) -> dict:
    port = machine.https_port.rpartition(":")[2]
    hosts = dict.fromkeys(
        [urlsplit(settings.SITE_URL).hostname, *(h.lower() for h in settings.ALLOWED_HOSTS)]
    )
    return {
        **vars(machine),
        "name": NAME,
        # Django's wildcard, `.example.org`, is nginx's too.
        "hosts": " ".join(filter(None, hosts)),
        "https_port_shown": "" if port == "443" else f":{port}",
        "admin": settings.ADMIN_PATH,
        "admin_networks": settings.ADMIN_NETWORKS,
        "health_paths": [ALIVE, READY],
        "health_networks": settings.HEALTH_NETWORKS,
        "other_nodes": settings.NGINX_UPSTREAMS,
        "trusted_proxies": settings.NGINX_TRUSTED_PROXIES,
        "unlimited_networks": settings.NGINX_UNLIMITED_NETWORKS,
        "requests_per_second": settings.NGINX_REQUESTS_PER_SECOND,
        "burst": settings.NGINX_REQUESTS_AT_ONCE,
        "connections": settings.NGINX_CONNECTIONS,
        "visitor_body": settings.MAX_VISITOR_BODY,
        "editor_body": settings.MAX_EDITOR_BODY,
        "longest_address": settings.MAX_ADDRESS_LENGTH + 1,
        "cookies": "|".join(re.escape(name) for name in own_cookies()),
        "shown": "|".join(sorted(ending[1:] for ending in SHOWN)),
        "file_headers": headers_of(settings.FILE_CONTENT_SECURITY_POLICY, is_for_others=True),
        "page_headers": headers_of(page_policies()[0]),
        "release": lent_folder(),
        # As browsers say it. Some proxies name the port that need not be named.
        "site_host_pattern": re.escape(urlsplit(settings.SITE_URL).netloc),
        "policies": page_policies(),
        "looks": list(_looks()),
        "cache_control": CACHE_CONTROL,
        "static_url": settings.STATIC_URL,
        "media_url": settings.MEDIA_URL,
        "media": Path(settings.MEDIA_ROOT),
        "media_is_here": "://" not in settings.MEDIA_URL,
        "bucket": _media_bucket(),
        "service_headers": SERVICE_HEADERS,
        "static_types": _types(),
        "media_types": _types(SHOWN),
    }


def configuration(machine: Machine) -> str:
    """The text of the configuration, for the ``http`` context."""
    engine = Engine(dirs=[TEMPLATES], autoescape=False)
    return engine.get_template("site.conf").render(Context(_context(machine), autoescape=False))


def pages() -> dict[str, str]:
    """nginx's own pages by their names: ``pt-br/503.html``."""
    made: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for status, refusal in PAGES.items():
                context = {"title": refusal.title, "message": refusal.message}
                if status == 503:
                    context["request_id"] = REQUEST_ID
                made[f"{language}/{status}.html"] = render_to_string("refused.html", context)
    return made


def write_files(machine: Machine) -> None:
    """Put all of it into ``machine.folder``. Where the site is, is left as it was."""
    for name, text in pages().items():
        path = machine.folder / "errors" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (machine.folder / "site.conf").write_text(configuration(machine), encoding="utf-8")
    upstream = machine.folder / "upstream.conf"
    if not upstream.exists():
        upstream.write_text(f"server {machine.upstream} max_fails=0;\n", encoding="utf-8")
