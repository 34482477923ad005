"""Runs of a batch: limits, failures, kills and held files, with real processes; what is finished stays as it was."""

import errno
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace as replaced
from hashlib import sha256
from pathlib import Path, PureWindowsPath

import nbformat
import psutil
import pytest

from procmine.publish.batch import replace as replacing
from procmine.publish.batch import worker
from procmine.publish.batch.job import OFFICES, RECORD, WORK, Batch, Done, Job, OfficesFound, Period
from procmine.publish.batch.lock import Busy, held
from procmine.publish.batch.process import MARK, end_marked, marked
from procmine.publish.batch.progress import Progress, in_round_figures, seconds_left
from procmine.publish.batch.replace import BESIDE, intact, long_name, put, record_of, recover
from procmine.publish.batch.run import run_jobs

MONTH = Period("month", "2026-10-01", "2026-10-31")
QUICK = "k + 1"
ENDLESS = "while True:\n    pass"
DRIVER = """
import json, signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell that runs tests in the background turns off
from procmine.publish.batch.job import Batch
from procmine.publish.batch.run import Stopped, run_jobs
batch = Batch.from_dict(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
try:
    dones = run_jobs(batch, resume="resume" in sys.argv)
except Stopped as stopped:
    print(json.dumps([one.id for one in stopped.dones]))
    raise SystemExit(130)
print(json.dumps([[one.id, one.status] for one in dones]))
"""


@pytest.fixture(autouse=True)
def own_jupyter(tmp_path, monkeypatch):
    """Signatures of notebooks go to a folder of the test, not to the user's."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))


def notebook(folder, name, *cells):
    made = nbformat.v4.new_notebook()
    parameters = nbformat.v4.new_code_cell("k = 1\nsource = 'log.csv'", metadata={"tags": ["parameters"]})
    made.cells = [nbformat.v4.new_markdown_cell("# A title"), parameters, *map(nbformat.v4.new_code_cell, cells)]
    nbformat.write(made, folder / f"{name}.ipynb")
    return folder / f"{name}.ipynb"


def job(path, scenario="baseline", *, seconds=60, megabytes=2_000, key="1", **rest):
    log = path.parent / "log.csv"
    log.touch()
    rest = {"parameters": {"k": 2, "source": str(log)}, "audience": "team", "office": "North", **rest}
    name = f"North/{path.stem}/{scenario}"
    where = {"id": name, "notebook": path, "log": log, "scenario": scenario, "period": MONTH}
    return Job(**where, seconds=seconds, megabytes=megabytes, key=key, **rest)


def batch(folder, *jobs, workers=2):
    return Batch("A month", folder / "out" / "2026-10", "2026-10", jobs, OfficesFound(), {}, workers=workers)


def statuses(dones):
    return [one.status for one in dones]


def files_of(folder):
    """name -> (sha256, time of change) of all that lies below."""
    there = (one for one in sorted(folder.rglob("*")) if one.is_file())
    return {
        str(one.relative_to(folder)): (sha256(one.read_bytes()).hexdigest(), one.stat().st_mtime_ns) for one in there
    }


def below(whole):
    return whole.folder / OFFICES


def half_written(whole):
    return [one for one in below(whole).rglob("*") if one.name.startswith(".") or BESIDE in one.name]


def gone(pid, within=10.0):
    """Whether the process has ended, or ends soon."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.1)
    return False


def read_when_there(path, within=60.0):
    end = time.monotonic() + within
    while time.monotonic() < end:
        if path.is_file() and path.read_text():
            return path.read_text()
        time.sleep(0.1)
    raise AssertionError(f"{path.name} never came")


