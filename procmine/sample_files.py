"""The synthetic sample as files: an export soiled on purpose, its spec, voices, a written procedure, and their README."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.samples import (
    ANSWER_DAYS,
    CASE_TYPES,
    CHANCES,
    CHANGE,
    CHANNELS,
    CONTINUED,
    CUTOFF,
    DAYS,
    DOCUMENTS,
    ENDS,
    FIRST_DAY,
    LOCATED,
    NOTICE,
    OFFICES,
    PETITION,
    PILOT,
    RETURNED,
    SERVED,
    SHARES,
    STEPS,
    WITHHOLDING,
    Draws,
    Sample,
    child_support,
    days_between,
    truth,
    working_day,
)

if TYPE_CHECKING:
    from procmine.samples import Columns

HEADER = [
    *("case_id", "family_id", "activity", "timestamp"),
    *("office", "case_type", "contested", "channel", "staff", "unit"),
]
PROCEDURE = """# The way we work, as the North office's team wrote it on a flip chart (synthetic). One step a line, with the time it takes.
1. Application received
2. Check that the application is complete - 2 working days
3. Case opened - 3 working days
4. Other parent located - about 2 weeks
5. Notice served - 10 days
6. Answer period ended - 20 days
7. Petition filed - 3 working days
8. Court order issued - 2 weeks
9. Order served - 2 days
10. Income witholding sent - 1 day
11. First payment received - 2 weeks
12. File reviewed by the supervisor - 1 hour
"""
CHANGES = f"""\
# What the agency tried, and what came of it: the team's memory (synthetic; docs/changes.md says what each line means).
title: Child support, changes (synthetic)
changes:
  text-reminders:
    idea: Remind families by text message of the papers that are missing
    status: stopped
    raised_by: intake desk of the Valley office
    step: Documents received
    where: {{office: Valley}}
    control: {{office: [North, Harbor, Lakeside, South, Cañada]}}
    date: 2024-11-04
    recorded: 2024-10-21
    start: Application returned
    stop: Documents received
    horizon: 91
    decided_by: head of intake
    owner: intake supervisor
    expected: families send what is missing two weeks sooner
    decide_on: [2025-08-04]
    predicted: {{figure: -14, low: -20, high: -8}}
    measured:
    - {{verdict: too_few, figure: 0.5, low: -5.3, high: 6.3, data: 2025-07-31}}
    why: Families wait for papers from employers and banks; a reminder does not make those come sooner. Asking for fewer papers may.
  consent-orders:
    idea: Decide petitions with both parents' consent on paper, without a hearing
    status: running
    raised_by: court clerks
    step: Court order issued
    where: {{office: {PILOT}, contested: "no"}}
    control: {{office: [Harbor, Valley, Lakeside, South, Cañada], contested: "no"}}
    date: {CHANGE}
    recorded: 2025-09-08
    start: Petition filed
    stop: Court order issued
    horizon: 105
    decided_by: board of the court and the agency
    owner: head of the legal unit
    expected: half of these families have their order within a week
    decide_on: [2026-08-03, 2026-11-02]  # with data up to the end of July, and of October
    predicted: {{figure: -60, low: -70, high: -45}}
    measured:
    - {{verdict: improved, figure: -70.4, low: -73.4, high: -67.5, data: 2026-07-31, provisional: true}}
  second-court-day:
    idea: Let the court sit on a second day of the week
    status: idea
    raised_by: legal unit of the Harbor office
    step: Court order issued
    expected: contested petitions are heard sooner, as their wait for a court day is shorter
