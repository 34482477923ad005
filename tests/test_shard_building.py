"""Each bucket is placed once and written at once; what the whole settles otherwise is written again, and runs that were
ended take up what is there."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from test_shard import bytes_in, made, same

import procmine
from procmine.kernels.case_hash import case_shard
from procmine.load.events import facts
from procmine.load.sharding import building, reading
from procmine.load.sharding.making import shard

SHARDS = 4


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 700)


def saved(table, folder):
    parquet.write_table(table, folder / "log.parquet")
    return folder / "log.parquet"


def calls(monkeypatch, name):
    """The shards for which a function of the builder is called."""
    made_of, of = [], getattr(building.Builder, name)
    monkeypatch.setattr(building.Builder, name, lambda self, *told: (made_of.append(told), of(self, *told))[1])
    return made_of


def with_column(table, name, values):
    return table.append_column(name, pa.array(values))


def test_an_attribute_that_changes_inside_one_case_only(tmp_path, small, monkeypatch):
    """In three shards it looks like an attribute of cases: these are written again."""
    table = made(600)
    unit = [f"U{len(one) % 3}" for one in table["case"].to_pylist()]
    twice = next(name for name in ("C7", "C8", "C9", "C10") if table["case"].to_pylist().count(name) > 1)
    unit[table["case"].to_pylist().index(twice)] = "another"
    source = saved(with_column(table, "unit", unit), tmp_path)
    again = calls(monkeypatch, "_again")
    shard(source, tmp_path / "shards", shards=SHARDS)
    here = int(case_shard(pa.array([twice]), SHARDS)[0])
    assert sorted(number for number, _ in again) == sorted({*range(SHARDS)} - {here})
    assert "unit" in procmine.read(source).about.event_attributes
    same(tmp_path / "shards", procmine.read(source))


def test_a_step_that_is_in_no_event(tmp_path, small, monkeypatch):
    """Its rows are all after the cutoff: codes of activities are those of the log, and cases that went on are open."""
    table = made(600)
    last = np.argmax(table["timestamp"].to_numpy())
    steps = table["activity"].to_pylist()
    steps[last] = "Far too late"
    source = saved(table.set_column(1, "activity", pa.array(steps)), tmp_path)
    again = calls(monkeypatch, "_again")
    how = {"cutoff": "2022-10-01", "ends": ["Step 3", "Step 4"]}
    shard(source, tmp_path / "shards", shards=SHARDS, **how)
    log = procmine.read(source, **how)
    assert "Far too late" not in log.about.activities and len(again) == SHARDS
    same(tmp_path / "shards", log)


@pytest.mark.parametrize("steps", ["given", "found"])
def test_cases_that_went_on_after_the_cutoff(steps, tmp_path, small, monkeypatch):
    source, again = saved(made(900), tmp_path), calls(monkeypatch, "_again")
    how = {"cutoff": "2022-10-01", **({"ends": ["Step 3", "Step 4"]} if steps == "given" else {})}
    shard(source, tmp_path / "shards", shards=SHARDS, **how)
    log = procmine.read(source, **how)
    assert not again
    assert "load.reopened" in [one.key for one in log.about.notes] or steps == "found"
    same(tmp_path / "shards", log)


def test_waits_are_asked_of_the_shards(tmp_path, small, monkeypatch):
    """With room for five pairs only, what decides margins is read from the shards, not placed again."""
    source, asked, tried = saved(made(600), tmp_path), calls(monkeypatch, "_answers"), calls(monkeypatch, "_tried")
    monkeypatch.setattr(facts, "CAP", 5)
    shard(source, tmp_path / "shards", shards=SHARDS)
    assert len(asked) >= SHARDS
    assert len(tried) == SHARDS
    same(tmp_path / "shards", procmine.read(source))


@pytest.mark.parametrize("done", [0, 2])
def test_shards_that_are_there_are_not_built_again(done, tmp_path, small, monkeypatch):
    source = saved(made(600), tmp_path)
    shard(source, tmp_path / "whole", shards=SHARDS)
    with monkeypatch.context() as patch:
        patch.setattr(building, "write_shard", stop_after(building.write_shard, done))
        with pytest.raises(KeyboardInterrupt):
            shard(source, tmp_path / "shards", shards=SHARDS)
    there = sorted(one.name for one in (tmp_path / ".shards.sharding").glob("facts-*.npz"))
    assert len(there) <= done
    built, of = [], building.try_part
    monkeypatch.setattr(building, "try_part", lambda *told: (built.append(1), of(*told))[1])
    shard(source, tmp_path / "shards", shards=SHARDS)
    assert len(built) == SHARDS - len(there)
    assert bytes_in(tmp_path / "shards") == bytes_in(tmp_path / "whole")


def stop_after(write, shards):
    def writing(log, folder, number):
        if number >= shards:
            raise KeyboardInterrupt
        write(log, folder, number)

    return writing
