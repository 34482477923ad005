"""After a batch: what is held and why, what is released, and that all files are as the manifest says."""

import csv
import json
import shutil
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner
from logs import build, micros

from procmine import read
from procmine.cli import main
from procmine.find.service.standards import Standard
from procmine.publish.batch.finish import finish
from procmine.publish.batch.headline import Figure, Headline, headline
from procmine.publish.batch.index import write_index
from procmine.publish.batch.job import RECORD, Batch, Done, Job, Office, OfficesFound, Period
from procmine.publish.batch.lock import Busy, run_held
from procmine.publish.batch.manifest import Manifest
from procmine.publish.batch.middle import middle, middle_range
from procmine.publish.batch.numbers import safe_figures
from procmine.publish.batch.reason import Reason
from procmine.publish.batch.release import release
from procmine.publish.batch.restated import restated
from procmine.publish.batch.unusual import unusual
from procmine.words import Message

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
from held import FIRST, log_of, steady

DAY = 86_400_000_000
SAMPLE = Path(__file__).resolve().parents[1] / "event_logs" / "child_support.csv"
SEPTEMBER, OCTOBER = "2026-09", "2026-10"
ENDS = {"ends": ["End"], "outcomes": {"End": "done"}}
HAND = [
    *(("A", "Begin", "2026-08-10"), ("A", "End", "2026-10-09")),  # 60 days
    *(("B", "Begin", "2026-10-01"), ("B", "End", "2026-10-11")),  # 10 days
    *(("C", "Begin", "2026-10-05"), ("C", "Look", "2026-10-06")),  # open for 27 days
    *(("D", "Begin", "2026-09-01"), ("D", "End", "2026-09-30")),  # over before October
    ("E", "Begin", "2026-09-20"),  # open for 42 days
]


def figure(told: Headline, name: str, month: str = OCTOBER) -> Figure:
    return next(one for (key, _), one in told.of(month).items() if key == name)


# headline


def test_counts_by_hand():
    told = headline(build(HAND, cutoff="2026-10-31", **ENDS), month=OCTOBER)
    counts = {name: figure(told, name).n for name in ("begun", "finished", "open")}
    assert counts == {"begun": 2, "finished": 2, "open": 2}
    assert figure(told, "waited").value == pytest.approx((27 + 42) / 2)
    september = {name: figure(told, name, SEPTEMBER).n for name in ("begun", "finished", "open")}
    assert september == {"begun": 2, "finished": 1, "open": 2}  # A and E wait at its end


def late_entry_half(begin, end, closed, first, after):
    """Kaplan-Meier with late entry, written out: whom the month saw, from the age at which it saw them."""
    seen = [(max(first - b, 0), (e if c and e < after else after) - b, c and e < after)
            for b, e, c in zip(begin, end, closed) if b < after and (not c or e > first)]  # fmt: skip
    left = 1.0
    for at in sorted({length for _, length, over in seen if over}):
        watched = sum(entry < at <= length for entry, length, _ in seen)
        left *= 1 - sum(over and length == at for _, length, over in seen) / watched
        if left <= 0.5 + 1e-12:
            return at
    return None


def test_half_is_kaplan_meier_with_late_entry():
    log = steady(60, seed=3)
    for month in (OCTOBER, "2026-03"):
        told = figure(headline(log, month=OCTOBER), "half", month)
        first, after = micros(f"{month}-01"), micros(str(np.datetime64(month) + 1) + "-01")
        ends = np.where(log.open, after, log.until)
        truth = late_entry_half(log.arrival.tolist(), ends.tolist(), (~log.open).tolist(), first, after)
        assert told.value == pytest.approx(truth / DAY, abs=1e-4)
        assert told.low < told.value < told.high


