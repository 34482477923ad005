"""Arriving: what an executor does first. It is sent by value and needs only Python's library: procmine may not be there."""

from __future__ import annotations

import json
import os
import pickle
import platform
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

STAMPS = "stamps.json"  # in the archive: when each file was changed, by which numba knows what it has compiled
REFUSED = "refused"


@dataclass(frozen=True)
class Sent:
    """Pickled work, the archive with the code that it needs, the versions that must be the same, the columns it gives."""

    work: bytes
    archive: str
    versions: Mapping[str, str]
    columns: tuple[str, ...]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        other = refusal(self.versions)
        if other:
            yield self._answer(None, other)
            return
        unpack(self.archive)
        from procmine.about import LogError

        try:
            for one in pickle.loads(self.work)(batches):
                yield self._answer(one)
        except LogError as error:  # what is wrong with the data is wrong at every trial
            yield self._answer(None, str(error))

    def _answer(self, cells: tuple[Any, ...] | None, refused: str | None = None) -> pa.RecordBatch:
        import pyarrow as pa
        from pyspark import cloudpickle

        each = [None] * len(self.columns) if cells is None else [cloudpickle.dumps(one, 5) for one in cells]
        arrays = [*(pa.array([one], pa.binary()) for one in each), pa.array([refused], pa.string())]
        return pa.RecordBatch.from_arrays(arrays, [*self.columns, REFUSED])


def versions(names: Mapping[str, str]) -> dict[str, str]:
    """Release, of 2.4.1 the 2.4, of Python and of these packages here."""
    found = {}
    for name in names:
        try:
            one = platform.python_version() if name == "Python" else version(name)
        except PackageNotFoundError:
            one = "none"
        found[name] = ".".join(one.split(".")[:2])
    return found


def refusal(expected: Mapping[str, str]) -> str:
    """Which versions differ from the driver's, or nothing."""
    here = versions(expected)
    told = [f"{name} {one} here, {here[name]} there" for name, one in expected.items() if here[name] != one]
    if not told:
        return ""
    return (
        f"The workers of this cluster have other versions: {'; '.join(told)}. Install the same ones there "
        "(requirements/run.lock), or name their Python with PYSPARK_PYTHON."
    )


def unpack(archive: str) -> None:
    """Put the archive's folder, of this user alone and unpacked once on each machine, first on the path."""
    from pyspark import SparkFiles

    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = os.path.join(tempfile.gettempdir(), f"{archive.removesuffix('.zip')}-{user}")
    if not os.path.isdir(folder):
        _unpacked(SparkFiles.get(archive), folder)
    if hasattr(os, "getuid") and os.stat(folder).st_uid != user:
        raise RuntimeError(f"{folder} belongs to another user: its code is not run.")
    if sys.path[0] != folder:  # before an older one that is installed there, or that this process has used
        sys.path.insert(0, folder)
        for name in [one for one in sys.modules if one.split(".")[0] == "procmine"]:
            del sys.modules[name]


def _unpacked(packed: str, folder: str) -> None:
    """Whole or not at all."""
    begun = tempfile.mkdtemp(prefix="procmine-spark-")  # for this user alone
    with zipfile.ZipFile(packed) as file:
        file.extractall(begun)
        for name, stamp in json.loads(file.read(STAMPS)).items():
            os.utime(os.path.join(begun, name), ns=(stamp, stamp))
    try:
        os.rename(begun, folder)
    except OSError:
        shutil.rmtree(begun, ignore_errors=True)
        if not os.path.isdir(folder):  # else another process was first
            raise
