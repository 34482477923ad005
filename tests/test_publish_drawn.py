"""Pictures for others than the team: nothing in them that the table beside them leaves out."""

import re
from dataclasses import replace

import numpy as np
import pytest
from logs import build
from matplotlib.text import Text

import procmine
from procmine.log import LogError
from procmine.models import petri_net
from procmine.publish.drawn import drawable, safe_map
from procmine.publish.safety import show
from procmine.results import Result
from procmine.see.maps import process_map
from procmine.simulate.fit import fit
from procmine.simulate.forecast import Effort, forecast
from procmine.simulate.policy import Policy

AUDIENCES = pytest.mark.parametrize("audience", ["agency", "public"])


def texts(figure):
    figure.canvas.draw()
    return [one.get_text() for one in figure.findobj(Text) if one.get_text()]


def numbers(lines):
    """Whole numbers that are drawn, without those of days and of lengths of time."""
    plain = [re.sub(r"\d{4}-\d{2}(-\d{2})?|[\d.,]+ (days?|hours?|minutes?)|[\d.]+%", " ", line) for line in lines]
    return [int(one.replace(",", "")) for line in plain for one in re.findall(r"\d[\d,]*", line)]


def permits(n=123, few=13, apart=9):
    """`n` cases, of which `few` have a further step; the lengths of all are different."""
    first, rows = np.datetime64("2022-01-03T08:00"), []
    for case in range(n):
        name, start = f"c{case:04}", first + np.timedelta64(apart * case, "D")
        rows += [(name, "Start", str(start)), (name, "Check", str(start + np.timedelta64(2, "D")))]
        rows += [(name, "Appeal", str(start + np.timedelta64(14, "D")))] if case < few else []
        long = np.timedelta64(30 * 24 * 60 + 67 * (case * 37 % n), "m")
        rows += [(name, "End", str(start + long))]
    return build(rows, cutoff="2025-06-17", ends=["End"], tags={"Check": "our policy"})


@AUDIENCES
@pytest.mark.parametrize("kind", ["frequency", "median", "total"])
def test_all_counts_on_a_map_are_rounded(kind, audience):
    log = permits()
    said = texts(show(process_map(log, show=kind), audience).figure())
    assert numbers([line for line in said if "steps" not in line and "10×" not in line])
    counts = [one for line in said for one in numbers([re.sub(r"\d+ of \d+ steps", "", line)])]
    assert {120} <= set(counts)
    assert all(one % 10 == 0 for one in counts), counts
    assert "123 cases" in " ".join(texts(show(process_map(log, show=kind), "team").figure()))


@AUDIENCES
def test_a_map_says_no_day_to_the_public(audience):
    said = " ".join(texts(show(process_map(permits()), audience).figure()))
    assert "2025-06" in said
    assert ("2025-06-17" in said) == (audience == "agency")


@AUDIENCES
def test_an_arrow_has_no_length_that_the_table_leaves_out(audience):
    """13 moves: half of them are 6, so the length is not told; 110 moves have theirs."""
    shown = show(process_map(permits(), show="median"), audience)
    rows = shown.rows
    blank = np.isnat(rows["p50"])
    assert set(zip(rows["before"][blank], rows["after"][blank])) == {("Check", "Appeal"), ("Appeal", "End")}
    labels = texts(shown.figure())
    assert labels.count("10×") >= 2
    assert not any(re.search(r"\b10×", one) and "day" in one for one in labels)
    assert any(re.match(r"2 days\W+120×", one) for one in labels)
    assert not any("at once" in one or "nan" in one for one in labels)


def test_a_lengths_tail_is_judged_by_the_true_count_not_by_the_rounded_one():
    """15 moves are shown as 20; of 15 only 7 lie beyond the middle."""
    drawn = safe_map(process_map(permits(few=15), show="median"))
    row = int(np.flatnonzero(drawn.rows["after"] == "Appeal")[0])
    assert drawn.rows["n"][row] == 20
    assert np.isnat(drawn.rows["p50"][row])
    assert all(0 <= arrow.weight <= 1 for arrow in drawn.picture.arrows)


def test_a_sentence_has_no_length_that_the_table_leaves_out():
    """46 moves are shown as 50; of 46 only 9 lie beyond 8 in 10."""
    log = permits(n=60, few=46)
    assert "Most time between two steps passes from Appeal to End: 46" in " ".join(process_map(log).sentences())
    said = " ".join(show(process_map(log), "public").sentences)
    assert "Most time" not in said
    assert "nan" not in said


@AUDIENCES
def test_bars_have_the_counts_of_the_table(audience):
    log = permits(few=43)
    shown = show(procmine.bottlenecks(log), audience)
    said = texts(shown.figure())
    assert "(43 times)" in " ".join(" ".join(texts(show(procmine.bottlenecks(log), "team").figure())).split())
    drawn = {int(one) for one in re.findall(r"\((\d+)\s+times?\)", " ".join(said))}
    assert drawn == {120, 40}
    assert drawn <= set(shown.rows["n"].tolist())


