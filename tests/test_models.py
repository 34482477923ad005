"""Models against pm4py's own answers, and everything else without pm4py."""

import os
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from logs import build

import procmine
from procmine.draw.models_picture import ModelPicture, Node, _plan, draw_model
from procmine.log import LogError

ROOT = Path(procmine.__file__).parents[1]
ALL = ("process_tree", "petri_net", "bpmn")


def run(code, **environment):
    """Standard output of a script of its own, which must end well and complain about nothing."""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT / "tests",
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    return ran.stdout


@pytest.fixture(scope="module")
def receipt(shared):
    return procmine.read(shared / "receipt_coselog" / "receipt.xes.gz")


@pytest.fixture
def loops():
    """After A, X and Y in either order, then B and C, perhaps F and B and C again, then D; E3 is open."""
    paths = ["AXYBCD", "AYXBCD", "AXYBCFBCD", "AYXBCFBCFBCD"]
    rows = [(f"K{k}", step, f"2024-01-{day + 1:02}") for k, path in enumerate(paths) for day, step in enumerate(path)]
    rows += [("E3", "A", "2024-01-01"), ("E3", "F", "2024-01-02")]
    return build(rows, cutoff="2024-02-01", ends=["D"], title="Loops")


def moves(log):
    rows = procmine.flow(log).frame
    inside = rows[(rows["before"] != "") & (rows["after"] != "")]
    return inside.set_index(["before", "after"])


def test_pm4py_counts_what_we_count(office):
    import pm4py

    graph, begins, _ = pm4py.discover_dfg(procmine.models.to_pm4py(office))
    assert dict(graph) == moves(office)["n"].to_dict()
    rows = procmine.flow(office).frame
    assert begins == rows[rows["before"] == ""].set_index("after")["n"].to_dict()
    slow, _, _ = pm4py.discover_performance_dfg(procmine.models.to_pm4py(office))
    for pair, row in moves(office).iterrows():
        assert slow[pair]["mean"] == pytest.approx(row["mean"].total_seconds(), abs=1)


def test_pm4py_counts_what_we_count_on_receipt(receipt):
    import pm4py

    table = procmine.models.to_pm4py(receipt)
    graph, _, _ = pm4py.discover_dfg(table)
    assert dict(graph) == moves(receipt)["n"].to_dict()
    paths = pm4py.get_variants(table)
    ours = procmine.variants(receipt).frame.set_index("variant")["n"].to_dict()
    assert {" → ".join(path): n for path, n in paths.items()} == ours


def test_the_frame_is_pm4pys(six):
    table = procmine.models.to_pm4py(replace(six, start=six.time - 3_600_000_000))
    assert list(table.columns) == [
        "case:concept:name",
        "concept:name",
        "time:timestamp",
        "start_timestamp",
        "unit",
    ]
    assert str(table["time:timestamp"].dtype) == "datetime64[ns, UTC]"
    assert (table["time:timestamp"] - table["start_timestamp"]).dt.total_seconds().eq(3_600).all()
    assert list(table["case:concept:name"]) == ["A1"] * 3 + ["B2"] * 3
    taken = replace(six, event_attributes={"concept:name": six.event_attributes["unit"]})
    with pytest.raises(LogError, match="'concept:name' has a name that pm4py keeps"):
        procmine.models.to_pm4py(taken)
    far = build([("1", "A", "2500-01-01")], cutoff="2500-02-01", ends=["A"], attributes={"office": {"1": "North"}})
    with pytest.raises(LogError, match="1 events lie outside"):
        procmine.models.to_pm4py(far)
    near = build([("1", "A", "2024-01-01")], cutoff="2024-02-01", ends=["A"], attributes={"office": {"1": "North"}})
    assert list(procmine.models.to_pm4py(near)["case:office"]) == ["North"]


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_from_paths_comes_the_tree_that_pm4py_learns_from_events(office, noise):
    import pm4py

    finished = office.take(np.flatnonzero(~office.open))
    theirs = pm4py.discover_process_tree_inductive(procmine.models.to_pm4py(finished), noise_threshold=noise)
    ours = procmine.models.process_tree(office, noise=noise)
    assert str(ours.model) == str(theirs)
    assert ours.sentences()[0].startswith("Process tree of 4 steps, learned from the 2 different paths of ")
    assert f"{office.open.sum():,} open cases are left out: how they end is not known." in ours.sentences()


