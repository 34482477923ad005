"""Draw the README's pictures anew from the sample: python docs/pictures/make.py"""

from pathlib import Path

import procmine
from procmine.draw.picture import png
from procmine.results import Result

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "event_logs" / "child_support.yaml"
CHANGE, LAST_BEFORE = "2025-10-06", "2025-10-05"


def answers() -> dict[str, Result]:
    """Name of each picture -> what it shows."""
    log = procmine.read(SAMPLE)
    words = "eligible orders were issued in a day"
    policy = procmine.Policy(words, words=words).set_delay("Court order issued", days=1).where(contested="no")
    memory = procmine.changes(SAMPLE.parent / "child_support_changes.yml")
    record = memory["consent-orders"]
    tried = procmine.forecast(procmine.fit(log, asof=LAST_BEFORE), policy, outcome="paid", seed=7)
    return {
        "map": procmine.process_map(log, show="median", steps=10, mark=("Petition filed", "Court order issued")),
        "bottlenecks": procmine.bottlenecks(log),
        "quick_wins": procmine.quick_wins(log),
        "service": procmine.service_times(log),
        "waiting_now": procmine.waiting_now(log),
        "forecast": tried,
        "open_cases": tried.open_cases,
        "before_after": procmine.compare(log, change=record),
        "beside_others": procmine.event_study(log, change=record),
        "map_difference": procmine.map_difference(log, change=CHANGE, where={"office": "North"}),
        "watch": procmine.watch(log, memory),
    }


if __name__ == "__main__":
    for name, answer in answers().items():
        (HERE / f"{name}.png").write_bytes(png(answer.plot().figure, dpi=110))
        print(name, *answer.sentences()[:1])
