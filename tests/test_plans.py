"""Plans: what they may say, and whether what they say is found right or wrong by figures counted apart."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from logs import build

import procmine
from procmine.log import LogError
from procmine.publish.paper.blocks import Paragraph, Picture
from procmine.publish.paper.pdf import as_pdf, page_count
from procmine.publish.plans.facts import Facts
from procmine.publish.plans.plan import STAGES, Plan
from procmine.settings import SettingsError, load
from procmine.words import ENGLISH

ROOT = Path(__file__).parents[1]
PLANS = ROOT / "plans"
NORTH = PLANS / "consent_orders_north.yml"
LOG = ROOT / "event_logs" / "child_support.yaml"
LEAST = """
title: Orders on paper
office: North
problem: {staff: They wait., customers: We wait.}
step: Court order issued
change: The clerk drafts the order.
baseline: {days: 72, start: Petition filed, stop: Court order issued}
target: {days: 40, by: 2026-10-31}
dates: {begin: 2025-10-06}
customers_notice: An order within a month.
"""


@pytest.fixture(scope="module")
def log():
    return procmine.read(LOG)


def plan(**other):
    """The least that a plan says, for the cases that the sample's change is for, and what is named otherwise."""
    said = {**load(LEAST, "plan.yml"), "cases": {"contested": "no"}, **other}
    return Plan.check(said, "plan.yml")


def check(found, name):
    (one,) = [each for each in found.checks if each.name == name]
    return one.state, " ".join(message.say() for message in one.said)


# what a plan may say


def test_nine_lines_are_enough(tmp_path):
    (tmp_path / "plan.yml").write_text(LEAST)
    read = Plan.read(tmp_path / "plan.yml")
    assert (read.at, read.meant, read.at_stage(), read.ends) == ({"office": "North"},) * 2 + ("idea", "2026-10-06")
    change = read.change_record()
    assert (change.date, change.start, change.stop) == ("2025-10-06", "Petition filed", "Court order issued")
    assert len(read.missing()) == 3
    assert (read.entry(), read.log_path()) == (None, None)


def test_the_examples_can_be_read_and_lie_where_they_point():
    found = {path.stem: Plan.read(path) for path in sorted(PLANS.glob("*.yml"))}
    assert {name: one.at_stage() for name, one in found.items()} == {
        "consent_orders_north": "running",
        "second_court_day_harbor": "idea",
        "text_reminders_valley": "closed",
    }
    for one in found.values():
        assert one.log_path().resolve() == LOG.resolve()
        assert one.entry().idea
    assert not found["consent_orders_north"].missing()


def test_all_that_is_wrong_is_told_at_once_with_its_place():
    wrong = {
        **load(LEAST, "plan.yml"),
        "stage": "someday",
        "baseline": {"days": 3, "share": 4},
        "target": {"days": -1, "by": "2026-5-1"},
        "dates": {"begin": "2026-02-30", "review": ["2026-06-01", "2026-05-01"]},
        "oops": 1,
        "owner": "Maria Lopez",
        "problem": {"staff": "Write to maria@agency.org"},
    }
    with pytest.raises(SettingsError) as told:
        Plan.check(wrong, "plan.yml")
    places = ("problem.customers: missing", "stage: ", "baseline: write days", "target.days: ", "'2026-5-1' is no day",
              "2026-02-30 is no day of the calendar", "review: the days must ascend", "oops: a plan has no such name",
              "owner: may name a person", "problem.staff: may name a person")  # fmt: skip
    for place in places:
        assert place in str(told.value)
    assert "Lopez" not in str(told.value)
    assert "maria@" not in str(told.value)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"seen_by": [{"who": "Dr. Miller", "on": "2026-01-05"}]}, "seen_by.0.who: may name a person"),
        (
            {"next_steps": [{"what": "x", "owner": "Anna Berg", "by": "2026-01-05"}]},
            "next_steps.0.owner: may name a person",
        ),
        ({"unit": "John Smith"}, "unit: may name a person"),
        ({"where": {"staff": "S12"}}, "where: chooses cases by who handled them"),
        ({"baseline": {"days": 72, "since": "2025-03-01", "until": "2025-03-01"}}, "must come after since"),
        ({"target": {"days": 40, "by": "2025-10-06"}}, "must come after the change begins"),
        ({"dates": {"begin": "2025-10-06", "end": "2025-01-01"}}, "must come after begin"),
        ({"dates": {"begin": "9999-01-01"}}, "no day of a plan"),
        ({"stage": "closed"}, "learnt: "),
        ({"people": 0}, "people: "),
        ({"title": ""}, "title: "),
        ({"change": {"file": "changes.yml"}}, "id"),
    ],
)
def test_what_a_plan_may_not_say(other, told):
    with pytest.raises(SettingsError, match=r"plan\.yml") as error:
        plan(**other)
    assert told in str(error.value)


