"""The door: one way in for every kind of source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np

from procmine.about import About
from procmine.calendars import Calendar
from procmine.load.aside import Mending, mend, write_aside
from procmine.load.columns import MOST, Columns, over
from procmine.load.databases.database import Database, read_database, source_of
from procmine.load.events.table import REASONS, Given, Loaded, build
from procmine.load.events.watch import Ends, listed
from procmine.load.formats.packed import inner_name
from procmine.load.formats.several import files_hash, is_several, read_folder
from procmine.load.raw import Raw, file_hash, spec_beside
from procmine.load.shape.shapes import shaped
from procmine.load.shape.sources import Part, Parts, read_parts
from procmine.log import EventLog, LogError, shown
from procmine.words import Message

if TYPE_CHECKING:
    import pandas as pd

    from procmine.load.spec import Spec
    from procmine.scale.shards import ShardedLog

Source: TypeAlias = "str | Path | pd.DataFrame | Database"
READERS = {  # kind of file -> module and function; each module loads on first use
    **dict.fromkeys((".csv", ".tsv", ".txt"), ("formats.delimited", "read_delimited")),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), ("formats.excel", "read_excel")),
    **dict.fromkeys((".parquet", ".pq"), ("formats.tables", "read_parquet")),
    **dict.fromkeys((".feather", ".arrow"), ("formats.tables", "read_feather")),
    **dict.fromkeys((".jsonl", ".ndjson"), ("formats.json_lines", "read_json_lines")),
    ".xes": ("formats.xes", "read_xes"),
    **dict.fromkeys((".jsonocel", ".xmlocel", ".sqlite", ".db", ".json", ".xml"), ("formats.ocel", "read_ocel")),
}
SPECS = (".yaml", ".yml")
SAVED = "about.json"  # in a folder written by `save`


def read(
    source: Source,
    *,
    columns: Columns | None = None,
    spec: str | Path | Spec | None = None,
    cutoff: str | None = None,
    ends: Ends | Literal["every case"] = None,
    tags: Mapping[str, str] | None = None,
    set_aside: str | Path | None = None,
    mended: str | Path | None = None,
) -> EventLog | ShardedLog:
    """A log from a file, a spec, a `Database`, a pandas frame, or a folder written by `save`.

    Files: CSV and the like (.csv, .tsv, .txt), Excel (.xlsx), Parquet, XES, the first and last also gzipped. A spec
    (.yaml) beside a file and of its name is used, and said so. `columns` names what well-known names do not tell.

    `cutoff` is the last day that the data could show (else the last credible event); `ends` are the steps that finish a
    case, best with the outcome of each, or "every case" (else those after which most cases stop); `tags` say who can
    change a step: law, court rule, our policy, habit, another party. Arguments win over the spec.

    A time is the END of an event. Events of one moment keep the order of the `order` column, else of the source. Rows
    that cannot be events are set aside and counted (`load_report(log)` says why), and with `set_aside` written to a workbook
    in that folder; mended there, they are read again with `mended`, the workbook's name. LogError where the data do not
    say what a log needs to know; nothing is guessed.
    """
    if not isinstance(source, str | Path | Database) and not hasattr(source, "columns"):
        raise ValueError(
            f"{type(source).__name__}: a log is read from a file's path, a folder, a Database or a pandas frame."
        )
    if isinstance(source, str | Path) and (Path(source) / SAVED).is_file():
        return _folder(Path(source), columns, spec, cutoff, ends, tags, mended)
    found, file, data = spec_of(source, spec)
    given = given_of(found, file, columns, cutoff, ends, tags)
    try:
        parts = read_parts(found, file, columns or Columns(), data, read_raw, readable)
    except EOFError as error:
        raise LogError(f"{data} is cut off: the compressed file ends too early. Copy or export it again.") from error
    check_dates(parts)
    given = replace(given, source=_source(parts, file))
    mending = _mending([part.raw for part in parts.sources], given.source, found, file, mended)
    whole = shaped(parts.with_raws(mending.raws))
    built = build(whole.raw, whole.into(mending.into(given)))
    check_persons(given.persons, parts, built.log)
    loaded = _voiced(with_calendars(built, found), found, file)
    return _kept(whole.raw, loaded, Path(set_aside), mending) if set_aside is not None else loaded.log


def _mending(
    raws: Sequence[Raw], source: Mapping[str, str], spec: Spec | None, file: Path | None, mended: str | Path | None
) -> Mending:
    """The sources with the rows mended in a workbook, if there is one: the one named, else that of the spec."""
    if mended is None and spec is not None and spec.mended is not None:
        mended = (file.parent if file else Path()) / spec.mended
    return Mending(raws) if mended is None else mend(raws, Path(mended), source)


def _folder(folder: Path, *given: object) -> EventLog | ShardedLog:
    from procmine.scale.shards import ShardedLog
    from procmine.scale.whole import is_whole, read_whole

    if any(one is not None for one in given):
        raise ValueError(
            f"{folder.name} is a folder written by save(): its columns, ends and cutoff are settled already."
        )
    return read_whole(folder) if is_whole(folder) else ShardedLog.open(folder)


def spec_of(source: Source, spec: str | Path | Spec | None) -> tuple[Spec | None, Path | None, Source | None]:
    """The spec, the file it stands in, and the data; None: those that the spec names."""
    if isinstance(spec, str | Path):
        return read_spec(existing(Path(spec))), Path(spec), source
    if not isinstance(source, str | Path) or spec is not None:
        return spec, None, source
    path = Path(source) if is_several(source) else existing(Path(source))
    if path.suffix.lower() not in SPECS or path.is_dir():
        beside = spec_beside(path.absolute())
        return (_beside(beside, path), beside, path) if beside.is_file() else (None, None, path)
    found = read_spec(path)
    return found, path, None


def _beside(file: Path, data: Path) -> Spec:
    """The spec beside a data file; it must be about that file."""
    spec = read_spec(file)
    source = spec.source_of(file.parent)
    if source is not None and source.resolve() != data.resolve():
        raise LogError(
            f"{file.name} lies beside {data.name} and has its name, but says source: {spec.source}. Correct that line, or "
            "move one of the files."
        )
    return spec


def read_spec(file: Path) -> Spec:
    from procmine.load.spec import Spec  # pydantic and YAML take 0.2 s to load, and most logs have no spec

    return Spec.read(file)


def existing(path: Path) -> Path:
    if path.is_file():
        return path
    near = sorted(one.name for one in path.parent.glob("*") if one.is_file())[:10] if path.parent.is_dir() else []
    listed = (
        f" In that folder there are: {', '.join(near)}." if near else " There is no such folder, or it holds no files."
    )
    raise LogError(f"There is no file {path}.{listed}")


def given_of(
    spec: Spec | None,
    file: Path | None,
    columns: Columns | None,
    cutoff: str | None,
    ends: Ends | Literal["every case"],
    tags: Mapping[str, str] | None,
) -> Given:
    """The arguments, over what the spec says."""
    _check_tags(tags or {})
    if spec is None:
        return Given(columns=columns or Columns(), cutoff=cutoff, ends=ends, tags=tags or {})
    _check_zone(spec.zone)
    name = file.name if file else "the spec"
    notes = [Message("load.spec", {"file": name})]
    return Given(
        columns=over(columns or Columns(), spec.as_columns()),
        cutoff=spec.cutoff if cutoff is None else cutoff,
        ends=spec.ends if ends is None else ends,
        tags=spec.who_can_change if tags is None else tags,
        stages=spec.stages,
        zone=spec.zone,
        complete_from=spec.complete_from,
        dormant_after_days=spec.dormant_after_days,
        first_steps=spec.begins,
        by_date=spec.by_date,
        same_moment=spec.same_moment,
        not_dates=spec.not_dates,
        near_duplicates=spec.near_duplicates,
        forms=spec.forms,
        leave_out=spec.leave_out,
        carried=_carried(spec),
        persons=spec.persons,
        title=spec.title,
        audience=spec.audience,
        notes=tuple(notes),
    )


def _carried(spec: Spec) -> dict[str, Any]:
    """What the log takes along for those who count with it."""
    calendars = {name: one.model_dump(exclude_defaults=True) for name, one in spec.calendars.items()}
    clock = {} if spec.clock is None else spec.clock.model_dump(exclude_defaults=True)
    suspended = {} if spec.suspended is None else spec.suspended.model_dump()
    limits = tuple(one.model_dump(exclude_defaults=True) for one in spec.limits)
    timed = {"calendars": calendars, "calendar_by": spec.calendar_by, "clock": clock, "suspended": suspended}
    return {**timed, "party": spec.party, "limits": limits}


def with_calendars(loaded: Loaded, spec: Spec | None) -> Loaded:
    """The log with a note on its calendars; an error where the spec names columns by which time is told that are nowhere."""
    if spec is None:
        return loaded
    about = loaded.log.about
    if spec.calendar_by is not None and spec.calendar_by not in about.attributes:
        raise LogError(_no_column("calendar_by", spec.calendar_by, "cases", about.attributes, about.event_attributes))
    known = (*about.event_attributes, *about.attributes)
    if spec.suspended is not None and spec.suspended.column not in known:
        raise LogError(_no_column("suspended.column", spec.suspended.column, "events", known, ()))
    _check_party(about)
    _check_limits(about)
    return replace(loaded, log=replace(loaded.log, about=replace(about, notes=(*about.notes, *_calendars(about)))))


def _check_party(about: About) -> None:
    """A party that no case names would look like one that never comes back."""
    if about.party is None or about.party in about.attributes:
        return
    there = listed(list(about.attributes), MOST) or "there is none"
    if about.party in about.event_attributes:
        raise LogError(
            f"party: {about.party!r} belongs to events, and a case is of one party. Read it as an attribute of cases "
            f"(columns: attributes: [{about.party}]), or name one of: {there}."
        )
    raise LogError(_no_column("party", about.party, "cases", about.attributes, ()))


def _check_limits(about: About) -> None:
    """A limit from or to a step that is nowhere would be kept by nobody, and the step that was meant not be looked at."""
    steps = (*about.activities, *about.stages)
    begins, ends = (*steps, "arrival", "complete application"), (*steps, *about.outcomes.values(), "any end")
    for one in about.limits:
        stops = (one["stop"],) if isinstance(one["stop"], str) else one["stop"]
        for key, name, there in (("from", one["start"], begins), *(("to", stop, ends) for stop in stops)):
            if name not in there:
                raise LogError(f"limits, {one['name']}: {key}: there is no {name!r}. There are: {listed(there, MOST)}.")


def _no_column(key: str, name: str, of: str, there: Sequence[str], elsewhere: Sequence[str]) -> str:
    if name in elsewhere:
        return (
            f"{key}: {name!r} belongs to events, and differs within cases; a case has one calendar. Name an attribute of "
            f"cases: {listed(list(there), MOST) or 'there is none'}."
        )
    return f"{key}: {of} have no column {name!r}. There are: {listed(list(there), MOST) or 'none'}."


def _calendars(about: About) -> list[Message]:
    """Which calendars the log has, and for which years the library of public holidays has none."""
    found = {name: Calendar.from_spec(one) for name, one in about.calendars.items()}
    years = [int(str(one)[:4]) for one in shown(about, np.array([about.begins, about.cutoff]))]
    said = (
        [Message("load.calendars", {"what": tuple(_calendar(name, one) for name, one in found.items())})]
        if found
        else []
    )
    for name, one in found.items():
        none = one.years_without_holidays(years[0], years[1])
        if none:
            values = {"name": name, "country": str(one.holidays), "years": listed([str(year) for year in none], MOST)}
            said.append(Message("load.calendars.empty", {**values}))
    return said


def _calendar(name: str, calendar: Calendar) -> Message:
    key = "load.calendars.one" if calendar.holidays is None else "load.calendars.holidays"
    where = " ".join(one for one in (calendar.holidays, calendar.region) if one)
    return Message(key, {"name": name, "hours": calendar.day / 3_600, "where": where})


def check_dates(parts: Parts) -> None:
    """A format for a column that is nowhere would not be used, and the column that was meant be read otherwise."""
    known = {name for part in parts.sources for name in (*part.raw.names, *part.raw.table.column_names)}
    said = [name for part in parts.sources if isinstance(part.columns.dates, Mapping) for name in part.columns.dates]
    absent = [name for name in said if name not in known and name != "*"]
    if absent:
        raise LogError(
            f"dates: there is no column {absent[0]!r}. There are: {listed(sorted(known), MOST)}. Name it as the file does."
        )


def check_persons(said: Sequence[str], parts: Parts, log: EventLog) -> None:
    """A name of a column that is nowhere would leave the values of the one that was meant readable."""
    known = {name for part in parts.all for name in (*part.raw.names, *part.raw.table.column_names)}
    known |= {*log.about.attributes, *log.about.event_attributes}
    absent = [name for name in said if name not in known and name not in parts.dropped]
    if absent:
        raise LogError(f"persons: no table has a column {absent[0]!r}. There are: {listed(sorted(known), MOST)}.")


def _check_zone(zone: str | None) -> None:
    if zone is None:
        return
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = get_close_matches(zone, available_timezones(), 1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise LogError(f"zone: no time zone is called {zone!r}; Europe/Vienna is such a name.{meant}") from error


def _check_tags(tags: Mapping[str, str]) -> None:
    known = ("law", "court rule", "our policy", "habit", "another party")
    wrong = [who for who in tags.values() if who not in known]
    if wrong:
        raise ValueError(f"{wrong[0]!r} does not say who can change a step; one of: {', '.join(known)}.")


def read_raw(source: Source, columns: Columns) -> Raw:
    """The reader for this source."""
    if isinstance(source, Database):
        return read_database(source, columns)
    if not isinstance(source, str | Path):
        from procmine.load.formats.tables import read_frame

        return read_frame(source, columns)
    if is_several(source):
        return read_folder(source, columns, read_raw, readable)
    path = existing(Path(source))
    reader = _reader(path)
    if reader is None:
        kinds = ", ".join(dict.fromkeys(READERS))
        raise LogError(f"{path.name}: this kind of file cannot be read. These can: {kinds}; text also as .gz or .zip.")
    module, name = reader
    read: Callable[[Path, Columns], Raw] = getattr(import_module(f"procmine.load.{module}"), name)
    return read(path, columns)


def _reader(path: Path) -> tuple[str, str] | None:
    """Module and function that read this kind of file."""
    return READERS.get(Path(inner_name(path).lower()).suffix)


def readable(path: Path) -> bool:
    return _reader(path) is not None


def _source(parts: Parts, spec: Path | None) -> dict[str, str]:
    """Names and hashes of the files, so that a result can say from which data it was made."""
    found: dict[str, str] = {}
    for nth, part in enumerate(parts.all):
        found |= {
            name.replace("data", f"data_{nth + 1}" if nth else "data"): one for name, one in _made_of(part).items()
        }
    return found | ({"spec": spec.name, "spec_sha256": file_hash(spec)} if spec else {})


def _made_of(part: Part) -> dict[str, str]:
    if isinstance(part.data, Database):
        return source_of(part.data, part.raw)
    if isinstance(part.data, str | Path):
        return {"data": Path(part.data).name, "data_sha256": files_hash(part.data, readable)}
    return {}


def _voiced(loaded: Loaded, spec: Spec | None, file: Path | None) -> Loaded:
    """The log with what people said about its cases, if the spec names such a table."""
    if spec is None or spec.voice is None:
        return loaded
    from procmine.load.columns import VoiceColumns
    from procmine.load.shape.repairs import pseudonyms
    from procmine.load.voice import with_voice

    hide = None if spec.pseudonymise is None else pseudonyms(spec.pseudonymise.key_from)
    said = spec.voice
    path = (file.parent if file else Path()) / (said if isinstance(said, str) else said.source)
    named = VoiceColumns() if isinstance(said, str) else VoiceColumns(**dict(said.columns), dates=said.dates)
    raw = read_raw(path, Columns() if isinstance(said, str) else Columns(**dict(said.file)))
    return replace(loaded, log=with_voice(loaded.log, raw, named, hide))


def _kept(raw: Raw, loaded: Loaded, folder: Path, mending: Mending) -> EventLog:
    """The log, with a note where its rows set aside are kept."""
    file = write_aside(raw, loaded.why, folder, reasons=REASONS, source=loaded.log.about.source, mending=mending)
    if file is None:
        return loaded.log
    note = Message("load.kept_in", {"file": file.name})
    about = replace(loaded.log.about, notes=(*loaded.log.about.notes, note))
    return replace(loaded.log, about=about)
