"""What is decided of a whole log before any of its parts is built: surveyed in parts, settled once, built anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from procmine.about import About, Axis
from procmine.kernels.flow import Ints
from procmine.load.arrays import is_empty, strings, whole_numbers
from procmine.load.columns import Columns, find_roles, persons
from procmine.load.dates.parts import ReadAs, settle_dates, survey_dates
from procmine.load.dates.timestamps import DAY
from procmine.load.events.attributes import Attribute, settle_attributes
from procmine.load.events.ending import ZERO, Held, Told, Undecided, Within, waits_within
from procmine.load.events.facts import CaseFacts, Counts, Dates, First, Pairs, RowFacts, Same
from procmine.load.events.given import Given, Loaded
from procmine.load.events.lifecycle import said_of_pairs, unusual
from procmine.load.events.log import log_of
from procmine.load.events.look import Look, check_parts, counted_look, look_at, roles_of, time_columns, unusual_words
from procmine.load.events.placing import Placed, kept_twice, place
from procmine.load.events.rows import Rows, rows_of
from procmine.load.events.said import (
    counted_why,
    first_why,
    late_said,
    mended_said,
    refuse_all,
    roles_said,
    rows_said,
    unheard,
)
from procmine.load.events.sorting import is_backwards
from procmine.load.events.ties import is_numbered, rule_said, said_of_ties
from procmine.load.events.watch import (
    EVERY_CASE,
    Bounds,
    Evidence,
    Watched,
    bounds_of,
    cutoff_said,
    guessed,
    moment,
    rules,
)
from procmine.load.raw import IN_FILE, Raw
from procmine.log import CHUNK, LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

ENOUGH = 10  # events that are all at midnight before an activity is taken to have dates only
Needs = Literal["rows", "cases", ""]


@dataclass(frozen=True)
class Settled:
    """What is decided so far, and what it `needs` next: facts of rows, facts of cases, or nothing more.

    `levels` are the activities of the source in order of appearance, `midnight` those that are recorded by their date,
    `mixed` whether events known by their date stand among others. `starts`, `bounds`, `backwards` and `timed` are guessed
    until facts of cases confirm them; `within` and `before` are what parts are asked for (see `ending.Told`).
    """

    needs: Needs
    dates: Mapping[str, ReadAs] = field(default_factory=dict)
    axis: Axis = "civil"
    mixed: bool = False
    midnight: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    pairs: bool = False
    plain: bool = False  # the column of life cycles is an attribute
    life: tuple[str, ...] = ()  # kinds of the life cycle that are no completions, where it is one
    written: bool = False  # by write(), which says of each event whether it has a time of day
    numbered: bool = True  # the column that orders events of one moment can be used
    starts: bool = True
    bounds: Bounds = field(default_factory=lambda: guessed(None, "civil", None))
    backwards: bool = False
    timed: bool = True
    within: Mapping[str, Within] = field(default_factory=dict)
    before: Mapping[str, int] = field(default_factory=dict)
    attributes: tuple[Attribute, ...] = ()
    notes: tuple[Message, ...] = ()
    about: About | None = None

    @property
    def basis(self) -> str:
        """Facts of cases that were surveyed by settlements of one basis can be merged."""
        flags = (self.mixed, self.pairs, self.plain, self.numbered, self.starts, self.backwards, self.timed)
        by = [self.axis, *flags, *self.midnight, asdict(self.bounds)]
        forms = {name: one.forms for name, one in self.dates.items()}
        return json.dumps([by, forms, sorted(self.within.items()), sorted(self.before.items())], sort_keys=True)

    def columns_of(self, columns: Columns) -> Columns:
        """The columns of a part; a life cycle that tells of no starts is an attribute."""
        return replace(columns, lifecycle=None) if self.plain else columns

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        written = {
            name: getattr(self, name) for name in ("needs", "axis", "mixed", "pairs", "plain", "numbered", "written")
        }
        written |= {name: getattr(self, name) for name in ("starts", "backwards", "timed")}
        written |= {name: list(getattr(self, name)) for name in ("midnight", "levels", "life")}
        written |= {"bounds": asdict(self.bounds)}
        written |= {"within": {name: list(one) for name, one in self.within.items()}, "before": dict(self.before)}
        written["dates"] = {name: one.to_dict() for name, one in self.dates.items()}
        written["attributes"] = [asdict(one) for one in self.attributes]
        written["notes"] = [one.to_dict() for one in self.notes]
        return {**written, "about": None if self.about is None else self.about.to_dict()}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Settled:
        read = dict(written)
        read |= {name: tuple(written[name]) for name in ("midnight", "levels", "life")}
        read |= {"bounds": Bounds(**written["bounds"]), "dates": _read_dates(written["dates"])}
        read["within"] = {name: (one[0], one[1], one[2]) for name, one in written["within"].items()}
        read["attributes"] = tuple(Attribute(**one) for one in written["attributes"])
        read["notes"] = tuple(Message.from_dict(one) for one in written["notes"])
        read["about"] = None if written["about"] is None else About.from_dict(written["about"])
        return cls(**read)


def _read_dates(written: Mapping[str, Any]) -> dict[str, ReadAs]:
    return {name: ReadAs.from_dict(one) for name, one in written.items()}


def survey_rows(raw: Raw, given: Given, settled: Settled | None = None) -> RowFacts:
    """What some rows tell. `settled`: what an earlier pass over all rows settled, if it asked for one more."""
    columns = roles_of(raw, given)
    check_parts(raw, columns)
    same = same_of(raw)
    if settled is None:
        at = np.empty(0, np.int64) if _typed(raw, columns) else positions(raw)
        read = {name: (columns.dates_of(name), columns.show_values) for name in time_columns(columns)}
        dates = {name: survey_dates(raw.table[name], name, *how, at) for name, how in read.items()}
        if any(one.kind == "text" for one in dates.values()):
            return RowFacts(Counts({"unread": {"": 1}}), First({}), Dates(dates), same)
    else:
        dates = {}
    look = look_at(_without_cases(raw, columns), columns, given, None if settled is None else settled.dates)
    return replace(facts_of_look(look, given), dates=Dates(dates), same=same)


def _typed(raw: Raw, columns: Columns) -> bool:
    """Whether no time is written as text, so that nothing is said of where one stands."""
    import pyarrow as pa

    kinds = [raw.table[name].type for name in time_columns(columns)]
    return all(pa.types.is_timestamp(kind) or pa.types.is_date(kind) for kind in kinds)


def _without_cases(raw: Raw, columns: Columns) -> Raw:
    """The same with one case, where no row is without: which case a row is of tells nothing of rows."""
    import pyarrow as pa

    name, others = str(columns.case), (columns.activity, columns.lifecycle, columns.order, *time_columns(columns))
    if name in others or not _all_named(raw.table[name]):
        return raw
    none = pa.DictionaryArray.from_arrays(whole_numbers(np.zeros(len(raw.table), np.int64)), strings(["1"]))
    return replace(raw, table=raw.table.set_column(raw.table.column_names.index(name), name, none))


def _all_named(column: pa.ChunkedArray) -> bool:
    """Whether each value is text that is not empty."""
    import pyarrow as pa

    coded = pa.types.is_dictionary(column.type)
    levels = [one.dictionary if coded else one for one in column.chunks]
    if column.null_count or not all(pa.types.is_string(one.type) for one in levels):
        return False
    return not any(one.null_count or is_empty(one).any() for one in levels)


def facts_of_look(look: Look, given: Given, *, alone: bool = False) -> RowFacts:
    """What these rows tell, but for how their times are written; `alone`: they are the whole."""
    counts, columns = counted_look(look, given), look.columns
    if columns.order is not None and not is_numbered(look.raw.table, columns.order):
        counts["order"] = {"broken": 1}
    names = look.activity.levels.to_pylist()
    where = range(len(names)) if alone else _first_places(look)  # of a whole, levels stand in order of appearance
    stood: dict[str, Any] = {f"step {name}": ((place,),) for name, place in zip(names, where) if place is not None}
    life = unusual_words(look)
    if life:
        stood["life"] = tuple((word,) for word in life)
    return RowFacts(Counts(counts), First(stood, most=8), Dates({}), same_of(look.raw))


def _first_places(look: Look) -> list[int | None]:
    """Where in the source each activity of these rows stood first; None: nowhere."""
    codes, size = look.activity.codes, len(look.activity.levels)
    first = np.full(size + 1, len(codes))
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    there = first[:size] < len(codes)
    place = iter(positions(look.raw, first[:size][there]).tolist())
    return [next(place) if one else None for one in there.tolist()]


def positions(raw: Raw, rows: Ints | None = None) -> Ints:
    """Where rows of the table stood in the source: numbers that grow from its first file to its last."""
    rows = np.arange(len(raw.table)) if rows is None else rows
    file = 0 if raw.places is None else raw.places.file[rows].astype(np.int64) * IN_FILE
    places: Ints = file + raw.row_numbers(rows)
    return places


def same_of(raw: Raw) -> Same:
    """What all parts of a source share."""
    files = (raw.name,) if raw.places is None else raw.places.files
    return Same("", files, raw.name, tuple(raw.names), tuple(raw.table.column_names))


def _columns(same: Same, given: Given) -> Columns:
    return find_roles(given.columns, same.names, same.name)


def settle_rows(facts: RowFacts, given: Given, settled: Settled | None = None) -> Settled:
    """What all rows decide: how times are written, their axis, which steps are recorded by their date."""
    columns, show, of = _columns(facts.same, given), given.columns.show_values, facts.dates.of
    if settled is None:
        read = {name: settle_dates(of[name], name, columns.dates_of(name), show) for name in time_columns(columns)}
        settled = Settled("rows", read)
    if facts.counts.n("unread"):
        return settled
    return settle_look(facts, given, settled)


def settle_look(facts: RowFacts, given: Given, settled: Settled) -> Settled:
    """The same once it is known how times are written."""
    counts = facts.counts
    midnight, n = _midnight(counts)
    size, away = counts.n("rows", "good"), counts.n("rows", "zoned") > 0 or counts.n("others", "zoned") > 0
    mixed = (0 < n < size) or (n > 0 and counts.n("rows", "said") > 0)
    civil = not away or n > 0 or counts.n("rows", "zoned") < size or counts.n("others", "plain") > 0
    axis: Axis = "civil" if civil else "instant"
    first = facts.first.of
    levels = sorted((name for name in first if name != "life"), key=lambda name: first[name][0])
    life = [str(word) for (word,) in first.get("life", ())]
    columns = _columns(facts.same, given)
    if counts.n("order", "broken") and given.columns.order is not None:
        raise LogError(f"Column {columns.order!r} cannot order the events: it must hold whole numbers.")
    pairs = columns.start is None and counts.n("life", "starts") > 0 and counts.n("life", "completes") > 0
    read = tuple(settled.dates[name].reading for name in time_columns(columns))
    return replace(
        settled,
        needs="cases",
        axis=axis,
        mixed=mixed and axis == "civil",
        midnight=midnight,
        levels=tuple(name.removeprefix("step ") for name in levels),
        pairs=pairs,
        plain=columns.start is None and not pairs and bool(life),
        written=counts.n("rows", "said") > 0,
        numbered=not counts.n("order", "broken"),
        bounds=guessed(given.cutoff, axis, given.zone),
        notes=(*read, *_clocks_unused(counts, columns), *_axis_said(away, n, size, given.zone, axis)),
        life=tuple(life),
    )


def _midnight(counts: Counts) -> tuple[tuple[str, ...], int]:
    """The activities always recorded at midnight, which is to say: by their date; and how many events are known by that."""
    happened, off, marked = (counts.kind(kind) for kind in ("happened", "off", "marked"))
    if counts.n("rows", "said"):
        return (), sum(marked.values())
    never = not off
    names = tuple(name for name, n in happened.items() if name not in off and (n >= ENOUGH or never))
    return names, sum(happened[name] for name in names) + sum(n for name, n in marked.items() if name not in names)


def _axis_said(away: bool, n: int, size: int, zone: str | None, axis: Axis) -> tuple[Message, ...]:
    """Wall-clock if any event is a date only, or any time has no offset from UTC; else instants."""
    if not away:
        return (Message("load.axis.dated", {"n": n, "of": size}),) if n else ()
    if axis == "instant":
        return (Message("load.axis.instant", {"zone": zone or "UTC"}),)
    where = Message("load.axis.zone", {"zone": zone}) if zone else Message("load.axis.written")
    return (Message("load.axis.civil" if n else "load.axis.mixed", {"n": n, "of": size, "where": where}),)


def _clocks_unused(counts: Counts, columns: Columns) -> tuple[Message, ...]:
    """Where every event is a date only, the columns of times of day that nobody said belong to it."""
    if not counts.n("clock", "dated") or counts.n("clock", "timed"):
        return ()
    found = [name for name in counts.kind("clocks") if name not in counts.kind("others_than_clocks")]
    return tuple(Message("load.clock.unused", {"column": name, "time": str(columns.timestamp)}) for name in found)


def survey_cases(raw: Raw, given: Given, settled: Settled) -> CaseFacts:
    """What whole cases tell, under what is settled or guessed so far."""
    return facts_of_part(placed_in(raw, given, settled), given, settled)


def facts_of_part(placed: Placed, given: Given, settled: Settled) -> CaseFacts:
    """What whole cases tell that are placed already."""
    facts = facts_of_cases(placed)
    endings = _endings(placed, given, settled, facts.counts)
    return replace(facts, **endings, same=replace(facts.same, basis=settled.basis))


def placed_in(raw: Raw, given: Given, settled: Settled) -> Placed:
    look = look_at(raw, roles_of(raw, given), given, settled.dates)
    return place(raw, rows_of(look, given, settled, alone=False), given, settled, alone=False)


def facts_of_cases(placed: Placed) -> CaseFacts:
    """What these cases tell, but for how they end."""
    raw, names = placed.raw, placed.rows.activity.levels.to_pylist()
    arrival, late = placed.arrivals()
    counts: dict[str, Mapping[str, int]] = {**placed.counts, **counted_why(raw, placed.rows.why), "late": late}
    counts["events"] = {"": len(placed.row), "timed": int(placed.precision == "microsecond")}
    counts["steps"] = _of_codes(placed.step, names)
    last = placed.step[placed.last[placed.went_on]]
    counts["went_on"] = _of_codes(last, names)
    counts["held"] = {name: 1 for name, one in placed.columns.items() if one.held}
    counts["changes"] = {name: 1 for name, one in placed.columns.items() if one.changes}
    counts["twice"] = {"": int(kept_twice(raw, placed.rows.columns.repeated))}
    first = first_why(raw, placed.rows.why)
    if len(arrival):
        first["begins"] = ((int(arrival.min()),),)
    said = First({json.dumps(one.to_dict(), sort_keys=True): ((place,),) for place, one in enumerate(raw.notes)})
    nothing = Pairs.none()
    same = same_of(raw)
    return CaseFacts(Counts(counts), First(first), said, placed.days, nothing, nothing, nothing, same)


def _of_codes(codes: Any, names: Sequence[str]) -> dict[str, int]:
    counts = np.zeros(len(names), np.int64)
    for begin in range(0, len(codes), CHUNK):
        counts += np.bincount(codes[begin : begin + CHUNK], minlength=len(names))
    return {name: n for name, n in zip(names, counts.tolist()) if n}


def _endings(placed: Placed, given: Given, settled: Settled, counts: Counts) -> dict[str, Any]:
    """Waits and last steps, where rules need them."""
    facts: dict[str, Any] = {}
    if given.ends is not None and given.dormant_after_days is not None:
        return facts
    code = {name: at for at, name in enumerate(settled.levels)}
    known = np.array([code[name] for name in placed.rows.activity.levels.to_pylist()], np.int64)
    step, last = known[placed.step] if len(placed.row) else np.empty(0, np.int64), placed.is_last
    wait, after = np.diff(placed.time)[~last[:-1]], step[:-1][~last[:-1]]
    facts["waits"] = Pairs.of(after, wait)
    facts["within"] = waits_within(after, wait, settled.within)
    if given.ends is None:
        facts["ended"] = Pairs.of(2 * step + last, placed.time // DAY + ZERO)
        facts["counts"] = counts.merge(Counts(counted_before(step, last, placed.time, settled)))
    return facts


def counted_before(step: Any, last: Any, time: Ints, settled: Settled) -> dict[str, dict[str, int]]:
    """Events before the moments that were asked for."""
    counts: dict[str, dict[str, int]] = {"before": {}, "before_last": {}}
    for name, at in settled.before.items():
        here = (step == settled.levels.index(name.partition(" ")[2])) & (time < at)
        counts["before"][name] = int(here.sum())
        counts["before_last"][name] = int((here & last).sum())
    return counts


def settle_cases(facts: CaseFacts, given: Given, settled: Settled) -> Settled:
    """What all cases decide; a guess that they do not confirm is mended, and their parts must be surveyed again."""
    if not len(facts.days.day) and not facts.counts.n("reach", "future"):
        raise _refused(facts)
    mended = _confirmed(facts, given, settled)
    if mended.needs:
        return mended
    if not facts.counts.n("events"):
        raise _refused(facts)
    names = [name for name in mended.levels if name in facts.counts.kind("steps")]
    told = Told(facts, mended.levels, names, mended.bounds.cutoff, mended.within, mended.before)
    try:
        return settle_about(facts, given, mended, told)
    except Undecided as asked:
        within, before = {**mended.within, **asked.within}, {**mended.before, **asked.before}
        return replace(mended, needs="cases", within=within, before=before)


def _refused(facts: CaseFacts) -> LogError:
    return refuse_all(facts.same.name, facts.counts, facts.first, len(facts.same.files) > 1)


def _confirmed(facts: CaseFacts, given: Given, settled: Settled) -> Settled:
    """The settlement that these facts confirm, or with the first guess mended that they do not."""
    counts = facts.counts
    starts = "start" not in counts.of or counts.n("start", "there") > 0
    if starts != settled.starts:
        return replace(settled, starts=starts)
    bounds = bounds_of(facts.days, given.cutoff, settled.axis, given.zone)
    if bounds != settled.bounds and not _same_rows(facts, settled.bounds, bounds):
        return replace(settled, bounds=bounds)
    backwards = is_backwards(counts.n("order", "fallen"), rises=counts.n("order", "rises") > 0)
    if backwards != settled.backwards:
        return replace(settled, backwards=backwards)
    if "timed" in counts.of and (counts.n("timed") > 0) != settled.timed:
        return replace(settled, timed=not settled.timed)
    return replace(settled, bounds=bounds, needs="")


def _same_rows(facts: CaseFacts, guess: Bounds, found: Bounds) -> bool:
    """Whether the same rows lie within both: the guess had all of them, and so has what was found."""
    last, first = max(facts.days.last.values()), min(facts.days.first.values())
    all_in = last <= found.believed and first >= found.begins and not facts.counts.n("reach", "future")
    return (
        all_in
        and guess.begins <= first
        and guess.believed >= last
        and min(guess.cutoff, last) == min(found.cutoff, last)
    )


def settle_about(facts: CaseFacts, given: Given, settled: Settled, evidence: Evidence) -> Settled:
    """Complete, with the About of the whole log."""
    same, steps = facts.same, facts.counts.kind("steps")
    used = settled.columns_of(_columns(same, given))
    attributes = attributes_of(facts, given, settled)
    names = tuple(name for name in settled.levels if name in steps)
    watched = rules(given.ends, given.dormant_after_days, evidence, names)
    of_case, of_event = (
        tuple(dict.fromkeys(a.name for a in attributes if a.of_case is kind)) for kind in (True, False)
    )
    timed = settled.written or facts.counts.n("events", "timed") > 0
    about = About(
        activities=names,
        begins=int(facts.first.of["begins"][0][0]),
        precision="microsecond" if timed else "day",
        cutoff=settled.bounds.cutoff,
        axis=settled.axis,
        arrival=used.arrival,
        attributes=of_case,
        event_attributes=of_event,
        persons=(*given.persons, *persons((*of_case, *of_event), used)),
        files=same.files,
        history=(*given.history, *mended_said(given, settled.levels, facts)),
        notes=_notes(facts, given, settled, used, watched),
        **_said(given, settled, watched),
    )
    return replace(settled, needs="", attributes=attributes, about=about)


def attributes_of(facts: CaseFacts, given: Given, settled: Settled) -> tuple[Attribute, ...]:
    """Which columns are attributes of cases and of events, as far as these facts tell."""
    used = settled.columns_of(_columns(facts.same, given))
    return settle_attributes(facts.same.held, used, facts.counts.kind("held"), facts.counts.kind("changes"))


def _said(given: Given, settled: Settled, watched: Watched) -> dict[str, Any]:
    """What a user said, checked against the log, and what the rules found where nothing was said."""
    complete = given.complete_from
    return {
        "ends": watched.ends,
        "every_case": given.ends == EVERY_CASE,
        "complete_from": None if complete is None else moment("complete_from", complete, settled.axis, given.zone),
        "zone": given.zone,
        "outcomes": watched.outcomes,
        "stages": dict(given.stages),
        "tags": dict(given.tags),
        "dormant_after": watched.dormant_after,
        "title": given.title,
        "audience": given.audience,
        "source": dict(given.source),
        "first_steps": tuple(given.first_steps),
        **given.carried,
    }


def _notes(facts: CaseFacts, given: Given, settled: Settled, columns: Columns, watched: Watched) -> tuple[Message, ...]:
    """All that the door has to say."""
    counts, several = facts.counts, len(facts.same.files) > 1
    raw = [
        Message.from_dict(json.loads(one)) for one in sorted(facts.notes.of, key=lambda one: (facts.notes.of[one], one))
    ]
    reopened = sum(n for name, n in counts.kind("went_on").items() if name in watched.ends)
    late = late_said(counts.kind("late"), columns.arrival)
    return (
        *given.notes,
        *raw,
        *rows_said(facts.same.name, counts, facts.first, several),
        roles_said(columns),
        *settled.notes,
        *_starts_said(facts, settled, columns),
        *_repeated(counts),
        *_ties(facts, given, settled, columns),
        cutoff_said(settled.bounds, given.cutoff, settled.axis, given.zone),
        *watched.notes,
        *((Message("load.reopened", {"n": reopened}),) if reopened else ()),
        *unheard(given, settled.levels),
        *late,
    )


def _starts_said(facts: CaseFacts, settled: Settled, columns: Columns) -> list[Message]:
    """What became of a column of starts, or of a life cycle."""
    counts = facts.counts
    if "start" in counts.of and not counts.n("start", "there"):
        return [Message("load.start.empty", {"column": str(columns.start)})]
    if settled.pairs:
        return [said_of_pairs(counts.kind("pairs"), list(counts.kind("pairs_other")))]
    told = unusual(settled.life) if settled.plain else None
    return [told] if told else []


def _repeated(counts: Counts) -> list[Message]:
    """What was done with rows that repeat another, and how to have it otherwise."""
    n, keep = counts.n("again"), counts.n("twice") > 0
    return [Message("load.repeated.kept" if keep else "load.repeated.aside", {"n": n})] if n else []


def _ties(facts: CaseFacts, given: Given, settled: Settled, columns: Columns) -> list[Message]:
    counts, numbered = facts.counts, settled.numbered
    backwards = is_backwards(counts.n("order", "fallen"), rises=counts.n("order", "rises") > 0)
    unused = columns.order is not None and not numbered
    told = [Message("load.order.unused", {"column": str(columns.order)})] if unused else []
    by = rule_said(columns, given.same_moment, numbered=numbered, backwards=backwards)
    tied, neighbours, rested = (counts.n("ties", kind) for kind in ("tied", "neighbours", "rested"))
    return [*told, *said_of_ties(tied, neighbours, rested, by)]


def build_part(raw: Raw, given: Given, settled: Settled) -> Loaded:
    """The log of some whole cases, as it is inside the whole."""
    if settled.about is None:
        raise ValueError(f"The log is not settled yet: facts of {settled.needs} are needed.")
    placed = placed_in(raw, given, settled)
    return Loaded(log_of(placed, settled.about, settled.attributes), placed.rows.why)


def build(raw: Raw, given: Given) -> Loaded:
    """An event log from what a reader found. Rows that cannot be events are set aside and counted, by reason."""
    rows, settled = _whole_rows(raw, given)
    if not np.any(rows.why == 0):
        raise _nothing(raw, rows.why)
    placed = place(raw, rows, given, settled, alone=True)
    if not len(placed.row):
        raise _nothing(raw, rows.why)
    about, attributes = _whole_about(placed, given, replace(settled, bounds=placed.bounds))
    return Loaded(log_of(placed, about, attributes), rows.why)


def _whole_rows(raw: Raw, given: Given) -> tuple[Rows, Settled]:
    """The rows of a source that is one part, and what they decide."""
    look = look_at(raw, roles_of(raw, given), given)
    settled = settle_look(facts_of_look(look, given, alone=True), given, Settled("rows", look.readings))
    return rows_of(look, given, settled, alone=True), settled


def _whole_about(placed: Placed, given: Given, settled: Settled) -> tuple[About, tuple[Attribute, ...]]:
    """The About of a source that is one part, and its attributes."""
    evidence = Held(placed.step, placed.time, placed.is_last, settled.levels, placed.bounds.cutoff)
    settled = settle_about(facts_of_cases(placed), given, settled, evidence)
    assert settled.about is not None
    return settled.about, settled.attributes


def _nothing(raw: Raw, why: Any) -> LogError:
    return refuse_all(raw.name, Counts(counted_why(raw, why)), First(first_why(raw, why)), len(same_of(raw).files) > 1)
