"""Every sentence that a user reads, in English, by room."""

from __future__ import annotations

from collections.abc import Mapping

from procmine.english import check, clocks, definitions, find, load, proof, publish, results, see, simulate

ROOMS = (check, clocks, definitions, find, load, proof, publish, results, see, simulate)
ENGLISH: Mapping[str, str] = {key: said for room in ROOMS for key, said in room.WORDS.items()}