def test_failures_neither_stop_nor_hide_in_the_others_and_what_is_finished_is_not_run_again(tmp_path):
    fails, loops = notebook(tmp_path, "fails", "1 / 0"), notebook(tmp_path, "loops", ENDLESS)
    good, late = notebook(tmp_path, "good", QUICK), job(loops, seconds=8)
    whole = batch(tmp_path, job(good), job(fails), job(tmp_path / "none.ipynb"), late, job(good, "second"))
    said = []
    dones = run_jobs(whole, say=said.append)
    assert [one.id for one in dones] == [one.id for one in whole.jobs]
    assert statuses(dones) == ["complete", "failed", "missing", "timeout", "complete"]
    assert "ZeroDivisionError" in dones[1].problems[0]
    assert "none.ipynb" in dones[2].problems[0]
    assert "8 seconds" in dones[3].problems[0]
    for one, done in zip(whole.jobs, dones):
        assert record_of(whole.place(one)) == done
        assert intact(whole.place(one), done)
    assert {"good.html", "good.ipynb", "good.xlsx"} <= set(dones[0].files)
    assert dones[0].files["good.html"] == sha256((whole.place(whole.jobs[0]) / "good.html").read_bytes()).hexdigest()
    assert dones[0].parameters == {"k": 2, "source": "log.csv"}
    assert dones[0].peak_megabytes > 50  # two Pythons with notebooks loaded
    assert half_written(whole) == []
    assert len([line for line in said if "North/" in line]) == 5
    assert said[-1] == "2 jobs complete, 0 unchanged, 3 failed."
    before = {one.id: files_of(whole.place(one)) for one in whole.jobs}
    again = run_jobs(whole, resume=True, say=said.append)
    assert statuses(again) == ["unchanged", "failed", "missing", "timeout", "unchanged"]
    after = {one.id: files_of(whole.place(one)) for one in whole.jobs}
    assert [before[one.id] == after[one.id] for one in whole.jobs] == [True, False, False, False, True]
    assert again[0].seconds == dones[0].seconds


@pytest.mark.slow
def test_a_changed_input_a_changed_file_and_force_run_again(tmp_path):
    good = notebook(tmp_path, "good", QUICK)
    first = batch(tmp_path, job(good))
    assert statuses(run_jobs(first, say=print)) == ["complete"]
    assert statuses(run_jobs(first, say=print)) == ["unchanged"]
    assert statuses(run_jobs(batch(tmp_path, job(good, key="2")), say=print)) == ["complete"]
    page = first.place(first.jobs[0]) / "good.html"
    page.write_text("changed by hand", encoding="utf-8")
    assert statuses(run_jobs(batch(tmp_path, job(good, key="2")), say=print)) == ["complete"]
    assert "changed by hand" not in page.read_text(encoding="utf-8")
    assert statuses(run_jobs(batch(tmp_path, job(good, key="2")), force=True, say=print)) == ["complete"]


HOG = """
import os, pathlib, subprocess, sys, time
hog = "import os, pathlib, sys, time\\nif os.fork(): os._exit(0)\\nos.setsid()\\nif os.fork(): os._exit(0)\\n"
hog += "pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))\\nheld = bytearray(b'x') * 700_000_000\\ntime.sleep(300)"
subprocess.run([sys.executable, "-c", hog, PLACE], env={})
time.sleep(300)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs fork")
def test_too_much_memory_ends_the_whole_tree_also_a_grandchild_that_left_it(tmp_path):
    place = tmp_path / "pid"
    whole = batch(tmp_path, job(notebook(tmp_path, "hog", HOG.replace("PLACE", repr(str(place)))), megabytes=800))
    (done,) = run_jobs(whole, say=print)
    assert done.status == "memory", done.problems
    assert "800 MB" in done.problems[0]
    assert done.peak_megabytes > 800
    assert gone(int(place.read_text()))
    assert record_of(whole.place(whole.jobs[0])) == done


def once(mark, line):
    """Does so at the first try only."""
    return (
        f"import os, pathlib\nmark = pathlib.Path({str(mark)!r})\nif not mark.exists():\n    mark.touch()\n    {line}"
    )


@pytest.mark.slow
def test_a_kernel_that_dies_is_tried_once_more_and_so_is_a_worker(tmp_path):
    kernel = notebook(tmp_path, "kernel", once(tmp_path / "one", "os._exit(9)"), QUICK)
    worker = notebook(tmp_path, "worker", once(tmp_path / "two", "os.kill(os.getppid(), 9)"), QUICK)
    always = notebook(tmp_path, "always", "import os\nos.kill(os.getppid(), 9)")
    dones = run_jobs(
        batch(tmp_path, job(kernel), job(worker), job(always), job(notebook(tmp_path, "ok", QUICK))), say=print
    )
    assert [(one.status, one.tries) for one in dones] == [
        ("complete", 2),
        ("complete", 2),
        ("died", 2),
        ("complete", 1),
    ]


def begun(tmp_path, whole, *words):
    """The run in a process of its own, as a user begins it."""
    order = tmp_path / "batch.json"
    order.write_text(json.dumps(whole.to_dict()), encoding="utf-8")
    command = [sys.executable, "-c", DRIVER, str(order), *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    )


LEFT = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
pathlib.Path(PLACE).write_text(f"{os.getpid()} {os.getppid()} {child.pid}")
if k == 2:
    time.sleep(300)
"it has run"
"""


