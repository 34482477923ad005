"""Service standards, caseloads and ways to end, for others than the team; and what the filters and repairs say."""

import numpy as np
import pytest
import yaml
from logs import build

import procmine
from procmine.log import LogError
from procmine.publish.safety import show
from procmine.see.survival import LEAST_WATCHED


def courts(counts):
    """court -> (in time, late, still open), one case a day from 2024-01-01, limit 30 days; some ends are rare."""
    rows, of = [], {}
    number = 0
    for court, (done, late, still) in counts.items():
        for took in [20] * done + [40] * late + [None] * still:
            case, begun = f"c{number:04}", np.datetime64("2024-01-01") + number % 120
            rows.append((case, "Filed", str(begun)))
            if took:
                rows.append((case, "Rare" if number % 97 == 0 else "Decided", str(begun + took)))
            of[case], number = court, number + 1
    return build(rows, cutoff="2025-01-31", ends=["Decided", "Rare"], attributes={"court": of})


LIMIT = procmine.Standard("Decision", "arrival", "any end", 30, share=80)


@pytest.mark.parametrize("audience", ["agency", "public"])
def test_standards_for_others_give_no_small_part_away(audience):
    log = courts({"North": (60, 60, 20), "South": (200, 4, 0), "East": (80, 30, 30), "West": (3, 30, 30)})
    seen = show(procmine.standards(log, LIMIT, by=["court"]), audience)
    assert set(seen.rows["court"]) == {"North"}  # 4 of South were late, 3 of West in time; East hides that they are 7
    assert seen.hidden == 3
    for name in ("due", "done"):
        assert not np.any(seen.rows[name] % 10)
    assert np.allclose(seen.rows["share"] * 100, np.round(seen.rows["share"] * 100))
    assert not any("South" in line or "West" in line for line in seen.sentences)
    drawn = [
        text.get_text() for axes in seen.figure().axes for text in axes.findobj(lambda one: hasattr(one, "get_text"))
    ]
    assert not any("South" in text for text in drawn)
    assert show(procmine.standards(log, LIMIT, by=["court"]), "team").hidden == 0


def test_rare_ways_to_end_are_taken_together_or_not_told():
    log = courts({"North": (400, 400, 100)})
    rows = procmine.outcomes(log, within=(60,)).rows
    assert 0 < rows["n"][list(rows["outcome"]).index("Rare")] < 10
    seen = show(procmine.outcomes(log, within=(60,)), "agency").rows
    assert "Rare" not in set(seen["outcome"])
    assert not np.any(seen["n"] % 10)


def test_periods_of_few_are_left_out_of_a_caseload():
    log = courts({"North": (115, 0, 5)})
    whole, seen = procmine.caseload(log).rows, show(procmine.caseload(log), "agency")
    few = {name for name, came, went, begin, end in zip(
        whole["month"], whole["incoming"], whole["outgoing"], whole["pending_begin"], whole["pending_end"])
        if any(0 < one < 10 for one in (came, went, begin, end))}  # fmt: skip
    assert few
    assert set(seen.rows["month"]) == set(whole["month"]) - few
    assert not np.any(seen.rows["incoming"] % 10)


def test_how_few_a_filter_left_out_is_for_the_team_only():
    rows = [(f"a{k}", "Filed", "2024-01-02") for k in range(40)] + [
        (f"b{k}", "Decided", "2024-01-01") for k in range(4)
    ]
    rows += [(f"b{k}", "Filed", "2024-01-05") for k in range(4)] + [
        (f"a{k}", "Decided", "2024-02-01") for k in range(30)
    ]
    log = build(rows, cutoff="2024-03-01", ends=["Decided"]).beginning_with("Filed")
    assert len(log) == 40
    assert str(log.arrival.min().astype("M8[us]"))[:10] == "2024-01-02"
    found = procmine.survival(log)
    assert show(found, "team").filters == ["cases that begin with Filed; 4 others are left out"]
    assert show(found, "agency").filters == ["cases that begin with Filed; few others are left out"]
    with pytest.raises(LogError):
        log.beginning_with("Nothing")


