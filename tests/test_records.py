"""The team's memory: read, searched, written back with its comments; and how strict a look at a change must be."""

import difflib
import json
import re
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import procmine
from procmine.proof.records.alike import words_of
from procmine.proof.records.change import Change, Measured
from procmine.proof.records.edit import put, twice
from procmine.proof.records.entry import ChangeEntry
from procmine.proof.records.looks import late_bounds, level
from procmine.proof.records.roles import seeming_persons
from procmine.proof.verdict.kinds import KINDS
from procmine.settings import SettingsError, load
from procmine.words import ENGLISH

SAMPLE = Path(__file__).parents[1] / "event_logs" / "child_support_changes.yml"
LOG = SAMPLE.with_name("child_support.yaml")


@pytest.fixture
def memory(tmp_path):
    path = tmp_path / "changes.yml"
    path.write_bytes(SAMPLE.read_bytes())
    return procmine.changes(path)


def added(before, after):
    """The lines that are new; fails if one was lost or moved."""
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    assert not [line for line in lines if line.startswith("-")], lines
    return [line[2:] for line in lines if line.startswith("+")]


# ---- read ------------------------------------------------------------------------------------------------------------


def test_the_sample_is_a_pilot_a_failure_and_an_idea():
    found = procmine.changes(SAMPLE)
    written = yaml.safe_load(SAMPLE.read_text("utf-8"))["changes"]
    assert list(found.rows["change"]) == list(written) == ["text-reminders", "consent-orders", "second-court-day"]
    pilot = found["consent-orders"]
    assert pilot == Change(
        "2025-10-06", written["consent-orders"]["idea"], {"office": "North", "contested": "no"},
        {"office": ("Harbor", "Valley", "Lakeside", "South", "Cañada"), "contested": "no"}, 0, "Petition filed",
        "Court order issued", 105, "board of the court and the agency", "head of the legal unit",
        "half of these families have their order within a week", "2025-09-08",
        ("2026-08-03", "2026-11-02"), "evenly", "consent-orders",
    )  # fmt: skip
    assert found.sentences()[0] == "On record: 1 change stopped, 1 change being tried, 1 idea not tried yet."
    row = found.frame.iloc[0]
    assert (row["figure"], row["figure_from"], row["figure_to"], row["unit"]) == (0.5, -5.3, 6.3, "days")
    assert row["result"] == "12 hours more (likely between 5.3 days less and 6.3 days more)"
    with pytest.raises(ValueError, match="'second-court-day' has no date yet"):
        found["second-court-day"]
    with pytest.raises(ValueError, match=r"No change 'x'.*There are: text-reminders, consent-orders"):
        found["x"]


def test_the_failure_of_the_sample_is_what_compare_finds():
    failed = procmine.changes(SAMPLE)["text-reminders"]
    log = procmine.read(LOG).cut_to("2025-07-31")
    found = procmine.compare(
        log, change=failed.date, where=failed.where, start=failed.start, stop=failed.stop, horizon=failed.horizon
    )
    row = procmine.changes(SAMPLE).frame.iloc[0]
    day = np.timedelta64(1, "D")
    assert found.rows["difference"][1] / day == pytest.approx(row["figure"], abs=0.06)
    assert found.rows["low"][1] / day < 0 < found.rows["high"][1] / day


def test_every_error_at_once_with_its_place(tmp_path):
    path = tmp_path / "changes.yml"
    path.write_text(
        "changes:\n"
        "  one: {idea: a, status: tried}\n"
        "  two: {idea: a, staus: idea, ramp: -1}\n"
        "  three: {idea: a, status: kept, date: 2026-02-30}\n"
        "  four: {idea: a, date: 2026-03-02, decide_on: [2026-03-01], measured: [{verdict: better, data: 2026-03-01}]}\n"
        "  five: {idea: a, predicted: {figure: -5, low: 2, high: 3}}\n"
        "  six: {idea: a, date: 2026-3-1}\n",
        "utf-8",
    )
    with pytest.raises(SettingsError) as error:
        procmine.changes(path)
    said = str(error.value)
    for told in (
        "changes.one.status:", "changes.two.staus:", "changes.two.ramp:", "2026-02-30 is no day of the calendar",
        "changes.three: ", "say why it was kept", "changes.four.measured.0:", "'better' is none of",
        "changes.five.predicted:",
        "must ascend", "changes.six.date:",
    ):  # fmt: skip
        assert told in said, told


