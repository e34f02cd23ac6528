"""Writes what was measured: a table and a plot."""

import platform
import sqlite3
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from html import escape
from importlib.metadata import version
from pathlib import Path

CALIBRATION = "Calibration"
ENGINES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
#: What no public page may exceed, in milliseconds at the 95th percentile, and in growth.
SLOWEST, GROWTH = 150, 1.3


@dataclass
class Result:
    """What one address, or the calibration, took with one database."""

    engine: str
    size: int
    name: str
    times: list[float] = field(default_factory=list)
    queries: int = 0
    #: Megabytes; none where the address takes too long to be asked once more.
    memory: float = 0

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def percentile_95(self) -> float:
        if len(self.times) == 1:
            return self.times[0]
        return statistics.quantiles(self.times, n=20, method="inclusive")[-1]


def write(results: list[Result], folder: Path, postgres_settings: tuple[str, ...]) -> None:
    """A report for each engine that was measured; those of others stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for engine in ENGINES:
        of_engine = [each for each in results if each.engine == engine]
        if of_engine:
            parts = [
                *_introduction(engine, of_engine, postgres_settings),
                *_table(_rows(of_engine)),
            ]
            text = "\n".join(parts)
            (folder / f"{engine}.md").write_text(text, encoding="utf-8")
            (folder / f"{engine}.svg").write_text(_plot(engine, of_engine), encoding="utf-8")


def _rows(results: list[Result]) -> dict[str, list[Result]]:
    rows: dict[str, list[Result]] = {}
    for result in results:
        rows.setdefault(result.name, []).append(result)
    return rows


# Table ----------------------------------------------------------------------------------------


def python() -> str:
    """The interpreter, and what compiled it. How well it was optimised none of them tells."""
    return f"Python {platform.python_version()} ({platform.python_compiler()})"


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="ignore").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _introduction(
    engine: str, results: list[Result], postgres_settings: tuple[str, ...]
) -> Iterator[str]:
    import os

    settings = ", ".join(f"`{setting}`" for setting in postgres_settings)
    database = {
        "postgresql": f"PostgreSQL with {settings}, the rest as it comes",
        "sqlite": f"SQLite {sqlite3.sqlite_version}",
    }

    sizes = sorted({result.size for result in results})
    rounds = max(len(result.times) for result in results)
    yield f"""# {ENGINES[engine]}: the site with {sizes[0]:,} to {sizes[-1]:,} articles

Written by `make bench` on {date.today():%d %B %Y}.

Machine: {os.cpu_count()} cores of {processor()}. {python()}, \
Django {version("django")}, Wagtail {version("wagtail")}. {database[engine]}.

How to read it. Each address was asked {rounds} times in production's settings, in process, with
every cache emptied before each request and the versions of images made beforehand; those that
take long were asked less often, which the table says. The databases of all sizes were asked in
turn, request by request, so that what else the machine did weighs on all alike; the calibration is
work that has nothing to do with the articles, and shows what is left of that. Times are
milliseconds: the median, and after the bar the 95th percentile. *Growth* is the median of the
largest by that of the smallest. *Queries* and *memory* (the most that Python held above what it had
before, by tracemalloc) are of the smallest and the largest.

![Milliseconds of each address at each size]({engine}.svg)
"""


def _table(rows: dict[str, list[Result]]) -> Iterator[str]:
    sizes = [result.size for result in rows[CALIBRATION]]
    yield "| | " + " | ".join(f"{size:,}" for size in sizes) + " | Growth | Queries | Memory, MB |"
    yield "|---|" + "--:|" * (len(sizes) + 3)
    for name, results in rows.items():
        first, last = results[0], results[-1]
        times = " | ".join(_times(result) for result in results)
        growth = f"{last.median / first.median:.2f}"
        if name == CALIBRATION:
            yield f"| *{name}* | {times} | {growth} | | |"
            continue
        yield (
            f"| {name} | {times} | {growth} | {_both(first.queries, last.queries)} | "
            f"{_both(_memory(first), _memory(last))} |"
        )
    yield ""


def _times(result: Result) -> str:
    times = f"{result.median:.1f} \\| {result.percentile_95:.1f}"
    return times if len(result.times) > 20 else f"{times} ({len(result.times)} times)"


def _memory(result: Result) -> str:
    return f"{result.memory:.1f}" if result.memory else "–"


def _both(first, last) -> str:
    return str(first) if first == last else f"{first} → {last}"


# Plot -----------------------------------------------------------------------------------------

LEFT, WIDTH, ROW, TOP = 250, 520, 20, 60
SHADES = ("#c9a6c4", "#8c4f84", "#3a0f3d")


def _plot(engine: str, results: list[Result]) -> str:
    """A row for each address, a dot for each size, on a logarithmic scale of milliseconds."""
    from math import ceil, floor, log10

    medians = [result.median for result in results]
    low, high = floor(log10(min(medians))), ceil(log10(max(medians)))
    high = max(high, low + 1)

    def across(milliseconds: float) -> float:
        return LEFT + WIDTH * (log10(milliseconds) - low) / (high - low)

    rows = _rows(results)
    sizes = [result.size for result in rows[CALIBRATION]]
    bottom = TOP + ROW * len(rows)
    parts = [f'<text x="16" y="{TOP - 24}" class="name">{ENGINES[engine]}</text>']
    for number, size in enumerate(sizes):
        x = LEFT + 150 * number
        parts.append(_dot(x, TOP - 28, number, len(sizes)))
        parts.append(f'<text x="{x + 10}" y="{TOP - 24}">{size:,} articles</text>')
    for power in range(low, high + 1):
        x = across(10**power)
        parts.append(f'<path d="M{x:.0f} {TOP - 8}V{bottom}" class="line"/>')
        parts.append(f'<text x="{x:.0f}" y="{bottom + 14}" class="tick">{10**power:g} ms</text>')
    x = across(SLOWEST)
    parts.append(f'<path d="M{x:.0f} {TOP - 8}V{bottom}" class="limit"/>')
    for row, (name, measured) in enumerate(rows.items()):
        y = TOP + ROW * row + 4
        parts.append(f'<text x="16" y="{y + 4}">{escape(name)}</text>')
        ends = [across(result.median) for result in (measured[0], measured[-1])]
        parts.append(f'<path d="M{ends[0]:.1f} {y}H{ends[1]:.1f}" class="growth"/>')
        for number, result in enumerate(measured):
            parts.append(_dot(across(result.median), y, number, len(measured)))
    height = bottom + 40
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 40} {height}" \
font-family="sans-serif" font-size="12" role="img">
<title>Median milliseconds of each address; the dashed line is at {SLOWEST}</title>
<style>.name{{font-weight:bold;font-size:15px}}.tick{{text-anchor:middle;fill:#555}}\
.line{{stroke:#ddd}}.limit{{stroke:#b00;stroke-dasharray:4}}.growth{{stroke:#8c4f84}}</style>
<rect width="100%" height="100%" fill="#fff"/>
{chr(10).join(parts)}
</svg>
"""


def _dot(x: float, y: float, number: int, count: int) -> str:
    shade = SHADES[round(number * (len(SHADES) - 1) / max(1, count - 1))]
    return f'<circle cx="{x:.1f}" cy="{y}" r="4" fill="{shade}"/>'
