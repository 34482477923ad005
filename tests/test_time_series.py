"""Interrupted series: published estimates, other implementations, and logs with a known jump."""

import numpy as np
import pytest
import statsmodels.api as sm
from logs import DAY
from scipy import linalg, stats
from test_compare import log_of

from procmine.kernels.false_signals import drawn
from procmine.kernels.segmented import GRID, fit, t_below, terms
from procmine.log import LogError
from procmine.proof.charts.interrupted import interrupted_series
from procmine.proof.records.change import Change

# Packs of cigarettes a head, California 1970 to 2000 (Abadie, Diamond & Hainmueller 2010)
PACKS = np.array(
    [123.0, 121.0, 123.5, 124.4, 126.7, 127.1, 128.0, 126.4, 126.1, 121.9, 120.2, 118.6, 115.4, 110.8, 104.8, 102.8, 99.7,
     97.5, 90.1, 82.4, 77.8, 68.7, 67.5, 63.4, 58.6, 56.4, 54.5, 53.8, 52.3, 47.2, 41.6]
)  # fmt: skip
# Acute coronary events and standardised population, Sicily, months of 2002 to November 2006; smoking ban January 2005
# (Lopez Bernal, Cummins & Gasparrini 2017, sicily.csv)
EVENTS = np.array(
    [728, 659, 791, 734, 757, 726, 760, 740, 720, 814, 795, 858, 887, 766, 851, 769, 781, 756, 766, 752, 765, 831, 879, 928,
     914, 808, 937, 840, 916, 828, 845, 818, 860, 839, 887, 886, 831, 796, 833, 820, 877, 758, 767, 738, 781, 843, 850, 908,
     1021, 859, 976, 888, 962, 838, 810, 876, 843, 936, 912]
)  # fmt: skip
PEOPLE = np.array(
    [379875.3, 376495.5, 377040.8, 377116.4, 377383.4, 374113.1, 379513.3, 376295.5, 374653.2, 378485.6, 375955.5, 378349.7,
     376762.4, 379032.3, 379360.4, 376162, 377972.4, 381830.7, 379888.6, 380872.2, 380966.9, 381240.4, 382104.9, 381802.7,
     381656.3, 383680, 383504.2, 386462.9, 383783.1, 380836.8, 383483, 380906.2, 382926.8, 384052.4, 384449.6, 383428.4,
     388153.2, 388373.2, 386470.1, 386033.2, 383686.4, 385509.3, 385901.9, 386516.6, 388436.5, 383255.2, 390148.7, 385874.9,
     391613.6, 391750.4, 394005.6, 391364.9, 391664.6, 389022.3, 391878.5, 388575.3, 392989, 390018.8, 390712.3]
)  # fmt: skip
UNRELATED = int(np.flatnonzero(GRID == 0)[0])


def test_a_published_series_has_its_published_coefficients():
    """Proposition 99, change 1989: slope -1.779474, level -20.0581, slope change -1.494652 (Linden 2015, itsa); plain
    errors .2170, 3.7471 and .4846 (R's lm)."""
    found = fit(np.arange(31), PACKS, terms(np.arange(31), 19))
    np.testing.assert_allclose(found.values[UNRELATED][1:], [-1.779474, -20.0581, -1.494652], rtol=1e-5)
    error = np.sqrt(np.diag(found.covariance[UNRELATED]))[1:]
    np.testing.assert_allclose(error, [0.2170, 3.7471, 0.4846], atol=5e-5)
    low, high = found.range(np.eye(4)[2])
    assert found.rho > 0.5 and high - low > 2 * stats.t.ppf(0.975, 27) * 3.7471 * 0.7  # 31 years that hang together


def test_sicily_smoking_ban():
    """The tutorial's models 1 and 3 (Poisson, step and trend, then two pairs of waves): rate ratios 0.894 and 0.885."""
    month = np.arange(1, 60)
    ban = (month > 36).astype(float)
    poisson = sm.GLM(
        EVENTS, np.column_stack((np.ones(59), month, ban)), family=sm.families.Poisson(), offset=np.log(PEOPLE)
    )
    ratio = np.exp(poisson.fit().params[2])
    found = fit(month, np.log(EVENTS / PEOPLE), terms(month, 37)[:, :3])  # step and trend only
    plain = np.exp(found.values[UNRELATED][2])
    assert float(ratio) == pytest.approx(0.894, abs=5e-4) and plain == pytest.approx(ratio, abs=0.004)
    low, high = (np.exp(one) for one in found.range(np.eye(3)[2]))
    assert low < ratio < high < 1
    waves = fit(month, np.log(EVENTS / PEOPLE), np.delete(terms(month, 37, 12), 3, axis=1))
    assert np.exp(waves.value(np.eye(7)[2])) == pytest.approx(
        0.885, abs=0.01
    )  # published with two pairs of waves: 0.885


