"""Sends ten thousand wrong requests to a server of its own, and says how it bore them.

The server is gunicorn with production's settings, on a database that is thrown away: SQLite, or
the empty one that DATABASE_URL names. Half of the requests go by a client as browsers send them;
the others are written onto the wire, with bytes that no client would send. Ends with status 1 when
an answer was wrong, memory grew, or the site became slower.
"""

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager, suppress
from itertools import chain, islice
from pathlib import Path

from .judgement import faults
from .requests import Fuzzer, Request
from .surface import discover

ROOT = Path(__file__).resolve().parent.parent
#: What a visit is, to be timed before and after.
VISITED = ("/", "/noticias/", "/busca/?q=acordo", "/noticias/rss/", "/api/v1/noticias/")
ROUNDS = 15
#: Megabytes and parts by which memory and times may differ from chance.
MAX_GROWTH_MB, MAX_SLOWDOWN = 30, 1.5
#: Seconds after which there is no answer any more.
PATIENCE = 30


def environment(folder: Path, port: int) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        **os.environ,
        "ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "jundiai_global.settings.production",
        "SECRET_KEY": "fuzz-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLM",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "SECURE_SSL_REDIRECT": "no",
        "SECURE_COOKIES": "no",
        "STATIC_ROOT": str(folder / "static"),
        "MEDIA_ROOT": str(folder / "media"),
        "PRIVATE_ROOT": str(folder / "private"),
        # Every request comes from another address, or the limits would answer for the site.
        "CLIENT_ADDRESS_HEADER": "X-Real-IP",
        "SECURITY_CONTACTS": "mailto:seguranca@example.org",
        "LOG_LEVEL": "ERROR",
    }


@contextmanager
def server(folder: Path, port: int, **more: str):
    """The running site, with ``more`` in its environment."""
    settings = {**environment(folder, port), **more}

    def manage(*command: str):
        subprocess.run(
            [sys.executable, "manage.py", *command, "--verbosity", "0"],
            cwd=ROOT, env=settings, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    if not (folder / "static").exists():
        manage("migrate")
        manage("load_initial_content")
        manage("load_demo")
        manage("collectstatic", "--noinput")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "jundiai_global.wsgi", "--workers", "1",
             "--threads", "2", "--timeout", "60", "--bind", f"127.0.0.1:{port}"],
            cwd=ROOT, env=settings, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait_for(port)
            yield process
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(port: int) -> None:
    for _try in range(300):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.2)
    raise SystemExit("The server did not start.")


