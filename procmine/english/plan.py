"""Words of a champion's plan, and of what the data say to it."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "plan.missing.owner": "Nobody is named who answers for the plan: write owner, a role.",
    "plan.missing.data_owner": "Nobody is named who answers for the data: write data_owner, a role.",
    "plan.missing.seen_by": "None of those who do the step has seen it yet: write seen_by, a role and a day.",
}
