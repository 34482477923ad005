"""The synthetic child-support log: generated from stated dials, so that what is true of it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Columns = dict[str, NDArray[Any]]

FIRST_DAY = "2023-10-01"
CUTOFF = "2026-10-31"
CHANGE = "2025-10-06"
PILOT = "North"
FAMILIES = 4680
ANSWER_DAYS = 20

# office: share of the families, weekday of its court (0 = Monday), clerks per unit
OFFICES: dict[str, tuple[float, int, int]] = {
    "North": (0.22, 2, 7),
    "Harbor": (0.21, 3, 6),
    "Valley": (0.20, 4, 6),
    "Lakeside": (0.15, 3, 5),
    "South": (0.13, 2, 4),
    "Cañada": (0.09, 3, 2),
}
# case type: share, share of them that are contested, factor on the days to locate the other parent
CASE_TYPES: dict[str, tuple[float, float, float]] = {
    "support only": (0.53, 0.22, 1.0),
    "paternity": (0.35, 0.40, 1.1),
    "interstate": (0.12, 0.36, 1.8),
}
CHANNELS: dict[str, float] = {"online": 0.46, "paper": 0.30, "office": 0.24}

# Every random wait is read off such a table: calendar days that this share of the waits stays below. Between two
# columns it is linear. Tables, not formulas, because exp and log differ in the last bit between machines.
SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 1.0)
DAYS: dict[str, tuple[float, ...]] = {
    "first check of the application": (1, 2, 3, 4, 7, 11, 17, 30),
    "family sends what is missing": (6, 19, 31, 47, 70, 95, 128, 170),
    "second check": (1, 1, 1, 2, 4, 7, 11, 20),
    "closed for want of an answer": (14, 14, 14, 15, 16, 18, 21, 28),
    "case opened": (1, 1, 2, 3, 6, 9, 14, 25),
    "other parent located": (1, 2, 4, 10, 19, 39, 66, 120),
    "withdrawn after opening": (2, 4, 7, 12, 20, 32, 50, 80),
    "notice served": (2, 3, 4, 6, 9, 13, 20, 40),
    "petition filed": (1, 3, 6, 11, 17, 25, 38, 65),
    "until the court can hear it": (30, 53, 63, 68.5, 77, 102, 140, 200),
    "order served": (1, 1, 1, 1, 2, 4, 7, 14),
    "income withholding sent": (1, 1, 1, 1, 2, 4, 7, 13),
    "first payment": (4, 5, 6, 8, 11, 16, 32, 120),
    "applies again": (12, 30, 46, 66, 92, 122, 150, 180),
}
# Of 100, how many.
CHANCES: dict[str, float] = {
    "a first application lacks something": 58,
    "a second application lacks something": 26,
    "the family never sends it: the application is closed": 48,
    "what it sends is incomplete: sent back again": 16,
    "the family withdraws once the case is open": 6,
    "the family gives up, in 72 days before the court": 2.5,
    "the court refuses a contested petition": 6,
    "the court refuses another petition (always at a hearing)": 2,
    "the hearing of a contested petition is moved": 8,
    "it is moved by two weeks (the others by four)": 60,
    "an order on paper comes the next working day": 82,
    "it comes the second working day (the others the third)": 14,
    "after a withdrawal the family applies again, once": 90,
    "after a dismissal the family applies again, once": 75,
    "somebody stands in for the clerk of the case": 20,
}

APPLICATION, RETURNED, DOCUMENTS = "Application received", "Application returned", "Documents received"
COMPLETE, OPENED, LOCATED = "Application complete", "Case opened", "Other parent located"
NOTICE, ANSWER, PETITION = "Notice served", "Answer period ended", "Petition filed"
CONTINUED, ORDER, SERVED = "Hearing continued", "Court order issued", "Order served"
WITHHOLDING, PAID = "Income withholding sent", "First payment received"
DISMISSED, WITHDRAWN = "Dismissed", "Withdrawn"

# activity: unit that records it, clock time known, who can change the time before it, stage
STEPS: dict[str, tuple[str, bool, str, str]] = {
    APPLICATION: ("Intake", True, "another party", "Application"),
    RETURNED: ("Intake", True, "our policy", "Application"),
    DOCUMENTS: ("Intake", True, "another party", "Application"),
    COMPLETE: ("Intake", True, "our policy", "Application"),
    OPENED: ("Casework", True, "habit", "Preparation"),
    LOCATED: ("Casework", True, "our policy", "Preparation"),
    NOTICE: ("", False, "another party", "Preparation"),
    ANSWER: ("", False, "law", "Preparation"),
    PETITION: ("Legal", False, "our policy", "Preparation"),
    CONTINUED: ("Court", False, "court rule", "Court"),
    ORDER: ("Court", False, "our policy", "Court"),
    SERVED: ("Legal", True, "habit", "Payment"),
    WITHHOLDING: ("Payments", True, "our policy", "Payment"),
    PAID: ("", False, "another party", "Payment"),
    DISMISSED: ("Court", False, "court rule", "Court"),
    WITHDRAWN: ("Casework", True, "another party", "Left early"),
}
ENDS = {PAID: "paid", DISMISSED: "dismissed", WITHDRAWN: "withdrawn"}
STAFFED = ("Intake", "Casework", "Legal", "Payments")


@dataclass(frozen=True, eq=False)
class Sample:
    """A generated log.

    A row of `rows` is one event, by case and time: case_id, family_id, application (1 = the family's first, 2 = its
    second), activity, time (datetime64[m], local; midnight where only the date is known), date_only, office, case_type,
    contested ("yes"/"no"), channel, staff, unit ("" where nobody of the agency did it).
    """

    rows: Columns

    @property
    def frame(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame({name: column.copy() for name, column in self.rows.items()})


@dataclass(frozen=True, eq=False)
class Truth:
    """What is true of a generated log when every case is followed to its end; all durations in days (float).

    steps:    a row is office ("all" too) x contested ("all" too) x period by filing date, in the world as it happened:
              petitions, orders, middle (median of petition to order, among those ordered).
    cycles:   a row is world ("nowhere", "as it happened", "everywhere": where consent cases get their order without a
              hearing; everywhere from the first day) x office ("all" too), applications up to the cutoff: cases, paid
              (share), half_paid (days by which half of ALL cases were paid), paid_middle and paid_mean (application to
              first payment, among the paid), end_middle and end_mean (to any end, all cases).
    families: a row is world: families, applied_twice (share), middle and mean from the first application to the order,
              among the families that got one.
    shares:   a row is world x step, the largest first in each world: n, days (total of the time before the step),
              share of all case-days, middle.
    """

    steps: Columns
    cycles: Columns
    families: Columns
    shares: Columns


def child_support(
    *, seed: int = 7, policy_in: Sequence[str] = (PILOT,), policy_from: str = CHANGE, uncensored: bool = False
) -> Sample:
    """The log of all applications from FIRST_DAY to CUTOFF.

    Consent cases whose petition is filed on or after `policy_from` in an office of `policy_in` get their order without
    a hearing. All draws are made before the policy is looked at: two worlds of one seed hold the same families.
    `uncensored` follows every case to its end; otherwise nothing after CUTOFF is seen.
    """
    import numpy as np

    unknown = sorted(set(policy_in) - set(OFFICES))
    if unknown:
        raise ValueError(f"No such office: {', '.join(unknown)}. There are: {', '.join(OFFICES)}.")
    rows = _world(seed, policy_in, policy_from)
    after_cutoff = rows["time"] >= np.datetime64(CUTOFF) + np.timedelta64(1, "D")
    late = after_cutoff & (rows["activity"] == APPLICATION)
    keep = ~np.isin(rows["case"], rows["case"][late])
    return Sample(_finish(rows, keep if uncensored else keep & ~after_cutoff))


def truth(seed: int = 7) -> Truth:
    """What is true of `child_support(seed=seed)`, by running the same families through three worlds to their ends."""
    worlds = {
        "nowhere": _world(seed, (), CHANGE),
        "as it happened": _world(seed, (PILOT,), CHANGE),
        "everywhere": _world(seed, tuple(OFFICES), FIRST_DAY),
    }
    return Truth(
        steps=_table(_step_truth(worlds["as it happened"])),
        cycles=_table([row for name, rows in worlds.items() for row in _cycle_truth(name, rows)]),
        families=_table([_family_truth(name, rows) for name, rows in worlds.items()]),
        shares=_table([row for name, rows in worlds.items() for row in _share_truth(name, rows)]),
    )


def holidays() -> Array:
    """The federal holidays as observed, 2023 to 2032: offices and courts are closed (5 U.S.C. 6103)."""
    import numpy as np

    days = [day for year in range(2023, 2033) for day in _holidays_of(year)]
    return np.unique(np.array(days, "datetime64[D]"))


def _holidays_of(year: int) -> list[np.datetime64]:
    import numpy as np

    fixed = [np.datetime64(f"{year}-{day}") for day in ("01-01", "06-19", "07-04", "11-11", "12-25")]
    moved = [np.busday_offset(day, 0, roll=_nearest(day)) for day in fixed]
    floating = [("01", "Mon", 2), ("02", "Mon", 2), ("09", "Mon", 0), ("10", "Mon", 1), ("11", "Thu", 3)]
    nth = [np.busday_offset(f"{year}-{month}", n, roll="forward", weekmask=day) for month, day, n in floating]
    memorial = np.busday_offset(f"{year}-06", -1, roll="forward", weekmask="Mon")
    return [*moved, *nth, memorial]


def _nearest(day: np.datetime64) -> Any:
    """A holiday on a Saturday is kept on the Friday, one on a Sunday on the Monday."""
    return "preceding" if day.astype("datetime64[D]").astype(int) % 7 == 2 else "following"


class Draws:
    """Uniform numbers of one application, by purpose, so that no policy can shift another draw."""

    def __init__(self, seed: int, application: int, n: int) -> None:
        self.key, self.n = (seed, application), n

    def __call__(self, purpose: str) -> Array:
        import zlib

        import numpy as np

        return np.random.default_rng([*self.key, zlib.crc32(purpose.encode())]).random(self.n)

    def days(self, purpose: str, scale: Array | float = 1.0) -> Array:
        import numpy as np

        days = np.interp(self(purpose), SHARES, DAYS[purpose]) * scale
        return np.maximum(1, np.rint(days)).astype("timedelta64[D]")

    def happens(self, *chances: str, where: Array | None = None) -> Array:
        """Whether it happens to each; with two chances the second holds where `where` is true."""
        import numpy as np

        level = CHANCES[chances[0]] if where is None else np.where(where, CHANCES[chances[1]], CHANCES[chances[0]])
        return np.asarray(self(chances[0]) * 100 < level)


@dataclass
class _Run:
    """All applications of one kind on their way: `day` of the last event, who is still in, what was recorded."""

    draw: Draws
    people: Columns
    day: Array
    active: Array
    events: list[Columns] = field(default_factory=list)

    def record(self, activity: str, who: Array, day: Array, minute: Array | None = None) -> None:
        """The application's next event, at `minute` of the day (default: office hours, by staff)."""
        import numpy as np

        at = np.flatnonzero(who & self.active)
        n = len(self.events)
        if minute is None:
            minute = 510 + (self.draw(f"minute {n}") * 480).astype(int)
        timed = STEPS[activity][1]
        time = day[at].astype("datetime64[m]") + (minute[at] if timed else 0 * minute[at]).astype("timedelta64[m]")
        self.day[at] = day[at]
        self.active[at] &= activity not in ENDS
        row = {"who": at, "order": np.full(len(at), n), "activity": np.full(len(at), activity), "time": time}
        self.events.append(row | {"date_only": np.full(len(at), not timed), "clerk": self._clerk(activity, n)[at]})

    def _clerk(self, activity: str, n: int) -> Array:
        """A case has one clerk in a unit; now and then somebody stands in."""
        import numpy as np

        unit = STEPS[activity][0]
        size = self.people["clerks"]
        stand_in, limit = self.draw(f"stand-in {n}"), CHANCES["somebody stands in for the clerk of the case"] / 100
        own = (self.draw(f"clerk of {unit}") * size).astype(int)
        return np.where(stand_in < limit, (stand_in / limit * size).astype(int), own)


