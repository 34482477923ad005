"""Reports: a notebook run with parameters, kept as PDF, offline page, notebook and workbook, or marked as broken."""

from __future__ import annotations

import ast
import json
import logging
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from html import escape
from pathlib import Path, PureWindowsPath
from typing import Any, Literal, get_args

from procmine.about import Audience
from procmine.publish.capture import MIME, Handed
from procmine.publish.page import Html, Stamp, broken, loaded_from_elsewhere, page, paragraph, write_page
from procmine.publish.paper.blocks import Block
from procmine.publish.paper.write import write_paper
from procmine.publish.report_pdf import PICTURE_NAME, PICTURES, report_paper, shown_blocks, write_pictures
from procmine.publish.workbook import write_report_workbook
from procmine.words import Message, Value

SETUP = "procmine-setup"  # tag of the cell that goes first and is not kept
ERROR_MARK = "papermill-error-cell-tag"
SECRET_NAME = re.compile(r"passw|passphrase|token|secret|credential|api_?key|private_?key", re.IGNORECASE)
SECRET_VALUE = re.compile(r"://[^/\s:@]+:[^/\s@]+@|\b(password|pwd)\s*=", re.IGNORECASE)
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
LOGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet", ".pq", ".xes", ".gz", ".yaml", ".yml")
DAY = 86_400
TRIES = 2
STRAYS = {".ipynb_checkpoints", ".DS_Store", "Thumbs.db"}  # put there by other programs
KEPT = {"notebook": "ipynb", "page": "html", "pdf": "pdf", "workbook": "xlsx"}  # of a Report, and how its name ends

Cause = Literal["error", "timeout", "died", "empty", "loads", "pdf"]  # loads: something from elsewhere


@dataclass(frozen=True)
class Trouble:
    """What went wrong, for the author, and as it may stand in the files."""

    said: str
    kept: str
    cause: Cause

    @classmethod
    def plain(cls, cause: Cause, key: str, values: Mapping[str, Value] | None = None) -> Trouble:
        said = Message(key, values or {}).say()
        return cls(said, said, cause)


class ReportError(ValueError):
    """A report that cannot be begun: nothing was run and nothing was written."""


@dataclass(frozen=True)
class Report:
    """What was kept, all in `folder`. `problems` says why a report failed, empty if it is complete; then so is each file.

    `problems` is for the author: what an error says may hold values, so the files for others than the team leave it out;
    `kept`: the same as it stands there; `cause`: of the first; `tries`: how often a kernel was begun.
    """

    folder: Path
    notebook: Path
    page: Path
    pdf: Path
    workbook: Path
    problems: tuple[str, ...]
    kept: tuple[str, ...] = ()
    cause: Cause | None = None
    tries: int = 1

    @property
    def pictures(self) -> list[Path]:
        """Each picture as a file, in the order of the report."""
        return sorted((self.folder / PICTURES).glob("*"))

    @property
    def status(self) -> Literal["complete", "failed"]:
        return "failed" if self.problems else "complete"

    def sentences(self) -> list[str]:
        if not self.problems:
            return [Message("report.done", {"page": str(self.page)}).say()]
        kept = Message("report.kept", {"folder": str(self.folder)}).say()
        return [Message("report.broken").say(), *self.problems, kept]

    def __str__(self) -> str:
        return "\n".join(self.sentences())


