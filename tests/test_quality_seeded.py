"""The data check against faults put into a clean log with a seed: each found with the right count and in the right rows."""

from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
import yaml

import procmine
from procmine import samples
from procmine.find.quality import rows_of
from procmine.load.columns import Columns
from procmine.load.spec import Spec

FIRST, LAST = "2023-01-02", "2024-12-31"
ENDS = {"Decision sent": "decided", "Withdrawn": "withdrawn"}
DAY = np.timedelta64(1, "D")


def clean(seed, **given):
    return _clean(seed, **given).copy()


@lru_cache
def _clean(seed, *, first=FIRST, cases=1_200, starts=False):
    """A permit office for two years: seven steps or more, a loop, two ends, times to the second; in the order of time.

    One row an event: case, step, time, clerk, office, kind, and with `starts` when the clerk began it.
    """
    draw = np.random.default_rng(seed)
    days = np.arange(np.datetime64(first), np.datetime64(LAST) + 1)
    days = days[np.is_busday(days)]
    rows = []
    for number, day in enumerate(np.sort(draw.choice(days, cases))):
        office, kind = draw.choice(["North", "South", "East"]), draw.choice(["house", "sign", "event"])
        for step, when in _steps(draw, day):
            at = when + np.timedelta64(int(draw.integers(9 * 3_600, 16 * 3_600)), "s")
            rows.append((f"P{number:05d}", step, at, f"c{draw.integers(1, 13):02d}", office, kind))
    table = pd.DataFrame(rows, columns=["case", "step", "time", "clerk", "office", "kind"])
    table = table[table["time"] < np.datetime64(LAST) + 1].sort_values("time", kind="stable", ignore_index=True)
    return _with_starts(table, draw) if starts else table


def _steps(draw, day):
    """Steps and days; every step on a later working day than the one before."""

    def later(low, high):
        nonlocal day
        day = np.busday_offset(day + int(draw.integers(low, high + 1)), 0, roll="forward")
        return day

    steps = [("Application received", day), ("Prüfung done", later(1, 5))]
    if draw.random() < 0.08:
        return [*steps, ("Withdrawn", later(2, 9))]
    while draw.random() < 0.3:
        steps += [("Papers requested", later(1, 3)), ("Documents arrived", later(3, 15))]
    steps += [("Inspection planned", later(2, 10)), ("Inspection done", later(1, 12))]
    steps += [("Report written", later(1, 6)), ("Neighbours heard", later(2, 9))]
    return [*steps, ("Decision issued", later(2, 15)), ("Decision sent", later(1, 3))]


def _with_starts(table, draw):
    """Work of 5 to 30 minutes, by clerks who do one thing at a time."""
    took = draw.integers(300, 1_800, len(table)).astype("m8[s]")
    free = dict.fromkeys([f"c{one:02d}" for one in range(1, 41)], np.datetime64("2000-01-01"))
    start, clerk = table["time"].to_numpy() - took, []
    for begin, end in zip(start, table["time"].to_numpy()):
        who = next(name for name, since in free.items() if since <= begin)
        free[who] = end
        clerk.append(who)
    return table.assign(start=start, clerk=clerk)


def read(table, tmp_path, *, spec=None, **columns):
    """The table as a file, read as a user would."""
    path = tmp_path / "permits.csv"
    text = table.drop(columns="hit", errors="ignore").copy()
    for name in ("time", "start"):
        if name in text and text[name].dtype.kind == "M":
            text[name] = text[name].dt.strftime("%Y-%m-%d %H:%M:%S")
    text.to_csv(path, index=False)
    roles = {"case": "case", "activity": "step", "timestamp": "time", "resource": "clerk"}
    roles |= {"start": "start"} if "start" in table else {}
    return procmine.read(path, columns=Columns(**roles, **columns), spec=spec, cutoff=LAST, ends=ENDS)


