"""Watching gains: one that slips is told with its owner, one that holds is not, and chance alarms as rarely as is said."""

import numpy as np
import pytest
from test_compare import log_of

from procmine.kernels.chart_rules import base_of, strayed
from procmine.proof.watch import DECIDE, EARLY, HOLDING, RECOVERED, SLIPPING, UNTOLD, Gain, watch

FILE = """
title: Test
changes:
  one-desk:
    idea: One desk for both forms
    status: {status}
    step: Grant
    date: 2025-03-03
    recorded: 2025-02-10
    horizon: 42
    owner: head of the desk
    decide_on: [{decide}]
    measured:
    - {{verdict: {verdict}, figure: -12, low: -15, high: -9, data: {data}}}
    why: It works.
"""


@pytest.fixture
def record(tmp_path):
    def written(*, status="kept", verdict="improved", data="2026-05-31", decide="2026-06-01"):
        path = tmp_path / "changes.yml"
        path.write_text(FILE.format(status=status, verdict=verdict, data=data, decide=decide), encoding="utf-8")
        return path

    return written


def waits(seed, late=8.0, *, since=60, until=10_000, weeks=120, shape=4):
    """20 days before the change and 8 since; `late` from week `since` up to week `until` after it."""
    draw = np.random.default_rng(seed)
    week = np.repeat(np.arange(-100, weeks), draw.poisson(9, 100 + weeks))
    mean = np.where(week < 0, 20.0, np.where((week >= since) & (week < until), late, 8.0))
    return week * 7 + draw.uniform(0, 7, len(week)), draw.gamma(shape, mean / shape)


def again(path, *entries):
    """More measurements after the one of the record."""
    lines = "".join(f"    - {{verdict: {verdict}, data: {data}}}\n" for verdict, data in entries)
    path.write_text(path.read_text(encoding="utf-8").replace("    why:", lines + "    why:"), encoding="utf-8")
    return path


def one(found):
    return {name: column[0] for name, column in found.rows.items()}


def test_a_gain_that_slips_is_told_with_owner_step_since_when_and_the_next_day(record):
    begin, wait = waits(1, 14.0, since=66)
    log = log_of(begin, wait, weeks=100)
    found = watch(log, record())
    row = one(found)
    first = np.datetime64("2025-03-03") + 66 * 7  # 2026-06-08
    assert row["state"] == SLIPPING and row["owner"] == "head of the desk" and row["step"] == "Grant"
    assert abs(row["since"].astype("M8[M]") - first.astype("M8[M]")) <= np.timedelta64(1, "M")
    full = np.minimum(wait, 42)
    told = {name: row[name] / np.timedelta64(1, "D") for name in ("wait_before", "wait_then", "wait_now")}
    assert told["wait_before"] == pytest.approx(full[(begin < -42) & (begin > -95 * 7)].mean(), rel=0.02)
    assert told["wait_then"] == pytest.approx(8, rel=0.08) and told["wait_now"] == pytest.approx(14, rel=0.08)
    assert row["lost"] == pytest.approx(
        (told["wait_now"] - told["wait_then"]) / (told["wait_before"] - told["wait_then"])
    )
    late = np.datetime64("2025-03-03") + 100 * 7 - 1
    assert late < row["next"] <= late + 32
    assert found.slipping
    said = found.sentences()[0]
    assert said.startswith("one-desk: the gain is slipping since 2026-0") and "Owner: head of the desk." in said
    assert f"look again on {row['next']}" in said


def test_a_gain_that_holds_and_one_that_came_back(record):
    begin, wait = waits(2)
    found = watch(log_of(begin, wait, weeks=100), record())
    assert one(found)["state"] == HOLDING and not found.slipping
    # base: months that were complete with data up to 31 May, so up to April begun before 20 April; new: May to December
    first, last = (np.datetime64(day) - np.datetime64("2025-03-03") for day in ("2026-04-01", "2026-12-01"))
    assert one(found)["cases"] == ((begin >= first.astype(int)) & (begin < last.astype(int))).sum()
    begin, wait = waits(7, 30.0, since=66, until=75)
    found = watch(log_of(begin, wait, weeks=110), record())
    assert one(found)["state"] == RECOVERED and not found.slipping
    assert "is back" in found.sentences()[0]


def test_before_a_new_month_is_complete_and_when_the_day_to_decide_has_come(record):
    begin, wait = waits(4)
    early = log_of(begin, wait, weeks=65)
    assert one(watch(early, record()))["state"] == EARLY
    due = watch(early, record(data="2025-12-31"))
    assert one(due)["decide"] == np.datetime64("2026-06-01") and due.slipping
    assert "the day to decide, 2026-06-01, has come" in due.sentences()[0]
    few = watch(log_of(begin, wait, weeks=100), record(data="2025-05-31", decide="2025-06-01"))
    assert one(few)["state"] == UNTOLD and "too few cases to know the usual ups and downs" in few.sentences()[0]


def test_only_gains_are_watched(record):
    begin, wait = waits(5)
    log = log_of(begin, wait, weeks=100)
    for given in ({"status": "stopped"}, {"verdict": "no_evidence"}):
        found = watch(log, record(**given))
        assert len(found) == 0 and found.sentences()[0].startswith("Nothing to watch")


