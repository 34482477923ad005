"""Every public function on 10,000 events, first and second call, in fresh processes: python benchmarks/small.py [WORD ...]

Two logs: 10,000 events of the made-up child support log (attributes, a spec, voices, plans, changes), and the real one of
8,577 events of ../shared/data where that is. First: after `import procmine` and reading the log; the time that libraries
take to be imported in that call (scipy, matplotlib, pm4py ...) is told apart. Processor seconds of the process and of
those it started. With words: only the calls whose names hold one of them.
"""

from __future__ import annotations

import csv
import importlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("PROCMINE_SHARED_DATA", ROOT.parent / "shared" / "data"))
EVENTS = 10_000
LIMIT = 1.0
LOG = "log = procmine.read('event_logs/child_support.yaml')"
STARTED = "log = procmine.read('started.csv', columns=procmine.Columns(start='start'), ends='every case')"
REAL = "log = procmine.read('receipt.csv.gz', ends='every case')"
POLICY = (
    "policy = procmine.Policy('fast').where(contested='no').set_delay('Court order issued', days=1);"
    "other = procmine.Policy.read('policies/fewer_returns.yml')"
)
MODEL = f"{LOG}; {POLICY}; model = procmine.fit(log)"
PLAN = f"{LOG}; plan = procmine.Plan.read('plans/consent_orders_north.yml')"
TOLD = f"{PLAN}; told = procmine.compare(log, change=procmine.changes('changes.yml')['consent-orders'])"
STUDY = "start='Petition filed', stop='Court order issued'"

# Kept by no call of their own: what the calls below take, made at once, and what is not of a log.
VALUES = {
    **dict.fromkeys(("Calendar", "OfficeHours", "WorkingTime", "Standard", "Counting", "Measure", "Columns"), "value"),
    **dict.fromkeys(("Milestone", "first", "last", "EVERY_CASE", "LogError", "Change", "Measured", "Changes"), "value"),
    **dict.fromkeys(("Effort", "Target", "Takes", "Explorer", "Ledger", "Policy", "Plan"), "value"),
    "Database": "needs a server",
    **dict.fromkeys(("read_spark", "on_spark"), "needs Spark"),
    "add_month": "not measured yet",
}