def half_done(tmp_path):
    """Two quick jobs, then one that says its processes and waits; it is quick with k = 3."""
    good, place = notebook(tmp_path, "good", QUICK), tmp_path / "pids"
    waits = notebook(tmp_path, "waits", LEFT.replace("PLACE", repr(str(place))))
    return batch(tmp_path, job(good), job(good, "second"), job(waits), job(good, "third"), workers=1), waits, place


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_after_sigkill_nothing_runs_on_and_resume_keeps_all_that_was_finished(tmp_path):
    whole, waits, place = half_done(tmp_path)
    run = begun(tmp_path, whole)
    pids = [int(one) for one in read_when_there(place).split()]
    run.kill()
    run.communicate()
    assert [gone(pid) for pid in pids] == [True] * 3
    done, still = whole.jobs[:2], whole.jobs[2:]
    kept = {one.id: files_of(whole.place(one)) for one in done}
    assert all(RECORD in files for files in kept.values())
    assert [record_of(whole.place(one)) for one in still] == [None, None]
    half = below(whole) / "North/good/.third.partial-0badf00d"  # as if it had been killed while it wrote
    half.mkdir()
    (half / "good.html").write_text("half", encoding="utf-8")
    changed = batch(tmp_path, *done, job(waits, parameters={"k": 3}), whole.jobs[3])
    again = begun(tmp_path, changed, "resume")
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    assert [status for _, status in json.loads(out)] == ["unchanged", "unchanged", "complete", "complete"]
    assert {one.id: files_of(whole.place(one)) for one in done} == kept
    assert half_written(whole) == []
    assert gone(int(place.read_text().split()[2]))  # what the notebook left behind


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_ctrl_c_ends_what_runs_begins_nothing_and_says_what_is_kept(tmp_path, number):
    whole, _, place = half_done(tmp_path)
    run = begun(tmp_path, whole)
    pids = [int(one) for one in read_when_there(place).split()]
    run.send_signal(number)
    out, err = run.communicate(timeout=30)
    assert run.returncode == 130, err
    assert json.loads(out) == [one.id for one in whole.jobs[:2]]
    assert "Stopping: " in err
    assert "2 jobs are finished and kept, 2 not. Go on with --resume." in err
    assert [gone(pid) for pid in pids] == [True] * 3
    assert [record_of(whole.place(one)) is None for one in whole.jobs] == [False, False, True, True]
    assert half_written(whole) == []


