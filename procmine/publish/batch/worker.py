"""The process of one job: runs its notebook as a report, and says what became of it. `python -m ... FOLDER/order.json`"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path

from procmine.languages import language
from procmine.publish.batch.job import Job, Status
from procmine.publish.batch.process import adopt_orphans, end_with_parent
from procmine.publish.notebooks import SECRET_NAME, Report, ReportError, printed_parameters, run_report
from procmine.words import Message, speaking

ORDER, ANSWER, KERNEL, REPORT = "order.json", "answer.json", "kernel.json", "report"
STARTUP = """def _report_kernel():
    import json, os, platform, sys
    import procmine
    path = os.path.dirname(os.path.realpath(procmine.__file__))
    said = {"executable": sys.executable, "python": platform.python_version()}
    said.update(procmine=procmine.__version__, path=path)
    with open(FOUND, "w", encoding="utf-8") as file:
        json.dump(said, file)
_report_kernel()
del _report_kernel, FOUND
"""
UNUSED = (
    "rfc3987_syntax"  # jsonschema compiles its grammars for a second in each process; notebooks are checked without
)
SPARE = (
    20  # seconds before the job's limit at which a cell has to be done, so that the report can still say which it was
)
LEAST_SECRET = 6  # letters
PAGES = (".html", ".ipynb")  # what the other files tell stands in these too
LONG = 120  # seconds from which on a job has them


@dataclass(frozen=True)
class Answer:
    """What became of the notebook. `said` is for the author, `problems` may be kept; `files`: name -> where it lies now."""

    status: Status
    said: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    tries: int = 1
    parameters: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Answer | None:
        """None: the process ended without an answer."""
        try:
            written = json.loads((folder / ANSWER).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        lists = {name: tuple(written[name]) for name in ("said", "problems")}
        return cls(**{**written, **lists})

    def write(self, folder: Path) -> None:
        """Whole or not at all."""
        begun = folder / f".{ANSWER}"
        begun.write_text(json.dumps(vars(self), ensure_ascii=False), encoding="utf-8")
        os.replace(begun, folder / ANSWER)


def ours() -> dict[str, str]:
    """Which Python and which procmine this is."""
    import procmine

    path = str(Path(procmine.__file__).resolve().parent)
    python = platform.python_version()
    return {"executable": sys.executable, "python": python, "procmine": procmine.__version__, "path": path}


def order(job: Job, folder: Path, place: Path) -> Path:
    """The file that a worker is begun with; `place` is where the results will lie."""
    path = folder / ORDER
    said = {"job": job.to_dict(), "ours": ours(), "parent": os.getpid(), "kept": kept_parameters(job, place)}
    path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return path


def kept_parameters(job: Job, place: Path) -> dict[str, object]:
    """As they stand in the kept notebook: what lies in the run's folder seen from there, so that the team can run it again;
    of other files the name only, since the folder may be sent."""
    run = place.parents[3]
    texts = {name: Path(one) for name, one in job.parameters.items() if isinstance(one, str)}
    below = {name: os.path.relpath(one, place) for name, one in texts.items() if one.is_relative_to(run)}
    found = {name: Path(one).as_posix() for name, one in below.items()}
    return {**printed_parameters(job.notebook, job.parameters), **found}


def main(arguments: list[str]) -> int:
    path = Path(arguments[0])
    written = json.loads(path.read_text(encoding="utf-8"))
    adopt_orphans()
    sys.modules[UNUSED] = None  # type: ignore[assignment]
    end_with_parent(written["parent"], lambda: shutil.rmtree(path.parent, ignore_errors=True))
    job = Job.from_dict(written["job"])
    with speaking(language(job.language)):
        answered(job, path.parent, written["ours"], written["kept"]).write(path.parent)
    return 0


def answered(job: Job, folder: Path, expected: Mapping[str, str], kept: Mapping[str, object]) -> Answer:
    """Run the notebook; whatever goes wrong is an answer too."""
    (folder / "startup.py").write_text(f"FOUND = {str(folder / KERNEL)!r}\n{STARTUP}", encoding="utf-8")
    os.environ["PYTHONSTARTUP"] = str(folder / "startup.py")  # which a kernel runs first
    limit = cell_limit(job.seconds)
    try:
        report = run_report(
            job.notebook, job.parameters, folder / REPORT, audience=job.audience, cell_timeout=limit, kept=kept
        )
        return _without_secrets(_checked(_of_report(job, report), expected, folder))
    except ReportError as error:
        told = str(error) if job.audience == "team" else Message("batch_run.not_begun").say()
        return Answer("failed", (str(error),), (told,), tries=0)
    except Exception as error:  # of ours, not of the notebook: no job ends without a word
        said, kind = (Message("batch_run.broke", {"said": one}).say() for one in (repr(error), type(error).__name__))
        return Answer("failed", (said,), (said if job.audience == "team" else kind,))


def _without_secrets(answer: Answer) -> Answer:
    """Failed, and no file of it is kept, where a page holds what a secret of the environment says."""
    secrets = {
        value: name for name, value in os.environ.items() if SECRET_NAME.search(name) and len(value) >= LEAST_SECRET
    }
    pages = [Path(one).read_text(encoding="utf-8") for name, one in answer.files.items() if name.endswith(PAGES)]
    pages += [*answer.said, *answer.problems]
    shown = sorted(
        {name for value, name in secrets.items() for page in pages if any(one in page for one in _ways(value))}
    )
    if not shown:
        return answer
    said = Message("batch_run.secret", {"names": ", ".join(shown)}).say()
    return Answer("failed", (said,), (said,), tries=answer.tries, parameters=answer.parameters)


def _ways(value: str) -> tuple[str, ...]:
    """As a page, a notebook and Python write it."""
    return value, escape(value), json.dumps(value)[1:-1], json.dumps(repr(value)[1:-1])[1:-1]


def cell_limit(seconds: int) -> int:
    """How long a cell may take, so that a long job's report can still say which one took too long."""
    return seconds - SPARE if seconds >= LONG else seconds


