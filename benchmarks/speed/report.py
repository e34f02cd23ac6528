"""Writes what was measured against the goals: tables and a plot."""

import os
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from html import escape
from importlib.metadata import version
from pathlib import Path

from ..report import processor, python
from .load import Load

#: Shares of what is the best possible, or of Django's own: at least.
OF_A_FILE, OF_BARE, OF_DJANGO = 0.95, 0.80, 2.0
#: At most: milliseconds of processor time (where the yardstick takes its usual) and queries of a
#: drawing, seconds of age, milliseconds of the 99th percentile, megabytes, megabytes that become
#: more in half a minute.
DRAWING, QUERIES, AGE, LATENCY, MEMORY, GROWTH = 25, 12, 1.0, 100, 400, 5
#: Milliseconds of processor time that benchmarks/speed/yardstick.py would have taken on the machine
#: of 29 November 2026: reckoned, for it is newer. There the home took 19.5, the news 18.5 and an
#: article 17.3; beside the yardstick they take 1.64, 1.56 and 1.56 times as long as it, which gives
#: 11.9, 11.9 and 11.1. Another Python or Django changes it: reckon it anew then.
YARDSTICK = 11.6


@dataclass
class Rate:
    """Requests per second of one page, in each round; ``ours`` is the site."""

    name: str
    ours: list[float]
    files: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    django: list[float] = field(default_factory=list)

    def share(self, other: str) -> float:
        """The median of the rounds' ratios: what slows a round slows both sides of it."""
        pairs = zip(self.ours, getattr(self, other), strict=True)
        return statistics.median(ours / theirs for ours, theirs in pairs)

    def per_second(self, whose: str) -> str:
        return f"{statistics.median(getattr(self, whose)):,.0f}"


@dataclass
class Drawn:
    """One page drawn: milliseconds of processor time, and queries."""

    name: str
    times: list[float]
    #: The yardstick's, just before each.
    yardsticks: list[float]
    queries: int
    first: float
    first_queries: int
    compression: float
    size: int

    @classmethod
    def of(cls, name: str, said: dict) -> "Drawn":
        return cls(
            name, said["drawing"], said["yardsticks"], said["queries"], said["first"],
            said["first_queries"], said["compression"], said["bytes"],
        )  # fmt: skip

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def usual(self) -> float:
        """The median of what each drawing would take where the yardstick takes its usual."""
        pairs = zip(self.times, self.yardsticks, strict=True)
        return statistics.median(time / yardstick for time, yardstick in pairs) * YARDSTICK


