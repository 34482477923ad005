"""Environments of the peers, beside ours: made once from requirements/bench-*.lock, packages checked by hash."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
STAMP = "bench.json"


def lock(name: str) -> Path:
    return ROOT / "requirements" / f"bench-{name}.lock"


def folder(name: str) -> Path:
    """Beside our environment, or beside the project where ours is elsewhere; PROCMINE_BENCH names another place for both."""
    named = os.environ.get("PROCMINE_BENCH")
    return Path(named) / name if named else ROOT / f".venv-bench-{name}"


def python_in(env: Path) -> Path:
    return env / "Scripts" / "python.exe" if os.name == "nt" else env / "bin" / "python"


def stamp(name: str) -> dict[str, str]:
    content = hashlib.sha256(lock(name).read_bytes().replace(b"\r\n", b"\n")).hexdigest()
    return {"lock": content, "python": ".".join(map(str, sys.version_info[:2]))}


def ready(name: str) -> bool:
    written = folder(name) / STAMP
    return written.exists() and json.loads(written.read_text(encoding="utf-8")) == stamp(name)


def ensure(name: str) -> Path | None:
    """The environment's Python, made first where it must be; None (said) where it cannot be made."""
    env = folder(name)
    if ready(name):
        return python_in(env)
    print(f"making the environment of the peers ({name}), once, in {env.name} ...", file=sys.stderr, flush=True)
    venv.EnvBuilder(with_pip=True, clear=True, symlinks=os.name != "nt").create(env)
    install = ["install", "--quiet", "--require-hashes", "--no-deps", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run(
        [str(python_in(env)), "-m", "pip", *install, "-r", str(lock(name))], capture_output=True, text=True
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["pip stopped"]
        print(
            f"the peers ({name}) are left out, their packages could not be installed: {last[0][:300]}", file=sys.stderr
        )
        return None
    (env / STAMP).write_text(json.dumps(stamp(name)), encoding="utf-8")
    return python_in(env)


def pythons(names: set[str]) -> dict[str, str]:
    """Environment -> Python, ours always."""
    found = {"ours": sys.executable}
    for name in sorted(names - {"ours"}):
        python = ensure(name)
        if python is not None:
            found[name] = str(python)
    return found
