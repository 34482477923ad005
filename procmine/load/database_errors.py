"""What a database refused, in words: never its address, its user, a password, nor a value of a query."""

from __future__ import annotations

import re

from procmine.load.database_link import KINDS
from procmine.log import LogError

# What drivers and servers say -> what it was and what to do. The first that fits counts. Codes are those of PostgreSQL
# (five characters), MySQL (numbers) and Oracle (ORA-); words are for those that give no code.
HOST = r"could not translate host|failed to resolve|name or service not known|getaddrinfo|nodename nor servname|"
HOST += r"no address associated|name resolution|no such host|ORA-12154|DPY-4027"
WHY = (
    (HOST, "the host in the address cannot be found. Is its name right, and this computer in the agency's network?"),
    (
        r"\b1045\b|\b1698\b|28P01|28000|password authentication|no password supplied|access denied for user .* \(using|"
        r"authentication failed|role \S+ does not exist|login failed|ORA-01017|no pg_hba",
        "it did not accept the user or the password in the address. In a password, write @ as %40, : as %3A, / as %2F and "
        "% as %25.",
    ),
    (
        r"\b1044\b|\b1049\b|3D000|database \S+ does not exist|unknown database|ORA-12514|cannot open database",
        "there is no database of the name in the address, or this user may not open it.",
    ),
    (
        r"timed out|timeout expired",
        "it did not answer in time. Is the host right, and does a firewall let you through?",
    ),
    (
        r"connection refused|actively refused|\b2002\b|\b2003\b|ORA-12541|DPY-6005",
        "nothing answers at that host and port. Is the address right, and does the server run?",
    ),
    (
        r"certificate|\bSSL\b|\bTLS\b",
        "the encrypted connection could not be made: ask how the server's certificate is checked.",
    ),
    (
        r"42501|\b1142\b|\b1143\b|permission denied|ORA-01031|ORA-00942",
        "the user in the address may not read this. Ask for an account that may read these tables, and only read.",
    ),
    (r"25006|\b1792\b|readonly database|read-only transaction", "that would write, and procmine only reads."),
    (r"unable to open database file", "the file cannot be opened for reading."),
    (r"not a database|file is encrypted", "the file is not an SQLite database, or it is encrypted."),
    (r"disk image is malformed", "the SQLite file is damaged: copy or export it again."),
    (r"database is locked|55P03|\b1205\b", "someone else holds a lock on it. Try again later."),
    (r"57014|\b3024\b|\b1969\b", "the query took longer than the server allows."),
    (r"42601|\b1064\b|syntax error|ORA-009\d\d", "the query is not SQL as this kind of database writes it."),
    (
        r"42883|operator does not exist|no such function|\b1305\b",
        "the query compares or calls what does not fit: for a column of text, put the value in quotes in the spec; for one of "
        "numbers, do not.",
    ),
)
# What a server calls a name that it does not know; the name is one that the query gives.
UNKNOWN = (
    r"(?P<what>column|relation) (?P<name>\"[^\"]*\"|[\w.]+) does not exist",
    r"Unknown (?P<what>column) (?P<name>'[^']*')",
    r"(?P<what>Table) (?P<name>'[^']*') doesn't exist",
    r"no such (?P<what>column|table): (?P<name>[^\n]*)",
    r"Invalid (?P<what>column|object) name (?P<name>'[^']*')",
)
BAD_TEXT = r"Could not decode to UTF-8 column '(?P<name>.*?)' with text"


def refusal(error: BaseException, name: str, backend: str, connected: bool, rows: int) -> LogError:
    """The error to raise instead; `name` is what messages call the source, `rows` how many were read."""
    kind = KINDS.get(backend)
    called = kind.name if kind else backend
    if isinstance(error, ImportError) or "'cryptography' package" in str(error):
        return _no_driver(name, backend, called)
    said = str(getattr(error, "orig", None) or error)
    code = _code(getattr(error, "orig", None))
    if rows or (connected and getattr(error, "connection_invalidated", False)):
        return _stopped(name, rows, said, getattr(error, "connection_invalidated", False), code)
    for pattern in UNKNOWN:
        found = re.search(pattern, said)
        if found and connected:
            what = "column" if found["what"] == "column" else "table"
            return LogError(f"{name}: {called} knows no {what} {found['name']}. Correct the query.")
    if not connected and type(error).__name__ == "NoSuchModuleError":
        return LogError(
            f"{name}: this kind of database is not known. These are: {', '.join(f'{one}://' for one in KINDS)}."
        )
    why = next((why for pattern, why in WHY if re.search(pattern, f"{code} {said}", re.IGNORECASE)), "")
    did = "cannot be read" if connected else "cannot be reached"
    return LogError(
        f"{name} {did}: " + (why or f"{called} refused, and gave no reason that can be shown here{_told(code)}.")
    )


def _no_driver(name: str, backend: str, called: str) -> LogError:
    kind = KINDS.get(backend)
    if kind is None or not kind.extra:
        return LogError(f"{name}: the driver that the address names is not installed. Install it with pip.")
    return LogError(
        f'{name}: the driver for {called} is not installed. Install it: pip install "procmine[{kind.extra}]"  (in procmine\'s '
        f'own environment: python run.py python -m pip install "procmine[{kind.extra}]")'
    )


def _stopped(name: str, rows: int, said: str, lost: bool, code: str) -> LogError:
    """The reading broke off in the middle."""
    bad = re.search(BAD_TEXT, said)
    if bad:
        return LogError(
            f"{name}: column {bad['name']!r} holds text that is not UTF-8, after row {rows:,}. Mend it there."
        )
    why = "the connection was lost" if lost or re.search(r"lost connection|closed|2013|2006|57P0\d", f"{code} {said}") else (
        f"the database stopped{_told(code)}"
    )  # fmt: skip
    return LogError(f"{name}: {why} after {rows:,} rows, so nothing was read. Try again.")


def _code(error: object) -> str:
    """The code of an error, as its server gives it."""
    state = getattr(error, "sqlstate", None)
    number = next(iter(getattr(error, "args", ())), None)
    return str(state or (number if isinstance(number, int) else ""))


def _told(code: str) -> str:
    return f" (code {code})" if code else ""