def working_day(day: Array) -> Array:
    """This day, or the next one on which offices are open."""
    import numpy as np

    return np.asarray(np.busday_offset(day, 0, roll="forward", holidays=holidays()))


def _court_day(day: Array, office: Array) -> Array:
    """This day, or the next weekly court day of the office; a court day that is a holiday is skipped."""
    import numpy as np

    result = day.copy()
    for code, (_, weekday, _) in enumerate(OFFICES.values()):
        mask = [int(weekday == d) for d in range(7)]
        at = office == code
        result[at] = np.busday_offset(day[at], 0, roll="forward", weekmask=mask, holidays=holidays())
    return result


def _choose(u: Array, shares: Sequence[float]) -> Array:
    import numpy as np

    return np.asarray(np.searchsorted(np.cumsum(shares), u, side="right")).clip(0, len(shares) - 1)


def _people(seed: int) -> Columns:
    """The families, by first application: what they are does not depend on any policy."""
    import numpy as np

    draw = Draws(seed, 0, FAMILIES)
    kind = _choose(draw("case type"), [share for share, _, _ in CASE_TYPES.values()])
    office = _choose(draw("office"), [share for share, _, _ in OFFICES.values()])
    contested = draw("contested") < np.array([share for _, share, _ in CASE_TYPES.values()])[kind]
    return {
        "office": office,
        "case_type": kind,
        "contested": contested,
        "channel": _choose(draw("channel"), list(CHANNELS.values())),
        "clerks": np.array([clerks for _, _, clerks in OFFICES.values()])[office],
    }


