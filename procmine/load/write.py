"""Writing a log to a file that this and other tools read back: CSV, XES, Parquet."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.draw.files import replace_whole
from procmine.kernels.flow import Ints, cases_of
from procmine.load.arrays import strings, whole_numbers
from procmine.load.columns import KNOWN, PRECISION, plain
from procmine.load.events.attributes import ATTRIBUTE, CASE
from procmine.log import EventLog, LogError, Text

if TYPE_CHECKING:
    import pyarrow as pa

CASE_ID, ACTIVITY, START, END = "case:concept:name", "concept:name", "start_timestamp", "time:timestamp"
ORDER = "source:order"
FIXED = (CASE_ID, ACTIVITY, START, END, PRECISION, ORDER)
ROLES = {name for role, tiers in KNOWN.items() if role != "resource" for tier in tiers for name in tier}
DAY = 86_400_000_000
YEARS = tuple(int(np.datetime64(year, "us").astype(np.int64)) for year in ("0001-01-01", "9999-12-31T23:59:59.999999"))
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # no XML 1.0 file may hold these
UNNAMED = re.compile(
    "[\x00-\x1f\x7f\x85\u2028\u2029;|]|\\s$"
)  # not in a header from which readers tell what separates columns
XES_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">
\t<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
\t<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
\t<classifier name="Activity" keys="concept:name"/>
"""


def write(log: EventLog, path: str | Path) -> None:
    """Write the events to .csv, .xes (both also .gz) or .parquet, under pm4py's names; replaces `path` when complete.

    Reading the file gives the same cases, events, order, times and values. Where names or times would not tell that, the
    file says more: an attribute that would be taken for something else is called "attribute:..."; `time:precision` says
    of which events only the day is known, `source:order` numbers events. Cases without events (after `only_activities`),
    attributes that nothing has, and what `about` knows (cutoff, ends, zone, persons) are not in the file: `save` keeps all.

    Instants are written in UTC, civil times without an offset. Nothing is changed to be safe in a spreadsheet, so that
    what is read back is what was written: a value that begins with = is one there. LogError, and no file, where a kind of
    file cannot hold a value.
    """
    final = Path(path)
    kind = Path(final.name.lower().removesuffix(".gz")).suffix
    writers: dict[str, Callable[[EventLog, IO[bytes]], None]] = {".csv": _csv, ".xes": _xes, ".parquet": _parquet}
    if kind not in writers or (kind == ".parquet" and final.name.lower().endswith(".gz")):
        raise ValueError(f"{final.name}: a log is written to .csv, .csv.gz, .xes, .xes.gz or .parquet.")
    _check(log, kind)
    with replace_whole(final) as beside, beside.open("wb") as file:
        if final.name.lower().endswith(".gz"):
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0, filename="") as packed:
                writers[kind](log, packed)  # type: ignore[arg-type]
        else:
            writers[kind](log, file)


def _check(log: EventLog, kind: str) -> None:
    """LogError for what this kind of file cannot hold."""
    texts = [
        ("the cases", log.case),
        ("the steps", _steps(log)),
        *log.attributes.items(),
        *log.event_attributes.items(),
    ]
    signs = {".csv": re.compile("\x00"), ".xes": UNWRITABLE}.get(kind)
    for name, text in texts:
        used = np.unique(text.codes[text.codes >= 0])
        for level in text.levels.take(whole_numbers(used.astype(np.int64))).to_pylist():
            if not level:
                raise LogError(
                    f"Of {name!r} a value is an empty text, which every reader takes for none. Leave it out."
                )
            if signs and signs.search(level):
                said = "zero bytes" if kind == ".csv" else "control characters"
                raise LogError(f"{kind} files cannot hold {said}, and a value of {name!r} has one. Write .parquet.")
    for name in (*log.attributes, *log.event_attributes):
        wrong = {".csv": UNNAMED, ".xes": UNWRITABLE}.get(kind)
        if wrong and wrong.search(name):
            raise LogError(
                f"{kind} files cannot hold the name of the attribute {name!r}: it has control characters, a sign that may "
                "separate columns, or a blank at its end. Write .parquet."
            )
    times = [log.time] if log.start is None else [log.time, log.start]
    if kind != ".parquet" and any(np.any((one < YEARS[0]) | (one > YEARS[1])) for one in times):
        raise LogError(f"{kind} files cannot hold times before the year 1 or after 9999. Write .parquet.")


def _table(log: EventLog) -> pa.Table:
    """One row an event, in order."""
    import pyarrow as pa

    case = cases_of(log.offset)
    columns = {CASE_ID: _taken(log.case, case), ACTIVITY: _taken(_steps(log))}
    columns |= {} if log.start is None else {START: _times(log, log.start)}
    columns[END] = _times(log, log.time)
    of_case, of_event = _names(log)
    columns |= {CASE + of_case[name]: _taken(text, case) for name, text in log.attributes.items()}
    columns |= {of_event[name]: _taken(text) for name, text in log.event_attributes.items()}
    columns |= {name: _taken(text) for name, text in _added(log).items()}
    return pa.table(list(columns.values()), list(columns))


def _steps(log: EventLog) -> Text:
    return Text(log.activity.astype(np.int32), strings(log.about.activities))


def _names(log: EventLog) -> tuple[dict[str, str], dict[str, str]]:
    """What attributes of cases (without "case:") and of events are called in the file: as here, where that tells all."""
    steady = {name for name, text in log.event_attributes.items() if _never_changes(log, text)}
    resource = [name for name in log.event_attributes if plain(name) == "orgresource"]  # readers know whose it is
    hidden = {*log.attributes, *FIXED, *(steady - set(resource if len(resource) == 1 else ()))}
    event = {name: ATTRIBUTE * (name in hidden or _unsafe(name)) + name for name in log.event_attributes}
    taken = {*FIXED, *event.values(), *(CASE + name for name in log.attributes)}
    case = {name: ATTRIBUTE * (name in taken or _unsafe(CASE + name, CASE)) + name for name in log.attributes}
    return case, event


