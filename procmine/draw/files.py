"""Files: whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replace_whole(path: Path) -> Iterator[Path]:
    """A new name beside `path` to write to; it takes the place of `path` when the block ends, and is gone if it fails.

    The writer creates the file, so that it is as readable as any other of the user's.
    """
    beside = path.with_name(f".procmine-{secrets.token_hex(8)}.partial")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
