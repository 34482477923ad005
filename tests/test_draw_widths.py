"""Draws over entry weeks are as wide as a mean varies from log to log: sums that are known, without any simulation."""

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest

from procmine.kernels.blocks import lags_of, t_quantile, week_weights
from procmine.simulate.forecast.draws import Drawn


@pytest.mark.parametrize("weeks", [20, 32, 104])
def test_draws_of_a_mean_vary_as_the_mean_does(weeks):
    """400 cases with a spread of 1, independent: their mean varies by 1 / sqrt(400), which is no matter of procmine."""
    spread = []
    for seed in range(150):
        rng = np.random.default_rng([seed, weeks])
        week, value = rng.integers(0, weeks, 400), rng.normal(size=400)
        weight = week_weights(np.arange(weeks), 60, seed)[:, week]
        spread.append(np.var((weight @ value) / weight.sum(axis=1), ddof=1))
    told = Drawn({}, {}, weeks)
    few = t_quantile(0.95, 1.5 * weeks / lags_of(weeks)) / NormalDist().inv_cdf(0.95)
    assert sqrt(np.mean(spread)) * told.wide / few == pytest.approx(1 / sqrt(400), rel=0.07)
