"""Sensitive attributes: what law protects people by (sex, race, religion, birth ...), known by name or by values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from unicodedata import combining, normalize

from procmine.find.checks.columns import NAMED
from procmine.load.columns import plain

# Words of names of columns without accents, in the languages that the data check knows.
PROTECTED: Mapping[str, tuple[str, ...]] = {
    "sex": (
        *(
            "sex",
            "gender",
            "geschlecht",
            "sexe",
            "genre",
            "sexo",
            "genero",
            "sesso",
            "genere",
            "geslacht",
            "lytis",
            "plec",
        ),
        *(
            "kjonn",
            "kon",
            "sukupuoli",
            "dzimums",
            "sugu",
            "pohlavi",
            "pohlavie",
            "spol",
            "fylo",
            "salutation",
            "anrede",
        ),
        *("nem", "cinsiyet"),
    ),
    "race": (
        *(
            "race",
            "racial",
            "ethnicity",
            "ethnic",
            "ethnie",
            "ethnizitat",
            "etnia",
            "etnicidad",
            "etniciteit",
            "etnicitet",
        ),
        *(
            "rasse",
            "raza",
            "razza",
            "ras",
            "rase",
            "rasa",
            "skincolor",
            "skincolour",
            "hispanic",
            "latino",
            "tribe",
            "caste",
        ),
        *("tautybe", "narodowosc", "etninen", "hautfarbe", "ancestry", "migrationshintergrund", "nationalorigin"),
        *("ethnizitaet", "ethnique", "raca"),
    ),
    "religion": (
        *(
            "religion",
            "religious",
            "faith",
            "konfession",
            "bekenntnis",
            "religione",
            "religieux",
            "confession",
            "godsdienst",
        ),
        *(
            "religija",
            "religia",
            "wyznanie",
            "uskonto",
            "religie",
            "tikejimas",
            "creed",
            "confessione",
            "religiao",
            "vallas",
        ),
        *("religionszugehorigkeit", "religionszugehoerigkeit"),
    ),
    "nationality": (
        *(
            "nationality",
            "nationalitat",
            "citizenship",
            "citizen",
            "nationalite",
            "nacionalidad",
            "nazionalita",
            "nationaliteit",
        ),
        *("pilietybe", "obywatelstwo", "staatsangehorigkeit", "staatsburgerschaft", "statsborgerskap", "medborgarskap"),
        *(
            "nationalitaet",
            "staatsangehoerigkeit",
            "staatsbuergerschaft",
            "nacionalidade",
            "allampolgarsag",
            "herkunftsland",
        ),
        *("kansalaisuus", "cittadinanza", "ciudadania", "citoyennete", "immigration", "immigrant", "refugee", "asylum"),
        *(
            "birthplace",
            "birthcountry",
            "countryofbirth",
            "placeofbirth",
            "countryoforigin",
            "geburtsland",
            "geburtsort",
            "mothertongue",
        ),
        *(
            "nativelanguage",
            "muttersprache",
            "language",
            "sprache",
            "langue",
            "idioma",
            "lingua",
            "taal",
            "kalba",
            "jezyk",
        ),
    ),
    "disability": (
        *(
            "disability",
            "disabled",
            "handicap",
            "behinderung",
            "schwerbehindert",
            "invalidite",
            "discapacidad",
            "disabilita",
        ),
        *("invalidita", "neigalumas", "niepelnosprawnosc", "funksjonshemming", "funktionsnedsattning", "vammaisuus"),
        *("schwerbehinderung", "deficiencia", "fogyatekossag"),
        *("diagnosis", "diagnose", "illness", "health", "pregnancy", "pregnant", "schwanger", "genetic", "impairment"),
    ),
    "birth": (
        *(plain(one) for one in NAMED["personal_birth"]),
        *(
            "age",
            "agegroup",
            "alter",
            "altersgruppe",
            "edad",
            "eta",
            "leeftijd",
            "amzius",
            "wiek",
            "alder",
            "ika",
            "vanus",
        ),
        *(
            "birth",
            "birthyear",
            "yob",
            "geburtsjahr",
            "nascimento",
            "idade",
            "eletkor",
            "altersklasse",
            "leeftijdsgroep",
        ),
        *("leeftijdscategorie", "veteran", "senior", "generation", "jahrgang"),
    ),
    "family": (
        *(
            "maritalstatus",
            "marital",
            "familienstand",
            "etatcivil",
            "estadocivil",
            "statocivile",
            "burgerlijkestaat",
            "married",
        ),
        *("seimynine", "stancywilny", "sivilstand", "civilstand", "siviilisaaty", "sexualorientation"),
    ),
    "belief": (
        "politicalparty",
        "politics",
        "unionmember",
        "unionmembership",
        "tradeunion",
        "gewerkschaft",
        "veteranstatus",
    ),
}
VALUES: Mapping[str, tuple[str, ...]] = {
    "sex": (
        *(
            "m",
            "f",
            "w",
            "d",
            "x",
            "male",
            "female",
            "man",
            "woman",
            "men",
            "women",
            "mann",
            "frau",
            "mannlich",
            "weiblich",
        ),
        *(
            "divers",
            "homme",
            "femme",
            "hombre",
            "mujer",
            "maschio",
            "femmina",
            "maskulin",
            "feminin",
            "nonbinary",
            "other",
        ),
        *("h", "masculin", "masculino", "femenino", "feminino", "uomo", "donna"),
        *("unknown", "u", "vyras", "moteris", "kobieta", "mezczyzna", "kvinna", "kvinde", "mies", "nainen"),
    ),
    "race": (
        *(
            "white",
            "black",
            "asian",
            "hispanic",
            "latino",
            "latina",
            "caucasian",
            "africanamerican",
            "blackorafricanamerican",
        ),
        *("nativeamerican", "americanindian", "pacificislander", "biracial", "multiracial", "whitecaucasian", "other"),
        *("hispaniclatino", "whitehispanic", "whitenonhispanic", "whitehispanicorlatino", "unknown"),
        "whiteblackhispanicorlatino",
    ),
}
NOT_ALONE = frozenset(("other", "unknown", "u", "x", "d"))  # say nothing of themselves


def protected_by(name: str, values: Sequence[str] = ()) -> str | None:
    """What a column tells of people that law protects, by a word of its name or by all its values; None if nothing does."""
    words = [bare(one) for one in re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))]
    pairs = [one + two for one, two in pairwise(words)]
    said = {*words, *pairs, bare(name)}
    named = (kind for kind, known in PROTECTED.items() if said & set(known))
    there = {bare(one) for one in values}
    held = (kind for kind, known in VALUES.items() if len(there - NOT_ALONE) >= 2 and there <= set(known))
    return next(chain(named, held), None)


def bare(text: str) -> str:
    """Small letters and digits only, without accents."""
    letters = "".join(one for one in normalize("NFKD", text) if not combining(one)).replace("ł", "l").replace("ø", "o")
    return plain(letters)
