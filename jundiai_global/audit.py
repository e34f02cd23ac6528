"""Asks whether weaknesses are known of the packages that the site runs on (``make audit``).

pip-audit compares ``requirements.txt`` with the advisories of PyPI, or with those of OSV
(https://osv.dev) where PyPI's do not answer. It runs apart from the project's packages. The exit
status tells three things apart: 0, nothing is known; 1, something is; 2, nobody could be asked.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIP_AUDIT = "pip-audit==2.10.1"
SERVICES = ("pypi", "osv")
#: Seconds to wait for a service.
PATIENCE = 120


@dataclass
class Finding:
    asked: int = 0
    #: Packages of which the service knows nothing at all.
    unknown: list[str] = field(default_factory=list)
    #: ``django 5.2.1: CVE-… (mended in 5.2.2)``.
    weaknesses: list[str] = field(default_factory=list)

    @property
    def is_answer(self) -> bool:
        """Whether the service knows the packages: a mirror of PyPI may not know its advisories."""
        return self.asked > 0 and not self.unknown


def read(report: str) -> Finding:
    """What pip-audit reports in JSON. Raises ``ValueError`` where it reports nothing."""
    finding = Finding()
    for package in json.loads(report)["dependencies"]:
        finding.asked += 1
        name = f"{package['name']} {package.get('version', '')}".strip()
        if "skip_reason" in package:
            finding.unknown.append(name)
        for weakness in package.get("vulns", ()):
            mended = ", ".join(weakness.get("fix_versions", ())) or "nothing yet"
            finding.weaknesses.append(f"{name}: {weakness['id']} (mended in {mended})")
    return finding


def ask(service: str) -> Finding | None:
    """None where the service cannot be reached."""
    uv = Path(sys.executable).parent / "uv"
    command = (
        *(uv, "tool", "run", "--quiet", "--from", PIP_AUDIT, "pip-audit", "--require-hashes"),
        *("--disable-pip", "--progress-spinner", "off", "--format", "json"),
        *("--vulnerability-service", service, "--requirement", ROOT / "requirements.txt"),
    )
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        return read(done.stdout)
    except (subprocess.TimeoutExpired, OSError, ValueError, KeyError):
        return None


def main() -> int:
    for service in SERVICES:
        finding = ask(service)
        if finding is None:
            print(f"The advisories of {service} could not be reached.")
            continue
        for weakness in finding.weaknesses:
            print(f"KNOWN WEAKNESS {weakness}")
        if finding.weaknesses:
            return 1
        if finding.is_answer:
            print(f"{service}: no weakness is known of the {finding.asked} packages.")
            return 0
        print(f"{service} knows nothing of {len(finding.unknown)} of {finding.asked} packages.")
    print(
        "NOT CHECKED: no service of advisories could be asked from here. "
        "Run `make audit` where https://pypi.org or https://api.osv.dev can be reached."
    )
    return 2


if __name__ == "__main__":
    sys.exit(main())
