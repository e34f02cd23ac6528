"""What fails around the site, made to fail for real: what visitors and editors see meanwhile.

One machine as it is in production: nginx, Gunicorn with two workers, PostgreSQL, Redis, a disk.
"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest

from tests import throwaway_postgres
from tests.servers import Server
from tests.test_admin import article_form
from tests.test_deploy import NGINX, Answer, Nginx, eventually

pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="nginx is missing: sudo apt install nginx-light"),
]
#: What the tests measure is for people to read; what they demand is what a slow machine can do too.
SOON = 5.0
#: Public pages, visited before anything fails, and one that nobody visits.
VISITED = ("/", "/noticias/", "/a-assessoria/", "/metas/", "/mapa-do-site/")
NEVER_VISITED = "/dados-abertos/"
WORKERS = 2

PREPARE = """
import json
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from news.models import NewsIndexPage
from pages.models import HomePage
from sign_in.sessions import SECOND_FACTOR
from tests.builders import ArticleFactory
editor = User.objects.create_superuser("editora", "editora@example.org")
client = Client()
client.force_login(editor)
session = client.session
session[SECOND_FACTOR] = True
session.save()
index = NewsIndexPage.objects.get(locale__language_code="pt-br")
article = ArticleFactory(parent=index, title="Acordo com a cidade 0", slug="acordo")
article.save_revision(user=editor).publish()
told = {"session": session.session_key, "article": article.pk, "index": index.pk}
open(FILE, "w").write(json.dumps(told))
"""


class PostgreSQL:
    """A private server that can be stopped, made to hang and killed."""

    SETTINGS = ("max_connections=30", "superuser_reserved_connections=2", "deadlock_timeout=300ms")

    def __init__(self, folder: Path, socket: str):
        self.folder, self.socket = folder, socket
        self._pg_ctl = throwaway_postgres.find_binaries() / "pg_ctl"
        self.url = f"postgres://jundiai@/{socket}/jundiai"

    def _control(self, *arguments) -> None:
        user = {"user": "postgres", "group": "postgres", "cwd": "/"} if os.geteuid() == 0 else {}
        subprocess.run(
            [self._pg_ctl, "--pgdata", self.folder / "data", "--wait", *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            **user,
        )

    def stop(self, mode="fast") -> None:
        self._control("--mode", mode, "stop")

    def start(self) -> None:
        options = ("listen_addresses=''", f"unix_socket_directories={self.socket}", *self.SETTINGS)
        options = " ".join(f"-c {each}" for each in options)
        self._control("--log", self.folder / "log", "--options", options, "start")

    def _send(self, number: signal.Signals) -> None:
        """To all of its processes, the first one first, so that no new ones come."""
        first = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        os.kill(first, number)
        for child in Path(f"/proc/{first}/task/{first}/children").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(child), number)

    @contextmanager
    def hanging(self):
        """It holds its connections, takes new ones, and says nothing."""
        self._send(signal.SIGSTOP)
        try:
            yield
        finally:
            self._send(signal.SIGCONT)

    def kill(self) -> None:
        first = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        os.kill(first, signal.SIGSTOP)
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (*map(int, children), first):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        eventually(lambda: not any(Path(f"/proc/{each}").exists() for each in (*children, first)))

    def connect(self, user="postgres", **options) -> psycopg.Connection:
        return psycopg.connect(
            host=self.socket, user=user, dbname="jundiai", autocommit=True, **options
        )

    def ask(self, question: str, *values) -> list[tuple]:
        with closing(self.connect()) as connection:
            return connection.execute(question, values).fetchall()


@pytest.fixture(scope="module")
def postgresql():
    folder = Path(tempfile.mkdtemp(prefix="jundiai-faults-"))
    folder.chmod(0o755)  # for the server's own user
    try:
        throwaway_postgres.find_binaries()
    except SystemExit as reason:
        pytest.skip(str(reason))
    try:
        with throwaway_postgres.private_server(folder, *PostgreSQL.SETTINGS) as socket:
            server = PostgreSQL(folder, socket)
            with psycopg.connect(host=socket, user="postgres", autocommit=True) as first:
                # Until the content is there; a fault would be nothing without it.
                first.execute("ALTER SYSTEM SET fsync = off")
                first.execute("SELECT pg_reload_conf()")
                first.execute("CREATE ROLE jundiai LOGIN")
                first.execute("CREATE DATABASE jundiai OWNER jundiai")
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Machine:
    """Everything together, as a visitor and an editor find it."""

    def __init__(self, folder: Path, postgresql: PostgreSQL):
        self.folder, self.postgresql = folder, postgresql
        self.server = Server(
            folder,
            DJANGO_SETTINGS_MODULE="tests.faults_settings",
            DATABASE_URL=postgresql.url,
            ALLOWED_HOSTS="localhost",
            USE_FORWARDED_PROTO="True",
            CLIENT_ADDRESS_HEADER="X-Real-IP",
            PAGE_CACHE_ROOT=str(folder / "pages"),
            PAGE_CACHE_WITHDRAWALS_FILE=str(folder / "withdrawals"),
            HEALTH_NETWORKS="127.0.0.1/32",
            LOG_LEVEL="WARNING",
        )
        for name in ("media", "private"):
            (folder / name).mkdir()
        (folder / "nginx").mkdir()
        self.nginx = Nginx(folder / "nginx", self.server)

    def prepare(self) -> None:
        self.server.manage("migrate", "--verbosity", "0")
        self.server.manage("load_initial_content", "--verbosity", "0")
        told = self.folder / "told.json"
        self.server.manage(
            "shell", "--verbosity", "0", "--command", PREPARE.replace("FILE", repr(str(told)))
        )
        self.nginx.configure()
        vars(self).update(json.loads(told.read_text()))

    # Who asks ----------------------------------------------------------------------------------

    def ask(
        self, address="/", method="GET", body=None, timeout=30, server=None, **headers
    ) -> Answer:
        """Of Gunicorn alone, in the name of the proxy."""
        usual = {
            "Host": f"localhost:{self.nginx.https}",
            "X-Forwarded-Proto": "https",
            "X-Real-IP": "203.0.113.9",
        }
        host, _colon, port = (server or self.server).address.removeprefix("http://").partition(":")
        asking = http.client.HTTPConnection(host, int(port), timeout=timeout)
        with closing(asking):
            asking.request(method, address, body=body, headers={**usual, **headers})
            return Answer(asking.getresponse())

    def visit(self, address="/") -> Answer:
        """Through nginx."""
        return self.nginx.ask(address)

    @property
    def cookies(self) -> dict[str, str]:
        return {"Cookie": f"__Host-session={self.session}; __Host-csrf={'c' * 32}"}

    def edit(self, address="/admin/", **form) -> Answer:
        """As the editor who is signed in, through nginx; with a form it is sent."""
        if not form:
            return self.nginx.ask(address, **self.cookies)
        return self.nginx.ask(address, **self.sent(form))

    def sent(self, form: dict) -> dict:
        """The request that the editor's browser makes of a form."""
        return {
            "method": "POST",
            "body": urlencode({**form, "csrfmiddlewaretoken": "c" * 32}),
            **self.cookies,
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": f"https://localhost:{self.nginx.https}/admin/",
        }

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    def workers(self, server=None) -> list[int]:
        process = (server or self.server).process.pid
        children = Path(f"/proc/{process}/task/{process}/children")
        return [int(pid) for pid in children.read_text().split()]


