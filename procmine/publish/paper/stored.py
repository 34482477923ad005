"""Stored: blocks as JSON-able values, and back."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from procmine.publish.paper.blocks import (
    Block,
    Box,
    Columns,
    Figure,
    Figures,
    Folded,
    Heading,
    Listing,
    PageEnd,
    Paragraph,
    Picture,
    Table,
)

KINDS: Mapping[str, type[Any]] = {
    kind.__name__: kind
    for kind in (Heading, Paragraph, Listing, Figure, Figures, Picture, Table, Columns, Box, Folded, PageEnd)
}


def written(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    return [_written(one) for one in blocks]


def read(stored: Sequence[Mapping[str, Any]]) -> list[Block]:
    return [_read(one) for one in stored]


def _written(value: Any) -> Any:
    if type(value).__name__ in KINDS:
        return {"kind_of_block": type(value).__name__} | {
            one.name: _written(getattr(value, one.name)) for one in fields(value)
        }
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode("ascii")}
    return [_written(one) for one in value] if isinstance(value, list | tuple | range) else value


def _read(value: Any) -> Any:
    if isinstance(value, Mapping):
        if "bytes" in value:
            return base64.b64decode(value["bytes"])
        given = {name: _read(one) for name, one in value.items() if name != "kind_of_block"}
        return KINDS[value["kind_of_block"]](**given)
    return [_read(one) for one in value] if isinstance(value, list) else value
