"""Forecasts of known interventions: made worlds against theory first, then the product against the worlds."""

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest
import worlds_interventions as worlds
from scipy import stats

import procmine
from procmine.simulate.forecast import Effort, forecast

# ---- the worlds against theory


def capped(mean, sigma, cap):
    """Mean of min(X, cap) for a lognormal X (closed form)."""
    mu = log(mean) - sigma**2 / 2
    d = (log(cap) - mu) / sigma
    return exp(mu + sigma**2 / 2) * stats.norm.cdf(d - sigma) + cap * (1 - stats.norm.cdf(d))


def shares(simple=0.6):
    return (("simple", simple, 1.0), ("complex", 1 - simple, worlds.SLOW["Reviewed"]))


def test_capping_a_delay_saves_what_theory_says():
    mean, sigma = worlds.GAPS["Reviewed"]
    saved = sum(
        share * worlds.REVIEWED[kind] * (capped(mean * slow, sigma, 10) - mean * slow) for kind, share, slow in shares()
    )
    found = worlds.truth("correlated gaps", "cap", horizon=np.inf, cases=40_000)  # frailty changes the margins
    assert abs(found.effect - saved) > 4 * found.error
    for name in ("session", "queue"):  # nothing else depends on it but the rounding up, and the queue, in the long run
        found = worlds.truth(name, "cap", horizon=np.inf, cases=30_000)
        assert found.effect == pytest.approx(saved, abs=4 * found.error)
    plain = worlds.WORLDS["delay"]
    drawn = worlds.alone(plain, 1, 200_000)
    patient = replace(plain, leave=None)
    ends = [worlds.play(patient, drawn, one).end for one in (worlds.TODAY, worlds.CHANGES["cap"])]
    effect = ends[1] - ends[0]
    assert effect.mean() == pytest.approx(saved, abs=4 * effect.std() / np.sqrt(len(effect)))


def test_a_board_that_sits_twice_as_often_saves_half_a_gap():
    found = worlds.truth("session", "twice as often", horizon=np.inf, cases=100_000)
    assert found.effect == pytest.approx(-3.5, abs=4 * found.error)


def test_waits_at_a_desk_are_those_of_pollaczek_and_khinchine():
    """One server: rate x E[S^2] / 2 (1 - load), and the complex first: Cobham."""
    sigma, load = 0.9, 0.7
    service = load / worlds.A_DAY
    wait = worlds.A_DAY * service**2 * exp(sigma**2) / 2 / (1 - load)
    for decided in ("queue", "priority"):
        world = worlds.World(decided=decided, servers=1, load=load, leave=None)
        found = []
        for seed in range(8):
            rng = np.random.default_rng(seed)
            drawn = worlds.draws(rng, np.sort(rng.uniform(-400, 4_000, rng.poisson(4_400 * worlds.A_DAY))))
            cases = worlds.Cases(world, drawn, worlds.TODAY, 0.0)
            worlds.intake(cases)
            worlds.middle(cases)
            ready, end = cases.now, worlds.served(cases)
            took = service * np.exp(sigma * drawn["normal"]["Decided"][0] - sigma**2 / 2)
            later = drawn["arrival"] > -300
            waited = end - ready - took
            found.append([waited[later].mean(), waited[later & ~cases.simple].mean()])
        mean, first = np.mean(found, axis=0)
        error, error_first = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
        assert mean == pytest.approx(wait, abs=5 * error)
        if decided == "priority":
            assert first == pytest.approx(wait * (1 - load) / (1 - 0.4 * load), abs=5 * error_first)


def test_a_policy_changes_nobody_who_came_before_it():
    for name in ("queue", "session with seats", "priority"):
        world = worlds.WORLDS[name]
        drawn = worlds.in_line(world, 3, worlds.WATCHED + 100, worlds.MOST)
        today, other = (
            worlds.play(world, drawn, one, worlds.WATCHED)
            for one in (worlds.TODAY, replace(worlds.CHANGES["set"], more=1))
        )
        early = today.end < worlds.WATCHED
        assert early.sum() > 500
        np.testing.assert_array_equal(today.end[early], other.end[early])


