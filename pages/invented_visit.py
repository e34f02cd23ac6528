"""The request of a visitor whom nobody sent, for what looks at the site from within."""

from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings


def invented_visit(scheme: str, host: str, path: str, query: str = "", script: str = "") -> dict:
    """The environment (PEP 3333) of a GET for an address, as it comes through the proxy.

    ``host`` is what a browser says, with its port if that is not the usual one; ``path`` has bytes
    as Latin-1. Of the visitor nothing is known, no address either, so that nothing is counted.
    """
    server = urlsplit(f"{scheme}://{host}")
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": script,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": server.hostname,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "wsgi.url_scheme": scheme,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
    }
    if server.port:
        environ["SERVER_PORT"] = str(server.port)
    if settings.SECURE_PROXY_SSL_HEADER and scheme == "https":
        name, value = settings.SECURE_PROXY_SSL_HEADER
        environ[name] = value
    setup_testing_defaults(environ)
    return environ
