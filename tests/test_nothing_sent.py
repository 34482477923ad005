"""No command contacts another computer: connections and name look-ups are forbidden while the real commands run."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from procmine.cli import main

ROOT = Path(__file__).resolve().parents[1]
LOG = str(ROOT / "event_logs" / "child_support.csv")
CHANGES = str(ROOT / "event_logs" / "child_support_changes.yml")
WORKED, STANDARDS, MEASURES, JOBS = "worked.csv", "standards.yaml", "measures.yaml", "jobs.yml"
WRITTEN = {
    WORKED: "case,activity,start,end,resource\n"
    + "".join(
        f"{k},{step},2026-01-{day:02} 0{k}:00,2026-01-{day:02} 1{k}:00,Ann\n"
        for k in range(4)
        for step, day in (("Begin", 5), ("Look", 7), ("End", 9))
    ),
    STANDARDS: "standards:\n- {name: Done, from: arrival, to: any end, within: 120}\n",
    JOBS: f"title: Reports\nlog: {json.dumps(LOG)}\nnotebooks: [tiny.ipynb]\nmonth: 2026-09\n",
    "tiny.ipynb": json.dumps(
        {
            "cells": [
                {"cell_type": "code", "id": tag, "execution_count": None, "metadata": {"tags": [tag]}, "outputs": []}
                | {"source": code}
                for tag, code in (
                    ("parameters", 'source = "x.csv"'),
                    ("answer", "import procmine\nprocmine.survival(procmine.read(source))"),
                )
            ],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    ),
    MEASURES: "measures:\n- {name: Done, from: arrival, to: any end}\n",
}
# Loaded by every Python that a command starts (kernels of notebooks too), because it is found as sitecustomize. It
# ends the process at once, so that nobody can catch and forget it, and leaves a note that the test reads.
GUARD = """
import ipaddress, os, sys

def local(host):
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False

