"""What a database refused, in words: never its address, its user, a password, nor a value of a query."""

from __future__ import annotations

import re
from dataclasses import dataclass

from procmine.load.databases.link import KINDS
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
        "the query compares or calls what does not fit: for a column of text, put the value in quotes in the spec; for one "
        "of numbers, do not.",
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


LOST = r"lost connection|server closed|connection .*closed|terminating connection|\b2013\b|\b2006\b|57P0\d"


@dataclass(frozen=True)
class Failed:
    """A reading that failed: what messages call its source, how its address begins, and how far it came."""

    name: str
    backend: str
    connected: bool
    rows: int

    @property
    def called(self) -> str:
        return KINDS[self.backend].name if self.backend in KINDS else self.backend


def refusal(error: BaseException, failed: Failed) -> LogError:
    """The error to raise instead."""
    origin = getattr(error, "orig", None) or error
    code = _code(origin)
    said = f"{code} {origin}"
    lost = failed.connected and (
        getattr(error, "connection_invalidated", False) or re.search(LOST, said, re.IGNORECASE)
    )
    if isinstance(error, ImportError) or "'cryptography' package" in said:
        why = _no_driver(failed)
    elif type(error).__name__ == "NoSuchModuleError":
        why = f": this kind of database is not known. These are: {', '.join(f'{one}://' for one in KINDS)}."
    elif lost:
        why = f": the connection was lost after {failed.rows:,} rows, so nothing was read. Try again."
    else:
        why = (" cannot be read: " if failed.connected else " cannot be reached: ") + _why(said, code, failed)
    return LogError(failed.name + why)


# What pyproject.toml's extras install.
DRIVERS = {
    "postgresql": "psycopg[binary]>=3.2",
    "mysql": "pymysql[rsa]>=1.1",
    "sqlserver": "mssql-python>=1.9",
    "oracle": "oracledb>=3.0",
}


def _why(said: str, code: str, failed: Failed) -> str:
    after = f" (after {failed.rows:,} rows)" if failed.rows else ""
    bad = re.search(BAD_TEXT, said)
    if bad:
        return f"column {bad['name']!r} holds text that is not UTF-8{after}. Mend it in the database."
    unknown = next((found for pattern in UNKNOWN if (found := re.search(pattern, said))), None)
    if unknown and failed.connected:
        what = "column" if unknown["what"] == "column" else "table"
        return f"{failed.called} knows no {what} {unknown['name']}. Correct the query."
    known = next((why for pattern, why in WHY if re.search(pattern, said, re.IGNORECASE)), None)
    told = f" (code {code})" if code else ""
    return known or f"{failed.called} refused{told}{after}, for a reason that may hold values and is not shown."


def _no_driver(failed: Failed) -> str:
    extra = KINDS[failed.backend].extra if failed.backend in KINDS else ""
    if not extra:
        return ": the driver that the address names is not installed. Install it with pip."
    return (
        f": the driver for {failed.called} is not installed. Install it, in procmine's folder: "
        f'python run.py python -m pip install "{DRIVERS[extra]}"'
    )


def _code(error: object) -> str:
    """The code of an error, as its server gives it."""
    state = getattr(error, "sqlstate", None)
    number = next(iter(getattr(error, "args", ())), None)
    return str(state or (number if isinstance(number, int) else ""))
