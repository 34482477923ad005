"""docs/questions.md: every public name of finding is there, and its calls and commands run on the sample."""

import ast
import json
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from guarded import run_guarded

import procmine
from procmine.cli import main
from procmine.results import Result
from procmine.words import Message

ROOT = Path(__file__).parents[1]
SAMPLE = str(ROOT / "event_logs" / "child_support.yaml")
PAGE = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
ROWS = [line.strip()[2:-1].split(" | ") for line in PAGE.splitlines() if line.startswith("| ") and "`" in line]
ELSEWHERE = {
    "flow",
    "handovers",
    "rework",
    "variants",
    "cycle_times",
    "step_times",
    "time_between",
    "survival",
    "first",
    "last",
}
ELSEWHERE |= {
    "case_times",
    "process_map",
    "quality",
    "procedure",
    "voice",
    "compare",
    "fit",
    "forecast",
    "Policy",
    "brief",
}
ELSEWHERE |= {
    "Columns",
    "Milestone",
    "Database",
    "read",
    "load_report",
    "EVERY_CASE",
    "write",
    "LogError",
    "run_report",
    "save",
}
ELSEWHERE |= {"WorkingTime"}  # all of these are told in the README, in loading.md or by the notebooks


def written(row, column):
    """The pieces in backquotes of a cell, and whether the sample has what they need."""
    return re.findall(r"`([^`]+)`", row[column]), "*" not in row[column] and "*" not in row[0]


CALLS = [one for row in ROWS for one in written(row, 1)[0] if re.match(r"\w+\(", one)]
NOT_RUN = ("--time", "compare NEWER")
LOG = procmine.read(SAMPLE)
COMMANDS = [
    (one, *written(row, 2)[1:])
    for row in ROWS
    for one in written(row, 2)[0]
    if not one.startswith(("--time", "compare NEWER"))
]


def test_every_name_of_finding_is_on_the_page():
    told = {name for piece in re.findall(r"`([^`]+)`", PAGE) for name in re.findall(r"\w+", piece)}
    assert set(procmine.NAMES) - told <= ELSEWHERE
    assert not {one for row in ROWS for one in re.findall(r"`(?:procmine\.)?(\w+)\(", row[1])} - set(procmine.NAMES)


@pytest.fixture(scope="module")
def remembered(tmp_path_factory):
    """What the pages read beside a log: the sample's policies, plans and changes, and a ledger with a forecast."""
    folder = tmp_path_factory.mktemp("remembered")
    shutil.copytree(ROOT / "policies", folder / "policies")
    shutil.copytree(ROOT / "plans", folder / "plans")
    (folder / "event_logs").symlink_to(ROOT / "event_logs", target_is_directory=True)
    plan = (ROOT / "plans" / "consent_orders_north.yml").read_text(encoding="utf-8")
    (folder / "plan.yml").write_text(plan.replace("../event_logs", "event_logs"), encoding="utf-8")
    (folder / "changes.yml").write_bytes((ROOT / "event_logs" / "child_support_changes.yml").read_bytes())
    procmine.copy_template("us_child_support", folder / "standards.yaml")
    policy = procmine.Policy("fast").where(contested="no").set_delay("Court order issued", days=1)
    procmine.keep_score(folder / "ledger.jsonl", LOG, policy, change="2026-12-01", seed=7)
    return folder


def own_copy(remembered, folder, *, without=()):
    """The same files in a folder that a command may change."""
    return shutil.copytree(remembered, folder, symlinks=True, ignore=lambda *_: without)


RUN = [one for one, there in COMMANDS if there]
# All in one process, under the guard against connections, each as a user begins it, in a folder of its own.
EACH = """
import json, os, sys, warnings
from click.testing import CliRunner
from procmine.cli import main

warnings.simplefilter("error")
for folder, command in json.load(open(sys.argv[1], encoding="utf-8")):
    os.chdir(folder)
    sys.argv = ["procmine", *command]
    answer = CliRunner().invoke(main, command)
    with open("answer.json", "w", encoding="utf-8") as file:
        said = answer.output + repr(answer.exception or "")
        json.dump({"code": answer.exit_code, "output": said, "stdout": answer.stdout}, file)
"""


