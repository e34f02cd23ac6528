"""How Gunicorn serves the site. It reads this file by itself when it is started in this folder.

What differs from server to server comes from the environment, or from the file of
``.env.example``; values in the environment win. A reload (SIGHUP) reads both again.

Gunicorn's first process runs this file, and must import nothing of Django or of the settings: it
lives on when the workers are replaced, and they would inherit what it has loaded.
"""

import os
from pathlib import Path

import environ


class _Environment(environ.Env):
    # A copy: what a reload finds in the file would lose against what it left in the environment.
    ENVIRON = dict(os.environ)


env = _Environment()
env.read_env(os.environ.get("ENV_FILE", Path(__file__).resolve().parent / ".env"))

wsgi_app = "jundiai_global.wsgi"

# Where -------------------------------------------------------------------------------------

#: host:port, or unix:/run/jundiai/site.sock. A socket of systemd's (LISTEN_FDS) goes before.
bind = env.list("WEB_BIND", default=["127.0.0.1:8000"])
#: Whose X-Forwarded-Proto is believed: the proxy's. Over a Unix socket, whoever may open it.
forwarded_allow_ips = env.str("FORWARDED_ALLOW_IPS", default="127.0.0.1,::1")
#: Whether the next release may listen to the same host:port while this one still does, where other
#: machines ask by it.
reuse_port = env.bool("WEB_REUSE_PORT", default=False)
# Of a Unix socket: for the site's user and its group, in which the proxy must be.
umask = 0o007
#: Nothing but signals steers this process.
control_socket_disable = True

# How many -----------------------------------------------------------------------------------

# Drawing a page keeps a processor busy, and Python uses one of them in each process: a process for
# each processor that this one may use. Threads are for those who wait: for the database, for a
# document that goes out slowly, for a mail server. A quarter of them is for kept pages alone
# (`page_cache/room.py`).
workers = env.int("WEB_CONCURRENCY", default=max(2, len(os.sched_getaffinity(0))))
threads = env.int("WEB_THREADS", default=8)
worker_class = "gthread"
#: Connections to PostgreSQL that each process has at most for its threads: more can ask nothing at
#: once. It is told to the processes of the server alone: a command has one connection, of no pool.
raw_env = [f"SERVER_POOL_SIZE={env.int('WEB_DATABASE_CONNECTIONS', default=threads)}"]

# The application is loaded by each worker, not once before them (`preload_app`). It costs memory
# that they might share and a second at the start; it buys that SIGHUP brings new code and new
# settings, worker by worker, while the old ones finish what they answer.
preload_app = False


def post_worker_init(worker):
    from jundiai_global import whole_answers

    # A process that is killed must not leave a reader with half an answer.
    whole_answers.install()
    # Nor need the first reader wait for the stamp, nor nginx for what is lent.
    if hasattr(worker.wsgi, "begin"):
        worker.wsgi.begin()


# How long -----------------------------------------------------------------------------------

#: A worker that shows no sign of life for so long is killed. Threads that wait are no such sign.
timeout = env.int("WEB_TIMEOUT", default=60)
#: On a reload or a stop, how long requests that were begun may still take.
graceful_timeout = env.int("WEB_GRACEFUL_TIMEOUT", default=30)
#: Longer than the proxy keeps its connections (nginx: 60), so that it is the proxy who ends them:
#: otherwise it may send a request into one that is just being closed.
keepalive = env.int("WEB_KEEPALIVE", default=75)
# Against memory that leaks slowly. Not all workers at once; and not often, for kept pages are
# thousands in a second.
max_requests = env.int("WEB_MAX_REQUESTS", default=1_000_000)
max_requests_jitter = max_requests // 10

# Workers show that they live by touching a file. In memory: a full or slow disk must not kill them.
if os.access("/dev/shm", os.W_OK):  # noqa: S108 - Gunicorn's file there has no name
    worker_tmp_dir = "/dev/shm"  # noqa: S108

# Logs ---------------------------------------------------------------------------------------

if env.str("LOG_FORMAT", default="json") == "line":
    from jundiai_global.access_log import FORMAT

    access_log_format = FORMAT
    logger_class = "jundiai_global.access_log.TruncatedAddressLogger"
else:
    logger_class = "jundiai_global.access_log.JsonLogger"
accesslog = "-"

# Metrics ------------------------------------------------------------------------------------

# To begin or end them takes a restart, not a reload.

_port = env.int("METRICS_PORT", default=0)
if _port:
    _address = env.str("METRICS_ADDRESS", default="127.0.0.1")

    def on_starting(server):
        from operations.metrics_folder import new_folder

        os.environ["PROMETHEUS_MULTIPROC_DIR"] = new_folder()

    def when_ready(server):
        from operations import exporter

        server.exporter = exporter.Exporter(
            os.environ["PROMETHEUS_MULTIPROC_DIR"],
            _address,
            _port,
            lambda: server.WORKERS,
        )
        server.exporter.start(server.log)

    def post_fork(server, worker):
        if hasattr(server, "exporter"):
            server.exporter.forget_in_child()

    def child_exit(server, worker):
        if hasattr(server, "exporter"):
            server.exporter.bury(worker.pid)

    def on_exit(server):
        if hasattr(server, "exporter"):
            server.exporter.close()

    def pre_request(worker, req):
        from operations import meters

        meters.begin(req)

    def post_request(worker, req, environ, resp):
        from operations import meters

        meters.count(req, environ, resp)