def _arrivals(seed: int) -> Array:
    """Days of the first applications: good and bad weeks, a mild season, fewer at weekends."""
    import numpy as np

    days = np.arange(FIRST_DAY, np.datetime64(CUTOFF) + 1, dtype="datetime64[D]")
    week = (days - days[0]).astype(int) // 7
    luck = np.interp(Draws(seed, 0, int(week[-1]) + 1)("week"), (0, 0.1, 0.5, 0.9, 1), (0.6, 0.8, 1, 1.2, 1.5))
    season = np.array([1.10, 1.04, 1.01, 0.99, 0.97, 0.95, 0.94, 1.02, 1.06, 1.04, 0.98, 0.90])
    weekday = np.array([1.25, 1.1, 1.05, 1.0, 0.9, 0.4, 0.3])
    month = days.astype("datetime64[M]").astype(int) % 12
    total = np.cumsum(luck[week] * season[month] * weekday[(days.astype(int) + 3) % 7])
    order = np.sort(Draws(seed, 0, FAMILIES)("arrival")) * total[-1]
    return np.asarray(days[np.searchsorted(total, order, side="right").clip(0, len(days) - 1)])


def _apply(run: _Run, who: Array, activity: str, day: Array) -> None:
    """Something the family sends: online at any hour of any day, otherwise when the office is open."""
    import numpy as np

    online = run.people["channel"] == list(CHANNELS).index("online")
    any_hour = np.interp(run.draw(f"hour {activity} {len(run.events)}"), (0, 0.1, 0.9, 1), (0, 420, 1320, 1439))
    hours = 510 + (run.draw(f"minute {len(run.events)}") * 480).astype(int)
    run.record(activity, who, np.where(online, day, working_day(day)), np.where(online, any_hour.astype(int), hours))