def test_entered_is_a_plain_middle_and_is_told_only_once_all_were_watched_so_long():
    log = steady(60, seed=3)
    told = headline(log, month=OCTOBER)
    here = (log.arrival >= micros("2026-05-01")) & (log.arrival < micros("2026-06-01"))
    days = np.where(log.open, np.inf, (log.until - log.arrival) / DAY)[here]
    assert figure(told, "entered", "2026-05").value == pytest.approx(np.median(days))
    assert figure(told, "entered").value is None


def test_range_of_a_middle_holds_it_as_often_as_said():
    draw = np.random.default_rng(5)
    for n in (6, 25, 200):
        ends = np.array([middle(draw.exponential(1, n))[1:] for _ in range(2_000)], float)
        share = np.mean((ends[:, 0] <= np.log(2)) & (np.log(2) <= ends[:, 1]))
        assert 0.94 <= share <= 0.985
    assert middle(np.arange(5.0))[1:] == (None, None)  # five cannot hold it with 95%


def test_range_with_late_entry_holds_the_middle():
    """Lengths without any effect of weeks: then the doubled variance is on the safe side."""
    draw, inside = np.random.default_rng(6), []
    for _ in range(1_000):
        entry, length = draw.uniform(-60, 30, 150), draw.exponential(40, 150)
        seen = (entry + length > 0) & (entry < 30)
        late, end = np.maximum(-entry[seen], 0), np.minimum(length, 30 - entry)[seen]
        low, high = middle_range(late, end, (length <= 30 - entry)[seen])
        inside.append((low or 0) <= 40 * np.log(2) <= (high or np.inf))
    assert 0.96 <= np.mean(inside) <= 1


def test_part_in_time_counts_those_whose_limit_passed_in_the_month():
    standard = Standard("decided in 20 days", "Begin", "End", 20)
    told = figure(headline(build(HAND, cutoff="2026-10-31", **ENDS), month=OCTOBER, standards=[standard]), "standard")
    # due in October: B on the 21st (done), C on the 25th (open, late), E on the 10th (open, late)
    assert (told.n, told.value) == (3, pytest.approx(1 / 3))
    september = headline(build(HAND, cutoff="2026-10-31", **ENDS), month=OCTOBER, standards=[standard])
    # A on 30 August is not; D on 21 September, late
    assert figure(september, "standard", SEPTEMBER).n == 1 and figure(september, "standard", SEPTEMBER).value == 0


@pytest.mark.parametrize("kind", ["month", "quarter", "rolling_year"])
def test_a_past_month_is_told_as_it_was_then(kind):
    """The figures of September are the same in September and, from the data of October, in October."""
    log = read(SAMPLE).where({"office": "Harbor"})
    standard = Standard("order in 90 days", "Petition filed", "Court order issued", 90)
    then = headline(log.cut_to("2026-09-30"), month=SEPTEMBER, kind=kind, standards=[standard])
    now = headline(log, month=OCTOBER, kind=kind, standards=[standard])
    assert {key: one for key, one in now.of(SEPTEMBER).items() if key[0] != "entered"} == {
        key: one for key, one in then.of(SEPTEMBER).items() if key[0] != "entered"
    }
    assert figure(now, "entered", "2026-04") == figure(then, "entered", "2026-04")
    assert now.marks[SEPTEMBER] == then.marks[SEPTEMBER]
    assert [one for one in restated(now, then) if one.holds] == []
    assert Headline.from_dict(json.loads(json.dumps(now.to_dict()))) == now


# restated


def moments(log):
    """[case, step] of a log of three steps; nan-free: what has not happened lies after the cutoff."""
    time = np.full((len(log), 3), log.about.cutoff + 400 * DAY)
    for case in range(len(log)):
        here = slice(*log.offset[case : case + 2])
        time[case, log.activity[here]] = log.time[here]
    return time


