"""Compiled kernels equal their numpy forms."""

import pickle
from itertools import pairwise

import numpy as np
import pytest

from procmine.kernels import blocks, durations, flow, gaps, path_sums, threads
from procmine.kernels.loose import Loose
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


WIDTHS = [(np.uint8, 9), (np.uint8, 200), (np.uint16, 300), (np.int64, 70_000)]


def kinds_of_values(draw, n):
    """Few, many, whole days (ties), and anything up to 30,000 years."""
    days, any_ = draw.integers(0, 40, n) * 86_400_000_000, (10 ** draw.uniform(0, 18, n)).astype(np.int64)
    return [draw.integers(0, 300, n), draw.integers(0, 2**40, n), days, any_]


@pytest.mark.parametrize(("width", "keys"), WIDTHS)
@pytest.mark.parametrize("n", [0, 1, 2, 4_000])
@pytest.mark.parametrize("cap", [10_000_000, 900])
def test_loose_durations(monkeypatch, width, keys, n, cap):
    """What is held unsorted answers as what is sorted does, to the bit, also merged and on the grid."""
    draw = np.random.default_rng([n, keys])
    monkeypatch.setattr(threads, "LEAST", 500)
    for value in kinds_of_values(draw, n):
        key, shares = draw.integers(0, keys, n).astype(width), (0, 0.01, 0.5, 0.8, 0.95, 1)
        both = {}
        for form in (None, jit):
            monkeypatch.setattr(durations, "compiled", lambda n, form=form: form)
            both[form] = durations.Durations.of(key, value, keys, cap)
        tight, loose = both.values()
        assert isinstance(loose, Loose) == (n <= cap) and tight.exact == loose.exact
        pairs = [(tight, loose), (tight.whole(), loose.whole()), (tight.compact()[1], loose.compact()[1])]
        pairs += [(tight.coarse(), loose.coarse()), (tight.merge(tight), loose.merge(loose))]
        pairs += [(tight.merge(tight), loose.merge(pickle.loads(pickle.dumps(loose))))]
        for one, other in pairs:
            assert one.exact == other.exact and one.keys == other.keys
            np.testing.assert_array_equal(one.quantiles(shares), other.quantiles(shares))
            np.testing.assert_array_equal(one.total(), other.total())
            np.testing.assert_array_equal(one.n(), other.n())
            low = draw.integers(0, 2**39, one.keys)
            np.testing.assert_array_equal(one.within(low, 3 * low), other.within(low, 3 * low))
            for name in ("key", "value", "count"):
                np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_quantiles_of_loose_durations_are_those_of_numpy(monkeypatch):
    monkeypatch.setattr(durations, "compiled", lambda n: jit)
    value = np.random.default_rng(3).integers(0, 10**13, 30_001)
    found = durations.Durations.of(np.zeros(len(value), np.uint8), value, 1)
    assert found.quantiles((0.1, 0.5, 0.95))[:, 0] == pytest.approx(
        np.quantile(value, (0.1, 0.5, 0.95)) / 1e6, rel=1e-15
    )
    assert found.total()[0] == value.sum() / 1e6 and not vars(found).get("_sorted")


def some_log(draw, steps, cases, empty):
    length = draw.integers(0 if empty else 1, 9, cases)
    length[:1] = 1
    offset = np.concatenate(([0], np.cumsum(length)))
    width = np.uint8 if steps <= 256 else np.uint16
    activity = draw.integers(0, steps, offset[-1]).astype(width)
    time = np.sort(draw.integers(0, 10**9, offset[-1]))
    return activity, flow.Times(time, offset, np.zeros(cases, np.int64), np.full(cases, 10**9))


