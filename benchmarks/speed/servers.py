"""The servers that are measured: Gunicorn and nginx, as they are shipped."""

import json
import os
import shutil
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import children_of, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
TLS = ROOT / "deploy" / "nginx" / "tls.conf"
UNIT = ROOT / "deploy" / "systemd" / "jundiai@.service"
#: In memory, under a name as long as that of an installation.
LEASES = Path("/dev/shm/jundiai")  # noqa: S108 - nobody else is on a machine that measures
#: For nginx: as Debian's own file and `deploy/install.sh` have it, and beside the site a server
#: that has the same answers as files, with the same headers and the same TLS.
MAIN = """
daemon off;
pcre_jit on;
{user}
{modules}
pid {folder}/nginx.pid;
error_log {folder}/main-error.log;
worker_processes auto;
events {{ worker_connections 768; }}
http {{
    {temporary}
    types {{ text/html html; }}
    sendfile on;
    tcp_nopush on;
    include {folder}/site.conf;
    server {{
        listen 127.0.0.1:{files_port} ssl http2;
        server_name files;
        server_tokens off;
        ssl_certificate {folder}/certificate.pem;
        ssl_certificate_key {folder}/key.pem;
        {tls}
        access_log {folder}/files.log jundiai;
        open_file_cache max=2000 inactive=60s;
        open_file_cache_valid 1s;
        {locations}
    }}
}}
"""
#: Of the connection, of the moment, and of the file itself.
NGINXS_OWN = {
    "connection",
    "content-length",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "server",
}


#: The headers and the body of an answer.
Answer = tuple[list[tuple[str, str]], bytes]


def get(origin: str, path: str, **headers: str) -> Answer:
    """What one of our servers answers, whatever its certificate. Raises ``OSError``."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    asking = urllib.request.Request(origin + path, headers={"Host": "localhost", **said})  # noqa: S310 - our server
    unchecked = ssl._create_unverified_context()  # noqa: S323 - our server
    with urllib.request.urlopen(asking, timeout=30, context=unchecked) as answer:  # noqa: S310 - our server
        return answer.headers.items(), answer.read()


def unit_environment() -> dict[str, str]:
    """What the site's unit gives Gunicorn, but for what systemd alone can fill in."""
    said = [line.partition("=")[2] for line in UNIT.read_text().splitlines()
            if line.startswith("Environment=") and "%" not in line]  # fmt: skip
    return dict(pair.split("=", 1) for pair in " ".join(said).split())


class Site:
    """The site with production's settings on the database at ``url``, in ``folder``."""

    def __init__(self, folder: Path, url: str):
        self.folder = folder
        self.leases = LEASES if LEASES.parent.is_dir() else folder / "leases"
        shutil.rmtree(self.leases, ignore_errors=True)
        self.environment = {
            **os.environ,
            **unit_environment(),
            "ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "jundiai_global.settings.production",
            "SECRET_KEY": "bench-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLM",
            "DATABASE_URL": url,
            "ALLOWED_HOSTS": "localhost",
            "SITE_URL": "https://localhost",
            "SECURE_SSL_REDIRECT": "no",
            "USE_FORWARDED_PROTO": "yes",
            "CLIENT_ADDRESS_HEADER": "X-Real-IP",
            "MEDIA_ROOT": str(folder / "media"),
            "PRIVATE_ROOT": str(folder / "private"),
            "STATIC_ROOT": str(folder / "static"),
            "PAGE_CACHE_ROOT": str(folder / "pages"),
            "PAGE_CACHE_LEASES": str(self.leases),
            "LOG_LEVEL": "ERROR",
            "REQUIRE_SECOND_FACTOR": "no",
        }

    def run(self, *command: str, **environment: str) -> str:
        """What a program of the project prints."""
        return subprocess.run(
            [sys.executable, *command], cwd=ROOT, env={**self.environment, **environment},
            check=True, text=True, stdout=subprocess.PIPE,
        ).stdout  # fmt: skip

    def manage(self, *command: str) -> str:
        return self.run("manage.py", *command, "--verbosity", "0")

    @contextmanager
    def gunicorn(self, *options: str, app: str = "", **environment: str) -> Iterator["Gunicorn"]:
        """Gunicorn with the site or, given ``app``, another application."""
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", *options, *([app] if app else [])]
        bind = {"WEB_BIND": f"127.0.0.1:{port}"}
        with (self.folder / "gunicorn.log").open("a") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env={**self.environment, **bind, **environment},
                stdout=log, stderr=log,
            )  # fmt: skip
            try:
                gunicorn = Gunicorn(process.pid, f"http://127.0.0.1:{port}")
                gunicorn.wait_for("/")
                yield gunicorn
            finally:
                process.terminate()
                process.wait(40)