def test_late_entries_are_counted_and_the_figures_told():
    whole = steady(240, seed=11)
    decided = moments(whole)[:, 2]
    september = np.flatnonzero((decided >= micros("2026-09-01")) & (decided < micros("2026-10-01")))
    late = september[::3][:63]
    lacking = moments(whole)
    lacking[late, 2] += 800 * DAY  # 63 decisions of September were not entered yet
    then = headline(log_of(lacking).cut_to("2026-09-30"), month=SEPTEMBER)
    reasons = restated(headline(whole, month=OCTOBER), then)
    assert [one.cause for one in reasons] == ["restated"]
    edges = micros("2026-09-01"), micros("2026-10-01")
    halves = []
    for log in (log_of(lacking).cut_to("2026-09-30"), whole):
        ends = np.where(log.open, edges[1] + DAY, log.until)
        halves.append(late_entry_half(log.arrival.tolist(), ends.tolist(), (~log.open).tolist(), *edges) / DAY)
    before, after = (f"{one:,.0f} days" for one in halves)
    assert before != after
    said = reasons[0].message.say()
    assert said.startswith(f"{SEPTEMBER} restated {before} → {after} (half of the cases finished within")
    assert said.endswith(": 63 late entries.")


def test_a_quarter_is_not_compared_with_a_month():
    log = steady(60, seed=11)
    then = headline(log.cut_to("2026-09-30"), month=SEPTEMBER, kind="quarter")
    now = headline(log, month=OCTOBER)
    assert figure(then, "begun", "2026-08").n > 2 * figure(now, "begun", "2026-08").n
    assert restated(now, then) == []


def test_few_late_entries_that_move_nothing_hold_nothing():
    whole = steady(120, seed=11)
    lacking = moments(whole)
    checked = np.flatnonzero((lacking[:, 1] >= micros("2026-09-10")) & (lacking[:, 1] < micros("2026-09-12")))[:2]
    lacking[checked, 1] = lacking[checked, 2] - 1_000_000  # two checks were entered with a wrong, later day
    then = headline(log_of(lacking).cut_to("2026-09-30"), month=SEPTEMBER)
    reasons = restated(headline(whole, month=OCTOBER), then)
    assert reasons and all(one.cause == "note" for one in reasons)


def test_a_corrected_time_is_seen_though_no_count_changed():
    rows = [("A", "Begin", "2026-09-01 10:00"), ("O", "Begin", "2026-08-05"), ("B", "Begin", "2026-09-02")]
    then = headline(build(rows, cutoff="2026-09-30", **ENDS), month=SEPTEMBER)
    rows[0] = ("A", "Begin", "2026-09-01 11:00")
    now = headline(build(rows, cutoff="2026-10-31", **ENDS), month=OCTOBER)
    said = [one.message.say() for one in restated(now, then)]
    assert said == [f"{SEPTEMBER}: as many entries as before, but others: times, steps or cases were corrected since the "
                    "last release. No figure of it moved."]  # fmt: skip


def test_other_rules_with_the_same_data_are_told_apart_from_late_entries():
    log = steady(120, seed=11)
    shorter, longer = (Standard("decided", "Received", "Decided", days) for days in (30, 50))
    then = headline(log.cut_to("2026-09-30"), month=SEPTEMBER, standards=[shorter])
    reasons = restated(headline(log, month=OCTOBER, standards=[longer]), then)
    assert {one.message.values["why"].key for one in reasons if one.holds} == {"restated.settings"}


def test_marks_hold_no_case():
    log = read(SAMPLE).where({"office": "Harbor"})
    written = json.dumps(headline(log, month=OCTOBER).to_dict())
    assert not any(f'"{case}"' in written or f"{case}," in written for case in log.case.values()[:500])


# unusual


def keys(log, month=OCTOBER):
    return [one.message.key for one in unusual(headline(log, month=month))]


def test_a_missing_last_week_is_held():
    time = moments(steady(120, seed=2))
    time[(time >= micros("2026-10-24")) & (time < micros("2026-11-01"))] += 500 * DAY
    assert keys(log_of(time)) == ["batch.missing.end"]


