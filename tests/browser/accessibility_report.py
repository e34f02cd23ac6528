"""Writes down what the tests of accessibility found: ``make accessibility-report``.

A plugin of pytest's. The file is part of the site, whose accessibility page shows it.
"""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.utils import timezone

from pages.accessibility_report import AccessibilityReport

from .states import ELECTION_STATES, STATES


def _axe_version() -> str:
    folder = Path(find_spec("axe_playwright_python").submodule_search_locations[0])
    with (folder / "axe.min.js").open(encoding="utf-8") as script:
        return re.search(r"axe v([\d.]+)", script.readline())[1]


class Counter:
    def __init__(self):
        self.browser = ""
        self.checks = self.failures = 0

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        outcome = yield
        if fixturedef.argname == "chromium" and not outcome.excinfo:
            self.browser = f"Chromium {outcome.get_result().version}"

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and not report.skipped:
            self.checks += 1
            self.failures += report.failed
        elif report.failed:
            self.failures += 1

    def pytest_sessionfinish(self, session):
        if not self.browser or not self.checks:
            session.exitstatus = session.exitstatus or 1
            return
        AccessibilityReport(
            day=timezone.localdate(),
            browser=self.browser,
            axe=_axe_version(),
            states=len(STATES) + len(ELECTION_STATES),
            checks=self.checks,
            failures=self.failures,
        ).write()


def pytest_configure(config):
    config.pluginmanager.register(Counter(), "accessibility-report")