@pytest.fixture(scope="module")
def machine(postgresql, tmp_path_factory):
    machine = Machine(tmp_path_factory.mktemp("machine"), postgresql)
    machine.prepare()
    with machine.nginx.running(), machine.server.running(WORKERS):
        for address in VISITED:
            assert machine.visit(address).status == 200, address
        yield machine


def is_fresh(answer: Answer) -> bool:
    return answer.status == 200 and "jundiai" not in answer.headers.get("Cache-Status", "")


def slowest(ask, addresses) -> float:
    """Seconds that the slowest of several answers took; each is 200."""
    longest = 0.0
    for address in addresses:
        begun = time.monotonic()
        assert ask(address).status == 200, address
        longest = max(longest, time.monotonic() - begun)
    return longest


def refused_in_portuguese(answer: Answer, words: str) -> bool:
    return (
        answer.status == 503
        and answer.headers["Retry-After"] == "30"
        and answer.headers["Cache-Control"] == "no-store"
        and words in answer.text
        and "Traceback" not in answer.text
    )


def work_goes_on(machine) -> None:
    """By itself: with the workers that there were."""
    eventually(lambda: is_fresh(machine.ask()) and is_fresh(machine.visit()))
    for _worker in range(4 * WORKERS):
        assert machine.ask(NEVER_VISITED + "?x").status == 200
        assert machine.edit(EDIT.format(machine.article)).status == 200