def run_report(
    notebook: str | Path,
    parameters: Mapping[str, object] | None = None,
    folder: str | Path = "outputs",
    *,
    audience: Audience = "team",
    cell_timeout: int = 3_600,
    progress: bool = False,
    kept: Mapping[str, object] | None = None,
) -> Report:
    """Run a notebook and keep `folder/NAME/` with NAME.pdf, NAME.html, NAME.ipynb, NAME.xlsx and `pictures/` (each picture
    as a file, numbered), where NAME is the notebook's.

    Parameters are those of the notebook's cell tagged `parameters`; text is read as the kind of value that stands there. A
    value that names a file where you stand is found from there; all else is relative to the notebook's folder. An unknown
    name, a secret, a wrong kind or a file that is not there raises ReportError before anything runs. An error in a cell, a
    cell over `cell_timeout` seconds, a result without rows or a notebook that shows nothing gives a failed Report, whose
    files say so in red.

    The team's notebook keeps the parameters as they were given, unless `kept` says how they are to stand there.

    Limits: what the author typed into a cell, such as a path, stands in the kept notebook as it is, for every audience.
    """
    if audience not in get_args(Audience):
        raise ReportError(f"No audience {audience!r}; there are: {', '.join(get_args(Audience))}.")
    source = Path(notebook).resolve()
    given = fit_parameters(source, parameters or {})
    final = Path(folder).resolve() / source.stem
    _check_replaceable(final)
    final.parent.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(final)
    scratch = Path(tempfile.mkdtemp(dir=final.parent, prefix=f".{final.name}.", suffix=".partial"))
    try:
        run = _Run(source, given, audience, cell_timeout, progress, {**given, **(kept or {})})
        ran, problems, tries = _executed(run, scratch)
        report = replace(_keep(run, ran, problems, scratch), tries=tries)
        scratch.chmod(0o755)
        _swap(scratch, final)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    moved = {name: final / getattr(report, name).name for name in KEPT}
    return replace(report, folder=final, **moved)