@pytest.mark.parametrize(
    "text", ["changes:\n  one: {idea: a}\n  two: {idea: b}\n  one: {idea: c}\n", "title: a\nchanges: {}\ntitle: b\n"]
)
def test_what_stands_twice_is_refused_as_yaml_would_lose_the_first(tmp_path, text):
    (tmp_path / "changes.yml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=r"stands twice, in line [12] and in line [34]"):
        procmine.changes(tmp_path / "changes.yml")
    assert twice("a: {b: 1, c: [{b: 1}, {b: 2}]}\nd: {b: 2}") == []


def test_an_empty_memory_is_an_answer(tmp_path):
    (tmp_path / "changes.yml").write_text("title: ours\nchanges:\n", "utf-8")
    empty = procmine.changes(tmp_path / "changes.yml")
    assert len(empty) == 0 and empty.none_is_an_answer and empty.sentences() == ["Nothing like it is on record."]
    made = empty.add("walk-in", idea="Walk-in hours", raised_by="front desk")
    assert list(made.rows["change"]) == ["walk-in"]
    assert (tmp_path / "changes.yml").read_text("utf-8") == (
        "title: ours\nchanges:\n  walk-in:\n    idea: Walk-in hours\n    raised_by: front desk\n"
    )


def test_a_memory_can_begin_with_an_empty_file(tmp_path):
    (tmp_path / "changes.yml").write_text("\n", "utf-8")
    made = procmine.changes(tmp_path / "changes.yml").add("walk-in", idea="Walk-in hours")
    assert list(made.rows["change"]) == ["walk-in"]


def test_it_can_be_shown_and_taken_away(memory, tmp_path):
    assert "On record" in str(memory) and "<table" in memory._repr_html_() and not memory.pictured
    assert json.loads(json.dumps(memory.to_dict()))["rows"]["change"][0] == "text-reminders"
    memory.to_excel(tmp_path / "changes.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "changes.xlsx").worksheets[0]
    assert sheet.max_row == 4 and sheet["A2"].value == "text-reminders"
    assert {f"changes.kind.{kind}" for kind in KINDS} <= set(ENGLISH)


# ---- what was tried before -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Court order issued", ["consent-orders", "second-court-day"]),
        ("court ORDER issued", ["consent-orders", "second-court-day"]),
        ("send reminders by SMS text messages", ["text-reminders"]),
        ("message the families about missing papers", ["text-reminders"]),
        ("decide petitons without a heering", ["consent-orders"]),
        ("orders on paper for parents who consent", ["consent-orders"]),
        ("a second court day", ["second-court-day"]),
        ("Second day for courts, each week", ["second-court-day"]),
        ("reminder", ["text-reminders"]),
        ("Cañada", []),
        ("new printers for the front desk", []),
        ("a day for the", []),
        ("", []),
    ],
)
def test_like_changes_are_found(memory, asked, found):
    result = memory.find(asked)
    assert list(result.rows["change"]) == found
    assert all(np.diff(result.rows["likeness"]) <= 0) and (result.rows["likeness"] <= 1 + 1e-9).all()


def test_what_came_of_a_like_change_is_told_without_blame(memory):
    said = memory.find("text messages to families").sentences()
    assert len(said) == 1
    assert said[0].startswith("Something like it was tried: Remind families by text message")
    assert (
        "office Valley, from 2024-11-04). It was stopped. Found with data up to 2025-07-31: too few to tell, 12 hours more"
        in said[0]
    )
    assert said[0].endswith("Asking for fewer papers may.")
    assert memory.find("printers").sentences() == ["Nothing like it is on record."]
    assert memory.find("second court day").sentences() == [
        "Something like it is on record: Let the court sit on a second day of the week (second-court-day). "
        "It has not been tried."
    ]


def test_words_are_compared_without_accents_and_case():
    assert words_of("Die Anträge, die  ANTRÄGE_neu!") == ["die", "antrage", "neu"]


