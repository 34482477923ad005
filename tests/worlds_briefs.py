"""Logs that briefs are written of: the sample with its change, real logs, an artefact, a change too young to be judged."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import test_cook_county_page as cook
import worlds_verdict

import procmine
from procmine.log import EventLog
from procmine.publish.plans.plan import Plan
from procmine.words import Message

HERE = Path(__file__).parents[1]


@cache
def sample() -> EventLog:
    log = procmine.read(HERE / "event_logs" / "child_support.yaml")
    assert isinstance(log, EventLog)
    return log


def plan() -> Plan:
    return Plan.read(HERE / "plans" / "consent_orders_north.yml").model_copy(
        update={"standard": None}
    )  # held to its own target


def changed() -> dict[str, object]:
    """The consent orders of the North office, with their plan."""
    made = plan()
    return {"log": sample(), "plan": made, "comparison": procmine.compare(sample(), change=made.change_record())}


def too_early() -> dict[str, object]:
    """The same three months after the change."""
    log = sample().cut_to("2025-12-31")
    return {"log": log, "plan": plan(), "comparison": procmine.compare(log, change=plan().change_record())}


def artefact() -> dict[str, object]:
    """A desk with a queue that takes the newest first from a day on: truly nobody waits less."""
    world = worlds_verdict.made("queue .98, newest first", 1_000, 3)
    return {"log": world.log(), "comparison": worlds_verdict.compared(world)}


def kept() -> dict[str, object]:
    """The sample as it is, without a plan and a change."""
    return {"log": sample()}


def cook_county(shared: Path, folder: Path) -> dict[str, object]:
    (folder / "cook.yaml").write_text(cook.COOK.replace("FOLDER", str(shared / "cook_county_sao")), encoding="utf-8")
    return {"log": procmine.read(folder / "cook.yaml")}


def fines(shared: Path) -> dict[str, object]:
    ends = ("Payment", "Send for Credit Collection")
    return {"log": procmine.read(shared / "rtfm" / "traffic_fines_full.csv.gz", ends=ends)}


def receipt(shared: Path) -> dict[str, object]:
    return {"log": procmine.read(shared / "receipt_coselog" / "receipt.xes.gz", ends="every case")}


@contextmanager
def keys_said() -> Iterator[dict[str, str]]:
    """The messages that are said within, with their words in English."""
    from procmine.words import ENGLISH

    found: dict[str, str] = {}
    plain = Message.say

    def say(self: Message, language: object = None) -> str:
        found.setdefault(self.key, ENGLISH[self.key])
        return plain(self, language)  # type: ignore[arg-type]

    Message.say = say  # type: ignore[method-assign]
    try:
        yield found
    finally:
        Message.say = plain  # type: ignore[method-assign]