def test_a_folder_is_run_by_one_process_at_a_time_and_a_killed_one_does_not_block_it(tmp_path):
    lock = tmp_path / "out" / "2026-10" / "work" / "lock"
    line = "import sys, time, pathlib\nfrom procmine.publish.batch.lock import held\nwith held(pathlib.Path(sys.argv[1])):\n"
    line += "    print('mine', flush=True)\n    time.sleep(300)"
    other = subprocess.Popen(
        [sys.executable, "-c", line, str(lock)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    )
    try:
        assert other.stdout.readline() == "mine\n"
        whole = batch(tmp_path, job(notebook(tmp_path, "good", QUICK)))
        with pytest.raises(Busy, match="2026-10 is being run already"):
            run_jobs(whole, say=print)
    finally:
        other.kill()
        other.communicate()
    with held(lock), pytest.raises(Busy), held(lock):
        pass
    with held(lock):
        pass


def done_of(text, place, key="1"):
    """A record that goes with one file of this text."""
    made = place / f"{key}.txt"
    made.write_text(text, encoding="utf-8")
    return {"note.txt": made}, Done("North/a", key, "complete", files={"note.txt": sha256(text.encode()).hexdigest()})


def test_a_file_that_is_held_for_a_while_is_waited_for(tmp_path, monkeypatch):
    place, waited, real, fails = tmp_path / OFFICES / "a", [], os.replace, [3]

    def scanner(one, two):
        if replacing.PARTIAL in Path(one).name and fails[0]:
            fails[0] -= 1
            raise PermissionError(errno.EACCES, "held")
        real(one, two)

    put(*_around(place, done_of("old", tmp_path)))
    monkeypatch.setattr(replacing.os, "replace", scanner)
    files, done = done_of("new", tmp_path, "2")
    assert put(files, place, done, wait=waited.append).held is False
    assert waited == list(replacing.PAUSES[:3])
    assert waited == sorted(set(waited))
    assert 25 < sum(replacing.PAUSES) < 35
    assert (place / "note.txt").read_text() == "new"
    assert [one.name for one in place.parent.iterdir()] == ["a"]


def _around(place, made):
    return made[0], place, made[1]


def test_a_file_that_stays_open_keeps_the_new_version_beside_until_the_next_start(tmp_path, monkeypatch):
    place, real = tmp_path / OFFICES / "a", os.replace
    put(*_around(place, done_of("old", tmp_path)))

    def excel(one, two):
        if Path(one) == place:
            raise PermissionError(errno.EACCES, "held")
        real(one, two)

    with monkeypatch.context() as patched:
        patched.setattr(replacing.os, "replace", excel)
        for text in ("new", "newer"):
            files, done = done_of(text, tmp_path, text)
            where = put(files, place, done, wait=lambda _: None)
            assert (where.held, where.folder.name) == (True, f"a{BESIDE}")
        assert (place / "note.txt").read_text() == "old"
        recover(tmp_path / OFFICES, wait=lambda _: None)
        assert (where.folder / "note.txt").read_text() == "newer"
    recover(tmp_path / OFFICES)
    assert (place / "note.txt").read_text() == "newer"
    assert record_of(place).key == "newer"
    assert [one.name for one in place.parent.iterdir()] == ["a"]


@pytest.mark.slow
def test_a_job_whose_folder_is_open_has_failed_and_says_where_the_new_version_is(tmp_path, monkeypatch):
    whole = batch(tmp_path, job(notebook(tmp_path, "good", QUICK)))
    run_jobs(whole, say=print)
    place, real = whole.place(whole.jobs[0]), os.replace

    def excel(one, two):
        if Path(one) == place:
            raise PermissionError(errno.EACCES, "held")
        real(one, two)

    with monkeypatch.context() as patched:
        patched.setattr(replacing.os, "replace", excel)
        patched.setattr(replacing, "PAUSES", (0.01,))
        (done,) = run_jobs(whole, force=True, say=print)
    assert done.status == "failed"
    assert f"baseline{BESIDE}" in done.problems[0]
    assert statuses(run_jobs(whole, resume=True, say=print)) == ["unchanged"]
    assert half_written(whole) == []


def test_a_full_disk_leaves_the_old_version_and_nothing_half(tmp_path, monkeypatch):
    place = tmp_path / OFFICES / "a"
    put(*_around(place, done_of("old", tmp_path)))

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    files, done = done_of("new", tmp_path, "2")
    with pytest.raises(OSError, match="No space left"):
        put(files, place, done)
    assert (place / "note.txt").read_text() == "old"
    assert [one.name for one in place.parent.iterdir()] == ["a"]


def test_what_a_kill_between_two_renames_leaves_is_put_right(tmp_path):
    root = tmp_path / OFFICES
    for name in ("came", "went", "unfinished", "fine"):
        put(*_around(root / name, done_of("old", tmp_path)))
        put(*_around(root / f"{name}-new", done_of("new", tmp_path, "2")))
    (root / "came").rename(root / ".came.old-1")  # killed after the first rename
    (root / "came-new").rename(root / ".came.partial-1")
    (root / "went").rename(root / ".went.old-1")  # the same, and the new one was not finished
    (root / "went-new").rename(root / ".went.partial-1")
    (root / ".went.partial-1" / RECORD).unlink()
    (root / "unfinished-new").rename(root / ".unfinished.partial-1")  # killed while it wrote
    (root / ".unfinished.partial-1" / RECORD).unlink()
    (root / "fine-new").rename(root / ".fine.old-1")  # killed before the old one was removed
    recover(root)
    assert {one.name: (one / "note.txt").read_text() for one in root.iterdir()} == {
        "came": "new",
        "went": "old",
        "unfinished": "old",
        "fine": "old",
    }


def test_a_link_in_the_place_of_a_folder_is_not_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / OFFICES).mkdir()
    (tmp_path / OFFICES / "North").symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(OSError, match="North is a link"):
        put(*_around(tmp_path / OFFICES / "North" / "a", done_of("new", tmp_path)))
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "long"),
    [
        (r"C:\out\North", r"\\?\C:\out\North"),
        (r"\\server\share\out", r"\\?\UNC\server\share\out"),
        (r"\\?\C:\out", r"\\?\C:\out"),
    ],
)
def test_paths_of_windows_of_any_length(path, long):
    assert long_name(path) == long
    assert PureWindowsPath(long).is_absolute()


