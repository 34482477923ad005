"""Ship: procmine's own code and compiled calculations, sent to the executors of a cluster, and work that is done there."""

from __future__ import annotations

import atexit
import hashlib
import json
import pickle
import platform
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from procmine.load.spark import arriving
from procmine.load.spark.arriving import REFUSED, STAMPS
from procmine.log import LogError

if TYPE_CHECKING:
    import pyarrow as pa

Batches = Iterator["pa.RecordBatch"]
Work = Callable[[Batches], Iterator[tuple[Any, ...]]]  # picklable; each thing it yields is pickled on the way back
ANSWER = "answer"
SAME = ("Python", "numpy", "pyarrow", "scipy", "numba")  # of other versions of these, pickles or numbers may differ
_one_at_a_time = Lock()


def run(frame: Any, work: Work, columns: Sequence[str] = (ANSWER,)) -> Any:
    """A frame of what `work` yields on each partition of a frame: a column for each thing, and why it refused, if so."""
    from pyspark import cloudpickle

    cloudpickle.register_pickle_by_value(arriving)
    payload = cloudpickle.dumps(work)  # also what was defined in a notebook
    sent = arriving.Sent(payload, _send(frame.sparkSession), arriving.versions(dict.fromkeys(SAME, "")), tuple(columns))
    schema = ", ".join([*(f"{quoted(one)} binary" for one in columns), f"{REFUSED} string"])
    with warnings.catch_warnings():  # it warns of pandas 3, which this does not use
        warnings.simplefilter("ignore", FutureWarning)
        return frame.mapInArrow(lambda batches: sent(batches), schema)


def quoted(name: str) -> str:
    """A column's name as Spark reads it, whatever signs it has."""
    return f"`{name.replace('`', '``')}`"


def answers(frame: Any) -> list[Any]:
    """What came back, in any order; LogError where the work refused its data or the executors are not as we are."""
    try:
        rows = frame.collect()
    except Exception as error:
        if "PYTHON_VERSION_MISMATCH" not in str(error):
            raise
        raise LogError(
            f"The workers of this cluster run another Python than {platform.python_version()}, which runs here. Name the "
            "same one for both: PYSPARK_PYTHON, or spark.pyspark.python, is the workers'."
        ) from error
    refused = sorted({row.refused for row in rows if row.refused})
    if refused:
        raise LogError(refused[0])
    return [pickle.loads(row.answer) for row in rows]


def _send(session: Any) -> str:
    """The name of the archive, which every executor of the session can get; its name tells its content."""
    from pyspark.errors import PySparkException

    with _one_at_a_time:  # jobs of a batch come in threads: two archives of one name would be refused
        path = _archive()
    try:
        session.addArtifacts(str(path), file=True)
    except PySparkException as error:
        if "DUPLICATED_ARTIFACT" not in str(error):
            raise  # else it is there already
    return path.name


@cache
def _archive() -> Path:
    """The package, with what numba has compiled for this computer, under a name that tells its content."""
    import procmine

    package = Path(procmine.__file__).resolve().parent
    files = {f"procmine/{one.relative_to(package).as_posix()}": one for one in _files(package)}
    told = hashlib.sha256()
    for name, one in files.items():
        told.update(f"{name}:{one.stat().st_mtime_ns}:".encode() + hashlib.sha256(one.read_bytes()).digest())
    folder = tempfile.mkdtemp(prefix="procmine-ship-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / f"procmine-spark-{told.hexdigest()[:16]}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, one in files.items():
            packed.write(one, name)
        packed.writestr(STAMPS, json.dumps({name: one.stat().st_mtime_ns for name, one in files.items()}))
    return path


def _files(package: Path) -> list[Path]:
    """Sources and data, and compiled code that is newer than its source."""
    plain = [one for one in package.rglob("*") if one.is_file() and "__pycache__" not in one.parts]
    python = "py" + "".join(platform.python_version_tuple()[:2])
    compiled = [one for one in package.rglob("__pycache__/*.nb[ic]") if f".{python}." in one.name and _is_new(one)]
    return sorted(plain) + sorted(compiled)


def _is_new(compiled: Path) -> bool:
    source = compiled.parent.parent / f"{compiled.name.split('.')[0]}.py"
    return source.is_file() and compiled.stat().st_mtime > source.stat().st_mtime
