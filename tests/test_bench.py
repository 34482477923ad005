"""The benchmark suite: made logs, answers told and compared, aims reckoned, a run taken up, the page written."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import generate  # noqa: E402

from benchmarks.suite import answers, drive, plan, report, targets  # noqa: E402
from benchmarks.suite.__main__ import main  # noqa: E402

ASKED = [
    "load_csv",
    "follows",
    "quantiles",
    "variants",
    "cycle_times",
    "load_and_four",
    "rework",
    "keep_step",
    "keep_dates",
]


# ---- the made log ----


def test_rows_do_not_depend_on_how_many_blocks_are_held() -> None:
    shape = generate.Shape(400_000, seed=3)  # four blocks
    one, three, all_at_once = (
        pa.concat_tables(generate.tables(shape, blocks)).combine_chunks() for blocks in (1, 3, 99)
    )
    assert one.equals(three)
    assert one.equals(all_at_once)
    assert not one.equals(pa.concat_tables(generate.tables(generate.Shape(400_000, seed=4))).combine_chunks())


def test_a_made_log_is_as_said() -> None:
    table = generate.generate(150_000).to_pandas()
    assert table["timestamp"].is_monotonic_increasing
    assert table["timestamp"].max() < np.datetime64("2022-01-01") + np.timedelta64(3 * 365, "D")
    cases = table.groupby("case_id")
    assert abs(cases.ngroups - 150_000 / 11) <= 1
    assert (cases["region"].nunique() == 1).all()
    last = cases["activity"].last()
    closed = table[table["activity"] == generate.END]
    assert (last == generate.END).sum() == len(closed)  # nothing comes after the end
    assert 0.9 < len(closed) / cases.ngroups < 1  # some cases are still open on the day of the export
    paths = cases["activity"].agg("|".join).value_counts()
    assert paths.iloc[:20].sum() > 0.5 * len(cases)  # skewed ...
    assert len(paths) > 2_000  # ... with a long tail


def test_growth_shapes_have_what_is_asked() -> None:
    few = generate.Shape(60_000, activities=8, straight=1.0)
    table = pa.concat_tables(generate.tables(few)).to_pandas()
    assert table["activity"].nunique() == 8
    paths = table.groupby("case_id")["activity"].agg("|".join)
    lengths = table.groupby("case_id")["activity"].size()
    assert paths.nunique() <= 2 * lengths.nunique()  # one path a length, finished or not


# ---- answers ----


def test_answers_are_compared_figure_by_figure() -> None:
    ours = {"a -> b": {"n": 3.0, "mean": 10.25, "p95": 12.0}, "b -> c": {"n": 1.0, "mean": 2.5, "p95": 2.5}}
    same = {key: dict(one) for key, one in ours.items()}
    assert answers.difference(ours, same, 1e-6) == ""
    cut = {key: {**one, "mean": float(int(one["mean"])), "p95": None} for key, one in ours.items()}
    said = answers.difference(ours, cut, 1e-6)
    assert "gives no p95" in said
    assert "differs in 2 of 6 figures (mean), by at most 0.5 (as if times were cut to whole seconds)" in said
    assert "1 of 6 figures" not in answers.difference(ours, {"a -> b": ours["a -> b"]}, 1e-6)
    assert "3 of 6 figures are missing" in answers.difference(ours, {"a -> b": ours["a -> b"]}, 1e-6)
    far = {**ours, "b -> c": {"n": 2.0, "mean": 400.0, "p95": 2.5}}
    assert "by at most 398" in answers.difference(ours, far, 1e-6)
    assert answers.difference({"tree": "x"}, {"tree": "y"}, 0.1) == "differs in 1 of 1 figures (tree)"


def test_lengths_are_numpys() -> None:
    values = np.random.default_rng(1).gamma(2, 3, 1_001)
    told = answers.lengths(values)
    assert told["p95"] == pytest.approx(np.quantile(values, 0.95))
    assert (told["n"], told["mean"]) == (1_001, pytest.approx(values.mean()))


def test_paths_are_told_apart_by_their_hash() -> None:
    one = answers.paths([(("a", "b"), 2), (("a",), 1)])
    assert one == answers.paths([(("a",), 1), (("a", "b"), 2)])
    assert one["all of them"] != answers.paths([(("a", "b"), 1), (("a",), 2)])["all of them"]
    assert (one["paths"], one["cases"], one["most frequent"]) == (2, 3, [2, 1])


# ---- aims ----


def measured(seconds: float, mib: float = 100.0) -> targets.Measured:
    return targets.Measured((seconds,), seconds, seconds, mib, 1)


def found(**by_tool: targets.Measured) -> targets.Found:
    of = {("follows", tool.replace("_", "-")): one for tool, one in by_tool.items()}
    return targets.Found(of, {}, {}, {}, {})


def test_an_aim_is_met_against_the_fastest_library_alone() -> None:
    aim = plan.Target("follows", "library", 200.0)
    run = found(procmine=measured(0.02), pm4py=measured(13.0), pl4pm=measured(4.1), polars=measured(0.001))
    met = targets.verdict(aim, run)
    assert (met.best, met.met, met.ratio) == ("pl4pm", True, pytest.approx(205))
    missed = targets.verdict(aim, found(procmine=measured(0.021), pm4py=measured(13.0), pl4pm=measured(4.1)))
    assert missed.met is False
    hand = targets.verdict(plan.Target("follows", "by hand", 3.0), run)
    assert (hand.best, hand.met, hand.ratio) == ("polars", False, pytest.approx(0.05))


def test_memory_is_a_part_and_what_was_not_measured_is_neither_met_nor_missed() -> None:
    aim = plan.Target("follows", "library", 0.5, "memory")
    run = found(procmine=measured(1, 450), pm4py=measured(1, 2_000), pl4pm=measured(9, 1_000))
    assert targets.verdict(aim, run)[1:] == ("pl4pm", 0.45, True)
    assert targets.verdict(aim, found(procmine=measured(1, 501), pl4pm=measured(1, 1_000))).met is False
    assert targets.verdict(aim, found(procmine=measured(1))).met is None
    told = targets.verdict(plan.Target("follows", "by hand", None), found(procmine=measured(1), duckdb=measured(2)))
    assert (told.ratio, told.met) == (2, None)


def test_the_aims_are_those_of_the_issue() -> None:
    aimed = {(one.question, one.against, one.of): one.factor for one in plan.TARGETS}
    library = {
        "load_parquet": 1.5,
        "follows": 200,
        "quantiles": 50,
        "variants": 15,
        "cycle_times": 80,
        "load_and_four": 6,
    }
    assert {question: aimed[question, "library", "seconds"] for question in library} == library
    assert aimed["load_and_four", "library", "memory"] == 0.5
    assert [aimed[question, "by hand", "seconds"] for question in ("follows", "quantiles", "cycle_times")] == [3, 3, 1]
    assert aimed["command_tenth", "library", "seconds"] == 2


def test_rounds_count_alike_however_often_a_process_asked() -> None:
    cells = {
        "1/follows/procmine": {
            "asked": {"follows": {"first": 9.0, "warm": [1.0, 1.0, 1.0, 7.0], "fresh": 5, "peak_mib": 10}}
        },
        "2/follows/procmine": {"asked": {"follows": {"first": 8.0, "warm": [3.0], "fresh": 4, "peak_mib": 30}}},
        "1/follows/pl4pm": {"error": "not done after 600 seconds"},
    }
    held = targets.found_in(cells)
    one = held.measured["follows", "procmine"]
    assert (one.seconds, one.middle, one.first, one.mib, one.rounds) == ((1.0, 3.0), 2.0, 8.5, 20, 2)
    assert held.failed == {("follows", "pl4pm"): "not done after 600 seconds"}


# ---- a run ----


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A quick run of ours, its page and its raw figures."""
    folder = tmp_path_factory.mktemp("bench")
    drive.OUTPUTS = folder
    page = folder / "page.md"
    assert main(["--quick", "--only", *ASKED, "--data", str(folder / "data"), "--out", str(page)]) == 0
    return page, next(folder.glob("20000-*.json"))


