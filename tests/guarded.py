"""A process that may not contact another computer, and neither may those that it starts."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
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


def run_guarded(folder: Path, *arguments: str, timeout: float = 300) -> tuple[subprocess.CompletedProcess[str], str]:
    """The ended process, and what it tried to reach."""
    (folder / "sitecustomize.py").write_text(GUARD)
    note = folder / "note"
    path = os.pathsep.join([str(folder), str(ROOT)])
    environ = {**os.environ, "PYTHONPATH": path, "PROCMINE_TEST_NOTE": str(note), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    assert (folder / "note.guarded").exists(), "the guard was not loaded"
    return done, note.read_text() if note.exists() else ""
