"""The contract: merging, shards, filters, names, layers, imports."""

import ast
import itertools
import json
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from logs import DAY, START, build

import procmine
from procmine.about import About
from procmine.asking import Grouped, ask
from procmine.calendars import Calendar
from procmine.clocks import CALENDAR_TIME, OfficeHours, WorkingTime, from_wall, to_wall
from procmine.find.hearings import HearingSummary
from procmine.find.service.caseload import CaseloadSummary, Counting
from procmine.find.service.measures import Measure, MeasuresSummary
from procmine.find.service.promise import KeptSummary, PromiseSummary
from procmine.find.service.standards import Standard, StandardsSummary
from procmine.find.time.bottlenecks import BottleneckSummary
from procmine.kernels.durations import Durations
from procmine.kernels.partial import merge_all
from procmine.log import EventLog, LogError, Text
from procmine.proof.arms import ArmsSummary
from procmine.proof.charts.periods import Periods
from procmine.proof.charts.series import SeriesSummary
from procmine.proof.cohorts import BaselineSummary, Cohort, Plan
from procmine.proof.moved.moves import MovesSummary
from procmine.proof.moved.ways import WaysSummary
from procmine.proof.offices.weekly import Beside, OfficesSummary
from procmine.proof.verdict.backlog import PileSummary
from procmine.proof.verdict.finished import FinishedSummary
from procmine.proof.verdict.strata import StrataSummary
from procmine.scale.shards import save
from procmine.see.clock_rules import Pause, Rules, ServiceClock
from procmine.see.ending import EndedSummary, MeanSummary
from procmine.see.flow import FlowSummary, FollowsSummary, HandoverSummary, ReworkSummary, VariantSummary
from procmine.see.maps import KeptFlowSummary
from procmine.see.rework_cost import ReworkCostSummary
from procmine.see.service import ServiceSummary
from procmine.see.spread import SpreadSummary
from procmine.see.staged import StagedSummary
from procmine.see.survival import SurvivalSummary
from procmine.see.times import BetweenSummary, CycleSummary, StepSummary, first, last
from procmine.see.week import WeekSummary
from procmine.words import ENGLISH, Message, Span

