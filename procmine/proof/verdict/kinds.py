"""Kinds: the verdicts there are, and what each is decided from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

IMPROVED, FOR_MOST = "improved", "improved_for_most"
ARTEFACT, UNCLEAR, DIFFERENT_RESULTS = "artefact", "faster_unclear", "faster_different_results"
WORSE, SLOWER_UNCLEAR, MIXED = "worse", "slower_unclear", "mixed"
TOO_EARLY, TOO_FEW, CANNOT_JUDGE, NO_EVIDENCE = "too_early", "too_few", "cannot_judge", "no_evidence"
KINDS = (
    IMPROVED, FOR_MOST, ARTEFACT, UNCLEAR, DIFFERENT_RESULTS, WORSE, SLOWER_UNCLEAR, MIXED, TOO_EARLY, TOO_FEW, CANNOT_JUDGE,
    NO_EVIDENCE,
)  # fmt: skip
UNTOLD = (ARTEFACT, TOO_EARLY, CANNOT_JUDGE)  # after these a figure of the new cases would say more than is true

FINE, UNSURE, FAILS, UNKNOWN = "fine", "unsure", "fails", "unknown"
GUARDS = ("tail", "overdue", "pending", "other_ends", "reopened", "bunching", "pauses", "outside")
RIVALS = ("volume", "mix", "season", "queue", "date")


@dataclass(frozen=True)
class Finding:
    """What one guard or rival found: `state` is FINE, UNSURE, FAILS or UNKNOWN (nothing to tell it from).

    figures: what its sentence says (`verdict.NAME.STATE`): seconds, shares 0..1, counts, names.
    """

    name: str
    state: str
    figures: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """The kind, and why: what each guard and rival found, all of them, in the order in which they are told.

    figures: numbers behind the kind, in seconds, shares and counts, such as `visible` (what would have been seen 4 times in
    5), `bound` (no change larger than this is likely), `level` (of the range after sharing the error among looks).
    """

    kind: str
    findings: tuple[Finding, ...] = ()
    figures: Mapping[str, float | str] = field(default_factory=dict)