def test_names_that_some_system_cannot_have_are_refused_before_anything_runs(tmp_path):
    good = notebook(tmp_path, "good", QUICK)
    for name in (
        "North/../../x",
        "/x",
        "North/con/a",
        "North/a.",
        "North/a ",
        "a/b:c",
        "a//b",
        r"a\b",
        f"a/b{BESIDE}",
        ".a",
    ):
        with pytest.raises(ValueError, match="is no name for a folder"):
            run_jobs(batch(tmp_path, Job(**{**vars(job(good)), "id": name})), say=print)
    with pytest.raises(ValueError, match="Two jobs would be written"):
        run_jobs(batch(tmp_path, job(good), Job(**{**vars(job(good)), "id": "NORTH/good/baseline"})), say=print)
    with pytest.raises(ValueError, match="no run in 2026-10"):
        run_jobs(batch(tmp_path, job(good)), resume=True, say=print)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_for_others_than_the_team_no_notebook_and_no_value_is_kept_and_no_secret_for_anyone(tmp_path):
    fails = notebook(tmp_path, "fails", "raise ValueError('case 4711 of Ms Smith')")
    shows = notebook(tmp_path, "shows", QUICK)
    secret = {"parameters": {"k": 2, "source": "db://me:hunter2@host/x"}}
    said = []
    dones = run_jobs(
        batch(tmp_path, job(fails, audience="public"), job(shows, audience="public"), job(shows, "secret", **secret)),
        say=said.append,
    )
    assert statuses(dones) == ["failed", "complete", "failed"]
    assert {"shows.html", "shows.xlsx"} <= set(dones[1].files)
    assert not list((tmp_path / "out").rglob("*.ipynb"))
    assert any("4711" in line for line in said)
    written = "".join(
        one.read_text(encoding="utf-8", errors="replace") for one in (tmp_path / "out").rglob("*") if one.is_file()
    )
    assert "4711" not in written
    assert "hunter2" not in written
    assert str(tmp_path) not in written


SITE = """
import sys
import tempfile
if any("ipykernel" in one for one in sys.orig_argv):
    sys.path.insert(0, {other!r})
"""


def test_a_kernel_with_another_procmine_fails_the_job_with_words_that_help(tmp_path, monkeypatch):
    import procmine

    other, site = tmp_path / "other" / "procmine", tmp_path / "site"
    other.mkdir(parents=True)
    site.mkdir()
    shadow = f"__version__ = {procmine.__version__!r}\n__path__ = [{str(Path(procmine.__file__).parent)!r}]\n"
    (other / "__init__.py").write_text(shadow, encoding="utf-8")
    (site / "sitecustomize.py").write_text(SITE.format(other=str(other.parent)), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(site))
    said = []
    (done,) = run_jobs(batch(tmp_path, job(notebook(tmp_path, "good", QUICK))), say=said.append)
    assert done.status == "failed"
    assert "the folder of procmine" in done.problems[0]
    assert str(tmp_path) not in done.problems[0]  # the record may be sent
    assert any(str(other) in line for line in said)


