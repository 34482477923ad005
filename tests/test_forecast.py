"""Forecasts against what is known: chains by hand, exponential waits, identities, and worlds with known answers."""

from dataclasses import replace
from html import escape

import numpy as np
import pytest
from test_simulate import DAY, policy, serial, world

import procmine
from procmine.log import LogError
from procmine.publish.answer_page import answer_page
from procmine.publish.safety import show
from procmine.simulate.engine import Engine
from procmine.simulate.forecast import Effort, Target, forecast, needed, scenarios, sensitivity
from procmine.simulate.forecast.asked import limits_of
from procmine.simulate.forecast.draws import Drawn
from procmine.simulate.forecast.horizon import Ahead, World
from procmine.simulate.plan import nothing
from procmine.simulate.policy import AUTHORITIES, Policy
from procmine.simulate.warm import arriving, still_open
from procmine.words import Message

SMALL = Effort(draws=6, replications=2, cases=150)
D = np.timedelta64(1, "D")


@pytest.fixture(scope="module")
def model():
    return procmine.fit(world(1, 600, 500), by=("contested",))


@pytest.fixture(scope="module")
def fixed():
    """In -3 days- Checked -20- Granted -5- Paid, always."""
    return procmine.fit(serial(np.tile([3.0, 20.0, 5.0], (120, 1))))


@pytest.fixture(scope="module")
def answer(model):
    return forecast(model, policy(), seed=7, outcome=None, within=(60, 120), effort=SMALL)


def days(column):
    return column / D


# ---- by hand ----


def test_a_chain_of_fixed_times_by_hand(fixed):
    told = forecast(fixed, Policy("x").set_delay("Granted", days=8), seed=1, within=(15, 16, 28), effort=SMALL)
    np.testing.assert_allclose(days(told.rows["today"]), 28, atol=1e-4)
    np.testing.assert_allclose(days(told.rows["with_policy"]), 16, atol=1e-4)
    for name in ("effect", "low", "high"):
        np.testing.assert_allclose(days(told.rows[name]), -12, atol=1e-4)
    assert list(told.rows["measure"]) == ["half", "8 in 10", "9 in 10", "mean"]
    shares = {name: told.amounts.rows[name][:3] for name in ("today", "with_policy")}
    np.testing.assert_allclose(shares["today"], [0, 0, 100], atol=0.01)
    np.testing.assert_allclose(shares["with_policy"], [0, 100, 100], atol=0.01)
    saved = dict(zip(told.saved.rows["step"], days(told.saved.rows["effect"])))
    assert saved["Granted"] == pytest.approx(-12, abs=1e-4)
    assert saved["Checked"] == pytest.approx(0, abs=1e-6) and saved["Paid"] == pytest.approx(0, abs=1e-6)


def test_what_changes_nothing_has_no_effect_at_all(fixed):
    told = forecast(fixed, Policy("x").set_delay("Granted", days=20), seed=1, effort=SMALL)
    for part, names in ((told, ("effect", "low", "high")), (told.saved, ("effect", "low", "high"))):
        for name in names:
            np.testing.assert_array_equal(part.rows[name].astype(np.int64), 0)
    np.testing.assert_array_equal(told.amounts.rows["effect"], 0)
    np.testing.assert_array_equal(told.open_cases.rows["today"], told.open_cases.rows["with_policy"])
    assert set(told.by_group.rows["helped"]) <= {"no gain"}


def test_exponential_waits_as_in_theory():
    """Cut at 1 day, an exponential wait of mean 10 has the mean 10 (1 - exp(-1/10))."""
    draw = np.random.default_rng(4)
    log = serial(np.stack([draw.exponential(10, 4_000), np.full(4_000, 2.0), np.full(4_000, 1.0)], axis=1))
    told = forecast(procmine.fit(log), Policy("x").cap_delay("Checked", days=1), seed=2, effort=SMALL)
    saved = dict(zip(told.saved.rows["step"], days(told.saved.rows["with_policy"])))
    assert saved["Checked"] == pytest.approx(10 * (1 - np.exp(-0.1)), rel=0.03)
    assert days(told.rows["effect"])[3] == pytest.approx(10 * (1 - np.exp(-0.1)) - 10, rel=0.06)


# ---- identities ----


def test_the_time_of_all_steps_adds_up_to_the_mean_and_its_change(answer):
    rows = answer.saved.rows
    for name in ("today", "with_policy", "effect"):
        total = rows[name].astype("m8[s]").astype(np.int64).sum()
        assert total == pytest.approx(answer.rows[name][3].astype(np.int64), abs=len(rows["step"]))