def kinds(log):
    return [one.kind for one in procmine.quality(log).found]


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_found_in_a_clean_log(seed, tmp_path):
    log = read(clean(seed, starts=seed % 2 == 1), tmp_path)
    answer = procmine.quality(log)
    assert [one.kind for one in answer.found] == []
    assert len(answer) == 0 and answer.sentences()[0].startswith("Nothing to report: ")


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_in_a_clean_world_of_the_sample(seed):
    world = samples.child_support(seed=seed).frame
    text = world["time"].dt.strftime("%Y-%m-%d %H:%M")
    world["timestamp"] = text.where(~world["date_only"], text.str[:10])
    log = procmine.read(
        world[["case_id", "activity", "timestamp", "office", "staff", "unit"]],
        columns=Columns(case="case_id", activity="activity", timestamp="timestamp", dates="iso"),
        cutoff=samples.CUTOFF,
        ends=["First payment received", "Dismissed", "Withdrawn"],
    )
    assert kinds(log) == []


def some(table, draw, n, step=None, inside=True):
    """Places of n rows drawn without replacement; `inside`: neither the first nor the last event of their case."""
    which = np.ones(len(table), bool) if step is None else (table["step"] == step).to_numpy()
    if inside:
        which = which & table.duplicated("case").to_numpy() & table.duplicated("case", keep="last").to_numpy()
    return np.sort(draw.choice(np.flatnonzero(which), n, replace=False))


def marked(table, place):
    hit = np.zeros(len(table), bool)
    hit[place] = True
    return table.assign(hit=hit)


def put(column, value, n, step=None):
    """A fault that sets a column in n rows."""

    def fault(table, draw):
        place = some(table, draw, n, step)
        table[column] = table[column].astype(object)
        table.loc[place, column] = value
        return marked(table, place)

    return fault


def as_text(table):
    table["time"] = table["time"].dt.strftime("%Y-%m-%d %H:%M:%S")
    return table


def written(value, n):
    """A fault that writes a time in another way."""

    def fault(table, draw):
        return put("time", value, n)(as_text(table), draw)

    return fault


def copied(table, draw):
    place = np.sort(draw.choice(len(table), 15, replace=False))
    again = table.iloc[place].assign(hit=True)
    return pd.concat([table.assign(hit=False), again]).sort_values("time", kind="stable", ignore_index=True)


def saved_twice(table, draw):
    place = np.sort(draw.choice(len(table), 25, replace=False))
    again = table.iloc[place].assign(hit=True)
    again["time"] += draw.integers(30, 200, 25).astype("m8[s]")
    return pd.concat([table.assign(hit=False), again]).sort_values("time", kind="stable", ignore_index=True)


def one_case_called(name):
    def fault(table, draw):
        place = np.flatnonzero(table["case"] == table["case"][int(draw.integers(len(table)))])
        table.loc[place, "case"] = name
        return marked(table, place)

    return fault


def at_midnight(table, draw):
    place = some(table, draw, 40, "Inspection done")
    table.loc[place, "time"] = table.loc[place, "time"].dt.normalize()
    return marked(table, place)


def at_four(table, draw):
    """A date, written with the zone's distance from UTC."""
    place = np.flatnonzero(table["step"] == "Report written")
    table.loc[place, "time"] = table.loc[place, "time"].dt.normalize() + pd.Timedelta(hours=4)
    return marked(table, place)


def date_only(table, draw):
    place = some(table, draw, 30, "Inspection done")
    table = as_text(table)
    table.loc[place, "time"] = table.loc[place, "time"].str[:10]
    return marked(table, place)


def year_end(table, draw):
    place = some(table, draw, 40, "Report written")
    table.loc[place, "time"] = pd.Timestamp("2023-12-31") + draw.integers(36_000, 60_000, 40).astype("m8[s]")
    return marked(table, place)


