"""Bottlenecks over many generated logs: how often a place range holds the truth, how often a trend is a false alarm."""

import numpy as np
import pytest
from worlds_bottlenecks import STEPS, World

import procmine

CLOSE = World(means=(14.0, 16.0, 15.0, 12.0, 11.0), chances=(1.0,) * 5, weeks=110, a_week=12.0)


def before(log):
    frame = procmine.bottlenecks(log).frame
    return frame[frame["kind"] == "before"].set_index("step")


@pytest.mark.slow
def test_place_ranges_hold_the_true_place():
    """The place among the steps in a log of the same stretch with very many cases; five steps are alike within a third."""
    place = np.argsort(np.argsort(-CLOSE.truth()[1:])) + 1
    held = []
    for seed in range(200):
        rows = before(CLOSE.log(seed)).loc[list(STEPS[1:])]
        held.append((rows["rank_low"] <= place) & (place <= rows["rank_high"]))
    assert np.mean(held) >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize(
    "world",
    [World(), World(season=0.3, shock=0.2), World(a_week=6.0), World(queue=0.8)],
    ids=["plain", "season", "few", "queue"],
)
def test_a_log_without_a_trend_is_rarely_said_to_have_one(world):
    """At most 5% of logs, all steps together; failed only if the exact 99% range lies above (scipy)."""
    from scipy.stats import binomtest

    said = sum(before(world.log(seed))["trend"].isin(["rising", "falling"]).any() for seed in range(200))
    assert binomtest(int(said), 200).proportion_ci(0.99).low <= 0.05


@pytest.mark.slow
def test_the_range_of_a_change_holds_none_where_there_is_none():
    held = []
    for seed in range(150):
        rows = before(World().log(seed)).loc[list(STEPS[1:])]
        held.append((rows["change_low"] <= 0) & (rows["change_high"] >= 0))
    assert 0.92 <= np.mean(held) <= 0.985


@pytest.mark.slow
def test_a_step_that_became_a_third_slower_is_found():
    found = [before(World(slower=(4, 1.35)).log(seed)).loc[STEPS[4], "trend"] == "rising" for seed in range(60)]
    assert np.mean(found) >= 0.8
