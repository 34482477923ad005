"""Tables and contexts against hand-made logs and theory: competing exponentials with censoring, memory, trust, tails."""

import subprocess
import sys
from itertools import product

import numpy as np
import pytest
from logs import DAY, START, build
from scipy import stats
from test_simulate import assemble

import procmine
from procmine.kernels import product_limit
from procmine.kernels.sampler import NEVER
from procmine.simulate.tables import Tables, Visits


def tables_of(log, *, stratum=None, kept=None):
    visits = Visits.of(log)
    kinds = np.zeros(len(log), np.int64) if stratum is None else stratum
    return Tables(visits, kinds[visits.case], int(kinds.max()) + 1, np.zeros(visits.steps + 1, bool), kept)


def rows_of(chain, table):
    """Gap in days, cause and chance of each row."""
    low, high = chain.every.first[table : table + 2]
    share = np.diff(np.concatenate(([0.0], chain.every.key[low:high] - table)))
    return chain.every.gap[low:high] / DAY, chain.every.cause[low:high], share


def context_of(tables, *steps):
    """Of these last steps, the latest first."""
    contexts = tables.contexts
    for one in range(len(contexts)):
        back, here = [], one
        while here >= 0:
            back.append(int(contexts.oldest[here]))
            here = int(contexts.shorter[here])
        if back[::-1] == list(steps):
            return one
    return None


def competing(cases, days, seed):
    """In, then Granted after exponential(40) or Withdrawn after exponential(80), whichever is first; seen for `days`."""
    draw = np.random.default_rng(seed)
    arrival = np.sort(draw.random(cases) * days)
    grant, leave = draw.exponential(40, cases), draw.exponential(80, cases)
    end = np.where(grant < leave, 3, 4)  # Paid and Withdrawn end a case
    day = np.stack([np.zeros(cases), np.minimum(grant, leave)], axis=1)
    return assemble(arrival, np.stack([np.zeros(cases), end], axis=1), day, days)


def test_competing_exponentials_are_found_under_censoring():
    """Theory: the gap is exponential(1 / (1/40 + 1/80)) = 26.7 days, 2 in 3 are paid, whatever the gap."""
    log = competing(6_000, 60, 1)
    assert 0.35 < log.open.mean() < 0.5
    tables = tables_of(log)
    gap, cause, share = rows_of(tables.weighed(np.ones(len(log))), context_of(tables, 0))
    rate = 1 / 40 + 1 / 80
    for day in (5, 20, 40):
        assert share[gap <= day].sum() == pytest.approx(stats.expon.cdf(day, scale=1 / rate), abs=0.02)
    assert share[cause == 3].sum() == pytest.approx(2 / 3, abs=0.02)
    assert share[(cause == 3) & (gap <= 10)].sum() == pytest.approx(2 / 3 * (1 - np.exp(-10 * rate)), abs=0.02)
    assert share.sum() == pytest.approx(1)  # past the last watched time the tail goes on


def test_the_tail_goes_on_as_the_last_ones_did():
    """Watched for 60 days only, a mean of 26.7 days is still found; the naive mean of what was seen is far less."""
    means = []
    for seed in range(20):
        log = competing(400, 60, seed)
        tables = tables_of(log)
        gap, _, share = rows_of(tables.weighed(np.ones(len(log))), context_of(tables, 0))
        means.append((gap * share).sum())
    visits = Visits.of(log)
    seen = visits.gap[(visits.recent[0] == 0) & (visits.cause >= 0)] / DAY
    assert seen.mean() < 18
    assert np.mean(means) == pytest.approx(1 / (1 / 40 + 1 / 80), abs=2.5)


def test_who_stays_for_good_does_not_leave_by_the_tail():
    rows = [(f"{case:03}", "In", "2024-01-01") for case in range(90)]
    rows += [(f"{case:03}", "Out", f"2024-01-{2 + case % 9:02}") for case in range(60)]
    tables = tables_of(build(rows, cutoff="2024-12-31", ends=["Out"]))
    gap, _, share = rows_of(tables.weighed(np.ones(90)), context_of(tables, 0))
    assert gap.max() == 9 and share.sum() == pytest.approx(2 / 3)
    (beyond,) = tables.beyond
    assert not beyond.goes_on and beyond.share == pytest.approx(30 / tables.lists.first[tables.contexts.first[1]])


def test_the_product_limit_by_hand():
    """Gaps 1 (out), 2 (open), 3 (out), 4 (out): shares gone 1/4, 1/4 + 3/4 x 1/2 = 5/8, 1."""
    rows = [(f"{case}", "In", f"2024-01-{day:02}") for case, day in enumerate((1, 29, 1, 1))]
    rows += [(f"{case}", "Out", f"2024-01-{day:02}") for case, day in ((0, 2), (2, 4), (3, 5))]
    tables = tables_of(build(rows, cutoff="2024-01-30", ends=["Out"]))
    gap, _, share = rows_of(tables.weighed(np.ones(4)), context_of(tables, 0))
    np.testing.assert_allclose(gap, [1, 3, 4])
    np.testing.assert_allclose(np.cumsum(share), [1 / 4, 5 / 8, 1])
    gap, _, share = rows_of(tables.weighed(np.array([2.0, 1, 1, 0])), context_of(tables, 0))
    np.testing.assert_allclose(np.cumsum(share), [2 / 4, 1, 1])


