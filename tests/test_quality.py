"""The data check: what a finding says, its effect on the headline, and imperfections that others put into a real log."""

import json
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest
import yaml
from logs import build

import procmine
from procmine.clocks import clock_changes
from procmine.find.checks.columns import by_name, by_shape, is_number
from procmine.find.checks.labels import two_groups
from procmine.find.checks.look import Finding, Look, half
from procmine.find.quality import as_yaml, checks, half_without
from procmine.load.spec import Spec
from procmine.log import LogError
from procmine.scale.shards import save
from procmine.words import ENGLISH, Message, Span

HALF = 49  # the row of survival() for half of the cases
DIRTY = {
    "CollateralEvent": ("collateral",),
    "Distorted": ("label_case", "label_blanks", "label_twins", "label_accents", "label_spelling"),
    "FormBased": ("form", "same_moment"),
}


def seen(shared, name):
    """Per row of the file: whether the check finds it, whether it is labelled, and the label."""
    path = shared / "dirty_bpic15" / f"BPIC15-{name}.csv.gz"
    label = pd.read_csv(path)["label"]
    log = procmine.read(path)
    hit = np.zeros(len(label), bool)
    for one in procmine.quality(log).found:
        if one.kind in DIRTY[name]:
            hit[log.origin.row[one.events].astype(int) - 2] = True
    return hit, label.notna().to_numpy(), label


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [("CollateralEvent", 1.0, 1.0), ("Distorted", 1.0, 0.96), ("FormBased", 1.0, 0.87)],
)
def test_imperfections_that_others_put_into_a_real_log(shared, name, precision, recall):
    hit, labelled, _ = seen(shared, name)
    both = np.count_nonzero(hit & labelled)
    assert both / hit.sum() >= precision
    assert both / labelled.sum() >= recall


def test_what_of_the_distorted_names_is_found(shared):
    hit, _, label = seen(shared, "Distorted")
    found = pd.Series(hit).groupby(label).mean()
    assert found["distorted label(UpLow)"] == found["distorted label(Insert)"] == 1
    assert found.min() >= 0.92


def test_a_log_without_such_imperfections_has_no_such_finding(shared):
    """The times of the log with distorted names are those of the log before anything was put into it."""
    log = procmine.read(shared / "dirty_bpic15" / "BPIC15-Distorted.csv.gz")
    kinds = {one.kind for one in procmine.quality(log).found}
    assert not kinds & {"form", "same_moment", "collateral", "always_together", "midnight", "bulk"}
    log = procmine.read(shared / "dirty_bpic15" / "BPIC15-FormBased.csv.gz")
    assert not [one.kind for one in procmine.quality(log).found if one.kind.startswith("label")]


def test_the_flaws_of_the_sample_and_nothing_else():
    log = procmine.read("event_logs/child_support.yaml")
    found = {one.kind: one for one in procmine.quality(log).found}
    counts = {"no_time": 3, "no_case": 2, "unreadable_time": 2, "duplicate": 2, "after_cutoff": 1}
    assert {kind: one.count for kind, one in found.items()} == counts
    assert {found["no_time"].row, found["no_case"].row, found["unreadable_time"].row} == {2_373, 6_162, 21_876}


def weekly(n=40, *, step="Close", slow=()):
    """n cases of a week each, `slow` ones of 100 days; the step before the last is at 9 in the morning."""
    rows = []
    for k in range(n):
        begun = np.datetime64("2024-01-01T10:00") + np.timedelta64(3 * k, "D") + np.timedelta64(7 * k, "m")
        days = 100 if k in slow else 7
        rows += [(f"c{k:03d}", "Open", str(begun)), (f"c{k:03d}", step, str(begun + np.timedelta64(days, "D")))]
    return rows


def test_the_headline_is_that_of_survival_with_and_without():
    rows = weekly(41, slow=range(20))
    log = build(rows, cutoff="2024-12-31", ends=["Close"])
    look = Look(log)
    assert half(look.watched(np.arange(len(log)))) == procmine.survival(log).rows["time"][HALF] / np.timedelta64(1, "s")


