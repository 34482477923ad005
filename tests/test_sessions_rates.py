"""Sessions: how often one is seen where there is none, and how near the saving comes, over hundreds of made logs."""

import numpy as np
import pytest
from scipy.stats import binomtest
from worlds_sessions import board, poisson

from procmine.find.sessions import sessions

pytestmark = pytest.mark.slow
KINDS = ("weekly", "fortnightly", "two", "first tuesday", "month end")
SEATS = {"weekly": 9, "fortnightly": 18, "two": 5, "first tuesday": 38, "month end": 38}
DAY = np.timedelta64(1, "D")


def test_an_office_of_chance_has_a_session_in_at_most_one_log_of_twenty():
    false = sum(bool(sessions(poisson(1_000 + seed)).rows["in_sessions"].any()) for seed in range(400))
    high = binomtest(false, 400).proportion_ci(0.95, method="exact").high
    print(f"no session: {false} of 400 logs with one, at most {high:.1%}")
    assert high <= 0.05


def savings(kind, seed, **world):
    """Found and true mean days saved, or None where the board is not found as such."""
    log, half, same = board(kind, seed=2_000 + seed, **world)
    rows = sessions(log).rows
    place = np.flatnonzero((rows["step"] == "Board") & rows["in_sessions"])
    others = np.flatnonzero((rows["step"] != "Board") & rows["in_sessions"])
    if not len(place):
        return None, len(others)
    said = [rows[name][place[0]] / DAY for name in ("saved", "saved_low", "saved_high", "saved_seats")]
    return (*said, half, same), len(others)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("world", ["free", "full", "prepared"])
def test_boards_are_found_and_their_saving_is_within_a_tenth(kind, world):
    more = {"free": {}, "full": {"seats": SEATS[kind]}, "prepared": {"lead": 12.0}}[world]
    runs = [savings(kind, seed, **more) for seed in range(20)]
    found = np.array([run for run, _ in runs if run is not None])
    saved, low, high, _, half, _ = found.T
    off, near = saved.mean() / half.mean() - 1, (np.abs(saved / half - 1) <= 0.1).mean()
    inside = ((low <= half) & (half <= high)).mean()
    print(
        f"{kind}, {world}: {len(found)}/20 found, {off:+.1%} on average, {near:.0%} within 10%, {inside:.0%} in range"
    )
    assert len(found) >= 19 and sum(others for _, others in runs) == 0
    assert abs(off) <= {"free": 0.05, "full": 0.1, "prepared": 0.05}[world]
    assert near >= {"free": 0.9, "full": 0.8, "prepared": 0.6}[world] and inside >= 0.8
