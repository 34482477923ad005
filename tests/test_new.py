"""A first spec for an unknown file: the questions asked, the spec written, and nothing personal on the screen."""

import csv
import random
from datetime import date, timedelta

import openpyxl
import pytest
from click.testing import CliRunner

import procmine
from procmine.cli import main
from procmine.load.spec import Spec

PLANTED = ("Quastenflosser", "Zwirbelmann", "0170-5551234", "zwirbel@example.org", "Tannengasse")
STEPS = ("Antrag eingegangen", "Unterlagen geprüft", "Bescheid erteilt")


def rows(dates="%d/%m/%Y", days=(1, 28)):
    """Sixty cases of three steps; every fifth is not finished."""
    draw = random.Random(3)
    for case in range(60):
        day = date(2026, 1, 2) + timedelta(days=draw.randrange(150))
        for step in STEPS[: 3 if case % 5 else 2]:
            day = day.replace(day=min(max(day.day, days[0]), days[1]))
            yield [f"BA-{case:04}", step, day.strftime(dates), PLANTED[case % 2], "Nord", PLANTED[2], PLANTED[4] + " 3"]
            day += timedelta(days=draw.randrange(1, 40))


HEAD = ["Aktenzeichen", "Arbeitsschritt", "Datum", "Bearbeiter", "Bezirk", "Telefon", "Adresse"]


def write_csv(path, lines, head=HEAD):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([head, *lines])
    return path


def ask(path, answers, *options):
    done = CliRunner().invoke(
        main, ["new", str(path), *options], input="\n".join(answers) + "\n", catch_exceptions=False
    )
    return done, path.with_suffix(".yaml")


