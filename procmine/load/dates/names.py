"""Words in dates: months, weekdays and halves of the day in the languages of the EU, from the Unicode CLDR (babel)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import numpy as np

from procmine.kernels.flow import Ints

LANGUAGES: tuple[str, ...] = ("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr")
LANGUAGES += ("hu", "it", "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv")
MORE = {"sept": 9, "january": 1, "july": 7, "june": 6}  # as people write them and CLDR does not abbreviate

# Halves of the day as written after a time, letters only: 1 before noon, 2 after. Words that two languages use for
# different halves would be left out; there are none.
HALVES: Mapping[str, int] = {
    **dict.fromkeys(("am", "a", "dop", "dopoldne", "fm", "ap", "rn", "πμ", "пробяд", "преди", "пробед"), 1),
    **dict.fromkeys(("проб", "priespiet", "prieksp", "priekspusdiena", "formiddag"), 1),
    **dict.fromkeys(("pm", "p", "pop", "popoldne", "odp", "em", "ip", "in", "μμ", "слоб", "popiet"), 2),
    **dict.fromkeys(("pecp", "pecpusd", "pecpusdiena", "eftermiddag"), 2),
}
# Minutes east of UTC of zones whose names mean one thing; EST, BST and IST mean several.
ZONES: Mapping[str, int] = {
    **dict.fromkeys(("z", "utc", "gmt", "ut", "tu", "wet"), 0),
    **dict.fromkeys(("cet", "mez", "west"), 60),
    **dict.fromkeys(("cest", "mesz", "eet"), 120),
    "eest": 180,
}


def fold_word(text: str) -> str:
    """As `fields.fold` makes of the values of a column."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if unicodedata.category(one) != "Mn")
    return plain.lower().replace("\N{GREEK SMALL LETTER FINAL SIGMA}", "σ").strip(" .")


@cache
def months() -> Mapping[str, Mapping[str, int]]:
    """Per name, in full or short, as said alone or in a date: the month in each language that has the name."""
    from babel import Locale

    found: dict[str, dict[str, int]] = {name: {"en": number} for name, number in MORE.items()}
    for language in LANGUAGES:
        names = Locale.parse(language).months
        for held in (names[use][width] for use in ("format", "stand-alone") for width in ("wide", "abbreviated")):
            for number, name in held.items():
                found.setdefault(fold_word(name), {})[language] = int(number)
    return found


@cache
def weekdays() -> Sequence[str]:
    """The names of the days of the week, the longest first."""
    from babel import Locale

    found = set()
    for language in LANGUAGES:
        names = Locale.parse(language).days
        widths = [held for use in names.values() for width, held in use.items() if width != "narrow"]
        found |= {fold_word(name) for held in widths for name in held.values()}
    return sorted(found, key=lambda name: (-len(name), name))


def meant(words: Sequence[str], language: str) -> Ints:
    """The month of each word (0: none) in a language, of words that it has not in the first that has them."""
    known = [months().get(word, {}) for word in words]
    return np.array([held.get(language, next(iter(held.values()), 0)) for held in known], np.int64)


def readings(words: Sequence[str], used: Iterable[int], language: str = "") -> dict[str, Ints]:
    """The month of each word (0: none) by each reading that the words in use allow, named by its languages.

    A word that means two months (lipiec is July in Polish, lipanj June in Croatian, and both are written lip) is read in
    a language that has all words of the column, or in the `language` told.
    """
    if language:
        return {language: np.array([months().get(word, {}).get(language, 0) for word in words], np.int64)}
    known = [months().get(word, {}) for word in words]
    seen = [known[place] for place in used if known[place]]
    several = [held for held in seen if len(set(held.values())) > 1]
    if not several:
        return {"": np.array([next(iter(held.values()), 0) for held in known], np.int64)}
    all_of = [one for one in LANGUAGES if all(one in held for held in seen)]
    found: dict[tuple[int, ...], list[str]] = {}
    for one in all_of or sorted({other for held in several for other in held}):
        meant = tuple(held.get(one, next(iter(held.values()), 0)) for held in known)
        found.setdefault(meant, []).append(one)
    return {",".join(languages): np.array(meant, np.int64) for meant, languages in found.items()}
