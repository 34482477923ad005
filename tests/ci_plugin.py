"""Where everything must be there (PROCMINE_CI is set), a skipped test is a failed test."""

import os
from collections.abc import Generator
from typing import Any

import pytest

ELSEWHERE = "only on "  # a reason that begins so names another system: the one skip that is no gap here


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
