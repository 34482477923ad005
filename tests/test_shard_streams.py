"""A source in parts has the rows, numbers, notes and lost rows that it has when it is read as a whole."""

import gzip
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest
from pyarrow import ipc, parquet

from procmine.load.columns import Columns
from procmine.load.door import read_raw, readable
from procmine.load.sharding import tables, text
from procmine.load.sharding.streams import stream_of
from procmine.log import LogError

PLAIN = "case,activity,timestamp,note\n" + "".join(
    f"c{k % 7},Step {k % 3},2026-01-{k % 28 + 1:02},n{k}\n" for k in range(60)
)
FILES = {
    "plain.csv": PLAIN.encode(),
    "crlf.csv": PLAIN.replace("\n", "\r\n").encode(),
    "bom.csv": b"\xef\xbb\xbf" + PLAIN.encode(),
    "utf16.csv": PLAIN.replace("Step", "Schritt ü 🙂").encode("utf-16"),
    "semicolon.csv": PLAIN.replace(",", ";").encode(),
    "tab.tsv": PLAIN.replace(",", "\t").encode(),
    "broken_bar.csv": PLAIN.replace(",", "¦").encode(),
    "ragged.csv": (PLAIN + "c1,Step 1\nc1,Step 1,2026-02-01,x,y,z\n" + PLAIN.split("\n", 1)[1]).encode(),
    "ragged_first.csv": PLAIN.replace("c0,Step 0,2026-01-01,n0\n", "c0\n" + "c0,Step 0,2026-01-01,n0\n").encode(),
    "blank.csv": (PLAIN + ",,,\n,,,\n" + PLAIN.split("\n", 1)[1] + ",,,\n").encode(),
    "blank_end.csv": (PLAIN + ",,,\n,,,\n").encode(),
    "blank_lines.csv": (PLAIN + "\n\n" + PLAIN.split("\n", 1)[1]).encode(),
    "unnamed.csv": (
        "case,activity,timestamp,\n" + "".join(f"c{k},Step,2026-01-01,{'x' * (k % 2)}\n" for k in range(9))
    ).encode(),
    "hostile.csv": (
        'case,activity,timestamp\n"a\nb",=1+1,2026-01-01\n"","<b>",2026-01-02\n"""q""","🙂",2026-01-03\n'
        + "x" * 300_000
        + ",Step,2026-01-04\n"
    ).encode(),
    "twice.csv": (
        "case,activity,timestamp,x,x\n" + "".join(f"c{k},Step,2026-01-01,{k},{-k}\n" for k in range(9))
    ).encode(),
    "title.csv": ("\n\n" + PLAIN).encode(),
    "sep.csv": ("sep=;\n" + PLAIN.replace(",", ";")).encode(),
    "quoted.csv": PLAIN.replace("Step", "'Step").replace(",2026", "',2026").encode(),
}


@pytest.fixture(params=[(1 << 19, 7), (1 << 25, 1 << 18)], ids=["small_blocks", "large_blocks"])
def blocks(request, monkeypatch):
    """Bytes of text, and rows of tables, at once."""
    for module, name, size in zip((text, tables), ("ROW", "ROWS"), request.param):
        monkeypatch.setattr(module, name, size)


def same_rows(path, columns=None):
    """The whole, and the stream joined, say the same."""
    columns = columns or Columns()
    whole, stream = read_raw(path, columns), stream_of(path, columns, readable)
    batches = list(stream.batches())
    joined = pa.concat_tables([one.table for one in batches]).unify_dictionaries()
    number = np.concatenate([one.number for one in batches])
    assert (stream.name, list(stream.names)) == (whole.name, list(whole.names))
    assert joined.select(stream.wanted).to_pydict() == whole.table.to_pydict()
    assert kinds(joined.select(stream.wanted)) == kinds(whole.table)
    np.testing.assert_array_equal(number, whole.row_numbers(np.arange(len(whole.table))))
    files = [stream.files[one.file] for one in batches for _ in one.number]
    assert files == whole.file_names(np.arange(len(whole.table)))
    assert stream.lost() == (whole.ragged or {})
    assert [one.say() for one in stream.notes()] == [one.say() for one in whole.notes]
    if whole.rest is not None:
        assert joined.select(stream.others).to_pydict() == whole.rest().select(stream.others).to_pydict()
    return batches


def kinds(table):
    """Of what the columns are; text is text, coded or written out."""
    types = [one.type for one in table.schema]
    return [str(one.value_type if pa.types.is_dictionary(one) else one) for one in types]


@pytest.mark.parametrize("name", FILES)
def test_text(name, tmp_path, blocks):
    (tmp_path / name).write_bytes(FILES[name])
    same_rows(tmp_path / name)


