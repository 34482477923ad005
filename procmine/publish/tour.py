"""The demo: the whole loop on the synthetic sample, and a page that begins with its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import procmine
from procmine import sample_files, samples
from procmine.draw.workbook import write_workbook
from procmine.find.time.bottlenecks import bottlenecks
from procmine.load.door import read
from procmine.log import EventLog, LogError
from procmine.proof.compare import Comparison, compare
from procmine.publish.brief import brief, things
from procmine.publish.demo import demo_page
from procmine.publish.notebooks import Report, run_report
from procmine.publish.page import Link
from procmine.publish.plans.plan import Plan
from procmine.results import Result
from procmine.see.maps import process_map
from procmine.see.survival import Survival
from procmine.see.times import time_between
from procmine.simulate.fit import fit
from procmine.simulate.forecast import Forecast, forecast
from procmine.simulate.policy import Policy
from procmine.words import Message

FROM, TO = "Petition filed", "Court order issued"
LAST_BEFORE = "2025-10-05"  # the day before the pilot of the sample began
SEED = 7
PARAMETERS = {"03": {"start": FROM, "stop": TO, "group": "office"}, "04": {"words": Message("tour.policy").say()}}


@dataclass(frozen=True)
class Demo:
    """The page, and what went wrong on the way; empty if nothing did."""

    page: Path
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Answers:
    """What the page tells."""

    wait: Survival
    forecast: Forecast
    comparison: Comparison
    shown: dict[str, Result]


def run_demo(folder: Path, *, say: Callable[[Message], None]) -> Demo:
    """Read the sample, answer, run the notebooks as reports, and write `folder/index.html` with links to it all."""
    folder.mkdir(parents=True, exist_ok=True)
    say(Message("tour.read"))
    log = _sample(folder)
    say(Message("tour.answer"))
    told = _answers(log)
    files = _files(log, told, folder)
    reports = []
    for number, notebook in enumerate(found := notebooks(), 1):
        say(Message("tour.report", {"number": number, "of": len(found), "name": notebook.stem}))
        reports.append(run_report(notebook, PARAMETERS.get(notebook.stem[:2], {}), folder))
    listed = [*files, *(_link(report, folder) for report in reports)]
    page = demo_page(
        folder / "index.html",
        wait=told.wait,
        forecast=told.forecast,
        answers=told.shown,
        things=things(log.about),
        listed=listed,
    )
    return Demo(page, tuple(problem for report in reports for problem in report.problems))


def notebooks() -> list[Path]:
    """The notebooks that come with procmine, in their order."""
    folder = Path(procmine.__file__).parents[1] / "notebooks"
    found = sorted(folder.glob("[0-9]*.ipynb"))
    if not found:
        raise LogError(f"The notebooks are not there: {folder.name}/ beside the package is empty or missing.")
    return found


def _sample(folder: Path) -> EventLog:
    """The sample's log: as it lies beside the package, else generated."""
    spec = Path(procmine.__file__).parents[1] / "event_logs" / "child_support.yaml"
    if not spec.is_file():
        sample_files.write(folder / "event_logs")
        spec = folder / "event_logs" / "child_support.yaml"
    log = read(spec)
    assert isinstance(log, EventLog)
    return log


def _answers(log: EventLog) -> Answers:
    words = Message("tour.policy").say()
    policy = Policy(words, words=words).set_delay(TO, days=1).where(contested="no")
    comparison = compare(log, change=samples.CHANGE, where={"office": samples.PILOT}, start=FROM, stop=TO)
    shown = {
        Message("tour.map").say(): process_map(log, show="median", steps=10, mark=(FROM, TO)),
        Message("tour.places").say(): bottlenecks(log),
        Message("tour.compared", {"office": samples.PILOT}).say(): comparison,
    }
    model = fit(log, asof=LAST_BEFORE)
    return Answers(time_between(log, FROM, TO), forecast(model, policy, outcome="paid", seed=SEED), comparison, shown)


def _files(log: EventLog, told: Answers, folder: Path) -> list[Link]:
    """The brief, the map as pictures, and one workbook of all answers."""
    plan = Path(procmine.__file__).parents[1] / "plans" / "consent_orders_north.yml"
    of: Any = {"plan": Plan.read(plan)} if plan.is_file() else {"comparison": told.comparison}
    written = brief(log, forecast=told.forecast, **of)
    for suffix in ("pdf", "html"):
        written.save(folder / f"brief.{suffix}")
    whole = process_map(log)
    for suffix in ("png", "svg", "pdf"):
        whole.save(folder / f"map.{suffix}")
    results: Sequence[Result] = (told.wait, told.forecast, *told.shown.values())
    write_workbook([one.sheet() for one in results], Message("sheet.definitions").say(), folder / "tables.xlsx")
    return [
        Link(Message("tour.brief").say(), "brief.pdf", also={"HTML": "brief.html"}),
        Link(Message("tour.whole").say(), "map.png", also={"SVG": "map.svg", "PDF": "map.pdf"}),
        Link(Message("tour.tables").say(), "tables.xlsx"),
    ]


def _link(report: Report, folder: Path) -> Link:
    def path(file: Path) -> str:
        return file.relative_to(folder.resolve()).as_posix()

    also = {"notebook": path(report.notebook), "Excel": path(report.workbook)}
    return Link(report.page.stem.replace("_", " "), path(report.page), also=also)