def test_groups_add_up_to_all(answer):
    rows = answer.by_group.rows
    share = rows["cases"] / rows["cases"].sum()
    assert set(rows["attribute"]) == {"contested"} and rows["cases"].sum() == 600
    assert (share * days(rows["effect"])).sum() == pytest.approx(days(answer.rows["effect"])[3], rel=0.01)
    helped = dict(zip(rows["group"], rows["helped"]))
    assert helped == {"no": "sooner", "yes": "no gain"}


def test_littles_law_holds_as_an_integral(model):
    """Open on average x days = days of all cases inside the time ahead = area under the number that is open."""
    begin = model.log.about.cutoff
    ahead = Ahead(begin, begin + 100 * int(DAY), True)
    engine = Engine.of(model, nothing(model))
    old, new = still_open(model, seed=3, draw=0), arriving(model, ahead.begin, ahead.end, seed=3, draw=0)
    found = World.of(ahead, engine, np.ones(len(model.log)), old, new)
    numbers = found.numbers(0)
    ended = np.where(found.arms[0].ended <= ahead.end, found.arms[0].ended, 2**62)
    moments = np.unique(np.concatenate(([ahead.begin, ahead.end], found.crowd.arrival, ended)))
    moments = moments[(moments >= ahead.begin) & (moments <= ahead.end)]
    area = float(found.opened(moments[:-1], ended) @ np.diff(moments))
    assert area / (ahead.end - ahead.begin) == pytest.approx(numbers["world"][1], rel=1e-9)
    assert numbers["open"][0] == model.log.open.sum()
    came, went = (found.crowd.arrival > ahead.begin).sum(), (ended < 2**62).sum()
    assert numbers["world"][2] == model.log.open.sum() + came - went


def test_a_world_of_which_only_some_are_followed_counts_all(model, monkeypatch):
    from procmine.simulate.forecast import horizon

    ahead = Ahead(model.log.about.cutoff, model.log.about.cutoff + 200 * int(DAY), True)
    engine, weight = Engine.of(model, nothing(model)), np.ones(len(model.log))

    def mean():
        return np.mean([ahead.numbers(engine, weight, 5, draw)[0]["world"] for draw in range(12)], axis=0)

    whole = mean()
    monkeypatch.setattr(horizon, "MOST", 150)
    some = mean()
    assert (some != whole).any()
    np.testing.assert_allclose(some, whole, rtol=0.1)


def test_the_same_seed_gives_the_same_answer_and_another_one_another(model, answer):
    again = forecast(model, policy(), seed=7, within=(60, 120), effort=SMALL)
    for name in ("today", "with_policy", "low", "high"):
        np.testing.assert_array_equal(again.rows[name], answer.rows[name])
    np.testing.assert_array_equal(again.open_cases.rows["with_policy_low"], answer.open_cases.rows["with_policy_low"])
    other = forecast(model, policy(), seed=8, effort=SMALL)
    assert (other.rows["today"] != answer.rows["today"]).any()


def test_several_policies_face_the_same_cases(model, answer):
    both = forecast(model, [policy(), Policy("c").cap_delay("Checked", days=3)], seed=7, within=(60, 120), effort=SMALL)
    part = both.parts()["fast"]
    for name in ("today", "with_policy", "effect", "low", "high"):
        np.testing.assert_array_equal(part.rows[name], answer.rows[name])
        assert (both.rows["today"][:4] == both.rows["today"][4:]).all()
    assert list(both.parts()) == ["fast", "c"] and part.sentences()[0] == answer.sentences()[0]
    np.testing.assert_array_equal(part.saved.rows["effect"], answer.saved.rows["effect"])
    with pytest.raises(ValueError, match="Two policies are named 'fast'"):
        forecast(model, [policy(), policy()], seed=1)


# ---- shares within a limit ----


def test_limits_are_those_of_the_log_by_date_and_others_are_named(model):
    about = model.log.about
    limits = (
        {"name": "law", "start": "arrival", "stop": "any end", "within": 30},
        {"name": "other", "start": "Checked", "stop": "any end", "within": 30},
    )
    found, said = limits_of(replace(about, limits=limits), (), None)
    assert [one.name for one in found] == ["law"] and found[0].by_date
    assert "other" in said[0].say()
    arrival = np.array([int(DAY) - 1, 0])  # a microsecond before midnight, and midnight
    time = np.array([30.5 * DAY, 31.0 * DAY - 1])
    np.testing.assert_array_equal(found[0].met(arrival, time, about), [False, True])