@pytest.mark.parametrize("place", [30, 90, 120, 170])
def test_every_fit_of_the_grid_is_that_of_statsmodels_also_with_gaps(place):
    time = np.array([0, 1, 2, 3, 5, 6, 7, 8, 12, 13, 14, 15, 16, 17, 20, 21, 22, 23, 24, 25])
    design, value = terms(time, 12), np.random.default_rng(3).normal(0, 1, 20)
    rho = GRID[place]
    correlation = float(rho) ** np.abs(time[:, None] - time[None, :])
    oracle = sm.GLS(value, design, sigma=correlation).fit()
    found = fit(time, value, design)
    np.testing.assert_allclose(found.values[place], oracle.params, rtol=1e-7)
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance[place])), oracle.bse, rtol=1e-7)


def test_weights_are_the_likelihood_of_error_contrasts():
    """REML: the density of A'y, A'X = 0, with the variance at its best for each autocorrelation."""
    time, draw = np.arange(24), np.random.default_rng(6)
    design, value = terms(time, 12), drawn(1, 24, 0.5, 3)[0] + draw.normal(0, 0.1, 24)
    contrast = linalg.null_space(design.T)
    likely = []
    for rho in GRID[::20]:
        inner = contrast.T @ (float(rho) ** np.abs(time[:, None] - time[None, :])) @ contrast
        square = contrast.T @ value @ np.linalg.solve(inner, contrast.T @ value) / 20
        likely.append(stats.multivariate_normal(np.zeros(20), inner * square).logpdf(contrast.T @ value))
    found = fit(time, value, design)
    np.testing.assert_allclose(np.diff(np.log(found.weight[::20])), np.diff(likely), atol=1e-6)
    assert found.weight.sum() == pytest.approx(1)


@pytest.mark.parametrize("rest", [1, 2, 3, 8, 21, 56])
def test_t_is_scipys(rest):
    at = np.linspace(-8, 8, 33)
    np.testing.assert_allclose(t_below(at, rest), stats.t.cdf(at, rest), atol=1e-12)


def test_the_range_leaves_out_as_much_on_either_side():
    time = np.arange(30)
    found, of = fit(time, drawn(1, 30, 0.4, 2)[0], terms(time, 15)), np.array([0, 0, 1.0, 7.0])
    low, high = found.range(of)
    error = np.sqrt(np.einsum("i,gij,j->g", of, found.covariance, of))
    for end, share in ((low, 0.025), (high, 0.975)):
        assert found.weight @ stats.t.cdf(end, 26, found.values @ of, error) == pytest.approx(share, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("points", "rho"), [(24, 0.0), (24, 0.6), (36, 0.3)])
