"""Fit, policies and forecasts against what is known: by hand, by Kaplan-Meier, by generators with a known intervention."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from logs import DAY, START, build
from scipy import stats

import procmine
from procmine.about import About
from procmine.kernels.sampler import keys, quantile, spread, uniform
from procmine.log import EventLog, LogError, Text
from procmine.settings import SettingsError
from procmine.simulate.engine import simulate
from procmine.simulate.forecast import Effort

STEPS = ("In", "Checked", "Granted", "Paid", "Withdrawn", "Denied")
ENDS = {"Paid": "paid", "Withdrawn": "withdrawn", "Denied": "denied"}
REFERENCE = ["0x2bf6f81349ecc50e", "0xe201de31a7c6b991"]  # by pure Python integers
REFERENCE_UNIFORM = [0.46576026383340585, 0.864853005845224]
CODE = {name: code for code, name in enumerate(STEPS)}


def assemble(arrival, step, day, cutoff, kind=None, tags=None):
    """A log of rows [case, place]: `day` after arrival (ascending, nan: none) of `step`; seen up to `cutoff` days."""
    time = START + ((arrival[:, None] + day) * DAY)
    seen = ~np.isnan(day) & (time <= START + cutoff * DAY)
    count = seen.sum(axis=1)
    offset = np.concatenate(([0], np.cumsum(count)))
    activity = step[seen].astype(np.uint8)
    waiting = ~np.isin(activity[offset[1:] - 1], [CODE[name] for name in ENDS])
    time = time[seen].astype(np.int64)
    limit = int(START + cutoff * DAY)
    kinds = np.zeros(len(arrival), np.int32) if kind is None else kind.astype(np.int32)
    about = About(
        activities=STEPS,
        cutoff=limit,
        ends=tuple(ENDS),
        axis="civil",
        precision="microsecond",
        begins=int(time.min()),
        attributes=("contested",),
        outcomes=ENDS,
        tags=tags or {},
    )
    return EventLog(
        about=about,
        activity=activity,
        time=time,
        offset=offset,
        arrival=time[offset[:-1]],
        until=np.where(waiting, limit, time[offset[1:] - 1]),
        open=waiting,
        case=Text(np.arange(len(arrival), dtype=np.int32), pa.array([str(k) for k in range(len(arrival))])),
        attributes={"contested": Text(kinds, pa.array(["no", "yes"]))},
    )


def world(seed, cases, days, granted_in=None, cutoff=True):
    """In -> Checked (again in 1 of 5) -> Granted -> Paid; while waiting for the decision people leave (1 in 300 a day).

    1 in 4 is contested (the decision takes twice as long), 1 in 10 denied. `granted_in`: days to a grant where not
    contested. All draws are made before that is looked at.
    """
    draw = np.random.default_rng(seed)
    arrival = np.sort(draw.random(cases) * days)
    contested, again = draw.random(cases) < 0.25, draw.random(cases) < 0.2
    check, second = draw.exponential(10, cases), draw.exponential(15, cases)
    decision = draw.lognormal(np.log(50), 0.5, cases) * np.where(contested, 2.0, 1.0)
    denied, leave, pay = draw.random(cases) < 0.1, draw.exponential(300, cases), draw.exponential(12, cases)
    if granted_in is not None:
        decision = np.where(~contested & ~denied, granted_in, decision)
    checked = check + np.where(again, second, 0)
    left = leave < decision
    end = np.select([left, denied], [CODE["Withdrawn"], CODE["Denied"]], CODE["Granted"])
    step = np.stack([np.zeros(cases), np.ones(cases), np.ones(cases), end, np.full(cases, CODE["Paid"])], axis=1)
    over = np.where(left, leave, decision)
    paid = np.where(left | denied, np.nan, checked + over + pay)
    day = np.stack([np.zeros(cases), check, np.where(again, checked, np.nan), checked + over, paid], axis=1)
    if not cutoff:
        return np.nanmax(day, axis=1), end, paid
    return assemble(arrival, step, day, days, contested)


def policy(days=1.0):
    base = procmine.Policy("fast").where(contested="no")
    return base.set_delay("Granted", days=days, leaving=("Withdrawn",))


def forecast(model, policy, *, seed, outcome=None, **size):
    return procmine.forecast(model, policy, seed=seed, outcome=outcome, effort=Effort(**size))


def in_days(column):
    return column / np.timedelta64(1, "D")


@pytest.fixture(scope="module")
def log():
    return world(1, 1_500, 700)


@pytest.fixture(scope="module")
def model(log):
    return procmine.fit(log, by=("contested",))


# ---- random numbers ----


def test_numbers_are_uniform_independent_and_keyed():
    case = np.arange(20_000)
    key = keys(7, 3, np.zeros(20_000, np.int64), case)
    columns = [uniform(key, np.full(20_000, step), purpose) for step in (0, 1) for purpose in (0, 1)]
    columns.append(uniform(keys(7, 4, np.zeros(20_000, np.int64), case), np.zeros(20_000, np.int64), 0))
    columns.append(uniform(keys(7, 3, np.ones(20_000, np.int64), case), np.zeros(20_000, np.int64), 0))
    for column in columns:
        assert stats.kstest(column, "uniform").pvalue > 1e-4
    assert np.abs(np.corrcoef(columns) - np.eye(len(columns))).max() < 0.03
    back = uniform(key[::-1], np.zeros(20_000, np.int64), 0)
    np.testing.assert_array_equal(back[::-1], columns[0])


def test_numbers_are_the_same_on_every_machine():
    key = keys(7, 0, np.array([0, 1]), np.array([0, 41]))
    assert [hex(int(one)) for one in key] == REFERENCE
    found = uniform(key, np.array([0, 5]), 1)
    np.testing.assert_array_equal(found, REFERENCE_UNIFORM)


def test_cases_are_drawn_in_proportion():
    weight = np.array([1.0, 0.0, 2.5, 0.5])
    np.testing.assert_array_equal(np.bincount(spread(weight, 400, 0.3), minlength=4), [100, 0, 250, 50])


# ---- the model as it is ----


@pytest.mark.parametrize("outcome", [None, "paid", "withdrawn"])
def test_todays_curve_is_that_of_the_log(log, model, outcome):
    """A long simulated log against Kaplan-Meier / Aalen-Johansen of the log; 8% of the cases are open."""
    assert 0.04 < log.open.mean() < 0.3
    simulated = model.simulate(seed=3, cases=30_000)
    real, found = (procmine.survival(one, outcome=outcome).rows for one in (log, simulated))
    share = real["share"]
    reached = share <= {None: 0.95, "paid": 0.6, "withdrawn": 0.1}[outcome]
    low, high = (in_days(real[name])[reached] for name in ("low", "high"))
    inside = (in_days(found["time"])[reached] >= low) & (in_days(found["time"])[reached] <= high)
    assert inside.mean() > 0.97


def test_a_simulated_log_answers_every_question(model):
    simulated = simulate(model, seed=3)
    assert simulated.about.simulated and len(simulated) == len(model.log)
    np.testing.assert_array_equal(simulated.arrival, model.log.arrival)
    assert np.all(np.diff(simulated.time)[~procmine.kernels.flow.is_first(simulated.offset)[1:]] >= 0)
    assert np.all(simulated.until[~simulated.open] <= simulated.about.cutoff)
    moves = procmine.flow(simulated).frame.set_index(["before", "after"])["n"]
    real = procmine.flow(model.log).frame.set_index(["before", "after"])["n"]
    assert set(moves.index) <= set(real.index)
    for answer in (procmine.bottlenecks, procmine.cycle_times, procmine.variants, procmine.survival):
        assert "These cases are simulated, not real." in answer(simulated).sentences()
    pairs = procmine.time_between(simulated, "Checked", "Granted", by=["contested"])
    assert len(pairs) == 2 * 99
    assert str(simulated) and model._repr_html_()


def test_same_seed_same_log_in_a_fresh_process(tmp_path):
    lines = """