# ---- written back ----------------------------------------------------------------------------------------------------


def test_a_new_change_leaves_every_other_line_and_tells_of_its_like(memory):
    before = memory.path.read_bytes()
    made = memory.add(
        "sms", idea="Text messages when papers are missing", raised_by="call center", where={"office": ["South", "NO"]}
    )
    assert added(before.decode(), memory.path.read_text("utf-8")) == [
        "  sms:", "    idea: Text messages when papers are missing", "    raised_by: call center", "    where:",
        "      office:", "      - South", "      - 'NO'",
    ]  # fmt: skip
    assert memory.path.read_bytes().startswith(before)
    assert "was tried: Remind families" in made.sentences()[0] and "On record" in made.sentences()[1]
    assert made.entries["sms"].where == {"office": ["South", "NO"]}
    with pytest.raises(ValueError, match=r"'sms' is in changes\.yml already: Text messages"):
        made.add("sms", idea="again")
    with pytest.raises(SettingsError, match="colour"):
        made.add("other", idea="x", colour="red")
    assert made.path.read_bytes() == memory.path.read_bytes() and len(list(memory.path.parent.iterdir())) == 1


def test_a_result_is_written_down_and_comments_stay(memory):
    before = memory.path.read_text("utf-8")
    done = memory.record_result(
        "consent-orders",
        Measured("improved", "2026-10-31", -70.2, -73.8, -66.7),
        status="kept",
        why="Orders come at once.",
    )
    after = memory.path.read_text("utf-8")
    assert "decide_on: [2026-08-03, 2026-11-02]  # with data up to the end of July, and of October\n" in after
    lost = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line.startswith("- ")]
    assert lost == ["-     status: running"]
    entry = done.entries["consent-orders"]
    assert entry.status == "kept" and [one.low for one in entry.measured] == [-73.4, -73.8]
    assert done.frame["result"][1] == "70 days less (likely 67 days to 74 days less)"
    again = done.record_result("consent-orders", Measured("too_few", "2027-01-31"))
    assert [one.verdict for one in again.entries["consent-orders"].measured] == ["improved", "improved", "too_few"]
    assert len(added(after, memory.path.read_text("utf-8"))) == 2


def test_what_compare_finds_can_be_written_down(memory):
    """The pilot of the sample: about 71 days shorter (event_logs/README.md)."""
    log = procmine.read(LOG)
    found = procmine.compare(log, change=memory["consent-orders"])
    measured = procmine.Measured.of(found)
    assert measured.verdict == found.verdict.kind and measured.data == "2026-10-31" and not measured.provisional
    assert measured.low < -66 and measured.high > -76 and measured.low <= measured.figure <= measured.high
    early = procmine.compare(log.cut_to("2026-09-30"), change=memory["consent-orders"])
    assert procmine.Measured.of(early).provisional
    done = memory.record_result("consent-orders", measured, status="kept", why="Orders come at once.")
    assert done.find("consent")._told_like()[0].say().endswith("Why: Orders come at once.")
    too_early = procmine.Measured.of(procmine.compare(log, change="2026-09-07", where={"office": "North"}))
    assert too_early == procmine.Measured("too_early", "2026-10-31")


def test_what_cannot_be_is_not_written(memory):
    before = memory.path.read_bytes()
    with pytest.raises(SettingsError, match="say why it was stopped"):
        memory.record_result("consent-orders", Measured("no_evidence", "2026-10-31"), status="stopped")
    with pytest.raises(SettingsError, match="is none of"):
        memory.record_result("consent-orders", Measured("great", "2026-10-31"))
    with pytest.raises(ValueError, match="No change 'consent'"):
        memory.record_result("consent", Measured("improved", "2026-10-31"))
    assert memory.path.read_bytes() == before