WEEK = dict.fromkeys(("monday", "tuesday", "thursday"), "08:00-12:00, 13:00-17:30")
OFFICES = OfficeHours(
    {"North": Calendar(WEEK, holidays="AT"), "default": Calendar({"friday": "09:00-15:00"})}, "office"
)
RULES = Rules("Start", ("End", "Withdrawn"), (Pause("Start", "Order", "court"),), ("unit", ("legal",)))
NORTH = Cohort(where=(("office", ("North",)),))
QUESTIONS = [
    CaseloadSummary(),
    CaseloadSummary(Counting(inactive=("Order",)), "year"),
    KeptSummary(),
    MeasuresSummary((Measure("m", "Start", "Order", target=60), Measure("n", "Order", "any end", unit="hours"))),
    PromiseSummary(share=0.5),
    StandardsSummary((Standard("s", "Start", ("Order", "withdrawn"), 60), Standard("t", "arrival", "any end", 90))),
    BottleneckSummary(),
    BottleneckSummary(WorkingTime()),
    BottleneckSummary(CALENDAR_TIME, (START + 100 * DAY, START + 400 * DAY)),
    BottleneckSummary(stages=True),
    FlowSummary(),
    FollowsSummary(),
    KeptFlowSummary(steps=(0, 2)),
    VariantSummary(),
    ReworkSummary(),
    HandoverSummary("unit"),
    ReworkCostSummary(),
    ReworkCostSummary("unit", WorkingTime()),
    StagedSummary(18_995, 40, 28),
    StagedSummary(18_990, 60, 7, stages=True),
    SpreadSummary(),
    WeekSummary(),
    SurvivalSummary(),
    SurvivalSummary(outcome="withdrawn"),
    MeanSummary(180.0),
    MeanSummary(90.0, "withdrawn", WorkingTime()),
    EndedSummary(),
    CycleSummary(),
    StepSummary(),
    BetweenSummary(first("Start"), last("End")),
    BetweenSummary(first("Start"), first("Decision"), WorkingTime()),
    HearingSummary(("Order", "End"), decided=("End",)),
    HearingSummary(("Order",), ("End",), clock=WorkingTime()),
    BaselineSummary(Cohort(where=(("office", ("North",)),)), START + 700 * DAY),
    BaselineSummary(Cohort(first("Order"), first("End")), START + 700 * DAY),
    SeriesSummary("time", Cohort(first("Order"), where=(("office", ("North",)),)), Periods("month"), 15),
    SeriesSummary("done", Cohort(None, first("Decision")), Periods("week"), 15),
    SeriesSummary("backlog", Cohort(), Periods("week")),
    SeriesSummary("volume", Cohort(first("Order")), Periods("month")),
    SeriesSummary("standard", Cohort(), Periods("month"), 0, Standard("s", "Start", ("Order", "withdrawn"), 60)),
    ArmsSummary(Cohort(where=(("office", ("North",)),), others=True), Plan(START + 700 * DAY, 15, 52, 20)),
    ArmsSummary(Cohort(None, first("Decision")), Plan(START + 700 * DAY, 15, 52, 20), WorkingTime()),
    OfficesSummary(NORTH, Beside("office", (("office", ()),), NORTH.where), Plan(START + 700 * DAY, 15, 52, 20)),
    FinishedSummary(Cohort(where=(("office", ("North",)),)), Plan(START + 700 * DAY, 15, 52, 20, 0, 3)),
    StrataSummary(Cohort(), Plan(START + 700 * DAY, 15, 52, 20), (("office",),)),
    PileSummary(Cohort(where=(("office", ("North",)),)), Plan(START + 700 * DAY, 15, 52, 20), -90),
    WaysSummary(Cohort(), Plan(START + 700 * DAY, 15, 52, 20), (0, 1, 2, 3)),
    MovesSummary(
        Cohort(where=(("office", ("North",)),)),
        Plan(START + 700 * DAY, 15, 52, 20),
        ((0, 1), (0, 5), (1, 2), (1, 5), (2, 4), (4, 0)),
        (40 * DAY, 20 * DAY, DAY, DAY, DAY),
    ),
    CycleSummary(OFFICES),
    BottleneckSummary(ServiceClock(RULES, OFFICES)),
    ServiceSummary(RULES, OFFICES),
    ServiceSummary(RULES),
]
LAYERS = [
    "cli",
    "publish",
    "simulate",
    "proof",
    "find",
    "models",
    "see",
    "load",
    "scale",
    "arrow",
    "asking",
    "log",
    "clocks",
    "calendars",
]
LAYERS += [
    "results",
    "progress",
    "about",
    "languages",
    "words",
    "english",
    "draw",
    "kernels",
    "sample_files",
    "samples",
    "settings",
]
PACKAGE = Path(procmine.__file__).parent


def same(one, two):
    assert list(one) == list(two)
    for name in one:
        if one[name].dtype.kind == "f":
            np.testing.assert_allclose(one[name], two[name], rtol=1e-9, atol=1e-12, equal_nan=True)
        else:
            np.testing.assert_array_equal(one[name], two[name])


@pytest.mark.parametrize(("by", "period"), [((), None), (("office",), None), (("office",), "quarter")])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: type(one).__name__)
def test_of_all_is_the_merge_of_any_split_in_any_order_and_of_shards(office, tmp_path, question, by, period):
    whole = ask(office, question, by, period)
    asked = Grouped(question, by, period) if by or period else question
    for seed in range(5):
        draw = np.random.default_rng(seed)
        part_of = draw.integers(0, 7, len(office))
        parts = [office.take(np.flatnonzero(part_of == part)) for part in draw.permutation(8)]  # part 7 is empty
        partials = [pickle.loads(pickle.dumps(asked)).of(part) for part in parts]
        same(whole.rows, asked.rows(merge_all(partials), office.about))
    same(whole.rows, ask(save(office, tmp_path / "log", shards=4), question, by, period).rows)


def test_every_summary_stands_in_that_test():
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base).startswith("Summary[") for base in node.bases):
                assert node.name in {type(one).__name__ for one in QUESTIONS}, f"{path.name}: {node.name}"


