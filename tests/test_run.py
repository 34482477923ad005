"""run.py, run for real on a small project in a folder with blanks and other letters; other systems by their facts."""

import ast
import base64
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SPEC = importlib.util.spec_from_file_location("run", ROOT / "run.py")
assert SPEC is not None
assert SPEC.loader is not None
workshop = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(workshop)

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "procmine"
version = "0"
"""
# The least that can install a folder in place, so that these tests need no network and no setuptools.
BACKEND = """
import base64, hashlib, os, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    files = {
        "procmine.pth": os.getcwd() + "\\n",
        "procmine-0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: procmine\\nVersion: 0\\n",
        "procmine-0.dist-info/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        "procmine-0.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(os.path.join(folder, "procmine-0-py3-none-any.whl"), "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return "procmine-0-py3-none-any.whl"
"""
MODULE = """
import sys
def main():
    print("COMMAND", sys.executable, *sys.argv[1:])
if __name__ == "__main__":
    main()
"""
CLI = "import os, sys, tiny\nprint('HERE', os.getcwd(), '|'.join(sys.argv[1:]), tiny.__file__)\nsys.exit(len(sys.argv) - 1)\n"


def make_wheel(folder: Path, name: str) -> str:
    """A one-file package with a command of its own name; its lock line."""
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": MODULE,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
    }
    path = folder / f"{name}-1.0-py3-none-any.whl"
    record = "".join(f"{each},sha256={short(text)},{len(text.encode())}\n" for each, text in files.items())
    with zipfile.ZipFile(path, "w") as wheel:
        for each, text in {**files, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            wheel.writestr(zipfile.ZipInfo(each), text)
    return f"{name}==1.0 \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def short(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def make_project(folder: Path) -> Path:
    for room in ("requirements", "procmine", "wheels"):
        (folder / room).mkdir(parents=True)
    shutil.copy(ROOT / "run.py", folder)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "procmine" / "__init__.py").touch()
    (folder / "procmine" / "cli.py").write_text(CLI)
    lines = [make_wheel(folder / "wheels", name) for name in ("tiny", "pytest")]
    (folder / "wheels" / "READ_ME.txt").write_text("Made for: " + workshop.target() + "\n")
    (folder / "requirements" / "run.lock").write_text(lines[0])
    (folder / "requirements" / "dev.lock").write_text("".join(lines))
    return folder


def start(project: Path, *arguments: str, cwd: Path | None = None, **environ: str) -> "subprocess.Popen[str]":
    command = [sys.executable, str(project / "run.py"), *arguments]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PROCMINE_"))}
    return subprocess.Popen(
        command,
        cwd=cwd or project.parent,
        env={**kept, "PYTHONUTF8": "1", **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )


Ended = namedtuple("Ended", "code out err")


def run(project: Path, *arguments: str, cwd: Path | None = None, **environ: str) -> Ended:
    child = start(project, *arguments, cwd=cwd, **environ)
    out, err = child.communicate(timeout=300)
    return Ended(child.returncode, out, err)


def environments(project: Path) -> list[str]:
    return sorted(path.name for path in project.iterdir() if path.name.startswith(".venv") and path.is_dir())


def since(project: Path) -> int:
    return (project / ".venv" / "procmine.json").stat().st_mtime_ns


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A project that has been run once, and what a newcomer saw."""
    project = make_project(tmp_path_factory.mktemp("x") / "Ämtér für Žmonės")
    return project, run(project, "map", "a b.csv", "ė")


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    return make_project(tmp_path / "Ämtér für Žmonės")


def test_the_first_run_says_what_it_will_do_and_then_passes_everything_on(built: tuple[Path, Ended]) -> None:
    project, first = built
    assert f"HERE {project.parent} map|a b.csv|ė {project}" in first.out
    assert first.code == 3  # what the command said, not what run.py thinks of it
    before, _, after = first.err.partition("making the environment")
    for word in (
        str(project / ".venv"),
        "nothing; up to 1 packages come from",
        "GB",
        "MB",
        "minute",
        "Nothing is sent",
    ):
        assert word in before
    assert re.search(r"Ready after \d+ seconds", after)
    assert environments(project) == [".venv"]


def test_the_second_run_builds_nothing(built: tuple[Path, Ended]) -> None:
    project, _ = built
    before = since(project)
    second = run(project, "x")
    assert (second.code, second.err) == (1, "")
    assert since(project) == before


def test_commands_inside_work_after_the_rename(built: tuple[Path, Ended]) -> None:
    project, _ = built
    python = workshop.python_in(project / ".venv")
    done = subprocess.run([python.parent / "tiny"], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout == f"COMMAND {python}\n"
    for script in python.parent.iterdir():
        if not script.is_symlink():
            assert b".partial-" not in script.read_bytes(), script.name


DEMO = """import pathlib, sys
if "--help" not in sys.argv:
    folder = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").touch()
"""


@pytest.mark.parametrize("named", [(), ("-o", "my demo"), ("-omy demo",), ("--out", "my demo"), ("--out=my demo",)])
def test_the_demos_folder_is_seen_from_where_the_user_stands(
    built: tuple[Path, Ended], tmp_path: Path, named: tuple[str, ...]
) -> None:
    project = built[0]
    cli = project / "procmine" / "cli.py"
    cli.write_text(DEMO)
    try:
        done = run(project, "demo", *named, cwd=tmp_path, CI="1")
        asked = run(project, "demo", "--help", *named, cwd=tmp_path, CI="1")
    finally:
        cli.write_text(CLI)
    page = (tmp_path / "my demo" if named else project / "outputs" / "demo") / "index.html"
    assert (done.code, done.err) == (0, f"The page: {page}\n")
    assert page.is_file()
    assert (asked.code, asked.err) == (0, "")
    assert named == () or not (project / "my demo").exists()


def test_foreign_packages_do_not_leak_in(built: tuple[Path, Ended], tmp_path: Path) -> None:
    project, _ = built
    (tmp_path / "tiny.py").write_text("raise SystemExit('wrong one')")
    assert run(project, "x", cwd=tmp_path, PYTHONPATH=str(tmp_path)).code == 1


def test_test_tools_are_added_not_rebuilt_and_serve_the_rest(fresh: Path) -> None:
    assert run(fresh, "x").code == 1
    kept = (fresh / ".venv" / "pyvenv.cfg").stat().st_mtime_ns
    more = run(fresh, "python", "-c", "import pytest")
    assert more.code == 1
    assert "No module named 'pytest'" in more.err
    added = run(fresh, "test", "-k", "nothing")
    assert added.out == f"COMMAND {workshop.python_in(fresh / '.venv')} -k nothing\n"
    assert "adds its test tools" in added.err
    assert (fresh / ".venv" / "pyvenv.cfg").stat().st_mtime_ns == kept
    assert run(fresh, "x").err == ""


def test_a_changed_lock_builds_again(fresh: Path) -> None:
    run(fresh, "x")
    lock = fresh / "requirements" / "run.lock"
    lock.write_text(lock.read_text() + make_wheel(fresh / "wheels", "tinier"))
    again = run(fresh, "x")
    assert (again.code, "again: the list of packages changed" in again.err) == (1, True)
    assert run(fresh, "python", "-c", "import tinier").code == 0
    assert environments(fresh) == [".venv"]


def test_line_ends_of_a_checkout_do_not_count_as_a_change(tmp_path: Path) -> None:
    unix, windows = tmp_path / "a.lock", tmp_path / "b.lock"
    unix.write_bytes(b"a==1\nb==2\n")
    windows.write_bytes(b"a==1\r\nb==2\r\n")
    assert workshop.digest(unix) == workshop.digest(windows)


def test_a_moved_folder_is_mended_without_any_packages(fresh: Path, tmp_path: Path) -> None:
    run(fresh, "x")
    shutil.rmtree(fresh / "wheels")
    moved = fresh.rename(tmp_path / "moved to")
    mended = run(moved, "x", PIP_NO_INDEX="1")
    assert mended.code == 1
    assert "was moved" in mended.err
    assert f"{moved}{os.sep}.venv" in mended.out
    python = workshop.python_in(moved / ".venv")
    done = subprocess.run([python.parent / "tiny"], capture_output=True, text=True, check=True)
    assert done.stdout == f"COMMAND {python}\n"
    assert run(moved, "x").err == ""


def test_a_wrong_hash_installs_nothing(fresh: Path) -> None:
    lock = fresh / "requirements" / "run.lock"
    lock.write_text(re.sub(r"[0-9a-f]{64}", "0" * 64, lock.read_text()))
    done = run(fresh, "x")
    assert done.code == 2
    assert "not the one that was checked" in done.err
    assert environments(fresh) == []


def test_a_line_without_a_hash_installs_nothing(fresh: Path) -> None:
    (fresh / "requirements" / "run.lock").write_text("tiny==1.0\n")
    done = run(fresh, "x")
    assert (done.code, "Hashes are required" in done.err, environments(fresh)) == (2, True, [])


def test_kernels_are_compiled_last_and_their_failure_is_not_swallowed(fresh: Path) -> None:
    kernels = fresh / "procmine" / "kernels"
    kernels.mkdir()
    (kernels / "__init__.py").touch()
    (kernels / "jit.py").write_text("import tiny\nraise SystemExit('no compiler today')\n")
    done = run(fresh, "x")
    assert (done.code, "no compiler today" in done.err, environments(fresh)) == (2, True, [])
    (kernels / "jit.py").write_text(
        "import tiny, pathlib, time\ntime.sleep(16)\npathlib.Path(__file__).with_name('done').touch()\n"
    )
    done = run(fresh, "x")
    assert done.code == 1
    assert re.search(r"once; 1 to 4 minutes, 1[5-9] seconds so far", done.err)  # it goes on, and says so
    assert (kernels / "done").exists()


def test_two_at_once_build_one_whole_environment(fresh: Path) -> None:
    both = [start(fresh, "one"), start(fresh, "two", "three")]
    ended = [Ended(child.wait(300), *child.communicate()) for child in both]
    assert [each.code for each in ended] == [1, 2]
    assert sum("Another procmine is preparing" in each.err for each in ended) == 1
    assert sum("making the environment" in each.err for each in ended) == 1
    assert environments(fresh) == [".venv"]


POSIX = pytest.mark.skipif(os.name == "nt", reason="only on systems with these signals")


@POSIX
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopping_leaves_no_half_environment(fresh: Path, how: signal.Signals) -> None:
    child = wait_for_partial(fresh)
    os.killpg(child.pid, how) if how == signal.SIGINT else os.kill(child.pid, how)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, "Nothing half-made was left behind" in err, out) == (130, True, "")
    assert environments(fresh) == []


@POSIX
def test_what_a_killed_run_left_is_swept_by_the_next(fresh: Path) -> None:
    child = wait_for_partial(fresh)
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()
    assert len(environments(fresh)) == 1
    assert run(fresh, "x").code == 1
    assert environments(fresh) == [".venv"]


def wait_for_partial(project: Path) -> "subprocess.Popen[str]":
    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # where tests run in the background it may be ignored
    child = start(project, "x")
    signal.signal(signal.SIGINT, before)
    until = time.monotonic() + 60
    while not environments(project) and time.monotonic() < until:
        time.sleep(0.02)
    assert ".venv.partial-" in environments(project)[0]
    time.sleep(0.3)
    return child


def test_an_environment_of_somebody_else_is_left_alone(fresh: Path) -> None:
    (fresh / ".venv").mkdir()
    (fresh / ".venv" / "mine.txt").write_text("mine")
    done = run(fresh, "x")
    assert (done.code, "not made by run.py" in done.err) == (2, True)
    assert (fresh / ".venv" / "mine.txt").read_text() == "mine"


def test_the_environment_may_be_put_elsewhere(fresh: Path, tmp_path: Path) -> None:
    assert run(fresh, "x", PROCMINE_ENV=str(tmp_path / "else where")).code == 1
    assert (tmp_path / "else where" / "pyvenv.cfg").exists()
    assert environments(fresh) == []


def test_bundle_then_install_with_no_index(fresh: Path, tmp_path: Path) -> None:
    (fresh / "wheels").rename(tmp_path / "index")
    bundled = run(
        fresh, "bundle", str(tmp_path / "to carry"), PIP_NO_INDEX="1", PIP_FIND_LINKS=(tmp_path / "index").as_uri()
    )
    assert bundled.code == 0, bundled.err
    names = sorted(path.name for path in (tmp_path / "to carry").iterdir())
    assert names == ["READ_ME.txt", "dev.lock", "run.lock", "tiny-1.0-py3-none-any.whl"]
    other = make_project(tmp_path / "other")
    shutil.rmtree(other / "wheels")
    assert run(other, "x", "--wheels", str(tmp_path / "to carry"), PIP_INDEX_URL="http://127.0.0.1:9/").code == 1


def test_bundle_does_not_empty_a_folder_of_other_things(built: tuple[Path, Ended], tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    done = run(built[0], "bundle", str(tmp_path))
    assert (done.code, "other things" in done.err) == (2, True)
    assert (tmp_path / "thesis.txt").exists()


def test_a_bundle_for_another_python_says_so(fresh: Path) -> None:
    (fresh / "wheels" / "tiny-1.0-py3-none-any.whl").rename(fresh / "wheels" / "tiny-1.0-cp39-cp39-win_amd64.whl")
    (fresh / "wheels" / "READ_ME.txt").write_text("Made for: Windows AMD64, Python 3.9\n")
    done = run(fresh, "x")
    assert done.code == 2
    assert "made for Windows AMD64, Python 3.9; this is " in done.err


def test_a_bundle_of_another_version_says_so(fresh: Path) -> None:
    lock = fresh / "requirements" / "run.lock"
    shutil.copy(lock, fresh / "wheels")
    lock.write_text(lock.read_text().replace("tiny==1.0", "tiny==2.0"))
    done = run(fresh, "x")
    assert (done.code, "belong to another version of procmine" in done.err) == (2, True)


# ---- what it says when it cannot ----


def test_an_empty_left_over_folder_is_not_ensurepip(fresh: Path, tmp_path: Path) -> None:
    """What Debian leaves when python3-venv is removed: found by the import system, and of no use."""
    hide = tmp_path / "hide" / "sitecustomize.py"
    hide.parent.mkdir()
    hide.write_text(
        "import sys, os\n"
        "class Hide:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'ensurepip':\n"
        "            from importlib.machinery import ModuleSpec\n"
        "            return ModuleSpec(name, None, is_package=True)\n"
        "sys.meta_path.insert(0, Hide())\n"
    )
    done = run(fresh, "x", PYTHONPATH=str(hide.parent))
    assert done.code == 2
    assert "its part called ensurepip is absent" in done.err
    assert environments(fresh) == []


def test_unreachable_index_proxy_and_certificate_are_told_apart_for_real(fresh: Path) -> None:
    """Real pip against a closed port: nothing listens on 9 here."""
    shutil.rmtree(fresh / "wheels")
    bare = {"PIP_RETRIES": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "https://127.0.0.1:9/x"}
    index = run(fresh, "x", **bare)
    assert "could not be reached" in index.err
    assert "PIP_INDEX_URL = https://127.0.0.1:9/x" in index.err
    proxy = run(fresh, "x", **bare, HTTPS_PROXY="http://me:secret@127.0.0.1:9", NO_PROXY="")
    assert "the proxy setting" in proxy.err
    assert "HTTPS_PROXY = http://***@127.0.0.1:9" in proxy.err
    assert "secret" not in proxy.err
    ca = {key: str(fresh / "none.pem") for key in ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")}
    cert = run(fresh, "x", **bare, **ca)
    assert "the certificate setting" in cert.err
    assert f"PIP_CERT = {fresh / 'none.pem'}" in cert.err
    assert environments(fresh) == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", "certificate"),
        ("ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407", "proxy"),
        ("ERROR: HTTP error 403 while getting https://x", "refused you"),
        ("ERROR: 401 Client Error: Unauthorized for url", "refused you"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("OSError: [WinError 206] The filename or extension is too long", "too long"),
        ("ERROR: No matching distribution found for a==1", "does not have"),
        ("NameResolutionError(\"Failed to resolve 'x'\")\nERROR: No matching distribution found for a==1", "reached"),
        ("something else altogether", "pip stopped"),
    ],
)
def test_pips_words_become_one_reason(said: str, reason: str) -> None:
    first = workshop.why_failed(said, {}).splitlines()[0]
    assert reason in first


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (((3, 10, 4), "cpython", 64, False, "linux-x86_64"), "3.11, 3.12, 3.13 or 3.14; this is 3.10.4"),
        (((3, 15, 0), "cpython", 64, False, "linux-x86_64"), "3.11 to 3.14; this is 3.15.0"),
        (((3, 11, 0), "cpython", 32, False, "win32"), "32-bit"),
        (((3, 13, 0), "cpython", 64, True, "linux-x86_64"), "free-threaded"),
        (((3, 11, 0), "pypy", 64, False, "linux-x86_64"), "pypy"),
        (((3, 12, 0), "cpython", 64, False, "win-arm64"), "Windows on ARM"),
    ],
)
def test_pythons_that_cannot(facts: tuple[tuple[int, ...], str, int, bool, str], word: str) -> None:
    assert word in workshop.refusal(*facts)


@pytest.mark.parametrize("minor", [11, 12, 13, 14])
def test_pythons_that_can(minor: int) -> None:
    assert workshop.refusal((3, minor, 0), "cpython", 64, False, "win-amd64") == ""


def test_old_pythons_can_read_the_file_to_say_what_is_needed() -> None:
    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_the_missing_debian_package_is_named() -> None:
    assert "sudo apt install python3.12-venv" in workshop.missing_part(
        {"venv": True, "ensurepip": False}, (3, 12, 3), True
    )
    assert "apt" not in workshop.missing_part({"venv": True, "ensurepip": False}, (3, 12, 3), False)
    assert workshop.missing_part({"venv": True, "ensurepip": True}, (3, 12, 3), True) == ""


def test_too_little_disk_is_refused_with_the_number(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**10, 0, 700_000_000))
    with pytest.raises(workshop.Trouble, match=r"700 MB are free .* needs 1,600 MB"):
        workshop.announce(tmp_path / ".venv", "run", None, {})