"""
VOICE_HEADER = ["date", "case_id", "step", "kind", "channel", "reason", "score"]


def write(folder: str | os.PathLike[str], *, seed: int = 7) -> list[Path]:
    """The sample as an export with its flaws, its spec, what people said, a written procedure, and a README of its truth;
    the same bytes every time."""
    sample = child_support(seed=seed)
    lines, flaws = _soil(_lines(sample), seed)
    voice = _voice(sample, seed)
    counts = {"rows": len(lines), "contacts": len(voice), "seed": seed}
    texts = {
        "child_support.csv": _csv_text([HEADER, *lines]),
        "child_support.yaml": _spec(),
        "child_support_voice.csv": _csv_text([VOICE_HEADER, *voice]),
        "child_support_procedure.txt": PROCEDURE,
        "child_support_changes.yml": CHANGES,
        "README.md": _readme(sample, flaws, counts),
    }
    Path(folder).mkdir(parents=True, exist_ok=True)
    return [_put(Path(folder) / name, text) for name, text in texts.items()]


def _lines(sample: Sample) -> list[list[str]]:
    """The rows of the file; what belongs to the case stands in its first row only."""
    import numpy as np

    rows = sample.rows
    first = np.append(True, rows["case_id"][1:] != rows["case_id"][:-1])
    cells = {name: rows[name] for name in HEADER if name != "timestamp"}
    for name in ("family_id", "office", "case_type", "contested", "channel"):
        cells[name] = np.where(first, cells[name], "")
    minutes = np.char.replace(np.datetime_as_string(rows["time"], unit="m"), "T", " ")
    cells["timestamp"] = np.where(rows["date_only"], np.datetime_as_string(rows["time"], unit="D"), minutes)
    return [list(line) for line in zip(*(cells[name].tolist() for name in HEADER))]


# what is wrong, activity, timestamp (None: that of the row above)
FLAWS: tuple[tuple[str, str, str | None], ...] = (
    ("no date", DOCUMENTS, ""),
    ("no case number", LOCATED, None),
    ("an exact copy of the row above", "", None),
    ("impossible date", NOTICE, "2025-02-30"),
    ("no date", SERVED, ""),
    ("a date in 2219", DOCUMENTS, "2219-02-11"),
    ("no case number", DOCUMENTS, None),
    ("impossible date", SERVED, "2024-13-05 09:12"),
    ("an exact copy of the row above", "", None),
    ("no date", LOCATED, ""),
)


def _soil(lines: list[list[str]], seed: int) -> tuple[list[list[str]], list[tuple[int, str, list[str]]]]:
    """Put the flawed rows in; with each its line number in the file, what is wrong and its cells."""
    import numpy as np

    spots = np.sort((Draws(seed, 3, len(FLAWS))("flaw") * (len(lines) - 1)).astype(int)).tolist()
    result, listed = list(lines), []
    for shift, (spot, (wrong, activity, timestamp)) in enumerate(zip(spots, FLAWS)):
        row = list(lines[spot])
        if activity:
            case = "" if wrong == "no case number" else row[0]
            row = [case, "", activity, row[3] if timestamp is None else timestamp, "", "", "", "", "", ""]
        result.insert(spot + 1 + shift, row)
        listed.append((spot + 3 + shift, wrong, row))
    return result, listed


# per day of waiting after the step: contacts; and what they are about
CONTACTS: dict[str, tuple[float, str]] = {
    RETURNED: (0.0022, "What is missing from my application?"),
    PETITION: (0.0034, "When will the court decide?"),
    CONTINUED: (0.0060, "Why was the hearing moved?"),
    WITHHOLDING: (0.0030, "The payment has not arrived"),
}


def _voice(sample: Sample, seed: int) -> list[list[str]]:
    """Calls, letters and messages: the longer the wait, the more; a few without case number or step."""
    import numpy as np

    rows, draw = sample.rows, Draws(seed, 4, len(sample.rows["time"]))
    last = np.append(rows["case_id"][1:] != rows["case_id"][:-1], True)
    until = np.where(last, np.datetime64(CUTOFF, "m"), np.roll(rows["time"], -1))
    wait = np.where(last & np.isin(rows["activity"], list(ENDS)), 0, days_between(rows["time"], until))
    rate = np.array([CONTACTS.get(activity, (0.0017, ""))[0] for activity in rows["activity"].tolist()])
    after = wait * draw("when")
    day = working_day(rows["time"].astype("datetime64[D]") + np.ceil(after).astype("timedelta64[D]"))
    at = np.flatnonzero((draw("contact") < rate * wait) & (day <= np.datetime64(CUTOFF)))
    u = {name: draw(name)[at].tolist() for name in ("who", "channel", "reason", "kind", "score", "answered")}
    columns = {name: rows[name][at].tolist() for name in ("case_id", "activity")}
    found = zip(day[at], columns["case_id"], columns["activity"], after[at].tolist(), *u.values())
    return sorted(_contact(*row) for row in found)


def _contact(day: Any, case: str, step: str, waited: float, *u: float) -> list[str]:
    """One contact; `waited` days after the step. The score, 1 to 5, is what some answer when asked after a call."""
    who, channel, reason, kind, score, answered = u
    complaint = kind < min(0.45, 0.06 + waited / 300)
    ways = ("letter", "online", "phone") if complaint else ("phone", "phone", "phone", "online", "office")
    about = CONTACTS.get(step, (0.0, "Where is my case?"))[1] if reason < 0.6 else "Where is my case?"
    if reason > 0.93:
        about = "I cannot reach anyone"
    mood = 4.6 - min(waited, 90) / 35 + (score - 0.5) * 2.6
    rated = "" if complaint or answered > 0.55 else str(min(5, max(1, round(mood))))
    named, known = "" if who < 0.09 else case, "" if 0.09 <= who < 0.17 else step
    way = ways[int(channel * len(ways))]
    return [str(day), named, known, "complaint" if complaint else "question", way, about, rated]


def _csv_text(lines: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()


def _put(path: Path, text: str) -> Path:
    """Never half a file: written beside, then moved."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(text.encode("utf-8"))
    beside.replace(path)
    return path


