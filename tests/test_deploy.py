"""What ``deploy/`` has: nginx before the site for real, the units, the scripts."""

import glob
import http.client
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings

from operations.nginx import Machine, write_files
from operations.tasks import COMMANDS
from page_cache.leases import ROUND
from pages.headers import page_policies
from tests.observatory import policy
from tests.servers import Server, children_of, free_port

DEPLOY = settings.BASE_DIR / "deploy"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
BROTLI = glob.glob("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
MAIN = """
daemon off;
{user}
{modules}
pid {folder}/nginx.pid;
error_log {folder}/main-error.log;
worker_processes 2;
events {{ worker_connections 512; }}
http {{
    {temporary}
    # As Debian's own nginx.conf has it.
    types {{ text/html html; }}
    default_type application/octet-stream;
    sendfile on;
    gzip on;
    include {folder}/site.conf;
}}
"""
MEDIA = ("foto.jpg", "filme.mp4", "desenho.svg", "pagina.html", ".oculto")
#: A stranger, for whom nothing local holds: the networks of the test are 127.0.0.1 alone.
STRANGER = "127.0.0.2"


class Answer:
    def __init__(self, response: http.client.HTTPResponse):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def text(self) -> str:
        return self.body.decode()


class Nginx:
    """nginx with the site's configuration, on ports and in a folder of its own."""

    def __init__(self, folder: Path, server: Server):
        self.folder, self.server = folder, server
        self.http, self.https = free_port(), free_port()
        self.log = folder / "jundiai.log"
        self._tls = ssl._create_unverified_context()  # noqa: S323 - our own certificate
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
                *("ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
                *("-keyout", folder / "key.pem", "-out", folder / "certificate.pem"),
            ],
            check=True,
            capture_output=True,
        )
        (folder / "acme/.well-known/acme-challenge").mkdir(parents=True)
        (folder / "acme/.well-known/acme-challenge/token").write_text("proof")
        self.machine = Machine(
            folder=folder,
            upstream=server.address.removeprefix("http://"),
            certificate=folder / "certificate.pem",
            key=folder / "key.pem",
            static=Path(server.environment["STATIC_ROOT"]),
            cache=folder / "cache",
            leases=folder / "leases",
            acme=folder / "acme",
            logs=folder,
            # As addresses: nothing of the tests is for other machines.
            http_port=f"127.0.0.1:{self.http}",
            https_port=f"127.0.0.1:{self.https}",
            brotli=bool(BROTLI),
        )
        temporary = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        (folder / "nginx.conf").write_text(
            MAIN.format(
                folder=folder,
                # Its workers are to read the folders of the tests.
                user="user root;" if os.geteuid() == 0 else "",
                modules="".join(f"load_module {path};" for path in BROTLI),
                temporary=" ".join(f"{name}_temp_path {folder}/{name};" for name in temporary),
            )
        )

    def configure(self) -> None:
        """By the command, as an installation does, with the settings of the server."""
        self.server.environment["SITE_URL"] = f"https://localhost:{self.https}"
        self.server.environment["PAGE_CACHE_LEASES"] = str(self.machine.leases)
        options = [
            f"--{name.replace('_', '-')}={value}"
            for name, value in vars(self.machine).items()
            if name != "folder" and not isinstance(value, bool)
        ]
        flags = ["--brotli"] if self.machine.brotli else []
        self.server.manage("nginx_config", str(self.folder), *options, *flags)

    def command(self, *arguments) -> list:
        return [NGINX, "-c", self.folder / "nginx.conf", "-p", self.folder, *arguments]

    @contextmanager
    def running(self):
        process = subprocess.Popen(self.command())
        try:
            for _attempt in range(100):
                try:
                    socket.create_connection(("127.0.0.1", self.https)).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield self
        finally:
            process.terminate()
            process.wait(20)

    def reload(self) -> None:
        os.kill(int((self.folder / "nginx.pid").read_text()), signal.SIGHUP)

    def forget(self) -> None:
        """As systemd does, by the very command of the unit."""
        unit = (DEPLOY / "systemd/jundiai-forget-pages.service").read_text()
        command = re.search(r"(?m)^ExecStart=(.*)", unit)[1]
        cache = str(self.folder / "cache")
        subprocess.run(command.replace("/run/nginx-jundiai", cache).split(), check=True)

    def ask(self, address="/", method="GET", source="127.0.0.1", body=None, **headers) -> Answer:
        asking = http.client.HTTPSConnection(
            "localhost", self.https, context=self._tls, timeout=20, source_address=(source, 0)
        )
        usual = {"Host": f"localhost:{self.https}"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(asking):
            asking.request(method, address, body=body, headers={**usual, **named})
            return Answer(asking.getresponse())

    def logged(self) -> str:
        time.sleep(0.05)
        return self.log.read_text()


@pytest.fixture(scope="module")
def server(tmp_path_factory, django_db_setup, shared_database):
    """The site with production's settings, on a copy of the content that every test finds."""
    folder = tmp_path_factory.mktemp("deployed")
    server = Server(
        folder,
        DJANGO_SETTINGS_MODULE="jundiai_global.settings.production",
        ALLOWED_HOSTS="localhost",
        USE_FORWARDED_PROTO="True",
        CLIENT_ADDRESS_HEADER="X-Real-IP",
        PAGE_CACHE_ROOT=str(folder / "pages"),
        PAGE_CACHE_WITHDRAWALS_FILE=str(folder / "withdrawals"),
        # The pictures of the content are where the tests' own database found them.
        MEDIA_ROOT=settings.MEDIA_ROOT,
        HEALTH_NETWORKS="127.0.0.1/32",
        NGINX_REQUESTS_PER_SECOND="5",
        NGINX_REQUESTS_AT_ONCE="20",
        SECURITY_CONTACTS="mailto:seguranca@example.org",
    )
    server.begin_with(shared_database.filled)
    # Of the admin only what its error page needs: nothing.
    ignored = [f"--ignore={pattern}" for pattern in ("wagtail*", "admin", "taggit")]
    server.manage("collectstatic", "--noinput", "--verbosity", "0", *ignored)
    files = [Path(settings.MEDIA_ROOT, "provas-do-nginx", name) for name in MEDIA]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"<svg/>" * 100)
    yield server
    for file in files:
        file.unlink()