def test_the_suite_writes_its_page_and_its_figures(ran: tuple[Path, Path]) -> None:
    page, raw = ran
    text = page.read_text(encoding="utf-8")
    assert len(re.findall(r"^\|[^|]+\| procmine \| [\d.]+ m?s \| 1 \|", text, re.M)) == len(ASKED)
    assert "this run had 20,000" in text
    assert str(ROOT) not in text
    held = json.loads(raw.read_text(encoding="utf-8"))
    assert len(held["cells"]) == 7  # two sittings hold one and three questions more
    assert all("error" not in one for one in held["cells"].values())


def test_what_was_answered_is_true(ran: tuple[Path, Path]) -> None:
    """Against pandas, from the file itself."""
    cells = json.loads(ran[1].read_text(encoding="utf-8"))["cells"]
    told = {name: one["answer"] for cell in cells.values() for name, one in cell["asked"].items()}
    table = generate.generate(20_000).to_pandas().sort_values(["case_id", "timestamp"], kind="stable")
    table["after"] = table.groupby("case_id")["activity"].shift(-1)
    table["wait"] = (table.groupby("case_id")["timestamp"].shift(-1) - table["timestamp"]).dt.total_seconds()
    moves = table.dropna(subset="after").groupby(["activity", "after"])["wait"]
    names = {key: f"{key[0]} -> {key[1]}" for key in moves.groups}
    counts = {names[key]: int(n) for key, n in moves.size().items()}
    assert told["follows"] == told["load_csv"] == counts
    figures = {"n": moves.size(), "mean": moves.mean(), "median": moves.median(), "p95": moves.quantile(0.95)}
    want = {names[key]: {name: float(one[key]) for name, one in figures.items()} for key in moves.groups}
    assert answers.difference(told["quantiles"], want, 1e-6) == ""
    paths = table.groupby("case_id")["activity"].agg(tuple).value_counts()
    assert told["variants"] == answers.paths(paths.items())
    lengths = table.groupby("case_id")["timestamp"].agg(lambda one: (one.max() - one.min()).total_seconds())
    assert answers.difference(told["cycle_times"], answers.lengths(lengths), 1e-6) == ""
    twice = table.groupby(["activity", "case_id"]).size().loc[lambda n: n > 1].groupby("activity").size()
    assert told["rework"] == twice.to_dict()
    having = table[table["case_id"].isin(table.loc[table["activity"] == answers.STEP, "case_id"])]
    assert told["keep_step"] == {"cases": having["case_id"].nunique(), "events": len(having)}