@AUDIENCES
def test_a_bar_has_no_length_that_the_table_leaves_out(audience):
    shown = show(procmine.bottlenecks(permits(few=13)), audience)
    row = list(shown.rows["step"]).index("Appeal")
    assert np.isnat(shown.rows["p50"][row])
    note = [one for one in texts(shown.figure()) if re.match(r"0\.?\d*%|\d+%", one)]
    assert not any("nan" in one for one in note)


@AUDIENCES
def test_bars_without_the_rows_that_are_left_out(audience):
    shown = show(procmine.bottlenecks(permits(few=4)), audience)
    assert shown.hidden
    assert "Appeal" not in " ".join(texts(shown.figure()))
    assert "Appeal" in " ".join(texts(show(procmine.bottlenecks(permits(few=4)), "team").figure()))


def compared():
    """With some cases still open when the data end."""
    return procmine.compare(permits(n=240, few=40, apart=4).cut_to("2024-08-01"), change="2023-06-01", horizon=56)


def lines_drawn(figure):
    """x and y of each curve of more than two points, without its first, which is the start."""
    found = [line.get_xydata()[1:] for line in figure.axes[0].lines if len(line.get_xydata()) > 3]
    assert found
    return found


@AUDIENCES
def test_the_curves_of_a_comparison_are_on_a_coarse_grid(audience):
    found = compared()
    assert found.instead is None
    assert len(found.curve["time"]) > 100  # a length of nearly each case
    shown = show(found, audience)
    assert shown.picture is not None
    for period, n in zip(("before", "after"), found.rows["cases"]):
        share = shown.picture.curve["share"][shown.picture.curve["period"] == period]
        assert 2 < len(share) <= 20
        assert np.allclose(share * 20, np.round(share * 20))
        assert min(share.min(), 1 - share.max()) * n >= 10 - 1e-9
    for line in lines_drawn(shown.figure()):
        assert len(np.unique(line[:, 0])) <= 20
        assert np.allclose(line[:, 1] * 20, np.round(line[:, 1] * 20), atol=1e-6)
    assert len(lines_drawn(show(found, "team").figure())[0]) > 40
    if audience == "public":
        assert not re.search(r"\d{4}-\d{2}-\d{2}", " ".join(texts(shown.figure())))
        assert "2023-06" in " ".join(texts(shown.figure()))


def test_a_coarse_curve_reaches_half_when_half_were_there():
    found = compared()
    curve = show(found, "public").picture.curve
    for row, period in enumerate(("before", "after")):
        half = curve["time"][(curve["period"] == period) & np.isclose(curve["share"], 0.5)]
        assert len(half) == 1
        assert abs(half[0] - found.rows["p50"][row]) < np.timedelta64(2, "h")  # the next case is 67 minutes away


@AUDIENCES
def test_a_comparison_of_few_cases_is_not_drawn(audience):
    found = compared()
    few = replace(found, rows={**found.rows, "cases": np.array([111, 9])})
    assert show(found, audience).figure() is not None
    assert show(few, audience).figure() is None


@AUDIENCES
def test_the_curves_of_a_forecast_are_on_a_coarse_grid(audience):
    log = permits(n=120)
    policy = Policy("sooner", words="all were decided sooner").set_delay("End", days=3)
    found = forecast(fit(log), policy, seed=1, effort=Effort(draws=4, replications=1, cases=200))
    assert len(found.curves["days"]) == 400
    shown = show(found, audience)
    assert len(shown.picture.curves["days"]) <= 38
    for arm in ("today", "with_policy"):
        share = shown.picture.curves[arm]
        assert np.allclose(share * 20, np.round(share * 20))
        true = found.curves[arm][np.searchsorted(found.curves["days"], shown.picture.curves["days"])]
        assert np.all(share <= true + 1e-9)
        below = share < share.max()
        assert np.all((true - share)[below] < 0.05 + 1e-9)
        assert len(np.unique(shown.picture.curves[f"{arm}_low"])) <= 20
    assert shown.figure() is not None


@AUDIENCES
def test_a_survival_curve_is_drawn_of_the_offices_that_are_shown(audience):
    log = permits(n=120)
    offices = {f"c{case:04}": "North" if case < 70 else "South" if case < 116 else "West" for case in range(120)}
    log = replace(log, about=replace(log.about, attributes=("office",)), attributes={"office": text_of(offices)})
    shown = show(procmine.survival(log, by=["office"]), audience)
    assert set(shown.picture.rows["office"]) == {"North"}  # South goes with West
    assert not any("West" in one or "South" in one for one in texts(shown.figure()))


def text_of(values):
    from logs import text

    return text(list(values.values()))


def test_a_kind_of_picture_that_nobody_has_looked_at_is_not_drawn():
    class New(Result):
        meaning = "define.flow"

        def plot(self, ax=None):
            raise AssertionError("drawn")

    result = New({"n": np.array([100])}, permits().about, True, {})
    assert drawable(result) is None
    with pytest.raises(LogError, match=r"New. is for the team only"):
        show(result, "public")
    assert show(petri_net(permits()), "public").figure() is None
