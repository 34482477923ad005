"""Words of times: of steps, of work and waiting, of how cases end, and of who waits now."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "step_times.top.range": "Cases stay longest after {step}: half go on within {p50}, likely between {p50_low} and {p50_high} "
    "({n:time|times}, {open:,} still there).",
    "survival.few_new": "Nearly all of these cases were under way when the data begin: how long new ones take cannot be told.",
}