# name -> (what is there before, the call). A name is a public one, with a word on what of it.
CALLS: dict[str, tuple[str, str]] = {
    "read CSV with a spec": ("", "procmine.read('event_logs/child_support.yaml')"),
    "read CSV": ("", "procmine.read('plain.csv')"),
    "read Parquet": ("", "procmine.read('plain.parquet')"),
    "read XES": ("", "procmine.read('plain.xes')"),
    "read Excel": ("", "procmine.read('plain.xlsx')"),
    "read JSON lines": ("", "procmine.read('plain.jsonl')"),
    "read a frame": (f"{LOG}; import pandas; frame = pandas.read_csv('plain.csv')", "procmine.read(frame)"),
    "read a saved folder": (f"{LOG}; procmine.save(log, 'saved')", "procmine.read('saved')"),
    "write CSV": (LOG, "procmine.write(log, new('.csv'))"),
    "write Parquet": (LOG, "procmine.write(log, new('.parquet'))"),
    "write XES": (LOG, "procmine.write(log, new('.xes'))"),
    "save": (LOG, "procmine.save(log, new(''))"),
    "save four shards": (LOG, "procmine.save(log, new(''), shards=4)"),
    "shard": ("", "procmine.shard('plain.csv', new(''))"),
    "compact": ("folder = new(''); procmine.shard('plain.csv', folder)", "procmine.compact(folder)"),
    "directly_follows": (LOG, "procmine.directly_follows(log)"),
    "load_report": (LOG, "procmine.load_report(log)"),
    "quality": (LOG, "procmine.quality(log)"),
    "log card": (LOG, "log._repr_html_()"),
    "log.between": (LOG, "log.between('2024-01-01', '2024-12-31')"),
    "log.where": (LOG, "log.where({'office': 'North'})"),
    "log.having": (LOG, "log.having('Dismissed')"),
    "log.not_having": (LOG, "log.not_having('Dismissed')"),
    "log.beginning_with": (LOG, "log.beginning_with('Application received')"),
    "log.only_activities": (LOG, "log.only_activities(['Petition filed', 'Court order issued'])"),
    "log.by_stages": (LOG, "log.by_stages()"),
    "log.cut_to": (LOG, "log.cut_to('2025-12-31')"),
    "log.sample": (LOG, "log.sample(cases=100, seed=1)"),
    "log.with_case_attribute": (LOG, "log.with_case_attribute('unit', rule='last')"),
    "office_hours": (LOG, "procmine.office_hours(log)"),
    "service_clock": (LOG, "procmine.service_clock(log)"),
    "flow": (LOG, "procmine.flow(log)"),
    "flow by office": (LOG, "procmine.flow(log, by=['office'])"),
    "flow in office hours": (LOG, "procmine.flow(log, clock=procmine.office_hours(log))"),
    "handovers": (LOG, "procmine.handovers(log, 'unit')"),
    "rework": (LOG, "procmine.rework(log)"),
    "rework_cost": (LOG, "procmine.rework_cost(log, of='unit')"),
    "variants": (LOG, "procmine.variants(log)"),
    "process_map": (LOG, "procmine.process_map(log)"),
    "process_map to PNG": (LOG, "procmine.process_map(log).save(new('.png'))"),
    "process_map of waits to PDF": (LOG, "procmine.process_map(log, show='median').save(new('.pdf'))"),
    "cycle_times": (LOG, "procmine.cycle_times(log)"),
    "cycle_times by office, month": (LOG, "procmine.cycle_times(log, by=['office'], period='month')"),
    "step_times": (LOG, "procmine.step_times(log)"),
    "time_between": (LOG, "procmine.time_between(log, 'Petition filed', 'Court order issued')"),
    "case_times": (LOG, "procmine.case_times(log, 'Petition filed', 'Court order issued')"),
    "time_distribution": (LOG, "procmine.time_distribution(log)"),
    "survival": (LOG, "procmine.survival(log)"),
    "survival by office": (LOG, "procmine.survival(log, by=['office'])"),
    "outcomes": (LOG, "procmine.outcomes(log)"),
    "mean_within": (LOG, "procmine.mean_within(log, horizon=180)"),
    "waiting_now": (LOG, "procmine.waiting_now(log)"),
    "pending_cases": (LOG, "procmine.pending_cases(log)"),
    "happy_path": (LOG, "procmine.happy_path(log, outcome='paid')"),
    "staged_flow": (LOG, "procmine.staged_flow(log)"),
    "week_heatmap": (LOG, "procmine.week_heatmap(log)"),
    "dotted_chart": (LOG, "procmine.dotted_chart(log)"),
    "performance_spectrum": (LOG, "procmine.performance_spectrum(log)"),
    "service_times": (LOG, "procmine.service_times(log)"),
    "service_cases": (LOG, "procmine.service_cases(log)"),
    "activity_times": (STARTED, "procmine.activity_times(log)"),
    "case_work": (STARTED, "procmine.case_work(log)"),
    "case_parts": (STARTED, "procmine.case_parts(log)"),
    "event_times": (STARTED, "procmine.event_times(log)"),
    "causes": (STARTED, "procmine.causes(log)"),
    "unexplained_waits": (STARTED, "procmine.unexplained_waits(log)"),
    "bottlenecks": (LOG, "procmine.bottlenecks(log)"),
    "bottlenecks, printed": (LOG, "str(procmine.bottlenecks(log))"),
    "bottlenecks by office": (LOG, "procmine.bottlenecks(log, by=['office'])"),
    "bottlenecks in two windows": (
        LOG, "procmine.bottlenecks(log, window=('2025-01-01', '2025-12-31'), clock=procmine.office_hours(log))"),
    "drivers": (LOG, "procmine.drivers(log, step='Court order issued')"),
    "drivers of the whole case": (LOG, "procmine.drivers(log)"),
    "sessions": (LOG, "procmine.sessions(log, by=['office'])"),
    "hearings": (LOG, "procmine.hearings(log, 'Hearing continued')"),
    "first_time_right": (LOG, "procmine.first_time_right(log, returned='Application returned')"),
    "missing_items": (LOG, "procmine.missing_items(log, returned='Application returned')"),
    "consistency": (LOG, "procmine.consistency(log, 'office')"),
    "procedure": (LOG, "procmine.procedure(log, 'event_logs/child_support_procedure.txt')"),
    "quick_wins": (LOG, "procmine.quick_wins(log)"),
    "if_step_took": (LOG, "procmine.if_step_took(log, 'Court order issued', days=1)"),
    "if_step_took as in the best office": (LOG, "procmine.if_step_took(log, 'Court order issued', best='office')"),
    "voice": (LOG, "procmine.voice(log)"),
    "voice_by_wait": (LOG, "procmine.voice_by_wait(log)"),
    "staff_ranking": (LOG, "procmine.staff_ranking(log)"),
    "standards": (LOG, "procmine.standards(log, 'standards.yaml')"),
    "late_cases": (LOG, "procmine.late_cases(log, 'standards.yaml')"),
    "at_risk": (LOG, "procmine.at_risk(log, 'standards.yaml')"),
    "breaches": (LOG, "procmine.breaches(log, 'standards.yaml')"),
    "near_limit": (LOG, "procmine.near_limit(log, 'standards.yaml')"),
    "promise": (LOG, "procmine.promise(log)"),
    "kept_promises": (LOG, "procmine.kept_promises(log)"),
    "caseload": (LOG, "procmine.caseload(log)"),
    "measure": (LOG, "procmine.measure(log, 'measures.yaml')"),
    "standard_templates": ("", "procmine.standard_templates()"),
    "copy_template": ("", "procmine.copy_template('us_child_support', new('.yaml'))"),
    "compare": (LOG, "procmine.compare(log, change=procmine.changes('changes.yml')['consent-orders'])"),
    "compare two logs": (
        "before, after = (procmine.read(f'{name}.csv', ends='every case') for name in ('older', 'newer'))",
        "procmine.compare(before, after)"),
    "event_study": (
        LOG, f"procmine.event_study(log, change='2025-10-06', where={{'office': 'North'}}, control='office', {STUDY})"),
    "control_chart": (LOG, "procmine.control_chart(log, where={'office': 'North'})"),
    "control_chart of backlog": (
        LOG, "procmine.control_chart(log, of='backlog', changes=procmine.changes('changes.yml'))"),
    "interrupted_series": (
        LOG, "procmine.interrupted_series(log, change='2025-10-06', where={'office': 'North'}, period='week', horizon=126)"),
    "map_difference": (LOG, "procmine.map_difference(log, change='2025-10-06', where={'office': 'North'})"),
    "changes": ("", "procmine.changes('changes.yml')"),
    "plan_size": (LOG, "procmine.plan_size(log, where={'office': 'North'}, wanted='20%', more='office')"),
    "watch": (LOG, "procmine.watch(log, 'changes.yml')"),
    "check_plan": (LOG, "procmine.check_plan(log, 'plans/consent_orders_north.yml')"),
    "check_plan to PDF": (LOG, "procmine.check_plan(log, 'plans/consent_orders_north.yml').save(new('.pdf'))"),
    "portfolio": ("", "procmine.portfolio('plans')"),
    "portfolio to PDF": ("", "procmine.portfolio('plans').save(new('.pdf'))"),
    "fit": (LOG, "procmine.fit(log)"),
    "fit, diagnosed": (LOG, "procmine.fit(log).diagnose()"),
    "forecast": (MODEL, "procmine.forecast(model, policy, seed=7)"),
    "scenarios": (
        MODEL, "procmine.scenarios(model, [policy, other], target='half within 180 days', seed=7)"),
    "needed": (MODEL, "procmine.needed(model, 'Court order issued', target='half within 180 days', seed=7)"),
    "sensitivity": (MODEL, "procmine.sensitivity(model, policy, seed=7)"),
    "cheapest_first": (MODEL, "procmine.cheapest_first([policy, other], log.about)"),
    "validate": (LOG, "procmine.validate(log, seed=1)"),
    "predict": (MODEL, "procmine.predict(model, policy, change='2026-12-01', seed=7)"),
    "keep_score": (
        f"{LOG}; {POLICY}", "procmine.keep_score(new('.jsonl'), log, policy, change='2026-12-01', seed=7)"),
    "how_good": ("", "procmine.how_good('ledger.jsonl')"),
    "ledger_page": ("", "procmine.ledger_page('ledger.jsonl', new('.html'))"),
    "this_month": (LOG, "procmine.this_month(log)"),
    "against": (LOG, "procmine.against(log)"),
    "explore": (LOG, "procmine.explore(log)"),
    "explore to a page": (LOG, "procmine.explore(log).save(new('.html'))"),
    "explore in a notebook": (LOG, "procmine.explore(log)._repr_mimebundle_()"),
    "brief": (PLAN, "procmine.brief(log, plan=plan)"),
    "brief to PDF": (PLAN, "procmine.brief(log, plan=plan).save(new('.pdf'))"),
    "slides": (TOLD, "procmine.slides(log, plan=plan, comparison=told)"),
    "slides to a file": (TOLD, "procmine.slides(log, plan=plan, comparison=told).save(new('.pptx'))"),
    "huddle": (LOG, "procmine.huddle(log, step='Court order issued')"),
    "huddle to PDF": (LOG, "procmine.huddle(log, step='Court order issued').save(new('.pdf'))"),
    "run_report 03_find_bottlenecks": (
        "report = 'notebooks/03_find_bottlenecks.ipynb'",
        "procmine.run_report(report, {'source': 'event_logs/child_support.yaml'}, new(''))"),
    "models.process_tree": (LOG, "procmine.models.process_tree(log)"),
    "models.petri_net": (LOG, "procmine.models.petri_net(log)"),
    "models.bpmn": (LOG, "procmine.models.bpmn(log)"),
    "models.bpmn to PNG": (LOG, "procmine.models.bpmn(log).save(new('.png'))"),
    "models.to_pm4py": (LOG, "procmine.models.to_pm4py(log)"),
}  # fmt: skip
OF_ALL = [
    "flow",
    "rework",
    "variants",
    "process_map",
    "cycle_times",
    "step_times",
    "time_distribution",
    "survival",
    "waiting_now",
    "pending_cases",
    "happy_path",
    "staged_flow",
    "week_heatmap",
    "dotted_chart",
    "performance_spectrum",
    "bottlenecks",
    "drivers",
    "sessions",
    "quick_wins",
    "promise",
    "kept_promises",
    "caseload",
    "control_chart",
    "quality",
    "load_report",
    "fit",
    "validate",
    "this_month",
    "explore",
    "brief",
    "slides",
    "huddle",
]
REALS = {  # of the real log: all that asks for no names, and a few that do
    **{f"{name}, real": (REAL, f"procmine.{name}(log)") for name in OF_ALL if name not in ("validate", "huddle")},
    "validate, real": (REAL, "procmine.validate(log, seed=1)"),
    "huddle, real": (REAL, "procmine.huddle(log, step='T06 Determine necessity of stop advice')"),
    "read CSV.gz, real": ("", "procmine.read('receipt.csv.gz', ends='every case')"),
    "read Parquet, real": ("", "procmine.read('receipt.parquet', ends='every case')"),
    "read XES.gz, real": ("", "procmine.read('receipt.xes.gz', ends='every case')"),
    "process_map to PNG, real": (REAL, "procmine.process_map(log).save(new('.png'))"),
    "explore to a page, real": (REAL, "procmine.explore(log).save(new('.html'))"),
    "brief to PDF, real": (REAL, "procmine.brief(log).save(new('.pdf'))"),
    "consistency, real": (REAL, "procmine.consistency(log, 'channel')"),
    "handovers, real": (REAL, "procmine.handovers(log, 'org:resource')"),
    "compare, real": (REAL, "procmine.compare(log, change='2011-05-01')"),
    "models.bpmn, real": (REAL, "procmine.models.bpmn(log)"),
    "models.process_tree, real": (REAL, "procmine.models.process_tree(log)"),
    "forecast, real": (
        f"{REAL}; model = procmine.fit(log); "
        "policy = procmine.Policy('fast').set_delay('T06 Determine necessity of stop advice', days=1)",
        "procmine.forecast(model, policy, seed=7)"),
}  # fmt: skip


