"""Take the headline of an office in a process of its own, with a job's limits; `python -m ... ORDER.json` is that process."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from typing import Any

from procmine.publish.batch.headline import Headline, headline
from procmine.publish.batch.job import WORK, Batch, Job
from procmine.publish.batch.keys import environment
from procmine.publish.batch.manifest import write_json
from procmine.publish.batch.process import Tree, end_with_parent
from procmine.publish.batch.reason import Reason
from procmine.publish.batch.replace import digest
from procmine.words import Message

PLACE, ORDER, ANSWER = "headlines", "order.json", "answer.json"
LOOK = 0.05  # seconds
MEGABYTE = 1_000_000


def take(batch: Batch, job: Job) -> Headline | Reason:
    """The figures of the job's office; kept in the run's work folder, so that the same data are read once.

    A Reason where they cannot be had: then the office is held.
    """
    office = job.id.split("/")[0]
    folder = batch.folder / WORK / PLACE
    kept, key = folder / f"{office}.json", _key(batch, job)
    found = _read(kept)
    if found.get("key") != key:
        found = {"key": key, **_taken(job, batch.month, folder / f".{token_hex(4)}")}
        write_json(kept, found)
    if "problem" in found:
        return Reason("missing", Message("batch.missing.unread", {"said": str(found["problem"])}))
    return Headline.from_dict(found["headline"])


def _read(path: Path) -> Mapping[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found if "headline" in found else {}
    except (OSError, ValueError):
        return {}


def _key(batch: Batch, job: Job) -> str:
    """Of all that goes in; procmine's own files with it, so that a correction counts anew."""
    said = [str(environment()), batch.month, job.period.kind, job.data or digest(job.log)]
    return sha256("\n".join(said).encode()).hexdigest()


def _taken(job: Job, month: str, scratch: Path) -> dict[str, Any]:
    """The answer of the process, or what became of it."""
    scratch.mkdir(parents=True)
    try:
        log = str(job.log)
        order = write_json(
            scratch / ORDER, {"log": log, "month": month, "kind": job.period.kind, "parent": os.getpid()}
        )
        command = [sys.executable, "-P", "-m", __name__, str(order)]
        paths = [str(Path(__file__).resolve().parents[3]), *filter(None, [os.environ.get("PYTHONPATH")])]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        over = _watched(Tree(command, env=env, mark=f"headline:{token_hex(6)}", output=scratch / "said"), job)
        if over is not None:
            return {"problem": over.say()}
        if not (scratch / ANSWER).is_file():
            return {"problem": Message("batch.headline.died").say()}
        answer: dict[str, Any] = json.loads((scratch / ANSWER).read_text(encoding="utf-8"))
        return answer
    finally:
        rmtree(scratch, ignore_errors=True)


def _watched(tree: Tree, job: Job) -> Message | None:
    """None once it has ended by itself; else which limit it went over."""
    end = time.monotonic() + job.seconds
    try:
        while tree.code is None:
            if job.megabytes and tree.look() > job.megabytes * MEGABYTE:
                return Message("batch.headline.memory", {"limit": job.megabytes})
            if time.monotonic() > end:
                return Message("batch.headline.time", {"seconds": job.seconds})
            time.sleep(LOOK)
        return None
    finally:
        tree.end()


def main(order: Path) -> None:
    import procmine
    from procmine.log import in_memory

    said = json.loads(order.read_text(encoding="utf-8"))
    end_with_parent(said["parent"], lambda: rmtree(order.parent, ignore_errors=True))
    try:
        log = in_memory(procmine.read(said["log"]))
        answer: dict[str, Any] = {"headline": headline(log, month=said["month"], kind=said["kind"]).to_dict()}
    except ValueError as error:
        answer = {"problem": str(error)}
    write_json(order.with_name(ANSWER), answer)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
