"""What is written in a file of jobs before anybody looks at what it means: names that come twice, and files made to grow."""

from __future__ import annotations

from collections.abc import Iterator

from procmine.settings import CollectionNode, MappingNode, Node, SettingsError, node_of

MOST = 20_000  # values, each counted as often as it is referred to


def check_written(text: str, name: str) -> None:
    """SettingsError where a name stands twice in one place, of which only the last would count, or where references to
    references stand for more than `MOST` values."""
    root = node_of(text)
    if root is None:
        return
    counted: dict[int, int] = {}
    _count(root, counted, name)
    if counted[id(root)] > MOST:
        raise SettingsError(f"{name}: its references (&, *) stand for more than {MOST:,} values. Write them out.")
    twice = list(dict.fromkeys(_twice(root, set())))
    if twice:
        raise SettingsError(f"{name}: each name counts once in its place. There more often: {'; '.join(twice[:10])}.")


def _count(node: Node, counted: dict[int, int], name: str) -> int:
    """How many values it stands for; what is looked at now counts as 0, so that one which holds itself is found."""
    if counted.get(id(node)) == 0:
        raise SettingsError(f"{name}: what stands in line {node.start_mark.line + 1} holds itself.")
    if id(node) not in counted:
        counted[id(node)] = 0
        counted[id(node)] = 1 + sum(_count(one, counted, name) for one in _inside(node))
    return counted[id(node)]


def _inside(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [one for pair in node.value for one in pair]
    return list(node.value) if isinstance(node, CollectionNode) else []


def _twice(node: Node, seen: set[int]) -> Iterator[str]:
    if id(node) in seen:
        return
    seen.add(id(node))
    names = (
        [name.value for name, _ in node.value if isinstance(name.value, str)] if isinstance(node, MappingNode) else []
    )
    lines = {str(name.value): name.start_mark.line + 1 for name, _ in node.value} if names else {}
    yield from (f"{name} (line {lines[name]})" for name in names if names.count(name) > 1)
    for one in _inside(node):
        yield from _twice(one, seen)