@pytest.mark.parametrize("cap", [10, 500, 10_000])
def test_durations_are_exact_or_not_whatever_the_split(cap):
    draw = np.random.default_rng(1)
    key, value = draw.integers(0, 3, 2_000), (draw.lognormal(14, 2, 2_000) * 1e6).astype(np.int64)
    whole = Durations.of(key, value, 4, cap)
    for seed in range(10):
        part_of = np.random.default_rng(seed).integers(0, 5, 2_000)
        parts = [Durations.of(key[part_of == part], value[part_of == part], 4, cap) for part in range(5)]
        joined = merge_all(parts)
        assert joined.exact == whole.exact == (cap == 10_000)
        for one in ("key", "value", "count"):
            np.testing.assert_array_equal(getattr(joined, one), getattr(whole, one))
    for p in (0.0, 0.3, 0.5, 0.95, 1.0):
        true = [np.quantile(value[key == one], p) / 1e6 for one in range(3)]
        np.testing.assert_allclose(whole.quantile(p)[:3], true, rtol=1e-12 if whole.exact else 0.005)
        assert np.isnan(whole.quantile(p)[3])
    np.testing.assert_array_equal(whole.whole().n(), [2_000])


@pytest.mark.parametrize(
    "smaller",
    [
        lambda log: log.where({"office": ["North"]}),
        lambda log: log.sample(cases=100, seed=1),
        lambda log: log.between("2022-06-01", "2023-01-01"),
        lambda log: log.between("2022-06-01", "2023-01-01", rule="touching"),
        lambda log: log.between("2022-06-01", "2023-01-01", rule="inside"),
        lambda log: log.having("Decision"),
        lambda log: log.not_having("Order", "Withdrawn"),
        lambda log: log.only_activities(["Start", "End"]),
        lambda log: log.only_activities(["Withdrawn"]).where({"office": "South"}),
        lambda log: log.with_case_attribute("unit", rule="last"),
    ],
)
def test_filters_keep_cutoff_and_codes_and_shares_add_up(office, smaller):
    before = dict(vars(office))
    log = smaller(office)
    for fixed in ("cutoff", "ends", "activities", "axis", "begins"):
        assert getattr(log.about, fixed) == getattr(office.about, fixed)
    assert len(log.about.history) > len(office.about.history)
    assert all(isinstance(line.say(), str) for line in log.about.history)
    answer = procmine.bottlenecks(log)
    assert answer.rows["share"].sum() == pytest.approx(1)
    assert answer.rows["share_active"].sum() == pytest.approx(1)
    part = BottleneckSummary().of(log)
    assert part.weeks.sums.sum() == pytest.approx((log.until - log.arrival).sum() / 1e6)
    assert dict(vars(office)) == before


def test_filters_against_pandas(office):
    cases, events = office.cases, office.events
    started = cases[(cases["arrival"] >= "2022-06-01") & (cases["arrival"] < "2023-01-01")]
    assert list(office.between("2022-06-01", "2023-01-01").cases["case"]) == list(started["case"])
    ordered = events[events["activity"] == "Order"]["case"].unique()
    assert set(office.having("Order").cases["case"]) == set(ordered)
    assert set(office.not_having("Order").cases["case"]) == set(cases["case"]) - set(ordered)
    north = cases[cases["office"] == "North"]
    assert list(office.where({"office": "North"}).cases["case"]) == list(north["case"])
    firsts = events.dropna(subset=["unit"]).groupby("case")["unit"].first()
    found = office.with_case_attribute("unit", rule="first").cases.set_index("case")["unit"].dropna()
    assert found.to_dict() == firsts.to_dict()


def test_cut_to_is_the_log_as_it_stood(office):
    day = "2023-09-30"
    cut = office.cut_to(day)
    last = np.datetime64("2023-10-01", "us").astype(np.int64) - 1
    events, cases = office.events, office.cases.set_index("case")
    seen = events[events["time"] < "2023-10-01"]
    assert len(cut.events) == len(seen) and cut.about.cutoff == last
    now = cut.cases.set_index("case")
    assert set(now.index) == set(seen["case"])
    was = cases.loc[now.index]
    assert (now["open"] == (was["open"] | (was["until"] >= "2023-10-01"))).all()
    assert (cut.until[cut.open] == last).all() and (cut.until <= last).all()
    with pytest.raises(ValueError, match="earlier"):
        cut.cut_to("2023-12-01")


def test_cut_to_keeps_an_earlier_filter(six):
    early = six.cut_to("2024-01-10")
    assert list(early.cases["open"]) == [True, True] and len(early.events) == 5


