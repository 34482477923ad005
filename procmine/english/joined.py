"""Words of two logs as one."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "joined.history": "two logs as one: the first up to {first}, the second from {second} on",
    "joined.moved": "the second log moved {weeks:week|weeks} later, to stand behind the first: one of them is simulated",
    "joined.gap": "Nothing is known of the {gap:week|weeks} between the two logs: cases of the first are watched up to its end only.",
}
