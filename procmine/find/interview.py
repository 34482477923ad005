"""The questions that make a first spec: which sheet, if that is not clear, then at most five, the likeliest answer first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from procmine.find.draft import (
    Choice,
    Draft,
    Seen,
    cases,
    look,
    personal,
    planned,
    steps,
    text_of,
    three_cases,
    times,
)
from procmine.load.columns import ROLES, Columns, check_header, find_roles, missing_roles
from procmine.load.door import read, read_raw
from procmine.load.formats.heads import SheetUnclear
from procmine.load.raw import Raw
from procmine.log import EventLog, LogError, in_memory, shown
from procmine.words import Message


class Asker(Protocol):
    """Whoever answers: a person at a terminal, or a test. `sure`: the first choice may stand for no answer."""

    def tell(self, said: Message) -> None: ...
    def pick(self, question: Message, choices: Sequence[Message], sure: bool) -> int: ...
    def text(self, question: Message, default: str) -> str: ...
    def agrees(self, question: Message) -> bool: ...


@dataclass(frozen=True)
class Interview:
    """A file, what the user said beforehand, and whom to ask."""

    path: Path
    given: Columns
    cutoff: str | None
    ends: Sequence[str] | str | None
    asker: Asker

    def spec(self) -> str | None:
        """The text of a spec, or None where the three cases told back were not right. One that is there plays no part."""
        from procmine.load.spec import Spec

        try:
            raw = read_raw(self.path, self.given)
        except SheetUnclear as unclear:
            return replace(self, given=self._place(unclear)).spec()
        seen = look(raw)
        columns = self._columns(raw, seen)
        log = in_memory(read(self.path, spec=Spec(), columns=columns, cutoff=self.cutoff, ends=self.ends or None))
        columns = self._with_clock(log, columns)
        ends = self.ends or self._ends(log)
        cutoff = self.cutoff or self._cutoff(log)
        log = in_memory(read(self.path, spec=Spec(), columns=columns, cutoff=cutoff, ends=ends or ()))
        for case in three_cases(log):
            self.asker.tell(case)
        if not self.asker.agrees(Message("draft.right")):
            return None
        return text_of(
            Draft(self.path.name, columns, ends, cutoff, personal(seen, columns), planned(seen, columns)), log
        )

    def _place(self, unclear: SheetUnclear) -> Columns:
        """What was given, with the sheet of the log, where the file has several: which one is never guessed."""
        places = unclear.places
        if not places or self.given.sheet is not None:
            raise unclear
        keys = ("draft.sheet", "draft.sheet.all")
        said = [Message(keys[one.header is None], vars(one)) for one in places]
        place = places[self.asker.pick(Message("draft.ask.sheet"), said, sure=False)]
        return replace(self.given, sheet=place.sheet, header=place.header)

    def _with_clock(self, log: EventLog, columns: Columns) -> Columns:
        """With the column of times of day that stands beside the dates, if there is just one."""
        beside = [note.values for note in log.about.notes if note.key == "load.clock.unused"]
        if len(beside) != 1:
            return columns
        self.asker.tell(Message("draft.clock", beside[0]))
        return replace(columns, clock=str(beside[0]["column"]))

    def _columns(self, raw: Raw, seen: list[Seen]) -> Columns:
        """Case, step and time: by well-known names, else asked."""
        known = find_roles(self.given, raw.names, raw.name)
        told = [
            (role, getattr(known, role)) for role in ROLES if getattr(known, role) and not getattr(self.given, role)
        ]
        if told:
            roles = [
                Message("load.role", {"role": Message(f"load.role.{role}"), "column": name}) for role, name in told
            ]
            self.asker.tell(Message("draft.known", {"roles": tuple(roles)}))
        if missing_roles(known):
            check_header(raw.names, raw.name)
        if known.case is None or (known.activity is None and not known.milestones):
            self.asker.tell(Message("draft.shapes"))
        if known.case is None:
            known = self._ask("case", cases(seen, len(raw.table), known))
        if known.activity is None and not known.milestones:
            known = self._ask("step", steps(seen, known))
        return self._timed(seen, known)

    def _timed(self, seen: list[Seen], known: Columns) -> Columns:
        """The column of times, and how dates are to be read where that is not sure."""
        choices = times(seen, known)
        if known.milestones:
            unsure = [one for one in seen if one.name in known.milestones and None not in one.readings]
            return self._ask("time", choices) if unsure and known.dates is None else known
        if known.timestamp is None:
            return self._ask("time", choices)
        own = [one for one in choices if one.columns.timestamp == known.timestamp]
        sure = known.dates is not None or any(one.columns.dates is None for one in own)
        return known if sure else self._ask("time", own)

    def _ask(self, what: str, choices: list[Choice]) -> Columns:
        if not choices:
            hint = Message(f"draft.hint.{what}")
            question = Message(f"draft.ask.{what}")
            raise LogError(Message("draft.no_choice", {"name": question.say(), "hint": hint}).say())
        sure = what != "time" or choices[0].columns.dates is None  # how to read a date is never guessed
        chosen = self.asker.pick(Message(f"draft.ask.{what}"), [one.said for one in choices], sure)
        return choices[chosen].columns

    def _ends(self, log: EventLog) -> Sequence[str] | str:
        """The steps that finish a case: those that the log shows, unless the user names others."""
        size = len(log.about.activities)
        happened = np.bincount(log.activity, minlength=size)
        last = np.bincount(log.activity[log.offset[1:] - 1], minlength=size)
        order = np.argsort(-last, kind="stable")[:20]
        names = [log.about.activities[code] for code in order]
        self.asker.tell(Message("draft.ends.seen"))
        for number, code in enumerate(order, 1):
            values = {"step": log.about.activities[code], "n": int(happened[code]), "last": int(last[code])}
            self.asker.tell(Message("draft.numbered", {"number": number, "said": Message("draft.end", values)}))
        default = ", ".join(str(names.index(one) + 1) for one in log.about.ends if one in names) or "none"
        answer = self.asker.text(Message("draft.ask.ends"), default).strip().lower()
        if answer == "all":
            return "every case"
        if answer in ("none", ""):
            return []
        chosen = [one.strip() for one in answer.split(",")]
        wrong = [one for one in chosen if not one.isdigit() or not 1 <= int(one) <= len(names)]
        if wrong:
            raise ValueError(Message("draft.not_a_number", {"answer": wrong[0], "most": len(names)}).say())
        return [names[int(one) - 1] for one in chosen]

    def _cutoff(self, log: EventLog) -> str:
        last = str(shown(log.about, np.array([log.about.cutoff]))[0])[:10]
        return self.asker.text(Message("draft.ask.cutoff"), last).strip()
