"""Languages: numbers, days and plurals as each writes them; catalogues that fit the English one."""

import string

import pytest

from procmine.languages import catalogue, codes, digest, language
from procmine.words import ENGLISH, Language, Message, Span, speaking

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
