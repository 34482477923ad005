"""Every sentence that a user reads, in English, by room: each module here is one."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

ROOMS = tuple(import_module(f"{__name__}.{room.name}") for room in iter_modules(__path__))
ENGLISH: Mapping[str, str] = {key: said for room in ROOMS for key, said in room.WORDS.items()}
