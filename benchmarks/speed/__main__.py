"""Measures the speed of the site against its goals, in one run, and writes the report."""

import argparse
import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg

from tests.throwaway_postgres import private_server, url_of

from ..__main__ import FOLDER, POSTGRES_SETTINGS, ROOT
from .load import Load, load, require
from .report import Drawn, Measured, Rate, Readers, goals, write
from .servers import Gunicorn, Nginx, Site, get

ARTICLES = 1000
#: Connections to a single worker, and to nginx.
FEW, MANY = 16, 64
READERS = 200
#: How many rounds of nginx's are one of Gunicorn's: what is compared differs least, and on a busy
#: machine one round's ratio is off by a tenth.
NGINXS_ROUNDS = 4
#: What a browser says that it takes; the answers are the same for all who are compared.
TAKEN = {"Host": "localhost", "Accept-Encoding": "br"}
ADDRESSES = """
import json
from news.models import ArticlePage, NewsIndexPage
index = NewsIndexPage.objects.get(locale__language_code="pt-br")
article = ArticlePage.objects.child_of(index).newest_first()[0]
print(json.dumps([article.pk, "/", index.url, article.url]))
"""
NAMES = ("Home", "News", "Article")


def prepare(url: str) -> Site:
    """The site with its content and a newsroom, unless a run before this one made them."""
    site = Site(FOLDER / "speed", url)
    site.folder.mkdir(parents=True, exist_ok=True)
    site.manage("migrate")
    mark = site.folder / "made"
    if not mark.exists():
        site.manage("load_initial_content")
        site.manage("make_articles", str(ARTICLES), "--yes-in-production")
        mark.touch()
    site.manage("collectstatic", "--no-input", "--clear")
    return site


def rates(origins: dict[str, str], path: str, connections: int, rounds: int, seconds: int) -> dict:
    """Requests per second of each of ``origins``, asked in turn, forth and back."""
    found: dict[str, list[float]] = {name: [] for name in origins}
    turn = list(origins)
    for number in range(-1, rounds):
        for name in turn:
            answered = load(
                origins[name] + path, connections, 1 if number < 0 else seconds, **TAKEN
            )
            if answered.errors:
                sys.exit(f"{name}: {answered.errors} errors at {path}")
            if number >= 0:
                found[name].append(answered.per_second)
        turn.reverse()
    return found


def measure_drawing(site: Site, paths: list[str]) -> list[Drawn]:
    said = json.loads(site.run("-m", "benchmarks.speed.drawing", *paths))
    return [Drawn.of(name, said[path]) for name, path in zip(NAMES, paths, strict=True)]


def measure_gunicorn(site: Site, paths: list[str], rounds: int, seconds: int) -> list[Rate]:
    """One worker of each kind, all three there at the same time, asked in turn."""
    found = []
    shared = ("--workers", "1")
    with site.gunicorn(*shared) as ours:
        answers = {}
        for path in paths:
            get(ours.origin, path, **TAKEN)
            headers, body = get(ours.origin, path, **TAKEN)
            own = {"server", "date", "connection", "transfer-encoding"}
            kept = [(name, value) for name, value in headers if name.lower() not in own]
            answers[path] = {"headers": kept, "body": body.hex()}
        file = site.folder / "bare.json"
        file.write_text(json.dumps(answers))
        applications = "benchmarks.speed.applications"
        with (
            site.gunicorn(*shared, app=f"{applications}:bare()", BARE_ANSWERS=str(file)) as bare,
            site.gunicorn(
                *shared,
                app=f"{applications}:with_djangos_cache()",
                DJANGO_SETTINGS_MODULE="benchmarks.speed.settings",
            ) as djangos,
        ):
            origins = {"ours": ours.origin, "bare": bare.origin, "django": djangos.origin}
            for name, path in zip(NAMES, paths, strict=True):
                found.append(Rate(name, **rates(origins, path, FEW, rounds, seconds)))
    return found


def measure_nginx(nginx: Nginx, paths: list[str], rounds: int, seconds: int) -> list[Rate]:
    found = []
    for name, path in zip(NAMES, paths, strict=True):
        origins = {"ours": nginx.origin, "files": nginx.files}
        found.append(Rate(name, **rates(origins, path, MANY, NGINXS_ROUNDS * rounds, seconds)))
    return found


def measure_readers(
    site: Site, nginx: Nginx, gunicorn: Gunicorn, article: int, paths: list[str], seconds: int
) -> Readers:
    """200 readers who ask for a page each second, while somebody publishes as often."""
    script = site.folder / "readers.lua"
    script.write_text(
        f"local paths = {{{', '.join(map(json.dumps, paths))}}}\nlocal number = 0\n"
        "request = function()\n  number = number + 1\n"
        "  return wrk.format(nil, paths[number % #paths + 1])\nend\n"
        # Milliseconds between an answer and the next request of a reader.
        "delay = function()\n  return math.random(500, 1500)\nend\n"
    )
    memory: list[float] = []
    over = threading.Event()

    def weigh():
        while not over.wait(1):
            memory.append(gunicorn.memory)

    command = [
        sys.executable, "-m", "benchmarks.speed.editor",
        nginx.origin, str(article), str(seconds + 4), *paths,
    ]  # fmt: skip
    editor = subprocess.Popen(
        command, cwd=ROOT, env=site.environment, text=True, stdout=subprocess.PIPE
    )
    time.sleep(5)
    weighing = threading.Thread(target=weigh)
    weighing.start()
    answered: Load = load(nginx.origin, READERS, seconds, script, threads=2, **TAKEN)
    over.set()
    weighing.join()
    said = json.loads(editor.communicate()[0])
    return Readers(answered, said, memory)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    # The machine changes from second to second: many short rounds say more than a few long ones.
    parser.add_argument("--seconds", type=int, default=1, help="of each round")
    parser.add_argument("--readers-for", type=int, default=60, help="seconds")
    parser.add_argument("--report", type=Path, default=ROOT / "docs" / "benchmarks")
    options = parser.parse_args()
    require()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with private_server(FOLDER / "postgres", *POSTGRES_SETTINGS) as socket:
        with psycopg.connect(
            host=socket, user="postgres", dbname="postgres", autocommit=True
        ) as root:
            if not root.execute("SELECT 1 FROM pg_database WHERE datname = 'speed'").fetchone():
                root.execute("CREATE DATABASE speed")
                (FOLDER / "speed" / "made").unlink(missing_ok=True)
        site = prepare(url_of(socket, "speed"))
        said = site.run("manage.py", "shell", "--no-imports", "--command", ADDRESSES)
        article, *paths = json.loads(said)
        measured = Measured(drawn=measure_drawing(site, paths))
        print("drawn", flush=True)
        measured.gunicorn = measure_gunicorn(site, paths, options.rounds, options.seconds)
        print("behind Gunicorn", flush=True)
        shutil.rmtree(site.folder / "nginx", ignore_errors=True)
        with site.gunicorn() as gunicorn:
            nginx = Nginx(site.folder / "nginx", site, gunicorn)
            with nginx.running(nginx.answers(paths, **TAKEN)):
                measured.nginx = measure_nginx(nginx, paths, options.rounds, options.seconds)
                print("behind nginx", flush=True)
                measured.readers = measure_readers(
                    site, nginx, gunicorn, article, paths, options.readers_for
                )
    write(measured, options.report)
    print(f"The report is in {options.report}/speed.md")
    missed = [f"{goal.name}: {goal.measured}" for goal in goals(measured) if goal.reached < 1]
    if missed:
        sys.exit("\n".join(["Not reached:", *missed]))


if __name__ == "__main__":
    main()
