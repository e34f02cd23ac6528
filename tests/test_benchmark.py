"""The benchmark's report says what was measured."""

from xml.etree import ElementTree

from benchmarks.report import CALIBRATION, Result, write


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