@pytest.mark.parametrize("name", ["plain.csv", "ragged.csv", "utf16.csv"])
def test_packed(name, tmp_path, blocks):
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(FILES[name]))
    same_rows(tmp_path / f"{name}.gz")
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as archive:
        archive.writestr(name, FILES[name])
    same_rows(tmp_path / "one.zip")


def test_text_as_was_said(tmp_path, blocks):
    (tmp_path / "old.csv").write_bytes(PLAIN.replace("Step", "Prüfung").replace(",", ";").encode("cp1252"))
    said = Columns(encoding="cp1252", delimiter=";", attributes=(), event_attributes=("note",))
    same_rows(tmp_path / "old.csv", said)
    (tmp_path / "few.csv").write_bytes(PLAIN.encode())
    same_rows(tmp_path / "few.csv", Columns(attributes=(), event_attributes=()))
    (tmp_path / "days.csv").write_text(
        "case;activity;timestamp\n" + "".join(f"c{k};S;{45000 + k},5\n" for k in range(20))
    )
    same_rows(tmp_path / "days.csv", Columns(decimal=",", dates="excel"))


def test_parts_are_several(tmp_path, monkeypatch):
    """A file of several blocks comes in several batches, with numbers that go on."""
    monkeypatch.setattr(text, "ROW", 1 << 16)
    lines = "".join(f"c{k},Step,2026-01-01,n{k}\n" + ("short\n" if k % 5_000 == 77 else "") for k in range(20_000))
    (tmp_path / "long.csv").write_text("case,activity,timestamp,note\n" + lines)
    assert len(same_rows(tmp_path / "long.csv")) > 3


@pytest.mark.parametrize(
    "wrong",
    [
        PLAIN.encode() + "c1,Prüfung,2026-01-01,x\n".encode("latin-1"),
        PLAIN.encode() * 50 + b"c1,Pr\xfcfung,2026-01-01,x\n",
        PLAIN.encode() + b'c1,Step,2026-01-01,"open\n',
        PLAIN.encode() * 50 + b'c1,a "b\\" c,2026-01-01,x\nc1,"d\\"e",2026-01-01,x\n',
        b"case,activity,timestamp\n" + PLAIN.encode(),
    ],
)
def test_damage_is_refused_as_in_memory(wrong, tmp_path):
    (tmp_path / "bad.csv").write_bytes(wrong)
    with pytest.raises(LogError) as whole:
        read_raw(tmp_path / "bad.csv", Columns())
    with pytest.raises(LogError) as parts:
        list(stream_of(tmp_path / "bad.csv", Columns(), readable).batches())
    assert str(parts.value) == str(whole.value)


def a_table():
    k = np.arange(50)
    return pa.table(
        {
            "case": pa.array([f"c{one % 6}" for one in k]),
            "activity": pa.array([f"Step {one % 4}" for one in k]).dictionary_encode(),
            "timestamp": pa.array(k * 86_400_000_000, pa.timestamp("us")),
            "amount": pa.array(k / 4),
            "number": pa.array(k),
            "day": pa.array(k.astype("i4"), pa.date32()),
            "list": pa.array([[one] for one in k.tolist()]),
        }
    )


def test_tables(tmp_path, blocks):
    parquet.write_table(a_table(), tmp_path / "a.parquet", row_group_size=11)
    pyarrow.feather.write_feather(a_table(), tmp_path / "a.feather", chunksize=9)
    with ipc.new_stream(tmp_path / "b.arrow", a_table().schema) as file:
        file.write_table(a_table(), max_chunksize=9)
    for name in ("a.parquet", "a.feather", "b.arrow"):
        whole, stream = read_raw(tmp_path / name, Columns()), stream_of(tmp_path / name, Columns(), readable)
        joined = pa.concat_tables([one.table for one in stream.batches()]).unify_dictionaries()
        assert joined.select(stream.wanted).to_pydict() == whole.table.to_pydict()
        assert stream.others == ["list"]
        assert [one.say() for one in stream.notes()] == [one.say() for one in whole.notes]


def test_folders(tmp_path, blocks):
    for month in (1, 2, 10):
        (tmp_path / f"m{month}.csv").write_bytes(PLAIN.replace("2026-01", f"2026-{month:02}").encode() + b"c1,short\n")
    same_rows(tmp_path)
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    same_rows(tmp_path)


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace("note", "remark"),
        PLAIN.replace("case", "Case"),
        "".join(line.replace("2026-01-", "") for line in PLAIN.splitlines(keepends=True)),
    ],
)
def test_folders_that_differ_are_read_as_a_whole(other, tmp_path):
    (tmp_path / "a.csv").write_text(PLAIN)
    (tmp_path / "b.csv").write_text(other)
    assert stream_of(tmp_path, Columns(), readable) is None


def test_other_kinds_are_read_as_a_whole(tmp_path):
    (tmp_path / "log.jsonl").write_text('{"case": "a"}\n')
    assert stream_of(tmp_path / "log.jsonl", Columns(), readable) is None