def test_every_finished_case_fits_and_the_picture_is_the_net(loops, receipt):
    import pm4py

    for log in (loops, receipt):
        net = procmine.models.petri_net(log)
        finished = log.take(np.flatnonzero(~log.open))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pm4py takes a warning of its solver for a proof that the net is not sound
            fit = pm4py.fitness_alignments(procmine.models.to_pm4py(finished), *net.model)  # exact; token replay is not
        assert fit["percentage_of_fitting_traces"] == 100
        drawn = net.frame["shape"].value_counts()
        assert drawn[["step", "silent"]].sum() == len(net.model[0].transitions)
        assert drawn[["place", "token", "end"]].sum() == len(net.model[0].places)
        assert len(net.arrows["before"]) == len(net.model[0].arcs)
        labels = {one.label for one in net.model[0].transitions if one.label}
        assert labels == set(net.frame.query("shape == 'step'")["label"])
    diagram = procmine.models.bpmn(receipt)
    assert len(diagram) == len(diagram.model.get_nodes())
    assert len(diagram.arrows["before"]) == len(diagram.model.get_flows())


def test_the_tree_of_a_log_made_by_hand(loops):
    tree = procmine.models.process_tree(loops)
    assert str(tree.model) == "->( 'A', +( 'X', 'Y' ), *( ->( 'B', 'C' ), 'F' ), 'D' )"
    words = ["in this order", "A", "all, in any order", "X", "Y", "repeat", "in this order", "B", "C", "F", "D"]
    assert list(tree.rows["label"]) == words
    above = [0, 0, 2, 2, 0, 5, 6, 6, 5, 0]
    assert list(zip(tree.arrows["before"], tree.arrows["after"])) == list(zip(above, range(1, 11)))
    assert "1 open cases are left out: how they end is not known." in tree.sentences()
    plan = _plan(tree.picture)
    leaves = [at for at, label in enumerate(words) if len(label) == 1]
    heights = [plan.placed.boxes[at][1] for at in leaves]
    assert heights == sorted(heights, reverse=True)  # read from top to bottom


@pytest.mark.parametrize("kind", ALL)
def test_pictures_keep_things_apart_and_run_onwards(loops, receipt, kind):
    for log in (loops, receipt):
        model = getattr(procmine.models, kind)(log)
        plan = _plan(model.picture)
        boxes = [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for (x, y), (w, h) in zip(plan.placed.boxes, plan.sizes)]
        for at, one in enumerate(boxes):
            for two in boxes[at + 1 :]:
                assert one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]
        for (before, after), route in zip(model.picture.arrows, plan.placed.routes):
            for box, point in ((before, (*route.to_label, *route.onward)[0]), (after, route.onward[-1])):
                left, low, right, high = boxes[box]
                assert left - 2 <= point[0] <= right + 2 and low - 2 <= point[1] <= high + 2


def test_pictures_are_written(loops, tmp_path):
    for kind in ALL:
        model = getattr(procmine.models, kind)(loops)
        for suffix in (".png", ".svg", ".pdf"):
            assert model.save(tmp_path / f"{kind}{suffix}").stat().st_size > 3_000
        assert "data:image/png" in model._repr_html_() and model.to_dict()["rows"]["label"]
        assert model.plot().figure is not None
        from matplotlib.figure import Figure

        axes = Figure().add_subplot()
        assert model.plot(axes) is axes and len(axes.patches) >= len(model)
    assert sorted(one.suffix for one in tmp_path.iterdir()) == sorted([".png", ".svg", ".pdf"] * 3)


NAMES = [
    "<script>alert(1)</script>",
    "$\\frac{1}{",
    "=cmd()",
    "",
    "  ",
    "tau",
    "->( 'a', X",
    "Αίτηση",
    "Заявление",
    "Şikâyet",
]
NAMES += [
    "Prašymas priimtas",
    "a very long name of a step that nobody would read to its end " * 3,
    "line\nbreak\x00\u202e",
]


@pytest.mark.parametrize("kind", ALL)
def test_hostile_and_foreign_names_are_text(tmp_path, kind):
    rows = [("1", name, f"2024-01-{day + 1:02}") for day, name in enumerate(NAMES)]
    rows += [("2", name, f"2024-01-{day + 1:02}") for day, name in enumerate([*NAMES[:5][::-1], *NAMES[5:]])]
    log = build(rows, cutoff="2024-02-01", ends=[NAMES[-1]], title="<b>&\\title")
    model = getattr(procmine.models, kind)(log)
    labels = set(model.frame.query("shape == 'step'")["label"])
    assert labels == {name if name.strip() else "(no name)" for name in NAMES}
    page = model._repr_html_()
    assert "<script>" not in page and "<b>&" not in page
    written = model.save(tmp_path / "picture.svg").read_text(encoding="utf-8")
    assert "<script" not in written


