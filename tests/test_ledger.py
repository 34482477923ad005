"""The ledger of forecasts: a file that shows tampering, what is counted, scores, and how good forecasts have been."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import test_compare
import worlds_ledger as worlds
from logs import build
from scipy import stats
from test_publish_page import FORBIDDEN, HOSTILE, seen

import procmine
from procmine.english.ledger import WORDS
from procmine.log import LogError
from procmine.proof.cohorts import Cohort, cohort_of
from procmine.proof.ledger.chain import NOTHING, append, read_chain
from procmine.proof.ledger.ledger import Ledger
from procmine.proof.ledger.observe import continues, counted, fingerprint, measured, waits
from procmine.proof.ledger.record import Fingerprint, StoredForecast
from procmine.proof.ledger.scores import crps, exact_range, interval_score
from procmine.proof.ledger.track import how_good
from procmine.proof.records.change import Change
from procmine.publish.ledger_page import ledger_page
from procmine.publish.page import loaded_from_elsewhere
from procmine.simulate.predict import keep_score, predict, predict_again

CHANGE = "2044-03-07"  # a Monday that lies ahead, as for any forecast
WEEKS_ON = (np.datetime64(CHANGE) - np.datetime64("2025-03-03")).astype(int)


def log_of(begin, wait, **more):
    """As in test_compare, around CHANGE."""
    return worlds.later(test_compare.log_of(begin, wait, **more), int(WEEKS_ON))


def steady(days=10, *, weeks=30, late=None):
    """Two cases every Monday; one takes `days`, the other twice as long; since the change `late` and twice that."""
    week = np.repeat(np.arange(-40, weeks), 2)
    one = np.where(week < 0, days, days if late is None else late)
    return log_of(week * 7, np.where(np.tile([True, False], 40 + weeks), one, 2 * one), weeks=weeks)


def stored(log=None, **more):
    made = {
        "what": "orders were issued in a day",
        "policy": {"name": "fast", "words": None, "delays": [], "only": {}},
        "change": CHANGE,
        "weeks": 10,
        "horizon": 28,
        "measure": "mean",
        "predicted": 15.0,
        "low": 12.0,
        "high": 18.0,
        "level": 0.9,
        "points": (13.0, 15.0, 17.0),
        "today": 15.0,
        "expected": 20,
        "until": "2044-03-06",
        "until_us": test_compare.micros(CHANGE) - 1,
        "log": Fingerprint(80, 80, 160, "0" * 64, "0" * 64),
        "version": "0",
        "seed": 1,
        "draws": 100,
    }
    if log is not None:
        made["log"] = fingerprint(log, Cohort(), made["until_us"])
    return StoredForecast(**{**made, **more})


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(tmp_path / "ledger.jsonl")
    for number in range(4):
        made.store(stored(predicted=15.0 + number / 10))
    return made


def lines(ledger):
    return ledger.path.read_bytes().splitlines(keepends=True)


def rehashed(entry):
    """As a forger would write it: the line's own hash is right."""
    said = {name: value for name, value in entry.items() if name != "hash"}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    whole = {**said, "hash": hashlib.sha256(text.encode()).hexdigest()}
    return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode() + b"\n"


# ---- the file ----


def test_each_line_holds_its_own_hash_and_that_of_the_line_before(ledger):
    before = NOTHING
    for n, line in enumerate(lines(ledger), 1):
        entry = json.loads(line)
        assert rehashed(entry) == line and entry["n"] == n and entry["before"] == before
        before = entry["hash"]
    assert ledger.head == before and ledger.verify(head=before[:12]).whole
    assert ledger.verify().sentences()[0] == "All 5 lines of the ledger are as they were written, in their order."
    assert before in ledger.verify().sentences()[1]
    assert [one.id for one in ledger.kept()] == [json.loads(line)["hash"][:12] for line in lines(ledger)[1:]]


def edit(all_lines):
    all_lines[2] = all_lines[2].replace(b'"predicted":15.1', b'"predicted":14.1')
    return all_lines


def edit_and_hash(all_lines):
    entry = json.loads(all_lines[2])
    entry["record"]["predicted"] = 14.1
    return [*all_lines[:2], rehashed(entry), *all_lines[3:]]