@pytest.mark.slow
def test_a_long_job_ends_a_cell_in_time_to_say_which_it_was(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONSTARTUP", "")
    monkeypatch.setattr(worker, "LONG", 5)
    monkeypatch.setattr(worker, "SPARE", 10)
    loops = job(notebook(tmp_path, "loops", QUICK, ENDLESS), seconds=20)
    answer = worker.answered(loops, tmp_path, worker.ours(), {})
    assert answer.status == "timeout"
    assert "Cell 3" in answer.problems[0]
    assert "10 seconds" in answer.problems[0]
    assert "loops.html" in answer.files
    assert worker.cell_limit(4) == 4


def test_cores_are_shared_out_and_the_environment_of_the_user_is_there_but_kept_nowhere(tmp_path, monkeypatch):
    monkeypatch.setenv("THE_PASSWORD", "hunter2")
    lines = "import os\nassert os.environ['THE_PASSWORD'] == 'hunter' + str(2)\nos.environ['NUMBA_NUM_THREADS']"
    whole = batch(tmp_path, job(notebook(tmp_path, "env", lines)), workers=10_000)
    (done,) = run_jobs(whole, say=print)
    assert done.status == "complete", done.problems
    page = (whole.place(whole.jobs[0]) / "env.html").read_text(encoding="utf-8")
    assert "&#39;1&#39;" in page or "'1'" in page
    assert "hunter2" not in "".join(one.read_text(errors="replace") for one in whole.folder.rglob("*") if one.is_file())


def test_what_a_killed_run_left_is_found_by_its_mark_and_nothing_else_is(tmp_path):
    sleeps = [sys.executable, "-c", "import time; time.sleep(300)"]
    mine, other = (subprocess.Popen(sleeps, env={**os.environ, MARK: mark}) for mark in ("t3st:1", "t3st2:1"))
    try:
        assert {one.pid for one in marked("t3st:1")} == {mine.pid}
        assert end_marked("t3st:") == 1
        mine.wait(10)
        assert other.poll() is None
    finally:
        for one in (mine, other):
            one.kill()
            one.wait()


def test_the_remaining_time_is_worked_out_from_jobs_of_the_same_notebook(tmp_path):
    slow, quick = tmp_path / "slow.ipynb", tmp_path / "quick.ipynb"
    jobs = {f"s{k}": job(slow, str(k)) for k in range(5)} | {f"q{k}": job(quick, str(k)) for k in range(3)}
    took = {
        name: Done(name, "1", "complete", seconds=each) for name, each in (("s0", 10.0), ("s1", 30.0), ("s2", 90.0))
    }
    assert seconds_left(jobs, {}, {}, workers=2, now=0.0) is None
    assert seconds_left(jobs, took, {}, workers=2, now=0.0) is None  # of quick nothing is known
    took["q0"] = Done("q0", "1", "failed", seconds=4.0)
    assert seconds_left(jobs, took, {}, workers=2, now=0.0) == (30 + 30 + 4 + 4) / 2
    assert seconds_left(jobs, took, {"s3": 0.0}, workers=2, now=5.0) == (25 + 30 + 4 + 4) / 2
    assert seconds_left(jobs, took, {"s3": 0.0}, workers=40, now=20.0) == 30  # no job is shared by two
    assert seconds_left(jobs, dict.fromkeys(jobs, took["q0"]), {}, workers=2, now=0.0) is None
    assert [in_round_figures(one) for one in (0.2, 41.0, 119.0, 121.0, 7_201.0)] == [10, 50, 120, 180, 7_800]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_has_one_line_that_changes_and_keeps_the_failures_and_a_file_one_line_a_job(tmp_path, monkeypatch):
    jobs = [job(tmp_path / "a.ipynb", str(k)) for k in range(3)]
    dones = [Done(jobs[0].id, "1", "complete", seconds=20.0), Done(jobs[1].id, "1", "failed", ("why",), seconds=20.0)]
    texts = []
    for stream in (Terminal(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", stream)
        progress = Progress(jobs, 2, None)
        progress.show()
        for one, done in zip(jobs, dones):
            progress.done(one, done, done.problems)
            progress.show()
        texts.append(stream.getvalue())
    shown = [line.strip() for line in texts[0].replace("\n", "\r").split("\r") if line.strip()]
    assert shown == [
        "0 of 3 done",
        "1 of 3 done, about 20 seconds left",
        "2 of 3 North/a/1: failed, 20 seconds",
        "why",
        "2 of 3 done, about 20 seconds left, 1 failed",
    ]
    assert texts[1].splitlines() == [
        "1 of 3 North/a/0: complete, 20 seconds; about 20 seconds left",
        "2 of 3 North/a/1: failed, 20 seconds; about 20 seconds left",
        "  why",
    ]


def test_a_job_for_which_the_system_has_no_room_fails_and_the_others_are_run(tmp_path, monkeypatch):
    good = notebook(tmp_path, "good", QUICK)
    whole = batch(tmp_path, job(good), job(good, "second"), workers=1)
    made, full = tempfile.mkdtemp, [OSError(errno.ENOSPC, "No space left on device")]

    def once_full(*given, **named):
        if full:
            raise full.pop()
        return made(*given, **named)

    monkeypatch.setattr(tempfile, "mkdtemp", once_full)
    said = []
    dones = run_jobs(whole, say=said.append)
    assert statuses(dones) == ["failed", "complete"]
    assert "No space left" in dones[0].problems[0] and any("No space left" in line for line in said)


def test_what_is_no_longer_asked_for_leaves_the_folders_that_are_sent(tmp_path):
    good = notebook(tmp_path, "good", QUICK)
    whole = batch(tmp_path, job(good), job(good, "second"))
    run_jobs(whole, say=print)
    own = below(whole) / "North" / "a letter.txt"
    own.write_text("theirs")
    for name in ("index.html", "mailing.csv"):
        (whole.folder / name).write_text("of all that was there")
    pages = files_of(whole.place(whole.jobs[1]))
    said = []
    assert statuses(run_jobs(replaced(whole, jobs=whole.jobs[:1]), say=said.append)) == ["unchanged"]
    assert [one.name for one in (below(whole) / "North" / "good").iterdir()] == ["baseline"]
    away = next((whole.folder / "work" / "put away").glob("*/North/good/second"))
    assert files_of(away) == pages and own.read_text() == "theirs"
    assert any("1 result that" in line for line in said)
    assert (whole.folder / "mailing.csv").exists()  # no page changed
    run_jobs(replaced(whole, jobs=(job(good, key="2"),)), say=print)
    assert not (whole.folder / "mailing.csv").exists() and not (whole.folder / "index.html").exists()


def test_the_kept_notebook_tells_no_folder_of_the_machine_and_can_be_run_again_where_it_lies(tmp_path):
    good = notebook(tmp_path, "good", "from pathlib import Path", "len(Path(source).read_text())")
    whole = batch(tmp_path, job(good))
    log = whole.folder / WORK / "logs" / "North" / "log.csv"
    from_job = f"{'../' * 4}{WORK}/logs/North/log.csv"
    log.parent.mkdir(parents=True)
    log.write_text("case")
    other = tmp_path / "log.csv"
    for path, written in ((log, from_job), (other, "log.csv")):
        one = replaced(whole.jobs[0], log=path, parameters={"k": 2, "source": str(path)}, key=written)
        run_jobs(replaced(whole, jobs=(one,)), say=print)
        place = whole.place(one)
        for page in ("good.ipynb", "good.html", RECORD):
            assert str(tmp_path) not in (place / page).read_text()
        assert f'source = "{written}"' in "".join(
            cell.source for cell in nbformat.read(place / "good.ipynb", as_version=4).cells
        )
    assert (whole.place(whole.jobs[0]) / from_job).read_text() == "case"


@pytest.mark.parametrize(
    "line", ["print(os.environ['THE_TOKEN'])", "raise ValueError(os.environ['THE_TOKEN'])", "dict(os.environ)"]
)
def test_a_page_that_shows_a_secret_of_the_environment_is_not_kept(tmp_path, monkeypatch, line):
    monkeypatch.setenv("THE_TOKEN", "hunter2'<&\\")
    whole = batch(tmp_path, job(notebook(tmp_path, "tells", "import os", line)))
    said = []
    (done,) = run_jobs(whole, say=said.append)
    assert done.status == "failed" and done.files == {} and "THE_TOKEN" in done.problems[0]
    assert [one.name for one in whole.place(whole.jobs[0]).iterdir()] == [RECORD]
    assert not any("hunter2" in line for line in said)


def test_half_written_extracts_of_a_killed_run_go(tmp_path):
    whole = batch(tmp_path, job(notebook(tmp_path, "good", QUICK), problems=("it cannot run",)))
    for name in ("logs/.North.0a.partial", "headlines/.0b", "logs/North"):
        (whole.folder / "work" / name).mkdir(parents=True)
        (whole.folder / "work" / name / "events.parquet").write_bytes(b"case data")
    run_jobs(whole, say=print)
    assert [one.parent.name for one in (whole.folder / "work").rglob("*.parquet")] == ["North"]
