"""Words of making a folder of shards."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "shard.progress": "Making shards: {share} of 100 percent, about {left} left (to stop: Ctrl-C, in a notebook the square button; "
    "the same command then continues)",
    "shard.in_memory": "{source} is not of a kind that can be read in parts: it was read in memory, and saved in shards.",
    "shard.no_voice": "What people said about cases (voice) is left out of shards: read the source in memory to ask about it.",
    "shard.made": "{shards:shard|shards} in {path}. Every question can be asked of it, as of a file.",
}