def test_a_run_is_taken_up_where_it_stopped(ran: tuple[Path, Path]) -> None:
    before = json.loads(ran[1].read_text(encoding="utf-8"))["cells"]
    held = json.loads(ran[1].read_text(encoding="utf-8"))
    del held["cells"]["1/variants/procmine"]
    ran[1].write_text(json.dumps(held), encoding="utf-8")
    words = ["--quick", "--only", *ASKED, "--data", str(ran[1].parent / "data"), "--out", str(ran[0])]
    assert main(words) == 0
    after = json.loads(ran[1].read_text(encoding="utf-8"))["cells"]
    assert set(after) == set(before)
    again = {key for key in after if after[key] != before[key]}
    assert again == {"1/variants/procmine"}


def test_the_report_stands_between_its_marks(ran: tuple[Path, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Mine\n\n{report.BEGIN}\nold\n{report.END}\n\n## Below\n", encoding="utf-8")
    run = drive.Run(20_000, 1, tmp_path, {"ours": sys.executable}, ran[1])
    report.publish(run, page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Mine")
    assert text.endswith("## Below\n")
    assert "old" not in text
    assert "Without the environments mining, simulation" in text
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(SystemExit, match="no marks"):
        report.publish(run, page)


def test_the_page_has_its_marks() -> None:
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert text.count(report.BEGIN) == text.count(report.END) == 1


def test_a_failed_tool_is_told_without_paths() -> None:
    assert report.clean("FileNotFoundError: no /a/b/dot | here") == "FileNotFoundError: no ... here"


def test_everything_in_the_plan_can_be_asked() -> None:
    """Of ours; the others' modules need their packages, so their tables are read as text."""
    from benchmarks.suite.tools import ours

    wanted = {name for name, one in plan.QUESTIONS.items() if plan.OURS in one.tools} - {*plan.COMMANDS, "simulate"}
    wanted -= {"follows_tenth", "variants_tenth"}  # the same questions, of a tenth of the events
    assert set(ours.ASKS) == wanted
    for tool in plan.TOOLS.values():
        assert (ROOT / "benchmarks" / "suite" / "tools" / f"{tool.module}.py").exists()
    named = {question for together in plan.sittings(list(plan.QUESTIONS)) for question in together}
    assert named == set(plan.QUESTIONS)


# ---- growth ----


def test_slopes_are_those_of_least_squares() -> None:
    from scipy import stats

    from benchmarks.suite.growth import slope

    x = [1e6, 3e6, 1e7, 3e7, 1e8]
    exact = slope(x, [2e-9 * one**1.1 for one in x])
    assert (exact.slope, exact.low, exact.high) == pytest.approx((1.1, 1.1, 1.1))
    assert exact.at(1e10) == pytest.approx(2e-9 * 1e10**1.1)
    y = [0.5, 1.4, 5.5, 14.0, 61.0]
    want = stats.linregress(np.log(x), np.log(y))
    wide = stats.t.ppf(0.975, 3) * want.stderr
    found = slope(x, y)
    assert (found.slope, found.low, found.high) == pytest.approx(
        (want.slope, want.slope - wide, want.slope + wide), rel=1e-3
    )
    assert np.isnan(slope(x[:2], y[:2]).low)


def test_growth_is_measured_told_and_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks.suite import growth

    monkeypatch.setattr(growth, "OUTPUTS", tmp_path)
    short = [growth.Point("events", 3_000, 3_000), growth.Point("events", 30_000, 30_000)]
    monkeypatch.setattr(growth, "points", lambda most: short)
    held = growth.run(30_000, tmp_path, float("inf"), keep=True)
    assert [one["point"][1] for one in held] == [3_000, 30_000]
    assert held[0]["paths"] < held[1]["paths"]
    text = growth.written(held)
    assert "| events | 30,000 |" in text
    assert "Ten billion events, reckoned, not measured" in text
    assert growth.run(30_000, tmp_path, 0.0, keep=True) == held
    monkeypatch.setattr(growth, "free_bytes", lambda: 1e5)
    monkeypatch.setattr(growth, "_can_shard", lambda: False)
    told = growth._one(short[1], tmp_path, held, keep=True)
    assert "would need about" in told["error"]
