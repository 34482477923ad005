"""Models: Petri nets, process trees and BPMN by pm4py, from the paths of finished cases; and logs in its own form."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.about import About
from procmine.draw.models_picture import ModelPicture, Node, Shape
from procmine.kernels.flow import cases_of
from procmine.log import EventLog, Log, LogError
from procmine.results import Result, Rows
from procmine.see.flow import VariantPart, VariantSummary
from procmine.words import Message

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_DRAWN = 300  # nodes; more cannot be read, and take minutes to lay out
MOST_STEPS = 150  # different ones; with more pm4py's miner takes minutes to hours


@dataclass(frozen=True, eq=False)
class Model(Result):
    """One row per node: node (int), shape (text), label (text; "" where it has none).

    arrows: one row per arrow (before, after: nodes). model: pm4py's own object, for whatever else pm4py can do with it.
    """

    arrows: Rows
    model: Any
    picture: ModelPicture

    def findings(self) -> Sequence[Message]:
        return [Message(self.meaning.replace("define.", "models."), self._counts()), *self._left_out()]

    def _counts(self) -> Mapping[str, int]:
        names = ("cases", "paths", "open")
        steps = len(set(self.rows["label"][self.rows["shape"] == "step"]))
        return {**{name: int(str(self.arguments[name])) for name in names}, "steps": steps}

    def _left_out(self) -> list[Message]:
        noise = float(str(self.arguments["noise"]))
        told = [Message("models.noise", {"noise": noise})] if noise else [Message("models.all")]
        return [*told, *([Message("models.open", self._counts())] if self.arguments["open"] else [])]

    def plot(self, ax: Axes | None = None) -> Axes:
        """The picture on axes of its own, in the size in which it should be printed, or (without caption) on yours."""
        from procmine.draw.models_picture import draw_model_on

        if ax is None:
            return self._figure().axes[0]
        draw_model_on(ax, self._drawable())
        return ax

    @property
    def pictured(self) -> bool:
        return 0 < len(self) <= MOST_DRAWN

    @property
    def alt(self) -> str:
        return " ".join(self.sentences())

    def save(self, path: str | Path) -> Path:
        """Write the picture as .png (300 dpi), .svg or .pdf; replaces `path` when complete."""
        from procmine.draw.picture import save

        return save(self._figure(), path, alt=self.alt)

    def _figure(self) -> Figure:
        from procmine.draw.models_picture import draw_model

        return draw_model(self._drawable())

    def _drawable(self) -> ModelPicture:
        if not self.pictured:
            raise LogError(
                f"A picture of {len(self):,} nodes cannot be read. Leave out steps (log.only_activities([...])) or rare "
                "moves (noise=0.2)."
            )
        said = [message.say() for message in self.messages()]
        return replace(self.picture, caption=(*said, *self.picture.caption))


@dataclass(frozen=True, eq=False)
class PetriNet(Model):
    """A Petri net; `model` is (net, initial marking, final marking), as pm4py's functions take them."""

    meaning = "define.petri_net"


@dataclass(frozen=True, eq=False)
class ProcessTree(Model):
    """A process tree; `model` is its root."""

    meaning = "define.process_tree"


@dataclass(frozen=True, eq=False)
class Bpmn(Model):
    """A BPMN diagram; `model` is pm4py's."""

    meaning = "define.bpmn"


@dataclass(frozen=True)
class _Graph:
    """A model as plain nodes and arrows (places in `nodes`)."""

    nodes: tuple[Node, ...]
    arrows: tuple[tuple[int, int], ...]


def process_tree(log: Log, *, noise: float = 0.0) -> ProcessTree:
    """A process tree by the inductive miner, from the paths of finished cases (an open case does not show how it ends).

    With noise 0 every finished case fits; with 0.2 moves are left out that are rarer than 20% of the most frequent one from
    the same step (Leemans et al. 2014), and the cases that took them need not fit.
    """
    part = _paths(log)
    with _pm4py():
        tree = _mined(part, log.about, noise)
    return ProcessTree(*_described(log.about, part, noise, _tree_graph(tree), tree, "define.process_tree", tree=True))


def petri_net(log: Log, *, noise: float = 0.0) -> PetriNet:
    """The process tree as a Petri net (sound: every run can end, nothing stays behind); paths and noise as there."""
    part = _paths(log)
    with _pm4py():
        from pm4py.objects.conversion.process_tree.variants import to_petri_net

        model = to_petri_net.apply(_mined(part, log.about, noise))
    return PetriNet(*_described(log.about, part, noise, _net_graph(*model), model, "define.petri_net"))