def _of_report(job: Job, report: Report) -> Answer:
    found = (one for one in sorted(report.folder.rglob("*")) if one.is_file())
    files = {one.relative_to(report.folder).as_posix(): str(one) for one in found}
    if job.audience != "team":
        files = {name: one for name, one in files.items() if not name.endswith(".ipynb")}
    ended: Mapping[str | None, Status] = {"timeout": "timeout", "died": "died"}
    status = ended.get(report.cause, report.status)
    return Answer(
        status, report.problems, report.kept, files, report.tries, printed_parameters(job.notebook, job.parameters)
    )


def _checked(answer: Answer, expected: Mapping[str, str], folder: Path) -> Answer:
    """Failed, whatever it says, where another Python or another procmine made it."""
    wrong = list(_differing(expected, folder, asked=answer.status == "complete"))
    if not wrong:
        return answer
    kept = [Message("batch_run.kernel_kept", {"what": one.values["what"]}) if one.values else one for one in wrong]
    said, may = (tuple(one.say() for one in messages) for messages in (wrong, kept))
    return replace(answer, status="failed", said=(*said, *answer.said), problems=(*may, *answer.problems))


def _differing(expected: Mapping[str, str], folder: Path, *, asked: bool) -> Iterator[Message]:
    """In what the kernel was not what the batch runs on; where the notebook ran, the kernel must have said it."""
    try:
        found = json.loads((folder / KERNEL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        if asked:
            yield Message("batch_run.kernel_silent")
        return
    for name, here in expected.items():
        if os.path.normcase(str(found.get(name))) != os.path.normcase(here):
            what = Message(f"batch_run.what.{name}")
            yield Message("batch_run.kernel", {"what": what, "there": str(found.get(name)), "here": here})


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
