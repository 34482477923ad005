"""Changes: the team's memory of what was tried, where, and what came of it, read from changes.yml and written back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from shutil import copymode
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from procmine.about import About
from procmine.draw.files import replace_whole
from procmine.proof.records.alike import LEAST, likeness
from procmine.proof.records.change import Change, Measured
from procmine.proof.records.roles import seeming_persons
from procmine.proof.records.told import came, rows_of, tried, words_in
from procmine.results import Result, Rows
from procmine.words import Message, Value

if TYPE_CHECKING:
    from procmine.proof.records.entry import ChangeEntry

STATUSES = ("kept", "adjusted", "stopped", "running", "planned", "idea")
SHOWN = ("change", "idea", "step", "where", "begun", "status", "verdict", "result", "why")
MOST_TOLD = 5


@dataclass(frozen=True, eq=False)
class Changes(Result):
    """A row per change, in the order of the file.

    change (its id), idea, step, where, status, verdict and result (of the last measurement), predicted, expectation, why,
    raised_by, decided_by, owner (text); begun, recorded, decide_on (the last one), data (of the last measurement;
    datetime64[D], NaT: not said); figure, figure_from, figure_to (float, in `unit`; -12 is 12 less).

    asked: what was searched for, with `likeness` (0 to 1) as last column; noted: what is said before all else.
    """

    meaning = "define.changes"
    none = "changes.none"
    none_is_an_answer: ClassVar[bool] = True
    path: Path
    entries: Mapping[str, ChangeEntry]
    asked: str = ""
    noted: tuple[Message, ...] = ()

    @classmethod
    def read(cls, path: str | Path) -> Changes:
        """From a changes.yml. SettingsError with every place that is not as it should be."""
        from procmine.proof.records.edit import twice
        from procmine.proof.records.entry import ChangesFile
        from procmine.settings import SettingsError, load

        path = Path(path)
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise SettingsError(f"{path.name} is not readable YAML: {error}") from error
        said = load(text, path.name) if text.strip() else {}
        double = twice(text)
        if double:
            raise SettingsError(f"{path.name}: {'; '.join(double)}. Each change needs an id of its own.")
        file = ChangesFile.check(_filled(said), path.name)
        entries = file.changes or {}
        return cls(rows_of(entries), _about(file.title, path, text.encode()), True, {}, path, entries)

    def __getitem__(self, name: str) -> Change:
        """For compare(log, change=changes["consent-orders"])."""
        return self._entry(name).change(name)

    def find(self, text: str) -> Changes:
        """Those that are like it, the likest first: of that step, or with its words in any order, nearly so spelt."""
        names = list(self.entries)
        alike = likeness(
            text, [one.idea for one in self.entries.values()], [words_in(*one) for one in self.entries.items()]
        )
        step = text.strip().casefold()
        alike = np.array(
            [1.0 if (one.step or "").casefold() == step else score for one, score in zip(self.entries.values(), alike)]
        )
        order = [at for at in np.argsort(-alike, kind="stable").tolist() if alike[at] >= LEAST]
        kept = {names[at]: self.entries[names[at]] for at in order}
        rows = {**rows_of(kept), "likeness": alike[order].astype(np.float64)}
        return replace(self, rows=rows, entries=kept, asked=text, noted=())

    def add(self, name: str, **entry: Any) -> Changes:
        """Write a new change (its id, then idea=, raised_by=, step= and so on, as in the file) at the end of the file.

        What is like it and was tried before is said first. ValueError if the id is there already.
        """
        from procmine.proof.records.entry import ChangeEntry

        now = Changes.read(self.path)
        if name in now.entries:
            raise ValueError(f"{name!r} is in {self.path.name} already: {now.entries[name].idea}. Choose another id.")
        written = _plain(entry)
        made = ChangeEntry.check(written, name)
        now._put({(name,): written})
        like = now.find(" ".join(filter(None, (made.idea, made.what))))
        return replace(Changes.read(self.path), noted=tuple(like._told_like()) if like.entries else ())

    def record_result(
        self, name: str, measured: Measured, *, status: str | None = None, why: str | None = None
    ) -> Changes:
        """Write down what was measured, after what was before, and if it was decided then also the status and why."""
        from procmine.proof.records.edit import END
        from procmine.proof.records.entry import ChangeEntry

        now = Changes.read(self.path)
        entry = now._entry(name)
        kept = entry.model_dump(exclude_defaults=True)
        decided = {key: value for key, value in (("status", status), ("why", why)) if value is not None}
        ChangeEntry.check({**kept, **decided, "measured": [*kept.get("measured", []), measured.to_dict()]}, name)
        now._put({(name, "measured", END): measured.to_dict(), **{(name, key): said for key, said in decided.items()}})
        return Changes.read(self.path)

    def findings(self) -> Sequence[Message]:
        return [*self.noted, *(self._told_like() if self.asked else [self._counted()]), *self._persons()]

    def shown(self) -> Rows:
        return {name: self.rows[name] for name in SHOWN}

    def _entry(self, name: str) -> ChangeEntry:
        if name not in self.entries:
            raise ValueError(f"No change {name!r} in {self.path.name}. There are: {', '.join(self.entries) or 'none'}.")
        return self.entries[name]

    def _put(self, values: Mapping[tuple[str, ...], Any]) -> None:
        """Each at its place in the file, comments, order and permissions kept; whole or not at all."""
        from procmine.proof.records.edit import put

        path = self.path.resolve()  # a link stays one
        before = path.read_bytes()
        text = before.decode("utf-8")
        for place, value in values.items():
            text = put(text, ["changes", *place], value, path.name)
        with replace_whole(path) as beside:
            beside.touch()
            copymode(path, beside)
            beside.write_bytes(text.encode("utf-8"))
            if path.read_bytes() != before:
                raise ValueError(f"Somebody else wrote to {path.name} just now. Nothing was written: try again.")

    def _counted(self) -> Message:
        status = [one.status for one in self.entries.values()]
        there = [(name, status.count(name)) for name in STATUSES if name in status]
        counts = tuple(Message(f"changes.count.{name}", {"n": n}) for name, n in there)
        return Message("changes.counted", {"n": len(self), "counts": counts})

    def _told_like(self) -> list[Message]:
        told = [self._like(name, entry) for name, entry in list(self.entries.items())[:MOST_TOLD]]
        more = len(self.entries) - MOST_TOLD
        return [*told, *([Message("changes.more", {"more": more})] if more > 0 else [])]

    def _like(self, name: str, entry: ChangeEntry) -> Message:
        values: dict[str, Value] = {"idea": entry.idea, "change": name, "came": came(entry), "begun": entry.date or ""}
        if entry.date is None:
            return Message("changes.like.idea", values)
        return Message("changes.like.tried", {**values, "tried": tried(entry)})

    def _persons(self) -> list[Message]:
        found = [(name, field) for name, entry in self.entries.items() for field in seeming_persons(entry)]
        if not found:
            return []
        places = tuple(Message("changes.place", {"change": name, "field": field}) for name, field in found[:MOST_TOLD])
        return [Message("changes.person", {"n": len(found), "places": places})]


def changes(path: str | Path) -> Changes:
    """What the team tried, where, and what came of it: the changes.yml at `path` (docs/changes.md)."""
    return Changes.read(path)


def _about(title: str, path: Path, text: bytes) -> About:
    source = {path.name: sha256(text).hexdigest()}
    return About((), 0, (), "civil", "day", 0, title=title, source=source, files=(path.name,))


def _filled(said: Mapping[str, Any]) -> dict[str, Any]:
    """Without the lines of changes that were left empty."""
    entries = said.get("changes")
    if not isinstance(entries, Mapping):
        return dict(said)
    return {**said, "changes": {name: _said(one) if isinstance(one, Mapping) else one for name, one in entries.items()}}


def _said(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value is not None}


def _plain(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Tuples as lists; nothing that is not said."""
    return {name: _listed(value) for name, value in _said(entry).items()}


def _listed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _listed(one) for name, one in value.items()}
    return [_listed(one) for one in value] if isinstance(value, list | tuple) else value