# ---- where the environment goes (Windows and macOS: facts passed in; they were not run) ----

WINDOWS = {"LOCALAPPDATA": "C:\\Users\\ana\\AppData\\Local"}
LOCAL = "C:\\Users\\ana\\AppData\\Local\\procmine\\env-"


@pytest.mark.parametrize(
    ("system", "root", "environ", "long_paths", "begins"),
    [
        ("win32", "C:\\procmine", WINDOWS, True, "C:\\procmine\\.venv"),
        ("win32", "C:\\procmine", WINDOWS, False, LOCAL),
        ("win32", "C:\\" + "deep\\" * 20 + "procmine", WINDOWS, True, LOCAL),
        ("win32", "C:\\Users\\ana\\OneDrive - Agency\\procmine", WINDOWS, True, LOCAL),
        ("win32", "D:\\Cloud\\procmine", {**WINDOWS, "OneDriveCommercial": "D:\\Cloud"}, True, LOCAL),
        ("win32", "G:\\My Drive\\procmine", WINDOWS, True, LOCAL),
        ("darwin", "/Users/ana/procmine", {}, True, "/Users/ana/procmine/.venv"),
        (
            "darwin",
            "/Users/ana/Library/Mobile Documents/x/procmine",
            {},
            True,
            "/users/ana/Library/Application Support/",
        ),
        ("linux", "/srv/" + "deep/" * 40 + "procmine", {}, True, "/srv/deep"),
        ("linux", "/users/ana/Dropbox (Agency)/procmine", {}, True, "/users/ana/.local/share/procmine/env-"),
    ],
)
def test_where_the_environment_goes(
    system: str, root: str, environ: dict[str, str], long_paths: bool, begins: str
) -> None:
    machine = workshop.Machine(system, root, "/users/ana", environ, long_paths)
    assert workshop.environment_folder(machine).startswith(begins)