def test_a_day_to_decide_is_told_of_what_was_not_measured_at_all(record):
    path = record(status="running", data="2025-12-31")
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("    measured")] + text[text.index("    why") :], encoding="utf-8")
    begin, wait = waits(4)
    found = watch(log_of(begin, wait, weeks=65), path)
    assert one(found)["state"] == DECIDE and found.slipping and len(found.gains) == 0


def test_weeks_where_there_are_too_few_months(record):
    begin, wait = waits(6, 16.0, since=40)
    found = watch(log_of(begin, wait, weeks=60), record(data="2025-11-30", decide="2025-12-01"))
    assert one(found)["period"] == "two weeks" and one(found)["state"] == SLIPPING


def test_measuring_again_does_not_make_a_loss_the_usual(record):
    begin, wait = waits(1, 14.0, since=66)
    log = log_of(begin, wait, weeks=100)
    first = one(watch(log, record()))
    more = ("improved", "2026-08-28"), ("improved", "2026-10-28"), ("improved_for_most", "2027-01-30")
    later = again(record(), *more)
    found = one(watch(log, later))
    assert found["state"] == SLIPPING and found["wait_then"] == first["wait_then"]
    assert one(watch(log, again(record(data="2026-08-31"), ("improved", "2026-05-31"))))["since"] == first["since"]


def test_what_is_no_gain_any_more_or_cannot_be_told_asks_somebody_to_look(record):
    begin, wait = waits(4)
    log = log_of(begin, wait, weeks=100)
    found = watch(log, again(record(), ("no_evidence", "2026-12-31")))
    assert one(found)["state"] == UNTOLD and found.look and not found.slipping
    assert "With data up to 2026-12-31 it was measured again: no difference that stands out." in found.sentences()[0]
    old = watch(log_of(begin, wait, weeks=60), record(decide="2027-06-01"))
    assert one(old)["state"] == UNTOLD and old.look
    assert "The data end on 2026-04-26, and the gain was measured with data up to 2026-05-31" in old.sentences()[0]
    path = record()
    path.write_text(path.read_text(encoding="utf-8").replace("step: Grant", "where: {office: West}"), encoding="utf-8")
    none = watch(log, path)
    assert one(none)["state"] == UNTOLD and "No case has office = 'West'" in none.sentences()[0] and none.look
    assert not watch(log, record()).look


def test_eight_in_a_row_have_slipped_since_the_first_of_them(record):
    weeks = np.arange(-100, 130)
    month = (np.datetime64("2025-03-03") + weeks * 7).astype("M8[M]")
    usual = np.where(month.astype(int) % 2, 6.0, 10.0)  # single months lie up to 8 + 2.66 x 4 days
    wait = np.where(weeks < 0, 20.0, np.where(month < np.datetime64("2026-05"), usual, 12.0))
    found = watch(log_of(weeks.repeat(9) * 7.0, wait.repeat(9), weeks=130), record())
    row = one(found)
    assert row["state"] == SLIPPING and str(row["since"]) == "2026-05-01" and row["wait_now"] == np.timedelta64(12, "D")
    assert row["usual_high"] > np.timedelta64(17, "D")
    assert "From arrival to the end of the case it takes 12 days" in found.sentences()[0]


def test_a_step_back_towards_the_gain_is_no_alarm():
    base = np.tile([8.0, 9.0, 10.0, 11.0, 12.0, 11.0, 10.0, 9.0], 3)  # neighbours are alike
    value = np.concatenate((base, [30.0, 12.0]))
    days = np.datetime64("2024-01-01") + 31 * np.arange(len(value) + 1)
    gain = Gain("month", days[:-1], days[1:], value, np.full(len(value), 9), 24, 20.0, base_of(base), 0)
    assert gain.limits.rho > 0.3 and strayed(value[24:], gain.limits)[0].tolist() == [1, -1]
    assert gain.alarm.tolist() == [True, False]


def test_where_it_was_no_slower_before_no_part_of_the_gain_is_told(record):
    begin, wait = waits(3, 16.0, since=66)
    found = watch(log_of(begin, np.where(begin < 0, wait * 0.3, wait), weeks=100), record())
    assert one(found)["state"] == SLIPPING and np.isnan(one(found)["lost"])
    assert "nan" not in found.sentences()[0] and "compare the cases before and after again" in found.sentences()[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "shape", "weeks", "of"),
    [("2026-05-31", 4, 170, "chance"), ("2026-05-31", 1, 170, "most"), ("2025-11-30", 1, 145, "most")],
)
def test_chance_alarms_as_rarely_as_is_said(record, data, shape, weeks, of):
    """120 gains that hold for two years, of even and of skewed waits, by months and by two weeks: the told chance lies in the
    99% range of how often one alarmed, or above."""
    from scipy import stats

    path, alarmed, told = record(data=data), 0, []
    for seed in range(120):
        begin, wait = waits(1_000 + seed, weeks=weeks, shape=shape)
        found = watch(log_of(begin, wait, weeks=weeks), path)
        alarmed += one(found)["state"] in (SLIPPING, RECOVERED)
        told.append(float(found.messages()[-1].values[of]) / 100)
    range_ = stats.binomtest(int(alarmed), 120).proportion_ci(0.99)
    assert range_.low <= np.mean(told), (alarmed, np.mean(told))


def test_the_picture_shows_the_gain_that_slips(record, tmp_path):
    begin, wait = waits(1, 14.0, since=66)
    found = watch(log_of(begin, wait, weeks=100), record())
    axes = found.plot()
    assert "one-desk" in axes.get_title("left")
    found.save(tmp_path / "watch.png")