def _spec() -> str:
    """The spec of the sample, by hand: this file needs no YAML library."""
    stages: dict[str, list[str]] = {}
    for activity, (_, _, _, stage) in STEPS.items():
        stages.setdefault(stage, []).append(activity)
    lines = [
        "# How procmine reads child_support.csv. Synthetic data: see README.md.",
        "title: Child support, from application to first payment (synthetic)",
        "source: child_support.csv",
        "columns:",
        "  case: case_id",
        "  activity: activity",
        "  timestamp: timestamp",
        "  attributes: [family_id, office, case_type, contested, channel]",
        "  event_attributes: [staff, unit]",
        "dates:",
        "  format: iso",
        "zone: null",
        f"cutoff: {CUTOFF}",
        f"complete_from: {FIRST_DAY}",
        "ends:",
        *(f"  {activity}: {outcome}" for activity, outcome in ENDS.items()),
        "stages:",
        *(f"  {stage}: [{', '.join(activities)}]" for stage, activities in stages.items()),
        "who_can_change:  # the time before the step",
        *(f"  {activity}: {who}" for activity, (_, _, who, _) in STEPS.items()),
        "calendars:",
        "  office:",
        "    hours:",
        *(f'      {day}: "08:00-17:00"' for day in ("monday", "tuesday", "wednesday", "thursday", "friday")),
        "    holidays: US",
        "clock:  # the service clock",
        "  begins: Application complete",
        "  pauses:",
        "  - {from_step: Notice served, to_step: Answer period ended, whose: other parent}",
        "  - {from_step: Petition filed, to_step: Court order issued, whose: court}",
        "party: family_id  # whose case it is: a family that applies again has a new case",
        "audience: team",
        "voice: child_support_voice.csv",
    ]
    return "\n".join(lines) + "\n"


