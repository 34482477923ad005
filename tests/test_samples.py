"""The sample log holds what its README says, judged by pandas, scipy and yaml on the files themselves."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from pandas.tseries.holiday import USFederalHolidayCalendar
from scipy import stats

from procmine import sample_files, samples

FOLDER = Path(__file__).parents[1] / "event_logs"
FILES = (
    "child_support.csv",
    "child_support.yaml",
    "child_support_voice.csv",
    "child_support_procedure.txt",
    "child_support_changes.yml",
    "README.md",
)
CASE_COLUMNS = ["family_id", "office", "case_type", "contested", "channel"]
CHANGE, CUTOFF = pd.Timestamp("2025-10-06"), pd.Timestamp("2026-10-31")
OTHERS = ["Harbor", "Valley", "Lakeside", "South", "Cañada"]


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    """The file as text; the index is the line number in the file."""
    frame = read("child_support.csv")
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    return frame


@pytest.fixture(scope="module")
def events(raw: pd.DataFrame) -> pd.DataFrame:
    """The rows without flaws, found from the file alone, the case's attributes on every row."""
    good = raw[~found_flaws(raw).ne("")].copy()
    good["time"] = pd.to_datetime(good["timestamp"], format="ISO8601")
    for name in CASE_COLUMNS:
        good[name] = good.groupby("case_id")[name].transform("first")
    return good


def found_flaws(raw: pd.DataFrame) -> pd.Series[str]:
    time = pd.to_datetime(raw["timestamp"], format="ISO8601", errors="coerce")
    flaw = pd.Series("", raw.index)
    flaw[raw["timestamp"].eq("")] = "no date"
    flaw[raw["timestamp"].ne("") & time.isna()] = "impossible date"
    flaw[time.dt.year.eq(2219)] = "a date in 2219"
    flaw[raw["case_id"].eq("")] = "no case number"
    flaw[raw.duplicated()] = "an exact copy of the row above"
    return flaw


@pytest.fixture(scope="module")
def cases(events: pd.DataFrame) -> pd.DataFrame:
    """A row per case: attributes and the first time of each activity."""
    first = events.pivot_table(index="case_id", columns="activity", values="time", aggfunc="first")
    return first.join(events.groupby("case_id")[CASE_COLUMNS].first()).assign(last=events.groupby("case_id").time.max())


@pytest.fixture(scope="module")
def petitions(cases: pd.DataFrame) -> pd.DataFrame:
    """A row per petition: days until the order or, without it, until it was last seen; whether ordered."""
    filed = cases.dropna(subset=["Petition filed"]).copy()
    other_end = filed["Withdrawn"].fillna(filed["Dismissed"])
    until = filed["Court order issued"].fillna(other_end).fillna(CUTOFF)
    filed["days"] = (until.dt.normalize() - filed["Petition filed"]) / pd.Timedelta(days=1)
    filed["ordered"] = filed["Court order issued"].notna()
    filed["late"] = filed["Petition filed"] >= CHANGE
    return filed


def middle(rows: pd.DataFrame) -> float:
    """Kaplan-Meier by scipy: the first day by which half were ordered, the others leaving where they were last seen."""
    days, ordered = rows["days"], rows["ordered"]
    sample = stats.CensoredData(uncensored=days[ordered], right=days[~ordered])
    curve = stats.ecdf(sample).cdf
    return float(curve.quantiles[np.argmax(curve.probabilities >= 0.5)])


def working_day(days: pd.Series[pd.Timestamp]) -> pd.Series[bool]:
    closed = USFederalHolidayCalendar().holidays("2023-01-01", "2030-12-31")
    return days.dt.day_of_week.lt(5) & ~days.dt.normalize().isin(closed)


# ---- the files -------------------------------------------------------------------------------------------------------


def test_the_committed_files_are_written_again_byte_for_byte(tmp_path: Path) -> None:
    written = sample_files.write(tmp_path / "neu é")
    assert [path.name for path in written] == list(FILES)
    for name in FILES:
        assert (tmp_path / "neu é" / name).read_bytes() == (FOLDER / name).read_bytes(), name
    assert sorted(path.name for path in (tmp_path / "neu é").iterdir()) == sorted(FILES)


