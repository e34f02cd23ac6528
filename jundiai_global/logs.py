"""Logs without whole addresses of visitors.

An address may say who someone is (Lei 13.709/2018, art. 5, I); to find faults and attacks its
network is enough (art. 6, III). Of IPv4 the first 24 bits are left and of IPv6 the first 48.
"""

import ipaddress
import logging
import re
from datetime import UTC, datetime

from pythonjsonlogger.json import JsonFormatter

KEPT_BITS = {4: 24, 6: 48}
#: What may be an address. Times are among it, and are none when read.
_CANDIDATE = re.compile(
    r"(?<![\w.])(?:(?:[0-9a-f]{0,4}:){2,7}[0-9a-f.:]*|\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d))",
    re.IGNORECASE,
)


def truncated(address: str) -> str:
    """The first address of the network of ``address``. Raises ``ValueError`` for what is none."""
    ip = ipaddress.ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    network = ipaddress.ip_network((ip, KEPT_BITS[ip.version]), strict=False)
    return str(network.network_address)


def _truncate_match(match: re.Match) -> str:
    written = match.group()
    # It may be followed by a full stop or a colon.
    for end in (len(written), len(written.rstrip(".:"))):
        try:
            return truncated(written[:end]) + written[end:]
        except ValueError:
            continue
    return written


def without_addresses(line: str) -> str:
    """``line`` with every address in it truncated."""
    return _CANDIDATE.sub(_truncate_match, line)


class TruncatingFormatter(logging.Formatter):
    """Truncates the addresses in all that is logged, tracebacks too."""

    def format(self, record):
        return without_addresses(super().format(record))


#: The fields of a line, and no others: what code adds to a record (``extra``) may be a whole
#: request, whose representation has what was searched for.
_FIELDS = (
    *("time", "level", "logger", "message", "request_id", "exc_info", "stack_info"),
    # Of the access log.
    *("network", "method", "path", "protocol", "status", "bytes", "milliseconds"),
)
_NAMES = {"levelname": "level", "name": "logger"}
#: What is written as it is: a time has no address, and a request's name may look like one.
_VERBATIM = {"time", "request_id"}


class TruncatingJsonFormatter(JsonFormatter):
    """One JSON object for each line, with the time in UTC (RFC 3339), and addresses truncated.

    They are truncated before the text is escaped: after it, ``\\n`` would hide what it precedes.
    """

    def __init__(self, **options):
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields=_NAMES,
            json_ensure_ascii=False,
            **options,
        )

    def add_fields(self, log_data, record, message_dict):
        moment = datetime.fromtimestamp(record.created, UTC)
        log_data["time"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        super().add_fields(log_data, record, message_dict)

    def process_log_record(self, log_data):
        return {
            name: value
            if name in _VERBATIM or not isinstance(value, str)
            else without_addresses(value)
            for name in _FIELDS
            if (value := log_data.get(name)) not in (None, "")
        }