def guard(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path: a socket of this computer
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if not local(host):
        with open(os.environ["PROCMINE_TEST_NOTE"], "a") as note:
            note.write(f"{event} {host!r} by {sys.argv}\\n")
        os._exit(99)

sys.addaudithook(guard)
with open(os.environ["PROCMINE_TEST_NOTE"] + ".guarded", "a") as note:
    note.write("x")
"""
# Every command that reads a log or writes a page; they run in an empty folder.
QUICK = [  # in one process
    ["--help"],
    ["new", LOG, "--to", "fresh.yaml", "--yes"],
    ["check", LOG],
    ["map", LOG],
    ["explore", LOG, "--change", "2025-10-06", "--at", "office=North", "-o", "live.html"],
    ["bottlenecks", LOG],
    ["bottlenecks", LOG, "--time", "office", "--questions"],
    ["compare", LOG, "--change", "2025-10-06", "--at", "office=North"],
    ["brief", LOG],
    ["brief", LOG, "--plan", str(ROOT / "plans" / "consent_orders_north.yml"), "-o", "office.pdf"],
    ["slides", LOG],
    ["huddle", LOG, "--step", "Court order issued"],
    ["languages"],
    ["languages", "el", "-o", "el.xlsx"],
    ["survival", LOG, "--outcome", "paid"],
    ["between", LOG, "Petition filed", "Court order issued"],
    ["variants", LOG],
    ["rework", LOG],
    ["voice", LOG],
    ["procedure", LOG, "--written", str(ROOT / "event_logs" / "child_support_procedure.txt")],
    ["waiting", LOG, "--cases", "cases.xlsx"],
    ["outcomes", LOG],
    ["work", WORKED, "--start", "start", "--timestamp", "end"],
    ["lengths", LOG],
    ["piles", LOG],
    ["spectrum", LOG],
    ["dots", LOG],
    ["week", LOG],
    ["usual-path", LOG, "--outcome", "paid"],
    ["rework-cost", LOG],
    ["causes", WORKED, "--start", "start", "--timestamp", "end"],
    ["drivers", LOG, "--step", "Court order issued"],
    ["wins", LOG, "--step", "Court order issued", "--days", "1"],
    ["sessions", LOG],
    ["hearings", LOG, "--step", "Application returned"],
    ["complete", LOG, "--returned", "Application returned"],
    ["offices", LOG, "--office", "office"],
    ["service", LOG],
    ["standards", LOG, "--standards", STANDARDS],
    ["promise", LOG],
    ["caseload", LOG],
    ["measure", LOG, "--measures", MEASURES],
    ["map-difference", LOG, "--change", "2025-10-06", "--at", "office=North", "--both", "both.png"],
    ["event-study", LOG, "--change", "2025-10-06", "--at", "office=North", "--control", "office"],
    ["chart", LOG, "--at", "office=North"],
    ["interrupted", LOG, "--change", "2025-10-06", "--by-week", "--horizon", "126"],
    ["plan-size", LOG, "--at", "office=North"],
    ["changes", "list", CHANGES],
    ["watch", LOG, "--changes", CHANGES],
    ["plan", str(ROOT / "plans" / "consent_orders_north.yml"), "-o", "plan.pdf"],
    ["portfolio", str(ROOT / "plans"), "-o", "portfolio.pdf"],
    ["predict", LOG, "--ledger", "l.jsonl", "--step", "Court order issued", "--days", "1", "--change", "2026-12-01"],
    ["ledger", "l.jsonl", "--page", "l.html"],
    ["batch", JOBS],
    ["release", "outputs/2026-09", "--by", "head of unit"],
    ["fit", LOG],
    ["how-fast", LOG, "--step", "Court order issued", "--target", "half within 150 days"],
    ["templates"],
    ["convert", LOG, "-o", "log.xes.gz"],
]
LONG = [  # that start processes of their own
    ["try", LOG, "--step", "Court order issued", "--days", "1", "--only", "contested=no"],
    ["validate", LOG],
    ["report", str(ROOT / "notebooks" / "02_see_the_process.ipynb")],
    pytest.param(["demo"], marks=pytest.mark.slow),  # with all notebooks
]
NO_DATA = {"help", "clean"}


def run_guarded(folder: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """The ended process, and what it tried to reach."""
    (folder / "sitecustomize.py").write_text(GUARD)
    note = folder / "note"
    path = os.pathsep.join([str(folder), str(ROOT)])
    environ = {**os.environ, "PYTHONPATH": path, "PROCMINE_TEST_NOTE": str(note), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=300
    )
    assert (folder / "note.guarded").exists(), "the guard was not loaded"
    return done, note.read_text() if note.exists() else ""


def words(command: Any) -> list[str]:
    return list(command if isinstance(command, list) else command.values[0])


def test_every_command_is_tried() -> None:
    assert {words(command)[0] for command in [*QUICK, *LONG]} - {"--help"} == set(main.commands) - NO_DATA


# What a command is called stands in sys.argv, for the guard's note; each begins as from the command line.
ALL = """
import json, sys, traceback
from procmine.cli import main

for command in json.loads(sys.argv[1]):
    sys.argv = ["procmine", *command]
    try:
        main(prog_name="procmine")
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    with open("ended", "a") as file:
        file.write(json.dumps([command[0], code]) + "\\n")
"""


def test_no_quick_command_reaches_another_computer(tmp_path: Path) -> None:
    for name, text in WRITTEN.items():
        (tmp_path / name).write_text(text)
    done, tried = run_guarded(tmp_path, "-c", ALL, json.dumps(QUICK))
    assert tried == ""
    ended = [json.loads(line) for line in (tmp_path / "ended").read_text().splitlines()]
    look = {"watch": 3}  # a day to decide has come
    assert ended == [[command[0], look.get(command[0], 0)] for command in QUICK], done.stderr
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", LONG, ids=lambda command: command[0])
def test_no_long_command_reaches_another_computer(tmp_path: Path, command: list[str]) -> None:
    done, tried = run_guarded(tmp_path, "-m", "procmine.cli", *command)
    assert tried == ""
    assert done.returncode == 0, done.stderr


def test_importing_reaches_nobody(tmp_path: Path) -> None:
    done, tried = run_guarded(tmp_path, "-c", "import procmine; [getattr(procmine, name) for name in dir(procmine)]")
    assert (done.returncode, tried) == (0, ""), done.stderr


@pytest.mark.parametrize(
    "attempt",
    [
        "import urllib.request; urllib.request.urlopen('http://198.51.100.7/')",
        "import socket; socket.create_connection(('example.org', 80))",
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('198.51.100.7', 53))",
        "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', "
        "'import socket; socket.gethostbyname(\"example.org\")']))",
    ],
    ids=["page", "name", "datagram", "child"],
)
def test_the_guard_notices(tmp_path: Path, attempt: str) -> None:
    """A test that cannot fail proves nothing: real attempts, and one that is caught and forgotten."""
    done, tried = run_guarded(tmp_path, "-c", f"try:\n{textwrap.indent(attempt, '    ')}\nexcept OSError:\n    pass")
    assert done.returncode == 99
    assert "198.51.100.7" in tried or "example.org" in tried


def test_the_guard_lets_this_computer_talk_to_itself(tmp_path: Path) -> None:
    code = "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())"
    done, tried = run_guarded(tmp_path, "-c", code)
    assert (done.returncode, tried) == (0, ""), done.stderr
