"""No command contacts another computer: connections and name look-ups are forbidden while the real commands run."""

import json
import shlex
import textwrap
from pathlib import Path

import pytest
from guarded import ROOT, run_guarded
from test_questions import RUN

from procmine.cli import main

LOG = str(ROOT / "event_logs" / "child_support.csv")
CHANGES = str(ROOT / "event_logs" / "child_support_changes.yml")
WORKED, MEASURES, JOBS = "worked.csv", "measures.yaml", "jobs.yml"
WRITTEN = {
    WORKED: "case,activity,start,end,resource\n"
    + "".join(
        f"{k},{step},2026-01-{day:02} 0{k}:00,2026-01-{day:02} 1{k}:00,Ann\n"
        for k in range(4)
        for step, day in (("Begin", 5), ("Look", 7), ("End", 9))
    ),
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
# Commands that read a log or write a page; they run in one process, in an empty folder.
QUICK = [
    ["--help"],
    ["new", LOG, "--to", "fresh.yaml", "--yes"],
    ["check", LOG],
    ["map", LOG],
    ["explore", LOG, "--change", "2025-10-06", "--at", "office=North", "-o", "live.html"],
    ["bottlenecks", LOG, "--time", "office", "--questions"],
    ["compare", LOG, "--change", "2025-10-06", "--at", "office=North"],
    ["brief", LOG, "--plan", str(ROOT / "plans" / "consent_orders_north.yml"), "-o", "office.pdf"],
    ["survival", LOG, "--outcome", "paid"],
    ["between", LOG, "Petition filed", "Court order issued"],
    ["variants", LOG],
    ["rework", LOG],
    ["procedure", LOG, "--written", str(ROOT / "event_logs" / "child_support_procedure.txt")],
    ["work", WORKED, "--start", "start", "--timestamp", "end"],
    ["causes", WORKED, "--start", "start", "--timestamp", "end"],
    ["measure", LOG, "--measures", MEASURES],
    ["map-difference", LOG, "--change", "2025-10-06", "--at", "office=North", "--both", "both.png"],
    ["changes", "list", CHANGES],
    ["batch", JOBS],
    ["release", "outputs/2026-09", "--by", "head of unit"],
    ["report", "tiny.ipynb", "-p", f"source={LOG}"],
    ["convert", LOG, "-o", "log.xes.gz"],
    ["shard", LOG, "shards"],
    ["compact", "shards"],
]
# Commands that run under the same guard in another file, for what they say is looked at there: those of docs/questions.md
# (test_questions.py), and the demo with all notebooks (test_notebooks.py).
GUARDED_THERE = {*(shlex.split(words)[0] for words in RUN), "demo"}
NO_DATA = {"help", "clean"}


def test_every_command_is_tried() -> None:
    tried = {command[0] for command in QUICK} - {"--help"}
    assert tried | GUARDED_THERE == set(main.commands) - NO_DATA


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
    assert ended == [[command[0], 0] for command in QUICK], done.stderr
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