def _unsafe(name: str, before: str = "") -> bool:
    """Whether a column of this name would be taken for a role, or for something else than an attribute of this name."""
    rest = name.removeprefix(before)
    return plain(name) in ROLES or not rest.strip() or rest != rest.strip() or rest.startswith((CASE, ATTRIBUTE))


def _never_changes(log: EventLog, text: Text) -> bool:
    """Whether readers would take this attribute of events for one of cases."""
    there = np.flatnonzero(text.codes >= 0)
    case, codes = cases_of(log.offset)[there], text.codes[there]
    return not np.any((case[1:] == case[:-1]) & (codes[1:] != codes[:-1]))


def _added(log: EventLog) -> dict[str, Text]:
    """The columns that say what names and times alone would not tell."""
    n = len(log.time)
    added = {}
    if _says_precision(log):
        dated = np.zeros(n, bool) if log.dated is None else log.dated
        added[PRECISION] = Text(dated.astype(np.int32), strings(["time", "day"]))
    if added or _has_repeats(log):
        place = np.arange(n) - np.repeat(log.offset[:-1], np.diff(log.offset))
        added[ORDER] = Text(
            place.astype(np.int32), strings([str(k + 1) for k in range(int(place.max(initial=-1)) + 1)])
        )
    return added


def _says_precision(log: EventLog) -> bool:
    """Whether a reader would not see by itself of which events only the day is known, or the order of events."""
    if log.dated is not None:
        return True
    order = np.lexsort((log.time if log.start is None else log.start, log.time, cases_of(log.offset)))
    if np.any(order[1:] < order[:-1]):
        return True
    if _by_day(log):
        return False
    timed = np.zeros(len(log.about.activities), bool)
    timed[log.activity[log.time % DAY != 0]] = True
    return not timed[np.unique(log.activity)].all()


def _by_day(log: EventLog) -> bool:
    return log.about.precision == "day" and log.about.axis == "civil"


def _has_repeats(log: EventLog) -> bool:
    """Whether two events are equal in all that is written: readers would set one aside."""
    case = cases_of(log.offset)
    same = (case[1:] == case[:-1]) & (log.time[1:] == log.time[:-1])
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same)) if len(case) else np.empty(0, np.int64)
    columns: list[NDArray[np.integer]] = [case, log.time, log.activity]
    columns += [] if log.start is None else [log.start]
    columns += [text.codes for text in log.event_attributes.values()]
    keys = np.stack([column[tied].astype(np.int64) for column in columns], axis=1)
    return len(np.unique(keys, axis=0)) < len(tied)


def _taken(text: Text, place: Ints | None = None) -> pa.StringArray:
    codes = (text.codes if place is None else text.codes[place]).astype(np.int64)
    return text.levels.take(whole_numbers(np.maximum(codes, 0), codes >= 0))


def _times(log: EventLog, time: Ints) -> pa.Array:
    import pyarrow as pa

    if _by_day(log) and log.dated is None:
        return whole_numbers(time // DAY).cast(pa.int32()).cast(pa.date32())
    return whole_numbers(time).cast(pa.timestamp("us", "UTC" if log.about.axis == "instant" else None))


def _csv(log: EventLog, file: IO[bytes]) -> None:
    from pyarrow import csv

    csv.write_csv(_table(log), file)


def _parquet(log: EventLog, file: IO[bytes]) -> None:
    from pyarrow import parquet

    parquet.write_table(_table(log), file, compression="zstd")


def _xes(log: EventLog, file: IO[bytes]) -> None:
    file.write(XES_HEAD.encode())
    of_case, of_event = _names(log)
    events = list(_events(log, of_event))
    traces = _cells({ACTIVITY: log.case, **{of_case[name]: text for name, text in log.attributes.items()}}, "\t\t")
    for number, trace in enumerate(zip(*traces)):
        here = events[int(log.offset[number]) : int(log.offset[number + 1])]
        if here:
            file.write(("\t<trace>\n" + "".join(trace) + "".join(here) + "\t</trace>\n").encode())
    file.write(b"</log>\n")


def _events(log: EventLog, names: Mapping[str, str]) -> Iterator[str]:
    zone = "+00:00" if log.about.axis == "instant" else ""
    times = {END: log.time} if log.start is None else {START: log.start, END: log.time}
    attributes = {names[name]: text for name, text in log.event_attributes.items()}
    columns = _cells({ACTIVITY: _steps(log), **attributes, **_added(log)}, "\t\t\t")
    for key, time in times.items():
        written = np.datetime_as_string(time.astype("M8[us]"))
        columns.append([f'\t\t\t<date key="{key}" value="{one}{zone}"/>\n' for one in written])
    return ("\t\t<event>\n" + "".join(cells) + "\t\t</event>\n" for cells in zip(*columns))


def _cells(texts: Mapping[str, Text], indent: str) -> list[list[str]]:
    """Each column's attributes as XML, empty where missing."""
    columns = []
    for key, text in texts.items():
        start = f'{indent}<string key="{_escaped(key)}" value="'
        written = [f'{start}{_escaped(level)}"/>\n' for level in text.levels.to_pylist()]
        columns.append([written[code] if code >= 0 else "" for code in text.codes.tolist()])
    return columns


def _escaped(text: str) -> str:
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(sign, entity)
    return re.sub("[\t\n\r]", lambda found: f"&#{ord(found[0])};", text)
