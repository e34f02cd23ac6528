"""What the log lines say of the request in which they were written."""

import logging

from . import request_id


class RequestIdFilter(logging.Filter):
    """Gives each record the name of its request, if it has one."""

    def filter(self, record):
        of_its_own = getattr(getattr(record, "request", None), "request_id", "")
        record.request_id = of_its_own or request_id.current()
        return True