def test_six_events_by_hand(six):
    places = procmine.bottlenecks(six).frame.set_index("step")
    rows = places[places["kind"] == "before"]
    assert rows.loc["Check", "n"] == 3 and rows.loc["End", "n"] == 1
    day = np.timedelta64(1, "D")
    assert rows.loc["Check", "p50"] == 2 * day and rows.loc["End", "mean"] == 8 * day
    open_days = 15 - 1e-6 / 86_400  # B2 waits from the 6th to the last microsecond of the 20th
    assert rows.loc["Check", "share"] == pytest.approx(7 / (7 + 8 + open_days))
    waiting = places[places["kind"] == "still open after"]
    assert list(waiting.index) == ["Check"] and waiting["n"].item() == 1
    assert waiting["share"].item() == pytest.approx(open_days / (7 + 8 + open_days))
    pairs = procmine.flow(six).frame.set_index(["before", "after"])["n"]
    moves = {("Start", "Check"): 2, ("Check", "Check"): 1, ("Check", "End"): 1}
    assert pairs.to_dict() == {**moves, ("", "Start"): 2, ("End", ""): 1}
    assert procmine.cycle_times(six).rows["mean"][0] == 10 * day
    assert str(six).startswith("2 cases, 6 events, data up to 2024-01-20.\n1 case is still open")
    paths = procmine.variants(six).frame
    assert list(paths["variant"]) == ["Start → Check → Check", "Start → Check → End"]
    assert list(paths["n"]) == [1, 1] and list(paths["open"]) == [1, 0]
    repeats = procmine.rework(six).frame.set_index("step")
    assert repeats.loc["Check", ["cases", "repeated", "repeats", "self_loops"]].tolist() == [2, 1, 1, 1]
    passed = procmine.handovers(six, "unit").frame
    assert passed.values.tolist()[0][:3] == ["desk", "court", 1] and len(passed) == 1
    table = procmine.case_times(six, "Start", last("Check"))
    assert list(table["elapsed"]) == [2 * day, 5 * day] and table["reached"].all()


def test_a_window_counts_the_days_inside_it(six):
    shares = procmine.bottlenecks(six, window=("2024-01-04", "2024-01-08")).frame.set_index(["kind", "step"])["share"]
    # A1: 4 days of the gap before End; B2: 4th to 6th before Check, then 2 days open
    assert shares["before", "End"] == pytest.approx(0.5) and shares["before", "Check"] == pytest.approx(0.25)
    assert shares["still open after", "Check"] == pytest.approx(0.25)
    months = procmine.bottlenecks(six, period="month")
    assert set(months.rows["month"]) == {"2024-01"}
    np.testing.assert_allclose(months.rows["share"], procmine.bottlenecks(six).rows["share"], rtol=1e-9)


def test_windows_add_up_to_the_whole(office):
    def seconds(window):
        return BottleneckSummary(CALENDAR_TIME, window).of(office).weeks.sums.sum(axis=0)

    edges = [office.about.begins, START + 300 * DAY, START + 700 * DAY, office.about.cutoff]
    parts = sum(seconds(window) for window in itertools.pairwise(edges))
    np.testing.assert_allclose(parts, seconds(None), rtol=1e-12)


def test_stages_add_up_their_steps(office):
    steps = procmine.bottlenecks(office).frame.set_index(["kind", "step"])["share"]
    stages = procmine.bottlenecks(office, stages=True).frame.set_index(["kind", "step"])
    both = steps["before", "Order"] + steps["before", "End"]
    assert stages.loc[("before", "Decision"), "share"] == pytest.approx(both)
    assert stages.loc[("before", "Decision"), "who"] == "our policy, law"


def test_dormant_cases_are_told_apart(office):
    answer = procmine.bottlenecks(office)
    dormant = answer.frame[answer.frame["kind"] == "dormant after"]
    assert dormant["n"].sum() == office.dormant.sum() > 0
    assert (dormant["share_active"] == 0).all()
    assert any("dormant" in line for line in answer.sentences())


