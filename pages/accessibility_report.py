"""The result of the last test of accessibility, which ``make accessibility-report`` writes down."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_suffix(".json")


@dataclass(frozen=True)
class AccessibilityReport:
    #: The day of the test.
    day: date
    #: With its version, for example ``"Chromium 156"``.
    browser: str
    #: Of axe-core (https://github.com/dequelabs/axe-core).
    axe: str
    #: Pages and states of them that were opened.
    states: int
    #: Checks made on them, and those that found a fault.
    checks: int
    failures: int

    def write(self, path: Path = PATH) -> None:
        values = {**asdict(self), "day": self.day.isoformat()}
        path.write_text(json.dumps(values, indent=4) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "AccessibilityReport":
        """Raises FileNotFoundError before the first test, ValueError or TypeError for others."""
        values = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**values, "day": date.fromisoformat(values["day"])})


@cache
def latest_report() -> AccessibilityReport | None:
    """The report that came with this version of the site; None where there is none."""
    return AccessibilityReport.read(PATH) if PATH.exists() else None
