"""If a step took less time: how often the range holds the truth, over logs in which the truth is known."""

import numpy as np
import pytest
import worlds_shorter as worlds
from scipy import stats

LOGS, FIRST = 400, 50_000  # seeds on which nothing was tried before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["serial", "parallel", "loops"])
def test_the_range_holds_the_long_run_gain_as_often_as_it_says(name):
    """Nominal 90%, asked for: 85%. 104 weeks of 20 cases, weeks that share a shock with lag-1 correlation .5, 6 to 10 in 100
    cases still open; the log is what was to be seen when the last week was over.
    """
    world = getattr(worlds, name)
    true = worlds.population(world)
    value, low, high, low_95, high_95, cut, own, finished, seen = worlds.measured(world, LOGS, FIRST).T
    held = int(((low <= true) & (true <= high)).sum())
    assert stats.binomtest(held, LOGS, 0.85, alternative="less").pvalue > 0.01
    assert held >= 0.84 * LOGS
    assert ((low_95 <= true) & (true <= high_95)).mean() >= 0.9
    assert ((low <= own) & (own <= high)).mean() >= 0.9  # the cases of the log itself, followed to their end
    assert abs(value.mean() - true) <= 0.01 * true + 2 * value.std() / np.sqrt(LOGS)
    assert seen.mean() < 0.94 * true and finished.mean() < 0.97 * true  # what a plain mean would say
    assert (cut.mean() > 1.2 * true) == (name == "parallel")  # what a sum of the step's times would say
