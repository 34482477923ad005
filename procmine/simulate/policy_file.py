"""Policy file: a policy as YAML."""

from __future__ import annotations

from procmine.settings import Settings


class DelayEntry(Settings):
    step: str | tuple[str, str]
    days: float
    leaving: list[str] | None = None
    legal_basis: str | None = None


class PolicyFile(Settings):
    name: str
    words: str | None = None
    where: dict[str, str | list[str]] | None = None
    set_delay: list[DelayEntry]