def test_compiled_and_plain_forms_give_the_same_bits():
    """In a process of its own, for loading the compiler changes which form is used here."""
    lines = """
import numpy as np
from procmine.kernels import jit_tables, product_limit
draw = np.random.default_rng(0)
for weight in (draw.poisson(1, 5_000).astype(float), draw.random(5_000)):
    edges = np.concatenate(([0], np.sort(draw.choice(np.arange(1, 5_000), 300, replace=False)), [5_000]))
    ends = np.repeat(edges[1:], np.diff(edges))
    last = edges[1::2][1:] - 1
    plain = product_limit.hazards_numpy(weight, ends, last)
    assert (plain == jit_tables.hazards(weight, ends, last)).all()
    assert (product_limit.gone_shares_numpy(plain, edges) == jit_tables.gone_shares(plain, edges)).all()
print("same")
"""
    pytest.importorskip("numba")
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    assert done.stdout == "same\n"
    by_hand = product_limit.gone_shares_numpy(np.array([0.5, 0.5, 0.25]), np.array([0, 2, 3]))
    assert by_hand.tolist() == [0.5, 0.75, 0.25]


# ---- memory ----


def third_order(cases, seed):
    """Six steps A or B each; from the fourth on each equals the one three before it; the end X or Y by the same rule."""
    draw = np.random.default_rng(seed)
    rows = []
    for case in range(cases):
        path = [str(one) for one in draw.choice(["A", "B"], 3)]
        path += [path[0], path[1], path[2]]
        path.append({"A": "X", "B": "Y"}[path[3]])
        rows += [(f"{case:04}", step, f"2024-01-{day:02}") for day, step in enumerate(path, start=1)]
    return build(rows, cutoff="2024-12-31", ends=["X", "Y"])


def test_memory_of_order_three_is_kept():
    log = third_order(400, 1)
    paths = set(procmine.variants(procmine.fit(log).simulate(seed=1, cases=800)).frame["variant"])
    true = set()
    for a, b, c in product("AB", repeat=3):
        true.add(" → ".join((a, b, c, a, b, c, {"A": "X", "B": "Y"}[a])))
    assert paths == true


def test_a_longer_memory_that_tells_nothing_is_not_trusted():
    """Steps drawn independently: what lies before the last step tells nothing; that it came is told of by chance alone."""
    draw = np.random.default_rng(3)
    rows = []
    for case in range(500):
        path = [str(one) for one in draw.choice(["A", "B", "C"], 8, p=[0.5, 0.3, 0.2])] + ["End"]
        rows += [(f"{case:04}", step, f"2024-01-{day:02}") for day, step in enumerate(path, start=1)]
    tables = tables_of(build(rows, cutoff="2024-12-31", ends=["End"]))
    contexts = tables.contexts
    middle = np.flatnonzero((contexts.length == 3) & (contexts.oldest != contexts.steps))
    node = contexts.node[2]
    went = np.bincount(node[node >= 0], minlength=len(contexts))[middle]
    assert np.average(tables.trust[middle], weights=went) < 0.4
    alike = tables_of(third_order(400, 1))
    deep = context_of(alike, 0, 1, 0)
    assert deep is not None and alike.trust[deep] == 1.0  # B before A before ..: the next step is certain


def test_contexts_need_visits_and_know_their_place():
    log = third_order(100, 2)
    tables = tables_of(log)
    contexts = tables.contexts
    support = np.bincount(contexts.longest[Visits.of(log).cause >= 0], minlength=len(contexts))
    assert len(contexts.first) - 1 == 6
    for one in range(contexts.first[1], len(contexts)):
        shorter = contexts.shorter[one]
        assert contexts.length[one] == contexts.length[shorter] + 1 and contexts.last[one] == contexts.last[shorter]
    assert support.sum() == (Visits.of(log).cause >= 0).sum()
    # walking the log's own steps through `follow` leads to each visit's longest context
    visits = tables.visits
    for visit in range(1, 60):
        if visits.case[visit] == visits.case[visit - 1]:
            assert contexts.follow[contexts.longest[visit - 1], visits.recent[0][visit]] == contexts.longest[visit]


def test_a_context_whose_cases_have_no_weight_is_not_drawn_from():
    log = third_order(400, 1)
    tables = tables_of(log)
    weight = np.ones(len(log))
    visits = tables.visits
    deep = context_of(tables, 0, 1, 0)
    weight[visits.case[tables.contexts.node[2] == deep]] = 0
    chain = tables.weighed(weight)
    assert chain.trust[0, deep] == 0 and chain.trust[0, chain.shorter[deep]] >= 0
    assert (chain.trust[0, chain.shorter < 0] == 1).all()