@pytest.mark.parametrize("steps", [1, 3, 200, 300])
@pytest.mark.parametrize("cases", [1, 2, 700])
@pytest.mark.parametrize("empty", [True, False])
@pytest.mark.parametrize("least", [10, 10**9])
def test_passes_over_events(monkeypatch, steps, cases, empty, least):
    """Each pass, on one thread and on two, of cases that may own no events, gives what its numpy form gives."""
    draw = np.random.default_rng([steps, cases, empty])
    activity, times = some_log(draw, steps, cases, empty)
    activity.flags.writeable = False  # as Arrow gives them
    monkeypatch.setattr(threads, "LEAST", least)
    found = {}
    for form in (None, jit):
        monkeypatch.setattr(flow, "compiled", lambda n, form=form: form)
        wanted = np.array([0, steps - 1])
        one = [*flow.moves(activity, times, steps), flow.move_counts(activity, times.offset, steps)]
        one += flow.end_counts(activity, times.offset, np.arange(cases) % 3 == 0, steps)
        one += [flow.repeats(activity, times.offset, steps), flow.path_codes(activity, times.offset)]
        one += [flow.step_match(activity, times.offset, wanted, last=last) for last in (True, False)]
        which, first = flow.distinct(one[6])
        one += [first[which]]
        found[form] = one
        assert len(np.unique(one[6])) == len(first)
    for tight, fast in zip(*found.values()):
        np.testing.assert_array_equal(tight, fast)


def test_words_that_share_their_last_bits_stay_apart():
    word = np.random.default_rng(5).integers(0, 9_000, 30_000) << 40
    which, first = jit.distinct(word)
    np.testing.assert_array_equal(word[first][which], word)
    assert len(first) == len(np.unique(word)) and np.all(np.diff(first) > 0)


def test_long_paths_beyond_the_table(monkeypatch):
    activity, offset = np.arange(500, dtype=np.uint16) % 300, np.array([0, 200, 200, 500])
    expected = flow.path_codes(activity, offset)
    monkeypatch.setattr(flow, "compiled", lambda n: jit)
    np.testing.assert_array_equal(flow.path_codes(activity, offset), expected)


@pytest.mark.parametrize("n", [0, 1, 4_000])
def test_durations_too_wide_for_one_word(large, n):
    draw = np.random.default_rng(n)
    key, value = draw.integers(0, 2**22, n) // 7_000, draw.integers(0, 3, n) * 2**55 + draw.integers(0, 2, n)
    key[:1], found = 2**22, {}
    for form in ("compiled", "numpy"):
        large(form)
        one = durations.Durations.of(key, value, 2**22 + 1)
        assert not n or form == "numpy" or int(value.max()).bit_length() + 23 > 62
        found[form] = (one.key, one.value, one.count)
    for one, two in zip(found["compiled"], found["numpy"]):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("keys", [1, 9, 70_000])
