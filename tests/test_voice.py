"""Contacts laid on a log, and a written procedure beside it. Truth: logs countable by eye, the sample's own table, babel."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from babel.dates import format_timedelta

import procmine
from procmine.find.voice.voice import rates
from procmine.load.procedure import LANGUAGES, read_procedure
from procmine.load.spec import Spec
from procmine.log import LogError

SAMPLE = Path(__file__).parents[1] / "event_logs"
DAY = np.timedelta64(1, "D")

EVENTS = """case_id,activity,timestamp
A,Apply,2026-01-01
A,Check,2026-01-11
A,Decide,2026-02-20
B,Apply,2026-01-05
B,Check,2026-01-07
"""
SPEC = """columns: {case: case_id, activity: activity, timestamp: timestamp}
ends: {Decide: decided}
voice: said.csv
"""
SAID = """date,case_id,step,kind,channel,reason,score
2026-01-05,A,,question,phone,Where is it?,4
2026-01-20,A,check,complaint,phone,Too long,1
2026-01-25,A,,complaint,letter,Too long,"1,5"
2026-01-06,B,Decide,question,phone,Where is it?,
2026-01-01,B,,question,phone,Where is it?,
2026-01-09,X,,question,phone,Where is it?,good
2026-01-08,B,,question,phone,Where is it?,5
,B,,question,phone,No date,5
"""


@pytest.fixture
def folder(tmp_path):
    for name, text in (("log.csv", EVENTS), ("log.yaml", SPEC), ("said.csv", SAID)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def by_step(result):
    return result.frame.set_index("step").to_dict("index")


def test_contacts_are_counted_at_the_step_named_or_the_last_one_before(folder):
    log = procmine.read(folder / "log.csv")
    found = procmine.voice(log)
    rows = by_step(found)
    assert {step: row["contacts"] for step, row in rows.items()} == {"Apply": 1, "Check": 3, "Decide": 0}
    assert {step: row["cases"] for step, row in rows.items()} == {"Apply": 2, "Check": 2, "Decide": 1}
    assert rows["Check"]["per_100"] == 150
    assert np.isnan(rows["Check"]["per_100_low"])  # two cases tell no range
    assert rows["Check"]["waited"] / DAY == 9  # of 9, 14 and 1 days
    assert (rows["Check"]["scored"], rows["Check"]["score"]) == (3, 2.5)
    assert (found.arguments["lost"], found.arguments["stepless"]) == (1, 2)
    note = next(note for note in log.about.notes if note.key == "voice.read")
    assert note.values == {"n": 7, "source": "said.csv", "undated": 1, "cases": 6, "odd": 1}


def test_contacts_of_cases_left_out_by_a_filter_are_left_out(folder):
    log = procmine.read(folder / "log.csv").having("Decide")
    assert {step: row["contacts"] for step, row in by_step(procmine.voice(log)).items()} == {
        "Apply": 1,
        "Check": 2,
        "Decide": 0,
    }


def test_a_contact_of_a_day_with_times_counts_the_steps_of_that_day(folder):
    (folder / "log.csv").write_text("case_id,activity,timestamp\nA,Apply,2026-01-01 09:00\nA,Check,2026-01-05 16:00\n")
    (folder / "log.yaml").write_text(SPEC.replace("ends: {Decide: decided}", "ends: every case"))
    assert by_step(procmine.voice(procmine.read(folder / "log.csv")))["Check"]["contacts"] >= 1  # 5 January, no time


def test_without_a_table_it_says_how_to_name_one(folder):
    (folder / "log.yaml").write_text(SPEC.replace("voice: said.csv", ""))
    with pytest.raises(LogError, match=r"voice: complaints\.csv"):
        procmine.voice(procmine.read(folder / "log.csv"))
    (folder / "log.yaml").write_text(
        SPEC.replace("voice: said.csv", "voice: {source: said.csv, columns: {date: datum}}")
    )
    with pytest.raises(LogError, match="no column 'datum'"):
        procmine.read(folder / "log.csv")


def test_the_sample_is_counted_as_pandas_counts_it():
    log = procmine.read(SAMPLE / "child_support.yaml")
    found = by_step(procmine.voice(log))
    said = pd.read_csv(SAMPLE / "child_support_voice.csv", dtype=str)
    events = log.events.rename(columns={"case": "case_id"})
    known = said[said["case_id"].isin(events["case_id"].dropna())].copy()
    for row in known.index[known["step"].isna()]:  # the last step of the case up to the end of that day
        own = events[events["case_id"] == known.at[row, "case_id"]]
        known.at[row, "step"] = own[own["time"] < pd.Timestamp(known.at[row, "date"]) + pd.Timedelta(days=1)][
            "activity"
        ].iloc[-1]
    truth = known["step"].value_counts()
    cases = events.drop_duplicates(["case_id", "activity"])["activity"].value_counts()
    for step, n in truth.items():
        assert found[step]["contacts"] == n
        assert found[step]["cases"] == cases[step]
        scores = known.loc[known["step"] == step, "score"].dropna().astype(float)
        assert found[step]["scored"] == len(scores)
        assert found[step]["score"] == pytest.approx(scores.mean())
        per_case = known[known["step"] == step].groupby("case_id").size().reindex(
            events.loc[events["activity"] == step, "case_id"].unique(), fill_value=0
        )  # fmt: skip
        for end in ("per_100_low", "per_100_high"):  # there the count lies 1.96 of its own errors away
            rate, mean = found[step][end] / 100, per_case.mean()
            error = np.sqrt(rate * per_case.var(ddof=0) / mean / len(per_case))
            assert abs(mean - rate) == pytest.approx(1.96 * error)


def test_ranges_hold_where_contacts_are_few():
    """Cases that write 0, 1 or 3 times: in 95 of 100 draws the true rate lies within, and no contact is no certainty."""
    draw = np.random.default_rng(1)
    for n, share in ((100, 0.01), (100, 0.05), (1_000, 0.004), (400, 0.3)):
        inside = 0
        for _ in range(600):
            per_case = np.where(draw.random(n) < share, draw.choice([1, 1, 1, 3], n), 0)
            _, low, high = rates(np.repeat(np.arange(n), per_case), np.array([n]), 1)
            inside += low[0] <= share * 1.5 <= high[0]
        assert inside / 600 > 0.87, (n, share)
    _, low, high = rates(np.empty(0, np.int64), np.array([120]), 1)
    assert low[0] == 0 and 2.5 < 100 * high[0] < 4  # exactly (Poisson): 3.1


def test_contacts_find_cases_under_their_pseudonyms(folder, monkeypatch):
    monkeypatch.setenv("PROCMINE_TEST_KEY", "a key of more than sixteen letters")
    hidden = SPEC + "pseudonymise: {columns: [case_id], key_from: PROCMINE_TEST_KEY}\n"
    (folder / "log.yaml").write_text(hidden, encoding="utf-8")
    log = procmine.read(folder / "log.csv")
    assert not {"A", "B"} & set(log.case.values())
    assert {step: row["contacts"] for step, row in by_step(procmine.voice(log)).items()} == {
        "Apply": 1,
        "Check": 3,
        "Decide": 0,
    }


def test_complaints_are_told_from_other_contacts_and_staff_from_people(folder):
    extra = "2026-01-21,A,check,Beschwerde,phone,,\n2026-01-21,,Check,staff,,slow,\n2026-01-22,A,Check,Staff,,slow,1\n"
    (folder / "said.csv").write_text(SAID + extra, encoding="utf-8")
    found = procmine.voice(procmine.read(folder / "log.csv"))
    rows = by_step(found)
    assert (rows["Check"]["contacts"], rows["Check"]["complaints"]) == (4, 3)
    assert rows["Check"]["complaints_per_100"] == 150
    assert rows["Apply"]["complaints"] == 0 and rows["Check"]["scored"] == 3  # staff's 1 is not people's
    assert (found.arguments["lost"], found.arguments["stepless"]) == (1, 2)


def test_contacts_by_length_of_wait(folder):
    rows = procmine.voice_by_wait(procmine.read(folder / "log.csv")).frame.set_index("wait")
    # A came on 1 January and was decided on 20 February, after 50 days; B came on the 5th and is open until the cutoff.
    # A: contacts after 4, 19 and 24 days. B: after 1 and 3 days, and one before it came, counted as its first day.
    assert rows.loc["all", ["cases", "contacts", "complaints"]].tolist() == [2, 6, 2]
    assert rows.loc["day 0 to 30", ["cases", "contacts", "complaints", "scored"]].tolist() == [2, 6, 2, 4]
    assert rows.loc["day 30 to 60", ["cases", "contacts"]].tolist() == [2, 0]
    assert rows.loc["day 0 to 30", "per_100"] == 300 and rows.loc["day 0 to 30", "share_answered"] == 1
    assert rows.loc["after the end", ["cases", "contacts"]].tolist() == [1, 0]
    (folder / "said.csv").write_text(SAID + "2026-02-20,A,,question,,,\n2026-02-21,A,,question,,,\n", encoding="utf-8")
    later = procmine.voice_by_wait(procmine.read(folder / "log.csv")).frame.set_index("wait")
    assert later.loc["day 30 to 60", "contacts"] == 1 and later.loc["after the end", "contacts"] == 1


def test_the_waits_of_the_sample_are_counted_as_pandas_counts_them():
    log = procmine.read(SAMPLE / "child_support.yaml")
    whole = procmine.voice_by_wait(log)
    found = whole.frame.set_index("wait")
    said = pd.read_csv(SAMPLE / "child_support_voice.csv", parse_dates=["date"])
    cases = log.cases.set_index("case")
    said = said[said["case_id"].isin(cases.index)].join(cases.drop(columns="channel"), on="case_id")
    before_end = said[said["open"] | (said["date"] <= said["until"])]
    days = np.maximum((before_end["date"] - before_end["arrival"]) / pd.Timedelta(days=1), 0)
    length = (cases["until"] - cases["arrival"]) / pd.Timedelta(days=1)
    for low in range(0, 180, 30):
        row = found.loc[f"day {low} to {low + 30}"]
        inside = before_end[(days >= low) & (days < low + 30)]
        assert row["cases"] == (length >= low).sum() and row["contacts"] == len(inside)
        assert row["complaints"] == (inside["kind"] == "complaint").sum()
        assert row["score"] == pytest.approx(inside["score"].mean())
        assert row["share_answered"] == pytest.approx(inside.dropna(subset="score")["case_id"].nunique() / row["cases"])
    assert found.loc["all", "contacts"] == len(said)
    offices = procmine.voice_by_wait(log, by=["office"]).frame
    everything = offices[offices["wait"] == "all"].set_index("office")
    assert everything["contacts"].to_dict() == said["office"].value_counts().to_dict()
    steps = procmine.voice(log, by=["office"]).frame
    assert steps["contacts"].sum() == procmine.voice(log).frame["contacts"].sum()
    assert any(message.key == "voice.wait.lower" for message in whole.findings())  # README: who waits long scores lower


def test_what_staff_name_stands_beside_the_log(folder):
    with pytest.raises(LogError, match="kind = staff"):
        procmine.staff_ranking(procmine.read(folder / "log.csv"))
    staff = "2026-03-01,,Decide,staff,,,\n2026-03-01,,check,staff,,,\n2026-03-02,,Check,staff,,,\n"
    staff += "2026-03-02,,Nothing,staff,,,\n"
    (folder / "said.csv").write_text(SAID + staff, encoding="utf-8")
    log = procmine.read(folder / "log.csv").cut_to("2026-02-20")
    found = procmine.staff_ranking(log)
    rows = found.frame.set_index("step")
    assert rows["named"].to_dict() == {"Check": 2, "Decide": 1, "Apply": 0}
    assert rows["staff_rank"].to_dict() == {"Check": 1, "Decide": 2, "Apply": 0}
    # before Check 10 + 2 days, before Decide 40
    assert rows["log_rank"].to_dict() == {"Decide": 1, "Check": 2, "Apply": 3}
    said = found.sentences()
    assert "Staff name Check most (2 of 3 times)" in said[0] and "most time passes before Decide" in said[1]


LIST = """Our way of working
# what we do
1. Apply
2. Check - 3 days
3. Decid: 1-3 weeks
4. Archive the file, about 2 hours
"""


def test_the_written_list_beside_the_log(folder):
    (folder / "list.txt").write_text(LIST, encoding="utf-8")
    found = procmine.procedure(procmine.read(folder / "log.csv"), folder / "list.txt")
    rows = found.frame
    assert rows["written"].tolist() == ["Our way of working", "Apply", "Check", "Decid", "Archive the file"]
    assert rows["in_log"].tolist() == ["", "Apply", "Check", "Decide", ""]
    assert rows["found"].tolist() == ["unrecorded", "same", "same", "same", "unrecorded"]


def test_names_written_otherwise_are_taken_for_the_same_and_said(folder):
    (folder / "log.csv").write_text(EVENTS.replace("Decide", "Decision issued"), encoding="utf-8")
    (folder / "log.yaml").write_text("ends: {Decision issued: decided}", encoding="utf-8")
    (folder / "list.txt").write_text("apply\nDecisions issued - 10 days\nClose", encoding="utf-8")
    found = procmine.procedure(procmine.read(folder / "log.csv"), folder / "list.txt")
    assert found.frame["in_log"].tolist() == ["Apply", "Decision issued", "", "Check"]
    assert found.frame["found"].tolist() == ["same", "same", "unrecorded", "unnamed"]
    assert found.frame["measured"][1] / DAY == 40
    assert found.frame["believed"][1] / DAY == 10
    keys = [message.key for message in found.findings()]
    assert keys == ["procedure.all", "procedure.unrecorded", "procedure.unnamed", "procedure.alike"]
    named = procmine.procedure(procmine.read(folder / "log.csv"), folder / "list.txt", names={"Close": "Check"})
    assert named.frame["in_log"].tolist() == ["Apply", "Decision issued", "Check"]
    with pytest.raises(LogError, match="not in the list"):
        procmine.procedure(procmine.read(folder / "log.csv"), folder / "list.txt", names={"Close": "Nothing"})


def test_the_72_days_that_staff_believe_to_be_ten(tmp_path):
    log = procmine.read(SAMPLE / "child_support.yaml")
    (tmp_path / "list.txt").write_text(
        "Petition filed: 2 days\nCourt order issued: 10 days\nFile archived", encoding="utf-8"
    )
    found = procmine.procedure(log, tmp_path / "list.txt")
    gaps = procmine.bottlenecks(log).frame
    truth = gaps[(gaps["kind"] == "before") & (gaps["step"] == "Court order issued")]["p50"].iloc[0]
    assert found.frame["measured"][1] == truth > 40 * DAY
    low, high = (found.frame[f"measured_{end}"][1] / DAY for end in ("low", "high"))
    assert 69 <= low <= truth / DAY <= high <= 74
    longer = [message for message in found.findings() if message.key == "procedure.longer"]
    assert "Court order issued" in longer[0].say()
    assert longer[0].say().endswith(f"(likely between {low:.0f} days and {high:.0f} days).")


def test_the_range_of_the_middle_is_that_of_whole_cases_where_the_step_is_all_there_is(tmp_path):
    """Weeks that differ; in a case of two steps the time before the second is that of the case."""
    draw, rows = np.random.default_rng(4), []
    for week in range(60):
        begun = np.datetime64("2024-01-01") + np.timedelta64(7 * week, "D")
        took = (24 * draw.normal(6 + draw.normal(0, 1), 1, 25).clip(0.5)).round().astype(int)
        for case, hours in enumerate(took):
            rows += [(f"{week}-{case}", "Apply", str(begun))]
            rows += [(f"{week}-{case}", "Check", str(begun + np.timedelta64(hours, "h")))]
    frame = pd.DataFrame(rows, columns=["case_id", "activity", "timestamp"])
    log = procmine.read(frame, spec=Spec(ends=("Check",), cutoff="2025-06-01"))
    (tmp_path / "list.txt").write_text("Check - 2 days", encoding="utf-8")
    one = procmine.procedure(log, tmp_path / "list.txt").frame.iloc[0]
    half = procmine.survival(log).frame.iloc[49]
    assert [one[f"measured_{end}"] for end in ("low", "high")] == [half["low"], half["high"]]
    assert half["low"] < one["measured"] == half["time"] < half["high"]


def test_too_few_weeks_give_no_range_of_the_middle(folder):
    (folder / "list.txt").write_text("Check - 2 days", encoding="utf-8")
    found = procmine.procedure(procmine.read(folder / "log.csv"), folder / "list.txt").frame
    assert found["n"][0] == 2 and found[["measured_low", "measured_high"]].isna().all(axis=None)


@pytest.mark.parametrize("language", LANGUAGES.split())
def test_lengths_of_time_in_each_language(tmp_path, language):
    def written(days, unit):
        return format_timedelta(timedelta(days=days), granularity=unit, threshold=100, locale=language)

    lines = [f"Step {'abcd'[n]} – {written(days, 'day')}" for n, days in enumerate((1, 2, 5, 10))]
    lines += [f"Later: {written(21, 'week')}"]
    (tmp_path / "list.txt").write_text("\n".join(lines), encoding="utf-8")
    assert [step.believed for step in read_procedure(tmp_path / "list.txt")] == [86_400 * n for n in (1, 2, 5, 10, 21)]


@pytest.mark.parametrize(
    ("line", "name", "days"),
    [
        ("Antrag prüfen – 2 Arbeitstage", "Antrag prüfen", 2.8),
        ("Vérifier le dossier : 5 jours ouvrés", "Vérifier le dossier", 7),
        ("Wait (up to 20 working days)", "Wait", 28),
        ("Workflow set up 3 days", "Workflow set up", 3),
        ("Section 8 hearing", "Section 8 hearing", None),
        ("Form 12 months plan", "Form 12 months plan", None),
        ("Call, 1,5 h", "Call", 0.0625),
        ("Decide: 1 - 3 weeks", "Decide", 14),
        ("Review level 2: 3 days", "Review level 2", 3),
        ("Review level 2-3 days", "Review level", 2.5),
    ],
)
def test_times_in_a_line(tmp_path, line, name, days):
    (tmp_path / "list.txt").write_text(line, encoding="utf-8")
    (step,) = read_procedure(tmp_path / "list.txt")
    assert step.name == name
    assert step.believed == (None if days is None else pytest.approx(86_400 * days))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Apply\nReview level 2 - 3 days", 'Line 2: is that a step "Review level 2" of 3 days, or'),
        (b"", "holds no steps"),
        (b"Check\nCHECK - 2 days", "line 2 names the same step as line 1"),
        (b"\xff\xfe", "not text in UTF-8"),
    ],
)
def test_lists_that_cannot_be_read(tmp_path, content, said):
    (tmp_path / "list.txt").write_bytes(content)
    with pytest.raises(LogError, match=said):
        read_procedure(tmp_path / "list.txt")