def test_a_role_with_the_office_in_it_is_no_person():
    assert plan(office="North Harbor", where={"office": "North"}, owner="Harbor Lead").owner == "Harbor Lead"


def test_a_name_that_stands_twice_and_a_file_that_nests_itself_are_refused(tmp_path):
    (tmp_path / "twice.yml").write_text(LEAST + "office: South\n")
    with pytest.raises(SettingsError, match="office"):
        Plan.read(tmp_path / "twice.yml")
    (tmp_path / "itself.yml").write_text(LEAST + "voice: &v\n  staff: *v\n")
    with pytest.raises(SettingsError, match=r"itself\.yml"):
        Plan.read(tmp_path / "itself.yml")
    (tmp_path / "large.yml").write_text("#" * 200_001)
    with pytest.raises(SettingsError, match="larger"):
        Plan.read(tmp_path / "large.yml")


def test_a_change_that_is_not_on_record_is_told_with_what_there_is(log):
    with pytest.raises(ValueError, match="consent-orders"):
        procmine.check_plan(log, replace_change("nothing"))


def replace_change(name):
    read = Plan.read(NORTH)
    made = read.model_copy(update={"change": read.change.model_copy(update={"id": name})})
    made._path = NORTH
    return made


# the time before


def counted_apart(since, until):
    """By hand from the CSV: days until the order of North's petitions without contest, as known on the eve of `until`."""
    rows = pd.read_csv(ROOT / "event_logs" / "child_support.csv", dtype=str)
    known = rows[(rows["office"] == "North") & (rows["contested"] == "no")]["case_id"]  # stands on a case's first row
    rows = rows[rows["case_id"].isin(known)]
    rows["day"] = pd.to_datetime(rows["timestamp"], format="ISO8601")
    rows = rows[rows["day"] < until]
    first = rows.sort_values("day", kind="stable").groupby(["case_id", "activity"])["day"].first().unstack()
    begun = first["Petition filed"]
    here = first[(begun >= since) & (begun < until)]
    left = here[["Dismissed", "Withdrawn"]].min(axis=1)
    end = pd.Timestamp(until) - pd.Timedelta("1us")
    stop = here["Court order issued"].fillna(left).fillna(end)
    waited = (stop - here["Petition filed"]).dt.total_seconds() / 86_400
    kind = np.where(here["Court order issued"].notna(), 1, np.where(left.notna(), 2, 0))
    return waited.to_numpy(), kind


def incidence(waited, kind):
    """Aalen-Johansen, as in a textbook: the days at which orders come, and the share that has one by then."""
    surviving, reached, days, shares = 1.0, 0.0, [], []
    for day in np.unique(waited[kind > 0]):
        risk = (waited >= day).sum()
        reached += surviving * ((waited == day) & (kind == 1)).sum() / risk
        surviving *= 1 - ((waited == day) & (kind > 0)).sum() / risk
        days.append(day)
        shares.append(reached)
    return np.array(days), np.array(shares)


