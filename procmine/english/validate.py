"""Words of checks of a simulation against what happened."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "instance.begins": "{step} begins",
}
