"""How well offices beside each other tell a change: `python benchmarks/offices.py [LOGS]`, for docs/benchmarks_other.md."""

import sys
from pathlib import Path

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import worlds_offices as worlds

FIRST = 70_000  # seeds on which nothing was tried before
ONE = {
    "independent": {"common": 0.0, "own": 0.0},
    "common shocks": {"common": 0.15, "own": 0.0},
    "common and own shocks": {},
    "the same, 3 offices": {"sizes": (1,) * 3},
    "the same, 2 offices": {"sizes": (1,) * 2},
    "the same, 12 offices": {"sizes": (1,) * 12},
    "the same, 20 offices": {"sizes": (1,) * 20},
    "the same, -20% everywhere on that day": {"jump": 0.8},
    "the same, a large office": {"sizes": (4, 2, 1, 1, 0.5, 0.3)},
    "the same, a small office": {"sizes": (0.5, 2, 2, 1, 1, 0.5)},
    "the same, 1 year before, half a year since": {"weeks": (52, 26)},
    "the same, 1 year before, 8 weeks since": {"weeks": (52, 8)},
    "the same, 1 case a week": {"a_week": 1.0},
    "the same, 20 cases a week": {"a_week": 20.0},
    "own shocks that last (.5)": {"memory": 0.5},
    "own shocks that last (.8)": {"memory": 0.8},
    "large own shocks that last (.2, .8)": {"own": 0.2, "memory": 0.8},
    "offices that wander (3% a month)": {"drift": 0.03},
}


def rejects(low, high):
    return low > 0 or high < 0


def by_case(whole, before):
    """Whether a test of cases as if independent says that something changed."""
    sides = [whole[:, :before].sum(axis=1), whole[:, before:].sum(axis=1)]
    sides = [np.stack((side[0], side[1:].sum(axis=0))) for side in sides]
    means = [side[:, 1] / side[:, 0] for side in sides]
    error = sum(((side[:, 2] / side[:, 0] - mean**2) / side[:, 0]).sum() for side, mean in zip(sides, means))
    found = np.subtract(*(means[1] - means[0]))
    return abs(found) > 1.96 * np.sqrt(error)


def by_cluster(whole, before):
    """The same with errors clustered by office (t with offices less one), offices and months as fixed effects."""
    offices, weeks = whole.shape[:2]
    office, week = np.divmod(np.arange(offices * weeks), weeks)
    month = np.where(week < before, week // 4, (week - before) // 4 + before // 4 + 1)
    cell = office * (month.max() + 1) + month
    count, total = (np.bincount(cell, whole[..., column].ravel()) for column in (0, 1))
    used = np.flatnonzero(count)
    office, month = np.divmod(used, month.max() + 1)
    on = ((office == 0) & (month > before // 4)).astype(float)
    value, rest, count = total[used] / count[used], fixed_effects_off(on, office, month, count[used]), count[used]
    found = (rest * count) @ value / ((rest * count) @ rest)
    left = fixed_effects_off(value - found * on, office, month, count)
    scores = np.bincount(office, rest * count * left)
    parameters = offices + len(np.unique(month))
    inflated = offices / (offices - 1) * (len(used) - 1) / (len(used) - parameters)
    error = np.sqrt(inflated * (scores @ scores)) / ((rest * count) @ rest)
    return abs(found / error) > stats.t.ppf(0.975, offices - 1)


def fixed_effects_off(values, office, week, weight):
    """What a weighted regression on offices and weeks leaves of the values."""
    design = np.column_stack(
        [office == one for one in np.unique(office)] + [week == one for one in np.unique(week)[1:]]
    )
    design = design.astype(float)
    return values - design @ np.linalg.solve(design.T @ (design * weight[:, None]), design.T @ (weight * values))


def line(name, logs):
    world = ONE[name]
    weeks = world.get("weeks", (104, 52))
    none, alone, case, cluster, holds, twenty, fifty, width, off = ([] for _ in range(9))
    for seed in range(FIRST, FIRST + logs):
        found, _, whole = worlds.one_change(seed, **world)
        none.append(rejects(found.low, found.high))
        width.append(found.high - found.low)
        other = worlds.permuted(whole, weeks)
        alone.append(rejects(other.low, other.high))
        case.append(by_case(whole, weeks[0]))
        cluster.append(by_cluster(whole, weeks[0]))
        found, truth, _ = worlds.one_change(seed, times=0.8, **world)
        holds.append(found.low <= truth <= found.high)
        off.append(found.value - truth)
        twenty.append(found.high < 0)
        fifty.append(worlds.one_change(seed, times=0.5, **world)[0].high < 0)
    ends = stats.binomtest(int(sum(none)), logs).proportion_ci(0.95)
    shares = " | ".join(f"{np.mean(one):.3f}" for one in (alone, cluster, case, holds, twenty, fifty))
    wide = f"{np.median(width):.1f} | {np.mean(off):+.1f}"
    return f"| {name} | {np.mean(none):.3f} ({ends.low:.3f} to {ends.high:.3f}) | {shares} | {wide} |"


STAGGERED = {
    "3 of 6 offices change, in weeks 80, 100, 115": (80, 100, 115, None, None, None),
    "5 of 6, in weeks 80 to 120": (80, 90, 100, 110, 120, None),
    "all 4, in weeks 80 to 125": (80, 95, 110, 125),
}


def staggered_line(name, kind, world, logs):
    found = [worlds.staggered(seed, STAGGERED[name], kind, **world) for seed in range(FIRST, FIRST + logs)]
    holds = [effect.low <= truth <= effect.high for effect, truth, _ in found]
    less = [effect.high < 0 for effect, _, _ in found]
    off = [effect.value - truth for effect, truth, _ in found]
    both = [two_way(weeks) - truth for _, truth, weeks in found]
    width = np.median([effect.high - effect.low for effect, _, _ in found])
    truth = np.mean([truth for _, truth, _ in found])
    figures = f"{truth:+.1f} | {np.mean(off):+.2f} | {np.mean(both):+.2f} | {np.mean(holds):.3f} | {np.mean(less):.3f}"
    return f"| {name} | {kind} | {'lasting' if world else 'months alone'} | {figures} | {width:.1f} |"


def two_way(weeks):
    """What a regression with fixed effects of offices and weeks says of the same weeks."""
    used = (weeks.untouched | weeks.since) & (weeks.cases > 0)
    office, week = np.nonzero(used)
    count = weeks.cases[used]
    rest = fixed_effects_off(weeks.since[used].astype(float), office, week, count)
    return (rest * count) @ (weeks.sums[..., 1][used] / count) / ((rest * count) @ rest)


if __name__ == "__main__":
    logs = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    heads = (
        "world",
        "no change: this",
        "permutation alone",
        "clustered",
        "by case",
        "-20%: holds the truth",
        "-20% found",
    )
    print("|", " | ".join((*heads, "-50% found", "width, days", "off, days")), "|")
    print("|---" * 10 + "|")
    for name in ONE:
        print(line(name, logs), flush=True)
    print("\n| changes | effect | own shocks | truth, days | off | off, two-way | holds the truth | shorter | width |")
    print("|---" * 9 + "|")
    for name in STAGGERED:
        for world in ({}, {"memory": 0.8}):
            for kind in ("none", "at once", "grows"):
                print(staggered_line(name, kind, world, logs // 4), flush=True)
