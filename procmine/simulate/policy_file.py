"""Policy file: a policy as YAML, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.proof.records.edit import twice
from procmine.settings import SettingsError, load
from procmine.simulate.policies.acts import ACTS, Act
from procmine.simulate.policies.takes import Takes

if TYPE_CHECKING:
    from procmine.simulate.policy import Policy

VERBS: Mapping[str, type[Act]] = {act.verb: act for act in ACTS}
SAYS = ("name", "words", "where", "from", "ramp", "authority", "legal_basis", "keeps_right")
TOGETHER = "together"
DEEPEST, LONGEST, MOST_ACTS = 3, 200_000, 500


def read(path: str | Path) -> Policy:
    """From a file; SettingsError with every problem and its place in it."""
    file = Path(path)
    if file.stat().st_size > LONGEST:
        raise SettingsError(f"{file.name} is larger than any policy file: {LONGEST:,} bytes at most.")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file.name} is not readable YAML: {error}") from error
    try:
        made = load(text, file.name)
        double = twice(text)
        if double:
            raise SettingsError(
                f"{file.name}: {'; '.join(double)}. Of one name only the last would be read: write a list."
            )
        return policy_of(made)
    except SettingsError:
        raise
    except ValueError as error:
        raise SettingsError(f"{file.name}: {error}") from error


def policy_of(written: Mapping[str, Any], depth: int = 0) -> Policy:
    """A policy from its plain form; ValueError with every problem and its place."""
    from procmine.simulate.policy import Policy

    if depth > DEEPEST:
        raise ValueError(f"policies are put together more than {DEEPEST} deep.")
    if "delays" in written:
        return _of_first_version(written)
    wrong = [*_unknown(written, (*SAYS, *VERBS, TOGETHER)), *([] if "name" in written else ["name: missing"])]
    if wrong:
        raise ValueError("; ".join(wrong))
    if TOGETHER in written:
        return _together(written, depth)
    policy = Policy(written["name"], _text("words", written.get("words")))
    made: list[Act] = []
    for verb, act in VERBS.items():
        made += _acts(verb, act, written[verb], wrong) if verb in written else []
    if wrong:
        raise ValueError("; ".join(wrong))
    for one in made:
        policy = policy._with(one)
    return _said_of_all(policy, written)


def plain(policy: Policy) -> dict[str, Any]:
    """As a policy file has it; what is as usual is left out."""
    if policy.parts:
        return {"name": policy.name, TOGETHER: [plain(one) for one in policy.parts]}
    said: dict[str, Any] = {"name": policy.name, "words": policy.words}
    said |= {"where": {name: list(values) for name, values in policy.only.items()}}
    said |= {"from": policy.since, "ramp": _short(policy.ramp), "authority": policy.authority}
    said |= {"legal_basis": policy.legal_basis, "keeps_right": dict(policy.keeps)}
    for act in policy.acts:
        said.setdefault(act.verb, []).append(_plain_act(act))
    return {name: value for name, value in said.items() if value}


def _together(written: Mapping[str, Any], depth: int) -> Policy:
    from procmine.simulate.policy import Policy

    parts, more = written[TOGETHER], sorted(set(written) - {"name", TOGETHER})
    if more:
        raise ValueError(f"{more[0]}: say it in the policies under {TOGETHER}.")
    if not isinstance(parts, list) or not parts or not all(isinstance(one, Mapping) for one in parts):
        raise ValueError(f"{TOGETHER}: write a list of policies, each with a name of its own.")
    return Policy.together(*(policy_of(one, depth + 1) for one in parts), name=written["name"])


def _said_of_all(policy: Policy, written: Mapping[str, Any]) -> Policy:
    policy = policy.where(_mapping("where", written.get("where") or {}))
    if "from" in written:
        policy = policy.starting(written["from"], ramp=written.get("ramp", 0.0))
    elif "ramp" in written:
        raise ValueError("ramp: say from which day on (from: 2027-03-01).")
    policy = policy.allowed_by(
        _text("authority", written.get("authority")), legal_basis=_text("legal_basis", written.get("legal_basis"))
    )
    for step, because in _mapping("keeps_right", written.get("keeps_right") or {}).items():
        policy = policy.keeps_right(step, because=because)
    return policy


def _acts(verb: str, act: type[Act], said: Any, wrong: list[str]) -> list[Act]:
    """A list of entries, or one; an entry that is no mapping is its first value."""
    names = [one.name for one in fields(act)]  # type: ignore[arg-type]
    needed = [one.name for one in fields(act) if one.default is MISSING and one.default_factory is MISSING]  # type: ignore[arg-type]
    entries = said if isinstance(said, list) else [said]
    if len(entries) > MOST_ACTS:
        wrong.append(f"{verb}: {len(entries):,} entries; {MOST_ACTS} at most")
        return []
    made: list[Act] = []
    for number, entry in enumerate(entries):
        place = f"{verb}.{number}" if isinstance(said, list) else verb
        given = {str(name): one for name, one in entry.items()} if isinstance(entry, Mapping) else {names[0]: entry}
        here = [f"{place}.{name}: missing" for name in needed if name not in given]
        here += [f"{place}.{one}" for one in _unknown(given, names)]
        if not here:
            here += _tried(act, given, place, made)
        wrong += here
    return made


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _takes(value) if name == "days" and isinstance(value, Mapping) else value for name, value in given.items()
    }


def _takes(value: Mapping[str, Any]) -> Takes:
    wrong = _unknown(value, [one.name for one in fields(Takes)])
    if wrong:
        raise ValueError("; ".join(f"days.{one}" for one in wrong))
    return Takes(**value)


def _tried(act: type[Act], given: Mapping[str, Any], place: str, made: list[Act]) -> list[str]:
    try:
        made.append(act(**_values(given)))
    except ValueError as error:
        return [f"{place}: {error}"]
    return []


def _unknown(given: Mapping[Any, Any], names: Sequence[str]) -> list[str]:
    said = []
    for name in given:
        if name not in names:
            near = get_close_matches(str(name), names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}"
            said.append(f"{str(name)[:40]}: unknown; {hint}")
    return said


def _text(name: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name}: text is wanted, so write it in quotes.")
    return value


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{name}: names and what each of them is are wanted, as name: value.")
    return value


def _plain_act(act: Act) -> dict[str, Any]:
    said = {}
    for one in fields(act):  # type: ignore[arg-type]
        value = getattr(act, one.name)
        usual = one.default_factory() if one.default_factory is not MISSING else one.default
        if value != usual:
            said[one.name] = _short(value)
    return said


def _short(value: Any) -> Any:
    if isinstance(value, Takes):
        return {name: _short(one) for name, one in value.to_dict().items()}
    if isinstance(value, Mapping):
        return {name: _short(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_short(one) for one in value]
    return int(value) if isinstance(value, float) and value == int(value) else value


def _of_first_version(written: Mapping[str, Any]) -> Policy:
    """As ledgers of the first version have it."""
    from procmine.simulate.policy import Policy

    policy = Policy(written["name"], written["words"])
    for one in written["delays"]:
        more = {"leaving": one["leaving"], "legal_basis": one["legal_basis"]}
        policy = policy.set_delay(one["step"], days=one["days"], **more)
    return policy.where(written["only"])