def test_data_that_end_before_the_month_does_are_held():
    said = [one.message for one in unusual(headline(steady(120, seed=2).cut_to("2026-10-20"), month=OCTOBER))]
    assert said[0].key == "batch.missing.end" and said[0].values["quiet"] == 11  # 21 to 31


def test_a_thin_last_week_is_held():
    time = moments(steady(300, seed=2))
    draw = np.random.default_rng(1)
    week = (time >= micros("2026-10-25")) & (time < micros("2026-11-01")) & (draw.random(time.shape) < 0.9)
    time[week] += 500 * DAY
    assert "batch.missing.few" in keys(log_of(time))


def test_a_step_that_vanished_is_held():
    log = steady(120, seed=2)
    kept = ~((log.activity == 1) & (log.time >= micros("2026-10-01")))
    offset = np.concatenate(([0], np.cumsum(kept)))[log.offset]
    without = replace(log, activity=log.activity[kept], time=log.time[kept], offset=offset)
    said = [one.message for one in unusual(headline(without, month=OCTOBER))]
    assert [(one.key, one.values.get("step")) for one in said] == [("batch.missing.step", "Checked")]


def test_a_jump_is_held_with_its_numbers():
    time = moments(steady(120, seed=2))
    october = (time[:, 2] >= micros("2026-10-01")) & (time[:, 2] < micros("2026-11-01"))
    time[np.flatnonzero(october)[::2], 2] += 600 * DAY  # half of the decisions of October do not come
    said = {one.message.values["what"].key: one.message for one in unusual(headline(log_of(time), month=OCTOBER))}
    assert "headline.finished" in said
    finished = said["headline.finished"].values
    count = int((~log_of(time).open & (log_of(time).until >= micros("2026-10-01"))).sum())
    assert finished["after"].values["n"] == count


def test_months_of_few_cases_are_not_held_for_a_jump():
    time = moments(steady(12, seed=2))
    october = (time[:, 2] >= micros("2026-10-01")) & (time[:, 2] < micros("2026-11-01"))
    time[october, 2] += 600 * DAY
    assert "jump.limits" not in keys(log_of(time))


def test_where_nothing_happened_hardly_a_month_is_held():
    """benchmarks/held.py counts many more."""
    found = [keys(steady(60, seed)) for seed in range(100, 130)]
    assert sum(map(bool, found)) <= 2


# the workbook of all offices


def test_no_small_cell_stands_alone():
    counts = {"North": 40, "South": 6, "East": 90, "West": 13}
    figures = {name: (Figure(OCTOBER, "begun", "cases", float(n), n),) for name, n in counts.items()}
    safe = safe_figures(figures)
    gone = {name for name, (one,) in safe.items() if one.value is None}
    assert gone == {"South", "West"}  # alone, South would be the total less the others
    assert {name: one.value for name, (one,) in safe.items() if name not in gone} == {"North": 40, "East": 90}


def test_parts_and_middles_of_few_are_left_out():
    part = Figure(OCTOBER, "standard", "share", 0.97, 100, 0.9, 0.99, "S")  # 3 were late
    half = Figure(OCTOBER, "half", "days", 41.6, 19, 30.2, 50.1)
    fine = Figure(OCTOBER, "half", "days", 41.6, 24, 30.2, 50.1)
    assert safe_figures({"A": (part,)})["A"][0].value is None
    assert safe_figures({"A": (half,)})["A"][0].value is None
    assert safe_figures({"A": (fine,)})["A"][0] == replace(fine, value=42, n=20, low=30, high=50)


# the files of a run

NAMES = {"evil": '=HYPERLINK("x","y") <script>alert(1)</script>', "fine": "Cañada"}