README = """\
# The sample log: child support, from application to first payment

**Synthetic.** No row is about a real family, clerk, office or court. `procmine/samples.py` made it from the dials printed
below (seed {seed}). `python -c "import procmine.sample_files as s; s.write('event_logs')"` writes the same bytes again, and a
test compares them. Licence: that of procmine (Apache-2.0). Because it was generated, we know what is true of it: see
"What is true", which the same code wrote and other code tests.

| file | what |
|---|---|
| `child_support.csv` | {rows:,} rows, {cases:,} cases (applications) of {families:,} families in {offices} offices |
| `child_support.yaml` | how to read it: columns, cutoff, ends, stages, who can change what, office hours, service clock |
| `child_support_voice.csv` | {contacts:,} complaints and questions: date, case_id, step, kind, channel, reason, \
score (1 bad to 5 good, where asked) |
| `child_support_procedure.txt` | the procedure as a team might write it down: steps, and the time they think each takes |
| `child_support_changes.yml` | what was tried, and what came of it: the pilot below, a reminder that changed nothing, an idea |
| `child_support_jobs.yml` | a report for every office, every month: `procmine batch event_logs/child_support_jobs.yml` |
| `child_support_standards.yaml` | a promise, made up: 80 of 100 orders within 30 days of the petition |

All applications received from {first_day} to {cutoff}, as the systems showed them at the end of {cutoff}:
{open_cases:,} cases are still open.

## The story
A family applies; incomplete applications go back to it; the case is opened; the other parent is located and told, and
has {answer_days} days to answer (a statute: always exactly {answer_days}.0); the petition is filed; the court hears it
on its weekly day and issues the order at the hearing; the order is served, the employer told to withhold, the first
payment arrives. Who withdraws, is dismissed or never sends what is missing may apply again: a new case of the same family.

From **{change}** on, petitions filed by the office **{pilot}** with both parents' consent (`contested` = no, about 7 in
10) are decided on paper, mostly the next working day. Contested ones wait for the weekly court day as before, and so do
the few consent petitions that are refused. In the other offices nothing changed.

## Columns
`case_id` (year-number, by arrival), `family_id`, `activity`, `timestamp`, `office`, `case_type`, `contested` (no: both
parents signed the agreement that comes with the form, so it is known from the first day), `channel`, `staff`
(pseudonyms), `unit`.
- What belongs to the case (`family_id`, `office`, `case_type`, `contested`, `channel`) stands **in its first row only**,
  as in many exports.
- Two kinds of time: the case system writes `2024-03-04 10:12`; the court, the process server, the legal unit's petitions
  and the payment center only `2024-03-04`. Times are local; no zone is recorded.
- The court sends orders, dismissals and moved hearings, not the hearings themselves: an order is dated on the court day.
  `Hearing continued` is dated on the court day on which the hearing was to be.
- `staff` is empty where nobody of the agency did it (online, the court, the other parent, an employer).
- Within a case no two events share a day, so date-only and timed events cannot be put in the wrong order.
- `Withdrawn` also stands for applications closed because the missing papers never came.

## Known flaws
{flaw_count} rows are wrong on purpose. All are extra: without them the log is complete.

| line | what is wrong | case | activity | timestamp |
|---:|---|---|---|---|
{flaws}

In the complaints file about 1 in 11 rows has no case number and 1 in 12 no step.

## What is true
Every case followed to its end, beyond the cutoff: no estimate, but what the generator did. "Middle" = half took less.

Days from *Petition filed* to *Court order issued*, among those ordered, by date of filing:

| office | contested | before {change}: petitions | orders | middle | from {change}: petitions | orders | middle |
|---|---|---:|---:|---:|---:|---:|---:|
{steps}

The same families in three worlds: consent orders on paper nowhere; as it happened; everywhere from the first day.
Days from application, for the applications up to the cutoff, all offices (by office: `procmine.samples.truth().cycles`):

| world | cases | paid in the end | until half of ALL cases were paid | paid cases: middle | mean \
| to any end: middle | mean |
|---|---:|---:|---:|---:|---:|---:|---:|
{cycles}

Fewer give up when the wait is short, so the share that is paid rises a little and fewer families apply a second time.

A family's wait in days, from its **first** application to the order, second applications included:

| world | families | applied twice | middle | mean |
|---|---:|---:|---:|---:|
{families_truth}

So the step takes 72 days while the family waits more than six months.

Where the time goes (the time that ends with the step, all cases followed to their end):

| world | step | n | share of all case-days | middle, days |
|---|---|---:|---:|---:|
{shares}

## Who can change the time before a step
| activity | who can change it | stage | recorded by | time of day known |
|---|---|---|---|---|
{activities}

## Dials
- Offices (share of families, court day, clerks a unit): {office_dials}.
- Types (share, contested, factor on the days to locate the other parent): {type_dials}.
- Channels: {channel_dials}.
- Weeks differ (8 in 10 lie between -20% and +20%), with a mild season and few applications at weekends.
- Staff work 8:30 to 16:30 on weekdays that are not federal holidays; courts sit once a week, not on holidays.

| of 100 | what happens |
|---:|---|
{chances}

Each random wait is read off this table, independently of all others: the calendar days that this share of the waits
stays below, then the next working day or court day.

| wait | {shares_head} |
|---|{rulers}|
{dials}
"""