def insert(all_lines):
    entry = json.loads(all_lines[2])
    new = rehashed({**entry, "n": 4, "before": entry["hash"]})
    return [*all_lines[:3], new, *all_lines[3:]]


def renumber(all_lines):
    return [*all_lines[:4], rehashed({**json.loads(all_lines[4]), "n": 9})]


TAMPERED = {
    "the last line numbered otherwise": (renumber, "moved", 5),
    "a figure edited": (edit, "edited", 3),
    "a blank added": (
        lambda all_lines: [all_lines[0], all_lines[1].replace(b":", b": ", 1), *all_lines[2:]],
        "edited",
        2,
    ),
    "not even JSON": (lambda all_lines: [*all_lines[:3], b"hello\n", *all_lines[4:]], "edited", 4),
    "an empty line": (lambda all_lines: [*all_lines[:3], b"\n", *all_lines[3:]], "edited", 4),
    "edited, and its own hash mended": (edit_and_hash, "moved", 4),
    "a line deleted": (lambda all_lines: [*all_lines[:2], *all_lines[3:]], "moved", 3),
    "the first line deleted": (lambda all_lines: all_lines[1:], "moved", 1),
    "two lines exchanged": (lambda all_lines: [*all_lines[:2], all_lines[3], all_lines[2], all_lines[4]], "moved", 3),
    "a line put in": (insert, "moved", 5),
    "a line repeated": (lambda all_lines: [*all_lines[:3], all_lines[2], *all_lines[3:]], "moved", 4),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_tampering_is_found_told_and_stops_adding(ledger, how):
    change, what, line = TAMPERED[how]
    ledger.path.write_bytes(b"".join(change(lines(ledger))))
    checked = ledger.verify()
    assert not checked.whole and (checked.faults[0].what, checked.faults[0].line) == (what, line)
    assert f"Line {line}" in how_good(ledger).sentences()[0]
    held = ledger.path.read_bytes()
    for act in (lambda: ledger.store(stored()), lambda: ledger.repair(why="it looked odd")):
        with pytest.raises(LogError, match=r"changed by hand or damaged|no torn end"):
            act()
    assert ledger.path.read_bytes() == held


def test_a_ledger_cut_short_or_written_anew_looks_right_and_a_head_noted_elsewhere_tells(ledger, tmp_path):
    head = ledger.head
    ledger.path.write_bytes(b"".join(lines(ledger)[:-1]))
    assert ledger.verify().whole  # nothing in the file can tell
    cut = ledger.verify(head=head)
    assert not cut.whole and "cut short, or written anew" in cut.sentences()[0]
    anew = Ledger(tmp_path / "anew.jsonl")
    for one in ledger.kept():
        anew.store(one.forecast)
    assert anew.verify().whole and not anew.verify(head=head).whole
    with pytest.raises(ValueError, match="too short"):
        anew.verify(head="ab")
    head = anew.head
    anew.store(stored())
    assert anew.verify(head=head).whole  # it went on since


def test_a_torn_end_is_told_and_repaired_only_by_saying_so(ledger):
    whole = ledger.path.read_bytes()
    torn = whole[:-40]
    ledger.path.write_bytes(torn)
    assert [(one.line, one.what) for one in ledger.verify().faults] == [(5, "torn")] and len(ledger.kept()) == 3
    with pytest.raises(LogError, match="interrupted"):
        ledger.store(stored())
    with pytest.raises(ValueError, match="Say what happened"):
        ledger.repair(why=" ")
    ledger.repair(why="power cut")
    assert ledger.verify().whole and len(ledger.kept()) == 3
    said = json.loads(lines(ledger)[-1])
    piece = torn[len(b"".join(whole.splitlines(keepends=True)[:4])) :]
    assert said["kind"] == "repaired" and said["record"]["why"] == "power cut" and not said["record"]["kept"]
    assert said["record"]["sha256"] == hashlib.sha256(piece).hexdigest()
    assert [one.read_bytes() for one in ledger.path.parent.glob("*.torn-*")] == [piece]
    with pytest.raises(LogError, match="nothing to repair"):
        ledger.repair(why="again")


def test_a_last_line_that_lacks_only_its_end_is_kept(ledger):
    ledger.path.write_bytes(ledger.path.read_bytes()[:-1])
    ledger.repair(why="power cut")
    assert ledger.verify().whole and len(ledger.kept()) == 4
    assert json.loads(lines(ledger)[-1])["record"]["kept"]


@pytest.mark.parametrize(
    "change",
    [
        {"record": ["no", "record"]},
        {"at": 5},
        {"kind": ["forecast"]},
        {"n": 6.0},
        {"kind": "score", "record": {"of": None}},
        {"record": {}},
    ],
)
def test_a_forged_line_that_says_nothing_readable_is_told_and_crashes_nothing(ledger, change):
    last = ledger.chain().entries[-1]
    line = {"n": 6, "at": "2044-01-01T00:00:00Z", "kind": "forecast", "record": {}, "before": last.hash, **change}
    if line["record"] == {"of": None}:
        line["record"] = {"of": last.hash}
    with ledger.path.open("ab") as file:
        file.write(rehashed(line))
    if ledger.verify().whole:  # as it was written, but nothing that can be read
        with pytest.raises(LogError, match="this version can read"):
            how_good(ledger)
    else:
        assert "Line 6" in how_good(ledger).sentences()[0]


def test_many_faults_are_counted_not_listed(tmp_path):
    (tmp_path / "notes.txt").write_bytes(b"a line\n" * 5_000)
    said = Ledger(tmp_path / "notes.txt").verify().sentences()
    assert said[9].startswith("Line 10 of") and said[10] == "5,000 faults in all." and len(said) == 12


def test_a_page_does_not_take_the_place_of_its_ledger(ledger):
    held = ledger.path.read_bytes()
    with pytest.raises(ValueError, match="the ledger itself"):
        ledger_page(ledger, ledger.path)
    assert ledger.path.read_bytes() == held


def test_no_other_file_is_made_a_ledger(tmp_path):
    path = tmp_path / "notes.txt"
    for text in (b"notes of the team", b"case,step\n1,A\n"):
        path.write_bytes(text)
        with pytest.raises(LogError):
            Ledger(path).repair(why="so")
        with pytest.raises(LogError):
            Ledger(path).store(stored())
        assert path.read_bytes() == text and len(list(tmp_path.iterdir())) == 1


def test_two_programs_that_add_at_once_lose_nothing(tmp_path):
    path = tmp_path / "ledger.jsonl"
    code = "import sys; from pathlib import Path; from procmine.proof.ledger.chain import append\n"
    code += "for n in range(25): append(Path(sys.argv[1]), 'began', {'of': sys.argv[2], 'n': n})"
    both = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in "ab"]
    assert [one.wait() for one in both] == [0, 0]
    chain = read_chain(path)
    assert not chain.faults and len(chain.entries) == 51
    for name in "ab":
        assert [one.record["n"] for one in chain.entries[1:] if one.record["of"] == name] == list(range(25))


