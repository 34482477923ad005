"""What is surveyed once more: a source that goes back in time, and the day on which a margin falls; the truth by hand."""

from dataclasses import replace

import numpy as np
import pytest
from test_door_parts import as_cases, check, raw_of, settled_of, split

from procmine.load.events.settled import build_part
from procmine.load.events.table import Given
from procmine.load.raw import Places
from procmine.log import LogError

CUTOFF = "2024-06-30 12:00:00"  # two days earlier, at 12:00, events are settled: all waits but a few are of two days


def in_parts(raw, seed=0, buckets=4):
    """The log of each part, and what was settled; held to the whole."""
    check(raw, Given(), seed, buckets)
    parts = split(raw, Given(), seed, buckets)
    settled = settled_of(parts, Given())
    return [build_part(one, Given(), settled).log for one in parts], settled


@pytest.mark.parametrize("buckets", [1, 3, 9])
def test_equal_moments_of_a_source_that_goes_back_in_time_are_read_backwards(buckets):
    """Two steps a day, written in the same second: A and B, then C and D, the newest row on top."""
    rows = [f"C{case},{step},2024-0{month}-{1 + case:02} 08:00:00"
            for month, both in ((1, "AB"), (2, "CD"), (3, "EF")) for case in range(9) for step in both]  # fmt: skip
    logs, settled = in_parts(raw_of(rows[::-1]), buckets=buckets)
    assert settled.backwards
    paths = {case: events[0] for log in logs for case, (_, events, _) in as_cases(log).items()}
    assert paths == {f"C{case}": list("ABCDEF") for case in range(9)}


def test_equal_moments_of_a_source_that_goes_on_in_one_part_are_read_as_they_stand():
    """One case in time order among nine that are not: the source does not go back in time, though most parts do."""
    rows = [f"C{case},{step},2024-0{month}-{1 + case:02} 08:00:00"
            for month, both in ((1, "AB"), (2, "CD"), (3, "EF")) for case in range(9) for step in both]  # fmt: skip
    forth = [f"D,{step},2024-0{month}-20 08:00:00" for month, both in ((1, "AB"), (2, "CD")) for step in both]
    logs, settled = in_parts(raw_of([*rows[::-1], *forth]), buckets=9)
    assert not settled.backwards
    paths = {case: events[0] for log in logs for case, (_, events, _) in as_cases(log).items()}
    assert paths == {f"C{case}": list("BADCFE") for case in range(9)} | {"D": list("ABCD")}


def plain(cases, day="2024-01-{:02}", after="2024-01-{:02}"):
    """Cases that wait for two days."""
    return [row for case in range(cases)
            for row in (f"P{case},Receive,{day.format(1 + case % 20)} 10:00:00",
                        f"P{case},Check,{after.format(3 + case % 20)} 10:00:00")]  # fmt: skip


def test_the_hour_at_which_a_step_is_settled_decides_whether_it_ends_cases():
    """On the day of the margin: Close ended a case before its hour, and went on after it; Ask the other way round."""
    rows = plain(60)
    rows += ["X1,Close,2024-06-28 11:00:00"]
    rows += [f"Y{n},Close,2024-06-28 13:00:00\nY{n},Receive,2024-06-29 10:00:00" for n in range(3)]
    rows += ["X2,Ask,2024-06-28 11:00:00\nX2,Receive,2024-06-29 10:00:00"]
    rows += [f"Z{n},Ask,2024-06-28 13:00:00" for n in range(3)]
    rows += [f"L,Receive,{CUTOFF}"]
    _, settled = in_parts(raw_of("\n".join(rows).split("\n")))
    assert set(settled.about.ends) == {"Check", "Close"}
    assert settled.before  # it was asked for


@pytest.mark.parametrize(("hour", "ends"), [("11", {"Check"}), ("13", {"Check", "Late"})])
def test_the_hour_at_which_half_of_all_events_are_settled_decides_by_which_waits(hour, ends):
    """Of 100 events 40 are early, 20 on the day of the margin. Before its hour: most are settled, and what happened late
    says nothing yet. After it: each step is judged by its own waits; Late has none, so all of it is settled."""
    rows = plain(20)
    rows += [f"M{n},Check,2024-06-28 {hour}:00:00" for n in range(20)]
    rows += [f"N{n},Late,2024-06-29 09:00:00" for n in range(39)] + [f"L,Receive,{CUTOFF}"]
    _, settled = in_parts(raw_of(rows))
    assert settled.about.cutoff == 1_719_748_800_000_000  # the last event
    assert settled.before
    assert set(settled.about.ends) == ends


def test_a_date_that_may_be_two_is_said_with_the_row_of_its_file():
    """The first row below the header is row 2; in parts as rows set aside are numbered, also of the second of two files."""
    rows = [f"C{n},A,2024-01-{1 + n:02} 10:00:00" for n in range(9)] + [
        "C1,B,03/04/2024 10:00",
        "C2,B,05/04/2024 10:00",
    ]
    raw = raw_of(rows)
    with pytest.raises(LogError, match=r" in row 11 of its file may be day/month/year"):
        settled_of(split(raw, Given(), 0, 3), Given())
    two = Places(("a.csv", "b.csv"), np.repeat([0, 1], [9, 2]), np.append(np.arange(2, 11), [2, 3]))
    with pytest.raises(LogError, match=r" in row 2 of its file may be day/month/year"):
        settled_of(split(replace(raw, places=two), Given(), 0, 3), Given())
