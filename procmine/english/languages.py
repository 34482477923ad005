"""Words of the command that keeps the languages."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "languages.one": "{code}  {name}: {done:,} of {all:,} sentences ({share:.0%}); {reviewed}",
    "languages.english": "en  English: what the others are translated from",
    "languages.draft": "not yet reviewed by a native reader",
    "languages.signed": "reviewed by {by}",
    "languages.whole": "whole: {rooms}",
    "languages.part": "in part: {rooms}",
    "languages.part.one": "{room} {done:,} of {all:,}",
    "languages.rest": "What is not translated is said in English. Pages of a language not reviewed say so.",
    "languages.sheet": "{n:sentence|sentences} written to {path}: a native reader fills in the column better, where a sentence should read otherwise.",
    "languages.sheet.notes": "how to",
    "languages.sheet.how": "Write into the column better what should stand in place of the translation; leave it empty where the translation is right. "
    "The column as on a page shows the sentence with values of no meaning.",
    "languages.sheet.fields": "Names in braces stand for values: keep each as it is, and put it where it belongs. "
    "{{cases:case|cases}} writes the number and the form of the noun that goes with it: two forms (one|other) or four (one|few|many|other).",
    "languages.taken": "{n:sentence was|sentences were} changed; the catalogue is to be signed anew.",
    "languages.taken.none": "Nothing was changed: the column better is empty, or says what stands there already.",
    "languages.sign.now": "Signed for the words as they are now; one changed word ends it.",
}