def test_what_is_no_number_never_gets_in(tmp_path):
    path = tmp_path / "ledger.jsonl"
    append(path, "began", {"of": "x"})
    with pytest.raises(ValueError, match="JSON"):
        append(path, "began", {"of": float("nan")})
    assert not read_chain(path).faults and len(read_chain(path).entries) == 2


# ---- scores ----


def test_scores_are_those_of_the_books():
    assert interval_score(10, 20, 15, 0.9) == 10
    assert interval_score(10, 20, 23, 0.9) == pytest.approx(10 + 20 * 3)  # Gneiting and Raftery 2007, alpha = .1
    assert interval_score(10, 20, 9, 0.5) == pytest.approx(10 + 4 * 1)
    points = stats.norm.ppf((np.arange(4_000) + 0.5) / 4_000, 30, 5)
    for came in (30.0, 33.0, 44.0):
        z = (came - 30) / 5
        closed = 5 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
        assert crps(points, came) == pytest.approx(closed, rel=2e-3)
    x = np.array([1.0, 4.0, 9.0])
    assert crps(x, 5.0) == pytest.approx(np.abs(x - 5).mean() - np.abs(x[:, None] - x).mean() / 2)
    assert crps([7.0], 5.0) == 2


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (7, 9), (9, 9), (90, 100), (450, 500), (1_900, 2_000)])
def test_the_range_of_a_hit_rate_is_clopper_and_pearsons(hits, n):
    ends = stats.binomtest(hits, n).proportion_ci(0.95, "exact")
    assert exact_range(hits, n) == pytest.approx((ends.low, ends.high), abs=1e-9)


