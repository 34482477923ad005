"""Validation: scores by hand and by theory, hold-outs by brute force, verdicts in worlds whose truth is known."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from logs import START
from scipy import stats
from scipy.integrate import quad
from test_simulate import CODE, assemble

from procmine.kernels.sampler import NEVER
from procmine.kernels.scores import Steps, held, spread
from procmine.log import day_of
from procmine.simulate.validation import validate
from procmine.simulate.validation.holdout import DAY, WEEK, Fates, Origin, origins_of, weekly
from procmine.simulate.validation.judge import GOING, MEASURES, NEW, SLOW, Scored
from procmine.simulate.validation.verdict import judged
from procmine.words import Message


def world(seed, *, cases=1500, days=400, slower=1.0, since=0.5):
    """In, Checked, then Granted and Paid, or Denied: independent waits; `slower` for cases that come from `since` on."""
    random = np.random.default_rng(seed)
    arrival = np.sort(random.uniform(0, days, cases))
    factor = np.where(arrival > since * days, slower, 1.0)
    checked = random.gamma(2, 3, cases) * factor
    decided = checked + random.exponential(20, cases) * factor
    granted = random.random(cases) < 0.7
    paid = np.where(granted, decided + random.gamma(3, 2, cases), np.nan)
    day = np.stack((np.zeros(cases), checked, decided, paid), axis=1)
    step = np.tile([CODE["In"], CODE["Checked"], 0, CODE["Paid"]], (cases, 1))
    step[:, 2] = np.where(granted, CODE["Granted"], CODE["Denied"])
    return assemble(arrival, step, day, days)


def test_steps_are_kaplan_meier_as_scipy_has_it():
    random = np.random.default_rng(3)
    time, watched = random.integers(1, 12, 60).astype(float), random.integers(1, 15, 60).astype(float)
    seen = np.minimum(time, watched)
    ended = time <= watched
    found = Steps.seen(seen, ended)
    other = stats.ecdf(stats.CensoredData.right_censored(seen, ~ended)).cdf
    grid = np.linspace(0, 14, 57)
    assert found.by(grid) == pytest.approx(other.evaluate(grid))
    twice = Steps.seen(seen, ended, np.full(60, 2.0))
    assert twice.by(grid) == pytest.approx(found.by(grid))


def test_steps_after_an_age_are_of_those_who_are_not_there_yet():
    late = Steps.of(np.array([1.0, 2.0, 4.0, np.inf])).after(2.0)
    assert late.time.tolist() == [2.0]
    assert late.share == pytest.approx([0.5])


def test_crps_is_the_integral_up_to_when_a_case_was_watched():
    foretold = Steps.of(np.array([2.0, 3.0, 7.0, np.inf]))
    for came, watched in ((1.0, 9.0), (5.0, 6.0), (5.0, 4.0), (np.inf, 8.0), (3.0, 3.0)):

        def square(t, came=came):
            return (foretold.by(np.array([t]))[0] - (came <= t)) ** 2

        edges = sorted({0.0, watched, *(e for e in (2.0, 3.0, 7.0, came) if e < watched)})
        exact = sum(quad(square, a, b)[0] for a, b in pairwise(edges))
        assert foretold.crps(np.array([came]), np.array([watched]))[0] == pytest.approx(exact, abs=1e-6)


def test_crps_of_whole_samples_is_that_of_the_energy_form():
    random = np.random.default_rng(5)
    sample, came = random.gamma(2, 3, 40), 4.2
    energy = np.abs(sample - came).mean() - np.abs(sample[:, None] - sample).mean() / 2
    assert Steps.of(sample).crps(np.array([came]), np.array([1e6]))[0] == pytest.approx(energy)


@pytest.mark.parametrize("wrong", [0.6, 1.6])
def test_scores_prefer_the_truth_though_most_cases_are_still_open(wrong):
    random = np.random.default_rng(11)
    time, watched = random.exponential(10, 20_000), random.uniform(0, 12, 20_000)
    time = np.where(time <= watched, time, np.inf)
    assert np.isinf(time).mean() > 0.5
    truth, other = (Steps.of(random.exponential(10 * factor, 20_000)) for factor in (1, wrong))
    assert truth.crps(time, watched).mean() < other.crps(time, watched).mean()


def test_pinball_by_hand():
    foretold = Steps.of(np.arange(1.0, 11.0))  # 9 in 10 by 9
    loss = foretold.pinball(np.array([12.0, 4.0, np.inf, np.inf]), np.array([20.0, 20.0, 10.0, 5.0]), 0.9)
    assert loss == pytest.approx([0.9 * 3, 0.1 * 5, 0.9 * 1, 0.0])


def test_ranges_hold_their_level_of_draws_like_themselves():
    random = np.random.default_rng(2)
    drawn, real = random.normal(size=(400, 3000)), random.normal(size=3000)
    for level in (0.5, 0.8, 0.9):
        inside = int(held(real, drawn, level).sum())
        low, high = stats.binom.interval(0.999, 3000, level)
        assert low - 30 <= inside <= high + 30


def test_a_figure_that_no_draw_knows_is_not_held():
    drawn = np.array([[1.0, np.nan], [2.0, np.nan]])
    assert held(np.array([1.5, 1.5]), drawn, 0.9).tolist() == [True, False]
    assert np.isnan(spread(drawn, (0.5,))[0]).tolist() == [False, True]


def test_weekly_figures_by_hand():
    # one open before; five come in week 0 and end in week 1 after 1 .. 5 days; one comes in week 1 and stays
    arrival = np.array([-3.0, *(6.5 for _ in range(5)), 8.0]) * DAY
    ended = np.array([2.0, 7.5, 8.5, 9.5, 10.5, 11.5, np.inf])
    fates = Fates(
        arrival.astype(np.int64),
        np.where(np.isinf(ended), NEVER, np.nan_to_num(ended, posinf=0) * DAY).astype(np.int64),
    )
    found = weekly(fates, 0, 2 * WEEK + DAY)
    assert found["new"].tolist() == [5, 1]
    assert found["ended"].tolist() == [1, 5]
    assert found["open"].tolist() == [5, 1]
    assert np.isnan(found["mean"][0]) and found["mean"][1] == pytest.approx(3)
    assert found["half"][1] == pytest.approx(3)


@pytest.fixture(scope="module")
def steady():
    return world(0)


def test_an_origin_parts_the_log_into_known_new_and_going(steady):
    day, until = "2022-08-01", "2022-10-01"
    origin = Origin.of(steady, day, until)
    named = steady.case.values()
    came_after = (steady.arrival > origin.begin) & (steady.arrival <= origin.end)
    assert set(origin.seen.case.values()[origin.new]) == set(named[came_after])
    was_open = (steady.arrival <= origin.begin) & (steady.open | (steady.until > origin.begin))
    assert origin.seen.case.values()[origin.going].tolist() == origin.known.case.values()[origin.known.open].tolist()
    assert set(origin.seen.case.values()[origin.going]) == set(named[was_open])
    fates = origin.fates(origin.going)
    later = {
        name: until if until <= origin.end else NEVER
        for name, until in zip(named, np.where(steady.open, NEVER, steady.until))
    }
    assert fates.ended.tolist() == [later[name] for name in origin.seen.case.values()[origin.going]]
    assert origin.known.time.max() <= origin.begin


def test_origins_leave_time_on_either_side(steady):
    found = origins_of(steady, 3, None)
    assert len(found) == 3
    span = steady.about.cutoff - steady.arrival.min()
    for origin in found:
        assert origin.end <= steady.about.cutoff
        assert origin.ahead == pytest.approx(0.3 * span, abs=1.5 * DAY)
        assert origin.begin - steady.arrival.min() >= 0.39 * span - DAY
    one = origins_of(steady, 1, 30)
    assert one[0].day == day_of(steady.about, one[0].begin)
    assert one[0].ahead == 30 * DAY


def test_replayed_cases_come_on_weekdays_and_last_as_cases_of_the_past_did(steady):
    origin = origins_of(steady, 3, None)[2]
    random = np.random.default_rng(1)
    some = [origin.replay(random) for _ in range(20)]
    shift = -(-origin.ahead // WEEK) * WEEK
    old = steady.arrival[steady.arrival <= origin.begin] + shift
    first = np.concatenate([one.first for one in some])
    assert np.isin(first, old).all()
    assert first.min() > origin.begin and max(one.last.max() for one in some) <= origin.end
    # cases that came 60 days or more before the end last as in the world itself
    lasted = np.concatenate([(one.last - one.first)[one.first < origin.end - 60 * DAY] for one in some]) / DAY
    true = (steady.until - steady.arrival)[steady.arrival < steady.about.cutoff - 100 * DAY] / DAY
    assert np.median(lasted) == pytest.approx(np.median(true), rel=0.12)


@pytest.fixture(scope="module")
def checked(steady):
    return validate(steady, seed=1, draws=60)


def test_a_steady_process_is_foretold_and_said_good(checked):
    assert checked.verdict == "good"
    held_share = checked.ranges["held"] / checked.ranges["figures"]
    assert held_share == pytest.approx([0.5, 0.8, 0.9], abs=0.12)
    error = dict(zip(checked.rows["code"], checked.rows["simulated"]))
    replayed = dict(zip(checked.rows["code"], checked.rows["replayed"]))
    least = dict(zip(checked.rows["code"], checked.rows["by_chance"]))
    assert least[NEW] <= error[NEW] <= 1.05 * least[NEW]
    assert error[GOING] < replayed[GOING]  # where a case stands tells more than how old it is
    assert list(checked.rows["code"]) == list(MEASURES)
    said = checked.line().say()
    assert "not for staffing" in said and f"{checked.ranges['held'][-1]:,} of {checked.ranges['figures'][-1]:,}" in said


def test_a_simulation_says_that_it_is_not_proven_by_the_past(checked):
    assert any("does not show" in line for line in checked.sentences())


def test_the_same_seed_gives_the_same_answer(steady, checked):
    again = validate(steady, seed=1, draws=60)
    for name in ("simulated", "replayed", "by_chance"):
        assert np.array_equal(again.rows[name], checked.rows[name], equal_nan=True)
    assert np.array_equal(again.weeks["low"], checked.weeks["low"], equal_nan=True)


def test_weeks_hold_what_ranges_count(checked):
    weeks = checked.weeks
    known = np.isfinite(weeks["real"])
    inside = (weeks["low"] <= weeks["real"]) & (weeks["real"] <= weeks["high"])
    assert int(inside[known].sum()) == checked.ranges["held"][-1]
    assert int(known.sum()) == checked.ranges["figures"][-1]


def test_a_process_that_became_slower_is_not_to_be_relied_on():
    found = validate(world(0, slower=2.5), seed=1, draws=60)
    assert found.verdict == "no"
    assert "not to be relied on" in found.line().say()
    error, least = (found.rows[name][list(found.rows["code"]).index(SLOW)] for name in ("simulated", "by_chance"))
    assert error > 1.3 * least


def test_a_small_log_cannot_be_checked():
    found = validate(world(3, cases=60), seed=1)
    assert found.verdict == "too few" and not len(found)
    assert "Not checked" in found.line().say()
    assert "cannot be checked" in str(found)


def test_arguments_that_make_no_sense_are_refused(steady):
    for name in ("origins", "draws", "ahead"):
        with pytest.raises(ValueError, match=f"{name} = 0"):
            validate(steady, seed=1, **{name: 0})


def test_pictures_draw_what_the_rows_say(checked):
    axes = checked.plot_errors()
    known = np.flatnonzero(checked.rows["by_chance"] > 0)
    wide = [patch.get_width() + 1 for patch in axes.patches]
    assert wide == pytest.approx(list((checked.rows["simulated"] / checked.rows["by_chance"])[known]))
    curve = checked.plot()
    assert {"what came (band: chance)", "simulated"} <= {line.get_label() for line in curve.lines}


def scored(inside, figures, ours, replayed, least, many=100, counted="new"):
    flags = {0.9: np.arange(figures) < inside}
    return Scored({NEW: (ours, replayed, least)}, {}, {"mean": flags, counted: {0.9: np.arange(figures) < many}})


@pytest.mark.parametrize(
    ("figures", "mixed", "verdict", "reasons"),
    [
        ((95, 100, 1.0, 1.0, 1.0), None, "good", []),
        ((95, 100, 1.0, 1.0, 1.0), False, "careful", ["validate.why.changed"]),
        ((95, 100, 1.0, 1.0, 1.0), True, "no", ["validate.why.mixed"]),
        ((75, 100, 1.0, 1.0, 1.0), None, "careful", ["validate.why.times"]),
        ((55, 100, 1.0, 1.0, 1.0), None, "no", ["validate.why.times"]),
        ((95, 100, 1.0, 1.0, 1.0, 40), None, "careful", ["validate.why.counts"]),
        ((95, 100, 1.2, 1.2, 1.0), None, "careful", ["validate.why.off"]),
        ((95, 100, 1.4, 1.4, 1.0), None, "no", ["validate.why.off"]),
        ((95, 100, 1.08, 1.0, 1.0), None, "careful", ["validate.why.replay"]),
    ],
)
def test_rules_of_the_verdict(figures, mixed, verdict, reasons):
    changed = None if mixed is None else Message("drift.none")
    found = judged([scored(*figures)], changed, bool(mixed), Message("validate.staffing.cannot_tell"))
    assert found.delay == verdict
    assert [one.key for one in found.why] == reasons
    assert all(message.say() for message in found.messages())


def test_no_log_knows_what_comes_after_an_origin(steady):
    """The model of an origin is the same whatever comes later."""
    origin = origins_of(steady, 3, None)[0]
    shorter = steady.cut_to(day_of(steady.about, origin.end - DAY))
    again = Origin.of(shorter, origin.day, origin.day)
    assert np.array_equal(again.known.time, origin.known.time)
    assert np.array_equal(again.known.open, origin.known.open)
    assert replace(again.known.about, history=()).activities == origin.known.about.activities
    assert origin.begin >= START