def test_an_unknown_workbook_in_five_questions(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (["Bauamt, Export"], [], HEAD, *rows()):
        sheet.append(line)
    book.save(tmp_path / "bauamt.xlsx")
    done, spec = ask(tmp_path / "bauamt.xlsx", ["", "", "1", "", "2026-08-31", "y"])
    assert done.exit_code == 0, done.output
    assert (
        done.output.count("[1]:") + done.output.count("[2026") == 5
    )  # each with a likely answer; then the confirmation
    written = Spec.read(spec)
    assert (written.columns.case, written.columns.activity, written.columns.timestamp) == tuple(HEAD[:3])
    assert (written.cutoff, dict(written.ends)) == ("2026-08-31", {STEPS[2]: STEPS[2].lower()})
    assert set(written.drop) == {"Telefon", "Adresse"}
    log = procmine.read(tmp_path / "bauamt.xlsx")
    assert (len(log), int(log.open.sum()), log.about.activities) == (60, 12, STEPS)
    assert not {"Telefon", "Adresse"} & {*log.about.attributes, *log.about.event_attributes}
    assert "Bearbeiter" in log.about.persons


def test_days_and_months_are_asked_and_never_taken(tmp_path):
    path = write_csv(tmp_path / "log.csv", rows(days=(1, 12)))
    done, spec = ask(path, ["", "", ""])
    assert done.exit_code != 0  # no answer to the third question is no answer
    assert not spec.exists()
    for number, month in (("1", "%d/%m/%Y"), ("2", "%m/%d/%Y")):
        done, spec = ask(path, ["", "", number, "", "", "y"], "--replace")
        assert Spec.read(spec).dates.columns == {"Datum": month}
        assert f"read as {month}" in done.output


def test_a_table_with_one_row_a_case(tmp_path):
    head = ["permit_no", "received_date", "decided_date", "due_date", "birth_date", "office"]
    lines = [
        [f"P{n}", f"2026-01-{n % 27 + 1:02}", f"2026-03-{n % 30 + 1:02}", "2026-04-01", "1980-05-05", "N"]
        for n in range(40)
    ]
    done, spec = ask(write_csv(tmp_path / "permits.csv", lines, head), ["", "", "", "", "y"])
    assert done.exit_code == 0, done.output
    written = Spec.read(spec)
    assert dict(written.columns.milestones) == {"received_date": "Received", "decided_date": "Decided"}
    assert "due_date" in spec.read_text(encoding="utf-8")  # said to be left out
    assert written.drop == ("birth_date",)
    assert procmine.read(tmp_path / "permits.csv").about.activities == ("Received", "Decided")


def test_options_answer_beforehand_and_well_known_names_need_no_question(tmp_path):
    path = write_csv(tmp_path / "log.csv", rows("%Y-%m-%d"), ["case_id", "activity", "timestamp", *HEAD[3:]])
    done, _ = ask(path, ["y"], "--end", STEPS[2], "--cutoff", "2026-08-31")
    assert done.exit_code == 0, done.output
    assert "Taken by their names" in done.output
    assert "?" not in done.output.replace("Are these cases told as they were?", "")


def test_cases_that_are_told_wrongly_leave_nothing(tmp_path):
    path = write_csv(tmp_path / "log.csv", rows())
    done, spec = ask(path, ["", "", "1", "", "", "n"])
    assert (done.exit_code, spec.exists()) == (1, False)
    assert "Nothing was written" in done.output
    spec.write_text("title: mine", encoding="utf-8")
    done, _ = ask(path, [])
    assert done.exit_code == 2
    assert spec.read_text(encoding="utf-8") == "title: mine"


def test_nothing_personal_is_shown_or_written(tmp_path):
    path = write_csv(tmp_path / "log.csv", rows())
    done, spec = ask(path, ["", "", "1", "", "", "y"])
    for name in (*PLANTED, "BA-0001"):
        assert name not in done.output
        assert name not in spec.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "file",
    ["receipt_coselog/receipt.csv.gz", "nyc311_small/311_brooklyn_2016.csv", "nyc311_small/311_socrata_2023.csv"],
)
def test_real_exports_come_to_a_log(shared, tmp_path, file):
    path = tmp_path / file.rpartition("/")[2]
    path.write_bytes((shared / file).read_bytes())
    done = CliRunner().invoke(main, ["new", str(path)], input="\n" * 9, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert len(procmine.read(path)) > 100


def test_a_workbook_with_titles_merged_names_and_dates_as_text_names_the_row_to_say(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Auskunft", PLANTED[1]])
    sheet = book.create_sheet("Export")
    sheet.append([f"Bauamt, erstellt von {PLANTED[0]}"])
    sheet.merge_cells("A1:F1")
    sheet.append(["Vorgang", None, "Bearbeitung", None, None, "Bezirk"])
    sheet.append(["Aktenzeichen", "Arbeitsschritt", "Datum", "Uhrzeit", "Sachbearbeiter", None, "Rufnummer"])
    for cells in ("A2:B2", "C2:E2", "F2:F3"):
        sheet.merge_cells(cells)
    for case, step, day, who, place, phone, _ in rows():
        sheet.append([case, step, day, "09:15", f"{who}, Anna", place, phone])
    path = tmp_path / "Liste des Bauamts.xlsx"
    book.save(path)
    done = CliRunner().invoke(main, ["new", str(path)])
    assert "   1  Export: 168 rows; row 2 names Vorgang Aktenzeichen, Vorgang Arbeitsschritt, " in done.output
    assert not any(name in done.output for name in PLANTED)
    done, spec = ask(path, ["", "", "1", "", "", "y"], "--sheet", "Export", "--header", "2")
    assert done.exit_code == 0, done.output
    assert f'check "{path}"' in done.output  # a name with blanks, ready to be copied
    assert not any(name in done.output + spec.read_text(encoding="utf-8") for name in PLANTED)
    log = procmine.read(path)
    assert len(log) == 60
    assert "Bearbeitung Sachbearbeiter" in log.about.persons


def test_milestones_stand_as_in_the_file_and_steps_of_one_day_are_told_so(tmp_path):
    head = ["Nr sprawy", "Wpływ", "Wezwanie", "Decyzja", "Wnioskodawca Telefon"]
    lines = [
        [
            f"W-{n}",
            f"2026-01-{n % 27 + 1:02}",
            f"2026-01-{n % 27 + 1:02}" if n % 2 else "",
            f"2026-03-{n % 27 + 1:02}",
            n,
        ]
        for n in range(40)
    ]
    done, spec = ask(write_csv(tmp_path / "wnioski.csv", lines, head), ["", "", "", "", "y"])
    assert done.exit_code == 0, done.output
    assert list(Spec.read(spec).columns.milestones) == head[1:4]
    assert Spec.read(spec).drop == ("Wnioskodawca Telefon",)
    assert "on the same day Wezwanie" in done.output
    assert "0 seconds" not in done.output


def test_steps_with_marks_that_yaml_does_not_take_come_back_as_they_are(tmp_path):
    odd = ("nul\x7f", "a\nb", "\u202eevil", "\x85\ufeff😀\u2028", "=1+1", "No", "- x: y #", "'\"\\")
    lines = [[n, one, f"2026-01-{n % 9 + place + 1:02}", n] for n in range(30) for place, one in enumerate(odd)]
    done, spec = ask(
        write_csv(tmp_path / "log.csv", lines, ["case", "activity", "date", "Due\nNo\x7f"]), ["all", "", "y"]
    )
    assert done.exit_code == 0, done.output
    assert {*procmine.read(tmp_path / "log.csv").about.activities} == {*odd}
    done, spec = ask(tmp_path / "log.csv", ["1, 2, 3, 4, 5, 6, 7, 8", "", "y"], "--replace")
    assert {*Spec.read(spec).ends} == {*odd}


def test_a_file_without_names_of_columns_is_refused_without_its_data(tmp_path):
    path = tmp_path / "log.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows())
    for command in (["new"], ["check"], ["check", "--case", "Aktenzeichen"]):
        done = CliRunner().invoke(main, [command[0], str(path), *command[1:]], input="\n" * 9)
        assert (done.exit_code, "write a line with names" in done.output) == (2, True)
        assert not any(name in done.output for name in PLANTED)


def test_a_spec_that_is_there_plays_no_part_in_the_new_one(tmp_path):
    path = write_csv(tmp_path / "log.csv", rows())
    path.with_suffix(".yaml").write_text(
        "source: other.csv\nleave_out: [nothing]\ncutoff: 2020-01-01", encoding="utf-8"
    )
    done, spec = ask(path, ["", "", "1", "", "", "y"], "--replace")
    assert done.exit_code == 0, done.output
    assert Spec.read(spec).source == "log.csv"
    assert len(procmine.read(path)) == 60


def test_dates_of_birth_are_not_shown_as_times_of_steps(tmp_path):
    lines = [[*line[:3], "1987-03-05"] for line in rows()]
    done, spec = ask(write_csv(tmp_path / "log.csv", lines, [*HEAD[:3], "Geburtsdatum"]), ["", "", "1", "", "", "y"])
    assert done.exit_code == 0, done.output
    assert "1987" not in done.output + spec.read_text(encoding="utf-8")


def test_two_ways_to_read_dates_are_asked_though_both_go_from_the_same_day_to_the_same(tmp_path):
    lines = [[n, STEPS[n % 3], f"{1 + n % 12:02}/{1 + n * 5 % 12:02}/2026"] for n in range(48)]
    done, _ = ask(write_csv(tmp_path / "log.csv", lines, ["case", "activity", "date"]), [""])
    assert "read as %d/%m/%Y" in done.output
    assert "read as %m/%d/%Y" in done.output


def test_a_time_of_day_beside_the_date_is_read_with_it(tmp_path):
    lines = [[*line[:3], f"{8 + at % 9}:15", line[3]] for at, line in enumerate(rows("%d.%m.%Y"))]
    done, spec = ask(write_csv(tmp_path / "log.csv", lines, [*HEAD[:3], "Uhrzeit", HEAD[3]]), ["", "", "", "", "", "y"])
    assert done.exit_code == 0, done.output
    assert Spec.read(spec).columns.clock == "Uhrzeit"
    assert procmine.read(tmp_path / "log.csv").about.precision == "microsecond"


def test_the_sheet_is_asked_where_the_file_has_several_and_none_is_known(tmp_path):
    """One sheet of cases, one of their steps under names that say nothing: sixty cases, each read from the second."""
    book = openpyxl.Workbook()
    for line in (["Code", "Kind"], *([f"BA-{case:04}", "new"] for case in range(60))):
        book.active.append(line)
    sheet = book.create_sheet("History")
    for line in (["Code", "What", "Day"], *([one[0], one[1], one[2]] for one in rows("%d.%m.%Y"))):
        sheet.append(line)
    book.save(tmp_path / "two_sheets.xlsx")
    done, spec = ask(tmp_path / "two_sheets.xlsx", ["1", "", "", "1", "", "2026-08-31", "y"])
    assert done.exit_code == 0, done.output
    assert f"History: {sum(1 for _ in rows())} rows; row 1 names Code, What, Day" in done.output
    assert "Sheet: 60 rows; row 1 names Aaaa, Aaaa" in done.output
    log = procmine.read(tmp_path / "two_sheets.xlsx", spec=spec)
    assert (len(log), int(log.open.sum()), log.about.title) == (60, 12, "two sheets")
    done, _ = ask(tmp_path / "two_sheets.xlsx", [], "--yes", "--replace")
    assert done.exit_code != 0  # which sheet is never guessed
    assert Spec.read(spec).file.sheet == "History"


def test_several_months_of_one_log_in_sheets_are_read_together(tmp_path):
    book = openpyxl.Workbook()
    book.remove(book.active)
    lines = list(rows("%d.%m.%Y"))
    for name, part in (("one", lines[:90]), ("two", lines[90:])):
        sheet = book.create_sheet(name)
        for line in (["Case ID", "Activity", "Timestamp"], *(one[:3] for one in part)):
            sheet.append(line)
    book.save(tmp_path / "months.xlsx")
    done, spec = ask(tmp_path / "months.xlsx", ["3", "", "", "2026-08-31", "y"])
    assert f"3  all of them together, as one log: {len(lines)} rows" in done.output
    assert len(procmine.read(tmp_path / "months.xlsx", spec=spec)) == 60