def no_date(table, draw):
    place = some(table, draw, len(table) // 12)
    table.loc[place, "time"] = pd.Timestamp("1970-01-01 01:00") + np.arange(len(place)).astype("m8[s]")
    return marked(table, place)


def in_bulk(table, draw):
    place = np.flatnonzero((table["step"] == "Report written") & (table["time"].dt.year == 2024))
    place = place[np.sort(np.unique(table["case"].iloc[place], return_index=True)[1])][:40]
    table.loc[place, "time"] = pd.Timestamp("2024-06-03 17:05") + draw.integers(0, 60, 40).astype("m8[s]")
    table.loc[place, "clerk"] = "c03"
    return marked(table, place)


def entered_late(table, draw):
    place = np.sort(draw.choice(len(table) // 2, 10, replace=False))
    order = np.arange(len(table), dtype=float)
    order[place] += len(table) // 4
    return marked(table, place).iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def at(moment, n):
    def fault(table, draw):
        place = some(table, draw, n)
        table.loc[place, "time"] = pd.Timestamp(moment)
        return marked(table, place)

    return fault


def twelve_years_before(table, draw):
    first = np.flatnonzero(~table.duplicated("case"))
    place = np.sort(draw.choice(first, 3, replace=False))
    table.loc[place, "time"] -= pd.Timedelta(days=12 * 365)
    return marked(table, place)


def at_once(table, draw):
    done = table.loc[table["step"] == "Decision sent", "case"].unique()
    chosen = np.isin(table["case"], draw.choice(done, 12, replace=False))
    table.loc[chosen, "time"] = table[chosen].groupby("case")["time"].transform("first")
    return marked(table, np.flatnonzero(chosen & ~table.duplicated("case")))


def swapped(table, draw):
    place = some(table, draw, 10)
    table.loc[place, ["start", "time"]] = table.loc[place, ["time", "start"]].to_numpy()
    return marked(table, place)


def two_at_once(table, draw):
    """The first work of a clerk on a day ends only after the second has begun."""
    day = table["time"].dt.date
    later = np.flatnonzero(table.duplicated(["clerk"]) & table.groupby(["clerk", day]).cumcount().eq(1))
    busy = table["clerk"].value_counts().index[:4]
    place = np.sort(draw.choice(later[np.isin(table["clerk"].iloc[later], busy)], 12, replace=False))
    before = [table.index[(table["clerk"] == table["clerk"][one]) & (table.index < one)].max() for one in place]
    table.loc[place, "start"] = table.loc[before, "time"].to_numpy() - np.timedelta64(60, "s")
    return marked(table, place)


def never_closed(table, draw):
    place = some(table, draw, 5)
    table.loc[place, "start"] -= pd.Timedelta(days=40)
    return marked(table, place)


def one_form(table, draw):
    late = ["Report written", "Neighbours heard", "Decision issued"]
    here = table[table["step"].isin(late)]
    whole = here.groupby("case").filter(lambda rows: len(rows) == 3)["case"].unique()
    chosen = np.isin(table["case"], draw.choice(whole, 60, replace=False)) & table["step"].isin(late).to_numpy()
    table.loc[chosen, "time"] = table[chosen].groupby("case")["time"].transform("first")
    return marked(table, np.flatnonzero(chosen & (table["step"] != late[0])))


def noise(table, draw):
    chosen = table[np.isin(table["case"], draw.choice(table["case"].unique(), 60, replace=False))]
    again = chosen.assign(step="Document saved", hit=True)
    again["time"] += draw.integers(1, 6, len(again)).astype("m8[s]")
    return pd.concat([table.assign(hit=False), again]).sort_values("time", kind="stable", ignore_index=True)


def doubled(table, draw):
    again = table[table["step"] == "Application received"].assign(step="Receipt printed", hit=True)
    again["time"] += draw.integers(1, 6, len(again)).astype("m8[s]")
    return pd.concat([table.assign(hit=False), again]).sort_values("time", kind="stable", ignore_index=True)


def two_meanings(table, draw):
    both = table["step"].isin(["Inspection planned", "Report written"]).to_numpy()
    table["purpose"] = np.where(table["step"] == "Inspection planned", "plan", "tell")
    table.loc[~both, "purpose"] = draw.choice(["plan", "tell"], int((~both).sum()))
    table.loc[both, "step"] = "Meeting"
    return marked(table, np.flatnonzero(both))


def two_lengths(table, draw):
    place = np.flatnonzero(table["step"] == "Report written")
    long = place[draw.random(len(place)) < 0.4]
    table.loc[long, "start"] = table.loc[long, "time"] - draw.integers(86_400, 172_800, len(long)).astype("m8[s]")
    return marked(table, place)


def too_early(table, draw):
    """The last step of some cases dated two hours after the first."""
    done = table[table["step"] == "Decision sent"]
    place = np.sort(draw.choice(done.index, 14, replace=False))
    first = table.groupby("case")["time"].first()
    table.loc[place, "time"] = first.loc[table.loc[place, "case"]].to_numpy() + np.timedelta64(7_200, "s")
    return marked(table, place)


def reopened(table, draw):
    done = table[(table["step"] == "Decision sent") & (table["time"] < "2024-11-01")]
    again = done.sample(16, random_state=int(draw.integers(1_000))).assign(step="Prüfung done", hit=True)
    again["time"] += pd.Timedelta(days=10)
    return pd.concat([table.assign(hit=False), again]).sort_values("time", kind="stable", ignore_index=True)


def cut_at_the_start(table, draw):
    """What was before April is not in the export: cases that began before lose their beginning."""
    kept = table[table["time"] >= "2023-04-03"].reset_index(drop=True)
    begun = table.loc[table["time"] < "2023-04-03", "case"].unique()
    return marked(kept, np.flatnonzero(kept["case"].isin(begun) & ~kept.duplicated("case")))


def without_beginning(table, draw):
    middle = table[table["time"].between("2023-09-01", "2024-09-01") & (table["step"] == "Application received")]
    gone = middle.sample(13, random_state=int(draw.integers(1_000)))
    kept = table.drop(gone.index).reset_index(drop=True)
    return marked(kept, np.flatnonzero(kept["case"].isin(gone["case"]) & ~kept.duplicated("case")))


def begun_late(table, draw):
    """The application is dated a day after the check, and all else later."""
    first = table[table["step"] == "Application received"].sample(10, random_state=int(draw.integers(1_000)))
    check = table[table["step"] == "Prüfung done"].set_index("case")["time"]
    first = first[first["case"].isin(check.index)]
    table.loc[first.index, "time"] = check.loc[first["case"]].to_numpy() + np.timedelta64(3_600, "s")
    checked = table[(table["step"] == "Prüfung done") & table["case"].isin(first["case"])]
    return marked(table, checked.index)


def stopped(table, draw):
    old = table.loc[(table["time"] < "2024-05-01") & (table["step"] == "Decision sent"), "case"]
    chosen = draw.choice(old.unique(), 20, replace=False)
    kept = table[~(table["case"].isin(chosen) & (table.groupby("case").cumcount() >= 3))].reset_index(drop=True)
    return marked(kept, np.flatnonzero(kept["case"].isin(chosen) & ~kept.duplicated("case")))


def another_column(name, values, kind="case"):
    """A fault that adds a column, one value a case."""

    def fault(table, draw):
        cases = table["case"].unique()
        table[name] = table["case"].map(dict(zip(cases, values(draw, len(cases)))))
        return marked(table, [])

    return fault


def corrected(table, draw):
    cases = table["case"].unique()
    table["district"] = table["case"].map(dict(zip(cases, draw.choice(["1", "2", "3"], len(cases)))))
    last = np.flatnonzero(table.duplicated("case") & ~table.duplicated("case", keep="last"))
    place = draw.choice(last, 9, replace=False)
    table.loc[place, "district"] = "4"
    return marked(table, np.flatnonzero(table["case"].isin(table["case"].iloc[place]) & ~table.duplicated("case")))


def spelt(pairs):
    """Wrong spellings of a step, so many events each."""

    def fault(table, draw):
        places = []
        for (right, wrong), n in pairs.items():
            place = some(table, draw, n, right)
            table.loc[place, "step"] = wrong
            places.append(place)
        return marked(table, np.concatenate(places))

    return fault


TYPOS = {
    ("Inspection done", "Inspection dnoe"): 5,
    ("Report written", "Report writen"): 7,
    ("Decision issued", "Decision isued"): 6,
}
SAME = {("Inspection done", "inspection Done"): 20}
BLANKS = {
    ("Inspection done", "Inspection  done"): 8,
    ("Inspection done", "Inspection\u00a0done "): 6,
    ("Report written", "Report_written"): 4,
}
TWINS = {("Inspection done", "Inspecti\u043en done"): 9}
ACCENTS = {("Prüfung done", "Prufung done"): 12}
BROKEN = {("Prüfung done", "PrÃ¼fung done"): 14}

FAULTS = {  # kind -> fault, how many, whether the log has starts
    "no_case": (put("case", None, 12), 12),
    "no_activity": (put("step", "", 5), 5),
    "no_time": (written(None, 9), 9),
    "unreadable_time": (written("2024-02-30 10:00:00", 7), 7),
    "after_cutoff": (written("2219-02-01 10:00:00", 4), 4),
    "far_before": (written("1900-01-01 00:00:00", 6), 6),
    "duplicate": (copied, 15),
    "near_duplicate_found": (saved_twice, 25),
    "hole_case": (one_case_called("NA"), None),
    "hole_step": (put("step", "-", 11), 11),
    "midnight": (at_midnight, 40),
    "one_time": (at_four, None),
    "mixed_precision": (date_only, 30),
    "year_end": (year_end, 40),
    "placeholder": (no_date, None),
    "bulk": (in_bulk, 40),
    "entered_late": (entered_late, 10),
    "clock_skipped": (at("2024-03-31 02:30:00", 3), 3),
    "clock_twice": (at("2024-10-27 02:15:00", 4), 4),
    "long_case": (twelve_years_before, 3),
    "no_time_at_all": (at_once, 12),
    "start_after_end": (swapped, 10),
    "overlap": (two_at_once, 12),
    "long_step": (never_closed, 5),
    "form": (one_form, 120),
    "collateral": (noise, None),
    "always_together": (doubled, 1_200),
    "label_case": (spelt(SAME), 20),
    "label_blanks": (spelt(BLANKS), 18),
    "label_twins": (spelt(TWINS), 9),
    "label_accents": (spelt(ACCENTS), 12),
    "label_spelling": (spelt(TYPOS), 18),
    "broken_steps": (spelt(BROKEN), 14),
    "two_things": (two_meanings, None),
    "two_lengths": (two_lengths, None),
    "order": (too_early, 14),
    "after_end": (reopened, 16),
    "began_before": (cut_at_the_start, None),
    "no_beginning": (without_beginning, 13),
    "late_first": (begun_late, 10),
    "dormant": (stopped, 20),
    "changing": (corrected, 9),
}
WITH_STARTS = ("start_after_end", "overlap", "long_step", "two_lengths")
SET_ASIDE = (
    "no_case",
    "no_activity",
    "no_time",
    "unreadable_time",
    "after_cutoff",
    "far_before",
    "duplicate",
    "start_after_end",
)
MISDATED = {"order", "late_first", "after_end", "entered_late", "dormant"}  # what a wrong time also does to a log
MAY_COME_TOO = {
    **{kind: {"order"} for kind in ("no_case", "no_activity", "hole_step", "began_before")},
    **dict.fromkeys(("year_end", "bulk", "clock_skipped", "clock_twice", "order", "late_first", "form"), MISDATED),
    **{kind: {"after_end", "dormant"} for kind in ("near_duplicate_found", "after_end", "collateral")},
    **{kind: {"overlap"} for kind in ("long_step", "two_lengths")},
    "placeholder": MISDATED | {"no_events", "near_duplicate_found"},
    "no_time_at_all": MISDATED | {"same_moment", "form"},
    "long_case": {"entered_late"},
}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_found_with_its_count_and_rows(kind, seed, tmp_path):
    fault, n = FAULTS[kind]
    table = clean(seed, starts=kind in WITH_STARTS)
    table = fault(table, np.random.default_rng(1_000 + seed))
    spec = Spec(zone="Europe/Vienna") if kind.startswith("clock") else None
    log = read(table, tmp_path, spec=spec)
    answer = procmine.quality(log)
    found = {one.kind: one for one in answer.found}
    assert kind in found, list(found)
    expected = np.flatnonzero(table["hit"]) + 2
    assert found[kind].count == len(expected) == (n or len(expected)) > 0
    if kind in SET_ASIDE:
        assert found[kind].row == expected[0]
    else:
        np.testing.assert_array_equal(np.sort(_rows(log, found[kind])), expected)
    assert set(found) - {kind} <= MAY_COME_TOO.get(kind, set())
    spec_fits(answer)


def _rows(log, found):
    """Row numbers of the events, of cases that of their first event."""
    if found.events is not None:
        return rows_of(log, found)[0]
    return log.origin.row[log.offset[found.cases]].astype(int)


def spec_fits(answer):
    """The lines to paste are a spec, one by one and all together."""
    for text in [*answer.rows["spec"], answer.spec_lines()]:
        Spec.model_validate(yaml.safe_load(text) or {})


NAMES = ["Ann Berg", "Olga Petrova", "Juan Pérez", "Kai Holm", "Ida Lund", "Tom Reed", "Eva Novak", "Lars Dahl"]
WORDS = ["the", "applicant", "called", "again", "and", "asked", "when", "papers", "will", "be", "looked", "at", "now"]


def names_of(draw, n):
    two = [f"{draw.choice(NAMES).split()[0]} {draw.choice(NAMES).split()[1]}" for _ in range(n)]
    return [f"{name}{'abcdefghij'[k % 10]}{'klmnopqrst'[k // 10 % 10]}" for k, name in enumerate(two)]


def birth(draw):
    return f"{draw.integers(1940, 2004)}-{draw.integers(1, 13):02d}-{draw.integers(1, 29):02d}"


def security_number(draw):
    return f"{draw.integers(100, 600)}-{draw.integers(10, 99)}-{draw.integers(1_000, 9_999)}"


def address(draw):
    return f"{draw.integers(1, 900)} {draw.choice(['Oak', 'Elm', 'Lake'])} Street"


PERSONAL = {  # what a column holds -> kind, and a column name that says nothing
    "personal_contact": lambda draw, n: [f"user{k}@example.org" for k in range(n)],
    "personal_birth": lambda draw, n: [birth(draw) for _ in range(n)],
    "personal_number": lambda draw, n: [security_number(draw) for _ in range(n)],
    "personal_address": lambda draw, n: [address(draw) for _ in range(n)],
    "personal_name": names_of,
    "personal_text": lambda draw, n: [" ".join(draw.permutation(WORDS)) for _ in range(n)],
    "sparse": lambda draw, n: np.where(draw.random(n) < 0.03, "yes", None),
}


@pytest.mark.parametrize("kind", PERSONAL)
def test_a_column_is_found_by_what_it_holds_and_never_shown(kind, tmp_path):
    table = another_column("col7", PERSONAL[kind])(clean(4), np.random.default_rng(9))
    answer = procmine.quality(read(table, tmp_path))
    assert [(one.kind, one.count) for one in answer.found] == [(kind, 1)]
    said = str(answer) + answer._repr_html_() + str(answer.to_dict())
    assert "col7" in said
    held = [str(value) for value in table["col7"].dropna().unique() if len(str(value)) > 4]
    assert not [value for value in held if value in said]
    spec_fits(answer)


@pytest.mark.parametrize(
    "name", ["E-Mail", "phone_number", "SSN", "date of birth", "Nachname", "Street", "remarks", "asmens_kodas"]
)
def test_a_column_is_found_by_its_name(name, tmp_path):
    table = another_column(name, lambda draw, n: draw.choice(["a", "b"], n))(clean(4), np.random.default_rng(9))
    log = read(table, tmp_path)
    found = procmine.quality(log).found
    if name in log.about.persons:  # known at the door: shown as numbers
        assert name == "Nachname" and not found
    else:
        assert len(found) == 1 and found[0].kind.startswith("personal_")


def test_a_case_column_of_identity_numbers_is_to_be_pseudonymised(tmp_path):
    table = clean(4)
    cases = table["case"].unique()
    numbers = PERSONAL["personal_number"](np.random.default_rng(9), len(cases))
    table["case"] = table["case"].map(dict(zip(cases, numbers)))
    found = procmine.quality(read(table, tmp_path)).found
    assert [one.kind for one in found] == ["personal_case"]
    assert found[0].spec["pseudonymise"]["columns"] == ["case"]


def test_broken_values_are_counted(tmp_path):
    table = clean(4)
    cases = table["case"].unique()[:23]
    table.loc[table["case"].isin(cases), "office"] = "KÃ¶ln"
    found = procmine.quality(read(table, tmp_path)).found
    assert [(one.kind, one.count) for one in found] == [("broken_values", 23)]


def test_a_month_left_out(tmp_path):
    table = clean(5)
    kept = table[(table["time"] < "2024-03-01") | (table["time"] >= "2024-04-01")]
    found = {one.kind: one for one in procmine.quality(read(kept, tmp_path)).found}
    assert found["missing_months"].values["months"] == "2024-03"
    assert found["missing_months"].count == 1 and "no_events" not in found


def test_a_step_left_out_for_a_month(tmp_path):
    table = clean(5)
    gone = (table["step"] == "Inspection planned") & (table["time"].dt.strftime("%Y-%m") == "2024-05")
    found = {one.kind: one for one in procmine.quality(read(table[~gone], tmp_path)).found}
    assert list(found) == ["step_months"]
    assert found["step_months"].values["which"] == "Inspection planned 2024-05"


def test_days_without_an_event(tmp_path):
    table = clean(5)
    kept = table[(table["time"] < "2024-05-06") | (table["time"] >= "2024-05-18")]
    days = np.unique(kept["time"].to_numpy().astype("M8[D]"))
    found = {one.kind: one for one in procmine.quality(read(kept, tmp_path)).found}
    assert found["no_events"].count == np.diff(days).max() / DAY - 1 >= 14


def test_an_export_of_finished_cases(tmp_path):
    table = clean(5)
    done = table.loc[table["step"].isin(list(ENDS)), "case"]
    found = procmine.quality(read(table[table["case"].isin(done)], tmp_path)).found
    assert [one.kind for one in found] == ["finished_only"]


def test_late_entry_where_the_day_is_stated(tmp_path):
    table = clean(5)
    log = read(table, tmp_path, spec=Spec(complete_from="2023-03-01"))
    found = procmine.quality(log).found
    early = table.loc[table["time"] < "2023-03-01", "case"].nunique()
    assert [(one.kind, one.count) for one in found] == [("late_entry", early)]


def test_a_thin_start_is_late_entry(tmp_path):
    """An export of cases that were open on a day: of those begun long before, few are left."""
    table = clean(5, cases=3_000)
    begun = table.groupby("case")["time"].transform("first")
    ended = table.groupby("case")["time"].transform("last")
    slow = (ended - begun) > pd.Timedelta(days=70)
    kept = table[(begun >= "2023-04-03") | slow]
    early = kept.loc[kept["time"] < "2023-04-03", "case"].nunique()
    found = {one.kind: one for one in procmine.quality(read(kept, tmp_path)).found}
    assert found["thin_start"].count == early > 10
    assert found["thin_start"].spec == {"complete_from": "2023-04-03"}


def test_orders_by_a_rule_of_ties_and_copies_that_were_kept(tmp_path):
    table = clean(5)
    kept = read(copied(table, np.random.default_rng(1)), tmp_path, repeated="keep")
    found = {one.kind: one for one in procmine.quality(kept).found}
    assert found["repeated"].count == 15
    dates = table.assign(time=table["time"].dt.strftime("%Y-%m-%d"))
    moved = dates.index[dates["step"] == "Prüfung done"][:200]
    first = dates.groupby("case")["time"].first()
    dates.loc[moved, "time"] = first.loc[dates.loc[moved, "case"]].to_numpy()
    found = {one.kind: one for one in procmine.quality(read(dates, tmp_path)).found}
    assert list(found) == ["ties"] and found["ties"].count == 200


def test_no_case_ends_in_the_last_weeks(tmp_path):
    """An export that stops recording decisions five weeks before the cutoff; not where the cutoff is that day."""
    table = clean(5)
    gone = table["step"].isin(list(ENDS)) & (table["time"] >= np.datetime64(LAST) - 35 * DAY)
    done = table.loc[table["step"].isin(list(ENDS)) & ~gone, "time"].to_numpy().astype("M8[D]").max()
    found = {one.kind: one for one in procmine.quality(read(table[~gone], tmp_path)).found}
    assert found["no_ends"].count == (np.datetime64(LAST) - done) / DAY
    assert found["no_ends"].spec == {"cutoff": str(done)}
    assert "no_ends" not in {one.kind for one in procmine.quality(read(clean(5), tmp_path)).found}
