"""Every file of the shared data: read with the rows, cases and steps that plain counting finds, or refused for a reason.

Truth: Python's csv module, sqlite3, json and the number of <event> tags; ../shared/data/README.md for the published counts.
"""

import csv
import gzip
import re

import pytest

import procmine
from procmine.load.columns import find_roles
from tests.shared_logs import NO_LOG, SAID, files, is_log

PUBLISHED = {  # cases, events as the README counts them: rows, where starts and completions are joined
    "bpic12/BPI_Challenge_2012.xes.gz": (13_087, 262_200),
    "bpic13/BPI_Challenge_2013_closed_problems.xes.gz": (1_487, 6_660),
    "bpic20/DomesticDeclarations.xes.gz": (10_357, None),
    "bpic20/PrepaidTravelCost.xes.gz": (2_007, None),
    "sepsis/Sepsis_4TU_original.xes.gz": (1_050, 15_214),
    "insurance/insurance.xes.gz": (1_182, None),
    "rtfm/traffic_fines_full.csv.gz": (150_370, 561_470),
    "receipt_coselog/receipt.csv.gz": (1_434, 8_577),
    "loanapp_agentsim/LoanApp.csv.gz": (1_000, 7_492),
    "knockouts_synth/synthetic_example_enriched.csv.gz": (3_000, 22_905),
    "dirty_bpic15/BPIC15-Distorted.csv.gz": (1_196, 29_621),
    "ocel/ocel_order_simulated.csv": (2_000, None),
}


def opened(path):
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def counted(path):
    """Rows of a table, or events and cases of XES, counted without procmine."""
    with opened(path) as file:
        data = file.read()
    if ".xes" in path.name:
        return len(re.findall(rb"<event[\s/>]", data)), None
    lines = list(csv.reader(data.decode("utf-8-sig").splitlines(keepends=True), delimiter=b",".decode()))
    if len(lines[0]) == 1:
        lines = list(csv.reader(data.decode("utf-8-sig").splitlines(keepends=True), delimiter=";"))
    return len(lines) - 1, lines


def accounted(log):
    rows = procmine.load_report(log).rows
    return dict(zip(rows["reason"].tolist(), rows["rows"].tolist()))


def pytest_generate_tests(metafunc):
    """One test a file, where the folder is there."""
    from tests.conftest import SHARED

    if "file" in metafunc.fixturenames:
        names = list(files(SHARED)) if SHARED.is_dir() else ["the shared folder"]
        metafunc.parametrize("file", names)


def test_it_is_read_with_every_row_accounted_for(shared, file):
    path = files(shared)[file]
    if not is_log(file):
        with pytest.raises(procmine.LogError, match=NO_LOG.get(file, "no log of objects|cannot tell which column")):
            procmine.read(path)
        return
    log = procmine.read(path, columns=SAID.get(file))
    fates = accounted(log)
    assert fates["kept: events of the log"] == len(log.time)
    if file.endswith((".csv", ".csv.gz", ".xes", ".xes.gz")) and file not in SAID:
        rows, lines = counted(path)
        assert sum(fates.values()) == rows
        if lines is not None:
            roles = find_roles(procmine.Columns(), lines[0], file)
            cases, steps = ({line[lines[0].index(name)] for line in lines[1:]} for name in (roles.case, roles.activity))
            assert set(log.case.values()) <= cases
            assert set(log.about.activities) <= steps
            if sum(fates.values()) == fates["kept: events of the log"]:
                assert (len(log), len(log.about.activities)) == (len(cases - {""}), len(steps - {""}))
    if file in PUBLISHED:
        cases, events = PUBLISHED[file]
        assert len(log) == cases
        assert events is None or sum(fates.values()) == events
