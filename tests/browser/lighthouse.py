"""What Lighthouse says of every template: ``make lighthouse``.

Accessibility, best practices and SEO once; performance as the median of five runs, on a phone with
the slow 4G that Lighthouse simulates, through the nginx that ``deploy/`` configures. Writes
``docs/benchmarks/lighthouse.md``.

Not part of the gate: Lighthouse comes from npm, into ``var/lighthouse``.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

import pytest
from django.conf import settings

from tests.servers import Server
from tests.test_deploy import NGINX, Nginx

from .conftest import CHROMIUM
from .test_accessibility import PAGES, addresses  # noqa: F401

#: With windows, where it is there: without them it fetches no robots.txt for Lighthouse, no icon
#: and no manifest. Speed is measured without: to draw its windows takes more of the processor than
#: the page (docs/decisions.md), and Lighthouse counts four times what the page waited for it.
WITH_WINDOWS = shutil.which("chromium") or CHROMIUM
PROGRAM = settings.BASE_DIR / "var" / "lighthouse" / "node_modules" / ".bin" / "lighthouse"
REPORT = settings.BASE_DIR / "docs" / "benchmarks" / "lighthouse.md"
CATEGORIES = ("accessibility", "best-practices", "seo")
#: Audits that a page is meant to fail. robots.txt keeps search engines out of the search, and what
#: is not found says so, which browsers note in their console.
MEANT = {"search": "is-crawlable", "not found": "http-status-code,errors-in-console"}
#: Templates measured besides: the home as the samples have it opens without a picture.
OPENED_BY_A_PICTURE = "home with a picture"
OPEN = "import tests.browser.open_with_a_picture"
RUNS = int(os.environ.get("RUNS", "5"))
#: Milliseconds in which the largest thing of the first view is there.
LARGEST_WITHIN = 1200


def skipped(name: str) -> list[str]:
    return [audits for start, audits in MEANT.items() if name.startswith(start)]


def lighthouse(
    browser: str, url: str, categories: tuple[str, ...], file: Path, *options: str
) -> dict:
    """The report of one run (https://developer.chrome.com/docs/lighthouse/)."""
    command = [
        PROGRAM,
        url,
        f"--only-categories={','.join(categories)}",
        "--chrome-flags=--headless=new --no-sandbox --disable-background-networking "
        "--ignore-certificate-errors",
        "--output=json",
        f"--output-path={file}",
        "--quiet",
        *options,
    ]
    environment = {**os.environ, "CHROME_PATH": browser}
    for _attempt in range(3):
        file.unlink(missing_ok=True)
        done = subprocess.run(command, check=False, env=environment, timeout=180)
        # On a busy machine it sometimes misses what the browser does.
        if done.returncode == 0:
            report = json.loads(file.read_text(encoding="utf-8"))
            if "runtimeError" not in report:
                return report
    pytest.fail(f"Lighthouse gave no report of {url}, three times.")


def expects(name: str) -> list[str]:
    """An answer that is not 200 is refused unless it is said to be expected."""
    return ["--ignore-status-code"] if name == "not found" else []


@pytest.mark.parametrize("name", PAGES)
def test_lighthouse_gives_full_marks(addresses, site, name, tmp_path, capsys):  # noqa: F811
    skips = skipped(name)
    options = [*([f"--skip-audits={','.join(skips)}"] if skips else []), *expects(name)]
    file = tmp_path / "report.json"
    url = f"{site}{addresses[name]}"
    report = lighthouse(WITH_WINDOWS, url, CATEGORIES, file, *options)
    marks = {each: round(100 * (report["categories"][each]["score"] or 0)) for each in CATEGORIES}
    failed = {
        key: audit["details"]["items"][:3] if "items" in audit.get("details", {}) else ""
        for key, audit in report["audits"].items()
        if audit["score"] is not None and audit["score"] < 1
    }
    with capsys.disabled():
        print(f"\n{name}: {marks}", end="")
    assert set(marks.values()) == {100}, failed


# Performance ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Performance:
    """Medians, in milliseconds but for the score, of 100, and the shift."""

    score: int
    first: float
    largest: float
    blocking: float
    shift: float

    @classmethod
    def of(cls, report: dict) -> "Performance":
        def value(audit: str) -> float:
            return report["audits"][audit]["numericValue"]

        return cls(
            score=round(100 * report["categories"]["performance"]["score"]),
            first=value("first-contentful-paint"),
            largest=value("largest-contentful-paint"),
            blocking=value("total-blocking-time"),
            shift=value("cumulative-layout-shift"),
        )

    @classmethod
    def median(cls, runs: list["Performance"]) -> "Performance":
        return cls(
            *(median(values) for values in zip(*(vars(run).values() for run in runs), strict=True))
        )

    @property
    def cells(self) -> str:
        return (
            f"{self.score:.0f} | {self.first:.0f} | {self.largest:.0f} | {self.blocking:.0f} "
            f"| {self.shift:.3f}"
        )


def weight(report: dict) -> str:
    """Kilobytes that travelled (1000 bytes, headers too), and requests, as cells of the report."""
    kilobytes = report["audits"]["total-byte-weight"]["numericValue"] / 1000
    asked = report["audits"]["network-requests"]["details"]["items"]
    return f"{kilobytes:.0f} | {sum(each['url'].startswith('http') for each in asked)}"


def introduction() -> str:
    package = PROGRAM.parents[1] / "lighthouse" / "package.json"
    version = json.loads(package.read_text(encoding="utf-8"))["version"]
    return f"""# Lighthouse: every template on a slow phone

Written by `make lighthouse` on {date.today():%d %B %Y}.

Lighthouse {version}, performance, in its usual mode: a phone whose processor is four times slower
than this machine ({os.cpu_count()} cores), and a slow 4G (150 ms, 1.6 Mbit/s), both reckoned from
what it saw without them; so what else the machine did weighs four times. Hence a browser that draws
no windows around the page, where there is one: here `{Path(CHROMIUM).name}`. The site stands
behind the nginx of `deploy/` (TLS, HTTP/2), with the samples and its page cache. Medians of {RUNS}
runs.
*First* and *largest* are the contentful paints and *blocking* the total blocking time, in
milliseconds; *shift* is the cumulative layout shift. Kilobytes (1000 bytes, headers too) and
requests are all that is fetched without scrolling, by the browser with windows, for only that one
fetches the icon and the manifest. The home with a picture opens with one as heavy as a photograph,
21 KB; the pictures of the samples are drawings.

Held to: score 100, largest under {LARGEST_WITHIN} ms, no shift, no blocking.

| | Score | First | Largest | Blocking | Shift | KB | Requests |
|---|--:|--:|--:|--:|--:|--:|--:|"""


@pytest.fixture(scope="module")
def behind_nginx(server, tmp_path_factory) -> Iterator[Nginx]:
    """A copy of the site, as an installation serves it: TLS, HTTP/2, copies kept by nginx."""
    if NGINX is None:
        pytest.skip("nginx is missing: sudo apt install nginx-light")
    folder = tmp_path_factory.mktemp("behind_nginx")
    shared = {name: server.environment[name] for name in ("STATIC_ROOT", "MEDIA_ROOT")}
    behind = Server(
        folder,
        DJANGO_SETTINGS_MODULE="jundiai_global.settings.production",
        ALLOWED_HOSTS="localhost",
        USE_FORWARDED_PROTO="True",
        CLIENT_ADDRESS_HEADER="X-Real-IP",
        PAGE_CACHE_ROOT=str(folder / "pages"),
        **shared,
    )
    behind.begin_with(server.database)
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), behind)
    nginx.configure()
    with nginx.running(), behind.running():
        yield nginx


