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
    table = (tmp_path / "newsroom.md").read_text(encoding="utf-8")
    assert table.count("| News & more | 29.5 \\| 47.0 | 59.0 \\| 94.1 | 2.00 | 9 | 1.5 |") == 2
    assert table.count(f"| *{CALIBRATION}* |") == 2
    drawing = ElementTree.parse(tmp_path / "newsroom.svg")  # noqa: S314 - our own
    marks = drawing.findall(".//{http://www.w3.org/2000/svg}circle")
    assert len(marks) == 2 * (2 + 3 * 2)