# ---- what the log only bounds ----


def test_bounds_carry_no_point_and_say_why(model):
    told = forecast(model, Policy("clerks").staff("Granted", add=2), seed=1, effort=SMALL)
    rows = told.rows
    assert set(rows["answer"]) == {"bounds"} and np.isnat(rows["effect"]).all() and np.isnat(rows["with_policy"]).all()
    assert (rows["low"] < rows["high"]).all() and (rows["high"] >= np.timedelta64(0)).all()
    first = told.sentences()[0]
    assert "cannot tell" in first and "To find out:" in first
    assert told.plot() and told.open_cases.plot()
    more = forecast(model, Policy("more").volume(percent=20), seed=1, effort=SMALL)
    assert np.isnat(more.rows["high"]).all() and not np.isnat(more.rows["low"]).any()
    assert "do not limit" in more.sentences()[0] and more.plot()
    for one in (told, more):
        for audience in ("agency", "public"):
            assert show(one, audience, least=10).sentences


# ---- scenarios, sensitivity, needed ----


def test_what_is_surely_met_or_surely_not_and_bounds_are_not_ranked(fixed):
    tried = [
        Policy("slow").cap_delay("Granted", days=15),
        Policy("quick").cap_delay("Granted", days=2),
        Policy("people").staff("Granted", add=3),
    ]
    found = scenarios(fixed, tried, target="8 in 10 within 12 days", seed=1, together=1, effort=SMALL)
    rows = {name: list(column) for name, column in found.rows.items()}
    assert rows["scenario"] == ["as today", "quick", "slow", "people"]
    assert rows["position"] == [0, 1, 2, 0] and rows["met"][:3] == [0, 6, 0] and rows["draws"] == [6] * 4
    assert rows["likely"][1] == 1 and np.isnan(rows["likely"][3]) and rows["likely_low"][3] <= rows["likely_high"][3]
    assert found.plot() and show(found, "public").figure() is not None


def test_equal_ones_are_ordered_by_what_costs_nothing(fixed):
    dear = Policy("dear").cap_delay("Granted", days=2).cost(once=1_000)
    cheap = Policy("cheap").cap_delay("Granted", days=2)
    found = scenarios(fixed, [dear, cheap], target=Target(12), seed=1, together=1, effort=SMALL)
    assert list(found.rows["scenario"]) == ["as today", "cheap", "dear"]


def test_needed_is_what_is_left_of_the_target(fixed):
    """Checked takes 3 days and Paid 5: for 20 days Granted may take 12."""
    found = needed(fixed, "Granted", target="8 in 10 within 20 days", seed=1, effort=Effort(draws=3, cases=50))
    assert found.rows["answer"][0] == "reached" and days(found.rows["within"])[0] == pytest.approx(12, abs=0.02)
    for name in ("low", "high"):
        assert days(found.rows[name])[0] == pytest.approx(12, abs=0.02)
    assert found.plot()
    never = needed(fixed, "Granted", target="8 in 10 within 7 days", seed=1, effort=Effort(draws=3, cases=50))
    assert never.rows["answer"][0] == "not reachable" and "even if it came at once" in never.sentences()[0]
    already = needed(fixed, "Granted", target="mean within 29 days", seed=1, effort=Effort(draws=3, cases=50))
    assert already.rows["answer"][0] == "already"
    with pytest.raises(LogError, match="never happened"):
        needed(fixed, "Nothing", target=Target(10), seed=1)


def test_sensitivity_of_a_fixed_chain_by_hand(fixed):
    found = sensitivity(fixed, Policy("x").set_delay("Granted", days=8), seed=1, effort=SMALL)
    moved = {(a, b): days(c) for a, b, c in zip(*(found.rows[name] for name in ("assumption", "other", "effect")))}
    assert moved["The times the policy sets", "0.5 times as long"] == pytest.approx(-16, abs=1e-3)
    assert moved["The times the policy sets", "1.5 times as long"] == pytest.approx(-8, abs=1e-3)
    half = moved["How many follow it", "50% of its cases"]
    assert -12 < half < 0 and half == pytest.approx(-6, rel=0.3)
    np.testing.assert_allclose(days(found.rows["base"]), -12, atol=1e-3)
    first, second = found.sentences()[:2]
    assert first == "As forecast, a case would take 12 days less on average."
    assert second.startswith("How many follow it (50% of its cases): then it would take ") and second.endswith(" less.")
    assert found.plot()