def prepare(folder: Path) -> None:
    """10,000 events of the sample and all that is read beside it; the real log."""
    for name in ("policies", "plans", "event_logs", "notebooks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("outputs", ".ipynb*"))
    sample = folder / "event_logs" / "child_support.csv"
    with sample.open(encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))
    kept = _some([row[0] for row in rows])
    here = [row for row in rows if row[0] in kept]
    _write(sample, head, here)
    _write(folder / "plain.csv", head, here)
    first = {row[0]: row[3] for row in reversed(here)}  # of each case, its earliest row
    for name, newer in (("older", False), ("newer", True)):
        extract = [row for row in here if (first[row[0]] >= "2025-04-01") is newer and (newer or row[3] < "2025-04-01")]
        _write(folder / f"{name}.csv", head, extract)
    voice = sample.with_name("child_support_voice.csv")
    with voice.open(encoding="utf-8", newline="") as file:
        said, *contacts = list(csv.reader(file))
    of_staff = [
        ["2024-03-01", "", step, "staff", "office", "slow", ""] for step in ("Court order issued", "Case opened")
    ]
    _write(voice, said, [*(row for row in contacts if row[1] in kept), *of_staff * 9])
    _write(folder / "started.csv", ["case", "activity", "start", "timestamp", "resource"], _started(head, here))
    (folder / "changes.yml").write_bytes((folder / "event_logs" / "child_support_changes.yml").read_bytes())
    (folder / "measures.yaml").write_text(
        "title: Ours\nmeasures:\n- {name: To the order, from: Petition filed, to: Court order issued, unit: days, "
        "good: lower, target: 60}\n",
        encoding="utf-8",
    )
    for form in ("csv.gz", "parquet", "xes.gz"):
        if (real := SHARED / "receipt_coselog" / f"receipt.{form}").is_file():
            shutil.copy(real, folder / f"receipt.{form}")
    _other_forms(folder, [head, *here])