# ---- what is counted ----


def test_what_came_is_counted_as_compare_counts_it():
    begin, wait = test_compare.world(3)
    log = worlds.later(test_compare.log_of(begin, wait), int(WEEKS_ON))
    found = procmine.compare(log, change=CHANGE, horizon=56)
    weeks = int(found.rows["weeks"][1])
    for measure, name, unit in (("mean", "mean", 1.0), ("half", "p50", 1.0), ("share", "share", 100.0)):
        one = stored(log, horizon=56, weeks=weeks, measure=measure)
        seen = counted(log, one, CHANGE)
        value = found.rows[name][1]
        value = value / np.timedelta64(1, "D") if name != "share" else value * unit
        assert len(seen.case) == found.rows["cases"][1]
        assert measured(seen, measure, 56) == pytest.approx(float(value), abs=1e-4)


def test_cases_that_wait_count_and_half_of_all_is_half_of_all():
    wait = np.tile([4.0, 12.0, np.inf, np.inf, 20.0], 20)
    log = log_of(np.repeat(np.arange(20), 5) * 7, wait, weeks=40)
    for measure, value in (("mean", (4 + 12 + 28 + 28 + 20) / 5), ("half", 20.0), ("share", 60.0)):
        assert measured(counted(log, stored(log, measure=measure), CHANGE), measure, 28) == pytest.approx(value)
    assert measured(counted(log, stored(log, horizon=14), CHANGE), "half", 14) == 14  # not reached: as long as watched
    left = log_of(np.arange(40) * 7, np.tile([3.0, 9.0], 20), weeks=60, end=np.tile([2, 1], 20))
    one = stored(left, measure="share", stop="Grant")
    assert measured(counted(left, one, CHANGE), "share", 28) == 50  # who withdrew never got there
    assert waits(left, cohort_of(left.about, None, None, "Grant"), 28).time.mean() == pytest.approx(6 * 86_400)


def test_a_score_waits_until_all_have_been_watched(tmp_path):
    ledger = Ledger(tmp_path / "ledger.jsonl")
    log = steady()
    id = ledger.store(stored(log))
    last = np.datetime64(CHANGE) + 10 * 7 + 28 - 1
    early = ledger.score(log.cut_to(str(last - 1)))
    assert f"data up to {last}" in early.sentences()[0] and ledger.find(id).score is None
    now = ledger.score(log.cut_to(str(last)))
    score = ledger.find(id).score
    assert score.came == 15 and score.inside and score.cases == 20 and score.doubts == ()
    assert score.interval_score == 6 and score.crps == pytest.approx(crps((13, 15, 17), 15), abs=1e-6)
    assert "Inside the range" in now.sentences()[0]
    held = ledger.path.read_bytes()
    assert "no forecast in this ledger that has no score" in str(ledger.score(log)) and ledger.path.read_bytes() == held


def test_a_log_that_does_not_go_on_from_the_one_that_predicted_is_told(tmp_path):
    log = steady()
    some = np.arange(len(log))
    shifted = log.arrival.copy()
    shifted[5] += 1
    other_time = log.time.copy()
    other_time[11] += 1  # the end of a case from before
    versions = {
        "": log.take(np.random.default_rng(1).permutation(len(log))),
        "7 cases of those that the forecast was made from are missing": log.take(some[7:]),
        "as many cases from then, but not the same ones": replace(log, arrival=shifted),
        "Steps from before the forecast were added or changed": replace(log, time=other_time),
    }
    closed = log.take(np.flatnonzero(~log.open))
    tied = replace(closed, time=np.repeat(closed.arrival, 2))  # both events of a case at once, so in any order
    other = replace(tied, activity=tied.activity.reshape(-1, 2)[:, ::-1].ravel())
    assert (other.activity != tied.activity).all()
    far = int(tied.about.cutoff)
    assert fingerprint(tied, Cohort(), far) == fingerprint(other, Cohort(), far) != fingerprint(closed, Cohort(), far)
    for number, (said, version) in enumerate(versions.items()):
        ledger = Ledger(tmp_path / f"{number}.jsonl")
        id = ledger.store(stored(log))
        told = " ".join(ledger.score(version).sentences())
        assert said in told and (ledger.find(id).score.doubts == ()) == (said == "")
        assert ledger.find(id).score.doubtful == (number in (1, 2))
        assert ("not the continuation" in str(how_good(ledger))) == (number in (1, 2))
    fewer = Ledger(tmp_path / "later.jsonl")
    id = fewer.store(stored(log.take(some[3:])))
    assert "3 cases begun before the forecast came into the data later" in str(fewer.score(log))
    assert not fewer.find(id).score.doubtful