def test_too_few_finished_cases_are_refused_by_every_question():
    few = procmine.fit(serial(np.tile([3.0, 20.0, 5.0], (19, 1))))
    for ask in (
        lambda: forecast(few, Policy("x").set_delay("Granted", days=8), seed=1),
        lambda: scenarios(few, [Policy("x").set_delay("Granted", days=8)], target="half within 9 days", seed=1),
        lambda: needed(few, "Granted", target="half within 9 days", seed=1),
        lambda: sensitivity(few, Policy("x").set_delay("Granted", days=8), seed=1),
    ):
        with pytest.raises(LogError, match=r"Only 19 cases of this log have ended.* At least 20"):
            ask()


def test_the_page_of_a_forecast_shows_every_part_to_the_team_and_only_the_answer_to_others(answer, tmp_path):
    page = answer_page(answer, tmp_path / "a.html").read_text(encoding="utf-8")
    assert page.count("<img") == 4 and escape(answer.sentences()[0]) in page
    public = replace(answer, about=replace(answer.about, audience="public"))
    assert answer_page(public, tmp_path / "b.html").read_text(encoding="utf-8").count("<img") <= 1


@pytest.mark.parametrize("kind", AUTHORITIES)
def test_whose_permission_it_takes_is_said(fixed, kind):
    tried = Policy("x").set_delay("Granted", days=8).allowed_by(kind, legal_basis="Act 1")
    said = forecast(fixed, tried, seed=1, effort=SMALL).sentences()
    assert Message(f"forecast.permission.{kind.replace(' ', '_')}").say() in said
    unsaid = forecast(fixed, Policy("y").skip("Paid"), seed=1, effort=SMALL)
    assert not any("permission" in line for line in unsaid.sentences())


def test_a_legal_basis_stands_on_every_page(fixed):
    log = fixed.log
    by_law = procmine.fit(replace(log, about=replace(log.about, tags={"Granted": "law"})))
    tried = Policy("x").set_delay("Granted", days=8)
    with pytest.raises(ValueError, match="set by law"):
        sensitivity(by_law, tried, seed=1, effort=SMALL)
    tried = tried.allowed_by(legal_basis="Act 12")
    basis = Policy("y").allowed_by(legal_basis="Act 12")
    for told in (
        forecast(by_law, tried, seed=1, effort=SMALL),
        sensitivity(by_law, tried, seed=1, effort=SMALL),
        scenarios(by_law, [tried], target="half within 20 days", seed=1, effort=SMALL),
        needed(by_law, "Granted", target="half within 20 days", seed=1, policy=basis, effort=SMALL),
    ):
        assert sum("Act 12" in line for line in told.sentences()) == 1


def test_what_hardly_changes_is_said_to_be_as_today(answer):
    rows = {name: column.copy() for name, column in answer.rows.items()}
    minute = np.timedelta64(60, "s")
    rows["with_policy"][0], rows["effect"][0] = rows["today"][0] - minute, -minute
    rows["low"][0], rows["high"][0] = -20 * minute, 3 * minute
    said = replace(answer, rows=rows).sentences()[0]
    assert "about as today, likely between 3 minutes later and 20 minutes sooner" in said and "That is" not in said
    sure = {**rows, "high": np.full(len(rows["high"]), -minute)}  # a change that is small but sure is told
    assert "That is 1 minute sooner" in replace(answer, rows=sure).sentences()[0]


def test_groups_of_which_none_gains_are_not_listed(answer):
    rows = {**answer.by_group.rows, "helped": np.full(len(answer.by_group), "no gain", object)}
    assert len(rows["helped"]) > 1
    assert [one.say() for one in replace(answer.by_group, rows=rows).findings()] == [
        "No kind of cases would take even 1% less or more than today."
    ]


def test_what_a_policy_costs_by_itself_is_stated_and_has_no_range(fixed):
    told = forecast(fixed, Policy("x").set_delay("Granted", days=8).cost(once=15_000), seed=1, effort=SMALL)
    assert "What the policy itself costs: 15,000 in the first year." in told.sentences()


@pytest.mark.parametrize(
    ("text", "share", "limit"),
    [("8 in 10 within 90 days", 0.8, 90), ("half within 30 days", 0.5, 30), ("75% within 60.5 days", 0.75, 60.5),
     ("Mean within 45 days", None, 45)],
)  # fmt: skip
def test_targets_in_words(text, share, limit):
    found = Target.read(text)
    assert (found.share, found.days) == (share, limit) and found.said.say()


