"""Portfolio: where all plans stand, by stage and never by result, and how many days of waiting were given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np

from procmine.about import About, Audience
from procmine.load.door import read
from procmine.log import EventLog, Log, in_memory
from procmine.proof.records.changes import Changes
from procmine.proof.records.entry import ChangeEntry
from procmine.publish.few import LEAST, Months
from procmine.publish.plans.given_back import Gained, Returned, counts, gained, given_back, said_of
from procmine.publish.plans.plan import STAGES, Plan, Recorded
from procmine.publish.plans.standing import Standing
from procmine.results import Result, Rows
from procmine.settings import SettingsError
from procmine.words import Message, Value, speaking, spoken

if TYPE_CHECKING:
    from procmine.publish.paper.blocks import Paper

SUFFIXES = (".yml", ".yaml")
MOST_NAMED = 5


@dataclass(frozen=True, eq=False)
class Portfolio(Result):
    """A row per plan, by stage (idea, baseline, testing, running, holding, closed), then by what comes next.

    plan (name of its file), title, office, unit ("": fewer than five people, or not said), step, stage, verdict, learnt,
    not_counted (text; why no days of it count, "": they do); next (datetime64[D], NaT: nothing comes), overdue (bool); days
    (float, nan: not counted) given back by its change at the cautious end of the range, in `cases` (int) that count here and
    nowhere else. Sums of `days` and `cases` are those of the whole. For others than the team both are rounded down to tens,
    and left out below ten cases.
    """

    meaning = "define.portfolio"
    none = "portfolio.empty"
    none_is_an_answer: ClassVar[bool] = True
    standings: Sequence[Standing]
    today: str
    returned: Mapping[str, Returned]
    unread: int  # plans whose change counts but whose data could not be had

    @property
    def days(self) -> float:
        """Given back by all changes together, at the cautious end, no case twice."""
        return float(sum(one.days for one in self.returned.values()))

    @property
    def cases(self) -> int:
        return sum(one.cases for one in self.returned.values())

    def findings(self) -> Sequence[Message]:
        return [self.counted(), *self._overdue(), *self.given()]

    def given(self) -> list[Message]:
        """The days given back, and what that number is not."""
        if not self.cases or (self.about.audience != "team" and self.cases < LEAST):
            told = [Message("portfolio.given.none")]
        else:
            values: dict[str, Value] = {"days": int(floored(self.days)), "cases": self.cases, "changes": self.counting}
            if self.about.audience != "team":
                values["cases"] = self.cases // LEAST * LEAST
            told = [Message("portfolio.given", values), Message("portfolio.given.what")]
        return [*told, *([Message("portfolio.given.unread", {"n": self.unread})] if self.unread else [])]

    @property
    def counting(self) -> int:
        """How many changes gave days back."""
        return sum(one.cases > 0 for one in self.returned.values())

    def shown(self) -> Rows:
        names = ("title", "office", "step", "stage", "verdict", "learnt")
        review = np.array([one.review.say() for one in self.standings], object)
        told = {name: self.rows[name] for name in names}
        return {
            **{name: told[name] for name in names[:4]},
            "review": review,
            **{name: told[name] for name in names[4:]},
        }

    def paper(self, *, size: Literal["a4", "us-letter"] = "a4", whole: bool = False) -> Paper:
        """A landscape page of forty rows, or several; `whole`: no text is cut (for a screen)."""
        from procmine.publish.plans.board import paper

        with self.spoken():
            return paper(self, size, whole)

    def spoken(self) -> AbstractContextManager[None]:
        """The language of now; for the public with months for days."""
        return speaking(Months(spoken())) if self.about.audience == "public" else nullcontext()

    def save(self, path: str | Path, *, size: Literal["a4", "us-letter"] = "a4") -> Path:
        """The page as .pdf, .png or .html; replaces `path` when complete."""
        from procmine.publish.paper.write import SUFFIXES, write_paper

        if Path(path).suffix.lower() not in SUFFIXES:
            raise ValueError(f"A portfolio is written as {', '.join(SUFFIXES)}; {Path(path).name!r} is none of these.")
        whole = Path(path).suffix.lower() in (".html", ".htm")
        with self.spoken():
            return write_paper(self.paper(size=size, whole=whole), path)[0]

    def counted(self) -> Message:
        stages = [one.stage for one in self.standings]
        there = [(stage, stages.count(stage)) for stage in STAGES if stage in stages]
        told = tuple(Message("portfolio.stage", {"stage": Message(f"plan.stage.{one}"), "n": n}) for one, n in there)
        return Message("portfolio.counted", {"n": len(self), "stages": told, "day": self.today})

    def _overdue(self) -> list[Message]:
        late = [one.plan.title for one in self.standings if one.overdue]
        if not late:
            return []
        more = len(late) - MOST_NAMED
        values: dict[str, Value] = {"n": len(late), "titles": "; ".join(late[:MOST_NAMED])}
        return [
            Message("portfolio.overdue.more" if more > 0 else "portfolio.overdue", {**values, "more": max(more, 0)})
        ]


def portfolio(
    plans: str | Path | Sequence[Plan | str | Path],
    *,
    changes: Changes | str | Path | None = None,
    log: Log | None = None,
    today: str | None = None,
    audience: Audience = "agency",
) -> Portfolio:
    """Where the plans of a folder (or these) stand.

    changes: a changes.yml that has the changes of all plans, by their ids (else the file that each plan names). log: the data
    of all (else what each names as source). today: the day from which reviews are overdue (else this day).

    Days given back: only changes whose last measurement is "improved", with a range in days, on a day of decision; the end of
    the range next to none, times the cases that `compare` counted since the change, in the data of that measurement. A case
    of several changes counts once, at the largest of their cautious gains, never at the sum. Nothing is taken off for changes
    that made waits longer. SettingsError with all that is wrong in any of the plans.
    """
    if audience not in get_args(Audience):
        raise ValueError(f"No audience {audience!r}; there are: {', '.join(get_args(Audience))}.")
    day = today or date.today().isoformat()
    np.datetime64(day, "D")
    known = changes if isinstance(changes, Changes) or changes is None else Changes.read(changes)
    standings = sorted(_standings(plans, Records(known, {}), day), key=lambda one: one.order)
    gains, reasons = _gains(standings, Data(log, {}))
    returned = given_back(gains)
    rows = _rows(standings, returned, reasons, audience)
    about = About((), 0, (), "civil", "day", 0, audience=audience)
    unread = sum(one.key == "portfolio.not_counted.log" for one in reasons.values())
    return Portfolio(rows, about, True, {}, standings, day, returned, unread)


@dataclass(frozen=True, eq=False)
class Records:
    """The files in which changes are on record, each read once; `all`: one that has those of many plans."""

    all: Changes | None
    known: dict[Path, Changes]

    def of(self, plan: Plan) -> ChangeEntry | None:
        path = plan.record_path()
        if path is None or not isinstance(plan.change, Recorded):
            return None
        if self.all is not None and plan.change.id in self.all.entries:
            return self.all.entries[plan.change.id]
        place = path.resolve()
        if place not in self.known:
            self.known[place] = Changes.read(path)
        return plan.entry(self.known[place])


def _standings(plans: str | Path | Sequence[Plan | str | Path], records: Records, today: str) -> list[Standing]:
    """Of a folder, a file, or these; SettingsError with all that is wrong in any of them."""
    given = [plans] if isinstance(plans, str | Path) else list(plans)
    found, wrong = list[Standing](), list[str]()
    for one in [each for here in given for each in ([here] if isinstance(here, Plan) else _files(Path(here)))]:
        try:
            plan = one if isinstance(one, Plan) else Plan.read(one)
            found.append(Standing.of(plan, records.of(plan), today))
        except SettingsError as error:
            wrong.append(str(error))
        except (ValueError, FileNotFoundError) as error:
            wrong.append(f"{one.path.name if isinstance(one, Plan) else one.name}: {error}")
    if wrong:
        raise SettingsError("\n".join(wrong))
    return found


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES and not one.name.startswith("."))


@dataclass(frozen=True, eq=False)
class Data:
    """The logs of plans, each read once; `all`: one for all of them."""

    all: Log | None
    known: dict[Path, EventLog]

    def of(self, plan: Plan) -> EventLog:
        if self.all is not None:
            return in_memory(self.all)
        path = plan.log_path()
        if path is None:
            raise ValueError(f"{plan.path.name} names no data: write source, the log or its spec.")
        place = path.resolve()
        if place not in self.known:
            self.known[place] = in_memory(read(path))
        return self.known[place]


def _gains(standings: Sequence[Standing], data: Data) -> tuple[dict[str, Gained], dict[str, Message]]:
    """By their place: of each plan whose change counts the cases and days; of the others why not."""
    gains, reasons = dict[str, Gained](), dict[str, Message]()
    for place, one in enumerate(standings):
        reason = counts(one.entry)
        if reason is None and one.entry is not None:
            try:
                gains[str(place)] = gained(data.of(one.plan), one.entry, one.plan.title)
            except (ValueError, OSError) as error:
                reason = said_of(error)
        if reason is not None:
            reasons[str(place)] = reason
    return gains, reasons


def _rows(
    standings: Sequence[Standing], returned: Mapping[str, Returned], reasons: Mapping[str, Message], audience: Audience
) -> Rows:
    texts = {
        "plan": [one.plan.path.stem for one in standings],
        "title": [one.plan.title for one in standings],
        "office": [one.plan.named_office or Message("portfolio.few").say() for one in standings],
        "unit": [one.plan.named_unit for one in standings],
        "step": [one.plan.step for one in standings],
        "stage": [one.stage for one in standings],
        "verdict": [one.verdict.say() for one in standings],
        "learnt": [one.learnt for one in standings],
        "not_counted": [reasons[name].say() if name in reasons else "" for name in map(str, range(len(standings)))],
    }
    told = {name: np.array(column, object) for name, column in texts.items()}
    given = [_told(returned.get(str(place)), audience) for place in range(len(standings))]
    return {
        **told,
        "next": np.array([one.next or "NaT" for one in standings], "M8[D]"),
        "overdue": np.array([one.overdue for one in standings], bool),
        "days": np.array([days for days, _ in given], np.float64),
        "cases": np.array([cases for _, cases in given], np.int64),
    }


def _told(one: Returned | None, audience: Audience) -> tuple[float, int]:
    """As the audience may have it; nan days: not counted, or of too few cases to tell."""
    if one is None:
        return np.nan, 0
    if audience == "team":
        return one.days, one.cases
    few = one.cases < LEAST
    return (np.nan, 0) if few else (floored(one.days), one.cases // LEAST * LEAST)


def floored(days: float) -> float:
    """Two figures of it, never more than there are."""
    size = 10.0 ** max(len(str(int(days))) - 2, 0)
    return float(days // size * size)