def test_logs_are_what_an_office_has():
    """About 400 cases, 20 to 50% of them open, one time for each event, nothing after the cutoff."""
    for name in worlds.WORLDS:
        made = [worlds.made(name, seed) for seed in range(5)]
        assert all(300 <= len(one) <= 500 for one in made)
        assert 0.18 <= np.mean([one.open.mean() for one in made]) <= 0.5
        for one in made:
            assert one.time.max() <= one.about.cutoff and one.start is None
            assert np.all(np.diff(one.time)[np.diff(np.repeat(np.arange(len(one)), np.diff(one.offset))) == 0] >= 0)


# ---- the product against the worlds

CASES = 2_000  # in each log: five times as many as in the benchmark, so that chance matters less
EFFORT = Effort(draws=20, replications=1, cases=100, tell=lambda done, of: None)
WITHDRAWN = ("Withdrawn",)
POLICIES = {
    "set": procmine.Policy("set").set_delay("Decided", days=5, leaving=WITHDRAWN),
    "cap": procmine.Policy("cap").cap_delay("Reviewed", days=10),
    "escalate": procmine.Policy("escalate").escalate("Assigned", after=6, days=2),
    "scale": procmine.Policy("scale").scale_delay("Paid", by=0.5),
    "skip": procmine.Policy("skip").skip("Reviewed").where(kind="simple"),
    "reroute": procmine.Policy("reroute").reroute(after="Received", to="Returned", chance=0.1).where(channel="paper"),
    "mix": procmine.Policy("mix").case_mix("kind", {"simple": 0.85, "complex": 0.15}),
    "deadline": procmine.Policy("deadline").close_after(days=120),
}


def mean_effect(found, name):
    rows = found.parts()[name].rows
    place = rows["measure"].tolist().index("mean")
    ends = [rows[column][place] / np.timedelta64(86_400, "s") for column in ("effect", "low", "high", "today")]
    return rows["answer"][place], *ends


@pytest.mark.parametrize("world", ["delay", "parallel"])
def test_known_interventions_are_foretold(world):
    """Off by no more than 5% (or 1% of today's mean) and 4 standard errors of what so many cases can tell: the spread of
    what the intervention does to single cases, of which a log with open ones holds at least 60% to the end."""
    log = worlds.made(world, 41, CASES)
    model = procmine.fit(log, by=("kind", "channel"))
    found = forecast(model, list(POLICIES.values()), seed=1, horizon=7, warm=False, effort=EFFORT)
    drawn = worlds.alone(worlds.WORLDS[world], 99, 40_000)
    today = worlds.play(worlds.WORLDS[world], drawn)
    for name in POLICIES:
        after = worlds.play(worlds.WORLDS[world], drawn, worlds.CHANGES[name])
        took = [np.minimum(one.end - one.arrival, worlds.WATCHED) for one in (today, after)]
        each = took[1] - took[0]
        error = each.std() * np.sqrt(1 / (0.6 * CASES) + 1 / len(each))
        answer, effect, *_ = mean_effect(found, name)
        assert answer == "estimate"
        allowed = max(0.05 * abs(each.mean()), 0.01 * took[0].mean())
        assert effect == pytest.approx(each.mean(), abs=allowed + 4 * error), name


def test_where_a_log_cannot_tell_there_are_bounds_that_hold_the_truth():
    """One more at a desk, and a fifth more cases: one time for each event does not tell a queue from a delay."""
    unknown = [procmine.Policy("one more").staff("Decided", add=1), procmine.Policy("volume").volume(percent=20)]
    for world in ("queue", "delay"):
        found = forecast(procmine.fit(worlds.made(world, 43)), unknown, seed=1, horizon=7, warm=False, effort=EFFORT)
        for policy in unknown:
            answer, effect, low, high, today = mean_effect(found, policy.name)
            true = worlds.truth(world, policy.name, cases=20_000)
            slack = 0.01 * today + 4 * true.error
            assert answer == "bounds" and np.isnan(effect)
            assert low - slack <= true.effect
            assert np.isnan(high) if policy.name == "volume" else true.effect <= high + slack
