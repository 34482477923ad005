"""Compiled kernels equal their numpy forms."""

import numpy as np
import pytest

from procmine.kernels import blocks, durations
from procmine.kernels.sorting import stable_order_numpy

jit = pytest.importorskip("procmine.kernels.jit", reason="numba is not installed")


@pytest.fixture
def large(monkeypatch):
    """Even small arrays count as large, for one form and not for the other."""

    def choose(form):
        for module in (blocks, durations):
            monkeypatch.setattr(module, "compiled", lambda n: jit if form == "compiled" else None)

    return choose


@pytest.mark.parametrize("codes", [1, 3, 70_000])
def test_stable_order(codes):
    code = np.random.default_rng(codes).integers(0, codes, 5_000).astype(np.int32)
    np.testing.assert_array_equal(jit.stable_order(code, codes), stable_order_numpy(code))
    np.testing.assert_array_equal(stable_order_numpy(code), np.argsort(code, kind="stable"))


@pytest.mark.parametrize("width", [np.uint8, np.uint16, np.int64])
@pytest.mark.parametrize("n", [0, 1, 4_000])
def test_durations(large, width, n):
    draw = np.random.default_rng(n)
    key, value = draw.integers(0, 9, n).astype(width), draw.integers(0, 300, n)
    found = {}
    for form in ("compiled", "numpy"):
        large(form)
        one = durations.Durations.of(key, value, 9)
        found[form] = (one.key, one.value, one.count)
    for one, two in zip(found["compiled"], found["numpy"]):
        np.testing.assert_array_equal(one, two)
    assert found["numpy"][2].sum() == n


def test_week_sums(large):
    draw = np.random.default_rng(4)
    length = draw.integers(0, 5, 300)
    offset = np.concatenate(([0], np.cumsum(length)))
    week, column = draw.integers(2_700, 2_760, 300), np.array([2, 0, 1, 1])
    activity, value = draw.integers(0, 4, offset[-1]).astype(np.uint8), draw.integers(0, 10**12, offset[-1])
    found = {}
    for form in ("compiled", "numpy"):
        large(form)
        one = blocks.EntryWeeks.of_events(week, offset, activity, column, value, 3)
        found[form] = one
    np.testing.assert_array_equal(found["numpy"].week, found["compiled"].week)
    np.testing.assert_allclose(found["numpy"].sums, found["compiled"].sums, rtol=1e-12)
    assert found["numpy"].sums.sum() == pytest.approx(value.sum() / 1e6)
