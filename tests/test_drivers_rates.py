"""How often something is found where nothing is, and how often and how well what is there. Truth: worlds made with numpy."""

import numpy as np
import pytest
from scipy.stats import binomtest
from worlds_drivers import alone, in_line, labels, log_of

from procmine.find.drivers.drivers import drivers

pytestmark = pytest.mark.slow
DAYS = np.timedelta64(1, "D")
CALENDAR = {"cases already waiting there", "cases that came in the 4 weeks before"}


def permuted(draw, n):
    """A world with drivers, its waits dealt out anew over all cases: nothing goes with them any more."""
    begun, waits = alone(draw, n)
    return begun, draw.permutation(waits + 15 * (draw.random(n) < 0.3))


def shaken(draw, n):
    return alone(draw, n, shock=0.25)


def found_in(world, k, n=1_200):
    draw = np.random.default_rng([2026, k])
    begun, waits = world(draw, n)
    found = drivers(log_of(begun, waits, labels(draw, n)), seed=k)
    return set(found.rows["attribute"][found.rows["stands"]])


def told(name, hits, of):
    span = binomtest(hits, of).proportion_ci(0.95)
    print(f"{name}: {hits} of {of} (95% {span.low:.3f} to {span.high:.3f})")


@pytest.mark.parametrize("world", [permuted, shaken])
def test_where_nothing_goes_with_the_waits_nothing_is_found(world):
    hits = sum(bool(found_in(world, k)) for k in range(400))
    told(world.__name__, hits, 400)
    assert binomtest(hits, 400, 0.05, alternative="greater").pvalue > 0.005 and hits <= 20


def test_in_one_line_for_all_no_attribute_is_found():
    """How many wait already does go with the wait there; office, kind, channel, weekday and month do not."""
    hits = sum(bool(found_in(in_line, k) - CALENDAR) for k in range(200))
    told("in line", hits, 200)
    assert hits <= 10


def test_what_is_planted_is_found_with_its_size():
    """The hard kind waits 15 days longer, cut at 120: found in at least 9 of 10 logs, within the range in about 95 of 100."""
    draw = np.random.default_rng(1)
    waits = alone(draw, 2_000_000, 0.15)[1]
    truth = np.minimum(waits + 15, 120).mean() - np.minimum(waits, 120).mean()
    stands, inside, others, sizes = 0, 0, 0, []
    for k in range(150):
        draw = np.random.default_rng([77, k])
        begun, waits = alone(draw, 2_500, 0.15)
        of = labels(draw, 2_500)
        rows = drivers(log_of(begun, waits + 15 * of["kind"], of), horizon=120, seed=k).frame
        one = rows[rows["attribute"] == "kind"].iloc[0]
        stands += one["stands"]
        inside += one["low"] / DAYS <= truth <= one["high"] / DAYS
        others += bool(set(rows[rows["stands"]]["attribute"]) - {"kind"})
        sizes.append(one["difference"] / DAYS)
    told("found", stands, 150)
    told("within its range", inside, 150)
    told("others found beside it", others, 150)
    assert stands >= 135
    assert binomtest(inside, 150, 0.95).pvalue > 0.005
    assert others <= 8
    assert abs(np.mean(sizes) - truth) < 4 * np.std(sizes) / np.sqrt(150)


def test_an_office_that_waits_longer_is_found():
    hits = 0
    for k in range(100):
        draw = np.random.default_rng([99, k])
        begun, waits = alone(draw, 2_500, 0.15)
        of = labels(draw, 2_500)
        rows = drivers(log_of(begun, waits * np.where(of["office"] == 1, 1.6, 1.0), of), horizon=150, seed=k).frame
        one = rows[(rows["attribute"] == "office") & (rows["level"] == "B")].iloc[0]
        hits += one["stands"]
    told("office found", hits, 100)
    assert hits >= 80
