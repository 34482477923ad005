"""Edit: one value of a settings file changed or added, and every other character of it left as it was."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from json import dumps
from typing import Any

from procmine.settings import (
    CollectionNode,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    SettingsError,
    load,
    node_of,
    written,
)

SIMPLE = re.compile(r"\w[\w -]*\w")
END = "(end)"  # of a list, as the last part of a path


def put(text: str, path: Sequence[str], value: Any, name: str) -> str:
    """The text with `value` at the place that `path` names; what is missing on the way is made, at the end of its mapping.
    A path that ends with END adds to a list.

    The result is read again and must say what was wanted and nothing else: SettingsError with the lines to add by hand where
    it does not (anchors, unusual layouts).
    """
    root = node_of(text)
    wanted = _with(load(text, name) if root is not None else {}, path, value)
    if not isinstance(root, MappingNode):
        made = _joined(text, len(text), _nested(path, value), 0)
    else:
        made = _placed(text, root, path, value)
    if not _says(made, wanted, name):
        lines = written(_nested(path, value))
        raise SettingsError(f"{name} is laid out in a way that cannot be added to safely. Add by hand:\n{lines}")
    return made


def twice(text: str) -> list[str]:
    """The names that stand twice in one mapping of the text, with their lines: the first would be lost in silence."""
    root, found, seen = node_of(text), list[str](), set[Node]()
    nodes = [root] if root is not None else []
    while nodes:
        node = nodes.pop()
        if node in seen:  # aliases: one node in many places, or inside itself
            continue
        seen.add(node)
        if not isinstance(node, MappingNode):
            nodes += [one for one in node.value if isinstance(one, Node)] if isinstance(node.value, list) else []
            continue
        lines: dict[str, int] = {}
        for key, value in node.value:
            line, said = key.start_mark.line + 1, str(key.value)
            if said in lines:
                found.append(f"{said!r} stands twice, in line {lines[said]} and in line {line}")
            lines[said] = line
            nodes.append(value)
    return found


def _says(text: str, wanted: Any, name: str) -> bool:
    try:
        return bool(load(text, name) == wanted)
    except SettingsError:
        return False


def _with(written: Any, path: Sequence[str], value: Any) -> Any:
    """The same with the value put there."""
    if path[0] == END:
        return [*(written if isinstance(written, list) else []), value]
    made = deepcopy(written) if isinstance(written, dict) else {}
    made[path[0]] = _with(made.get(path[0]), path[1:], value) if len(path) > 1 else value
    return made


def _nested(path: Sequence[str], value: Any) -> Any:
    for part in reversed(path):
        value = [value] if part == END else {part: value}
    return value


def _placed(text: str, node: MappingNode, path: Sequence[str], value: Any) -> str:
    """Go down as far as there is something; what is there is replaced, what is not is added after the last."""
    for key, child in node.value:
        if str(key.value) != path[0]:
            continue
        if len(path) > 1 and isinstance(child, MappingNode) and child.value:
            return _placed(text, child, path[1:], value)
        if path[1:] == [END] and isinstance(child, SequenceNode) and child.value:
            return _longer(text, child, value)
        return _replaced(text, node, key, child, _nested(path[1:], value))
    entry = _nested(path, value)
    if node.flow_style:
        at = _end(node) - 1
        return text[:at].rstrip() + (", " if node.value else "") + _flow(entry)[1:-1] + text[at:]
    return _joined(text, _end(node), entry, node.value[0][0].start_mark.column)


def _longer(text: str, node: SequenceNode, value: Any) -> str:
    if node.flow_style:
        at = _end(node) - 1
        return f"{text[:at].rstrip()}, {_flow(value)}{text[at:]}"
    return _joined(text, _end(node), [value], node.value[0].start_mark.column - 2)


def _replaced(text: str, parent: MappingNode, key: Node, child: Node, value: Any) -> str:
    between, rest = text[key.end_mark.index : child.start_mark.index], text[_end(child) :]  # the colon, and comments
    head = text[: key.end_mark.index] + (between.rstrip() or ":")
    if not parent.flow_style and isinstance(value, dict | list) and value:
        return head + _break("\n" + _indented(written(value), key.start_mark.column + 2), text) + rest
    line = _break(_flow(value) if parent.flow_style else written(value).strip(), text)
    return text[: child.start_mark.index] + line + rest if "#" in between else f"{head} {line}{rest}"


def _joined(text: str, at: int, entry: Any, column: int) -> str:
    """The entry on lines of its own after the line of place `at`."""
    stop = text.find("\n", at)
    head, tail = (text, "") if stop < 0 else (text[: stop + 1], text[stop + 1 :])
    gap = "" if not head.strip("\ufeff") or head.endswith("\n") else "\n"
    return head + _break(gap + _indented(written(entry), column) + "\n", text) + tail


def _indented(lines: str, column: int) -> str:
    return "\n".join(" " * column + line if line else line for line in lines.rstrip("\n").split("\n"))


def _flow(value: Any) -> str:
    """In braces on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(key).strip()}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and not SIMPLE.fullmatch(value):
        return dumps(value)
    return written(value).strip()


def _break(lines: str, text: str) -> str:
    return lines.replace("\n", "\r\n") if "\r\n" in text else lines


def _end(node: Node) -> int:
    """Where the text of a node ends, without the comments and empty lines after it."""
    if isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    mark = int(node.end_mark.index)
    return mark - 1 if isinstance(node, ScalarNode) and node.style in ("|", ">") else mark
