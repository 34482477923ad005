"""Project: a folder of one's own for a log, with everything that is filled in later begun from what the log shows."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from procmine.find.shorter.wins import quick_wins
from procmine.find.time.bottlenecks import BEFORE, bottlenecks
from procmine.log import EventLog, LogError, day_of
from procmine.publish.batch.settings import JobsSettings
from procmine.publish.plans.checks import earliest
from procmine.publish.plans.facts import Facts
from procmine.publish.plans.plan import UNWRITTEN, Plan
from procmine.results import days
from procmine.see.ending import outcomes
from procmine.see.survival import survival
from procmine.settings import written
from procmine.words import Message

LEADS = "start_here.md"
IDEA = "first-idea"  # the first entry of changes.yml
OFFICES: tuple[str, ...] = (
    "office",
    "unit",
    "branch",
    "region",
    "department",
    "team",
    "court",
    "municipality",
    "agency",
    "site",
    "district",
)
OFFICES += (
    "location",
    "county",
    "centre",
    "center",
    "dienststelle",
    "behörde",
    "standort",
    "bezirk",
    "gemeinde",
    "gericht",
)
MOST_OFFICES = 200
PARAMETER = re.compile(r"^(\w+) = (.+?)(\s+#.*)?$")
OTHERWISE = {
    "06_service_standards": {"start": "arrival", "stop": "any end"}
}  # where empty does not mean the whole case
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@dataclass(frozen=True)
class Begun:
    """What the log shows that a plan begins with: the step with most to gain, a time it has been done in, how long cases
    take, what tells offices apart (empty: nothing does), the largest, and the outcome of most cases."""

    step: str
    step_days: int
    level: Mapping[str, float | int]
    office: str
    largest: str
    good: str
    cutoff: str

    @classmethod
    def of(cls, log: EventLog) -> Begun:
        name = office_of(log)
        values = [] if not name else [str(one) for one in log.attributes[name].values() if one is not None]
        largest = max(sorted(set(values)), key=values.count) if values else ""
        step, step_days = _step(log)
        level = _level(log.where({name: largest}) if largest else log)
        return cls(step, step_days, level, name, largest, _commonest(log), day_of(log.about, log.about.cutoff))


def office_of(log: EventLog) -> str:
    """The attribute of cases that tells offices apart, by its name; empty where none does."""
    for wanted in OFFICES:
        for name in log.about.attributes:
            plain = re.sub(r"[\W_]+", "", name.casefold())
            several = 1 < len({one for one in log.attributes[name].values() if one is not None}) <= MOST_OFFICES
            if wanted in plain and several and name not in log.about.persons:
                return name
    return ""


def make_project(folder: Path, spec: str, spec_name: str, data: Path, log: EventLog) -> Path:
    """The folder, whole or not at all; ValueError where there is one of that name with something in it."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(
            f"{folder} is there and not empty. Name a new folder, so that nothing of yours is written over."
        )
    begun = Begun.of(log)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as scratch:
        made = Path(scratch) / folder.name
        made.mkdir()
        files = {spec_name: _with_source(spec, data, folder), **_files(begun, spec_name, folder, log)}
        for name, text in files.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            (made / name).write_text(text, encoding="utf-8", newline="\n")
        _check(made)
        _notebooks(made / "notebooks", begun, spec_name)
        if folder.exists():
            folder.rmdir()
        made.rename(folder)
    return folder


def _step(log: EventLog) -> tuple[str, int]:
    """The step where a shorter wait would bring most, and days in which many cases have it done already."""
    try:
        wins = quick_wins(log).rows
        return str(wins["step"][0]), max(1, round(days(wins["target"][0])))
    except (LogError, IndexError):  # too few cases to say: where most time goes, as fast as half of them
        rows = bottlenecks(log).rows
    before = np.flatnonzero((rows["kind"] == BEFORE) & (rows["n"] > 0))
    if not len(before):
        return log.about.activities[0], 1
    return str(rows["step"][before[0]]), max(1, round(days(rows["p50"][before[0]])))


