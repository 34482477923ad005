"""Causes of waiting against a brute-force count, offices whose every minute is known, and identities."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from worlds_causes import CAUSES, MONDAY, Office, Role, Step, always, arrivals, nine_to_five

import procmine
from procmine.find.waits.calendars import open_week
from procmine.find.waits.parts import parties_of, split_waits
from procmine.kernels.causes import NONE, Busy, Read, busy_within, crowd, least_over, runs, sum_below
from procmine.log import LogError

COLUMNS = procmine.Columns(case="case", activity="activity", start="start", timestamp="end", resource="clerk")
MINUTE = 60_000_000


def read(frame, **given):
    return procmine.read(frame, **{"columns": COLUMNS, "ends": "every case", **given})


def table(rows):
    """Rows of (case, activity, start, end, clerk), times as "09:30" on a Monday or with a day: "2 09:30"."""

    def moment(text):
        day, _, clock = text.rpartition(" ")
        return MONDAY + np.timedelta64(int(day or 0), "D") + np.timedelta64(int(clock[:2]) * 60 + int(clock[3:]), "m")

    columns = ["case", "activity", "start", "end", "clerk"]
    return pd.DataFrame([(c, a, moment(s), moment(e), who) for c, a, s, e, who in rows], columns=columns)


def minutes(answer, place=""):
    rows = answer.frame
    rows = rows[rows["place"] == place]
    return {cause: total / pd.Timedelta("1min") for cause, total in zip(rows["cause"], rows["total"]) if total.value}


# -- kernels -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_sums_below_a_rank(seed):
    draw = np.random.default_rng(seed)
    n = [0, 1, 7, 60, 200][seed]
    rank, value = draw.integers(0, 40, n), draw.integers(0, 10**9, n)
    low = draw.integers(0, n + 1, 50)
    high = np.array([draw.integers(one, n + 1) for one in low])
    limit = draw.integers(0, 45, 50)
    true = [value[a:b][rank[a:b] < k].sum() for a, b, k in zip(low, high, limit)]
    np.testing.assert_array_equal(sum_below(rank, value, low, high, limit), true)


def test_least_of_covering_stretches():
    draw = np.random.default_rng(1)
    first = draw.integers(0, 100, 60)
    after = np.minimum(first + draw.integers(0, 30, 60), 100)
    value = draw.integers(0, 1_000, 60)
    true = [min([v for a, b, v in zip(first, after, value) if a <= k < b], default=NONE) for k in range(100)]
    np.testing.assert_array_equal(least_over(first, after, value, 100), true)


@pytest.mark.parametrize("seed", range(4))
def test_busy_time_is_that_of_a_count_minute_by_minute(seed):
    draw = np.random.default_rng(seed)
    n = 60
    lane, begin = draw.integers(0, 3, n), draw.integers(0, 150, n)
    end, rank = begin + draw.integers(0, 20, n), draw.integers(0, 30, n)
    busy = Busy.of(lane, begin, end, rank)
    who, since = draw.integers(0, 4, 40), draw.integers(0, 160, 40)
    until, limit = since + draw.integers(0, 60, 40), draw.integers(0, 32, 40)
    read = Read(busy.left, busy.right, since, until)
    for below in (None, limit):
        true = [
            len({minute for one in range(n) if lane[one] == who[k] and (below is None or rank[one] < below[k])
                 for minute in range(max(begin[one], since[k]), min(end[one], until[k]))})
            for k in range(40)
        ]  # fmt: skip
        np.testing.assert_array_equal(busy_within(busy, who, since, until, read, below), true)
    others = [np.sum((lane == lane[k]) & (begin < begin[k]) & (end > begin[k])) for k in range(n)]
    np.testing.assert_array_equal(crowd(lane, begin, end), others)


def test_runs_by_hand():
    group = np.array([0, 0, 0, 0, 1, 1])
    enabled = np.array([0, 5, 30, 41, 0, 0])
    begin, end = np.array([10, 20, 30, 45, 10, 25]), np.array([20, 30, 40, 50, 20, 30])
    # the third became possible after the run's beginning; the sixth began five after the end of the fifth
    np.testing.assert_array_equal(runs(group, enabled, begin, end, 0), [0, 0, 1, 2, 3, 4])
    np.testing.assert_array_equal(runs(group, enabled, begin, end, 5), [0, 0, 1, 2, 3, 3])


def test_hours_are_read_as_finely_as_the_moments_allow():
    draw = np.random.default_rng(2)
    week = np.arange(7 * 96)
    true = (week < 5 * 96) & (week % 96 >= 36) & (week % 96 < 68)  # Monday to Friday, 9 to 17
    for weeks, n in ((3, 0), (30, 6_000), (30, 700), (30, 120)):
        if not n:
            assert open_week(draw.choice(week[true], 500) - 3 * 96) is None  # one week is no week
            continue
        moments = draw.choice(week[true], n) + draw.integers(0, weeks, n) * 7 * 96 - 3 * 96
        np.testing.assert_array_equal(open_week(moments), true)
    few = draw.choice(week[true], 40) + draw.integers(0, 30, 40) * 7 * 96 - 3 * 96
    assert open_week(few) is None
    at_any_time = draw.choice(week, 9_000) + draw.integers(0, 30, 9_000) * 7 * 96 - 3 * 96
    assert open_week(at_any_time).all()


# -- by hand -------------------------------------------------------------------------------------------------------


def test_busy_with_what_came_first_and_with_what_came_later():
    rows = [("a", "In", "08:00", "09:00", "x"), ("a", "Do", "09:00", "10:00", "Ann")]
    rows += [("b", "In", "08:00", "09:10", "y"), ("b", "Do", "11:00", "12:00", "Ann")]
    rows += [("c", "In", "08:00", "09:30", "z"), ("c", "Do", "10:00", "10:40", "Ann")]
    answer = procmine.causes(read(table(rows)))
    # b, possible at 9:10: a until 10:00 came first, c until 10:40 came later, 20 minutes nobody knows why; c: a until 10:00
    assert minutes(answer) == {"contention": 50 + 30, "prioritisation": 40, "unexplained": 20}
    assert minutes(answer, "Do") == minutes(answer) and "In" not in answer.rows["place"]
    whole = answer.frame.set_index(["place", "cause"])
    assert whole.loc[("", "contention"), "delayed"] == 2 and whole.loc[("", "contention"), "n"] == 3
    work = 60 + 60 + 70 + 60 + 90 + 40
    assert whole.loc[("", "contention"), "share_worked"] == pytest.approx(work / (work + 140))
    assert whole.loc[("", "contention"), "share_worked_without"] == pytest.approx(work / (work + 60))
    assert whole.loc[("", "prioritisation"), "share"] == pytest.approx(40 / 140)
    assert whole.loc[("", "contention"), "mean"] == pd.Timedelta(minutes=80 / 3)
    moves = procmine.causes(read(table(rows)), per="transition")
    assert minutes(moves, "In → Do") == minutes(answer)


def test_what_was_possible_at_the_same_moment_came_first():
    rows = [(case, "In", "08:00", "09:00", f"desk {case}") for case in "ab"]
    rows += [("a", "Do", "09:00", "10:00", "Ann"), ("b", "Other", "10:00", "10:30", "Ann")]
    assert minutes(procmine.causes(read(table(rows)))) == {"contention": 60}


def test_hours_are_those_of_the_wall_clock_also_when_clocks_change():
    """At work 9 to 17 by the wall clock of Vilnius; a case is ready on Fridays at 16:00, and taken up on Mondays at 9:30."""
    zone, rows = "Europe/Vilnius", []
    for week in range(40):
        for hour in range(7 * 24):
            if hour // 24 < 5 and 9 <= hour % 24 < 17:
                at = 60 * (168 * week + hour) + (7 * week + 5 * hour) % 50
                rows += [(f"{week} {hour}", "In", at, at + 4, "Ann"), (f"{week} {hour}", "Do", at + 4, at + 9, "Ann")]
        friday, monday = (60 * (168 * week + hour) for hour in (4 * 24 + 16, 7 * 24 + 9))
        rows += [(f"x{week}", "In", friday - 5, friday, "Bo"), (f"x{week}", "Late", monday + 30, monday + 39, "Ann")]
    frame = pd.DataFrame(rows, columns=["case", "activity", "start", "end", "clerk"])
    for name in ("start", "end"):
        wall = pd.Series(MONDAY + frame[name].to_numpy().astype("m8[m]"))
        frame[name] = wall.dt.tz_localize(zone).dt.tz_convert("UTC")
    log = read(frame)
    log = replace(log, about=replace(log.about, zone=zone))
    assert log.about.axis == "instant"
    told = minutes(procmine.causes(log), "Late")
    forward = 60  # the clocks were put forward over one of these weekends, and back after the last
    assert told["unavailability"] == 40 * 64 * 60 - forward
    assert sum(told.values()) == 40 * (65 * 60 + 30) - forward


@pytest.mark.parametrize("together", [True, False])
def test_a_batch_waits_for_its_last(together):
    ends = ["13:00"] * 3 if together else ["12:20", "12:40", "13:00"]
    starts = ["12:00"] * 3 if together else ["12:00", "12:20", "12:40"]
    rows = []
    for case, ready, start, end in zip("abc", ("09:00", "10:00", "11:30"), starts, ends):
        rows += [(case, "In", "08:00", ready, f"desk {case}"), (case, "Sign", start, end, "Bo")]
    answer = minutes(procmine.causes(read(table(rows))))
    after = {"unexplained": 3 * 30} if together else {"unexplained": 3 * 30, "contention": 20 + 2 * 20}
    assert answer == {"batching": 150 + 90, **after}


def test_one_after_another_is_no_batch_where_the_clerk_was_busy_all_along():
    rows = [("z", "In", "07:00", "08:00", "d"), ("z", "Long", "08:00", "12:00", "Bo")]
    for case, ready, start, end in zip("abc", ("09:00", "10:00", "11:30"), ("12:00", "12:20", "12:40"), "abc"):
        end = {"a": "12:20", "b": "12:40", "c": "13:00"}[end]
        rows += [(case, "In", "08:00", ready, f"desk {case}"), (case, "Sign", start, end, "Bo")]
    assert minutes(procmine.causes(read(table(rows)))) == {"contention": 180 + 140 + 70}


def test_what_is_elsewhere_is_told_by_step():
    rows = [
        ("a", "In", "08:00", "09:00", "x"),
        ("a", "Papers", "11:00", "11:30", "y"),
        ("a", "Do", "12:00", "13:00", "x"),
    ]
    log = read(table(rows), tags={"Do": "another party"})
    answer = procmine.causes(log, tags={"Papers": "applicant"})
    assert minutes(answer) == {"applicant": 120, "another party": 30}
    assert "with: applicant" in answer.shown()["cause"] and "applicant" in answer.sentences()[0]
    with pytest.raises(ValueError, match="no party"):
        procmine.causes(log, tags={"Papers": "contention"})
    with pytest.raises(LogError, match="Did you mean 'Papers'"):
        procmine.causes(log, tags={"Paper": "applicant"})


def test_a_team_under_one_name_is_never_just_busy():
    rows = []
    for k in range(12):
        rows += [
            (f"c{k}", "In", "08:00", f"09:{k:02}", f"d{k}"),
            (f"c{k}", "Do", f"10:{k:02}", f"12:{59 - k:02}", "team"),
        ]
    answer = procmine.causes(read(table(rows)))
    told = minutes(answer)
    assert "contention" not in told and "prioritisation" not in told
    busy = sum(range(12))  # the k-th began k minutes after the first
    assert told == {"cannot tell": busy, "unexplained": 12 * 60 - busy}
    assert any("several things at once" in line for line in answer.sentences())


def test_without_resources_nobody_is_busy():
    world = office(nine_to_five, weeks=12)
    frame = world.frame().drop(columns=["clerk", "unit"])
    log = procmine.read(frame, columns=replace(COLUMNS, resource=None), ends="every case")
    told = minutes(procmine.causes(log))
    assert set(told) == {"unavailability", "cannot tell"}
    waits = split_waits(log, None, {}, procmine.clocks.CALENDAR_TIME)
    assert sum(told.values()) == waits.wait[waits.known].sum() / MINUTE
    some = world.frame()
    some.loc[::2, "clerk"] = None
    answer = procmine.causes(read(some))
    assert {"contention", "cannot tell"} <= set(minutes(answer))
    assert any("do not say who did them" in line for line in answer.sentences())


def test_the_hours_of_the_spec_come_first():
    rows = [("a", "In", "16:00", "16:30", "x"), ("a", "Do", "1 09:30", "1 10:00", "y")]
    log = read(table(rows))
    hours = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-17:00")
    log = replace(log, about=replace(log.about, calendars={"default": {"hours": hours}}))
    answer = procmine.causes(log)
    assert minutes(answer) == {"unavailability": 15 * 60, "unexplained": 30 + 90}
    assert any("log's calendars" in line for line in answer.sentences())
    on_clock = procmine.causes(log, clock=procmine.WorkingTime(8, 17))
    assert minutes(on_clock) == {"unexplained": 120}
    assert "working day" in on_clock.sentences()[0] or "hour" in on_clock.sentences()[0]


def test_offices_have_hours_of_their_own():
    rows = [("a", "In", "11:00", "12:00", "x"), ("a", "Do", "14:00", "14:30", "Ann")]
    rows += [("b", "In", "11:00", "12:00", "x"), ("b", "Do", "15:00", "15:30", "Ann")]
    frame = table(rows)
    frame["office"] = ["North" if case == "a" else "South" for case in frame["case"]]
    log = procmine.read(frame, columns=replace(COLUMNS, attributes=("office",), event_attributes=()), ends="every case")
    lunch = {"North": {"hours": {"monday": "08:00-12:30, 13:30-17:00"}}, "South": {"hours": {"monday": "08:00-17:00"}}}
    log = replace(log, about=replace(log.about, calendars=lunch, calendar_by="office"))
    answer = procmine.causes(log, by=["office"])
    parts = answer.parts()
    assert minutes(parts["North"]) == {"unavailability": 60, "unexplained": 60}
    assert minutes(parts["South"]) == {"contention": 30, "unexplained": 150}
    with pytest.raises(LogError, match="differently in different cases"):
        procmine.causes(log, clock=procmine.clocks.office_hours(log))


# -- offices whose every minute is known ---------------------------------------------------------------------------


def office(hours=always, weeks=26, seed=1, per_day=None, **clerk):
    steps = [Step("In", "desk", 3), Step("Check", "clerk", 40), Step("Out", "desk", 3)]
    roles = {"desk": Role(8), "clerk": Role(**{"servers": 2, "hours": hours, **clerk})}
    per_day = per_day or {always: 26, nine_to_five: 8}[hours] * roles["clerk"].servers
    return Office(roles, steps, arrivals(weeks, per_day, seed), seed).run()


def everything(seed, hours=always, weeks=26):
    """Batches, queues, newest first, hours and delays in one office."""
    steps = [Step("In", "desk", 3), Step("Check", "clerk", 40), Step("Letter", "mail", 10)]
    steps += [Step("Ask", "asker", 10, delay=400), Step("Decide", "boss", 25)]
    roles = {"desk": Role(8), "clerk": Role(2, nine_to_five), "mail": Role(1, nine_to_five, batch=6)}
    roles |= {"asker": Role(4, hours), "boss": Role(1, nine_to_five, newest_first=True)}
    return Office(roles, steps, arrivals(weeks, 12, seed, hours), seed).run()


def delayed(seed, servers, weeks=26):
    steps = [
        Step("In", "desk", 3),
        Step("Check", "clerk", 20 if servers > 1 else 40, delay=600),
        Step("Out", "desk", 3),
    ]
    return Office({"desk": Role(8), "clerk": Role(servers)}, steps, arrivals(weeks, 20, seed), seed).run()


WORLDS = {
    "busy": lambda seed: office(seed=seed),
    "newest first": lambda seed: office(seed=seed, servers=1, newest_first=True),
    "hours": lambda seed: office(nine_to_five, seed=seed, servers=3),
    "batches, one after another": lambda seed: office(seed=seed, per_day=15, servers=1, batch=5),
    "batches together": lambda seed: office(seed=seed, servers=1, batch=6, together=True),
    "delays": lambda seed: delayed(seed, 3),
    "delays, busy": lambda seed: delayed(seed, 1),
    "all at once": lambda seed: everything(seed),
    "all at once, in office hours": lambda seed: everything(seed, nine_to_five),
}


def compared(world):
    """Per cause: its true and its found share of all waiting, in points."""
    true = world.truth()
    found = minutes(procmine.causes(read(world.frame())))
    found["external"] = found.pop("unexplained", 0.0)
    assert sum(found.values()) == sum(true.values())  # no minute lost
    whole = sum(true.values())
    return {cause: (100 * true[cause] / whole, 100 * found.get(cause, 0.0) / whole) for cause in CAUSES}


@pytest.mark.parametrize("name", ["busy", "newest first", "batches together", "all at once"])
def test_shares_of_known_offices(name):
    for cause, (true, found) in compared(WORLDS[name](7)).items():
        assert abs(true - found) <= 5, (cause, true, found)


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("seed", range(20, 23))
def test_shares_of_many_known_offices(name, seed):
    for cause, (true, found) in compared(WORLDS[name](seed)).items():
        assert abs(true - found) <= 5, (cause, true, found)


def test_an_office_in_which_nobody_waits():
    steps = [Step("In", "desk", 3), Step("Check", "clerk", 10), Step("Out", "desk", 3)]
    world = Office({"desk": Role(20), "clerk": Role(20)}, steps, arrivals(10, 10, 3), 3).run()
    answer = procmine.causes(read(world.frame()))
    assert minutes(answer) == {} and "No event waits" in answer.sentences()[0]
    assert set(answer.rows["place"]) == {""}


# -- identities ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def known():
    world = everything(3, weeks=12)
    frame = world.frame()
    frame["office"] = [("North", "South", None)[int(case[1:]) % 3] for case in frame["case"]]
    columns = replace(COLUMNS, attributes=("office",), event_attributes=("unit",))
    return procmine.read(frame, columns=columns, ends="every case"), frame, columns


@pytest.mark.parametrize("clock", [procmine.clocks.CALENDAR_TIME, procmine.WorkingTime()])
def test_parts_add_up_to_each_wait_and_none_is_negative(known, clock):
    log = known[0]
    waits = split_waits(log, log.event_attributes["clerk"], {"Ask": "court"}, clock)
    assert waits.parts.dtype == np.int64 and waits.parts.min() >= 0
    np.testing.assert_array_equal(waits.parts.sum(axis=0), waits.wait)
    since = procmine.see.enabling.enabled(log, waits.since)
    zero = np.zeros(len(since), np.int64)
    np.testing.assert_array_equal(waits.wait, clock.read(log.start, zero, log) - clock.read(since, zero, log))
    answer = procmine.causes(log, clock=clock, tags={"Ask": "court"})
    whole = answer.rows["total"][answer.rows["place"] == ""]
    assert whole.sum() == np.timedelta64(int(waits.wait[waits.known].sum()), "us")
    assert answer.rows["total"][answer.rows["place"] != ""].sum() == whole.sum()
    assert answer.rows["share"][answer.rows["place"] != ""].sum() == pytest.approx(1)


@pytest.mark.parametrize("seed", range(3))
def test_any_log_whatever_adds_up(seed):
    draw = np.random.default_rng(seed)
    n = 400
    start = draw.integers(0, 40 * 1_440, n)
    rows = {"case": draw.integers(0, 60, n).astype(str), "activity": draw.choice(list("ABCD"), n)}
    rows["start"] = MONDAY + start.astype("m8[m]")
    rows["end"] = rows["start"] + (draw.exponential(200, n) * (draw.random(n) < 0.8)).astype("m8[m]")
    rows["clerk"] = draw.choice(["x", "y", "z", None], n)
    log = read(pd.DataFrame(rows))
    waits = split_waits(log, log.event_attributes["clerk"], {}, procmine.clocks.CALENDAR_TIME)
    assert waits.parts.min() >= 0
    np.testing.assert_array_equal(waits.parts.sum(axis=0), waits.wait)


def test_the_order_of_the_rows_and_the_names_of_cases_do_not_matter(known):
    log, frame, columns = known
    shuffled = frame.sample(frac=1, random_state=4)
    shuffled["case"] = "z" + shuffled["case"].str[::-1]
    again = procmine.read(shuffled, columns=columns, ends="every case")
    one, two = (procmine.causes(each).frame.set_index(["place", "cause"])[["total", "n"]] for each in (log, again))
    pd.testing.assert_frame_equal(one.sort_index(), two.sort_index())


def test_groups_are_parts_of_the_whole(known):
    log = known[0]
    whole = procmine.causes(log).frame.set_index(["place", "cause"])
    groups = procmine.causes(log, by=["office"])
    assert list(dict.fromkeys(groups.rows["office"])) == ["(missing)", "North", "South"]
    added = groups.frame.groupby(["place", "cause"])[["total", "delayed"]].sum()
    pd.testing.assert_frame_equal(added, whole.loc[added.index, ["total", "delayed"]])
    assert any(line.startswith("North: Of every 10 days") for line in groups.sentences())


def test_ranges_hold_the_share_and_are_none_of_few_weeks(known):
    answer = procmine.causes(read(everything(3, weeks=30).frame()))
    rows = answer.frame[answer.frame["share"] > 0]
    assert ((rows["low"] <= rows["share"]) & (rows["share"] <= rows["high"])).all()
    assert (rows["high"] > rows["low"]).any()
    assert np.isnan(procmine.causes(known[0]).rows["low"]).all()


# -- people, refusals, words ---------------------------------------------------------------------------------------


def test_people_are_no_result(known):
    log = known[0]
    assert "clerk" in log.about.persons
    with pytest.raises(LogError, match="names people"):
        procmine.causes(log, per="clerk")
    with pytest.raises(LogError, match="no person"):
        procmine.causes(replace(log, about=replace(log.about, persons=(*log.about.persons, "office"))), by=["office"])
    answer = procmine.causes(log, per="unit")
    clerks = set(log.event_attributes["clerk"].levels.to_pylist())
    assert not clerks & set(map(str, answer.to_dict()["rows"]["place"]))
    # desk has 8; clerk 2, mail 1, asker 4 and boss 1 are told together
    assert set(answer.rows["place"]) <= {"", "desk", "(units of fewer than 5 people)"}
    assert any("4 units are told together" in line for line in answer.sentences())
    assert minutes(answer) == minutes(procmine.causes(log))
    units = log.event_attributes["unit"]
    codes = np.where(units.among(["desk"]), -1, units.codes)
    small = replace(log, event_attributes={**log.event_attributes, "unit": replace(units, codes=codes)})
    with pytest.raises(LogError, match="5 people or more"):
        procmine.causes(small, per="unit")


def test_few_people_are_hidden_whoever_is_taken_for_the_resource(known):
    log = known[0]
    judged = replace(log.about, persons=(*log.about.persons, "judge"), attributes=(*log.about.attributes, "judge"))
    for one in (log, replace(log, about=judged)):  # a person of cases, of whom no event is
        answer = procmine.causes(one, per="unit", resource="unit")
        assert set(answer.rows["place"]) <= {"", "desk", "(units of fewer than 5 people)"}


def test_units_are_told_together_until_they_are_five_different_people():
    """The same three clerks do the work of two units: six names in two units are still three people."""
    rows, clerks = [], {"mail": "abc", "scan": "abc", "desk": "defghi", "court": "jklmnop"}
    for unit, names in clerks.items():
        rows += [(f"{unit}{name}", "Do", f"{k} 09:00", f"{k} 10:00", name) for k, name in enumerate(names)]
    frame = table(rows).assign(unit=[unit for unit, names in clerks.items() for _ in names])
    log = read(frame, columns=replace(COLUMNS, event_attributes=("unit",)))
    answer = procmine.causes(log, per="unit")
    assert set(answer.rows["place"]) <= {"", "court", "(units of fewer than 5 people)"}
    assert any("3 units are told together" in line for line in answer.sentences())


def test_what_cannot_be_asked_is_refused(six, known):
    with pytest.raises(LogError, match="Steps were left out"):
        procmine.causes(known[0].only_activities(["Decide"]))
    with pytest.raises(LogError, match=r"one time for each event.*bottlenecks"):
        procmine.causes(six)
    with pytest.raises(LogError, match="per='desk'"):
        procmine.causes(known[0], per="desk")
    with pytest.raises(LogError, match="No attribute 'nobody'"):
        procmine.causes(known[0], resource="nobody")


@pytest.mark.parametrize("per", ["step", "transition"])
def test_of_no_cases_no_wait_is_told(known, per):
    answer = procmine.causes(known[0].take(np.empty(0, np.int64)), per=per)
    assert "The wait of no event is known" in answer.sentences()[0]


def test_dates_alone_tell_nobody_busy():
    days = [("a", "In", "2024-01-01", "2024-01-02"), ("a", "Do", "2024-01-05", "2024-01-06")]
    days += [("b", "In", "2024-01-01", "2024-01-02"), ("b", "Do", "2024-01-06", "2024-01-08")]
    frame = pd.DataFrame([(*one, "Ann") for one in days], columns=["case", "activity", "start", "end", "clerk"])
    assert minutes(procmine.causes(read(frame))) == {"cannot tell": (3 + 4) * 1_440}


def test_an_empty_log_and_pictures(known, tmp_path):
    log = known[0]
    none = log.between("1990-01-01", "1990-02-01")
    for by in ((), ("office",)):
        nothing = procmine.causes(none, by=by)
        assert nothing.sentences() and nothing._repr_html_() and nothing.to_dict()
    for answer in (procmine.causes(log), procmine.causes(log, by=["office"]), procmine.causes(log, per="transition")):
        assert answer.save(tmp_path / "causes.png").stat().st_size > 5_000
        assert answer._repr_html_() and str(answer) and answer.to_dict()
    answer.to_excel(tmp_path / "causes.xlsx")


def test_named_parties_are_steps_of_the_log(known):
    assert parties_of(known[0], {"Ask": "court"}) == {"Ask": "court"}
