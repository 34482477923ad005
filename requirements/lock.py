"""Renew run.lock, dev.lock and wheels.txt from pyproject.toml: python requirements/lock.py UV [--upgrade] (needs uv)."""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
COMPILE = ["pip", "compile", "--universal", "--generate-hashes", "--no-header", "--no-emit-index-url", "--no-annotate"]
OPTIONS = [*COMPILE, "--quiet", "--python-version", "3.11", "--extra", "build", "-c", "requirements/constraints.txt"]
# Wheels for these are recorded; the rest (other processors, musl, PyPy, free-threaded, old Pythons) is left out.
SYSTEMS = ("-any", "-win_amd64", "_x86_64", "_arm64", "_universal2", "_intel")
PYTHONS = ("-py3-", "-py2.py3-", "-abi3-", "-cp311-cp311-", "-cp312-cp312-", "-cp313-cp313-", "-cp314-cp314-")


def main(uv: str, *more: str) -> None:
    dev = ["--extra", "dev", "-c", "requirements/run.lock"]
    compile_with(uv, *more, "-o", "requirements/run.lock")
    compile_with(uv, *more, *dev, "-o", "requirements/dev.lock")
    with tempfile.TemporaryDirectory() as folder:
        pylock = Path(folder) / "pylock.toml"
        compile_with(uv, *dev, "-c", "requirements/dev.lock", "--format", "pylock.toml", "-o", str(pylock))
        rows = recorded(tomllib.loads(pylock.read_text(encoding="utf-8")))
    (HERE / "wheels.txt").write_text("".join(f"{row}\n" for row in rows), encoding="utf-8", newline="\n")


def compile_with(uv: str, *options: str) -> None:
    command = [uv, *OPTIONS, *options, "pyproject.toml"]
    subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)


def recorded(pylock: dict[str, list[dict[str, list[dict[str, object]]]]]) -> list[str]:
    """One line a wheel: its file name (which says for which Python and system it is) and its sha256."""
    rows = []
    for package in pylock["packages"]:
        for wheel in package.get("wheels", []):
            name = str(wheel.get("name") or str(wheel["url"]).rsplit("/", 1)[-1])
            if usable(name):
                rows.append(f"{name} {wheel['hashes']['sha256']}")  # type: ignore[index]
    return sorted(rows)


def usable(name: str) -> bool:
    stem = name.removesuffix(".whl")
    return any(python in stem for python in PYTHONS) and stem.endswith(SYSTEMS) and "musllinux" not in stem


if __name__ == "__main__":
    main(*sys.argv[1:])
