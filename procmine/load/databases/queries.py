"""Queries in a user's own words: that they only read, and that every value in them has a name and a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from procmine.log import LogError

COMMENTS = r"--[^\n]*|/\*(?!!).*?\*/"  # what stands in /*! ... */ is run by MySQL
NAMES = r'"(?:[^"]|"")*"|`(?:[^`]|``)*`'
TEXTS = (
    r"'(?:[^']|'')*'",
    r"'(?:[^'\\]|''|\\.)*'",
)  # servers differ in whether \' ends a text: neither may hide a word
WRITES = {"insert", "update", "delete", "merge", "into", "drop", "alter", "create", "truncate", "grant", "revoke"}
WRITES |= {"execute", "exec", "call", "attach", "pragma", "commit", "set"}


def only_reads(query: str) -> None:
    """LogError unless the query is one SELECT (or WITH ... SELECT) without a word that writes.

    This is the second lock: the first is the server's own read-only transaction, which is never committed.
    """
    if ";" in query.strip().removesuffix(";"):
        raise LogError(
            "A query is one statement, so it has no semicolon inside. If it belongs to a text, give the text a name: "
            "write :text in the query, and its value under values."
        )
    for bare in _bare(query):
        words = re.findall(r"\w+", bare.lower())
        if not words or words[0] not in ("select", "with"):
            raise LogError("A query begins with SELECT (or with WITH): procmine only reads.")
        wrong = [word for word in words if word in WRITES] or (["/*!"] if "/*!" in bare else [])
        if wrong:
            raise LogError(
                f"The query holds the word {wrong[0].upper()}, and procmine only reads. If it is the name of a column or "
                "table, put it in quotes as the database does."
            )


def is_ordered(query: str) -> bool:
    """Whether the query says in which order its rows come: ORDER BY outside of all brackets."""
    bare, inside = next(_bare(query)), 1
    while inside:
        bare, inside = re.subn(r"\([^()]*\)", " ", bare)
    return re.search(r"\border\s+by\b", bare, re.IGNORECASE) is not None


def check_values(wanted: Mapping[str, object], values: Mapping[str, object]) -> None:
    """LogError where a parameter of a query has no value, or a value no parameter."""
    without = [name for name in wanted if name not in values]
    if without:
        raise LogError(
            f"The query holds :{without[0]}, and values does not say what it is. Add it (values: {without[0]}: ...); or if "
            f"the colon is part of a text, write \\:{without[0]}"
        )
    unused = [name for name in values if name not in wanted]
    if unused:
        there = ", ".join(f":{name}" for name in wanted) or "none"
        raise LogError(f"values names {unused[0]!r}, and the query has no :{unused[0]}. It has: {there}.")


def _bare(query: str) -> Iterator[str]:
    """The query without comments, quoted names and texts, read in each way that a server might read it."""
    for texts in TEXTS:
        yield re.sub(f"{COMMENTS}|{NAMES}|{texts}", " ", query, flags=re.DOTALL)
