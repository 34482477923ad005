"""Rights: what a policy may take only where a law says so: times set by law, notices, hearings, appeals, equal treatment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procmine.find.drivers.sensitive import bare, protected_by
from procmine.kernels.blocks import DAY
from procmine.log import EventLog
from procmine.simulate.policies.acts import (
    Act,
    Beside,
    Cap,
    Deadline,
    Delay,
    Escalate,
    Hours,
    Priority,
    Reroute,
    Scale,
    Session,
    Skip,
    Swap,
)
from procmine.simulate.policies.seen import Flags, Seen, code_of, eligible
from procmine.simulate.policies.takes import Takes
from procmine.words import Message

if TYPE_CHECKING:
    from procmine.simulate.policy import Policy

LAW = "law"  # a tag of steps
MOST_VALUES = 20
RIGHTS = ("notice", "hearing", "appeal")
# Beginnings of words, without accents: English, German, French, Spanish, Italian, Dutch.
WORDS: Mapping[str, tuple[str, ...]] = {
    "notice": (
        *("notice", "notif", "served", "summons", "zustellung", "zugestellt", "bekanntgabe", "bekanntmach"),
        *("benachrichtig", "vorladung", "convocation", "signification", "notificac", "citacion", "citazione"),
        *("emplazamiento", "avviso", "kennisgeving", "betekening", "oproeping"),
    ),
    "hearing": (
        *(
            "hearing",
            "trial",
            "anhorung",
            "anhoerung",
            "verhandlung",
            "erorterung",
            "audience",
            "audition",
            "audiencia",
        ),
        *("udienza", "hoorzitting", "zitting"),
    ),
    "appeal": (
        *("appeal", "objection", "widerspruch", "einspruch", "berufung", "beschwerde", "rechtsbehelf", "rechtsmittel"),
        *(
            "appel",
            "recours",
            "recurso",
            "apelacion",
            "alegacion",
            "appello",
            "ricorso",
            "reclamo",
            "impugna",
            "bezwaar",
        ),
        *("beroep",),
    ),
}
ANYWHERE = 6  # letters from which on a word may stand inside a longer one (Widerspruchsbescheid, Anhoerungstermin)


@dataclass(frozen=True)
class Taking:
    """What an act takes: `what` is "law", "limit", "protected" or one of RIGHTS; `name`: of the step, limit or attribute."""

    what: str
    name: str
    detail: str = ""


def right_of(log: EventLog, step: str) -> str | None:
    """Which right a step gives people: by its tag, else by a word of its name; None if none."""
    tag = log.about.tags.get(step)
    if tag in RIGHTS:
        return tag
    words = [bare(one) for one in re.findall(r"[^\W_]+", step)]
    for right, known in WORDS.items():
        if any(_says(word, one) for word in words for one in known):
            return right
    return None


def _says(word: str, known: str) -> bool:
    return word.startswith(known) or (len(known) > ANYWHERE and known in word)


def check_rights(log: EventLog, seen: Seen, policy: Policy) -> list[Message]:
    """What every page has to print; ValueError where a right would go without a legal basis. One policy, not several."""
    said: list[Message] = []
    chosen = eligible(log, policy.only)
    for taking, basis in _takings(log, seen, policy, chosen):
        stated = basis or policy.legal_basis
        if taking.what in RIGHTS and taking.name in policy.keeps:
            said.append(Message("policy.keeps", {"step": taking.name, "because": policy.keeps[taking.name]}))
        elif stated:
            key = "forecast.legal" if taking.what == LAW else f"policy.legal.{taking.what}"
            said.append(Message(key, {"step": taking.name, "basis": stated, "detail": taking.detail}))
        else:
            raise ValueError(_refused(taking, policy.name))
    return said


def _takings(log: EventLog, seen: Seen, policy: Policy, chosen: Flags) -> Iterator[tuple[Taking, str | None]]:
    for name in _selects_by(policy):
        values = log.attributes[name].levels.to_pylist() if name in log.attributes else []
        kind = protected_by(name, values if len(values) <= MOST_VALUES else ())
        if kind:
            yield Taking("protected", name, kind), None
    look = _Look(log, seen, chosen)
    for act in policy.acts:
        basis = act.legal_basis if isinstance(act, Delay) else None
        for taking in (*look.times(act), *look.rights(act)):
            yield taking, basis


def _selects_by(policy: Policy) -> list[str]:
    names = list(policy.only)
    for act in policy.acts:
        names += list(act.first or ()) if isinstance(act, Priority) else []
    return list(dict.fromkeys(names))


@dataclass(frozen=True, eq=False)
class _Look:
    """What an act takes from cases like these."""

    log: EventLog
    seen: Seen
    chosen: Flags

    def times(self, act: Act) -> Iterator[Taking]:
        """Times set by law that become shorter, and limits that are overrun."""
        tags = self.log.about.tags
        for step in self._steps_of_time(act):
            if tags.get(step) == LAW and self._shortens(act, step):
                yield Taking(LAW, step)
        if isinstance(act, Delay):
            yield from self._limits(act)

    def rights(self, act: Act) -> Iterator[Taking]:
        """Notices, hearings and appeals that go, or that are not waited for any more."""
        for step in self._lost(act):
            right = right_of(self.log, step)
            if right:
                yield Taking(right, step)

    def _steps_of_time(self, act: Act) -> list[str]:
        if isinstance(act, Delay) and not isinstance(act.step, str):
            return self.seen.of_pair(*act.step, self.chosen)[1]
        if isinstance(act, Delay | Scale | Cap | Escalate | Session | Skip) and isinstance(act.step, str):
            return [act.step]
        if isinstance(act, Hours):
            return [act.step] if act.step is not None else []
        return [act.second] if isinstance(act, Beside) else [act.before, act.step] if isinstance(act, Swap) else []

    def _shortens(self, act: Act, step: str) -> bool:
        """Below what is usual today, or below anything seen."""
        if isinstance(act, Scale):
            return act.by < 1
        if isinstance(act, Delay) and not isinstance(act.step, str):
            took, table = self.seen.of_pair(*act.step, self.chosen)[0], np.array([float(act.length)])
        elif isinstance(act, Delay | Cap | Escalate):
            code = code_of(self.log, step)
            took = self.seen.gaps(code, self.chosen)
            table = self.seen.table(act.days, code) + (act.after * DAY if isinstance(act, Escalate) else 0.0)
        else:
            return True
        if not len(took):
            return False
        return bool(
            np.median(table) < np.median(took) or (not isinstance(act, Cap | Escalate) and table.min() < took.min())
        )

    def _limits(self, act: Delay) -> Iterator[Taking]:
        """Limits of the spec that this alone overruns (in days of the calendar)."""
        for one in self.log.about.limits:
            if one.get("unit", "days") != "days" or one.get("clock", "calendar") != "calendar":
                continue
            stops = (one["stop"],) if isinstance(one["stop"], str) else one["stop"]
            begin, end = (None, act.step) if isinstance(act.step, str) else act.step
            whole = begin is None and isinstance(end, str) and self._comes_after(one["start"], end)
            if end in stops and (whole or begin == one["start"]) and _least(act, self.seen) > one["within"]:
                yield Taking("limit", str(one["name"]), f"{one['within']:g}")

    def _comes_after(self, start: str, step: str) -> bool:
        """The step always comes after the start of the limit, so its own time is a part of the limit's."""
        about = self.log.about
        if start not in about.activities or step not in about.activities:
            return False
        return code_of(self.log, start) in self.seen.befores(code_of(self.log, step), self.chosen)

    def _lost(self, act: Act) -> list[str]:
        if isinstance(act, Skip):
            return [act.step]
        if isinstance(act, Beside):
            return [act.first]  # the second does not wait for it any more
        if isinstance(act, Swap):
            return [act.before]
        if isinstance(act, Deadline):
            return [name for name in self.log.about.activities if right_of(self.log, name)]
        return self._routed_past(act) if isinstance(act, Reroute) else []

    def _routed_past(self, act: Reroute) -> list[str]:
        """Steps right after `after` that would come less often."""
        after, to = code_of(self.log, act.after), code_of(self.log, act.to)
        today = self.seen.share(after, to, self.chosen)
        if act.chance <= today:
            return [act.to] if act.chance < today else []
        names = self.log.about.activities
        return [one for code, one in enumerate(names) if code != to and self.seen.follows(after, code, self.chosen)]