def _intake(run: _Run, incomplete: str) -> None:
    """The application is checked, sent back where something is missing, at most twice, and accepted."""
    import numpy as np

    draw = run.draw
    everybody = np.ones(draw.n, bool)
    back = draw.happens(incomplete)
    again = back & (draw.happens("what it sends is incomplete: sent back again"))
    silent = back & (draw.happens("the family never sends it: the application is closed"))
    run.record(RETURNED, back, working_day(run.day + draw.days("first check of the application")))
    run.record(WITHDRAWN, silent, working_day(run.day + draw.days("closed for want of an answer")))
    _apply(run, back, DOCUMENTS, run.day + draw.days("family sends what is missing"))
    run.record(RETURNED, again, working_day(run.day + draw.days("second check")))
    _apply(run, again, DOCUMENTS, run.day + draw.days("family sends what is missing", 0.6))
    check = np.where(back, draw.days("second check"), draw.days("first check of the application"))
    run.record(COMPLETE, everybody, working_day(run.day + check))


def _prepare(run: _Run) -> None:
    """The case is opened, the other parent found and told; after the answer period the petition is filed."""
    import numpy as np

    draw = run.draw
    everybody = np.ones(draw.n, bool)
    slow = np.array([factor for _, _, factor in CASE_TYPES.values()])[run.people["case_type"]]
    run.record(OPENED, everybody, working_day(run.day + draw.days("case opened")))
    leaves = draw.happens("the family withdraws once the case is open")
    run.record(WITHDRAWN, leaves, working_day(run.day + draw.days("withdrawn after opening")))
    run.record(LOCATED, everybody, working_day(run.day + draw.days("other parent located", slow)))
    run.record(NOTICE, everybody, working_day(run.day + draw.days("notice served")))
    run.record(ANSWER, everybody, run.day + np.timedelta64(ANSWER_DAYS, "D"))
    run.record(PETITION, everybody, working_day(run.day + draw.days("petition filed")))