def test_another_seed_is_another_log_and_the_same_seed_the_same() -> None:
    one, again, other = (samples.child_support(seed=seed).rows for seed in (7, 7, 8))
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert not np.array_equal(one["time"][:1000], other["time"][:1000])


def test_size(raw: pd.DataFrame, cases: pd.DataFrame) -> None:
    assert 5800 <= len(cases) <= 6200
    assert len(raw) > 45_000
    assert (FOLDER / "child_support.csv").stat().st_size < 4_000_000
    offices = cases["office"].value_counts()
    assert sorted(offices.index) == sorted(["North", *OTHERS])
    assert offices["North"] >= 1000
    assert offices.max() > 2 * offices.min()
    arrival = cases["Application received"]
    assert arrival.min() < pd.Timestamp("2023-10-09")
    assert pd.Timestamp("2026-10-24") < arrival.max() < pd.Timestamp("2026-11-01")
    weeks = arrival[arrival < "2026-10-25"].dt.to_period("W-SAT").value_counts()
    assert weeks.var() > 1.3 * weeks.mean()  # good and bad weeks: more spread than mere chance gives


def test_case_attributes_stand_in_the_first_row_only(raw: pd.DataFrame) -> None:
    clean = raw[found_flaws(raw).eq("")]
    first = ~clean.duplicated("case_id")
    assert clean.loc[first, CASE_COLUMNS].ne("").all(axis=None)
    assert clean.loc[~first, CASE_COLUMNS].eq("").all(axis=None)


def test_flaws_are_those_of_the_readme(raw: pd.DataFrame) -> None:
    section = (FOLDER / "README.md").read_text("utf-8").split("## Known flaws")[1].split("##")[0]
    told = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if re.match(r"\| \d", line)
    ]
    found = found_flaws(raw)
    found = found[found.ne("")]
    seen = [[str(line), found[line], *raw.loc[line, ["case_id", "activity", "timestamp"]]] for line in found.index]
    assert told == seen
    assert len(told) <= 15
    assert {row[1] for row in told} == {
        "no date",
        "no case number",
        "an exact copy of the row above",
        "impossible date",
        "a date in 2219",
    }
    copies = [int(row[0]) for row in told if row[1].startswith("an exact copy")]
    assert all(raw.loc[line].equals(raw.loc[line - 1].rename(line)) for line in copies)


def test_without_the_flawed_rows_the_file_is_the_generated_log(events: pd.DataFrame) -> None:
    generated = samples.child_support(seed=7).frame
    for name in ("case_id", "activity", "staff", "unit", "time", *CASE_COLUMNS):
        assert (generated[name].to_numpy() == events[name].to_numpy()).all(), name
    assert (generated["date_only"].to_numpy() == events["timestamp"].str.len().eq(10).to_numpy()).all()


def test_spec_names_every_step_once(raw: pd.DataFrame) -> None:
    spec = yaml.safe_load((FOLDER / "child_support.yaml").read_text("utf-8"))
    shape = "title source columns dates zone cutoff complete_from ends stages who_can_change"
    assert list(spec) == [*shape.split(), "calendars", "clock", "party", "audience", "voice"]
    steps = set(raw["activity"])
    assert set(spec["who_can_change"]) == steps
    assert sorted(step for stage in spec["stages"].values() for step in stage) == sorted(steps)
    assert set(spec["who_can_change"].values()) == {"law", "court rule", "our policy", "habit", "another party"}
    assert spec["who_can_change"]["Answer period ended"] == "law"
    assert set(spec["ends"]) < steps
    pauses = [(pause["from_step"], pause["to_step"]) for pause in spec["clock"]["pauses"]]
    assert {spec["clock"]["begins"], *sum(pauses, ())} < steps
    columns = spec["columns"]
    assert spec["party"] == "family_id" and spec["party"] in columns["attributes"]
    named = [columns["case"], columns["activity"], columns["timestamp"], *columns["attributes"]]
    assert sorted([*named, *columns["event_attributes"]]) == sorted(raw.columns)
    assert (str(spec["cutoff"]), str(spec["complete_from"])) == ("2026-10-31", "2023-10-01")
    assert (FOLDER / spec["source"]).exists()
    assert (FOLDER / spec["voice"]).exists()


