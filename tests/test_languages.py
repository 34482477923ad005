"""Languages: numbers, days and plurals as each writes them; catalogues that fit the English one."""

import re
import shutil
import string
import subprocess
from functools import cache
from html import unescape
from pathlib import Path

import pytest
import worlds_briefs
from click.testing import CliRunner

from procmine.cli import main
from procmine.languages import catalogue, codes, digest, language
from procmine.publish.brief import brief
from procmine.words import ENGLISH, Language, Message, Span, speaking

WORD = re.compile(r"[A-Za-z]{2,}")
WORDS = {
    "test.cases": "{cases:дело|дела|дел|дела}, {share:.0%}, {n:.1f}, {day}",
    "span.days": "{n} день|{n} дня|{n} дней|{n} дня",
}
RUSSIAN = Language("ru", "Русский", WORDS)


@pytest.mark.parametrize(
    ("n", "said"), [(1, "1 дело"), (2, "2 дела"), (5, "5 дел"), (21, "21 дело"), (1_112, "1\xa0112 дел")]
)  # by the grammar of Russian: 1 and 21 take the first form, 2 the second, 5 and 12 the third
def test_a_count_takes_the_form_of_its_noun(n, said):
    message = Message("test.cases", {"cases": n, "share": 0.5, "n": 1.25, "day": "2026-10-31"})
    said_so = message.say(RUSSIAN).replace("\u202f", "\xa0")
    assert said_so == f"{said}, 50\xa0%, 1,2, 31 октября 2026\xa0г."


@pytest.mark.parametrize(("days", "said"), [(1, "1 день"), (72, "72 дня"), (5.5, "5,5 дня"), (11, "11 дней")])
def test_a_length_of_time_takes_it_too(days, said):
    assert Message("fact.half", {"p50": Span(days * 86_400)}).say(RUSSIAN).startswith(said)


def test_what_a_catalogue_lacks_is_said_in_english_and_english_is_spoken_outside():
    message = Message("audience.team")
    with speaking(Language("fr", "Français", {"audience.team": "Pour l'équipe."})):
        assert message.say() == "Pour l'équipe."
        assert Message("page.numbers").say() == ENGLISH["page.numbers"]
    assert message.say() == ENGLISH["audience.team"]


def test_turkish_writes_the_sign_of_percent_first():
    turkish = Language("tr", "Türkçe", {"test.share": "{share:.0%}"})
    assert Message("test.share", {"share": 0.5}).say(turkish) == "%50"


@pytest.mark.parametrize("code", codes()[1:])
def test_catalogues_take_the_values_that_english_takes(code):
    for key, said in catalogue(code).words.items():
        assert fields(said) <= fields(ENGLISH[key]), key
        forms = [spec.count("|") + 1 for _, _, spec, _ in string.Formatter().parse(said) if spec and "|" in spec]
        assert set(forms) <= {2, 4}, key


def fields(said):
    return {name for _, name, _, _ in string.Formatter().parse(said) if name is not None}


def test_a_signature_ends_when_a_word_is_changed():
    assert digest({"a": "b"}) != digest({"a": "c"})


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="there are: en"):
        language("xx")


def test_a_shortened_word_at_the_end_of_a_sentence_brings_one_dot():
    lithuanian = Language("lt", "Lietuvių", {"test.end": "Iki {p50}. Ir cutoff=...: {p50}.", "span.days": "{n} d."})
    assert Message("test.end", {"p50": Span(2 * 86_400)}).say(lithuanian) == "Iki 2 d. Ir cutoff=...: 2 d."


# ---- pages in each language

HERE = Path(__file__).parents[1]
ON_PAGES = {  # the day of the change, as people write it there
    "el": "6 Οκτωβρίου 2025",
    "es": "6 de octubre de 2025",
    "fr": "6 octobre 2025",
    "lt": "2025 m. spalio 6 d.",
    "ru": "6 октября 2025 г.",
    "tr": "6 Ekim 2025",
}
NOT_REVIEWED = {
    "el": "δεν έχει ελεγχθεί ακόμη",
    "es": "aún no lo ha revisado",
    "fr": "n'a pas encore été relu",
    "lt": "dar neperžiūrėti",
    "ru": "ещё не проверены",
    "tr": "henüz gözden geçirilmedi",
}
LEAST_WORDS = 3  # so many English words beside each other are a sentence


@cache
def compared():
    return worlds_briefs.changed()["comparison"]


def english_left(text, said, own):
    """Parts of English sentences that were said, as they stand on the page though the catalogue has other words."""
    for one in sorted(own, key=len, reverse=True):
        text = text.replace(one, " ")
    parts = {" ".join(part.split()) for line in said.values() for part, _, _, _ in string.Formatter().parse(line)}
    return sorted(part for part in parts if len(part.split()) >= LEAST_WORDS and part in text)


def plain(text):
    return " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())


def pages_of(path):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not on this computer")
    told = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout.decode()
    return [plain(page) for page in told.split("\f") if page.strip()]


