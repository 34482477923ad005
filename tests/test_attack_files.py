"""No file made for the agency or the public holds a planted name, case id or free text, also not what is packed in it."""

import base64
import csv
import io
import re
import shutil
import subprocess
import zipfile
import zlib

import pytest
import yaml
from click.testing import CliRunner
from PIL import Image
from test_attack_audiences import ASKED, CHANGE, ROOT, SAMPLE

import procmine
from procmine.cli import main
from procmine.publish.safety import show

CASE, FAMILY, OFFICER, WORDS = "4900101", "Zbrzezny", "Quartermaine", "plumtree"
PLANTS = re.compile(f"{CASE}|{FAMILY}|{OFFICER}|{WORDS}", re.IGNORECASE)
OFFICES = ("North", "South", "Harbor")


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    """The sample's first offices with planted names of families and staff, ids of cases, and remarks."""
    folder = tmp_path_factory.mktemp("planted")
    with (ROOT / "event_logs" / "child_support.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = {row["case_id"] for row in rows if row["office"] in OFFICES}
    with (folder / "child_support.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, [*rows[0], "remark", "note"])
        out.writeheader()
        for row in (one for one in rows if one["case_id"] in kept):
            row["remark"] = f"{WORDS} lane, family of {row['case_id']}" if row["office"] else ""
            row["note"] = f"called {FAMILY} about {row['case_id']}"
            row["family_id"] = f"{FAMILY} {row['family_id']}" if row["family_id"] else ""
            row["staff"] = f"{OFFICER} {row['staff']}" if row["staff"] else ""
            row["case_id"] = f"{CASE}-{row['case_id']}"
            out.writerow(row)
    said = yaml.safe_load(SAMPLE.read_text(encoding="utf-8"))
    said["columns"]["attributes"] += ["remark"]
    said["columns"]["event_attributes"] += ["note"]
    said.pop("voice")
    (folder / "child_support.yaml").write_text(
        yaml.safe_dump(said, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    return folder / "child_support.yaml"


def texts(path):
    """All the text of a file, of what is packed in it, and of its metadata."""
    data = path.read_bytes()
    yield path.name
    yield data.decode("utf-8", "replace")
    if path.suffix in (".xlsx", ".pptx"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                packed = archive.read(name)
                yield name + packed.decode("utf-8", "replace")
                if name.endswith(".xlsx"):  # behind a chart of a slide
                    inner = zipfile.ZipFile(io.BytesIO(packed))
                    yield from (inner.read(one).decode("utf-8", "replace") for one in inner.namelist())
    if path.suffix == ".png":
        with Image.open(path) as image:
            yield str(image.info)
    if path.suffix == ".pdf":
        for one in ("pdftotext", "pdfinfo"):
            given = [one, str(path), *(["-"] if one == "pdftotext" else [])]
            yield subprocess.run(given, capture_output=True, text=True, check=True).stdout
    if path.suffix == ".html":
        yield from unpacked(data.decode("utf-8"))


def unpacked(page):
    for found in re.findall(r"[A-Za-z0-9+/]{200,}={0,2}", page):
        for bits in (15, -15, 47):
            try:
                yield zlib.decompress(base64.b64decode(found + "=" * (-len(found) % 4)), bits).decode(
                    "utf-8", "replace"
                )
            except (zlib.error, ValueError):
                continue


def leaks(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return {str(path.relative_to(folder)): found for path in files if (found := PLANTS.findall(" ".join(texts(path))))}


needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed"
)


def test_the_plants_are_in_the_data(spec):
    log = procmine.read(spec)
    assert log.about.persons
    assert PLANTS.search(str(log.cases["family_id"].iloc[0]))
    assert PLANTS.search(str(procmine.late_cases.__doc__)) is None
    assert len(log) > 2000


@pytest.mark.parametrize("audience", ["agency", "public"])
def test_no_answer_tells_a_plant(spec, audience):
    log = procmine.read(spec)
    for name, ask in ASKED.items():
        shown = show(ask(log), audience)
        told = [*shown.sentences, *shown.filters, *(str(one.tolist()) for one in shown.rows.values())]
        told += [str(one.tolist()) for part in shown.further.values() for one in part.values()]
        assert not PLANTS.search(" ".join(told)), name
    for by in ("remark", "family_id"):
        try:
            rows = show(procmine.cycle_times(log, by=[by]), audience).rows
        except procmine.LogError:
            continue
        assert not PLANTS.search(str({name: one.tolist() for name, one in rows.items()})), by


@needs_poppler
@pytest.mark.slow
@pytest.mark.parametrize("audience", ["agency", "public"])
def test_no_page_tells_a_plant(spec, audience, tmp_path):
    log = procmine.read(spec)
    told = procmine.compare(log, change=CHANGE)
    page = procmine.brief(log, comparison=told, audience=audience)
    page.save(tmp_path / "brief.pdf")
    page.save(tmp_path / "brief.html")
    procmine.slides(log, comparison=told, audience=audience).save(tmp_path / "slides.pptx")
    procmine.huddle(log, audience=audience).save(tmp_path / "huddle.pdf")
    procmine.explore(log, audience=audience).save(tmp_path / "map.html")
    assert not leaks(tmp_path)
    procmine.explore(log).save(tmp_path / "team.html")
    assert set(leaks(tmp_path)) == {"team.html"}  # which holds cases: there they are found


@needs_poppler
@pytest.mark.slow
def test_no_file_of_a_batch_for_the_agency_tells_a_plant(spec, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    jobs = {
        "title": "Planted",
        "folder": "planted_{month}",
        "log": str(spec),
        "notebooks": [str(ROOT / "notebooks" / "02_see_the_process.ipynb")],
        "for_each": "office",
        "audience": "agency",
        "limits": {"minutes": 5},
        "workers": 1,
    }
    (tmp_path / "jobs.yml").write_text(yaml.safe_dump(jobs), encoding="utf-8")
    done = CliRunner().invoke(main, ["batch", "jobs.yml"])
    assert done.exit_code in (0, 3), done.output
    (run,) = (one for one in (tmp_path / "outputs").iterdir() if one.is_dir())
    shutil.rmtree(run / "work")  # the offices' own data: never sent, and said to be so
    assert len(list(run.rglob("*.pdf"))) == len(OFFICES)
    assert (run / "headline.xlsx").exists()
    assert not leaks(run)
