"""Caseload, against counts by hand, a slow walk through the events, and identities."""

from itertools import pairwise

import numpy as np
import pytest
from logs import DAY, build, micros
from service_worlds import steady

import procmine
from procmine.find.service.caseload import Counting
from procmine.log import LogError

COUNTING = Counting(reopened=("Reopened",), inactive=("Warrant",), reactivated=("Arrested",), age=30)
ROWS = [
    *(("A", "Filed", "2024-01-01"), ("A", "Disposed", "2024-01-21")),  # 20 days
    *(("B", "Filed", "2024-01-11"), ("B", "Warrant", "2024-01-16"), ("B", "Note", "2024-01-20")),
    *(("B", "Arrested", "2024-02-10"), ("B", "Disposed", "2024-02-15")),  # 5 + 5 days active
    *(("C", "Filed", "2024-01-05"), ("C", "Disposed", "2024-01-10"), ("C", "Reopened", "2024-02-01")),
    *(("C", "Disposed", "2024-02-11"),),  # again, after 10 days
    *(("D", "Filed", "2024-01-31"), ("D", "Warrant", "2024-03-01")),  # 30 days active, then on hold
    ("E", "Filed", "2024-02-20"),  # pending to the end
    *(("F", "Filed", "2024-03-05"), ("F", "Warrant", "2024-03-06"), ("F", "Disposed", "2024-03-09")),
    *(
        ("G", "Filed", "2024-01-01"),
        ("G", "Disposed", "2024-01-02"),
        ("G", "Note", "2024-03-20"),
    ),  # a note reopens nothing
]
FLOWS = ("new", "reopened", "reactivated", "disposed", "reopened_disposed", "placed_inactive")


def court(rows=ROWS, cutoff="2024-03-31", **about):
    return build(rows, cutoff=cutoff, ends=["Disposed"], **about)


def table(answer):
    return answer.frame.set_index(next(iter(answer.rows)))


def test_a_court_by_hand():
    rows = table(procmine.caseload(court(), counting=COUNTING))
    assert list(rows.index) == ["2024-01", "2024-02", "2024-03"]
    # January: A B C D G came; A C G disposed, B put on hold. February: C reopened, B brought back, E came; both disposed.
    # March: F came, was put on hold and disposed from there (brought back in the same moment); D put on hold.
    assert rows[list(FLOWS)].values.tolist() == [[5, 0, 0, 3, 0, 1], [1, 1, 1, 1, 1, 0], [1, 0, 1, 1, 0, 2]]
    assert list(rows["incoming"]) == [5, 3, 2] and list(rows["outgoing"]) == [4, 2, 3]
    assert list(rows["pending_begin"]) == [0, 1, 2] and list(rows["pending_end"]) == [1, 2, 1]
    assert list(rows["inactive_end"]) == [1, 0, 1]
    assert list(rows["clearance"]) == pytest.approx([4 / 5, 2 / 3, 3 / 2])
    day = np.timedelta64(1, "D")
    assert list(rows["disposition_time"] / day) == pytest.approx([1 / 3 * 31, 2 / 2 * 29, 1 / 1 * 31])


def test_ages_leave_out_time_on_hold_and_begin_anew_when_reopened():
    rows = table(procmine.caseload(court(), counting=COUNTING))
    day = np.timedelta64(1, "D")
    # disposed in February: B after 10 active days, C 10 days after it was reopened
    assert rows.loc["2024-02", "time_p50"] == 10 * day and rows.loc["2024-02", "time_p80"] == 10 * day
    assert rows.loc["2024-01", "time_p50"] == 5 * day  # of 20, 5 and 1
    # pending at the end: D is 1 day old in January; D 30 and E 10 in February; E 41 in March
    assert rows.loc["2024-01", "age_p50"] == 1 * day
    assert rows.loc["2024-02", "age_p50"] == 20 * day
    assert rows.loc["2024-03", "age_p50"] == 41 * day
    assert list(rows["share_old"]) == [0, 0, 1]
    # case-days: January A 20 + B 5 + C 5 + D 1 + G 1; February B 5 + C 10 + D 29 + E 10; March E 31 + F 1
    assert list(rows["pending_mean"]) == pytest.approx([32 / 31, 54 / 29, 32 / 31])
    assert list(rows["each"] / day) == pytest.approx([32 / 5, 54 / 3, 32 / 2])


