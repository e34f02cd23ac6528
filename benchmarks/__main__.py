"""Measures the site with newsrooms of several sizes, side by side, and writes the report.

Each database has a process of its own, and they are asked in turn, request by request: what else
the machine is doing in the meantime weighs on all sizes alike.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.throwaway_postgres import private_server, url_of

from .report import CALIBRATION, Result, write

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench"
#: Memory of a small server, and an SSD.
POSTGRES_SETTINGS = (
    "shared_buffers=512MB",
    "effective_cache_size=2GB",
    "work_mem=16MB",
    "maintenance_work_mem=128MB",
    "random_page_cost=1.1",
)
WARM_UP, ROUNDS = 3, 40
#: An address that has taken this many seconds of a database is asked no more.
BUDGET = 20


class Database:
    """A database with so many articles, and the process that asks the site about it."""

    def __init__(self, engine: str, size: int, url: str):
        self.engine = engine
        self.size = size
        self.url = url
        self.mark = FOLDER / f"{engine}-{size}.made"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "jundiai_global.settings.production",
            "SECRET_KEY": "bench-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLM",
            "DATABASE_URL": url,
            "ALLOWED_HOSTS": "localhost",
            "SITE_URL": "http://localhost",
            "SECURE_SSL_REDIRECT": "no",
            "MEDIA_ROOT": str(FOLDER / "media" / f"{engine}-{size}"),
            "STATIC_ROOT": str(FOLDER / "static"),
            "LOG_LEVEL": "ERROR",
        }

    def manage(self, *command: str):
        subprocess.run(
            [sys.executable, "manage.py", *command, "--verbosity", "0"],
            cwd=ROOT, env=self.environment, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def prepare(self):
        """Make the articles, unless a run before this one did."""
        self.manage("migrate")
        if self.mark.exists():
            return
        self.manage("load_initial_content")
        start = time.monotonic()
        self.manage("make_articles", str(self.size), "--yes-in-production")
        spent = time.monotonic() - start
        print(f"{self.engine}: {self.size:,} articles made in {spent:.0f} s", flush=True)
        self.mark.touch()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker"],
            cwd=ROOT, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            sys.exit(f"The process of {self.engine} with {self.size:,} articles ended: {code}")
        return json.loads(line)

    def ask(self, measure: str, name: str):
        self.process.stdin.write(json.dumps([measure, name]) + "\n")
        self.process.stdin.flush()
        return self.read()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def databases(engines: list[str], sizes: list[int], stack: ExitStack) -> list[Database]:
    found = []
    if "postgresql" in engines:
        socket = stack.enter_context(private_server(FOLDER / "postgres", *POSTGRES_SETTINGS))
        existing = _psql(socket, "SELECT datname FROM pg_database").split()
        for size in sizes:
            if f"bench_{size}" not in existing:
                _psql(socket, f"CREATE DATABASE bench_{size}")
            found.append(Database("postgresql", size, url_of(socket, f"bench_{size}")))
    if "sqlite" in engines:
        found += [
            Database("sqlite", size, f"sqlite:///{FOLDER}/bench_{size}.sqlite3") for size in sizes
        ]
    return found


def _psql(socket: str, statement: str) -> str:
    import psycopg

    with psycopg.connect(
        host=socket, user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        cursor = connection.execute(statement)
        return "\n".join(row[0] for row in cursor) if cursor.description else ""


def measure(found: list[Database], rounds: int) -> list[Result]:
    names = list(dict.fromkeys(name for each in found for name in each.names))
    results = {
        (each, name): Result(each.engine, each.size, name)
        for name in [*names, CALIBRATION]
        for each in found
        if name in (*each.names, CALIBRATION)
    }
    for number in range(-WARM_UP, rounds):
        for (each, name), result in results.items():
            if sum(result.times) > BUDGET * 1000:
                continue
            measure = "calibrate" if name == CALIBRATION else "get"
            spent, result.queries = each.ask(measure, name)
            # What takes long has no need of being warmed up.
            if number >= 0 or spent > BUDGET * 1000 / rounds:
                result.times.append(spent)
        if number % 10 == 0:
            print(f"round {number} of {rounds}", flush=True)
    for (each, name), result in results.items():
        if name != CALIBRATION and sum(result.times) < BUDGET * 1000:
            result.memory = each.ask("memory", name)
    return list(results.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--engines", default="postgresql,sqlite")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--report", type=Path, default=ROOT / "docs" / "benchmarks")
    options = parser.parse_args()
    sizes = sorted(int(size) for size in options.sizes.split(","))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        found = databases(options.engines.split(","), sizes, stack)
        for each in found:
            each.prepare()
        found[0].manage("collectstatic", "--no-input")
        for each in found:
            each.start()
            stack.callback(each.stop)
        for each in found:
            each.names = each.read()
        results = measure(found, options.rounds)
        write(results, options.report, POSTGRES_SETTINGS)
    print(f"The report is in {options.report}")


if __name__ == "__main__":
    main()
