"""Control charts: how often each signals by chance; interrupted series: how often the ranges hold the truth."""

from __future__ import annotations

import sys

import numpy as np
from scipy.stats import binomtest

from procmine.kernels.chart_rules import limits, signals
from procmine.kernels.false_signals import alarms, chance, drawn, signalled
from procmine.kernels.segmented import fit, terms
from procmine.proof.charts.stretches import choose, judge

DRAWS = 20_000


def said(hits: int, of: int) -> str:
    ends = binomtest(hits, of).proportion_ci(0.95)
    return f"{hits / of:.3f} ({ends.low:.3f} to {ends.high:.3f})"


def false_signals() -> None:
    print("| 24 unchanged points | XmR, NHS rules | residual chart | Anhoej runs |\n|---|---|---|---|")
    skewed = np.random.default_rng(1).lognormal(0, 0.5, (DRAWS, 24))
    worlds = {"normal": drawn(DRAWS, 24, 0.0, 1), "autocorrelation .3": drawn(DRAWS, 24, 0.3, 1),
              "autocorrelation .6": drawn(DRAWS, 24, 0.6, 1), "skewed (lognormal, sd of logs .5)": skewed}  # fmt: skip
    for name, series in worlds.items():
        cells = [said(int(signalled(kind, series).sum()), DRAWS) for kind in ("xmr", "residual", "run")]
        print(f"| {name} | {' | '.join(cells)} |")


def chosen(points: int, draws: int = 1_500) -> None:
    print(
        f"\n| {points} points | chart chosen by the data signals | always XmR | chosen most often |\n|---|---|---|---|"
    )
    draw = np.random.default_rng(2)
    steps = np.arange(points) >= points // 2
    worlds = {
        "unchanged, normal": drawn(draws, points, 0.0, 2),
        "unchanged, autocorrelation .3": drawn(draws, points, 0.3, 2),
        "unchanged, autocorrelation .6": drawn(draws, points, 0.6, 2),
        "unchanged, lognormal (sd of logs .5)": 10 * np.log(draw.lognormal(0, 0.5, (draws, points))),
        "unchanged, lognormal (sd of logs .8)": 10 * np.log(draw.lognormal(0, 0.8, (draws, points))),
        "a jump of 1.5 sd half way, on no record": drawn(draws, points, 0.0, 3) + 1.5 * steps,
        "a jump of 3 sd half way, on no record": drawn(draws, points, 0.0, 3) + 3 * steps,
    }
    for name, series in worlds.items():
        series = np.exp(series / 10) if "lognormal" in name else 100 + 10 * series
        kinds = [choose([one], np.full(points, 50), "time", None) for one in series]
        hits = sum(bool((judge(one, kind, 0, np.inf).signal != "").any()) for one, kind in zip(series, kinds))
        plain = int(signals(series, limits(series)).any(axis=(1, 2)).sum())
        names = [kind.kind for kind in kinds]
        most = max(set(names), key=names.count)
        print(f"| {name} | {said(hits, draws)} | {said(plain, draws)} | {most} ({names.count(most) / draws:.0%}) |")


def watching() -> None:
    print(
        "\n| points before | autocorrelation | points to the first false alarm | one or more in 24 |\n|---|---|---|---|"
    )
    for base in (12, 24, 36):
        for rho in (0.0, 0.3, 0.6):
            found = alarms(base, rho)
            print(f"| {base} | {rho} | {found.run_length:.0f} | {found.within:.2f} |")


def coverage(draws: int) -> None:
    print(
        f"\n| points (half before) | autocorrelation | level held | slope held | width of level, in sd | {draws} series |"
    )
    print("|---|---|---|---|---|---|")
    level, slope = np.eye(4)[2], np.eye(4)[3]
    for points, gap in ((24, 0), (24, 3), (36, 0), (60, 0)):
        for rho in (0.0, 0.3, 0.6):
            time = np.arange(points + gap)
            kept = (time < points // 2) | (time >= points // 2 + gap)
            design, held, wide = terms(time, points // 2 + gap)[kept], np.zeros(2, int), 0.0
            for series in drawn(draws, points + gap, rho, 7):
                found = fit(time[kept], series[kept], design)
                ends = [found.range(one) for one in (level, slope)]
                held += [low < 0 < high for low, high in ends]
                wide += (ends[0][1] - ends[0][0]) / draws
            name = f"{points}{f', {gap} left out between' if gap else ''}"
            print(
                f"| {name} | {rho} | {said(int(held[0]), draws)} | {said(int(held[1]), draws)} | {wide:.1f} | |",
                flush=True,
            )


if __name__ == "__main__":
    if "coverage" in sys.argv:
        coverage(int(sys.argv[-1]))
    else:
        false_signals()
        chosen(24)
        chosen(36)
        watching()
        print("\nchance() for 24 points:", chance("xmr", (24,), 0.0), chance("run", (24,), 0.0))
