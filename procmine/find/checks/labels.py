"""Names of steps: several spellings of one, one that means two things, and text that was broken on its way."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

import numpy as np

from procmine.find.checks.look import Finding, Flags, Look, listed
from procmine.kernels.flow import Ints
from procmine.log import Text

HOLES = {"na", "n/a", "n.a.", "none", "null", "nil", "nan", "-", "--", "---", "?", "??", "unknown", "undefined", "#n/a"}
HOLES |= {"#ref!", "#value!", "#name?", "(blank)", "(empty)", "(null)", "<null>", "blank", "empty", "tbd", "xxx"}
# Letters of other scripts that look like Latin ones: Cyrillic, then Greek
TWINS = str.maketrans(
    "АВЕКМНОРСТУХІЈЅасеорухіјѕԁӏһ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρι",
    "ABEKMHOPCTYXIJSaceopyxijsdlh" + "ABEZHIKMNOPTYXovpi",
)
SEPARATORS = re.compile(r"[\s_\-–—.,;:/\\'\"()\[\]\u200b-\u200f\u2060\ufeff\u00ad]+")
MOST = 5_000  # different steps that are compared letter by letter
RARE = 10  # a misspelling is so many times rarer than the right name
SHORT, LONG = 6, 12  # letters of a name in which one, and two, may be wrong
TURNED = (
    "un",
    "in",
    "im",
    "non",
    "not",
    "dis",
    "re",
    "de",
    "pre",
    "post",
    "sub",
)  # with these before it, a word is another
LEAST, PART = 30, 0.1  # events, and share of its events, that each meaning of a name has
APART = 0.9  # of the steps before and after two meanings, that differ
VALUES = 6  # different values of an attribute that may tell meanings apart


def case(name: str) -> str:
    return name.casefold()


def blanks(name: str) -> str:
    """Also hidden marks and dashes, but never what parts two digits."""
    return SEPARATORS.sub(" ", unicodedata.normalize("NFKC", case(name))).strip()


def twins(name: str) -> str:
    return blanks(unicodedata.normalize("NFKC", name).translate(TWINS))


def accents(name: str) -> str:
    plain = unicodedata.normalize("NFKD", twins(name).replace("ł", "l").replace("ø", "o").replace("ß", "ss"))
    return "".join(one for one in plain if not unicodedata.combining(one))


ALIKE: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("label_case", case),
    ("label_blanks", blanks),
    ("label_twins", twins),
    ("label_accents", accents),
)


def spellings(look: Look) -> Iterator[Finding]:
    """Names that are the same but for capitals; for blanks, dashes and hidden marks; for letters of another script that look
    alike; for accents: the most frequent one counts. And names in which one letter (of 6 or more) or two (of 12 or more) are
    wrong, missing, too many or exchanged, digits being the same, 10 times rarer than the right one."""
    right: dict[int, int] = {}
    for kind, key in ALIKE:
        found = _same(look, key, right)
        right |= found
        yield from _renamed(look, kind, found)
    yield from _renamed(look, "label_spelling", misspelt(look, right))


def _same(look: Look, key: Callable[[str], str], known: dict[int, int]) -> dict[int, int]:
    """Wrong -> right code among names of one key."""
    groups: dict[str, list[int]] = {}
    for code, name in enumerate(look.names):
        if code not in known and look.happened[code] and not is_broken(name):
            groups.setdefault(key(name) or name, []).append(code)
    found: dict[int, int] = {}
    for codes in groups.values():
        best = max(codes, key=lambda code: (look.happened[code], -code))
        found |= {code: best for code in codes if code != best}
    return found


def _renamed(look: Look, kind: str, found: dict[int, int]) -> Iterator[Finding]:
    if not found:
        return
    wrong = np.zeros(len(look.names), bool)
    wrong[list(found)] = True
    place = np.flatnonzero(wrong[look.step])
    told = sorted(found, key=lambda code: -look.happened[code])
    pairs = [f"{quoted(look.names[code])} for {quoted(look.names[found[code]])}" for code in told]
    values = {"names": len(found), "pairs": listed(pairs, 2)}
    spec = {"renames": {look.names[code]: look.names[found[code]] for code in told}}
    yield Finding(kind, len(place), len(look.step), "events", values, place, spec=spec, mended=_ended(look, found))


def quoted(name: str) -> str:
    return f"\N{LEFT DOUBLE QUOTATION MARK}{name}\N{RIGHT DOUBLE QUOTATION MARK}"


def _ended(look: Look, found: dict[int, int]) -> tuple[Ints, Flags] | None:
    """Ends of watching and open cases once cases that end with a wrongly written finishing step are finished."""
    about = look.log.about
    closing = [
        code for code, good in found.items() if look.names[good] in about.ends and look.names[code] not in about.ends
    ]
    filled = np.flatnonzero(np.diff(look.log.offset) > 0)
    last = look.log.offset[filled + 1] - 1
    here = np.isin(look.step[last], closing) & look.log.open[filled]
    if not here.any():
        return None
    until, still_open = look.log.until.copy(), look.log.open.copy()
    until[filled[here]], still_open[filled[here]] = look.log.time[last[here]], False
    return until, still_open


def misspelt(look: Look, known: dict[int, int]) -> dict[int, int]:
    """Wrong -> right code by letters; the right one is the nearest, and of those the most frequent."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cdist

    codes = [code for code in np.argsort(-look.happened, kind="stable") if look.happened[code]]
    codes = [code for code in codes if int(code) not in known and not is_broken(look.names[code])]
    codes = [int(code) for code in codes[:MOST]]
    names = [accents(look.names[code]) for code in codes]
    if len(names) < 2:
        return {}
    apart = cdist(names, names, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
    found: dict[int, tuple[tuple[int, int], int]] = {}
    for one, two in zip(*np.nonzero(apart <= 2)):
        if one <= two or look.happened[codes[two]] < RARE * look.happened[codes[one]]:
            continue  # `two` is the more frequent one
        if _slip(names[one], names[two], int(apart[one, two])):
            best = found.get(codes[one])
            rank = (int(apart[one, two]), -int(look.happened[codes[two]]))
            if best is None or rank < best[0]:
                found[codes[one]] = (rank, codes[two])
    return {code: good for code, (_, good) in found.items()}


def _slip(wrong: str, right: str, apart: int) -> bool:
    """Whether so many letters may be a slip of the pen: in a long enough name, no digit, and no other word."""
    if apart > (2 if len(right) >= LONG else 1 if len(right) >= SHORT else 0):
        return False
    if [one for one in wrong if one.isdigit()] != [one for one in right if one.isdigit()]:
        return False
    mine, other = wrong.split(), right.split()
    if len(mine) != len(other):
        return "".join(mine) == "".join(other) or apart == 1
    differ = [(a, b) for a, b in zip(mine, other) if a != b]
    return not any(_other_word(a, b) for a, b in differ)


def _other_word(one: str, two: str) -> bool:
    """open, reopen; IC, NC; 491, 491a: in short words and in codes with digits each letter counts."""
    longer, shorter = sorted((one, two), key=len, reverse=True)
    if longer.endswith(shorter) and longer.removesuffix(shorter) in TURNED:
        return True
    return len(longer) <= 3 or any(mark.isdigit() for mark in one + two)


def holes(look: Look) -> Iterator[Finding]:
    """NA, None, null, - and the like as a case or a step: a name to the log, most often a hole to those who wrote it."""
    log = look.log
    codes = [code for code, name in enumerate(log.case.levels.to_pylist()) if _hole(name)]
    cases = np.flatnonzero(np.isin(log.case.codes, codes))
    if len(cases):
        place = np.flatnonzero(np.isin(look.case, cases))
        named = listed([str(log.case.levels[int(log.case.codes[one])]) for one in cases])
        yield Finding(
            "hole_case", len(place), len(look.step), "events", {"names": named}, place, cases, without="cases"
        )
    steps = [code for code, name in enumerate(look.names) if _hole(name) and look.happened[code]]
    if steps:
        place = np.flatnonzero(np.isin(look.step, steps))
        spec = {"leave_out": [look.names[code] for code in steps]}
        yield Finding("hole_step", len(place), len(look.step), "events", {"names": look.named(steps)}, place, spec=spec,
                      without="events")  # fmt: skip


def _hole(name: str | None) -> bool:
    return name is not None and name.strip().casefold() in HOLES


def broken_text(look: Look) -> Iterator[Finding]:
    """Names of steps and values of attributes that were read in another encoding than they were written in (ftfy's
    heuristic of letters that never stand together), or that hold the mark of a letter that was lost."""
    bad = np.array([is_broken(name) for name in look.names], bool)
    if bad.any():
        place = np.flatnonzero(bad[look.step])
        codes = np.flatnonzero(bad)
        spec = {"renames": {look.names[code]: mended(look.names[code]) for code in codes if mended(look.names[code])}}
        yield Finding(
            "broken_steps", len(place), len(look.step), "events", {"steps": look.named(codes)}, place, spec=spec
        )
    for text, names, of in ((look.log.attributes, look.log.about.attributes, len(look.log)),
                            (look.log.event_attributes, look.log.about.event_attributes, len(look.step))):  # fmt: skip
        yield from _broken_values(text, names, of, text is look.log.attributes)


def _broken_values(texts: object, names: tuple[str, ...], of: int, per_case: bool) -> Iterator[Finding]:
    assert hasattr(texts, "items")
    for name, text in texts.items():
        codes = [code for code, value in enumerate(text.levels.to_pylist()) if is_broken(value)]
        place = np.flatnonzero(np.isin(text.codes, codes)) if codes else np.empty(0, np.int64)
        if len(place):
            where = {"cases": place} if per_case else {"events": place}
            unit = "cases" if per_case else "events"
            yield Finding("broken_values", len(place), of, unit, {"column": name}, **where)  # type: ignore[arg-type]


def is_broken(text: str | None) -> bool:
    if not text or text.isascii():
        return False
    from ftfy.badness import is_bad

    return "\ufffd" in text or bool(is_bad(text))


def mended(text: str) -> str:
    """The text as it was before, if it can be had back; else nothing."""
    from ftfy import fix_encoding

    fixed = fix_encoding(text)
    return "" if fixed == text or "\ufffd" in fixed else fixed


def two_meanings(look: Look) -> Iterator[Finding]:
    """One name, two steps: an attribute of few values tells its events apart so that at least 9 in 10 of the steps before
    them AND of the steps after them differ, each side 30 events and a tenth of them; unless the attribute does so to more
    than a tenth of all steps (then it tells kinds of cases apart). Or the time that the step itself takes falls into two
    groups with hardly anything between."""
    yield from _by_attribute(look)
    yield from _by_duration(look)


def _by_attribute(look: Look) -> Iterator[Finding]:
    before, after = _neighbours(look)
    usual = np.flatnonzero(look.happened >= 2 * LEAST)
    for name, text in look.log.event_attributes.items():
        if len(text.levels) > 200 or text is look.resource:
            continue
        told = [int(code) for code in usual if _splits(look, int(code), text, before, after)]
        if told and len(told) <= max(1, 0.1 * len(usual)):
            place = np.flatnonzero(np.isin(look.step, told))
            spec = {"split_steps": {look.names[code]: name for code in told}}
            values = {"steps": look.named(told), "column": name}
            yield Finding("two_things", len(place), len(look.step), "events", values, place, spec=spec)


def _neighbours(look: Look) -> tuple[Ints, Ints]:
    """Per event: the step before and after it in its case; one more than the last code at the edges."""
    k = len(look.names)
    before = np.where(look.first, k, np.roll(look.step, 1))
    last = np.roll(look.first, -1)
    return before, np.where(last, k, np.roll(look.step, -1))


def _splits(look: Look, code: int, text: Text, before: Ints, after: Ints) -> bool:
    place = look.places(code)
    value = text.codes[place]
    known, n = np.unique(value[value >= 0], return_counts=True)
    if not 2 <= len(known) <= VALUES or n.sum() < 0.9 * len(place):
        return False
    main = known[(n >= LEAST) & (n >= PART * len(place))]
    if len(main) < 2 or n[np.isin(known, main)].sum() < 0.9 * n.sum():
        return False
    k = len(look.names) + 1
    for side in (before, after):
        shares = [np.bincount(side[place[value == one]], minlength=k) / np.sum(value == one) for one in main]
        apart = [0.5 * np.abs(a - b).sum() for i, a in enumerate(shares) for b in shares[:i]]
        if max(apart) < APART:
            return False
    return True


def _by_duration(look: Look) -> Iterator[Finding]:
    if look.log.start is None:
        return
    took = look.log.time - look.log.start
    told = [
        int(code) for code in np.flatnonzero(look.happened >= 2 * LEAST) if two_groups(took[look.places(int(code))])
    ]
    if told:
        place = np.flatnonzero(np.isin(look.step, told))
        yield Finding("two_lengths", len(place), len(look.step), "events", {"steps": look.named(told)}, place)


def two_groups(took: Ints) -> bool:
    """Whether the logarithms of lengths fall into two groups, each 30 and a tenth of them, one five times as long as the
    other, four widths apart (Ashman's D of 4 or more) and with at most 1 in 100 in the middle third between their means."""
    value = np.sort(np.log(took[took > 0].astype(np.float64)))
    n = len(value)
    low = max(LEAST, int(PART * n))
    if n < 2 * low:
        return False
    upto = np.cumsum(value)
    cut = np.arange(low, n - low + 1)
    left, right = upto[cut - 1] / cut, (upto[-1] - upto[cut - 1]) / (n - cut)
    best = cut[np.argmax(cut * (n - cut) * (right - left) ** 2)]
    one, two = value[:best], value[best:]
    spread = np.sqrt((one.var() + two.var()) / 2)
    middle = one.mean() + (two.mean() - one.mean()) * np.array([1 / 3, 2 / 3])
    between = np.count_nonzero((value > middle[0]) & (value < middle[1]))
    apart = two.mean() - one.mean()
    return bool(apart >= 4 * spread and between <= 0.01 * n and apart > np.log(5))


CHECKS = (spellings, holes, broken_text, two_meanings)
