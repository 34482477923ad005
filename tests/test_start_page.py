"""The page on which JupyterLab opens: every question leads somewhere, and the lab opens on it."""

import json
import re
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).resolve().parents[1]
START = ROOT / run.LAB_START


def test_each_link_leads_to_a_file_and_each_notebook_has_one() -> None:
    links = [START.parent / link for link in re.findall(r"\]\(([^)]+)\)", START.read_text(encoding="utf-8"))]
    assert [str(link) for link in links if not link.is_file()] == []
    assert {link.name for link in links} >= {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}


def test_the_lab_opens_on_it_and_shows_it_as_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(run, "run", lambda python, arguments, folder: started.append(arguments) or 0)
    python = tmp_path / "bin" / "python"
    assert run.lab(python, ["--port=1"]) == 0
    assert f"--LabApp.default_url=/lab/tree/{run.LAB_START}" in started[0]
    assert started[0][-1] == "--port=1"
    settings = json.loads((tmp_path / "share/jupyter/lab/settings/overrides.json").read_text(encoding="utf-8"))
    assert settings["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"]["markdown"] == "Markdown Preview"
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_the_lab_opens_on_the_page_of_the_folder_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "our office" / "notebooks"
    own.mkdir(parents=True)
    (own / "start_here.md").touch()
    elsewhere = run.lab_page([str(own.parent), "--port=1"])
    assert elsewhere == (own.parent, "notebooks/start_here.md", ["--port=1"])
    monkeypatch.setattr(run, "ROOT", tmp_path)
    assert run.lab_page([str(own.parent)]) == (tmp_path, "our%20office/notebooks/start_here.md", [])
    assert run.lab_page([str(tmp_path)]) == (tmp_path, run.LAB_START, [str(tmp_path)])  # no such page: JupyterLab's own
