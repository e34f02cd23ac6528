"""Lets the scanner wapiti (https://wapiti-scanner.github.io) attack a server of its own.

The server is that of ``fuzzing``: gunicorn with production's settings and a database that is thrown
away. wapiti and what it needs are installed by uv in an environment apart from the project's, at
the first run. Ends with status 1 when it finds anything above informational; the report stays in
``var/wapiti.json``.
"""

import argparse
import json
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from .__main__ import ROOT, server

WAPITI = "wapiti3==3.2.3"
REPORT = ROOT / "var" / "wapiti.json"
#: wapiti's degrees, from 0: what is from here on is more than information.
INFORMATIONAL = 0
#: Without those that ask other servers for what they know, or for products that are not here.
MODULES = (
    *("backup", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers"),
    *("ldap", "methods", "permanentxss", "redirect", "shellshock", "sql", "timesql", "upload"),
    *("xss", "xxe"),
)


def findings(report: dict) -> list[str]:
    """What the report has above informational, one line each."""
    found = []
    for group in ("vulnerabilities", "anomalies"):
        for name, each in report.get(group, {}).items():
            found += [
                f"{name} (level {one['level']}): {one['method']} {one['path']} {one['info']}"
                for one in each
                if one["level"] > INFORMATIONAL
            ]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=int, default=20)
    parser.add_argument("--command", help="an installed wapiti, in the place of uv's")
    options = parser.parse_args()
    uv = Path(sys.executable).parent / "uv"
    command = [str(uv), "tool", "run", "--from", WAPITI, "wapiti"]
    if options.command:
        command = [options.command]
    with tempfile.TemporaryDirectory(prefix="jundiai-wapiti-") as name:
        folder = Path(name)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.unlink(missing_ok=True)
        with server(folder, port, USE_FORWARDED_PROTO="yes", SECURE_COOKIES="yes"):
            arguments = {
                "--url": f"http://127.0.0.1:{port}/",
                "--scope": "folder",
                "--module": ",".join(MODULES),
                # As behind a proxy that ends TLS: headers and cookies are those of production.
                "--header": "X-Forwarded-Proto: https",
                "--max-scan-time": str(options.minutes * 15),
                "--max-attack-time": str(options.minutes * 45 // len(MODULES)),
                "--max-links-per-page": "40",
                "--max-files-per-dir": "6",
                "--depth": "4",
                "--skip": "sessionid",
                "--store-session": str(folder),
                "--format": "json",
                "--output": str(REPORT),
            }
            flat = [word for pair in arguments.items() for word in pair]
            subprocess.run([*command, *flat, "--flush-session", "--no-bugreport"], check=False)
    report = json.loads(REPORT.read_text(encoding="utf-8"))
    found = findings(report)
    print("\n".join(found) or "Nothing above informational.")
    print(f"{report['infos'].get('crawled_pages_nbr', '?')} addresses; the report: {REPORT}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