def memory(process: subprocess.Popen) -> float:
    """Megabytes that gunicorn's workers have in memory (Linux)."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    total = 0
    for child in children:
        for line in Path(f"/proc/{child}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1])
    return total / 1024


class Wire:
    """Writes requests as they are, and reads what comes back."""

    def __init__(self, port: int):
        self.port = port
        self.sent = 0

    def _visitor(self) -> str:
        self.sent += 1
        return f"10.{self.sent >> 16 & 255}.{self.sent >> 8 & 255}.{self.sent & 255}"

    def ask(self, request: Request) -> tuple[int, dict[str, str], bytes, float]:
        """Status 0 where the server hung up: it may, on what is no HTTP."""
        lines = [f"{request.method} {request.target} HTTP/1.1".encode()]
        names = {name for name, _value in request.headers}
        if "Host" not in names:
            lines.append(f"Host: 127.0.0.1:{self.port}".encode())
        lines += [f"{name}: {value}".encode() for name, value in request.headers]
        lines += [f"X-Real-IP: {self._visitor()}".encode(), b"Connection: close"]
        if request.body:
            lines.append(f"Content-Length: {len(request.body)}".encode())
        start = time.perf_counter()
        answer = self.exchange(b"\r\n".join(lines) + b"\r\n\r\n" + request.body)
        seconds = time.perf_counter() - start
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        parts = first.split()
        status = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
        headers = dict(line.lower().split(": ", 1) for line in rest if ": " in line)
        return status, headers, body, seconds

    def exchange(self, data: bytes, is_all: bool = False) -> bytes:
        """What comes back. With ``is_all`` the server is told that no more will be sent."""
        received = bytearray()
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            # A server that has heard enough answers before it was told all.
            with suppress(OSError):
                connection.sendall(data)
                if is_all:
                    connection.shutdown(socket.SHUT_WR)
            with suppress(ConnectionError, TimeoutError):
                while piece := connection.recv(65_536):
                    received += piece
        return bytes(received)

    def page(self, address: str) -> str:
        status, headers, body, _seconds = self.ask(Request("GET", address, (("Accept", "*/*"),)))
        if status != 200 or "text/html" not in headers.get("content-type", ""):
            return ""
        if headers.get("transfer-encoding") == "chunked":
            raise SystemExit(f"{address} came in chunks")
        return body.decode()


def broken(request: Request, fuzzer: Fuzzer) -> bytes:
    """The request as bytes that are hardly HTTP any more."""
    chance = fuzzer.random
    data = bytearray(
        f"{request.method} {request.target} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()
        + b"".join(f"{name}: {value}\r\n".encode() for name, value in request.headers)
        + b"Connection: close\r\nX-Real-IP: 10.9.8.7\r\n\r\n"
        + request.body
    )
    match chance.randrange(6):
        case 0:
            for _byte in range(chance.randint(1, 8)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        case 1:
            del data[chance.randrange(1, len(data)) :]
            data += b"\r\n\r\n"
        case 2:
            data = data.replace(b"\r\n", b"\n")
        case 3:
            data = data.replace(b"HTTP/1.1", chance.choice((b"HTTP/9.9", b"HTTP/0.9", b"", b"ICY")))
        case 4:
            wrong = chance.choice(
                (b"Content-Length: -1", b"Content-Length: 9999999999", b"Content-Length: x",
                 b"Transfer-Encoding: chunked\r\nContent-Length: 5", b"Transfer-Encoding: x",
                 b": x", b"X y: z", b"X" * 9000 + b": 1", b"\x00: \x00")
            )  # fmt: skip
            data = data.replace(b"Connection: close", wrong + b"\r\nConnection: close")
        case 5:
            data = data.replace(
                b"X-Real-IP", b"".join(b"X-%d: 1\r\n" % n for n in range(200)) + b"X"
            )
    return bytes(data)


def usual_times(wire: Wire) -> dict[str, float]:
    """Milliseconds that each of ``VISITED`` takes in the median."""
    times: dict[str, list[float]] = {address: [] for address in VISITED}
    for _round in range(ROUNDS):
        for address in VISITED:
            status, _headers, _body, seconds = wire.ask(Request("GET", address))
            if status != 200:
                raise SystemExit(f"{address} answered {status}")
            times[address].append(seconds * 1000)
    return {address: statistics.median(each) for address, each in times.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20_261_125)
    parser.add_argument("--folder", help="keeps the site there, or takes the one that is there")
    options = parser.parse_args()
    # Stopped, it says what it saw until then.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="jundiai-fuzz-") as name:
        folder = Path(options.folder or name)
        folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with server(folder, port) as process:
            wrong = attack(process, Wire(port), options.requests, options.seed)
        errors = (folder / "log").read_text(encoding="utf-8", errors="replace")
        broken_views = [line for line in errors.splitlines() if "Internal Server Error:" in line]
        print("\n".join(broken_views) or "No error of the site in its log.")
        wrong += len(broken_views)
    return 1 if wrong else 0


def judged(wire: Wire, request: Request) -> tuple[int, list[str], float]:
    """Status, what is wrong, and seconds. It is slow when it is slow each time it is asked for."""
    for _try in range(4):
        status, headers, body, seconds = wire.ask(request)
        found = faults(status, headers, body, seconds)
        if not (len(found) == 1 and found[0].startswith("took")):
            break
    return status, found, seconds


def attack(process: subprocess.Popen, wire: Wire, count: int, seed: int) -> int:
    surface = discover(wire.page)
    print(
        f"{len(surface.paths)} addresses, "
        f"{sum(map(len, surface.parameters.values()))} parameters, {len(surface.forms)} forms; "
        f"seed {seed}",
        flush=True,
    )
    usual_times(wire)  # what is kept in memory is kept from here on
    before, memory_before = usual_times(wire), memory(process)
    fuzzer = Fuzzer(surface, seed)
    statuses: Counter[int] = Counter()
    wrong: list[str] = []
    times: list[float] = []
    grown: list[float] = []
    for number, request in enumerate(
        islice(chain(fuzzer.each_parameter(), fuzzer.any()), count), start=1
    ):
        try:
            if number % 2:
                status, found, seconds = judged(wire, request)
                times.append(seconds)
            else:
                answer = wire.exchange(broken(request, fuzzer), is_all=True)
                first = answer[:12].split()
                status = int(first[1]) if len(first) > 1 and first[1].isdigit() else 0
                found = [f"answered {status}"] if status >= 500 and status != 501 else []
        except KeyboardInterrupt:
            print(f"Interrupted after {number - 1:,} requests.")
            break
        statuses[status] += 1
        if found:
            wrong.append(f"{', '.join(found)}: {request}")
            print("WRONG", wrong[-1], flush=True)
        if number % (count // 10 or 1) == 0:
            grown.append(memory(process))
            print(f"{number:,} requests, {grown[-1]:.0f} MB, {len(wrong)} wrong", flush=True)
    after, memory_after = usual_times(wire), memory(process)
    print("\nAnswers:", dict(sorted(statuses.items())), "(0: hung up on what is no HTTP)")
    times.sort()
    print(
        f"Time: median {statistics.median(times) * 1000:.0f} ms, "
        f"99th percentile {times[len(times) * 99 // 100] * 1000:.0f} ms, "
        f"longest {times[-1] * 1000:.0f} ms"
    )
    print(f"Memory: {memory_before:.0f} MB before, {memory_after:.0f} MB after")
    for address in VISITED:
        print(f"{address}: {before[address]:.1f} ms before, {after[address]:.1f} ms after")
    # What is filled at first is kept; memory that leaks goes on growing.
    if len(grown) > 4 and grown[-1] - grown[len(grown) // 2] > MAX_GROWTH_MB:
        wrong.append(f"memory grew: {', '.join(f'{each:.0f}' for each in grown)} MB")
    if sum(after.values()) > MAX_SLOWDOWN * sum(before.values()):
        wrong.append("the site became slower")
    print(f"{len(wrong)} wrong of {sum(statuses.values()):,}", *wrong, sep="\n")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main())