@pytest.fixture(scope="module")
def answers(remembered, tmp_path_factory):
    """Each command of the page: its folder after it ran; and what any of them tried to reach."""
    start, commands = tmp_path_factory.mktemp("answers"), []
    for number, words in enumerate(RUN):
        without = ["standards.yaml"] if words.startswith("templates ") else []
        own_copy(remembered, start / str(number), without=without)
        commands.append((str(start / str(number)), [SAMPLE if one == "LOG" else one for one in shlex.split(words)]))
    (start / "commands.json").write_text(json.dumps(commands), encoding="utf-8")
    done, tried = run_guarded(start, "-c", EACH, str(start / "commands.json"), timeout=1_800)
    return {words: start / str(number) for number, words in enumerate(RUN)}, done, tried


@pytest.mark.slow
@pytest.mark.parametrize("words", RUN)
def test_the_commands_run_on_the_sample(words, answers):
    folders, done, _ = answers
    file = folders[words] / "answer.json"
    assert file.is_file(), done.stderr  # else it ended the process, or one before it did
    answer = json.loads(file.read_text(encoding="utf-8"))
    held = words.startswith(("watch", "plan "))  # a day to decide has come; a plan that differs from its data
    assert answer["code"] in ((0, 3) if held else (0,)), answer["output"]
    assert len(answer["stdout"]) > 20
    written = [one for one in shlex.split(words) if one.endswith(".xlsx")]
    assert all((folders[words] / one).is_file() for one in written)


@pytest.mark.slow
def test_no_command_of_the_page_reaches_another_computer(answers):
    _, done, tried = answers
    assert (tried, done.returncode) == ("", 0), done.stderr


@pytest.mark.parametrize(("words", "said"), [
    ("work LOG", "one time for each event"),
    ("causes LOG --unexplained", "Columns\\(start"),
    ("voice LOG --staff", 'kind "staff"'),
    ("voice LOG --staff --waits", "stands alone"),
    ("complete LOG --returned x --reason y", "--missing"),
])  # fmt: skip
def test_what_the_sample_cannot_answer_is_said(words, said):
    answer = CliRunner().invoke(main, [SAMPLE if one == "LOG" else one for one in shlex.split(words)])
    assert answer.exit_code == 2
    assert re.search(said, answer.stderr), answer.stderr


@pytest.mark.slow
def test_the_calls_run_on_the_sample(remembered, tmp_path, monkeypatch):
    monkeypatch.chdir(own_copy(remembered, tmp_path / "own"))
    log = LOG
    needs_more = {
        "case_work",
        "case_parts",
        "activity_times",
        "causes",
        "unexplained_waits",
        "staff_ranking",
        "measure",
        "copy_template",
    }
    ran = 0
    for call in CALLS:
        name = call.split("(")[0]
        if name in needs_more or "before, after" in call:
            continue
        tree = ast.parse(f"procmine.{call}", mode="eval")
        given = {"procmine": procmine, "log": log, "plan": procmine.Plan.read("plan.yml"), "told": None}
        answer = eval(compile(tree, call, "eval"), given)
        ran += 1
        assert not hasattr(answer, "__len__") or len(answer) or getattr(answer, "none_is_an_answer", False), call
        assert not isinstance(answer, Result) or answer.sentences(), call
    assert ran > 30


