"""Complete on arrival, and what missing items cost. Truth: cases countable by eye, pandas, and a generator's own rates."""

from pathlib import Path

import numpy as np
import pytest
from logs import build

import procmine
from procmine.find.first_time_right import first_time_right, missing_items
from procmine.log import LogError

SAMPLE = Path(__file__).parents[1] / "event_logs" / "child_support.yaml"
DAY = np.timedelta64(1, "D")


def case(name, *steps):
    return [(name, step, day) for step, day in steps]


@pytest.fixture
def seven():
    """A, B right; C returned once and back after 10 days; D returned twice, the second still open; E withdrawn before a
    look; F open without a look for long; G came yesterday."""
    rows = [
        *case("A", ("Apply", "2024-01-01"), ("Accept", "2024-01-05"), ("Pay", "2024-02-01")),
        *case("B", ("Apply", "2024-01-02"), ("Accept", "2024-01-06")),
        *case("C", ("Apply", "2024-01-03"), ("Return", "2024-01-05"), ("Papers", "2024-01-15"), ("Accept", "2024-01-16"),
              ("Pay", "2024-02-03")),
        *case("D", ("Apply", "2024-01-04"), ("Return", "2024-01-08"), ("Papers", "2024-01-11"), ("Return", "2024-01-13")),
        *case("E", ("Apply", "2024-01-05"), ("Withdraw", "2024-01-06")),
        *case("F", ("Apply", "2024-01-06")),
        *case("G", ("Apply", "2024-02-28")),
    ]  # fmt: skip
    reasons = [None] * 18
    reasons[6], reasons[11], reasons[13] = "income", "income", "signature"
    forms = {"form": dict(zip("ABCDEFG", ["new", "old", "old", "old", "new", "new", "new"]))}
    return build(
        rows, cutoff="2024-02-29", ends=["Pay", "Withdraw"], attributes=forms, event_attributes={"why": reasons}
    )


def test_who_was_complete_on_arrival(seven):
    row = first_time_right(seven, returned="Return").frame.iloc[0]
    assert row[["cases", "right", "returned", "undecided", "younger"]].tolist() == [6, 2, 2, 2, 1]
    assert row["share"] == 0.5 and row["rounds"] == 1.5
    by = first_time_right(seven, returned="Return", by=["form"])
    rows = by.frame.set_index("form")
    assert rows.loc["new", ["right", "returned", "undecided", "younger"]].tolist() == [1, 0, 2, 1]
    assert rows.loc["old", ["right", "returned", "undecided", "younger"]].tolist() == [1, 2, 0, 0]
    assert "compare() tells" in by.sentences()[-1]
    named = first_time_right(seven, returned="Return", passed="Accept").frame.iloc[0]
    assert named[["right", "returned"]].tolist() == [2, 2]
    with pytest.raises(LogError, match=r"Did you mean 'Return'"):
        first_time_right(seven, returned="Returned")


def test_which_missing_item_costs_most(seven):
    found = missing_items(seven, returned="Return", again="Papers", reason="why")
    rows = found.frame.set_index("missing")
    assert rows.loc["income", ["n", "cases", "waiting", "never"]].tolist() == [2, 2, 0, 0]
    assert rows.loc["income", "extra"] == 13 * DAY and rows.loc["income", "mean"] / DAY == 6.5
    open_days = 48  # from 13 January to the end of 29 February
    assert rows.loc["signature", ["n", "waiting"]].tolist() == [1, 1]
    assert rows.loc["signature", "extra"] / DAY == pytest.approx(open_days, abs=1e-4)
    assert np.isnat(rows.loc["signature", "p50"].to_numpy()) and rows.loc["income", "p50"] == 3 * DAY
    assert list(found.rows["missing"]) == ["signature", "income"]
    assert rows.loc["signature", "share"] == pytest.approx(open_days / (open_days + 13), abs=1e-5)
    assert "signature costs most" in found.sentences()[0]
    assert (found.rows["n"] * found.rows["mean"] / DAY).tolist() == pytest.approx((found.rows["extra"] / DAY).tolist())
    whole = missing_items(seven, returned="Return").frame
    assert whole["n"].tolist() == [3] and whole["share"].tolist() == [1]
    with pytest.raises(LogError, match="No event attribute 'reason'"):
        missing_items(seven, returned="Return", reason="reason")