def test_two_checkouts_do_not_share_a_folder() -> None:
    places = {
        workshop.environment_folder(workshop.Machine("win32", root, "C:\\Users\\ana", WINDOWS, False))
        for root in ("C:\\one", "C:\\two")
    }
    assert len(places) == 2


def test_a_windows_launcher_gets_the_new_python_and_keeps_its_archive() -> None:
    archive = b"PK\x03\x04 the rest"
    launcher = b'MZ\x90 #!not this\n program #!"C:\\a b\\.venv.partial-1\\Scripts\\python.exe"\r\n' + archive
    mended = workshop.at_home(launcher, Path("C:\\new place\\Scripts\\python.exe"))
    assert mended == b'MZ\x90 #!not this\n program #!"C:\\new place\\Scripts\\python.exe"\r\n' + archive


def test_pages_are_opened_only_where_somebody_looks() -> None:
    assert workshop.screen("win32", {})
    assert workshop.screen("linux", {"DISPLAY": ":0"})
    assert not workshop.screen("linux", {})
    assert not workshop.screen("darwin", {"CI": "1"})


def test_usage_names_every_command() -> None:
    usage = workshop.say("usage", env="x")
    for command in ("demo", "lab", "test", "bench", "bundle", "python", "help", "--wheels"):
        assert command in usage


def test_skips_fail_where_everything_must_be_there(tmp_path: Path) -> None:
    shutil.copy(ROOT / "tests" / "ci_plugin.py", tmp_path)
    (tmp_path / "test_it.py").write_text(
        textwrap.dedent("""
        import pytest
        def test_gap(): pytest.skip("no chromium")
        def test_elsewhere(): pytest.skip("only on Windows")
        @pytest.mark.xfail
        def test_known(): raise ValueError
        def test_fine(): pass
        """)
    )
    command = [sys.executable, "-m", "pytest", "-p", "ci_plugin", "-p", "no:cacheprovider", "-q"]
    for where, outcome in (("", "2 passed, 1 xfailed"), ("1", "1 failed, 1 passed, 1 skipped, 1 xfailed")):
        environ = {**os.environ, "PROCMINE_CI": where}
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
        expected = outcome if where else "1 passed, 2 skipped, 1 xfailed"
        assert expected in done.stdout
        assert done.returncode == bool(where)