def test_means_work_and_unexplained_waits_from_the_command_line(tmp_path, monkeypatch):
    """One case: A from 9 to 10, B from 12 to 13, by the same clerk; by hand 2 of 4 hours are work."""
    monkeypatch.chdir(tmp_path)
    lines = ["case,activity,start,end,who"]
    for day in range(1, 29):
        lines.append(f"{day},A,2026-01-{day:02} 09:00,2026-01-{day:02} 10:00,Kim")
        lines.append(f"{day},B,2026-01-{day:02} 12:00,2026-01-{day:02} 13:00,Kim")
    Path("log.csv").write_text("\n".join(lines), encoding="utf-8")
    how = ["log.csv", "--start", "start", "--timestamp", "end", "--resource", "who", "--end", "B"]
    work = CliRunner().invoke(main, ["work", *how, "--whole"])
    assert "somebody works on it for 5.0" in work.output
    waits = CliRunner().invoke(main, ["causes", *how, "--unexplained"])
    # Kim is never seen at work between 10 and 12, so all 28 waits for B end as her hours open
    assert re.search(r"^B +28 +28 +0 ", waits.output, re.M), waits.output
    mean = CliRunner().invoke(main, ["survival", *how, "--mean-within", "1"])
    assert "4 hours" in mean.output, mean.output


def test_the_readme_and_the_help_lead_to_the_page():
    assert "docs/questions.md" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "docs/questions.md" in CliRunner().invoke(main, ["help"]).output


def test_the_axis_of_quick_wins_fits_its_picture():
    import matplotlib.pyplot as plt

    from procmine.draw.charts import Bar, bars
    from procmine.words import Message

    axes = bars(
        [Bar("Court order issued", 0.1, 0.08, 0.12)], title="t", axis=Message("shorter.axis", {"cases": 150_370}).say()
    )
    axes.figure.canvas.draw()
    text, whole = axes.xaxis.label.get_window_extent(), axes.figure.bbox
    assert text.x0 >= 0 and text.x1 <= whole.x1
    plt.close("all")


def test_the_clock_on_the_page_of_specs_gives_the_hours_that_it_says(tmp_path):
    """By hand: with the office 3 to 5 March (9:00 both), 9 March 9:00 to 10 March 12:00, open 7 + 0 + 1 and 3 + 4 hours."""
    page = (ROOT / "docs" / "spec.md").read_text(encoding="utf-8")
    section = re.search(r"^## Opening hours.*?(?=^## )", page, re.M | re.S)[0]
    for name, text in re.findall(r"`([\w-]+\.(?:csv|yaml))`:\n\n```\w+\n(.*?)```", section, re.S):
        (tmp_path / name).write_text(text, encoding="utf-8")
    log = procmine.read(tmp_path / "claims.csv")
    case = procmine.service_cases(log).iloc[0]
    hours = {name: value / np.timedelta64(1, "h") for name, value in case.items() if isinstance(value, pd.Timedelta)}
    assert sorted(value for value in hours.values() if value) == [15, 24, 60, 96], hours
    told = [int(one) for one in re.findall(r"\d+", section.split("```\n")[-1])]
    assert told == [195, 24, 96, 75, 15]


@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "0%"), (0.004, "0.4%"), (1e-5, "0.1%"), (0.294, "29%"), (0.9996, "99.9%"), (1.0, "100%")]
)
def test_a_share_says_none_or_all_only_of_none_or_all(share, said):
    """3 late ones of 1,000 are not "100% done in time"."""
    assert Message("kept.mark", {"share": share}).say() == f"promised: {said}"


def test_handovers_between_units_are_counted_without_a_spec(tmp_path, monkeypatch):
    """Twelve cases, A by Front on day 1, B by Back two days later, C by Front two days after: by hand two handovers each."""
    monkeypatch.chdir(tmp_path)
    rows = [
        f"{case},{step},2026-03-{case + 2 * place:02},{unit}"
        for case in range(1, 13)
        for place, (step, unit) in enumerate((("A", "Front"), ("B", "Back"), ("C", "Front")))
    ]
    Path("log.csv").write_text("case,activity,date,unit\n" + "\n".join(rows), encoding="utf-8")
    answer = CliRunner().invoke(main, ["rework-cost", "log.csv", "--timestamp", "date", "--end", "C", "--of", "unit"])
    assert re.search(r"^handover +all +24 +12 +48\.0\sd ", answer.output, re.M), answer.output