# ---- what is in the log ----------------------------------------------------------------------------------------------


def test_a_case_is_a_path_of_one_event_a_day(events: pd.DataFrame) -> None:
    gap = events.groupby("case_id")["time"].transform(lambda time: time.dt.normalize().diff())
    assert (gap.dropna() >= pd.Timedelta(days=1)).all()
    first = events.groupby("case_id")["activity"].first()
    assert first.eq("Application received").all()
    ends = {"First payment received", "Dismissed", "Withdrawn"}
    last = events.groupby("case_id")["activity"].last()
    assert events["activity"].isin(ends).sum() == last.isin(ends).sum()  # nothing follows an end
    share = last.value_counts(normalize=True)
    assert 0.5 < share["First payment received"] < 0.7
    assert share["Dismissed"] > 0.01
    assert 0.05 < 1 - share[list(ends)].sum() < 0.2  # open
    assert events["time"].max() < CUTOFF + pd.Timedelta(days=1)


def test_date_only_and_timed_steps(events: pd.DataFrame) -> None:
    short = events.groupby("activity")["timestamp"].agg(lambda stamps: stamps.str.len().eq(10).mean())
    dated = {"Notice served", "Answer period ended", "Petition filed", "Hearing continued", "Court order issued"}
    assert set(short[short == 1].index) == dated | {"Dismissed", "First payment received"}
    assert short[short < 1].eq(0).all()


def test_staff_work_on_working_days_in_office_hours(events: pd.DataFrame) -> None:
    done = events[events["staff"].ne("")]
    assert len(done) > 20_000
    assert working_day(done["time"]).all()
    minute = done["time"].dt.hour * 60 + done["time"].dt.minute
    timed = done["timestamp"].str.len().gt(10)
    assert minute[timed].between(8 * 60 + 30, 16 * 60 + 30).all()
    online = events[events["activity"].eq("Application received") & events["channel"].eq("online")]
    assert not working_day(online["time"]).all()
    assert done.groupby("staff")["office"].nunique().eq(1).all()
    clerks = done.groupby(["office", "unit"])["staff"].nunique()
    assert clerks["North"].eq(7).all()
    assert clerks["Cañada"].eq(2).all()


def test_courts_sit_once_a_week(events: pd.DataFrame) -> None:
    court = events[events["activity"].isin(["Court order issued", "Dismissed", "Hearing continued"])]
    filed = court["case_id"].map(events[events["activity"].eq("Petition filed")].set_index("case_id")["time"])
    paper = court["office"].eq("North") & court["contested"].eq("no") & filed.ge(CHANGE)
    paper &= court["activity"].eq("Court order issued")
    heard = court[~paper]
    assert heard.groupby("office")["time"].agg(lambda days: days.dt.day_of_week.nunique()).eq(1).all()
    assert working_day(court["time"]).all()
    assert court[paper]["time"].dt.day_of_week.nunique() == 5


def test_answer_period_is_exactly_twenty_days(cases: pd.DataFrame) -> None:
    wait = (cases["Answer period ended"] - cases["Notice served"]).dropna()
    assert len(wait) > 3500
    assert wait.eq(pd.Timedelta(days=20)).all()


def test_holidays_are_the_federal_ones() -> None:
    oracle = USFederalHolidayCalendar().holidays("2023-01-01", "2032-12-30")
    assert list(oracle) == list(pd.to_datetime(samples.holidays()))


# ---- the story -------------------------------------------------------------------------------------------------------


def test_the_order_takes_72_days_everywhere_before_the_change(petitions: pd.DataFrame) -> None:
    before = petitions[~petitions["late"]]
    assert 71 <= middle(before) <= 74  # those who left are at risk until then: a little above those ordered
    assert before.loc[before["ordered"], "days"].median() == 72
    for office, rows in before.groupby("office"):
        assert 71 <= rows.loc[rows["ordered"], "days"].median() <= 73, office
        assert 70 <= middle(rows) <= 75, office


