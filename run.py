"""Prepare procmine's own Python environment once, then run a procmine command in it (standard library only)."""

import contextlib
import hashlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import IO, Any, Dict, Iterator, List, NamedTuple, NoReturn, Optional, Sequence, Tuple

# This file must still be *readable* by old Pythons (3.6 and later), so that they can say what is needed instead.
# A test parses it so. Everything below main()'s first line may use the library of 3.11.

ROOT = Path(os.path.dirname(os.path.abspath(__file__)))
OLDEST, NEWEST = (3, 11), (3, 14)
STAMP = "procmine.json"
NEED = {"run": 1600, "test": 1800}  # MB free: the environment, and room to unpack
LAB_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
}
LAB_START = "notebooks/start_here.md"

SAYS = {
    "usage": """procmine: find where cases wait, and show whether a change helped.

  python run.py demo              the whole loop on a synthetic sample; opens outputs/demo/index.html
  python run.py lab               JupyterLab on this computer; opens on a page of questions
  python run.py COMMAND ...       any procmine command, for example: python run.py map my_log.csv
  python run.py help              the procmine commands
  python run.py python ...        that environment's Python, for a script or module of your own
  python run.py test              the tests (more arguments go to pytest)
  python run.py bench             speed beside other tools, into docs/benchmarks.md (bench list: what can be asked)
  python run.py bundle [FOLDER]   a folder of packages, to install where there is no network (--test: test tools too)

  --wheels FOLDER                 install from such a folder; a folder "wheels" beside run.py is found by itself
The first use prepares an environment of its own in {env}""",
    "old": "procmine needs Python 3.11, 3.12, 3.13 or 3.14; this is {version}. Install one of them and call it by name, "
    "for example: python3.11 run.py demo   (on Windows: py -3.11 run.py demo)",
    "new": "procmine was made for Python 3.11 to 3.14; this is {version}, for which not all packages exist yet. "
    "Use one of those, for example: python3.14 run.py demo   (on Windows: py -3.14 run.py demo)",
    "kind": "procmine needs the usual 64-bit CPython; this is {what}. Install it from your software centre or python.org.",
    "arm": "This is Python for Windows on ARM, for which several packages do not exist. Install the 64-bit Intel/AMD "
    "(x64) Python instead; Windows runs it.",
    "novenv": "This Python cannot make environments: its part called {missing} is absent. {remedy}",
    "debian": "Install the package once, then run the same command again:  sudo apt install {package}",
    "notdebian": "Install a complete Python (the one from python.org has it), then run the same command again.",
    "first": "procmine prepares its own Python environment, once{why}.\n"
    "  where    {env}\n  fetches  {fetches}\n  disk     about {disk} (free there: {free:,} MB)\n  time     {time}\n"
    "Nothing is sent, and nothing else on this computer is changed except pip's download cache.",
    "network": "up to {count} packages, about {size} MB, each checked against requirements/{lock}.lock",
    "folder": "nothing; up to {count} packages come from {wheels}, each checked against requirements/{lock}.lock",
    "time": "1 to 5 minutes, mostly by your network; later starts take no time",
    "short": "about a minute; later starts take no time",
    "extend": "procmine adds its test tools to its environment, once: {count} packages, about 40 MB, under a minute.",
    "changed": " (again: {what} changed)",
    "disk": "There is too little room: {free:,} MB are free in {where}, and procmine needs {need:,} MB there. "
    "Free some, or name another folder: set PROCMINE_ENV to it and run the same command again.",
    "alien": "The folder {env} was not made by run.py, so it is left alone. Rename it, or set PROCMINE_ENV to the folder "
    "that procmine may use, and run the same command again.",
    "busy": "Another procmine is preparing the same environment; waiting for it ...",
    "open": "The old environment in {env} is in use. Close JupyterLab and other procmine windows, then run this again.",
    "moved": "The folder was moved; mending the environment (a few seconds) ...",
    "compiling": "compiling the fast calculations",
    "minutes": ", once; 1 to 4 minutes, {seconds} seconds so far",
    "ready": "Ready after {seconds} seconds.\n",
    "stopped": "Stopped. Nothing half-made was left behind.",
    "failed": "The environment could not be made: {reason}\n{remedy}",
    "inforce": "Settings in force: {settings}",
    "said": "pip's last words:\n{words}",
    "page": "The page: {page}",
    "nowheels": "There are no packages (*.whl) in {wheels}.",
    "bundling": "Fetching {count} packages for {target} into {folder} ...",
    "bundled": "Done: {count} packages, {size} MB, in {folder}\n"
    "Copy procmine's folder to the other computer, put this folder beside run.py under the name wheels, and run there:\n"
    "  python run.py demo",
    "notempty": "{folder} has other things in it. Name an empty or new folder: python run.py bundle FOLDER",
    "otherlock": "The packages in {wheels} belong to another version of procmine. Make the bundle again with this version, "
    "or take the folder away to install from the network.",
    "notools": "The folder may lack the test tools: make it with  python run.py bundle --test",
    "madefor": "It was made for {made}; this is {here}. Make the bundle on a computer like this one, with this Python.",
}
READ_ME = """Packages for procmine, to install where there is no network.
Made for: {target}

1. Copy procmine's folder to the other computer.
2. Put this folder beside run.py under the name wheels.
3. There, in procmine's folder:  python run.py demo

Every package is checked against the lock before it is used. The other computer needs the same kind of system and the
same Python version as named above.
"""