@dataclass
class Readers:
    """Many readers while somebody publishes."""

    load: Load
    editor: dict
    #: Megabytes of all processes, each second.
    memory: list[float]

    @property
    def growth(self) -> float:
        """Megabytes by which the last quarter had more than the second: the first warms up."""
        quarter = max(1, len(self.memory) // 4)
        begin, end = self.memory[quarter : 2 * quarter], self.memory[-quarter:]
        return statistics.median(end) - statistics.median(begin or end)

    @property
    def oldest(self) -> float:
        return max(self.editor["oldest"].values())


@dataclass
class Measured:
    drawn: list[Drawn]
    gunicorn: list[Rate] = field(default_factory=list)
    nginx: list[Rate] = field(default_factory=list)
    readers: Readers | None = None


@dataclass(frozen=True)
class Goal:
    """What was held to, and what it is: ``reached`` is 1 at the goal, and more is better."""

    name: str
    goal: str
    measured: str
    reached: float


def goals(measured: Measured) -> list[Goal]:
    found = []

    def at_least(name: str, limit: float, value: float, unit: str = "") -> None:
        found.append(Goal(name, f"≥ {limit:g}{unit}", f"{_short(value)}{unit}", value / limit))

    def at_most(name: str, limit: float, value: float, unit: str = "") -> None:
        reached = limit / value if value else 10.0
        found.append(Goal(name, f"≤ {limit:g}{unit}", f"{_short(value)}{unit}", reached))

    for rate in measured.nginx:
        at_least(f"{rate.name}, through nginx, of a file", OF_A_FILE, rate.share("files"))
    for rate in measured.gunicorn:
        at_least(f"{rate.name}, Gunicorn, of bare WSGI", OF_BARE, rate.share("bare"))
    for rate in measured.gunicorn:
        at_least(f"{rate.name}, Gunicorn, of Django's cache", OF_DJANGO, rate.share("django"))
    for drawn in measured.drawn:
        at_most(f"{drawn.name}, drawn, usual processor", DRAWING, drawn.usual, " ms")
    for drawn in measured.drawn:
        at_most(f"{drawn.name}, drawn, queries", QUERIES, drawn.queries)
    if readers := measured.readers:
        failed = readers.load.errors + readers.editor["failures"]
        found.append(Goal("Readers: errors", "0", str(failed), 0.0 if failed else 10.0))
        at_most("Readers: oldest page", AGE, readers.oldest, " s")
        at_most("Readers: 99th percentile", LATENCY, readers.load.latency[99], " ms")
        at_most("Readers: memory, at the most", MEMORY, max(readers.memory), " MB")
        at_most("Readers: memory, growth", GROWTH, max(0.0, readers.growth), " MB")
    return found


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def write(measured: Measured, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join([_introduction(), *_goals(measured), *_rates(measured), *_rest(measured)])
    (folder / "speed.md").write_text(text, encoding="utf-8")
    (folder / "speed.svg").write_text(_plot(goals(measured)), encoding="utf-8")


def _introduction() -> str:
    return f"""# The speed of the site, against its goals

Written by `make bench-speed` on {date.today():%d %B %Y}.

Machine: {os.cpu_count()} cores of {processor()}, which the servers, the database and the readers
share. {python()}, Django {version("django")}, \
Wagtail {version("wagtail")}, Gunicorn {version("gunicorn")}, PostgreSQL, a newsroom with 1,000 \
articles.

How to read it. What is compared is asked in turn, in rounds of a second, by `wrk` on
connections that stay open; the ratio is the median of the rounds' ratios, for the machine is
not always alike. *Through nginx* is the shipped configuration, with TLS, against the same nginx
with the same bytes and headers as files. *Gunicorn* is the shipped configuration with one
worker, against an application that only returns the same bytes, and against the site with
Django's cache middleware in the order of its documentation, its cache in memory. *Drawn* is a
page that is not kept, on PostgreSQL, by the processor time that the process was given; what
pages show alike is kept with the stamp of the content, and the first drawing after a change
finds nothing of it. One machine differs from itself by nearly twice from day to day: before each
drawing a yardstick is measured, a piece of work that is Django's alone
(`benchmarks/speed/yardstick.py`), and the *usual processor* is what the drawing would take where
the yardstick takes {YARDSTICK:g} ms. All other times are as measured.
*Readers* are 200 who ask for one of the three pages each second or so, for a minute, while an
editor publishes an article each second, at any place in it, and a looker asks twenty times a
second for each page: a page is as old as the publication that it should have shown.

![What was measured, by its goal](speed.svg)
"""


def _goals(measured: Measured) -> Iterator[str]:
    yield "| | Goal | Measured | |"
    yield "|---|--:|--:|---|"
    for goal in goals(measured):
        kept = "reached" if goal.reached >= 1 else "**not reached**"
        yield f"| {goal.name} | {goal.goal} | {goal.measured} | {kept} |"
    yield ""


def _rates(measured: Measured) -> Iterator[str]:
    yield "Requests per second, medians:\n"
    yield "| | nginx | a file | Gunicorn | bare WSGI | Django's cache |"
    yield "|---|--:|--:|--:|--:|--:|"
    for nginx, gunicorn in zip(measured.nginx, measured.gunicorn, strict=True):
        values = [
            nginx.per_second("ours"), nginx.per_second("files"), gunicorn.per_second("ours"),
            gunicorn.per_second("bare"), gunicorn.per_second("django"),
        ]  # fmt: skip
        yield f"| {nginx.name} | {' | '.join(values)} |"
    yield ""


def _rest(measured: Measured) -> Iterator[str]:
    yield "Pages drawn, in milliseconds of processor time:\n"
    columns = "Usual | Median | Yardstick | First after a change | Queries | First | Compression"
    yield f"| | {columns} | Bytes |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for drawn in measured.drawn:
        yield (
            f"| {drawn.name} | {drawn.usual:.1f} | {drawn.median:.1f} | "
            f"{statistics.median(drawn.yardsticks):.1f} | {drawn.first:.1f} | {drawn.queries} | "
            f"{drawn.first_queries} | {drawn.compression:.1f} | {drawn.size:,} |"
        )
    yield ""
    if readers := measured.readers:
        said, load = readers.editor, readers.load
        latencies = ", ".join(f"{each:.3g} ms ({of} %)" for of, each in load.latency.items())
        yield (
            f"Readers: {load.requests:,} answers, {load.per_second:,.0f} a second; latency "
            f"{latencies}. {said['publications']} publications, {said['looks']:,} looks. Memory "
            f"of all processes of Gunicorn {min(readers.memory):.0f} to {max(readers.memory):.0f} "
            f"MB (what they share counted once), {readers.growth:+.1f} MB from the second quarter "
            "to the last.\n"
        )


LEFT, WIDTH, ROW, TOP, LONGEST = 290, 430, 20, 40, 4.0


def _plot(found: list[Goal]) -> str:
    """A bar for each goal; what ends right of the line has reached it."""
    bottom = TOP + ROW * len(found)
    line = LEFT + WIDTH / LONGEST
    parts = [f'<text x="{line:.0f}" y="{TOP - 14}" class="tick">the goal</text>']
    for row, goal in enumerate(found):
        y = TOP + ROW * row
        length = WIDTH * min(goal.reached, LONGEST) / LONGEST
        shade = "#8c4f84" if goal.reached >= 1 else "#b00"
        parts.append(f'<text x="16" y="{y + 12}">{escape(goal.name)}</text>')
        parts.append(
            f'<rect x="{LEFT}" y="{y + 2}" width="{length:.1f}" height="{ROW - 6}" fill="{shade}"/>'
        )
        parts.append(
            f'<text x="{LEFT + length + 6:.0f}" y="{y + 12}">{escape(goal.measured)}</text>'
        )
    parts.append(f'<path d="M{line:.0f} {TOP - 8}V{bottom}" class="limit"/>')
    size = f"{LEFT + WIDTH + 90} {bottom + 20}"
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" \
font-family="sans-serif" font-size="12" role="img">
<title>What was measured, by its goal; what ends right of the line has reached it</title>
<style>.tick{{text-anchor:middle;fill:#555}}.limit{{stroke:#000;stroke-dasharray:4}}</style>
<rect width="100%" height="100%" fill="#fff"/>
{chr(10).join(parts)}
</svg>
"""