def _commonest(log: EventLog) -> str:
    """How most cases end; empty where none has ended."""
    rows = outcomes(log).rows
    names = {log.about.outcomes.get(step, step).casefold() for step in log.about.ends}
    counts = {
        name: int(rows["n"][rows["outcome"] == name].sum()) for name in rows["outcome"] if name.casefold() in names
    }
    return max(counts, key=lambda name: counts[name], default="")


def _level(log: EventLog) -> dict[str, float | int]:
    """Half of the cases within so many days; where fewer than half end, the largest share that does."""
    rows = survival(log).rows
    there = ~np.isnat(rows["time"])
    if not there.any():
        return {"share": 0, "within": 365}
    half = there & np.isclose(rows["share"], 0.5)
    if half.any():
        return {"days": round(max(days(rows["time"][half][0]), 0.1), 1)}
    last = int(np.flatnonzero(there)[-1])
    within = min(max(1, round(days(rows["time"][last]))), 36_000)
    return {"share": round(100 * float(rows["share"][last])), "within": within}


def _with_source(spec: str, data: Path, folder: Path) -> str:
    """The spec with its file as seen from the folder."""
    try:
        seen = Path(os.path.relpath(data.resolve(), folder.resolve())).as_posix()
    except ValueError:  # on another drive of Windows
        seen = data.resolve().as_posix()
    return re.sub(
        r"^source: .*$", lambda _: f"source: {json.dumps(seen, ensure_ascii=False)}", spec, count=1, flags=re.M
    )


def _files(begun: Begun, spec_name: str, folder: Path, log: EventLog) -> dict[str, str]:
    """Name -> text of what is filled in later; each begins with a line that says what it is for."""
    made = {
        "plans/first_plan.yml": ("project.plan", _agreeing(_plan(begun, spec_name), log)),
        "changes.yml": ("project.changes", _changes(begun)),
        "policies/first_policy.yml": ("project.policy", _policy(begun)),
        "jobs.yml": ("project.jobs" if begun.office else "project.jobs.one", _jobs(begun, spec_name)),
    }
    texts = {name: f"# {Message(key).say()}\n{written(what)}" for name, (key, what) in made.items()}
    return {**texts, "README.md": _readme(folder, spec_name)}


def _readme(folder: Path, spec_name: str) -> str:
    """What to do with each file, with whole commands to be copied: as typed in the folder in which this one was made."""
    seen = folder.as_posix()
    paths = ("policies/first_policy.yml", "plans/first_plan.yml", "changes.yml", "jobs.yml", "plans")
    quoted = {Path(name).stem: _quoted(f"{seen}/{name}") for name in paths}
    values = {"spec": spec_name, "log": _quoted(f"{seen}/{spec_name}"), "folder": _quoted(seen), **quoted}
    return Message("project.readme", values).say() + "\n"


def _quoted(path: str) -> str:
    """As a terminal takes it, on any system."""
    return path if re.fullmatch(r"[\w./:-]+", path) else f'"{path}"'


def _plan(begun: Begun, spec_name: str) -> dict[str, Any]:
    fill = UNWRITTEN
    first = np.datetime64(begun.cutoff, "M") + 2
    target = {name: _better(name, value) for name, value in begun.level.items()}
    where = {begun.office: begun.largest} if begun.office else {}  # none: all cases are of one office
    return {
        "title": Message("project.plan.title", {"step": begun.step}).say(),
        "office": begun.largest or fill,
        "where": where,
        "problem": {"staff": fill, "customers": fill},
        "step": begun.step,
        "change": fill,
        "baseline": dict(begun.level),
        "target": {**target, "by": str((first + 12).astype("M8[D]"))},
        "dates": {"begin": str(first.astype("M8[D]")), "review": [str((first + 6).astype("M8[D]"))]},
        "customers_notice": fill,
        "stage": "idea",
        "source": f"../{spec_name}",
    }


def _agreeing(written_down: dict[str, Any], log: EventLog) -> dict[str, Any]:
    """The same with the time before as the check of plans finds it, and reviews on a day that can tell something."""
    facts = Facts(log, Plan.check(written_down, "first_plan.yml"))
    half = facts.waits.half()[0]
    if not np.isnan(half):
        level = {"days": round(max(half, 0.1), 1)}
        target = {name: _better(name, value) for name, value in level.items()}
        written_down = {**written_down, "baseline": level, "target": {**target, "by": written_down["target"]["by"]}}
    first, dates = earliest(facts), written_down["dates"]
    if dates["review"][0] < first <= written_down["target"]["by"]:
        written_down = {**written_down, "dates": {**dates, "review": [first]}}
    return written_down