def test_the_baseline_is_the_half_that_the_textbook_gives(log):
    waited, kind = counted_apart("2024-10-06", "2025-10-06")
    days, shares = incidence(waited, kind)
    waits = Facts(log, Plan.read(NORTH)).waits
    assert (waits.cases, waits.open) == (len(waited), (kind == 0).sum())
    assert waits.half()[0] == pytest.approx(days[shares >= 0.5][0], abs=0.01)
    assert waits.share(60)[0] == pytest.approx(100 * shares[days <= 60][-1], abs=1)
    assert 71 <= waits.half()[0] <= 72  # as the sample was made
    assert np.median(waited[kind == 1]) <= waits.half()[0]  # finished cases alone would flatter


def test_a_right_baseline_agrees_and_says_of_how_many(log):
    state, said = check(procmine.check_plan(log, NORTH), "baseline")
    assert state == "ok"
    assert "the log says 72 days" in said
    assert "223 cases begun from 2024-10-06 to 2025-10-05, 45 of them still waiting" in said


@pytest.mark.parametrize(
    ("days", "state", "off"), [(95, "differs", "23 days less"), (40, "differs", "32 days more"), (78, "ok", "")]
)
def test_a_wrong_baseline_is_told_by_how_much(log, days, state, off):
    told = plan(baseline={"days": days, "start": "Petition filed", "stop": "Court order issued"})
    found = check(procmine.check_plan(log, told), "baseline")
    assert found[0] == state
    assert off in found[1]


def test_a_share_is_checked_too(log):
    steps = {"start": "Petition filed", "stop": "Court order issued"}
    waited, kind = counted_apart("2024-10-06", "2025-10-06")
    days, shares = incidence(waited, kind)
    share = round(100 * shares[days <= 75][-1])
    target = {"share": 90, "within": 75, "by": "2026-10-31"}
    right = plan(baseline={"share": share, "within": 75, **steps}, target=target)
    assert check(procmine.check_plan(log, right), "baseline")[0] == "ok"
    wrong = plan(baseline={"share": 5, "within": 75, **steps}, target=target)
    state, said = check(procmine.check_plan(log, wrong), "baseline")
    assert state == "differs"
    assert f"{share} of every 100" in said


def by_hand(n=60, days=10, open_from=60):
    """A case a week from 2024-01-01: asked and decided `days` later; those from `open_from` on are not decided yet."""
    begun = [np.datetime64("2024-01-01") + 7 * k for k in range(n)]
    rows = [(f"c{k}", "Asked", str(day)) for k, day in enumerate(begun)]
    rows += [(f"c{k}", "Decided", str(day + days)) for k, day in enumerate(begun) if k < open_from]
    cutoff = str(begun[-1] + days - 1)
    return build(rows, cutoff=cutoff, ends=["Decided"], attributes={"office": {f"c{k}": "North" for k in range(n)}})


def small(begin, days=10.0, **other):
    given = {"step": "Decided", "cases": {}, "baseline": {"days": days, "start": "Asked", "stop": "Decided"}}
    return plan(**given, dates={"begin": begin}, target={"days": 5, "by": "2026-12-31"}, **other)


def test_a_log_by_hand_half_after_ten_days():
    found = Facts(by_hand(), small("2025-02-03"))
    assert found.waits.half()[0] == 10
    assert (found.since, found.until) == ("2024-02-04", "2025-02-03")
    # begun from 2024-02-05 to 2025-01-27: 52, one of them less than ten days before
    assert (found.waits.cases, found.waits.open) == (52, 1)


def test_most_still_waiting_cannot_be_told():
    log = by_hand(open_from=20)
    state, said = check(procmine.check_plan(log, small("2025-02-03")), "baseline")
    assert state == "cannot tell"
    assert "fewer than half" in said


def test_nothing_that_came_after_the_beginning_is_in_the_baseline(log):
    """The change of the sample took waits from 72 days to one: with a later `until` the baseline stops at the beginning."""
    late = plan(baseline={"days": 72, "start": "Petition filed", "stop": "Court order issued", "until": "2026-10-01"})
    assert Facts(log, late).waits.half()[0] == 72
    assert Facts(log, late).before.time.max() < np.datetime64("2025-10-06", "us").astype(int)


# the step, the target, the record, the dates, who can change it


def test_the_step_of_the_sample_is_the_largest(log):
    state, said = check(procmine.check_plan(log, NORTH), "bottleneck")
    assert state == "ok"
    assert "where most time goes in North" in said