def test_in_the_pilot_office_consent_cases_go_to_a_day(petitions: pd.DataFrame) -> None:
    pilot = petitions[petitions["office"].eq("North") & petitions["late"]]
    consent = pilot[pilot["contested"].eq("no")]
    assert 0.62 < len(consent) / len(pilot) < 0.78
    assert middle(consent) == 1
    assert consent.loc[consent["ordered"], "days"].quantile(0.95) <= 4
    assert 68 <= middle(pilot[pilot["contested"].eq("yes")]) <= 78


@pytest.mark.parametrize("office", ["North, contested", *OTHERS])
def test_nothing_else_changed(petitions: pd.DataFrame, office: str) -> None:
    mine = petitions[petitions["office"].eq(office.split(",")[0])]
    mine = mine[mine["contested"].eq("yes")] if "contested" in office else mine
    seen = mine[mine["Petition filed"] <= CUTOFF - pd.Timedelta(days=150)]
    y = seen["days"].where(seen["ordered"] | (seen["days"] >= 150), 150).clip(upper=150)
    result = stats.ttest_ind(y[seen["late"]], y[~seen["late"]], equal_var=False)
    low, high = result.confidence_interval(0.99)
    assert low < 0 < high
    assert high - low < 25


def test_about_7_in_10_are_not_contested(cases: pd.DataFrame) -> None:
    interval = stats.binomtest(int(cases["contested"].eq("no").sum()), len(cases)).proportion_ci(0.95)
    assert interval.low - 0.01 < 0.7 < interval.high + 0.01


def test_families_wait_more_than_six_months(cases: pd.DataFrame) -> None:
    by_family = cases.sort_values("Application received").groupby("family_id")
    families = by_family.agg(first=("Application received", "first"), order=("Court order issued", "max"))
    families["applications"] = by_family.size()
    assert families["applications"].max() == 2
    assert 0.2 < families["applications"].eq(2).mean() < 0.4
    early = families[families["first"] < CUTOFF - pd.Timedelta(days=600)]  # nearly all of these have ended
    days = (early["order"] - early["first"]).dropna() / pd.Timedelta(days=1)
    assert days.median() > 183
    once = early["applications"].eq(1).reindex(days.index)
    assert days[~once].median() > days[once].median() + 60


def test_a_second_application_follows_the_end_of_the_first(cases: pd.DataFrame) -> None:
    ordered = cases.sort_values("Application received")
    previous = ordered.groupby("family_id")[["last", "First payment received"]].shift()
    second = ordered.duplicated("family_id")
    assert (ordered.loc[second, "Application received"] > previous.loc[second, "last"]).all()
    assert previous.loc[second, "First payment received"].isna().all()
    same = ordered.groupby("family_id")[["office", "case_type", "contested"]].nunique()
    assert same.eq(1).all(axis=None)


def test_the_court_order_is_the_largest_wait_and_the_family_the_second(events: pd.DataFrame) -> None:
    gap = events.groupby("case_id")["time"].diff()
    share = (gap.groupby(events["activity"]).sum() / gap.sum()).sort_values(ascending=False)
    assert share.index[0] == "Court order issued"
    assert 0.3 < share.iloc[0] < 0.5
    assert share.index[1] == "Documents received"
    assert share.iloc[1] < share.iloc[0] / 2
    returned = events[events["activity"].eq("Application returned")].groupby("case_id").size()
    assert (returned == 2).sum() > 100  # rework, twice


def test_the_change_can_be_judged(cases: pd.DataFrame) -> None:
    """At least eight whole weeks of starts after the change, each followed to the baseline's 90% point."""
    ended = cases["First payment received"].fillna(cases["Withdrawn"]).fillna(cases["Dismissed"])
    start = cases["Application received"]
    before = cases["office"].eq("North") & (start < CHANGE)
    until = ended.where(ended < CHANGE).fillna(CHANGE)
    rows = pd.DataFrame({"days": (until - start) / pd.Timedelta(days=1), "ordered": ended < CHANGE})[before]
    curve = stats.ecdf(stats.CensoredData(rows["days"][rows["ordered"]], right=rows["days"][~rows["ordered"]])).cdf
    horizon = curve.quantiles[np.argmax(curve.probabilities >= 0.9)]
    after = cases["office"].eq("North") & (start >= CHANGE) & (start < CUTOFF - pd.Timedelta(days=horizon))
    assert ((CUTOFF - CHANGE).days - horizon) / 7 >= 8
    assert after.sum() >= 60