def test_effect_of_cases_is_that_of_a_log_without_them(office):
    stated = replace(office, about=replace(office.about, complete_from=office.about.begins + 300 * 86_400_000_000))
    answer = procmine.quality(stated)
    row = [one.kind for one in answer.found].index("late_entry")
    kept = stated.take(np.flatnonzero(stated.arrival >= stated.about.complete_from))
    assert answer.rows["count"][row] == len(stated) - len(kept)
    assert answer.rows["headline"][row] == procmine.survival(stated).rows["time"][HALF]
    assert answer.rows["without"][row] == procmine.survival(kept).rows["time"][HALF]
    assert answer.rows["effect"][row] == answer.rows["without"][row] - answer.rows["headline"][row]


def test_effect_of_events_is_that_of_a_log_without_them():
    """Ten cases are closed twice, the second time three minutes later; each then took three minutes longer."""
    rows = weekly(20)
    again = [(case, step, str(np.datetime64(time) + np.timedelta64(3, "m"))) for case, step, time in rows[1::2]]
    log = build(rows + again, cutoff="2024-12-31", ends=["Close"])
    answer = procmine.quality(log)
    row = [one.kind for one in answer.found].index("near_duplicate_found")
    assert answer.rows["count"][row] == 20
    assert answer.rows["effect"][row] == -np.timedelta64(3, "m")
    assert answer.rows["without"][row] == np.timedelta64(7, "D")


def test_a_misspelt_end_is_measured_after_it_is_mended():
    """Of 60 cases of a week 30 end with a misspelling that is no end: they look open."""
    rows = weekly(330) + [(f"x{k}", *rest) for k in range(30) for _, *rest in weekly(1, step="Case closd")]
    rows = [(case, "Case closed" if step == "Close" else step, time) for case, step, time in rows]
    log = build(rows, cutoff="2027-12-31", ends=["Case closed"])
    answer = procmine.quality(log)
    one = next(one for one in answer.found if one.kind == "label_spelling")
    assert one.spec == {"renames": {"Case closd": "Case closed"}}
    until, still_open = one.mended
    assert not still_open.any() and (until - log.arrival == 7 * 86_400_000_000).all()


def test_the_answer_comes_first_and_nothing_is_red(shared):
    answer = procmine.quality(procmine.read(shared / "dirty_bpic15" / "BPIC15-CollateralEvent.csv.gz"))
    first = answer.sentences()[0]
    assert first.startswith("Three things to know about your data: ") and first.endswith(" below.")
    said = str(answer) + answer._repr_html_()
    for word in ("warning", "error", "invalid", "median", "percentile", "censored", "outlier", "anomal"):
        assert word not in said.lower()


def test_findings_stand_in_order_of_their_effect_then_their_number(shared):
    answer = procmine.quality(procmine.read(shared / "receipt_coselog" / "receipt.csv.gz"))
    headline = answer.rows["headline"][0] / np.timedelta64(1, "s")
    effect = np.nan_to_num(np.abs(answer.rows["effect"] / np.timedelta64(1, "s")))
    effect = np.where(effect >= 0.01 * headline, effect, 0)
    order = np.lexsort((-answer.rows["count"], -effect))
    np.testing.assert_array_equal(order, np.arange(len(answer)))


def test_every_kind_has_words_and_every_check_a_rule():
    kinds = [key.removesuffix(".do") for key in ENGLISH if key.startswith("quality.") and key.endswith(".do")]
    assert len(kinds) >= 55
    for key in kinds:
        assert key in ENGLISH and not ENGLISH[key].endswith("."), key
    for check in checks():
        assert check.__doc__ and len(check.__doc__) > 40, check.__name__


