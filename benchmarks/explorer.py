"""How large a live map is, how long it takes to make and to open, and to answer each control: python benchmarks/explorer.py

Logs: the sample, the road fines and building permits of ../shared/data where they are, and a made one of 100 steps and a
million events. Chromium, headless, no network; milliseconds from the reader's act until the page is drawn anew.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

import procmine

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
HOUR = 3_600_000_000
ACTS = """() => {
  const took = {};
  const run = (name, act) => {
    const begin = performance.now();
    act();
    document.body.getBoundingClientRect();
    took[name] = Math.round(performance.now() - begin);
  };
  const slide = (id, value) => {
    const input = document.getElementById(id);
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const steps = Number(document.getElementById('explorer-slider-steps').max);
  run('fewer steps', () => slide('explorer-slider-steps', Math.max(1, Math.round(steps / 2))));
  run('all steps', () => slide('explorer-slider-steps', steps));
  run('arrows 50', () => slide('explorer-slider-paths', 50));
  run('arrows 95', () => slide('explorer-slider-paths', 95));
  run('half within', () => document.querySelector('input[value=half]').click());
  run('a filter', () => document.querySelector('.add button').click());
  run('a step', () => document.querySelector('.box').dispatchEvent(new MouseEvent('click', { bubbles: true })));
  run('paths', () => document.getElementById('tab-paths').click());
  document.getElementById('tab-map').click();
  return took;
}"""
FRAMES = """() => new Promise((done) => {
  const frames = [];
  const begin = performance.now();
  const frame = (now) => {
    frames.push(now);
    if (now - begin < 3000) return requestAnimationFrame(frame);
    const gaps = frames.slice(1).map((one, at) => one - frames[at]).sort((one, two) => one - two);
    return done([gaps[Math.floor(gaps.length * 0.5)], gaps[Math.floor(gaps.length * 0.95)]]);
  };
  requestAnimationFrame(frame);
})"""


def hundred_steps(path: Path, cases: int = 90_000, seed: int = 4) -> Path:
    """About a million events; cases walk on among 100 steps, with skips and returns."""
    draw = np.random.default_rng(seed)
    length = np.clip(draw.poisson(9, cases) + 2, 2, 40)
    offset = np.concatenate(([0], np.cumsum(length)))
    n = int(offset[-1])
    first = np.zeros(n, bool)
    first[offset[:-1]] = True
    move = np.where(first, 0, draw.choice([1, 1, 1, 1, 2, 5, 11, -3], n))
    walked = np.cumsum(move)
    begin = np.repeat(draw.choice([0, 0, 0, 7, 30], cases), length)
    step = (walked - np.repeat(walked[offset[:-1]], length) + begin) % 100
    gap = draw.gamma(0.6, 40 * HOUR * (1 + step % 5), n).astype(np.int64)
    start = np.datetime64("2022-01-01", "us").astype(np.int64) + draw.integers(0, 3 * 365 * 24 * HOUR, cases)
    run = np.cumsum(np.where(first, 0, gap))
    time_of = run - np.repeat(run[offset[:-1]] - start, length)
    case = np.repeat(np.arange(cases), length)
    columns = {
        "case_id": pa.array([f"C{one:06}" for one in case]),
        "activity": pa.array([f"Step {one:02} of the process" for one in step]),
        "timestamp": pa.array(time_of.astype("M8[us]")),
        "region": pa.array([f"Region {one % 12:02}" for one in case]),
    }
    parquet.write_table(pa.table(columns), path)
    return path


def measured(source: Path, folder: Path, browser: Any) -> dict[str, Any]:
    log = procmine.read(source)
    begin = time.perf_counter()
    page = procmine.explore(log).save(folder / "map.html")
    made = time.perf_counter() - begin
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    tab = context.new_page()
    begin = time.perf_counter()
    tab.goto(page.as_uri())
    tab.wait_for_selector("html.live", timeout=120_000)
    opened = time.perf_counter() - begin
    acts = tab.evaluate(ACTS)
    tab.get_by_role("button", name="Play").click()
    usual, slow = tab.evaluate(FRAMES)
    heap = tab.evaluate("performance.memory.usedJSHeapSize / 1e6")
    context.close()
    size = page.stat().st_size / 1e6
    counts = {"cases": len(log), "events": len(log.time), "steps": len(log.about.activities)}
    return {
        **counts,
        "MB": size,
        "made s": made,
        "opened s": opened,
        **acts,
        "frame": usual,
        "slow": slow,
        "heap MB": heap,
    }


def main() -> None:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        folder = Path(name)
        sources = {
            "the sample": ROOT / "event_logs" / "child_support.csv",
            "road fines": SHARED / "rtfm" / "traffic_fines_full.csv.gz",
            "building permits": SHARED / "bpic15" / "BPIC15_1.xes.gz",
            "made, 100 steps": hundred_steps(folder / "made.parquet"),
        }
        rows = {name: measured(path, folder, browser) for name, path in sources.items() if path.exists()}
        browser.close()
    heads = list(next(iter(rows.values())))
    print(f"| log | {' | '.join(heads)} |\n|---|{'---:|' * len(heads)}")
    for name, row in rows.items():
        print(
            f"| {name} | {' | '.join(f'{row[head]:,.0f}' if row[head] >= 10 else f'{row[head]:.1f}' for head in heads)} |"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    print(json.dumps({"peak MB of Python": round(peak)}), file=sys.stderr)


if __name__ == "__main__":
    main()
