"""Settings files: YAML read safely, checked by pydantic, every error at once with its path."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import fields
from pathlib import Path
from typing import Any, Self, get_type_hints

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic import Field as Field
from yaml import CollectionNode as CollectionNode
from yaml import MappingNode as MappingNode
from yaml import Node as Node
from yaml import ScalarNode as ScalarNode
from yaml import SequenceNode as SequenceNode


class SettingsError(ValueError):
    """A settings file does not say what it should; the text names each place."""


class Settings(BaseModel):
    """Base of what users may write in YAML: unknown keys are errors, values are not converted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """From a file, or a SettingsError that lists every problem with its path in the file."""
        file = Path(path)
        try:
            text = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise SettingsError(f"{file.name} is not readable YAML: {error}") from error
        return cls.check(load(text, file.name), file.name)

    @classmethod
    def check(cls, written: dict[str, Any], name: str) -> Self:
        try:
            return cls.model_validate(written)
        except ValidationError as error:
            raise SettingsError(f"{name}: " + "; ".join(map(_told, error.errors()))) from error


def part_of(name: str, whole: type, names: Collection[str]) -> type[Settings]:
    """A section of a settings file that holds some of the fields of a dataclass, with its types and defaults."""
    types, parts = get_type_hints(whole), {one.name: one for one in fields(whole) if one.name in names}
    made: Any = {field: (types[field], one.default) for field, one in parts.items()}
    return create_model(name, __base__=Settings, **made)


def load(text: str, name: str) -> dict[str, Any]:
    """What the text of a settings file says; SettingsError where it is no YAML, or no names and values."""
    try:
        written = yaml.load(text, Loader=_PlainLoader)
    except RecursionError as error:
        raise SettingsError(f"{name} is nested too deeply to be read.") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{name} is not readable YAML: {error}") from error
    if not isinstance(written, dict):
        raise SettingsError(f"{name}: expected lines of the form 'name: value', found {type(written).__name__}.")
    return written


def node_of(text: str) -> Node | None:
    """The same with the place of each name and value in the text, for whoever changes one and leaves the rest as it is."""
    return yaml.compose(text, Loader=_PlainLoader)


def written(value: Any) -> str:
    """As YAML, in the order given; text that another reader of YAML would take for something else is in quotes."""
    text: str = yaml.dump(value, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=110)
    return text.removesuffix("...\n")


class _PlainLoader(yaml.SafeLoader):
    """Safe YAML 1.1 in which yes, no, on, off and NO stay text (a country, an office), and dates stay text."""


class _PlainDumper(yaml.SafeDumper):
    """Dates without quotes, as people write them."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_PlainDumper.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


DAY = r"\d{4}-\d\d-\d\d"  # as patterns of fields have it


def _told(error: Any) -> str:
    place = ".".join(map(str, error["loc"])) or "the file"
    if error["type"] == "string_type" and isinstance(error["input"], bool | int | float):
        return f'{place}: text is wanted, so write it in quotes: "{str(error["input"]).lower()}"'
    if error["type"] == "string_pattern_mismatch" and DAY in error["ctx"]["pattern"]:
        return f"{place}: {str(error['input'])[:40]!r} is no day; write it as 2026-03-01"
    if error["type"] == "dict_type":
        return f"{place}: names and what each of them is are wanted, as name: value"
    return f"{place}: {error['msg'].removeprefix('Value error, ')}"
