"""Templates of standards: published time frames and court measures, to be copied and checked against one's own law."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from procmine.draw.files import replace_whole

FOLDER = files(__name__)


def standard_templates() -> dict[str, str]:
    """Name and title of each template. None is law: steps, limits and shares are to be checked against your own."""
    found = sorted(one.name.removesuffix(".yaml") for one in FOLDER.iterdir() if one.name.endswith(".yaml"))
    return {name: _title(name) for name in found}


def copy_template(name: str, to: str | Path) -> Path:
    """Write a template to a new file of yours, to be edited. ValueError if there is none, or the file is there."""
    known = standard_templates()
    if name not in known:
        raise ValueError(f"No template {name!r}. There are: {', '.join(known)}.")
    path = Path(to)
    if path.exists():
        raise ValueError(f"{path} is there already, and is not replaced. Name a new file.")
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    with replace_whole(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")
    return path


def _title(name: str) -> str:
    from procmine.find.service.file import StandardsFile

    with_path = FOLDER / f"{name}.yaml"
    return StandardsFile.read(Path(str(with_path))).title