def test_line_ends_and_the_mark_at_the_beginning_stay(tmp_path):
    path = tmp_path / "changes.yml"
    path.write_bytes(b"\xef\xbb\xbf# ours\r\nchanges:\r\n  a:\r\n    idea: one  # the first\r\n\r\n# the end\r\n")
    procmine.changes(path).add("b", idea="two")
    assert path.read_bytes() == (
        b"\xef\xbb\xbf# ours\r\nchanges:\r\n  a:\r\n    idea: one  # the first\r\n  b:\r\n    idea: two\r\n\r\n# the end\r\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "changes: {a: {idea: one, measured: []}}",
        "changes:\n    a: {idea: one}  # flow\n    # after\n",
        "changes:\n  a:\n    idea: >\n      long\n      text\n    why: |\n      so\n",
        "changes:\n  a:\n    idea: one\n    measured:\n      - verdict: mixed # x\n        data: 2026-01-01\n",
        "changes:\n  a:\n    idea: one\n    measured: [{verdict: mixed, data: 2026-01-01}]  # kept\n",
        "changes:\n  a:\n    idea: one\n    measured:\n    status: idea\ntitle: below\n",
        '"changes":\n  "a": {"idea": "one, two"}',
        "{changes: {a: {idea: one}}}",
    ],
)
def test_any_layout_can_be_added_to(tmp_path, text):
    path = tmp_path / "changes.yml"
    path.write_text(text, "utf-8")
    old = load(text, "x")["changes"]["a"]
    memory = procmine.changes(path).record_result(
        "a", Measured("worse", "2026-05-01", 3.5), why='it is: "so", {and} # so'
    )
    now = load(path.read_text("utf-8"), "x")["changes"]["a"]
    new = {"verdict": "worse", "figure": 3.5, "data": "2026-05-01"}
    assert now == {**old, "measured": [*(old.get("measured") or []), new], "why": 'it is: "so", {and} # so'}
    memory.add("b", idea="yes", where={"office": "NO"}, decide_on=("2027-01-01",))
    assert load(path.read_text("utf-8"), "x")["changes"]["b"] == {
        "idea": "yes", "where": {"office": "NO"}, "decide_on": ["2027-01-01"]
    }  # fmt: skip
    assert all(
        comment in path.read_text("utf-8") for comment in ("# flow", "# after", "# x", "# kept") if comment in text
    )


PLAIN = (
    st.text("ab :#-'\"{}[],\n&*!|>%@é", max_size=8)
    | st.integers()
    | st.sampled_from(["yes", "NO", "2026-01-01", "", "~"])
)
TREE = st.recursive(
    PLAIN, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from("pqr"), one, max_size=3)
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abc"), TREE, min_size=1),
    st.lists(st.sampled_from("abcpq"), min_size=1, max_size=3),
    TREE,
    st.sampled_from([None, True]),
)
def test_whatever_is_put_is_read_again_and_nothing_else_changes(written, path, value, flow):
    text = yaml.safe_dump(written, sort_keys=False, allow_unicode=True, default_flow_style=flow)
    wanted = place = load(text, "x")
    for part in path[:-1]:
        place[part] = place[part] if isinstance(place.get(part), dict) else {}
        place = place[part]
    place[path[-1]] = value
    assert load(put(text, path, value, "x"), "x") == wanted


def test_what_cannot_be_edited_safely_is_refused_with_the_lines(tmp_path):
    path = tmp_path / "changes.yml"
    text = "base: &b {idea: one}\nchanges: &c\n  a: *b\n"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match="base"):
        procmine.changes(path)
    with pytest.raises(SettingsError, match="Add by hand:\nchanges:\n  a:\n    why: so"):
        put(text, ["changes", "a", "why"], "so", "changes.yml")


def test_comments_between_a_name_and_its_value_stay(tmp_path):
    text = "changes:\n  a:\n    idea : one\n    status: # was planned\n      idea  # so far\n    measured: # none\n      []\n"
    path = tmp_path / "changes.yml"
    path.write_text(text, "utf-8")
    procmine.changes(path).record_result("a", Measured("worse", "2026-05-01"), status="stopped", why="no use")
    assert path.read_text("utf-8") == (
        "changes:\n  a:\n    idea : one\n    status: # was planned\n      stopped  # so far\n    measured: # none\n"
        "      - verdict: worse\n        data: 2026-05-01\n    why: no use\n"
    )