def test_a_share_reached_by_hardly_anyone_still_watched_is_not_told():
    """2,000 cases, watched for 100 days; 5 with a date years before. Half is reached only by these, so it is not told."""
    draw = np.random.default_rng(2)
    rows = []
    for k in range(2_000):
        begun = np.datetime64("2024-01-01") + int(draw.integers(0, 100))
        rows.append((f"c{k:04}", "Filed", str(begun)))
        ended = begun + int(draw.exponential(400))
        if ended <= np.datetime64("2024-04-10"):
            rows.append((f"c{k:04}", "Decided", str(ended)))
    for k in range(5):
        rows += [
            (f"old{k}", "Filed", "2020-01-01"),
            (f"old{k}", "Decided", f"2024-0{k + 1}-01"[:10] if k < 3 else "2023-06-01"),
        ]
    found = procmine.survival(build(rows, cutoff="2024-04-10", ends=["Decided"])).rows
    told = found["time"][~np.isnat(found["time"])] / np.timedelta64(1, "D")
    assert len(told) > 10
    assert told.max() <= 100
    assert LEAST_WATCHED == 20


def test_the_step_of_which_only_the_date_is_taken_must_be_there_under_its_last_name(tmp_path):
    (tmp_path / "log.csv").write_text(
        "case,step,when,kind\n1,File,2024-01-01 09:00,\n1,Hear,2024-01-02 09:00,first\n1,Close,2024-02-01 10:00,\n"
    )
    spec = "columns: {case: case, activity: step, timestamp: when}\nsplit_steps: {Hear: kind}\nends: [Close]\n"
    (tmp_path / "log.yaml").write_text(spec + "by_date: [File, Hear]\n")
    said = [one.say() for one in procmine.read(tmp_path / "log.csv").about.history]
    assert said[-2].startswith("of the steps File only the date was taken: 1 event")
    assert "no step is called Hear" in said[-1]


def test_each_source_can_say_what_its_rows_do_not(tmp_path):
    for name, cases in (("a", "12"), ("b", "345")):
        lines = [f"{case},File,2024-01-0{case}\n{case},Close,2024-02-0{case}\n" for case in cases]
        (tmp_path / f"{name}.csv").write_text("case,step,day\n" + "".join(lines))
    spec = (
        "columns: {case: case, activity: step, timestamp: day, attributes: []}\nends: [Close]\nsources:\n"
        "  - {name: a, source: a.csv, every_row: {municipality: Aha}}\n"
        "  - {name: b, source: b.csv, every_row: {municipality: Bee}}\n"
    )
    (tmp_path / "both.yaml").write_text(spec)
    log = procmine.read(tmp_path / "both.yaml")
    assert log.cases.groupby("municipality").size().to_dict() == {"Aha": 2, "Bee": 3}
    (tmp_path / "both.yaml").write_text(spec.replace("municipality", "step", 1))
    with pytest.raises(LogError, match="has a column 'step' already"):
        procmine.read(tmp_path / "both.yaml")


def test_three_municipalities_are_compared_by_stage(shared, tmp_path):
    """Their steps have 442 different names; the part of a stage is the sum of the parts of its steps."""
    files = {"One": "bpic15/BPIC15_1.xes.gz", "Two": "bpic15_filtered_T/T_BPIC15_2.xes.gz"}
    files["Three"] = "bpic15_filtered_T/T_BPIC15_3.xes.gz"
    steps = sorted({step for file in files.values() for step in procmine.read(shared / file).about.activities})
    stages = {}
    for step in steps:
        stages.setdefault("_".join(step.split("_")[:2]), []).append(step)
    columns = {"case": "case:concept:name", "activity": "concept:name", "timestamp": "time:timestamp", "attributes": []}
    sources = [
        {"source": (shared / file).as_posix(), "every_row": {"municipality": name}, "columns": columns}
        for name, file in files.items()
    ]
    spec = {"sources": sources, "stages": stages, "ends": "every case", "zone": "Europe/Amsterdam"}
    (tmp_path / "three.yaml").write_text(yaml.safe_dump(spec))
    log = procmine.read(tmp_path / "three.yaml")
    assert log.cases.groupby("municipality").size().sum() == len(log) > 3_400
    short = log.by_stages()
    assert (len(log.about.activities), len(short.about.activities)) == (442, len(stages))
    assert np.array_equal(short.time, log.time)
    part, of_step = (procmine.bottlenecks(one, by=["municipality"]).frame.set_index("step") for one in (short, log))
    for name in files:
        found = of_step[of_step["municipality"] == name]["share"]
        summed = found.groupby(lambda step: "_".join(step.split("_")[:2])).sum()
        told = part[part["municipality"] == name]["share"]
        assert np.allclose(told.sort_index(), summed.sort_index(), rtol=0.02)
        assert told.iloc[0] > 0.2 > found.iloc[0] or name != "One"  # stages are readable where single steps are not
    with pytest.raises(LogError, match="has no stages"):
        short.by_stages()