def test_a_score_from_the_right_data_counts_before_one_from_others(tmp_path):
    log, ledger = steady(), Ledger(tmp_path / "ledger.jsonl")
    id = ledger.store(stored(log))
    kept = np.flatnonzero((np.arange(len(log)) % 2 == 0) | (log.arrival < test_compare.micros(CHANGE)))
    fewer = kept[kept != 0]
    ledger.score(log.take(fewer))
    assert ledger.find(id).score.came == 10 and ledger.find(id).score.doubtful
    ledger.score(log, id=id)
    assert ledger.find(id).score.came == 15 and len(ledger.find(id).scores) == 2
    ledger.score(log.take(kept), id=id)  # the cases of before are the same: it cannot be told, and comes too late
    assert ledger.find(id).score.came == 15
    with pytest.raises(LogError, match="cannot be taken back"):
        ledger.withdraw(id, why="it was wrong")


def test_logs_chosen_otherwise_are_not_scored_with(tmp_path):
    log, ledger = steady(), Ledger(tmp_path / "ledger.jsonl")
    ledger.store(stored(log))
    assert "this log holds cases where office is North" in str(ledger.score(log.where({"office": "North"})))
    assert "holds only cases" in str(ledger.score(log.between("2044-04-01", "2045-01-01")))
    ledger.store(stored(log, stop="Nowhere"))
    assert "No step 'Nowhere'" in str(ledger.score(log))
    assert [one.score is None for one in ledger.kept()] == [False, True]


def test_a_change_that_came_later_moves_the_weeks(tmp_path):
    log, ledger = steady(10, weeks=50, late=4), Ledger(tmp_path / "ledger.jsonl")
    id = ledger.store(stored(log, change="2044-01-04", weeks=8, until_us=test_compare.micros("2044-01-04") - 1))
    ledger.began(id, CHANGE)
    ledger.score(log)
    found = ledger.find(id)
    assert found.score.came == 6 and found.score.change == CHANGE and not found.afterwards
    assert "planned was 2044-01-04" in how_good(ledger).rows["notes"][0]


@pytest.mark.parametrize("day", ["2025-02-17", "2025-03-17"])
def test_a_day_that_is_set_when_the_result_could_be_known_does_not_count(tmp_path, day):
    """Neither later nor earlier: with both results at hand one could choose."""
    log, ledger = test_compare.log_of(*test_compare.regular()), Ledger(tmp_path / "ledger.jsonl")
    id = ledger.store(stored(log, change="2025-03-03", until_us=test_compare.CHANGE - 1))
    ledger.began(id, day)
    assert ledger.kept()[0].said[0].record["late"]


def test_a_forecast_is_about_whole_days_as_a_bad_one_could_never_be_taken_out(ledger):
    for day in ("2044-03-07 10:00", "20440307", "2044-W10-1", ""):
        with pytest.raises(ValueError, match="2026-03-01"):
            stored(change=day)
        with pytest.raises(ValueError, match="2026-03-01"):
            ledger.began(ledger.kept()[0].id, day)
    assert len(ledger.chain().entries) == 5


def test_a_larger_log_of_other_cases_is_no_continuation(tmp_path):
    log = steady()
    week = np.repeat(np.arange(-40, 30), 4)
    others = log_of(week * 7, np.where(np.arange(len(week)) % 2, 3, 5), weeks=30)  # the same weeks
    ledger = Ledger(tmp_path / "ledger.jsonl")
    id = ledger.store(stored(log))
    assert "80 cases begun before the forecast came into the data later: so many that" in str(ledger.score(others))
    assert ledger.find(id).score.doubtful
    then, now = Fingerprint(80, 60, 1, "a", "a"), Fingerprint(84, 50, 1, "b", "b")
    assert continues(then, now, longer=True) == (("later", 4), ("members", 10))


# ---- how good ----