def _better(name: str, value: float) -> float | int:
    """A fifth better, as a first target."""
    if name == "within":
        return int(value)
    return min(100, round(1.2 * value) + 1) if name == "share" else round(0.8 * value, 1) or 0.1


def _changes(begun: Begun) -> dict[str, Any]:
    idea = Message("project.idea", {"step": begun.step}).say()
    return {"changes": {IDEA: {"idea": idea, "status": "idea", "step": begun.step}}}


def _policy(begun: Begun) -> dict[str, Any]:
    name = Message("project.policy.name", {"step": begun.step, "days": begun.step_days}).say()
    return {"name": name, "set_delay": [{"step": begun.step, "days": begun.step_days}]}


def _jobs(begun: Begun, spec_name: str) -> dict[str, Any]:
    each = {"for_each": begun.office} if begun.office else {}
    of_month = {name: f"{{{name}}}" for name in ("month", "first", "last", *(("against",) if begun.office else ()))}
    return {
        "title": Message("project.jobs.title").say(),
        "log": spec_name,
        **each,
        "notebooks": [
            {"file": "notebooks/10_this_month.ipynb", "parameters": of_month},
            "notebooks/03_find_bottlenecks.ipynb",
        ],
        "month": "last",
    }


def _check(folder: Path) -> None:
    """What was written can be read, or nothing is kept."""
    from procmine.proof.records.changes import Changes
    from procmine.simulate.policy import Policy

    Plan.read(folder / "plans" / "first_plan.yml")
    Changes.read(folder / "changes.yml")
    Policy.read(folder / "policies" / "first_policy.yml")
    JobsSettings.read(folder / "jobs.yml")


def _notebooks(folder: Path, begun: Begun, spec_name: str) -> None:
    """The notebooks, on this log, with the parameters that named something of the sample set anew or empty."""
    copytree(NOTEBOOKS, folder, ignore=lambda _, names: [one for one in names if not one.endswith((".ipynb", LEADS))])
    if not begun.office:
        next(folder.glob("07_*.ipynb")).unlink()  # compares offices
    for path in folder.glob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if "parameters" in cell["metadata"].get("tags", []):
                lines = "".join(cell["source"]).splitlines()
                values = {**_values(begun, spec_name), **OTHERWISE.get(path.stem, {})}
                cell["source"] = "\n".join(_set(line, values) for line in lines).splitlines(True)
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    start = folder / LEADS
    lines = start.read_text(encoding="utf-8").splitlines()
    asked = [line for line in lines if line.startswith("|") and (begun.office or "(07_" not in line)]
    page = Message("project.start", {"spec": spec_name}).say().replace("{questions}", "\n".join(asked))
    start.write_text(page + "\n", encoding="utf-8", newline="\n")


def _values(begun: Begun, spec_name: str) -> dict[str, object]:
    """By the name of a parameter; what only the sample has becomes empty."""
    empty = [
        "asof",
        "outcome",
        "attribute",
        "value",
        "change",
        "next_value",
        "first_answer",
        "returned",
        "start",
        "stop",
    ]
    half = begun.level.get("days", begun.level.get("within", 180))
    return {
        **dict.fromkeys([*empty, "proposed"], ""),
        "changes": "../changes.yml",
        "change_id": IDEA,
        "good": begun.good,
        "source": f"../{spec_name}",
        "step": begun.step,
        "days": begun.step_days,
        **dict.fromkeys(("office", "group", "court"), begun.office),
        "others": [],
        "policy_file": "../policies/first_policy.yml",
        "target": f"half within {max(1, round(0.9 * half))} days",
        "within": max(1, round(half)),
    }


def _set(line: str, values: Mapping[str, object]) -> str:
    found = PARAMETER.match(line)
    if found is None or found[1] not in values:
        return line
    return f"{found[1]} = {json.dumps(values[found[1]], ensure_ascii=False)}{found[3] or ''}"
