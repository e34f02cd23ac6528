"""How often one address may ask, so that no one keeps the others from reading."""

import ipaddress
import time
from collections.abc import Iterable
from functools import wraps

from django.conf import settings
from django.core.cache import caches
from django.utils.crypto import salted_hmac

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Seconds in which requests are counted.
WINDOW = 60


class TooManyRequestsError(Exception):
    """Someone asked too often; answered with 429 (RFC 6585, 4) by ``pages.refusals``."""

    def __init__(self, seconds: int):
        super().__init__(f"too many requests; {seconds} s to wait")
        #: How long they must wait.
        self.seconds = seconds


def read_address(written: str) -> Address | None:
    """The address that is ``written``; None where it is none.

    A server that listens for IPv6 writes IPv4 as part of it (RFC 4291, 2.5.5.2).
    """
    try:
        address = ipaddress.ip_address(written.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_within(address: Address | None, networks: Iterable[str]) -> bool:
    """Whether ``address`` is known and in one of ``networks``."""
    return address is not None and any(
        address in ipaddress.ip_network(network, strict=False) for network in networks
    )


def client_address(request) -> Address | None:
    """The visitor's address; None where it is not known."""
    header = settings.CLIENT_ADDRESS_HEADER
    return read_address(
        request.headers.get(header, "") if header else request.META.get("REMOTE_ADDR", "")
    )


def client_network(request) -> str:
    """The visitor's address; for IPv6 the network, of which one visitor has all addresses."""
    address = client_address(request)
    if address is None:
        return ""
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def seconds_to_wait(request, kind: str, limit: int, window_length: int = WINDOW) -> int:
    """How long the visitor must wait to ask again; 0 when they need not.

    They may ask ``limit`` times in ``window_length`` seconds. Only a keyed hash of the address is
    kept, for that long. One whose address is not known is not counted: all such visitors would be
    taken for one.
    """
    network = client_network(request)
    if not network:
        return 0
    now = time.time()
    window = int(now // window_length)
    visitor = salted_hmac("pages.limits", f"{window}|{network}", algorithm="sha256").hexdigest()
    key = f"{kind}|{visitor}"
    cache = caches["limits"]
    cache.add(key, 0, timeout=window_length)
    try:
        count = cache.incr(key)
    except ValueError:  # it was put out of the cache between the two lines
        return 0
    return int((window + 1) * window_length - now) + 1 if count > limit else 0


def count_request(request, kind: str) -> None:
    """Count a request of a ``kind`` in ``settings.REQUESTS_PER_MINUTE``.

    Raises ``TooManyRequestsError`` when the visitor has asked too often.
    """
    if wait := seconds_to_wait(request, kind, settings.REQUESTS_PER_MINUTE[kind]):
        raise TooManyRequestsError(wait)


def limited(kind: str):
    """A view whose every request counts."""

    def decorate(view):
        @wraps(view)
        def counting(request, *args, **kwargs):
            count_request(request, kind)
            return view(request, *args, **kwargs)

        return counting

    return decorate
