"""Lighthouse's accessibility, best practices and SEO of every template: ``make lighthouse``.

Not part of the gate: Lighthouse comes from npm, into ``var/lighthouse``.
"""

import json
import os
import shutil
import subprocess

import pytest
from django.conf import settings

from .conftest import CHROMIUM
from .test_accessibility import PAGES, addresses  # noqa: F401

#: With windows, where it is there: without them it fetches no robots.txt for Lighthouse.
BROWSER = shutil.which("chromium") or CHROMIUM
PROGRAM = settings.BASE_DIR / "var" / "lighthouse" / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = ("accessibility", "best-practices", "seo")
#: Audits that a page is meant to fail. robots.txt keeps search engines out of the search, and what
#: is not found says so, which browsers note in their console.
MEANT = {"search": "is-crawlable", "not found": "http-status-code,errors-in-console"}


def skipped(name: str) -> list[str]:
    return [audits for start, audits in MEANT.items() if name.startswith(start)]


@pytest.mark.parametrize("name", PAGES)
def test_lighthouse_gives_full_marks(addresses, site, name, tmp_path, capsys):  # noqa: F811
    """https://developer.chrome.com/docs/lighthouse/"""
    file = tmp_path / "report.json"
    skips = skipped(name)
    # An answer that is not 200 is refused unless it is said to be expected.
    command = [
        PROGRAM,
        f"{site}{addresses[name]}",
        f"--only-categories={','.join(CATEGORIES)}",
        "--chrome-flags=--headless=new --no-sandbox --disable-background-networking",
        "--output=json",
        f"--output-path={file}",
        "--quiet",
        *([f"--skip-audits={','.join(skips)}"] if skips else []),
        *(["--ignore-status-code"] if name == "not found" else []),
    ]
    subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": BROWSER}, timeout=180)
    report = json.loads(file.read_text(encoding="utf-8"))
    marks = {each: round(100 * (report["categories"][each]["score"] or 0)) for each in CATEGORIES}
    failed = {
        key: audit["details"]["items"][:3] if "items" in audit.get("details", {}) else ""
        for key, audit in report["audits"].items()
        if audit["score"] is not None and audit["score"] < 1
    }
    with capsys.disabled():
        print(f"\n{name}: {marks}", end="")
    assert set(marks.values()) == {100}, failed