def test_a_second_return_ends_the_wait_of_the_first():
    rows = case(
        "A", ("Apply", "2024-01-01"), ("Return", "2024-01-05"), ("Return", "2024-01-09"), ("Papers", "2024-01-20")
    )
    rows += case("B", ("Apply", "2024-01-01"), ("Return", "2024-01-03"), ("Withdraw", "2024-01-10"))
    log = build(rows, cutoff="2024-01-31", ends=["Withdraw"])
    row = missing_items(log, returned="Return").frame.iloc[0]
    assert row["extra"] == (4 + 11 + 7) * DAY
    assert row[["n", "cases", "waiting", "never"]].tolist() == [3, 2, 0, 1]


def made(seed, rates=(0.7, 0.5), weeks=100, a_week=30):
    """Applications by form (new, old), right at these rates; first looks take 1 to 30 days, returns sooner than others."""
    draw = np.random.default_rng(seed)
    rows, forms = [], {}
    for number in range(weeks * a_week):
        day, form = int(draw.integers(0, weeks * 7)), number % 2
        name = f"{number:05}"
        right = draw.random() < rates[form]
        look = day + int(draw.integers(10, 31) if right else draw.integers(1, 11))
        rows.append((name, "Apply", day))
        if look < weeks * 7:
            rows.append((name, "Accept" if right else "Return", look))
        forms[name] = ("new", "old")[form]
    dated = [(name, step, str(np.datetime64("2022-01-03") + day)) for name, step, day in rows]
    return build(dated, cutoff=str(np.datetime64("2022-01-03") + weeks * 7), ends=["Pay"], attributes={"form": forms})


def test_young_cases_do_not_tip_the_share():
    """Returns come sooner than acceptances, so counting all that was looked at is too low for the last weeks."""
    log = made(3, rates=(0.7, 0.5)).between("2023-10-01", "2024-01-01")
    rows = first_time_right(log, returned="Return", by=["form"]).frame.set_index("form")
    naive = {form: log.where({"form": form}) for form in ("new", "old")}
    for form, rate in (("new", 0.7), ("old", 0.5)):
        part = naive[form]
        counted = len(part.having("Accept")) / (len(part.having("Accept")) + len(part.having("Return")))
        assert abs(rows.loc[form, "share"] - rate) < abs(counted - rate) + 0.02
        assert rows.loc[form, "low"] < rate < rows.loc[form, "high"]
    assert rows["younger"].sum() > 0


def test_ranges_hold_the_rate_of_the_generator():
    inside = 0
    for seed in range(40):
        row = first_time_right(made(seed, weeks=40, a_week=12), returned="Return", by=["form"]).frame.set_index("form")
        inside += sum(
            row.loc[form, "low"] <= rate <= row.loc[form, "high"] for form, rate in (("new", 0.7), ("old", 0.5))
        )
    assert inside >= 70  # of 80; nominal 76


def test_the_sample_is_counted_as_pandas_counts_it():
    log = procmine.read(SAMPLE)
    found = first_time_right(log, returned="Application returned", passed="Application complete").frame.iloc[0]
    events = log.events
    back = events[events["activity"] == "Application returned"].groupby("case")["time"].first()
    arrival = events.groupby("case")["time"].first()
    whole = events[events["activity"] == "Application complete"].groupby("case")["time"].first()
    first = back.to_frame("back").join(whole.rename("whole"), how="outer").min(axis=1)
    looked = (first - arrival).dropna()
    assert found["right"] + found["returned"] <= len(looked)
    assert found["right"] + found["returned"] > 0.93 * len(looked)
    right = whole.index.difference(back.index)
    assert found["share"] == pytest.approx(len(right) / len(looked), abs=0.01)
    items = missing_items(log, returned="Application returned", again="Documents received").frame.iloc[0]
    assert items["n"] == (events["activity"] == "Application returned").sum() and items["cases"] == len(back)
    received = (events["activity"] == "Documents received").sum()
    assert items["n"] - items["waiting"] - items["never"] >= received
