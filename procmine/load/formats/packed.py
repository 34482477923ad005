"""Opening a file as bytes, also what is packed in .gz and .zip, without letting a small file become an endless one."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

from procmine.log import LogError

GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
LARGEST = 1 << 30  # bytes that any file may unpack to; beyond, only as many times its size as text can be packed
TIMES = 200
CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")  # what systems add to archives
LISTED = 10


def open_packed(path: Path) -> BinaryIO:
    """The bytes of a file, or of what is packed in it; told from its first bytes and not its name.

    Read as a stream: nothing is written to disk, and no more is in memory than is asked for. A .gz may have several
    members; a .zip must hold one file of data. LogError, also while reading, where a file is cut off, damaged or
    encrypted, or where more comes out than a gigabyte and 200 times its size.
    """
    with path.open("rb") as file:
        begins = file.read(4)
    if begins.startswith(GZIP):
        packed = cast(BinaryIO, gzip.open(path))  # noqa: SIM115 - closed by _Bounded
    elif begins in ZIP:
        packed = _member(path)
    else:
        return path.open("rb")
    return io.BufferedReader(_Bounded(packed, path), 1 << 20)


def is_packed(path: Path) -> bool:
    """Whether `open_packed` unpacks the file."""
    with path.open("rb") as file:
        begins = file.read(4)
    return begins.startswith(GZIP) or begins in ZIP


def inner_name(path: Path) -> str:
    """The name of the data in a file called .gz or .zip: what tells their kind. Of other files, their own name."""
    name = path.name
    if name.lower().endswith(".zip"):
        with _archive(path) as archive:
            return Path(_only(archive, path).filename).name
    return name[:-3] if name.lower().endswith(".gz") else name


def _member(path: Path) -> BinaryIO:
    with _archive(path) as archive:
        only = _only(archive, path)
        if only.flag_bits & 1:
            raise LogError(f"{path.name} is encrypted. Unpack it with its password, and read what is in it.")
        try:
            return cast(BinaryIO, archive.open(only))  # stays open when the archive is closed
        except (NotImplementedError, zipfile.BadZipFile, RuntimeError, OSError) as error:
            raise _damaged(path, error) from error


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(path, error) from error


def _only(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """The one file of data in an archive."""
    names = archive.namelist()
    if "[Content_Types].xml" in names:
        raise LogError(f"{path.name} is a workbook or a document, not packed text. If it is a workbook, name it .xlsx.")
    data = [one for one in archive.infolist() if not one.is_dir() and not _clutter(one.filename)]
    if len(data) == 1:
        return data[0]
    if not data:
        raise LogError(f"{path.name} holds no files.")
    listed = ", ".join(ascii(one.filename)[1:-1] for one in data[:LISTED])
    more = f" and {len(data) - LISTED:,} more" if len(data) > LISTED else ""
    raise LogError(
        f"{path.name} holds {len(data):,} files: {listed}{more}. Unpack it, and read one of them; or read the folder, if "
        "they are parts of one log."
    )


def _clutter(name: str) -> bool:
    return name.startswith(CLUTTER) or Path(name).name.startswith(".") or name.endswith(CLUTTER)


def _damaged(path: Path, error: Exception) -> LogError:
    return LogError(
        f"{path.name} is not text but packed, and cannot be unpacked ({error}). Copy or export it again, "
        "or unpack it yourself."
    )


class _Bounded(io.RawIOBase):
    """What comes out of a packed file, up to what is believed."""

    def __init__(self, packed: BinaryIO, path: Path) -> None:
        self._packed, self._path, self._out = packed, path, 0
        self._most = max(LARGEST, TIMES * path.stat().st_size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        try:
            data = self._packed.read(len(view))
        except EOFError as error:
            raise LogError(
                f"{self._path.name} is cut off: the compressed file ends too early. Copy or export it again."
            ) from error
        except (zlib.error, zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
            raise _damaged(self._path, error) from error
        self._out += len(data)
        if self._out > self._most:
            raise LogError(
                f"{self._path.name} unpacks to more than {self._most / LARGEST:,.0f} GiB, over {TIMES} times its size: "
                "data are not packed so tightly, so it is not read. If it is sound, unpack it and read what is in it."
            )
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._packed.close()
        super().close()