def _court(run: _Run, without_hearing: Array) -> None:
    """A hearing on the weekly court day, or for those in `without_hearing` an order on paper, mostly the next day."""
    import numpy as np

    draw, contested, office = run.draw, run.people["contested"], run.people["office"]
    refusals = "the court refuses another petition (always at a hearing)", "the court refuses a contested petition"
    refused = draw.happens(*refusals, where=contested)
    hearing = _court_day(run.day + draw.days("until the court can hear it"), office)
    on_paper = without_hearing & ~refused  # what cannot be granted on paper is heard
    decision = np.where(on_paper, _on_paper(run), hearing)
    patience = draw("gives up") * 7200 / CHANCES["the family gives up, in 72 days before the court"]
    quits = working_day(run.day + (1 + patience).astype("timedelta64[D]"))
    run.record(WITHDRAWN, quits < decision, quits)
    later = contested & draw.happens("the hearing of a contested petition is moved")
    run.record(CONTINUED, later, hearing)
    weeks = np.where(draw.happens("it is moved by two weeks (the others by four)"), 14, 28).astype("timedelta64[D]")
    decision = np.where(later, _court_day(hearing + weeks, office), decision)
    run.record(DISMISSED, refused, decision)
    run.record(ORDER, np.ones(draw.n, bool), decision)


def _on_paper(run: _Run) -> Array:
    """The day of an order without a hearing, counted in working days."""
    import numpy as np

    first = CHANCES["an order on paper comes the next working day"] / 100
    second = CHANCES["it comes the second working day (the others the third)"] / 100
    days = 1 + _choose(run.draw("paper"), (first, second, 1 - first - second))
    return np.asarray(np.busday_offset(run.day, days, roll="backward", holidays=holidays()))


def _pay(run: _Run) -> None:
    """The order is served, the employer told to withhold, and the first payment arrives."""
    import numpy as np

    everybody = np.ones(run.draw.n, bool)
    run.record(SERVED, everybody, working_day(run.day + run.draw.days("order served")))
    run.record(WITHHOLDING, everybody, working_day(run.day + run.draw.days("income withholding sent")))
    run.record(PAID, everybody, working_day(run.day + run.draw.days("first payment")))


def _application(run: _Run, incomplete: str, policy: tuple[Sequence[str], str]) -> None:
    """From the application to its end, whatever the cutoff."""
    import numpy as np

    _apply(run, run.active.copy(), APPLICATION, run.day)
    _intake(run, incomplete)
    _prepare(run)
    in_office = np.isin(np.array(list(OFFICES))[run.people["office"]], list(policy[0]))
    _court(run, in_office & ~run.people["contested"] & (run.day >= np.datetime64(policy[1])))
    _pay(run)


