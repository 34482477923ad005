"""A procedure as staff wrote it down: a plain list of steps, each with the time they think it takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import Literal, TypeAlias

from procmine.load.columns import plain
from procmine.log import LogError

Unit: TypeAlias = Literal["minute", "hour", "day", "week", "month", "year"]
SECONDS: Mapping[Unit, float] = {
    "minute": 60.0,
    "hour": 3_600.0,
    "day": 86_400.0,
    "week": 604_800.0,
    "month": 30.4375 * 86_400,
    "year": 365.25 * 86_400,
}
# The official languages of the European Union; the words of each for lengths of time come with babel.
LANGUAGES = "en de fr es it nl pl pt ro hu cs sk sl hr bg el da sv fi et lv lt ga mt"
WORK = r"(?:working|business|work|ouvr[éa]\w+|hábil(?:es)?|út(?:il|eis)|lavorativ[io]|robocz\w+|lucrătoare|pracovn\w+)"
COMPOUND = r"(?:arbeits|werk|arbejds|munka|työ)"
MARK = re.compile(r"^\s*(?:[-*•–·]|\(?\d{1,3}[.):]|[a-z][.)])\s+")
TIME = re.compile(
    r"(?P<low>\d+(?:[.,]\d+)?)(?:\s*(?:-|–|to|bis|à|a|do|tot)\s*(?P<high>\d+(?:[.,]\d+)?))?"
    rf"\s*(?P<before>{WORK}\s+)?(?P<joined>{COMPOUND})?(?P<unit>[^\W\d_]+)\.?(?P<after>\s+{WORK})?",
    re.IGNORECASE,
)
BETWEEN = re.compile(r"[\s:;,(\[|~≈–—-]*(?:about|ca\.?|circa|approx\.?|up to|takes)?[\s:;,(\[|~≈–—-]*$", re.IGNORECASE)
SPACED = re.compile(r"[\d.,]+\s+[-–]\s+\d")  # a range, or the number of a step and the dash before its time
LARGEST = 1 << 20  # bytes: a list that people wrote is far smaller


@dataclass(frozen=True)
class WrittenStep:
    """One line: the step's name and the seconds believed (None: not said; of a range the middle); `working`: in work days."""

    line: int
    name: str
    believed: float | None
    working: bool = False


def read_procedure(path: Path) -> list[WrittenStep]:
    """The steps of a text file, one a line ("2. Check papers - 3 days"); empty lines and those that begin with # do not
    count. Times are told by number and unit, in any official language of the EU; a day is 24 hours, unless it says working
    days, which count as 7/5 of one (so that five of them are a week).
    """
    if not path.is_file():
        raise LogError(f"There is no file {path.name} with a procedure.")
    if path.stat().st_size > LARGEST:
        raise LogError(f"{path.name} is too large for a list of steps: {path.stat().st_size:,} bytes.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise LogError(f"{path.name} is not text in UTF-8. Save it as plain text (.txt), UTF-8.") from error
    steps = [_step(number, line) for number, line in enumerate(text.splitlines(), 1) if _counts(line)]
    if not steps:
        raise LogError(f'{path.name} holds no steps. Write one a line, such as "Check papers - 2 days".')
    names: dict[str, int] = {}
    for step in steps:
        if plain(step.name) in names:
            raise LogError(
                f"{path.name}: line {step.line} names the same step as line {names[plain(step.name)]}. Name it once."
            )
        names[plain(step.name)] = step.line
    return steps


def _counts(line: str) -> bool:
    return bool(plain(line)) and not line.lstrip().startswith("#")


def _step(number: int, line: str) -> WrittenStep:
    """Name and time: the last length of time of the line, if it ends with one."""
    text = MARK.sub("", line.strip())
    for found in reversed(list(TIME.finditer(text))):
        unit = _units().get(found["unit"].casefold())
        name = BETWEEN.sub("", text[: found.start()]).strip()
        if unit is None or not plain(name) or plain(text[found.end() :]):
            continue
        if SPACED.match(found.group()) and text[: found.start()].rstrip()[-1:].isalnum():
            raise LogError(
                f'Line {number}: is that a step "{name} {found["low"]}" of {found["high"]} {found["unit"]}, or '
                f'a step "{name}" of {found["low"]} to {found["high"]}? '
                "Write a colon before the time, and a range without blanks (2-3 days)."
            )
        values = [float(one.replace(",", ".")) for one in (found["low"], found["high"] or found["low"])]
        working = unit == "day" and any(found[one] for one in ("before", "joined", "after"))
        return WrittenStep(number, name, sum(values) / 2 * SECONDS[unit] * (7 / 5 if working else 1), working)
    return WrittenStep(number, text.strip(" \t:-–"), None)


@cache
def _units() -> Mapping[str, Unit]:
    """Words for lengths of time, as babel has them beside numbers: 1 day, 2 days, 5 dni."""
    from babel.dates import format_timedelta

    words: dict[str, Unit] = {"d": "day", "h": "hour", "min": "minute", "w": "week", "wk": "week"}
    for language, unit, number in product(LANGUAGES.split(), SECONDS, (1, 2, 3, 5, 10, 21)):
        for length in ("long", "short"):
            span = timedelta(seconds=number * SECONDS[unit])
            written = format_timedelta(span, granularity=unit, threshold=100, format=length, locale=language)
            word = re.sub(r"[\W\d_]", "", written).casefold()
            if len(word) > 1:
                words.setdefault(word, unit)
    return words