def test_a_step_that_is_clearly_smaller_is_told_with_the_larger_one(log):
    state, said = check(procmine.check_plan(log, plan(step="Case opened")), "bottleneck")
    assert state == "differs"
    assert "Clearly more passes before Court order issued" in said
    assert "Answer period ended, which others decide (law)" in said


def test_a_target_that_can_be_seen_says_by_when(log):
    found = procmine.check_plan(log, NORTH)
    state, said = check(found, "target")
    size = procmine.plan_size(log, change=procmine.Plan.read(NORTH).change_record(), wanted=65)
    assert state == "ok"
    assert size.wanted.day == "2026-03-15"
    assert "seen with data up to 2026-03-15" in said


def test_a_target_too_small_to_be_seen_says_so(log):
    state, said = check(procmine.check_plan(log, plan(target={"days": 71, "by": "2026-10-31"})), "target")
    assert state == "differs"
    assert "would never be seen" in said
    assert "Aim for more" in said


def test_a_target_that_comes_too_soon_says_from_when(log):
    state, said = check(procmine.check_plan(log, plan(target={"days": 20, "by": "2025-12-01"})), "target")
    assert state == "differs"
    assert "nothing could be told yet" in said


def test_a_target_that_is_reached_already(log):
    assert check(procmine.check_plan(log, plan(target={"days": 90, "by": "2026-10-31"})), "target")[0] == "differs"


def test_too_little_history_for_a_target_cannot_be_told(log):
    early = plan(dates={"begin": "2024-02-01"}, target={"days": 20, "by": "2025-01-01"})
    assert check(procmine.check_plan(log, early), "target")[0] == "cannot tell"


def test_a_record_that_says_otherwise(log):
    read = Plan.read(NORTH)
    other = read.model_copy(
        update={"dates": read.dates.model_copy(update={"begin": "2025-11-03"}), "cases": {}, "stage": "idea"}
    )
    other._path = NORTH
    state, said = check(procmine.check_plan(log, other), "record")
    assert state == "differs"
    assert "Begin: the plan says 2025-11-03, the record 2025-10-06." in said
    assert "Cases: the plan says office North, the record office North, contested no." in said
    assert "Stage: the plan says idea, the record being tried." in said


def test_a_change_on_no_record_is_missing(log):
    assert check(procmine.check_plan(log, plan()), "record")[0] == "missing"
    assert check(procmine.check_plan(log, plan(recorded="2025-09-01")), "record")[0] == "ok"


def test_dates_that_can_tell_nothing(log):
    dates = {"begin": "2025-10-06", "review": ["2025-12-01", "2027-03-01"], "end": "2027-02-01"}
    state, said = check(procmine.check_plan(log, plan(dates=dates)), "dates")
    assert state == "differs"
    for part in (
        "On 2025-12-01 nothing can be told yet",
        "The review on 2027-03-01 comes after the plan ends",
        "about a year",
    ):
        assert part in said
    assert "No review is planned" in check(procmine.check_plan(log, plan()), "dates")[1]


def test_a_plan_that_has_not_begun(log):
    ahead = plan(dates={"begin": "2027-01-11", "review": ["2027-08-30"]}, target={"days": 40, "by": "2027-12-31"})
    state, said = check(procmine.check_plan(log, ahead), "dates")
    assert (state, "the data end on 2026-10-31" in said) == ("ok", True)


@pytest.mark.parametrize(
    ("step", "state"), [("Answer period ended", "differs"), ("Documents received", "differs"), ("Petition filed", "ok")]
)
def test_who_can_change_the_step(log, step, state):
    assert check(procmine.check_plan(log, plan(step=step)), "owner")[0] == state
    untagged = replace(log, about=replace(log.about, tags={}))
    assert check(procmine.check_plan(untagged, plan(step=step)), "owner")[0] == "cannot tell"