def test_errors_say_what_there_is(office, tmp_path):
    with pytest.raises(LogError, match=r"'region'.*There are: office"):
        procmine.bottlenecks(office, by=["region"])
    with pytest.raises(LogError, match=r"'Strat'.*Did you mean 'Start'.*There are: "):
        procmine.time_between(office, first("Strat"), last("End"))
    with pytest.raises(LogError, match=r"'unit' belongs to events.*with_case_attribute"):
        procmine.survival(office, by=["unit"])
    with pytest.raises(LogError, match=r"office = 'Nort'.*North, South"):
        office.where({"office": "Nort"})
    with pytest.raises(LogError, match=r"No outcome 'denied'.*granted, withdrawn"):
        procmine.survival(office, outcome="denied")
    with pytest.raises(ValueError, match="not a date"):
        office.between("yesterday", "2023-01-01")
    with pytest.raises(LogError, match=r"no about\.json"):
        procmine.scale.shards.ShardedLog.open(tmp_path)


def test_results_are_copies_and_can_be_shown(office):
    answer = procmine.survival(office, by=["office"])
    taken = answer.frame
    taken["share"] = 0.0
    assert set(answer.frame["office"]) == {"(missing)", "North", "South"} and answer.frame["share"].min() > 0
    assert "Kaplan-Meier" in answer._repr_html_() and answer.to_dict()["exact"] is True
    json.dumps(answer.to_dict(), allow_nan=False)


def test_workbook_neutralises_formulas(six, tmp_path):
    from openpyxl import load_workbook

    hostile = '=HYPERLINK("x")'
    about = six.about.to_dict() | {"activities": [hostile, "@Check", "End"]}
    answer = procmine.bottlenecks(type(six)(**{**vars(six), "about": About.from_dict(about)}))
    answer.to_excel(tmp_path / "book.xlsx")
    book = load_workbook(tmp_path / "book.xlsx")
    assert book.sheetnames == ["Bottlenecks", "Definitions"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(cell.value == "'@Check" for cell in cells)
    assert hostile not in answer._repr_html_() and list(tmp_path.iterdir()) == [tmp_path / "book.xlsx"]


def test_an_empty_log_answers(office):
    none = office.where({"office": "North"}).between("1990-01-01", "1990-02-01")
    for question in QUESTIONS:
        for by in ((), ("office",)):
            answer = ask(none, question, by)
            assert answer.sentences() and answer._repr_html_() and answer.to_dict()
    assert len(none) == 0 and none.cases.empty and none.events.empty and str(none)


def test_about_survives_json(office):
    about = office.where({"office": "North"}).about
    again = About.from_dict(json.loads(json.dumps(about.to_dict())))
    assert again == about


def test_every_message_in_the_code_is_in_the_catalogue():
    said = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Message" and node.args
            if called and isinstance(node.args[0], ast.Constant):
                said.add(node.args[0].value)
    assert said <= set(ENGLISH), said - set(ENGLISH)


def test_spans_are_said_as_people_say_them():
    def said(seconds, day=86_400.0):
        return Message("survival.half", {"time": Span(seconds, day)}).say().split("within ")[1].split(";")[0]

    assert said(72 * 86_400) == "72 days" and said(86_400 * 5.41) == "5.4 days" and said(86_400 * 1.0 * 2) == "2 days"
    assert (
        said(40 * 60) == "40 minutes"
        and said(3_600 * 20) == "20 hours"
        and said(8 * 3_600, 8 * 3_600) == "1 working day"
    )
    assert said(86_400) == "1 day"
    assert said(1) == "1 second" and said(86_400 * 1.6) == "1.6 days"


def test_wall_clock_against_zoneinfo():
    from datetime import UTC, datetime, timedelta
    from zoneinfo import ZoneInfo

    draw = np.random.default_rng(3)
    times = draw.integers(-(10**15), 2 * 10**15, 2_000)
    for zone in ("Europe/Vilnius", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"):
        wall = to_wall(times, zone)
        for time, found in list(zip(times, wall))[:300]:
            moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(time))
            true = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            assert np.datetime64(int(found), "us").item() == true
    assert from_wall(np.datetime64("2026-07-01T00:00"), "Europe/Vilnius") == np.datetime64(
        "2026-06-30T21:00", "us"
    ).astype(int)


def test_names_exist_hide_no_module_and_equal_the_typed_ones():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    blocks = [node for block in tree.body if isinstance(block, ast.If) for node in block.body]
    typed = {alias.name: node.module for node in blocks for alias in node.names}
    assert typed == procmine.NAMES and dir(procmine) == sorted([*procmine.NAMES, "models"])
    assert not set(procmine.NAMES) & {path.stem for path in PACKAGE.iterdir()}
    assert all(callable(getattr(procmine, name)) or name.isupper() for name in procmine.NAMES)


def layer(module):
    return LAYERS.index(module.split(".")[1])


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path):
    name = ".".join(("procmine", *path.relative_to(PACKAGE).with_suffix("").parts))
    if name == "procmine.__init__":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for module in modules:
            if module.startswith("procmine."):
                assert layer(module) >= layer(name), f"{name} imports {module}"


