"""Filters one upon the other, whichever and however often: a folder, also one of months, is the log in memory."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import procmine
from procmine.log import LogError

STEPS = ["A", "B", "C", "D", "E"]
DAY = st.sampled_from([f"2024-0{month}-{day:02}" for month in range(1, 8) for day in (1, 15)])
SOME = st.lists(st.sampled_from([*STEPS, "in", "out", "None"]), min_size=1, max_size=3, unique=True)
UNIT = st.one_of(st.sampled_from(["u0", "u1", "nowhere"]), st.lists(st.sampled_from(["u0", "u1", "u2"]), min_size=1))
FILTERS = st.one_of(
    st.tuples(st.just("where"), UNIT.map(lambda value: {"office": value})),
    st.tuples(st.just("where"), UNIT.map(lambda value: {"unit": value})),
    st.tuples(st.just("between"), DAY, DAY, st.sampled_from(["started", "touching", "inside"])),
    *(st.tuples(st.just(name), SOME) for name in ("having", "not_having", "beginning_with", "only_activities")),
    st.tuples(st.just("by_stages")),
    st.tuples(st.just("cut_to"), DAY),
    st.tuples(st.just("with_case_attribute"), st.sampled_from(["unit", "nothing"]), st.sampled_from(["first", "last"])),
)
ASKED = [procmine.bottlenecks, procmine.variants, procmine.rework, procmine.cycle_times, procmine.flow]


def lines(months, seed=3):
    draw = np.random.default_rng(seed)
    made = []
    for case in range(40):
        day = int(draw.integers(0, 120))
        for _ in range(int(draw.integers(1, 7))):
            day += int(draw.integers(0, 25))
            when = np.datetime64("2024-01-01T08:00:00") + np.timedelta64(day, "D") + int(draw.integers(0, 9)) * 3600
            unit = draw.choice(["u0", "u1", "u2", ""])
            made.append((str(when).replace("T", " "), f"C{case},{draw.choice(STEPS)}", f"{unit},u{case % 3}"))
    first, last = months
    return [f"{step},{when},{rest}" for when, step, rest in made if first <= when < last]


SPEC = (
    "columns: {case: case_id, activity: activity, timestamp: timestamp}\nends: [E]\nstages: {in: [A, B], out: [D, E]}\n"
)
SPEC += "cutoff: 2024-12-31\n"


def written(path, rows):
    path.write_text("\n".join(["case_id,activity,timestamp,unit,office", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    there = tmp_path_factory.mktemp("stacked")
    (there / "log.yml").write_text(SPEC, encoding="utf-8")
    whole = written(there / "all.csv", lines(("2024-01-01", "2025-01-01")))
    halves = [("2024-01-01", "2024-03-01"), ("2024-03-01", "2025-01-01")]
    one, two = (written(there / f"{n}.csv", lines(months)) for n, months in enumerate(halves))
    memory = procmine.read(whole, spec=there / "log.yml")
    plain = procmine.shard(whole, there / "plain", spec=there / "log.yml", shards=3)
    procmine.shard(one, there / "months", spec=there / "log.yml", shards=3)
    all_of = memory, plain, procmine.add_month(two, there / "months", spec=there / "log.yml")
    return lambda at: all_of[at]


def smaller(log, filters):
    """The log that is left, or what was wrong with the filters."""
    try:
        for name, *given in filters:
            if name in ("between", "with_case_attribute"):
                log = getattr(log, name)(*given[:-1], rule=given[-1])
            elif name in ("having", "not_having", "beginning_with"):
                log = getattr(log, name)(*given[0])
            else:
                log = getattr(log, name)(*given)
        return log
    except ValueError as error:
        return error


def asked(function, log):
    try:
        return function(log)
    except ValueError as error:
        return str(error)


def test_paths_of_cases_of_which_no_event_is_left(logs):
    """No event at all: every case has the same path, the empty one."""
    for at in range(3):
        found = procmine.variants(logs(at).only_activities(["A"]).only_activities(["B"]))
        assert len(found.frame) == 1 and 40 in found.frame.iloc[0].tolist()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(filters=st.lists(FILTERS, min_size=1, max_size=5), at=st.sampled_from([1, 2]))
def test_stacked_filters(logs, filters, at):
    here, there = smaller(logs(0), filters), smaller(logs(at), filters)
    if isinstance(here, ValueError):
        assert isinstance(there, ValueError), here
        assert isinstance(there, LogError) is isinstance(here, LogError)
        if at == 1:
            assert str(there) == str(here)
        return
    assert not isinstance(there, ValueError), there
    assert (len(there), there.size) == (len(here), len(here.time))
    assert [one.say() for one in there.about.history] == [one.say() for one in here.about.history]
    if at == 1:
        assert str(there) == str(here)
    for function in ASKED:
        one, two = asked(function, here), asked(function, there)
        if isinstance(one, str) or isinstance(two, str):
            assert one == two
            continue
        left, right = (
            told.frame.sort_values(list(told.frame.columns[:2])).reset_index(drop=True) for told in (one, two)
        )
        assert list(left.columns) == list(right.columns) and len(left) == len(right)
        for name in left.columns:
            a, b = left[name].to_numpy(), right[name].to_numpy()
            if a.dtype.kind in "mf":
                np.testing.assert_allclose(a.astype(float), b.astype(float), rtol=1e-9, equal_nan=True, err_msg=name)
            else:
                assert a.tolist() == b.tolist(), (function.__name__, name)
