"""Gives Prometheus the metrics of all of Gunicorn's processes, on a port of its own.

Called by ``gunicorn.conf.py`` in Gunicorn's first process, which answers no visitor. Nothing of
Django's is imported here: that process keeps its code when the others get new one.
``PROMETHEUS_MULTIPROC_DIR`` must be set before this file is read.
"""

import contextlib
import os
import shutil
import socketserver
import threading
import time
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

#: The numbers of processes that ended are kept in files of this name.
DEAD = "dead"
#: Seconds between tries to take the port, which the server before may still have.
_RETRY = 1


class WorkersCollector(Collector):
    """Memory, processor time and open files of the worker processes, added up."""

    def __init__(self, pids: Callable[[], Iterable[int]]):
        self.pids = pids

    def collect(self):
        totals: dict = {}
        for pid in list(self.pids()):
            collector = ProcessCollector("jundiai_workers", pid=lambda pid=pid: pid, registry=None)
            for metric in collector.collect():
                kept = totals.setdefault(metric.name, metric)
                if kept is not metric:
                    kept.samples = [
                        old._replace(value=old.value + new.value)
                        for old, new in zip(kept.samples, metric.samples, strict=True)
                    ]
        # Sums of these say nothing.
        for name in ("process_start_time_seconds", "process_max_fds"):
            totals.pop(f"jundiai_workers_{name}", None)
        yield from totals.values()


class Exporter:
    """The private port. ``workers`` gives the numbers of the living processes."""

    def __init__(self, folder: str, address: str, port: int, workers: Callable[[], Iterable[int]]):
        self.folder, self.address, self.port, self.workers = folder, address, port, workers
        self._server: socketserver.TCPServer | None = None
        #: Files are not read while they are put together.
        self._lock = threading.Lock()
        self._is_closed = False

    def start(self, log) -> None:
        """Serve from a thread: now, or as soon as the port is free.

        The first try is made in this thread. A thread that imports something while Gunicorn forks
        (the first socket imports `encodings.idna`) leaves the lock of that import locked for ever
        in the new worker, which then hangs at the first server that it connects to.
        """
        if not self._try(log, is_first=True):
            threading.Thread(target=self._go_on_trying, args=(log,), daemon=True).start()

    def _go_on_trying(self, log) -> None:
        while not self._is_closed:
            time.sleep(_RETRY)
            if self._try(log):
                return

    def _try(self, log, is_first=False) -> bool:
        registry = CollectorRegistry()
        registry.register(self)
        registry.register(WorkersCollector(self.workers))
        try:
            self._server, _thread = start_http_server(self.port, self.address, registry)
        except OSError as error:
            if is_first:
                log.warning("Metrics wait for %s:%d: %s", self.address, self.port, error)
            return False
        log.info("Metrics at http://%s:%d/metrics", self.address, self.port)
        return True

    def collect(self):
        with self._lock:
            yield from list(MultiProcessCollector(None, path=self.folder).collect())

    def forget_in_child(self) -> None:
        """In a new worker: the port belongs to the first process alone."""
        if self._server is not None:
            self._server.socket.close()

    def bury(self, pid: int) -> None:
        """Add the numbers of a process that ended to those of all that did, and drop its files.

        The library leaves a file for each process there ever was, and reading them would take
        longer with each worker that is renewed.
        """
        with self._lock:
            mark_process_dead(pid, path=self.folder)
            for kind in ("counter", "histogram"):
                path = os.path.join(self.folder, f"{kind}_{pid}.db")
                if os.path.exists(path):
                    self._add(path, os.path.join(self.folder, f"{kind}_{DEAD}.db"))
                    os.unlink(path)

    @staticmethod
    def _add(source: str, target: str) -> None:
        total = MmapedDict(target)
        try:
            for key, value, timestamp, _position in MmapedDict.read_all_values_from_file(source):
                total.write_value(key, total.read_value(key)[0] + value, timestamp)
        finally:
            total.close()

    def close(self) -> None:
        self._is_closed = True
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        with contextlib.suppress(OSError):
            shutil.rmtree(self.folder)