def test_a_stratum_has_tables_of_its_own_where_it_has_enough():
    days = (5, 25)
    rows = [(f"{case:03}", "In", "2024-01-01") for case in range(70)]
    rows += [(f"{case:03}", "Out", f"2024-01-{1 + days[case % 2 if case < 60 else 0]:02}") for case in range(70)]
    log = build(rows, cutoff="2024-12-31", ends=["Out"])
    stratum = np.array([case % 2 if case < 60 else 2 for case in range(70)])
    tables = tables_of(log, stratum=stratum)
    chain = tables.weighed(np.ones(70))
    here = context_of(tables, 0)
    assert set(rows_of(chain, chain.table[0, here])[0]) == {5} and set(rows_of(chain, chain.table[1, here])[0]) == {25}
    assert set(rows_of(chain, chain.table[2, here])[0]) == {5, 25}  # 10 cases: too few, drawn from all
    weight = np.where(stratum == 0, 0.0, 1.0)
    none = tables.weighed(weight)
    assert none.table[0, here] == here  # in a draw without any of its cases, too


def test_left_out_stays_do_not_count():
    rows = [(f"{case:03}", "In", "2024-01-01") for case in range(40)]
    rows += [(f"{case:03}", "Out", f"2024-01-{6 if case < 20 else 11:02}") for case in range(40)]
    log = build(rows, cutoff="2024-12-31", ends=["Out"])
    tables = tables_of(log, kept=Visits.of(log).case >= 20)
    gap, _, share = rows_of(tables.weighed(np.ones(40)), context_of(tables, 0))
    assert set(gap) == {10} and share.sum() == pytest.approx(1)


def test_gaps_run_on_the_clock_of_the_step():
    from procmine.kernels.operational import Clocks

    hours = np.tile(np.repeat([0.0, 1.0], [12, 12]), 400)  # runs from noon to midnight, twice as fast
    clocks = Clocks(START, np.stack([np.arange(9_601) * 3.6e9, np.concatenate(([0], np.cumsum(hours))) * 7.2e9]))
    log = assemble(np.array([0.25]), np.array([[0, 1, 3]]), np.array([[0, 0.5, 1.5]]), 30.0)
    visits = Visits.of(log, clocks=clocks, clock=np.array([1, 0, 0, 0, 0, 0, 0]))
    # In at 6 h, Checked at 18 h: from noon to 6 pm the clock runs 6 hours at twice the pace; then the calendar
    np.testing.assert_allclose(visits.gap[1:] / DAY, [0.5, 1.0, 0.0], atol=1e-9)


def test_open_cases_count_up_to_where_they_are():
    log = assemble(np.array([0.0, 1.0]), np.array([[0, 1], [0, 1]]), np.array([[0, 5], [0, np.nan]]), 30.0)
    visits = Visits.of(log)
    waiting = visits.cause < 0
    assert waiting.sum() == 2 and set(np.rint(visits.gap[waiting] / DAY)) == {25, 29}
    assert (visits.until - visits.begin == visits.gap).all()
    assert visits.gap.max() < NEVER


def test_contexts_are_told_apart_by_when_where_the_same_step_always_comes_next():
    """After the second step the same one always comes: as soon whatever came first, or 5 times as late after one of them."""
    for slower, apart in ((1.0, False), (5.0, True)):
        trusted = []
        for seed in range(20):
            draw = np.random.default_rng([seed, 9])
            by_x = draw.random(300) < 0.5
            gap = draw.exponential(np.where(by_x, slower, 1.0))
            step = np.stack((np.where(by_x, 2, 0), np.full(300, 1), np.full(300, 3)), axis=1)
            day = np.stack((np.zeros(300), np.ones(300), 1 + gap), axis=1)
            tables = tables_of(assemble(np.sort(draw.random(300) * 100), step, day, 400))
            contexts = tables.contexts
            two = [k for k in range(contexts.first[1], contexts.first[2]) if contexts.last[k] == 1]
            assert {int(contexts.oldest[k]) for k in two} == {0, 2}
            trusted.append(tables.trust[two])
        assert (np.mean(trusted) > 0.95) == apart and (np.mean(trusted) < 0.25) == (not apart)


def test_who_is_late_is_not_taken_to_stay_for_good():
    """All leave, after lognormal times; where the last ones are only open still, hardly ever are they said to stay."""
    stays = 0
    for seed in range(150):
        draw = np.random.default_rng([seed, 10])
        gap = 40 * np.exp(0.6 * draw.normal(size=250) - 0.18)
        step = np.stack((np.zeros(250), np.full(250, 3)), axis=1)
        tables = tables_of(assemble(np.sort(draw.random(250) * 224), step, np.stack((np.zeros(250), gap), axis=1), 224))
        stays += any(not one.goes_on for one in tables.beyond)
    assert stays <= 3  # 0 now; 9 where 3 expected ones that do not come were enough
