"""Words of months that are added to a folder of shards."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "months.added": "Added later: {source}, {rows:row|rows}. Rows that were known already count once in the log.",
    "months.compacted": "{path}: {months:month is|months are} now part of its shards. The files of before are removed with the next "
    "month that is added, or by this command once more.",
    "months.nothing": "{path}: nothing to do, no month was added since it was made or compacted.",
}