def test_values_may_be_tuples_as_those_of_a_change_are(tmp_path):
    path = tmp_path / "changes.yml"
    path.write_text("changes:\n", "utf-8")
    made = procmine.changes(path).add("a", idea="one", where={"office": ("North", "South")}, decide_on=("2027-01-01",))
    assert made.entries["a"].where == {"office": ["North", "South"]}


def test_a_file_behind_a_link_is_written_to_and_stays_as_private_as_it_was(tmp_path):
    real, link = tmp_path / "real.yml", tmp_path / "changes.yml"
    real.write_text("changes:\n", "utf-8")
    real.chmod(0o600)
    try:
        link.symlink_to(real)
    except OSError:
        pytest.skip("this system allows no links")
    mode = real.stat().st_mode
    procmine.changes(link).add("a", idea="one")
    assert link.is_symlink() and "idea: one" in real.read_text("utf-8") and real.stat().st_mode == mode


def test_what_somebody_else_writes_meanwhile_is_not_lost(tmp_path, monkeypatch):
    path = tmp_path / "changes.yml"
    path.write_text("changes:\n", "utf-8")

    def slow(*given):
        path.write_text("changes:\n  b: {idea: two}\n", "utf-8")
        return put(*given)

    monkeypatch.setattr("procmine.proof.records.edit.put", slow)
    with pytest.raises(ValueError, match="Somebody else wrote"):
        procmine.changes(path).add("a", idea="one")
    assert path.read_text("utf-8") == "changes:\n  b: {idea: two}\n" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("changes: &x\n  a: *x\n", "not permitted"),
        ("\n".join(f"{n}: &{n} [{', '.join(['*' + p] * 9)}]" for p, n in zip("0abcdefgh", "abcdefghi")).replace(
            "*0", "x"), "not permitted"),
        ("changes: " + 5000 * "[" + 5000 * "]", "nested too deeply"),
        (b"\xff\xfe\x00", "not readable"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_at_once(tmp_path, text, said):
    path = tmp_path / "changes.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SettingsError, match=said):
        procmine.changes(path)


# ---- no persons ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "role", ["Maria Lopez", "J. Smith", "Dr. Weber", "Anne-Marie O'Neill", "Jürgen Groß", "kim@agency.example"]
)
def test_what_looks_like_a_person_is_told_but_not_repeated(tmp_path, role):
    path = tmp_path / "changes.yml"
    path.write_text(f'changes:\n  a: {{idea: one, owner: "{role}"}}\n', "utf-8")
    said = procmine.changes(path).sentences()[1]
    assert said.startswith("1 entry may name a person: owner of a.") and role.split()[-1] not in said


@pytest.mark.parametrize(
    "role",
    [
        "head of the legal unit",
        "Legal Unit",
        "Court Clerks",
        "North",
        "Presiding Judge",
        "clerk 3",
        "",
        "Valley Office",
        "HR",
    ],
)
def test_roles_are_not_taken_for_persons(role):
    assert list(seeming_persons(ChangeEntry(idea="one", owner=role))) == []


def test_offices_of_the_change_and_cases_of_a_clerk():
    entry = ChangeEntry(idea="one", raised_by="Santa Clara", where={"office": "Santa Clara"})
    assert list(seeming_persons(entry)) == []
    assert list(seeming_persons(ChangeEntry(idea="ask a.b@c.example", where={"staff": "K7"}))) == ["idea", "where"]


# ---- looks -----------------------------------------------------------------------------------------------------------

PUBLISHED = {  # two-sided .05, O'Brien-Fleming-like spending, equal steps (Lan & DeMets 1983; ld98, ldbounds)
    2: [2.9626, 1.9686],
    3: [3.7103, 2.5114, 1.9930],
    4: [4.3326, 2.9631, 2.3590, 2.0141],
    5: [4.8769, 3.3569, 2.6803, 2.2898, 2.0310],
}


@pytest.mark.parametrize("looks", PUBLISHED)
def test_late_bounds_are_the_published_ones(looks):
    found = late_bounds([(look + 1) / looks for look in range(looks)])
    assert found == pytest.approx(PUBLISHED[looks], abs=3e-4)