def bpmn(log: Log, *, noise: float = 0.0) -> Bpmn:
    """The process tree as a BPMN diagram; paths and noise as there."""
    part = _paths(log)
    with _pm4py():
        from pm4py.objects.conversion.process_tree.variants import to_bpmn

        diagram = to_bpmn.apply(_mined(part, log.about, noise))
    return Bpmn(*_described(log.about, part, noise, _bpmn_graph(diagram), diagram, "define.bpmn"))


def to_pm4py(log: EventLog) -> pd.DataFrame:
    """One row per event, as pm4py wants it: case:concept:name, concept:name (text), time:timestamp (UTC; wall-clock moments
    of a "civil" log are given as if they were UTC), start_timestamp where recorded, case:NAME and NAME for attributes.

    pm4py drops what it does not know: which cases are open, the cutoff, cases without events.
    """
    import pandas as pd

    table = log.events.rename(columns={"case": "case:concept:name", "activity": "concept:name"})
    moments = {"time:timestamp": log.time, **({} if log.start is None else {"start_timestamp": log.start})}
    case = cases_of(log.offset)
    named = {f"case:{name}": text.values()[case] for name, text in log.attributes.items()}
    events = {name: text.values() for name, text in log.event_attributes.items()}
    taken = ["case:concept:name", "concept:name", *moments]
    clash = [name for name in (*named, *events) if name in taken or (name in named and name in events)]
    if clash:
        raise LogError(f"The attribute {clash[0]!r} has a name that pm4py keeps for itself; rename it when reading.")
    times = {name: pd.to_datetime(_nanoseconds(time), utc=True) for name, time in moments.items()}
    return pd.DataFrame({**{name: table[name] for name in taken[:2]}, **times, **named, **events})


def _nanoseconds(time: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.datetime64]]:
    """pm4py counts in nanoseconds, which end in the year 2262."""
    most = np.iinfo(np.int64).max // 1000
    far = np.flatnonzero(np.abs(time) > most)
    if len(far):
        raise LogError(f"{len(far):,} events lie outside the years 1678 to 2261, which pm4py cannot hold.")
    return time.astype("M8[us]").astype("M8[ns]")


def _paths(log: Log) -> VariantPart:
    return log.reduce(VariantSummary().of, ())