@pytest.mark.parametrize("cap", [10_000_000, 900])
def test_merged_and_tabled(monkeypatch, keys, cap):
    """Two sorted runs merged in one pass, and tables of unsorted pairs, against pairs counted one by one."""
    draw = np.random.default_rng(keys)
    for value in kinds_of_values(draw, 3_000):
        key, halves = draw.integers(0, keys, 3_000), (slice(2_000), slice(1_000, None))  # a third is in both
        found = []
        for form in (None, jit):
            monkeypatch.setattr(durations, "compiled", lambda n, form=form: form)
            one, two = (durations.Durations.of(key[half], value[half], keys, cap) for half in halves)
            sorted_ones = [pickle.loads(pickle.dumps(part)) for part in (one, two)]
            found += [one.merge(two), sorted_ones[0].merge(sorted_ones[1])]
            upto = one.distinct()[[len(one.distinct()) // 2, -1]]
            rows = np.flatnonzero(one.n())
            if one.exact:
                at = np.where(value[:2_000] <= upto[0], 0, 1)
                by_hand = np.zeros((keys, 2))
                np.add.at(by_hand, (key[:2_000], at), 1)
                np.testing.assert_array_equal(one.table(rows, upto), by_hand[rows])
                np.testing.assert_array_equal(one.distinct(), np.unique(value[:2_000]))
        for each in found:
            assert each.exact == found[0].exact
            for name in ("key", "value", "count"):
                np.testing.assert_array_equal(getattr(each, name), getattr(found[0], name))
        if found[0].exact:
            every = [np.concatenate([one[half] for half in halves]) for one in (key, value)]
            pairs, count = np.unique(every, axis=1, return_counts=True)
            np.testing.assert_array_equal((found[0].key, found[0].value), pairs)
            np.testing.assert_array_equal(found[0].count, count)


def test_weeks_of_finished_cases(monkeypatch):
    draw = np.random.default_rng(5)
    arrival, open_ = draw.integers(-(10**15), 10**15, 900), draw.random(900) < 0.3
    begin, until = arrival // 2, arrival // 2 + draw.integers(0, 10**12, 900)
    for form in (None, jit):
        monkeypatch.setattr(blocks, "compiled", lambda n, form=form: form)
        week, length = blocks.finished_weekly(arrival, begin, until, open_, -100, 900)
        np.testing.assert_array_equal(length, (until - begin)[~open_])
        monday = (arrival[~open_].astype("M8[us]").astype("M8[D]") - np.datetime64("1969-12-29")).astype(int) // 7
        np.testing.assert_array_equal(week, np.clip(monday + 100, 0, 899))


@pytest.mark.parametrize(("codes", "n", "most"), [(1, 5, 9), (3, 400, 30), (25, 3_000, 40), (60_000, 900, 9)])
def test_order_of_paths(monkeypatch, codes, n, most):
    """Largest number first, ties as Python sorts tuples; and the same rows gathered by both forms."""
    draw = np.random.default_rng(codes)
    paths = sorted({tuple(draw.integers(0, codes, draw.integers(0, most)).tolist()) for _ in range(n)}, key=hash)
    number = -draw.integers(1, 4, len(paths)).astype(float)
    begin = np.concatenate(([0], np.cumsum([len(path) for path in paths])))
    together = np.array([code for path in paths for code in path], np.uint8 if codes <= 256 else np.uint16)
    order = path_sums.path_order(together, begin, number)
    assert order.tolist() == sorted(range(len(paths)), key=lambda one: (number[one], paths[one]))
    for form in (None, jit):
        monkeypatch.setattr(path_sums, "compiled", lambda n, form=form: form)
        edges, found = path_sums.gathered(together, begin, order)
        told = [tuple(found[one:end].tolist()) for one, end in pairwise(edges)]
        assert told == [paths[one] for one in order]


def test_ages_and_gaps_of_both_forms(monkeypatch):
    """Bins of ages as their formula says, at every edge; a curve of gaps to the bit, its error to rounding."""
    draw = np.random.default_rng(8)
    age = np.concatenate(((10 ** draw.uniform(0, 18, 20_000)).astype(np.int64), gaps._age_edges()[0][:-1], [0]))
    age = np.concatenate((age, np.maximum(age - 1, 0)))
    np.testing.assert_array_equal(gaps.age_bin(age), gaps._age_bin(age))
    n = 3_000
    week, ended, found = np.sort(draw.integers(0, 60, n)), draw.random(n) < 0.7, []
    for seconds in (draw.integers(0, 40, n) * 86_400.0, draw.lognormal(14, 1, n)):
        several = gaps.Gaps(seconds, draw.integers(1, 4, n), ended, draw.integers(0, 99, n), week)
        watched = gaps.Watched(np.sort(draw.uniform(0, 1e8, n)), True)
        for form in (None, jit):
            monkeypatch.setattr(gaps, "compiled", lambda n, form=form: form)
            found.append(gaps.gap_curve(several, watched, 1.0, 20))
        one, two = found[-2:]
        np.testing.assert_array_equal(one.seconds, two.seconds)
        np.testing.assert_array_equal(one.left, two.left)
        assert one.error == pytest.approx(two.error, rel=1e-9) and one.error > 0


def test_wide_pairs_are_counted_as_numpy_counts_them(monkeypatch):
    """Key and value too long for one word: lengths of whole seconds, and any."""
    draw = np.random.default_rng(9)
    key = draw.integers(0, 30_000_000, 500)[draw.integers(0, 500, 4_000)]
    for value in (draw.integers(0, 10**9, 4_000) * 1_000_000, draw.integers(0, 10**15, 4_000)):
        value[2_000:] = value[:2_000]
        pairs, count = np.unique([key, value], axis=1, return_counts=True)
        for form in (None, jit):
            monkeypatch.setattr(durations, "compiled", lambda n, form=form: form)
            found = durations._compact(key, value, None)
            for one, other in zip(found, (*pairs, count)):
                np.testing.assert_array_equal(one, other)
