"""The benchmark's report says what was measured."""

from xml.etree import ElementTree

import pytest

from benchmarks.report import CALIBRATION, Result, write
from benchmarks.speed import load, servers
from benchmarks.speed import report as speed
from benchmarks.speed.editor import Watch


def test_the_report_has_a_row_and_a_mark_for_each_address(tmp_path):
    results = [
        Result(engine, size, name, [factor * time for time in range(10, 50)], queries=9, memory=1.5)
        for engine in ("postgresql", "sqlite")
        for name in ("Home", "News & more", CALIBRATION)
        for size, factor in ((1000, 1), (100_000, 1 if name == CALIBRATION else 2))
    ]
    write(results, tmp_path, ("work_mem=16MB",))
    for engine in ("postgresql", "sqlite"):
        table = (tmp_path / f"{engine}.md").read_text(encoding="utf-8")
        assert table.count("| News & more | 29.5 \\| 47.0 | 59.0 \\| 94.1 | 2.00 | 9 | 1.5 |") == 1
        assert table.count(f"| *{CALIBRATION}* |") == 1
        drawing = ElementTree.parse(tmp_path / f"{engine}.svg")  # noqa: S314 - our own
        marks = drawing.findall(".//{http://www.w3.org/2000/svg}circle")
        assert len(marks) == 2 + 3 * 2


def test_measuring_one_engine_leaves_the_report_of_the_other(tmp_path):
    (tmp_path / "sqlite.md").write_text("measured before", encoding="utf-8")
    results = [Result("postgresql", 1000, name, [1.0]) for name in ("Home", CALIBRATION)]
    write(results, tmp_path, ())
    assert (tmp_path / "sqlite.md").read_text(encoding="utf-8") == "measured before"


WRK = """Running 1m test @ https://localhost:8443
  2 threads and 200 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    20.52ms   14.60ms 220.49ms   83.29%
  Latency Distribution
     50%   17.05ms
     75%  950.00us
     99%    1.10s
  603112 requests in 1.00m, 4.20GB read
  Socket errors: connect 0, read 1, write 0, timeout 2
  Non-2xx or 3xx responses: 4
Requests/sec:  10041.25
"""


def test_what_wrk_says_is_understood():
    said = load.read(WRK)
    assert (said.per_second, said.requests, said.errors) == (10041.25, 603112, 7)
    assert said.latency == pytest.approx({50: 17.05, 75: 0.95, 99: 1100.0})
    assert load.read(WRK.replace("Non-2xx", "").replace("Socket errors", "")).errors == 0
    with pytest.raises(ValueError, match="unable to connect"):
        load.read("unable to connect to localhost")


def test_a_page_is_as_old_as_the_publication_that_it_should_have_shown():
    watch = Watch(published=[10.0, 11.0, 12.0])
    watch.saw(10.9, 0)
    watch.saw(11.2, 1)
    assert watch.oldest == 0
    watch.saw(11.3, 0)
    assert watch.oldest == pytest.approx(0.3)
    watch.saw(12.9, 0)
    assert watch.oldest == pytest.approx(1.9)
    assert watch.looks == 4


def measured(**changes) -> speed.Measured:
    rates = [speed.Rate(name, [95, 190], [100, 200], [100, 200], [40, 80]) for name in "AB"]
    yardsticks = [speed.YARDSTICK, 5 * speed.YARDSTICK, 3 * speed.YARDSTICK]
    said = {"publications": 60, "looks": 99, "failures": 0, "oldest": {"/": 0.2}, **changes}
    return speed.Measured(
        # As if the machine had its usual speed, a fifth of it and a third.
        drawn=[speed.Drawn("A", [20.0, 110.0, 72.0], yardsticks, 9, 40.0, 15, 3.0, 9000)],
        gunicorn=rates,
        nginx=rates,
        readers=speed.Readers(load.read(WRK), said, [200.0] * 4 + [210.0] * 4),
    )


def test_the_report_of_the_speed_says_which_goals_are_reached(tmp_path):
    speed.write(measured(), tmp_path)
    table = (tmp_path / "speed.md").read_text(encoding="utf-8")
    assert "| A, through nginx, of a file | ≥ 0.95 | 0.95 | reached |" in table
    assert "| A, Gunicorn, of Django's cache | ≥ 2 | 2.38 | reached |" in table
    assert "| A, drawn, usual processor | ≤ 25 ms | 22 ms | reached |" in table
    assert "| A | 22.0 | 72.0 |" in table
    assert "| Readers: errors | 0 | 7 | **not reached** |" in table
    assert "| Readers: 99th percentile | ≤ 100 ms | 1100 ms | **not reached** |" in table
    assert "+10.0 MB" in table
    assert "| Readers: memory, growth | ≤ 5 MB | 10 MB | **not reached** |" in table
    bars = ElementTree.parse(tmp_path / "speed.svg").findall(  # noqa: S314 - our own
        ".//{http://www.w3.org/2000/svg}rect"
    )
    assert len(bars) == 1 + len(speed.goals(measured()))


def test_a_failed_look_is_an_error_of_the_readers():
    errors = {goal.name: goal for goal in speed.goals(measured(failures=1))}["Readers: errors"]
    assert (errors.measured, errors.reached) == ("8", 0)


def test_gunicorn_is_measured_with_what_its_unit_gives_it(tmp_path, monkeypatch):
    monkeypatch.setattr(servers, "LEASES", tmp_path / "leases")
    assert servers.Site(tmp_path, "").environment["MALLOC_ARENA_MAX"] == "2"