def test_nothing_named_means_any_step_reopens():
    rows = table(procmine.caseload(court()))
    assert list(rows["reopened"]) == [0, 1, 1]  # C in February, and G by its note in March
    assert list(rows["pending_end"] - rows["pending_begin"]) == list(rows["incoming"] - rows["outgoing"])
    assert (rows["inactive_end"] == 0).all()


def walk(log, counting):  # noqa: C901
    """Every case's states one event after the other: (moment, kind of move), and spells (begin, end, state)."""
    names, ends = log.about.activities, set(log.about.ends)
    moves, spells = [], []
    for case in range(len(log)):
        state, since, again = "active", int(log.arrival[case]), False
        moves.append((since, "new"))
        for place in range(log.offset[case], log.offset[case + 1]):
            step, time, was = names[log.activity[place]], int(log.time[place]), state
            if step in ends:
                state = "disposed"
            elif was == "disposed":
                opens = step in counting.reopened if counting.reopened else True
                state = ("inactive" if step in counting.inactive else "active") if opens else "disposed"
            elif step in counting.inactive:
                state = "inactive"
            elif was == "inactive":
                wakes = step in counting.reactivated if counting.reactivated else True
                state = "active" if wakes else "inactive"
            if was == "disposed" and state != "disposed":
                moves.append((time, "reopened"))
                again = True
            if was == "inactive" and state != "inactive":
                moves.append((time, "reactivated"))
            if was != "disposed" and state == "disposed":
                moves.append((time, "reopened_disposed" if again else "disposed"))
            if was != "inactive" and state == "inactive":
                moves.append((time, "placed_inactive"))
            spells.append((since, time, was))
            since = time
        if state != "disposed" and not log.open[case]:
            spells.append((since, int(log.until[case]), state))
            moves.append((int(log.until[case]), "reopened_disposed" if again else "disposed"))
            state, since = "disposed", int(log.until[case])
        spells.append((since, log.about.cutoff + 1, state))
    return moves, spells


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize(
    "counting", [Counting(), COUNTING, Counting(inactive=("Warrant",)), Counting(reopened=("Note",))]
)
def test_random_logs_equal_a_slow_walk(seed, counting):
    draw = np.random.default_rng(seed)
    steps = ["Filed", "Note", "Warrant", "Arrested", "Disposed", "Reopened"]
    first = micros("2024-01-01")
    rows = [("z", step, "2024-01-01") for step in steps]  # so that the log knows every step
    for case in range(40):
        times = first + np.sort(draw.integers(0, 200, draw.integers(1, 9))) * DAY
        rows += [(f"c{case:02}", steps[draw.integers(0, 6)], str(np.datetime64(int(time), "us"))) for time in times]
    log = court(rows, cutoff="2024-07-25")
    answer = procmine.caseload(log, counting=counting)
    moves, spells = walk(log, counting)
    edges = [micros(f"2024-{month:02}-01") for month in range(1, 8)] + [log.about.cutoff + 1]
    for row, (begin, end) in enumerate(pairwise(edges)):
        for name in FLOWS:
            assert answer.rows[name][row] == sum(begin <= time < end and kind == name for time, kind in moves), name
        for name, state in (("pending_end", "active"), ("inactive_end", "inactive")):
            assert answer.rows[name][row] == sum(one < end <= two and of == state for one, two, of in spells)
        spent = sum(max(min(two, end) - max(one, begin), 0) for one, two, of in spells if of == "active")
        assert answer.rows["pending_mean"][row] == pytest.approx(spent / (end - begin))


def held(answer):
    rows = answer.rows
    np.testing.assert_array_equal(rows["pending_end"], rows["pending_begin"] + rows["incoming"] - rows["outgoing"])
    np.testing.assert_array_equal(rows["pending_begin"][1:], rows["pending_end"][:-1])
    inactive = np.concatenate(([0], rows["inactive_end"][:-1]))
    np.testing.assert_array_equal(rows["inactive_end"], inactive + rows["placed_inactive"] - rows["reactivated"])
    assert rows["pending_begin"][0] == 0


@pytest.mark.parametrize("period", ["month", "quarter", "year"])
def test_what_is_pending_adds_up(office, period):
    held(procmine.caseload(office, period=period))
    counting = Counting(inactive=("Order",))
    held(procmine.caseload(office, period=period, counting=counting))
    whole = procmine.caseload(office, period=period)
    assert whole.rows["new"].sum() == len(office)
    assert whole.rows["pending_end"][-1] == office.open.sum()
    groups = procmine.caseload(office, period=period, by=["office"])
    for name in ("new", "disposed", "pending_end"):
        parts = [part.frame.set_index(period)[name] for part in groups.parts().values()]
        assert sum(part[whole.rows[period][-1]] for part in parts) == whole.rows[name][-1]