def _world(seed: int, policy_in: Sequence[str], policy_from: str) -> Columns:
    """Every event of every family, first and second application, in a world with the policy."""
    import numpy as np

    people, policy = _people(seed), (policy_in, policy_from)
    first = _Run(Draws(seed, 1, FAMILIES), people, _arrivals(seed), np.ones(FAMILIES, bool))
    _application(first, "a first application lacks something", policy)
    withdrawn, dismissed = _happened(first, WITHDRAWN), _happened(first, DISMISSED)
    back = (withdrawn & first.draw.happens("after a withdrawal the family applies again, once")) | (
        dismissed & first.draw.happens("after a dismissal the family applies again, once")
    )
    second = _Run(Draws(seed, 2, FAMILIES), people, first.day + first.draw.days("applies again"), back)
    _application(second, "a second application lacks something", policy)
    return _gather(people, [first, second])


def _happened(run: _Run, activity: str) -> Array:
    import numpy as np

    result = np.zeros(run.draw.n, bool)
    for events in run.events:
        if events["activity"].size and events["activity"][0] == activity:
            result[events["who"]] = True
    return result


def _gather(people: Columns, runs: list[_Run]) -> Columns:
    """One table of all events, sorted by case and time; `case` = 2 x family + (application - 1)."""
    import numpy as np

    parts = [
        events | {"application": np.full(len(events["who"]), i)} for i, run in enumerate(runs) for events in run.events
    ]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    rows["case"] = rows["who"] * len(runs) + rows["application"]
    by_time = np.lexsort((rows["order"], rows["time"], rows["case"]))
    rows = {name: column[by_time] for name, column in rows.items()}
    return rows | {name: column[rows["who"]] for name, column in people.items()}


def _finish(rows: Columns, keep: Array) -> Columns:
    """The columns a user knows, cases numbered by year and order of arrival."""
    import numpy as np

    rows = {name: column[keep] for name, column in rows.items()}
    offices, types, channels = (np.array(list(values)) for values in (OFFICES, CASE_TYPES, CHANNELS))
    table = {
        "case_id": _case_ids(rows),
        "family_id": np.array([f"F{family + 1:04d}" for family in rows["who"].tolist()]),
        "application": rows["application"] + 1,
        "activity": rows["activity"],
        "time": rows["time"],
        "date_only": rows["date_only"],
        "office": offices[rows["office"]],
        "case_type": types[rows["case_type"]],
        "contested": np.where(rows["contested"], "yes", "no"),
        "channel": channels[rows["channel"]],
    }
    order = np.argsort(table["case_id"], kind="stable")
    return {name: column[order] for name, column in (table | _staff(table, rows["clerk"])).items()}


def _case_ids(rows: Columns) -> Array:
    import numpy as np

    _, first, case = np.unique(rows["case"], return_index=True, return_inverse=True)
    arrival = rows["time"][first]
    year = arrival.astype("datetime64[Y]").astype(int) + 1970
    ids = np.empty(len(first), "U8")
    for y in np.unique(year).tolist():
        at = np.flatnonzero(year == y)
        at = at[np.argsort(arrival[at], kind="stable")]
        ids[at] = [f"{y % 100}-{n + 1:05d}" for n in range(len(at))]
    return ids[case]


def _staff(table: Columns, clerk: Array) -> Columns:
    """The unit that recorded the event and its clerk, a pseudonym; nobody for what a family did online."""
    import numpy as np

    by_family = (table["channel"] == "online") & np.isin(table["activity"], (APPLICATION, DOCUMENTS))
    unit = np.select([table["activity"] == a for a in STEPS], [np.array(step[0]) for step in STEPS.values()], "")
    unit = np.where(by_family, "", unit)
    prefix = [
        f"{office[0]}{unit[0]}" for office, unit in zip(table["office"].tolist(), np.where(unit == "", "-", unit))
    ]
    names = np.array([f"{p}{number + 1}" for p, number in zip(prefix, clerk.tolist())])
    return {"staff": np.where(np.isin(unit, STAFFED), names, ""), "unit": unit}


# ---- what is true ----------------------------------------------------------------------------------------------------


