"""The verdict on made worlds: that the worlds are what they say, and how often each is judged rightly (a small version)."""

import heapq
from collections import Counter

import numpy as np
import pytest
import worlds_verdict as worlds
from scipy import stats
from worlds_verdict import World

from procmine.kernels.blocks import DAY
from procmine.log import LogError


def loop(came, work, since, newest):
    """One desk, case by case: when the work on each is begun; before `since` the oldest is taken."""
    begun, waiting, now, nth = np.zeros(len(came)), [], -np.inf, 0
    while nth < len(came) or waiting:
        now = max(now, came[nth]) if not waiting else now
        while nth < len(came) and came[nth] <= now:
            waiting.append(nth)
            nth += 1
        heap = [-one if newest and now >= since else one for one in waiting]
        heapq.heapify(heap)
        one = abs(heap[0])
        waiting.remove(one)
        begun[one], now = now, now + work[one]
    return begun


def a_queue(seed, n=300, load=0.95):
    draw = np.random.default_rng(seed)
    return np.cumsum(draw.exponential(1, n)) - n / 2, draw.gamma(0.5, load / 0.5, n)


def test_first_come_first_served_is_the_loop():
    for seed in range(5):
        came, work = a_queue(seed)
        np.testing.assert_allclose(worlds.fifo(came, work), loop(came, work, 0, newest=False))


def test_newest_first_since_the_change_is_the_loop():
    moved = 0
    for seed in range(8):
        came, work = a_queue(seed)
        found = worlds.switched(came, work, 0.0)
        np.testing.assert_allclose(found, loop(came, work, 0, newest=True))
        moved += int((found != worlds.fifo(came, work)).sum())
    assert moved > 500


def test_work_that_is_there_when_the_desk_opens_is_done_first():
    came, work = np.array([0.0, 1.0, 20.0]), np.array([2.0, 2.0, 1.0])
    assert worlds.fifo(came, work, before=5.0).tolist() == [5, 7, 20]


def test_the_queue_waits_as_theory_says():
    """Pollaczek and Khinchine, at a load at which half a million cases settle it; and the days do not depend on the size."""
    draw, load = np.random.default_rng(4), 0.8
    for rate in (worlds.DESK, 4.0):
        shape, n = 1 / (worlds.VARIES * rate - 1), 500_000
        came, work = np.cumsum(draw.exponential(1 / rate, n)), draw.gamma(shape, load / rate / shape, n)
        assert (worlds.fifo(came, work) - came).mean() == pytest.approx(worlds.queue_wait(load), rel=0.04)
    assert [round(worlds.queue_wait(load)) for load in (0.95, 0.98)] == [17, 45]


def test_waits_are_those_stated():
    """Mean 60 days, standard deviation .8 of it; about as many cases since the change as asked for; the effect."""
    many = [worlds.made("20% shorter", 1_000, seed) for seed in range(20)]
    begin, wait = (np.concatenate(one) for one in zip(*((w.begin, w.end - w.begin) for w in many)))
    before, after = wait[begin < 0], wait[begin >= 0]
    assert before.mean() == pytest.approx(60, rel=0.01) and before.std() == pytest.approx(48, rel=0.03)
    assert after.mean() == pytest.approx(48, rel=0.015)
    assert np.count_nonzero((begin >= 0) & (begin < 35 * 7)) / 20 == pytest.approx(1_000, rel=0.03)


@pytest.mark.parametrize("name", ["no change, queue .95", "no change, queue .98"])
def test_a_queue_and_its_delay_take_sixty_days(name):
    """In the long run: one log's queue wanders for years, so many logs are needed."""
    means = [(w.end - w.begin).mean() for w in (worlds.made(name, 50, seed) for seed in range(800))]
    error = np.std(means) / np.sqrt(len(means))
    assert np.mean(means) == pytest.approx(60 + 1.2, abs=3 * error + 0.3)  # and its own work, about a day


def test_what_each_world_changes():
    """In days from arrival to end, whoever waits; a change that only seems one leaves them as they were."""
    ratio = {}
    for name in worlds.WORLDS:
        made = [worlds.made(name, 1_000, seed) for seed in range(6)]
        arms = [(w.begin >= 0, np.minimum(w.end - w.begin, 1_000), w.treated) for w in made]
        ratio[name] = np.mean([wait[a & t].mean() / wait[~a & t].mean() for a, wait, t in arms])
    same = ["no change", "no change, luck of months", "longer pauses, by the service clock", "six offices, no change"]
    shorter = ["20% shorter", "six offices, all 20% shorter", "seven in ten 35% shorter"]
    true = {**dict.fromkeys(same, 1.0), **dict.fromkeys(shorter, 0.8), "50% shorter": 0.5, "20% longer": 1.2}
    for name, value in true.items():
        assert ratio[name] == pytest.approx(value, rel=0.08), name
    assert ratio["each kind 15% longer, more of the easy kind"] < 0.92
    assert ratio["six offices, one 20% shorter, all 20% longer"] == pytest.approx(0.96, rel=0.08)


def test_the_log_holds_what_was_seen_when_the_data_ended():
    moments = np.array([[-50.0, -20.0], [-30.0, 340.0], [1.0, 500.0], [2.5, np.nan], [400.0, 410.0]])
    whole = World(moments).log()
    assert whole.open.tolist() == [False, False, True, True]  # the last case began after the data end
    assert (whole.until - whole.arrival)[0] == 30 * DAY and whole.until[2] == whole.about.cutoff
    assert World(moments, unseen=28).log().open.tolist() == [False, True, True, True]
    assert len(World(moments, finished=True).log()) == 2
    assert (World(moments, dates=True).log().time % DAY == 0).all()


