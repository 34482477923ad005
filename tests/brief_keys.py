"""Every message that a brief can use, with its words in English, for those who translate: python tests/brief_keys.py FILE."""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import worlds_briefs
import worlds_verdict

from procmine.english import brief as of_brief
from procmine.english import findings, guards, verdict, verdict_guards
from procmine.publish.brief import brief
from procmine.words import ENGLISH

WHOLE = (of_brief, findings, verdict, verdict_guards, guards)  # rooms of which any message may be needed
BEGIN = (
    "span.",
    "count.",
    "compare.",
    "look.",
    "kept.",
    "audience.",
    "page.",
    "control.",
    "piles.",
    "safety.",
    "survival.",
    "result.",
)
BEGIN += (
    "bottleneck.step",
    "map.",
    "interrupted.",
    "define.brief",
    "define.six",
    "nothing",
    "sentence.",
    "load.ends",
    "load.rows",
    "load.cutoff",
)
KINDS = (
    "20% longer",
    "no change, delays",
    "seven in ten 35% shorter",
    "more dismissals",
    "no change",
    "50% shorter",
    "six offices, one 20% shorter",
)


def all_asked(shared: Path) -> Iterator[dict[str, object]]:
    yield worlds_briefs.changed()
    yield worlds_briefs.kept()
    yield worlds_briefs.too_early()
    yield worlds_briefs.artefact()
    for kind in KINDS:
        if kind in worlds_verdict.WORLDS:
            world = worlds_verdict.made(kind, 200, 1)
            yield {"log": world.log(), "comparison": worlds_verdict.compared(world)}
    if shared.is_dir():
        yield worlds_briefs.fines(shared)
        yield worlds_briefs.receipt(shared)
        yield worlds_briefs.cook_county(shared, Path(mkdtemp()))


def brief_keys(shared: Path) -> dict[str, str]:
    """Those said in briefs of many logs, and all of the rooms that any other may need."""
    with worlds_briefs.keys_said() as said:
        for asked in all_asked(shared):
            for audience in ("team", "public"):
                if audience == "team" and asked["log"].about.audience != "team":
                    continue
                made = brief(
                    asked["log"], audience=audience, **{name: one for name, one in asked.items() if name != "log"}
                )
                assert made.html
    more = {key for room in WHOLE for key in room.WORDS} | {key for key in ENGLISH if key.startswith(BEGIN)}
    return {key: ENGLISH[key] for key in sorted({*said, *more})}


if __name__ == "__main__":
    keys = brief_keys(Path(__file__).parents[2] / "shared" / "data")
    Path(sys.argv[1]).write_text("".join(f"{key}\t{one}\n" for key, one in keys.items()), encoding="utf-8")
    print(len(keys), "keys")