@pytest.mark.parametrize(
    ("other", "there"),
    [
        ({"office": "Nort"}, "North"),
        ({"step": "Court order"}, "Court order issued"),
        ({"where": {"town": "North"}}, "office"),
    ],
)
def test_what_the_log_does_not_have_is_refused_with_what_there_is(log, other, there):
    with pytest.raises(LogError, match=there):
        procmine.check_plan(log, plan(**other))


def test_a_log_of_one_office_says_so_in_its_plan(log):
    named = replace(log.about, attributes=tuple(one for one in log.about.attributes if one != "office"))
    alone = replace(log, about=named, attributes={one: log.attributes[one] for one in named.attributes})
    several = r"where: \{\}; if it is one of several, where: \{NAME: North\}, NAME being one of: "
    with pytest.raises(LogError, match=several):
        procmine.check_plan(alone, plan())
    read = plan(where={})
    assert (read.at, read.meant) == ({}, {"contested": "no"})
    first = log.events[log.events["activity"] == "Petition filed"].groupby("case")["time"].min().astype(str).str[:10]
    within = first[(first >= "2024-10-06") & (first < "2025-10-06")].index
    mine = log.cases[(log.cases["contested"] == "no") & log.cases["case"].isin(within)]
    assert mine["office"].nunique() > 1
    assert f"{len(mine)} cases begun" in check(procmine.check_plan(alone, read), "baseline")[1]


def test_the_rows_say_what_the_checks_say(log):
    found = procmine.check_plan(log, NORTH)
    assert list(found.rows["check"]) == ["baseline", "bottleneck", "target", "record", "dates", "owner", "draft"]
    assert set(found.rows["state"]) == {"ok"}
    assert found.agrees
    assert found.sentences()[0] == "Orders on paper where both parents agree: 7 checks, fine: 7."
    assert not procmine.check_plan(log, plan()).agrees


# the pages


@pytest.mark.parametrize("verdict", ["improved", "artefact", "too_early", "cannot_judge"])
def test_no_figure_and_no_falling_line_where_the_record_says_that_they_would_flatter(log, tmp_path, verdict):
    record = (ROOT / "event_logs" / "child_support_changes.yml").read_text(encoding="utf-8")
    (tmp_path / "changes.yml").write_text(record.replace("verdict: improved", f"verdict: {verdict}"), encoding="utf-8")
    said = NORTH.read_text(encoding="utf-8").replace("../event_logs/child_support_changes.yml", "changes.yml")
    (tmp_path / "plan.yml").write_text(said, encoding="utf-8")
    blocks = procmine.check_plan(log, tmp_path / "plan.yml").paper().blocks
    (came,) = [one.text for one in blocks if isinstance(one, Paragraph) and one.bold == "What came of it so far."]
    chart = [one for one in blocks if isinstance(one, Picture)][-1]
    assert ("70 days less" in came) == (verdict == "improved")
    assert ("The level is drawn anew" in chart.caption) == (verdict == "improved")


