"""What the site's cache is compared with, under the same Gunicorn.

Gunicorn is given one of ``bare``, an application that does nothing but return bytes it has read
before, and ``with_djangos_cache``, the site with Django's own cache middleware.
"""

import json
import os
from pathlib import Path


def bare():
    """Answers with the bytes and headers in the file ``BARE_ANSWERS``, by address."""
    answers = {
        path: (answer["headers"], bytes.fromhex(answer["body"]))
        for path, answer in json.loads(Path(os.environ["BARE_ANSWERS"]).read_text()).items()
    }

    def application(environ, start_response):
        headers, body = answers[environ["PATH_INFO"]]
        start_response("200 OK", [tuple(header) for header in headers])
        return [body]

    return application


def with_djangos_cache():
    """The site as Django would cache it by itself (``settings`` of this package)."""
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()
