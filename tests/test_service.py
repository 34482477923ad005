"""The service clock and in whose hands time passes. Truth: by hand, and every minute of every case asked in plain Python."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from logs import DAY, build, micros

import procmine
from procmine.calendars import Calendar
from procmine.clocks import CALENDAR_TIME, OfficeHours
from procmine.find.service.pauses import paused
from procmine.kernels.blocks import EntryWeeks
from procmine.log import LogError
from procmine.scale.shards import save
from procmine.see.clock_rules import Pause, Rules, ServiceClock, rules_of, service_clock
from procmine.see.service import ServiceSummary, service_cases, service_times

HOUR = 3_600_000_000
RULES = {
    "begins": "Complete",
    "stops": ["Decided", "Withdrawn"],
    "pauses": [
        {"from_step": "Letter", "to_step": "Answer", "whose": "applicant"},
        {"from_step": "To court", "to_step": "From court", "whose": "the court"},
    ],
}
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-17:00")
# March 2026 begins on a Sunday
ROWS = [
    # 1: waits for papers until the 4th; with the applicant 6 to 9, with the court 7 to 10 (9 to 10 alone); decided the 12th
    ("1", "Received", "2026-03-02T09:00", "new"),
    ("1", "Complete", "2026-03-04T09:00", "in work"),
    ("1", "Letter", "2026-03-06T09:00", "in work"),
    ("1", "To court", "2026-03-07T09:00", "in work"),
    ("1", "Answer", "2026-03-09T09:00", "in work"),
    ("1", "From court", "2026-03-10T12:00", "in work"),
    ("1", "Decided", "2026-03-12T17:00", "in work"),
    ("1", "Letter", "2026-03-14T00:00", "in work"),
    ("1", "Filed", "2026-03-20T10:00", "in work"),
    # 2: never complete
    ("2", "Received", "2026-03-02T09:00", "new"),
    ("2", "Letter", "2026-03-05T09:00", "new"),
    # 3: complete at once; a letter that nobody answers: the pause lasts on
    ("3", "Complete", "2026-03-02T09:00", "in work"),
    ("3", "Letter", "2026-03-12T09:00", "in work"),
    # 4: the same letter twice, one answer; then another round; on hold twice in a row, with an unknown status between
    ("4", "Complete", "2026-03-02T09:00", "in work"),
    ("4", "Letter", "2026-03-03T09:00", "in work"),
    ("4", "Letter", "2026-03-04T09:00", "in work"),
    ("4", "Answer", "2026-03-05T09:00", "in work"),
    ("4", "Letter", "2026-03-06T09:00", "in work"),
    ("4", "Answer", "2026-03-07T09:00", "on hold"),
    ("4", "Check", "2026-03-08T09:00", None),
    ("4", "Check", "2026-03-09T09:00", "suspended"),
    ("4", "Check", "2026-03-10T09:00", "in work"),
    ("4", "Decided", "2026-03-11T09:00", "in work"),
    ("4", "Filed", "2026-03-11T09:00", "in work"),
    # 5: withdrawn before it is complete, complete later: only what comes after the beginning stops the clock
    ("5", "Withdrawn", "2026-03-02T09:00", "new"),
    ("5", "Complete", "2026-03-03T09:00", "new"),
    ("5", "Filed", "2026-03-05T09:00", "new"),
]


def made(**about):
    rows, status = [one[:3] for one in ROWS], [one[3] for one in ROWS]
    offices = {"office": {"1": "North", "2": "North", "3": "South", "4": "South", "5": "South"}}
    return build(
        rows, cutoff="2026-03-31", ends=["Filed"], attributes=offices, event_attributes={"status": status}, **about
    )


HELD = {"column": "status", "values": ("on hold", "suspended")}
END = micros("2026-04-01") - 1


def hours(length):
    return length / HOUR


def test_each_part_by_hand():
    table = service_cases(made(clock=RULES, suspended=HELD, calendars={"default": {"hours": WEEK}})).set_index("case")
    parts = [name for name in table if name not in ("arrival", "until", "open")]
    told = ["before the clock begins", "with us in opening hours", "with us while closed", "with the applicant"]
    assert parts == [*told, "with the court", "on hold", "after the clock has stopped"]
    to_end = (END - micros("2026-03-12T09:00")) / HOUR
    rest = (END - micros("2026-03-02T09:00")) / HOUR
    by_hand = {
        # 4 March Wednesday 9 to Friday 6th 9: 2 days, 16 hours open; Tuesday 10th 12 to Thursday 12th 17: 53 hours, 21 open
        "1": [48, 16 + 21, 32 + 32, 72, 27, 0, 185],
        "2": [rest, 0, 0, 0, 0, 0, 0],
        # Monday 2nd 9 to Thursday 12th 9: 10 days with 8 days of work
        "3": [0, 64, 240 - 64, to_end, 0, 0, 0],
        # Monday 9 to Tuesday 9, Thursday 9 to Friday 9, Tuesday 10th 9 to Wednesday 9; hold from Saturday 7th to Tuesday 10th
        "4": [0, 24, 48, 48 + 24, 0, 72, 0],
        "5": [24, 16, 32, 0, 0, 0, 0],
    }
    for case, row in by_hand.items():
        found = table.loc[case, parts].to_numpy("m8[us]") / np.timedelta64(1, "h")
        np.testing.assert_allclose(found.astype(float), row, err_msg=case)
    whole = table["until"] - table["arrival"]
    assert (table[parts].sum(axis=1) == whole).all()


def test_the_clock_by_hand():
    log = made(clock=RULES, suspended=HELD, calendars={"default": {"hours": WEEK}})
    times = log.times(service_clock(log))
    assert hours(times.until - times.arrival).tolist() == [101, 0, 240, 72, 48]
    worked = log.times(service_clock(log, working=True))
    assert hours(worked.until - worked.arrival).tolist() == [37, 0, 64, 24, 16]
    first = times.time[: log.offset[1]] - times.arrival[0]
    assert hours(first).tolist() == [0, 0, 48, 48, 48, 48, 101, 101, 101]  # constant before, in pauses, and after
    assert service_clock(log, working=True).day == 8 * 3_600 and service_clock(log).day == 86_400
    answer = procmine.cycle_times(log, clock=service_clock(log, working=True))
    said = "from the first Complete to the first of Decided, Withdrawn after that; it stands for 3 reasons"
    assert said in str(answer)


def test_without_a_beginning_and_an_end_it_runs_from_arrival_until_the_end_of_watching():
    log = made(clock={"pauses": [{"from_step": "Letter", "to_step": "Answer"}]})
    times = log.times(service_clock(log))
    paused = [72 + (micros("2026-03-20T10:00") - micros("2026-03-14T00:00")) / HOUR, 0, 0, 48 + 24, 0]
    paused[1] = (END - micros("2026-03-05T09:00")) / HOUR
    paused[2] = (END - micros("2026-03-12T09:00")) / HOUR
    whole = hours(log.until - log.arrival)
    np.testing.assert_allclose(hours(times.until - times.arrival), whole - paused)
    assert "with others" in service_cases(log).columns


def asked(rows, rules, held, moment):
    """Whose a case is at one moment, from its rows alone."""
    complete = next((t for step, t, _ in rows if step == rules["begins"]), None)
    if complete is None or moment < complete:
        return "before the clock begins"
    place = next(k for k, (step, _, _) in enumerate(rows) if step == rules["begins"])
    stop = next((t for step, t, _ in rows[place + 1 :] if step in rules["stops"]), None)
    if stop is not None and moment >= stop:
        return "after the clock has stopped"
    for pause in rules["pauses"]:
        for k, (step, begin, _) in enumerate(rows):
            if step == pause["from_step"] and begin <= moment:
                end = next((t for other, t, _ in rows[k + 1 :] if other == pause["to_step"]), None)
                if end is None or moment < end:
                    return "with the " + pause["whose"].replace("the ", "")
    known = [status for _, t, status in rows if t <= moment and status is not None]
    return "on hold" if known and known[-1] in held else "with us"


def random_log(cases, seed, **about):
    draw = np.random.default_rng(seed)
    steps = ["Complete", "Letter", "Answer", "To court", "From court", "Decided", "Check", "Withdrawn"]
    rows, status, of_case = [], [], {}
    for case in range(cases):
        at = np.sort(draw.integers(0, 400, draw.integers(1, 14)))
        own = [(str(draw.choice(steps)), int(t)) for t in at]
        own = [(step if k else str(draw.choice(["Received", "Complete"])), t) for k, (step, t) in enumerate(own)]
        said = [draw.choice(["in work", "on hold", "none"]) for _ in own]
        said = [None if one == "none" else str(one) for one in said]
        name = f"c{case:04}"
        of_case[name] = [(step, t, one) for (step, t), one in zip(own, said)]
        rows += [(name, step, str(np.datetime64("2026-03-20T00:00") + np.timedelta64(t, "h"))) for step, t in own]
        status += said
    known = {"clock": RULES, "suspended": {"column": "status", "values": ("on hold",)}, **about}
    offices = {"office": {name: ("North", "South")[k % 2] for k, name in enumerate(of_case)}}
    log = build(
        rows, cutoff="2026-04-10", ends=["Decided"], event_attributes={"status": status}, attributes=offices, **known
    )
    return log, of_case


def test_parts_are_those_of_asking_every_hour():
    log, of_case = random_log(150, 3)
    table = service_cases(log).set_index("case")
    start = micros("2026-03-20")
    for name, rows in of_case.items():
        first, last = ((int(one.value) // 1_000 - start) / HOUR for one in table.loc[name, ["arrival", "until"]])
        truth = dict.fromkeys(table.columns[3:], 0)
        for hour in range(round(first), round(last)):  # an open case is watched to a microsecond before midnight
            truth[asked(rows, RULES, ("on hold",), hour)] += 1
        found = table.loc[name, list(truth)] / np.timedelta64(1, "h")
        np.testing.assert_allclose(found.to_numpy(float), list(truth.values()), atol=1e-9, err_msg=name)


def test_the_clock_reads_what_is_with_us_and_never_falls():
    log, _ = random_log(300, 4)
    clock = service_clock(log)
    case = np.repeat(np.arange(len(log)), 50)
    share = np.tile(np.linspace(0, 1, 50), len(log))
    moment = log.arrival[case] + ((log.until - log.arrival)[case] * share).astype(np.int64)
    read = clock.read(moment, case, log).reshape(-1, 50)
    assert (np.diff(read, axis=1) >= 0).all() and (read[:, 0] == 0).all()
    assert (np.diff(read, axis=1) <= np.diff(moment.reshape(-1, 50), axis=1)).all()
    ours = service_cases(log)["with us"].to_numpy("m8[us]").astype(np.int64)
    np.testing.assert_array_equal(read[:, -1], ours)
    late = clock.read(log.until + 90 * DAY, np.arange(len(log)), log)
    np.testing.assert_array_equal(late, ours)  # it stands after the end of watching


def test_in_a_window_the_clock_counts_the_time_inside():
    log, _ = random_log(60, 5)
    clock = service_clock(log)
    whole = procmine.bottlenecks(log, clock=clock)
    months = procmine.bottlenecks(log, clock=clock, period="month")
    assert whole.rows["share"].sum() == pytest.approx(1) and len(set(months.rows["month"])) == 2


def test_the_result_sums_to_the_whole_and_its_shares_to_one():
    log, _ = random_log(400, 6, calendars={"default": {"hours": WEEK}})
    for answer in (service_times(log), service_times(log, clock=OfficeHours({"a": Calendar(WEEK)}))):
        rows, table = answer.rows, service_cases(log)
        assert rows["share"].sum() == pytest.approx(1, abs=1e-12)
        whole = (log.until - log.arrival).sum()
        assert rows["total"].astype(np.int64).sum() == round(whole / 1e6)
        for name, total, mean, cases in zip(rows["part"], rows["total"], rows["mean"], rows["cases"]):
            part = table[name].to_numpy("m8[us]").astype(np.int64)
            assert abs(part.sum() / 1e6 - total.astype(np.int64)) <= 1 and cases == (part > 0).sum()
            assert abs(part.mean() / 1e6 - mean.astype(np.int64)) <= 1
        assert (rows["n"] == 400).all() and (rows["open"] == log.open.sum()).all()
        side = {name: rows["share"][rows["whose"] == name].sum() for name in set(rows["whose"])}
        for name, share in zip(rows["whose"], rows["side_share"]):
            assert share == pytest.approx(side[name])


def test_ranges_are_those_of_weekly_sums_made_by_pandas():
    """How often such ranges hold the truth is tested where they are made (test_truth)."""
    log, _ = random_log(500, 8)
    log = replace(log, arrival=log.arrival - 7 * DAY * np.random.default_rng(8).integers(0, 40, len(log)))
    rows, table = service_times(log).rows, service_cases(log)
    seconds = table.iloc[:, 4:].apply(lambda column: column.dt.total_seconds())
    monday = (table["arrival"] - pd.Timestamp("1970-01-05")).dt.days // 7
    weekly = seconds.groupby(monday).sum()
    share, low, high = EntryWeeks(weekly.index.to_numpy(), weekly.to_numpy()).shares()
    assert len(weekly) > 20
    for name, told in (("share", share), ("low", low), ("high", high)):
        np.testing.assert_allclose(rows[name], told, rtol=1e-9)
    both = weekly.T.groupby(rows["whose"]).sum().T
    share, low, high = EntryWeeks(both.index.to_numpy(), both.to_numpy()).shares()
    for k, whose in enumerate(both):
        here = rows["whose"] == whose
        np.testing.assert_allclose(rows["side_low"][here], low[k], rtol=1e-9)
        np.testing.assert_allclose(rows["side_high"][here], high[k], rtol=1e-9)


def test_by_office_and_by_month_each_is_its_cases_alone_and_shards_equal_memory(tmp_path):
    log, _ = random_log(200, 7, calendars={"North": {"hours": WEEK}, "South": {"hours": {"monday": "08:00-12:00"}}},
                        calendar_by="office")  # fmt: skip
    whole = service_times(log, by=["office"])
    for name, part in whole.parts().items():
        alone = service_times(log.where({"office": name}))
        for column in ("total", "cases", "n", "mean"):
            np.testing.assert_array_equal(part.rows[column], alone.rows[column])
    folder = save(log, tmp_path / "log", shards=4)
    for by, period in (((), None), (["office"], "month")):
        one, two = (service_times(held, by=by, period=period).rows for held in (log, folder))
        for column in ("part", "total", "cases", "n", "mean"):
            np.testing.assert_array_equal(one[column], two[column])
        np.testing.assert_allclose(one["share"], two["share"], rtol=1e-9)
    clock = pickle.loads(pickle.dumps(service_clock(log, working=True)))
    assert clock.columns == ("status", "office")
    for ask in (procmine.cycle_times, procmine.survival):
        assert str(ask(folder, clock=clock)) == str(ask(log, clock=clock))


def test_the_split_is_in_true_hours_also_where_offices_days_differ():
    short = {"hours": {"monday": "09:00-13:00"}}
    log = made(clock=RULES, calendars={"North": {"hours": WEEK}, "South": short}, calendar_by="office")
    table = service_cases(log).set_index("case")
    assert table.loc["3", "with us in opening hours"] == np.timedelta64(8, "h")  # two Mondays of four hours
    assert table.loc["1", "with us in opening hours"] == np.timedelta64(37, "h")


def test_what_cannot_be_told_is_refused(six, office):
    with pytest.raises(LogError, match=r"no rules for a service clock.*clock: \{begins"):
        service_clock(six)
    with pytest.raises(LogError, match="neither rules for a service clock nor opening hours"):
        service_times(six)
    log = made(clock=RULES)
    with pytest.raises(LogError, match="Steps were left out"):
        service_times(log.only_activities(["Complete", "Decided"]))
    with pytest.raises(LogError, match="Steps were left out"):
        procmine.cycle_times(log.only_activities(["Complete", "Decided"]), clock=service_clock(log))
    wrong = {**RULES, "stops": ["Decidd"]}
    with pytest.raises(LogError, match=r"service clock.*No step 'Decidd'.*Did you mean 'Decided'"):
        service_clock(made(clock=wrong))
    with pytest.raises(LogError, match=r"'office' belongs to cases, so it does not say from when"):
        service_clock(made(suspended={"column": "office", "values": ("North",)}))
    with pytest.raises(LogError, match="no calendars"):
        service_clock(log, working=True)
    with pytest.raises(ValueError, match="opening hours"):
        service_times(log, clock=service_clock(log))


def test_answers_say_the_largest_first_and_a_picture_is_drawn(tmp_path):
    log, _ = random_log(300, 9, calendars={"default": {"hours": WEEK}})
    answer = service_times(log)
    said = answer.sentences()
    largest = answer.rows["part"][np.argmax(answer.rows["share"])]
    assert said[0].startswith(
        f"Of every 10 days that a case takes, {10 * answer.rows['share'].max():.1f} pass {largest}, "
    )
    assert "300 cases, on average" in said[2] and answer.day == 86_400
    for one, bars in ((answer, 1), (service_times(log, by=["office"]), 2)):
        axes = one.plot()
        assert len(axes.containers) == 7 and all(len(held) == bars for held in axes.containers)
        ends = [patch.get_x() + patch.get_width() for patch in axes.containers[-1]]
        np.testing.assert_allclose(ends, 1)
        one.save(tmp_path / "picture.png")
    none = service_times(log.between("2030-01-01", "2030-02-01"))
    assert none.sentences()[0] == "No time passes in these cases." and none._repr_html_()


def test_stages_may_stand_for_steps():
    log = made(clock={"begins": "Complete", "stops": ["Done"]}, stages={"Done": ("Decided", "Withdrawn")})
    alike = made(clock={"begins": "Complete", "stops": ["Decided", "Withdrawn"]})
    one, two = (held.times(service_clock(held)) for held in (log, alike))
    np.testing.assert_array_equal(one.until - one.arrival, two.until - two.arrival)


def test_a_step_may_end_the_pause_that_it_began_the_time_before():
    rows = [("1", "Start", "2026-03-02"), ("1", "Reminder", "2026-03-04"), ("1", "Reminder", "2026-03-09")]
    log = build([*rows, ("1", "End", "2026-03-10")], cutoff="2026-03-31", ends=["End"])
    times = log.times(ServiceClock(Rules(pauses=(Pause("Reminder", "Reminder"), Pause("Start", "Reminder")))))
    assert (times.until - times.arrival).tolist() == [0]  # the second reminder begins a pause without an end
    once = log.times(ServiceClock(Rules(pauses=(Pause("Start", "Reminder"),))))
    assert (once.until - once.arrival).tolist() == [6 * DAY]


def test_rules_may_be_made_by_hand():
    log = made()
    clock = ServiceClock(Rules("Complete", ("Decided",), (Pause("Letter", "Answer", "applicant"),)), CALENDAR_TIME)
    spent = procmine.cycle_times(log, clock=clock).rows
    assert spent["n"][0] == 3 and ServiceSummary(clock.rules).parts[0].name == "before the clock begins"
    empty = replace(log, about=replace(log.about)).between("2030-01-01", "2030-02-01")
    assert len(empty.times(clock).time) == 0


def test_a_party_named_with_and_without_the_article_is_one():
    pauses = [dict(one) for one in RULES["pauses"]]
    pauses[0]["whose"], pauses[1]["whose"] = "the applicant", "applicant"
    table = service_cases(made(clock={**RULES, "pauses": pauses}))
    parts = [name for name in table if name not in ("case", "arrival", "until", "open")]
    assert parts.count("with the applicant") == 1
    assert (table[parts].sum(axis=1) == table["until"] - table["arrival"]).all()


def test_standards_read_the_same_pauses_and_none_of_a_log_whose_steps_were_left_out():
    log = made(clock=RULES, suspended=HELD)
    rules = rules_of(log.about)
    case, begin, end = paused(log)
    stood = np.bincount(case, (np.minimum(end, log.until[case]) - begin) / HOUR, len(log))
    told = Rules(None, (), rules.pauses, rules.on_hold).cut(log)  # the clock runs from arrival on and never stops
    here = told.state >= 2
    here &= told.state < rules.running
    by_state = np.bincount(told.case[here], (told.end - told.begin)[here] / HOUR, len(log))
    np.testing.assert_allclose(stood, by_state)
    with pytest.raises(LogError, match="left out"):
        paused(log.only_activities(["Complete", "Decided"]))