def csv_of(log, path):
    """The log as a file that the door reads."""
    names = log.case.values()
    lines = ["case,activity,timestamp"]
    for case in range(len(log)):
        for k in range(*log.offset[case : case + 2]):
            moment = str(np.int64(log.time[k]).astype("M8[us]").astype("M8[s]")).replace("T", " ")
            lines.append(f"{names[case]},{log.about.activities[log.activity[k]]},{moment}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.with_suffix(".yaml").write_text(
        f"source: {path.name}\ncolumns: {{case: case, activity: activity, timestamp: timestamp}}\n"
        "ends: {Decided: decided}\n"
        f"zone: null\ncutoff: {str(np.int64(log.about.cutoff).astype('M8[us]'))[:10]}\ndates: {{format: iso}}\n",
        encoding="utf-8",
    )
    return path


def run_of(folder, logs, month, *, failed=(), title="Reports", silent=()):
    """A batch of two notebooks an office, as if its jobs had run: files, and their records."""
    period = Period("month", f"{month}-01", f"{month}-30")
    offices = tuple(Office(NAMES[key], NAMES[key], key, 50, 50, 50, period, f"{key}@agency.example") for key in logs)
    jobs, dones = [], []
    for key, log in logs.items():
        for book in ("01_check", "02_times"):
            name = f"{key}/{book}/baseline"
            job = Job(name, folder / "n.ipynb", log, {}, NAMES[key], "baseline", period, "team", 120, 4_096, key)
            place = folder / "offices" / job.id
            place.mkdir(parents=True, exist_ok=True)
            content = {f"{book}.{end}": f"{month} {job.id} {end}".encode() for end in ("pdf", "html", "xlsx", "ipynb")}
            hashes = {}
            for name, one in content.items():
                (place / name).write_bytes(one)
                hashes[name] = sha256(one).hexdigest()
            wrong = job.id in failed
            problems = ("Cell 3 stopped: <b>no</b>",) if wrong else ()
            begun = f"{month}-05T06:00:00+00:00"
            done = Done(job.id, key, "failed" if wrong else "complete", problems, 1.0, 90.0, files=hashes, begun=begun)
            (place / RECORD).write_text(json.dumps(done.to_dict()), encoding="utf-8")
            jobs.append(job)
            dones.append(done)
    found = OfficesFound(every=offices, silent=silent)
    return Batch(title, folder, month, tuple(jobs), found, {}, "jobs.yml", "ab" * 32), dones


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """September released; October with 63 late entries in one office."""
    folder = tmp_path_factory.mktemp("outputs")
    whole = steady(120, seed=11)
    lacking = moments(whole)
    decided = lacking[:, 2]
    late = np.flatnonzero((decided >= micros("2026-09-01")) & (decided < micros("2026-10-01")))[:63]
    lacking[late, 2] += 800 * DAY
    logs = {}
    for month, cutoff, one in ((SEPTEMBER, "2026-09-30", log_of(lacking)), (OCTOBER, "2026-10-31", whole)):
        fine = steady(60, seed=40)
        cut = (
            {"evil": one, "fine": fine}
            if month == OCTOBER
            else {"evil": one.cut_to(cutoff), "fine": fine.cut_to(cutoff)}
        )
        logs[month] = {key: csv_of(log, folder / f"{key}-{month}.csv") for key, log in cut.items()}
    first = finish(*run_of(folder / SEPTEMBER, logs[SEPTEMBER], SEPTEMBER))
    return folder, logs, first


def test_a_first_run_is_a_draft_and_says_that_it_compared_with_none(runs):
    folder, _, first = runs
    assert first.exit_code == 3 and {one.office for one in first.manifest.held} == {"evil"}  # it lacks 63 decisions
    page = first.index.read_text(encoding="utf-8")
    assert "Draft: not released" in page and "could not be compared" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "<script" not in page
    assert {row["folder"]: row["status"] for row in mailing(folder / SEPTEMBER)} == {
        "offices/evil": "held",
        "offices/fine": "draft",
    }