def fourteen(path):
    log, ledger = steady(), Ledger(path)
    for number in range(14):
        change = str(np.datetime64(CHANGE) + 7 * (number % 3))
        ranges = {"low": 15.5, "predicted": 16.0} if number in (2, 5) else {}
        more = {"weeks": 40} if number in (9, 10) else {}
        ledger.store(stored(log, change=change, **ranges, **more))
    for one in ledger.kept()[11:]:
        ledger.not_tried(one.id, why="the board decided against it")
    ledger.score(log)
    return ledger


def test_all_forecasts_are_counted(tmp_path):
    found = how_good(fourteen(tmp_path / "ledger.jsonl"))
    said = found.sentences()
    assert said[0] == (
        "Of 14 forecasts 9 could be scored: 7 came out inside the range, 2 outside. The others: 3 never tried, 2 not due yet."
    )
    ends = stats.binomtest(7, 9).proportion_ci(0.95, "exact")
    assert (
        f"anything between {100 * ends.low:.0f} and {100 * ends.high:.0f} of 100" in said[1]
        and "proves little" in said[1]
    )
    assert "9 forecasts with a score are about 3 changes" in str(found)
    assert len(found) == 14 and list(found.rows["counts"]).count(True) == 9
    assert set(found.rows["state"]) == {
        "scored",
        "never tried",
        "not due before 2045-01-08",
        "not due before 2045-01-15",
    }
    assert found.to_dict()["rows"]["came"].count(15.0) == 9


@pytest.mark.parametrize(
    ("inside", "low", "said"),
    [
        (3, 12.0, "too few to tell"),
        (10, 12.0, "proves little"),
        (24, 12.0, "That fits"),
        (10, 16.0, "ranges are too narrow"),
        (60, 12.0, "wider than"),
    ],
)
def test_the_hit_rate_is_judged_by_its_range(tmp_path, inside, low, said):
    log, ledger = steady(), Ledger(tmp_path / "ledger.jsonl")
    for _ in range(inside):
        ledger.store(stored(log, low=low, predicted=17.0))
    ledger.score(log)
    told = str(how_good(ledger))
    assert said in told
    assert ("too careful" in told) == (inside > 5) and "too hopeful" not in told


def test_hope_is_told_of_waits_and_of_shares(tmp_path):
    log = steady()
    for number, more in enumerate(
        ({"predicted": 13.0}, {"measure": "share", "predicted": 99.0, "low": 90.0, "high": 99.5})
    ):
        ledger = Ledger(tmp_path / f"{number}.jsonl")
        for _ in range(8):
            ledger.store(stored(log, **more))
        ledger.score(log)
        assert ("too hopeful" in str(how_good(ledger))) == (number == 0)  # all were there in time: better than 99
    assert "15% longer than predicted" in str(how_good(tmp_path / "0.jsonl"))


def test_what_was_written_down_afterwards_does_not_count(tmp_path):
    log = test_compare.log_of(*test_compare.regular())
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.store(stored(log, change="2025-03-03", until_us=test_compare.CHANGE - 1))
    ledger.score(log)
    found = how_good(ledger)
    assert found.hits == (0, 0) and found.rows["times_scored"][0] == 1
    assert "1 written down when the change had begun (not counted)" in found.sentences()[0]


def test_withdrawn_forecasts_stay(tmp_path):
    ledger = Ledger(tmp_path / "ledger.jsonl")
    first = ledger.store(stored(change="2025-03-03"))
    ledger.store(stored())
    with pytest.raises(ValueError, match="Say why"):
        ledger.withdraw(first, why="")
    ledger.withdraw(first, why="wrong office")
    found = how_good(ledger)
    assert "1 withdrawn, 1 not due yet" in found.sentences()[0] and "could be known already" in str(found)
    assert "wrong office" in found.rows["notes"][1]
    with pytest.raises(LogError, match="No forecast has the id"):
        ledger.find("0000")


def test_what_was_taken_back_is_not_counted_once_it_came_true(tmp_path):
    log, ledger = steady(), Ledger(tmp_path / "ledger.jsonl")
    for end in (ledger.withdraw, ledger.not_tried):
        id = ledger.store(stored(log))
        end(id, why="it looks bad")
        with pytest.raises(LogError, match="gets no score"):
            ledger.score(log, id=id)
    assert how_good(ledger).hits == (0, 0)


