"""Names of folders made of any text: safe on every system, different where the texts differ, and the same every month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from unicodedata import category, normalize

LONGEST, MARK = 40, 6  # characters of a name, and of what tells two apart
UNSTATED = "not stated"  # the folder of cases that name no office
ALL = "all"  # where a batch is not for each office
RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$", UNSTATED, ALL}
RESERVED |= {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}


def safe_name(text: str) -> str:
    """A name for a folder: the text itself where that is safe, else like it, with a mark made of the whole text.

    Letters and digits of every language, blanks, - _ and dots inside stay. At most 40 characters.
    """
    shown = normalize("NFC", text)
    kept = "".join(sign if _stays(sign) else "_" for sign in shown).strip(" .-_")
    if kept == shown and len(kept) <= LONGEST and not _reserved(kept):
        return kept
    return _marked(kept, text)


def folders(names: Iterable[str], remembered: Mapping[str, str]) -> dict[str, str]:
    """Name -> folder. One remembered stays; names that differ only in ways that a disk does not see get a mark each."""
    wanted = list(dict.fromkeys(names))
    found = {name: remembered[name] for name in wanted if safe_again(remembered.get(name, ""))}
    taken = {alike(one) for one in {**remembered, **found}.values()}
    rest = {name: safe_name(name) for name in wanted if name not in found}
    plain = [alike(one) for one in rest.values()]
    for name, folder in rest.items():
        meets = alike(folder) in taken or plain.count(alike(folder)) > 1
        found[name] = _marked(folder, name) if meets else folder
    return {name: found[name] for name in wanted}


def safe_again(folder: str) -> bool:
    """Whether what a manifest remembers is the name of a folder still, and not a path that somebody wrote there."""
    return bool(folder) and safe_name(folder) == folder


def alike(name: str) -> str:
    """Equal for names that some system takes for one: capitals, and signs written in two ways."""
    return normalize("NFKC", normalize("NFKC", name).casefold())


def _stays(sign: str) -> bool:
    return category(sign) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd") or sign in " -_."


def _reserved(name: str) -> bool:
    return not name or alike(name).split(".")[0].strip() in RESERVED


def _marked(kept: str, text: str) -> str:
    mark = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:MARK]
    short = kept[: LONGEST - MARK - 1].rstrip(" .-_")
    return f"{'office' if _reserved(short) else short}-{mark}"
