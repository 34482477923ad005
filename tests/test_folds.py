"""Logs that are read part by part: the same answers, filters, errors and samples as in memory."""

import json

import numpy as np
import pytest
from test_contract import same

import procmine
from procmine.kernels.durations import Durations
from procmine.log import EventLog, LogError
from procmine.scale.files import read_record, write_record
from procmine.scale.shards import ShardedLog, save
from procmine.see.times import first, last

FILTERS = {
    "where": lambda log: log.where({"office": "North"}),
    "where of two": lambda log: log.where({"office": ["North", "South"]}),
    "started": lambda log: log.between("2022-06-01", "2023-01-01"),
    "touching": lambda log: log.between("2022-06-01", "2023-01-01", rule="touching"),
    "inside": lambda log: log.between("2022-06-01", "2023-01-01", rule="inside"),
    "having": lambda log: log.having("Decision"),
    "not having": lambda log: log.not_having("Order", "Withdrawn"),
    "beginning": lambda log: log.between("2022-06-01", "2024-01-01").beginning_with("Start"),
    "no beginning": lambda log: log.beginning_with("End"),
    "steps": lambda log: log.only_activities(["Start", "End"]),
    "steps of some": lambda log: log.only_activities(["Withdrawn"]).where({"office": "South"}),
    "stages": lambda log: log.by_stages().having("Decision"),
    "cut": lambda log: log.cut_to("2023-09-30"),
    "cut twice": lambda log: log.cut_to("2023-09-30").between("2022-06-01", "2023-01-01").cut_to("2023-06-30"),
    "of events": lambda log: log.with_case_attribute("unit", rule="last").where({"unit": "court"}),
}


@pytest.fixture(scope="module")
def folder(office, tmp_path_factory):
    """In seven shards, in an order that is not that of time."""
    mixed = office.take(np.random.default_rng(3).permutation(len(office)))
    return save(mixed, tmp_path_factory.mktemp("shards") / "log", shards=7)


@pytest.mark.parametrize("smaller", FILTERS.values(), ids=FILTERS)
def test_filters_of_a_folder_are_those_of_the_log(office, folder, smaller):
    one, two = smaller(office), smaller(folder)
    assert isinstance(two, ShardedLog) and two.about == one.about
    assert [line.say() for line in one.messages()] == [line.say() for line in two.messages()]
    assert (len(two), two.size) == (len(one), len(one.time))
    for ask in (procmine.bottlenecks, procmine.survival, procmine.variants, procmine.flow):
        same(ask(one).rows, ask(two).rows)
    same(procmine.cycle_times(one, by=["office"]).rows, procmine.cycle_times(two, by=["office"]).rows)
    assert set(two.sample(cases=10**6, seed=1).case.values()) == set(one.case.values())


def test_what_is_unknown_is_unknown_in_a_folder_too(office, folder):
    asked = [
        lambda log: log.where({"office": "Nort"}),
        lambda log: log.where({"region": "North"}),
        lambda log: log.where({"unit": "court"}),
        lambda log: log.having("Strat"),
        lambda log: log.between("2023-01-01", "2022-01-01"),
        lambda log: log.cut_to("2030-01-01"),
        lambda log: log.with_case_attribute("unit", rule="last").where({"unit": "courtyard"}),
        lambda log: log.with_case_attribute("office", rule="last"),
    ]
    for one in asked:
        with pytest.raises(ValueError) as here:  # noqa: PT011
            one(office)
        with pytest.raises(type(here.value)) as there:
            one(folder)
        assert str(there.value) == str(here.value)


def test_a_value_that_one_shard_lacks_is_known(office, tmp_path):
    apart = office.take(np.argsort(office.attributes["office"].codes, kind="stable"))
    folder = save(apart, tmp_path / "log", shards=9)
    lacking = [part for part in folder.parts(["office"]) if "North" not in part.attributes["office"].levels.to_pylist()]
    assert lacking
    same(procmine.flow(folder.where({"office": "North"})).rows, procmine.flow(office.where({"office": "North"})).rows)


def test_a_sample_does_not_depend_on_the_shards(office, folder, tmp_path):
    other = save(office, tmp_path / "log", shards=2)
    one, two = folder.sample(cases=300, seed=4), other.sample(cases=300, seed=4)
    assert isinstance(one, EventLog) and len(one) == 300
    assert one.events.equals(two.events) and one.cases.equals(two.cases)
    whole = office.cases.set_index("case").loc[one.cases["case"]].reset_index()
    assert one.cases.equals(whole)
    assert set(folder.sample(cases=300, seed=5).case.values()) != set(one.case.values())
    drawn = [
        len(folder.where({"office": "North"}).sample(cases=400, seed=k).between("2021-01-01", "2023-06-01"))
        for k in range(40)
    ]
    true = (
        400
        * len(office.where({"office": "North"}).between("2021-01-01", "2023-06-01"))
        / len(office.where({"office": "North"}))
    )
    assert abs(np.mean(drawn) - true) < 4 * np.std(drawn, ddof=1) / 40**0.5