class Machine(NamedTuple):
    """What decides where the environment goes; tests pass other machines than this one."""

    system: str
    root: str
    home: str
    environ: Dict[str, str]
    long_paths: bool = True


class Trouble(Exception):
    """A reason to stop that the user can do something about."""


def say(key: str, **values: Any) -> str:
    return SAYS[key].format(**values)


def tell(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


# ---- may this Python do it? ----


def refusal(version: Sequence[int], implementation: str, bits: int, threaded: bool, machine: str) -> str:
    """Why this Python cannot carry procmine, or an empty text."""
    shown = ".".join(str(part) for part in version[:3])
    if tuple(version[:2]) < OLDEST:
        return say("old", version=shown)
    if tuple(version[:2]) > NEWEST:
        return say("new", version=shown)
    if implementation != "cpython" or bits != 64 or threaded:
        what = implementation if implementation != "cpython" else "a free-threaded build" if threaded else "32-bit"
        return say("kind", what=what)
    return say("arm") if machine == "win-arm64" else ""


def missing_part(has: Dict[str, bool], version: Sequence[int], debian: bool) -> str:
    """What to say when the library parts that make environments are absent (Debian ships them apart), or nothing."""
    missing = [name for name in ("venv", "ensurepip") if not has[name]]
    if not missing:
        return ""
    package = f"python{version[0]}.{version[1]}-venv"
    remedy = say("debian", package=package) if debian else say("notdebian")
    return say("novenv", missing=" and ".join(missing), remedy=remedy)


def check_python() -> None:
    from importlib.util import find_spec

    bits = 64 if sys.maxsize > 2**32 else 32
    threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    specs = {name: find_spec(name) for name in ("venv", "ensurepip")}
    has = {name: bool(spec and spec.origin) for name, spec in specs.items()}  # without origin: a left-over empty folder
    version = tuple(sys.version_info[:3])
    trouble = refusal(version, sys.implementation.name, bits, threaded, sysconfig.get_platform())
    trouble = trouble or missing_part(has, version, os.path.exists("/etc/debian_version"))
    if trouble:
        raise Trouble(trouble)


# ---- where does the environment go? ----


def this_machine() -> Machine:
    return Machine(sys.platform, str(ROOT), os.path.expanduser("~"), dict(os.environ), long_paths_allowed())


def long_paths_allowed() -> bool:
    if sys.platform != "win32":
        return True
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
            return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])
    except OSError:
        return False


def synchronised(machine: Machine) -> bool:
    """Does a cloud service copy this folder? Then 40,000 files of an environment do not belong in it."""
    names = ("onedrive", "dropbox", "google drive", "googledrive", "my drive", "icloud", "nextcloud", "owncloud")
    exact = ("mobile documents", "cloudstorage")
    parts = re.split(r"[\\/]+", machine.root.lower())
    roots = [value.lower() for key, value in machine.environ.items() if key.lower().startswith("onedrive") and value]
    return any(part.startswith(names) or part in exact for part in parts) or any(
        machine.root.lower().startswith(root) for root in roots
    )


