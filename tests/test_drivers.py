"""What goes with long waits. Truth: worlds whose drivers are known, counts and variances by hand, scipy's Kaplan-Meier."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from logs import DAY, START, build
from scipy.stats import CensoredData, ecdf
from worlds_drivers import OFFICES, alone, labels, log_of

import procmine
from procmine.clocks import CALENDAR_TIME
from procmine.find.drivers.drivers import drivers
from procmine.find.drivers.known import Asked, Known, known_of
from procmine.find.drivers.sensitive import protected_by
from procmine.find.drivers.tree import Halves, grown
from procmine.find.drivers.waits import followed, usual_before, waits_of
from procmine.kernels.drivers import Levels, Shuffle, by_chance, differences, largest, mean_range, reach
from procmine.log import LogError
from procmine.words import ENGLISH

SAMPLE = Path(__file__).parents[1] / "event_logs" / "child_support.yaml"
DAYS = np.timedelta64(1, "D")


@pytest.fixture(scope="module")
def planted():
    """2,500 waits; the hard kind is 15 days longer, and of the hard ones those by phone another 20."""
    draw = np.random.default_rng(11)
    begun, waits = alone(draw, 2_500, 0.15)
    of = labels(draw, 2_500)
    return begun, waits + 15 * of["kind"] + 20 * of["kind"] * (of["channel"] == 2), of


def small(draw, n=300, weeks=30):
    week = np.sort(draw.integers(0, weeks, n))
    return Levels(week, [draw.integers(0, 3, n), draw.integers(0, 2, n)], [3, 2])


def test_differences_and_their_errors_are_those_of_a_loop():
    draw = np.random.default_rng(3)
    levels = small(draw)
    value = draw.exponential(40, 300) + 5 * np.sin(levels.week)
    found = differences(levels, value)
    column = 0
    for code, size in zip(levels.codes, levels.sizes):
        for level in range(size):
            at = code == level
            assert found.difference[column] == pytest.approx(value[at].mean() - value[~at].mean())
            part = np.where(at, (value - value[at].mean()) / at.sum(), -(value - value[~at].mean()) / (~at).sum())
            score = np.array([part[levels.week == week].sum() for week in range(30)])
            lags = int(np.ceil(1.3 * np.sqrt(30)))
            long = sum(
                score[one] * score[two] * max(0.0, 1 - abs(one - two) / lags) for one in range(30) for two in range(30)
            )
            alone_ = value[at].var(ddof=1) / at.sum() + value[~at].var(ddof=1) / (~at).sum()
            assert found.error[column] ** 2 == pytest.approx(max(long, alone_))
            column += 1
    mean, low, high = mean_range(levels.week, value)
    assert mean == pytest.approx(value.mean())
    assert (high - mean) == pytest.approx(mean - low) and high - mean >= reach(levels) * value.std() / np.sqrt(300)


def test_the_largest_of_chance_is_counted_step_by_step():
    seen = np.array([3.0, 1.0, 2.0])
    drawn = np.array([[1.0, 2.5, 0.1], [3.5, 0.2, 0.3], [0.1, 0.2, 2.2], [0.4, 0.3, 0.2]])
    # 3: largest of all is 2.5, 3.5, 2.2, 0.4; 2: of the last two 2.5, .3, 2.2, .3; 1: of column 1 alone 2.5, .2, .2, .3
    np.testing.assert_allclose(by_chance(seen, drawn), [2 / 5, 3 / 5, 3 / 5])
    levels = small(np.random.default_rng(1))
    value = np.random.default_rng(2).exponential(1, 300)
    one = largest(levels, [value], np.ones(5, bool))[0]
    found = differences(levels, value)
    n = levels.n.sum(axis=0)
    floor = np.sqrt(value.var() * (1 / n + 1 / (300 - n)))
    assert (one <= np.abs(found.difference) / floor + 1e-12).all()


def test_labels_change_places_inside_a_week_and_weeks_change_places_whole():
    draw = np.random.default_rng(5)
    week = np.repeat(np.arange(40), 30)
    office = draw.permuted(np.tile(np.repeat(np.arange(3), 10), (40, 1)), axis=1).ravel()  # 10 each week
    levels = Levels(week, [office], [3])
    shuffle = Shuffle(levels, office)
    value = np.arange(1_200.0)
    mixed = shuffle.offices(value, draw)
    for one in range(40):
        assert set(mixed[week == one]) == set(value[week == one])
    came_from = office[mixed.astype(int)].reshape(40, 30)
    for block in range(5):  # of 9 weeks: one and the same exchange of offices
        weeks = slice(9 * block, 9 * block + 9)
        for here in range(3):
            assert len(set(came_from[weeks][office.reshape(40, 30)[weeks] == here])) == 1
    near = shuffle.inside(value, draw)
    for stretch in range(10):
        for here in range(3):
            own = (week // 4 == stretch) & (office == here)
            assert set(near[own]) == set(value[own])
    assert (near != value).mean() > 0.9
    moved = shuffle.times(value, draw)
    assert sorted(moved) == sorted(value)
    assert (np.diff(moved) == 1).mean() > 0.99  # only between blocks do neighbours part
    assert (moved != value).mean() > 0.9


def test_an_office_without_cases_that_week_borrows_from_all():
    week = np.array([0, 0, 0, 1, 1])
    office = np.array([0, 0, 1, 0, 0])
    shuffle = Shuffle(Levels(week, [office], [2]), office)
    for seed in range(20):
        mixed = shuffle.offices(np.arange(5.0), np.random.default_rng(seed))
        assert set(mixed[:3]) <= {0, 1, 2} and set(mixed[3:]) <= {3, 4}


def test_a_planted_driver_is_found_with_its_size(planted):
    log = log_of(*planted)
    found = drivers(log, horizon=120)
    rows = found.frame
    assert set(rows[rows["stands"]]["attribute"]) <= {"kind", "channel"}
    one = rows[rows["attribute"] == "kind"].iloc[0]
    assert one["level"] == "hard" and one["stands"]
    draw = np.random.default_rng(12)
    waits, of = alone(draw, 1_000_000, 0.15)[1], labels(draw, 1_000_000)
    hard = waits[of["kind"] == 1] + 15 + 20 * (of["channel"][of["kind"] == 1] == 2)
    truth = np.minimum(hard, 120).mean() - np.minimum(waits[of["kind"] == 0], 120).mean()
    assert one["low"] / DAYS < truth < one["high"] / DAYS
    assert one["chance"] == pytest.approx(3 / 401)  # three families of looks, one of 401 in each
    said = found.sentences()
    assert "kind: hard goes with longer waits" in said[0]
    assert any("not what causes it" in line for line in said)
    assert found.rows["n"].sum() > 0 and len(found.tree) >= 3


def test_the_tree_splits_where_the_world_does(planted):
    begun, waits, of = planted
    tree = drivers(log_of(begun, waits, of), horizon=120).tree
    rows = tree.frame
    assert rows["group"].tolist()[:2] == ["all waits", "kind: hard"]
    assert rows["depth"].max() <= 3
    leaves = rows[rows["leaf"]]
    assert leaves["n"].sum() == rows["n"][0]
    for row in range(len(rows)):  # the two parts of a group make the group
        below = [k for k in range(row + 1, len(rows)) if rows["depth"][k] == rows["depth"][row] + 1]
        stop = next((k for k in range(row + 1, len(rows)) if rows["depth"][k] <= rows["depth"][row]), len(rows))
        own = [k for k in below if k < stop]
        assert (len(own) == 0) == rows["leaf"][row]
        assert not own or rows["n"][own].sum() == rows["n"][row]


def test_leaves_are_measured_on_weeks_that_the_splits_did_not_see():
    draw = np.random.default_rng(8)
    n = 4_000
    week = np.sort(draw.integers(0, 120, n))
    code = draw.integers(0, 2, n)
    searched, held = np.flatnonzero((week // 4) % 2 == 0), np.flatnonzero((week // 4) % 2 == 1)
    value = draw.exponential(30, n) + 10 * code
    value[held[code[held] == 1]] += 7  # only there
    known = [Known("kind", code, ("plain", "hard"))]
    rows = grown(Halves(Levels(week, [code], [2]), value, code * 0, searched, held), known, ["kind"])
    mean = dict(zip(rows["group"], rows["mean"] / np.timedelta64(1, "s")))
    assert mean["kind: hard"] == pytest.approx(value[held][code[held] == 1].mean(), abs=0.5)
    only_searched = value.copy()
    only_searched[searched] += 100 * draw.permutation(code[searched])  # noise there cannot make a leaf
    other = [Known("coin", draw.integers(0, 2, n), ("a", "b"))]
    assert (
        len(grown(Halves(Levels(week, [code], [2]), only_searched, code * 0, searched, held), other, ["coin"])["n"])
        == 1
    )


def test_waits_are_followed_equally_long_and_late_ones_are_left_out(planted):
    log = log_of(*planted)
    every = waits_of(log, None, CALENDAR_TIME)
    seen = followed(log, every, None, CALENDAR_TIME)
    length, over = every.length[every.begun >= START + 28 * DAY], every.over[every.begun >= START + 28 * DAY]
    curve = ecdf(CensoredData(uncensored=length[over] / DAY, right=length[~over] / DAY)).sf
    p90 = curve.quantiles[np.flatnonzero(curve.probabilities <= 0.1)[0]]
    assert seen.horizon / DAY == np.ceil(p90)
    assert seen.waits.begun.min() >= START + 28 * DAY
    assert seen.waits.begun.max() <= log.about.cutoff - seen.horizon
    assert seen.value.max() == seen.horizon / 1e6
    whole = followed(log, every, 100, CALENDAR_TIME)
    assert whole.horizon == 100 * DAY and len(whole.waits.case) < len(every.case)


def test_a_wait_ends_with_its_step_or_with_its_case():
    rows = [("1", "Ask", "2024-01-01"), ("1", "Check", "2024-01-05"), ("1", "Decide", "2024-01-12")]
    rows += [("2", "Ask", "2024-01-02"), ("2", "Check", "2024-01-03"), ("2", "Withdraw", "2024-01-20")]
    rows += [("3", "Ask", "2024-01-03"), ("3", "Check", "2024-01-09"), ("3", "Check", "2024-01-11")]
    log = build(rows, cutoff="2024-01-31", ends=["Decide", "Withdraw"])
    assert usual_before(log, "Decide") == "Check" and usual_before(log, "Check") == "Ask"
    with pytest.raises(LogError, match="Nothing comes before 'Ask'"):
        usual_before(log, "Ask")
    waits = waits_of(log, "Decide", CALENDAR_TIME)
    assert list(waits.case) == [1, 0, 2]
    assert list(np.round(waits.length / DAY)) == [17, 7, 23]  # withdrawn after 17, decided after 7, open since the 9th
    assert list(waits.over) == [True, True, False]
    assert list(waits_of(log, ("Ask", "Check"), CALENDAR_TIME).length // DAY) == [4, 1, 6]
    assert list(waits_of(log, None, CALENDAR_TIME).over) == [True, True, False]


def test_only_what_was_known_when_the_wait_began(planted):
    begun, waits, of = planted
    n = len(begun)
    closed = begun + waits < 130 * 7
    result = np.where(closed, np.arange(n) % 2, -1)  # filled in when the case closes
    log = log_of(begun, waits, of, result=(result, ("granted", "refused")))
    found = drivers(log, horizon=120)
    assert found.left_out["later"] == ["result"]
    assert "result" not in set(found.rows["attribute"])
    assert any("were not known" in line and "result" in line for line in found.sentences())
    named = drivers(log, attributes=["result"], horizon=120)
    assert "result" in set(named.rows["attribute"])  # who names it, knows it


def test_what_comes_with_a_later_step_was_not_known_before_it():
    rows, notice = [], {}
    for case in range(900):
        day = np.datetime64("2022-01-03") + case
        steps = [("Ask", 0), ("Notify", 3), ("Decide", 12)] if case % 2 else [("Ask", 0), ("Decide", 5)]
        rows += [(f"{case:03}", step, str(day + after)) for step, after in steps]
        notice[f"{case:03}"] = "letter" if case % 4 == 1 else "mail" if case % 2 else None
    log = build(rows, cutoff="2024-08-01", ends=["Decide"], attributes={"notice": notice})
    assert drivers(log).left_out["later"] == ["notice"]
    after = drivers(log, step=("Notify", "Decide"))
    assert "later" not in after.left_out and "notice" in set(after.rows["attribute"])


def test_events_tell_what_stood_when_the_wait_began():
    rows, forms = [], []
    for case in range(900):
        day = np.datetime64("2022-01-03") + case
        for step, after, form in (
            ("Ask", 0, "old" if case % 2 else "new"),
            ("Check", 5, None),
            ("Decide", 9 + case % 2, "late"),
        ):
            rows.append((f"{case:03}", step, str(day + after)))
            forms.append(form)
    log = build(rows, cutoff="2024-08-01", ends=["Decide"], event_attributes={"form": forms})
    waits = waits_of(log, "Decide", CALENDAR_TIME)
    known = known_of(log, waits, waits, Asked(("form",), ()))
    form = next(one for one in known if one.name == "form")
    assert form.levels == ("new", "old")  # not "late", which came with the end
    cases = [int(name) for name in log.case.take(waits.case).values()]
    assert [form.levels[code] for code in form.codes] == ["old" if case % 2 else "new" for case in cases]
    found = procmine.drivers(log, step="Decide", attributes=["form"]).frame
    one = found[found["attribute"] == "form"].iloc[0]
    assert (one["level"], one["difference"] / DAYS) == ("old", 1) and one["stands"]


def test_work_in_hand_is_counted_by_office_as_a_loop_counts_it(planted):
    begun, waits, of = planted
    log = log_of(begun, waits, of)
    every = waits_of(log, None, CALENDAR_TIME)
    some = every.take(np.arange(400, 1_900))
    known = {one.name: one for one in known_of(log, some, every, Asked(None, ()))}
    work, came = known["cases already waiting there"], known["cases that came in the 4 weeks before"]
    office = log.attributes["office"].codes
    counts, arrivals = [], []
    for k in range(400, 1_900):
        own = office[every.case] == office[every.case[k]]
        before = own & (every.begun < every.begun[k])
        counts.append(np.count_nonzero(before & ((every.ended >= every.begun[k]) | ~every.over)))
        arrivals.append(np.count_nonzero(before & (every.begun >= every.begun[k] - 28 * DAY)))
    here = office[some.case]
    for count, one in ((np.array(counts), work), (np.array(arrivals), came)):
        for place in range(6):
            low, high = np.quantile(count[here == place], [1 / 3, 2 / 3])
            thirds = (count[here == place] > low).astype(int) + (count[here == place] > high)
            np.testing.assert_array_equal(one.codes[here == place], thirds)


def test_months_and_weekdays_are_those_of_the_calendar(planted):
    log = log_of(*planted)
    waits = waits_of(log, None, CALENDAR_TIME)
    known = {one.name: one for one in known_of(log, waits, waits, Asked(None, ()))}
    shown = [moment.astype("M8[us]").item() for moment in waits.begun.astype("M8[us]")]
    month = known["month it began"]
    assert [month.levels[code] for code in month.codes[:50]] == [f"{moment:%B}" for moment in shown[:50]]
    day = known["weekday it began"]
    assert [day.levels[code] for code in day.codes[:50]] == [f"{moment:%A}" for moment in shown[:50]]
    year = waits.take(np.flatnonzero(waits.begun < START + 700 * DAY))
    assert "month it began" not in {one.name for one in known_of(log, year, waits, Asked(None, ()))}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("sex", "sex"), ("Applicant gender", "sex"), ("Geschlecht", "sex"), ("RACE", "race"), ("offender_race", "race"),
     ("etnia", "race"), ("Religion", "religion"), ("Staatsangehörigkeit", "nationality"), ("nacionalidad", "nationality"),
     ("disability_status", "disability"), ("Behinderung", "disability"), ("Date of birth", "birth"),
     ("AGE_AT_INCIDENT", "birth"), ("ageGroup", "birth"), ("płeć", "sex"), ("kjønn", "sex"), ("maritalStatus", "family"),
     ("staatsangehoerigkeit", "nationality"), ("raça", "race"), ("idade", "birth"), ("yob", "birth"),
     ("Religionszugehörigkeit", "religion"), ("deficiência", "disability"), ("birth_year", "birth"),
     ("office", None), ("channel", None), ("case_type", None), ("contested", None), ("stage", None), ("package", None),
     ("Standort", None)],
)  # fmt: skip
def test_protected_attributes_are_known_by_their_names(name, kind):
    assert protected_by(name) == kind


def test_protected_attributes_are_known_by_their_values():
    assert protected_by("code", ["M", "F", "U"]) == "sex"
    assert protected_by("code", ["m", "w", "d"]) == protected_by("code", ["masculino", "femenino"]) == "sex"
    assert protected_by("group", ["White", "Black", "Asian", "Other"]) == "race"
    assert protected_by("group", ["other", "unknown"]) is None
    assert protected_by("group", ["red", "black"]) is None


def test_protected_attributes_only_on_request_and_persons_never(planted):
    begun, waits, of = planted
    sex = np.arange(len(begun)) % 2
    log = log_of(begun, waits, of, Geschlecht=(sex, ("m", "w")), clerk=(sex, ("Ann Lee", "Bo Ray")))
    log = replace(log, about=replace(log.about, persons=("clerk",)))
    found = drivers(log, horizon=120)
    assert found.left_out == {"protected": ["Geschlecht"], "persons": ["clerk"]}
    assert not {"Geschlecht", "clerk"} & set(found.rows["attribute"])
    text = str(found)
    assert "the law may protect" in text and "Ann Lee" not in text
    with pytest.raises(ValueError, match="looks protected"):
        drivers(log, attributes=["Geschlecht"])
    asked = drivers(log, protected=["Geschlecht"], horizon=120)
    assert "Geschlecht" in set(asked.rows["attribute"])
    assert any("on request" in line and "Geschlecht" in line for line in asked.sentences())
    for names in ({"attributes": ["clerk"]}, {"protected": ["clerk"]}):
        with pytest.raises(ValueError, match="people are no result"):
            drivers(log, **names)
    with pytest.raises(LogError, match="No attribute 'shoe'"):
        drivers(log, attributes=["shoe"])


def test_a_unit_of_fewer_than_five_people_is_no_result():
    rows, units, staff, chiefs = [], [], [], []
    people = {"large": 8, "middle": 5, "small": 4, "tiny": 1}
    for case in range(800):
        unit = list(people)[case % 4]
        for step, after in (("Ask", 0), ("Decide", 5 + case % 4)):
            rows.append((f"{case:03}", step, str(np.datetime64("2022-01-03") + case + after)))
            units.append(unit)
            staff.append(f"{unit} {case // 4 % people[unit]}")
            chiefs.append(f"{unit} {case // 4 % 5}")
    of_event, persons = {"unit": units, "clerk": staff, "chief": chiefs}, ("chief", "clerk")
    log = build(rows, cutoff="2024-06-01", ends=["Decide"], event_attributes=of_event, persons=persons)
    waits = waits_of(log, None, CALENDAR_TIME)
    known = next(one for one in known_of(log, waits, waits, Asked(("unit",), ())) if one.name == "unit")
    assert known.levels == ("large", "middle", "(others)")
    assert np.bincount(known.codes).tolist() == [200, 200, 400]


def test_nothing_found_says_what_was_looked_at():
    draw = np.random.default_rng(2)
    begun, waits = alone(draw, 2_000)
    found = drivers(log_of(begun, waits, labels(draw, 2_000)))
    assert not found.rows["stands"].any()
    said = found.sentences()
    assert said[0].startswith("Nothing that was known") and "channel" in said[0]
    assert len(found.tree) == 1 and not found.tree.findings()
    assert found._repr_html_() and found.to_dict()


def test_too_few_waits_say_what_to_do(six):
    with pytest.raises(LogError, match=r"at least 200.*Name a shorter horizon"):
        drivers(six)
    draw = np.random.default_rng(2)
    begun, waits = alone(draw, 2_000)
    with pytest.raises(LogError, match="shorter horizon"):
        drivers(log_of(begun, waits, labels(draw, 2_000)), horizon=800)


def test_association_is_called_association():
    for key, said in ENGLISH.items():
        if key.startswith("drivers."):
            assert (
                "because" not in said
                and "due to" not in said
                and "causes" not in said.replace("not what causes it", "")
            )
    assert all("goes with" in ENGLISH[f"drivers.{one}"] for one in ("longer", "shorter"))


def test_the_same_seed_gives_the_same_answer(planted):
    log = log_of(*planted)
    one, two = drivers(log, horizon=120), drivers(log, horizon=120)
    for name in one.rows:
        np.testing.assert_array_equal(one.rows[name], two.rows[name])
    assert OFFICES[0] in set(one.rows["level"])


def test_the_paper_route_of_the_sample_goes_with_its_short_waits():
    """North's consent petitions are decided on paper since 2025-10-06 (README of the sample): days, not 72."""
    log = procmine.read(SAMPLE).between("2025-08-01", "2026-11-01")
    found = procmine.drivers(log, step=("Petition filed", "Court order issued"), horizon=60)
    rows = found.frame.set_index(["attribute", "level"])
    assert rows.loc[("office", "North"), "stands"] and rows.loc[("office", "North"), "high"] / DAYS < -15
    tree = found.tree.frame
    fast = tree[tree["leaf"]].sort_values("mean").iloc[0]
    assert fast["mean"] / DAYS < 10
    assert {"office: North", "contested: no"} <= set(tree["group"])
