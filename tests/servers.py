"""PostgreSQL and MariaDB, started for the tests on a port of this computer, with all their files in a folder that goes."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pymysql
import pytest

PASSWORD = "p@ss/wört:%1 Geheim"  # every sign that an address must write otherwise
OWNER, BASE = "keeper", "permits"
WAIT = 60


@dataclass(frozen=True)
class Server:
    """`url` is the address of one who may do everything: what stops a write is not a lack of rights."""

    url: str
    connect: Callable[[], Any]  # a connection of the driver, beside procmine


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def program(name: str, *places: str) -> str | None:
    found = [one for place in places for one in sorted(Path("/").glob(place.lstrip("/") + f"/{name}"))]
    return shutil.which(name) or (str(found[-1]) if found else None)


def by(user: str, command: list[str]) -> list[str]:
    """The command as that user where we are root (servers refuse to be), and ended when we end, however we end."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return command
    as_user = ["--reuid", user, "--regid", user, "--init-groups"] if os.geteuid() == 0 else []
    return [setpriv, *as_user, "--pdeathsig", "TERM", *command]


@contextmanager
def folder(user: str) -> Iterator[Path]:
    """A folder that this user may write to, also where pytest's own are closed to others."""
    made = Path(tempfile.mkdtemp(prefix="procmine-server-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(made, user, user)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def running(command: list[str], log: Path, ready: Callable[[], Any]) -> Iterator[None]:
    """A server, from when it answers until it has ended."""
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, cwd=log.parent)
    try:
        until = time.monotonic() + WAIT
        while True:
            try:
                ready().close()
                break
            except (OSError, RuntimeError, *errors()):
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{command[-1]} did not start: {log.read_text()[-2_000:]}") from None
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        try:
            process.wait(WAIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def errors() -> tuple[type[Exception], ...]:
    import psycopg

    return psycopg.Error, pymysql.Error


def run(command: list[str], where: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd=where, timeout=WAIT, check=False)
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    import psycopg

    initdb, postgres = (program(one, "/usr/lib/postgresql/*/bin") for one in ("initdb", "postgres"))
    if initdb is None or postgres is None:
        pytest.skip("no PostgreSQL here (apt-get install postgresql)")
    with folder("postgres") as home:
        secret, data, port = home / "secret", str(home / "data"), free_port()
        secret.write_text(PASSWORD, encoding="utf-8")
        secret.chmod(0o644)
        made = [
            "-D",
            data,
            "-U",
            OWNER,
            "--auth=scram-sha-256",
            f"--pwfile={secret}",
            "-E",
            "UTF8",
            "--no-locale",
            "-N",
        ]
        run(by("postgres", [initdb, *made]), home)

        def connect(base: str = BASE) -> Any:
            where = {"host": "127.0.0.1", "port": port, "user": OWNER, "password": PASSWORD}
            return psycopg.connect(dbname=base, autocommit=True, **where)

        options = ["-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", str(home), "-F"]
        with running(by("postgres", [postgres, *options]), home / "log", lambda: connect("postgres")):
            with connect("postgres") as first:
                first.execute(f"create database {BASE}")
            yield Server(f"postgresql://{OWNER}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/{BASE}", connect)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    install, server = program("mariadb-install-db"), program("mariadbd", "/usr/sbin")
    if install is None or server is None:
        pytest.skip("no MariaDB here (apt-get install mariadb-server)")
    with folder("mysql") as home:
        data, sock, port = str(home / "data"), str(home / "socket"), free_port()
        made = [f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db"]
        run(by("mysql", [install, "--no-defaults", *made]), home)

        def connect(user: str = OWNER) -> Any:
            if user == "root":
                return pymysql.connect(unix_socket=sock, user="root", autocommit=True)
            return pymysql.connect(
                host="127.0.0.1", port=port, user=user, password=PASSWORD.encode(), database=BASE, autocommit=True
            )

        options = [f"--datadir={data}", f"--socket={sock}", f"--port={port}", "--bind-address=127.0.0.1"]
        options += [f"--pid-file={home}/pid", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M"]
        options += ["--default-time-zone=+03:00"]  # not UTC: what a session shows is not what is stored

        def ready() -> Any:
            with socket.socket(socket.AF_UNIX) as one:  # pymysql leaves its own open where nobody answers
                one.connect(sock)
            return connect("root")

        with running(by("mysql", [server, "--no-defaults", *options]), home / "log", ready):
            with connect("root") as first, first.cursor() as cursor:
                cursor.execute(f"create database {BASE} character set utf8mb4")
                cursor.execute(f"create user {OWNER}@'127.0.0.1' identified by %s", (PASSWORD,))
                cursor.execute(f"create user {OWNER}@'localhost' identified by %s", (PASSWORD,))
                for host in ("127.0.0.1", "localhost"):
                    cursor.execute(f"grant all on *.* to {OWNER}@'{host}' with grant option")
            yield Server(f"mysql://{OWNER}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/{BASE}", connect)