def test_what_cannot_be_is_refused(model):
    with pytest.raises(ValueError, match="is no target"):
        Target.read("soon")
    with pytest.raises(ValueError, match="more than 0"):
        Target(0)
    with pytest.raises(ValueError, match="draws = 0"):
        Effort(draws=0)
    with pytest.raises(ValueError, match="horizon = 0"):
        forecast(model, policy(), seed=1, horizon=0)
    with pytest.raises(ValueError, match="0 policies"):
        forecast(model, [], seed=1)
    with pytest.raises(ValueError, match="within=-3"):
        forecast(model, policy(), seed=1, within=-3)
    with pytest.raises(LogError, match="No outcome 'granted'"):
        forecast(model, policy(), seed=1, outcome="granted")


def test_twenty_cases_give_no_range_and_say_so():
    few = procmine.fit(world(5, 100, 100))  # 30 of them have ended, begun in 15 weeks
    told = forecast(few, Policy("x").cap_delay("Granted", days=5), seed=1, effort=SMALL)
    assert np.isnat(told.rows["low"]).all() and "do not give a range" in told.sentences()[0] and told.plot()
    ranked = scenarios(few, [policy()], target=Target(50), seed=1, effort=SMALL)
    assert np.isnan(ranked.rows["likely"]).all() and any("20 weeks" in line for line in ranked.sentences())


def test_progress_is_told_and_can_stop_the_work(model):
    heard = []
    forecast(model, policy(), seed=1, effort=Effort(3, 1, 50, lambda done, of: heard.append((done, of))))
    assert heard == [(1, 3), (2, 3), (3, 3)]

    def stop(done, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        forecast(model, policy(), seed=1, effort=Effort(3, 1, 50, stop))


def test_every_page_says_whether_it_was_checked(answer):
    assert any(line.startswith("Not checked") for line in answer.sentences())

    class Found:
        def line(self):
            return procmine.words.Message("result.how")

    assert answer.checked_by(Found()).sentences()[-1] == "How we know"


def test_people_and_few_are_not_told_of(model):
    log = model.log
    about = replace(log.about, persons=("contested",))
    named = type(log)(**{**vars(log), "about": about})
    told = forecast(procmine.fit(named), Policy("x").cap_delay("Granted", days=5), seed=1, effort=SMALL)
    assert len(told.by_group) == 0
    chosen = forecast(procmine.fit(named), policy(), seed=1, effort=SMALL)
    with pytest.raises(LogError, match="names people"):
        show(chosen, "agency")
    with pytest.raises(LogError, match="names people"):
        show(
            forecast(procmine.fit(named), [policy(), Policy("y").cap_delay("Checked", days=1)], seed=1, effort=SMALL),
            "agency",
        )


def test_a_range_is_where_the_draws_lie():
    """Normal draws: 5% lie below the lower end and above the upper one, times what few weeks add."""
    values = np.random.default_rng(1).normal(10, 2, (4_000, 3, 1))
    drawn = Drawn({"x": values}, {}, 100)
    low, high = drawn.ends("x")
    np.testing.assert_allclose(high - low, 2 * 1.645 * 2 * drawn.wide, rtol=0.06)
    half = Drawn({"x": values}, {"x": np.full((3, 1), 2.0)}, 100)  # half of the variance is chance in simulating
    narrow = half.ends("x")
    np.testing.assert_allclose((narrow[1] - narrow[0]) / (high - low), np.sqrt(0.5), rtol=0.05)
    np.testing.assert_allclose(half.chance("x"), 0.5, rtol=0.1)


def test_cases_that_a_rule_closes_are_not_told_as_finished():
    """Gaps of 1 to 99 days before the end, closed after 60: 4 in 10 are closed, as counted by hand."""
    between = np.random.default_rng(1).permutation(np.tile(np.arange(1.0, 100.0), 4) - 0.5)
    gaps = np.stack((np.ones(396), between, np.zeros(396)), axis=1)
    model = procmine.fit(serial(gaps))
    policy = procmine.Policy("x").close_after(days=60, ends_as="Shut")
    answer = forecast(model, policy, seed=1, effort=Effort(draws=2, replications=1, cases=50))
    assert answer.rows["share_closed"][0] == pytest.approx(40 / 99, abs=0.02)
    assert "would be closed by the rule, not finished" in answer.sentences()[1]
    plain = forecast(model, procmine.Policy("y").set_delay("Paid", days=1), seed=1, effort=Effort(2, 1, 50))
    assert plain.rows["share_closed"][0] == 0 and "by the rule" not in str(plain)