@pytest.fixture(scope="module")
def nginx(server, tmp_path_factory):
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), server)
    nginx.configure()
    with nginx.running(), server.running():
        nginx.ask()
        yield nginx


def eventually(condition, seconds=15.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_lent(answer: Answer) -> bool:
    """By its validator: nginx makes those of files of their time and size."""
    tag = answer.headers.get("ETag", "").strip('"')
    return bool(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{1,6}", tag))


def write(server, statement: str, *values) -> None:
    """Past Django and its models."""
    with closing(sqlite3.connect(server.database, timeout=20)) as other, other:
        other.execute(statement, values)


def change(server, name: str) -> None:
    """What an editor does."""
    write(server, "UPDATE pages_siteidentity SET name = ?", name)


needs_nginx = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="copies SQLite's database"),
    pytest.mark.skipif(NGINX is None, reason="nginx is missing: sudo apt install nginx-light"),
]


class TestNginx:
    pytestmark = needs_nginx

    def test_it_takes_the_configuration_without_a_warning(self, nginx):
        done = subprocess.run(nginx.command("-t"), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "warn" not in done.stderr

    # Addresses ---------------------------------------------------------------------------------

    def test_http_leads_to_https_but_for_the_proof_of_certbot(self, nginx):
        asking = http.client.HTTPConnection("127.0.0.1", nginx.http)
        with closing(asking):
            asking.request("GET", "/noticias/?x=1", headers={"Host": "localhost"})
            answer = asking.getresponse()
            assert answer.status == 301
            assert answer.headers["Location"] == f"https://localhost:{nginx.https}/noticias/?x=1"
            answer.read()
            asking.request(
                "GET", "/.well-known/acme-challenge/token", headers={"Host": "localhost"}
            )
            assert asking.getresponse().read() == b"proof"

    def test_names_that_are_not_the_site_s_get_no_answer(self, nginx):
        asking = http.client.HTTPConnection("127.0.0.1", nginx.http)
        with closing(asking):
            asking.request("GET", "/", headers={"Host": "elsewhere.example"})
            with pytest.raises(http.client.RemoteDisconnected):
                asking.getresponse()
        context = ssl._create_unverified_context()  # noqa: S323
        with (
            socket.create_connection(("127.0.0.1", nginx.https)) as plain,
            pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"),
        ):
            context.wrap_socket(plain, server_hostname="elsewhere.example")

    @pytest.mark.filterwarnings("ignore:.*TLSv1.*:DeprecationWarning")  # they are old indeed
    def test_it_speaks_http_2_and_no_old_tls(self, nginx):
        def handshake(**limits):
            context = ssl._create_unverified_context()  # noqa: S323
            context.set_alpn_protocols(["h2", "http/1.1"])
            for name, value in limits.items():
                setattr(context, name, value)
            with socket.create_connection(("127.0.0.1", nginx.https)) as plain:
                return context.wrap_socket(plain, server_hostname="localhost")

        with handshake() as secure:
            assert secure.selected_alpn_protocol() == "h2"
            assert secure.version() == "TLSv1.3"
        with pytest.raises(ssl.SSLError):
            handshake(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)

    # Files -------------------------------------------------------------------------------------

    @pytest.mark.parametrize("coding", ["br", "gzip", ""])
    def test_static_files_last_for_ever_and_are_compressed_already(self, nginx, coding):
        style = re.search(r'/static/css/site\.[^"]+', nginx.ask().text)[0]
        answer = nginx.ask(style, Accept_Encoding=coding)
        theirs = self.by_the_site(nginx, style, Accept_Encoding=coding)
        assert answer.status == theirs.status == 200
        if coding != "br" or BROTLI:
            assert answer.headers["Content-Encoding"] == (coding or None)
            assert answer.body == theirs.body
        assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
        self.says_what_the_site_says(answer, theirs)
        robots = nginx.ask("/static/js/share.js")
        assert robots.headers["Cache-Control"] == "max-age=60, public"

    @staticmethod
    def by_the_site(nginx, address, **headers) -> Answer:
        """The same, of Gunicorn itself."""
        host, _colon, port = nginx.server.address.removeprefix("http://").partition(":")
        usual = {"Host": "localhost", "X-Forwarded-Proto": "https", "X-Real-IP": "203.0.113.9"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asking = http.client.HTTPConnection(host, int(port), timeout=20)
        with closing(asking):
            asking.request("GET", address, headers={**usual, **named})
            return Answer(asking.getresponse())

    @staticmethod
    def says_what_the_site_says(answer, theirs) -> None:
        """But for validators, and what is of one connection or request."""
        own = {"server", "date", "connection", "etag", "last-modified", "accept-ranges"}
        own |= {"x-request-id", "x-accel-expires", "transfer-encoding", "content-length"}
        own |= {"content-encoding", "vary", "cache-status"}

        def said(headers):
            return {
                name.lower(): value.replace('"utf-8"', "utf-8")
                for name, value in headers.items()
                if name.lower() not in {*own, "content-security-policy"}
            } | {"content-security-policy": policy(headers["Content-Security-Policy"])}

        assert said(answer.headers) == said(theirs.headers)

    @pytest.mark.parametrize("name", ["foto.jpg", "filme.mp4", "desenho.svg", "pagina.html"])
    def test_media_say_what_django_says_and_no_more_is_opened_than_pictures(self, nginx, name):
        """docs/security.md: nosniff, a sandbox, and to be saved where pages do not show it."""
        answer = nginx.ask(f"/media/provas-do-nginx/{name}")
        with override_settings(
            SECURE_HSTS_SECONDS=31_536_000,
            SECURE_HSTS_INCLUDE_SUBDOMAINS=True,
            SECURE_HSTS_PRELOAD=True,
            ROOT_URLCONF="tests.browser.urls",
        ):
            theirs = Client().get(f"/media/provas-do-nginx/{name}", secure=True)
        assert answer.status == theirs.status_code == 200
        expected = dict(theirs.headers)
        shown = name in ("foto.jpg", "filme.mp4")
        for header in (
            *("X-Content-Type-Options", "Content-Security-Policy", "Cross-Origin-Resource-Policy"),
            *("Cross-Origin-Opener-Policy", "Referrer-Policy", "Strict-Transport-Security"),
            *("Permissions-Policy", "X-Frame-Options"),
        ):
            assert answer.headers[header] == expected[header], header
        if shown:  # Django says "inline", nginx nothing, which is the same
            assert "Content-Disposition" not in answer.headers
        else:
            assert answer.headers["Content-Disposition"] == expected["Content-Disposition"]
        kind = answer.headers["Content-Type"]
        assert kind == (expected["Content-Type"] if shown else "application/octet-stream")
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"

    def test_versions_of_pictures_and_videos_last_and_hidden_files_are_not_there(self, nginx):
        versioned = nginx.ask("/media/provas-do-nginx/filme.mp4?v=0123abcd")
        assert versioned.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        part = nginx.ask("/media/provas-do-nginx/filme.mp4", Range="bytes=0-4")
        assert (part.status, part.body) == (206, b"<svg/")
        for address in (
            "/media/provas-do-nginx/.oculto",
            "/media/",
            "/media/../key.pem",
            "/media/nada",
        ):
            refused = nginx.ask(address)
            assert refused.status in (400, 404), address
            assert b"<svg/>" not in refused.body
        private = Path(nginx.server.environment["PRIVATE_ROOT"])
        assert not private.is_relative_to(nginx.server.environment["MEDIA_ROOT"])

    # Pages -------------------------------------------------------------------------------------

    def test_a_page_says_what_the_site_says_in_four_forms(self, nginx):
        for taken, coding in (
            ("gzip, deflate, br, zstd", "br"),
            ("br;q=0, gzip;q=0.5", "gzip"),
            ("gzip;q=0", None),
            ("zstd", "zstd"),
            ("gzip, zstd;q=0.2", "zstd"),
            ("gzip, zstd;q=0", "gzip"),
        ):
            answers = [nginx.ask("/noticias/", Accept_Encoding=taken) for _time in range(2)]
            assert [answer.status for answer in answers] == [200, 200]
            assert answers[0].headers["Content-Encoding"] == coding
            self.says_what_the_site_says(
                answers[1], self.by_the_site(nginx, "/noticias/", Accept_Encoding=coding or "")
            )
            assert answers[1].headers["Vary"] == "Accept-Encoding"
            assert answers[1].headers["Server"] == "nginx"
            assert "X-Accel-Expires" not in answers[1].headers
            assert len(answers[1].headers.get_all("X-Request-ID")) == 1

    def test_for_a_second_nginx_answers_by_itself_and_a_change_is_seen_within_one(
        self, nginx, server
    ):
        kept = 0
        for number in range(3):
            name = f"Nome {number} da mudança"
            # At another moment of the second each time.
            time.sleep(0.37)
            nginx.ask()
            change(server, name)
            changed = time.monotonic()
            answers = []
            while time.monotonic() < changed + 1:
                asked = time.monotonic()
                answers.append((asked - changed, nginx.ask()))
            kept += sum(
                "nginx; hit" in answer.headers.get("Cache-Status", "") for _at, answer in answers
            )
            assert name in nginx.ask().text
            assert name in answers[-1][1].text
        assert kept > 20

    # What is lent: page_cache/leases.py

    def ask_lent(self, nginx, address="/", **headers) -> Answer:
        """Once it is, two seconds after the last change, and for some seconds more."""
        if (left := ROUND - time.time() % ROUND) < 10:
            time.sleep(left)
        answers = []
        eventually(
            lambda: answers.append(nginx.ask(address, **headers)) or is_lent(answers[-1]),
            6,
        )
        return answers[-1]

    @pytest.mark.parametrize("address", ["/", "/noticias/"])
    @pytest.mark.parametrize("coding", ["br", "gzip", ""])
    def test_a_page_that_is_lent_says_what_the_site_says(self, nginx, address, coding):
        lent = self.ask_lent(nginx, address, Accept_Encoding=coding)
        theirs = self.by_the_site(nginx, address, Accept_Encoding=coding)
        assert is_lent(lent)
        assert (lent.status, lent.body) == (200, theirs.body)
        self.says_what_the_site_says(lent, theirs)
        for name in ("Content-Encoding", "Content-Length", "Last-Modified", "Vary"):
            assert lent.headers[name] == theirs.headers[name]
        assert lent.headers["Cache-Status"] == "nginx; hit"
        assert len(lent.headers["X-Request-ID"]) == 32
        head = nginx.ask(address, method="HEAD", Accept_Encoding=coding)
        assert (head.status, head.body) == (200, b"")

    def lend(self, nginx, name: str, text: str) -> None:
        """As the site would, for a second."""
        [release] = nginx.machine.leases.iterdir()
        now = time.time()
        for tenth in range(int(now * 10), int(now * 10) + 10):
            folder = release / f"{tenth // 10}.{tenth % 10}"
            folder.mkdir(exist_ok=True)  # or it is a link to what the site lends
            file = folder / f"-{name}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def test_what_is_lent_is_in_the_language_of_its_address(self, nginx):
        """By hand, for the content that every test finds has no translations."""
        self.ask_lent(nginx)
        for language, address in (("en", "/en/x/"), ("es", "/es/x/"), ("pt-br", "/x/")):
            self.lend(nginx, f"{address}.0", language)
            answer = nginx.ask(address)
            assert (answer.text, answer.headers["Content-Language"]) == (language, language)

    def lend_until_answered(self, nginx, address: str, number: int) -> Answer:
        """For a tenth nginx may know that there was no such file, or have another."""
        answers = []

        def is_answered():
            self.lend(nginx, f"{address}.{number}", str(number))
            answers.append(nginx.ask(address))
            return answers[-1].text == str(number)

        eventually(is_answered)
        return answers[-1]

    def take_back(self, nginx, name: str) -> None:
        [release] = nginx.machine.leases.iterdir()
        for file in release.glob(f"*.?/-{name}"):
            file.unlink(missing_ok=True)

    @pytest.mark.parametrize("place", ["/y.0/{}/", "/en/"])
    def test_what_is_lent_has_the_policy_of_the_player_on_its_page(self, nginx, place):
        """Of a page, and of a home, of which there is none in English here."""
        self.ask_lent(nginx)
        policies = [policy(each) for each in page_policies()]
        assert len(policies) == 4
        for number, wanted in enumerate(policies):
            address = place.format(number)
            answer = self.lend_until_answered(nginx, address, number)
            said = policy(answer.headers["Content-Security-Policy"])
            # These settings are not the server's: elsewhere the policies differ.
            for directive in ("media-src", "frame-src", "default-src", "script-src"):
                assert said.get(directive) == wanted.get(directive)
            self.take_back(nginx, f"{address}.{number}")

    def test_a_page_that_is_lent_and_cannot_be_opened_is_asked_of_the_site(self, nginx):
        """As one that is taken away between nginx's look and its reading."""
        self.ask_lent(nginx, Accept_Encoding="br")
        [release] = nginx.machine.leases.iterdir()
        pages = (release / f"{time.time():.2f}"[:-1]).resolve(strict=True)
        (pages / "-br/acessibilidade").mkdir()
        os.mknod(pages / "-br/acessibilidade/.0", stat.S_IFSOCK | 0o644)
        answer = nginx.ask("/acessibilidade/", Accept_Encoding="br")
        assert answer.status == 200
        assert not is_lent(answer)

    def ask_lent_anew(self, nginx, address) -> Answer:
        """After a change."""
        eventually(lambda: not is_lent(nginx.ask(address)), 2)
        return self.ask_lent(nginx, address)

    def test_what_is_lent_is_validated_and_changes_with_its_content_alone(self, nginx, server):
        """A browser has its copy for as long as the page is the same, whatever else is edited."""
        address = "/noticias/"
        before = self.ask_lent(nginx, address)
        change(server, "Nome de outro validador")
        changed = self.ask_lent_anew(nginx, address)
        write(server, "UPDATE page_cache_stamp SET version = version + 1")
        again = self.ask_lent_anew(nginx, address)
        for name, value in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
            assert before.headers[value] != changed.headers[value] == again.headers[value]
            # Of what is lent: in between the site may be asked, which names its pages otherwise.
            answer = self.ask_lent(nginx, address, **{name: changed.headers[value]})
            assert (answer.status, answer.body) == (304, b"")
            old = self.ask_lent(nginx, address, **{name: before.headers[value]})
            assert (old.status, old.body) == (200, changed.body)

    def test_a_change_of_what_is_lent_is_seen_within_a_second(self, nginx, server):
        oldest = 0.0
        for number in range(3):
            self.ask_lent(nginx)
            time.sleep(0.37 * number)
            name = f"Nome {number} de depois do empréstimo"
            change(server, name)
            changed = time.monotonic()
            while time.monotonic() < changed + 1.5:
                asked = time.monotonic()
                if name not in nginx.ask().text:
                    oldest = max(oldest, asked - changed)
        assert oldest < 1

    def test_nothing_is_lent_to_who_is_known_or_asks_for_what_anybody_can_invent(self, nginx):
        self.ask_lent(nginx)
        for headers in ({"Cookie": "x=1"}, {"Authorization": "Basic eDp4"}):
            assert not is_lent(nginx.ask(**headers))
        assert not is_lent(nginx.ask("/?pagina=2"))
        assert nginx.ask(method="POST").status in (403, 405)
        assert not is_lent(nginx.ask(Host="LOCALHOST"))

    def test_processes_that_hang_lend_nothing(self, nginx, server):
        """Nor could they say that it is over: the time does."""
        self.ask_lent(nginx)
        workers = children_of(server.process.pid)

        def wake():
            for worker in workers:
                os.kill(worker, signal.SIGCONT)

        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        try:
            time.sleep(0.8)
            awake = threading.Timer(0.5, wake)
            awake.start()
            # It waits for them.
            assert not is_lent(nginx.ask())
            awake.join()
        finally:
            wake()
        self.ask_lent(nginx)

    def test_who_has_a_session_or_a_name_is_asked_of_the_site(self, nginx):
        nginx.ask()
        for headers in (
            {"Cookie": "_ga=1; __Host-session=abc"},
            {"Cookie": "__Host-csrf=abc"},
            {"Authorization": "Basic eA=="},
        ):
            for _time in range(2):
                assert "Cache-Status" not in nginx.ask(**headers).headers, headers
        files = list((nginx.folder / "cache").rglob("*"))
        texts = [file.read_bytes() for file in files if file.is_file()]
        assert texts
        for text in texts:
            head = text.partition(b"\r\n\r\n")[0].lower()
            assert b"set-cookie" not in head
            assert b"x-accel-expires" in head

    @pytest.mark.parametrize("address", ["/?x=1", "/nada/", "/busca/?q=acordo", "/contato/"])
    def test_what_anybody_can_invent_and_what_is_not_for_all_is_not_kept(self, nginx, address):
        for _time in range(2):
            assert "Cache-Status" not in nginx.ask(address).headers
        key = f"|{address}".encode()
        for file in (nginx.folder / "cache").rglob("*"):
            assert not file.is_file() or key + b"\n" not in file.read_bytes()

    # Who asks ----------------------------------------------------------------------------------

    def test_what_a_visitor_says_of_herself_reaches_nobody(self, nginx, server):
        """The site believes these headers, for they are always the proxy's."""
        forged = {
            "X-Forwarded-For": "198.51.100.7",
            "X-Real-IP": "198.51.100.7",
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Host": "evil.example",
            "Forwarded": "for=198.51.100.7",
            "X-Request-ID": "chosen-by-a-stranger",
        }
        answer = nginx.ask("/busca/?q=segredo", source=STRANGER, **forged)
        assert answer.status == 200  # http would be redirected
        name = answer.headers["X-Request-ID"]
        assert re.fullmatch(r"[0-9a-f]{32}", name)
        logged = next(line for line in nginx.logged().splitlines() if name in line)
        site = (server.folder / "server.log").read_text()
        same = next(line for line in site.splitlines() if name in line)
        for line in (logged, same):
            assert '127.0.0.0"' in line
            assert "segredo" not in line
        everything = nginx.logged() + site
        assert "198.51.100" not in everything
        assert STRANGER not in everything
        assert "chosen-by" not in everything
        assert "/busca/" in logged

    def test_only_the_local_network_hears_how_the_site_is(self, nginx):
        well = nginx.ask("/readyz")
        assert well.status in (200, 503)
        assert b'"checks"' in well.body
        assert nginx.ask("/readyz", source=STRANGER).status == 404
        assert nginx.ask("/healthz", source=STRANGER).status == 404
        assert nginx.ask("/.well-known/security.txt", source=STRANGER).status == 200

    def test_the_admin_may_be_for_some_networks_and_a_known_proxy_says_who_asks(
        self, nginx, tmp_path, settings
    ):
        """Strangers must not find out that it is there. A CDN's word counts, theirs does not."""
        settings.ADMIN_NETWORKS = ["192.0.2.0/24"]
        settings.HEALTH_NETWORKS = ["127.0.0.1/32"]
        settings.NGINX_TRUSTED_PROXIES = ["127.0.0.9/32"]
        settings.ADMIN_PATH = "redacao"
        other = Nginx(tmp_path, nginx.server)
        write_files(other.machine)
        with other.running():
            for source, told, status in (
                ("127.0.0.1", {}, 404),
                (STRANGER, {"X-Forwarded-For": "192.0.2.5"}, 404),
                ("127.0.0.9", {"X-Forwarded-For": "198.51.100.5"}, 404),
            ):
                refused = other.ask("/redacao/", source=source, **told)
                assert refused.status == status
                assert "Página não encontrada" in refused.text
            # The site itself has the admin elsewhere: what counts is that it is asked.
            other.ask("/redacao/", source="127.0.0.9", X_Forwarded_For="192.0.2.5")
            last = other.logged().splitlines()[-1]
            assert '"network":"192.0.2.0"' in last
            asked = (nginx.server.folder / "server.log").read_text()
            assert asked.count('"path": "/redacao/"') == 1

    def test_who_asks_too_much_waits_and_the_class_does_not(self, nginx):
        """The limit of the tests is small; 127.0.0.1 is of the networks that are not counted."""
        statuses = [nginx.ask("/robots.txt", source="127.0.0.3").status for _time in range(40)]
        assert set(statuses) == {200, 429}
        assert statuses[:20] == [200] * 20
        refused = nginx.ask("/en/", source="127.0.0.3")
        assert refused.headers["Retry-After"] == "60"
        assert "Too many requests" in refused.text
        assert "'unsafe-inline'" not in refused.headers["Content-Security-Policy"]
        assert all(nginx.ask("/robots.txt").status == 200 for _time in range(40))
        # Files are not counted: a page has some.
        assert nginx.ask("/media/provas-do-nginx/foto.jpg", source="127.0.0.3").status == 200

    def test_what_is_too_large_or_too_long_is_refused_in_portuguese(self, nginx):
        large = b"x" * (settings.MAX_VISITOR_BODY + 1)
        refused = nginx.ask("/contato/", "POST", body=large)
        assert refused.status == 413
        assert "grande demais" in refused.text
        assert refused.headers["Cache-Control"] == "no-store"
        assert nginx.ask("/" + "x" * 4100).status == 414
        # What an editor sends may be large; who is none is refused by the site.
        asked = nginx.ask("/admin/login/", "POST", body=large)
        assert asked.status == 413
        assert 'lang="pt-br"' in asked.text.lower()

    # When the site is replaced, or gone ----------------------------------------------------------

    def test_new_workers_and_a_new_release_drop_no_request(self, nginx, server):
        """SIGHUP replaces the workers; an upgrade starts another release and tells nginx."""
        statuses, is_over = [], threading.Event()

        def visitors(address, method):
            while not is_over.is_set():
                body = b"" if method == "POST" else None
                try:
                    statuses.append((method, nginx.ask(address, method, body=body).status))
                except (OSError, http.client.HTTPException) as error:
                    statuses.append(repr(error))

        threads = [
            threading.Thread(target=visitors, args=each)
            for each in (("/", "GET"), ("/robots.txt", "GET"), ("/contato/", "POST"))
        ]
        for thread in threads:
            thread.start()
        try:
            server.process.send_signal(signal.SIGHUP)
            other = Server(server.folder / "other", **server.environment)
            other.folder.mkdir()
            with other.running(workers=1):
                upstream = nginx.folder / "upstream.conf"
                before = upstream.read_text()
                host = other.address.removeprefix("http://")
                upstream.write_text(f"server {host} max_fails=0;")
                nginx.reload()
                eventually(lambda: "robots.txt" in (other.folder / "server.log").read_text())
                upstream.write_text(before)
                nginx.reload()
                time.sleep(0.5)
        finally:
            is_over.set()
            for thread in threads:
                thread.join()
        assert len(statuses) > 50
        # A form without a token is refused by the site, and by nobody else.
        assert set(statuses) == {("GET", 200), ("POST", 403)}

    def test_without_the_database_pages_are_there(self, nginx, server):
        """As a database is that does not answer: nobody can tell whether the page is still good."""
        nginx.ask()
        write(server, "ALTER TABLE page_cache_stamp RENAME TO page_cache_away")
        try:
            eventually(lambda: "unavailable" in str(self.by_the_site(nginx, "/").headers))
            time.sleep(1)
            assert {nginx.ask().status for _time in range(10)} == {200}
        finally:
            write(server, "ALTER TABLE page_cache_away RENAME TO page_cache_stamp")
        change(server, "Nome de depois")
        eventually(lambda: "Nome de depois" in nginx.ask().text, 2)

    def test_nginx_forgets_its_copies_when_a_page_is_withdrawn(self, nginx, server):
        """The site writes a file, and systemd sees that it changes."""
        told = Path(server.environment["PAGE_CACHE_WITHDRAWALS_FILE"])
        before = told.read_text()
        write(
            server,
            "UPDATE wagtailcore_page SET live = 0 WHERE id = (SELECT max(page_ptr_id) FROM "
            "news_articlepage)",
        )
        eventually(lambda: told.read_text() != before)
        nginx.ask("/noticias/")
        nginx.forget()
        assert not [file for file in (nginx.folder / "cache").rglob("*") if file.is_file()]
        for _time in range(2):
            assert nginx.ask("/noticias/").status == 200

    def test_without_the_site_pages_are_there_and_the_admin_says_so_in_portuguese(
        self, nginx, server
    ):
        """The last test of all: the site does not come back."""
        visited = [
            (address, coding)
            for address in ("/noticias/", "/noticias/?pagina=2")
            for coding in ("br", "zstd", "gzip", "")
        ]
        for address, coding in [*visited, ("/noticias/?pagina=900", "")]:
            assert nginx.ask(address, Accept_Encoding=coding).status == 200
        workers = children_of(server.process.pid)
        server.process.kill()
        server.process.wait()
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        # The second of the copy, and the one in which it is shown while nginx asks.
        time.sleep(2.1)
        for address, coding in visited:
            page = nginx.ask(address, Accept_Encoding=coding)
            assert page.status == 200, (address, coding)
            assert page.headers["Content-Encoding"] == (coding or None)
            assert "does not answer" in page.headers["Cache-Status"]
        # The last is what anybody can invent.
        for address in ("/admin/", "/nunca-visitada/", "/noticias/?pagina=900"):
            answer = nginx.ask(address)
            assert answer.status == 503
            assert answer.headers["Retry-After"] == "30"
            assert "O site não está respondendo" in answer.text
            assert answer.headers["X-Request-ID"] in answer.text
        assert "The site is not responding" in nginx.ask("/en/nada/").text
        # What was withdrawn does not come back: files that nginx holds open count for a second.
        nginx.forget()
        eventually(lambda: nginx.ask("/noticias/").status == 503, 2)


# Units and scripts --------------------------------------------------------------------------------


UNITS = sorted((DEPLOY / "systemd").glob("*.*"))


def test_every_task_has_a_timer_and_every_timer_a_task():
    timers = {path.stem.removeprefix("jundiai-") for path in UNITS if path.suffix == ".timer"}
    timers.remove("clock")  # which is about nginx
    assert timers == set(COMMANDS)
    common = (DEPLOY / "common.sh").read_text(encoding="utf-8")
    for task in timers:
        text = (DEPLOY / f"systemd/jundiai-{task}.timer").read_text(encoding="utf-8")
        assert f"Unit=jundiai-task@{task}.service" in text
        assert f"jundiai-{task}.timer" in common


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is missing")
def test_systemd_understands_the_units(tmp_path):
    """With programs that are here, in the place of those that an installation has."""
    for path in UNITS:
        if path.is_file():
            text = re.sub(r"(?m)^ExecStart=/opt/\S+", "ExecStart=/bin/true", path.read_text())
            (tmp_path / path.name).write_text(text)
    for name in ("jundiai@", "jundiai-task@"):
        folder = tmp_path / f"{name}.service.d"
        folder.mkdir()
        shutil.copy(DEPLOY / "systemd/hardening.conf", folder)
    shutil.copytree(
        DEPLOY / "systemd/jundiai-task@check_links.service.d",
        tmp_path / "jundiai-task@check_links.service.d",
    )
    names = ["jundiai@20260101-0123456789ab.service", "jundiai-task@check_links.service"]
    names += [path.name for path in UNITS if path.suffix in (".timer", ".path")]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *names],
        cwd=tmp_path,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
    )
    told = [line for line in done.stderr.splitlines() if "jundiai" in line or str(tmp_path) in line]
    assert told == []
    assert done.returncode == 0, done.stderr


def test_the_shell_scripts_have_no_fault_that_shellcheck_knows():
    scripts = [*DEPLOY.glob("*.sh"), DEPLOY / "manage"]
    assert len(scripts) == 5
    command = Path(sys.executable).parent / "shellcheck"
    done = subprocess.run(
        [command, "--external-sources", *scripts],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert all(os.access(script, os.X_OK) for script in scripts if script.name != "common.sh")


def test_the_installation_sets_nothing_that_the_example_does_not_describe():
    example = (settings.BASE_DIR / ".env.example").read_text(encoding="utf-8")
    script = (DEPLOY / "install.sh").read_text(encoding="utf-8")
    names = re.findall(r"set_if_missing (\w+)", script)
    assert len(names) > 8
    for name in names:
        assert re.search(rf"(?m)^#?{name}=", example), name