def test_refusals(six, loops):
    with pytest.raises(ValueError, match=r"noise=1\.5"):
        procmine.models.petri_net(loops, noise=1.5)
    waiting = six.take(np.flatnonzero(six.open))
    with pytest.raises(LogError, match="No case is finished"):
        procmine.models.bpmn(waiting)
    for steps, nodes in ((150, 301), (151, 0)):
        days = [("1", "A", np.datetime64("2024-01-01") + k) for k in range(steps)]
        many = build(days, cutoff="2026-02-01", ends=["A"])
        about = replace(many.about, activities=tuple(f"step {k}" for k in range(steps)))
        many = replace(many, about=about, activity=np.arange(steps, dtype=np.uint8))
        if nodes:
            net = procmine.models.petri_net(many)
            assert len(net) == nodes and "<img" not in net._repr_html_()
            with pytest.raises(LogError, match=r"301 nodes cannot be read.*noise=0\.2"):
                net.plot()
        else:
            with pytest.raises(LogError, match=r"151 different steps.*at most 150"):
                procmine.models.petri_net(many)


def test_an_empty_picture_can_be_drawn():
    assert draw_model(ModelPicture((), ())).axes
    assert draw_model(ModelPicture((Node("step", "alone"),), (), tree=True)).axes


@pytest.mark.slow
def test_the_picture_is_the_same_whatever_chance_does_to_sets():
    code = "import procmine, sys, hashlib\nfrom procmine.draw.picture import png\n"
    code += "from test_models import fixture\nlog = fixture()\n"
    code += "for kind in ('process_tree', 'petri_net', 'bpmn'):\n"
    code += "    model = getattr(procmine.models, kind)(log)\n"
    code += "    print(hashlib.sha256(png(model.plot().figure)).hexdigest())\n"
    told = {run(code, PYTHONHASHSEED=seed) for seed in ("0", "1", "2")}
    assert len(told) == 1 and told.pop().count("\n") == 3


def fixture():
    """Many paths with ties, for processes of their own."""
    draw = np.random.default_rng(1)
    rows = []
    for case in range(60):
        middle = list(draw.permutation(list("BCDEGH"))[: draw.integers(3, 7)])
        path = ["A", *middle, *(["F", *middle] if draw.random() < 0.3 else []), "Z"]
        rows += [(f"K{case}", str(step), f"2024-01-{day + 1:02}") for day, step in enumerate(path)]
    return build(rows, cutoff="2024-03-01", ends=["Z"])


def test_pm4py_loads_on_first_use_only_and_says_nothing():
    code = "import sys, procmine\nprocmine.models.to_pm4py\nprint('pm4py' in sys.modules)\n"
    code += "from test_models import fixture\nprint(len(procmine.models.to_pm4py(fixture())), 'pm4py' in sys.modules)\n"
    code += "procmine.models.petri_net(fixture())\nprint('pm4py' in sys.modules)\n"
    lines = run(code).split("\n")
    assert lines[0] == "False" and lines[1].endswith(" False") and lines[2:] == ["True", ""]


HIDDEN = """
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "pm4py":
            raise ImportError("hidden: " + name)
sys.meta_path.insert(0, Hide())
import procmine
from test_models import fixture
log = fixture()
for ask in (procmine.flow, procmine.variants, procmine.rework, procmine.bottlenecks, procmine.survival,
            procmine.cycle_times, procmine.step_times, procmine.process_map):
    assert ask(log).sentences(), ask
assert procmine.time_between(log, "A", "Z").sentences()
assert procmine.case_times(log, "A", "Z").shape[0] == 60
assert len(procmine.models.to_pm4py(log))
for kind in ("process_tree", "petri_net", "bpmn"):
    try:
        getattr(procmine.models, kind)(log)
    except ImportError as error:
        print(error)
"""


def test_everything_else_works_with_pm4py_hidden():
    said = run(HIDDEN).strip().split("\n")
    assert (
        said
        == [
            "procmine.models needs pm4py, which is not installed here: pip install pm4py. All else in procmine works "
            "without it."
        ]
        * 3
    )