def mailing(folder):
    raw = (folder / "mailing.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))


@pytest.fixture(scope="module")
def october(runs):
    folder, logs, _ = runs
    release(folder / SEPTEMBER, by="head of unit", accept=["evil"], because="decisions are entered late")
    batch, dones = run_of(folder / OCTOBER, logs[OCTOBER], OCTOBER, failed={"fine/02_times/baseline"})
    return folder / OCTOBER, finish(batch, dones)


def test_release_flips_index_and_mailing_list(runs, october):
    folder, _, _ = runs
    page = (folder / SEPTEMBER / "index.html").read_text(encoding="utf-8")
    assert "Draft" not in page and "by head of unit" in page
    assert {row["status"] for row in mailing(folder / SEPTEMBER)} == {"ready"}
    (folder / SEPTEMBER / "mailing.csv").unlink()
    with pytest.raises(ValueError, match="all that is complete has been released"):
        release(folder / SEPTEMBER, by="head of unit")
    assert {row["status"] for row in mailing(folder / SEPTEMBER)} == {"ready"}


def test_restated_month_is_held_and_failed_job_is_said(october):
    _, made = october
    assert made.exit_code == 1  # failed comes before held
    assert {one.id for one in made.manifest.held} == {"evil/01_check/baseline", "evil/02_times/baseline"}
    page = made.index.read_text(encoding="utf-8")
    assert "63 late entries" in page and "Cell 3 stopped: &lt;b&gt;no&lt;/b&gt;" in page
    assert "Compared with the release of 2026-09" in page
    assert page.index("Cell 3 stopped") < page.index("63 late entries") < page.index("Offices, by name")


def test_manifest_has_the_hash_of_every_file(october):
    folder, _ = october
    manifest = Manifest.read(folder)
    listed = [
        (folder / "offices" / job.id / name, one) for job in manifest.jobs for name, one in job.done.files.items()
    ]
    listed += [(folder / name, one) for name, one in manifest.files.items()]
    assert len(listed) == 17 and all(sha256(path.read_bytes()).hexdigest() == one for path, one in listed)
    written = (folder / "manifest.json").read_text(encoding="utf-8")
    import getpass
    import platform

    assert str(Path.home()) not in written and platform.node() not in written
    assert f"/{getpass.getuser()}/" not in written and str(folder) not in written
    assert not any(f"c{k:06}" in written for k in range(3_000))


def test_no_cell_of_workbook_or_list_is_a_formula(october):
    folder, _ = october
    book = openpyxl.load_workbook(folder / "headline.xlsx")
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert not any(cell.data_type == "f" for cell in cells)
    assert any(str(cell.value).startswith("'=HYPERLINK") for cell in cells)
    office = {row["office"] for row in mailing(folder)}
    assert office == {"'" + NAMES["evil"], NAMES["fine"]}


def test_only_accepted_with_a_reason_goes_out(october):
    folder, _ = october
    with pytest.raises(ValueError, match="in a sentence why"):
        release(folder, by="head of unit", accept=["evil"])
    with pytest.raises(ValueError, match="failed: there is nothing to accept"):
        release(folder, by="head of unit", accept=["fine/02_times/baseline"], because="it looks right to me")
    with pytest.raises(ValueError, match="is not held"):
        release(folder, by="head of unit", accept=["fine/01_check/baseline"], because="it looks right to me")
    with pytest.raises(ValueError, match="seems to name a person"):
        release(folder, by="Maria Schmidt")
    manifest, record = release(folder, by="head of unit")
    assert record.jobs == {"fine/01_check/baseline"}
    rows = {row["folder"]: row["status"] for row in mailing(folder)}
    assert rows == {"offices/evil": "held", "offices/fine": "failed"}  # an office gets all of its pages, or none
    reason = "the court sent its decisions of September late"
    release(folder, by="head of unit", accept=["evil/01_check/baseline"], because=reason)
    assert {row["status"] for row in mailing(folder)} == {"held", "failed"}  # one of its two pages is not yet released
    manifest, record = release(folder, by="head of unit", accept=["evil/02_times/baseline"], because=reason)
    assert record.accepted == {one.id for one in manifest.held}
    rows = {row["folder"]: row["status"] for row in mailing(folder)}
    assert rows == {"offices/evil": "ready", "offices/fine": "failed"}
    said = json.loads((folder / "release.json").read_text(encoding="utf-8"))["steps"]
    assert [step["because"] for step in said] == ["", reason, reason] and said[1]["by"] == "head of unit"
    assert reason in (folder / "index.html").read_text(encoding="utf-8")


def test_the_command_says_what_is_left(october):
    folder, _ = october
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy)
    (copy / "release.json").unlink(missing_ok=True)
    made = CliRunner().invoke(main, ["release", str(copy), "--by", "head of unit"])
    assert made.exit_code == 1 and "1 report released; 2 still held, 1 failed." in made.output
    assert "63 late entries" in made.output and "Failed: fine/02_times/baseline" in made.output
    refused = CliRunner().invoke(main, ["release", str(copy.parent / "nothing"), "--by", "head of unit"])
    assert refused.exit_code == 2 and "holds no finished run" in refused.output
    shutil.rmtree(copy)


