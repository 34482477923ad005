"""Every public function that takes a log, given one in a folder: the answer of the log in memory, or how to get that."""

import inspect
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import procmine
from procmine.log import LogError
from procmine.models import __dict__ as models
from procmine.results import Result
from procmine.scale.shards import save

ROOT = Path(__file__).resolve().parents[1]
MONTH = {"change": "2023-06-01"}
STANDARD = {"standards": [procmine.Standard("s", "Start", "any end", 90)]}
ARGUMENTS = {  # what a function needs beside the log
    "missing_items": {"returned": "Order"},
    "first_time_right": {"returned": "Order"},
    "if_step_took": {"step": "Order"},
    "quick_wins": {},
    "drivers": {"step": "Order"},
    **dict.fromkeys(("standards", "late_cases", "at_risk", "breaches", "near_limit"), STANDARD),
    "measure": {"measures": [procmine.Measure("m", "Start", "Order", target=60)]},
    "hearings": {"step": "Order"},
    "consistency": {"office": "office"},
    **dict.fromkeys(("interrupted_series", "map_difference"), MONTH),
    "compare": MONTH,
    "plan_size": MONTH,
    "handovers": {"of": "unit"},
    "mean_within": {"horizon": 90},
    "watch": {"changes": ROOT / "event_logs" / "child_support_changes.yml"},
    "check_plan": {"plan": ROOT / "plans" / "consent_orders_north.yml"},
    "case_times": {"start": "Start", "stop": "End"},
    "time_between": {"start": "Start", "stop": "End"},
    "validate": {"seed": 1},
    "event_study": {"change": "2023-06-01", "where": {"office": "North"}, "control": "office"},
}
PATHS = {"procedure": "written", "write": "path", "against": "file", "save": "folder"}


def takes_a_log(function):
    return inspect.isfunction(function) and next(iter(inspect.signature(function).parameters), "") == "log"


FUNCTIONS = {name: getattr(procmine, name) for name in sorted(procmine.NAMES) if takes_a_log(getattr(procmine, name))}
FUNCTIONS |= {
    f"models.{name}": one
    for name, one in sorted(models.items())
    if not name.startswith("_") and takes_a_log(one) and one.__module__ == "procmine.models"
}


@pytest.fixture(scope="module")
def logs(office, tmp_path_factory):
    """The same in memory and in four shards, with starts and who did it."""
    log = office.between("2022-06-01", "2023-06-01")
    log = replace(log, start=log.time - 3_600_000_000, about=replace(log.about, history=()))
    return log, save(log, tmp_path_factory.mktemp("api") / "log", shards=4)


def asked(function, name, log, folder):
    """The answer, or the error."""
    given = dict(ARGUMENTS.get(name, {}))
    needed = [one.name for one in inspect.signature(function).parameters.values() if one.default is one.empty]
    if PATHS.get(name) in needed:
        given[PATHS[name]] = folder / f"{name}-{type(log).__name__}.csv"
    try:
        return function(log, **given)
    except ValueError as error:
        return error


def alike(one, two):
    """Counts exactly; lengths of time within the error of the grid."""
    assert list(one) == list(two)
    for name in one:
        here, there = one[name], two[name]
        if here.dtype.kind in "mf":
            here, there = (column.astype(np.float64) for column in (here, there))
            np.testing.assert_allclose(here, there, rtol=0.005, equal_nan=True, err_msg=name)
        else:
            np.testing.assert_array_equal(here, there, err_msg=name)


def held_to(function, name, whole, parts, folder):
    """The rule of this test; also for logs on a cluster."""
    there = asked(function, name, parts, folder)
    if isinstance(there, LogError) and "log.sample(cases=" in str(there):
        return
    here = asked(function, name, whole, folder)
    assert type(there) is type(here), there
    if isinstance(here, Result):
        alike(here.rows, there.rows)
        assert here.sentences() == there.sentences()
    elif isinstance(here, ValueError):
        assert str(here) == str(there)
    else:
        assert str(here) == str(there)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_answers_of_a_folder_as_of_memory_or_says_how_to_get_a_sample(name, logs, tmp_path):
    held_to(FUNCTIONS[name], name, *logs, tmp_path)


def test_most_functions_of_a_folder_do_answer(logs, tmp_path):
    answered = [name for name in FUNCTIONS if isinstance(asked(FUNCTIONS[name], name, logs[1], tmp_path), Result)]
    assert len(answered) >= 20, answered
