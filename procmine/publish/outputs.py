"""What the commands wrote into outputs/, kept as a list there, so that `clean` deletes that and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path("outputs")
MARK = ".procmine"  # a name in `outputs/` on each line
README = "README.md"
OURS = "Reports, pictures and tables are written here."  # how the README of the project's own folder begins


@contextmanager
def noted(path: Path) -> Iterator[None]:
    """While something is written to `path`: what is new in a folder `outputs/` of ours is noted there.

    The folder is ours if it was not there, was empty, or has our mark or our README. What already stood there, and was not
    noted, stays the user's.
    """
    folder, name = FOLDER.resolve(), _name(path)
    new = name is not None and _ours(folder) and not (folder / name).exists() and name not in (MARK, README)
    try:
        yield
    finally:
        if new and name is not None and (folder / name).exists():
            written = sorted({*_listed(folder), name})
            (folder / MARK).write_text("".join(f"{one}\n" for one in written), encoding="utf-8")


def marked() -> bool:
    """Whether `outputs/` has our mark."""
    return (FOLDER.resolve() / MARK).is_file()


def written() -> list[Path]:
    """What the commands wrote there and still stands there."""
    folder = FOLDER.resolve()
    return [folder / name for name in _listed(folder) if (folder / name).exists() or (folder / name).is_symlink()]


def _name(path: Path) -> str | None:
    """What a path is, or lies in, inside `outputs/`."""
    whole, folder = path.resolve(), FOLDER.resolve()
    return whole.relative_to(folder).parts[0] if folder in whole.parents else None


def _ours(folder: Path) -> bool:
    if not folder.exists() or (folder / MARK).is_file():
        return True
    readme = folder / README
    if readme.is_file():
        return readme.read_text(encoding="utf-8", errors="replace").startswith(OURS)
    return folder.is_dir() and not any(folder.iterdir())


def _listed(folder: Path) -> list[str]:
    mark = folder / MARK
    lines = mark.read_text(encoding="utf-8").splitlines() if mark.is_file() else []
    return [name for name in lines if name not in ("", ".", "..", MARK, README) and Path(name).name == name]
