"""Writing a log to a file that this and other tools read back: CSV, XES, Parquet."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from procmine.draw.files import replace_whole
from procmine.kernels.flow import Ints, cases_of
from procmine.load.arrays import strings, whole_numbers
from procmine.log import EventLog, LogError, Text

if TYPE_CHECKING:
    import pyarrow as pa

CASE, ACTIVITY, START, END = "case:concept:name", "concept:name", "start_timestamp", "time:timestamp"
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # no XML 1.0 file may hold these
XES_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">
\t<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
\t<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
\t<classifier name="Activity" keys="concept:name"/>
"""


def write(log: EventLog, path: str | Path) -> None:
    """Write the events to .csv, .xes (both also .gz) or .parquet, under pm4py's names; replaces `path` when complete.

    Reading the file gives the same cases, events, order, times and values; an event attribute that never changes inside
    a case comes back as one of cases, unless `Columns` names it. Cases without events (after `only_activities`) and what
    `about` knows (cutoff, ends, stages) are not in the file: `save` keeps all.

    Instants are written in UTC, civil times without an offset. Nothing is changed to be safe in a spreadsheet, so that
    what is read back is what was written: a value that begins with = is one there.
    """
    final = Path(path)
    kind = Path(final.name.lower().removesuffix(".gz")).suffix
    writers: dict[str, Callable[[EventLog, IO[bytes]], None]] = {".csv": _csv, ".xes": _xes, ".parquet": _parquet}
    if kind not in writers or (kind == ".parquet" and final.name.lower().endswith(".gz")):
        raise ValueError(f"{final.name}: a log is written to .csv, .csv.gz, .xes, .xes.gz or .parquet.")
    with replace_whole(final) as beside, beside.open("wb") as file:
        if final.name.lower().endswith(".gz"):
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0, filename="") as packed:
                writers[kind](log, packed)  # type: ignore[arg-type]
        else:
            writers[kind](log, file)


def _table(log: EventLog) -> pa.Table:
    """One row an event, in order."""
    import pyarrow as pa

    case = cases_of(log.offset)
    columns = {CASE: _taken(log.case, case), ACTIVITY: _taken(_steps(log))}
    columns |= {} if log.start is None else {START: _times(log, log.start)}
    columns[END] = _times(log, log.time)
    for name, text in log.attributes.items():
        _add(columns, f"case:{name}", _taken(text, case))
    for name, text in log.event_attributes.items():
        _add(columns, name, _taken(text))
    return pa.table(list(columns.values()), list(columns))


def _steps(log: EventLog) -> Text:
    return Text(log.activity.astype(np.int32), strings(log.about.activities))


def _add(columns: dict[str, pa.Array], name: str, column: pa.Array) -> None:
    if name in columns:
        raise LogError(f"An attribute is called {name!r}, which is the name of another column of the file.")
    columns[name] = column


def _taken(text: Text, place: Ints | None = None) -> pa.StringArray:
    codes = (text.codes if place is None else text.codes[place]).astype(np.int64)
    return text.levels.take(whole_numbers(np.maximum(codes, 0), codes >= 0))


def _times(log: EventLog, time: Ints) -> pa.Array:
    import pyarrow as pa

    if log.about.precision == "day":
        return whole_numbers(time // 86_400_000_000).cast(pa.int32()).cast(pa.date32())
    return whole_numbers(time).cast(pa.timestamp("us", "UTC" if log.about.axis == "instant" else None))


def _csv(log: EventLog, file: IO[bytes]) -> None:
    from pyarrow import csv

    csv.write_csv(_table(log), file)


def _parquet(log: EventLog, file: IO[bytes]) -> None:
    from pyarrow import parquet

    parquet.write_table(_table(log), file, compression="zstd")


def _xes(log: EventLog, file: IO[bytes]) -> None:
    file.write(XES_HEAD.encode())
    events = list(_events(log))
    traces = _cells({**log.attributes, ACTIVITY: log.case}, "\t\t")
    for number, trace in enumerate(zip(*traces)):
        here = events[int(log.offset[number]) : int(log.offset[number + 1])]
        if here:
            file.write(("\t<trace>\n" + "".join(trace) + "".join(here) + "\t</trace>\n").encode())
    file.write(b"</log>\n")


def _events(log: EventLog) -> Iterator[str]:
    zone = "+00:00" if log.about.axis == "instant" else ""
    times = {END: log.time} if log.start is None else {START: log.start, END: log.time}
    columns = _cells({ACTIVITY: _steps(log), **log.event_attributes}, "\t\t\t")
    for key, time in times.items():
        written = np.datetime_as_string(time.astype("M8[us]"))
        columns.append([f'\t\t\t<date key="{key}" value="{one}{zone}"/>\n' for one in written])
    return ("\t\t<event>\n" + "".join(cells) + "\t\t</event>\n" for cells in zip(*columns))


def _cells(texts: dict[str, Text], indent: str) -> list[list[str]]:
    """Each column's attributes as XML, empty where missing."""
    columns = []
    for key, text in texts.items():
        start = f'{indent}<string key="{_escaped(key)}" value="'
        written = [f'{start}{_escaped(level)}"/>\n' for level in text.levels.to_pylist()]
        columns.append([written[code] if code >= 0 else "" for code in text.codes.tolist()])
    return columns


def _escaped(text: str) -> str:
    if UNWRITABLE.search(text):
        raise LogError("XES cannot hold control characters, and a value of this log has one. Write .csv or .parquet.")
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(sign, entity)
    return re.sub("[\t\n\r]", lambda found: f"&#{ord(found[0])};", text)