@contextmanager
def _pm4py() -> Iterator[None]:
    """pm4py at hand, and its warnings (of the libraries it uses) kept from the user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import pm4py  # noqa: F401
        except ImportError as error:
            raise ImportError(
                "procmine.models needs pm4py, which is not installed here: pip install pm4py. All else in procmine works "
                "without it."
            ) from error
        yield


def _mined(part: VariantPart, about: About, noise: float) -> Any:
    from pm4py.algo.discovery.inductive.dtypes.im_ds import IMDataStructureUVCL
    from pm4py.algo.discovery.inductive.variants.im import IMUVCL
    from pm4py.algo.discovery.inductive.variants.imf import IMFUVCL, IMFParameters
    from pm4py.objects.process_tree.utils.generic import fold, tree_sort

    if not 0 <= noise < 1:
        raise ValueError(f"noise={noise}: a part of one, 0 to keep all moves, 0.2 to leave out the rarest.")
    counted = Counter(_finished(part, about))
    if not any(counted):
        raise LogError("No case is finished, so there is no path from beginning to end to learn a model from.")
    steps = len({step for path in counted for step in path})
    if steps > MOST_STEPS:
        raise LogError(
            f"{steps:,} different steps: learning a model of them takes very long, and nobody could read it. Keep the most "
            f"frequent, at most {MOST_STEPS}: log.only_activities([...])."
        )
    miner = IMFUVCL({}) if noise else IMUVCL({})
    tree = fold(miner.apply(IMDataStructureUVCL(counted), {IMFParameters.NOISE_THRESHOLD: noise}))
    tree_sort(tree)
    return tree


def _finished(part: VariantPart, about: About) -> dict[tuple[str, ...], int]:
    """How many finished cases took each path; most frequent first, so that a log in another order gives the same model."""
    found, paths = {}, part.paths.ranked()
    for (begin, end), finished in zip(pairwise(paths.begin.tolist()), paths.sums[:, 1]):
        if finished:
            found[tuple(about.activities[code] for code in paths.codes[begin:end])] = round(finished)
    return found


OPERATORS = {"->": "sequence", "X": "choice", "+": "parallel", "*": "loop", "O": "inclusive", "<>": "parallel"}


def _tree_graph(tree: Any) -> _Graph:
    """The root first, the others depth first, in the order of the children."""
    nodes: list[Node] = []
    arrows: list[tuple[int, int]] = []

    def visit(node: Any, above: int | None) -> None:
        here = len(nodes)
        nodes.append(_tree_node(node))
        arrows.extend([] if above is None else [(above, here)])
        for child in node.children:
            visit(child, here)

    visit(tree, None)
    return _Graph(tuple(nodes), tuple(arrows))


def _tree_node(node: Any) -> Node:
    if node.operator is not None:
        return Node("group", Message(f"models.{OPERATORS[node.operator.value]}").say())
    return Node("silent") if node.label is None else Node("step", _label(node.label))


def _net_graph(net: Any, begin: Any, end: Any) -> _Graph:
    shapes = {**dict.fromkeys(net.places, Node("place")), **dict.fromkeys(begin, Node("token"))}
    shapes |= dict.fromkeys(end, Node("end"))
    shapes |= {one: Node("silent") if one.label is None else Node("step", _label(one.label)) for one in net.transitions}
    return _ordered(shapes, [(arc.source, arc.target) for arc in net.arcs])


GATEWAYS: Mapping[str, Shape] = {
    "StartEvent": "start",
    "EndEvent": "end",
    "ExclusiveGateway": "choice",
    "ParallelGateway": "parallel",
    "InclusiveGateway": "inclusive",
}


def _bpmn_graph(diagram: Any) -> _Graph:
    shapes = {one: _bpmn_node(one) for one in diagram.get_nodes()}
    return _ordered(shapes, [(flow.get_source(), flow.get_target()) for flow in diagram.get_flows()])


def _bpmn_node(node: Any) -> Node:
    kinds = [kind.__name__ for kind in type(node).__mro__]
    shape = next((GATEWAYS[kind] for kind in kinds if kind in GATEWAYS), None)
    return Node(shape) if shape else Node("step", _label(node.get_name()))


def _label(name: str) -> str:
    return name if name.strip() else Message("map.blank").say()


def _ordered(shapes: Mapping[Any, Node], arrows: Sequence[tuple[Any, Any]]) -> _Graph:
    """Nodes in an order that depends on the model alone: pm4py keeps them in sets, under names drawn by chance.

    Each node is ranked by its label, then by the ranks of its neighbours, until that tells no more apart (colour
    refinement, Weisfeiler and Leman 1968); nodes still alike are interchangeable, or drawn alike.
    """
    out: dict[Any, list[Any]] = {node: [] for node in shapes}
    into: dict[Any, list[Any]] = {node: [] for node in shapes}
    for before, after in arrows:
        out[before].append(after)
        into[after].append(before)
    rank = _ranked({node: (shape.shape, shape.label) for node, shape in shapes.items()})
    for _ in shapes:
        finer = _ranked(
            {
                node: (rank[node], *(tuple(sorted(rank[one] for one in side[node])) for side in (out, into)))
                for node in shapes
            }
        )
        if finer == rank:
            break
        rank = finer
    order = sorted(shapes, key=lambda node: rank[node])
    place = {node: number for number, node in enumerate(order)}
    return _Graph(tuple(shapes[node] for node in order), tuple(sorted((place[one], place[two]) for one, two in arrows)))


def _ranked(key: Mapping[Any, Any]) -> dict[Any, int]:
    place = {value: number for number, value in enumerate(sorted(set(key.values())))}
    return {node: place[value] for node, value in key.items()}


def _described(
    about: About, part: VariantPart, noise: float, graph: _Graph, model: Any, meaning: str, *, tree: bool = False
) -> tuple[Rows, About, bool, Mapping[str, object], Rows, Any, ModelPicture]:
    """The fields of a Model."""
    sums = part.paths.sums
    counts = {"cases": round(sums[:, 1].sum()), "open": round((sums[:, 0] - sums[:, 1]).sum())}
    arguments = {"noise": noise, "paths": len(_finished(part, about)), **counts}
    before, after = np.array(graph.arrows, np.int64).reshape(-1, 2).T
    rows = {
        "node": np.arange(len(graph.nodes)),
        "shape": np.array([node.shape for node in graph.nodes], object),
        "label": np.array([node.label for node in graph.nodes], object),
    }
    drawn = ModelPicture(graph.nodes, graph.arrows, tuple(_legend(graph, meaning)), about.title, tree)
    return rows, about, True, arguments, {"before": before, "after": after}, model, drawn


def _legend(graph: _Graph, meaning: str) -> list[str]:
    there = {node.shape for node in graph.nodes}
    repeat = {"loop"} if Message("models.loop").say() in {node.label for node in graph.nodes} else set()
    return [
        Message(f"models.sign.{sign}").say()
        for sign in ("token", "choice", "parallel", "inclusive", "loop", "silent", "end")
        if sign in there | repeat
    ]