class Gunicorn:
    def __init__(self, pid: int, origin: str):
        self.pid, self.origin = pid, origin

    def wait_for(self, path: str) -> None:
        for _attempt in range(200):
            try:
                get(self.origin, path)
                return
            except OSError:
                time.sleep(0.1)
        sys.exit(f"{self.origin} does not answer.")

    @property
    def memory(self) -> float:
        """Megabytes of all its processes; what they share counts once (PSS)."""
        return sum(map(_proportional_size, [self.pid, *children_of(self.pid)])) / 1024


def _proportional_size(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0  # it ended meanwhile
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


class Nginx:
    """nginx before ``gunicorn``, and beside it the same answers as files."""

    def __init__(self, folder: Path, site: Site, gunicorn: Gunicorn):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.site = folder, site
        self.port, self.files_port = free_port(), free_port()
        self.origin, self.files = (
            f"https://localhost:{self.port}", f"https://localhost:{self.files_port}",
        )  # fmt: skip
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
                *("ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
                *("-keyout", folder / "key.pem", "-out", folder / "certificate.pem"),
            ],
            check=True,
            capture_output=True,
        )
        options = {
            "upstream": gunicorn.origin.removeprefix("http://"),
            "certificate": folder / "certificate.pem",
            "key": folder / "key.pem",
            "static": folder,
            "cache": folder / "cache",
            "leases": site.leases,
            "acme": folder,
            "logs": folder,
            "http-port": f"127.0.0.1:{free_port()}",
            "https-port": f"127.0.0.1:{self.port}",
        }
        site.manage(
            "nginx_config",
            str(folder),
            *(f"--{name}={value}" for name, value in options.items()),
            *(["--brotli"] if BROTLI.exists() else []),
        )

    @contextmanager
    def running(self, answers: dict[str, Answer]) -> Iterator[None]:
        """With ``answers`` as files: headers and bodies by address."""
        temporary = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        (self.folder / "nginx.conf").write_text(
            MAIN.format(
                folder=self.folder,
                user="user root;" if os.geteuid() == 0 else "",
                modules=f"load_module {BROTLI};" if BROTLI.exists() else "",
                temporary=" ".join(f"{each}_temp_path {self.folder}/{each};" for each in temporary),
                files_port=self.files_port,
                tls=TLS.read_text().replace("{{ name }}", "jundiai"),
                locations="".join(
                    self._location(number, path, *answer)
                    for number, (path, answer) in enumerate(answers.items())
                ),
            )
        )
        process = subprocess.Popen(
            ["/usr/sbin/nginx", "-c", self.folder / "nginx.conf", "-p", self.folder]
        )
        try:
            time.sleep(1)
            yield
        finally:
            process.terminate()
            process.wait(20)

    def answers(self, paths: list[str], **headers: str) -> dict[str, Answer]:
        """What it gives out by itself, by address."""
        found = {}
        with self.running({}):
            for path in paths:
                for _attempt in range(50):
                    found[path] = get(self.origin, path, **headers)
                    if ("Cache-Status", "nginx; hit") in found[path][0]:
                        break
                    time.sleep(0.2)
                else:
                    sys.exit(f"nginx always asks the site for {path}.")
        return found

    def _location(self, number: int, path: str, headers: list[tuple[str, str]], body: bytes) -> str:
        (self.folder / f"answer-{number}").write_bytes(body)
        said = "".join(
            f"add_header {name} {json.dumps(value)};"
            for name, value in headers
            if name.lower() not in NGINXS_OWN
        )
        # By another name: an address that ends in a slash would be a folder's.
        return (
            f"location = {path} {{ root {self.folder}; try_files /answer-{number} =404; "
            f"default_type 'text/html; charset=utf-8'; types {{ }} {said} }}\n"
        )
