"""How Gunicorn logs; the rest is said where it is started. It reads this file by itself."""

from jundiai_global.access_log import FORMAT

accesslog = "-"
access_log_format = FORMAT
logger_class = "jundiai_global.access_log.TruncatedAddressLogger"