# ---- the truth -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def truth() -> samples.Truth:
    return samples.truth(7)


def test_truth_of_the_step_before_the_change_is_in_the_file(truth: samples.Truth, petitions: pd.DataFrame) -> None:
    """Every petition filed before the change has ended by the cutoff, so the file shows the truth itself."""
    told = pd.DataFrame(truth.steps).query("period == 'before'").set_index(["office", "contested"])
    before = petitions[~petitions["late"]]
    assert (before["ordered"] | before["Withdrawn"].notna() | before["Dismissed"].notna()).all()
    everyone = pd.concat([before, before.assign(office="all")])
    everyone = pd.concat([everyone, everyone.assign(contested="all")])
    seen = everyone.groupby(["office", "contested"])
    assert (seen.size() == told["petitions"].reindex(seen.size().index)).all()
    ordered = everyone[everyone["ordered"]].groupby(["office", "contested"])["days"]
    assert (ordered.size() == told["orders"].reindex(ordered.size().index)).all()
    assert (ordered.median() == told["middle"].reindex(ordered.size().index)).all()
    assert len(told) == 21


def test_truth_of_the_step_after_the_change(truth: samples.Truth) -> None:
    told = pd.DataFrame(truth.steps).query("period == 'after'").set_index(["office", "contested"])["middle"]
    assert told["North", "no"] == 1
    assert 70 <= told["North", "yes"] <= 75
    assert all(71 <= told[office, "all"] <= 74 for office in OTHERS)


@pytest.mark.parametrize(
    ("world", "policy"),
    [
        ("nowhere", {"policy_in": ()}),
        ("as it happened", {}),
        ("everywhere", {"policy_in": ("North", *OTHERS), "policy_from": "2023-10-01"}),
    ],
)
def test_truth_of_cycles_by_pandas(truth: samples.Truth, world: str, policy: dict[str, str]) -> None:
    log = samples.child_support(seed=7, uncensored=True, **policy).frame  # type: ignore[arg-type]
    told = pd.DataFrame(truth.cycles).query("world == @world").set_index("office")
    case = log.groupby("case_id")
    start = case["time"].min()
    paid = log[log["activity"].eq("First payment received")].set_index("case_id")["time"].sub(start)
    paid = paid.reindex(start.index) / pd.Timedelta(days=1)
    end = (case["time"].max() - start) / pd.Timedelta(days=1)
    office = case["office"].first()
    for name in ("all", "North", "Cañada"):
        at = office.eq(name) | (name == "all")
        row = told.loc[name]
        assert row["cases"] == at.sum()
        assert row["paid"] == pytest.approx(paid[at].notna().mean())
        assert row["half_paid"] == pytest.approx(paid[at].fillna(9e9).median())
        assert row["paid_middle"] == pytest.approx(paid[at].median())
        assert row["paid_mean"] == pytest.approx(paid[at].mean())
        assert row["end_middle"] == pytest.approx(end[at].median())
        assert row["end_mean"] == pytest.approx(end[at].mean())
    gap = log.assign(gap=case["time"].diff() / pd.Timedelta(days=1)).groupby("activity")["gap"].sum()
    shares = pd.DataFrame(truth.shares).query("world == @world").set_index("step")
    assert shares["share"].sum() == pytest.approx(1)
    assert shares.loc["Court order issued", "days"] == pytest.approx(gap["Court order issued"])


