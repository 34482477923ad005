"""A run as Markdown: aims, every question with every tool, memory-bandwidth limits, simulators; for docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from benchmarks.suite.drive import Run
from benchmarks.suite.environments import ROOT
from benchmarks.suite.plan import (
    COMMANDS,
    LOADS,
    OURS,
    QUESTIONS,
    SMALL_LIMIT,
    TARGET_EVENTS,
    TOOLS,
)  # fmt: skip
from benchmarks.suite.targets import Found, Measured, Verdict, found_in, verdicts

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- bench: begin, written by `python run.py bench` -->", "<!-- bench: end -->"


def machine() -> str:
    """Processor, cores and memory: nothing that names a place."""
    model = platform.processor() or platform.machine()
    cpus = Path("/proc/cpuinfo")
    if cpus.exists():
        lines = [
            line.split(":", 1)[1].strip() for line in cpus.read_text().splitlines() if line.startswith("model name")
        ]
        model = lines[0] if lines else model
    memory = ""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = f", {os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB"
    system = f"{platform.system()} {platform.machine()}"
    return f"{system}, {model}, {os.cpu_count()} cores{memory}, Python {platform.python_version()}"


def seconds(value: float) -> str:
    """With three figures, or milliseconds."""
    if value < 0.1:
        return f"{1000 * value:.3g} ms"
    return f"{value:.3g} s" if value < 100 else f"{value:,.0f} s"


def times(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.2g}" if value < 1 else f"{value:.1f}"


def written(run: Run) -> str:
    found = found_in(run.cells)
    parts = [head(run, found), aims(run, found), table(run, found), limits(run, found), simulators(found), notes(found)]
    return "\n\n".join(part for part in parts if part) + "\n"


def head(run: Run, found: Found) -> str:
    rounds = sorted({one.rounds for one in found.measured.values()})
    said = f"{rounds[0]} to {rounds[-1]}" if len(rounds) > 1 else f"{rounds[0] if rounds else 0}"
    versions = ", ".join(f"{name} {version}" for name, version in sorted(found.versions.items()))
    stopped = f" Stopped {run.facts['stopped']}." if "stopped" in run.facts else ""
    left = sorted({one.environment for one in TOOLS.values()} - set(run.pythons))
    peers = f" Without the environments {', '.join(left)}: their tools were not asked." if left else ""
    return (
        f"Measured {run.facts.get('begun', '?')} to {run.facts.get('ended', '?')} UTC, {said} rounds by "
        f"turns. {machine()}. "
        f"{versions}.{stopped}{peers}\n\n"
        f"The log: {run.facts.get('rows', run.events):,} events (`benchmarks/generate.py {run.events} FILE "
        f"{run.seed}`); where a "
        "question says so, a tenth or a hundredth of it. Load: on average "
        f"{run.facts.get('load_average', '?')} processes wanted the cores before the run (2 or more: a busy machine)."
    )


def aims(run: Run, found: Found) -> str:
    lines = ["### Aims", "| question | against | aimed at | measured | |", "|---|---|---|---|---|"]
    lines += [_aim(one, found) for one in verdicts(found)]
    lines.append(_small(run))
    size = (
        ""
        if run.events == TARGET_EVENTS
        else f"\n\nThe aims are for {TARGET_EVENTS:,} events; this run had {run.events:,}."
    )
    return "\n".join(lines) + size


def _aim(one: Verdict, found: Found) -> str:
    target = one.target
    memory = target.of == "memory"
    aimed = (
        "-"
        if target.factor is None
        else f"{target.factor:g} of its memory"
        if memory
        else f"{target.factor:g} times as fast"
    )
    kind = {"library": "the fastest process-mining library", "by hand": "the fastest written by hand"}[target.against]
    kind = "the library that needs least memory" if memory else kind
    said = QUESTIONS[target.question].said
    if one.ratio is None:
        return f"| {said} | {kind} | {aimed} | not measured | - |"
    differs = found.differs.get((target.question, one.best), "")
    told = f"{times(one.ratio)} ({TOOLS[one.best].said}{'; its answer ' + differs if differs else ''})"
    return f"| {said} | {kind} | {aimed} | {told} | {'reported' if one.met is None else 'met' if one.met else '**missed**'} |"


def _small(run: Run) -> str:
    said = f"| every question of a log of 10,000 events | the clock | at most {SMALL_LIMIT:g} s after import |"
    small = run.facts.get("small")
    if not small:
        return f"{said} not measured here: `python run.py bench small` | - |"
    met = "met" if not small["over"] else "**missed**"
    over = ", ".join(small["over"]) or "none"
    return f"{said} {small['calls']} calls, the slowest {small['slowest']}; over it: {over} | {met} |"


def table(run: Run, found: Found) -> str:
    """One row per question and tool."""
    lines = [
        "### Every question",
        "Seconds: of loads and whole commands those of one fresh process, else of a warm call (the middle of "
        "a process's repeated "
        "calls, then of the rounds; least and most of the rounds in brackets). First: the first call. Fresh: "
        "from the start of the "
        "process to the first answer, with imports and loading. MiB: the most that the process held until then.",
        "",
        "| question | tool | seconds | times procmine's | first | fresh | MiB | answer |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for question, one in QUESTIONS.items():
        for tool in one.tools:
            lines += _row(question, tool, found)
    return "\n".join(lines)


def _row(question: str, tool: str, found: Found) -> list[str]:
    said = {1.0: "", 0.1: ", a tenth of the events", 0.01: ", a hundredth of the events"}[QUESTIONS[question].size]
    name = (
        f"{QUESTIONS[question].said}{said}" if tool == OURS and question not in COMMANDS else QUESTIONS[question].said
    )
    name = name if tool == OURS else ""
    one, ours = found.measured.get((question, tool)), found.measured.get((question, OURS))
    if one is None:
        why = found.failed.get((question, tool))
        return [f"| {name} | {TOOLS[tool].said} | - | - | - | - | - | not measured: {clean(why)} |"] if why else []
    spread = f" ({seconds(min(one.seconds))} to {seconds(max(one.seconds))})" if len(one.seconds) > 1 else ""
    ratio = "1" if tool == OURS else times(one.middle / ours.middle) if ours else "-"
    grouped = question in ("keep_attribute", "keep_step", "keep_dates", "bottlenecks", "map", "alpha")
    fresh = "-" if grouped else seconds(one.fresh)
    first = "" if question in LOADS or question in COMMANDS else seconds(one.first)
    memory = "-" if one.mib is None or grouped else f"{one.mib:,.0f}"
    answer = "" if tool == OURS else found.differs.get((question, tool), "not compared") or "equal"
    return [
        f"| {name} | {TOOLS[tool].said} | {seconds(one.middle)}{spread} | {ratio} | {first} | {fresh} | "
        f"{memory} | {answer} |"
    ]


def clean(text: str) -> str:
    """An error in one cell of a table, without paths."""
    return " ".join(word if "/" not in word and "\\" not in word else "..." for word in text.replace("|", " ").split())[
        :160
    ]


def limits(run: Run, found: Found) -> str:
    """How far each of our questions is from reading its bytes once."""
    speed = run.facts.get("bandwidth")
    rows = run.facts.get("rows")
    cases = run.facts.get("cases")
    if not (speed and rows and cases):
        return ""
    lines = [
        "### Distance to the limit of memory",
        f"One thread reads {speed['read']:.1f} GB/s here (numpy's sum of {speed['MiB']:,} MiB; copying moves "
        f"{speed['copy']:.1f}). The "
        "limit is the time in which the bytes that the question needs by its definition (codes of steps 1 "
        "byte an event, times 8; of a "
        f"case its place 8, arrival and end 16, flags 1) are read once: {rows:,} events, {cases:,} cases.",
        "",
        "| question | MB to be read | limit | procmine | times the limit |",
        "|---|---|---|---|---|",
    ]
    for question, one in QUESTIONS.items():
        measured: Measured | None = found.measured.get((question, OURS))
        if measured and (one.events or one.cases):
            size = one.events * rows + one.cases * cases
            limit = size / speed["read"] / 1e9
            lines.append(
                f"| {one.said} | {size / 1e6:,.3g} | {seconds(limit)} | {seconds(measured.middle)} | "
                f"{times(measured.middle / limit)} |"
            )
    return "\n".join(lines)


def simulators(found: Found) -> str:
    if OURS not in found.rates:
        return ""
    lines = [
        "### Simulation with queues",
        "Five stations, two servers each, load 0.8 (`benchmarks/simulation_speed.py`); activity instances in "
        "a second of processor "
        "time. Waits must be those of theory (within 4 standard errors) or the run counts as failed. "
        "Prosimos writes every event, "
        "SimPy keeps every wait; procmine keeps every event and turn, or figures only.",
        "",
        "| tool | instances a CPU-second | procmine, every event: times as fast | figures only | mean wait, "
        "h (theory) |",
        "|---|---|---|---|---|",
    ]
    middle = {tool: sorted(one["rate"] for one in runs)[len(runs) // 2] for tool, runs in found.rates.items()}
    only = sorted(one["rate_figures_only"] for one in found.rates[OURS])[len(found.rates[OURS]) // 2]
    for tool in sorted(middle, key=lambda one: middle[one]):
        ratios = "1 | " if tool == OURS else f"{middle[OURS] / middle[tool]:,.0f} | {only / middle[tool]:,.0f}"
        last = found.rates[tool][-1]
        lines.append(
            f"| {TOOLS[tool].said} | {middle[tool]:,.0f} | {ratios} | {last['wait']:.2f} ({last['theory']:.2f}) |"
        )
    lines.append(f"| procmine, figures only | {only:,.0f} | | 1 | |")
    return "\n".join(lines)


def notes(found: Found) -> str:
    return (
        "What is compared. Every answer is written and compared with procmine's before its time stands here; "
        "where it differs the row says "
        "how. pm4py and pl4pm have no counts in their performance graphs and no p95. Bottlenecks of peers "
        "are the total times of their "
        "performance graph: no ranges, ranks or trends. Maps are compared in that a picture was made, not in "
        "what it shows: procmine's is "
        "laid out to be read on a page, theirs shows every arrow. pl4pm remembers answers by the log's id: "
        "forgotten before each call. pm4py on "
        "polars gets a table held in memory. lifelines gets lengths prepared by hand and gives the curve "
        "with its own range; procmine's "
        "ranges are by entry weeks. Heuristics and alpha are pm4py's own code on procmine's counts. The "
        "variants of polars and duckdb are "
        "stored when the table is enriched (in their time to load), so that only counting them is left. One "
        "machine, files in memory."
    )


def publish(run: Run, page: Path = PAGE) -> None:
    """Put the report between the marks of the page."""
    text = page.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise SystemExit(f"{page.name} has no marks for the report: {BEGIN} and {END}")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    partial = page.with_name(f".{page.name}.partial")
    partial.write_text(f"{before}{BEGIN}\n\n{written(run)}\n{END}{after}", encoding="utf-8")
    partial.replace(page)


def cell_count(run: Run) -> dict[str, Any]:
    return {"cells": len(run.cells), "failed": sum("error" in one for one in run.cells.values())}