def test_ranges_hold_the_truth_whatever_the_autocorrelation(points, rho):
    time, held = np.arange(points), np.zeros(2, int)
    design = terms(time, points // 2)
    for series in drawn(250, points, rho, 11):
        found = fit(time, series, design)
        ends = [found.range(one) for one in (np.eye(4)[2], np.eye(4)[3])]
        held += [low < 0 < high for low, high in ends]
    for one in held:
        assert stats.binomtest(int(one), 250).proportion_ci(0.99).high >= 0.95


# --- on a log


def steady(*, jump=0.0, rise=0.0, wave=0.0, seed=3, weeks=70):
    """20 cases a week for three years before the change and `weeks` after; waits of about 40 days, `jump` days more since."""
    draw = np.random.default_rng(seed)
    begin = np.sort(draw.uniform(-1_092, 7 * weeks, 20 * (156 + weeks)))
    since = np.where(begin >= 0, jump + rise * begin / 30.4, 0.0)
    return log_of(
        begin, np.maximum(draw.normal(40 + wave * np.sin(2 * np.pi * begin / 365.25), 5) + since, 1), weeks=weeks
    )


def test_a_known_jump_is_found_and_cases_across_the_change_left_out():
    found = interrupted_series(steady(jump=-12), change="2025-03-03", horizon=70)
    begin, side = found.frame["begin"], found.rows["side"]
    assert found.level.low / 86_400 < -12 < found.level.high / 86_400 < -9 and found.level.stands_out
    assert not found.slope.stands_out and found.average.high < 0
    # 70 days before 3 March 2025 is 23 December 2024: December to March
    np.testing.assert_array_equal(side == "left out", (begin >= "2024-12-01") & (begin < "2025-04-01"))
    assert found.sentences()[0].startswith(
        "At the change on 2025-03-03 the line of the average wait of all cases jumps: 12 days less"
    )
    assert (
        np.isnat(found.rows["led_to"][side != "since"]).all()
        and np.isnat(found.rows["fitted"][side == "left out"]).all()
    )


def test_the_lines_are_those_of_two_regressions():
    """With no dependence weighed in, by numpy's own straight lines, each through its side alone."""
    found = interrupted_series(steady(jump=-12, rise=2.0), change="2025-03-03", horizon=70)
    assert found.slope.stands_out and "runs otherwise than before: " in found.sentences()[1]
    number, value = np.arange(len(found)), found.rows["value"] / np.timedelta64(1, "s")
    fitted = found.rows["fitted"] / np.timedelta64(1, "s")
    for name in ("before", "since"):
        here = found.rows["side"] == name
        line = np.polyval(np.polyfit(number[here], value[here], 1), number[here])
        np.testing.assert_allclose(fitted[here], line, atol=0.15 * 86_400)  # errors hang together hardly at all here
    since = found.rows["side"] == "since"
    gap = (found.rows["fitted"] - found.rows["led_to"])[since] / np.timedelta64(1, "s")
    assert gap.mean() == pytest.approx(found.average.value, abs=2)


def test_the_time_of_year_is_allowed_for_where_it_was_declared():
    log = steady(wave=12)
    plain = interrupted_series(log, change="2025-03-03", horizon=70)
    waves = interrupted_series(log, change="2025-03-03", horizon=70, season=True)
    assert (
        waves.level.low < 0 < waves.level.high
        and waves.level.high - waves.level.low < plain.level.high - plain.level.low
    )
    assert "with the time of year allowed for" in " ".join(waves.sentences())
    with pytest.raises(LogError, match="24 because"):
        interrupted_series(log.between("2023-06-01", "2026-08-01"), change="2025-03-03", horizon=70, season=True)


def test_too_few_points_are_refused_with_what_would_help():
    log = steady()
    with pytest.raises(LogError, match=r"\d+ before the change and 5 since"):
        interrupted_series(log.cut_to("2025-11-20"), change="2025-03-03", horizon=70)
    assert len(interrupted_series(log.cut_to("2025-11-20"), change="2025-03-03", horizon=70, period="week")) > 100
    with pytest.raises(ValueError, match="other cases"):
        interrupted_series(log, change=Change("2025-03-03", where={"office": "South"}), where={"office": "North"})


def test_weeks_without_a_case_are_passed_over_and_their_distance_kept():
    log = steady(jump=-12)
    week = log.cases["arrival"].dt.to_period("W").astype(str).str[:10].to_numpy()
    thin = log.take(np.flatnonzero(~np.isin(week, ["2023-05-15", "2024-04-08", "2024-04-15", "2025-08-04"])))
    one, two = (interrupted_series(each, change="2025-03-03", horizon=70, period="week") for each in (log, thin))
    assert len(one) - len(two) == 4 and np.diff(two.points.number).max() == 3
    assert two.level.value == pytest.approx(one.level.value, abs=86_400) and two.level.high < 0


def test_a_share_moves_by_points_and_a_pile_by_cases():
    log = steady(jump=-12)
    done = interrupted_series(log, change="2025-03-03", of="done", horizon=35)
    assert "points of 100 more" in done.sentences()[0] and done.level.low > 0
    pile = interrupted_series(log, change="2025-03-03", of="backlog")
    assert pile.average.low < -20 / 7 * 12 < pile.average.high  # Little: 20 a week, 12 days less
    side = pile.rows["side"]
    gap = pile.rows["value"][side == "since"].mean() - pile.rows["value"][side == "before"].mean()
    assert gap == pytest.approx(-20 / 7 * 12, abs=8)
    assert pile.points.watch == 0 and (pile.rows["side"] == "left out").sum() == 1  # the month of the change itself


def test_the_picture_shows_lines_points_and_where_the_line_before_leads(tmp_path):
    found = interrupted_series(steady(jump=-12), change=Change("2025-03-03", "Phone first"), horizon=70)
    axes = found.plot()
    dashed = [line for line in axes.lines if line.get_label() == "where the line before leads"]
    assert len(dashed) == 1 and len(dashed[0].get_xdata()) == (found.rows["side"] == "since").sum()
    assert found.save(tmp_path / "line.png").stat().st_size > 10_000 and DAY
    effects = found.to_dict()["effects"]
    assert effects["level"] == [found.level.value, found.level.low, found.level.high]


@pytest.mark.parametrize("since", [8.0, 4.0])
def test_points_on_a_line_have_no_turn_made_of_rounding(since):
    week = np.repeat(np.arange(-100, 60), 3)
    begin = week * 7 + np.tile([0.3, 2.1, 5.7], 160)
    log = log_of(begin, np.where(begin < 0, 8.0, since), weeks=60)
    for period in ("month", "week"):
        for of in ("time", "done"):
            found = interrupted_series(log, change="2025-03-03", period=period, of=of)
            assert not found.slope.stands_out and found.level.stands_out == (since < 8 and of == "time")
