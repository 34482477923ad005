"""Policies as data: verbs, files and back, contradictions, hostile input, whose permission they take."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from procmine.about import About
from procmine.settings import SettingsError
from procmine.simulate.policies.acts import ACTS, Cap, Delay, Skip
from procmine.simulate.policies.takes import PLACES, Takes
from procmine.simulate.policy import Policy
from procmine.simulate.standing import authority_of, cheapest_first

ROOT = Path(__file__).parents[1]
DAY = 86_400e6
HOURS = {"monday": "08:00-12:00, 13:00-17:00"}
EVERY = {
    "set_delay": lambda one: one.set_delay("A", days=2),
    "scale_delay": lambda one: one.scale_delay("B", by=0.5),
    "cap_delay": lambda one: one.cap_delay("C", days=Takes(least=1, usual=2, most=4), leaving=()),
    "escalate": lambda one: one.escalate("D", after=10, days=2),
    "session": lambda one: one.session("E", every="month", on="first thursday", capacity=12),
    "opening_hours": lambda one: one.opening_hours(HOURS, step="F", holidays="AT"),
    "skip": lambda one: one.skip("G", chance=0.5),
    "insert": lambda one: one.insert("New", after="H", days=1, chance=0.1),
    "reroute": lambda one: one.reroute(after="I", to="J", chance=0.2),
    "side_by_side": lambda one: one.side_by_side("K", "L"),
    "reorder": lambda one: one.reorder("M", before="N"),
    "staff": lambda one: one.staff("O", add=-1),
    "priority": lambda one: one.priority("P", first={"kind": ["x", "y"]}),
    "volume": lambda one: one.volume(percent=-20),
    "case_mix": lambda one: one.case_mix("kind", {"x": 0.3, "y": 0.2}),
    "close_after": lambda one: one.close_after(days=90, after="Q", ends_as="Closed"),
    "cost": lambda one: one.cost(once=1, per_year=2.5, per_case_day=0.1, per_step={"A": 3}),
}


def whole():
    policy = Policy("all of it", words="it were so")
    for verb in EVERY.values():
        policy = verb(policy)
    policy = policy.where(kind=["x", "y"], office="North").starting("2027-03-01", ramp=30)
    return policy.allowed_by("court rule", legal_basis="Act 12").keeps_right("A", because="it is none")


def test_every_act_has_a_verb_of_its_own_and_is_tried_here():
    assert {act.verb for act in ACTS} == set(EVERY)
    for verb in EVERY:
        assert callable(getattr(Policy, verb)), verb
    assert {act.tag for act in whole().acts} == {"A", "B", "C", ""}


@pytest.mark.parametrize("verb", EVERY)
def test_a_verb_changes_nothing_but_its_copy(verb):
    empty = Policy("x")
    made = EVERY[verb](empty)
    assert empty == Policy("x") and len(made.acts) == 1 and made.acts[0].verb == verb
    assert made.said.say() and "{" not in made.said.say()


def test_a_policy_is_the_same_back_from_a_dict_json_and_a_file(tmp_path):
    for policy in (
        whole(),
        whole() + Policy("more").skip("Z").cost(once=5),
        Policy("x").set_delay(("A", "B"), days=1.5),
    ):
        assert Policy.from_dict(policy.to_dict()) == policy
        assert Policy.from_dict(json.loads(json.dumps(policy.to_dict()))) == policy
        (tmp_path / "policy.yml").write_text(policy.to_yaml(), encoding="utf-8")
        assert Policy.read(tmp_path / "policy.yml") == policy
        assert hash(Policy.from_dict(policy.to_dict())) == hash(policy)


def test_the_order_of_verbs_does_not_matter():
    one = Policy("x").skip("G").cap_delay("A", days=3).where(a="1").scale_delay("A", by=2)
    other = Policy("x").where(a="1").scale_delay("A", by=2).cap_delay("A", days=3).skip("G")
    assert one == other and [act.verb for act in one.acts] == ["scale_delay", "cap_delay", "skip"]


def test_what_ledgers_of_the_first_version_hold_is_read():
    delay = {"step": ["A", "B"], "days": 2.0, "leaving": None, "legal_basis": "Act"}
    more = {"step": "C", "days": 1.0, "leaving": ["W"], "legal_basis": None}
    read = Policy.from_dict({"name": "x", "words": "w", "delays": [delay, more], "only": {"k": ["1"]}})
    wanted = Policy("x", "w").set_delay(("A", "B"), days=2, legal_basis="Act").set_delay("C", days=1, leaving=["W"])
    assert read == wanted.where(k="1")


# ---- how long something takes ----


def test_a_triangle_is_that_of_scipy():
    found = Takes(least=1, usual=3, most=10).table() / DAY
    place = np.linspace(0, 1, PLACES)
    np.testing.assert_allclose(found, stats.triang(2 / 9, 1, 9).ppf(place), atol=1e-6)


def test_half_and_nine_in_ten_are_a_log_normal():
    found = Takes(half=5, nine_in_ten=20).table() / DAY
    wide = np.log(4) / stats.norm.ppf(0.9)
    place = np.linspace(0, 1, PLACES)[1:-1]
    np.testing.assert_allclose(found[1:-1], stats.lognorm(wide, scale=5).ppf(place), rtol=1e-6)
    assert np.all(np.diff(found) >= 0) and np.isfinite(found).all()


def test_one_of_several_times_is_as_likely_as_any_other():
    found = Takes(one_of=[2, 2, 3, 9]).table() / DAY
    shares = [np.mean(found == one) for one in (2, 3, 9)]
    np.testing.assert_allclose(shares, [0.5, 0.25, 0.25], atol=0.01)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "one of these ways"),
        ({"least": 1, "most": 2}, "one of these ways"),
        ({"least": 1, "usual": 5, "most": 2}, "must rise"),
        ({"least": 2, "usual": 2, "most": 2}, "must rise"),
        ({"half": 5, "nine_in_ten": 5}, "below the second"),
        ({"one_of": []}, "list of numbers"),
        ({"one_of": "123"}, "list of numbers"),
        ({"one_of": [1, "2"]}, "is no number"),
        ({"half": float("nan"), "nine_in_ten": 2}, "no number that can be worked with"),
        ({"least": -1, "usual": 1, "most": 2}, "0 days or more"),
        ({"as_in": {"office": 3}}, "in quotes"),
    ],
)
def test_ranges_that_are_none(given, said):
    with pytest.raises(ValueError, match=said):
        Takes(**given)


# ---- what cannot be ----


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: p.set_delay("A", days="3"), "no number"),
        (lambda p: p.set_delay("A", days=True), "no number"),
        (lambda p: p.set_delay("A", days=float("inf")), "no number that can be worked with"),
        (lambda p: p.set_delay("A", days=-1), "0 days or more"),
        (lambda p: p.set_delay("A", days=1e300), "hundred years.*unit"),
        (lambda p: p.set_delay(("A", "A"), days=1), "named twice"),
        (lambda p: p.set_delay(("A", "B", "C"), days=1), "one step, or two"),
        (lambda p: p.set_delay(("A", "B"), days=Takes(half=1, nine_in_ten=2)), "single step"),
        (lambda p: p.scale_delay("A", by=-0.5), "0.8 times as long"),
        (lambda p: p.scale_delay("A", by=1e9), "0.8 times as long"),
        (lambda p: p.skip("A", chance=1.2), "between 0"),
        (lambda p: p.skip("A", chance=50), r"Is 50% meant\? Then write 0.5"),
        (lambda p: p.skip(""), "no name"),
        (lambda p: p.skip("A" * 300), "200 letters"),
        (lambda p: p.insert("New\nline", after="A"), "line breaks"),
        (lambda p: p.reroute(after="A", to="B", chance=-0.1), "between 0"),
        (lambda p: p.side_by_side("A", "A"), "named twice"),
        (lambda p: p.reorder("A", before="A"), "named twice"),
        (lambda p: p.session("A", every="tuesday"), "every: 'tuesday'; there are: day"),
        (lambda p: p.session("A", every="week"), "name weekdays"),
        (lambda p: p.session("A", every="week", on="tuseday"), "tuseday; name weekdays"),
        (lambda p: p.session("A", every="month", on="31"), "every month"),
        (lambda p: p.session("A", every="working day", on="monday"), "leave `on` out"),
        (lambda p: p.session("A", every="week", on="monday", capacity=0), "whole number from 1"),
        (lambda p: p.session("A", every="week", on="monday", capacity=2.5), "whole number"),
        (lambda p: p.opening_hours({"monday": "8-17"}), "no opening hours"),
        (lambda p: p.opening_hours({"mon": "08:00-17:00"}), "no weekday"),
        (lambda p: p.opening_hours({"monday": 8}), "by weekday"),
        (lambda p: p.staff("A", add=0), "changes nothing"),
        (lambda p: p.staff("A", add=1.5), "whole number"),
        (lambda p: p.staff("A", add=10**9), "whole number"),
        (lambda p: p.volume(percent=-100), "10% fewer"),
        (lambda p: p.volume(percent=0), "not 0"),
        (lambda p: p.case_mix("k", {"x": 0.7, "y": 0.4}), "add up to 110%"),
        (lambda p: p.case_mix("k", {}), "value and share"),
        (lambda p: p.close_after(days=0), "as it comes"),
        (lambda p: p.priority("A"), "say either"),
        (lambda p: p.priority("A", first={"k": "x"}, by_age="newest"), "say either"),
        (lambda p: p.priority("A", by_age="young"), "oldest"),
        (lambda p: p.cost(once="12"), "no number"),
        (lambda p: p.cost(per_year=1e30), "too large"),
        (lambda p: p.where(k=1), "in quotes"),
        (lambda p: p.where(k="x").where(k="y"), "no case is both"),
        (lambda p: p.starting("March"), "is no day"),
        (lambda p: p.starting("2027-02-30"), "there is no day 2027-02-30"),
        (lambda p: p.starting("2027-01-01", ramp=-3), "0 days or more"),
        (lambda p: p.allowed_by("the boss"), "there are: habit, our policy, rule, another party, law"),
        (lambda p: Policy(""), "no name"),
        (lambda p: Policy.together(), "name the policies"),
        (lambda p: (p + Policy("y")).skip("A"), "use .skip"),
        (lambda p: (p + Policy("y")).where(k="x"), "use .where"),
    ],
)
def test_what_no_policy_can_say(make, said):
    with pytest.raises(ValueError, match=said):
        make(Policy("x"))


CONTRADICTIONS = [
    (("set_delay", {"step": "A", "days": 1}), ("set_delay", {"step": "A", "days": 2}), "'A' is set already"),
    (("set_delay", {"step": "A", "days": 1}), ("skip", {"step": "A"}), "'A' is left out"),
    (("cap_delay", {"step": "A", "days": 1}), ("skip", {"step": "A"}), "'A' is left out"),
    (("set_delay", {"step": "A", "days": 1}), ("cap_delay", {"step": "A", "days": 2}), "both say how long 'A'"),
    (("set_delay", {"step": "A", "days": 1}), ("scale_delay", {"step": "A", "by": 2}), "both say how long 'A'"),
    (("escalate", {"step": "A", "after": 1, "days": 1}), ("cap_delay", {"step": "A", "days": 2}), "both say how long"),
    (("session", {"step": "A", "every": "working day"}), ("set_delay", {"step": "A", "days": 2}), "both say how long"),
    (
        ("reroute", {"after": "A", "to": "B", "chance": 0.7}),
        ("reroute", {"after": "A", "to": "C", "chance": 0.4}),
        "110%",
    ),
    (("side_by_side", {"first": "A", "second": "B"}), ("reorder", {"step": "B", "before": "C"}), "'B' is moved twice"),
    (("side_by_side", {"first": "A", "second": "B"}), ("skip", {"step": "B"}), "'B' is left out"),
    (("insert", {"step": "N", "after": "A"}), ("insert", {"step": "N", "after": "B"}), "'N' is set already"),
    (("insert", {"step": "N", "after": "A"}), ("skip", {"step": "A"}), "'A' is left out"),
    (("staff", {"who": "A", "add": 1}), ("staff", {"who": "A", "add": 2}), "'A' is set already"),
    (("volume", {"percent": 10}), ("volume", {"percent": 20}), "said already"),
]


@pytest.mark.parametrize(("one", "other", "said"), CONTRADICTIONS)
def test_contradictions_are_refused_in_one_policy_and_between_two(one, other, said):
    first, second = (getattr(Policy(name), verb)(**args) for name, (verb, args) in (("a", one), ("b", other)))
    with pytest.raises(ValueError, match=said):
        getattr(first, other[0])(**other[1])
    with pytest.raises(ValueError, match=said):
        first + second
    with pytest.raises(ValueError, match=f"'a' and 'b' contradict each other|{said}"):
        Policy.together(first, Policy("c").cost(once=1), second)


def test_for_different_cases_two_policies_may_differ():
    north, south = (Policy(name).where(office=name) for name in ("North", "South"))
    both = north.set_delay("A", days=1) + south.set_delay("A", days=5)
    assert [one.days for one in both.of(Delay)] == [1, 5] and both.only == {"office": ("North", "South")}
    assert (both + Policy("x").cap_delay("B", days=2)).only == {} and both.chosen_by == ("office",)
    with pytest.raises(ValueError, match="said already"):
        north.cap_delay("B", days=1) + Policy("v").volume(percent=5) + Policy("w").volume(percent=9)
    assert (Policy("a").cost(once=5) + Policy("b").cost(once=7, per_step={"A": 1})).acts == ()
    with pytest.raises(ValueError, match="contradict"):
        Policy("a").cost(per_step={"A": 2}) + Policy("b").cost(per_step={"A": 1})


def test_a_sum_keeps_its_parts():
    one, two, three = Policy("a").skip("A"), Policy("b").cap_delay("B", days=1), Policy("c").skip("C", chance=0.5)
    whole = one + two + three
    assert whole.each == (one, two, three) and whole.name == "a + b + c"
    assert whole.of(Skip) == (*one.acts, *three.acts) and whole.of(Cap) == two.acts
    assert Policy.together(one, two, name="both").name == "both" and one.each == (one,)


# ---- files ----


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("skip: A\n", "name: missing"),
        ("name: x\nskipp: A\n", "skipp: unknown; did you mean 'skip'"),
        (
            "name: x\nset_delay: {step: A, day: 1}\n",
            r"set_delay.days: missing; set_delay.day: unknown; did you mean 'days'",
        ),
        (
            "name: x\nset_delay:\n- {step: A, days: '3'}\n- {step: B, days: -1}\n",
            r"set_delay.0: .*no number.*set_delay.1: ",
        ),
        ("name: x\nset_delay: {step: A, days: .inf}\n", "no number that can be worked with"),
        ("name: x\nset_delay: {step: A, days: {least: 1, mode: 2}}\n", "days.mode: unknown; there are: least"),
        ("name: x\nset_delay: {step: A, days: {half: 1, nine_in_ten: '9'}}\n", "nine_in_ten.*no number"),
        ("name: x\nwhere: {office: 3}\nskip: A\n", "in quotes"),
        ("name: x\nwhere: North\nskip: A\n", "where: names and what each"),
        ("name: 3\nskip: A\n", "no name"),
        ("name: x\nramp: 3\nskip: A\n", "from which day"),
        ("name: x\nfrom: 3\nskip: A\n", "is no day"),
        ("name: x\nlegal_basis: {a: 1}\nskip: A\n", "legal_basis: text is wanted"),
        ("name: x\ntogether: [1]\n", "list of policies"),
        ("name: x\ntogether: []\n", "list of policies"),
        ("name: x\nskip: A\ntogether: [{name: y, skip: B}]\n", "skip: say it in the policies under together"),
        ("name: x\nset_delay: {step: A, days: 1}\nskip: A\n", "'A' is left out"),
        ("- skip\n", "expected lines of the form"),
        ("name: x\nskip: A\nskip: B\n", "'skip' stands twice, in line 2 and in line 3"),
        ("name: x\nset_delay: {step: A, days: 1, days: 2}\n", "'days' stands twice"),
        ("name: !!python/object/apply:os.system ['true']\n", "not readable YAML"),
        ("name: x\nskip: [" + ", ".join(["A"] * 501) + "]\n", "501 entries; 500 at most"),
        ("name: x\nwords: " + "w" * 200_001, "larger than any policy file"),
    ],
)
def test_files_that_are_no_policy(tmp_path, text, said):
    (tmp_path / "policy.yml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=f"(?s)policy.yml.*{said}"):
        Policy.read(tmp_path / "policy.yml")


def test_policies_nested_without_end_are_refused():
    deep = {"name": "x", "skip": "A"}
    for _ in range(9):
        deep = {"name": "x", "together": [deep]}
    with pytest.raises(ValueError, match="deep"):
        Policy.from_dict(deep)


def test_a_name_with_html_is_kept_as_text():
    name = "<script>alert(1)</script>"
    policy = Policy(name).insert(name, after=name)
    assert Policy.from_dict(policy.to_dict()) == policy and name in policy.said.say()


# ---- by whose permission ----


def test_cheapest_first_needs_nobody_and_costs_nothing():
    about = About((), 0, (), "civil", "day", 0, tags={"A": "habit", "B": "our policy", "C": "court rule", "D": "law"})
    cheap, dear = Policy("cheap").skip("A"), Policy("dear").skip("A").cost(once=1, per_year=2)
    ours, rule, law = Policy("ours").skip("B"), Policy("rule").skip("C"), Policy("law").skip("D")
    unsaid, court = Policy("unsaid").skip("Z"), Policy("court").skip("A").allowed_by("another party")
    given = [law, court, dear, unsaid, rule, ours, cheap]
    assert cheapest_first(given, about) == [cheap, dear, ours, unsaid, rule, court, law]
    assert authority_of(ours + rule, about) == "rule" and authority_of(ours + unsaid, about) is None
    assert authority_of(Policy("x").skip("D").allowed_by("habit"), about) == "habit"
    assert authority_of(Policy("x").set_delay(("A", "D"), days=1), about) == "law"
    assert authority_of(Policy("x").allowed_by("court rule")) == "rule"
