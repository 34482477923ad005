"""Relations: which cases of one system are which cases of another, so that each becomes one case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.columns import mask
from procmine.load.raw import Raw
from procmine.load.text import as_strings
from procmine.log import LogError
from procmine.words import Message


@dataclass(frozen=True, eq=False)
class Related:
    """Rows that say that a case of one source is a case of another: two columns of names, by source; None: nothing."""

    table: str
    between: Mapping[str, Sequence[str | None]]


@dataclass(frozen=True, eq=False)
class United:
    """What each case of each source is called in the log, and how that came."""

    names: Mapping[str, Mapping[str, str]]
    notes: tuple[Message, ...]


def related(raw: Raw, between: Mapping[str, str]) -> Related:
    """The pairs of a table of relations; `between` maps each source to its column."""
    if len(between) != 2:
        raise LogError(f"relations ({raw.name}): `between` names two sources, each with its column of cases.")
    missing = [column for column in between.values() if column not in raw.table.column_names]
    if missing:
        there = ", ".join(raw.table.column_names)
        raise LogError(f"relations ({raw.name}): there is no column {missing[0]!r}. There are: {there}.")
    columns = {source: as_strings(raw.table[column]).to_pylist() for source, column in between.items()}
    return Related(
        raw.name, {source: [(one or "").strip() or None for one in held] for source, held in columns.items()}
    )


def unite(cases: Mapping[str, Sequence[str]], relations: Sequence[Related], *, show: bool = False) -> United:
    """One case of all that are related, directly or through others. `cases` are those of each source, as they appear.

    It bears the name of its first case in the source that stands first. A case in no relation keeps its name, after that
    of its source if another case has it. A source that no relation names shares the names of the first that one does.
    """
    systems = _systems(cases, relations)
    number = _numbered(cases, relations, systems)
    label = _connected(len(number), _edges(relations, number))
    names = list(number)
    called = _called(names, label)
    found = {
        source: {case: called[label[number[systems[source], case]]] for case in held} for source, held in cases.items()
    }
    notes = [note for one in relations for note in _told(one, cases, number, label)]
    return United(found, (*notes, *_alone(cases, relations, systems, number, label, found, show)))


def _systems(cases: Mapping[str, Sequence[str]], relations: Sequence[Related]) -> dict[str, str]:
    """Whose names of cases each source uses."""
    named = {source for one in relations for source in one.between}
    unknown = [source for source in named if source not in cases]
    if unknown:
        raise LogError(
            f"relations: there is no source called {sorted(unknown)[0]!r} (in `between`). There are: {', '.join(cases)}."
        )
    first = next(source for source in cases if source in named)
    return {source: source if source in named else first for source in cases}


def _numbered(
    cases: Mapping[str, Sequence[str]], relations: Sequence[Related], systems: Mapping[str, str]
) -> dict[tuple[str, str], int]:
    """A number for each case of each system: those of the first system come first."""
    number: dict[tuple[str, str], int] = {}
    for system in dict.fromkeys(systems.values()):
        held = [case for source, all_of in cases.items() if systems[source] == system for case in all_of]
        held += [case for one in relations for case in one.between.get(system, ()) if case is not None]
        for case in held:
            number.setdefault((system, case), len(number))
    return number


def _edges(relations: Sequence[Related], number: Mapping[tuple[str, str], int]) -> Ints:
    pairs = [
        (number[one, a], number[other, b])
        for (one, left), (other, right) in (each.between.items() for each in relations)
        for a, b in zip(left, right)
        if a is not None and b is not None
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _connected(size: int, edges: Ints) -> Ints:
    """For each number the smallest one that is connected with it."""
    label = np.arange(size)
    while True:
        before = label.copy()
        least = np.minimum(label[edges[:, 0]], label[edges[:, 1]])
        for end in (0, 1):
            np.minimum.at(label, before[edges[:, end]], least)
            np.minimum.at(label, edges[:, end], least)
        label = label[label]
        if np.array_equal(before, label):
            return label


def _called(names: Sequence[tuple[str, str]], label: Ints) -> dict[int, str]:
    """A name for each group, by its smallest number; one that is taken stands after that of its source."""
    called: dict[int, str] = {}
    taken: set[str] = set()
    for group in np.unique(label).tolist():
        system, name = names[group]
        while name in taken:
            name = f"{system}: {name}"
        taken.add(name)
        called[group] = name
    return called


def _told(
    one: Related, cases: Mapping[str, Sequence[str]], number: Mapping[tuple[str, str], int], label: Ints
) -> list[Message]:
    (first, left), (second, right) = one.between.items()
    ids = {(source, case) for source, held in one.between.items() for case in held if case is not None}
    groups = {int(label[number[each]]) for each in ids}
    values: dict[str, str | int] = {"table": one.table, "rows": len(left), "one": first, "other": second}
    notes = [Message("load.relation", {**values, "cases": len(groups), "ids": len(ids)})]
    for source, held in one.between.items():
        there = set(cases[source])
        unknown = sum(case is not None and case not in there for case in held)
        if unknown:
            notes.append(Message("load.relation.unknown", {"table": one.table, "n": unknown, "source": source}))
        there_is = {case for case in held if case is not None}
        _, count = np.unique([int(label[number[source, case]]) for case in there_is], return_counts=True)
        several = int(np.count_nonzero(count > 1))
        if several:
            notes.append(Message("load.relation.several", {"n": several, "source": source}))
    here, there = {*cases[first]}, {*cases[second]}
    if not any(a in here and b in there for a, b in zip(left, right)):
        raise LogError(
            f"relations ({one.table}): no row names a case of {first} and one of {second}. Are the columns the right ones, "
            "and are cases written there as in the sources?"
        )
    return notes


def _alone(
    cases: Mapping[str, Sequence[str]],
    relations: Sequence[Related],
    systems: Mapping[str, str],
    number: Mapping[tuple[str, str], int],
    label: Ints,
    found: Mapping[str, Mapping[str, str]],
    show: bool,
) -> list[Message]:
    """Cases in no relation, and those that had to be called otherwise."""
    notes = []
    size = np.bincount(label)
    for source in dict.fromkeys(source for one in relations for source in one.between):
        alone = [case for case in found[source] if size[label[number[systems[source], case]]] == 1]
        prefixed = [case for case in alone if found[source][case] != case]
        if alone:
            notes.append(Message("load.relation.alone", {"n": len(alone), "source": source}))
        if prefixed:
            other = next(one for one in cases if one != source)
            example = f"{source}: {mask(prefixed[0], show)}"
            values: dict[str, str | int] = {"n": len(prefixed), "source": source, "other": other, "example": example}
            notes.append(Message("load.relation.prefixed", values))
    return notes
