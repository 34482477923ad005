"""Briefs: two pages that say only what was found, to whom it may be said, in any language."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import marked_language
import numpy as np
import pytest
import worlds_briefs
import worlds_verdict
from click.testing import CliRunner
from logs import build
from matplotlib.text import Text
from test_publish_page import HOSTILE, Seen, agency

import procmine
from procmine.cli import main
from procmine.log import LogError
from procmine.proof.verdict.kinds import KINDS
from procmine.publish.brief import brief, written
from procmine.publish.brief.pictures import drawn
from procmine.publish.findings import Findings
from procmine.publish.page import loaded_from_elsewhere
from procmine.publish.paper.pdf import page_count
from procmine.publish.plans.plan import Plan
from procmine.words import DAY, Language, Message, Span, speaking

NUMBER = re.compile(r"(?<![\w.-])\d[\d,]*(?:\.\d+)?(?![\w-])")
DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")
ALWAYS = {"10", "100", "1"}  # of every 10 days, of every 100 cases, 1 day in 10
ASKED = {"changed": worlds_briefs.changed, "plain": worlds_briefs.kept, "early": worlds_briefs.too_early}
ASKED |= {"artefact": worlds_briefs.artefact}


@cache
def asked(name):
    return ASKED[name]()


@cache
def made(name, audience="team"):
    given = dict(asked(name))
    return brief(given.pop("log"), audience=audience, **given)


def text_of(html, *, foot=False):
    """All text of a page, folded parts too, and what pictures say to those who do not see them."""
    page = Seen()
    skipped = ("style",) if foot else ("style", "footer")
    page.handle_data = lambda data: page.said.append(data) if not any(tag in skipped for tag, _ in page.depth) else None
    page.feed(html)
    return " ".join(" ".join(["".join(page.said), *page.alts]).split())


def above_the_fold(html):
    page = Seen()
    page.feed(html)
    return " ".join(" ".join(["".join(page.said), *page.alts]).split())


# ---- every number is found again


def numbers(said):
    return [one for one in NUMBER.findall(DATE.sub(" ", said)) if one not in ALWAYS]


def told_by(result):
    """Every figure that a result holds, in the units in which it may be said."""
    values = []
    for column in result.rows.values():
        if column.dtype.kind == "m":
            seconds = column[~np.isnat(column)] / np.timedelta64(1, "s")
            values += [seconds / one for one in (DAY, 3_600, 60)]
        elif column.dtype.kind in "iuf":
            values += [column * one for one in (1, 10, 100)]
    figures = getattr(getattr(result, "verdict", None), "figures", {})
    plain = np.array([abs(float(one)) for one in figures.values() if not isinstance(one, str)])
    plan = getattr(result, "plan", result.arguments.get("plan"))
    whole = [np.array([result.rows["cases"][:3].sum() + result.rows["open"][0]])] if "way" in result.rows else []
    watched = [np.array([plan.horizon / 1e6 / DAY])] if plan else []
    path = str(result.arguments.get("path", ""))
    return np.concatenate(
        [*(np.ravel(one).astype(float) for one in values), *whole, plain / DAY, *watched, [path.count("→") + 1.0]]
    )


def missing(said, result):
    """Numbers that are nowhere in the result, to the last digit said."""
    known, left = told_by(result), []
    for number in numbers(said):
        half = 0.5 * 10.0 ** -len(number.partition(".")[2]) + 1e-6
        if not np.any(np.abs(known[np.isfinite(known)] - float(number.replace(",", ""))) <= half):
            left.append(number)
    return left


@pytest.mark.parametrize("name", list(ASKED))
def test_every_number_is_found_again_in_the_result_it_came_from(name):
    found = made(name).findings
    said = {
        found.say(Message("fact.whole", {"number": one.number, "what": one.what, "note": one.note})): one.result
        for one in found.figures
    }
    said |= {found.say(one.answer): one.result for one in found.six if one.result is not None}
    assert len(said) >= 7 and sum(len(numbers(one)) for one in said) >= 25
    target = f"{found.plan.target.days:g}" if found.plan else ""
    whole = {f"{len(found.log):,}", f"{found.open:,}", target}  # of the log itself, and what the plan asks for
    for line, result in said.items():
        assert [one for one in missing(line, result) if one not in whole] == [], line
    line = next(iter(said))
    assert missing(re.sub(r"\d+", "987654", line, count=1), said[line]) == ["987654"]  # it can fail


COLUMNS = {  # where a value of a message is found again, by its name
    "p50": ("p50", "time", "since_p50"), "mean": ("mean", "time"), "n": ("n", "cases"), "cases": ("cases", "due"),
    "low": ("low", "p50_low", "mean_low"), "high": ("high", "p50_high", "mean_high"), "late": ("longer",),
    "tenths": ("share", "share_active"), "step": ("step",), "instead": ("instead",), "after": ("left_after",),
    "overdue": ("overdue",),
}  # fmt: skip
PARTS = ("range", "number", "what", "note")  # of one sentence: all of its figures are of one row
ELSEWHERE = (
    "brief.cases",
    "six.1.part",
    "six.1.target",
    "contention.more",
    "compare.",
    "bottleneck.step",
    "six.6.",
    "fact.too_early",
    "six.4.none",
)


def figured(message):
    """The numbers and names of a sentence, those of its parts with them; then those of the sentences in it."""
    own, within = {}, []
    for name, value in message.values.items():
        if isinstance(value, Message) and name in PARTS:
            (first, *more) = figured(value)
            own |= first[1]
            within += more
        elif isinstance(value, Message):
            within += figured(value)
        elif isinstance(value, int | float | Span) or name in ("step", "instead", "after"):
            own[name] = value
    return [(message.key, own), *within]


def alike(value, column):
    """In which rows a value stands."""
    if isinstance(value, Span):
        return np.abs(column / np.timedelta64(1, "s") - value.seconds) < 1 if column.dtype.kind == "m" else None
    if isinstance(value, str):
        return column.astype(str) == value
    if column.dtype.kind not in "iuf" or (isinstance(value, int) and column.dtype.kind == "f"):
        return None
    whole = (1,) if isinstance(value, int) else (1, 10, 100)
    return np.any([np.abs(one * column - value) < 1e-6 for one in whole], axis=0)


def not_in_one_row(own, rows):
    """Names of values that stand in no row together with the others."""
    there, length = {}, len(next(iter(rows.values())))
    for name, value in own.items():
        seen = [alike(value, rows[one]) for one in COLUMNS.get(name, (name,)) if one in rows]
        there[name] = np.any([one for one in seen if one is not None] or [np.zeros(length, bool)], axis=0)
    return [] if not there or np.any(np.all(list(there.values()), axis=0)) else {n: own[n] for n in there}


@pytest.mark.parametrize("name", ["changed", "plain", "early", "artefact"])
def test_the_figures_of_a_sentence_are_all_of_the_row_that_it_tells_of(name):
    found, told = made(name).findings, 0
    asked_for = [
        (Message("fact.whole", {"number": one.number, "what": one.what, "note": one.note}), one.result)
        for one in found.figures
    ]
    for message, result in asked_for + [(one.answer, one.result) for one in found.six if one.result is not None]:
        for key, own in figured(message):
            if key.startswith(ELSEWHERE):
                continue
            whole = ("n",) if key.startswith(("six.3.many", "six.3.hardly")) else ()  # of all three ways
            own = {one: value for one, value in own.items() if one not in ("steps", "watched", "within", *whole)}
            if name == "artefact" and "overdue" in own:  # of the last week, and of the week of the change
                pile = result.rows["overdue"]
                assert own.pop("overdue") == pile[-1] and own.pop("overdue_then") in pile
                own = {}
            assert not_in_one_row(own, result.rows) == [], key
            told += len(own)
    assert told >= 15
    one = found.figures[0]
    for wrong in ({**one.number.values, "p50": Span(DAY * 3.21)}, {**one.number.values, "n": 7}):
        assert not_in_one_row(wrong, one.result.rows)  # it can fail


def test_a_figure_of_another_row_is_noticed():
    found = made("changed").findings
    before, after = (dict(figured(one.number))[one.number.key] for one in found.figures[:2])
    rows = found.figures[0].result.rows
    assert not_in_one_row(before, rows) == not_in_one_row(after, rows) == []
    assert not_in_one_row({**before, "p50": after["p50"]}, rows)  # true of another row


def test_the_large_numbers_are_those_counted_by_hand():
    log, found = worlds_briefs.sample(), made("changed").findings
    frame = log.frame if hasattr(log, "frame") else procmine_frame(log)
    filed = (
        frame[(frame.activity == "Petition filed") & (frame.office == "North") & (frame.contested == "no")]
        .groupby("case")
        .time.min()
    )
    ordered = frame[frame.activity == "Court order issued"].groupby("case").time.min()
    end = np.datetime64("2026-11-01")
    assert found.affected.rows["cases"][0] == (filed >= end - np.timedelta64(365, "D")).sum()
    closed = frame[frame.activity.isin(list(log.about.ends))].case.unique()
    waits = filed[~filed.index.isin(ordered.index) & ~filed.index.isin(closed)]
    assert found.affected.rows["waiting"][0] == len(waits) > 0
    before, after, who = (found.say(one.number) for one in found.figures)
    since = filed[(filed >= np.datetime64("2025-10-06")) & (filed < end - np.timedelta64(105, "D"))]
    took = (ordered.reindex(since.index) - since).dt.total_seconds() / DAY
    assert after == Message("fact.half", {"p50": Span(float(np.round(took.median())) * DAY)}).say()
    assert who == f"{found.affected.rows['cases'][0]} cases"
    assert before == "72 days"  # as the plan has it, written down by the office


def procmine_frame(log):
    import pandas as pd

    case = np.repeat(np.arange(len(log)), np.diff(log.offset))
    frame = pd.DataFrame(
        {
            "case": case,
            "activity": np.array(log.about.activities, object)[log.activity],
            "time": log.time.astype("M8[us]"),
        }
    )
    for name in ("office", "contested"):
        frame[name] = log.attributes[name].values()[case]
    return frame


def test_each_finding_is_computed_once(monkeypatch):
    import procmine.publish.findings as module

    calls = []
    plain = module.bottlenecks
    monkeypatch.setattr(module, "bottlenecks", lambda log: calls.append(1) or plain(log))
    brief(agency())
    assert calls == [1]


def test_the_six_questions_are_answered_by_name_and_number():
    text = text_of(made("plain").html)
    places = [text.index(f"{one.number}. {one.question.say()}") for one in made("plain").findings.six]
    assert places == sorted(places) and len(places) == 6
    assert "Nobody has said how long is too long" in text
    assert "No change has been recorded yet" in text


# ---- what may be said


def test_what_may_be_said_of_a_gain_is_what_the_page_says():
    told = made("changed")
    assert told.findings.comparison.verdict.kind == "improved"
    assert told.headline.startswith("Shorter waits. ")
    assert text_of(told.html).count("DRAFT") == 0  # owner, data owner and those at the step are named
    assert (
        "Court order issued" in told.headline and "half were there within 1 day; before it was 72 days" in told.headline
    )


@pytest.mark.parametrize("audience", ["team", "agency", "public"])
def test_an_artefact_is_nowhere_called_faster(audience):
    told = made("artefact", audience)
    assert told.findings.comparison.verdict.kind == "artefact"
    text = text_of(told.html).replace("Not to be said: “Faster”, in any form.", "")
    assert (
        re.findall(r"(?i)\bfaster\b|\bshorter wait|\bless on average in their first|\bgain is\b|improved", text) == []
    )
    half = told.findings.comparison.rows["p50"][1] / np.timedelta64(1, "D")
    assert "since 2025-04: half were there" not in text and "since 2025-04-01: half were there" not in text
    assert half < 30 and "have waited for more than" in text  # a figure that would have flattered
    if audience != "team":
        assert dict(drawn(told.findings)).keys() == {"map", "chart"}  # no curve of the quick ones


@pytest.mark.parametrize("audience", ["team", "public"])
def test_too_early_says_no_figure_of_what_the_change_did(audience):
    told = made("early", audience)
    assert told.findings.comparison.verdict.kind == "too_early"
    text = above_the_fold(told.html)
    assert "%" not in text and "faster" not in text.lower()
    assert "Ask again with data up to 2026-03" in text and "For whom the wait is another cannot be told yet" in text
    after = [one for one in told.findings.figures if one.what.key == "fact.after.what"]
    assert after == []
    curve = dict(drawn(told.findings))["curve"].figure.axes[0]
    assert len([line for line in curve.get_lines() if len(line.get_xdata()) > 5]) == 1  # before only


@pytest.mark.slow
@pytest.mark.parametrize("name", list(worlds_verdict.WORLDS))
def test_briefs_of_every_verdict_are_two_pages_and_flatter_nobody(name):
    world = worlds_verdict.made(name, 200, 2)
    comparison = worlds_verdict.compared(world)
    told = brief(world.log(), comparison=comparison)
    assert page_count(told.paper) == 2
    kind = comparison.verdict.kind
    assert kind in KINDS
    if kind in ("artefact", "too_early", "cannot_judge"):
        assert not [
            one
            for one in told.findings.figures
            if one.what.key == "fact.after.what" and one.number.key != "fact.not_known"
        ]


# ---- what a reader who doubts would ask


def test_nothing_is_sure_of_one_case():
    """No range is known, so none of its places is surely anything; and a log without open cases has nobody who waits."""
    log = build([("c0", "Start", "2024-01-01"), ("c0", "Order", "2024-03-01")], cutoff="2024-06-30", ends=["Order"])
    text = text_of(brief(log).html)
    assert "surely" not in text and "how sure it is cannot be told" in text
    assert "1 case, none of them open" in text and "no open case is in these data" in text
    assert not re.search(r"\b0 of them|none of them waits", text)


def test_most_is_said_of_more_than_half_only():
    """Three in ten leave the path at each of two places: at none do most of them."""
    ways = {0: ("Start", "Check", "Order"), 1: ("Start", "Call", "Order"), 2: ("Start", "Visit", "Order")}
    rows = [
        (f"c{k}", step, f"2024-{1 + k % 5:02}-{1 + 5 * at:02}")
        for k in range(100)
        for at, step in enumerate(ways[0 if k < 40 else 1 + k % 2])
    ]
    said = Findings.of(build(rows, cutoff="2024-06-30", ends=["Order"])).six[2].answer.say()
    assert "40 of every 100" in said and "(30 cases)" in said
    assert "most often left after Start" in said and not re.search(r"\bMost (leave|never)\b", said)


def test_what_is_ours_to_change_is_not_outside_our_control():
    text = text_of(made("changed").html)
    assert "Court order issued, which is ours to change" in text
    assert "the case is with: court" not in text and "the case is with: other parent" in text


def test_whose_answers_the_six_are_is_said_where_the_sentence_is_of_fewer():
    said = "The six answers and the map are of all 1,343 cases of North, those from before the change too."
    assert said in text_of(made("changed").html)
    assert "The six answers and the map are of" not in text_of(made("plain").html)


def test_no_kind_of_case_is_told_apart_where_nothing_stands_out():
    world = worlds_verdict.made("no change", 1_000, 2)
    told = brief(world.log(), comparison=worlds_verdict.compared(world))
    assert told.findings.comparison.verdict.kind == "no_evidence"
    assert "No difference stands out, so no kind of case is told apart." in text_of(told.html)
    assert told.paper.title == "Brief: before and since a change"


def test_a_gain_for_most_has_its_counts():
    world = worlds_verdict.made("seven in ten 35% shorter", 1_000, 2)
    found = Findings.of(world.log(), comparison=worlds_verdict.compared(world))
    before, after = found.comparison.rows["cases"][:2]
    assert found.comparison.verdict.kind == "improved_for_most"
    assert f"{before:,} cases before and {after:,} since, the others among them" in found.figures[0].note.say()


def test_an_average_counts_no_longer_than_one_in_ten_cases_can_have_been_watched():
    """A few old cases took a year; nine in ten came in the last 60 days: their average is not told up to a year."""
    day = np.datetime64("2024-12-31")
    rows = [(f"o{k}", step, str(day - 700 + k + at)) for k in range(30) for at, step in ((0, "Start"), (360, "Order"))]
    came = {f"n{k}": day - 59 + k % 58 for k in range(600)}
    rows += [(case, "Start", str(when)) for case, when in came.items()]
    rows += [(case, "Order", str(when + 9)) for k, (case, when) in enumerate(came.items()) if k % 3 and when + 9 < day]
    found = Findings.of(build(rows, cutoff=str(day), ends=["Order"]))
    within = found.six[0].result.rows["time"][2] / np.timedelta64(1, "D")
    assert within <= 70


def test_how_much_was_work_is_said_to_be_unknown_only_where_it_is():
    said = Message("brief.wrong.elapsed").say()
    log = agency()
    assert said in text_of(brief(log).html)
    assert said not in text_of(brief(replace(log, start=log.time.copy())).html)


# ---- two pages, harmless


@pytest.mark.parametrize(
    "label", ["x" * 300, "Ordinance of the regional court of appeal, third senate, " * 5, "ἐ" * 150, "命令" * 150]
)
@pytest.mark.parametrize("size", ["a4", "us-letter"])
def test_long_labels_stay_on_two_pages(label, size):
    told = brief(agency(label))
    assert page_count(replace(told.paper, size=size)) == 2
    assert told.pdf(size).startswith(b"%PDF")


@pytest.mark.parametrize("size", ["a4", "us-letter"])
def test_a_plan_that_says_as_much_as_it_may_stays_on_two_pages(tmp_path, size):
    long = ("A sentence that somebody said at length about waiting. " * 9)[:290]
    plan = planned(
        tmp_path, title="Orders " + long[:200], problem={"staff": long, "customers": long}, cost=long,
        next_steps=[{"what": long, "owner": "head of the legal unit", "by": "2026-11-02"}] * 4,
        outside_control=[{"what": long[:150], "why": long}] * 3,
        supersedes={"day": "2024-05-05", "hash": "abc123", "why": long},
    )  # fmt: skip
    told = brief(agency(), plan=plan)
    assert page_count(replace(told.paper, size=size)) == 2
    assert long in text_of(told.html)  # where there is room, all of it stands


def test_hostile_labels_do_nothing_anywhere():
    told = brief(agency(HOSTILE), next_steps=[HOSTILE])
    html = told.html
    assert loaded_from_elsewhere(html) == [] and "<script" not in html
    assert told.pdf().startswith(b"%PDF")


def test_the_map_shows_at_most_ten_steps_and_marks_the_one_it_is_about():
    log = worlds_briefs.sample()
    found = Findings.of(log)
    assert found.step == "Court order issued"
    alt = dict(drawn(found))["map"].alt
    assert alt == "Map of 8 steps of the process; Court order issued is marked."


# ---- for whom


@pytest.mark.parametrize("name", ["changed", "plain"])
@pytest.mark.parametrize("audience", ["agency", "public"])
def test_others_hear_of_ten_cases_at_least_and_of_nobody(name, audience):
    told = made(name, audience)
    text = text_of(told.html, foot=True)
    log = worlds_briefs.sample()
    counted = re.findall(r"([\d,]+) (?:cases?|times?|rows?|of them)\b", text)
    assert len(counted) >= 8
    assert [one for one in counted if int(one.replace(",", "")) % 10] == []
    staff = set(log.event_attributes["staff"].levels.to_pylist()) if "staff" in log.event_attributes else set()
    assert not [one for one in {*log.case.levels.to_pylist(), *staff} if re.search(rf"\b{re.escape(one)}\b", text)]
    days = re.findall(r"\d{4}-\d{2}-\d{2}", text)
    assert (days == []) == (audience == "public")


def test_the_public_reads_months_in_other_languages_too(monkeypatch):
    monkeypatch.setattr(written, "spoken_in", lambda code: Language("el", "Ελληνικά", {}))
    given = dict(asked("changed"))
    told = brief(given.pop("log"), audience="public", language="el", **given)
    text = text_of(told.html, foot=True)
    assert "Οκτώβριος 2025" in text or "Οκτωβρίου 2025" in text
    assert re.findall(r"\d{1,2} [^\W\d]+ 20\d\d", text) == [] and re.findall(r"\d{4}-\d{2}-\d{2}", text) == []
    figures = [
        one.get_text()
        for _, picture in drawn_in(told, Language("el", "Ελληνικά", {}))
        for one in picture.figure.findobj(Text)
    ]
    assert re.findall(r"\d{1,2} [^\W\d]+ 20\d\d|\d{4}-\d{2}-\d{2}", " ".join(figures)) == []
    team = brief(worlds_briefs.sample(), plan=worlds_briefs.plan(), language="el")
    assert re.findall(r"\d{1,2} [^\W\d]+ 20\d\d", text_of(team.html))  # there are days to be found


def drawn_in(told, language):
    with speaking(told.findings.speaks(language)):
        return list(drawn(told.findings))


def test_a_brief_of_few_cases_stays_in_the_team():
    with pytest.raises(LogError, match="19 cases"):
        brief(agency(n=19), audience="agency")


# ---- languages


@pytest.mark.parametrize(
    ("name", "audience"), [("changed", "team"), ("plain", "public"), ("early", "public"), ("artefact", "team")]
)
def test_no_english_is_left_on_pages_and_pictures_in_another_language(monkeypatch, name, audience):
    language = marked_language.marked_language()
    monkeypatch.setattr(written, "spoken_in", lambda code: language)
    given = dict(asked(name))
    with speaking(language):  # names within a comparison are in the language in which it was made
        if name == "artefact":
            given["comparison"] = worlds_verdict.compared(worlds_verdict.made("queue .98, newest first", 1_000, 3))
        elif "plan" in given:
            given["comparison"] = procmine.compare(given["log"], change=given["plan"].change_record())
    log, plan = given.pop("log"), given.get("plan")
    told = brief(log, audience=audience, language="el", **given)
    own = [plan.model_dump(), plan.entry().model_dump()] if plan else ["What was done"]
    known = marked_language.of_log(log, *own, "procmine", [one[:12] for one in log.about.source.values()])
    assert marked_language.unmarked([text_of(told.html, foot=True)], known) == []
    figures = [
        one.get_text().replace("-\n", "").replace("\n", " ")
        for _, one_drawn in drawn_in(told, language)
        for one in one_drawn.figure.findobj(Text)
    ]
    assert [
        one for one in marked_language.unmarked(figures, known) if not any(one in name for name in log.about.activities)
    ] == []
    monkeypatch.undo()
    assert (
        len(marked_language.unmarked([text_of(made(name, audience).html)], known)) > 100
    )  # it finds what is not marked


def test_a_language_not_yet_reviewed_says_so(monkeypatch):
    said = Message("brief.not_reviewed").say()
    for reviewed, count in (("", 1), ("A native reader, 2026-10-01", 0)):
        monkeypatch.setattr(written, "spoken_in", lambda code, by=reviewed: Language("fr", "Français", {}, by))
        told = brief(agency(), language="fr")
        assert text_of(told.html).count(said) == count
        assert '<html lang="fr">' in told.html
    assert said not in made("plain").html
    monkeypatch.undo()
    with pytest.raises(ValueError, match="No language 'xx'"):
        brief(agency(), language="xx")


# ---- plans


def planned(tmp_path, **more):
    import yaml

    said = {
        "title": "Sooner", "office": "All", "problem": {"staff": "s", "customers": "c"}, "step": "Order",
        "change": "Two desks",
        "baseline": {"days": 70}, "target": {"days": 30, "by": "2025-06-30"}, "dates": {"begin": "2024-09-02"},
        "customers_notice": "n", **more,
    }  # fmt: skip
    path = tmp_path / "plan.yml"
    path.write_text(yaml.safe_dump(said), encoding="utf-8")
    return Plan.read(path)


def test_a_brief_is_a_draft_until_three_are_named_and_its_figures_were_seen(tmp_path):
    until = Findings.of(agency()).until
    before = str(np.datetime64(until) - 1)
    named = {
        "owner": "head of desk",
        "data_owner": "head of data",
        "seen_by": [{"who": "the desk", "on": before}, {"who": "the hall", "on": until}],
    }
    cases = [(None, named), *((gone, {one: said for one, said in named.items() if one != gone}) for gone in named)]
    cases.append(("seen_by", {**named, "seen_by": named["seen_by"][:1]}))  # the plan was seen, not these figures
    for gone, given in cases:
        text = text_of(brief(agency(), plan=planned(tmp_path, **given)).html)
        assert ("DRAFT" in text) == (gone is not None)
        told = [one for one in named if Message(f"brief.draft.{one}", {"day": until}).say() in text]
        assert told == ([gone] if gone else [])
        said = f"Answers for the change: head of desk. For the data: head of data. Seen by: the hall ({until})."
        assert (said in text) == (gone is None)


def test_a_plan_of_an_office_that_the_data_do_not_know_says_so(tmp_path):
    said = Message("brief.office.unknown").say()
    assert said in text_of(brief(agency(), plan=planned(tmp_path)).html)
    assert said not in text_of(made("changed").html)


def test_a_plan_of_a_change_to_come_says_that_nothing_is_compared_yet(tmp_path):
    told = brief(agency(), plan=planned(tmp_path))
    text = text_of(told.html)
    assert told.findings.comparison is None
    assert "Planned from 2024-09-02: “Two desks”. Nothing is compared yet." in text
    assert "That is too long: the target is 30 days." in text


def test_a_corrected_brief_says_what_it_supersedes(tmp_path):
    plan = planned(tmp_path, supersedes={"day": "2024-05-05", "hash": "abc123", "why": "a month was missing"})
    text = text_of(brief(agency(), plan=plan).html)
    assert "takes the place of the one of 2024-05-05 (abc123), which was wrong: a month was missing" in text


def test_the_standard_of_the_plan_says_whether_it_is_too_long(tmp_path):
    rows = "standards:\n- {name: Quick, from: arrival, to: [Order], within: 70, share: 80}\n"
    (tmp_path / "standards.yml").write_text(rows, encoding="utf-8")
    told = brief(agency(), plan=planned(tmp_path, standard={"file": "standards.yml", "name": "Quick"}))
    waits = [60 + case % 25 for case in range(54)]  # of those that came to the order; 6 are open and overdue
    share = 100 * sum(one <= 70 for one in waits) / 60
    fact = next(one for one in told.findings.figures if one.number.key == "fact.kept")
    assert fact.number.say() == f"{share:.0f} of 100" and "60 cases were due" in fact.note.say()
    assert "Too long by “Quick” (70 days)" in text_of(told.html)
    with pytest.raises(ValueError, match="No standard 'Slow'"):
        brief(agency(), plan=planned(tmp_path, standard={"file": "standards.yml", "name": "Slow"}))


def test_steps_of_others_are_out_of_reach_and_those_of_the_plan_come_first(tmp_path):
    plan = planned(tmp_path, outside_control=[{"what": "The post", "why": "it is another firm"}])
    rows = [
        (f"c{k}", step, f"2024-0{1 + k % 3}-{1 + day:02}")
        for k in range(60)
        for step, day in (("Start", 0), ("Check", 4), ("Order", 20))
    ]
    log = build(rows, cutoff="2024-06-30", ends=["Order"], tags={"Check": "law", "Order": "another party"})
    text = text_of(brief(log, plan=plan).html)
    assert text.index("The post: it is another firm") < text.index(
        "The wait before Order (8.0 of every 10 days): up to another party."
    )
    assert "The wait before Check (2.0 of every 10 days): set by law." in text


# ---- the command


def test_the_command_writes_both_or_the_one_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    here = worlds_briefs.HERE
    log, plan = str(here / "event_logs" / "child_support.yaml"), str(here / "plans" / "consent_orders_north.yml")
    done = CliRunner().invoke(main, ["brief", log, "--plan", plan])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Shorter waits. ") or "Shorter waits. " in done.output
    assert {one.name for one in (tmp_path / "outputs").iterdir()} >= {"brief.pdf", "brief.html"}
    changes = str(here / "event_logs" / "child_support_changes.yml")
    done = CliRunner().invoke(
        main,
        [
            "brief",
            log,
            "--changes",
            changes,
            "--id",
            "consent-orders",
            "--audience",
            "agency",
            "--size",
            "letter",
            "-o",
            "b.pdf",
        ],
    )
    assert done.exit_code == 0, done.output
    assert re.search(rb"/MediaBox\s*\[\s*0 0 612 792", (tmp_path / "b.pdf").read_bytes())
    assert not (tmp_path / "b.html").exists()
    for wrong in (["--changes", changes], ["-o", "b.docx"], ["--language", "xx"]):
        done = CliRunner().invoke(main, ["brief", log, *wrong])
        assert done.exit_code == 2, wrong


def test_beside_a_comparison_the_standard_is_of_the_cases_since_the_change():
    """The sample's promise: of North's consent cases that came since the pilot began; counted with pandas from the CSV."""
    root = Path(__file__).resolve().parents[1]
    log = procmine.read(root / "event_logs" / "child_support.yaml")
    told = brief(log, plan=Plan.read(root / "plans" / "consent_orders_north.yml"))
    fact = next(one for one in told.findings.figures if one.number.key == "fact.kept")
    mine = log.where({"office": "North", "contested": "no"}).between("2025-10-06", "2026-11-01").events
    at = {step: mine[mine["activity"] == step].groupby("case")["time"].min() for step in mine["activity"].unique()}
    begun = at["Petition filed"][at["Petition filed"] < "2026-10-02"]
    done = at["Court order issued"].reindex(begun.index)
    quick = int(((done - begun).dt.days < 30).sum())
    due = int(fact.result.rows["due"][0])
    assert (due, len(begun), quick) == (180, 180, 177)
    assert quick / due == pytest.approx(
        float(fact.result.rows["share"][0]), abs=0.01
    )  # open cases and withdrawals weigh too
    assert fact.number.say() == "98 of 100" and "since 2025-10-06" in fact.what.say()
