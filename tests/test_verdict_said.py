"""What a verdict says is what it knows: of whom, why, beside which figure, and to whom."""

from dataclasses import replace
from string import Formatter

import numpy as np
import pyarrow as pa
import pytest
from test_compare import CHANGE, log_of, world
from test_joined import halves
from test_verdict import RECORD, asked, findings

import procmine
from procmine.kernels.blocks import DAY
from procmine.log import LogError, Text
from procmine.proof.guards.said import said as of_guard
from procmine.proof.records.change import Change
from procmine.proof.verdict.kinds import FAILS, FINE, KINDS, UNKNOWN, UNSURE, Finding
from procmine.publish.safety import show
from procmine.words import ENGLISH


def two_kinds(share, factor, other=1.0, seed=9, per_week=60):
    """Since the change the first kind takes `factor` times as long, the second, `share` of all, `other` times."""
    begin, wait = world(seed, per_week=per_week, weeks=52)
    second = np.random.default_rng(seed).random(len(begin)) < share
    return log_of(begin, np.where(begin >= 0, np.where(second, other, factor), 1) * wait, weeks=52, office=second * 1)


def test_for_most_is_said_only_of_most():
    few, most = asked(two_kinds(0.75, 0.1)), asked(two_kinds(0.3, 0.5))
    assert few.verdict.kind == most.verdict.kind == "improved_for_most"
    assert few.said.page.say() == "Shorter for some" and most.said.page.say() == "Shorter for most"
    said = few.said.may_say.say()
    assert "most wait less" not in said and "Not most: where office is South, 75 of every 100" in said


def test_the_gain_told_is_of_all_who_gain_and_of_no_others():
    begin, wait = world(21, per_week=60, weeks=52)
    kind = np.random.default_rng(21).choice(4, len(begin))
    log = log_of(begin, np.where((begin >= 0) & (kind >= 2), 0.3, 1) * wait, weeks=52, office=np.zeros(len(begin), int))
    found = asked(replace(log, attributes={"office": Text(kind.astype(np.int32), pa.array(list("ABCD")))}))
    figures = found.verdict.figures
    assert figures["others"] == "office is A, office is B"
    span = {"before": (begin < -119) & (begin >= -119 - 728), "after": (begin >= 0) & (begin < 35 * 7)}
    short = np.minimum(np.where((begin >= 0) & (kind >= 2), 0.3, 1) * wait, 119)
    gained = [short[here & (kind >= 2)].mean() for here in span.values()]
    assert found.arguments["horizon"] == 119
    assert figures["gaining_difference"] / 86_400 == pytest.approx(gained[1] - gained[0], abs=2.5)  # without the season


def test_nobody_looks_faster_where_half_never_waited():
    begin, wait = world(10, per_week=40, weeks=52)
    wait = np.where(np.random.default_rng(1).random(len(begin)) < 0.6, 0, wait)
    found = asked(log_of(begin, np.where(begin >= 0, 1.6, 1) * wait, weeks=52))
    assert findings(found)["tail"].state == FAILS and found.verdict.kind == "worse"


def test_a_loss_that_others_had_too_is_not_put_down_to_a_queue():
    begin, wait = world(15, per_week=60, weeks=60)
    office = np.random.default_rng(15).integers(0, 2, len(begin))
    log = log_of(begin, np.where(begin >= 0, 1.5, 1) * wait, weeks=60, office=office)
    found = asked(log, where={"office": "North"}, control={"office": "South"})
    assert found.verdict.kind == "slower_unclear" and findings(found)["queue"].state == FINE
    assert "moved about as much" in found.said.may_say.say() and "went up and down" not in found.said.may_say.say()


def test_what_is_said_of_the_slowest_does_not_forbid_itself():
    begin, wait = world(10, per_week=40, weeks=52)
    found = asked(log_of(begin, np.where((begin >= 0) & (wait < 70), 0.4, 1) * wait, weeks=52))
    assert "slowest" in found.verdict.figures and "on average" in found.said.may_say.say()
    assert found.said.may_not.key != "verdict.improved_for_most.not" and "One average" not in found.said.may_not.say()


def test_attributes_that_cannot_be_averaged_over_are_refused():
    begin, wait = world(4, per_week=10, weeks=52)
    log = log_of(begin, wait, weeks=52)
    many = Text((np.arange(len(log)) % 13).astype(np.int32), pa.array([f"clerk {k}" for k in range(13)]))
    with pytest.raises(LogError, match=r"mix=\['office'\].* more than 12 different values"):
        asked(replace(log, attributes={"office": many}), mix=["office"])