def test_a_family_that_files_again_is_one_family():
    world = worlds.made("dismissed and filed again", 200, 1)
    codes, _ = world.attributes["family_id"]
    again = np.flatnonzero(np.bincount(codes)[codes] == 2)
    first, second = again[np.argsort(codes[again], kind="stable")].reshape(-1, 2).T
    assert len(first) > 50 and (world.end[first] < world.begin[second]).all()
    assert (world.begin[second] - world.end[first]).max() <= 20


@pytest.mark.parametrize("shock", [0, 0.3])
@pytest.mark.parametrize("still", worlds.OPEN)
def test_the_true_effect_and_the_share_open(shock, still):
    weeks, _, horizon = worlds.OPEN[still]
    made = [worlds.still_open(np.random.default_rng([5, seed]), 1_000, shock, still) for seed in range(60)]
    watched, share = horizon or 119, np.mean([(w.end >= 7 * w.weeks)[w.begin >= 0].mean() for w in made])
    kept = [np.minimum(w.end - w.begin, watched) for w in made]
    found = [wait[w.begin >= 0].mean() - wait[w.begin < 0].mean() for w, wait in zip(made, kept)]
    assert np.mean(found) == pytest.approx(worlds.true_effect(shock, watched), abs=3 * np.std(found) / np.sqrt(60))
    assert share == pytest.approx(still / 100, abs=0.02)
    assert np.max([w.begin.max() for w in made]) <= 7 * weeks


# ---- how often each is judged rightly: by how much a rate may miss its target in so few logs is that of binomial chance

INDEPENDENT = (
    "no change",
    "no change, luck of months",
    "no change, season, 3 years",
    "no change, season, 1 year",
    "no change, worst quarter before",
    "no change, best month picked",
    "no change, stuck cases cleared",
    "no change, finished cases only",
    "no change, closures of 28 days missing",
    "20% longer",
    "each kind 15% longer, more of the easy kind",
    "six offices, no change",
    "held out: hearing days, no change",
    "held out: growth and holidays, no change",
    "unseen: bursts and two stages, no change",
    "unseen: two paths, no change",
)
QUEUES = (
    "no change, queue .95",
    "no change, queue .98",
    "no change, worst quarter of a queue .95 before",
    "queue .98, 15% fewer cases",
    "queue .95, newest first",
    "queue .98, newest first",
)
COUNTED = (
    "more dismissals",
    "dismissed and filed again",
    "longer pauses, by the service clock",
    "first step moved out of the log",
)
GAINED = ("improved", "improved_for_most")


def kinds(name, size, logs, first=31_000):
    """How often each verdict was given."""
    return Counter(kind(worlds.made(name, size, first + seed)) for seed in range(logs))


def kind(world):
    try:
        return worlds.compared(world).verdict.kind
    except LogError as refusal:  # of a small log with stuck cases
        if "fewer than 9 in 10 had ended" not in str(refusal):
            raise
        return "refused"


def at_most(share, logs):
    """So many of so many logs, but for 1 in 1,000 sets of them, if the true rate is `share`."""
    return stats.binom.ppf(0.999, logs, share)


def at_least(share, logs):
    return stats.binom.ppf(0.001, logs, share)


AS_MEASURED = [
    (INDEPENDENT, 0.015),
    (QUEUES, 0.05),
]  # promised are .05 and .10; the rates of docs/benchmarks_other.md are these


@pytest.mark.parametrize(("names", "share"), AS_MEASURED)
def test_what_did_not_improve_is_seldom_called_improved(names, share):
    found = sum((kinds(name, 200, 8) for name in names), Counter())
    assert sum(found[one] for one in GAINED) <= at_most(share, found.total())


@pytest.mark.slow
@pytest.mark.parametrize(("names", "share"), AS_MEASURED)
def test_what_did_not_improve_is_seldom_called_improved_in_many_logs(names, share):
    found = sum((kinds(name, size, 40, first=32_000) for name in names for size in (50, 200)), Counter())
    assert sum(found[one] for one in GAINED) <= at_most(share, found.total())


def test_half_the_time_is_seen_at_every_size():
    for size, logs in ((50, 30), (200, 20), (1_000, 10)):
        assert kinds("50% shorter", size, logs)["improved"] >= at_least(0.75, logs)


def test_a_fifth_less_time_is_seen_where_there_are_many_cases():
    assert kinds("20% shorter", 1_000, 15)["improved"] >= at_least(0.85, 15)


def test_a_gain_that_is_one_of_counting_is_not_called_improved():
    found = sum((kinds(name, 200, 8) for name in COUNTED), Counter())
    assert sum(found[one] for one in GAINED) <= at_most(0.05, found.total())


def test_the_verdict_that_a_world_is_for():
    expected = {
        "no change, finished cases only": "cannot_judge",
        "no change, 91 days of data": "too_early",
        "queue .98, newest first": "artefact",
        "more dismissals": "faster_different_results",
        "dismissed and filed again": "artefact",
        "longer pauses, by the service clock": "artefact",
        "seven in ten 35% shorter": "improved_for_most",
        "20% longer": "worse",
    }
    for name, usual in expected.items():
        assert kinds(name, 1_000, 5)[usual] >= 3, name