def test_two_worlds_hold_the_same_families() -> None:
    """Common random numbers: first applications differ only where the policy reaches, and there only from the order."""
    nowhere = samples.child_support(seed=7, policy_in=(), uncensored=True).frame
    everywhere = samples.child_support(
        seed=7, policy_in=tuple(samples.OFFICES), policy_from=samples.FIRST_DAY, uncensored=True
    ).frame
    key = ["family_id", "activity", "time", "office", "staff"]
    first = [log[log["application"].eq(1)] for log in (nowhere, everywhere)]
    contested = [log.loc[log["contested"].eq("yes"), key].sort_values(key).to_numpy() for log in first]
    assert (contested[0] == contested[1]).all()
    consent = [log[log["contested"].eq("no")] for log in first]
    steps = [log.pivot_table(index="family_id", columns="activity", values="time", aggfunc="first") for log in consent]
    assert (steps[0]["Petition filed"].dropna() == steps[1]["Petition filed"].dropna()).all()
    both = steps[0]["First payment received"].notna() & steps[1]["First payment received"].notna()
    saved = {
        step: ((steps[0][step] - steps[1][step])[both] / pd.Timedelta(days=1))
        for step in ("Court order issued", "First payment received")
    }
    assert both.sum() > 1500
    assert saved["Court order issued"].min() > 20
    # what is saved at the court arrives at the end: the later steps take as long, but for weekends and holidays
    assert saved["First payment received"].mean() == pytest.approx(saved["Court order issued"].mean(), abs=0.5)


def test_the_log_is_what_was_seen_of_the_whole_until_the_cutoff() -> None:
    seen, whole = (samples.child_support(seed=7, uncensored=on).frame for on in (False, True))
    assert set(seen["case_id"]) == set(whole["case_id"])
    until = whole[whole["time"] < CUTOFF + pd.Timedelta(days=1)].reset_index(drop=True)
    pd.testing.assert_frame_equal(seen, until)
    ends = whole.groupby("case_id")["activity"].last()
    assert ends.isin(["First payment received", "Dismissed", "Withdrawn"]).all()


def test_readme_says_it_is_synthetic_and_prints_the_truth(truth: samples.Truth, petitions: pd.DataFrame) -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    assert "**Synthetic.**" in text
    before = petitions[~petitions["late"] & petitions["office"].eq("South")]
    days = before.loc[before["ordered"], "days"]
    assert f"| South | all | {len(before)} | {len(days)} | {days.median():g} |" in text
    world = pd.DataFrame(truth.cycles).query("world == 'everywhere' and office == 'all'").iloc[0]
    assert f"| everywhere | {world['cases']} | {world['paid']:.1%} | {world['half_paid']:.1f} |" in text


# ---- complaints, arguments -------------------------------------------------------------------------------------------


def test_contacts_fit_the_cases(events: pd.DataFrame, cases: pd.DataFrame) -> None:
    voice = read("child_support_voice.csv")
    assert 1000 < len(voice) < 4000
    assert voice["date"].is_monotonic_increasing
    assert working_day(pd.to_datetime(voice["date"])).all()
    named = voice[voice["case_id"].ne("")]
    assert 0.05 < 1 - len(named) / len(voice) < 0.15
    assert set(named["case_id"]) <= set(cases.index)
    both = named[named["step"].ne("")]
    done = events.groupby(["case_id", "activity"])["time"].min().dt.normalize()
    step = done.reindex(pd.MultiIndex.from_frame(both[["case_id", "step"]])).to_numpy()
    assert (pd.to_datetime(both["date"]).to_numpy() >= step).all()  # nobody asks about a step before it happened
    assert set(voice["score"]) == {"", "1", "2", "3", "4", "5"}
    assert voice["step"].value_counts().drop("", errors="ignore").index[0] == "Petition filed"
    assert set(voice["kind"]) == {"complaint", "question"}


def test_an_unknown_office_is_refused() -> None:
    with pytest.raises(ValueError, match=r"No such office: Atlantis\. There are: North, Harbor"):
        samples.child_support(policy_in=("North", "Atlantis"))


def test_importing_loads_nothing_heavy() -> None:
    code = "import sys, procmine.samples; print([m for m in ('numpy', 'pandas', 'scipy') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=FOLDER.parent)
    assert out.stdout.strip() == "[]"