OWNERS = {
    "numba": "kernels/jit",
    "pyspark": "load/spark/",
    "matplotlib": "draw/",
    "pygraphviz": "draw/",
    "pm4py": "models.py",
    "papermill": "publish/notebooks.py",
    "psutil": "publish/batch/process.py",
    "nbconvert": "publish/notebooks.py",
    "typst": "publish/paper/pdf.py",
    "mistune": "publish/report_pdf.py",
    "pptx": "publish/slides/",
    "xlsxwriter": "publish/slides/",
    "yaml": "settings.py",
    "pydantic": "settings.py",
    "sqlalchemy": "load/databases/",
    "holidays": "calendars.py",
}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_libraries_have_one_owner(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = [
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test)
        for node in ast.walk(block)
    ]
    for node in ast.walk(tree):
        if node in typing_only or not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        for name in names:
            owner = OWNERS.get(name.split(".")[0])
            assert owner is None or path.relative_to(PACKAGE).as_posix().startswith(owner), (
                f"{path.name} imports {name}"
            )


def test_importing_loads_nothing_heavy():
    lines = "import sys, procmine\nheavy = {'numpy','pandas','pyarrow','scipy','numba','matplotlib','pm4py'}\n"
    lines += "print(heavy & set(sys.modules))\n"
    out = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert out.stdout == "set()\n"


def test_time_of_steps_left_out_is_shown_and_not_given_to_others(six):
    answer = procmine.bottlenecks(six.only_activities(["Start"]))
    places = answer.frame.set_index(["kind", "step"])["share"]
    open_days = 20 - 1e-6 / 86_400
    assert places["left out after", "Start"] == pytest.approx(10 / (10 + open_days))
    assert places["still open after", "Start"] == pytest.approx(open_days / (10 + open_days))
    assert any(sentence.startswith("Some steps were left out") for sentence in answer.sentences())


def test_a_second_milestone_that_came_before_the_first_is_not_reached(six):
    rows = procmine.time_between(six, first("Check"), last("Start")).rows
    assert (rows["ended"][0], rows["otherwise"][0], rows["open"][0]) == (0, 1, 1)


def test_marks_that_turn_text_around_are_not_said():
    said = Message("kept.having", {"steps": "Order \u202etpircs\u0000\x07"}).say()
    assert said == "cases that have Order tpircs"
    assert Message("kept.having", {"steps": "Ünïcødé Ωμέγα Заявка 申請"}).say().endswith("Ünïcødé Ωμέγα Заявка 申請")


def test_groups_of_people_are_numbers(office):
    named = replace(office, about=replace(office.about, persons=("office", "unit")))
    answer = procmine.cycle_times(named, by=["office"], period="year")
    plain = procmine.cycle_times(office, by=["office"], period="year")
    assert set(answer.rows["office"]) == {"person 1", "person 2", "(missing)"}
    assert sorted(answer.rows["n"]) == sorted(plain.rows["n"])
    assert not any("North" in line or "South" in line for line in (*answer.sentences(), str(answer)))
    passed = procmine.handovers(named, "unit").frame
    assert all(name.startswith("person ") for name in passed["before"])


def attributed(values, **more):
    """One case per value of the attribute `a`: step A, and B a day later."""
    rows = [(f"{k:03}", step, f"2024-01-0{day}") for k in range(len(values)) for step, day in (("A", 1), ("B", 2))]
    attributes = {"a": {f"{k:03}": value for k, value in enumerate(values) if value is not None}, **more}
    return build(rows, cutoff="2024-02-01", ends=["B"], attributes=attributes)


