"""Every sentence a verdict can say: all are listed in docs/verdicts.md with example figures, in plain words.

`python tests/test_verdict_words.py` writes the list anew.
"""

import re
from pathlib import Path
from string import Formatter

import pytest

from procmine.proof.verdict.kinds import GUARDS, KINDS
from procmine.words import DAY, ENGLISH, Message, Span

PAGE = Path(__file__).parents[1] / "docs" / "verdicts.md"
LENGTHS = {
    "difference": 12,
    "low": 8,
    "high": 16,
    "watched": 91,
    "visible": 15,
    "least": 9,
    "bound": 9,
    "beyond": 120,
    "gaining_difference": 70,
    "gaining_low": 66,
    "gaining_high": 73,
    "finished_before": 62,
    "finished_since": 31,
    "adjusted": 3,
    "raw": 11,
    "within": 60,
    "family_after": 95,
    "family_before": 88,
    "stood_after": 40,
    "stood_before": 21,
    "gained": 14,
    "lead_after": 20,
    "lead_before": 6,
}
TOLD = {
    "who": "Cases begun since 2026-03-02",
    "start": "Petition filed",
    "stop": "Court order issued",
    "change": "2026-03-02",
    "others": "contested is yes",
    "why": "(why: the sentence of a guard or rival below)",
    "group": "contested is yes",
    "day": "2026-09-30",
    "page": "(what stands on the page)",
    "sentence": "(what may be said)",
    "one": "(one)",
    "two": "(two)",
    "less_or_more": "less",
    "without": "for the same kinds of cases as before (type)",
    "mix": "type",
    "end": "dismissed",
    "stratum": "type is simple",
    "adjusted_way": "less",
    "raw_way": "less",
    "low_way": "more",
    "high_way": "less",
    "offices": "Harbor, Valley",
    "standard": "decided",
    "unit": "days",
    "first": "Complete application",
    "gone": "Application received",
    "told": "(one of the two sentences below)",
}
NUMBERS = {
    "slowest": 20.0,
    "share": 31.0,
    "weeks": 4,
    "expected": 38,
    "waiting_after": 0.12,
    "waiting_before": 0.05,
    "overdue": 61,
    "overdue_then": 23,
    "open": 140,
    "open_then": 92,
    "arrived": 400,
    "closed": 352,
    "share_after": 0.18,
    "share_before": 0.11,
    "since": 21.0,
    "before": 26.5,
    "limit": 30,
    "width": 5,
    "beyond_after": 0.01,
    "beyond_before": 0.06,
    "gone_after": 0.02,
    "gone_before": 0.97,
    "events_after": 7.1,
    "events_before": 9.3,
    "fewer": 0.2,
}
EXAMPLES = {**{name: Span(days * DAY) for name, days in LENGTHS.items()}, **TOLD, **NUMBERS}
COUNTED = {
    "before": Span(72 * DAY),
    "after": Span(2 * DAY),
    "cases": 12,
    "cases_before": 324,
    "cases_after": 250,
    "ended_before": 9,
    "ended_after": 14,
    "waiting_before": 27,
    "waiting_after": 5,
    "weeks_before": 52,
    "weeks_after": 40,
    "least": 8,
    "least_cases": 30,
    "points": 7.0,
    "until": "2025-11-17",
    "ends": "Court order issued 94 (before 87), still waiting 2 (before 8)",
    "outcome": "Court order issued",
    "group": "cases where office is North",
    "kept": "cases where office is North",
    "looks": 2,
    "last": "2027-03-01",
    "gap": 3,
}
SHARES = {"compare.outcome": {"before": 87.0, "after": 94.0}}
PARTS = {
    "On the page": r"verdict\.\w+\.page$",
    "May be said": rf"verdict\.({'|'.join(KINDS)})\.(?!page|not|next)|verdict\.(closures_missing|answer)",
    "Not to be said": r"verdict\.\w+\.not|verdict\.may_not_say",
    "What to do next": r"verdict\.\w+\.next|verdict\.next_step",
    "What speaks against a gain, or for another cause": r"verdict\.",
    "Who is told of": r"compare\.who",
    "Said where there is too little": r"compare\.(finished_only|short_before|too_early|kept|too_short|no_case)",
    "Said beside it": r"compare\.|look\.|joined\.gap",
}
BESIDE = (
    r"compare\.(who|half|counts|outcome|otherwise|others|since|complete|finished|short|too_|kept|no_case|unnamed|wait)"
)
LISTED = [
    key
    for key in ENGLISH
    if key.startswith("verdict.")
    or re.match(BESIDE, key)
    or key in ("look.shared", "look.provisional", "look.between", "look.no_date", "joined.gap")
]


def example(key):
    return EXAMPLES if key.startswith("verdict.") else {**EXAMPLES, **COUNTED, **SHARES.get(key, {})}


def sentences():
    """Key and sentence of all that a verdict can say, or that is said beside it, by part of the list."""
    left, found = LISTED, {}
    for part, pattern in PARTS.items():
        here = [key for key in left if re.match(pattern, key)]
        found[part] = [(key, Message(key, example(key)).say()) for key in here]
        left = [key for key in left if key not in here]
    assert not left
    return found


def listed():
    lines = ["# Every sentence a verdict can say", ""]
    lines += [
        "Written by `python tests/test_verdict_words.py` from the sentences themselves; the figures are examples. Which"
    ]
    lines += [
        "verdict is given when: [decisions.md](decisions.md), `procmine/proof/verdict/rule.py`; how often it is right:"
    ]
    lines += ["[benchmarks_other.md](benchmarks_other.md).", ""]
    for part, said in sentences().items():
        lines += [f"## {part}", "", "| | |", "|---|---|"]
        lines += [f"| {key.removeprefix('verdict.')} | {text} |" for key, text in said] + [""]
    return "\n".join(lines)


def test_the_list_is_of_this_code():
    assert PAGE.read_text(encoding="utf-8") == listed(), "run: python tests/test_verdict_words.py"


def test_every_verdict_has_its_sentences():
    for kind in KINDS:
        assert {f"verdict.{kind}.{one}" for one in ("page", "not", "next")} <= set(ENGLISH), kind
    for guard in (*GUARDS, "volume", "mix", "season", "queue", "date", "control"):
        assert any(key.startswith(f"verdict.{guard}.") for key in ENGLISH), guard


@pytest.mark.parametrize("key", LISTED)
def test_no_figure_of_a_sentence_is_without_an_example(key):
    names = {name for _, name, _, _ in Formatter().parse(ENGLISH[key]) if name}
    assert names <= set(example(key))


def test_the_sentences_are_short_enough_to_be_said():
    for said in sentences().values():
        for key, text in said:
            for sentence in re.split(r"(?<=[.!?:;])\s", text):
                assert len(sentence.split()) <= 40, (key, sentence)


if __name__ == "__main__":
    PAGE.write_text(listed(), encoding="utf-8")
