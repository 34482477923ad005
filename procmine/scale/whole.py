"""A whole log in a folder: as `save` writes it, but with what people said, and opened in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.arrow import as_arrow, as_text
from procmine.log import EventLog, Text, Voice
from procmine.scale.files import Record, read_record, used, write_record, write_shard
from procmine.scale.shards import ShardedLog

if TYPE_CHECKING:
    import pyarrow as pa

SAID = "voice.parquet"
TEXTS = ("kind", "channel", "reason")


def save_whole(log: EventLog, folder: Path) -> None:
    """Write all of a log but where its rows stood, into a new folder; texts hold only values that are in the log.

    The same log gives the same bytes. Nothing is packed, so that what is in the files can be looked for.
    """
    folder.mkdir(parents=True)
    tidy = only_used(log)
    write_shard(tidy, folder, 0, compression="none")
    if tidy.voice is not None:
        _write_voice(tidy.voice, folder)
    write_record(folder, Record(tidy.about, 1, whole=True))


def is_whole(folder: Path) -> bool:
    return read_record(folder).whole


def read_whole(folder: Path) -> EventLog:
    """The log as it was saved, in memory."""
    stored = ShardedLog.open(folder)
    (log,) = stored.parts((*stored.about.attributes, *stored.about.event_attributes))
    return replace(log, voice=_read_voice(folder)) if (folder / SAID).is_file() else log


def only_used(log: EventLog) -> EventLog:
    """The same log, whose texts know no other values than those of its own cases, events and contacts."""
    attributes = {name: used(text) for name, text in log.attributes.items()}
    event_attributes = {name: used(text) for name, text in log.event_attributes.items()}
    voice = None if log.voice is None else _own_voice(log, log.voice)
    names = log.case.levels.take(_int64(log.case.codes))
    case = Text(np.arange(len(log), dtype=np.int32), names)
    return replace(log, case=case, attributes=attributes, event_attributes=event_attributes, voice=voice, origin=None)


def _own_voice(log: EventLog, voice: Voice) -> Voice:
    """The contacts about cases of this log; those that name no case may be about any."""
    place = np.full(len(log.case.levels) + 1, -1, np.int32)
    place[log.case.codes] = np.arange(len(log), dtype=np.int32)
    here = np.flatnonzero((voice.case >= 0) & (place[voice.case] >= 0))
    texts: dict[str, Any] = {name: used(getattr(voice, name).take(here)) for name in TEXTS}
    return Voice(place[voice.case[here]], voice.time[here], voice.step[here], score=voice.score[here], **texts)


def _write_voice(voice: Voice, folder: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    texts = {name: as_arrow(getattr(voice, name)) for name in TEXTS}
    table = pa.table({"case": voice.case, "time": voice.time, "step": voice.step, **texts, "score": voice.score})
    parquet.write_table(table, folder / SAID, compression="none")


def _read_voice(folder: Path) -> Voice:
    from pyarrow import parquet

    table = parquet.ParquetFile(folder / SAID).read()
    read: dict[str, Any] = {name: table[name].to_numpy() for name in ("case", "time", "step", "score")}
    read |= {name: as_text(table[name].unify_dictionaries()) for name in TEXTS}
    return Voice(**read)


def _int64(codes: NDArray[np.int32]) -> pa.Array:
    import pyarrow as pa

    return pa.array(codes.astype(np.int64))