def test_the_text_missing_is_not_what_is_missing():
    log = attributed(["(missing)"] * 4 + ["N"] * 3 + [None] * 3)
    answer = procmine.cycle_times(log, by=["a"])
    assert dict(zip(answer.rows["a"], answer.rows["n"])) == {"(missing)": 3, '"(missing)"': 4, "N": 3}


def test_groups_of_many_levels_do_not_overflow():
    many = [f"v{k}" for k in range(100_000)]
    small = attributed(["x", "y"])
    text = Text(np.array([99_999, 7], np.int32), pa.array(many))
    names = ("p", "q", "r", "s")
    log = replace(small, about=replace(small.about, attributes=names), attributes=dict.fromkeys(names, text))
    answer = procmine.cycle_times(log, by=names)
    assert {tuple(answer.rows[name][k] for name in names) for k in (0, 1)} == {("v99999",) * 4, ("v7",) * 4}


@pytest.mark.parametrize("name", ["kind", "step", "n", "share", "who", "open", "time", "year"])
def test_an_attribute_called_like_a_column_stands_beside_it(name):
    log = attributed(["x", "y", "y"])
    log = replace(log, about=replace(log.about, attributes=(name,)), attributes={name: log.attributes["a"]})
    for answer in (
        procmine.bottlenecks(log, by=[name], period="year"),
        procmine.survival(log, by=[name], period="year"),
    ):
        assert set(answer.rows[answer.groups[0]]) | set(answer.rows[answer.groups[1]]) == {"x", "y", "2024"}
        assert len(answer.parts()) == 2
    assert set(log.cases.columns) >= {"case", "open", name} or f"{name} of case" in log.cases.columns


def test_pseudonyms_are_one_across_groups_and_their_order_tells_nothing():
    rows = [(str(k), step, f"2024-01-0{day}") for k in range(4) for step, day in (("A", 1), ("B", 2))]
    who = ["Zoe", "Amy", "Bob", "Cid", "Amy", "Zoe", "Dan", "Bob"]
    about = {"persons": ("clerk",)}
    log = build(rows, cutoff="2024-02-01", ends=["B"], attributes={"office": {"0": "N", "1": "S", "2": "N", "3": "S"}},
                event_attributes={"clerk": who}, **about)  # fmt: skip
    passed = procmine.handovers(log, "clerk", by=["office"]).frame
    pairs = {(row.before, row.after) for row in passed.itertuples()}
    assert len({name for pair in pairs for name in pair}) == 5
    by_clerk = procmine.cycle_times(log.with_case_attribute("clerk", rule="first"), by=["clerk"])
    assert list(by_clerk.rows["clerk"]) == sorted(by_clerk.rows["clerk"])
    with pytest.raises(LogError) as refused:
        log.with_case_attribute("clerk", rule="first").where({"clerk": "Eve"})
    assert "Amy" not in str(refused.value)


def test_outcomes_are_not_told_from_steps_left_out(office):
    with pytest.raises(LogError, match="Steps were left out"):
        procmine.survival(office.only_activities(["Start"]), outcome="granted")


@pytest.mark.parametrize(
    "day", ["20240101", "today", "now", "NaT", "", "last week", "2024-13-01", "0500-01-01", "2024-1-1"]
)
def test_only_dates_are_dates(office, day):
    with pytest.raises(ValueError, match="is not a date"):
        office.cut_to(day)


def test_the_last_day_can_be_cut_to_and_windows_run_forward(office):
    last = str(office.cases["until"].max().date())
    assert len(office.cut_to(last)) == len(office)
    with pytest.raises(ValueError, match="the first date must come first"):
        procmine.bottlenecks(office, window=("2023-06-01", "2023-01-01"))


def test_shards_keep_an_event_attribute_beside_its_case_attribute(office, tmp_path):
    both = office.with_case_attribute("unit", rule="last")
    folder = save(both, tmp_path / "log", shards=3)
    same(procmine.handovers(both, "unit").rows, procmine.handovers(folder, "unit").rows)
    same(procmine.cycle_times(both, by=["unit"]).rows, procmine.cycle_times(folder, by=["unit"]).rows)
    with pytest.raises(LogError, match="in memory"):
        procmine.case_times(folder, "Start", "End")
    with pytest.raises(ValueError, match="at least 1"):
        save(office, tmp_path / "none", shards=0)