def notebook_parameters(notebook: str | Path) -> dict[str, object]:
    """Name -> default of what the cell tagged `parameters` assigns; a default that is no plain value is None."""
    path = Path(notebook)
    if not path.is_file():
        raise ReportError(f"No notebook {str(path)!r}.")
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        tagged = [cell for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", [])]
        tree = ast.parse("".join(tagged[0]["source"])) if tagged else ast.Module([], [])
    except (ValueError, KeyError, TypeError, UnicodeDecodeError, SyntaxError) as error:
        raise ReportError(f"{path.name} is not a notebook that can be read: {error}") from error
    return dict(_assigned(tree))


def fit_parameters(notebook: str | Path, given: Mapping[str, object]) -> dict[str, object]:
    """The parameters as the notebook's kinds of values: "7" becomes 7 where a number stands, "2026-03-01" stays text."""
    declared = notebook_parameters(notebook)
    for name, value in given.items():
        if name not in declared:
            raise ReportError(_unknown(name, declared, Path(notebook).name))
        if SECRET_NAME.search(name) or SECRET_VALUE.search(str(value)):
            raise ReportError(
                f"{name!r} looks like a secret. Parameters are printed on the page and kept in the notebook: let the "
                "notebook read it from an environment variable or a protected file instead."
            )
    fitted = {name: _fitted(name, value, declared[name]) for name, value in given.items()}
    folder = Path(notebook).resolve().parent
    return {name: _there(name, value, declared[name], folder) for name, value in fitted.items()}


def printed_parameters(notebook: str | Path, parameters: Mapping[str, object]) -> dict[str, object]:
    """The parameters as they may be read: of a file its name only."""
    folder = Path(notebook).resolve().parent
    return {name: _named(value, folder) for name, value in parameters.items()}


def _there(name: str, value: object, default: object, folder: Path) -> object:
    """A parameter that names a log's file, folder or pattern must name one that is there, seen from here or from the
    notebook; a folder of one word here is written as a path."""
    if not isinstance(value, str) or not isinstance(default, str) or not value.strip() or not default.strip():
        return value
    if not (Path(default).suffix.lower() in LOGS or (_written_as_path(default) and _stands(folder / default))):
        return value
    if not _stands(Path(value)) and not _stands(folder / value):
        raise ReportError(
            f"{name} = {value!r}: there is no such file, neither here ({Path.cwd()}) nor beside the notebook ({folder})."
        )
    return value if _written_as_path(value) or not _stands(Path(value)) else f"./{value}"


def _stands(path: Path) -> bool:
    try:
        return path.exists() or (bool({*"*?["} & {*path.name}) and any(path.parent.glob(path.name)))
    except (OSError, ValueError):  # too long for a path, or with a zero byte
        return False


def _unknown(name: str, declared: Mapping[str, object], notebook: str) -> str:
    near = get_close_matches(name, declared, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    listed = ", ".join(declared) or "none: no cell is tagged 'parameters'"
    return f"{notebook} has no parameter {name!r}.{hint} It has: {listed}."


def _assigned(tree: ast.Module) -> Iterator[tuple[str, object]]:
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
        value: Any = getattr(statement, "value", None)
        for target in targets:
            if isinstance(target, ast.Name):
                yield target.id, _literal(value)


def _literal(value: ast.expr | None) -> object:
    try:
        return None if value is None else ast.literal_eval(value)
    except ValueError:
        return None


def _fitted(name: str, value: object, default: object) -> object:
    """The value as the default's kind, or an error that says which kind is wanted."""
    kind = type(default)
    if default is None:
        return _guessed(value) if isinstance(value, str) else value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is kind:
        return value
    if isinstance(value, str) and kind in READ:
        try:
            return READ[kind](value)
        except (ValueError, KeyError) as error:
            raise ReportError(_wrong_kind(name, value, kind)) from error
    raise ReportError(_wrong_kind(name, value, kind))


def _wrong_kind(name: str, value: object, kind: type) -> str:
    wanted = Message(f"kind.{kind.__name__}").say() if kind in READ or kind is str else kind.__name__
    return f"{name} = {value!r}: the notebook has {wanted} there."


def _listed(value: str) -> list[object]:
    """A JSON list, or words with commas between them."""
    if not value.strip().startswith("["):
        return [part.strip() for part in value.split(",") if part.strip()]
    read = json.loads(value)
    if not isinstance(read, list):
        raise ValueError(value)
    return read


def _mapping(value: str) -> dict[str, object]:
    read = json.loads(value)
    if not isinstance(read, dict):
        raise ValueError(value)
    return read


READ: Mapping[type, Any] = {
    bool: lambda value: {"true": True, "false": False, "yes": True, "no": False}[value.strip().lower()],
    int: int,
    float: float,
    list: _listed,
    tuple: lambda value: tuple(_listed(value)),
    dict: _mapping,
}


def _guessed(value: str) -> object:
    """Where the notebook names no kind: a number, true, false or null if it is one, else text (dates stay text)."""
    if value.strip().lower() in ("", "null", "none"):
        return None
    for kind in (int, float, bool):
        try:
            read: object = READ[kind](value)
        except (ValueError, KeyError):
            continue
        return read
    return value


@dataclass(frozen=True)
class _Run:
    source: Path
    parameters: Mapping[str, object]
    audience: Audience
    cell_timeout: int
    progress: bool
    for_team: Mapping[str, object]

    @property
    def handed(self) -> dict[str, object]:
        """The parameters as the notebook gets them: files found from where the user stands."""
        return {name: _found(value) for name, value in self.parameters.items()}

    @property
    def printed(self) -> dict[str, object]:
        """The same as they may be read: of a file its name only, since its folders tell of the author and the machine."""
        return printed_parameters(self.source, self.parameters)

    @property
    def kept(self) -> Mapping[str, object]:
        """The same as they stand in the kept notebook: the team can run it again."""
        return self.for_team if self.audience == "team" else self.printed


def _named(value: object, folder: Path) -> object:
    """A file or folder by its name; text that is neither stays as it is."""
    if isinstance(value, list | tuple):
        return type(value)(_named(one, folder) for one in value)
    if isinstance(value, dict):
        return {name: _named(one, folder) for name, one in value.items()}
    if not isinstance(value, str) or not value.strip() or len(value) > 1_000 or not {"/", "\\"} & set(value):
        return value
    whole = Path(value).is_absolute() or PureWindowsPath(value).is_absolute() or value.startswith("~")
    there = whole or Path(value).exists() or (folder / value).exists()
    return (PureWindowsPath(value) if "\\" in value else Path(value)).name or value if there else value


def _found(value: object) -> object:
    if not isinstance(value, str) or not value.strip() or len(value) > 1_000:
        return value
    return str(Path(value).resolve()) if _written_as_path(value) and _stands(Path(value)) else value


def _written_as_path(value: str) -> bool:
    """A word alone is an office or a step, even where a folder is called so."""
    return "." in value or os.sep in value or "/" in value


def _executed(run: _Run, scratch: Path) -> tuple[Any, list[Trouble], int]:
    """The notebook after its run, what went wrong, and how often it was begun: once more where a kernel died."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    problems: list[Trouble] = []
    tries = 0
    while tries < TRIES:
        tries += 1
        try:
            return _execute(run, scratch), [], tries
        except PapermillExecutionError as error:
            whole = ANSI.sub("", f"{error.ename}: {error.evalue}")
            said, masked = (
                Message("report.error", {"cell": _place(scratch), "said": one}).say() for one in (whole, error.ename)
            )
            problems = [Trouble(said, said if run.audience == "team" else masked, "error")]
            break
        except CellTimeoutError:
            problems = [
                Trouble.plain("timeout", "report.timeout", {"cell": _place(scratch), "seconds": run.cell_timeout})
            ]
            break
        except DeadKernelError:
            problems = [Trouble.plain("died", "report.died", {"cell": _place(scratch)})]
    return _kept_so_far(run, scratch), problems, tries


def _execute(run: _Run, scratch: Path) -> Any:
    from papermill import execute_notebook
    from traitlets.config import Config

    with _quiet(), tempfile.TemporaryDirectory(prefix="procmine-", ignore_cleanup_errors=True) as home:
        return execute_notebook(
            _prepared(run),
            str(_working(scratch)),
            run.handed,
            kernel_name="python3",
            language="python",
            progress_bar=run.progress,
            cwd=str(run.source.parent),
            execution_timeout=run.cell_timeout,
            kernel_manager_class=_kernel_class(home),
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),
        )


def _prepared(run: _Run) -> Any:
    """The notebook without old outputs, with the cell that makes results hand over their tables in front."""
    import nbformat

    v4: Any = nbformat.v4
    notebook = nbformat.read(run.source, as_version=4)  # type: ignore[no-untyped-call]
    notebook = v4.upgrade(notebook, from_version=4, from_minor=notebook.nbformat_minor)  # an older one: cells get ids
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    code = f"from procmine.publish.capture import install as _install\n_install({run.audience!r})\ndel _install"
    setup = v4.new_code_cell(code, metadata={"tags": [SETUP]})
    notebook.cells.insert(0, setup)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


def _kernel_class(home: str) -> type[Any]:
    """A kernel on this very Python with this very procmine, whatever is registered as 'python3'; no history is kept."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    ours = str(Path(__file__).resolve().parents[2])
    paths = os.pathsep.join([ours, *filter(None, [os.environ.get("PYTHONPATH", "")])])
    env = {"PYTHONPATH": paths, "IPYTHONDIR": home}
    spec = get_kernel_dict(extra_arguments=["--HistoryManager.enabled=False"])
    spec["argv"][0] = sys.executable
    spec["env"] = {name: value.replace("$", "$$") for name, value in env.items()}

    class OurSpecs(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> Any:
            return KernelSpec(resource_dir="", **spec)

    class OurKernel(AsyncKernelManager):
        def __init__(self, **settings: Any) -> None:
            super().__init__(kernel_spec_manager=OurSpecs(), **settings)

    return OurKernel


@contextmanager
def _quiet() -> Iterator[None]:
    """papermill logs each step, the traceback of a cell, and lines among the parameters that assign nothing; the report
    says what matters of it instead."""
    loggers = [logging.getLogger(name) for name in ("papermill", "papermill.translators")]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, disabled in zip(loggers, before):
            logger.disabled = disabled


def _working(scratch: Path) -> Path:
    return scratch / ".working.ipynb"


def _kept_so_far(run: _Run, scratch: Path) -> Any:
    import nbformat

    if not _working(scratch).is_file():
        return _prepared(run)
    return nbformat.read(_working(scratch), as_version=4)  # type: ignore[no-untyped-call]


def _place(scratch: Path) -> int:
    """Which code cell of the notebook, counted as its author sees them, was the last to begin."""
    cells = json.loads(_working(scratch).read_text(encoding="utf-8"))["cells"] if _working(scratch).is_file() else []
    hidden = {SETUP, ERROR_MARK, "injected-parameters"}
    begun, place = 0, 0
    for cell in cells:
        if hidden & set(cell["metadata"].get("tags", [])) or cell["cell_type"] != "code":
            continue
        place += 1
        if cell["metadata"].get("papermill", {}).get("start_time"):
            begun = place
    return begun


def _keep(run: _Run, notebook: Any, problems: Sequence[Trouble], scratch: Path) -> Report:
    """The notebook, the page and the workbook, in the scratch folder."""
    _working(scratch).unlink(missing_ok=True)
    _drop_ours(notebook)
    blocks = shown_blocks(notebook, run.audience)
    handed = _collect(notebook, run.audience)
    problems = [*problems, *([] if problems else _empty(notebook, handed))]
    stamp = next((one.stamp for one in handed if one.stamp), None)
    stamp = stamp or Stamp(run.audience, Message("page.no_date").say(), {})
    _tidy(notebook, run)
    body = _body(notebook, run.source.parent)
    loads = loaded_from_elsewhere(body)
    if loads:
        problems = [*problems, Trouble.plain("loads", "report.loads", {"n": len(loads), "first": loads[0][:80]})]
        body = paragraph(Message("report.left_out").say(), "withheld")
    stem = run.source.stem
    paths = {name: scratch / f"{stem}.{end}" for name, end in KEPT.items()}
    title = _title(notebook) or stem
    problems = [*problems, *_write_pdf(paths["pdf"], title, blocks, stamp, run, [one.kept for one in problems])]
    write_pictures(blocks, scratch)
    said, kept = (tuple(getattr(one, name) for one in problems) for name in ("said", "kept"))
    cause = problems[0].cause if problems else None
    report = Report(scratch, paths["notebook"], paths["page"], paths["pdf"], paths["workbook"], said, kept, cause)
    write_page(report.page, _page(title, body, stamp, run, kept))
    tables = [table for one in handed for table in one.tables]
    write_report_workbook(tables, stamp, report.workbook, title=title, parameters=run.printed, problems=kept)
    _write_notebook(notebook, report.notebook, kept)
    return report


def _page(title: str, body: Html, stamp: Stamp, run: _Run, problems: Sequence[str]) -> str:
    top = [broken(problems)] if problems else []
    return page(title, [*top, paragraph(_head(stamp), "about"), body], stamp, foot=_foot(run))


def _head(stamp: Stamp) -> str:
    return Message("page.head", {"title": stamp.title, "until": stamp.until}).say() if stamp.title else ""


def _foot(run: _Run) -> list[str]:
    given = ", ".join(f"{name} = {value}" for name, value in run.printed.items())
    return [Message("page.parameters", {"given": given}).say()] if given else []


def _write_pdf(
    path: Path, title: str, blocks: Sequence[Block], stamp: Stamp, run: _Run, problems: Sequence[str]
) -> list[Trouble]:
    """What kept it from being whole: then it says so, and shows nothing else."""
    head, foot = _head(stamp), _foot(run)
    try:
        write_paper(report_paper(title, blocks, stamp, head=head, foot=foot, problems=problems), path)
        return []
    except ValueError as error:
        trouble = Trouble.plain("pdf", "report.no_pdf", {"said": str(error)})
        told = [*problems, trouble.kept]
        write_paper(report_paper(title, [], stamp, head=head, foot=foot, problems=told), path)
        return [trouble]


def _drop_ours(notebook: Any) -> None:
    """Take out the first cell, and what papermill puts before and into a broken one."""
    ours = {SETUP, ERROR_MARK}
    notebook.cells = [cell for cell in notebook.cells if not ours & set(cell.metadata.get("tags", []))]


def _collect(notebook: Any, audience: Audience) -> list[Handed]:
    """Take what was handed over out of the outputs; for others than the team, all else that cells showed goes."""
    handed = []
    for output in _outputs(notebook):
        if MIME in output.get("data", {}):
            handed.append(Handed.from_dict(output.data.pop(MIME)))
        elif audience != "team":
            _withhold(output)
    return handed


def _outputs(notebook: Any) -> Iterator[Any]:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            yield from cell.outputs


def _withhold(output: Any) -> None:
    """What is not known to be safe is replaced by a line that says so."""
    if output.output_type == "error":
        output.evalue, output.traceback = "", []
    elif output.output_type == "stream":
        output.text = ""
    else:
        said = Message("safety.withheld").say()
        output.data = {"text/html": paragraph(said, "withheld"), "text/plain": said}


def _empty(notebook: Any, handed: Sequence[Handed]) -> list[Trouble]:
    if not any(_shows(one) for one in _outputs(notebook)):
        return [Trouble.plain("empty", "report.shows_nothing")]
    empty = [one.tables[0].title if one.tables else "" for one in handed if one.empty]
    return [Trouble.plain("empty", "report.empty", {"n": len(empty), "first": empty[0] or "log"})] if empty else []


def _shows(output: Any) -> bool:
    """Whether a reader of the page sees it: warnings are not shown."""
    if output.output_type == "stream":
        return bool(output.name == "stdout" and output.text.strip())
    return bool(output.output_type in ("display_data", "execute_result"))


def _tidy(notebook: Any, run: _Run) -> None:
    """Nothing of this machine stays in the kept notebook: neither paths nor timings."""
    from papermill.translators import PythonTranslator

    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = PythonTranslator.codify(dict(run.kept), comment="Parameters").rstrip("\n")


def _body(notebook: Any, folder: Path) -> Html:
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="report",
        extra_template_basedirs=[str(Path(__file__).parent)],
        exclude_input=True,
        exclude_anchor_links=True,
        embed_images=True,
    )
    body, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"path": str(folder), "name": ""}})
    return Html(body)


