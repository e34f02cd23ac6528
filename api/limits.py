"""How often one address may ask, so that no one keeps the others from reading."""

import ipaddress
import time

from django.conf import settings
from django.core.cache import caches
from django.utils.crypto import salted_hmac

#: Seconds in which requests are counted.
WINDOW = 60


def client_address(request) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The visitor's address; None where it is not known."""
    header = settings.CLIENT_ADDRESS_HEADER
    written = request.headers.get(header, "") if header else request.META.get("REMOTE_ADDR", "")
    try:
        return ipaddress.ip_address(written.strip())
    except ValueError:
        return None


def client_network(request) -> str:
    """The visitor's address; for IPv6 the network, of which one visitor has all addresses."""
    address = client_address(request)
    if address is None:
        return ""
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def seconds_to_wait(request, kind: str, per_minute: int) -> int:
    """How long the visitor must wait to ask again; 0 when they need not.

    Only a keyed hash of the address is kept, for a minute. One whose address is not known is not
    counted: all such visitors would be taken for one.
    """
    network = client_network(request)
    if not network:
        return 0
    now = time.time()
    window = int(now // WINDOW)
    visitor = salted_hmac("api.limits", f"{window}|{network}", algorithm="sha256").hexdigest()
    key = f"api|{kind}|{visitor}"
    cache = caches["limits"]
    cache.add(key, 0, timeout=WINDOW)
    try:
        count = cache.incr(key)
    except ValueError:  # it was put out of the cache between the two lines
        return 0
    return int((window + 1) * WINDOW - now) + 1 if count > per_minute else 0