@pytest.fixture(scope="module")
def measured() -> Iterator[dict[str, str]]:
    """A row of the report, by template. Written down at the end, if it is all of them."""
    measured: dict[str, str] = {}
    yield measured
    if {*PAGES, OPENED_BY_A_PICTURE} <= measured.keys():
        rows = "\n".join(f"| {name} | {cells} |" for name, cells in measured.items())
        REPORT.write_text(f"{introduction()}\n{rows}\n", encoding="utf-8")


@pytest.mark.parametrize("name", [*PAGES, OPENED_BY_A_PICTURE])
def test_it_is_there_at_once_on_a_slow_phone(
    behind_nginx,
    measured,
    addresses,  # noqa: F811
    name,
    tmp_path,
    capsys,
):
    address = addresses.get(name, "/")
    if name == OPENED_BY_A_PICTURE:
        behind_nginx.server.manage("shell", "--command", OPEN)
    url = f"https://localhost:{behind_nginx.https}{address}"
    # Drawn, with the versions of its pictures.
    behind_nginx.ask(address)

    def measure(browser: str) -> dict:
        # The screenshot is taken when all is measured, for people.
        options = ["--disable-full-page-screenshot", *expects(name)]
        return lighthouse(browser, url, ("performance",), tmp_path / "report.json", *options)

    found = Performance.median([Performance.of(measure(CHROMIUM)) for _run in range(RUNS)])
    measured[name] = f"{found.cells} | {weight(measure(WITH_WINDOWS))}"
    with capsys.disabled():
        print(f"\n{name}: {measured[name]}", end="")
    assert found.score == 100
    assert found.largest < LARGEST_WITHIN
    assert (found.blocking, found.shift) == (0, 0)
