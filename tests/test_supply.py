"""What the site is made of, and what is known of it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from jundiai_global import audit

REQUIREMENTS = settings.BASE_DIR / "requirements.txt"


def test_the_bill_of_materials_names_every_package_with_its_hashes(tmp_path):
    """CycloneDX 1.6 (ECMA-424); the command checks the file against the standard's schema."""
    made = tmp_path / "bom.json"
    done = subprocess.run(
        [Path(sys.executable).parent / "cyclonedx-py", "requirements", REQUIREMENTS,
         "--spec-version", "1.6", "--output-reproducible", "--validate", "--output-file", made],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    bill = json.loads(made.read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    pinned = dict(re.findall(r"^([\w.-]+)(?:\[.*\])?==([\w.]+)", REQUIREMENTS.read_text(), re.M))
    listed = {each["name"]: each["version"] for each in bill["components"]}
    assert {"django", "wagtail", "pillow", "gunicorn"} <= set(listed)
    assert listed == pinned
    for component in bill["components"]:
        (distribution,) = component["externalReferences"]
        assert distribution["hashes"], component["name"]


def test_every_package_is_pinned_to_files_with_known_hashes():
    """NIST SP 800-218 (SSDF), PS.3.1 and PW.4.4: nothing is installed but what was looked at."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (settings.BASE_DIR / name).read_text(encoding="utf-8").replace("\\\n", "")
        lines = [line for line in text.splitlines() if re.match(r"[A-Za-z]", line)]
        assert lines
        for line in lines:
            assert "==" in line, line
            assert "--hash=sha256:" in line, line
    makefile = (settings.BASE_DIR / "Makefile").read_text(encoding="utf-8")
    installs = re.findall(r"pip install .*", makefile)
    assert installs
    assert all("--require-hashes" in line for line in installs)


def report(**package) -> str:
    return json.dumps({"dependencies": [{"name": "django", "version": "5.2.1", **package}]})


@pytest.mark.parametrize(
    ("answers", "status", "said"),
    [
        ({"pypi": report(vulns=[])}, 0, "no weakness is known"),
        (
            {"pypi": report(vulns=[{"id": "CVE-2025-1", "fix_versions": ["5.2.2"]}])},
            1,
            "KNOWN WEAKNESS django 5.2.1: CVE-2025-1 (mended in 5.2.2)",
        ),
        ({"pypi": report(skip_reason="not found")}, 2, "NOT CHECKED"),
        ({"pypi": report(skip_reason="not found"), "osv": report(vulns=[])}, 0, "osv: no weakness"),
        ({"pypi": "", "osv": "no such host"}, 2, "NOT CHECKED"),
    ],
)
def test_the_audit_tells_a_clean_answer_from_no_answer(monkeypatch, capsys, answers, status, said):
    """OWASP Top 10, A06: a service that was not reached must not look like a good answer."""

    def run(command, **options):
        service = command[command.index("--vulnerability-service") + 1]
        return subprocess.CompletedProcess(command, 1, stdout=answers.get(service, ""))

    monkeypatch.setattr(audit.subprocess, "run", run)
    assert audit.main() == status
    assert said in capsys.readouterr().out
