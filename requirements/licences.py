"""Print the licence table of docs/security.md from what each installed package says of itself."""

import re
from importlib import metadata
from pathlib import Path

LOCKS = [Path(__file__).resolve().parent / name for name in ("run.lock", "spark.lock")]


def locked_names() -> list[str]:
    texts = [lock.read_text(encoding="utf-8") for lock in LOCKS]
    return sorted({name for text in texts for name in re.findall(r"^([a-z0-9._-]+)==", text, re.M)})


def licence(name: str) -> str:
    """The licence expression, else the classifiers, else the first line of the free text; empty when not installed here."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    classifiers = [line for line in about.get_all("Classifier") or [] if re.match(r"License :: .* :: ", line)]
    named = ", ".join(line.rsplit(" :: ", 1)[1] for line in classifiers)
    free = (about["License"] or "").strip().split("\n")[0] if "License" in about else ""
    return str(about.get("License-Expression", named or free))


if __name__ == "__main__":
    for each in locked_names():
        print(f"| {each} | {licence(each)} |")