def test_one_is_said_in_the_singular(six):
    said = str(six.having("End"))
    assert said.startswith("1 case, 3 events")
    assert "1 finished case:" in str(procmine.cycle_times(six))


def test_a_workbook_counts_in_the_clocks_own_days(tmp_path):
    from openpyxl import load_workbook

    rows = [("1", "A", "2024-04-29T09:00"), ("1", "B", "2024-05-02T09:00")]
    log = build(rows, cutoff="2024-05-30", ends=["B"])
    for clock, days, unit in ((WorkingTime(9, 17), 3.0, "working days"), (CALENDAR_TIME, 3.0, "days")):
        procmine.cycle_times(log, clock=clock).to_excel(tmp_path / "book.xlsx")
        sheet = load_workbook(tmp_path / "book.xlsx").worksheets[0]
        cells = {cell.value: sheet.cell(2, cell.column).value for cell in sheet[1]}
        assert cells[f"mean ({unit})"] == days
    said = procmine.cycle_times(log, clock=WorkingTime(0, 24)).sentences()
    assert any("clock" in line for line in said)


def test_a_clock_of_work_counts_an_hour_that_comes_twice_twice(office):
    hours = np.array(["2023-10-28T20:00"], "M8[us]").astype(np.int64) + np.arange(0, 10 * 3_600, 600) * 1_000_000
    assert (np.diff(to_wall(hours, "Europe/Vilnius")) < 0).any()  # clocks went back on 29 October
    log = replace(office, about=replace(office.about, axis="instant", zone="Europe/Vilnius"))
    read = WorkingTime(0, 24, (6,)).read(hours, np.zeros(len(hours), np.int64), log)
    assert set(np.diff(read)) == {0, 600_000_000}  # Saturday evening, then every minute of a Sunday of 25 hours
    alone = [WorkingTime(0, 24, (6,)).read(hours[k : k + 1], np.zeros(1, np.int64), log)[0] for k in range(len(hours))]
    np.testing.assert_array_equal(alone, read)
    with pytest.raises(ValueError, match="negative"):
        Durations.of(np.array([3]), np.array([-5]), 4)


def test_many_activities_cost_what_happened_and_not_its_square():
    n = 20_000
    rows_of = np.arange(2 * n).reshape(n, 2)
    activity = (rows_of % n).astype(np.uint16).ravel()
    offset = np.arange(0, 2 * n + 1, 2)
    time = np.tile(np.array([0, DAY]), n)
    about = About(tuple(f"s{k}" for k in range(n)), 2 * DAY, ("s1",), "civil", "day", 0)
    case = Text(np.arange(n, dtype=np.int32), pa.array([str(k) for k in range(n)]))
    log = EventLog(about, activity, time, offset, time[::2], time[1::2], np.zeros(n, bool), case)
    moves = procmine.flow(log).frame
    assert moves["n"].sum() == n + n + n  # a move, a beginning and an end each
    with pytest.raises(LogError, match="at most 3,000"):
        procmine.process_map(log)


def test_leaving_steps_out_changes_nobody_to_dormant(office, tmp_path):
    cut = office.only_activities(["Start"])
    np.testing.assert_array_equal(cut.dormant, office.dormant)
    np.testing.assert_array_equal(cut.where({"office": "North"}).dormant, office.where({"office": "North"}).dormant)
    folder = save(cut, tmp_path / "log", shards=2)
    assert sum(int(part.dormant.sum()) for part in folder.parts()) == office.dormant.sum()


def test_a_mean_of_nothing_is_not_zero(office):
    answer = procmine.bottlenecks(office.only_activities(["End"])).frame
    first = answer[(answer["kind"] == "before")].iloc[0]
    assert first["n"] == 0
    assert np.isnat(first["mean"].to_numpy())


def test_results_cannot_be_changed(office):
    with pytest.raises(ValueError, match="read-only"):
        procmine.bottlenecks(office).rows["n"][0] = 5


def test_values_that_tell_of_few_cases_are_not_listed():
    log = attributed(["John Smith", "Mary Jones", "Ann Lee"])
    with pytest.raises(LogError, match="are not listed") as refused:
        log.where({"a": "Foo"})
    assert "John" not in str(refused.value)