def environment_folder(machine: Machine) -> str:
    """Beside run.py, unless Windows paths are too short for that or a cloud service would copy it all."""
    if machine.environ.get("PROCMINE_ENV"):
        return os.path.abspath(machine.environ["PROCMINE_ENV"])
    windows = machine.system == "win32"
    separator = "\\" if windows else "/"
    beside = machine.root + separator + ".venv"
    # The longest path inside is 166 characters; Windows stops at 260 unless long paths are allowed, and not all heed it.
    if not synchronised(machine) and not (windows and (not machine.long_paths or len(beside) > 80)):
        return beside
    name = "env-" + hashlib.sha256(machine.root.lower().encode()).hexdigest()[:10]
    return separator.join([application_data(machine), "procmine", name])


def application_data(machine: Machine) -> str:
    if machine.system == "win32":
        return machine.environ.get("LOCALAPPDATA") or machine.home + "\\AppData\\Local"
    if machine.system == "darwin":
        return machine.home + "/Library/Application Support"
    return machine.environ.get("XDG_DATA_HOME") or machine.home + "/.local/share"


def python_in(env: Path) -> Path:
    return env / "Scripts" / "python.exe" if os.name == "nt" else env / "bin" / "python"


# ---- what was built, and is it still right? ----


def lock_file(kind: str) -> Path:
    return ROOT / "requirements" / ("dev.lock" if kind == "test" else "run.lock")


def pins(kind: str) -> List[str]:
    return re.findall(r"^([A-Za-z0-9._-]+==[^\s;\\]+)", lock_file(kind).read_text(encoding="utf-8"), re.M)