def test_little_holds_exactly(office):
    """Pending integrated over time, by the steps of the count, is the mean; arrivals a day x days for each is the same."""
    answer = procmine.caseload(office)
    change = np.concatenate((np.ones(len(office)), -np.ones((~office.open).sum())))
    time = np.concatenate((office.arrival, office.until[~office.open]))
    order = np.argsort(time, kind="stable")
    time, level = time[order], np.cumsum(change[order])
    begin, end = micros("2023-05-01"), micros("2023-06-01")
    inside = (time > begin) & (time < end)
    points = np.concatenate(([begin], time[inside], [end]))
    height = np.concatenate(([level[time <= begin][-1]], level[inside]))
    row = int(np.flatnonzero(answer.rows["month"] == "2023-05")[0])
    assert answer.rows["pending_mean"][row] == pytest.approx((np.diff(points) * height).sum() / (end - begin))
    each = answer.rows["each"][row] / np.timedelta64(1, "D")
    assert answer.rows["incoming"][row] / 31 * each == pytest.approx(answer.rows["pending_mean"][row], rel=1e-5)


def test_a_steady_office_clears_what_comes():
    table, log = steady(1, cases=6_000, days=1_500, middle=50, cutoff=1_400)
    answer = procmine.caseload(log)
    whole = answer.rows["complete"]
    assert not whole[0] and whole[-2] and not whole[-1]  # the last month is not over
    assert np.mean(answer.rows["clearance"][whole]) == pytest.approx(1, abs=0.05)
    mean = np.mean(table[:, 2] - table[:, 0])
    assert np.mean(answer.rows["pending_mean"][whole]) == pytest.approx(4 * mean, rel=0.05)  # four a day


def test_a_status_puts_on_hold():
    rows = [("A", "Filed", "2024-01-01"), ("A", "Note", "2024-01-05"), ("A", "Other", "2024-01-07")]
    rows += [("A", "Note", "2024-02-05"), ("A", "Disposed", "2024-02-10")]
    log = build(rows, cutoff="2024-02-29", ends=["Disposed"], suspended={"column": "status", "values": ("held",)},
                event_attributes={"status": [None, "held", None, "open", None]})  # fmt: skip
    found = table(procmine.caseload(log))
    assert list(found["placed_inactive"]) == [1, 0] and list(found["reactivated"]) == [0, 1]
    assert found["time_p50"].iloc[1] == np.timedelta64(9, "D")


def test_a_file_names_the_steps_and_refusals_name_what_is_wrong(tmp_path):
    path = tmp_path / "court.yaml"
    path.write_text(
        "caseload: {reopened: [Reopened], inactive: [Warrant], reactivated: [Arrested], age: 30}\n", encoding="utf-8"
    )
    one, two = (procmine.caseload(court(), counting=given).frame for given in (path, COUNTING))
    assert one.equals(two)
    (tmp_path / "none.yaml").write_text("title: x", encoding="utf-8")
    with pytest.raises(ValueError, match="no section caseload"):
        procmine.caseload(court(), counting=tmp_path / "none.yaml")
    with pytest.raises(LogError, match=r"No step 'Warant'.*Did you mean 'Warrant'"):
        procmine.caseload(court(), counting=Counting(inactive=("Warant",)))
    with pytest.raises(LogError, match="Steps were left out"):
        procmine.caseload(court().only_activities(["Filed"]))
    with pytest.raises(ValueError, match="No period 'week'"):
        procmine.caseload(court(), period="week")


def test_finished_cases_only_are_disposed_at_their_end():
    log = court([("A", "Filed", "2024-01-01"), ("A", "Note", "2024-02-03")], every_case=True)
    closed = type(log)(**{**vars(log), "open": np.array([False]), "until": log.time[-1:]})
    rows = table(procmine.caseload(closed))
    assert list(rows["disposed"]) == [0, 1, 0] and list(rows["pending_end"]) == [1, 0, 0]


def test_what_is_said_and_drawn(office):
    answer = procmine.caseload(office)
    assert "came and" in answer.sentences()[0] and "pending" in answer.sentences()[0]
    assert answer.image().startswith("<img")
    assert procmine.caseload(office, by=["office"], period="quarter").image().startswith("<img")
    first = answer.shown()["month"][0]
    assert first == answer.rows["month"][-1] and "reopened" not in answer.shown()
