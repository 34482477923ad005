"""A folder of shards that is damaged, or was made to lead out of itself, is one refusal: nothing is read, written or lost."""

import json
import shutil

import pytest

import procmine
from procmine.log import LogError


def months(folder):
    """Two exports of the same office."""
    made = []
    for month, cases in ((1, 20), (2, 25), (3, 25)):
        lines = ["case_id,activity,timestamp,unit"]
        lines += [
            f"C{c},S{k},2024-{month:02}-{1 + c % 20:02} {8 + k}:00:00,u{k % 2}" for c in range(cases) for k in range(4)
        ]
        made.append(folder / f"{month}.csv")
        made[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    there = tmp_path_factory.mktemp("damage")
    one, two, _ = months(there)
    procmine.shard(one, there / "log", shards=4)
    procmine.add_month(two, there / "log")
    shutil.copytree(there / "log" / "delta-0001", there / "evil")
    return there


RECORDS = {
    "base out": {"base": "../evil"},
    "base itself": {"base": "."},
    "newest": {"newest": "abc"},
    "newest out": {"newest": "x-../../y"},
    "no about": {"about": None},
    "shards text": {"shards": "4"},
    "no shards": {"shards": 0},
    "fewer shards": {"shards": 3},
    "many shards": {"shards": 3 * 10**9},
    "deltas text": {"deltas": "../evil"},
    "format": {"format": "two"},
    "delta out": {"deltas": [{"name": "../evil", "shards": [0], "cutoff": 1}]},
    "delta of no shard": {"deltas": [{"name": "delta-0001", "shards": [99], "cutoff": 1}]},
    "delta of no cutoff": {"deltas": [{"name": "delta-0001", "shards": [0], "cutoff": "x"}]},
}
ABOUTS = {
    "cutoff": {"cutoff": "x"},
    "no cutoff": {"cutoff": None},
    "activities": {"activities": 5},
    "too few activities": {"activities": ["S0"]},
    "ends": {"ends": [7]},
    "more": {"more": 1},
}


def refused(folder, said, **kept):
    """Whatever is asked of it; and its files are as they were."""
    before = {one: one.read_bytes() for one in folder.rglob("*") if one.is_file() and one.name != ".lock"}
    calls = [lambda: procmine.variants(procmine.read(folder)), lambda: procmine.compact(folder)]
    calls.append(lambda: procmine.add_month(folder.parent / "3.csv", folder))
    for call in calls:
        with pytest.raises(LogError, match=said):
            call()
    assert {one: one.read_bytes() for one in folder.rglob("*") if one.is_file() and one.name != ".lock"} == before


def copy(whole, tmp_path):
    shutil.copy(whole / "3.csv", tmp_path)
    shutil.copytree(whole / "evil", tmp_path / "evil")
    return shutil.copytree(whole / "log", tmp_path / "log")


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_that_cannot_be(kind, whole, tmp_path):
    folder = copy(whole, tmp_path)
    record = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    (folder / "about.json").write_text(json.dumps({**record, **RECORDS[kind]}), encoding="utf-8")
    refused(folder, "about.json")


@pytest.mark.parametrize("kind", ABOUTS)
def test_what_is_known_of_the_log_cannot_be(kind, whole, tmp_path):
    folder = copy(whole, tmp_path)
    record = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    record["about"] |= ABOUTS[kind]
    (folder / "about.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(LogError, match=r"about.json"):
        procmine.variants(procmine.read(folder))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '{"about": ' + "[" * 20_000, "\ud83d"])
def test_a_record_that_is_none(text, whole, tmp_path):
    folder = copy(whole, tmp_path)
    (folder / "about.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    refused(folder, "about.json is damaged")


@pytest.mark.parametrize("name", ["events-00001.parquet", "cases-00001.parquet", "delta-0001/cases-00001.parquet"])
def test_a_file_that_is_missing_or_cut_off(name, whole, tmp_path):
    folder = copy(whole, tmp_path)
    held = (folder / name).read_bytes()
    (folder / name).unlink()
    refused(folder, f"{name} is missing")
    for part in (held[: len(held) // 2], b"", held[:4] + bytes(len(held) - 12) + held[-8:]):
        (folder / name).write_bytes(part)
        refused(folder, f"{name.rpartition('/')[2]} is damaged")


def test_files_that_do_not_belong_together(whole, tmp_path):
    folder = copy(whole, tmp_path)
    events = [folder / f"events-{number:05}.parquet" for number in range(4)]
    one, two = sorted(events, key=lambda file: file.stat().st_size)[:: len(events) - 1]
    shutil.copy(one, two)
    refused(folder, "does not fit")


def test_a_name_of_a_month_is_used_once(whole, tmp_path):
    """Also where about.json says another newest month than the last one that it names."""
    folder = copy(whole, tmp_path)
    record = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    (folder / "about.json").write_text(json.dumps({**record, "newest": "delta-0000"}), encoding="utf-8")
    log = procmine.add_month(tmp_path / "3.csv", folder)
    assert [one.name for one in log.record.deltas] == ["delta-0001", "delta-0002"]
    assert log.size == 20 * 4 + 2 * 25 * 4


def test_two_that_add_at_once(whole, tmp_path, monkeypatch):
    """The second is told to wait, also to compact; the first is not disturbed."""
    from procmine.load.sharding import months as adding

    folder, plain = copy(whole, tmp_path), adding.add_parts
    said = []

    def meanwhile(*given, **more):
        for call in (lambda: procmine.add_month(tmp_path / "3.csv", folder), lambda: procmine.compact(folder)):
            with pytest.raises(LogError, match="another run just now") as error:
                call()
            said.append(error)
        return plain(*given, **more)

    monkeypatch.setattr(adding, "add_parts", meanwhile)
    assert procmine.add_month(tmp_path / "3.csv", folder).size == 20 * 4 + 2 * 25 * 4
    assert len(said) == 2


def test_a_folder_that_cannot_be_written(whole, tmp_path, monkeypatch):
    """Nothing is left of a run that the system stopped."""
    import errno

    from procmine.scale import months as adding

    folder = copy(whole, tmp_path)

    def full(part, there, number):
        (there / "events-00000.parquet").write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(adding, "write_shard", full)
    refused_writing = [lambda: procmine.compact(folder), lambda: procmine.add_month(tmp_path / "3.csv", folder)]
    for call in refused_writing:
        with pytest.raises(LogError, match=r"No space left on device.*as it was"):
            call()
        assert not list(folder.glob(".*partial")) and procmine.read(folder).size == 20 * 4 + 25 * 4


def test_a_folder_is_no_month(whole, tmp_path):
    with pytest.raises(LogError, match="is a folder of shards"):
        procmine.add_month(whole / "log", copy(whole, tmp_path))
