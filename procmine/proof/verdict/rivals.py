"""Rivals: what else than the change may have made waits shorter."""

from __future__ import annotations

from math import sqrt

import numpy as np

from procmine.kernels.blocks import Floats, lags_of, long_run
from procmine.kernels.contrast import Estimate
from procmine.proof.arms import CASES
from procmine.proof.records.looks import Look
from procmine.proof.verdict.evidence import Evidence
from procmine.proof.verdict.kinds import FAILS, FINE, UNKNOWN, UNSURE, Finding
from procmine.words import Message

FEWER, FEWER_SURE = 0.10, 0.05  # arrivals: a fall that is likely one; a fall that surely is
LIKELY, SURE = 1.28, 1.96  # in standard errors
MIX_MOVES = 0.5  # of the difference, that goes with the mix
MIX_LEAST = 0.05  # of the mean before
ALIKE, ALIKE_SURE = 0.15, 2.33  # neighbouring cases: correlation, and how sure
ESCAPE = 0.25
MONTH, MONTHS_ALIKE = 4, 0.25  # weeks; correlation of a month with the two next, on average


def volume(evidence: Evidence) -> Finding:
    """Fewer cases came: those that did found less before them. The same weeks of the year before count as well."""
    count = evidence.weekly[:, CASES]
    rate = {name: float(count @ weeks / weeks.sum()) for name, weeks in evidence.windows.items() if name != "near"}
    since = float(count[evidence.after].mean())
    before = min((one for one in rate.values() if one > 0), default=0.0)
    if not before:
        return Finding("volume", UNKNOWN)
    history = count[evidence.before]
    weeks, lags = len(history), lags_of(len(history))
    varies = float(long_run((history - history.mean())[:, None], lags)[0]) / weeks
    error = sqrt(max(varies, float(history.mean())) * (1 / weeks + 1 / evidence.plan.after)) / before
    fall = 1 - since / before
    figures = {"before": before, "since": since, "fall": fall}
    fewer = (fall > FEWER and fall > LIKELY * error) or (fall > FEWER_SURE and fall > SURE * error)
    return Finding("volume", FAILS if fewer else FINE, figures)


def mix(evidence: Evidence) -> Finding:
    """Other cases came: what all took differs from what cases of the same kinds took."""
    if evidence.kinds is None:
        return Finding("mix", FINE if evidence.single else UNKNOWN)
    adjusted, raw = evidence.gains["long"], evidence.without_mix(evidence.waves)
    shares = [evidence.kinds.sums[:, 0][:, weeks].sum(axis=1) for weeks in (evidence.before, evidence.after)]
    moved = shares[1] / max(shares[1].sum(), 1) - shares[0] / max(shares[0].sum(), 1)
    most = int(np.argmax(np.abs(moved)))
    told = {"by": ", ".join(evidence.mix), "stratum": evidence.kinds.names[most]}
    parts = {f"share_{name}": float(one[most] / max(one.sum(), 1)) for name, one in zip(("before", "after"), shares)}
    ways = {f"{name}_way": way(one.difference) for name, one in (("raw", raw), ("adjusted", adjusted))}
    figures = {"raw": raw.difference, "adjusted": adjusted.difference, **told, **ways, **parts}
    return Finding("mix", FAILS if _moves(raw, adjusted) else FINE, figures)


def way(difference: float) -> str:
    return Message(f"verdict.mix.{'less' if difference < 0 else 'more'}").say()


def _moves(raw: Estimate, adjusted: Estimate) -> bool:
    apart = abs(raw.difference - adjusted.difference)
    other_way = raw.difference * adjusted.difference < 0
    large = apart > MIX_MOVES * max(abs(raw.difference), abs(adjusted.difference))
    return apart > MIX_LEAST * adjusted.mean and (other_way or large)


def season(evidence: Evidence) -> Finding:
    """The same weeks of a year before are not in the log."""
    known = "same" in evidence.windows
    return Finding("season", FINE if known else FAILS, {"weeks": float(evidence.plan.before)})


def queue(evidence: Evidence) -> Finding:
    """Cases that came one after the other waited alike before, as in a queue that goes up and down for a long time by itself.

    alike: the correlation of two cases that began in the same week or in weeks next to each other, beyond their kind and the
    season. A change that takes 8 in 10 below a quarter of what 2 in 10 took is none of a queue's moods.
    """
    alike, sure, months = _alike(evidence)
    figures = {"alike": alike, "months": months}
    drifts = (alike > ALIKE and sure > ALIKE_SURE) or months > MONTHS_ALIKE
    if drifts and evidence.quantile("after", 0.8) < ESCAPE * evidence.quantile("before", 0.2):
        return Finding("queue", FINE, figures)
    return Finding("queue", FAILS if drifts else FINE, figures)


def _alike(evidence: Evidence) -> tuple[float, float, float]:
    """Correlation of cases of neighbouring weeks, in standard errors too, and of four weeks with the next two times four."""
    standard, here = evidence.standard, evidence.before
    left = standard.left[here]
    n, total, squares = (one[:, here] for one in (standard.cells.n, standard.cells.total, standard.cells.squares))
    mean = total.sum(axis=1, keepdims=True) / np.maximum(n.sum(axis=1, keepdims=True), 1)
    own = (squares - 2 * mean * total + mean**2 * n).sum(axis=0)
    count = n.sum(axis=0)
    pairs = float((count * (count - 1)).sum() + 2 * (count[1:] * count[:-1]).sum())
    spread = float(own.sum()) / max(float(count.sum()), 1.0)
    if spread <= 0 or pairs <= 0:
        return 0.0, 0.0, 0.0
    product = float((left**2 - own).sum() + 2 * (left[1:] * left[:-1]).sum()) / spread
    return product / pairs, product / sqrt(2 * pairs), _months(left, count)


def _months(left: Floats, count: Floats) -> float:
    """Luck that lasts a month joins neighbouring months only; a queue's memory is longer. Months count as the root of their
    cases, so that those of few do not drown the others."""
    whole = len(left) // MONTH * MONTH
    sums = [one[len(one) - whole :].reshape(-1, MONTH).sum(axis=1) for one in (left, count)]
    value = sums[0] / np.sqrt(np.maximum(sums[1], 1))
    both = [float((value[lag:] * value[:-lag]).sum()) for lag in (1, 2)]
    return sum(both) / 2 / max(float((value**2).sum()), 1e-300)


def date(look: Look, passes_alone: bool) -> Finding:
    """The date may have been picked because waits fell then; `passes_alone`: only had it been on record."""
    figures = {"level": look.level}
    if not look.picked:
        return Finding("date", FINE, figures)
    return Finding("date", FAILS if passes_alone else UNSURE, figures)