def test_what_only_a_log_in_memory_has_says_how_to_get_one(folder):
    for name in ("cases", "events", "time", "offset", "take"):
        with pytest.raises(LogError, match=r"log\.sample\(cases=100_000, seed=1\)"):
            getattr(folder, name)
        assert not hasattr(folder, name)
    with pytest.raises(AttributeError, match="nothing"):
        folder.nothing  # noqa: B018
    with pytest.raises(LogError, match=r"log\.sample\("):
        procmine.case_times(folder, "Start", "End")


def test_what_follows_from_the_events_is_derived(office, folder):
    from pyarrow import parquet

    for part in folder.parts():
        assert part.arrival.dtype == part.until.dtype == np.int64
    names = parquet.ParquetFile(folder.folder / "cases-00000.parquet").schema_arrow.names
    assert names == ["n", "case", "later", "case:office"]
    read = folder.sample(cases=10**6, seed=1).cases.set_index("case").sort_index()
    assert read.equals(office.cases.set_index("case").sort_index())


def test_groups_by_what_is_written_down_late_are_warned_of_in_a_folder(office, tmp_path):
    from dataclasses import replace

    text = office.attributes["office"]
    codes = np.where(office.open & (np.arange(len(office)) % 8 > 0), -1, text.codes).astype(np.int32)
    late = replace(office, attributes={"office": replace(text, codes=codes)})
    one, two = (
        procmine.cycle_times(late, by=["office"]),
        procmine.cycle_times(save(late, tmp_path / "f", shards=5), by=["office"]),
    )
    assert one.sentences() == two.sentences() and one.about == two.about
    assert any(step.key == "result.late_value" for step in two.about.history)


def test_folders_of_format_1_are_read(office, tmp_path):
    """As procmine wrote them before: every column, and no format."""
    import pyarrow as pa
    from pyarrow import parquet

    from procmine.arrow import as_arrow

    old = tmp_path / "old"
    old.mkdir()
    events = {"activity": office.activity, "time": office.time, "event:unit": as_arrow(office.event_attributes["unit"])}
    names = office.case.levels.take(pa.array(office.case.codes))
    cases = {
        "n": np.diff(office.offset),
        "case": names,
        "arrival": office.arrival,
        "until": office.until,
        "open": office.open,
    }
    parquet.write_table(pa.table(events), old / "events-00000.parquet", compression="zstd")
    parquet.write_table(
        pa.table({**cases, "case:office": as_arrow(office.attributes["office"])}),
        old / "cases-00000.parquet",
        compression="zstd",
    )
    (old / "about.json").write_text(json.dumps({"about": office.about.to_dict(), "shards": 1, "kept": []}))
    log = procmine.read(old)
    same(procmine.handovers(log, "unit").rows, procmine.handovers(office, "unit").rows)
    same(procmine.time_between(log, first("Start"), last("End"), by=["office"]).rows,
         procmine.time_between(office, first("Start"), last("End"), by=["office"]).rows)  # fmt: skip


def test_a_folder_of_a_newer_procmine_is_refused(office, tmp_path):
    folder = save(office, tmp_path / "log").folder
    write_record(folder, read_record(folder))
    written = json.loads((folder / "about.json").read_text())
    (folder / "about.json").write_text(json.dumps({**written, "format": 3}))
    with pytest.raises(LogError, match="newer procmine"):
        procmine.read(folder)


def test_beyond_what_is_held_exactly_lengths_are_within_half_a_percent(office, folder, monkeypatch):
    asked = (procmine.bottlenecks, procmine.cycle_times, procmine.step_times, procmine.flow)
    true = [ask(office) for ask in asked]
    monkeypatch.setattr(Durations.of.__func__, "__defaults__", (200,))  # pairs, instead of 10 million
    for exact, ask in zip(true, asked):
        found = ask(folder)
        assert exact.exact and not found.exact
        assert any(line.key == "result.grid" for line in found.messages())
        assert list(found.rows) == list(exact.rows)
        for name, column in exact.rows.items():
            there = found.rows[name]
            if column.dtype.kind == "m":
                column, there = (one.astype("m8[s]").astype(np.float64) for one in (column, there))
                within = 0.01 if name.endswith(("_low", "_high")) else 0.005  # the ends of ranges are told less exactly
                np.testing.assert_allclose(there, column, rtol=within, atol=1, err_msg=name)
            elif name in ("n", "cases", "open", "count"):
                np.testing.assert_array_equal(there, column, err_msg=name)
