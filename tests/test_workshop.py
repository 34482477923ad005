"""The workshop: locks, wheels for every promised system, environment.yml, layout, licences, and what pages promise."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, get_args

import pytest
import yaml
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import canonicalize_name, parse_wheel_filename

from procmine.load.door import read
from procmine.load.spec import Spec, SpecSource
from procmine.log import in_memory
from procmine.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = ("run.lock", "dev.lock")
PYTHONS = ((3, 11), (3, 12), (3, 13), (3, 14))
MANYLINUX = [f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)]
MANYLINUX += [f"manylinux{year}_x86_64" for year in ("2014", "2010", "1")]
# The oldest systems promised: Windows 10, macOS 15 (cvxopt has no wheel for older ones), Linux with glibc 2.28 (2018).
SYSTEMS = {
    "Windows x64": (["win_amd64"], {"sys_platform": "win32", "os_name": "nt", "platform_machine": "AMD64"}),
    "macOS arm64": ([*mac_platforms((15, 0), "arm64")], {"sys_platform": "darwin", "platform_machine": "arm64"}),
    "macOS x86_64": ([*mac_platforms((15, 0), "x86_64")], {"sys_platform": "darwin", "platform_machine": "x86_64"}),
    "Linux x86-64": (MANYLINUX, {"sys_platform": "linux", "platform_machine": "x86_64"}),
}


class Pin(NamedTuple):
    """One entry of a lock."""

    name: str
    version: str
    marker: Marker | None
    hashes: frozenset[str]


def load(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_lock(name: str) -> list[Pin]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8").replace("\\\n", " ")
    pins = []
    for line in filter(None, map(str.strip, text.splitlines())):
        requirement = Requirement(line.split(" --hash", 1)[0])
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", line
        hashes = frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})(?=\s|$)", line))
        pins.append(Pin(canonicalize_name(requirement.name), specifier.version, requirement.marker, hashes))
    return pins


def read_wheels() -> dict[tuple[str, str], list[tuple[frozenset[Tag], str]]]:
    wheels: dict[tuple[str, str], list[tuple[frozenset[Tag], str]]] = {}
    for line in (ROOT / "requirements" / "wheels.txt").read_text(encoding="utf-8").splitlines():
        file, sha256 = line.split(" ")
        name, version, _, tags = parse_wheel_filename(file)
        wheels.setdefault((name, str(version)), []).append((tags, sha256))
    return wheels


WHEELS = read_wheels()


def surroundings(python: tuple[int, int], values: dict[str, str]) -> dict[str, str]:
    """The marker values of that system; of this one, only what is the same everywhere."""
    base = {key: str(value) for key, value in default_environment().items()}
    system = {"win32": "Windows", "darwin": "Darwin", "linux": "Linux"}[values["sys_platform"]]
    version = f"{python[0]}.{python[1]}"
    base |= {"os_name": "posix", "platform_system": system, "python_version": version}
    return base | {"python_full_version": version + ".9", "implementation_version": version + ".9"} | values


def accepted(python: tuple[int, int], platforms: list[str]) -> set[Tag]:
    interpreter = f"cp{python[0]}{python[1]}"
    return {*cpython_tags(python, platforms=platforms), *compatible_tags(python, interpreter, platforms)}


def applies(pin: Pin, environment: dict[str, str]) -> bool:
    return pin.marker is None or pin.marker.evaluate(environment)


def places() -> Iterator[tuple[str, set[Tag], dict[str, str]]]:
    for system, (platforms, values) in SYSTEMS.items():
        for python in PYTHONS:
            environment = surroundings(python, values)
            yield f"{system}, Python {python[0]}.{python[1]}", accepted(python, platforms), environment


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize(("place", "tags", "environment"), [pytest.param(*p, id=p[0]) for p in places()])
def test_every_pin_has_a_wheel_there_whose_hash_the_lock_accepts(
    lock: str, place: str, tags: set[Tag], environment: dict[str, str]
) -> None:
    lacking = []
    for pin in read_lock(lock):
        usable = [sha256 for wheel_tags, sha256 in WHEELS.get((pin.name, pin.version), []) if wheel_tags & tags]
        if applies(pin, environment) and not pin.hashes.intersection(usable):
            lacking.append(f"{pin.name}=={pin.version}")
    assert lacking == [], f"no wheel for {place}"


def test_intel_macs_do_without_numba_and_nobody_else() -> None:
    for place, _, environment in places():
        names = {pin.name for pin in read_lock("run.lock") if applies(pin, environment)}
        assert ("numba" in names, "llvmlite" in names) == (("macOS x86_64" not in place),) * 2, place


@pytest.mark.parametrize("lock", LOCKS)
def test_one_version_a_package_everywhere(lock: str) -> None:
    pins = read_lock(lock)
    assert len(pins) > 100
    for place, _, environment in places():
        names = [pin.name for pin in pins if applies(pin, environment)]
        assert len(names) == len(set(names)), place


@pytest.mark.parametrize("lock", LOCKS)
def test_a_bundle_fits_every_patch_release_of_its_python(lock: str) -> None:
    """The lock may tell 3.11 from 3.12, never 3.11.2 from 3.11.9: the other computer has another patch release."""
    for place, _, environment in places():
        early, late = ({**environment, "python_full_version": environment["python_version"] + p} for p in (".0", ".20"))
        pins = read_lock(lock)
        assert [p for p in pins if applies(p, early)] == [p for p in pins if applies(p, late)], place


def test_the_dev_lock_is_the_run_lock_and_more() -> None:
    """run.py adds the test tools to a finished environment, so the second lock may change nothing of the first."""
    run, dev = read_lock("run.lock"), read_lock("dev.lock")
    as_text = {(pin.name, pin.version, str(pin.marker), pin.hashes) for pin in dev}
    assert {(pin.name, pin.version, str(pin.marker), pin.hashes) for pin in run} < as_text


@pytest.mark.parametrize(("lock", "extras"), [("run.lock", ["build"]), ("dev.lock", ["build", "dev"])])
def test_the_lock_satisfies_pyproject(lock: str, extras: list[str]) -> None:
    asked = PROJECT["dependencies"] + [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    for _, _, environment in places():
        pinned = {pin.name: pin.version for pin in read_lock(lock) if applies(pin, environment)}
        for requirement in map(Requirement, asked):
            if requirement.marker is None or requirement.marker.evaluate(environment):
                assert pinned[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_what_is_installed_here_fits_together() -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_conda_gets_what_pip_gets() -> None:
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    other_names = {"tzdata": "python-tzdata"}
    asked = [Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["build"]]
    want = {other_names.get(each.name, each.name): each.specifier for each in asked}
    want["python"] = Requirement("python" + PROJECT["requires-python"]).specifier
    want["pip"] = Requirement("pip").specifier
    by_pip = [line for part in conda if isinstance(part, dict) for line in part["pip"]]  # what conda's channels lack
    listed = [*(line for line in conda if isinstance(line, str)), *by_pip]
    assert {each.name: each.specifier for each in map(Requirement, listed)} == want


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_top_of_the_house() -> None:
    """No room without a reason; what is made (environment, outputs, wheels) is not kept."""
    rooms = {".ci", "benchmarks", "docs", "event_logs", "notebooks", "outputs", "plans", "policies", "procmine"}
    rooms |= {"requirements", "tests"}
    files = {".gitattributes", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "README.md"}
    files |= {"environment.yml", "pyproject.toml", "run.py"}
    tops = [path.relative_to(ROOT).parts for path in tracked()]
    assert {parts[0] for parts in tops if len(parts) > 1} <= rooms
    assert {parts[0] for parts in tops if len(parts) == 1} <= files


def test_no_address_of_a_registry_and_no_path_of_this_machine() -> None:
    """Locks must work behind any index; pages must not point at the computer they were written on."""
    index = "|".join(("/sim" + "ple/", "index-url *[=:]? *https?:", "files\\.python" + "hosted", "py" + "pi\\.org/"))
    home = "|".join(f"/{name}/[A-Za-z.]" for name in ("wo" + "rk", "ro" + "ot", "t" + "mp", "home/[a-z]+"))
    found = []
    for path in tracked():
        if path.suffix in {".png", ".gz", ".parquet", ".xlsx", ".ttf"}:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if re.search(rf"{index}|(?<![\w.~-])(?:{home})", line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert found == []


def test_every_package_stands_in_the_licence_table_with_what_it_says_of_itself() -> None:
    licences = load("requirements/licences.py")
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").partition("| package | licence |")[2]
    table = dict(re.findall(r"^\| ([a-z0-9._-]*[a-z0-9]) \| ([^|]+) \|$", page, re.M))
    assert sorted(table) == licences.locked_names()
    said = {name: licences.licence(name) for name in table}
    # cvxopt's own metadata names no licence ("CVXOPT version 1.3"); its licence file is the GPL, version 3 or later.
    said["cvxopt"] = "GPL-3.0-or-later"
    pinned = [pin.name for lock in ("run.lock", "spark.lock") for pin in read_lock(lock)]
    here = {name: each for name, each in said.items() if each and pinned.count(name) == 1}  # two versions may differ
    assert len(here) > 100
    assert {name: table[name] for name in here} == here


def test_copyleft_is_said_in_front() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"pm4py.*AGPL", page)


def test_the_first_commands_of_the_readme_are_the_two() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^(?:    )?(python[0-9.]* .*)$", page, re.M)
    assert [command.split("#")[0].strip() for command in commands[:2]] == ["python run.py demo", "python run.py test"]


def keys_of(settings: type[Settings], shared: frozenset[str] = frozenset()) -> list[str]:
    """Names as they are written in YAML, those of a section after a dot; of a list of tables what only these have."""
    keys = []
    for own_name, field in settings.model_fields.items():
        if own_name in shared:
            continue
        name = field.alias or own_name
        section = isinstance(field.default, Settings)
        own = [] if section and shared else sections_in(field.annotation)
        inside = [f"{name}.{each}" for one in own for each in keys_of(one, kept_from(one))]
        several = any(issubclass(one, SpecSource) for one in own)
        whole = not own or several or name in ("calendars", "pauses", "limits")
        keys += [name, *inside] if whole else inside
    return keys


def sections_in(kind: object) -> list[type[Settings]]:
    """The sections that a key may hold."""
    if isinstance(kind, type) and issubclass(kind, Settings):
        return [kind]
    return [section for part in get_args(kind) for section in sections_in(part)]


def kept_from(section: type[Settings]) -> frozenset[str]:
    """The keys of a table that are those of every table."""
    return frozenset(SpecSource.model_fields) - {"name"} if issubclass(section, SpecSource) else frozenset({"-"})


def test_the_page_on_specs_names_every_key_once() -> None:
    page = (ROOT / "docs" / "spec.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `([^`]+)` \| \S", page, re.M)) == sorted(keys_of(Spec))
    assert "docs/spec.md" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_spec_on_its_page_reads_the_log_on_its_page(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "spec.md").read_text(encoding="utf-8")
    for kind in ("csv", "yaml"):
        block, *_ = re.findall(rf"```{kind}\n(.*?)```", page, re.S)
        (tmp_path / f"permits.{kind}").write_text(block, encoding="utf-8")
    for name in ("permits.csv", "permits.yaml"):
        log = in_memory(read(tmp_path / name))
        cases = log.cases.set_index("case")
        assert cases["open"].to_dict() == {"P-1": False, "P-2": True}
        assert cases["arrival"].astype(str).tolist() == ["2026-08-28 10:00:00", "2026-09-01 08:00:00"]
        assert log.events["activity"].tolist()[2:] == ["Grant", "Check papers", "Ask for papers"]
        assert log.about.persons == ("Done by",)
        assert (log.about.title, log.about.outcomes["Grant"]) == ("Building permits", "granted")