def test_a_figure_that_is_not_that_of_the_rows_says_so():
    begin, wait = world(22, per_week=60, weeks=52)
    draw = np.random.default_rng(22)
    slow = draw.random(len(begin)) < np.where(begin < 0, 0.5, 0.42)
    log = log_of(begin, wait * np.where(slow, 1.2, 0.5) * np.where(begin >= 0, 0.7, 1), weeks=52, office=slow * 1)
    found = asked(log)
    told = [one for one in found.messages() if one.key == "verdict.adjusted"]
    assert findings(found)["mix"].state == FINE and found.verdict.figures["mix"] == "office" and len(told) == 1
    assert told[0].values["raw"].seconds == pytest.approx(-found.rows["difference"][1] / np.timedelta64(1, "s"), abs=1)
    plain = asked(log, mix=())
    assert abs(plain.verdict.figures["raw"] - plain.verdict.figures["difference"]) < 0.05 * 86_400 * 15
    assert not [one for one in plain.messages() if one.key == "verdict.adjusted"]


def test_a_verdict_before_its_day_is_provisional():
    begin, wait = world(23, per_week=40, weeks=52, effect=0.5)
    log = log_of(begin, wait, weeks=52)
    for day, told in (("2026-12-01", 1), ("2026-02-20", 0)):
        found = asked(log, change=Change("2025-03-03", recorded="2025-02-01", decide_on=(day,)))
        assert sum(line.startswith("Provisional: it is to be judged on") for line in found.sentences()) == told


def test_an_artefact_is_not_told_beside_how_much_faster_it_is():
    found = asked(two_kinds(0.3, 0.2, 2.0))
    assert found.verdict.kind == "artefact" and not [one for one in found.messages() if one.key == "compare.half"]


# ---- two logs


def test_cases_that_both_extracts_hold_are_counted_once_even_if_they_began_since():
    begin, wait = world(3, weeks=60, per_week=20)
    whole = log_of(begin, wait, weeks=60)
    late = whole.cut_to("2025-05-11")  # the first extract was made ten weeks after the change
    after = whole.take(np.flatnonzero(whole.until >= CHANGE))
    one, two = asked(whole), procmine.compare(late, after, change=RECORD)
    for name in ("cases", "waiting", "mean"):
        np.testing.assert_array_equal(one.rows[name], two.rows[name])


def cut_apart(whole):
    """The extract made at the change, and one of the cases begun since."""
    new = whole.take(np.flatnonzero(whole.arrival >= CHANGE))
    since = replace(new.about, begins=int(new.arrival.min()), complete_from=CHANGE)
    return whole.cut_to("2025-03-02"), replace(new, about=since)


def test_where_open_cases_are_not_carried_over_nothing_is_said_of_piles():
    begin, wait = world(5, weeks=60, per_week=20)
    for effect, kind in ((0.6, "faster_unclear"), (1.5, "worse")):
        whole = log_of(begin, np.where(begin >= 0, effect, 1) * wait, weeks=60)
        found = procmine.compare(*cut_apart(whole), change=RECORD)
        said = findings(found)
        assert found.verdict.kind == kind and "overdue" not in said and found.piles is None
        assert said["carried"].state == (FAILS if effect < 1 else UNKNOWN) and found.sentences()
        assert "finished_before" not in found.verdict.figures


def test_old_cases_that_leave_the_log_at_the_change_are_not_old_cases_cleared():
    """A pile of one case in four, never closed, is not in the second log; new cases wait longer."""
    week = np.repeat(np.arange(-100, 40), 8)
    left = (np.arange(len(week)) % 4 == 0) & (week < 0)
    whole = log_of(week * 7, np.where(left, np.inf, np.where(week < 0, 20, 49)), weeks=40)
    assert asked(whole, horizon=49).verdict.kind == "worse"  # the pile grows no more, but nobody of it is served
    assert procmine.compare(*cut_apart(whole), change=RECORD, horizon=49).verdict.kind == "worse"


def test_a_doubt_of_a_pile_alone_does_not_leave_a_verdict_without_its_reason():
    begin, wait = world(5, weeks=60, effect=0.6, per_week=20)
    found = procmine.compare(*halves(log_of(begin, wait, weeks=60), gap=60), change=RECORD)
    assert found.verdict.kind == "faster_unclear" and "still open when the first log ends" in found.said.may_say.say()


