"""Alike: which texts speak of the same thing, whatever the order of the words and however they are spelt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import combining, normalize

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SAME_WORD = 75.0  # of 100: order and orders, hearing and hearings, programme and program
LEAST = 0.5  # of the words
SAYS_NOTHING = """a an and are as at be by day days do each every for from get give has have if in into is it its make more
new no not of on one only or our out so than that the their them then they this to two up use was we were what when which
with"""
EMPTY = frozenset(SAYS_NOTHING.split())


def words_of(text: str) -> list[str]:
    """In small letters without accents, each once, those that say nothing left out."""
    plain = "".join(mark for mark in normalize("NFKD", text.casefold()) if not combining(mark))
    return list(dict.fromkeys(word for word in re.findall(r"\w+", plain.replace("_", " ")) if word not in EMPTY))


def likeness(asked: str, ideas: Sequence[str], texts: Sequence[str]) -> Floats:
    """For each text 0 to 1: which part of the words asked for it has, or which part of the words of its idea was asked for.

    A word is there if one of its own is spelt nearly so; words that many of the texts have count for less.
    """
    wanted = words_of(asked)
    if not wanted or not texts:
        return np.zeros(len(texts))
    own = [words_of(text) for text in texts]
    found = np.array([_there(wanted, one) for one in own])
    rare = 1 / (0.5 + np.maximum(found.mean(axis=0), 1 / len(texts)))
    of_asked = found @ rare / rare.sum()
    of_idea = np.array([float(np.mean(_there(words_of(idea), wanted) if words_of(idea) else [0.0])) for idea in ideas])
    enough = np.minimum(len(wanted) / 2, 1)  # one word alone is asked for, not described
    alike: Floats = np.maximum(of_asked, of_idea * enough)
    return alike


def _there(wanted: Sequence[str], words: Sequence[str]) -> Floats:
    """For each word wanted how near the nearest is, 0 if none is near."""
    from rapidfuzz import fuzz
    from rapidfuzz.process import cdist

    if not words:
        return np.zeros(len(wanted))
    near = cdist(list(wanted), list(words), scorer=fuzz.ratio, score_cutoff=SAME_WORD).max(axis=1) / 100
    found: Floats = near.astype(np.float64)
    return found