@pytest.mark.parametrize("information", [(0.3, 0.5, 1.0), (0.62, 0.9, 1.0)])
def test_unequal_looks_give_a_false_alarm_as_often_as_said(information):
    """A sum of normals looked at when so much of it is known."""
    draw = np.random.default_rng(1)
    steps = np.sqrt(np.diff(information, prepend=0))
    z = np.cumsum(draw.normal(size=(400_000, 3)) * steps, axis=1) / np.sqrt(information)
    false = (np.abs(z) > late_bounds(information)).any(axis=1).mean()
    assert false == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 400_000))


def keys(look):
    return [one.key for one in look.why]


def test_a_date_written_down_in_time_keeps_the_whole_level():
    change = Change("2025-10-06", recorded="2026-01-19", decide_on=("2026-11-02",))
    look = level(change, "2026-10-31", "2026-01-19", 24)
    assert (
        look.level == pytest.approx(0.95)
        and not look.picked
        and not look.provisional
        and keys(look) == ["look.recorded"]
    )


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("2025-10-06", "look.picked"),
        (Change("2025-10-06"), "look.picked"),
        (Change("2025-10-06", recorded="2026-01-20"), "look.recorded_late"),
    ],
)
def test_a_picked_date_shares_the_level_among_the_months(change, key):
    look = level(change, "2026-10-31", "2026-01-19", 24)
    assert look.level == pytest.approx(1 - 0.05 / 24) and look.picked and keys(look) == [key, "look.no_date"]
    assert level(change, "2026-10-31", "2026-01-19", 0).level == pytest.approx(0.95)


@pytest.mark.parametrize(
    ("data", "number", "provisional", "last"),
    [
        ("2026-02-20", 0, True, "look.provisional"),
        ("2026-02-22", 1, True, "look.between"),
        ("2026-05-31", 1, True, "look.between"),
        ("2026-08-31", 2, False, "look.shared"),
        ("2027-08-31", 2, False, "look.shared"),
    ],
)
def test_earlier_looks_are_provisional(data, number, provisional, last):
    change = Change("2025-10-06", recorded="2025-09-01", decide_on=("2026-03-01", "2026-09-01"))
    look = level(change, data, "2026-01-19", 24)
    assert (look.number, look.looks, look.provisional, keys(look)[-1]) == (number, 2, provisional, last)
    assert look.level == pytest.approx(0.975)
    assert all("{" not in one.say() for one in look.why)


def test_late_sharing_keeps_most_of_the_level_for_the_last_look():
    """By hand: weeks 13 and 26 after, none of it bound by those before: information 1/2 and 1."""
    change = Change("2025-10-06", recorded="2025-09-01", decide_on=("2026-04-20", "2026-07-20"), sharing="late")
    first, final = (level(change, day, "2026-01-19", 24) for day in ("2026-04-20", "2026-07-20"))
    assert 1 - first.level == pytest.approx(0.00305, abs=2e-5)  # 2 Phi(-2.9626)
    assert 1 - final.level == pytest.approx(0.0490, abs=2e-4)  # 2 Phi(-1.9686)
    with_history = level(change, "2026-04-20", "2026-01-19", 24, weeks_before=26)  # 26/3 of 13: 2/3 known
    assert with_history.level < first.level


def test_a_day_or_a_list_in_the_wrong_place_says_what_to_write(tmp_path):
    path = tmp_path / "changes.yml"
    for text, said in (
        ("changes:\n  a:\n    idea: x\n    date: tomorrow\n", "a.date: 'tomorrow' is no day; write it as 2026-03-01"),
        ("changes: [a, b]\n", "changes: names and what each of them is are wanted"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError, match=re.escape(said)):
            procmine.changes(path)


def test_the_first_change_makes_the_file_and_a_refused_one_does_not(tmp_path):
    from click.testing import CliRunner

    from procmine.cli import main

    path = tmp_path / "changes.yml"
    wrong = CliRunner().invoke(main, ["changes", "add", str(path), "one", "--idea", "Fewer papers", "--date", "soon"])
    assert wrong.exit_code == 2 and not path.exists()
    made = CliRunner().invoke(
        main, ["changes", "add", str(path), "one", "--idea", "Fewer papers", "--at", "office=North"]
    )
    assert made.exit_code == 0, made.output
    assert procmine.changes(path).entries["one"].where == {"office": "North"}