def test_weeks_between_two_logs_are_not_weeks_before():
    begin, wait = world(24, weeks=60, per_week=20)
    whole = log_of(begin, np.where(begin < -20, np.minimum(wait, 60), wait), weeks=60)
    first = whole.cut_to(str(np.datetime64(CHANGE - 8 * DAY, "us"))[:10])
    second = whole.take(np.flatnonzero(whole.until >= CHANGE - 7 * DAY))
    found = procmine.compare(first, second, change=RECORD)
    assert found.plan.gap == 1
    growth = findings(found)["pending"].figures
    assert growth["open_then"] == found.piles.rows["open"][np.searchsorted(found.piles.rows["week"], _DAY) - 1]


_DAY = np.datetime64("2025-03-03")


# ---- every pair, every audience

STATES = {
    **dict.fromkeys(
        ("overdue", "pending", "reopened", "bunching", "pauses", "outside"), (FINE, UNSURE, FAILS, UNKNOWN)
    ),
    **dict.fromkeys(("tail", "other_ends", "season", "queue"), (FINE, FAILS)),
    **dict.fromkeys(("volume", "mix", "control"), (FINE, FAILS, UNKNOWN)),
    **{"date": (FINE, UNSURE, FAILS), "carried": (FAILS, UNKNOWN)},
}


def test_every_pair_of_guard_and_state_and_every_kind_has_its_sentences():
    for name, states in STATES.items():
        for state in states:
            assert f"verdict.{name}.{state}" in ENGLISH
    judged = [kind for kind in KINDS if kind not in ("too_early", "cannot_judge")]
    for kind in KINDS:
        assert {f"verdict.{kind}.page", f"verdict.{kind}.not", f"verdict.{kind}.next"} <= set(ENGLISH)
    assert all(f"verdict.{kind}.say" in ENGLISH for kind in judged)


def test_findings_bring_every_figure_that_their_sentence_names():
    """Of many worlds, every finding's sentence can be said, whatever its state is."""
    begin, wait = world(25, per_week=25, weeks=52)
    draw = np.random.default_rng(25)
    kind = (draw.random(len(begin)) < np.where(begin < 0, 0.5, 0.2)) * 1
    end = np.where(draw.random(len(begin)) < np.where(begin < 0, 0.1, 0.4), 2, 1)
    left = np.where((begin >= 0) & (draw.random(len(begin)) < 0.15), np.inf, wait * np.where(begin < 0, 1, 0.4))
    fewer = (begin < 0) | (draw.random(len(begin)) < 0.6)
    worlds = [
        log_of(begin, wait * (1 + kind), weeks=52, office=kind),
        log_of(begin, np.where(end == 2, 3, wait), weeks=52, end=end),
        log_of(begin, left, weeks=52),
        log_of(begin[fewer], wait[fewer] * 0.5, weeks=52),
        log_of(begin[begin > -330], wait[begin > -330], weeks=52),
    ]
    seen = set()
    for log in worlds:
        for change in (RECORD, "2025-03-03"):
            found = asked(log, change=change)
            assert found.sentences()
            for one in found.verdict.findings:
                seen.add((one.name, one.state))
                if one.name not in ("reopened", "bunching", "pauses", "outside"):
                    needs = {
                        field
                        for _, field, _, _ in Formatter().parse(ENGLISH[f"verdict.{one.name}.{one.state}"])
                        if field
                    }
                    assert needs <= {*one.figures, *found.values()}
    assert {("mix", FAILS), ("other_ends", FAILS), ("overdue", FAILS), ("volume", FAILS), ("season", FAILS)} <= seen


def test_a_share_of_a_few_cases_does_not_leave_the_team():
    begin, wait = world(9, per_week=3, weeks=52)
    second = np.random.default_rng(9).random(len(begin)) < 0.06
    end = np.where(second & (begin >= 0), 2, 1)  # of about 7 cases since
    log = log_of(begin, np.where(begin >= 0, 0.3, 1) * wait, weeks=52, end=end)
    found = asked(log)
    assert found.verdict.kind == "faster_different_results"
    said = findings(found)["other_ends"].figures
    assert 0 < said["share_after"] * found.rows["cases"][1] < 10
    team = found.said.may_say.say()
    assert "withdrawn" in team
    for audience in ("agency", "public"):
        told = show(found, audience).sentences
        assert told[0] == "Faster, but different results" and not any("withdrawn" in line for line in told)


def test_work_that_may_have_moved_before_a_start_of_ones_own_is_told_with_its_figures():
    figures = {"lead_before": 6 * 86_400.0, "lead_after": 20 * 86_400.0, "gained": 1.0, "shown": 0.0}
    (told,) = (one.say() for one in of_guard(Finding("outside", UNSURE, figures)))
    assert "takes 20 days" in told and "6 days" in told and "cannot show more" not in told