def test_an_empty_ledger_says_so(tmp_path):
    found = how_good(tmp_path / "none.jsonl")
    assert "no forecast" in str(found) and not (tmp_path / "none.jsonl").exists()
    assert Ledger(tmp_path / "none.jsonl").verify().whole


# ---- forecasts ----


@pytest.fixture(scope="module")
def office():
    return worlds.World().log(1)


def test_a_forecast_is_the_same_again_and_holds_no_case(office, tmp_path):
    before = office.cut_to(worlds.day_of(7 * worlds.BEFORE - 1))
    made = worlds.foreseen(worlds.World(), 1, log=before, draws=40)
    record = made.record
    assert StoredForecast.from_dict(json.loads(json.dumps(record.to_dict()))) == record
    assert record.where == {"contested": ("no",)} and record.low < record.predicted < record.high < record.today
    assert record.due() == str(np.datetime64(worlds.CHANGE) + 7 * 26 + record.horizon - 1)
    again = predict_again(record, office)  # from data that have gone on since
    assert again.record == record
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.store(record)
    text = ledger.path.read_text()
    assert len(text) < 4_000 and "case" not in text.replace("cases", "").replace("in cases", "")
    assert f"{record.predicted:.1f} days on average" in made.sentences()[0]


def test_the_figure_is_that_of_cases_that_were_never_seen(office):
    made = worlds.foreseen(worlds.World(), 1, log=office.cut_to(worlds.day_of(7 * worlds.BEFORE - 1)), draws=40).record
    many = [worlds.World(per_week=200).log(seed) for seed in (91, 92)]
    true = np.mean([measured(counted(log, made, made.change), "mean", made.horizon) for log in many])
    assert made.predicted == pytest.approx(true, rel=0.06)


def test_the_range_is_as_wide_as_the_luck_of_the_cases_to_come():
    """Over 40 worlds that go on alike what comes varies by chance alone; this log's weeks alone would promise less (.84)."""
    made = worlds.foreseen(worlds.World(), 4, draws=60).record
    others = [worlds.World().log(seed) for seed in range(200, 240)]
    came = [measured(counted(log, made, made.change), "mean", made.horizon) for log in others]
    assert np.std(came, ddof=1) < (made.high - made.low) / 2 / 1.645 < 2 * np.std(came, ddof=1)


def test_no_forecast_of_what_has_come_and_none_without_a_range(office):
    model = procmine.fit(office)
    with pytest.raises(ValueError, match="beyond the change"):
        predict(model, worlds.policy(), change=worlds.CHANGE, seed=1)
    early = procmine.fit(office, asof=worlds.day_of(7 * worlds.BEFORE - 1))
    rare = procmine.fit(worlds.World(per_week=0.5).log(3, worlds.BEFORE))
    with pytest.raises(LogError, match="too few to score"):
        predict(rare, worlds.policy(), change=worlds.CHANGE, seed=1)
    with pytest.raises(ValueError, match="at least 8 weeks"):
        predict(early, worlds.policy(), change=worlds.CHANGE, seed=1, weeks=4)
    office_of = replace(early, log=replace(early.log, about=replace(early.log.about, persons=("contested",))))
    with pytest.raises(LogError, match="names people"):  # in the policy, if not in the change
        predict(office_of, worlds.policy(), change=Change(worlds.CHANGE, where={"lane": "a"}), seed=1)
    chosen = early.log.where({"contested": "no"})
    chosen = procmine.fit(replace(chosen, about=replace(chosen.about, persons=("contested",))))
    with pytest.raises(LogError, match="names people"):  # in the filters
        predict(chosen, replace(worlds.policy(), only={}), change=worlds.CHANGE, seed=1)
    named = replace(early, log=replace(early.log, about=replace(early.log.about, persons=("contested",))))
    with pytest.raises(LogError, match="names people"):
        predict(named, worlds.policy(), change=worlds.CHANGE, seed=1)
    step = procmine.Policy("at once").set_delay(("In", "Paid"), days=3)
    change = Change(worlds.CHANGE, start="In", stop="Paid", horizon=364)
    with pytest.raises(LogError, match="no range"):
        predict(early, step, change=change, seed=1, measure="half", draws=20)