def _readme(sample: Sample, flaws: list[tuple[int, str, list[str]]], counts: dict[str, int]) -> str:
    import numpy as np

    true, cases = truth(counts["seed"]), len(np.unique(sample.rows["case_id"]))
    ended = int(np.isin(sample.rows["activity"], list(ENDS)).sum())
    numbers = {**counts, "cases": cases, "open_cases": cases - ended, "offices": len(OFFICES)}
    numbers["families"] = len(np.unique(sample.rows["family_id"]))
    names = {"first_day": FIRST_DAY, "cutoff": CUTOFF, "change": CHANGE, "pilot": PILOT, "answer_days": ANSWER_DAYS}
    listed = [[str(line), wrong, row[0], row[2], row[3]] for line, wrong, row in flaws]
    tables = {"flaws": _markdown(listed), "steps": _markdown(_before_after(true.steps))}
    tables |= {"cycles": _markdown(_cells(true.cycles, "office")), "families_truth": _markdown(_cells(true.families))}
    tables["shares"] = _markdown(_top_steps(true.shares))
    return README.format(**numbers, **names, **tables, **_dials(), flaw_count=len(flaws))


def _markdown(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _before_after(steps: Columns) -> list[list[str]]:
    """The rows of one group, before and after, side by side."""
    result = []
    for i in range(0, len(steps["office"]), 2):
        numbers = [[str(steps["petitions"][j]), str(steps["orders"][j]), f"{steps['middle'][j]:g}"] for j in (i, i + 1)]
        result.append([str(steps["office"][i]), str(steps["contested"][i]), *numbers[0], *numbers[1]])
    return result


def _cells(table: Columns, only_all: str = "") -> list[list[str]]:
    """The rows as text, days to a tenth, shares in percent; where `only_all` is a column, its "all" rows without it."""
    keep = [i for i in range(len(table["world"])) if not only_all or table[only_all][i] == "all"]
    return [[_cell(name, column[i]) for name, column in table.items() if name != only_all] for i in keep]


def _top_steps(shares: Columns) -> list[list[str]]:
    """The five steps with the largest share in each world but the last."""
    rows = list(zip(*(column.tolist() for column in shares.values())))
    worlds = list(dict.fromkeys(row[0] for row in rows))[:2]
    top = [row for world in worlds for row in [row for row in rows if row[0] == world][:5]]
    return [[world, step, str(n), f"{share:.1%}", f"{middle:.1f}"] for world, step, n, _, share, middle in top]


def _cell(name: str, value: Any) -> str:
    if name in ("paid", "applied_twice"):
        return f"{value:.1%}"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _dials() -> dict[str, str]:
    weekdays = ("Mon", "Tue", "Wed", "Thu", "Fri")
    offices = [f"{name} {share:.0%}, {weekdays[day]}, {clerks}" for name, (share, day, clerks) in OFFICES.items()]
    types = [
        f"{name} {share:.0%}, {contested:.0%}, {factor:g}" for name, (share, contested, factor) in CASE_TYPES.items()
    ]
    steps = [
        [name, who, stage, unit or "-", "yes" if timed else "no"] for name, (unit, timed, who, stage) in STEPS.items()
    ]
    return {
        "office_dials": "; ".join(offices),
        "type_dials": "; ".join(types),
        "channel_dials": "; ".join(f"{name} {share:.0%}" for name, share in CHANNELS.items()),
        "activities": _markdown(steps),
        "shares_head": " | ".join(f"{share:.0%}" for share in SHARES),
        "rulers": "|".join("---:" for _ in SHARES),
        "chances": _markdown([[f"{chance:g}", name] for name, chance in CHANCES.items()]),
        "dials": _markdown([[name, *map(str, days)] for name, days in DAYS.items()]),
    }