def test_it_can_be_kept_as_json_and_as_a_workbook(shared, tmp_path):
    answer = procmine.quality(procmine.read(shared / "dirty_bpic15" / "BPIC15-Distorted.csv.gz"))
    written = json.loads(json.dumps(answer.to_dict(), allow_nan=False))
    assert written["rows"]["kind"] == list(answer.rows["kind"])
    answer.to_excel(tmp_path / "findings.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "findings.xlsx").worksheets[0]
    assert sheet.max_row == len(answer) + 1


def test_hostile_names_stay_text():
    bad = '<img src=x onerror="alert(1)">'
    rows = [*weekly(30, step="A step: #1 \u202e{x}"), ("z", bad, "2024-05-01T09:00"), ("z", "null", "2024-05-02T09:00")]
    log = build(rows, cutoff="2024-12-31", ends=["A step: #1 \u202e{x}"])
    answer = procmine.quality(log)
    assert "<img" not in answer._repr_html_() and "\u202e" not in answer.spec_lines()
    nasty = {
        "renames": {"a: b\n- c": 'd "e" \\ #f', "no": "yes", "\u202ex": "\u200b"},
        "leave_out": ["- a", "{b}", "~"],
    }
    assert yaml.safe_load(as_yaml(nasty)) == nasty
    Spec.model_validate(yaml.safe_load(as_yaml(nasty)))


def test_logs_with_little_or_nothing_in_them(six, tmp_path):
    assert procmine.quality(six.where({}).take(np.empty(0, np.int64))).found == ()
    assert isinstance(procmine.quality(six).sentences(), list)
    assert procmine.quality(six.only_activities(["End"])).messages()[-1] == Message("result.cut")
    with pytest.raises(LogError, match="needs all cases in memory"):
        procmine.quality(save(six, tmp_path / "log", shards=2))


def test_suspended_cases_are_those_whose_last_status_says_so():
    rows = weekly(8)
    rows = [one for one in rows if not (one[1] == "Close" and one[0] < "c005")]
    status = ["on hold" if case in ("c001", "c003", "c006") and step == "Open" else "running" for case, step, _ in rows]
    log = build(rows, cutoff="2024-03-01", ends=["Close"], event_attributes={"status": status},
                suspended={"column": "status", "values": ("on hold",)})  # fmt: skip
    one = next(one for one in procmine.quality(log).found if one.kind == "suspended")
    assert one.count == 2 and list(log.case.take(one.cases).values()) == ["c001", "c003"]


def test_hours_that_clocks_skip_and_show_twice():
    """Of 2024 in Vienna: 31 March 02:00 to 03:00, and 27 October 02:00 to 03:00; in Lord Howe half an hour."""
    quarters = np.arange("2024-01-01", "2025-01-01", np.timedelta64(15, "m"), dtype="M8[us]")

    def stretches(zone):
        found = []
        for changed in clock_changes(quarters.astype(np.int64), zone):
            edge = np.flatnonzero(np.diff(changed.astype(int), prepend=0, append=0))
            found += [[str(quarters[one])[:16] for one in pair] for pair in edge.reshape(-1, 2)]
        return found

    assert stretches("Europe/Vienna") == [
        ["2024-03-31T02:00", "2024-03-31T03:00"],
        ["2024-10-27T02:00", "2024-10-27T03:00"],
    ]
    assert stretches("Australia/Lord_Howe") == [
        ["2024-10-06T02:00", "2024-10-06T02:30"],
        ["2024-04-07T01:30", "2024-04-07T02:00"],
    ]
    assert stretches("Asia/Tokyo") == []


@pytest.mark.parametrize(
    "number",
    ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "123-45-6789", "RSSMRA85T10A562S", "811228-9874", "44051401359",
     "38703181745"],
)  # fmt: skip
def test_published_examples_of_identity_and_account_numbers(number):
    """The published examples of IBAN (United Kingdom, Germany), and of the numbers of six countries."""
    assert is_number(number)


@pytest.mark.parametrize(
    "number", ["GB82 WEST 1234 5698 7654 33", "44051401358", "12345678901", "2024-00857", "P-12345", "000-12-3456"]
)
def test_what_is_no_such_number(number):
    assert not is_number(number)


