"""Comparison offices: counts by hand, permutations enumerated, other implementations, and worlds whose truth is known."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import statsmodels.api as sm
import worlds_offices as worlds
from scipy import stats
from test_compare import CHANGE, log_of

import procmine
from procmine.kernels.event_study import Series, apart, beside, trend, two_sided
from procmine.kernels.staggered import Weeks, months_of, pattern
from procmine.log import LogError, Text
from procmine.proof.cohorts import Cohort, Plan, cohort_of
from procmine.proof.offices import against_offices, event_study
from procmine.scale.shards import save

DAY = 86_400
SECOND = np.timedelta64(1, "s")
DATE = "2025-03-03"  # CHANGE
NAMES = ["North", "South", "East", "West"]


def offices_log(office, begin, wait, *, weeks=30, names=NAMES, party=None, **about):
    """Cases of offices (codes of `names`): `wait` days after day `begin` from the change."""
    office, begin = np.asarray(office), np.asarray(begin, float)
    assert begin.max() < 7 * weeks
    log = log_of(begin, wait, weeks=weeks, **about)
    attributes = {"office": Text(office.astype(np.int32), pa.array(names))}
    if party is not None:
        attributes["family"] = Text(np.asarray(party, np.int32), pa.array([f"f{k}" for k in range(max(party) + 1)]))
        about = {"party": "family"}
    return replace(log, attributes=attributes, about=replace(log.about, attributes=tuple(attributes), **about))


def steady(before=-70, since=30, each=2):
    """Every week each of three offices has `each` cases of 18, 22 and 27 days; since the change the first takes 8 less, all 3
    less."""
    week = np.arange(before, since)
    office = np.tile(np.repeat(np.arange(3), each), len(week))
    week = np.repeat(week, 3 * each)
    wait = np.array([18, 22, 27])[office] - 3 * (week >= 0) - 8 * ((week >= 0) & (office == 0))
    jitter = np.random.default_rng(3).integers(-2, 3, len(wait))
    return office, 7 * week + np.tile(np.arange(each), len(week) // each), wait + jitter, week


def days(column):
    return column / SECOND / DAY


# kernels


def turns_by_hand(value, weight, since):
    """For each turn of the ring, the mean of the weeks that come to stand last less that of the others."""
    n, found = len(value), []
    for turn in range(n):
        after = [(k + turn) % n for k in range(n - since, n)]
        before = [k for k in range(n) if k not in after]
        means = [np.average(np.array(value)[side], weights=np.array(weight)[side]) for side in (after, before)]
        found.append(means[0] - means[1])
    return np.array(found)


def test_turns_are_all_turns_of_the_ring():
    draw = np.random.default_rng(1)
    value, weight = draw.normal(0, 1, 17), draw.integers(1, 6, 17).astype(float)
    np.testing.assert_allclose(Series(value, weight, 5).turns()[0], turns_by_hand(value, weight, 5))


@pytest.mark.parametrize("seed", range(4))
def test_the_permutation_and_its_range_are_those_found_by_trying_every_effect(seed):
    draw = np.random.default_rng(seed)
    value, weight, since = draw.normal(0, 1, 60), draw.integers(1, 6, 60).astype(float), 20
    value[-since:] -= 1.0
    found = Series(value, weight, since).permuted()

    def p(effect):
        off = value - effect * (np.arange(60) >= 60 - since)
        part = np.abs(turns_by_hand(off, weight, since))
        return np.mean(part >= part[0] - 1e-9)

    assert found.p == p(0.0)
    for end, out in ((found.low, -1), (found.high, 1)):
        assert p(end - out * 1e-4) > 0.05 >= p(end + out * 1e-4)


def test_too_few_weeks_for_a_permutation_tell_nothing():
    draw = np.random.default_rng(2)
    found = Series(draw.normal(0, 1, 19), np.ones(19), 6).permuted()
    assert found.low == -np.inf and found.high == np.inf and found.p >= 1 / 19


def test_apart_is_the_difference_of_weekly_means_from_each_offices_own():
    sums = np.zeros((3, 4, 3))
    sums[0, :, 0], sums[0, :, 1] = (1, 2, 0, 1), (10, 24, 0, 9)  # own mean 43 / 4
    sums[1, :, 0], sums[1, :, 1] = (1, 1, 1, 1), (5, 7, 5, 3)  # 5
    sums[2, :, 0], sums[2, :, 1] = (2, 0, 1, 1), (8, 0, 6, 6)  # 5
    series, kept = apart(sums, np.array([0.75, 0.25]), 1)
    assert list(kept) == [0, 1, 3] and list(series.weight) == [1, 2, 1] and series.since == 1
    by_hand = [10 - 10.75 - (0.75 * 0 + 0.25 * -1), 12 - 10.75 - 2, 9 - 10.75 - (0.75 * -2 + 0.25 * 1)]
    np.testing.assert_allclose(series.value, by_hand)
    assert series.difference() == pytest.approx(by_hand[2] - (by_hand[0] + 2 * by_hand[1]) / 3)


def slowly(sums, weights, since, level=0.95):
    """The range of `beside`, written anew: placebos of every office, over all turns or (10 offices) where they stand."""
    others, weeks = len(weights), sums.shape[1]
    split, weights = weeks - since, weights / weights.sum()

    def series(first, rest, rest_weights):
        mean = np.nanmean
        week = []
        for t in range(weeks):
            own = sums[first, t, 1] / sums[first, t, 0] - sums[first, :, 1].sum() / sums[first, :, 0].sum()
            off = [sums[k, t, 1] / sums[k, t, 0] - sums[k, :, 1].sum() / sums[k, :, 0].sum() for k in rest]
            week.append(own - np.dot(rest_weights, off) / sum(rest_weights))
        assert np.isfinite(mean(week))
        return np.array(week), sums[first, :, 0]

    def of_cases(k):
        total = 0.0
        for side in (slice(None, split), slice(split, None)):
            n, s, q = sums[k, side].sum(axis=0)
            total += (q / n - (s / n) ** 2) / (n - 1)
        return total

    value, weight = series(0, range(1, others + 1), weights)
    found = turns_by_hand(value, weight, since)[0]
    squares, noise, spread = [], [], []
    for k in range(1, others + 1):
        rest = [j for j in range(1, others + 1) if j != k]
        part = np.array([weights[j - 1] for j in rest]) / sum(weights[j - 1] for j in rest)
        turned = turns_by_hand(*series(k, rest, part), since)
        squares.append(turned[0] ** 2 if others >= 10 else np.mean(turned**2))
        noise.append(of_cases(k) + sum(p**2 * of_cases(j) for p, j in zip(part, rest)))
        spread.append(1 + sum(part**2))
    squares, noise, spread = map(np.array, (squares, noise, spread))
    own_noise = of_cases(0) + sum(p**2 * of_cases(j + 1) for j, p in enumerate(weights))
    shared = max(np.mean(squares - noise) / np.mean(spread), 0)
    scaled = list(squares * (shared * (1 + sum(weights**2)) + own_noise) / (shared * spread + noise))
    if others >= 10:
        degrees = others - 1
    else:
        without = value - found * (np.arange(weeks) >= split)
        scaled.append(np.mean(turns_by_hand(without, weight, since) ** 2))
        degrees = (others + 1) * (weeks / min(since, split) - 1)
    error = np.sqrt(np.mean(scaled))
    reach = stats.t.ppf(0.5 + level / 2, degrees) * error
    return found, found - reach, found + reach, 2 * stats.t.sf(abs(found) / error, degrees)


@pytest.mark.parametrize("offices", [3, 6, 9, 11, 14])
@pytest.mark.parametrize("seed", [1, 2])
def test_beside_is_the_same_written_anew(offices, seed):
    sizes = tuple(np.random.default_rng(seed).uniform(0.6, 2, offices))
    of, week, wait, _ = worlds.cases(seed, sizes=sizes, a_week=12.0, weeks=(40, 16))
    sums = worlds.sums(of, week, wait, offices, 56)
    assert (sums[..., 0] > 0).all()
    weights = sums[1:, :40, 0].sum(axis=1)
    found = beside(sums, weights, 16)
    np.testing.assert_allclose([found.value, found.low, found.high], slowly(sums, weights, 16)[:3], rtol=0.006)
    assert found.p == pytest.approx(slowly(sums, weights, 16)[3], rel=0.05, abs=1e-4)


def test_two_sided_is_students():
    for t, df in itertools.product((0.1, 1.0, 2.5, 5.0), (4, 9, 30)):
        assert two_sided(t, df) == pytest.approx(2 * stats.t.sf(t, df), rel=0.05, abs=5e-4)


def test_a_common_shock_cancels_whatever_it_is():
    of, week, wait, _ = worlds.cases(5, a_week=12.0, weeks=(60, 30))
    sums = worlds.sums(of, week, wait, 6, 90)
    shock = np.random.default_rng(1).normal(0, 30, 90)
    moved = sums.copy()
    moved[..., 1] += sums[..., 0] * shock
    moved[..., 2] += 2 * shock * sums[..., 1] + shock**2 * sums[..., 0]
    weights = sums[1:, :60, 0].sum(axis=1)
    one, two = (apart(each, weights, 30)[0] for each in (sums, moved))
    assert (sums[..., 0] > 0).all()
    assert one.difference() != 0 and two.difference() == pytest.approx(one.difference())
    np.testing.assert_allclose(one.value - one.value.mean(), two.value - two.value.mean(), atol=1e-9)


def test_the_drift_is_a_weighted_regression():
    draw = np.random.default_rng(4)
    week, weight = np.delete(np.arange(60), [3, 7]), draw.integers(1, 9, 58).astype(float)
    value = 0.3 * week + draw.normal(0, 4, 58)
    found = trend(Series(value, weight, 0), week)
    fit = sm.WLS(value, sm.add_constant(week.astype(float)), weights=weight).fit(
        cov_type="HAC", cov_kwds={"maxlags": int(np.ceil(1.3 * np.sqrt(58))) - 1}
    )
    assert found.slope == pytest.approx(fit.params[1])
    part = np.ceil(1.3 * np.sqrt(58)) / 58
    reach = 1.96 + 2.9694 * part + 0.416 * part**2 - 0.5324 * part**3  # Kiefer & Vogelsang 2005
    assert (found.high - found.low) / 2 == pytest.approx(reach * fit.bse[1], rel=1e-6)


# staggered


def known_weeks(effects, dates, weeks=120, watched=10):
    """Noiseless: each office has its level, all share the same ups and downs; `effects[office](weeks since)` on top."""
    week = np.arange(weeks)
    shock = 10 * np.sin(week / 5) + np.where(week > 60, 7, 0)
    value = np.array([50 + 8 * k + shock for k in range(len(dates))])
    for office, (date, effect) in enumerate(zip(dates, effects)):
        if date is not None:
            value[office, week >= date] += [effect(one - date) for one in week[week >= date]]
    count = np.random.default_rng(1).integers(1, 7, value.shape).astype(float)
    untouched = np.stack([week < (weeks if date is None else date - watched) for date in dates])
    since = np.stack([week >= (weeks if date is None else date) for date in dates])
    sums = np.stack((count, count * value, count * value**2), axis=-1)
    return Weeks(sums, untouched, since, np.ones(len(dates)) / len(dates))


def test_staggered_changes_that_grow_are_found_exactly_where_two_way_effects_are_wrong():
    dates = (40, 70, 90, None)
    effects = [lambda e: -0.5 * e, lambda e: -10.0, lambda e: -4 - 0.2 * e, None]
    weeks = known_weeks(effects, dates)
    truth = [(weeks.cases[o, t], effects[o](t - dates[o])) for o in range(3) for t in range(dates[o], 120)]
    found = pattern(weeks, weeks.since)
    exact = np.average([one for _, one in truth], weights=[n for n, _ in truth])
    assert (found.weight * weeks.off).sum() == pytest.approx(exact)
    month = months_of(weeks.since, weeks.untouched, 4)
    for number in (0, 3, 7):
        own = [(n, effect) for (n, effect), (o, t) in zip(truth, [(o, t) for o in range(3) for t in range(dates[o], 120)])
               if (t - dates[o]) // 4 == number]  # fmt: skip
        one = pattern(weeks, month == number)
        assert (one.weight * weeks.off).sum() == pytest.approx(
            np.average([e for _, e in own], weights=[n for n, _ in own])
        )
    for number in (-1, -5):  # before, nothing
        assert (pattern(weeks, month == number).weight * weeks.off).sum() == pytest.approx(0, abs=1e-9)
    used = (weeks.untouched | weeks.since) & (weeks.cases > 0)
    of, at = np.nonzero(used)
    design = np.column_stack(
        [weeks.since[used], *(of == k for k in range(4)), *(at == t for t in range(1, 120))]
    ).astype(float)
    fit = sm.WLS((weeks.sums[..., 1] / weeks.cases)[used], design, weights=weeks.cases[used]).fit()
    assert abs(fit.params[0] - exact) > 2  # the usual regression


def test_where_all_have_changed_nothing_is_compared():
    weeks = known_weeks([lambda e: -5.0, lambda e: -50.0], (40, 80))
    found = pattern(weeks, weeks.since)
    # the first is compared up to week 69, the last in which the second was untouched; the second never
    assert (found.weight * weeks.off).sum() == pytest.approx(-5)
    assert found.cases == weeks.cases[0, 40:70].sum()
    assert not found.weight[1, 80:].any() and not found.weight[0, 70:].any()


def test_one_day_is_a_special_case_of_several():
    of, week, wait, _ = worlds.cases(8, a_week=20.0, weeks=(60, 30))
    sums = worlds.sums(of, week, wait, 6, 90)
    assert (sums[..., 0] > 0).all()
    weights = sums[1:, :60, 0].sum(axis=1)
    since = np.zeros((6, 90), bool)
    since[0, 60:] = True
    weeks = Weeks(sums, ~since, since, np.append(1.0, weights))
    found = pattern(weeks, since)
    assert (found.weight * weeks.off).sum() == pytest.approx(apart(sums, weights, 30)[0].difference())
    np.testing.assert_allclose(found.weight.sum(axis=0), 0, atol=1e-12)  # what is common to all offices cancels


# logs


def test_offices_counted_by_hand():
    office, begin, wait, week = steady()
    log = offices_log(office, begin, wait)
    found = event_study(log, change=DATE, where={"office": "North"}, control="office", horizon=35)
    watched = 5
    before, since = (week >= -watched - 52) & (week < -watched), (week >= 0) & (week < 30 - watched)
    seen = np.minimum(wait, 35)
    own, others = office == 0, office > 0
    mean = {
        (k, name): seen[(office == k) & side].mean() for k in range(3) for name, side in (("b", before), ("s", since))
    }
    by_hand = mean[0, "s"] - mean[0, "b"] - np.mean([mean[k, "s"] - mean[k, "b"] for k in (1, 2)])
    assert found.effect.known and found.effect.offices == ("East", "South") and found.effect.months_before == 13
    assert found.effect.effect / DAY == pytest.approx(by_hand) and abs(by_hand + 8) < 1
    assert found.effect.low < found.effect.effect < found.effect.high < 0
    rows = found.rows
    assert list(rows["month"]) == [*range(-13, 0), *range(7)]  # 25 weeks since: six months and a week
    month = (week >= 8) & (week < 12)
    at = list(rows["month"]).index(2)
    assert rows["cases"][at] == (own & month).sum() == 8 and rows["cases_beside"][at] == (others & month).sum()
    assert days(rows["mean"])[at] == pytest.approx(seen[own & month].mean(), abs=1e-5)
    assert days(rows["mean_beside"])[at] == pytest.approx(seen[others & month].mean(), abs=1e-5)
    gap = (mean[0, "b"] - (mean[1, "b"] + mean[2, "b"]) / 2, days(rows["mean"] - rows["mean_beside"])[at])
    assert days(rows["difference"])[at] == pytest.approx(gap[1] - gap[0], abs=1e-4)
    assert str(rows["begin"][at]) == "2025-04-28" and str(rows["begin"][12]) == "2024-12-30"
    first = list(rows["month"]).index(-13)
    early = (week >= -57) & (week < -53)
    left = before & ~early
    moved = [seen[(office == k) & early].mean() - seen[(office == k) & left].mean() for k in range(3)]
    assert days(rows["difference"])[first] == pytest.approx(moved[0] - (moved[1] + moved[2]) / 2, abs=1e-4)


def test_the_verdict_asks_the_same():
    office, begin, wait, _ = steady()
    log = offices_log(office, begin, wait)
    plan = Plan(CHANGE, 5, 52, 25)
    cohort = cohort_of(log.about, {"office": "North"}, None, None)
    one = against_offices(log, cohort, plan, {"office": ["South", "East"]})
    two = event_study(log, change=DATE, where={"office": "North"}, control="office", horizon=35).effect
    assert (one.effect, one.low, one.high, one.p) == (two.effect, two.low, two.high, two.p)
    wider = against_offices(log, cohort, plan, "office", level=0.99)
    assert wider.low < one.low and wider.high > one.high
    alone = against_offices(log, cohort, plan, {"office": "East"})
    assert alone.known and alone.offices == ("East",) and alone.low < alone.effect < alone.high


def test_only_weeks_that_can_be_watched_count():
    office, begin, wait, week = steady()
    stuck = np.where((week >= -5) & (week < 0), np.inf, wait)  # alive across the change
    late = np.where(week >= 25, np.inf, wait)  # cannot be watched for 5 weeks
    asked = {"change": DATE, "where": {"office": "North"}, "control": "office", "horizon": 35}
    ones = [event_study(offices_log(office, begin, each), **asked)
            for each in (wait, stuck, late)]  # fmt: skip
    for other in ones[1:]:
        for name in ("cases", "mean", "difference", "low", "high"):
            np.testing.assert_array_equal(ones[0].rows[name], other.rows[name])


@pytest.mark.parametrize(
    ("before", "since", "control", "said"),
    [
        (-50, 30, "office", "Too short a history: before the change there are 11 months"),
        (-70, 10, "office", "Too early: only cases of 5 whole weeks since"),
        (-70, 30, {"office": "West"}, "Nothing to compare with: no other office had 30 cases"),
    ],
)
def test_too_little_is_said_and_no_figure(before, since, control, said):
    office, begin, wait, _ = steady(before, since)
    log = offices_log(
        np.append(office, 3), np.append(begin, -400 if before == -70 else -100), np.append(wait, 9), weeks=since
    )
    found = event_study(log, change=DATE, where={"office": "North"}, control=control, horizon=35)
    assert found.sentences()[0].startswith(said)
    assert not found.effect.known and np.isnan([found.effect.effect, found.effect.low, found.effect.p]).all()
    assert not re.search(r"less on average|more on average", " ".join(found.sentences()))
    found.plot()


def test_what_cannot_be_compared_is_refused():
    office, begin, wait, _ = steady()
    log = offices_log(office, begin, wait)
    asked = {"change": DATE, "where": {"office": "North"}, "horizon": 35}
    with pytest.raises(ValueError, match="'North' is in where= and in control="):
        event_study(log, **asked, control={"office": ["North", "South"]})
    with pytest.raises(LogError, match="No attribute 'ofice'"):
        event_study(log, **asked, control="ofice")
    with pytest.raises(LogError, match="No case has office = 'Suth'"):
        event_study(log, **asked, control={"office": "Suth"})
    with pytest.raises(ValueError, match="Say where nothing"):
        event_study(log, **asked, control={})
    with pytest.raises(ValueError, match="say which did"):
        event_study(log, change=DATE, control="office")
    with pytest.raises(ValueError, match="data end on 2025-09-28"):
        event_study(log, **{**asked, "change": "2026-01-01"}, control="office")
    with pytest.raises(ValueError, match="already says which"):
        event_study(log, **{**asked, "change": {"North": DATE}}, control="office")
    with pytest.raises(LogError, match="flatter"):
        event_study(log.having("Grant"), **asked, control="office")
    both = replace(
        log, attributes={**log.attributes, "pilot": Text((office > 0).astype(np.int32), pa.array(["yes", "no"]))}
    )
    both = replace(both, about=replace(both.about, attributes=("office", "pilot")))
    with pytest.raises(LogError, match="at once"):
        event_study(both, change=DATE, where={"pilot": "yes"}, control={"office": ["North", "South"]}, horizon=35)
    one = event_study(
        both, change=DATE, where={"pilot": "yes"}, control={"office": ["South", "East"], "pilot": "no"}, horizon=35
    )
    two = event_study(both, **asked, control="office")
    assert one.effect.effect == two.effect.effect


def test_a_record_of_a_change_brings_what_it_says():
    office, begin, wait, week = steady()
    wait = np.where((week >= 0) & (week < 2) & (office == 0), 34, wait)  # getting used to it
    log = offices_log(office, begin, wait)
    record = procmine.Change(
        DATE, where={"office": "North"}, control={"office": ("South", "East")}, ramp=14, horizon=35
    )
    found = event_study(log, change=record)
    asked = {"change": DATE, "where": {"office": "North"}, "control": "office", "horizon": 35}
    assert found.plan.ramp == 2 and found.plan.after == 23 and str(found.rows["begin"][13]) == "2025-03-17"
    assert found.effect.effect < event_study(log, **asked).effect.effect - 0.5 * DAY
    again = event_study(log, change=record, where={"office": ["North"]})
    assert again.effect.effect == found.effect.effect
    with pytest.raises(ValueError, match="record of the change says 35"):
        event_study(log, change=record, horizon=70)
    with pytest.raises(ValueError, match="Say where nothing was changed"):
        event_study(log, change=DATE, where={"office": "North"})


def test_without_where_all_others_are_those_of_the_change():
    office, begin, wait, _ = steady()
    log = offices_log(office, begin, wait)
    one = event_study(log, change=DATE, control={"office": ["South", "East"]}, horizon=35)
    two = event_study(log, change=DATE, where={"office": "North"}, control="office", horizon=35)
    assert one.effect.effect == two.effect.effect and list(one.rows["cases"]) == list(two.rows["cases"])


def test_folders_of_shards_tell_the_same(tmp_path):
    office, begin, wait, _ = steady(each=3)
    log = offices_log(office, begin, wait)
    asked = {"change": DATE, "where": {"office": "North"}, "control": "office", "horizon": 35}
    one, two = event_study(log, **asked), event_study(save(log, tmp_path / "log", shards=3), **asked)
    for name in one.rows:
        np.testing.assert_array_equal(one.rows[name], two.rows[name])
    assert one.effect.low == pytest.approx(two.effect.low)
    staggered = {"change": {"North": DATE, "South": "2025-05-05"}, "control": "office", "horizon": 35}
    one, two = event_study(log, **staggered), event_study(save(log, tmp_path / "more", shards=2), **staggered)
    assert one.effect.effect == pytest.approx(two.effect.effect)


def test_different_days_on_a_log():
    """North gains 8 days on one day, South 5 on another, all lose 3 on the first: by hand from the cases."""
    office, begin, wait, week = steady(since=40, each=4)
    wait = wait - 5 * ((office == 1) & (begin >= 70))
    log = offices_log(office, begin, wait, weeks=40)
    found = event_study(log, change={"North": DATE, "South": "2025-05-12"}, control="office", horizon=35)
    north, south = ((office == k) & (week >= first) & (week < 35) for k, first in ((0, 0), (1, 10)))
    exact = -(8 * north.sum() + 5 * south.sum()) / (north.sum() + south.sum())
    assert found.effect.known and found.effect.effect / DAY == pytest.approx(exact, abs=0.4)
    assert found.effect.low < found.effect.effect < found.effect.high < 0
    assert found.effect.offices == ("East",)
    since = found.rows["period"] == "after"
    assert list(found.rows["month"][since]) == list(range(9))
    assert list(found.rows["offices"][since]) == [2] * 7 + [1] * 2  # South could be watched for 25 weeks
    assert found.rows["cases"][since].sum() == north.sum() + south.sum()
    assert days(found.rows["difference"])[since][-1] == pytest.approx(-8, abs=1)
    said = " ".join(found.sentences())
    assert "From month 7 on fewer offices have been watched so long (1 of 2)" in said
    found.plot()


def test_work_that_moved_is_told():
    office, begin, wait, week = steady(each=6)
    log = offices_log(office, begin, wait)
    asked = {"change": DATE, "where": {"office": "North"}, "control": "office", "horizon": 35}
    alike = event_study(log, **asked)
    assert alike.arrivals.part == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert any("nothing that stands out" in one for one in alike.sentences())
    draw = np.random.default_rng(1)
    taken = (week >= 0) & (office > 0) & (draw.random(len(week)) < 0.25)
    moved = event_study(offices_log(np.where(taken, 0, office), begin, wait), **asked)
    assert moved.arrivals.treated == (
        pytest.approx(6),
        pytest.approx(((week >= 0) & ((office == 0) | taken)).sum() / 30),
    )
    assert moved.arrivals.change.low > 0.1
    assert any(
        one.startswith("Work may have moved between the offices: of every 100 cases, 5") for one in moved.sentences()
    )
    gone = event_study(
        offices_log(np.where((week >= 0) & (office == 0) & (draw.random(len(week)) < 0.4), 1, office), begin, wait),
        **asked,
    )
    assert gone.arrivals.change.high < 0 and any("Work may have moved" in one for one in gone.sentences())


def test_families_that_come_to_another_office_are_counted():
    office, begin, wait, week = steady(each=4)
    family = np.arange(len(office))
    log = offices_log(office, begin, wait, party=family)
    assert event_study(log, change=DATE, where={"office": "North"}, control="office", horizon=35).returns is None
    for k in range(30):  # as before: 20 return, 5 of them to North; since: 20, 12 of them to North
        last = np.flatnonzero((office == 1) & (week == -50 + k // 2))[k % 2]
        target = 0 if (k < 5 or 15 <= k < 27) else 1
        at = -20 if k < 15 else 5
        again = np.flatnonzero((office == target) & (week >= at) & (family == np.arange(len(office))))[0]
        family[again] = family[last]
    log = offices_log(office, begin, wait, party=family)
    found = event_study(log, change=DATE, where={"office": "North"}, control="office", horizon=35).returns
    assert found.came == (15, 15) and found.crossed == (5, 12)


def test_a_drift_before_is_told_with_what_it_would_make():
    office, begin, wait, week = steady(each=4)
    drifting = np.where(
        office == 0, wait - 0.1 * np.maximum(week + 57, 0) + 8 * (week >= 0), wait
    )  # 5.2 days a year, no step
    log = offices_log(office, begin, np.maximum(drifting, 1))
    found = event_study(log, change=DATE, where={"office": "North"}, control="office", horizon=35)
    assert found.effect.high < 0  # a plain difference of before and since is taken in
    assert found.drift.year / DAY == pytest.approx(-0.1 * 365.25 / 7, abs=1)
    assert found.drift.explains == pytest.approx(found.effect.effect, rel=0.15)
    said = " ".join(found.sentences())
    assert "grew shorter beside the others by 5" in said and "as much as the whole difference" in said
    assert "passed" not in said


FORBIDDEN = (
    "median",
    "percentile",
    "confidence",
    "censored",
    "p-value",
    "significant",
    "parallel trend",
    "placebo",
    "pre-trend",
)


def test_sentences_are_plain():
    from procmine.english.offices import WORDS

    for key, said in WORDS.items():
        if not key.startswith("define."):
            assert not [word for word in FORBIDDEN if word in said.lower()], key


# the sample


@pytest.fixture(scope="module")
def sample():
    return procmine.read("event_logs/child_support.yaml")


ORDERS = {"start": "Petition filed", "stop": "Court order issued"}


def test_the_sample_north_gains_and_the_others_do_not(sample):
    found = event_study(
        sample, change="2025-10-06", where={"office": "North", "contested": "no"}, control="office", **ORDERS
    )
    assert -75 * DAY < found.effect.low < -70 * DAY < -68 * DAY < found.effect.high < -63 * DAY
    assert len(found.effect.offices) == 5 and found.effect.months_before == 13
    assert found.sentences()[0].startswith(
        "Set beside 5 other offices, cases where office is North, contested is no took 70 days less"
    )
    assert (days(found.rows["high"])[found.rows["period"] == "after"] < -50).all()
    assert found.returns.crossed == (0, 0)  # in the sample a family stays with its office
    assert not any("Work may have moved" in one for one in found.sentences())
    others = {"Harbor", "Valley", "Lakeside", "South"}
    for office in sorted(others):
        none = event_study(
            sample,
            change="2025-10-06",
            where={"office": office, "contested": "no"},
            control={"office": sorted(others - {office})},
            **ORDERS,
        )
        assert none.effect.low < 0 < none.effect.high, office
        assert "no difference that stands out" in none.sentences()[0]


def test_the_picture_shows_what_the_rows_say(sample):
    found = event_study(
        sample, change="2025-10-06", where={"office": "North", "contested": "no"}, control="office", **ORDERS
    )
    top, below = found.plot().figure.axes
    drawn = np.concatenate([line.get_ydata() for line in top.lines[:2]])
    np.testing.assert_allclose(drawn, days(found.rows["mean"]))
    points = np.concatenate([line.get_ydata() for line in below.lines if line.get_marker() == "o"])
    np.testing.assert_allclose(points, days(found.rows["difference"]))
    assert top.get_ylim()[0] == 0


# rates


def rates(seeds, **world):
    return [worlds.one_change(seed, **world) for seed in seeds]


def test_false_alarms_are_few_and_gains_are_found():
    none = [found.low > 0 or found.high < 0 for found, _, _ in rates(range(60))]
    assert stats.binomtest(sum(none), 60, 0.05, alternative="greater").pvalue > 0.01
    shocked = [found.low > 0 or found.high < 0 for found, _, _ in rates(range(60), jump=0.7)]
    assert stats.binomtest(sum(shocked), 60, 0.05, alternative="greater").pvalue > 0.01
    assert sum(found.high < 0 for found, _, _ in rates(range(20), times=0.5)) == 20


@pytest.mark.slow
@pytest.mark.parametrize(
    ("most", "world"),
    [
        (0.05, {"common": 0.0, "own": 0.0}),
        (0.05, {}),
        (0.05, {"jump": 0.8}),
        (0.05, {"sizes": (1,) * 12}),
        (0.05, {"weeks": (52, 26)}),
        (0.10, {"memory": 0.8}),
        (0.10, {"own": 0.2, "memory": 0.8}),
        (0.10, {"drift": 0.03}),
    ],
)
def test_false_alarms_and_coverage(most, world):
    seeds = range(200)
    none = sum(found.low > 0 or found.high < 0 for found, _, _ in rates(seeds, **world))
    assert stats.binomtest(none, 200, most, alternative="greater").pvalue > 0.01
    found = rates(seeds, times=0.8, **world)
    held = sum(effect.low <= truth <= effect.high for effect, truth, _ in found)
    assert stats.binomtest(held, 200, 1 - most, alternative="less").pvalue > 0.01


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["none", "at once", "grows"])
def test_coverage_where_offices_change_on_different_days(kind):
    found = [worlds.staggered(seed, (80, 90, 100, 110, 120, None), kind) for seed in range(200)]
    held = sum(effect.low <= truth <= effect.high for effect, truth, _ in found)
    assert stats.binomtest(held, 200, 0.95, alternative="less").pvalue > 0.01
    off = np.array([effect.value - truth for effect, truth, _ in found])
    assert abs(off.mean()) < 3 * off.std() / np.sqrt(200)


def test_a_world_as_a_log_tells_what_its_sums_do():
    """The whole way through a log gives the sums that the worlds above are made of."""
    weeks = (52, 26)
    factor = np.ones((6, 78))
    factor[0, 52:] = 0.7
    of, week, wait, _ = worlds.cases(3, weeks=weeks, factor=factor)
    draw = np.random.default_rng(1)
    begin = np.where(week < 52, week - 52 - worlds.WATCHED, week - 52) * 7 + draw.uniform(0, 7, len(week))
    names = [f"office {k}" for k in range(6)]
    log = offices_log(of, begin, wait, weeks=26 + worlds.WATCHED, names=names)
    plan = Plan(CHANGE, worlds.WATCHED, *weeks)
    found = against_offices(log, Cohort(where=(("office", ("office 0",)),)), plan, "office")
    sums = worlds.sums(of, week, wait, 6, 78)
    exact = beside(sums, sums[1:, :52, 0].sum(axis=1), 26)
    np.testing.assert_allclose(
        np.array([found.effect, found.low, found.high]) / DAY, [exact.value, exact.low, exact.high], rtol=1e-5
    )


def test_what_cannot_be_compared_says_why():
    office, begin, wait, _ = steady()
    north = {"office": "North"}
    gone = (office == 0) | (begin < 0)
    closed = event_study(offices_log(office[gone], begin[gone], wait[gone]), change=DATE, where=north, control="office")
    assert closed.sentences()[0].startswith("Nothing to compare with: since the change the other offices have 0 cases")
    log = offices_log(office, begin, wait)
    short = offices_log(office[begin > -14], begin[begin > -14], wait[begin > -14], weeks=30)
    for change, where in ((DATE, north), (dict.fromkeys(NAMES[:3], DATE), None)):
        with pytest.raises(LogError, match="Too short a history"):
            event_study(short, change=change, where=where, control="office", horizon=400)
    for ask in (event_study, procmine.compare):
        with pytest.raises(ValueError, match=re.escape('control={"office"')):
            ask(log, change=DATE, where=north, control=["South"])
