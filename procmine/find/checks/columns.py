"""Columns: those that are nearly empty, and those that look personal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

import numpy as np

from procmine.find.checks.look import Finding, Look, listed
from procmine.load.columns import plain
from procmine.log import Text

EMPTY, OF_A_STEP = 0.9, 0.5  # of its values are missing; unless so many of one step's are there
LEAST = 30  # cases or events, below which nothing is said
MOST = 2_000  # different values that are looked at
MOSTLY = 0.5  # of the values have the shape
SOME, OWN = 20, 0.2  # different values, and share of all that differ, below which names and texts may be categories

# Names of columns, as plain() writes them, by what they hold; several languages of Europe.
NAMED: Mapping[str, tuple[str, ...]] = {
    "personal_name": (
        *("firstname", "lastname", "fullname", "surname", "givenname", "familyname", "middlename", "maidenname"),
        *("vorname", "nachname", "familienname", "prenom", "nomdefamille", "apellido", "apellidos", "cognome"),
        *(
            "voornaam",
            "achternaam",
            "vardas",
            "pavarde",
            "imie",
            "nazwisko",
            "fornavn",
            "etternavn",
            "efternamn",
            "sukunimi",
        ),
    ),
    "personal_contact": (
        *("email", "emailaddress", "mail", "phone", "phonenumber", "telephone", "telefon", "telefonas", "mobile"),
        *("mobilephone", "cellphone", "fax", "telefono", "telefoon", "epasts", "courriel", "handynummer"),
    ),
    "personal_number": (
        *("ssn", "socialsecuritynumber", "nationalid", "nationalidnumber", "personalcode", "personalnumber", "taxid"),
        *(
            "taxnumber",
            "asmenskodas",
            "pesel",
            "bsn",
            "isikukood",
            "personnummer",
            "fodselsnummer",
            "codicefiscale",
            "dni",
            "nif",
            "nir",
        ),
        *(
            "passport",
            "passportnumber",
            "passnummer",
            "driverlicense",
            "iban",
            "bankaccount",
            "accountnumber",
            "steuerid",
        ),
    ),
    "personal_birth": (
        *("dob", "dateofbirth", "birthdate", "birthday", "birthyear", "geburtsdatum", "gebdatum", "datedenaissance"),
        *(
            "born",
            "birth",
            "geboren",
            "geburt",
            "naissance",
            "nacimiento",
            "nascita",
            "geboorte",
            "gimimas",
            "urodzony",
        ),
        *("fechadenacimiento", "datadinascita", "geboortedatum", "gimimodata", "dataurodzenia", "fodselsdato"),
    ),
    "personal_address": (
        *("address", "homeaddress", "streetaddress", "street", "streetname", "housenumber", "addressline1"),
        *(
            "incidentaddress",
            "adresse",
            "anschrift",
            "strasse",
            "direccion",
            "indirizzo",
            "adres",
            "adresas",
            "straat",
            "rue",
            "zipcode",
        ),
        *("postcode", "postalcode", "plz", "latitude", "longitude"),
    ),
    "personal_text": (
        *("comment", "comments", "remark", "remarks", "note", "notes", "freetext", "memo", "bemerkung", "kommentar"),
        *("opmerking", "pastaba", "pastabos", "uwagi", "commentaire", "observaciones"),
    ),
}
HEADED = ("personal_name", "personal_contact", "personal_number", "personal_birth")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w{2,}")
PHONE = re.compile(
    r"(\+|00)\d[\d\s().\-/]{7,18}\d|\(?\d{3}\)?[\s\-.]\d{3}[\s\-.]\d{4}"
    r"|\(?0\d{1,4}\)?[\s\-/]\d{2,4}([\s\-.]?\d{2,4}){1,3}"
)
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
US_NUMBER = re.compile(r"(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")
ITALIAN = re.compile(r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]")
NORDIC = re.compile(
    r"(\d{2}|\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])[-+A]\d{3}[\dA-Z]"
    r"|(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d{2}[-+A]\d{3}[\dA-Z]"
)
PARTICLES = ("van", "von", "de", "der", "la", "di", "af")
DATE = re.compile(r"(?:(\d{4})[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](\d{4}))(?:[T ]00:00(?::00(?:\.0+)?)?)?")
STREET = r"street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|way|square|gatv[eė]|g|ul"
ADDRESS = re.compile(
    rf"\d+[a-z]?\s+(?:[\w.'-]+\s+){{1,4}}(?:{STREET})\b\.?.*|[\w.'\s-]+(?:stra(?:ss|ß)e|str\.|straat|weg|laan|gatan|vej|gasse|platz)\s*\d+.*"
    rf"|(?:rue|via|calle|avenida|ulica|ul\.)\s+[\w.'\s-]+\d+.*|[\w.'\s-]+\s(?:g\.|gatv[eė]|pr\.)\s*\d+.*",
    re.IGNORECASE,
)
NAME = re.compile(r"[^\W\d_][\w'’-]+,?(?:\s[^\W\d_]\.)?(?:\s(?:van|von|de|der|la|di|af)){0,2}\s[^\W\d_][\w'’-]+")
HASHED = re.compile(r"[0-9a-f]{16,}")


def sparse(look: Look) -> Iterator[Finding]:
    """Attributes that are missing in more than 9 of 10 cases or events, unless they belong to a step: present in half of
    its events."""
    log = look.log
    found = []
    if len(log) >= LEAST:
        found = [name for name, text in log.attributes.items() if _missing(text) > EMPTY]
    if len(look.step) >= LEAST:
        hollow = [name for name, text in log.event_attributes.items() if _missing(text) > EMPTY]
        found += [name for name in hollow if not _of_a_step(look, log.event_attributes[name])]
    if found:
        of = len(log.attributes) + len(log.event_attributes)
        yield Finding("sparse", len(found), of, "columns", {"columns": listed(found)}, spec={"drop": found})


def _missing(text: Text) -> float:
    return float(np.mean(text.codes < 0))


def _of_a_step(look: Look, text: Text) -> bool:
    return bool(np.any(look.share_of(text.codes >= 0) >= OF_A_STEP))


def personal(look: Look) -> Iterator[Finding]:
    """Columns that look personal, by their name (first and last names, e-mail, phone, identity and account numbers, birth,
    address, remarks; several languages), or where half of their values have such a shape. Attributes that are known to name
    people, and values that are hashes already, are left alone. Values are never shown."""
    log = look.log
    texts = chain(log.attributes.items(), log.event_attributes.items())
    found: dict[str, list[str]] = {}
    for name, text in dict(texts).items():
        values = sample(text)
        if name in log.about.persons or (values and _share(values, HASHED.fullmatch) >= MOSTLY):
            continue
        kind = by_name(name) or by_shape(values, _filled(text))
        if kind:
            found.setdefault(kind, []).append(name)
    kind_of_case = by_shape(sample(log.case), len(log))
    if kind_of_case in ("personal_number", "personal_contact", "personal_name"):
        hidden = {"columns": [look.case_column], "key_from": "PROCMINE_KEY"}
        yield Finding("personal_case", 1, 1, "columns", spec={"pseudonymise": hidden})
    of = len(log.attributes) + len(log.event_attributes)
    for kind, names in found.items():
        spec = {"persons": names} if kind == "personal_name" else {"drop": names}
        yield Finding(kind, len(names), of, "columns", {"columns": listed(names, 6)}, spec=spec)


def _filled(text: Text) -> int:
    return int(np.count_nonzero(text.codes >= 0))


def sample(text: Text) -> list[str]:
    """Different values that occur, the first 2,000."""
    if not len(text.levels):
        return []
    used = np.flatnonzero(np.bincount(text.codes[text.codes >= 0], minlength=len(text.levels)))[:MOST]
    return [str(text.levels[int(code)]).strip() for code in used]


def by_name(name: str) -> str | None:
    """What a column holds by its name, or by the last word of it ("Applicant phone"), if that can be nothing else."""
    short = plain(name.rpartition(":")[2])
    last = plain((re.findall(r"[^\W_]+", name) or [""])[-1])
    whole = (kind for kind, names in NAMED.items() if short in names)
    ending = (kind for kind in HEADED if last in NAMED[kind])
    return next(chain(whole, ending), None)


def _share(values: list[str], fits: Callable[[str], object]) -> float:
    return sum(bool(fits(value)) for value in values) / max(len(values), 1)


def by_shape(values: list[str], filled: int) -> str | None:
    """What half of the values look like; names and texts only where there are many different ones."""
    if not values:
        return None
    shapes: dict[str, Callable[[str], object]] = {
        "personal_number": is_number,
        "personal_birth": is_birth,
        "personal_contact": lambda value: EMAIL.fullmatch(value) or (PHONE.fullmatch(value) and not DATE.match(value)),
    }
    if len(values) >= max(SOME, min(MOST, OWN * filled)):
        shapes |= {"personal_address": ADDRESS.fullmatch, "personal_name": is_name, "personal_text": is_text}
    for kind, fits in shapes.items():
        if _share(values, fits) >= MOSTLY and (kind != "personal_birth" or _spread(values)):
            return kind
    return None


def is_number(value: str) -> bool:
    """An account (IBAN, with its check digits) or an identity number: United States, Italy, the Nordic countries, the Baltic
    states and Poland (with their check digits)."""
    short = value.replace(" ", "")
    if IBAN.fullmatch(short):
        return int("".join(str(int(one, 36)) for one in short[4:] + short[:4])) % 97 == 1
    if re.fullmatch(r"\d{11}", short):
        return _baltic(short) or _polish(short)
    return bool(US_NUMBER.fullmatch(value) or ITALIAN.fullmatch(short) or NORDIC.fullmatch(short))


def _baltic(digits: str) -> bool:
    """Estonia and Lithuania: century and sex, date of birth, number, check digit."""
    if not ("1" <= digits[0] <= "8" and 1 <= int(digits[3:5]) <= 12 and 1 <= int(digits[5:7]) <= 31):
        return False
    for weights in ((1, 2, 3, 4, 5, 6, 7, 8, 9, 1), (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)):
        check = sum(int(one) * weight for one, weight in zip(digits, weights)) % 11
        if check < 10:
            return check == int(digits[10])
    return digits[10] == "0"


def _polish(digits: str) -> bool:
    check = sum(int(one) * weight for one, weight in zip(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)))
    return (
        1 <= int(digits[2:4]) % 20 <= 12 and 1 <= int(digits[4:6]) <= 31 and (10 - check % 10) % 10 == int(digits[10])
    )


def is_birth(value: str) -> bool:
    found = DATE.fullmatch(value)
    return bool(found) and 1900 <= int(found[1] or found[2]) <= 2025  # type: ignore[index]


def _spread(values: list[str]) -> bool:
    """Dates of birth lie many years apart: 1 in 10 are 25 years before 1 in 10 others."""
    years = np.array([int(found[1] or found[2]) for value in values if (found := DATE.fullmatch(value))])
    low, high = np.quantile(years, [0.1, 0.9])
    return bool(high - low >= 25)


def is_name(value: str) -> bool:
    """Two words or three, each with a capital."""
    words = re.split(r"[\s,]+", value)
    return bool(NAME.fullmatch(value)) and all(one[:1].isupper() or one in PARTICLES for one in words)


def is_text(value: str) -> bool:
    return len(value) >= 40 and value.count(" ") >= 6


CHECKS = (sparse, personal)
