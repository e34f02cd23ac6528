from django.conf import settings
from gunicorn.glogging import Logger

from .logs import TruncatingFormatter, truncated

#: Network, time, page without its query, answer, bytes and milliseconds: what is needed to find
#: faults. Not what was searched for, where the visitor came from, or with which browser.
FORMAT = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s %(M)s'


class TruncatedAddressLogger(Logger):
    """Gunicorn's logs, with no more of an address than its network."""

    def setup(self, cfg):
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                was = handler.formatter
                handler.setFormatter(TruncatingFormatter(was._fmt, was.datefmt))

    def atoms(self, resp, req, environ, request_time):
        atoms = super().atoms(resp, req, environ, request_time)
        atoms["h"] = self._network(environ)
        return atoms

    @staticmethod
    def _network(environ) -> str:
        """Whence the request came: as the proxy says, where there is one."""
        header = settings.CLIENT_ADDRESS_HEADER
        name = f"HTTP_{header.upper().replace('-', '_')}" if header else "REMOTE_ADDR"
        try:
            return truncated(environ.get(name, "").strip())
        except ValueError:
            return "-"
