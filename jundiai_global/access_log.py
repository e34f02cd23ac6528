from urllib.parse import unquote

from gunicorn.glogging import Logger

from operations import request_id

from .logs import TruncatingFormatter, TruncatingJsonFormatter, truncated

#: Network, time, page without its query, answer, bytes and milliseconds: what is needed to find
#: faults. Not what was searched for, where the visitor came from, or with which browser.
FORMAT = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s %(M)s'


def _readable(path: str) -> str:
    """``path`` as text: WSGI hands bytes over as Latin-1 (PEP 3333), unless Django was there."""
    try:
        return path.encode("latin-1").decode()
    except UnicodeError:
        return path


class TruncatedAddressLogger(Logger):
    """Gunicorn's logs, with no more of an address than its network."""

    def setup(self, cfg):
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(self.formatter(handler.formatter))

    def formatter(self, was):
        return TruncatingFormatter(was._fmt, was.datefmt)

    def atoms(self, resp, req, environ, request_time):
        atoms = super().atoms(resp, req, environ, request_time)
        atoms["h"] = self._network(environ)
        return atoms

    @staticmethod
    def _network(environ) -> str:
        """Whence the request came: as the proxy says, where there is one."""
        # Not above: Gunicorn's first process must not load Django, or a reload would keep its
        # old settings.
        from django.conf import settings

        header = settings.CLIENT_ADDRESS_HEADER
        name = f"HTTP_{header.upper().replace('-', '_')}" if header else "REMOTE_ADDR"
        try:
            return truncated(environ.get(name, "").strip())
        except ValueError:
            return "-"


class JsonLogger(TruncatedAddressLogger):
    """The same as JSON, one object a line, each with the name of its request."""

    def formatter(self, was):
        return TruncatingJsonFormatter()

    def access(self, resp, req, environ, request_time):
        if not self.access_log_enabled:
            return
        try:
            self.access_log.info(self._line(resp, req, environ, request_time))
        except Exception:
            self.exception("The access log could not be written")

    def _line(self, resp, req, environ, request_time) -> dict:
        atoms = self.atoms(resp, req, environ, request_time)
        given = environ.get("HTTP_X_REQUEST_ID", "")
        name = atoms.get("{x-request-id}o") or (given if request_id.is_well_formed(given) else None)
        return {
            "request_id": name,
            "network": atoms["h"],
            "method": atoms["m"],
            # Of a failure that it answers by itself, Gunicorn keeps what was asked for elsewhere.
            "path": _readable(atoms["U"] or unquote(req.path, "latin-1")),
            "protocol": atoms["H"],
            "status": int(atoms["s"]),
            "bytes": atoms["B"],
            "milliseconds": atoms["M"],
        }