def test_one_call_predicts_before_and_scores_after(office, tmp_path):
    path = tmp_path / "ledger.jsonl"
    before = office.cut_to(worlds.day_of(7 * worlds.BEFORE - 8))
    asked = {"change": worlds.CHANGE, "seed": 5, "weeks": 20}
    first = keep_score(path, before, worlds.policy(), **asked)
    assert "not due yet" in first.sentences()[0] and len(first) == 1
    again = keep_score(path, office.cut_to(worlds.day_of(7 * worlds.BEFORE - 1)), worlds.policy(), **asked)
    assert len(again) == 1 and again.kept[0].entry == first.kept[0].entry  # kept as it was made
    last = keep_score(path, office, worlds.policy(), **asked)
    assert last.hits[1] == 1 and last.rows["notes"][0] == ""
    with pytest.raises(ValueError, match=r"l2\.jsonl holds no forecast made before it"):
        keep_score(tmp_path / "l2.jsonl", office, worlds.policy(), **asked)


def test_ranges_hold_and_a_wrong_mechanism_is_shown():
    inside = {1.0: 0, 0.5: 0}
    for seed in range(6):
        for effect in inside:
            log = worlds.World(effect=effect).log(seed)
            before = log.cut_to(worlds.day_of(7 * worlds.BEFORE - 1))
            one = worlds.foreseen(None, seed, log=before, draws=60).record
            came = measured(counted(log, one, one.change), "mean", one.horizon)
            inside[effect] += one.low <= came <= one.high
    assert inside[1.0] >= 4 and inside[0.5] == 0  # of 6 at 90%: fewer than 4 once in 700


# ---- page, picture, words ----


def test_the_page_lists_all_forecasts_and_runs_nothing(tmp_path):
    ledger = fourteen(tmp_path / "ledger.jsonl")
    ledger.store(stored(what=HOSTILE, where={"office": (HOSTILE,)}))
    path = ledger_page(ledger, tmp_path / "page.html")
    html = path.read_text(encoding="utf-8")
    assert loaded_from_elsewhere(html) == [] and "<script" not in html and "<img src=x" not in html
    assert html.count("<tr>") == 1 + 15 and html.count("never tried") >= 3
    told = " ".join(seen(html).said)
    assert "Of 15 forecasts 9 could be scored" in told and ledger.head in html and "not as it was written" not in html
    assert not any(tag == "img" and "onerror" in of for tag, of in seen(html).tags)
    ledger.path.write_bytes(ledger.path.read_bytes().replace(b'"predicted":16.0', b'"predicted":15.0', 1))
    html = ledger_page(ledger, tmp_path / "page.html").read_text(encoding="utf-8")
    assert 'class="broken"' in html and "is not as it was written" in html


def test_the_picture_shows_what_was_predicted_and_what_came(tmp_path):
    ledger = fourteen(tmp_path / "ledger.jsonl")
    axes = how_good(ledger).plot()
    markers = [
        line.get_marker() for line in axes.get_lines() if len(line.get_xdata()) == 1 and line.get_xdata()[0] == 15.0
    ]
    assert markers.count("o") == 7 and markers.count("D") == 2 and len(axes.get_yticks()) == 14
    ledger.store(stored(measure="share", predicted=80.0, low=70.0, high=90.0))
    assert len(how_good(ledger).plot().figure.axes) == 2


def test_the_words_are_plain():
    import re

    said = {key: line for key, line in WORDS.items() if not key.startswith(("define.", "column."))}
    assert not {key: line for key, line in said.items() if re.search(FORBIDDEN, line, re.IGNORECASE)}


def test_a_log_made_by_hand_can_be_scored_from_step_to_step(tmp_path):
    days = [np.datetime64(CHANGE) + 7 * week for week in range(10)]
    rows = [(f"c{k}", "Filed", str(day)) for k, day in enumerate(days)]
    rows += [(f"c{k}", "Heard", str(day + 3)) for k, day in enumerate(days)]
    rows += [(f"c{k}", "Decided", str(day + 3 + k)) for k, day in enumerate(days)]
    log = build(rows, cutoff="2044-12-31", ends=["Decided"])
    ledger = Ledger(Path(tmp_path) / "ledger.jsonl")
    ledger.store(stored(start="Heard", stop="Decided", measure="half", low=4.0, predicted=5.0, high=6.0, horizon=7))
    ledger.score(log)  # 0 to 9 days: half of all ten by day 4
    assert ledger.kept()[0].score.came == 4