@pytest.mark.parametrize(
    "values",
    [[f"2024-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 20)], [f"24-{k:05d}" for k in range(300)],
     [f"{k / 7:.2f}" for k in range(300)], ["Police Department", "Parks Department", "Fire Department"] * 9,
     [f"2024-03-{k:05d}" for k in range(99)]],
)  # fmt: skip
def test_what_looks_personal_to_nobody(values):
    assert by_shape(list(dict.fromkeys(values)), 10_000) is None


def test_names_of_columns_of_real_exports_that_are_not_personal():
    for name in (
        "office",
        "case_type",
        "amount",
        "channel",
        "org:group",
        "status",
        "product",
        "unit",
        "deadline",
        "points",
    ):
        assert by_name(name) is None


def test_two_groups_are_two_only_where_nothing_lies_between():
    draw = np.random.default_rng(2)
    one = draw.lognormal(5, 0.8, 4_000)
    assert not two_groups((one * 1e6).astype(np.int64))
    assert not two_groups((draw.uniform(1, 1_000, 4_000) * 1e6).astype(np.int64))
    two = np.concatenate((draw.lognormal(3, 0.3, 900), draw.lognormal(9, 0.3, 600)))
    assert two_groups((two * 1e6).astype(np.int64))
    assert not two_groups((two[:910] * 1e6).astype(np.int64))  # ten are no group


def test_the_headline_is_said_once_with_its_range_and_count(office):
    stated = replace(office, about=replace(office.about, complete_from=office.about.begins + 300 * 86_400_000_000))
    answer = procmine.quality(stated)
    said = str(answer)
    rows = procmine.survival(stated).rows
    assert said.count("The headline that findings are held against") == 1 and "Half of all" not in said
    told = next(one for one in answer.findings() if one.key.startswith("quality.headline"))
    assert [told.values[name] for name in ("cases", "open")] == [rows[name][HALF] for name in ("cases", "open")]
    ends = {name: Span(rows[name][HALF] / np.timedelta64(1, "s")) for name in ("low", "high")}
    assert told.values["range"].values == ends
    late = next(lines for lines in answer.blocks() if "from which all cases are in the data" in lines[0])
    assert "Without this, half had ended within" in late[1] and f"% of {len(office):,} cases" in late[1]


def test_what_is_not_known_of_the_headline_is_not_called_nothing():
    """Leaving out the closing steps of 30 of 40 cases leaves too few that ended; a misspelt end in the spec changes all."""
    rows = weekly(40, slow=range(20))
    odd = [(f"y{k:02}", "Open", f"2024-03-{k % 9 + 1:02}T10:00") for k in range(60)]
    log = build(rows + odd, cutoff="2024-12-31", ends=["Close"])
    answer = procmine.quality(log)
    assert np.isnat(procmine.survival(log).rows["time"][HALF])
    assert any(one.key == "quality.headline.never" for one in answer.findings())
    cases = Finding("long_case", 60, 100, "cases", cases=np.arange(40, 100), without="cases")  # the y ones
    looked = Look(log)
    without = half_without(looked, cases)
    rows = {"headline": np.array(["NaT"], "m8[s]"), "without": np.array([int(without)], "m8[s]")}
    told = replace(answer, rows={**rows}, found=(cases,))._effect(0)
    assert (told.key, told.values["without"].seconds) == ("quality.effect", without)
    rows = {"headline": rows["without"], "without": np.array(["NaT"], "m8[s]")}
    assert replace(answer, rows=rows, found=(cases,))._effect(0).key == "quality.effect.never"
    for kind, unit in (
        ("unknown_steps", "steps"),
        ("ties", "neighbours"),
        ("late_arrival", "cases"),
        ("no_case", "rows"),
    ):
        one = Finding(kind, 1, 10, unit)
        assert np.isnan(half_without(looked, one))
        assert replace(answer, rows=rows, found=(one,))._effect(0).key == "quality.effect.unknown"
    for kind, unit in (("sparse", "columns"), ("duplicate", "rows")):
        assert replace(answer, rows=rows, found=(Finding(kind, 1, 10, unit),))._effect(0).key == "quality.effect.apart"


def test_a_late_entry_is_found_in_a_long_file_too():
    """12,000 rows, the newest first, whose moments add up to more than 64 bits hold; three of them a month early."""
    begun = np.datetime64("2024-01-01T08:00") + np.arange(12_000) * np.timedelta64(40, "m")
    early = np.isin(np.arange(12_000), [5_000, 7_000, 9_000])
    when = np.where(early, begun - np.timedelta64(30, "D"), begun)
    rows = pd.DataFrame({"case_id": [f"c{k // 2}" for k in range(12_000)], "activity": ["Open", "Close"] * 6_000})
    log = procmine.read(rows.assign(timestamp=when.astype(str))[::-1], spec=Spec(ends=("Close",), cutoff="2024-12-01"))
    one = next(one for one in procmine.quality(log).found if one.kind == "entered_late")
    assert sorted(log.origin.row[one.events]) == [12_000 - k for k in (9_000, 7_000, 5_000)]


def test_a_step_of_the_day_of_an_end_that_is_only_a_date_is_not_after_it(tmp_path):
    """Closing is recorded by its date (a system adds midnight); what else happened on that day may have come before."""
    rows = ["case_id,activity,timestamp"]
    for k in range(60):
        day = str(np.datetime64("2024-01-01") + np.timedelta64(k, "D"))
        later = str(np.datetime64("2024-01-11") + np.timedelta64(k, "D"))
        rows += [f"c{k},Open,{day} 10:{k:02}:07", f"c{k},Close,{later} 00:00:00"]
    rows += ["c3,Note,2024-01-14 15:10:30", "c9,Note,2024-01-22 11:00:10"]  # on the day of closing; two days later
    (tmp_path / "log.csv").write_text("\n".join(rows), encoding="utf-8")
    log = procmine.read(tmp_path / "log.csv", spec=Spec(ends=("Close",), cutoff="2024-06-01"))
    found = {one.kind: one for one in procmine.quality(log).found}
    assert log.origin.row[found["after_end"].events].tolist() == [123]


def test_a_first_step_that_is_only_a_date_is_first_on_its_day(tmp_path):
    rows = ["case_id,activity,timestamp"]
    for k in range(60):
        day = str(np.datetime64("2024-01-01") + np.timedelta64(k, "D"))
        rows += [f"c{k},Open,{day} 10:{k:02}:07", f"c{k},Check,{day} 12:00:0{k % 7}"]
    rows = [
        one.replace("Open,2024-01-09 10:08:07", "Open,2024-01-09 10:08:07").replace(
            "c8,Check,2024-01-09 12:00:01", "c8,Check,2024-01-09"
        )
        for one in rows
    ]
    (tmp_path / "log.csv").write_text("\n".join(rows), encoding="utf-8")
    how = Spec(ends=("Check",), cutoff="2024-06-01", same_moment=["Check", "Open"])
    log = procmine.read(tmp_path / "log.csv", spec=how)
    assert "late_first" not in {one.kind for one in procmine.quality(log).found}


def test_without_events_where_every_case_is_finished():
    """Ten cases are closed again three minutes later; without that each is as long as its first closing."""
    rows = weekly(20)
    again = [(case, step, str(np.datetime64(time) + np.timedelta64(3, "m"))) for case, step, time in rows[1::2]]
    log = replace(build(rows + again, cutoff="2024-12-31", ends=["Close"]))
    log = replace(log, about=replace(log.about, ends=(), every_case=True))
    answer = procmine.quality(log)
    row = [one.kind for one in answer.found].index("near_duplicate_found")
    assert answer.rows["without"][row] == np.timedelta64(7, "D")


def test_sentences_say_no_more_than_is_known():
    """Nobody's name is in this log, and two steps stand at two times of day."""
    rows = []
    for k in range(300):
        day = np.datetime64("2024-01-01") + np.timedelta64(k, "D")
        rows += [(f"c{k}", "Open", f"{day}T05:30"), (f"c{k}", "Check", f"{day + np.timedelta64(3, 'D')}T07:45")]
        rows += [(f"c{k}", "Note", f"{day + np.timedelta64(9, 'D')}T{9 + k % 7:02}:{k % 59:02}:31")]
        rows += [(f"c{k}", "Close", f"2024-11-30T09:10:{k % 60:02}")]
    said = {
        one.kind: one.what.say() for one in procmine.quality(build(rows, cutoff="2024-12-31", ends=["Close"])).found
    }
    assert "(05:30, 07:45)" in said["one_time"]
    assert "in the same minute, in 1 minute" in said["bulk"]


def test_rows_of_one_file_and_of_several(tmp_path):
    rows = "case_id,activity,timestamp\n"
    (tmp_path / "a.csv").write_text(rows + "A,NA,2024-01-01\nA,End,2024-01-02\n", encoding="utf-8")
    one = [x for x in procmine.quality(procmine.read(tmp_path / "a.csv", ends=["End"])).rows["rows"] if x]
    assert one == ["Where: row 2 of a.csv"]
    (tmp_path / "b.csv").write_text(rows + "B,NA,2024-01-01\nB,End,2024-01-02\n", encoding="utf-8")
    both = [x for x in procmine.quality(procmine.read(tmp_path, ends=["End"])).rows["rows"] if x]
    assert both == ["Where: row 2 (a.csv), 2 (b.csv)"]


def test_what_decides_whether_half_had_ended_comes_first(shared):
    """In this log 667 of 1,196 cases are dormant: without them half had ended, else not."""
    answer = procmine.quality(procmine.read(shared / "dirty_bpic15" / "BPIC15-FormBased.csv.gz"))
    assert np.isnat(answer.rows["headline"][0])
    assert answer.rows["kind"][0] == "dormant" and not np.isnat(answer.rows["without"][0])
    assert answer.rows["count"][0] < answer.rows["count"][1]