import hashlib, sys
sys.path.insert(0, "tests")
import procmine
from test_simulate import forecast, policy, world
model = procmine.fit(world(1, 300, 500), by=("contested",))
log = model.simulate(policy(), seed=11)
print(hashlib.sha256(log.time.tobytes() + log.activity.tobytes() + log.until.tobytes()).hexdigest())
print(hashlib.sha256(model.simulate(policy(), seed=12).time.tobytes()).hexdigest())
print(forecast(model, policy(), seed=11, draws=5, cases=200).frame.to_csv())
"""
    root = Path(__file__).parents[1]
    run = [
        subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True, cwd=root).stdout
        for _ in range(2)
    ]
    assert run[0] == run[1] and len(set(run[0].splitlines()[:2])) == 2


def test_memory_of_earlier_steps_is_kept():
    """After B a case that came by A always ends with Y, one that came by C with Z."""
    rows = []
    for case in range(60):
        first, end = (("A", "Y"), ("C", "Z"))[case % 2]
        for day, step in enumerate((first, "B", end), start=1):
            rows.append((f"{case:03}", step, f"2024-01-{day:02}"))
    model = procmine.fit(build(rows, cutoff="2024-06-30", ends=["Y", "Z"]))
    paths = procmine.variants(model.simulate(seed=1, cases=500)).frame["variant"]
    assert set(paths) == {"A → B → Y", "C → B → Z"}


def test_who_never_leaves_is_open_and_counted():
    """30 of 90 cases stay in Stuck, watched longer than any that left it."""
    rows = [(f"{case:03}", "In", "2024-01-01") for case in range(90)]
    rows += [(f"{case:03}", "Stuck", "2024-01-02") for case in range(90)]
    rows += [(f"{case:03}", "Out", "2024-01-05") for case in range(60)]
    log = build(rows, cutoff="2024-12-31", ends=["Out"])
    model = procmine.fit(log)
    simulated = model.simulate(seed=1, cases=9_000)
    assert simulated.open.mean() == pytest.approx(1 / 3, abs=0.02)
    answer = forecast(model, procmine.Policy("x").set_delay("Out", days=1), seed=1)
    assert any("33." in line and "not finished" in line for line in answer.sentences())
    assert np.isnat(answer.rows["with_policy"][1])  # 8 in 10 is not reached


def test_a_log_cut_back_is_fitted_as_it_stood(log):
    day = str((START + 400 * DAY) // DAY * np.timedelta64(1, "D") + np.datetime64("1970-01-01"))
    assert procmine.fit(log, asof=day).log.about.cutoff < log.about.cutoff
    assert len(procmine.fit(log, asof=day).visits.gap) < len(procmine.fit(log).visits.gap)


# ---- policies ----


def serial(gaps, cutoff=400.0):
    """In -> Checked -> Granted -> Paid for each row of gaps, all finished."""
    n = len(gaps)
    step = np.tile([0, 1, 2, 3], (n, 1))
    day = np.concatenate((np.zeros((n, 1)), np.cumsum(gaps, axis=1)), axis=1)
    return assemble(np.linspace(0, 200, n), step, day, cutoff)


def lengths(log):
    return (log.until - log.arrival) / DAY


def gaps_before(log, step):
    since = log.times().since_previous() / DAY
    return since[log.activity == CODE[step]]


def test_in_a_line_the_saving_is_old_minus_new_in_every_case():
    draw = np.random.default_rng(0)
    model = procmine.fit(serial(draw.integers(2, 40, (200, 3)).astype(float)))
    one = procmine.Policy("x").set_delay("Granted", days=1)
    before, after = model.simulate(seed=5), model.simulate(one, seed=5)
    np.testing.assert_allclose(lengths(before) - lengths(after), gaps_before(before, "Granted") - 1, atol=1e-6)
    assert set(gaps_before(after, "Granted")) == {1.0}
    for step in ("Checked", "Paid"):
        np.testing.assert_array_equal(gaps_before(before, step), gaps_before(after, step))


def test_between_milestones_steps_move_in_proportion():
    draw = np.random.default_rng(0)
    model = procmine.fit(serial(draw.integers(2, 40, (200, 3)).astype(float)))
    pair = procmine.Policy("x").set_delay(("In", "Granted"), days=4)
    before, after = model.simulate(seed=5), model.simulate(pair, seed=5)
    old = gaps_before(before, "Checked") + gaps_before(before, "Granted")
    np.testing.assert_allclose(gaps_before(after, "Checked"), gaps_before(before, "Checked") * 4 / old, atol=1e-6)
    np.testing.assert_allclose(gaps_before(after, "Checked") + gaps_before(after, "Granted"), 4, atol=1e-6)
    np.testing.assert_array_equal(gaps_before(before, "Paid"), gaps_before(after, "Paid"))
    np.testing.assert_allclose(lengths(before) - lengths(after), old - 4, atol=1e-6)
    told = forecast(model, pair, seed=5, draws=20, cases=200).rows
    single = procmine.Policy("x").set_delay("Checked", days=2).set_delay("Granted", days=2)
    same = forecast(model, single, seed=5, draws=20, cases=200).rows
    np.testing.assert_array_equal(told["with_policy"], same["with_policy"])  # both let In..Granted take 4 days
    np.testing.assert_array_equal(told["low"], same["low"])


def test_beyond_the_time_that_cases_are_followed_nobody_is_there():
    model = procmine.fit(serial(np.random.default_rng(0).integers(2, 40, (200, 3)).astype(float)))
    assert model.horizon == pytest.approx(400 * DAY)
    for step in (("In", "Granted"), "Granted"):
        answer = forecast(model, procmine.Policy("x").set_delay(step, days=399), seed=5, draws=5, cases=100)
        assert answer.rows["share_there_today"][0] == 1 and answer.rows["share_there_with_policy"][0] < 0.1
        assert "fewer than half of all cases would be finished" in answer.sentences()[0]


def test_what_changes_nothing_has_no_effect_at_all(model):
    constant = procmine.fit(serial(np.tile([3.0, 20.0, 5.0], (120, 1))))
    same = forecast(constant, procmine.Policy("x").set_delay("Granted", days=20), seed=1, draws=20)
    nobody = policy().where(contested="no")
    none = model.log.attributes["contested"].codes.copy()
    none[:] = 1
    all_contested = {**vars(model.log), "attributes": {"contested": Text(none, pa.array(["no", "yes"]))}}
    other = forecast(procmine.fit(EventLog(**all_contested)), nobody, seed=1, draws=20, cases=200)
    for answer in (same, other):
        for name in ("effect", "low", "high"):
            np.testing.assert_array_equal(answer.rows[name].astype(np.int64), 0)
        assert (answer.rows["share_affected"] == 0).all()
        np.testing.assert_array_equal(answer.curves["today"], answer.curves["with_policy"])
        assert "changes no case" in answer.sentences()[1]


def test_only_named_cases_change_and_only_from_the_step_on(model):
    before, after = model.simulate(seed=9), model.simulate(policy(), seed=9)
    contested = before.attributes["contested"].codes == 1
    same = before.take(np.flatnonzero(contested)), after.take(np.flatnonzero(contested))
    np.testing.assert_array_equal(same[0].time, same[1].time)
    np.testing.assert_array_equal(same[0].activity, same[1].activity)
    consent = after.take(np.flatnonzero(~contested))
    np.testing.assert_allclose(gaps_before(consent, "Granted"), 1, atol=1e-6)
    first = gaps_before(before.take(np.flatnonzero(~contested)), "Checked")
    np.testing.assert_array_equal(first, gaps_before(consent, "Checked"))


def test_people_leave_only_while_they_wait(log):
    """Leaving runs on its own clock: with grants after 1 day hardly anybody leaves before; denials stay as they were."""
    big = procmine.fit(world(2, 8_000, 900), by=("contested",))
    today, after = (big.simulate(one, seed=4, cases=40_000) for one in (None, policy()))
    true = [world(3, 400_000, 900, granted_in=days, cutoff=False) for days in (None, 1.0)]
    for simulated, (_, end, _) in zip((today, after), true):
        last = simulated.activity[simulated.offset[1:] - 1]
        for name in ("Withdrawn", "Denied"):
            wanted = np.mean(end == CODE[name])
            found = np.mean(last[~simulated.open] == CODE[name])
            assert found == pytest.approx(wanted, abs=0.012), name
    assert np.mean(true[0][1] == CODE["Withdrawn"]) > 2 * np.mean(true[1][1] == CODE["Withdrawn"])
    both = policy().set_delay("Denied", days=1, leaving=())
    late = [late_leavers(big.simulate(one, seed=4, cases=20_000)) for one in (None, both)]
    assert late[0] > 2_000 and late[1] < 0.1 * late[0]  # but for those who would have been checked again first


def late_leavers(log):
    """Consent cases that left after more than a day."""
    left = log.activity == CODE["Withdrawn"]
    case = np.repeat(np.arange(len(log)), np.diff(log.offset))[left]
    return ((gaps_before(log, "Withdrawn") > 1) & (log.attributes["contested"].codes[case] == 0)).sum()


def test_without_leaving_nobody_is_talked_out_of_it(model):
    stays = procmine.Policy("x").set_delay("Granted", days=1)
    before, after = model.simulate(seed=4), model.simulate(stays, seed=4)
    last = [one.activity[one.offset[1:] - 1][~before.open & ~after.open] for one in (before, after)]
    np.testing.assert_array_equal(last[0] == CODE["Withdrawn"], last[1] == CODE["Withdrawn"])


def test_ends_tagged_another_partys_are_giving_up(log):
    tagged = EventLog(**{**vars(log), "about": log.about.__class__(**{**vars(log.about), "tags": {
        "Withdrawn": "another party", "Paid": "another party", "Denied": "our policy"}})})  # fmt: skip
    model = procmine.fit(tagged, by=("contested",))
    plain = procmine.Policy("x").set_delay("Granted", days=1).where(contested="no")
    one, two = model.simulate(plain, seed=2), model.simulate(policy(), seed=2)
    np.testing.assert_array_equal(one.time, two.time)
    answer = forecast(model, plain, seed=2, draws=2, cases=100)
    assert any("giving up while waiting: Withdrawn." in line for line in answer.sentences())


def test_policies_do_not_change_and_are_checked(model):
    base = procmine.Policy("x")
    assert base.set_delay("Granted", days=1).where(contested="no") and base == procmine.Policy("x")
    with pytest.raises(ValueError, match="0 days or more"):
        base.set_delay("Granted", days=-1)
    with pytest.raises(ValueError, match="set already"):
        policy().set_delay("Granted", days=2)
    with pytest.raises(ValueError, match="in quotes"):
        base.where(contested=False)
    with pytest.raises(ValueError, match="changes nothing"):
        forecast(model, base, seed=1)
    with pytest.raises(ValueError, match="draws = 0"):
        forecast(model, policy(), seed=1, draws=0)
    for wrong, said in (
        (base.set_delay("Grunted", days=1), r"'Grunted'.*Did you mean 'Granted'"),
        (policy().where(office="North"), r"'office'.*There are: contested"),
        (base.set_delay("Granted", days=1).where(contested="maybe"), r"contested = 'maybe'.*no, yes"),
        (base.set_delay("Granted", days=1, leaving=("Checked",)), r"'Checked' does not end cases.*Paid, Withdrawn"),
    ):
        with pytest.raises(LogError, match=said):
            forecast(model, wrong, seed=1)
    with pytest.raises(LogError, match=r"No outcome 'granted'.*denied, paid, withdrawn"):
        forecast(model, policy(), seed=1, outcome="granted")


def test_logs_that_cannot_be_fitted_are_refused(log, office, tmp_path):
    with pytest.raises(LogError, match="None of the 0 cases"):
        procmine.fit(log.take(np.empty(0, np.int64)))
    with pytest.raises(LogError, match="finished"):
        procmine.fit(log.take(np.flatnonzero(log.open)))
    with pytest.raises(LogError, match="sample"):
        procmine.fit(procmine.save(office, tmp_path / "log", shards=2))
    with pytest.raises(LogError, match="is a stage"):
        forecast(procmine.fit(office), procmine.Policy("x").set_delay("Decision", days=1), seed=1)


def test_below_the_law_only_with_a_legal_basis(office):
    model = procmine.fit(office)
    for step in ("End", ("Start", "End")):
        with pytest.raises(ValueError, match=r"'End' is set by law.*legal_basis"):
            forecast(model, procmine.Policy("x").set_delay(step, days=1), seed=1)
        stated = procmine.Policy("x").set_delay(step, days=1, legal_basis="Act 12, section 3")
        answer = forecast(model, stated, seed=1, draws=2, cases=100)
        assert any("Act 12, section 3" in line for line in answer.sentences())
    slower = procmine.Policy("x").set_delay("End", days=30)
    assert forecast(model, slower, seed=1, draws=2, cases=100).rows["effect"][0] > np.timedelta64(0)


def test_it_is_said_whether_anybody_was_ever_that_fast(model):
    took = gaps_before(model.log.where({"contested": "no"}), "Granted")
    never = forecast(model, policy(0.5), seed=1, draws=2, cases=100).sentences()
    assert took.min() > 0.5 and any("never seen" in line and f"{len(took)} times" in line for line in never)
    seen = forecast(model, policy(30), seed=1, draws=2, cases=100).sentences()
    assert any(f"seen {(took <= 30).sum()} of the {len(took)} times" in line for line in seen)


def test_a_policy_from_a_file(tmp_path, model):
    path = tmp_path / "policy.yml"
    path.write_text(
        "name: fast\nwhere: {contested: no}\nset_delay:\n- {step: Granted, days: 1, leaving: [Withdrawn]}\n"
        "- {step: [In, Checked], days: 2.5}\n",
        encoding="utf-8",
    )
    assert procmine.Policy.read(path) == policy().set_delay(("In", "Checked"), days=2.5)
    path.write_text("name: fast\nset_delay:\n- {step: Granted, day: 1}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"set_delay.0.days.*set_delay.0.day"):
        procmine.Policy.read(path)


# ---- forecasts ----


def test_the_sentence_the_numbers_and_the_picture(model):
    answer = forecast(model, policy(), seed=7, outcome="paid", draws=60, cases=400)
    row = {name: column[0] for name, column in answer.rows.items()}
    line = answer.sentences()[0]
    assert line.startswith(
        "If Granted came 1 day after the step before it (in cases where contested is no), half of all"
    )
    assert (
        f"reach Paid within {in_days(row['with_policy']):.0f} days; today it is {in_days(row['today']):.0f} days"
        in line
    )
    assert line.endswith("Assumes that nothing else changes.")
    assert row["low"] < row["effect"] < row["high"] < np.timedelta64(0)
    assert row["effect"] == row["with_policy"] - row["today"]
    assert f"It changes {row['share_affected']:.0%} of all cases" in answer.sentences()[1]
    named = procmine.Policy("x", words="consent were enough").set_delay("Granted", days=1)
    told = forecast(model, named, seed=7, draws=2, cases=100).sentences()[0]
    assert told.startswith("If consent were enough, half of all cases would be finished within")
    assert len({len(column) for column in answer.curves.values()}) == 1
    assert np.all(answer.curves["today_low"] <= answer.curves["today_high"])
    axes = answer.plot()
    assert len(axes.lines) >= 2 and "Paid" in axes.get_xlabel()
    assert answer.to_dict() and answer._repr_html_() and answer.definition


def test_few_weeks_give_no_range():
    few = procmine.fit(world(1, 100, 100))
    answer = forecast(few, policy(), seed=1)
    assert np.isnat(answer.rows["low"]).all() and "do not give a range" in answer.sentences()[0]


def test_more_simulated_cases_hardly_move_the_range(model):
    """The range is for what the log cannot tell, not for how much was simulated."""
    widths = []
    for cases in (150, 1_500):
        rows = forecast(model, policy(), seed=3, cases=cases).rows
        widths.append(in_days(rows["high"] - rows["low"])[3])
    assert widths[0] == pytest.approx(widths[1], rel=0.3)


def truth(days, horizon, n=1_000_000):
    end, _, paid = world(99, n, 700, granted_in=days, cutoff=False)
    ordered = np.sort(np.where(np.isnan(paid), np.inf, paid))
    there = np.nanmean(paid)
    return {
        "half": np.median(end),
        "mean": np.minimum(end, horizon).mean(),
        "paid": quantile(ordered, 0.5),
        "there": there,
    }


def test_the_known_effect_lies_in_the_range(model):
    horizon = model.horizon / DAY
    today, changed = truth(None, horizon), truth(1.0, horizon)
    rows = forecast(model, policy(), seed=7).rows
    paid = forecast(model, policy(), seed=7, outcome="paid").rows
    for table, row, name in ((rows, 0, "half"), (rows, 3, "mean"), (paid, 0, "paid"), (paid, 3, "there")):
        true = changed[name] - today[name]
        low, high = (in_days(table[end])[row] for end in ("low", "high"))
        assert low - 0.5 * (high - low) < true < high + 0.5 * (high - low), name
        assert abs(in_days(table["effect"])[row] - true) < 0.2 * abs(true), name


@pytest.mark.slow
def test_ranges_cover_and_effects_are_not_biased():
    """Nominal 90% over small logs with open cases; a cell fails only if its exact 99% interval lies wholly outside
    85..95% (wide for so few logs); bias <= max(5% of the effect, 1% of the mean) + 2 Monte-Carlo errors."""
    logs, results = 40, {"half": [], "mean": [], "paid": [], "there": []}
    horizon = None
    for seed in range(logs):
        fitted = procmine.fit(world(1_000 + seed, 400, 500))
        horizon = horizon or fitted.horizon / DAY
        effort = Effort(cases=400, replications=3, draws=100)
        rows = procmine.forecast(fitted, policy(), seed=seed, effort=effort).rows
        paid = procmine.forecast(fitted, policy(), seed=seed, outcome="paid", effort=effort).rows
        for table, row, name in ((rows, 0, "half"), (rows, 3, "mean"), (paid, 0, "paid"), (paid, 3, "there")):
            results[name].append([in_days(table[one])[row] for one in ("effect", "low", "high")])
    today, changed = truth(None, horizon), truth(1.0, horizon)
    for name, found in results.items():
        effect, low, high = np.array(found).T
        true = changed[name] - today[name]
        covered = int(((low <= true) & (true <= high)).sum())
        ends = stats.binomtest(covered, logs).proportion_ci(0.99, "exact")
        points = effect[
            ~np.isnan(effect)
        ]  # where chance looks like a queue there are bounds, which must hold the truth too
        assert len(points) >= 0.9 * logs
        bias, error = points.mean() - true, points.std(ddof=1) / np.sqrt(len(points))
        print(f"{name}: true {true:.2f}, bias {bias:.2f} +- {error:.2f}, covered {covered / logs:.0%}")
        assert ends.high >= 0.85 and ends.low <= 0.95, name
        assert abs(bias) <= max(0.05 * abs(true), 0.01 * today["mean"]) + 2 * error, name
