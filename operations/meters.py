"""The metrics themselves, written by Gunicorn's processes.

Read by ``gunicorn.conf.py`` too, so there is nothing of Django's in it. The first import decides
where numbers are kept: ``PROMETHEUS_MULTIPROC_DIR`` must be set before.
"""

import time

from prometheus_client import Counter, Histogram

#: Where in the WSGI environment a request's view is named. Whoever answers before Django may name
#: itself there; the names must be few.
VIEW = "jundiai.view"
#: The number of its queries and the seconds that they took.
DATABASE = "jundiai.database"
#: The class of the exception that no view caught.
EXCEPTION = "jundiai.exception"
#: From where a drawn page was read, if there is a replica: it, the primary, or the primary after it
#: failed.
REPLICA = "jundiai.replica"

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
#: Seconds. From what comes from a cache to what makes people leave.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

requests = Counter("jundiai_requests", "Requests that were answered.", ["view", "method", "status"])
seconds = Histogram(
    "jundiai_request_seconds",
    "From the request's head to the end of its answer.",
    ["view"],
    buckets=_BUCKETS,
)
queries = Counter("jundiai_database_queries", "Queries to the database.", ["view"])
query_seconds = Counter(
    "jundiai_database_seconds", "Seconds spent waiting for the database.", ["view"]
)
exceptions = Counter(
    "jundiai_exceptions", "Requests that ended in an exception.", ["view", "exception"]
)
drawings = Counter(
    "jundiai_drawings", "Answers to visitors that were drawn, by where they were read.", ["source"]
)


def begin(req) -> None:
    """Gunicorn's ``pre_request``."""
    req.begun_at = time.perf_counter()


def count(req, environ: dict, response) -> None:
    """Gunicorn's ``post_request``; ``response`` is None for a request that was not understood."""
    if response is None or not environ:
        return
    view = environ.get(VIEW, "outside")
    method = environ.get("REQUEST_METHOD")
    status = str(response.status).split(None, 1)[0]
    requests.labels(view, method if method in _METHODS else "other", f"{status[:1]}xx").inc()
    if (begun_at := getattr(req, "begun_at", None)) is not None:
        seconds.labels(view).observe(time.perf_counter() - begun_at)
    number, taken = environ.get(DATABASE, (0, 0.0))
    if number:
        queries.labels(view).inc(number)
        query_seconds.labels(view).inc(taken)
    if kind := environ.get(EXCEPTION):
        exceptions.labels(view, kind).inc()
    if source := environ.get(REPLICA):
        drawings.labels(source).inc()