def _title(notebook: Any) -> str:
    """The first heading of the notebook."""
    lines = [line for cell in notebook.cells if cell.cell_type == "markdown" for line in cell.source.splitlines()]
    return next((line.lstrip("#").strip() for line in lines if line.startswith("#")), "")


def _write_notebook(notebook: Any, path: Path, problems: Sequence[str]) -> None:
    import nbformat
    from nbformat.sign import NotebookNotary

    if problems:
        said = "<br>".join(escape(" ".join(one.split())) for one in problems)
        box = "border:3px solid #a4161a;background:#fdf1f1;padding:0.6em 1em"
        strong = f'<strong style="color:#a4161a">{escape(Message("report.broken").say())}</strong>'
        banner = f'<div class="alert alert-block alert-danger" style="{box}">{strong}<br>{said}</div>'
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(banner))  # type: ignore[no-untyped-call]
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    notary: Any = NotebookNotary()  # type: ignore[no-untyped-call]  # else Jupyter does not show the outputs of a notebook that it did not run itself
    notary.sign(notebook)
    notary.store.close()


def _check_replaceable(final: Path) -> None:
    """Only a folder that holds a report of this name, and nothing else, is replaced."""
    if final.is_dir():
        ours = {f"{final.name}.{end}" for end in KEPT.values()} | STRAYS
        other = sorted(one.name for one in final.iterdir() if one.name not in ours and not _our_pictures(one))
        if other:
            raise ReportError(f"{final} holds something else ({other[0]!r}); it is not replaced. Name another folder.")
    elif final.exists():
        raise ReportError(f"{final} is a file; a report needs a folder of that name.")


def _our_pictures(folder: Path) -> bool:
    """Whether it holds the pictures of a report, and nothing else."""
    if folder.name != PICTURES or not folder.is_dir():
        return False
    return all(PICTURE_NAME.fullmatch(one.name) or one.name in STRAYS for one in folder.iterdir())


def _clear_leftovers(final: Path) -> None:
    """What a run that was killed left a day ago or earlier."""
    for one in final.parent.glob(f".{final.name}.*.partial"):
        if one.is_dir() and time.time() - one.stat().st_mtime > DAY:
            shutil.rmtree(one, ignore_errors=True)


def _swap(new: Path, final: Path) -> None:
    """Put the new folder in the old one's place; the old one comes back if that fails."""
    old = final.with_name(f"{new.name}.old")
    try:
        if final.exists():
            final.rename(old)
        try:
            new.rename(final)
        except OSError:
            if old.exists():
                old.rename(final)
            raise
    except PermissionError as error:
        raise ReportError(
            f"{final} is in use, so the new report was not kept. Close its files (is the workbook open?) and run again."
        ) from error
    shutil.rmtree(old, ignore_errors=True)
