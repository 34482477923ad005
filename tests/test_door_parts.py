"""A log built part by part is the log built whole: any split of its cases, any order of merging, facts sent as JSON."""

import json
import os
import pickle
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shared_logs import SAID

from procmine.kernels.partial import merge_all
from procmine.load.columns import Columns, find_roles
from procmine.load.door import read_raw
from procmine.load.events import facts as kept
from procmine.load.events.facts import CaseFacts, RowFacts
from procmine.load.events.settled import Settled, build_part, settle_cases, settle_rows, survey_cases, survey_rows
from procmine.load.events.table import Given, build
from procmine.load.raw import Places, Raw
from procmine.log import LogError

SHARED = Path(os.environ.get("PROCMINE_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
NAMES = ["rtfm/traffic_fines_full.csv.gz", "receipt_coselog/receipt.csv.gz", "receipt_coselog/receipt.parquet"]
NAMES += ["production/Production.csv.gz", "production/Production.xes.gz", "purchasing_p2p/PurchasingExample.csv.gz"]
NAMES += ["bpic12w/BPIC_2012_W_test.csv.gz", "bpic15/BPIC15_1_simod.csv.gz", "dirty_bpic15/BPIC15-FormBased.csv.gz"]
NAMES += [
    "dirty_bpic15/BPIC15-Distorted.csv.gz",
    "sepsis/Sepsis_4TU_original.xes.gz",
    "rtfm/roadtraffic100traces.xes.gz",
]
NAMES += ["pm4py_edge/interval_event_log.csv", "pm4py_edge/running-example.parquet", "insurance/insurance.xes.gz"]
NAMES += ["loanapp_agentsim/LoanApp.csv.gz", "knockouts_synth/synthetic_example_enriched.csv.gz"]


def split(raw, said, seed, buckets):
    """The rows of the source by case at random, each with where it stood; the reader's notes and ragged rows in one."""
    chance = random.Random(seed)
    column = raw.table[find_roles(said.columns, raw.names, raw.name).case].cast(pa.string()).to_pylist()
    of_case = {}
    bucket = np.array([of_case.setdefault(one, chance.randrange(buckets)) for one in column], np.int64)
    made = []
    for one in range(buckets):
        rows = np.flatnonzero(bucket == one)
        files = (raw.name,) if raw.places is None else raw.places.files
        file = np.zeros(len(rows), np.int64) if raw.places is None else raw.places.file[rows]
        held = raw.places is not None and raw.places.column is not None
        extra = (raw.places.columns, raw.places.column[rows]) if held else ((), None)
        places, rest = Places(files, file, raw.row_numbers(rows), *extra), raw.rest
        some = replace(raw, table=raw.table.take(pa.array(rows)), places=places, ragged=None, notes=())
        some = replace(some, rest=None if rest is None else lambda rows=rows, rest=rest: rest().take(pa.array(rows)))
        made.append(some)
    made[0] = replace(made[0], ragged=raw.ragged, notes=raw.notes)
    chance.shuffle(made)
    return made


def sent(facts, kind):
    """As they come back from a file or another machine."""
    return pickle.loads(pickle.dumps(kind.from_dict(json.loads(json.dumps(facts.to_dict())))))


def settled_of(parts, said):
    settled, passes = None, 0
    while settled is None or settled.needs:
        passes += 1
        assert passes < 9
        if settled is None or settled.needs == "rows":
            facts = merge_all(sent(survey_rows(one, said, settled), RowFacts) for one in parts)
            settled = settle_rows(facts, said, settled)
        else:
            facts = merge_all(sent(survey_cases(one, said, settled), CaseFacts) for one in parts)
            settled = settle_cases(facts, said, settled)
        settled = sent(settled, Settled)
    return settled


def as_cases(log):
    """Everything that a log holds, case by case, in words and numbers that no coding changes."""
    found = {}
    activities, cases = np.array(log.about.activities, object), log.case.values()
    per_case = {name: text.values() for name, text in log.attributes.items()}
    per_event = {name: text.values() for name, text in log.event_attributes.items()}
    for case, name in enumerate(cases):
        here = slice(log.offset[case], log.offset[case + 1])
        events = [activities[log.activity[here]].tolist(), log.time[here].tolist()]
        events += [None if one is None else one[here].tolist() for one in (log.start, log.dated)]
        events += [log.origin.row[here].tolist(), {key: text[here].tolist() for key, text in per_event.items()}]
        fate = (int(log.arrival[case]), int(log.until[case]), bool(log.open[case]))
        found[name] = (fate, events, {key: text[case] for key, text in per_case.items()})
    return found


def about_of(log):
    """What travels with a log, but for the rows that notes name as examples of how dates are written."""
    told = log.about.to_dict()
    told["notes"] = [json.dumps(without_examples(one), sort_keys=True) for one in told["notes"]]
    return told


def without_examples(one):
    if isinstance(one, dict):
        return {key: without_examples(value) for key, value in one.items() if key != "example"}
    return [without_examples(each) for each in one] if isinstance(one, list) else one


def check(raw, said, seed, buckets):
    """The union of the parts is the whole; or both are refused."""
    try:
        whole = build(raw, said).log
    except LogError:
        with pytest.raises(LogError):
            settled_of(split(raw, said, seed, buckets), said)
        return None
    parts = split(raw, said, seed, buckets)
    settled = settled_of(parts, said)
    logs = [build_part(one, said, settled).log for one in parts]
    union = {name: case for log in logs for name, case in as_cases(log).items()}
    assert sum(len(log) for log in logs) == len(whole)
    truth = as_cases(whole)
    assert union.keys() == truth.keys()
    assert all(union[name] == truth[name] for name in truth), next(n for n in truth if union[n] != truth[n])
    assert about_of(logs[0]) == about_of(whole)
    assert all(log.activity.dtype == whole.activity.dtype for log in logs)
    return settled


@pytest.mark.parametrize("name", NAMES)
def test_a_shared_log_is_the_same_by_parts(name):
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"{name} is not there: set PROCMINE_SHARED_DATA")
    columns = SAID.get(name, Columns())
    said = Given(columns=columns)
    raw = read_raw(path, columns)
    if len(raw.table) > 100_000:  # the first of them: the test reads text case by case
        raw = replace(raw, table=raw.table.slice(0, 60_000), rest=None)
    check(raw, said, seed=len(name), buckets=5)


def raw_of(lines, head="case_id,activity,timestamp", **more):
    """What a reader would hand on: columns of text, nothing where a cell is empty."""
    cells = [line.split(",") for line in lines]
    names = head.split(",")
    columns = [pa.array([row[at] or None for row in cells], pa.string()) for at in range(len(names))]
    return Raw(pa.table(columns, names), "log.csv", names, first=2, **more)


def lines_of(seed, n=60, cases=9, form="2024-{m:02}-{d:02} {h:02}:{i:02}:00", **steps):
    chance = random.Random(seed)
    held = []
    for _ in range(n):
        when = {"m": chance.randint(1, 9), "d": chance.randint(1, 28), "h": chance.randint(0, 23)}
        step = chance.choice(["Receive", "Check", "Ask", "Decide", "Archive"])
        written = steps.get(step, form).format(**when, i=chance.randint(0, 59))
        held.append(f"C{chance.randint(1, cases)},{step},{written}")
    return held


DATED = {"Receive": "2024-{m:02}-{d:02}"}
HAND = {
    "plain": (raw_of(lines_of(1)), Given()),
    "ends": (raw_of(lines_of(2)), Given(ends={"Archive": "done"}, cutoff="2024-06-30", tags={"Ask": "habit"})),
    "a cutoff before most": (raw_of(lines_of(3)), Given(cutoff="2024-03-01", dormant_after_days=20)),
    "every case": (raw_of(lines_of(4)), Given(ends="every case", complete_from="2024-01-01")),
    "dates only": (raw_of(lines_of(5, form="2024-{m:02}-{d:02}")), Given()),
    "dated and timed": (raw_of(lines_of(6, n=300, **DATED)), Given()),
    "zoned": (raw_of(lines_of(7, form="2024-{m:02}-{d:02}T{h:02}:{i:02}:00+02:00")), Given(zone="Europe/Vienna")),
    "zoned and dated": (
        raw_of(lines_of(8, form="2024-{m:02}-{d:02}T{h:02}:{i:02}:00+02:00", **DATED)),
        Given(zone="Europe/Vienna"),
    ),
    "some zoned": (raw_of(lines_of(9, Check="2024-{m:02}-{d:02}T{h:02}:{i:02}:00Z")), Given()),
    "day first, proved by some": (raw_of(lines_of(10, form="{d:02}/{m:02}/2024 {h:02}:{i:02}")), Given()),
    "short years": (raw_of(lines_of(11, n=400, form="{d:02}.{m:02}.24 {h:02}:{i:02}")), Given()),
    "two forms": (raw_of(lines_of(12, Ask="{d:02}/{m:02}/2024 {h:02}:{i:02}")), Given()),
    "far before": (
        raw_of([*lines_of(13, n=200), "C1,Check,1900-01-01 00:00:00", "C2,Ask,1900-01-01 00:00:00"]),
        Given(),
    ),
    "far after": (
        raw_of([*lines_of(14, n=400), "C1,Check,2031-01-01 00:00:00", "C2,Ask,2199-01-01 10:00:00"]),
        Given(),
    ),
    "still running after the cutoff": (
        raw_of([*lines_of(15, n=400), "C1,Check,2031-01-01 00:00:00"]),
        Given(cutoff="2024-05-01", ends=["Archive"]),
    ),
    "a format that is told": (
        raw_of([*lines_of(25, form="{d:02}/{m:02}/2024 {h:02}:{i:02}"), "C1,Ask,soon", "C1,Ask,01/02/2024 24:00"]),
        Given(columns=Columns(dates="%d/%m/%Y %H:%M")),
    ),
    "a format that no value has": (raw_of(lines_of(26)), Given(columns=Columns(dates="%d/%m/%Y %H:%M"))),
    "a format with names of months": (
        raw_of(lines_of(27, form="{d:02} März 2024 {h:02}:{i:02}")),
        Given(columns=Columns(dates="%d %B %Y %H:%M [de]")),
    ),
    "names of months": (raw_of(lines_of(28, form="{d:02} lipiec 2024", Check="{d:02} luty 2024 10:{i:02}")), Given()),
    "names of months that are two in some languages": (
        raw_of(lines_of(29, form="{d:02} lip 2024", Check="{d:02} lut 2024 10:{i:02}")),
        Given(),
    ),
    "days of the week": (
        raw_of(
            [*lines_of(30, Check="Mon 01/{m:02}/2024 10:{i:02}"), "C3,Ask,Fri 16 Feb 2024", "C3,Ask,16/02/2024 24:00"]
        ),
        Given(),
    ),
    "seconds": (raw_of(lines_of(31, form="17{m:02}{d:02}{h:02}{i:02}")), Given(columns=Columns(dates="unix"))),
    "two readings": (raw_of(lines_of(32, form="0{m}/0{m}/2024", Ask="03/04/2024")), Given()),
    "no times": (raw_of(lines_of(33, form="soon {d}")), Given()),
    "rows aside": (
        raw_of([*lines_of(16), ",Check,2024-01-01", "C1,,2024-01-01", "C3,Ask,", "C4,Ask,soon", "C9,Ask,later"]),
        Given(),
    ),
    "rows twice": (raw_of([*lines_of(17), *lines_of(17)[:9]]), Given()),
    "rows twice, kept": (raw_of([*lines_of(18), *lines_of(18)[:9]]), Given(columns=Columns(repeated="keep"))),
    "newest first": (raw_of(sorted(lines_of(19, form="2024-{m:02}-{d:02}"), key=lambda one: one[-10:])[::-1]), Given()),
    "steps of one moment": (
        raw_of(lines_of(20, form="2024-{m:02}-{d:02}", cases=3)),
        Given(same_moment=["Receive", "Check", "Decide"]),
    ),
    "repairs": (
        raw_of(lines_of(21, n=300, cases=4)),
        Given(
            by_date=["Receive"],
            leave_out=["Archive"],
            near_duplicates=60.0 * 24 * 9,
            forms={"form": ["Ask", "Check"]},
            not_dates=["2024-03-03"],
        ),
    ),
    "near duplicates of dates": (
        raw_of(lines_of(22, n=90, cases=4, form="2024-{m:02}-{d:02}")),
        Given(near_duplicates=60.0 * 24 * 9, forms={"form": ["Ask", "Check"]}),
    ),
    "left out by hand": (raw_of(lines_of(23)), Given(left_out={("log.csv", 4), ("log.csv", 17)})),
    "stages and steps unknown": (
        raw_of(lines_of(24)),
        Given(stages={"in": ("Receive", "Nothing")}, first_steps=["Receive"], title="A log", audience="agency"),
    ),
}


@pytest.mark.parametrize("name", HAND)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_log_countable_by_eye_is_the_same_by_parts(name, seed):
    raw, said = HAND[name]
    check(raw, said, seed, buckets=1 + (seed * 3 + len(name)) % 7)


def with_columns(seed, n=80):
    """More columns: one of the case, one of events, one empty, one that is both missing and constant, who did it."""
    chance = random.Random(seed)
    rows = lines_of(seed, n)
    more = [
        f"{one.split(',')[0][-1]}x,{chance.choice('abc')},,{chance.choice(['', 'k'])},{chance.choice('PQ')}"
        for one in rows
    ]
    return [f"{row},{extra}" for row, extra in zip(rows, more)], "case_id,activity,timestamp,office,part,none,kind,user"


@pytest.mark.parametrize(
    "columns",
    [
        Columns(),
        Columns(attributes=("office",)),
        Columns(event_attributes=("part",)),
        Columns(attributes=("office", "kind"), event_attributes=("kind", "none")),
        Columns(resource="user", attributes=("part",)),
    ],
)
def test_attributes_are_the_same_by_parts(columns):
    rows, head = with_columns(3)
    for seed in range(3):
        settled = check(raw_of(rows, head), Given(columns=columns, persons=["office"]), seed, 4)
    assert "none" not in settled.about.attributes


def test_starts_orders_arrivals_and_life_cycles_are_the_same_by_parts():
    chance = random.Random(5)
    rows = lines_of(6, 90)
    begun = [f"{row},{row.split(',')[2][:8]}{chance.randint(1, 28):02} 00:00:00" for row in rows]
    check(raw_of(begun, "case_id,activity,timestamp,start_time"), Given(), 1, 4)
    check(raw_of([f"{row}," for row in rows], "case_id,activity,timestamp,start_time"), Given(), 2, 4)
    alone = [f"{row},{begun[at].split(',')[3] if at == 40 else ''}" for at, row in enumerate(rows)]
    check(raw_of(alone, "case_id,activity,timestamp,start_time"), Given(), 3, 4)
    arrived = raw_of([f"{row},2023-12-{chance.randint(1, 28):02}" for row in rows], "case_id,activity,timestamp,came")
    check(arrived, Given(columns=Columns(arrival="came")), 4, 4)
    number = [f"{row},{chance.randint(1, 9)}" for row in lines_of(7, 90, 4, "2024-{m:02}-01")]
    check(raw_of(number, "case_id,activity,timestamp,sequence"), Given(), 5, 4)
    check(raw_of([*number, "C1,Ask,2024-01-01,x"], "case_id,activity,timestamp,sequence"), Given(), 6, 4)
    check(
        raw_of([*number, "C1,Ask,2024-01-01,x"], "case_id,activity,timestamp,sequence"),
        Given(columns=Columns(order="sequence")),
        6,
        4,
    )
    kinds = ["start", "complete", "schedule", "ate_abort", "suspend", "resume", ""]
    marked = [f"{row},{chance.choice(kinds)}" for row in rows]
    check(raw_of(marked, "case_id,activity,timestamp,lifecycle"), Given(), 7, 4)
    check(
        raw_of([f"{row},{chance.choice(['complete', 'W'])}" for row in rows], "case_id,activity,timestamp,lifecycle"),
        Given(),
        8,
        4,
    )


def test_types_of_a_database_are_the_same_by_parts():
    rows = lines_of(9, 200)
    raw = raw_of(rows)
    for kind in (pa.timestamp("us"), pa.timestamp("ns"), pa.timestamp("ms", "Europe/Vienna"), pa.date32()):
        text = pa.array([row.split(",")[2] for row in rows])
        table = raw.table.set_column(2, "timestamp", text.cast(pa.timestamp("us")).cast(kind))
        check(replace(raw, table=table), Given(zone="Europe/Vienna"), 1, 5)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_small_log_is_the_same_by_parts(data):
    draw = data.draw
    day = st.sampled_from(["2024-01-01", "2024-01-02", "2024-02-01", "2025-12-31", "1900-01-01"])
    clock = st.sampled_from(["", "", " 10:00:00", " 10:00:00", " 23:59:59.5", "T08:00:00Z", " 00:00:00"])
    row = st.tuples(
        st.sampled_from(["1", "2", "3", "4", ""]), st.sampled_from("ABC"), day, clock, st.sampled_from("xy")
    )
    rows = draw(st.lists(row, min_size=1, max_size=25))
    raw = raw_of([f"{c},{a},{d}{t},{e}" for c, a, d, t, e in rows], "case_id,activity,timestamp,extra")
    said = Given(
        cutoff=draw(st.sampled_from([None, None, "2024-01-15"])),
        ends=draw(st.sampled_from([None, None, "every case", ["A"]])),
        dormant_after_days=draw(st.sampled_from([None, 3.0])),
        zone=draw(st.sampled_from([None, "Europe/Vienna"])),
        by_date=draw(st.sampled_from([[], ["A", "B", "C"]])),
    )
    check(raw, said, draw(st.integers(0, 99)), draw(st.integers(1, 7)))


def test_waits_and_days_too_many_to_hold_are_asked_for_exactly(monkeypatch):
    """With room for five pairs only, margins and dormant limits are still those of the whole, to the microsecond."""
    monkeypatch.setattr(kept, "CAP", 5)
    for seed in range(12):
        check(raw_of(lines_of(seed, n=150, cases=25)), Given(), seed, 4)


def test_pairs_counted_in_cells_are_those_that_are_sorted(monkeypatch):
    draw = np.random.default_rng(3)
    powers = 2 ** draw.integers(0, 62, 500)
    value = np.concatenate((np.arange(5_000), powers - 1, powers, draw.integers(0, 2**47, 5_000)))
    key = draw.integers(0, 4, len(value))
    monkeypatch.setattr(kept, "MANY", 1)
    for values, exact in ((value, False), (value % 400, True)):
        found = kept.Pairs.of(key, values)
        bits = [0] * len(values) if exact else drop(values)
        known = [(k, int(v) >> d << d) for k, v, d in zip(key.tolist(), values, bits)]
        assert found.exact is exact
        held = dict(zip(zip(found.key.tolist(), found.value.tolist()), found.count.tolist()))
        assert held == Counter(known)
        assert list(held) == sorted(held)


def drop(values):
    """How many bits go if twelve are kept."""
    return [max(int(one).bit_length() - 12, 0) for one in values]


def test_waits_counted_in_cells_are_asked_for_exactly(monkeypatch):
    monkeypatch.setattr(kept, "MANY", 3)
    for seed in range(12):
        check(raw_of(lines_of(seed, n=150, cases=25)), Given(), seed, 4)


def test_facts_merge_in_any_order():
    raw, said = HAND["rows aside"]
    parts = split(raw, said, 3, 6)
    facts = [survey_rows(one, said) for one in parts]
    orders = [random.Random(seed).sample(facts, len(facts)) for seed in range(4)]
    settled = [settle_rows(merge_all(one), said) for one in orders]
    assert len({json.dumps(one.to_dict(), sort_keys=True) for one in settled}) == 1


def test_parts_that_do_not_belong_together_are_refused():
    raw, said = HAND["plain"]
    settled = settle_rows(survey_rows(raw, said), said)
    one = survey_cases(raw, said, settled)
    other = survey_cases(raw, said, replace(settled, backwards=True))
    with pytest.raises(LogError, match="different settlements"):
        one.merge(other)
    with pytest.raises(LogError, match="different columns: extra"):
        survey_rows(raw, said).merge(
            survey_rows(raw_of(["1,A,2024-01-01,x"], "case_id,activity,timestamp,extra"), said)
        )


def test_what_needs_the_whole_is_refused_with_the_way_out():
    raw, _ = HAND["plain"]
    with pytest.raises(LogError, match="Read it in memory, and save it"):
        survey_rows(replace(raw, serials=True), Given())
    with pytest.raises(LogError, match="in a language that is told"):
        survey_rows(raw, Given(columns=Columns(dates="%d %b %Y")))