EDIT = "/admin/pages/{}/edit/"
DATABASE = "O banco de dados"


class TestPostgreSQL:
    def visitors_and_editors_are_told(self, machine) -> None:
        """While the database is away."""
        eventually(lambda: not is_fresh(machine.ask()))
        for ask in (machine.ask, machine.visit):
            assert slowest(ask, VISITED * 4) < SOON
            assert refused_in_portuguese(ask(NEVER_VISITED), DATABASE)
        assert refused_in_portuguese(machine.edit(), "nada pode ser aberto nem salvo")
        assert refused_in_portuguese(machine.edit("/noticias/"), DATABASE)
        form = article_form(title="Enquanto isso", slug="acordo")
        sent = machine.edit(EDIT.format(machine.article), **form)
        assert refused_in_portuguese(sent, "confirme o reenvio")
        assert machine.visit("/healthz").status == 200
        assert machine.visit("/readyz").status == 503

    @pytest.mark.parametrize("mode", ["fast", "immediate"])
    def test_stopped_and_started_again(self, machine, mode):
        workers = machine.workers()
        machine.postgresql.stop(mode)
        try:
            self.visitors_and_editors_are_told(machine)
        finally:
            machine.postgresql.start()
        work_goes_on(machine)
        # What was refused is sent again, as the browser does it.
        form = article_form(title="Acordo de depois", slug="acordo")
        assert machine.edit(EDIT.format(machine.article), **form).status == 302
        eventually(lambda: "Acordo de depois" in machine.visit("/noticias/acordo/").text)
        assert machine.workers() == workers
        assert "Traceback" not in machine.visit("/noticias/acordo/").text

    def test_hanging_and_awake_again(self, machine):
        workers = machine.workers()
        hurried = []

        def ask_for_what_is_not_kept(number):
            with suppress(OSError):
                hurried.append(machine.ask(f"/nada-{number}/", timeout=60).status)

        with machine.postgresql.hanging():
            # More than there are threads, before anybody can know.
            threads = [
                threading.Thread(target=ask_for_what_is_not_kept, args=[number])
                for number in range(40)
            ]
            for thread in threads:
                thread.start()
            begun = time.monotonic()
            assert slowest(machine.ask, VISITED) < SOON
            print("first", time.monotonic() - begun)
            self.visitors_and_editors_are_told(machine)
            longest = slowest(machine.ask, VISITED * 20)
            print(f"a kept page while PostgreSQL hangs: {longest * 1000:.0f} ms at most")
            assert longest < 1
        for thread in threads:
            thread.join()
        assert set(hurried) <= {404, 503}
        work_goes_on(machine)
        assert machine.workers() == workers

    def test_a_lock_that_all_pages_wait_for(self, machine):
        with closing(machine.postgresql.connect()) as holder, holder.transaction():
            holder.execute("LOCK TABLE wagtailcore_page")
            threads = [
                threading.Thread(
                    target=machine.ask, args=[f"/nada-{number}/"], kwargs={"timeout": 60}
                )
                for number in range(40)
            ]
            for thread in threads:
                thread.start()
            for ask in (machine.ask, machine.visit):
                assert slowest(ask, VISITED) < SOON
            longest = slowest(machine.ask, VISITED * 20)
            print(f"a kept page while a table is locked: {longest * 1000:.0f} ms at most")
            assert longest < 1
            assert refused_in_portuguese(machine.ask(NEVER_VISITED), DATABASE)
            assert refused_in_portuguese(machine.edit(), DATABASE)
        for thread in threads:
            thread.join()
        work_goes_on(machine)

    def test_no_connection_left(self, machine):
        others = []
        try:
            machine.postgresql.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'jundiai'"
            )
            with suppress(psycopg.OperationalError):
                while True:
                    others.append(machine.postgresql.connect("jundiai"))
            assert len(others) > 20
            self.visitors_and_editors_are_told(machine)
        finally:
            for other in others:
                other.close()
        work_goes_on(machine)


