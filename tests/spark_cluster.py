"""A cluster of Spark for tests: a master and two workers, real processes on loopback, that end with the tests."""

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

LEAN = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
WAIT = 120


def lacking():
    """Why there is no cluster here, or nothing."""
    try:
        import pyspark  # noqa: F401
    except ImportError:
        return "pyspark is not installed (pip install procmine[spark])"
    return "" if shutil.which("java") else "Java 17 is not installed"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def python_without_procmine(folder):
    """A Python with the same packages as ours, but without procmine, as workers of an agency's cluster have it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = next(folder.glob("lib/*/site-packages"))
    (packages / "ours.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")  # whose own .pth files are not followed
    (folder / "share").mkdir(exist_ok=True)
    (folder / "share" / "jupyter").symlink_to(Path(sys.prefix) / "share" / "jupyter")  # pages are made by its templates
    python = folder / "bin" / "python"
    alone = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    line = [python, "-c", "import numpy, procmine"]
    found = subprocess.run(line, capture_output=True, text=True, cwd=folder, env=alone)
    assert "No module named 'procmine'" in found.stderr
    return python


class Cluster:
    """`address` is the master's; `workers` are the processes of the two workers."""

    def __init__(self, folder: Path, python: Path) -> None:
        import pyspark

        self.folder, self.python = folder, python
        self.home = Path(pyspark.__file__).parent
        self.address = f"spark://127.0.0.1:{free_port()}"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.log = (folder / "spark.txt").open("wb")

    def start(self) -> None:
        port = self.address.rpartition(":")[2]
        self._begin("master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", "0")
        self.add_worker()
        self.add_worker()

    def add_worker(self) -> None:
        work = self.folder / f"work{len(self.processes)}"
        more = ("--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0", "-d", str(work))
        self._begin("worker.Worker", *more, self.address)

    def _begin(self, name: str, *arguments: str) -> None:
        own = {"SPARK_HOME": str(self.home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_JAVA_OPTS": LEAN}
        kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYSPARK_PYTHON")}
        command = [str(self.home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *arguments]
        env = {**kept, **own, "SPARK_DAEMON_MEMORY": "256m", "SPARK_NO_DAEMONIZE": "1"}
        one = subprocess.Popen(
            command, env=env, stdout=self.log, stderr=self.log, cwd=self.folder, start_new_session=True
        )
        self.processes.append(one)

    def kill_worker(self) -> None:
        """The last worker, and all that it began, at once and without a word."""
        last = self.processes.pop()
        below = psutil.Process(last.pid).children(recursive=True)
        for one in (psutil.Process(last.pid), *below):
            try:
                one.kill()
            except psutil.NoSuchProcess:
                continue
        last.wait()

    def stop(self) -> None:
        for one in reversed(self.processes):
            below = psutil.Process(one.pid).children(recursive=True) if one.poll() is None else []
            one.terminate()
            try:
                one.wait(10)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
            for left in below:
                if left.is_running():
                    left.kill()
        self.log.close()

    def session(self):
        """A session whose executors are on both workers."""
        from pyspark.sql import SparkSession

        os.environ["PYSPARK_PYTHON"] = str(self.python)  # the workers'
        said = {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": "1g",
            "spark.executor.memory": "700m",
            "spark.driver.extraJavaOptions": LEAN,
            "spark.executor.extraJavaOptions": LEAN,
            "spark.sql.catalogImplementation": "in-memory",
            "spark.sql.warehouse.dir": str(self.folder / "warehouse"),
            "spark.local.dir": str(self.folder / "local"),
            "spark.executorEnv.TMPDIR": str(self.folder / "local"),
            "spark.sql.shuffle.partitions": "4",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "ERROR",
        }
        builder = SparkSession.builder.master(self.address).appName("procmine tests")
        for key, value in said.items():
            builder = builder.config(key, value)
        session = builder.getOrCreate()
        end = time.monotonic() + WAIT
        while session.sparkContext._jsc.sc().getExecutorMemoryStatus().size() < 3:  # the driver counts
            assert time.monotonic() < end, (self.folder / "spark.txt").read_text()[-2_000:]
            time.sleep(0.2)
        return session


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Started, and stopped however the tests end."""
    (folder / "local").mkdir(parents=True)
    one = Cluster(folder, python_without_procmine(folder / "python"))
    try:
        one.start()
        yield one
    finally:
        one.stop()
