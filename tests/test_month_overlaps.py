"""Exports that overlap and do not have the same columns, and months with a mistyped year: each event once, no day moved."""

import pytest

import procmine
from procmine.log import LogError


def rows(month, cases, steps):
    """One row a step, an hour apart; `{}` stands for a value of the column that not all exports have."""
    return [f"C{c},S{k},2024-{month:02}-{1 + c:02} {8 + k}:00:00" for c in range(cases) for k in range(steps)]


def written(path, lines, unit=None):
    head = "case_id,activity,timestamp" + ("" if unit is None else ",unit")
    body = lines if unit is None else [f"{one},{unit(place)}" for place, one in enumerate(lines)]
    path.write_text("\n".join([head, *body]) + "\n", encoding="utf-8")
    return path


JANUARY, FEBRUARY, MARCH = rows(1, 20, 4), rows(2, 25, 3), rows(3, 5, 2)


def unit(place):
    return f"u{place % 2}"


@pytest.mark.parametrize(("first", "second", "third"), [(None, unit, None), (unit, None, unit), (None, unit, unit)])
def test_a_column_that_some_exports_have(first, second, third, tmp_path):
    procmine.shard(written(tmp_path / "1.csv", JANUARY, first), tmp_path / "log", shards=3)
    log = procmine.add_month(written(tmp_path / "2.csv", JANUARY + FEBRUARY, second), tmp_path / "log")
    assert (len(log), log.size) == (25, 80 + 75)
    procmine.compact(tmp_path / "log")
    log = procmine.add_month(written(tmp_path / "3.csv", JANUARY + FEBRUARY + MARCH, third), tmp_path / "log")
    assert (len(log), log.size) == (25, 80 + 75 + 10)


def test_rows_that_differ_in_it_are_two(tmp_path):
    """One moment, one step, another unit: also where other rows lack the unit."""
    procmine.shard(written(tmp_path / "1.csv", JANUARY), tmp_path / "log", shards=3)
    procmine.add_month(written(tmp_path / "2.csv", FEBRUARY, unit), tmp_path / "log")
    again = written(tmp_path / "3.csv", FEBRUARY, lambda place: "u0" if place else "other")
    log = procmine.add_month(again, tmp_path / "log")
    assert log.size == 80 + 75 + 1 + sum(place % 2 for place in range(75))  # the first, and those of u1


FAR = {"late": "C1,S1,2035-01-01 10:00:00", "early": "C1,S1,1900-01-01 00:00:00"}


@pytest.mark.parametrize("kind", FAR)
def test_a_mistyped_year_in_a_small_month_does_not_move_the_last_day_of_all(kind, tmp_path):
    """In one export of everything it is set aside; in a month of few rows it is more than a few."""
    january = [f"C{c},S{k},2024-01-{1 + c % 28:02} {8 + k}:00:00" for c in range(100) for k in range(4)]
    before = procmine.shard(written(tmp_path / "1.csv", january), tmp_path / "log", shards=2)
    month = written(tmp_path / "2.csv", [*FEBRUARY[:10], FAR[kind]])
    with pytest.raises(LogError, match=r"1 of 11 events .* row 12, of (2035|1900)-01-01"):
        procmine.add_month(month, tmp_path / "log")
    assert procmine.read(tmp_path / "log").about == before.about
    if kind == "late":
        log = procmine.add_month(month, tmp_path / "log", cutoff="2024-02-29")
        assert (log.size, log.about.to_dict()["cutoff"]) == (410, 1_709_251_199_999_999)


def test_a_month_after_a_long_pause_is_added(tmp_path):
    """Where it holds more than a few events, it goes on; where it is told up to when it reaches, too."""
    procmine.shard(written(tmp_path / "1.csv", JANUARY), tmp_path / "log", shards=2)
    later = [one.replace("2024-", "2026-") for one in FEBRUARY]
    assert procmine.add_month(written(tmp_path / "2.csv", later), tmp_path / "log").size == 155
    few = written(tmp_path / "3.csv", [FEBRUARY[0].replace("2024-", "2029-")])
    assert procmine.add_month(few, tmp_path / "log", cutoff="2029-02-28").size == 156


def test_a_case_that_went_on_after_the_last_day_is_still_open_after_another_export_of_that_day(tmp_path):
    """Another office's entries of the same period: the first export had seen the case go on."""
    one = [
        f"C{c},{step},2024-01-{1 + c:02} {hour}:00:00" for c in range(10) for step, hour in (("S", "08"), ("E", "10"))
    ]
    more = ["C1,X,2024-01-02 09:00:00", "C2,X,2024-01-03 09:00:00"]
    first = written(tmp_path / "1.csv", [*one, "C1,S,2024-03-01 08:00:00"])
    procmine.shard(first, tmp_path / "log", shards=2, cutoff="2024-01-31", ends=["E"])
    log = procmine.add_month(written(tmp_path / "2.csv", more), tmp_path / "log", cutoff="2024-01-31")
    found = log.sample(cases=10, seed=1).cases.set_index("case")["open"]
    assert (log.size, found[found].index.tolist()) == (22, ["C1"])