def words_of(pdf, tmp_path):
    (tmp_path / "page.pdf").write_bytes(pdf)
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext (poppler-utils)")
    done = subprocess.run(["pdftotext", "-layout", str(tmp_path / "page.pdf"), "-"], capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


@pytest.mark.parametrize("size", ["a4", "us-letter"])
def test_two_pages_whatever_the_paper(log, size, tmp_path):
    pages = words_of(as_pdf(procmine.check_plan(log, NORTH).paper(size=size)), tmp_path)
    assert len(pages) == 2
    for said in ("72 days", "7 days", "What customers will notice", "What those say who wait"):
        assert said in pages[0]
    for said in ("223 cases", "likely", "Next look", *(["What could be seen"] if size == "a4" else [])):
        assert said in pages[1]
    assert "DRAFT" not in "".join(pages)


def test_a_draft_says_so_on_both_pages_and_why(log, tmp_path):
    pages = words_of(as_pdf(procmine.check_plan(log, plan()).paper()), tmp_path)
    assert all("DRAFT" in page for page in pages)
    assert "data_owner" in pages[1]


HOSTILE = ("<script>alert(1)</script>", "=HYPERLINK(1)", "\u202eevil\u202c", "🙂 '\"&", "#let x = panic()", "w" * 300)


@pytest.mark.parametrize("evil", HOSTILE)
def test_hostile_words_stay_words_on_two_pages(log, evil, tmp_path):
    renamed = tuple(evil if one == "Court order issued" else one for one in log.about.activities)
    about = replace(log.about, activities=renamed, tags={}, stages={}, clock={})
    base = {"days": 72, "start": "Petition filed", "stop": evil}
    texts = {"title": evil, "change": evil, "customers_notice": evil, "problem": {"staff": evil, "customers": evil}}
    more = {
        "cost": evil,
        "voice": {"staff": [evil] * 5, "customers": [evil] * 5},
        "outside_control": [{"what": evil, "why": evil}] * 4,
    }
    found = procmine.check_plan(replace(log, about=about), plan(step=evil, baseline=base, **texts, **more))
    assert page_count(found.paper()) == 2
    page = found.save(tmp_path / "plan.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "\u202e" not in page


def test_the_longest_plan_fits_on_two_pages(log):
    text = ("A sentence that says what is the matter here. " * 7)[:300]
    steps = [{"what": text, "owner": "head of the legal unit", "by": "2026-03-02"}] * 9
    dates = {"begin": "2025-10-06", "review": [f"2026-{month:02}-01" for month in range(1, 13)], "end": "2026-12-31"}
    texts = {
        "title": text[:90],
        "change": text,
        "customers_notice": text,
        "cost": text,
        "problem": {"staff": text, "customers": text},
    }
    more = {
        "voice": {"staff": [text] * 9, "customers": [text] * 9},
        "outside_control": [{"what": text, "why": text}] * 9,
    }
    longest = plan(**texts, **more, next_steps=steps, dates=dates, target={"days": 71, "by": "2026-10-31"})
    for size in ("a4", "us-letter"):
        assert page_count(procmine.check_plan(log, longest).paper(size=size)) == 2


def test_a_small_unit_is_not_named(log):
    said = {"unit": "night desk", "people": 4}
    texts = str(procmine.check_plan(log, plan(**said)).paper().blocks)
    assert "night desk" not in texts
    assert "night desk" in str(procmine.check_plan(log, plan(unit="night desk", people=5)).paper().blocks)


def test_pages_about_fewer_than_five_people_are_for_the_team(log):
    few = plan(people=3)
    assert "North" in str(procmine.check_plan(log, few).paper().blocks)
    other = replace(log, about=replace(log.about, audience="agency"))
    makers = (
        lambda: procmine.check_plan(other, few).paper(),
        lambda: procmine.huddle(other, plan=few),
        lambda: procmine.slides(other, plan=few),
    )
    for make in makers:
        with pytest.raises(LogError, match="3 people do"):
            make()


@pytest.mark.parametrize("audience", ["agency", "public"])
def test_others_than_the_team_read_no_small_counts(log, audience):
    """Harbor's petitions with contest are about eight a month and 23 wait; the counts are rounded to tens."""
    other = replace(log, about=replace(log.about, audience=audience))
    texts = str(procmine.check_plan(other, PLANS / "second_court_day_harbor.yml").paper().blocks)
    assert "95 cases" not in texts
    assert "100 cases" in texts
    days = re.findall(r"\b20\d\d-\d\d-\d\d\b", texts)
    assert "phone is quieter" not in str(procmine.check_plan(other, NORTH).paper().blocks)  # free text
    assert bool(days) is (audience == "agency")


def test_the_picture_of_the_year_says_its_days_to_those_who_do_not_see_it(log):
    (picture,) = [one for one in procmine.check_plan(log, NORTH).paper().blocks if type(one).__name__ == "Picture"][:1]
    for day in ("2025-10-06", "2026-04-06", "2026-08-03", "2026-10-31", "2026-11-06"):
        assert day in picture.alt


def test_every_word_is_in_the_catalogue():
    assert {f"plan.stage.{one}" for one in STAGES} <= set(ENGLISH)
    for state in ("ok", "differs", "cannot tell", "missing"):
        assert f"plan.state.{state}" in ENGLISH
