"""Exports that overlap and do not have the same columns: what happened once is in the log once."""

import pytest

import procmine


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
