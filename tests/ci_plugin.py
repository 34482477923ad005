"""Where everything must be there (PROCMINE_CI is set), a skipped test is a failed test; long files of tests begin first."""

import json
import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

ELSEWHERE = "only on "  # a reason that begins so names another system: the one skip that is no gap here
SECONDS = Path(__file__).with_name("seconds.json")  # file of tests -> seconds; written with --write-seconds
UNKNOWN = 20.0  # a file that has not been timed
# Files that share a fixture of the session, so that it is made once: the file it is taken from, by the one that takes it.
TOGETHER = {"test_paper_reports.py": "test_publish_report.py"}


def refuse(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure that repeats its reason; expected failures (xfail) are not skips."""
    if not os.environ.get("PROCMINE_CI") or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if ELSEWHERE not in reason:
        report.outcome = "failed"
        report.longrepr = f"skipped, and skips count as failures in CI: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    report = yield
    refuse(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    report = yield
    refuse(report)
    return report


# ---- which tests stay together, and which begin first (with --dist loadfile)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-seconds", action="store_true", help=f"write the seconds of each file to {SECONDS.name}")


def known() -> dict[str, float]:
    return dict(json.loads(SECONDS.read_text(encoding="utf-8"))) if SECONDS.is_file() else {}


def group_of(file: str) -> str:
    """Tests of a file share what its fixtures and caches hold, so one worker runs them all."""
    return TOGETHER.get(file, file)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: none is left to the end, where the other worker would wait; tests of a file keep their order."""
    took, seconds = known(), Counter[str]()
    for file in {item.path.name for item in items}:
        seconds[group_of(file)] += took.get(file, UNKNOWN)
    group = {item: group_of(item.path.name) for item in items}
    items.sort(key=lambda item: (-seconds[group[item]], group[item]))


class ByGroup(LoadFileScheduling):
    """Hands out groups in the order of collection."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return group_of(Path(super()._split_scope(nodeid)).name)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByGroup | None:
    return ByGroup(config, log) if config.getvalue("dist") == "loadfile" else None


class Timed:
    """Adds up the seconds of each file of tests and writes them down when all are done."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[Path(report.location[0]).name] += report.duration

    def pytest_sessionfinish(self) -> None:
        whole = Counter(known() | {name: round(seconds, 1) for name, seconds in self.seconds.items()})
        SECONDS.write_text(json.dumps(dict(whole.most_common()), indent=1) + "\n", encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--write-seconds") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Timed())