@pytest.mark.parametrize(
    "code", ["el", *(pytest.param(code, marks=pytest.mark.slow) for code in codes()[1:] if code != "el")]
)
def test_both_pages_of_the_sample_are_in_the_language(code, tmp_path):
    spoken = language(code)
    asked = {"plan": worlds_briefs.plan(), "comparison": compared()}
    with worlds_briefs.keys_said() as said:
        told = brief(worlds_briefs.sample(), language=code, **asked)
        pages = pages_of(told.save(tmp_path / "brief.pdf"))
        html = plain(unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", told.html, flags=re.DOTALL)))
    lacking = [key for key, line in said.items() if key not in spoken.words and WORD.search(literal(line))]
    assert [key for key in lacking if not key.startswith("span.")] == []
    assert len(said) > 100  # it did look
    assert len(pages) == 2
    own = {*worlds_briefs.sample().about.activities, *texts(worlds_briefs.plan().model_dump())}
    for page in (*pages, html):
        assert NOT_REVIEWED[code] in page
        assert english_left(page, said, {plain(one) for one in own}) == []
        assert not re.search(r"(?<![\w.])\d{4}-\d{2}-\d{2}\b", page)
    assert ON_PAGES[code] in html and ON_PAGES[code] in plain(" ".join(pages))
    tenths = 10 * told.findings.places.rows["share"][list(told.findings.places.rows["step"]).index(told.findings.step)]
    assert f"{tenths:.1f}".replace(".", ",") in html and f" {tenths:.1f} " not in html


def test_english_that_is_left_is_found():
    said = {"a": "It was reached {n:time|times}; half of the times it took {p50} or longer."}
    assert english_left("On l'a vu 3 fois; half of the times it took 3 jours", said, ()) == [
        "; half of the times it took"
    ]
    assert english_left("It was reached", said, ["It was reached by court order"]) == ["It was reached"]
    assert english_left("« It was reached by court order »", said, ["It was reached by court order"]) == []


def literal(line):
    return " ".join(text for text, _, _, _ in string.Formatter().parse(line))


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts(one)


# ---- a native reader


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Catalogues that may be changed."""
    for code in codes()[1:]:
        shutil.copy(HERE / "procmine" / "languages" / f"{code}.yml", tmp_path)
    monkeypatch.setattr("procmine.languages.HERE", tmp_path)
    monkeypatch.setattr("procmine.languages.readers.HERE", tmp_path)
    language.cache_clear()
    yield tmp_path
    language.cache_clear()


def ask(*words):
    return CliRunner().invoke(main, ["languages", *map(str, words)])


def better(path, **new):
    """What a reader writes into the last column."""
    from openpyxl import load_workbook

    book = load_workbook(path)
    for line in book.worksheets[0].iter_rows(min_row=2):
        if line[0].value in new:
            line[4].value = new[line[0].value]
    book.save(path)


def test_a_reader_betters_a_language_and_signs_it_until_a_word_changes(folder):
    sheet = folder / "el.xlsx"
    assert ask("el", "-o", sheet).exit_code == 0
    untouched = (folder / "el.yml").read_text(encoding="utf-8")
    assert ask("el", "--take", sheet).exit_code == 0 and (folder / "el.yml").read_text(encoding="utf-8") == untouched
    better(sheet, **{"brief.next": "Μετά", "brief.cases.few": "{cases:Α|Β}; ανοιχτές"})
    taken = ask("el", "--take", sheet)
    assert taken.exit_code == 0 and "brief.next\n" in taken.output and "2 sentences" in taken.output
    assert catalogue("el").words["brief.next"] == "Μετά"
    assert Message("brief.cases.few", {"cases": 1}).say(language("el")) == "1 Α; ανοιχτές"
    assert "not yet reviewed" in ask().output
    assert ask("el", "--sign", "registrar of the court", "--on", "2026-12-01").exit_code == 0
    assert language("el").reviewed == "registrar of the court, 2026-12-01" and not language("el").draft
    better(sheet, **{"brief.next": "Έπειτα"})
    assert ask("el", "--take", sheet).exit_code == 0
    assert language("el").draft and catalogue("el").signed is None


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("ανοιχτές", "{cases} is missing"),
        ("{cases:α|β}, {n}", "{n} is not in the English one"),
        ("{cases:α|β|γ}", "3 forms"),
        ("{cases.real}", "is missing"),
        ("{cases!r}", "not written as in English"),
        ("{cases:{cases}}", "not written as in English"),
        ("{cases:,.2f}", "not written as in English"),
        ("{cases", "braces"),
        ("{cases:α|β}\nβ", "line break"),
    ],
)
def test_a_sentence_that_could_not_be_said_is_refused_with_its_key_and_nothing_is_taken(folder, said, why):
    sheet = folder / "el.xlsx"
    ask("el", "-o", sheet)
    before = (folder / "el.yml").read_bytes()
    better(sheet, **{"brief.cases.few": said, "brief.next": "Μετά"})
    refused = ask("el", "--take", sheet)
    assert refused.exit_code == 2 and "brief.cases.few: " in refused.output and why in refused.output
    assert (folder / "el.yml").read_bytes() == before


def test_blanks_at_the_ends_of_parts_stay_and_a_sheet_of_old_english_is_refused(folder, monkeypatch):
    sheet = folder / "fr.xlsx"
    ask("fr", "-o", sheet)
    better(sheet, **{"six.no_range": "(trop peu)"})
    assert ask("fr", "--take", sheet).exit_code == 0
    assert catalogue("fr").words["six.no_range"] == " (trop peu)"
    better(sheet, **{"six.no_range": "(peu)"})
    monkeypatch.setitem(ENGLISH, "six.no_range", " (other words)")
    assert "has changed since" in ask("fr", "--take", sheet).output


def test_what_makes_no_sense_is_refused(folder):
    for words, why in (
        (["el", "--sign", "Maria Papadopoulou", "--on", "2026-12-01"], "looks like a person"),
        (["el", "--sign", "registrar"], "give both"),
        (["el", "--sign", "registrar", "--on", "2026-13-01"], "no day"),
        (["-o", "x.xlsx"], "Of which language"),
        (["xx"], "No language"),
        (["en", "-o", "x.xlsx"], "translated from"),
        (["el", "-o", "x.csv"], ".xlsx"),
    ):
        refused = ask(*words)
        assert refused.exit_code == 2 and why in refused.output, words