def test_index_for_others_than_the_team_says_no_small_number(october, tmp_path):
    _, made = october
    few = Message("restated.few", {"month": SEPTEMBER, "why": Message("restated.late", {"late": 3})})
    many = Message("restated.few", {"month": SEPTEMBER, "why": Message("restated.late", {"late": 63})})
    reasons = {"evil": (Reason("restated", few), Reason("restated", many))}
    write_index(replace(made.manifest, audience="agency", reasons=reasons), tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "3 late" not in page and "by few entries" in page and "60 late entries" in page


def test_a_file_that_is_open_elsewhere_is_named(monkeypatch, tmp_path):
    """As on Windows, where Excel lets nobody replace a file that it shows."""
    from procmine.publish.batch import manifest

    monkeypatch.setattr(manifest, "PAUSES", (0.0,))
    tried = []

    def write():
        tried.append(1)
        raise PermissionError(13, "in use", str(tmp_path / "headline.xlsx"))

    with pytest.raises(ValueError, match=r"headline\.xlsx is open in another program"):
        manifest.patiently(write)
    assert len(tried) == 2


def test_a_file_changed_since_is_not_released(runs, tmp_path):
    _, logs, _ = runs
    finish(*run_of(tmp_path / OCTOBER, logs[OCTOBER], OCTOBER))
    (tmp_path / OCTOBER / "offices" / "fine" / "01_check" / "baseline" / "01_check.pdf").write_bytes(b"other")
    with pytest.raises(ValueError, match=r"1 file\(s\) are not as they were written"):
        release(tmp_path / OCTOBER, by="head of unit")


def released_again(runs, tmp_path):
    """October with 63 entries of September lacking, released as it was; and the batch of the same month with all."""
    _, logs, _ = runs
    lacking = {**logs[OCTOBER], "evil": csv_of(read(logs[SEPTEMBER]["evil"]), tmp_path / "lacking.csv")}
    lacking["evil"].with_suffix(".yaml").write_text(logs[OCTOBER]["evil"].with_suffix(".yaml").read_text().replace(
        logs[OCTOBER]["evil"].name, "lacking.csv"))  # fmt: skip
    first, dones = run_of(tmp_path / OCTOBER, lacking, OCTOBER)
    made = finish(first, dones)
    held = {one.office for one in made.manifest.held}
    release(
        tmp_path / OCTOBER, by="head of unit", accept=sorted(held), because="these had been looked at" if held else ""
    )
    return tmp_path / OCTOBER, (first, dones), run_of(tmp_path / OCTOBER, logs[OCTOBER], OCTOBER)


def test_a_month_that_is_run_again_is_compared_with_what_went_out_of_it(runs, tmp_path):
    folder, same, other = released_again(runs, tmp_path)
    again = finish(*same)
    assert again.exit_code == 0 and {row["status"] for row in mailing(folder)} == {"ready"}
    assert "by head of unit" in again.index.read_text(encoding="utf-8")
    batch, dones = other
    dones = [replace(one, files={**one.files, "x": "0" * 64}) if one.id.startswith("evil") else one for one in dones]
    made = finish(batch, dones)
    why = [one.message.say() for one in made.manifest.why_held("evil")]
    assert made.exit_code == 3 and any("2026-09 restated" in one and "late entries" in one for one in why), why
    assert {row["folder"]: row["status"] for row in mailing(folder)} == {
        "offices/evil": "held",
        "offices/fine": "ready",
    }
    assert made.release is not None and {job.split("/")[0] for job in made.release.jobs} == {"fine"}


def test_what_was_held_and_never_went_out_is_no_measure_for_the_next_run(runs, tmp_path):
    folder, _, (batch, dones) = released_again(runs, tmp_path)
    went = Manifest.read(folder, "released.json").headlines["evil"]
    for one in batch.jobs:
        (batch.place(one) / "new.png").write_bytes(b"new")
    dones = [replace(one, files={**one.files, "new.png": sha256(b"new").hexdigest()}) for one in dones]
    now = finish(batch, dones).manifest.headlines["evil"]
    _, record = release(folder, by="head of unit")
    assert {job.split("/")[0] for job in record.jobs} == {"fine"} and now != went
    assert Manifest.read(folder, "released.json").headlines["evil"] == went


def test_nobody_plans_finishes_or_releases_a_run_that_is_at_work(runs, tmp_path):
    folder, same, _ = released_again(runs, tmp_path)
    with run_held(folder):
        with pytest.raises(Busy):
            finish(*same)
        with pytest.raises(Busy):
            release(folder, by="head of unit")


def test_jobs_that_were_never_finished_are_failed(runs, tmp_path):
    _, logs, _ = runs
    batch, dones = run_of(tmp_path / OCTOBER, logs[OCTOBER], OCTOBER)
    made = finish(batch, dones[:1])
    assert made.exit_code == 1 and len(made.manifest.failed) == 3
    assert "--resume" in made.index.read_text(encoding="utf-8")
    again = finish(batch, dones)
    assert again.exit_code == 0 and "--resume" not in again.index.read_text(encoding="utf-8")


def test_an_office_gone_silent_asks_somebody_to_look(runs, tmp_path):
    folder, logs, _ = runs
    shutil.copytree(folder / SEPTEMBER, tmp_path / SEPTEMBER)
    batch, dones = run_of(tmp_path / OCTOBER, {"fine": logs[OCTOBER]["fine"]}, OCTOBER, silent=(NAMES["evil"],))
    made = finish(batch, dones)
    assert made.exit_code == 3 and made.manifest.silent == (NAMES["evil"],)
    assert "none in this month" in made.index.read_text(encoding="utf-8")


def test_index_opens_without_an_error_and_is_accessible(october):
    shown = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("there is no chromium on this machine")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    folder, _ = october
    said, asked = [], []
    with shown.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_context(offline=True).new_page()
        page.on("console", lambda one: said.append(one.text))
        page.on("pageerror", lambda one: said.append(str(one)))
        page.on("request", lambda one: asked.append(one.url))
        page.goto((folder / "index.html").as_uri())
        links = page.eval_on_selector_all("a", "all => all.map(one => one.href)")
        wcag = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
        wrong = axe.Axe().run(page, options=wcag).response["violations"]
        chromium.close()
    assert said == [] and asked == [(folder / "index.html").as_uri()]
    assert all(Path(link.removeprefix("file://").replace("%20", " ")).is_file() for link in links) and len(links) > 10
    assert [one["id"] for one in wrong] == []


def test_first_day_of_the_steady_offices_is_long_enough():
    assert np.datetime64("2026-10") - FIRST.astype("M8[M]") >= 24  # so that a year lies before each of the 12 months