def wanted(kind: str) -> Dict[str, str]:
    """What the environment must have been made from: Python, and the lock(s) by content."""
    stamp = {"python": f"{sys.version_info[0]}.{sys.version_info[1]}", "run": digest(lock_file("run"))}
    return {**stamp, "test": digest(lock_file("test"))} if kind == "test" else stamp


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def read_stamp(env: Path) -> Dict[str, str]:
    try:
        stamp: Dict[str, str] = json.loads((env / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    home = re.search(r"^home = (.*)$", (env / "pyvenv.cfg").read_text(encoding="utf-8"), re.M)
    usable = home and os.path.isdir(home.group(1).strip()) and python_in(env).exists()
    return stamp if usable else {"python": ""}


def write_stamp(env: Path, place: Path, stamp: Dict[str, str]) -> None:
    """`place` is where the environment will stand: it is written here before it is renamed."""
    temporary = env / (STAMP + ".partial")
    temporary.write_text(json.dumps({**stamp, "root": str(ROOT), "env": str(place)}, indent=1), encoding="utf-8")
    os.replace(str(temporary), str(env / STAMP))


def lacking(stamp: Dict[str, str], kind: str) -> str:
    """The first thing that differs between what was built and what is wanted: python, run, test, place or nothing."""
    for key, value in wanted(kind).items():
        if stamp.get(key) != value:
            return key
    return "" if stamp.get("root") == str(ROOT) and Path(stamp["env"]) == environment() else "place"


def environment() -> Path:
    return Path(environment_folder(this_machine()))


# ---- one builder at a time ----


@contextlib.contextmanager
def alone(env: Path) -> Iterator[None]:
    """Hold the environment's lock. The system lets go of it when this process ends, however it ends."""
    env.parent.mkdir(parents=True, exist_ok=True)
    with open(str(env) + ".lock", "a+b") as handle:
        told = False
        while not grasp(handle):
            if not told:
                tell(say("busy"))
            told = True
            time.sleep(0.5)
        yield


def grasp(handle: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        if sys.platform == "win32" and error.errno == 36:  # EDEADLOCK: held by another
            return False
        return True  # a file system without locks: the rename at the end still keeps whole environments whole
    return True


def sweep(env: Path) -> None:
    """Remove what a killed run left; only called while holding the lock."""
    for left in env.parent.glob(env.name + ".partial-*"):
        discard(left)
    for left in env.parent.glob(env.name + ".old-*"):
        discard(left)


def discard(folder: Path) -> None:
    shutil.rmtree(str(folder), ignore_errors=True)


# ---- building ----


def ensure(kind: str, wheels: Optional[Path]) -> Path:
    """The environment's Python, made or mended first where needed."""
    env = environment()
    if lacking(read_stamp(env), kind):
        check_python()
        started = time.monotonic()
        with alone(env):
            sweep(env)
            prepare(env, kind, wheels)
        tell(say("ready", seconds=round(time.monotonic() - started)))
    return python_in(env)


def prepare(env: Path, kind: str, wheels: Optional[Path]) -> None:
    stamp = read_stamp(env)
    lack = lacking(stamp, kind)  # asked again: another run may have finished meanwhile
    if lack == "place":
        tell(say("moved"))
        install_project(python_in(env))
        settle(env)
        write_stamp(env, env, {key: stamp[key] for key in ("python", "run", "test") if key in stamp})
    elif lack == "test" and stamp.get("root") == str(ROOT):
        tell(say("extend", count=len(pins("test")) - len(pins("run"))))
        install_lock(python_in(env), "test", wheels)
        write_stamp(env, env, wanted("test"))
    elif lack:
        build(env, kind, wheels, stamp)


def build(env: Path, kind: str, wheels: Optional[Path], stamp: Dict[str, str]) -> None:
    """Make all of it under a temporary name, then rename: nobody ever sees half an environment."""
    if env.exists() and any(env.iterdir()) and not (env / STAMP).exists():
        raise Trouble(say("alien", env=env))
    announce(env, kind, wheels, stamp)
    partial = env.with_name(f"{env.name}.partial-{os.getpid()}")
    try:
        make_environment(partial)
        python = python_in(partial)
        install_lock(python, kind, wheels)
        install_project(python)
        compile_kernels(python)
        write_stamp(partial, env, wanted(kind))
        swap(partial, env)
    finally:
        discard(partial)
    settle(env)


def announce(env: Path, kind: str, wheels: Optional[Path], stamp: Dict[str, str]) -> None:
    free = shutil.disk_usage(str(env.parent)).free // 1_000_000
    lock = lock_file(kind).stem
    count = len(pins(kind))
    what = "Python" if stamp.get("python") != wanted(kind)["python"] else "the list of packages"
    why = say("changed", what=what) if stamp else ""
    if wheels:
        fetches = say("folder", count=count, wheels=wheels, lock=lock)
    else:
        fetches = say("network", count=count, size={"run": 300, "test": 340}[kind], lock=lock)
    disk = {"run": "1.3 GB", "test": "1.4 GB"}[kind]
    duration = say("short" if wheels else "time")
    tell(say("first", env=env, why=why, fetches=fetches, disk=disk, free=free, time=duration))
    if free < NEED[kind]:
        raise Trouble(say("disk", free=free, where=env.parent, need=NEED[kind]))


def make_environment(partial: Path) -> None:
    import venv

    with Progress(1) as progress:
        progress.show("making the environment")
        venv.EnvBuilder(with_pip=True, symlinks=os.name != "nt", prompt="procmine").create(str(partial))
    # Settings that an office keeps beside its Python would not be seen from the new environment.
    for name in ("pip.conf", "pip.ini"):
        beside = Path(sys.prefix) / name
        if beside.exists():
            shutil.copyfile(str(beside), str(partial / name))


def swap(partial: Path, env: Path) -> None:
    old = env.with_name(f"{env.name}.old-{os.getpid()}")
    try:
        if env.exists():
            os.replace(str(env), str(old))
        os.replace(str(partial), str(env))
    except PermissionError as error:
        if old.exists() and not env.exists():
            os.replace(str(old), str(env))
        raise Trouble(say("open", env=env)) from error
    discard(old)


def settle(env: Path) -> None:
    """Make the commands inside the environment (jupyter, procmine, activate) right for where it stands now."""
    import venv

    builder = venv.EnvBuilder(prompt="procmine", symlinks=os.name != "nt")
    context = builder.ensure_directories(str(env))
    with contextlib.suppress(AttributeError):
        builder.setup_scripts(context)
    for script in python_in(env).parent.iterdir():
        if script.is_file() and not script.is_symlink():
            text = script.read_bytes()
            mended = at_home(text, python_in(env))
            if mended != text:
                script.write_bytes(mended)


def at_home(script: bytes, python: Path) -> bytes:
    """A command's text with its first line naming this Python: a shell line that allows blanks, or a Windows launcher's."""
    launcher = re.compile(rb'#!"?[^\r\n"]*pythonw?\.exe"?(?=\r?\nPK\x03\x04)')
    if script.startswith(b"MZ"):
        return launcher.sub(lambda _: b'#!"' + os.fsencode(python) + b'"', script)
    plain = re.match(rb"#![^\n]*python[0-9.]*\n|#!/bin/sh\n'''exec' [^\n]*python[^\n]*\n' '''\n", script)
    if plain is None:
        return script
    first = b'#!/bin/sh\n\'\'\'exec\' "$(dirname -- "$(realpath -- "$0")")"/python "$0" "$@"\n\' \'\'\'\n'
    return first + script[plain.end() :]


def install_lock(python: Path, kind: str, wheels: Optional[Path]) -> None:
    command = ["install", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-warn-script-location"]
    source = ["--no-index", "--find-links", str(wheels)] if wheels else []
    hint = wrong_bundle(wheels, kind) if wheels else ""
    pip(python, [*command, *source, "-r", str(lock_file(kind))], len(pins(kind)), hint)


def install_project(python: Path) -> None:
    pip(python, ["install", "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT)], 1)


def compile_kernels(python: Path) -> None:
    if not (ROOT / "procmine" / "kernels" / "jit.py").exists():
        return
    with Progress(1) as progress:
        code, words = watched([str(python), "-m", "procmine.kernels.jit"], progress)
    if code:
        raise Trouble(say("failed", reason=say("compiling"), remedy=say("said", words=words[-3000:])))


def watched(command: Sequence[str], progress: "Progress") -> Tuple[int, str]:
    """Run what says nothing for minutes, and count the seconds beside it."""
    begun = time.monotonic()
    child = subprocess.Popen(command, **heard())
    try:
        while True:
            progress.show(say("compiling") + say("minutes", seconds=int(time.monotonic() - begun)))
            try:
                words = child.communicate(timeout=1)[0]
            except subprocess.TimeoutExpired:
                continue
            return child.returncode, words
    finally:
        finish(child)


# ---- pip, and why it failed ----


class Progress:
    """One line that changes on a terminal; elsewhere a line now and then."""

    def __init__(self, total: int) -> None:
        self.total = max(total, 1)
        self.live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self.last = ""
        self.seconds = 0.0

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self.live:
            sys.stderr.write("\r" + " " * 78 + "\r")
            sys.stderr.flush()

    def show(self, text: str) -> None:
        if text == self.last:
            return
        if self.live:
            sys.stderr.write("\r  " + text[:74].ljust(76))
            sys.stderr.flush()
        elif text.split(" ")[0] != self.last.split(" ")[0] or time.monotonic() - self.seconds > 15:
            tell("  " + text)
            self.seconds = time.monotonic()
        self.last = text


def clean_environ() -> Dict[str, str]:
    """This environment without what would mix in other installations; pip's own settings stay."""
    foreign = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "VIRTUAL_ENV")
    kept = {key: value for key, value in os.environ.items() if key not in foreign}
    return {**kept, "PIP_USER": "0", "PYTHONUTF8": "1"}


def heard() -> Dict[str, Any]:
    """How a tool is run here: nothing to ask it, and all that it says in one stream of text."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return {**pipes, "env": clean_environ(), "cwd": str(ROOT), "encoding": "utf-8", "errors": "replace"}


def pip(python: Path, arguments: Sequence[str], total: int, hint: str = "") -> None:
    """Run pip with one line of progress; when it fails, say which setting it probably was."""
    command = [
        str(python),
        "-m",
        "pip",
        *arguments,
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
    ]
    lines: List[str] = []
    child = subprocess.Popen(command, **heard())
    try:
        with Progress(total) as progress:
            follow(child, lines, python, progress)
    finally:
        finish(child)
    if child.returncode:
        raise Trouble(why_failed("\n".join(lines), settings_in_force(python), hint))


def follow(child: "subprocess.Popen[str]", lines: List[str], python: Path, progress: Progress) -> None:
    """Read pip's lines in the background, count what it fetched and then what it put in place."""
    import threading

    reader = threading.Thread(target=collect, args=(child, lines), daemon=True)
    reader.start()
    before = installed(python)
    while child.poll() is None or reader.is_alive():
        progress.show(stage(lines, installed(python) - before, progress.total))
        reader.join(0.3)


def collect(child: "subprocess.Popen[str]", lines: List[str]) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        lines.append(line.rstrip())


def stage(lines: Sequence[str], put: int, total: int) -> str:
    """Where pip stands, from its own lines and from what is already in place."""
    if lines and "Retrying (" in lines[-1]:
        return "waiting: the package server does not answer; trying again"
    skipped = sum(line.startswith("Ignoring ") for line in lines)
    if any(line.startswith("Installing collected") for line in lines):
        return f"installing {min(put, total - skipped)} of {total - skipped}"
    fetched = [
        re.split(r"[/\\]|==", line.split(" ")[1]) for line in lines if line.startswith(("Collecting ", "Processing "))
    ]
    name = fetched[-1][0] or fetched[-1][-1] if fetched else ""
    return f"fetching {len(fetched)} of {total - skipped}" + (f": {name}" if name else "")


def installed(python: Path) -> int:
    library = "Lib" if os.name == "nt" else "lib/*"
    return sum(1 for _ in python.parent.parent.glob(library + "/site-packages/*.dist-info"))


def finish(child: "subprocess.Popen[Any]") -> None:
    """Leave no process behind, whatever stopped us."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


# What pip says -> what it was -> what to do. The first that fits counts: later ones also appear as consequences.
FAILURES: Tuple[Tuple[str, str, str, Tuple[str, ...]], ...] = (
    (
        r"DO NOT MATCH THE HASHES",
        "a package is not the one that was checked.",
        "Do not use it. Empty pip's cache (python -m pip cache purge) and try again; if it repeats, your package index "
        "serves changed files: show your IT department the lines below.",
        ("index-url", "extra-index-url", "find-links"),
    ),
    (
        r"No space left on device|\[Errno 28\]|not enough space on the disk",
        "the disk is full.",
        "Free some room, or set PROCMINE_ENV to a folder on another disk. pip's cache and TMP also need room.",
        (),
    ),
    (
        r"ProxyError|Cannot connect to proxy|Tunnel connection failed|407 Proxy|InvalidProxyURL|dependencies for SOCKS",
        "the proxy setting.",
        "Ask your IT department for the proxy's address, then:  python -m pip config set global.proxy http://HOST:PORT  "
        "(or set HTTPS_PROXY). If you need no proxy here, remove the setting shown below.",
        ("proxy", "https_proxy", "http_proxy", "all_proxy", "no_proxy"),
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError|SSLError|TLS CA certificate bundle|CA_BUNDLE",
        "the certificate setting.",
        "Your network probably re-signs traffic with a certificate of its own. Ask your IT department for that "
        "certificate as a .pem file, then:  python -m pip config set global.cert FILE.pem   Newer pip reads the system's "
        "certificates by itself.",
        (
            "cert",
            "client-cert",
            "trusted-host",
            "ssl_cert_file",
            "ssl_cert_dir",
            "requests_ca_bundle",
            "curl_ca_bundle",
        ),
    ),
    (
        r"\b40[13] (?:Client )?(?:Error|Forbidden|Unauthorized)|HTTP error 40[13]|User for ",
        "the package index refused you (name, password or permission).",
        "Ask your IT department for the address and credentials of your package index, then:  "
        "python -m pip config set global.index-url ADDRESS",
        ("index-url", "extra-index-url"),
    ),
    (
        r"NewConnectionError|NameResolutionError|getaddrinfo failed|Name or service not known|Temporary failure in name|"
        r"ConnectTimeout|ReadTimeout|timed out|Network is unreachable|Connection refused|ConnectionResetError|"
        r"RemoteDisconnected|connection broken",
        "the package index could not be reached (no network, a firewall, or the index setting).",
        "Behind a firewall set the proxy or your agency's own index:  python -m pip config set global.proxy "
        "http://HOST:PORT   or   python -m pip config set global.index-url ADDRESS\n"
        "With no network at all, make a bundle on a computer that has one:  python run.py bundle",
        ("index-url", "extra-index-url", "no-index", "proxy", "https_proxy", "http_proxy", "all_proxy"),
    ),
    (
        r"No matching distribution found|Could not find a version|HTTP error 404|404 Client Error",
        "the package index (or folder) does not have what is needed for this Python and system.",
        "If an index setting is shown below, that index may be incomplete: ask for the missing package, or remove the "
        "setting. Supported: Windows x64, macOS, Linux x86-64, with Python 3.11 to 3.14.",
        ("index-url", "extra-index-url", "no-index", "find-links"),
    ),
    (
        r"Long Path|WinError 206|File name too long",
        "a path became too long for this system.",
        "Move procmine's folder nearer to the top, or set PROCMINE_ENV to a short folder such as C:\\procmine-env",
        (),
    ),
    (
        r"PermissionError|Access is denied|\[Errno 13\]|WinError 5\b",
        "a file could not be written (no permission, or a virus scanner holds it).",
        "Run it again; if it repeats, set PROCMINE_ENV to a folder of your own.",
        (),
    ),
)


def why_failed(output: str, settings: Dict[str, str], hint: str = "") -> str:
    """pip's output as one reason, the settings in force that bear on it, what to do, and pip's last lines."""
    reason, remedy, keys = "pip stopped.", "", tuple(settings)
    for pattern, what, advice, bearing in FAILURES:
        if re.search(pattern, output):
            reason, remedy, keys = what, advice, bearing
            break
    if "does not have what is needed" in reason:
        remedy = hint or remedy
    named = [f"{key} = {value}" for key, value in settings.items() if plain(key) in keys or key in keys]
    shown = say("inforce", settings="; ".join(named) or "none") if keys else ""
    words = [line for line in output.splitlines() if line.strip() and not line.startswith(("Collecting", "Ignoring"))]
    told = say("said", words="\n".join("  " + without_secrets(line)[:300] for line in words[-6:]))
    return "\n".join(part for part in (say("failed", reason=reason, remedy=remedy), shown, told) if part)


def plain(setting: str) -> str:
    """A setting's bare name: global.index-url, PIP_INDEX_URL and index-url are one."""
    name = setting.lower().split(".")[-1]
    return name[4:].replace("_", "-") if name.startswith("pip_") else name


def settings_in_force(python: Path) -> Dict[str, str]:
    """pip's merged settings and the environment's network variables, passwords hidden."""
    found = {}
    listing = subprocess.run(
        [str(python), "-m", "pip", "config", "list"],
        env=clean_environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
    )
    for line in listing.stdout.splitlines():
        key, _, value = line.partition("=")
        name = key.replace(":env:.", "PIP_").replace("-", "_").upper() if key.startswith(":env:") else key
        found[name] = without_secrets(value.strip("'"))
    network = re.compile(r"(https?|all|no)_proxy|ssl_cert_(file|dir)|(requests|curl)_ca_bundle", re.I)
    found.update({key: without_secrets(value) for key, value in os.environ.items() if network.fullmatch(key)})
    return found


def without_secrets(text: str) -> str:
    return re.sub(r"//[^/@\s]+@", "//***@", text)


# ---- the folder of wheels ----


def target() -> str:
    return f"{platform.system()} {platform.machine()}, Python {sys.version_info[0]}.{sys.version_info[1]}"


def wrong_bundle(wheels: Path, kind: str) -> str:
    """Why the folder does not serve: another system or Python, another version's lock, or no test tools in it."""
    note = wheels / "READ_ME.txt"
    made = re.search(r"^Made for: (.*)$", note.read_text(encoding="utf-8"), re.M) if note.exists() else None
    if made and made.group(1) != target():
        return say("madefor", made=made.group(1), here=target())
    lock = wheels / lock_file(kind).name
    if lock.exists() and digest(lock) != digest(lock_file(kind)):
        return say("otherlock", wheels=wheels)
    return say("notools") if kind == "test" else ""


def find_wheels(named: Optional[str]) -> Optional[Path]:
    folder = Path(os.path.abspath(named)) if named else ROOT / "wheels"
    if not named and not folder.is_dir():
        return None
    if not any(folder.glob("*.whl")):
        raise Trouble(say("nowheels", wheels=folder))
    return folder


def bundle(arguments: Sequence[str], wheels: Optional[Path]) -> int:
    """Fetch every package of the lock for this system and Python into a folder, with the locks and a note."""
    kind = "test" if "--test" in arguments else "run"
    named = [argument for argument in arguments if not argument.startswith("--")]
    folder = Path(os.path.abspath(named[0])) if named else ROOT / "outputs" / "bundle"
    if folder.exists() and any(folder.iterdir()) and not (folder / "READ_ME.txt").exists():
        raise Trouble(say("notempty", folder=folder))
    python = ensure("run", wheels)
    tell(say("bundling", count=len(pins(kind)), target=target(), folder=folder))
    partial = folder.with_name(f"{folder.name}.partial-{os.getpid()}")
    try:
        partial.mkdir(parents=True)
        command = ["download", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-d", str(partial)]
        pip(python, [*command, "-r", str(lock_file(kind))], len(pins(kind)))
        for each in ("run", "test"):
            shutil.copy(str(lock_file(each)), str(partial))
        (partial / "READ_ME.txt").write_text(READ_ME.format(target=target()), encoding="utf-8")
        discard(folder)
        os.replace(str(partial), str(folder))
    finally:
        discard(partial)
    found = list(folder.glob("*.whl"))
    tell(say("bundled", count=len(found), size=sum(f.stat().st_size for f in found) // 1_000_000, folder=folder))
    return 0


# ---- the commands ----


def run(python: Path, arguments: Sequence[str], folder: Optional[Path] = None) -> int:
    """Run in the environment; Ctrl-C reaches the child by itself, and the child decides."""
    child = subprocess.Popen([str(python), *arguments], env=clean_environ(), cwd=str(folder) if folder else None)
    try:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                continue
    finally:
        finish(child)


def demo(python: Path, arguments: Sequence[str]) -> int:
    """The demo, beside run.py or in the folder named with -o, seen from where the user stands; then its page."""
    import argparse

    options = argparse.ArgumentParser(prog="run.py demo", add_help=False, allow_abbrev=False)
    options.add_argument("-o", "--out", metavar="FOLDER", default=str(ROOT / "outputs" / "demo"))
    named, rest = options.parse_known_args(list(arguments))
    folder = Path(os.path.abspath(named.out))
    failed = run(python, ["-P", "-m", "procmine.cli", "demo", "--out", str(folder), *rest], ROOT)
    page = folder / "index.html"
    if not failed and not rest and page.exists():  # what else may be asked, such as --help, makes no page
        tell(say("page", page=page))
        if screen(sys.platform, dict(os.environ)):
            import webbrowser

            webbrowser.open(page.as_uri())
    return failed


def screen(system: str, environ: Dict[str, str]) -> bool:
    """Is there somebody to show a page to?"""
    if environ.get("CI") or environ.get("PROCMINE_CI") or environ.get("SSH_CONNECTION"):
        return False
    return system in ("win32", "darwin") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def lab(python: Path, arguments: Sequence[str]) -> int:
    """JupyterLab on this computer only, with its token; it asks nobody for news, updates or extensions.

    It opens on the page that leads from a question to its notebook: of the folder named first, which `new --folder` made,
    or procmine's own; unless other arguments say where.
    """
    root, page, arguments = lab_page(arguments)
    settings = python.parent.parent / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps(LAB_SETTINGS, indent=1), encoding="utf-8")
    options = [
        "--LabApp.default_url=/lab/tree/" + page,
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.root_dir=" + str(root),
        "--LabApp.extension_manager=readonly",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    hidden = [] if screen(sys.platform, dict(os.environ)) else ["--no-browser"]
    return run(python, ["-m", "jupyterlab", *options, *hidden, *arguments], ROOT)


def lab_page(arguments: Sequence[str]) -> Tuple[Path, str, List[str]]:
    """The folder that the lab shows, the page on which it opens, and the arguments that are left."""
    from urllib.parse import quote

    if not arguments or not (Path(arguments[0]) / LAB_START).is_file():
        return ROOT, LAB_START, list(arguments)
    own = Path(arguments[0]).resolve()
    root = ROOT if ROOT.resolve() in own.parents else own
    return root, quote((own / LAB_START).relative_to(root.resolve()).as_posix()), list(arguments[1:])


def take_wheels(arguments: List[str]) -> Optional[str]:
    """Remove our one option from the arguments; its value."""
    if "--wheels" not in arguments:
        return None
    at = arguments.index("--wheels")
    if at + 1 == len(arguments):
        raise Trouble(say("usage", env=environment()))
    value = arguments[at + 1]
    del arguments[at : at + 2]
    return value


def act(arguments: List[str]) -> int:
    wheels = find_wheels(take_wheels(arguments))
    if not arguments or arguments[0] in ("-h", "--help"):
        print(say("usage", env=environment()))
        return 0
    command, rest = arguments[0], arguments[1:]
    if command == "bundle":
        return bundle(rest, wheels)
    if command == "test":
        return run(ensure("test", wheels), ["-m", "pytest", *rest], ROOT)
    python = ensure("run", wheels)
    if command == "python":
        return run(python, rest)
    if command == "bench":
        return run(python, ["-m", "benchmarks.suite", *rest], ROOT)
    if command in ("demo", "lab"):
        return {"demo": demo, "lab": lab}[command](python, rest)
    return run(python, ["-P", "-m", "procmine.cli", *arguments])


def stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def main(arguments: List[str]) -> int:
    if sys.version_info < OLDEST:
        tell(say("old", version=".".join(str(part) for part in sys.version_info[:3])))
        return 2
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a Windows console may lack letters of a path
    signal.signal(signal.SIGTERM, stop)
    try:
        return act(arguments)
    except Trouble as trouble:
        tell("\n" + str(trouble))
        return 2
    except KeyboardInterrupt:
        tell("\n" + say("stopped"))
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