HALF = """
SELECT page.slug, page.live, page.live_revision_id, page.latest_revision_id, found.title
FROM wagtailcore_page page
LEFT JOIN search_searchentry found ON found.page_id = page.id
LEFT JOIN wagtailcore_pagelogentry told
    ON told.page_id = page.id AND told.action = 'wagtail.publish'
WHERE page.slug LIKE 'morte-%%' AND NOT (
    page.live AND page.live_revision_id = page.latest_revision_id
    AND found.title = page.title AND told.id IS NOT NULL
)
"""
COUNTS = """
SELECT (SELECT count(*) FROM news_articlepage JOIN wagtailcore_page ON id = page_ptr_id WHERE live),
    (SELECT sum(count) FROM news_archivemonth WHERE category_id IS NULL AND goal_id IS NULL)
"""


class TestWorkersKilled:
    def test_under_load(self, machine):
        """No reader notices, neither of pages that are kept nor of others."""
        answers, is_over = [], threading.Event()

        def read(number):
            addresses = (*VISITED, f"{NEVER_VISITED}?{number}", f"/noticias/?assunto={number}")
            while not is_over.is_set():
                for address in addresses:
                    try:
                        answers.append((address, machine.visit(address).status))
                    except (OSError, http.client.HTTPException) as error:
                        answers.append((address, repr(error)))

        readers = [threading.Thread(target=read, args=[number]) for number in range(4)]
        for reader in readers:
            reader.start()
        try:
            for _time in range(3):
                begun = machine.workers()
                # All but one, which answers meanwhile.
                for worker in begun[1:]:
                    os.kill(worker, signal.SIGKILL)
                eventually(
                    lambda begun=begun: (
                        machine.log.count("Booting worker")
                        and len(set(machine.workers()) - set(begun)) == WORKERS - 1
                    )
                )
                number = len(answers)
                eventually(lambda number=number: len(answers) > number + 100, 60)
        finally:
            is_over.set()
            for reader in readers:
                reader.join()
        print(f"{len(answers)} answers while workers were killed")
        assert {status for _address, status in answers} == {200}

    def test_during_a_publication(self, machine):
        """All or nothing of it is in the database, and all if the editor was told so."""
        address = f"/admin/pages/add/news/articlepage/{machine.index}/"
        other = Server(
            machine.folder / "other",
            # So that those who were killed are replaced at once.
            **{**machine.server.environment, "GUNICORN_CMD_ARGS": "--preload"},
        )
        other.folder.mkdir()
        answers = {}

        def publish(slug):
            form = article_form(title=f"Morte {slug}", slug=slug)
            with suppress(OSError, http.client.HTTPException):
                answers[slug] = machine.ask(address, server=other, **machine.sent(form)).status

        def is_warm():
            with suppress(OSError, http.client.HTTPException):
                return machine.ask(address, server=other, **machine.cookies).status == 200

        with other.running(workers=1):
            assert is_warm()
            publish("morte-sem")
            begun = time.monotonic()
            publish("morte-sem-2")
            usual = time.monotonic() - begun
            rounds = 12
            for number in range(rounds):
                eventually(is_warm)
                editor = threading.Thread(target=publish, args=[f"morte-{number}"])
                editor.start()
                time.sleep(usual * number / rounds)
                for worker in machine.workers(other):
                    os.kill(worker, signal.SIGKILL)
                editor.join()
        there = {
            slug
            for (slug,) in machine.postgresql.ask(
                "SELECT slug FROM wagtailcore_page WHERE slug LIKE 'morte-%%'"
            )
        }
        told = {slug for slug, status in answers.items() if status == 302}
        print(f"{usual:.2f} s; told {len(told)}, there {len(there)} of {rounds + 2}")
        assert told <= there
        assert machine.postgresql.ask(HALF) == []
        ((live, counted),) = machine.postgresql.ask(COUNTS)
        assert live == counted