def _least(act: Delay, seen: Seen) -> float:
    """Days that it takes at the least."""
    if not isinstance(act.days, Takes):
        return float(act.days)
    return float(np.min(seen.table(act.days, code_of(seen.log, str(act.step))))) / DAY


def _refused(taking: Taking, policy: str) -> str:
    """Why not, and what to write where a law allows it."""
    state = (
        "To try it all the same, state what allows it: .allowed_by(legal_basis=...), in a policy file "
        "legal_basis: ...; it is "
        "printed with every result."
    )
    name = taking.name
    if taking.what == LAW:
        return f"{policy!r}: the time before {name!r} is set by law, and would be shorter. {state}"
    if taking.what == "limit":
        return f"{policy!r}: it would take longer than the limit {name!r} allows ({taking.detail} days). {state}"
    if taking.what == "protected":
        return (
            f"{policy!r} chooses cases by {name!r}, which tells of people what law protects ({taking.detail}). {state}"
        )
    kinds = {"notice": "a notice", "hearing": "a hearing", "appeal": "an appeal"}
    return (
        f"{policy!r} leaves out, or does not wait for, {name!r}, which reads as {kinds[taking.what]}: "
        "people may have a right to "
        f"it. {state} If it is none: .keeps_right({name!r}, because=...), in a policy file keeps_right: {{{name}: why}}."
    )


def stated(said: Sequence[Message]) -> list[Message]:
    """Of what is said of policies the legal bases and reasons that every page has to print, each once."""
    found = [
        one for one in said if one.key.startswith("policy.legal.") or one.key in ("policy.keeps", "forecast.legal")
    ]
    return list({str(one.to_dict()): one for one in found}.values())