def _some(cases: list[str]) -> set[str]:
    """Cases by lot, until they have 10,000 events."""
    count: dict[str, int] = {}
    for one in cases:
        count[one] = count.get(one, 0) + 1
    drawn = sorted(count)
    random.Random(1).shuffle(drawn)
    kept: set[str] = set()
    events = 0
    while events < EVENTS:
        events += count[drawn[len(kept)]]
        kept.add(drawn[len(kept)])
    return kept


def _write(path: Path, head: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def _started(head: list[str], rows: list[list[str]]) -> list[list[str]]:
    """The timed events by a person, each with a beginning up to an hour before its end."""
    at = {name: place for place, name in enumerate(head)}
    draw = random.Random(2)
    made = []
    for row in rows:
        stamp = row[at["timestamp"]]
        if not row[at["staff"]] or len(stamp) < 16:
            continue
        when = time.strptime(stamp[:16].replace("T", " "), "%Y-%m-%d %H:%M")
        begun = time.localtime(time.mktime(when) - 60 * draw.randint(1, 60))
        moments = [time.strftime("%Y-%m-%d %H:%M:%S", one) for one in (begun, when)]
        made.append([row[at["case_id"]], row[at["activity"]], *moments, row[at["staff"]]])
    return made


def _other_forms(folder: Path, rows: list[list[str]]) -> None:
    """The same as Parquet, XES, Excel and JSON lines; a standard file and a ledger with one forecast."""
    import openpyxl

    import procmine

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("log")
    for row in rows:
        sheet.append(row)
    book.save(folder / "plain.xlsx")
    lines = [json.dumps(dict(zip(rows[0], row))) for row in rows[1:]]
    (folder / "plain.jsonl").write_text("\n".join(lines), encoding="utf-8")
    log: Any = procmine.read(folder / "event_logs" / "child_support.yaml")
    procmine.write(log, folder / "plain.xes")
    procmine.write(log, folder / "plain.parquet")
    procmine.copy_template("us_child_support", folder / "standards.yaml")
    policy = procmine.Policy("fast").where(contested="no").set_delay("Court order issued", days=1)
    procmine.keep_score(folder / "ledger.jsonl", log, policy, change="2026-12-01", seed=7)


@contextmanager
def imports() -> Iterator[dict[str, float]]:
    """Processor seconds that each library took to be imported, the outermost one counted, those of procmine not."""
    took: dict[str, float] = {}
    bootstrap: Any = importlib._bootstrap  # type: ignore[attr-defined]
    plain: Callable[..., Any] = bootstrap._find_and_load
    within: list[str] = []

    def timed(name: str, importer: Any) -> Any:
        top = name.split(".")[0]
        if within or top in ("procmine", "__main__") or name in sys.modules:
            return plain(name, importer)
        within.append(name)
        begun = time.process_time()
        try:
            return plain(name, importer)
        finally:
            within.pop()
            took[top] = took.get(top, 0) + time.process_time() - begun

    bootstrap._find_and_load = timed
    try:
        yield took
    finally:
        bootstrap._find_and_load = plain


def _spent() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def measure(name: str) -> dict[str, Any]:
    """One call, twice, in this process."""
    import procmine

    def new(ending: str) -> Path:
        return Path(tempfile.mkdtemp(dir="new")) / f"made{ending}"

    before, call = (CALLS | REALS)[name]
    held: dict[str, Any] = {"procmine": procmine, "new": new}
    exec(before, held)
    found: dict[str, Any] = {"name": name}
    for nth in ("first", "second"):
        with imports() as took:
            begun, wall = _spent(), time.perf_counter()
            try:
                eval(call, held)
            except (ValueError, OSError) as error:
                found["refused"] = f"{type(error).__name__}: {error}"
            found[nth], found[f"{nth}_wall"] = _spent() - begun, time.perf_counter() - wall
        if nth == "first":
            found["imports"] = took
    return found


def fresh(folder: Path, name: str) -> dict[str, Any]:
    """The same in a process of its own."""
    words = [sys.executable, str(Path(__file__).resolve()), "--one", name]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"name": name, "failed": done.stderr.strip().splitlines()[-1]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def told(found: list[dict[str, Any]]) -> Iterator[str]:
    """A Markdown table, the slowest first, and what is not in it."""
    measured = sorted((one for one in found if "failed" not in one), key=lambda one: -own(one))
    yield "| call | first, libraries aside | libraries | second | wall, first | wall, second | libraries loaded |"
    yield "|---|---|---|---|---|---|---|"
    for one in measured:
        libraries = sorted(one["imports"].items(), key=lambda pair: -pair[1])
        names = ", ".join(f"{name} {took:.2f}" for name, took in libraries if took >= 0.02)
        mark = " (refused)" if "refused" in one else ""
        times = [own(one), sum(one["imports"].values()), one["second"], one["first_wall"], one["second_wall"]]
        yield f"| {one['name']}{mark} | {' | '.join(f'{took:.2f}' for took in times)} | {names} |"
    over = [one["name"] for one in measured if max(own(one), one["second"]) > LIMIT]
    yield f"\n{len(measured)} calls; over {LIMIT:g} s: {', '.join(over) or 'none'}."
    for one in found:
        if "failed" in one or "refused" in one:
            yield f"- {one['name']}: {one.get('failed', one.get('refused'))}"


def _say(one: dict[str, Any]) -> bool:
    """Each as it comes, beside the table: all of them take minutes."""
    print(one["name"], one.get("failed") or f"{one['first']:.2f} {one['second']:.2f}", file=sys.stderr, flush=True)
    return True


def own(one: dict[str, Any]) -> float:
    return float(one["first"] - sum(one["imports"].values()))


def missing() -> set[str]:
    """Public names that no call has."""
    import procmine

    return set(procmine.NAMES) - {name.split(" ")[0].rstrip(",") for name in CALLS} - set(VALUES)


def main(words: list[str]) -> None:
    if absent := missing():
        raise SystemExit(f"Neither called nor said to be a value: {', '.join(sorted(absent))}.")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "new").mkdir()
        prepare(folder)
        there = CALLS | (REALS if (folder / "receipt.csv.gz").is_file() else {})
        names = [name for name in there if not words or any(word in name for word in words)]
        found = [one for name in names if _say(one := fresh(folder, name))]
    if not words:
        values = [f"`{name}`" for name, why in VALUES.items() if why == "value"]
        print(f"Not called alone, as they are made at once from their arguments: {', '.join(values)}.")
        print(
            "Not called:", ", ".join(f"`{name}` ({why})" for name, why in VALUES.items() if why != "value"), end=".\n\n"
        )
    print("\n".join(told(found)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(sys.argv[2])))
    else:
        main(sys.argv[1:])