def _table(rows: list[dict[str, Any]]) -> Columns:
    import numpy as np

    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _cases(rows: Columns) -> Columns:
    """A row per application: its attributes, when it came, was filed, ordered, paid, ended."""
    import numpy as np

    cases, first, case = np.unique(rows["case"], return_index=True, return_inverse=True)
    table = {name: rows[name][first] for name in ("case", "who", "office", "contested")}
    table["arrival"] = rows["time"][first]
    table["end"] = rows["time"][np.append(first[1:], len(case)) - 1]
    for name, activity in {"petition": PETITION, "order": ORDER, "paid": PAID}.items():
        table[name] = np.full(len(cases), "NaT", "datetime64[m]")
        at = rows["activity"] == activity
        table[name][case[at]] = rows["time"][at]
    return table


def _arrived(rows: Columns) -> Columns:
    """The cases that came up to the cutoff."""
    import numpy as np

    table = _cases(rows)
    keep = table["arrival"] < np.datetime64(CUTOFF) + np.timedelta64(1, "D")
    return {name: column[keep] for name, column in table.items()}


def days_between(start: Array, end: Array) -> Array:
    """Days between; nan where either has not happened."""
    import numpy as np

    return (end - start) / np.timedelta64(1, "D")


def _step_truth(rows: Columns) -> list[dict[str, Any]]:
    import numpy as np

    table = _arrived(rows)
    filed = ~np.isnat(table["petition"])
    late = table["petition"] >= np.datetime64(CHANGE)
    wait = days_between(table["petition"], table["order"])
    result = []
    for office, in_office in _groups(table["office"], list(OFFICES)):
        for contested, of_kind in _groups(table["contested"].astype(int), ["no", "yes"]):
            for period, in_period in (("before", ~late), ("after", late)):
                got = wait[filed & in_office & of_kind & in_period]
                row = {"office": office, "contested": contested, "period": period, "petitions": len(got)}
                result.append(row | {"orders": int((~np.isnan(got)).sum()), "middle": float(np.nanmedian(got))})
    return result


def _groups(codes: Array, names: list[str]) -> list[tuple[str, Array]]:
    return [("all", codes >= 0), *((name, codes == code) for code, name in enumerate(names))]


def _cycle_truth(world: str, rows: Columns) -> list[dict[str, Any]]:
    import numpy as np

    table = _arrived(rows)
    result = []
    for office, at in _groups(table["office"], list(OFFICES)):
        paid = days_between(table["arrival"][at], table["paid"][at])
        end = days_between(table["arrival"][at], table["end"][at])
        row = {"world": world, "office": office, "cases": len(paid), "paid": float(np.mean(~np.isnan(paid)))}
        row["half_paid"] = float(np.median(np.where(np.isnan(paid), np.inf, paid)))
        row |= {"paid_middle": float(np.nanmedian(paid)), "paid_mean": float(np.nanmean(paid))}
        result.append(row | {"end_middle": float(np.median(end)), "end_mean": float(np.mean(end))})
    return result


def _family_truth(world: str, rows: Columns) -> dict[str, Any]:
    import numpy as np

    table = _cases(rows)
    families, first, applications = np.unique(table["who"], return_index=True, return_counts=True)
    order = np.full(len(families), "NaT", "datetime64[m]")
    got = ~np.isnat(table["order"])
    order[table["who"][got]] = table["order"][got]
    wait = days_between(table["arrival"][first], order)
    row = {"world": world, "families": len(families), "applied_twice": float(np.mean(applications > 1))}
    return row | {"middle": float(np.nanmedian(wait)), "mean": float(np.nanmean(wait))}


def _share_truth(world: str, rows: Columns) -> list[dict[str, Any]]:
    """The time before each step of the cases that came up to the cutoff; every case has ended, so nothing is open."""
    import numpy as np

    same = rows["case"][1:] == rows["case"][:-1]
    arrived = np.isin(rows["case"][1:], _arrived(rows)["case"])
    gaps, steps = (
        days_between(rows["time"][:-1], rows["time"][1:])[same & arrived],
        rows["activity"][1:][same & arrived],
    )
    result = []
    for step in STEPS:
        gap = gaps[steps == step]
        if gap.size:
            row = {"world": world, "step": step, "n": len(gap), "days": float(gap.sum())}
            result.append(row | {"share": float(gap.sum() / gaps.sum()), "middle": float(np.median(gap))})
    return sorted(result, key=lambda row: -row["days"])


# ---- the files -------------------------------------------------------------------------------------------------------
