"""Readers: many connections of `wrk`, which asks as fast as it is answered."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

#: What `wrk` calls units of time, in milliseconds.
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Load:
    """What `wrk` says of a run. Latencies are milliseconds, by percentile."""

    per_second: float
    requests: int
    #: Answers that were no success, and connections that failed.
    errors: int
    latency: dict[int, float]


def require() -> str:
    """The path of `wrk`; ends the program where there is none."""
    return shutil.which("wrk") or sys.exit("wrk is missing: sudo apt install wrk")


def load(
    url: str,
    connections: int,
    seconds: int,
    script: Path | None = None,
    threads: int = 1,
    **headers,
) -> Load:
    """Ask ``url`` on so many connections for so long, one request after another on each."""
    said = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    command = [
        require(), "--connections", str(connections), "--duration", f"{seconds}s",
        "--threads", str(threads), "--latency", "--timeout", "10s",
        *(part for header in said for part in ("--header", header)),
        *(["--script", str(script)] if script else []),
        url,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return read(done.stdout)


def read(said: str) -> Load:
    """What `wrk` printed. Raises ``ValueError`` where that is no report."""
    per_second = re.search(r"Requests/sec:\s+([\d.]+)", said)
    requests = re.search(r"(\d+) requests in", said)
    if not per_second or not requests:
        raise ValueError(f"wrk said: {said}")
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    broken = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said
    )
    latency = {
        int(percent): float(number) * UNITS[unit]
        for percent, number, unit in re.findall(r"(\d+)%\s+([\d.]+)(us|ms|s|m)\b", said)
    }
    return Load(
        per_second=float(per_second[1]),
        requests=int(requests[1]),
        errors=int(failed[1] if failed else 0) + sum(map(int, broken.groups() if broken else ())),
        latency=latency,
    )
